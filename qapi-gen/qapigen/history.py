# SPDX-License-Identifier: MIT
"""The part of the model about time: entries and timelines of defaults, and lives of names."""

from __future__ import annotations

from typing import Any

from qapigen.record import dataclass, field
from qapigen.source import Where


@dataclass(frozen=True)
class Scope:
    """Where an entry holds: a family of machines, an accelerator, targets; empty is everywhere."""

    family: str = ""
    accel: str = ""
    targets: int = 0


@dataclass(frozen=True)
class Derive:
    inputs: tuple[str, ...]
    by: str


@dataclass(frozen=True)
class Erratum:
    """An entry that corrects cells of closed versions: the value that these releases had.

    Without releases: the value that the ledger had by mistake, and no release.
    """

    releases: tuple[str, ...]
    had: Any
    why: str
    had_absent: bool = False


@dataclass(frozen=True)
class Entry:
    value: Any
    where: Where = field(compare=False)
    absent: bool = False
    since: int = 0
    release: int = 0            # of QEMU: the entry is in force from this one on
    why: str = ""
    scope: Scope = Scope()
    needs: tuple[str, ...] = ()
    when: tuple[str, str] | None = None
    derive: Derive | None = None
    erratum: Erratum | None = None

    @property
    def effect(self) -> tuple[Any, ...]:
        """What the entry does to a cell: two entries of equal effect differ in words only."""
        value = (type(self.value).__name__, repr(self.value))
        had = (self.erratum.had_absent, repr(self.erratum.had)) if self.erratum else None
        return (self.absent, value, self.needs, self.when, self.derive, had)


@dataclass(frozen=True)
class Timeline:
    """Scopes narrowest first; the entries of a scope together, oldest first."""

    axis: str
    entries: tuple[Entry, ...]
    where: Where = field(compare=False)
    name: str = ""              # of a named one

    @property
    def is_late(self) -> bool:
        return any(entry.when or entry.derive for entry in self.entries)

    @property
    def constant(self) -> Entry | None:
        """The default, where it is the same in every version, on any host and for any object."""
        entry = self.entries[0]
        varies = (len(self.entries) > 1 or entry.absent or entry.since or entry.release or entry.needs or entry.when
                  or entry.derive or entry.scope != Scope())
        return None if varies else entry


@dataclass(frozen=True)
class Life:
    """Of a name: first and last of the releases that can have introduced, deprecated, removed it; (0, 0): none."""

    introduced: tuple[int, int] = (0, 0)
    deprecated: tuple[int, int] = (0, 0)
    removed: tuple[int, int] = (0, 0)
    why: str = ""


@dataclass(frozen=True)
class Retired:
    """Versions of a machine family that ended before the rule of the axis: those up to @to, and after the ones before."""

    to: int
    life: Life
