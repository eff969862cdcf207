# SPDX-License-Identifier: MIT
"""Cells: what a member without a value is, by version, machine family, accelerator, target and platform features."""

from __future__ import annotations

import itertools
import json
import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from qapigen.history import Derive, Entry, Erratum, Timeline
from qapigen.record import dataclass
from typing import Any, NamedTuple

from qapigen.classes import Prop
from qapigen.model import TARGETS, Member, Schema
from qapigen.timelines import Timelines

COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, sort_keys=True)
BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
ABSENT, REQUIRED = "absent", "required"
WORDS = ("true", "false", "null", ABSENT, REQUIRED)
# A target that no scope names.
OTHER_TARGET = 1 << len(TARGETS)


class Key(NamedTuple):
    """Where a line of the ledger holds.  Empty parts: wherever no narrower line does."""

    axis: str = ""              # 'platform'; the machine axis, and none, are empty
    family: str = ""
    accel: str = ""
    target: str = ""
    features: tuple[str, ...] = ()
    release: str = ""           # from this release on; empty: from the first

    def __str__(self) -> str:
        scope = "platform:" * (self.axis == "platform") + (self.family or "*")
        scope += f"/{self.accel}" if self.accel else ""
        scope += f"@{self.target}" if self.target else ""
        scope += f"~{self.release}" if self.release else ""
        return scope + (" +" + ",".join(self.features) if self.features else "")

    def wider(self) -> Iterator[Key]:
        """Itself, then the keys that hold where there is none for it, the narrowest first."""
        for family, accel, target in itertools.product(*({each: 0, "": 0} for each in self[1:4])):
            for release in {self.release: 0, "": 0}:
                yield Key(self.axis, family, accel, target, self.features, release)

    def feature_subsets(self, known: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        """Of the sets a ledger knows, the largest that is part of this key's."""
        fitting = [each for each in known if set(each) <= set(self.features)]
        return max(fitting, key=len, default=())


ANYWHERE = Key()
# What a property is, by key: the runs of versions as they stand in a file.
Lines = dict[Key, str]


@dataclass(frozen=True)
class Cell:
    """The text of one version, and the entries that made it, the one in force first."""

    text: str
    entries: tuple[Entry, ...] = ()


def value_text(value: Any) -> str:
    """Without blanks outside of quotes; a plain word needs no quotes."""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str) and BARE.fullmatch(value) and value not in WORDS:
        return value
    return COMPACT.encode(value)


def had_text(erratum: Erratum) -> str:
    return ABSENT if erratum.had_absent else value_text(erratum.had)


def plain_value(text: str) -> str:
    """The value alone, of a cell's @text."""
    word = BARE.match(text)
    if word:
        return word[0]
    return text[:json.JSONDecoder().raw_decode(text)[1]]


def released_value(text: str) -> str:
    """What was released, of a cell's @text in a ledger."""
    mark = text.find("(had:")
    return plain_value(text[mark + len("(had:"):] if mark >= 0 else text)


def derive_text(derive: Derive | None) -> str:
    return f":{derive.by}({','.join(derive.inputs)})" if derive else ""


class Cells:
    """Resolves the cells of @closed versions: their indexes, by axis."""

    def __init__(self, schema: Schema, closed: dict[str, list[int]]) -> None:
        self.schema = schema
        self.closed = closed
        self.releases = [schema.versions["release"][index].name for index in closed.get("release", [])]
        self.timelines = Timelines(schema)
        self.known: dict[tuple[int, int], tuple[Prop, Lines]] = {}
        self.family_leaves: dict[str, list[str]] = {}

    # ---- lines

    def lines(self, prop: Prop) -> Lines:
        """All of a property's lines: a narrower one only where it says something else."""
        key = (id(prop.member), id(prop.default))
        if key not in self.known:
            self.known[key] = (prop, self.make_lines(prop))
        return self.known[key][1]

    def make_lines(self, prop: Prop) -> Lines:
        timeline = prop.default
        if timeline is None or (not timeline.axis and len(timeline.entries) == 1):
            entry = timeline.entries[0] if timeline else None
            return {ANYWHERE: "=" + (self.entry_text(entry, prop.member) if entry else bare_text(prop.member))}
        result: Lines = {}
        sinces = sorted({entry.since for entry in timeline.entries})
        for key in self.keys(timeline):
            # What versions between two entries have is the same.
            texts: dict[int, str] = {}
            cells = {}
            for version in self.nodes(key):
                place = bisect(sinces, version)
                if place not in texts:
                    texts[place] = self.cell(prop, key, version).text
                cells[version] = texts[place]
            same = next((result[each] for each in key.wider() if each in result), None)
            if cells and (same is None or self.spread(key, same) != cells):
                result[key] = self.runs(key, cells)
        return result

    def leaves(self, family: str) -> list[str]:
        """Concrete classes of the family, which many timelines name."""
        if family not in self.family_leaves:
            self.family_leaves[family] = [leaf.name for leaf in self.schema.leaves(family)]
        return self.family_leaves[family]

    def keys(self, timeline: Timeline) -> list[Key]:
        """Where cells can differ, the widest first."""
        axis = timeline.axis if timeline.axis == "platform" else ""
        scopes = [entry.scope for entry in timeline.entries]
        families = dict.fromkeys(leaf for scope in scopes if scope.family for leaf in self.leaves(scope.family))
        for entry in timeline.entries:
            for family in self.schema.versions["machine"][entry.since].machines if not axis else ():
                families |= dict.fromkeys(self.leaves(family))
        accels = dict.fromkeys(scope.accel for scope in scopes if scope.accel)
        targets = [name for bit, name in enumerate(TARGETS) if any(scope.targets >> bit & 1 for scope in scopes)]
        return [Key(axis, family, accel, target, features, release)
                for features in (feature_sets(timeline.entries) if not axis else [()])
                for family, accel, target in itertools.product(
                    ["", *sorted(families)], ["", *sorted(accels)], ["", *targets])
                if self.exists(family, target)
                for release in self.epochs(timeline)]

    def epochs(self, timeline: Timeline) -> list[str]:
        """The closed releases with which values change; the empty one stands for those before."""
        changing = {entry.release for entry in timeline.entries}
        return ["", *(name for index, name in zip(self.closed.get("release", []), self.releases) if index in changing)]

    def since_release(self, release: str, known: Iterable[str]) -> str:
        """Of @known releases, the newest that is not newer than @release."""
        places = {name: place for place, name in enumerate(["", *self.releases])}
        return max((each for each in known if places.get(each, 0) <= places.get(release, 0)), default="",
                   key=lambda each: places.get(each, 0))

    def exists(self, family: str, target: str) -> bool:
        if not family or not target:
            return True
        mask = self.schema.targets_of(self.schema.classes[family])
        return not mask or bool(mask >> TARGETS.index(target) & 1)

    def nodes(self, key: Key) -> list[int]:
        """The closed versions at which the cells of @key exist."""
        if key.axis:
            return self.closed[key.axis]
        closed = self.closed["machine"]
        if not key.family:
            return [version for version in closed if not self.schema.versions["machine"][version].machines]
        one = self.schema.classes[key.family]
        if not one.version_from:
            return closed[-1:]
        return [version for version in closed if one.version_from <= version <= (one.version_to or version)
                and self.timelines.exists(one, version)]

    # ---- runs: '..5.1=1 5.2..=auto'; what ends at the newest closed version has no end

    def runs(self, key: Key, cells: dict[int, str]) -> str:
        versions = self.schema.versions[key.axis or "machine"]
        parts: list[str] = []
        groups = [(text, [version for version, _ in group])
                  for text, group in itertools.groupby(cells.items(), key=lambda cell: cell[1])]
        for index, (text, run) in enumerate(groups):
            first = versions[run[0]].name if index else ""
            last = versions[run[-1]].name if index + 1 < len(groups) else ""
            dots = ".." if len(run) > 1 or not first or not last else ""
            parts.append(f"{'' if len(groups) == 1 else first + dots + last if first != last else first}={text}")
        return " ".join(parts)

    def spread(self, key: Key, runs: str) -> dict[int, str]:
        """The cells that @runs give to @key, which may be narrower than the runs' own."""
        index = {version.name: place for place, version in enumerate(self.schema.versions[key.axis or "machine"])}
        found: dict[int, str] = {}
        spans = []
        for span, text in split_runs(runs):
            first, dots, last = span.partition("..")
            spans.append((index.get(first, 0), index.get(last if dots else first, 0) or 1 << 16, text))
        for version in self.nodes(key):
            # A bugfix version is like the version that it fixes, unless a run begins or ends with itself.
            fixed = self.schema.versions[key.axis or "machine"][version].bugfix_of
            for place in (fixed, version):
                found |= {version: text for first, last, text in spans if first <= place <= last}
        return found

    # ---- cells

    def cell(self, prop: Prop, key: Key, version: int) -> Cell:
        """At an index of the key's axis; of a property on the other axis, only if it never varies."""
        timeline = prop.default
        if timeline is None:
            return Cell(bare_text(prop.member))
        own = "platform" if timeline.axis == "platform" else ""
        if timeline.axis in ("machine", "platform") and own != key.axis:
            everywhere = {self.one_cell(prop, timeline.entries, key, each).text
                          for each in self.closed[timeline.axis]}
            if len(everywhere) > 1:
                return Cell(f"by-{timeline.axis}-version", timeline.entries[-1:])
            version = self.closed[timeline.axis][-1]
        return self.one_cell(prop, timeline.entries, key, version)

    def one_cell(self, prop: Prop, entries: tuple[Entry, ...], key: Key, version: int, rest: bool = False) -> Cell:
        """@rest: of what holds where a newer entry's needs are not met; errata are about the newest alone."""
        family = self.schema.classes.get(key.family)
        target = 1 << TARGETS.index(key.target) if key.target else OTHER_TARGET
        release = self.schema.version_index("release", key.release)
        if any(one.release > release for one in entries):
            entries = tuple(one for one in entries if one.release <= release)
        entry = self.timelines.resolve(entries, family, target, version, key.accel)
        if entry is None:
            return Cell(ABSENT)
        text = self.entry_text(entry, prop.member) if not rest else unmended_text(entry, prop.member)
        assert prop.default
        if prop.default.axis == "platform":
            demands = "+" + ",".join(entry.needs) if entry.needs else ""
            return Cell(text + demands + (f"|{entry.when[0]}={entry.when[1]}" if entry.when else ""), (entry,))
        if set(entry.needs) <= set(key.features):
            return Cell(text, (entry,))
        older = self.one_cell(prop, tuple(one for one in entries if one is not entry), key, version, True)
        if entry.when:
            text += f"|{entry.when[0]}={entry.when[1]}:{older.text}"
        else:
            text = older.text + ("" if rest else mended_text(entry))
        return Cell(text, (entry, *older.entries))

    def entry_text(self, entry: Entry, member: Member) -> str:
        return unmended_text(entry, member) + mended_text(entry)


def unmended_text(entry: Entry, member: Member) -> str:
    value = ABSENT if entry.absent else value_text(entry.value)
    return value + derive_text(entry.derive or member.derive)


def mended_text(entry: Entry) -> str:
    return f"(had:{had_text(entry.erratum)})" if entry.erratum else ""


def bare_text(member: Member) -> str:
    """Of a member without a default."""
    return (ABSENT if member.optional else REQUIRED) + derive_text(member.derive)


def feature_sets(entries: tuple[Entry, ...]) -> list[tuple[str, ...]]:
    """Of platform features, as far as entries differ by them: none first."""
    found: dict[tuple[str, ...], None] = {(): None}
    for needs in dict.fromkeys(entry.needs for entry in entries if entry.needs):
        found |= dict.fromkeys(tuple(sorted({*each, *needs})) for each in tuple(found))
    return sorted(found, key=lambda each: (len(each), each))


RUN = re.compile(r'([^\s="]*)=((?:"(?:[^"\\]|\\.)*"|[^\s"])+)')


def split_runs(runs: str) -> list[tuple[str, str]]:
    """[(span of versions, cell's text)]"""
    return RUN.findall(runs)
