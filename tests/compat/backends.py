#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Backends accept what QEMU's schema declares: branches, members, types, optional members.

Both answers to query-qmp-schema are compared from the commands down; QEMU's is compiled from its schema, which is data
outside this repository (../shared/data beside it, or $VINTAGE_DATA).  Without it all is skipped.  What differs on
purpose stands in backends-explained.txt, with the reason.  'backends.py report' prints all differences.
"""

import functools
import json
import lzma
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, Machine, Skip, main, test  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(SOURCE, "qapi-gen"))
from qapigen.cli import read  # noqa: E402
from qapigen.introspect import introspection  # noqa: E402
from qapigen.plan import Plan  # noqa: E402

DATA = os.environ.get("VINTAGE_DATA", os.path.join(SOURCE, "..", "shared", "data"))
SCHEMA = os.path.join(DATA, "qemu-schema", "qapi", "qapi-schema.json")
OLDER = os.path.join(DATA, "truth", "qmp-schema-7.2.json.xz")
EXPLAINED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "backends-explained.txt")
COMMANDS = ("blockdev-add", "netdev_add", "chardev-add", "object-add")
# QEMU's members for hosts other than Linux.
ELSEWHERE = {"CONFIG_VMNET", "CONFIG_WIN32"}
# Features that QEMU does not have.
OURS = {"automatic", "host-path", "mutable", "sensitive", "descriptor"}
Entity = dict[str, Any]
Entities = dict[str, Entity]


def by_name(entities: list[Entity]) -> Entities:
    return {entity["name"]: entity for entity in entities}


def holds(cond: Any) -> bool:
    if cond is None or isinstance(cond, str):
        return cond not in ELSEWHERE
    operator, operands = cond
    if operator == "not":
        return not holds(operands[0])
    return (all if operator == "all" else any)(holds(each) for each in operands)


@functools.cache
def newest() -> Entities:
    """The newest QEMU with all options enabled on Linux."""
    if not os.path.exists(SCHEMA):
        raise Skip("QEMU's schema is not here (set VINTAGE_DATA)")
    result = read(SCHEMA)
    assert result, "QEMU's schema has errors"
    parts = introspection(Plan(result[1]))
    return by_name(json.loads("".join(text for _, pieces in parts for cond, text in pieces if holds(cond))))


@functools.cache
def older() -> Entities:
    if not os.path.exists(OLDER):
        raise Skip("what QEMU 7.2 answers is not here (set VINTAGE_DATA)")
    with lzma.open(OLDER, "rt") as file:
        answer = json.load(file)
    return by_name(answer if isinstance(answer, list) else answer.get("return") or answer["schema"])


@functools.cache
def ours(program: str) -> Entities:
    class Program(Machine):
        pass
    Program.program = os.path.join(BUILD, program)
    with Program(*(["-machine", "none"] if program == "vintage-vm" else [])) as machine:
        assert machine.qmp
        return by_name(machine.qmp.negotiate().call("query-qmp-schema"))


class Comparison:
    """Yields differences of @a (ours) from @b. With @superset, @a may have more."""

    def __init__(self, a: Entities, b: Entities, superset: bool = False) -> None:
        self.a, self.b, self.superset = a, b, superset
        self.seen: set[tuple[str, str]] = set()

    def command(self, name: str) -> Iterator[str]:
        yield from self.types(name, self.a[name]["arg-type"], self.b[name]["arg-type"])

    def types(self, path: str, a: str, b: str) -> Iterator[str]:
        if (a, b) in self.seen:
            return
        self.seen.add((a, b))
        one, other = self.a[a], self.b[b]
        kind = other["meta-type"]
        if one["meta-type"] != kind:
            yield f"{path}: {self.told(one)}, not {self.told(other)}"
        elif kind == "builtin":
            if one["json-type"] != other["json-type"]:
                yield f"{path}: {self.told(one)}, not {self.told(other)}"
        elif kind == "array":
            yield from self.types(f"{path}[]", one["element-type"], other["element-type"])
        elif kind == "enum":
            yield from self.names(path, one["values"], other["values"])
        elif kind == "alternate":
            yield from self.alternates(path, one, other)
        else:
            yield from self.objects(path, one, other)

    def told(self, entity: Entity) -> str:
        return entity.get("json-type", entity["meta-type"])

    def names(self, path: str, a: list[str], b: list[str]) -> Iterator[str]:
        yield from (f"{path}: '{name}' is missing" for name in b if name not in a)
        if not self.superset:
            yield from (f"{path}: '{name}' is more" for name in a if name not in b)

    def alternates(self, path: str, a: Entity, b: Entity) -> Iterator[str]:
        kinds = [{self.json(entities, member["type"]): member["type"] for member in entity["members"]}
                 for entities, entity in ((self.a, a), (self.b, b))]
        yield from self.names(path, list(kinds[0]), list(kinds[1]))
        for kind in kinds[0].keys() & kinds[1].keys():
            yield from self.types(path, kinds[0][kind], kinds[1][kind])

    def json(self, entities: Entities, name: str) -> str:
        entity = entities[name]
        return {"enum": "string", "array": "array", "object": "object"}.get(entity["meta-type"]) or entity["json-type"]

    def objects(self, path: str, a: Entity, b: Entity) -> Iterator[str]:
        if ("tag" in a) != ("tag" in b) or a.get("tag") != b.get("tag"):
            yield f"{path}: the tag is '{a.get('tag')}', not '{b.get('tag')}'"
        elif "tag" not in b:
            yield from self.members(path, self.listed(self.a, a), self.listed(self.b, b))
        else:
            cases = [{variant["case"]: variant["type"] for variant in entity["variants"]} for entity in (a, b)]
            yield from self.names(f"{path}.{b['tag']}", list(cases[0]), list(cases[1]))
            for case in cases[1]:
                if case in cases[0]:
                    yield from self.members(f"{path}/{case}", self.listed(self.a, a, cases[0][case], b["tag"]),
                                            self.listed(self.b, b, cases[1][case], b["tag"]))

    def listed(self, entities: Entities, entity: Entity, variant: str = "", tag: str = "") -> Entities:
        """Members by name, including those of the branch. The tag is compared with the branches."""
        members = {member["name"]: member for member in entity["members"] if member["name"] != tag}
        if variant:
            branch = entities[variant]
            members |= by_name(branch["members"])
            if "tag" in branch:
                members[branch["tag"]] = {"name": branch["tag"], "type": variant}
        return members

    def members(self, path: str, a: Entities, b: Entities) -> Iterator[str]:
        yield from self.names(path, list(a), list(b))
        for name, other in b.items():
            one = a.get(name)
            if not one:
                continue
            if ("default" in one) != ("default" in other) and not (self.superset and "default" in one):
                yield f"{path}.{name}: {'optional' if 'default' in one else 'mandatory'}"
            if one["type"] in self.a and other["type"] in self.b:
                yield from self.types(f"{path}.{name}", one["type"], other["type"])
            features = [set(each.get("features", ())) - OURS for each in (one, other)]
            if features[0] != features[1] and not self.superset:
                yield f"{path}.{name}: features {sorted(features[0])}, not {sorted(features[1])}"


@functools.cache
def explained() -> dict[str, str]:
    """Regular expression: reason."""
    with open(EXPLAINED, encoding="utf-8") as file:
        rows = [line.strip().split("  # ", 1) for line in file if line.strip() and not line.startswith("#")]
    return {pattern.strip(): reason for pattern, reason in rows}


def differences(program: str, theirs: Entities, superset: bool) -> list[str]:
    a = ours(program)
    comparison = Comparison(a, theirs, superset)
    return [row for name in COMMANDS if name in a for row in comparison.command(name)]


def judge(program: str, theirs: Entities, superset: bool = False) -> None:
    wrong = [row for row in differences(program, theirs, superset)
             if not any(re.fullmatch(pattern, row) for pattern in explained())]
    assert not wrong, "\n".join(wrong)


@test
def backends_of_a_machine_are_said_as_in_the_newest_qemu() -> None:
    judge("vintage-vm", newest())


@test
def backends_without_a_machine_are_said_as_in_the_newest_qemu() -> None:
    judge("vintage-backends", newest())


@test
def what_qemu_7_2_knew_is_known() -> None:
    judge("vintage-vm", older(), superset=True)


@test
def every_difference_that_is_explained_is_there() -> None:
    rows = {row for program in ("vintage-vm", "vintage-backends")
            for row in differences(program, newest(), False) + differences(program, older(), True)}
    stale = [pattern for pattern in explained() if not any(re.fullmatch(pattern, row) for row in rows)]
    assert not stale, stale


if sys.argv[1:] == ["report"]:
    for each in ("vintage-vm", "vintage-backends"):
        print("\n".join(f"{each}: {row}" for row in differences(each, newest(), False)))
    print("\n".join(f"7.2: {row}" for row in differences("vintage-vm", older(), True)))
else:
    main()
