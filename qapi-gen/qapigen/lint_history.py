# SPDX-License-Identifier: MIT
"""The rules of what is added to, or corrected in, versions that are closed, and of what is deprecated."""

from __future__ import annotations

from qapigen.classes import props_of
from qapigen.history import Entry, Timeline
from qapigen.lint_qapi import Lint
from qapigen.model import Definition, Feature, Member
from qapigen.source import Where
from qapigen.values import misfit


class HistoryLint(Lint):
    def run(self) -> None:
        props = props_of(self.schema)
        self.seen: set[Where] = set()       # a named timeline serves many members
        if len(self.schema.versions["release"]) > 1:
            definitions: list[Definition] = [*self.schema.commands.values(), *self.schema.events.values(),
                                             *self.schema.options.values(), *self.schema.classes.values()]
            for definition in definitions:
                self.attempt(self.dated, definition, definition.where, "", definition.features)
        for kind in self.schema.types.values():
            for member in getattr(kind, "own", ()):
                self.member(kind, member)
        for one in self.schema.classes.values():
            for member in one.own:
                self.member(one, member)
            for restated in one.defaults:
                self.attempt(self.errata, one, props.of(one.name)[restated.member].member, restated.timeline)

    def dated(self, one: Definition, where: Where, what: str, features: tuple[Feature, ...]) -> None:
        """Where there are releases, a life says since when a name is deprecated."""
        if any(feature.name == "deprecated" for feature in features):
            raise self.error(one, f"{what}state since which release it is deprecated, in 'life', in place of the feature "
                             "'deprecated'", where)

    def member(self, one: Definition, member: Member) -> None:
        if len(self.schema.versions["release"]) > 1:
            self.attempt(self.dated, one, member.where, f"member '{member.name}': ", member.features)
        if member.default:
            self.attempt(self.errata, one, member, member.default)
            if member.added and member.has("guest-visible"):
                self.attempt(self.added, one, member, member.default)

    def errata(self, one: Definition, member: Member, timeline: Timeline) -> None:
        for entry in timeline.entries:
            if entry.erratum and entry.where not in self.seen:
                self.seen.add(entry.where)
                self.erratum(one, member, entry)

    def erratum(self, one: Definition, member: Member, entry: Entry) -> None:
        """'had' could have been released, and is not what is there now."""
        assert entry.erratum
        wrong = "" if entry.erratum.had_absent else misfit(self.schema, entry.erratum.had, member)
        if wrong:
            raise self.error(one, f"default of '{member.name}': 'had' can't have been: {wrong}", entry.where)
        same = (entry.erratum.had_absent, entry.erratum.had) == (entry.absent, entry.value)
        if same and not (entry.needs or entry.derive):
            raise self.error(one, f"default of '{member.name}': 'had' is the value that the entry has: an erratum states what "
                             "was released in its place", entry.where)

    def added(self, one: Definition, member: Member, timeline: Timeline) -> None:
        """Guests of versions before the member have its first value."""
        if timeline.axis != "machine":
            return
        first = next(entry for entry in timeline.entries if not entry.since)
        versions = self.schema.versions["machine"]
        for entry in timeline.entries:
            if entry.since and entry.since < member.added and entry.effect != first.effect:
                raise self.error(one, f"default of '{member.name}': the guest can see it, and it was added in "
                                 f"{versions[member.added].name}, so {versions[entry.since].name} keeps the first value: let "
                                 f"the entry begin with {versions[member.added].name}", entry.where)
