#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What vintage-vm adds to the QEMU that it runs: time and memory of a start, time of a relayed command, the probe."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from goals import Goals  # noqa: E402

BUILD = sys.argv[1]
LOAD = os.path.join(BUILD, "tests", "bench", "load-qmp")
VINTAGE, VINTAGE_VM = os.path.join(BUILD, "vintage"), os.path.join(BUILD, "vintage-vm")
QEMU = shutil.which("qemu-system-x86_64")
ROUNDS, CALLS, TRIES = 15, 3000, 3
PLATFORM = ["--platform-version", "7.2"]
VM = ["-machine", "pc-q35-7.2", "-nodefaults", "-display", "none", "-m", "64",
      "-blockdev", "null-co,node-name=d,size=1048576", "-device", "virtio-blk-pci,id=disk,drive=d",
      "-netdev", "user,id=n", "-device", "virtio-net-pci,id=net,netdev=n,mac=52:54:00:12:34:56",
      "-object", "rng-random,id=r", "-device", "virtio-rng-pci,id=rng,rng=r", "-device", "virtio-balloon-pci,id=balloon",
      "-device", "virtio-serial-pci,id=ports", "-device", "qemu-xhci,id=usb", "-device", "usb-tablet,id=tablet"]


def load(*words: str) -> list[list[float]]:
    """A line of numbers for each program."""
    done = subprocess.run([LOAD, *words], text=True, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def start(goals: Goals, alone: list[str], with_us: list[str]) -> None:
    """The programs alternate; the fastest start of each counts."""
    qmp = ["-qmp", "unix:{}"]
    (_, theirs, _, _), (_, ours, _, kib) = load("start", str(ROUNDS), *alone, *qmp, "--", *with_us, *qmp)
    goals.row("start: added to QEMU's own, eight devices", (ours - theirs) / 1e6, "ms", 15, QEMU=theirs / 1e6)
    goals.row("memory: peak of vintage-vm beside QEMU", kib / 1024, "MiB", 8, clock=False)


def relay(goals: Goals, alone: list[str], with_us: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        paths = [os.path.join(directory, name) for name in ("alone", "relay")]
        processes = [subprocess.Popen([*words, "-qmp", f"unix:{path},server=on,wait=off"], stdout=subprocess.DEVNULL)
                     for words, path in zip((alone, with_us), paths)]
        try:
            while not all(map(os.path.exists, paths)):
                time.sleep(0.01)
            runs = [load("each", str(CALLS), *paths, "--", '{"execute": "query-status"}') for _ in range(TRIES)]
            theirs, ours = (min(run[i][0] for run in runs) / 1e3 for i in range(2))
            goals.row("relay: added to a command, median", ours - theirs, "us", 50, QEMU=theirs)
        finally:
            for process in processes:
                process.kill()
                process.wait()


def run_ms(*words: str) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        before = time.monotonic()
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        best = min(best, 1e3 * (time.monotonic() - before))
    return best


def probe(goals: Goals) -> None:
    """A command that reads what a QEMU can do, and one that does not."""
    none = ["--", *PLATFORM, "-machine", "none"]
    goals.row("probe: hit of the cache", run_ms(VINTAGE, "argv", *none) - run_ms(VINTAGE, "resolve", "--json", *none), "ms", 5,
              digits=2)


def main() -> int:
    goals = Goals()
    if not QEMU:
        print("qemu-system-x86_64 is not installed")
        return 0
    done = subprocess.run([VINTAGE, "argv", "--json", "--", *PLATFORM, *VM], text=True, check=True, stdout=subprocess.PIPE)
    alone = [*json.loads(done.stdout)["argv"], "-S"]
    with_us = [VINTAGE_VM, *PLATFORM, "-engine", "qemu", *VM, "-S"]
    start(goals, alone, with_us)
    relay(goals, alone, with_us)
    probe(goals)
    return goals.end()


sys.exit(main())
