#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The types of QOM of each target, compared with QEMU 11.1: parent, 'abstract', and what implements each interface.

The types are those of qom-list-types, the interfaces those that its filter finds.  A type that only this program has is right
if a release up to 11.1 removed it (vintage history).  All other differences need a line in qom-explained.txt:
'TARGET TYPE FACT: why', where FACT is missing, extra, parent, abstract or implements, and '*' matches any text.

The answers are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them all is skipped.
"""

import fnmatch
import os
import re
import subprocess
import sys
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from observed import TOOL, explanations, recorded  # noqa: E402
from vintage_test import Machine, equal, main, test  # noqa: E402

TARGETS = {"x86_64": "", "aarch64": "-aarch64", "s390x": "-s390x", "ppc64": "-ppc64", "m68k": "-m68k"}
# Types whose descendants the filter must find, too.
ROOTS = ("device", "bus", "machine", "object", "pci-device", "virtio-bus", "cpu")
USED: set[tuple[str, str, str]] = set()

Types = dict[str, dict[str, Any]]


def theirs(target: str) -> Types:
    types: Types = recorded(f"types-11.1{TARGETS[target]}.json.xz")["types"]
    return types


def explained() -> list[tuple[str, str, str]]:
    result = []
    for place in explanations("qom-explained.txt"):
        words = re.fullmatch(r"(\S+) (.+) (missing|extra|parent|abstract|implements)", place)
        assert words, f"qom-explained.txt: expected 'TARGET TYPE FACT: why': {place}"
        result.append((words[1], words[2], words[3]))
    return result


EXPLAINED = explained()


def is_explained(target: str, name: str, fact: str) -> bool:
    found = [line for line in EXPLAINED if line[2] == fact and fnmatch.fnmatchcase(target, line[0])
             and fnmatch.fnmatchcase(name, line[1])]
    USED.update(found)
    return bool(found)


def removed(names: list[str]) -> set[str]:
    """Those of the types that a release has removed."""
    if not names:
        return set()
    short = {name.removesuffix("-machine"): name for name in names}
    run = subprocess.run([TOOL, "history", *short], capture_output=True, text=True, check=True)
    lives = re.split(r"^(\S+): (?:type|machine)\n", run.stdout, flags=re.M)[1:]
    return {short[name] for name, life in zip(lives[::2], lives[1::2]) if re.search(r"^  .*  removed\b", life, re.M)}


def ancestry(types: Types, name: str) -> set[str]:
    found = set()
    while name:
        found.add(name)
        name = types[name]["parent"] or ""
    return found


class Comparison:
    """Of a target: what differs, as (type, fact): text."""

    def __init__(self, target: str) -> None:
        self.wanted = theirs(target)
        with Machine("-machine", "none", "--target", target) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            self.have = {row["name"]: row for row in qmp.call("qom-list-types", abstract=True)}
            interfaces = [name for name, row in self.wanted.items() if row["parent"] == "interface"]
            self.members = {name: {row["name"] for row in qmp.call("qom-list-types", implements=name, abstract=True)}
                            for name in (*interfaces, "interface", *ROOTS) if name in self.wanted}
            self.concrete = {row["name"] for row in qmp.call("qom-list-types")}
        self.wrong: dict[tuple[str, str], str] = {}
        self.cells = 0

    def compare(self) -> None:
        for name, row in self.wanted.items():
            mine = self.have.get(name)
            self.cells += 2
            if mine is None:
                self.wrong[name, "missing"] = f"parent {row['parent']}"
                continue
            if mine.get("parent") != row["parent"]:
                self.wrong[name, "parent"] = f"{mine.get('parent')}, QEMU has {row['parent']}"
            if mine.get("abstract", False) != row["abstract"]:
                self.wrong[name, "abstract"] = f"{mine.get('abstract', False)}, QEMU has {row['abstract']}"
        for name in self.have:
            if name not in self.wanted:
                self.wrong[name, "extra"] = f"parent {self.have[name].get('parent')}"
        for kind, mine in self.members.items():
            self.implements(kind, {name for name in mine if name in self.wanted})

    def implements(self, kind: str, mine: set[str]) -> None:
        """What @kind is, or implements it."""
        every = {name for name, row in self.wanted.items() if name in self.have
                 and (kind in row["implements"] or kind in ancestry(self.wanted, name))}
        self.cells += len(every)
        for name in every ^ mine:
            text = f"{kind}: {name in mine}, QEMU has {name in every}"
            self.wrong[name, "implements"] = "; ".join(filter(None, [self.wrong.get((name, "implements")), text]))


def add_target(target: str) -> None:
    def compares() -> None:
        found = Comparison(target)
        found.compare()
        equal(found.concrete, {name for name, row in found.have.items() if not row.get("abstract")})
        gone = removed([name for name, fact in found.wrong if fact == "extra" and not is_explained(target, name, fact)])
        left = [f"{name} {fact}: {text}" for (name, fact), text in sorted(found.wrong.items())
                if not (fact == "extra" and name in gone) and not is_explained(target, name, fact)]
        extra = sum(fact == "extra" for _, fact in found.wrong)
        print(f"# {target}: {len(found.wanted)} types, {found.cells} facts, {len(found.wrong) - extra} differ; "
              f"{extra} types beside them, {len(gone)} of removed names; {len(left)} not explained")
        equal(left, [])

    compares.__doc__ = f"the types of {target} are those of QEMU 11.1"
    test(compares)


for each_target in TARGETS:
    add_target(each_target)


@test
def each_explanation_is_in_use() -> None:
    """each line of qom-explained.txt explains a difference"""
    for one in TARGETS:
        theirs(one)
    equal(sorted(set(EXPLAINED) - USED), [])


if __name__ == "__main__":
    main()
