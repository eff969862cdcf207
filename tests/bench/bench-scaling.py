#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Instructions per object for 10 to 10,000 objects of every kind.  With names after the build directory: these kinds.

The first table has kinds of objects, places and commands.  The second has every class of the schema that users can create;
it is measured by processor time, and again by instructions where that grows.  A class of which a VM cannot have many is
listed with the error that refuses more.
"""

import collections
import dataclasses
import os
import re
import resource
import subprocess
import sys
from typing import Any, Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scaling import COMMANDS, PLANNED, STARTED, Kind, over_qmp, planned, started  # noqa: E402
from scaling_schema import derived, microseconds, most_of  # noqa: E402

SIZES = tuple(int(size) for size in os.environ.get("VINTAGE_SIZES", "10 100 1000 10000").split())
GROWTH = 1.3    # at the most, from 100 objects on
UNSURE = 2.0    # growth of processor time above which instructions decide
FEW = 300       # fewer objects take too little time to compare


def line(build: str, how: str, measure: Callable[[str, Any, int], float], kind: Any) -> bool:
    """Fails if the cost grows, or could not be measured."""
    sizes = sorted({min(size, kind.most) for size in SIZES})
    try:
        per = {size: measure(build, kind, size) for size in sizes}
    except (RuntimeError, subprocess.TimeoutExpired) as refusal:
        print(f"{how:<8} {kind.name:<52}  {refusal}", flush=True)
        return False
    base = per.get(100, per[sizes[0]])
    growth = per[sizes[-1]] / base
    grows = growth > GROWTH
    print(f"{how:<8} {kind.name:<52}" + "".join(f"{per[size]:>11,.0f}" for size in sizes)
          + " " * (11 * (len(SIZES) - len(sizes))) + f"  {growth:5.2f}" + (f"  above {GROWTH}" if grows else ""), flush=True)
    return not grows


def class_line(build: str, name: str, kind: Kind, refused: dict[str, list[str]]) -> bool:
    most, error = most_of(build, kind, (*SIZES, 1))
    if most < FEW:
        refused[re.sub(r"'[^']*'|\d+", "…", error.rsplit(": ", 1)[-1])].append(f"{name} ({most})")
        return True
    few, many = microseconds(build, kind, most // 10), microseconds(build, kind, most)
    print(f"class    {name:<52}{most // 10:>7,}: {few:8.1f} us{most:>9,}: {many:8.1f} us", flush=True)
    return many < UNSURE * few or line(build, "class", planned, dataclasses.replace(kind, most=most))


def classes(build: str, wanted: list[str]) -> bool:
    """Fails if the cost of a class grows."""
    refused: dict[str, list[str]] = collections.defaultdict(list)
    good = True
    for name, kind in derived():
        if wanted and name not in wanted and "class" not in wanted:
            continue
        if kind:
            good &= class_line(build, name, kind, refused)
        else:
            refused["no machine of the table of places has its bus"].append(name)
    for error, names in sorted(refused.items()):
        print(f"few      {error}: {len(names)} classes: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}")
    return good


def main() -> int:
    build, wanted = sys.argv[1], sys.argv[2:]
    # Room for the arguments of 10,000 objects.
    resource.setrlimit(resource.RLIMIT_STACK, (64 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    print(f"{'how':<8} {'kind':<52}" + "".join(f"{size:>11,}" for size in SIZES) + "  growth")
    good = [line(build, how, measure, kind)
            for how, measure, kinds in (("check", planned, PLANNED), ("start", started, STARTED), ("QMP", over_qmp, COMMANDS))
            for kind in kinds if not wanted or f"{how}:{kind.name}" in wanted or how in wanted]
    good.append(classes(build, [name.removeprefix("class:") for name in wanted]))
    return 0 if all(good) else 1


sys.exit(main())
