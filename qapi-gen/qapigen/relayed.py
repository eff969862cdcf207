# SPDX-License-Identifier: MIT
"""What only an engine serves: the commands and events that say so, and the types that nothing else uses."""

from __future__ import annotations

from collections.abc import Iterable

from qapigen.model import Alternate, Command, Definition, Event, Scalar, Schema, Struct, Union

ENGINE = "engine"


def relayed_types(schema: Schema) -> frozenset[str]:
    """The types that have no C: commands and events of the engine lead to them, and nothing else does."""
    messages: list[Command | Event] = [*schema.commands.values(), *schema.events.values()]
    others = [member.type for kind in schema.types.values() if isinstance(kind, Struct) for member in kind.others]
    parts = reached(schema, others)
    relayed = parts | reached(schema, (name for one in messages if one.served_by == ENGINE for name in used_by(one)))
    if not relayed:
        return frozenset()
    used = [name for one in messages if one.served_by != ENGINE for name in used_by(one)]
    used += [name for one in schema.classes.values() for name in (*(member.type for member in one.own), *one.mixins)]
    used += [option.type for option in schema.options.values() if option.type]
    used += [one.arg for one in schema.hmps.values() if one.arg]
    used += [name for name in schema.types if name not in relayed]
    # A layer below has the same types in a program without an engine.
    units = {one.unit for one in messages if one.served_by == ENGINE}
    return frozenset(name for name in relayed - reached(schema, used) if name in parts or schema.types[name].unit in units)


def is_made_of_classes(schema: Schema, one: Definition, name: str) -> bool:
    """Whether @name is a type that only introspection knows, and @one may use it."""
    relayed = one.name in schema.relayed or isinstance(one, (Command, Event)) and one.served_by == ENGINE
    return relayed and bool(schema.creation_root(name) or schema.config_of(name))


def used_by(one: Command | Event) -> list[str]:
    return [one.arg, *((one.ret,) if isinstance(one, Command) else ())]


def reached(schema: Schema, names: Iterable[str]) -> set[str]:
    """These types, and those that they hold or refer to."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        kind = schema.types.get(name)
        if kind is None or name in found:
            continue
        found.add(name)
        if isinstance(kind, (Struct, Union)):
            left += [kind.base, *(member.type for member in kind.own)]
        if isinstance(kind, (Union, Alternate)):
            left += [branch.type for branch in kind.branches]
        if isinstance(kind, Scalar):
            left.append(kind.settings)
    return found
