#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""query-machines of each target, compared with QEMU 11.1: each machine, its facts and its compat properties.

A row of QEMU's compat-props agrees if this program reports the same value for the same property of the same type, or of each
concrete type below it.  A row that changes no default on the target, by QEMU's own types, has no counterpart.  All other
differences need a line in rows-explained.txt: 'TYPE PROPERTY=VALUE: why'.

The answers are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them all is skipped.
"""

import functools
import os
import sys
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from observed import explanations, meaning, recorded  # noqa: E402
from vintage_test import Machine, Skip, equal, main, test  # noqa: E402

TARGETS = {"x86_64": "", "aarch64": "-aarch64", "s390x": "-s390x", "ppc64": "-ppc64", "m68k": "-m68k", "riscv64": "-riscv64"}
FACTS = ("alias", "is-default", "deprecated", "cpu-max", "hotpluggable-cpus", "numa-mem-supported", "default-cpu-type",
         "default-ram-id", "acpi")
Rows = dict[tuple[str, str], str]


def theirs(target: str) -> list[dict[str, Any]]:
    return recorded(f"machines-11.1{TARGETS[target]}.json")["machines"]


@functools.cache
def ours(target: str) -> dict[str, dict[str, Any]]:
    with Machine("-machine", "none", "--target", target) as machine:
        assert machine.qmp
        rows = machine.qmp.negotiate().call("query-machines", **{"compat-props": True})
    return {row["name"]: row for row in rows}


# ---- machines ---------------------------------------------------------------------------------------------------


def add_machines(target: str) -> None:
    def compares() -> None:
        wanted, have = theirs(target), ours(target)
        equal([row["name"] for row in wanted if row["name"] not in have], [], "machines that are missing")
        wrong = [f"{row['name']} {fact}: {have[row['name']].get(fact)!r}, QEMU has {row.get(fact)!r}"
                 for row in wanted for fact in FACTS if have[row["name"]].get(fact) != row.get(fact)]
        cells = len(wanted) * len(FACTS)
        print(f"# {target}: {len(wanted)} machines; facts that agree: {cells - len(wrong)} of {cells}")
        equal(wrong, [], f"{target}: {len(wanted)} machines")

    compares.__doc__ = f"the machines of {target} are those of QEMU 11.1"
    test(compares)


# ---- properties -------------------------------------------------------------------------------------------------


def add_properties(target: str) -> None:
    def compares() -> None:
        options = recorded(f"commandline-11.1{TARGETS[target]}.json")
        options = options["options"] if isinstance(options, dict) else options
        wanted = {row["name"] for one in options if one["option"] == "machine" for row in one["parameters"]}
        have: set[str] = set()
        with Machine("-machine", "none", "--target", target) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            for kind in qmp.call("qom-list-types", implements="machine", abstract=True):
                have |= {row["name"] for row in qmp.call("qom-list-properties", typename=kind["name"])}
        print(f"# {target}: {len(wanted)} properties of machines")
        assert wanted
        equal(sorted(wanted - have), [], "properties that no machine has")

    compares.__doc__ = f"the machines of {target} have all properties of QEMU 11.1"
    test(compares)


# ---- rows ---------------------------------------------------------------------------------------------------------


class Types:
    """The types of a QEMU and, by their recorded defaults, what a row changes."""

    def __init__(self, target: str) -> None:
        suffix = TARGETS[target]
        try:
            self.types: dict[str, dict[str, Any]] = recorded(f"types-11.1{suffix}.json.xz")["types"]
        except Skip:
            self.types = {}
        self.known = bool(self.types)

    def concrete(self, name: str, member: str) -> list[str]:
        """The concrete types that a row for @member of @name is about."""
        return [each for each in self._below().get(name, ())
                if member in self.types[each].get("device-list-properties", [member])]

    @functools.cache
    def _below(self) -> dict[str, list[str]]:
        below: dict[str, list[str]] = {}
        for name, row in self.types.items():
            if row.get("abstract"):
                continue
            for each in self.above(name):
                below.setdefault(each, []).append(name)
        return below

    def above(self, name: str) -> list[str]:
        """@name, its ancestors and the interfaces of all these, nearest first."""
        found: list[str] = []
        while name:
            row = self.types.get(name, {})
            found += [name, *row.get("implements", ())]
            name = row.get("parent", "")
        return found


def explained() -> set[tuple[str, str, str]]:
    result = set()
    for place in explanations("rows-explained.txt"):
        kind, name = place.split(" ")
        name, _, value = name.partition("=")
        result.add((kind, name, meaning(value)))
    return result


class Count:
    def __init__(self) -> None:
        self.rows = self.exact = self.covered = self.void = 0
        self.used: set[tuple[str, str, str]] = set()
        self.wrong: dict[tuple[str, str, str], list[str]] = {}

    def compare(self, types: Types, machine: str, rows: list[dict[str, str]], mine: Rows) -> None:
        last: Rows = {}
        for row in rows:
            last[row["qom-type"], row["property"]] = meaning(row["value"])
        for (kind, name), value in last.items():
            self.rows += 1
            if mine.get((kind, name)) == value:
                self.exact += 1
                continue
            concrete = types.concrete(kind, name)
            answers = [next((mine[each, name] for each in types.above(one) if (each, name) in mine), None) for one in concrete]
            # A later row for a narrower type replaces this one there.
            expected = [next((last[each, name] for each in types.above(one) if (each, name) in last), None) for one in concrete]
            if concrete and answers == expected:
                self.covered += 1
            elif types.known and not concrete:
                self.void += 1          # the target has no such type
            elif (kind, name, value) in EXPLAINED:
                self.used.add((kind, name, value))
            else:
                text = f"{sorted({str(answer) for answer in answers}) or None}, QEMU has {value!r}"
                self.wrong.setdefault((kind, name, text[:140]), []).append(machine)


EXPLAINED = explained()
USED: set[tuple[str, str, str]] = set()


def add_rows(target: str) -> None:
    def compares() -> None:
        have, types, count = ours(target), Types(target), Count()
        for machine in theirs(target):
            mine = {(row["qom-type"], row["property"]): meaning(row["value"])
                    for row in have.get(machine["name"], {}).get("compat-props", ())}
            count.compare(types, machine["name"], machine["compat-props"], mine)
        USED.update(count.used)
        left = sum(map(len, count.wrong.values()))
        print(f"# {target}: {count.rows} rows: {count.exact} equal, {count.covered} by rows of types above or below, "
              f"{count.void} for types that the target lacks, {left} differ, "
              f"{count.rows - count.exact - count.covered - count.void - left} explained")
        equal([f"{kind}.{name}: {text} on {len(machines)} machines, {machines[0]} first"
               for (kind, name, text), machines in sorted(count.wrong.items(), key=lambda item: -len(item[1]))], [])

    compares.__doc__ = f"the compat properties of {target} are those of QEMU 11.1"
    test(compares)


for each_target in TARGETS:
    add_machines(each_target)
    if each_target != "riscv64":        # which has no such record
        add_properties(each_target)
    add_rows(each_target)


@test
def each_explanation_is_in_use() -> None:
    """each line of rows-explained.txt explains a row"""
    for one in TARGETS:
        theirs(one)
    equal(sorted(EXPLAINED - USED), [])


if __name__ == "__main__":
    main()
