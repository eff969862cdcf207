#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What one virtio-net-pci costs, from JSON text to settled and freed again, on an old and on a new machine."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from goals import Goals  # noqa: E402

MACHINES = ("pc-q35-2.4", "pc-q35-11.1")
COUNT = 10000
LIMIT = 2.0     # percent


def instructions(program: str, machine: str, count: int) -> int:
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/out", program, machine,
                               str(count)], capture_output=True, text=True, check=True)
        found = re.search(r"Collected : (\d+)", done.stderr)
        assert found, done.stderr
        return int(found[1])


def main() -> int:
    goals = Goals()
    build = sys.argv[1]
    program = os.path.join(build, "tests", "bench", "bench-object")
    for machine in MACHINES:
        best = min(float(subprocess.run([program, machine, str(COUNT)], capture_output=True, text=True,
                                        check=True).stdout) for _ in range(5))
        goals.row(f"virtio-net-pci on {machine}", best, "ns an object", None, digits=0)
    if not shutil.which("valgrind"):
        print("instructions: not counted, there is no valgrind")
        return goals.end()
    # The difference of two runs excludes the startup of the program and of the context.
    each = [(instructions(program, machine, COUNT + 1000) - instructions(program, machine, 1000)) / COUNT
            for machine in MACHINES]
    for machine, count in zip(MACHINES, each):
        goals.row(f"virtio-net-pci on {machine}", count, "instructions an object", None, digits=0)
    # The newer machine may have additional derived values, so the difference may be negative.
    goals.row("cost of age", 100.0 * (each[0] - each[1]) / each[1], "%", LIMIT, clock=False, digits=2)
    return goals.end()


sys.exit(main())
