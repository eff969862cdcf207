# SPDX-License-Identifier: MIT
"""Answers of many machines folded into one record per property: what the newest says, and where others differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

VERSIONED = re.compile(r"(.+)-(\d+(?:\.\d+)+)")

# Of one property on one machine: type, and value or note.
Cell = dict[str, Any]


def family_of(machine: str) -> tuple[str, tuple[int, ...]]:
    """The family and version; of a machine without versions: itself and ()."""
    match = VERSIONED.fullmatch(machine)
    return (match[1], tuple(map(int, match[2].split(".")))) if match else (machine, ())


def in_order(machines: Iterable[str]) -> list[str]:
    """Families with versions first, each from its newest on."""
    known = [(machine, *family_of(machine)) for machine in machines]
    known.sort(key=lambda each: each[2], reverse=True)
    known.sort(key=lambda each: (not each[2], each[1]))
    return [machine for machine, _, _ in known]


def ranges(some: set[str], machines: list[str]) -> list[str]:
    """@some of @machines, as 'FAMILY-*', 'FAMILY-FIRST..LAST' or names."""
    families: dict[str, list[str]] = {}
    for machine in machines:
        families.setdefault(family_of(machine)[0], []).append(machine)
    result = []
    for family, members in families.items():
        if not family_of(members[0])[1]:
            result += [machine for machine in members if machine in some]
        elif some.issuperset(members):
            result.append(f"{family}-*")
        else:
            result += runs(some, members[::-1], family)
    return result


def runs(some: set[str], oldest_first: list[str], family: str) -> list[str]:
    result: list[list[str]] = []
    before = False
    for machine in oldest_first:
        if machine in some:
            if not before:
                result.append([])
            result[-1].append(machine)
        before = machine in some
    return [run[0] if len(run) == 1 else f"{run[0]}..{run[-1][len(family) + 1:]}" for run in result]


def record(cells: dict[str, Cell], present: set[str], machines: list[str]) -> dict[str, Any]:
    """@cells: by machine; @present: the machines on which there is the type at all."""
    newest = next(machine for machine in machines if machine in cells)
    first = cells[newest]
    result: dict[str, Any] = {"type": first["type"], "value": first.get("value")}
    if "note" in first:
        result["note"] = first["note"]
    others: dict[str, tuple[Any, set[str]]] = {}
    same = json.dumps(first.get("value"), sort_keys=True)
    for machine, cell in cells.items():
        text = json.dumps(cell.get("value"), sort_keys=True)
        if text != same and "note" not in first:
            others.setdefault(text, (cell.get("value"), set()))[1].add(machine)
    if others:
        result["differs"] = [[value, ranges(some, machines)] for value, some in others.values()]
    absent = present - set(cells)
    if absent:
        result["absent"] = ranges(absent, machines)
    return result


class Folder:
    """The effective values of one target."""

    def __init__(self, machines: list[str]) -> None:
        self.machines = machines
        self.cells: dict[str, dict[str, dict[str, Cell]]] = {}      # type, property, machine
        self.children: dict[str, dict[str, str]] = {}
        self.present: dict[str, set[str]] = {}
        self.of_machines: dict[str, dict[str, dict[str, Cell]]] = {}

    def add(self, machine: str, kind: str, properties: dict[str, Cell]) -> None:
        own = self.cells.setdefault(kind, {})
        self.present.setdefault(kind, set()).add(machine)
        for name, cell in properties.items():
            if cell["type"].startswith("child<"):
                self.children.setdefault(kind, {})[name] = cell["type"][6:-1]
            elif not cell["type"].startswith("link<"):
                own.setdefault(name, {})[machine] = cell

    def add_machine(self, machine: str, properties: dict[str, Cell]) -> None:
        own = self.of_machines.setdefault(family_of(machine)[0], {})
        for name, cell in properties.items():
            if not cell["type"].startswith(("child<", "link<")):
                own.setdefault(name, {})[machine] = cell

    def mark(self, kind: str, name: str, note: str) -> None:
        for cell in self.cells.get(kind, {}).get(name, {}).values():
            cell.pop("value", None)
            cell["note"] = note

    def document(self) -> dict[str, Any]:
        init: dict[str, dict[str, Any]] = {}
        for kind, properties in sorted(self.cells.items()):
            present = self.present[kind]
            init[kind] = {"properties": {name: record(cells, present, self.machines)
                                         for name, cells in sorted(properties.items())}}
            missing = set(self.machines) - present
            if missing:
                init[kind]["failed_on"] = ranges(missing, self.machines)
            plain = {name: child for name, child in self.children.get(kind, {}).items()
                     if child not in ("irq", "memory-region")}
            if plain:
                init[kind]["children"] = plain
        bare = {}
        for family, properties in sorted(self.of_machines.items()):
            there = {machine for cells in properties.values() for machine in cells}
            bare[family] = {name: record(cells, there, self.machines) for name, cells in sorted(properties.items())}
        return {"machines": self.machines, "init": init, "machine": {"bare": bare}}
