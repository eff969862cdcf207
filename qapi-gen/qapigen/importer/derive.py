# SPDX-License-Identifier: MIT
"""Values that were not observed: from the default of each property and the compat properties of each machine.

A type's value on a machine is the default of its property, then each compat property of the machine in order.  The
answers of types that were observed supply what has no default.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from qapigen.importer.fold import Cell, Folder

# What every device has without listing it.
GENERAL = {"realized": ("bool", False), "hotplugged": ("bool", True)}
EMPTY = {"bool": False, "str": "", "string": ""}
UNOBSERVED = "unobserved"
ON, OFF = ("on", "yes", "true", "y"), ("off", "no", "false", "n")
UNITS = {"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
LINKS = ("link<", "child<")


class Derivation:
    """Completes the effective values of one target with those of types that were not observed."""

    def __init__(self, effective: dict[str, Any], types: dict[str, Any], rows: dict[str, list[dict[str, str]]]) -> None:
        self.effective = effective
        self.types = types
        self.machines = [machine for machine in effective["machines"] if machine in rows]
        lines = Lines(types)
        self.laid = {machine: lines.overlaid(rows[machine]) for machine in self.machines}
        self.votes = votes_of(effective["init"], types)

    def complete(self, settled: dict[str, Any]) -> None:
        """Adds records to the effective values.

        @settled: the types of an older release whose values are known.  Code may set a value when it makes an object.  So
        a default that is the same in both releases has no new value."""
        for name, one in self.types.items():
            if name not in self.effective["init"] and "device-list-properties" in one and not one["abstract"]:
                before = settled.get(name, {}).get("device-list-properties", {})
                self.effective["init"][name] = self.record(name, one["device-list-properties"], before)

    def record(self, name: str, shown: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
        folder = Folder(self.machines)
        ruled = {prop for laid in self.laid.values() for prop in laid.get(name, {})}
        inner = [record["type"][6:-1] for record in shown.values() if record["type"].startswith("child<")]
        inner = [kind for kind in inner if "device-list-properties" in self.types.get(kind, {})]
        for machine in self.machines:
            rows = self.laid[machine].get(name, {})
            cells: dict[str, Cell] = {prop: {"type": kind, "value": value} for prop, (kind, value) in GENERAL.items()}
            for prop, record in shown.items():
                if record["type"].startswith("child<"):
                    cells[prop] = {"type": record["type"]}
                elif not record["type"].startswith(LINKS):
                    shared = self.shared(inner, prop, machine) if prop not in rows else None
                    cells[prop] = shared or self.cell(prop, record, rows, before.get(prop) if prop not in ruled else None)
            folder.add(machine, name, cells)
        result: dict[str, Any] = folder.document()["init"][name]
        for prop in ruled:
            if prop in before and before[prop].get("default-value") == shown.get(prop, {}).get("default-value"):
                result["properties"][prop]["unsure"] = True
        return result

    def shared(self, kinds: list[str], prop: str, machine: str) -> Cell | None:
        """The value of an embedded object's property of the same name, where compat properties of its own type change it."""
        for kind in kinds:
            listed = self.types[kind]["device-list-properties"]
            if prop in listed and any(prop in laid.get(kind, {}) for laid in self.laid.values()):
                return self.cell(prop, listed[prop], self.laid[machine].get(kind, {}), None)
        return None

    def cell(self, prop: str, record: dict[str, Any], rows: dict[str, str], before: dict[str, Any] | None) -> Cell:
        default = record.get("default-value")
        cell: Cell = {"type": record["type"]}
        if prop in rows:
            return cell | parsed(rows[prop], record["type"], default)
        if before is not None and before.get("default-value") == default:
            return cell | {"note": "as before"}
        if default is not None:
            return cell | {"value": default}
        votes = self.votes.get((prop, record["type"]))
        if votes is None and record["type"] in EMPTY:
            votes = self.votes.get(("", record["type"]))
        if votes:
            said: Cell = json.loads(votes.most_common(1)[0][0])
            return cell | said
        return cell | ({"value": EMPTY[record["type"]]} if record["type"] in EMPTY else {"note": UNOBSERVED})


def votes_of(init: dict[str, Any], types: dict[str, Any]) -> dict[tuple[str, str], Counter[str]]:
    """What observed properties without a default are, by name and type; by type alone under an empty name."""
    votes: dict[tuple[str, str], Counter[str]] = {}
    for name, record in init.items():
        shown = types.get(name, {}).get("device-list-properties", {})
        for prop, fact in record["properties"].items():
            listed = shown.get(prop)
            if listed and "default-value" not in listed:
                said = {key: fact[key] for key in ("value", "note") if key in fact and fact.get("note", key) != "runtime"}
                for key in ((prop, listed["type"]), ("", listed["type"])):
                    votes.setdefault(key, Counter())[json.dumps(said, sort_keys=True)] += 1
    return votes


def parsed(text: str, kind: str, default: Any) -> Cell:
    """A compat property's value, which is a string, as one of the property's type."""
    if isinstance(default, bool) or kind == "bool":
        return {"value": text in ON} if text in ON + OFF else {"note": UNOBSERVED}
    if isinstance(default, int) or re.fullmatch(r"u?int(8|16|32|64)|int|size", kind):
        match = re.fullmatch(r"(-?(?:0[xX][0-9a-fA-F]+|[0-9]+))([BKMGT]?)", text)
        return {"value": int(match[1], 0) * UNITS[match[2]]} if match else {"note": UNOBSERVED}
    return {"value": text}


class Lines:
    """Descent: a compat property of a type is one of every type below it, and of those that implement it."""

    def __init__(self, types: dict[str, Any]) -> None:
        self.below: dict[str, list[str]] = {}
        for name, one in types.items():
            above: str | None = name
            while above:
                self.below.setdefault(above, []).append(name)
                above = types[above]["parent"] if above in types else None
            for face in one["implements"]:
                if name not in self.below.get(face, ()):
                    self.below.setdefault(face, []).append(name)

    def overlaid(self, rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
        result: dict[str, dict[str, str]] = {}
        for row in rows:
            for kind in self.below.get(row["qom-type"], ()):
                result.setdefault(kind, {})[row["property"]] = row["value"]
        return result
