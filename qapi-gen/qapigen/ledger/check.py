# SPDX-License-Identifier: MIT
"""The schema against the ledger: a closed version stays as it was released."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from qapigen.classes import Prop
from qapigen.history import Entry
from qapigen.ledger.book import Book
from qapigen.ledger.cells import Cells, Lines, had_text, plain_value, released_value
from qapigen.ledger.check_facts import FactsCheck, bring_back, words
from qapigen.ledger.compare import Change, Comparison
from qapigen.ledger.facts import life_facts, losses
from qapigen.ledger.record import Present, family_versions, mortals, version_text
from qapigen.lint_qapi import METAS
from qapigen.load import Source
from qapigen.model import AXES, Class, Member, Schema
from qapigen.source import Report, SchemaError, Where, suggestion


def axis_place(source: Source, schema: Schema, axis: str, version: str = "") -> Where:
    """Of the axis, or of one of its versions."""
    for expr in source.exprs:
        if expr.meta == "axis" and expr.name == axis:
            for item in expr.node["versions"].value:
                if (item["name"] if item.is_dict else item).value == version:
                    return Where(*item.where)
            return Where(*expr.node["versions"].where)
    return Where(schema.root)


class LedgerCheck:
    def __init__(self, source: Source, schema: Schema, book: Book, report: Report) -> None:
        self.source = source
        self.schema = schema
        self.book = book
        self.report = report
        self.unrecorded: list[Change] = []        # errata that the ledger does not have yet
        self.pending = False                # closed versions that it does not have yet
        self.untold_place: tuple[Where, str] | None = None
        self.blamed: set[Where] = set()
        self.compared: dict[tuple[int, int], bool] = {}

    def run(self) -> None:
        """Errors into the report; what 'ledger close' has still to write down is left to @stale."""
        self.axes()
        self.report.stop_if_any()
        self.present = Present(self.schema)
        closed = {axis: [self.schema.version_index(axis, name) for name in self.book.closed_names(axis)]
                  for axis in AXES[1:]}
        self.cells = Cells(self.schema, closed)
        self.known = {name: list(self.news(name)) for name in self.book.holders if self.present.definition(name)}
        self.released = {id(self.present.members(name)[member].member) for name, news in self.known.items()
                         for member, _ in news if member in self.present.members(name)}
        for name in self.book.holders:
            self.holder(name)
        self.names()
        if self.book.has_facts:
            FactsCheck(self.book, self.present, self.report, self.owner).run()

    def stale(self) -> SchemaError | None:
        """What the schema has and the ledger should."""
        for axis, versions in self.schema.versions.items():
            recorded = self.book.closed_names(axis)
            new = [version.name for version in versions[1:] if not version.is_open and version.name not in recorded]
            if recorded and new and self.schema.version_index(axis, new[-1]) > self.schema.version_index(axis, recorded[-1]):
                return SchemaError(axis_place(self.source, self.schema, axis, new[-1]),
                                   f"In axis '{axis}': version '{new[-1]}' is closed and not in the ledger: run 'qapi-gen "
                                   f"ledger close {new[-1]}'")
        if self.unrecorded and self.untold_place:
            where, what = self.untold_place
            newest = self.book.closed_names("platform" if self.unrecorded[0].key.axis else "machine")[-1]
            return SchemaError(where, f"{what} is corrected by an erratum that is not in the ledger: run 'qapi-gen ledger "
                               f"close {newest}'")
        return None

    # ---- axes

    def axes(self) -> None:
        for axis, released in self.book.closed.items():
            wrong = self.axis(axis, released)
            if wrong:
                version, message = wrong
                self.report.add(SchemaError(axis_place(self.source, self.schema, axis, version),
                                            f"In axis '{axis}': version '{version}' {message}"))
        for name, feature in self.book.features.items():
            self.feature(name, feature.since, feature.probe, feature.where)

    def axis(self, axis: str, released: list[str]) -> tuple[str, str] | None:
        """A version, and what is wrong with it."""
        versions = self.schema.versions[axis]
        closed = [version_text(versions, version) for version in versions[1:] if not version.is_open]
        gone = next((text for text in released if text not in closed), None)
        if gone:
            name = gone.partition("(")[0]
            known = self.book.places[axis]
            if versions[-1].name == name:
                return name, f"was released and is open again: what is closed stays closed; the ledger has it in {known}"
            return name, f"was released as '{gone}' and is gone or another: bring it back; the ledger has it in {known}"
        order = [text for text in closed if text in released]
        moved = next((one for one, other in zip(order, released) if one != other), None)
        if moved:
            return moved.partition("(")[0], "was released in another place: the order of closed versions stays"
        inside = closed[closed.index(released[0]):closed.index(released[-1])]
        new = next((text for text in inside if text not in released), None)
        if new:
            return new.partition("(")[0], f"is new among closed versions: a new version comes after '{released[-1]}'"
        return None

    def names(self) -> None:
        """What has a life and is no class."""
        known = mortals(self.schema)
        for label, named in self.book.names.items():
            kind, name = label.split()
            one = known.get(label)
            what = f"In {kind} '{name}'"
            if one is None:
                self.report.add(SchemaError(named.where, f"{what}: it was released and is gone: {bring_back(named.where)}"))
                continue
            for fact, lost in losses(named.facts, life_facts(one.life, self.schema.versions["release"])):
                self.report.add(SchemaError(one.where, f"{what}: {words(fact, lost)}: {bring_back(named.where)}"))

    def feature(self, name: str, since: str, probe: str, where: Where) -> None:
        one = self.schema.features.get(name)
        what = f"In platform-feature '{name}'"
        if one is None:
            self.report.add(SchemaError(where, f"{what}: it was released and is gone: {bring_back(where)}"))
            return
        now = self.schema.versions["platform"][one.since].name
        if now != since:
            self.report.add(SchemaError(one.where, f"{what}: it was released as one of version {since} and would become "
                                        f"one of {now}: a closed version asks of the host what it always asked"))
        elif one.probe != probe:
            self.report.add(SchemaError(one.where, f"{what}: it was released with the probe '{probe}', not '{one.probe}': a "
                                        "closed version asks of the host what it always asked"))

    # ---- classes

    def label(self, name: str) -> str:
        one = self.present.definition(name)
        if isinstance(one, Class):
            return f"In {'machine' if one.is_machine else 'class'} '{name}'"
        return f"In {METAS[type(one)]} '{name}'" if one else f"In class '{name}'"

    def holder(self, name: str) -> None:
        holder = self.book.holders[name]
        one = self.present.definition(name)
        if one is None:
            known = [each for each in self.present.names() if each not in self.book.holders]
            self.report.add(SchemaError(holder.where, f"{self.label(name)}: it was released and is gone: "
                                        f"{bring_back(holder.where)}{suggestion(name, known)}"))
            return
        if isinstance(one, Class):
            self.family(one, holder.versions)
        released, present = self.book.members(name), self.present.members(name)
        for member, lines in self.known[name]:
            if member not in present:
                self.gone(name, member, present)
            elif not self.same(present[member], lines):
                self.changed(name, present[member], lines)
        new = present.keys() - released.keys()
        for prop in (prop for member, prop in present.items() if member in new) if new else ():
            self.attempt_added(name, prop, list(released))

    def news(self, name: str) -> Iterator[tuple[str, Lines]]:
        """What the ledger has of it, without what is its parent's in the ledger and in the schema alike."""
        released, parent = self.book.members(name), self.present.parent(name)
        held = parent in self.book.holders and parent == self.book.holders[name].parent
        own = dict.fromkeys([*self.book.holders[name].members, *self.present.fresh(name)])
        for member in own if held else list(released):
            if member in released:
                yield member, released[member]

    def same(self, prop: Prop, lines: Lines) -> bool:
        now = self.cells.lines(prop)
        key = (id(now), id(lines))
        if key not in self.compared:
            self.compared[key] = now == lines
        return self.compared[key]

    def family(self, one: Class, released: str) -> None:
        """A closed version of a machine that was there stays."""
        versions = self.schema.versions["machine"]
        first, _, last = released.partition("..")
        before = self.schema.version_index("machine", first)
        parent = self.schema.classes.get(one.parent)
        if parent and parent.name in self.book.holders and self.book.holders[parent.name].versions == released and (
                family_versions(self.schema, parent) == family_versions(self.schema, one)):
            return      # said of the parent
        if first and (not one.version_from or one.version_from > before):
            now = f"begins with {versions[one.version_from].name}" if one.version_from else "has no versions"
            self.report.add(SchemaError(one.where, f"{self.label(one.name)}: it was released from version {first} on "
                                        f"and now {now}: its closed versions stay; where their end was announced, "
                                        f"change 'versions=' in {self.book.holders[one.name].where}"))
        elif first and one.version_to and (not last or one.version_to < self.schema.version_index("machine", last)):
            newest = self.cells.closed["machine"][-1]
            end = self.schema.version_index("machine", last) if last else newest
            if one.version_to < end:
                self.report.add(SchemaError(one.where, f"{self.label(one.name)}: it was released up to version "
                                            f"{versions[end].name} and now ends with {versions[one.version_to].name}: "
                                            "its closed versions stay"))
        elif not first and one.version_from and not one.abstract and released != family_versions(self.schema, one):
            self.report.add(SchemaError(one.where, f"{self.label(one.name)}: it was released without versions, as "
                                        f"'{one.machine_name or one.name}', and that name would be gone"))

    def gone(self, name: str, member: str, present: dict[str, Prop]) -> None:
        if any(self.lacks(other, theirs) for other, theirs in self.sources(name, member)):
            return      # said there
        label = self.label(name)
        one = self.present.definition(name)
        assert one
        new = [each for each in present if each not in self.book.members(name)]
        close = suggestion(member, new).partition("'")[2].partition("'")[0]
        where = one.where
        if close:
            where = present[close].member.where
            label = self.owner(where, name)
            self.blamed.add(where)
        self.report.add(SchemaError(where, f"{label}: member '{member}' was released and is gone"
                                    + (f", and '{close}' is new" if close else "") +
                                    f": {bring_back(self.place(name, member))}"))

    def sources(self, name: str, member: str) -> list[tuple[str, str]]:
        """Where the schema would have the member from: classes and their names for it."""
        found = [(self.present.parent(name), member)]
        one = self.present.definition(name)
        for embed in one.embeds if isinstance(one, Class) else ():
            found += [(embed.class_name, dict(embed.renames).get(member, member))]
        return found

    def lacks(self, name: str, member: str) -> bool:
        return (name in self.book.holders and member in self.book.members(name)
                and self.present.definition(name) is not None and member not in self.present.members(name))

    def place(self, name: str, member: str) -> Where:
        """Of a member's first line in the ledger."""
        holder = self.book.holders[name]
        return holder.places[member] if member in holder.places else self.place(holder.parent, member)

    # ---- cells

    def changed(self, name: str, prop: Prop, lines: Lines) -> None:
        comparison = Comparison(self.cells, prop, lines, self.book.holders)
        changes = comparison.changes()
        untold = [change for change in changes if not change.is_told]
        if not untold:
            self.unrecorded += changes
            if changes and not self.untold_place:
                where = comparison.place(changes)
                self.untold_place = (where, self.subject(name, prop, where, changes[:1]))
            return
        where = comparison.place(untold)
        one = self.present.definition(name)
        if one and self.forgets(name, prop):
            self.report.add(SchemaError(one.where, f"{self.label(name)}: the default of '{prop.member.name}' was released as "
                                        f"{untold[0].was} and would become {untold[0].now.text}: its own is gone from "
                                        "'defaults': bring it back"))
            return
        if where in self.blamed:
            return
        self.blamed.add(where)
        first = untold[0]
        run = [change for change in untold if change.key == first.key and change.was == first.was
               and change.now.text == first.now.text]
        self.report.add(SchemaError(where, self.subject(name, prop, where, run) + self.verdict(comparison, prop, run)))

    def forgets(self, name: str, prop: Prop) -> bool:
        """The ledger has lines of its own for the member, and the schema only what another class still has rightly."""
        if prop.member.name not in self.book.holders[name].members:
            return False
        for other, theirs in self.sources(name, prop.member.name):
            source = self.present.members(other).get(theirs) if self.present.definition(other) else None
            held = self.held(other)
            if source and source.default is prop.default and held:
                return theirs in self.book.members(held) and self.same(source, self.book.members(held)[theirs])
        return False

    def held(self, name: str) -> str:
        """@name or its next ancestor that has lines in the ledger; '': none.  A class that adds nothing has none."""
        while name and name not in self.book.holders:
            name = self.present.parent(name) if self.present.definition(name) else ""
        return name

    def subject(self, name: str, prop: Prop, where: Where, run: list[Change]) -> str:
        label, of = self.owner(where, name), ""
        if label.startswith("In timeline"):
            of = f" of '{name}'"
        return f"{label}: default of '{prop.member.name}'{of} in {self.span(run)}"

    def owner(self, where: Where, name: str) -> str:
        """The definition in whose text @where is."""
        best = ""
        line = 0
        for expr in self.source.exprs:
            if expr.where.file == where.file and line < expr.where.line <= where.line:
                line = expr.where.line
                best = f"In {expr.meta} '{expr.name}'"
        return best or self.label(name)

    def span(self, run: list[Change]) -> str:
        versions = self.schema.versions[run[0].key.axis or "machine"]
        nodes = self.cells.nodes(run[0].key)
        places = [nodes.index(change.version) for change in run]
        parts = []
        for _, group in groupby(enumerate(places), lambda pair: pair[1] - pair[0]):
            ends = [place for _, place in group]
            first, last = versions[nodes[ends[0]]].name, versions[nodes[ends[-1]]].name
            parts.append(first if first == last else f"{first}..{last}")
        key = run[0].key
        scope = [part for part in (key.family, key.accel, key.target) if part]
        text = (f"{run[0].key.axis} version " * bool(key.axis)) + ", ".join(parts)
        text += " of " + ", ".join(scope) if scope else ""
        text += f" from release {key.release} on" if key.release else ""
        return text + (f" with {', '.join(key.features)}" if key.features else "")

    def verdict(self, comparison: Comparison, prop: Prop, run: list[Change]) -> str:
        change = run[0]
        axis = change.key.axis or "machine"
        newest = self.schema.versions[axis][-1].name
        if change.misses_erratum:
            return (f" was released as {released_value(change.was)} and corrected to {plain_value(change.was)}, and the "
                    "erratum that says so is gone: bring it back")
        if change.erratum:
            return (f" was released as {change.was}, not as {had_text(change.erratum)}, which 'had' says: an entry with "
                    "an erratum covers the cells that were wrong, and no others")
        text = f" was released as {change.was} and would become {change.now.text}: "
        lost = self.lost(comparison, run)
        if lost:
            return text + f"its entry since {lost} is gone or moved: bring it back"
        return text + (f"closed versions stay: let the change begin with {newest}, or name what was released in an "
                       "'erratum'")

    def lost(self, comparison: Comparison, run: list[Change]) -> str:
        """The version since which the ledger has what nothing in the schema begins with."""
        first = run[0]
        if self.is_new(comparison.culprit(run), first):
            return ""
        if not comparison.begins(first.key, first.version) or comparison.cells.nodes(first.key)[0] == first.version:
            return ""
        return self.schema.versions[first.key.axis or "machine"][first.version].name

    def is_new(self, entry: Entry | None, change: Change) -> bool:
        """Whether the change begins with the entry: it is in force from there on, and not before."""
        return entry is not None and entry.since == change.version

    # ---- new members

    def attempt_added(self, name: str, prop: Prop, released: list[str]) -> None:
        """A member that comes to a released class says so; where the guest sees it, closed versions have its first value."""
        member = prop.member
        if not self.sees_machines(name):
            return      # no guest has it, and 'added' is of the machine axis
        if member.where in self.blamed or not self.cells.lines(prop) or prop.owner != name and prop.owner in self.book.holders:
            return
        axis = "machine"
        newest = self.schema.versions[axis][-1].name
        if id(member) not in self.released and not self.is_added(member):
            self.blamed.add(member.where)
            hint = suggestion(member.name, [one for one in released if one not in self.present.members(name)])
            self.report.add(SchemaError(member.where, f"{self.owner(member.where, name)}: member '{member.name}' is new in "
                                        f"what was released: say 'added': '{newest}'{hint}"))

    def sees_machines(self, name: str) -> bool:
        one = self.present.definition(name)
        return isinstance(one, Class) and one.layer != "backend" or one is not None and one.unit not in ("runtime", "backends")

    def is_added(self, member: Member) -> bool:
        recorded = self.book.closed_names("machine")
        return bool(member.added) and bool(recorded) and (
            member.added > self.schema.version_index("machine", recorded[-1]))
