#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The cost of an object does not grow with the number of objects.  `make bench` tries every kind, up to 10,000."""

import itertools
import os
import shutil
import sys
from typing import Any, Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scaling import COMMANDS, PLANNED, STARTED, over_qmp, planned, started  # noqa: E402
from scaling_schema import derived, most_of  # noqa: E402
from vintage_test import LONG, TOOL, Skip, main, test  # noqa: E402

FEW, MANY, GROWTH = 100, 1000 if LONG else 500, 1.3
SAME = 1.1      # of a class of the schema
PLANNED_HERE = ("rng-builtin", "ports of a hub", "NIC without mac", "root port")
STARTED_HERE = ("rng-builtin", )
COMMANDS_HERE = ("object-add, object-del", "netdev_add, netdev_del")


def constant(measure: Callable[[str, Any, int], float], kinds: tuple, names: tuple[str, ...]) -> None:
    if not shutil.which("valgrind"):
        raise Skip("valgrind is not installed")
    build = os.path.dirname(TOOL)
    for name in names:
        kind = next(kind for kind in kinds if kind.name == name)
        few, many = (measure(build, kind, n) for n in (FEW, MANY))
        print(f"# {name}: {few:,.0f} instructions for each of {FEW}, {many:,.0f} for each of {MANY}")
        assert many <= GROWTH * few, f"{name}: {few:,.0f} instructions for each of {FEW} objects, {many:,.0f} of {MANY}"


@test
def planning() -> None:
    """instructions for an object that is planned and checked"""
    constant(planned, PLANNED, PLANNED_HERE)


@test
def starting() -> None:
    """instructions for an object that is made at the start"""
    constant(started, STARTED, STARTED_HERE)


@test
def adding_and_removing() -> None:
    """instructions for an object that is added and removed over QMP"""
    constant(over_qmp, COMMANDS, COMMANDS_HERE)


@test
def classes_of_the_schema() -> None:
    """instructions for an object of a few classes; `make nightly` tries more, and `make bench` all"""
    if not shutil.which("valgrind"):
        raise Skip("valgrind is not installed")
    build = os.path.dirname(TOOL)
    tried = 0
    named = list(derived())
    for start in range(5, len(named), 25 if LONG else 200):
        # Few classes can be created so often: the next one that can.
        chosen = ((name, kind) for name, kind in named[start:start + 25] if kind and most_of(build, kind, (MANY, ))[0] >= MANY)
        name, kind = next(chosen, ("", None))
        if not kind:
            continue
        few, many = (planned(build, kind, n) for n in (FEW, MANY))
        print(f"# {name}: {few:,.0f} instructions for each of {FEW}, {many:,.0f} for each of {MANY}")
        assert many <= SAME * few, f"{name}: {few:,.0f} instructions for each of {FEW} objects, {many:,.0f} of {MANY}"
        tried += 1
    assert tried > 2


main()
