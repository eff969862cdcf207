#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Time and memory of 'vintage platform intersect' and 'plan' over 10,000 and 100,000 host files.

Ten times as many hosts take ten times as long, and at most GROWTH times that; the memory stays below 64 MiB.
"""

import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from goals import Goals  # noqa: E402

TOOL = os.path.join(sys.argv[1], "vintage")
FEW, MANY, GROWTH, MIB = 10_000, 100_000, 1.3, 64
VM = ["--", "-machine", "pc-q35-9.0", "-object", "sev-guest,id=s,cbitpos=51,reduced-phys-bits=1"]


def write_hosts(directory: str) -> None:
    chance = random.Random(1)
    host = os.path.join(directory, "host")
    subprocess.run([TOOL, "platform", "probe", "-o", host], check=True)
    with open(host, encoding="utf-8") as file:
        info = json.load(file)
    for number in range(MANY):
        for row in info["features"]:
            row["host"] = "yes" if chance.random() < 0.9999 else "no"
        info["name"] = f"node{number}"
        place = os.path.join(directory, "few" if number < FEW else "more")
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"{number}.json"), "w", encoding="utf-8") as file:
            json.dump(info, file, indent=2)


def spent(*argv: str) -> tuple[float, float]:
    """Seconds of the processor, and MiB."""
    with subprocess.Popen([TOOL, "platform", *argv], stdout=subprocess.DEVNULL) as process:
        usage = os.wait4(process.pid, 0)[2]
        process.returncode = 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> int:
    goals = Goals()
    with tempfile.TemporaryDirectory() as directory:
        write_hosts(directory)
        places = os.path.join(directory, "few"), os.path.join(directory, "more")
        for name, few, many in (("intersect", ["intersect", places[0]], ["intersect", *places]),
                                ("plan", ["plan", "--hosts", places[0], *VM],
                                 ["plan", "--hosts", places[0], "--hosts", places[1], *VM])):
            little, _ = spent(*few)
            long, memory = spent(*many)
            goals.row(f"{name} of {FEW:,} hosts", little, "s", None)
            goals.row(f"{name} of {MANY:,} hosts", long, "s", GROWTH, of="linear_growth",
                      linear_growth=little * MANY / FEW)
            goals.row(f"{name} of {MANY:,} hosts: memory", memory, "MiB", MIB, clock=False)
    return goals.end()


sys.exit(main())
