#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""QMP: single commands, pipelined commands, large requests and replies; beside a floor, and QEMU where it is installed."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from goals import Goals  # noqa: E402

BUILD = sys.argv[1]
QEMU = shutil.which("qemu-system-x86_64")
LOAD = os.path.join(BUILD, "tests", "bench", "load-qmp")
TIMEOUT = 300
TRIES = 5
CONSTANT = 50       # us that the floor took to write the schema, on the machine of the goals


def request(command: str, arguments: dict | None = None, **members: object) -> str:
    return json.dumps({"execute": command, **({"arguments": arguments} if arguments else {}), **members})


STATUS = request("query-status")
SCHEMA = request("query-qmp-schema")
PAIR = [request("object-add", {"qom-type": "rng-builtin", "id": "t"}), request("object-del", {"id": "t"})]
TYPES = [request("qom-list-types")]
MACHINES = request("query-machines", {"compat-props": True})


@dataclass
class Time:
    """Of a sequence of requests, in microseconds; @bytes of replies."""

    median: float
    best: float
    processor: float
    bytes: int
    slowest: float = 0.0    # processor, of the slowest of several runs


def load(mode: str, count: int, paths: list[str], requests: list[str]) -> list[list[float]]:
    """A line of numbers for each server."""
    done = subprocess.run([LOAD, mode, str(count), *paths, "--", *requests], text=True, check=True, stdout=subprocess.PIPE,
                          timeout=TIMEOUT)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def each(count: int, paths: list[str], *requests: str, tries: int = TRIES) -> list[Time]:
    """The best of several runs: other load only adds time.  Time.slowest is of the slowest run."""
    runs = [[Time(median / 1e3, best / 1e3, processor / 1e3, int(size))
             for median, best, processor, size in load("each", count, paths, list(requests))] for _ in range(tries)]
    return [Time(min(run.median for run in column), min(run.best for run in column),
                 min(run.processor for run in column), column[0].bytes, max(run.processor for run in column))
            for column in zip(*runs)]


def heap(count: int, paths: list[str], tries: int = TRIES) -> list[float]:
    """Requests a second."""
    return [max(column) for column in zip(*([rate for rate, in load("heap", count, paths, [STATUS])]
                                            for _ in range(tries)))]


@contextlib.contextmanager
def server(directory: str, name: str, *argv: str) -> Iterator[str]:
    """A running program that listens at the path it yields; {} in @argv is the path."""
    path = os.path.join(directory, name)
    with subprocess.Popen([word.replace("{}", path) for word in argv], stdin=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            yield path
        finally:
            process.terminate()


def measure(goals: Goals, floor: str, ours: str, qemu: str) -> None:
    both = [floor, ours]

    def rival(count: int, *requests: str) -> dict[str, float]:
        return {"QEMU": each(count, [qemu], *requests, tries=1)[0].median} if qemu else {}

    for name, size, count, ratio, rival_count in (("query-status", 0, 2000, 1.3, 300), ("1 kB request", 1000, 1000, 2, 20),
                                                  ("100 kB request", 100000, 100, 2, 1)):
        text = STATUS if not size else request("query-status", id="x" * size)
        floor_time, mine = each(count, both, text)
        goals.row(f"{name}, median", mine.median, "us", ratio, of="floor", floor=floor_time.median, **rival(rival_count, text))
    least, mine = heap(100000, both)
    goals.row("query-status, pipelined", mine, "a second", 300000, at_least=True, digits=0, floor=least,
              **({"QEMU": heap(2000, [qemu], 1)[0]} if qemu else {}))
    # The floor answers it with as many bytes.
    floor_time, mine = each(200, both, SCHEMA)
    goals.row(f"query-qmp-schema, {mine.bytes:,} bytes, median", mine.median, "us", 100, floor=floor_time.median,
              slower=floor_time.median / CONSTANT, **rival(5, SCHEMA))
    # From the wake-up by the request until the server sleeps again: without the client, and with the kernel's copy.
    goals.row("query-qmp-schema, processor time of the server", mine.processor, "us", 1.3, of="floor",
              floor=floor_time.processor)
    goals.row(f"query-qmp-schema, processor time of the server, slowest of {TRIES} runs", mine.slowest, "us", 100,
              slower=floor_time.slowest / CONSTANT, floor=floor_time.slowest)
    floor_time, mine = each(1000, both, *PAIR)
    goals.row("object-add and object-del of rng-builtin, pairs", 1e6 / mine.processor, "a second of the server's processor",
              20000, at_least=True, digits=0, floor=1e6 / floor_time.processor)
    # Two requests and replies: the time of the client, and two changes of the process.
    goals.row("object-add and object-del of rng-builtin, pairs", 1e6 / mine.median, "a second", None, digits=0,
              floor=1e6 / floor_time.median, **{who: 1e6 / time for who, time in rival(100, *PAIR).items()})
    mine, = each(5, [ours], MACHINES)
    goals.row(f"query-machines with compat-props, {mine.bytes:,} bytes, processor time of the server", mine.processor / 1e3,
              "ms", 50)
    (first, last), = load("peak", 20, [ours], TYPES)
    goals.row("qom-list-types, memory that 20 of them leave", last - first, "KiB", 1024, clock=False, digits=0)


def main() -> int:
    goals = Goals()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        ours = stack.enter_context(server(directory, "ours", os.path.join(BUILD, "vintage-vm"), "-machine", "none", "-S",
                                          "--platform-version", "7.2", "-qmp", "unix:{},server=on,wait=off"))
        size = each(1, [ours], SCHEMA, tries=1)[0].bytes
        floor = stack.enter_context(server(directory, "floor", os.path.join(BUILD, "tests", "bench", "floor-qmp"), "listen",
                                           "{}", str(size - len('{"return": ""}\r\n'))))
        qemu = stack.enter_context(server(directory, "qemu", QEMU, "-machine", "none", "-S", "-nodefaults", "-display",
                                          "none", "-accel", "tcg", "-qmp", "unix:{},server=on,wait=off")) if QEMU else ""
        measure(goals, floor, ours, qemu)
    return goals.end()


sys.exit(main())
