# SPDX-License-Identifier: MIT
"""What QEMU answered: its types, and what each property of a fresh object is on each machine.

A directory of facts has per target effective-*.json (init: every property after compat properties and before realize) and
types-*.json (the tree of types); either may be packed by xz.
"""

from __future__ import annotations

import glob
import json
import lzma
import os
import re
from typing import Any, NamedTuple

from qapigen.importer.family import Families
from qapigen.record import dataclass, field
from qapigen.source import SchemaError, Where

# The value of a cell as JSON text; None: there is no such cell.
Vector = tuple["str | None", ...]
UNSET = "absent"                # no JSON text: a string or list that nothing was put into
FILES = re.compile(r"(effective|types)-(?:([0-9.]+)-?)?(.*?)\.json(\.xz)?$")
# Links that the one who makes the object sets, not its user.
BOARD = ("parent_bus", "memory", "bus")
TARGETS = {"x86": "x86_64", "": "x86_64"}


class Column(NamedTuple):
    """A machine of a target: one value of each property."""

    target: str
    machine: str                # as QEMU calls it
    family: str                 # the schema's class
    version: int                # index on the machine axis: the newest of the facts for a family without versions


@dataclass
class Property:
    type: str
    vector: Vector = ()
    note: str = ""              # noget, volatile, ...: what there is to see is no default
    link: str = ""              # the type that a link leads to
    targets: set[str] = field(default_factory=set)


@dataclass
class Kind:
    """A type, over all targets that have it."""

    name: str
    parent: str = ""
    abstract: bool = False
    creatable: bool = False
    targets: set[str] = field(default_factory=set)
    category: str = ""
    implements: set[str] = field(default_factory=set)           # interfaces
    read_only: set[str] = field(default_factory=set)            # properties that no client can set
    observed: bool = False      # there are answers of its objects
    properties: dict[str, Property] = field(default_factory=dict)
    children: dict[str, str] = field(default_factory=dict)      # name: type


class Facts:
    def __init__(self, families: Families) -> None:
        self.families = families
        self.columns: list[Column] = []
        self.kinds: dict[str, Kind] = {}
        self.targets: list[str] = []
        self.unknown: list[str] = []        # machines that the schema does not have
        self.conflicts: list[str] = []
        self.silent: list[str] = []         # types that can't be asked
        self.texts: dict[str, str] = {}

    # ---- reading

    def read(self, directory: str) -> None:
        found: dict[tuple[str, str], str] = {}
        for path in sorted(glob.glob(os.path.join(directory, "*.json*"))):
            match = FILES.match(os.path.basename(path))
            if match and not match[3].endswith("kvm-cpu"):
                target = TARGETS.get(match[3], match[3])
                found[target, match[1]] = path
        targets = [target for target, what in found if what == "effective" and (target, "types") in found]
        if not targets:
            raise SchemaError(Where(directory), "there are no facts here: neither effective-TARGET.json nor types-TARGET.json")
        self.targets = sorted(targets, key=lambda each: (each != "x86_64", each))
        effective = {target: load(found[target, "effective"]) for target in self.targets}
        for target in self.targets:
            self.add_columns(target, effective[target]["machines"])
        for target in self.targets:
            self.add_types(target, load(found[target, "types"])["types"], effective[target]["init"])
        for target in self.targets:
            self.add_values(target, effective[target])

    def add_columns(self, target: str, machines: list[str]) -> None:
        for machine in machines:
            place = self.families.place(target, machine)
            if place is None:
                self.unknown.append(f"{target}: {machine}")
            else:
                self.columns.append(Column(target, machine, *place))

    def add_types(self, target: str, types: dict[str, Any], init: dict[str, Any]) -> None:
        for name, record in types.items():
            kind = self.kinds.setdefault(name, Kind(name, record.get("parent") or "", bool(record.get("abstract"))))
            kind.targets.add(target)
            if record.get("silent"):
                self.silent.append(name)
            kind.implements |= set(record["implements"])
            kind.creatable = kind.creatable or bool(record.get("user-creatable", record.get("user_creatable"))) or (
                "user-creatable" in record["implements"])
            kind.category = kind.category or next(iter(record.get("categories", ())), "").lower()
            kind.read_only |= {prop for prop, shown in record.get("properties", {}).items() if not shown.get("set", True)}
            if name not in init or not kind.creatable:
                continue
            links = {prop: shown["type"] for prop, shown in record.get("device-list-properties", {}).items()}
            for prop, shown in (links | record.get("children", {})).items():
                if shown.startswith("link<") and prop not in BOARD:
                    link = kind.properties.setdefault(prop, Property("link", link=shown[5:-1]))
                    link.targets.add(target)

    def add_values(self, target: str, effective: dict[str, Any]) -> None:
        places = {column.machine: index for index, column in enumerate(self.columns) if column.target == target}
        spans = Spans(effective["machines"])
        known: dict[str, list[tuple[int, str]]] = {}
        for name, record in effective["init"].items():
            kind = self.kinds.get(name)
            if kind is None:
                continue
            kind.observed = True
            kind.children |= record.get("children", {})
            for prop, fact in record["properties"].items():
                if prop == "type":
                    continue
                signature = json.dumps(fact, sort_keys=True)
                if signature not in known:
                    known[signature] = cells_of(fact, spans, places)
                self.put(kind, prop, fact, known[signature], target)

    def put(self, kind: Kind, prop: str, fact: dict[str, Any], cells: list[tuple[int, str]], target: str) -> None:
        one = kind.properties.get(prop)
        if one is None:
            one = kind.properties[prop] = Property(fact["type"], note=fact.get("note", ""))
        elif one.type != fact["type"] and one.type != "link":
            self.conflicts.append(f"{kind.name}.{prop}: {one.type} and {fact['type']}")
        one.targets.add(target)
        vector = list(one.vector or (None,) * len(self.columns))
        for index, text in cells:
            vector[index] = self.texts.setdefault(text, text)
        one.vector = tuple(vector)

    def chain(self, name: str) -> list[str]:
        """The type, its parent, ... up to the root."""
        result = []
        while name:
            result.append(name)
            name = self.kinds[name].parent if name in self.kinds else ""
        return result


def load(path: str) -> Any:
    with open(path, "rb") as stream:
        data = stream.read()
    return json.loads(lzma.decompress(data) if path.endswith(".xz") else data)


def cells_of(fact: dict[str, Any], spans: Spans, places: dict[str, int]) -> list[tuple[int, str]]:
    """The visible cells of a property record: column and value."""
    if "note" in fact or "value" not in fact:
        return []
    values = {machine: text_of(fact["value"]) for machine in places}
    for value, ranges in fact.get("differs", ()):
        for each in ranges:
            values |= {machine: text_of(value) for machine in spans.of(each) if machine in places}
    for each in fact.get("absent", ()):
        for machine in spans.of(each):
            values.pop(machine, None)
    return [(places[machine], text) for machine, text in values.items()]


def text_of(value: Any) -> str:
    return UNSET if value in ("", None) or value == [] else json.dumps(value, sort_keys=True)


class Spans:
    """Ranges of machines: 'pc-q35-2.4..5.1', 'pc-q35-*', a name.  @machines has the newest of a family first."""

    def __init__(self, machines: list[str]) -> None:
        self.machines = machines
        self.known: dict[str, list[str]] = {}

    def of(self, text: str) -> list[str]:
        if text not in self.known:
            self.known[text] = self.expand(text)
        return self.known[text]

    def expand(self, text: str) -> list[str]:
        if text in self.machines:
            return [text]
        if text.endswith("-*"):
            return [each for each in self.machines if re.fullmatch(re.escape(text[:-1]) + r"[0-9][0-9.a-z-]*", each)]
        match = re.fullmatch(r"(.*)-([0-9][^-]*?(?:-[a-z]+)?)\.\.([0-9].*)", text)
        if not match:
            return []
        family, first, last = match.groups()
        names = [each for each in self.machines if re.fullmatch(re.escape(family) + r"-[0-9][0-9.]*", each)]
        low, high = (names.index(f"{family}-{each}") for each in (first, last))
        return names[high:low + 1]
