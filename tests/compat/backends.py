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
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from introspection import Comparison, Entities, by_name, explained, unexplained  # noqa: E402
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


def differences(program: str, theirs: Entities, superset: bool) -> list[str]:
    a = ours(program)
    comparison = Comparison(a, theirs, superset)
    return [row for name in COMMANDS if name in a for row in comparison.command(name)]


def judge(program: str, theirs: Entities, superset: bool = False) -> None:
    wrong = unexplained(EXPLAINED, differences(program, theirs, superset))
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
    stale = [pattern for pattern in explained(EXPLAINED) if not any(re.fullmatch(pattern, row) for row in rows)]
    assert not stale, stale


if sys.argv[1:] == ["report"]:
    for each in ("vintage-vm", "vintage-backends"):
        print("\n".join(f"{each}: {row}" for row in differences(each, newest(), False)))
    print("\n".join(f"7.2: {row}" for row in differences("vintage-vm", older(), True)))
else:
    main()
