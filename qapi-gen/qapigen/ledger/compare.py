# SPDX-License-Identifier: MIT
"""Whether the closed cells of one member are what they were, and which entry changed them if not."""

from __future__ import annotations

from collections.abc import Container, Iterable
from qapigen.history import Entry, Erratum
from qapigen.record import dataclass

from qapigen.classes import Prop
from qapigen.ledger.cells import REQUIRED, Cell, Cells, Key, Lines, had_text, mended_text, plain_value, released_value
from qapigen.source import Where


@dataclass(frozen=True)
class Change:
    """A closed cell that is not what it was."""

    key: Key
    version: int
    was: str                    # the cell's text in the ledger
    now: Cell

    @property
    def erratum(self) -> Erratum | None:
        return self.now.entries[0].erratum if self.now.entries else None

    @property
    def is_told(self) -> bool:
        """An erratum that the ledger does not have yet: the cell was wrong, or is right and some releases had another."""
        if self.erratum is None:
            return False
        return had_text(self.erratum) == released_value(self.was) or (
            bool(self.erratum.releases) and "(had:" not in self.was and plain_value(self.was) == plain_value(self.now.text))

    @property
    def misses_erratum(self) -> bool:
        return "(had:" in self.was and not self.erratum


def was_right(was: str, now: Cell) -> bool:
    """Whether a cell has the value which the ledger should have had in others: only a ledger can be wrong in some of them."""
    recorded = [entry for entry in now.entries if entry.erratum and not entry.erratum.releases]
    return bool(recorded) and was == now.text.replace(mended_text(recorded[0]), "")


class Comparison:
    """A member's lines in a ledger against the schema's cells at the same versions."""

    def __init__(self, cells: Cells, prop: Prop, lines: Lines, holders: Container[str]) -> None:
        self.cells = cells
        self.prop = prop
        self.lines = lines
        self.holders = holders      # a family that is new to the ledger has no closed cells
        self.sets = list(dict.fromkeys(key.features for key in lines))
        self.releases = list(dict.fromkeys(key.release for key in lines))
        self.spread: dict[Key, dict[int, str]] = {}

    def changes(self) -> list[Change]:
        found = []
        for key in self.keys():
            for version in self.cells.nodes(key):
                now = self.cells.cell(self.prop, key, version)
                was = self.without_own_mistake(self.was(key, version), now)
                if was not in (now.text, REQUIRED) and not was_right(was, now):
                    found.append(Change(key, version, was, now))
        return found

    def without_own_mistake(self, was: str, now: Cell) -> str:
        """A cell's text in the ledger without a value that no release had, if an erratum of releases takes its place."""
        if now.entries and now.entries[0].erratum and now.entries[0].erratum.releases and self.prop.default:
            for entry in self.prop.default.entries:
                if entry.erratum and not entry.erratum.releases:
                    was = was.removesuffix(mended_text(entry))
        return was

    def keys(self) -> list[Key]:
        """Of either side; one for all platform versions says what the other says for all machine versions."""
        present = list(self.cells.lines(self.prop))
        if self.prop.default and self.prop.default.axis:
            present = self.cells.keys(self.prop.default)
        keys = [key for key in dict.fromkeys([*present, *self.lines])
                if not key.family or (key.family in self.cells.schema.classes and key.family in self.holders)]
        sets = dict.fromkeys(key.features for key in keys)
        releases = dict.fromkeys(key.release for key in keys)
        return list(dict.fromkeys(key._replace(features=features, release=release) for key in keys
                                  for features in ([()] if key.axis else sets) for release in releases))

    def was(self, key: Key, version: int) -> str:
        known = key._replace(features=key.feature_subsets(self.sets),
                             release=self.cells.since_release(key.release, self.releases))
        if known not in self.spread:
            line = next((self.lines[each] for each in known.wider() if each in self.lines), None)
            if line is None:
                # A property without an axis, or on the other one: it is reported where it is the same for all versions.
                other = self.lines.get(Key("" if known.axis else "platform"), "")
                line = other if other.startswith("=") else "=by-another-axis"
            self.spread[known] = self.cells.spread(known, line)
        return self.spread[known].get(version, "")

    # ---- who did it

    def culprit(self, changes: Iterable[Change]) -> Entry | None:
        """The entry that is new, moved or altered; else the one in force where cells changed."""
        changes = list(changes)
        entries = self.prop.default.entries if self.prop.default else ()
        blamed = {id(entry) for change in changes for entry in change.now.entries}
        wanted = {released_value(change.was) for change in changes} | {plain_value(change.was) for change in changes}
        moved = None
        for entry in entries:
            places = self.places(entry)
            if id(entry) in blamed and any(self.was(*place) != self.cells.cell(self.prop, *place).text
                                           for place in places):
                return entry
            if moved is None and plain_value(self.cells.entry_text(entry, self.prop.member)) in wanted and (
                    not places or not any(self.begins(*place) for place in places)):
                moved = entry
        return moved or next((change.now.entries[0] for change in changes if change.now.entries), None)

    def places(self, entry: Entry) -> list[tuple[Key, int]]:
        """The first closed cells that the entry has a say in."""
        found = []
        for key in self.keys():
            version = next((each for each in self.cells.nodes(key) if each >= entry.since), None)
            if version is not None and any(one is entry for one in self.cells.cell(self.prop, key, version).entries):
                found.append((key, version))
        return found

    def begins(self, key: Key, version: int) -> bool:
        """Whether the ledger has another value right before."""
        nodes = self.cells.nodes(key)
        place = nodes.index(version)
        return place == 0 or self.was(key, nodes[place - 1]) != self.was(key, version)

    def place(self, changes: Iterable[Change]) -> Where:
        entry = self.culprit(changes)
        return entry.where if entry else self.prop.member.where
