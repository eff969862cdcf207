# SPDX-License-Identifier: MIT
"""Data classes as the standard library has them, without its start-up cost: each of those compiles code of its own,
and their module imports the parser of Python.  To mypy they are the originals."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any


class Field:
    def __init__(self, make: Callable[[], Any] | None, compare: bool) -> None:
        self.make = make
        self.compare = compare


def light_field(*, default_factory: Callable[[], Any] | None = None, compare: bool = True) -> Any:
    return Field(default_factory, compare)


def light_class(cls: Any = None, *, frozen: bool = False) -> Any:
    """Defaults stay attributes of the class: an instance holds what it was given."""
    if cls is None:
        return lambda each: light_class(each, frozen=frozen)
    names = list(getattr(cls, "_names", ()))
    makers = dict(getattr(cls, "_makers", {}))
    silent = set(getattr(cls, "_silent", ()))
    for name in cls.__dict__.get("__annotations__", ()):
        if name not in names:
            names.append(name)
        given = cls.__dict__.get(name)
        if isinstance(given, Field):
            delattr(cls, name)
            if given.make:
                makers[name] = given.make
            if not given.compare:
                silent.add(name)
    cls._names, cls._makers, cls._silent = names, makers, silent
    cls.__init__ = made if makers else given_only
    if "__repr__" not in cls.__dict__:
        cls.__repr__ = shown
    cls._key = attrgetter(*(name for name in names if name not in silent))
    cls.__eq__ = equal
    cls.__hash__ = hashed if frozen else None
    if frozen:
        cls.__setattr__ = refused
    return cls


def given_only(self: Any, *args: Any, **given: Any) -> None:
    values = self.__dict__
    if args:
        values.update(zip(self._names, args))
    values.update(given)


def made(self: Any, *args: Any, **given: Any) -> None:
    values = self.__dict__
    for name, make in self._makers.items():
        values[name] = make()
    given_only(self, *args, **given)


def equal(self: Any, other: Any) -> bool:
    if self is other:
        return True
    if self.__class__ is not other.__class__:
        return NotImplemented
    return bool(self.__class__._key(self) == self.__class__._key(other))


def hashed(self: Any) -> int:
    return hash(self.__class__._key(self))


def shown(self: Any) -> str:
    values = ", ".join(f"{name}={getattr(self, name, None)!r}" for name in self._names)
    return f"{self.__class__.__name__}({values})"


def refused(self: Any, name: str, _: Any) -> None:
    raise AttributeError(f"{self.__class__.__name__}.{name} can't be changed")


def changed(one: Any, /, **changes: Any) -> Any:
    """A copy of @one with other values for some fields."""
    copy = object.__new__(one.__class__)
    copy.__dict__.update(one.__dict__)
    copy.__dict__.update(changes)
    return copy


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    dataclass, field, replace = light_class, light_field, changed
