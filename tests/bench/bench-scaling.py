#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Instructions per object for 10 to 10,000 objects of every kind.  With names after the build directory: these kinds.

The first table has kinds of objects, places and commands.  The second has every class of the schema that users can create:
10, 100 and 1,000 objects, and 10,000 of every STEP-th class and of those that grow; of all with VINTAGE_LONG=1.  A class of
which a VM cannot have many is listed with the error that refuses more.
"""

import collections
import os
import re
import resource
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from planner import Planner  # noqa: E402
from scaling import COMMANDS, PLANNED, STARTED, Kind, over_qmp, planned, started  # noqa: E402
from scaling_schema import derived, most_of  # noqa: E402

SIZES = tuple(int(size) for size in os.environ.get("VINTAGE_SIZES", "10 100 1000 10000").split())
GROWTH = 1.3    # at the most, from 100 objects on
SAME = 1.1      # of a class of the schema; a class that grows more is in GROWING
ALL, FEW, MANY = (10, 100, 1000), 100, 10000
STEP = 16
LONG = bool(os.environ.get("VINTAGE_LONG"))
# Classes that grow, and why.
GROWING: dict[str, str] = {}


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


@dataclass
class Row:
    """Of a class: instructions per object by the number of objects."""

    name: str
    most: int = 0
    error: str = ""     # that refuses more than @most
    per: dict[int, float] = field(default_factory=dict)

    def growth(self) -> float:
        return self.per[max(self.per)] / self.per[FEW] if FEW in self.per else 0


class Planners:
    """One for each thread."""

    def __init__(self, build: str) -> None:
        self.build = build
        self.own = threading.local()
        self.all: list[Planner] = []

    def get(self) -> Planner:
        if not hasattr(self.own, "planner"):
            self.own.planner = Planner(self.build)
            self.all.append(self.own.planner)
        return self.own.planner

    def end(self) -> None:
        for planner in self.all:
            planner.end()


def class_row(planners: Planners, name: str, kind: Kind | None, sampled: bool) -> Row:
    if not kind:
        return Row(name, error="no machine of the table of places has its bus")
    planner, build = planners.get(), planners.build
    row = Row(name, *most_of(build, kind, (*ALL, 1)))
    try:
        row.per = {size: planner.planned(kind, size) for size in ALL if size <= row.most and row.most >= FEW}
        if row.most == ALL[-1] and (LONG or sampled or row.growth() > SAME) and most_of(build, kind, (MANY,))[0]:
            row.per[MANY] = planner.planned(kind, MANY)
    except (RuntimeError, subprocess.TimeoutExpired) as refusal:
        row.error = str(refusal)
        row.per = {}
    return row


def class_line(row: Row) -> bool:
    growth = row.growth()
    grows = growth > SAME
    cells = [f"{row.per[size]:>11,.0f}" if size in row.per else " " * 11 for size in (*ALL, MANY)]
    reason = f"  {GROWING.get(row.name, f'above {SAME}')}" if grows else ""
    print(f"class    {row.name:<52}" + "".join(cells) + f"  {growth:5.2f}{reason}", flush=True)
    return not grows or row.name in GROWING


def classes(build: str, wanted: list[str]) -> bool:
    """Fails if the cost of a class grows."""
    refused: dict[str, list[str]] = collections.defaultdict(list)
    chosen = [(name, kind) for name, kind in derived() if not wanted or name in wanted or "class" in wanted]
    good, n = True, 0
    planners = Planners(build)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for row in pool.map(lambda item: class_row(planners, *item[1], not item[0] % STEP), enumerate(chosen)):
            if row.per:
                good &= class_line(row)
                n += 1
            else:
                refused[re.sub(r"'[^']*'|\d+", "…", row.error.rsplit(": ", 1)[-1])].append(f"{row.name} ({row.most})")
    planners.end()
    for error, names in sorted(refused.items()):
        print(f"few      {error}: {len(names)} classes: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}")
    print(f"{n} of {len(chosen)} classes can be created {FEW} times and more")
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
