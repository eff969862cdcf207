#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Time to parse and resolve a command line of 1,000 and of 10,000 devices: processor time of 'vintage check', without that of
what the devices need.  Ten times as many devices take ten times as long, and at most GROWTH times that.
"""

import os
import resource
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from goals import Goals  # noqa: E402
from scaling import PLANNED, Kind, command_line  # noqa: E402

BUILD = sys.argv[1]
KINDS = ("disk", "SCSI disk, lun given", "USB", "behind root ports")
FEW, ROUNDS, GROWTH = 1000, 5, 1.3


def spent(kind: Kind, n: int, given: int) -> float:
    """Milliseconds of the processor of the fastest run. @given: how many of @n devices are on the command line."""
    argv = [os.path.join(BUILD, "vintage"), "check", "--", *command_line("", kind, n, given)[1:]]
    best = float("inf")
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(argv, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best * 1000


def main() -> int:
    # Room for the arguments of 10,000 devices.
    resource.setrlimit(resource.RLIMIT_STACK, (64 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    goals = Goals()
    for kind in (each for each in PLANNED if each.name in KINDS):
        many = min(kind.most, 10 * FEW)
        few, all_of_them = (spent(kind, n, n) - spent(kind, n, 0) for n in (FEW, many))
        goals.row(f"check of {FEW:,} devices: {kind.name}", few, "ms", None)
        goals.row(f"check of {many:,} devices: {kind.name}", all_of_them, "ms", GROWTH, of="linear_growth",
                  linear_growth=few * many / FEW)
    return goals.end()


sys.exit(main())
