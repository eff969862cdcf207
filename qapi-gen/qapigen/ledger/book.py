# SPDX-License-Identifier: MIT
"""The ledger as files: one per schema file that holds classes, one line per (class, member, scope).

    virtio-blk-device : virtio-device               a class, its parent, and its facts (facts.py)
    virtio-blk-device num-queues ! range=1..65535   facts of a member
    virtio-blk-device num-queues * ..5.1=1 5.2..=auto

A class has lines for what it does not have just so from its parent.  'axes.ledger' lists the closed versions, and
'names.ledger' the lives of other names:

    option no-acpi deprecated=8.0 removed=9.0
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from qapigen.record import dataclass, field
from functools import lru_cache

from qapigen.ledger.cells import Key, Lines
from qapigen.ledger.facts import INHERITED, Facts, facts_of, facts_text
from qapigen.model import TARGETS
from qapigen.source import SchemaError, Where

SUFFIX = ".ledger"
AXES = "axes" + SUFFIX
NAMES = "names" + SUFFIX
FORM = "form 2"                 # with facts
LICENCE = "# SPDX-License-Identifier: MIT\n"


@dataclass
class Holder:
    """A class, a machine, or a type that members of classes have."""

    name: str
    where: Where
    file: str                   # of the schema, relative to its root file
    parent: str = ""
    versions: str = ""          # of a machine family: 'FROM..TO'
    members: dict[str, Lines] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    member_facts: dict[str, Facts] = field(default_factory=dict)


@dataclass
class Feature:
    where: Where
    since: str
    probe: str


@dataclass
class Named:
    """An option, a command, an event, or a type of QOM that is no class."""

    where: Where
    facts: Facts


@dataclass
class Book:
    """A whole ledger."""

    root: str                   # the schema's root file
    has_facts: bool = False     # ledgers of the first form have none
    closed: dict[str, list[str]] = field(default_factory=dict)      # versions by axis, as written: 4.0.1(4.0:pc-q35)
    places: dict[str, Where] = field(default_factory=dict)          # of axes
    features: dict[str, Feature] = field(default_factory=dict)
    names: dict[str, Named] = field(default_factory=dict)       # 'option no-acpi': those that have facts
    holders: dict[str, Holder] = field(default_factory=dict)
    flat: dict[str, dict[str, Lines]] = field(default_factory=dict)
    flat_facts: dict[str, dict[str, Facts]] = field(default_factory=dict)

    @property
    def directory(self) -> str:
        return os.path.join(os.path.dirname(self.root), "ledger")

    def members(self, name: str) -> dict[str, Lines]:
        """All members of a holder: its parent's, and what it has otherwise."""
        if name not in self.flat:
            holder = self.holders[name]
            above = self.members(holder.parent) if holder.parent in self.holders else {}
            self.flat[name] = {**above, **holder.members} if holder.members else above
        return self.flat[name]

    def member_facts(self, name: str) -> dict[str, Facts]:
        """Of all members of a holder that have facts."""
        if name not in self.flat_facts:
            holder = self.holders[name]
            above = self.member_facts(holder.parent) if holder.parent in self.holders else {}
            self.flat_facts[name] = {**above, **holder.member_facts} if holder.member_facts else above
        return self.flat_facts[name]

    def facts(self, name: str) -> Facts:
        """Of a holder, with what it has from its ancestors."""
        holder = self.holders[name]
        above = self.facts(holder.parent) if holder.parent in self.holders else {}
        return {each: above[each] for each in INHERITED if each in above} | holder.facts

    def closed_names(self, axis: str) -> list[str]:
        return [text.partition("(")[0] for text in self.closed.get(axis, [])]


# ---- reading


def read_book(root: str) -> Book | None:
    """None where there is no ledger of this schema."""
    book = Book(root)
    directory = book.directory
    if not is_of(os.path.join(directory, AXES), os.path.basename(root)):
        return None
    for file in book_files(directory):
        path = os.path.join(directory, file)
        with open(path, encoding="utf-8") as stream:
            lines = stream.read().splitlines()
        read_lines(book, file, path, lines)
    return book


def read_lines(book: Book, file: str, path: str, lines: list[str]) -> None:
    """Of @file, relative to the ledger's directory, at @path."""
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#"):
            where = Where(path, number)
            if file == AXES:
                read_axis(book, where, line.split())
            elif file == NAMES:
                read_name(book, where, line)
            else:
                read_line(book, where, file.removesuffix(SUFFIX) + ".json", line)


def read_name(book: Book, where: Where, line: str) -> None:
    kind, _, rest = line.partition(" ")
    name, _, facts = rest.partition(" ")
    if "=" not in facts:
        raise SchemaError(where, f"not a line of a ledger's names: '{line}'")
    book.names[f"{kind} {name}"] = Named(where, facts_of(facts.split()))


def is_of(path: str, root: str) -> bool:
    """A directory of schemas has one ledger: that of the root file which has everything."""
    try:
        with open(path, encoding="utf-8") as stream:
            return f"schema {root}" in stream.read().splitlines()
    except OSError:
        return False


def book_files(directory: str) -> list[str]:
    found = [os.path.relpath(os.path.join(parent, name), directory)
             for parent, _, names in os.walk(directory) for name in names if name.endswith(SUFFIX)]
    return sorted(found)


def read_axis(book: Book, where: Where, words: list[str]) -> None:
    if len(words) > 2 and words[0] == "axis":
        book.closed[words[1]] = words[2:]
        book.places[words[1]] = where
    elif len(words) == 2 and words[0] == "schema":
        pass    # checked before
    elif words == FORM.split():
        book.has_facts = True
    elif len(words) == 4 and words[0] == "platform-feature":
        book.features[words[1]] = Feature(where, words[2], words[3])
    else:
        raise SchemaError(where, f"not a line of a ledger's axes: '{' '.join(words)}'")


def read_line(book: Book, where: Where, file: str, line: str) -> None:
    name, _, rest = line.partition(" ")
    member, _, rest = rest.partition(" ")
    if member == ":":
        words = rest.split()
        parent = words.pop(0) if words and "=" not in words[0] else ""
        if name in book.holders:
            raise SchemaError(where, f"'{name}' is in the ledger twice: {book.holders[name].where}")
        facts = facts_of(words)
        book.holders[name] = Holder(name, where, file, parent, facts.pop("versions", ""), facts=facts)
        return
    if member and rest.startswith("! ") or rest == "!":
        if name not in book.holders:
            raise SchemaError(where, f"not a line of a ledger: '{line}'")
        book.holders[name].member_facts[member] = facts_of(rest.split()[1:])
        book.holders[name].places.setdefault(member, where)
        return
    scope, _, runs = rest.partition(" ")
    features = ""
    if runs.startswith("+"):
        features, _, runs = runs[1:].partition(" ")
    holder = book.holders.get(name)
    if holder is None or "=" not in runs:
        raise SchemaError(where, f"not a line of a ledger: '{line}'")
    holder.places.setdefault(member, where)
    holder.members.setdefault(member, {})[read_key(scope, features)] = runs


@lru_cache(maxsize=None)
def read_key(scope: str, features: str) -> Key:
    axis, colon, rest = scope.rpartition(":")
    rest, _, release = rest.partition("~")
    rest, _, target = rest.partition("@")
    family, _, accel = rest.partition("/")
    return Key(axis if colon else "", "" if family == "*" else family, accel,
               target if target in TARGETS else "", tuple(features.split(",")) if features else (), release)


# ---- writing


def render(book: Book) -> dict[str, str]:
    """File name to text."""
    axes = [f"schema {os.path.basename(book.root)}", FORM]
    axes += [f"axis {axis} {' '.join(names)}" for axis, names in book.closed.items() if names]
    axes += [f"platform-feature {name} {one.since} {one.probe}" for name, one in book.features.items()]
    texts = {AXES: LICENCE + "# The closed versions, and what a platform version can ask of the host.  Written by 'qapi-gen "
             "ledger close'.\n\n" + "\n".join(axes) + "\n"}
    if book.names:
        lines = [f"{name} {facts_text(one.facts)}\n" for name, one in book.names.items()]
        texts[NAMES] = (LICENCE + "# The lives of options, commands, events, and types that are no classes.  Written by "
                        "'qapi-gen ledger close'.\n\n" + "".join(lines))
    files: dict[str, list[Holder]] = {}
    for holder in book.holders.values():
        files.setdefault(holder.file, []).append(holder)
    for file, holders in files.items():
        head = f"{LICENCE}# Released defaults of {file}.  Written by 'qapi-gen ledger close'.\n"
        texts[file.removesuffix(".json") + SUFFIX] = head + "".join(
            "\n" + "\n".join(holder_lines(book, holder)) + "\n" for holder in holders)
    return texts


def holder_lines(book: Book, holder: Holder) -> Iterable[str]:
    head = [holder.name, ":"] + [holder.parent] * bool(holder.parent)
    head += [f"versions={holder.versions}"] * bool(holder.versions) + [facts_text(holder.facts)] * bool(holder.facts)
    yield " ".join(head)
    above, known = ((book.members(holder.parent), book.member_facts(holder.parent)) if holder.parent in book.holders
                    else ({}, {}))
    for name, lines in book.members(holder.name).items():
        facts = book.member_facts(holder.name).get(name, {})
        if known.get(name, {}) != facts:
            yield f"{holder.name} {name} ! {facts_text(facts)}".rstrip()
        if above.get(name) != lines:
            yield from (f"{holder.name} {name} {key} {runs}" for key, runs in lines.items())
