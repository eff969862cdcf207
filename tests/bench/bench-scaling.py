#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Instructions per object for 10 to 10,000 objects of every kind.  With names after the build directory: these kinds.

The first table has kinds of objects, places and commands.  The second has every class of the schema that users can create:
10, 100 and 300 objects, 1,000 of every STEP-th class and of those that grow, and 10,000 of every FAR-th class; all of all
with VINTAGE_LONG=1.  A class of which a VM cannot have many is listed with the error that refuses more.
"""

import collections
import functools
import os
import re
import resource
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from planner import Planner  # noqa: E402
from scaling import COMMANDS, PLANNED, STARTED, Commands, Kind, over_qmp, started  # noqa: E402
from scaling_schema import derived, most_of  # noqa: E402

SIZES = tuple(int(size) for size in os.environ.get("VINTAGE_SIZES", "10 100 1000 10000").split())
GROWTH = 1.3    # at the most, from 100 objects on
SAME = 1.1      # of a class of the schema; a class that grows more is in GROWING
FEW = 100
ALL, MORE = (10, FEW, 300), (1000, 10000)       # of every class; of some
STEP, FAR = 16, 64
LONG = bool(os.environ.get("VINTAGE_LONG"))
# Classes that grow, and why.
GROWING: dict[str, str] = {}


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
    """One for each thread: its start takes longer than most counts."""

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


def line(how: str, measure: Callable[[int], float], name: str, most: int) -> tuple[str, bool]:
    """A line of the first table, and whether the cost was measured and does not grow."""
    sizes = sorted({min(size, most) for size in SIZES})
    try:
        per = {size: measure(size) for size in sizes}
    except (RuntimeError, subprocess.TimeoutExpired) as refusal:
        return f"{how:<8} {name:<52}  {refusal}", False
    base = per.get(FEW, per[sizes[0]])
    growth = per[sizes[-1]] / base
    grows = growth > GROWTH
    return (f"{how:<8} {name:<52}" + "".join(f"{per[size]:>11,.0f}" for size in sizes)
            + " " * (11 * (len(SIZES) - len(sizes))) + f"  {growth:5.2f}" + (f"  above {GROWTH}" if grows else ""), not grows)


def lines(planners: Planners, pool: ThreadPoolExecutor, wanted: list[str]) -> bool:
    """Fails if the cost of a kind grows."""
    def planned(kind: Kind, size: int) -> float:
        return planners.get().planned(kind, size)

    def begun(kind: Kind, size: int) -> float:
        return started(planners.build, kind, size)

    def told(kind: Commands, size: int) -> float:
        return over_qmp(planners.build, kind, size)

    chosen = [(how, functools.partial(measure, kind), kind.name, kind.most)
              for how, measure, kinds in (("check", planned, PLANNED), ("start", begun, STARTED), ("QMP", told, COMMANDS))
              for kind in kinds if not wanted or f"{how}:{kind.name}" in wanted or how in wanted]
    good = True
    for text, ok in pool.map(lambda one: line(*one), chosen):
        print(text, flush=True)
        good &= ok
    return good


def class_row(planners: Planners, name: str, kind: Kind | None, index: int) -> Row:
    if not kind:
        return Row(name, error="no machine of the table of places has its bus")
    planner, build = planners.get(), planners.build
    row = Row(name, *most_of(build, kind, (*ALL, 1)))
    try:
        row.per = {size: planner.planned(kind, size) for size in ALL if size <= row.most and row.most >= FEW}
        for size, step in zip(MORE, (STEP, FAR)):
            if row.most == ALL[-1] and (LONG or not index % step or row.growth() > SAME) and most_of(build, kind, (size,))[0]:
                row.per[size] = planner.planned(kind, size)
    except (RuntimeError, subprocess.TimeoutExpired) as refusal:
        row.error = str(refusal)
        row.per = {}
    return row


def class_line(row: Row) -> bool:
    growth = row.growth()
    grows = growth > SAME
    cells = [f"{row.per[size]:>11,.0f}" if size in row.per else " " * 11 for size in (*ALL, *MORE)]
    reason = f"  {GROWING.get(row.name, f'above {SAME}')}" if grows else ""
    print(f"class    {row.name:<52}" + "".join(cells) + f"  {growth:5.2f}{reason}", flush=True)
    return not grows or row.name in GROWING


def classes(planners: Planners, pool: ThreadPoolExecutor, wanted: list[str]) -> bool:
    """Fails if the cost of a class grows."""
    refused: dict[str, list[str]] = collections.defaultdict(list)
    chosen = [(name, kind) for name, kind in derived() if not wanted or name in wanted or "class" in wanted]
    good, n = True, 0
    if chosen:
        print(f"{'':<8} {'class':<52}" + "".join(f"{size:>11,}" for size in (*ALL, *MORE)) + "  growth")
    for row in pool.map(lambda item: class_row(planners, *item[1], item[0]), enumerate(chosen)):
        if row.per:
            good &= class_line(row)
            n += 1
        else:
            refused[re.sub(r"'[^']*'|\d+", "…", row.error.rsplit(": ", 1)[-1])].append(f"{row.name} ({row.most})")
    for error, names in sorted(refused.items()):
        print(f"few      {error}: {len(names)} classes: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}")
    if chosen:
        print(f"{n} of {len(chosen)} classes can be created {FEW} times and more")
    return good


def main() -> int:
    build, wanted = sys.argv[1], sys.argv[2:]
    # Room for the arguments of 10,000 objects.
    resource.setrlimit(resource.RLIMIT_STACK, (64 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    print(f"{'how':<8} {'kind':<52}" + "".join(f"{size:>11,}" for size in SIZES) + "  growth")
    planners = Planners(build)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        good = lines(planners, pool, wanted)
        good &= classes(planners, pool, [name.removeprefix("class:") for name in wanted])
    planners.end()
    return 0 if good else 1


sys.exit(main())
