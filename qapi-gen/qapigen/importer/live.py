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

from qapigen.importer.facts import UNSET, Facts, Kind, Property, text_of
from qapigen.source import SchemaError, Where

SKIPPED = ("child<", "link<")


class Stream(Protocol):
    def write(self, text: str) -> Any: ...
    def flush(self) -> Any: ...
    def readline(self) -> str: ...


class Monitor:
    def __init__(self, stream: Stream, what: str) -> None:
        self.stream = stream
        self.what = what
        if not self.read().get("QMP"):
            raise SchemaError(Where(what), "this is no QMP monitor")
        self.ask("qmp_capabilities")

    def read(self) -> dict[str, Any]:
        line = self.stream.readline()
        if not line:
            raise SchemaError(Where(self.what), "the monitor was closed")
        answer = json.loads(line)
        return answer if isinstance(answer, dict) else {}

    def ask(self, command: str, **arguments: Any) -> Any:
        self.stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.stream.flush()
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


def read(facts: Facts, binary: str | None, path: str | None) -> None:
    if path:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(path)
            except OSError as error:
                raise SchemaError(Where(path), f"can't connect: {error.strerror}") from error
            with connection.makefile("rw", encoding="utf-8") as stream:
                collect(facts, Monitor(stream, path))
        return
    assert binary
    command = [binary, "-machine", "none", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio"]
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            monitor = Monitor(Pipes(process), binary)
            collect(facts, monitor)
            monitor.ask("quit")
    except OSError as error:
        raise SchemaError(Where(binary), f"can't start it: {error.strerror}") from error


def collect(facts: Facts, monitor: Monitor) -> None:
    target = monitor.ask("query-target")["arch"]
    facts.targets = sorted({*facts.targets, target})
    machines, settings = machines_of(monitor)
    first = len(facts.columns)
    facts.add_columns(target, machines)
    columns = range(first, len(facts.columns))
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
            tell(facts, kind, monitor.ask("device-list-properties", typename=name), target)
        elif name in creatable:
            kind.creatable = True
            tell(facts, kind, monitor.ask("qom-list-properties", typename=name), target)
        matching = {*facts.chain(name), *implemented.get(name, ())}
        for index in columns:
            apply(facts, kind, index, [row for row in settings.get(facts.columns[index].machine, ())
                                       if row["qom-type"] in matching])


def machines_of(monitor: Monitor) -> tuple[list[str], dict[str, list[dict[str, str]]]]:
    """Names, and what each machine sets, where this QEMU tells it."""
    try:
        found = monitor.ask("query-machines", **{"compat-props": True})
    except SchemaError:
        found = monitor.ask("query-machines")
    return [each["name"] for each in found], {each["name"]: each.get("compat-props", []) for each in found}


def tell(facts: Facts, kind: Kind, properties: list[dict[str, Any]], target: str) -> None:
    kind.observed = True
    for each in properties:
        if each["name"] == "type" or each["type"].startswith(SKIPPED):
            continue
        prop = kind.properties.setdefault(each["name"], Property(each["type"]))
        prop.targets.add(target)
        value = text_of(each["default-value"]) if "default-value" in each else None
        known = prop.vector + (None,) * (len(facts.columns) - len(prop.vector))
        prop.vector = tuple(value if column.target == target else text for column, text in zip(facts.columns, known))


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
