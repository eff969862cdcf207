# SPDX-License-Identifier: MIT
"""What guests see: the defaults of versions that both sides have, as the lines of a ledger state them."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator

from qapigen.check import examine
from qapigen.diff.change import Changes
from qapigen.ledger.book import AXES, Book, book_files, read_lines
from qapigen.ledger.cells import Key, Lines, split_runs
from qapigen.ledger.facts import Facts, kind_of, losses, on_targets
from qapigen.ledger.record import Present, record
from qapigen.life import STAGES
from qapigen.load import load
from qapigen.model import Schema
from qapigen.record import dataclass
from qapigen.source import SchemaError, Where
from qapigen.timelines import HISTORIES

VERSION = re.compile(r"([^(]+)(?:\(([^:)]+)[^)]*\))?$")


@dataclass
class Side:
    """One of the two: a schema, or a ledger alone."""

    book: Book
    schema: Schema | None
    open: dict[str, str]        # version by axis
    names: dict[str, list[str]]
    fixed: dict[str, str]      # bugfix version: the one it fixes


def side_of(path: str) -> Side | list[SchemaError]:
    if os.path.isdir(path):
        return ledger_side(path)
    result = examine(lambda: load(path))
    if isinstance(result, list):
        return result
    return side_of_schema(result[1])


def side_of_schema(schema: Schema) -> Side:
    book = record(Present(schema), {axis: list(range(1, len(versions))) for axis, versions in schema.versions.items()})
    newest = {axis: version.name for axis, versions in schema.versions.items() for version in versions if version.is_open}
    return Side(book, schema, newest, *versions_of(book))


def ledger_side(path: str) -> Side | list[SchemaError]:
    book = Book(os.path.join(path, os.pardir, "ledger"))
    files = book_files(path)
    if AXES not in files:
        return [SchemaError(Where(path), f"is no ledger: it has no '{AXES}'")]
    try:
        for file in files:
            with open(os.path.join(path, file), encoding="utf-8") as stream:
                read_lines(book, file, os.path.join(path, file), stream.read().splitlines())
    except SchemaError as error:
        return [error]
    return Side(book, None, {}, *versions_of(book))


def versions_of(book: Book) -> tuple[dict[str, list[str]], dict[str, str]]:
    names: dict[str, list[str]] = {axis: [] for axis in HISTORIES}
    fixed: dict[str, str] = {}
    for axis, texts in book.closed.items():
        for text in texts:
            match = VERSION.match(text)
            assert match
            names[axis].append(match[1])
            if match[2]:
                fixed[match[1]] = match[2]
    return names, fixed


def span_of(side: Side, name: str) -> list[str]:
    """The versions of a machine family; none where it has no versions."""
    first, _, last = side.book.holders[name].versions.partition("..")
    names = side.names["machine"]
    if first not in names:
        return []
    return names[names.index(first):names.index(last) + 1 if last in names else None]


class Guests:
    def __init__(self, old: Side, new: Side, changes: Changes) -> None:
        self.sides = (old, new)
        self.changes = changes
        # (member, change, whether it breaks): the classes
        self.found: dict[tuple[str, str, bool], list[str]] = {}
        # (class or member, stage of its life, change): the classes
        self.lives: dict[tuple[str, str, str], list[str]] = {}

    def run(self) -> None:
        old, new = (side.book for side in self.sides)
        for name in dict.fromkeys((*old.holders, *new.holders)):
            if name in old.holders and name in new.holders:
                self.holder(name)
            elif name in old.holders:
                self.changes.guests(f"class {name}", "removed", True)
            else:
                self.changes.guests(f"class {name}", "added", False)
        self.names(old, new)
        for (member, change, breaks), classes in self.found.items():
            # A class is named with those that have the same from it.
            more = f" and {len(classes) - 1} more" if len(classes) > 1 else ""
            self.changes.guests(f"{classes[0]}{more}: {member}", change, breaks)
        for (member, stage, change), classes in self.lives.items():
            more = f" and {len(classes) - 1} more" if len(classes) > 1 else ""
            owner = "" if member.startswith("class ") else f"{classes[0]}{more}: "
            self.changes.clients(f"{owner}{member}{stage}", change, False)

    def facts(self, name: str) -> None:
        """What was promised of the class and its members, and is no more."""
        old, new = (side.book for side in self.sides)
        both = [(f"class {name}: ", old.facts(name), new.facts(name))]
        for member in old.members(name):
            if member in new.members(name):
                was, now = (on_targets(book.member_facts(name).get(member, {}), old.facts(name)) for book in (old, new))
                both.append((f"{name}: {member} ", was, now))
        compared = ("range", "aliases") if all(side.schema for side in self.sides) else ()    # with all that clients see
        for label, was, now in both:
            for fact, lost in losses(was, now):
                if fact in compared:
                    continue
                report = self.changes.clients if kind_of(fact).who == "clients" else self.changes.guests
                report(f"{label}{fact}", f"{lost} -> {now.get(fact, 'none')}", True)
            for stage, change in self.stages(was, now):
                self.lives.setdefault((label.removeprefix(f"{name}: "), stage, change), []).append(name)

    def names(self, old: Book, new: Book) -> None:
        """Lives of what is no class."""
        for name in dict.fromkeys((*old.names, *new.names)):
            if any(name not in side.book.names and not side.schema for side in self.sides):
                continue        # a ledger has the names of its closed releases alone
            was, now = (book.names[name].facts if name in book.names else {} for book in (old, new))
            for fact, lost in losses(was, now):
                self.changes.clients(f"{name}: {fact}", f"{lost} -> {now.get(fact, 'none')}", True)
            for stage, change in self.stages(was, now):
                self.changes.clients(f"{name}: {stage}", change, False)

    def stages(self, was: Facts, now: Facts) -> Iterator[tuple[str, str]]:
        """Of a life: what is new, or more exact."""
        for stage in STAGES:
            if was.get(stage) != now.get(stage) and not kind_of(stage).loss(was.get(stage, ""), now.get(stage, "")):
                yield stage, f"{was.get(stage, 'none')} -> {now.get(stage, 'none')}"

    def holder(self, name: str) -> None:
        common = set.intersection(*({*side.names["machine"]} for side in self.sides))
        was, now = ([version for version in span_of(side, name) if version in common] for side in self.sides)
        if was and was != now:
            texts = [side.book.holders[name].versions or "none" for side in self.sides]
            self.changes.guests(f"class {name}: versions", " -> ".join(texts), not now or not set(was) <= set(now))
        if all(side.book.has_facts for side in self.sides):
            self.facts(name)
        old, new = (side.book.members(name) for side in self.sides)
        for member in dict.fromkeys((*old, *new)):
            if old.get(member) == new.get(member) and self.sides[0].names == self.sides[1].names:
                continue
            if member not in new:
                self.note(name, member, "removed", True)
            elif member not in old:
                self.note(name, member, f"added, {self.text(new[member])}", False)
            else:
                self.cells(name, member, old[member], new[member])

    def text(self, lines: Lines) -> str:
        key, runs = next(iter(lines.items()))
        return f"{key.axis + ': ' if key.axis else ''}{runs.removeprefix('=')}"

    def note(self, name: str, member: str, change: str, breaks: bool) -> None:
        self.found.setdefault((member, change, breaks), []).append(name)

    def cells(self, name: str, member: str, old: Lines, new: Lines) -> None:
        reported: list[dict[str, tuple[str, str]]] = []
        for key in dict.fromkeys((*old, *new)):
            axis = key.axis or "machine"
            before, after = (self.spread(side, lines, key) for side, lines in zip(self.sides, (old, new)))
            changed = {version: (before[version], after[version]) for version in before
                       if version in after and before[version] != after[version]}
            if not changed or changed in reported:
                continue
            reported.append(changed)
            for (was, now), group in itertools.groupby(changed.items(), key=lambda item: item[1]):
                versions = [version for version, _ in group]
                released = [version for version in versions if version != self.sides[0].open.get(axis)]
                span = versions[0] if len(versions) == 1 else f"{versions[0]}..{versions[-1]}"
                scope = "" if str(key) == "*" else f"{key}, "
                breaks = bool(released) and "(had:" not in now
                self.note(name, member, f"{scope}{span}: {was} -> {now}", breaks)

    def spread(self, side: Side, lines: Lines, key: Key) -> dict[str, str]:
        """The cells of @key by version."""
        names = side.names[key.axis or "machine"]
        releases = ["", *side.names["release"]]
        older = [each.release for each in lines if each.release in releases and (
            key.release not in releases or releases.index(each.release) <= releases.index(key.release))]
        known = key._replace(features=key.feature_subsets([each.features for each in lines]),
                             release=max(older, key=releases.index, default=""))
        runs = next((lines[each] for each in known.wider() if each in lines), "")
        spans = []
        for span, text in split_runs(runs):
            first, dots, last = span.partition("..")
            start = names.index(first) if first else 0
            end = names.index(last) if last else len(names) if dots or not span else start
            spans.append((start, end, text))
        found: dict[str, str] = {}
        for index, version in enumerate(names):
            for place in ([names.index(side.fixed[version])] if version in side.fixed else []) + [index]:
                found |= {version: text for start, end, text in spans if start <= place <= end}
        return found
