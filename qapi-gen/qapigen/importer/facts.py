# SPDX-License-Identifier: MIT
"""What QEMU answered: its types, and what each property of a fresh object is on each machine.

A directory of facts has per target effective-*.json (init: every property after compat properties and before realize),
types-*.json (the tree of types) and machines-*.json (query-machines with compat-props); each may be packed by xz.  A name may
hold the release, as types-7.2-m68k.json: a directory may have several.
"""

from __future__ import annotations

import glob
import json
import lzma
import os
import re
from typing import Any, NamedTuple

from qapigen.importer.derive import Derivation
from qapigen.importer.family import Families
from qapigen.record import dataclass, field
from qapigen.source import SchemaError, Where

# The value of a cell as JSON text; None: there is no such cell.
Vector = tuple["str | None", ...]
UNSET = "absent"                # no JSON text: a string or list that nothing was put into
FILES = re.compile(r"(effective|types|machines)-(?:([0-9.]+)-?)?(.*?)\.json(\.xz)?$")
# Links that the one who makes the object sets, not its user.
BOARD = ("parent_bus", "memory", "bus")
WIRES = ("irq", "memory-region", "clock")
# Devices that users can plug in, unless the code of a type forbids it.
PLUGGED = ("pci-device", "usb-device", "virtio-device", "i2c-slave", "ssi-peripheral", "scsi-device", "ide-device", "ufs-lu",
           "isa-device", "virtio-ccw-device", "hda-codec", "xen-device", "vmbus-dev", "i3c-target", "cpu-core", "cpu")
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
    old: bool = False           # the first of several releases has it
    unsure: bool = False        # computed from a default that is as before, and code may set another value
    # Columns of machines of the first release whose value only a newer release reports.
    later: set[int] = field(default_factory=set)
    rebased: dict[int, str] = field(default_factory=dict)       # by column: what a newer release has for the same machine


@dataclass
class Kind:
    """A type, over all targets that have it."""

    name: str
    parent: str = ""
    abstract: bool = False
    creatable: bool = False
    targets: set[str] = field(default_factory=set)
    category: str = ""
    first: str = ""             # the oldest release that has it
    release: str = ""           # the newest that has it
    listed: set[str] = field(default_factory=set)               # properties in the first release, and in later ones
    relisted: set[str] = field(default_factory=set)
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
        self.releases: list[str] = []
        self.old = 0                        # as many columns are of the first release
        self.unknown: list[str] = []        # machines that the schema does not have
        self.conflicts: list[str] = []
        self.silent: list[str] = []         # types that can't be asked
        self.texts: dict[str, str] = {}

    # ---- reading

    def read(self, directory: str) -> None:
        """All releases in @directory, the oldest first: of a machine that several have, the oldest one's values count."""
        found: dict[tuple[str, str, str], str] = {}
        for path in sorted(glob.glob(os.path.join(directory, "*.json*"))):
            match = FILES.match(os.path.basename(path))
            if match and not match[3].endswith("kvm-cpu"):
                found[match[2] or "", TARGETS.get(match[3], match[3]), match[1]] = path
        releases = sorted({release for release, _, _ in found}, key=lambda each: [int(part) for part in each.split(".") if part])
        releases.sort(key=lambda each: each == "")      # files without a release are of the newest
        settled: dict[str, dict[str, Any]] = {}
        for release in releases:
            one = Release(release, {(target, what): path for (each, target, what), path in found.items() if each == release})
            if one.targets:
                self.add_release(one, settled)
            self.old = self.old or len(self.columns)
        self.level()
        if not self.releases:
            raise SchemaError(Where(directory), "there are no facts here: neither effective-TARGET.json nor types-TARGET.json")

    def add_release(self, release: Release, settled: dict[str, dict[str, Any]]) -> None:
        """@settled: the types of the release before it, by target."""
        self.releases.append(release.name)
        self.targets = sorted({*self.targets, *release.targets}, key=lambda each: (each != "x86_64", each))
        targets = sorted(release.targets, key=lambda each: (each != "x86_64", each))
        effective = {target: load(release.files[target, "effective"]) for target in targets}
        every: dict[str, Any] = {}
        for target in targets:
            every |= release.types(target)
        for target in targets:
            types = release.types(target) or self.assumed(every, effective[target]["init"])
            if release.rows(target):
                Derivation(effective[target], types, release.rows(target)).complete(settled.get(target, {}))
            self.add_columns(target, effective[target]["machines"], release.name)
            self.add_types(target, types, effective[target]["init"])
            settled[target] = types
        for target in targets:
            self.add_values(target, effective[target], release.name)

    def assumed(self, every: dict[str, Any], init: dict[str, Any]) -> dict[str, Any]:
        """The types of a target that does not list them: those of other targets, and those of the schema."""
        classes = self.families.schema.classes
        result = {}
        for name in init:
            one = classes.get(name)
            while name and name not in result:
                up = every.get(name) or ({"parent": classes[name].parent, "abstract": classes[name].abstract, "implements": [],
                                          "user_creatable": classes[name].user_creatable} if name in classes else None)
                if up is None:
                    break
                result[name] = up
                name = up.get("parent") or ""
            assert one is None or name in result or not name
        return result

    def add_columns(self, target: str, machines: list[str], release: str) -> None:
        for machine in machines:
            place = self.families.place(target, machine, release)
            if place is None:
                self.unknown.append(f"{target}: {machine}")
            elif Column(target, machine, *place) not in self.columns:
                self.columns.append(Column(target, machine, *place))

    def add_types(self, target: str, types: dict[str, Any], init: dict[str, Any]) -> None:
        # A release that does not report which types users can create has the usual ones.
        rated = any("user_creatable" in record or "user-creatable" in record for record in types.values())
        for name, record in types.items():
            kind = self.kinds.setdefault(name, Kind(name, record.get("parent") or "", bool(record.get("abstract"))))
            kind.targets.add(target)
            kind.release = self.releases[-1]
            kind.first = kind.first or self.releases[-1]
            if kind.first == self.releases[-1]:
                kind.listed |= set(record.get("device-list-properties", {}))
            else:
                kind.relisted |= set(record.get("device-list-properties", {}))
            if not rated and is_added_by_users(name, types):
                kind.creatable = True
            if record.get("silent") and name not in self.silent:
                self.silent.append(name)
            kind.implements |= set(record["implements"])
            kind.creatable = kind.creatable or bool(record.get("user-creatable", record.get("user_creatable"))) or (
                "user-creatable" in record["implements"])
            kind.category = kind.category or next(iter(record.get("categories", ())), "").lower()
            kind.read_only |= {prop for prop, shown in record.get("properties", {}).items() if not shown.get("set", True)}
            # Embedded objects, as far as they are devices.
            inner = {prop: shown["type"][6:-1] for prop, shown in record.get("device-list-properties", {}).items()
                     if shown["type"].startswith("child<")}
            kind.children |= {prop: child for prop, child in inner.items()
                              if "device-list-properties" in types.get(child, {})}
            if name not in init or not kind.creatable:
                continue
            links = {prop: shown["type"] for prop, shown in record.get("device-list-properties", {}).items()}
            for prop, shown in (links | record.get("children", {})).items():
                if shown.startswith("link<") and prop not in BOARD and shown[5:-1] not in WIRES:
                    link = kind.properties.setdefault(prop, Property("link", link=shown[5:-1]))
                    link.targets.add(target)

    def add_values(self, target: str, effective: dict[str, Any], release: str) -> None:
        places = {machine: self.columns.index(Column(target, machine, *place)) for machine in effective["machines"]
                  for place in [self.families.place(target, machine, release)] if place}
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
            one.old = kind.first == self.releases[0] and (not self.old or prop in kind.listed or prop not in kind.relisted)
        elif one.type != fact["type"] and one.type != "link" and target not in one.targets:
            self.conflicts.append(f"{kind.name}.{prop}: {one.type} and {fact['type']}")
        one.type = fact["type"]         # of the newest release
        one.unsure = one.unsure or fact.get("unsure", False)
        one.targets.add(target)
        vector = [*one.vector, *(None,) * (len(self.columns) - len(one.vector))]
        for index, text in cells:
            if vector[index] is None:
                vector[index] = self.texts.setdefault(text, text)
                if index < self.old:
                    one.later.add(index)
            elif vector[index] != text:
                one.rebased[index] = text
        one.vector = tuple(vector)

    def level(self) -> None:
        """Gives all vectors a place for each column."""
        for kind in self.kinds.values():
            for one in kind.properties.values():
                one.vector += (None,) * (len(self.columns) - len(one.vector))

    def chain(self, name: str) -> list[str]:
        """The type, its parent, ... up to the root."""
        result = []
        while name:
            result.append(name)
            name = self.kinds[name].parent if name in self.kinds else ""
        return result


def is_added_by_users(name: str, types: dict[str, Any]) -> bool:
    """Whether a device plugs into a bus that users can name."""
    chain = []
    while name in types and name not in chain:
        chain.append(name)
        name = types[name].get("parent") or ""
    return "device" in chain and "dynamic-sysbus-device" in chain or any(each in PLUGGED for each in chain)


class Release:
    """The files of one release of QEMU."""

    def __init__(self, name: str, files: dict[tuple[str, str], str]) -> None:
        self.name = name
        self.files = files
        self.targets = [target for target, what in files if what == "effective"]
        self.known: dict[str, Any] = {}

    def types(self, target: str) -> dict[str, Any]:
        if target not in self.known:
            path = self.files.get((target, "types"))
            self.known[target] = load(path)["types"] if path else {}
        types: dict[str, Any] = self.known[target]
        return types

    def rows(self, target: str) -> dict[str, list[dict[str, str]]]:
        """The compat properties of each machine; none where the release does not report them."""
        path = self.files.get((target, "machines"))
        machines = load(path)["machines"] if path else ()
        return {one["name"]: one["compat-props"] for one in machines if "compat-props" in one}


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
