#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Time from start to the first QMP reply, and peak memory; beside a floor, and QEMU where it is installed.

The goals are times on a machine on which the floor starts in FLOOR ms.  Where it takes longer, they are longer.  What
options add has a better measure than the floor: the time that they add to QEMU.
"""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from goals import Goals  # noqa: E402

BUILD = sys.argv[1]
LOAD = os.path.join(BUILD, "tests", "bench", "load-qmp")
FLOOR_PROGRAM = [os.path.join(BUILD, "tests", "bench", "floor-qmp"), "connect", "{}"]
OURS = [os.path.join(BUILD, "vintage-vm"), "--platform-version", "7.2", "-S", "-qmp", "unix:{}"]
BACKENDS = [os.path.join(BUILD, "vintage-backends"), "--platform-version", "7.2", "-qmp", "unix:{}"]
QEMU = shutil.which("qemu-system-x86_64")
FLOOR = 0.9         # ms
ROUNDS, RIVAL_ROUNDS = 25, 3
RIVAL_TIME = 2000   # ms for each row with a difference of two starts
NONE = ["-machine", "none"]
RNG = ["-object", "rng-random,id=r"]


def place(i: int) -> str:
    """A function of slots 3 and up of pcie.0."""
    return f"addr={3 + i // 8:x}.{i % 8:x}" + (",multifunction=on" if i % 8 == 0 else "")


def many(option: str, value: str) -> list[str]:
    return [word for i in range(1000) for word in (option, value.replace("{i}", str(i)))]


DEVICES = ["-machine", "pc-q35-7.2", *RNG] + [
    word for i in range(128) for word in ("-device", f"virtio-rng-pci,rng=r,{place(i)}")]
PORTS = ["-machine", "pc-q35-7.2", *RNG] + [
    word for i in range(128) for word in ("-device", f"pcie-root-port,id=p{i},chassis=1,slot={i},{place(i)}",
                                          "-device", f"virtio-rng-pci,rng=r,bus=p{i}")]
CASES = (       # name, options, ms, MiB
    ("-machine none", NONE, 2, 6),
    ("q35, 128 virtio-rng-pci", DEVICES, 10, None),
    ("q35, 128 root ports with virtio-rng-pci", PORTS, 10, None),
)
ADDED = (       # what the options add to the start of -machine none; ms, and those that they add to QEMU there
    ("1,000 rng-builtin", many("-object", "rng-builtin,id=o{i}"), 1, 7.5),
    ("1,000 memory-backend-ram of 4 KiB", many("-object", "memory-backend-ram,id=o{i},size=4096"), 20, 1661),
)


def start(rounds: int, *programs: list[str]) -> list[tuple[float, float, float]]:
    """For each: milliseconds of the fastest start, those of the processor in a start, and MiB.  The programs alternate."""
    words = [word for program in programs for word in (*program, "--")][:-1]
    done = subprocess.run([LOAD, "start", str(rounds), *words], text=True, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    lines = [[float(word) for word in line.split()] for line in done.stdout.splitlines()]
    return [(best / 1e6, processor / 1e6, kib / 1024) for _, best, processor, kib in lines]


def qemu(options: list[str]) -> list[str]:
    return [QEMU or "", "-nodefaults", "-display", "none", "-S", "-accel", "tcg", "-qmp", "unix:{}", *options]


def rival(options: list[str]) -> tuple[float, float] | None:
    if not QEMU:
        return None
    (best, _, peak), = start(RIVAL_ROUNDS, qemu(options))
    return best, peak


def added_to_rival(options: list[str], about: float) -> float | None:
    """Milliseconds.  @about: the same on another machine; more rounds if it is short, as the difference is then small."""
    if not QEMU:
        return None
    (base, _, _), (best, _, _) = start(max(RIVAL_ROUNDS, int(RIVAL_TIME / (100 + about))), qemu(NONE), qemu([*NONE, *options]))
    return best - base


def main() -> int:
    goals = Goals()
    for name, options, ms, mib in CASES:
        (floor, _, least), (mine, _, peak) = start(ROUNDS, FLOOR_PROGRAM, [*OURS, *options])
        theirs = rival(options)
        times, sizes = ({"QEMU": theirs[0]}, {"QEMU": theirs[1]}) if theirs else ({}, {})
        goals.row(f"start to first reply, {name}", mine, "ms", ms, slower=floor / FLOOR, digits=2, floor=floor, **times)
        goals.row(f"peak memory, {name}", peak, "MiB", mib, clock=False, floor=least, **sizes)
    for name, options, ms, qemu_ms in ADDED:
        (floor, _, _), (base, _, _), (mine, _, _) = start(ROUNDS, FLOOR_PROGRAM, [*OURS, *NONE], [*OURS, *NONE, *options])
        added = added_to_rival(options, qemu_ms)
        goals.row(f"start, added by {name}", mine - base, "ms", ms, slower=added / qemu_ms if added else floor / FLOOR,
                  digits=2, **({"QEMU": added} if added else {}))
    (floor, _, least), (mine, _, peak) = start(ROUNDS, FLOOR_PROGRAM, BACKENDS)
    goals.row("start to first reply, vintage-backends", mine, "ms", 1.5, slower=floor / FLOOR, digits=2, floor=floor)
    goals.row("peak memory, vintage-backends", peak, "MiB", 4, clock=False, floor=least)
    return goals.end()


sys.exit(main())
