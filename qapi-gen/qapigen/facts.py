# SPDX-License-Identifier: MIT
"""The facts of a schema: lines of text, one for each entry of a history that is newer than a version.

    machine virtio-net-device host_uso 8.2 false -> true : hw_compat_8_1
    release pci-device rombar 10.0 1 -> -1 : observed 7.2, 11.1
    machine virtio-iommu-pci aw-bits 9.0@pc-q35 64 -> 39 : pc_q35_machine_options
    machine ramfb use-legacy-x86-rom 10.1@microvm keeps true : microvm_class_init

The axis, the definition that states the entry, the member, the version with its scope, the value before it and the value
from it on, and what the fact is known from.
"""

from __future__ import annotations

import glob
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from qapigen.classes import props_of
from qapigen.history import Entry, Scope, Timeline
from qapigen.lint_qapi import Lint
from qapigen.model import TARGETS, Class, Definition, Schema
from qapigen.record import dataclass
from qapigen.source import SchemaError, Where, suggestion

HEAD = re.compile(r"(\S+) (\S+) (\S+) (\S+) (keeps )?")
DECODER = json.JSONDecoder()
FORM = "AXIS CLASS MEMBER VERSION OLD -> NEW : SOURCE"
ABSENT = "absent"
EVERYWHERE = Scope()
# Axis, definition, member, version with its scope.
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Fact:
    key: Key
    old: str                    # JSON, or ABSENT
    new: str                    # equal to @old where the entry keeps a value
    keeps: bool
    source: str
    where: Where

    @property
    def moves_nothing(self) -> bool:
        return self.old == self.new and not self.keeps

    @property
    def text(self) -> str:
        return " ".join(self.key) + (f" keeps {self.new}" if self.keeps else f" {self.old} -> {self.new}")


@dataclass(frozen=True)
class Stated:
    """An entry that needs a fact."""

    one: Definition
    entry: Entry
    old: str
    new: str

    def line(self, key: Key) -> str:
        values = f"{self.old} -> {self.new}" if self.old != self.new else f"keeps {self.new}"
        return f"{' '.join(key)} {values} : SOURCE"


# ---- the lines


def read_facts(pattern: str) -> Iterator[Fact]:
    for path in sorted(glob.glob(pattern, recursive=True)):
        for number, line in enumerate(read_lines(path), 1):
            if line and not line.startswith("#"):
                yield fact_of(line, Where(path, number))


def read_lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().splitlines()
    except OSError as error:
        raise SchemaError(Where(path), f"can't read the file of facts: {error.strerror}") from error


def fact_of(line: str, where: Where) -> Fact:
    head = HEAD.match(line)
    if not head:
        raise malformed(line, where)
    axis, name, member, version, keeps = head.groups()
    new, rest = value_at(line, head.end(), where)
    old = new
    if not keeps and rest.startswith(" -> "):
        new, rest = value_at(rest, len(" -> "), where)
    elif not keeps:
        raise malformed(line, where)
    if not rest.startswith(" : ") or not rest[len(" : "):].strip():
        raise malformed(line, where)
    return Fact((axis, name, member, version), old, new, bool(keeps), rest[len(" : "):], where)


def malformed(line: str, where: Where) -> SchemaError:
    return SchemaError(where, f"not a fact: '{line}'; expected '{FORM}'")


def value_at(text: str, at: int, where: Where) -> tuple[str, str]:
    """The one spelling of the value there, and what follows it."""
    if text.startswith(ABSENT, at):
        return ABSENT, text[at + len(ABSENT):]
    try:
        value, end = DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        raise SchemaError(where, f"not a value: '{text[at:].partition(' ')[0]}'; expected JSON, such as 1, true or \"on\", or "
                          f"'{ABSENT}'") from None
    return json_text(value), text[end:]


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


# ---- the entries


class Entries:
    """The entries of a schema that need a fact, by key."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.props = props_of(schema)
        assert schema.facts
        self.after = {axis: schema.version_index(axis, schema.facts.after) for axis in schema.versions}

    def all(self) -> dict[Key, Stated]:
        found: dict[Key, Stated] = {}
        for one, member, timeline in self.histories():
            late = [entry for entry in timeline.entries
                    if entry.since > self.after[timeline.axis] or entry.release > self.after["release"]]
            for entry in self.own(one, member, late) if late else ():
                found[self.key(one, member, timeline, entry)] = Stated(
                    one, entry, text_of(self.before(timeline, entry)), text_of(entry))
        return found

    def histories(self) -> Iterator[tuple[Definition, str, Timeline]]:
        """Each default with a history, at the definition that states it."""
        for one in (*self.schema.types.values(), *self.schema.classes.values()):
            for member in getattr(one, "own", ()):
                if member.default and member.default.axis:
                    yield one, member.name, member.default
            for restated in one.defaults if isinstance(one, Class) else ():
                if restated.timeline.axis:
                    yield one, restated.member, restated.timeline

    def own(self, one: Definition, member: str, late: list[Entry]) -> Iterable[Entry]:
        """Those that the definition states itself, each for the scopes that it states."""
        above: set[tuple[Any, ...]] = set()
        if isinstance(one, Class) and any(restated.member == member for restated in one.defaults):
            prop = self.props.inherited(one).get(member)
            above = {place(entry) for entry in prop.default.entries} if prop and prop.default else set()
        for entry in late:
            wider = any(entry.where == other.where and dates(entry) == dates(other) and self.narrower(entry, other)
                        for other in late)
            if place(entry) not in above and not wider:
                yield entry

    def narrower(self, one: Entry, other: Entry) -> bool:
        return one.scope != other.scope and self.inside(one.scope, other.scope)

    def inside(self, one: Scope, other: Scope) -> bool:
        """Whether all of @one is in @other."""
        family = not other.family or one.family != "" and self.schema.is_a(one.family, other.family)
        targets = not other.targets or one.targets != 0 and not one.targets & ~other.targets
        return family and targets and other.accel in ("", one.accel)

    def before(self, timeline: Timeline, entry: Entry) -> Entry | None:
        """What is in force where @entry begins, without it: the version before, or the release before."""
        since, release = entry.since, entry.release - 1
        if not entry.release:
            name = self.schema.versions[timeline.axis][since].name
            since, release = since - 1, self.schema.version_index("release", name) or len(self.schema.versions["release"])
        found: Entry | None = None
        for other in timeline.entries:
            if found and other.scope != found.scope:
                break
            if other is not entry and other.since <= since and other.release <= release and self.inside(
                    entry.scope, other.scope):
                found = other
        return found

    def key(self, one: Definition, member: str, timeline: Timeline, entry: Entry) -> Key:
        since = self.schema.versions[timeline.axis][entry.since].name if entry.since else ""
        release = self.schema.versions["release"][entry.release].name if entry.release else ""
        axis = timeline.axis if since else "release"
        version = "~".join(text for text in (since, release) if text)
        return axis, one.name, member, version + (f"@{scope_text(entry.scope)}" if entry.scope != EVERYWHERE else "")


def place(entry: Entry) -> tuple[Any, ...]:
    return entry.where, entry.since, entry.release, entry.scope


def dates(entry: Entry) -> tuple[int, int]:
    return entry.since, entry.release


def text_of(entry: Entry | None) -> str:
    return ABSENT if entry is None or entry.absent else json_text(entry.value)


def scope_text(scope: Scope) -> str:
    names = [name for bit, name in enumerate(TARGETS) if scope.targets >> bit & 1]
    return ",".join(name for name in (scope.family, scope.accel, *names) if name)


# ---- the verdict


class FactCheck(Lint):
    """Each entry after the version has its fact, and each fact its entry."""

    def run(self) -> None:
        if not self.schema.facts:
            return
        facts: dict[Key, Fact] = {}
        for fact in read_facts(self.schema.facts.pattern):
            if fact.key in facts:
                self.refuse(fact, f"the fact is there twice: remove this line, or {facts[fact.key].where}")
            elif fact.moves_nothing:
                self.refuse(fact, "the old value is the new one, so no default moved: remove the line and the entry that it "
                                  "is for")
            facts.setdefault(fact.key, fact)
        entries = Entries(self.schema).all()
        for key, stated in entries.items():
            wrong = self.missing(key, stated) if key not in facts else differing(key, stated, facts[key])
            if wrong:
                self.report.add(self.error(stated.one, f"default of '{key[2]}' {wrong}", stated.entry.where))
        for key, fact in facts.items():
            if key not in entries:
                self.refuse(fact, f"no entry for this fact{self.hint(key, entries)}: remove the line, or add the entry")

    def missing(self, key: Key, stated: Stated) -> str:
        assert self.schema.facts
        return f"{when(key)}: no fact backs it; expected the line '{stated.line(key)}' in {self.schema.facts.pattern}"

    def refuse(self, fact: Fact, message: str) -> None:
        self.report.add(SchemaError(fact.where, f"'{fact.text}': {message}"))

    def hint(self, key: Key, entries: Iterable[Key]) -> str:
        _, name, member, version = key
        if name not in self.schema.classes and name not in self.schema.types:
            return f" of unknown class '{name}'{suggestion(name, [*self.schema.classes, *self.schema.types])}"
        others = [f"'{axis} {name} {member} {each}'" for axis, owner, own, each in entries if (owner, own) == (name, member)]
        if others:
            return f"; there is {', '.join(others)}"
        return suggestion(member, [own for _, owner, own, _ in entries if owner == name])


def when(key: Key) -> str:
    axis, _, _, version = key
    return f"since release {version}" if axis == "release" else f"since {version}"


def differing(key: Key, stated: Stated, fact: Fact) -> str:
    """What an entry and its fact disagree in; empty: nothing."""
    if fact.moves_nothing or (fact.old, fact.new) == (stated.old, stated.new):
        return ""
    now = stated.line(key).removesuffix(" : SOURCE")
    return f"{when(key)} is '{now}', and the fact {fact.where} is '{fact.text}': correct the entry or the fact"
