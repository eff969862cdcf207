# SPDX-License-Identifier: MIT
"""Rows of QEMU's compat tables, and the lines of the schema that carry them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from qapigen.classes import Props
from qapigen.history import Entry
from qapigen.importer.decisions import Decisions
from qapigen.importer.facts import load
from qapigen.importer.family import Families
from qapigen.importer.types import Typist
from qapigen.model import INTEGERS, TARGETS, Class, Schema

# Scopes of the tables that are families of the schema; others are machines that Vintage does not have.
SCOPES = {"all": "machine", "x86": "x86-machine", "pc-i440fx": "pc-i440fx", "pc-q35": "pc-q35", "arm-virt": "arm-virt",
          "s390-ccw": "s390-ccw-virtio", "pseries": "pseries", "microvm": "microvm"}


class Verdict(NamedTuple):
    kind: str                   # carried, decided, nothing, differs
    words: str


class Rows:
    def __init__(self, schema: Schema, decisions: Decisions, implements: dict[str, set[str]]) -> None:
        self.schema = schema
        self.decisions = decisions
        self.implements = implements        # interface or pruned type: the classes below it
        self.props = Props(schema)
        self.families = Families(schema)
        self.typist = Typist(schema)

    def report(self, path: str) -> tuple[str, bool]:
        """A line of each row of the table in @path; and whether all of them are accounted for."""
        rows = load(path)["rows"]
        lines, counts = [], dict.fromkeys(("carried", "decided", "nothing", "differs"), 0)
        for row in rows:
            verdict = self.compare(row, rows)
            counts[verdict.kind] += 1
            until = row["until_version"] or "any version"
            lines.append(f"{row['scope']} ..{until} {row['driver']}.{row['property']}={json.dumps(row['value'])}: "
                         f"{verdict.words}")
        total = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        return "\n".join([*lines, f"{len(rows)} rows: {total}"]) + "\n", not counts["differs"]

    def compare(self, row: dict[str, Any], rows: list[dict[str, Any]]) -> Verdict:
        chain = [one.name for one in self.schema.ancestry(row["driver"])] if row["driver"] in self.schema.classes else []
        why = self.decisions.why([row["driver"], *chain], row["property"])
        verdict = self.found(row, rows)
        if row["scope"] not in SCOPES:
            return verdict
        return verdict if verdict.kind == "carried" or not why else Verdict("decided", f"decided: {why}")

    def found(self, row: dict[str, Any], rows: list[dict[str, Any]]) -> Verdict:
        family = SCOPES.get(row["scope"])
        if family is None or family not in self.schema.classes:
            return Verdict("nothing", f"'{row['scope']}' is no machine of the schema")
        classes = self.matching(row["driver"])
        having = [one for one in classes if row["property"] in self.props.of(one.name)]
        if not having:
            return Verdict("nothing", f"unknown class '{row['driver']}'" if not classes else
                           f"class '{row['driver']}' has no member '{row['property']}'")
        return self.carried(row, rows, having, family)

    def matching(self, driver: str) -> list[Class]:
        if driver in self.schema.classes:
            return [self.schema.classes[driver], *self.schema.leaves(driver)]
        return [self.schema.classes[name] for name in sorted(self.implements.get(driver, ())) if name in self.schema.classes]

    def carried(self, row: dict[str, Any], rows: list[dict[str, Any]], classes: list[Class], family: str) -> Verdict:
        """The line of the entry that gives the row's value on the newest machine that has it."""
        places: list[str] = []
        for one in classes:
            for machine, target in self.machines(family):
                mask = self.schema.targets_of(one)
                if mask and not mask & target:
                    continue
                entry = self.entry(one, row, machine, target)
                if entry is None:
                    continue
                text = self.text(one, row, entry)
                if text == self.wanted(one, row):
                    return Verdict("carried", f"{entry.where}")
                places.append(f"{one.name} on {machine.name}: {text} at {entry.where}")
        if not places:
            return Verdict("nothing", "no machine of the schema is as old, or has such a class")
        later = [other for other in rows if other is not row and other["property"] == row["property"]
                 and other["until_version"] and row["until_version"] and other["scope"] in SCOPES]
        if later:
            return Verdict("carried", f"overlaid by another row: {places[0]}")
        return Verdict("differs", f"not carried: {places[0]}")

    def machines(self, family: str) -> list[tuple[Class, int]]:
        result = []
        for one in self.schema.leaves(family):
            mask = self.schema.targets_of(one)
            result += [(one, 1 << bit) for bit in range(len(TARGETS)) if not mask or mask >> bit & 1]
        return result

    def entry(self, one: Class, row: dict[str, Any], machine: Class, target: int) -> Entry | None:
        nodes = self.families.nodes(machine)
        until = self.schema.version_index("machine", row["until_version"]) if row["until_version"] else nodes[-1]
        if not machine.version_from and row["until_version"]:
            return None
        version = max((each for each in nodes if each <= until), default=0)
        prop = self.props.of(one.name)[row["property"]]
        if not version or prop.default is None:
            return None
        return self.families.cells.timelines.resolve(prop.default.entries, machine, target, version, "")

    def text(self, one: Class, row: dict[str, Any], entry: Entry) -> str:
        kind = self.props.of(one.name)[row["property"]].member.type
        return self.typist.text(kind, entry.value, entry.absent)

    def wanted(self, one: Class, row: dict[str, Any]) -> str:
        """The row's value as that of the member's type."""
        kind, value = self.props.of(one.name)[row["property"]].member.type, row["value"]
        wire = self.typist.wire(kind)
        if wire == "bool":
            return "true" if value in ("on", "true", "yes", "1") else "false"
        if wire in INTEGERS:
            names = {name: number for known in [self.schema.types.get(kind)] for name, number in getattr(known, "names", ())}
            number = names[value] if value in names else number_of(value)
            return json.dumps(number)
        return self.typist.text(kind, value, False)


def number_of(text: str) -> int | str:
    try:
        number = int(text, 0)
    except ValueError:
        return text
    return number
