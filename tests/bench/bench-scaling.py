#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Instructions per object for 10 to 10,000 objects of every kind.  With names after the build directory: these kinds."""

import os
import subprocess
import sys
from typing import Any, Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scaling import COMMANDS, PLANNED, STARTED, over_qmp, planned, started  # noqa: E402

SIZES = tuple(int(size) for size in os.environ.get("VINTAGE_SIZES", "10 100 1000 10000").split())
GROWTH = 1.3    # at the most, from 100 objects on


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


def main() -> int:
    build, wanted = sys.argv[1], sys.argv[2:]
    print(f"{'how':<8} {'kind':<52}" + "".join(f"{size:>11,}" for size in SIZES) + "  growth")
    good = [line(build, how, measure, kind)
            for how, measure, kinds in (("check", planned, PLANNED), ("start", started, STARTED), ("QMP", over_qmp, COMMANDS))
            for kind in kinds if not wanted or f"{how}:{kind.name}" in wanted or how in wanted]
    return 0 if all(good) else 1


sys.exit(main())
