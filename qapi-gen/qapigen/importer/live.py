# SPDX-License-Identifier: MIT
"""Facts of a QEMU that runs, over QMP: its types, their properties, and the defaults that it tells.

A QEMU tells each property's default as it is on the newest machine, and from 9.1 on what each machine sets instead
(compat-props of query-machines).  What a type's code decides when an object is made it does not tell: that takes facts
from within, read with --facts.
"""

from __future__ import annotations

import json
import socket
import subprocess
from typing import Any, Protocol

from qapigen.classes import Props
from qapigen.importer.facts import UNSET, Facts, Kind, Property, text_of
from qapigen.importer.types import SIMPLE
from qapigen.source import SchemaError, Where

SKIPPED = ("child<", "link<")


class Stream(Protocol):
    def write(self, text: str) -> Any: ...
    def flush(self) -> Any: ...
    def readline(self) -> str: ...


class Closed(SchemaError):
    """The QEMU is gone."""


class Monitor:
    def __init__(self, stream: Stream, what: str) -> None:
        self.stream = stream
        self.what = what
        if "QMP" not in self.read():
            raise SchemaError(Where(what), "this is no QMP monitor")
        self.ask("qmp_capabilities")

    def read(self) -> dict[str, Any]:
        line = self.stream.readline()
        if not line:
            raise Closed(Where(self.what), "the monitor was closed")
        answer = json.loads(line)
        return answer if isinstance(answer, dict) else {}

    def ask(self, command: str, **arguments: Any) -> Any:
        try:
            self.stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            self.stream.flush()
        except BrokenPipeError:
            raise Closed(Where(self.what), "the monitor was closed") from None
        while True:
            answer = self.read()
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise SchemaError(Where(self.what), f"{command}: {answer['error']['desc']}")


class Pipes:
    """A process's input and output as one stream."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin and process.stdout
        self.write = process.stdin.write
        self.flush = process.stdin.flush
        self.readline = process.stdout.readline


class Source:
    """Where monitors come from.  A QEMU that crashes on a question is started anew, and not asked that again."""

    def __init__(self, binary: str | None, path: str | None) -> None:
        self.binary = binary
        self.path = path
        self.process: subprocess.Popen[str] | None = None
        self.monitor = self.open()

    def open(self) -> Monitor:
        if self.path:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(self.path)
            except OSError as error:
                raise SchemaError(Where(self.path), f"can't connect: {error.strerror}") from error
            return Monitor(connection.makefile("rw", encoding="utf-8"), self.path)
        assert self.binary
        command = [self.binary, "-machine", "none", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio"]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL, text=True)
        except OSError as error:
            raise SchemaError(Where(self.binary), f"can't start it: {error.strerror}") from error
        return Monitor(Pipes(self.process), self.binary)

    def ask(self, command: str, **arguments: Any) -> Any:
        return self.monitor.ask(command, **arguments)

    def properties(self, command: str, name: str) -> list[dict[str, Any]] | None:
        """None: it can't be asked of this type."""
        try:
            answer: list[dict[str, Any]] = self.ask(command, typename=name)
            return answer
        except Closed:
            if not self.binary:
                raise
            self.close()
            self.monitor = self.open()
            return None
        except SchemaError:
            return None

    def close(self) -> None:
        if self.process:
            self.process.kill()
            self.process.communicate()


def read(facts: Facts, binary: str | None, path: str | None) -> None:
    source = Source(binary, path)
    try:
        collect(facts, source)
    finally:
        source.close()


def collect(facts: Facts, monitor: Source) -> None:
    target = monitor.ask("query-target")["arch"]
    facts.targets = sorted({*facts.targets, target})
    machines, settings = machines_of(monitor)
    first = len(facts.columns)
    facts.add_columns(target, machines)
    columns = range(first, len(facts.columns))
    told = set(columns) if settings else newest(facts, columns)
    names = {True: monitor.ask("qom-list-types", **{"abstract": True}), False: monitor.ask("qom-list-types")}
    concrete = {each["name"] for each in names[False] if not each.get("abstract")}
    implemented: dict[str, set[str]] = {}
    for each in names[True]:
        name = each["name"]
        kind = facts.kinds.setdefault(name, Kind(name, each.get("parent", "")))
        kind.abstract = name not in concrete
        kind.targets.add(target)
    for interface in {row["qom-type"] for rows in settings.values() for row in rows}:
        if interface not in facts.kinds or not facts.kinds[interface].parent:
            for each in monitor.ask("qom-list-types", implements=interface, abstract=True):
                implemented.setdefault(each["name"], set()).add(interface)
    creatable = {each["name"] for each in monitor.ask("qom-list-types", implements="user-creatable")}
    for name in sorted(concrete):
        kind = facts.kinds[name]
        if "device" in facts.chain(name):
            kind.creatable = True
            tell(facts, kind, monitor.properties("device-list-properties", name), target, told)
        elif name in creatable:
            kind.creatable = True
            tell(facts, kind, monitor.properties("qom-list-properties", name), target, told)
        forget(facts, kind)
        matching = {*facts.chain(name), *implemented.get(name, ())}
        for index in columns:
            apply(facts, kind, index, [row for row in settings.get(facts.columns[index].machine, ())
                                       if row["qom-type"] in matching])


def forget(facts: Facts, kind: Kind) -> None:
    """A default that is told may be overruled when an object is made: of members that are there, only rows count."""
    schema = facts.families.schema
    known = Props(schema).of(kind.name) if kind.name in schema.classes else {}
    for name, prop in kind.properties.items():
        if name in known:
            prop.vector = (None,) * len(facts.columns)


def machines_of(monitor: Source) -> tuple[list[str], dict[str, list[dict[str, str]]]]:
    """Names, and what each machine sets, where this QEMU tells it."""
    try:
        found = monitor.ask("query-machines", **{"compat-props": True})
    except SchemaError:
        found = monitor.ask("query-machines")
    return [each["name"] for each in found], {each["name"]: each["compat-props"] for each in found if "compat-props" in each}


def newest(facts: Facts, columns: range) -> set[int]:
    """The newest machine of each family: of others nothing is known."""
    best: dict[str, int] = {}
    for index in columns:
        family = facts.columns[index].family
        if family not in best or facts.columns[index].version > facts.columns[best[family]].version:
            best[family] = index
    return set(best.values())


def tell(facts: Facts, kind: Kind, properties: list[dict[str, Any]] | None, target: str,
         told: set[int]) -> None:
    if properties is None:
        facts.silent.append(kind.name)
        return
    kind.observed = True
    for each in properties:
        if each["name"] == "type" or each["type"].startswith(SKIPPED) or SIMPLE.get(each["type"]) == "any":
            continue
        prop = kind.properties.setdefault(each["name"], Property(each["type"]))
        prop.targets.add(target)
        value = text_of(each["default-value"]) if "default-value" in each else None
        known = prop.vector + (None,) * (len(facts.columns) - len(prop.vector))
        prop.vector = tuple(value if index in told else text for index, text in enumerate(known))


def apply(facts: Facts, kind: Kind, index: int, rows: list[dict[str, str]]) -> None:
    """The rows that a machine sets, in their order: the last wins."""
    for row in rows:
        prop = kind.properties.get(row["property"])
        if prop is not None and prop.vector:
            cells = list(prop.vector)
            cells[index] = converted(prop.type, row["value"])
            prop.vector = tuple(cells)


def converted(kind: str, text: str) -> str | None:
    """The text of a compat property as the JSON text of its value."""
    if kind == "bool":
        return "true" if text in ("on", "true", "yes", "y") else "false"
    if kind.startswith(("int", "uint", "size")):
        try:
            return json.dumps(int(text, 0))
        except ValueError:
            return None
    return UNSET if text == "" else json.dumps(text)
