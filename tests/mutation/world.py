# SPDX-License-Identifier: MIT
"""The schema to mutate: its files, its model, and the places where its rules apply."""

from __future__ import annotations

import contextlib
import functools
import gc
import glob
import io
import os
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from qapigen import facts, source
from qapigen.check import examine
from qapigen.classes import Prop, Props
from qapigen.diff import guests
from qapigen.diff.change import Changes
from qapigen.diff.clients import Clients
from qapigen.diff.guests import Guests, Side
from qapigen.doc import Doc
from qapigen.ledger import command, run
from qapigen.load import Loader, Source, load
from qapigen.model import AXES, Class, Member, Schema
from qapigen.parse import Node, Parser
from qapigen.patterns import SPAN
from qapigen.source import SchemaError, Where

from spans import Facts, File, Mutant, Span

CLASSES = ("class", "machine")
# Runs of the compiler between two collections: one leaves some ten megabytes, and a collection takes half as long.
COLLECT_STEP = 10
COMPILER_FAULTS = (AssertionError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
FACTS = re.compile(r"^\{ 'facts': .*$", re.MULTILINE)
MENDED = "10.0"
WHY = "it was better as it was"
ERRATUM = (", { 'since': '%s', 'value': %s, 'why': '" + WHY + " (%d)', 'erratum': { 'releases': [ '%s.0' ], "
           "'had': %s, 'why': 'some guests could not start (%d)' } }")


@dataclass(frozen=True)
class Place:
    """A member at its declaration, or at a class that states another default. @default: that default."""

    file: File
    definition: Span
    owner: str
    name: str
    member: Member
    span: Span
    default: Span | None

    @property
    def in_class(self) -> bool:
        return any(meta in self.definition for meta in CLASSES)


@dataclass(frozen=True)
class History:
    """Entries of a timeline. @member: its owner; of a named timeline, only the type."""

    file: File
    axis: str
    span: Span                  # the array
    type: str
    member: Member | None
    place: Place | None

    @property
    def later(self) -> list[Span]:
        return [entry for entry in self.span.list() if "since" in entry]


@dataclass(frozen=True)
class Literal:
    """A value of a default. @entry: the entry that contains it."""

    file: File
    span: Span
    entry: Span
    type: str
    member: Member | None


class Wrong(Exception):
    """The unmodified schema has an error."""


class World:
    def __init__(self, root: str) -> None:
        self.root = root
        self.parsed: dict[str, list[Node | Doc]] = {}
        self.mutants: dict[str, str] = {}          # by file
        self.runs = 0
        self.random = random.Random(4)
        paths = sorted(glob.glob(os.path.join(os.path.dirname(root), "**", "*.json"), recursive=True))
        self.files = {path: File(path, read(path)) for path in paths}
        paths = sorted(glob.glob(os.path.join(os.path.dirname(root), "facts", "*.facts")))
        self.facts = [Facts(path, read(path)) for path in paths]
        self.files |= {file.path: file for file in self.facts}
        self.more_facts = ""
        self.has_ledger = os.path.isdir(os.path.join(os.path.dirname(root), "ledger"))
        model = examine(self.load, ledger=self.has_ledger)
        if isinstance(model, list):
            raise Wrong(model[0])
        self.schema: Schema = model[1]
        self.props = Props(self.schema)
        self.reachable: set[str] = set()
        for one in self.schema.classes.values():
            for name in (*one.mixins, *(member.type for member in one.own)):
                self.reach(name)

    def reach(self, name: str) -> None:
        """Adds the plain types that @name, a mixin or the type of a class's member, holds."""
        if name in self.reachable or name not in self.schema.types:
            return
        self.reachable.add(name)
        kind = self.schema.types[name]
        for part in (*getattr(kind, "own", ()), *getattr(kind, "branches", ())):
            self.reach(part.type)
        self.reach(getattr(kind, "base", ""))

    # ---- the verdict

    def load(self) -> Source:
        world = self

        class Cached(Loader):
            """Reads each file once, except for mutated ones."""

            def items(self, file: str, included: Where | None) -> list[Node | Doc]:
                if file in world.mutants:
                    return list(Parser(file, world.mutants[file]).expressions())
                if file not in world.parsed:
                    world.parsed[file] = list(super().items(file, included))
                return world.parsed[file]

        return load(self.root, Cached)

    def read_facts(self, path: str) -> list[str]:
        """The lines of a file of facts, the mutant's included."""
        text = self.mutants.get(path) or self.files[path].text
        return (text + self.more_facts if path == self.facts[0].path else text).splitlines()

    def errors(self, *mutants: Mutant) -> list[SchemaError]:
        """What the compiler says about these mutants, each of another file."""
        self.mutants = {mutant.file: self.files[mutant.file].mutated(mutant) for mutant in mutants}
        self.runs += 1
        if self.runs % COLLECT_STEP == 0:
            gc.collect()
        self.more_facts = "".join(f"{mutant.fact}\n" for mutant in mutants if mutant.fact)
        facts.read_lines = self.read_facts if self.facts else facts.read_lines
        result = examine(self.load, ledger=self.has_ledger)
        return result if isinstance(result, list) else []

    def survivors(self, mutants: Iterable[Mutant]) -> dict[int, str]:
        """What is wrong, by the number of the mutant.

        One run of the compiler tries a mutant of each file, and the first error in a file counts.  What an error of another
        mutant may hide is tried again, in the end alone."""
        waiting = dict(enumerate(mutants))
        alone = {number for number, mutant in waiting.items() if mutant.file not in self.files or mutant.anywhere or mutant.fact}
        wrong = {}
        while waiting:
            together = {waiting[number].file: number for number in sorted(waiting, reverse=True) if number not in alone}
            refused = self.refused_in({file: waiting[number] for file, number in together.items()})
            for file in refused:
                del waiting[together[file]]
            # If none was refused, there is nothing that could hide the others.
            alone |= set() if refused else {*together.values()}
            if not refused and not {*waiting} - alone:
                wrong.update((number, said) for number, mutant in waiting.items() for said in [self.survives(mutant)] if said)
                break
        return wrong

    def refused_in(self, mutants: dict[str, Mutant]) -> set[str]:
        """The files whose first error is where that of the mutant should be."""
        source.MAX_ERRORS = len(self.files)
        try:
            errors = self.errors(*mutants.values()) if mutants else []
        except COMPILER_FAULTS:
            return set()            # tried alone, it is reported
        first: dict[str, int] = {}
        for error in errors:
            first.setdefault(error.where.file, error.where.line)
        return {file for file, line in first.items() if file in mutants and self.covers(mutants[file], line)}

    def covers(self, mutant: Mutant, line: int) -> bool:
        first, last = self.files[mutant.file].lines(mutant)
        return first <= line <= last

    def survives(self, mutant: Mutant) -> str:
        """Empty if the compiler refuses @mutant at the lines of its entry."""
        if mutant.file not in self.files:
            return self.mended.survives(mutant)
        source.MAX_ERRORS = 1       # the first error counts
        first, last = self.files[mutant.file].lines(mutant)
        place = f"{os.path.relpath(mutant.file)}:{first}-{last}: {mutant.note}"
        try:
            errors = self.errors(mutant)
        except COMPILER_FAULTS as error:
            return f"{place}: the compiler fell over: {error!r}"
        if not errors:
            if mutant.refused:
                return f"{place}: accepted"
            return "" if self.reported(mutant) else f"{place}: accepted, and 'qapi-gen diff' does not report it"
        if mutant.anywhere:
            return ""
        where = errors[0].where
        if mutant.fact and where.file == self.facts[0].path:
            return ""
        if where.file == mutant.file and self.covers(mutant, where.line):
            return ""
        return f"{place}: refused elsewhere: {str(errors[0]).splitlines()[0]}"

    def reported(self, mutant: Mutant) -> bool:
        """Whether 'qapi-gen diff' reports a legal change of the open version."""
        self.mutants = {mutant.file: self.files[mutant.file].mutated(mutant)}
        result = examine(self.load)
        changes = Changes()
        assert not isinstance(result, list)
        Clients(self.schema, result[1], changes).run()
        Guests(self.side, guests.side_of_schema(result[1]), changes).run()
        return bool(changes.known)

    @functools.cached_property
    def side(self) -> Side:
        return guests.side_of_schema(self.schema)

    @functools.cached_property
    def mended(self) -> World:
        """The same schema with errata for its histories, which its ledger records."""
        self.directory = tempfile.TemporaryDirectory()
        root = os.path.join(self.directory.name, "schema", os.path.basename(self.root))
        shutil.copytree(os.path.dirname(self.root), os.path.dirname(root))
        edits: dict[str, list[tuple[int, str]]] = {}
        for history in self.histories():
            entries = history.span.list()[-2:]
            texts = [history.file.text[entry["value"].value_start:entry["value"].end] for entry in entries if "value" in entry]
            if len(texts) == 2 and texts[0] != texts[1] and history.axis == "machine" and not any(
                    key in entry for entry in entries for key in ("for", "needs", "derive", "erratum")) and (
                    self.schema.version_index("machine", entries[1]["since"].text)
                    < self.schema.version_index("machine", MENDED)):
                number = sum(map(len, edits.values()))     # a reason that several entries repeat is refused
                edits.setdefault(history.file.path, []).append(
                    (entries[1].end, ERRATUM % (MENDED, texts[0], number, MENDED, texts[1], number)))
        edits[self.root] = []
        for path, added in edits.items():
            text = FACTS.sub("", self.files[path].text)      # no fact backs these entries
            for at, entry in sorted(added, reverse=True):
                text = text[:at] + entry + text[at:]
            with open(os.path.join(self.directory.name, "schema", os.path.relpath(path, os.path.dirname(self.root))), "w",
                      encoding="utf-8") as file:
                file.write(text)
        newest = [version.name for version in self.schema.versions["machine"]][-2]
        with contextlib.redirect_stdout(io.StringIO()):      # what it reports is no TAP
            assert command.main(["close", newest, "--schema", root]) == 0
        return World(root)

    # ---- places

    def definitions(self, *metas: str) -> Iterator[tuple[File, Span, str]]:
        for file in self.files.values():
            for span in file.definitions:
                meta = next(iter(span.value), "")
                if meta in metas:
                    yield file, span, span[meta].text

    def classes(self) -> Iterator[tuple[File, Span, Class]]:
        for file, span, name in self.definitions(*CLASSES):
            yield file, span, self.schema.classes[name]

    def declared(self) -> Iterator[Place]:
        """Members of classes, and of structs in classes."""
        for file, span, name in self.definitions("struct", *CLASSES):
            is_class = "struct" not in span
            if not is_class and name not in self.reachable:
                continue
            own = {member.name: member for member in
                   (self.schema.classes[name].own if is_class else getattr(self.schema.types[name], "own"))}
            members = span.get("config" if is_class else "data")
            for key, value in members.items() if members else ():
                plain = key.removeprefix("*")
                if SPAN.search(plain):
                    continue    # one line for many members
                yield Place(file, span, name, plain, own[plain], value, value.get("default"))

    def restated(self) -> Iterator[Place]:
        for file, span, one in self.classes():
            defaults = span.get("defaults")
            for key, value in defaults.items() if defaults else ():
                yield Place(file, span, one.name, key, self.props.of(one.name)[key].member, value, value)

    def places(self) -> list[Place]:
        return [place for place in [*self.declared(), *self.restated()] if place.default]

    def histories(self) -> Iterator[History]:
        for place in self.places():
            for axis in AXES[1:]:
                entries = place.default.get(axis) if place.default else None
                if entries:
                    yield History(place.file, axis, entries, place.member.type, place.member, place)
        for file, span, name in self.definitions("timeline"):
            for axis in AXES[1:]:
                if axis in span:
                    yield History(file, axis, span[axis], span["type"].text, None, None)

    def entries(self) -> Iterator[tuple[History, Span]]:
        for history in self.histories():
            for entry in history.span.list():
                if "inherit" not in entry:
                    yield history, entry

    def literals(self) -> Iterator[Literal]:
        for place in self.places():
            default = place.default
            if default and isinstance(default.value, str) and not default.text.startswith("@"):
                yield Literal(place.file, default, default, place.member.type, place.member)
        for history, entry in self.entries():
            if "value" in entry:
                yield Literal(history.file, entry["value"], entry, history.type, history.member)

    def was_released(self, owner: str, name: str) -> bool:
        """Whether the ledger has the member."""
        book = run.read_book(self.root)
        return book is not None and owner in book.holders and name in book.members(owner)

    def was_released_class(self, name: str) -> bool:
        book = run.read_book(self.root)
        return book is not None and name in book.holders

    def layer(self, place: Place) -> str:
        """The layer of the class, or of the directory of a struct."""
        if place.in_class:
            return self.schema.classes[place.owner].layer
        return {"backends": "backend", "hw": "device", "machine": "machine"}.get(
            self.schema.types[place.owner].unit, "")

    def props_of(self, one: Class) -> dict[str, Prop]:
        return self.props.of(one.name)


# The ledger does not change during the test.
run.read_book = functools.lru_cache(run.read_book)  # type: ignore[attr-defined]

Operator = Callable[[World], Iterator[Mutant]]
OPERATORS: dict[str, Operator] = {}


def operator(function: Operator) -> Operator:
    """Registers an operator; its name describes the change."""
    OPERATORS[function.__name__.replace("_", " ")] = function
    return function


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()
