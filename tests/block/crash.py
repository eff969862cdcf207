#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Flushed data survives a crash, with each I/O engine."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, LONG, SANITIZED, Skip, equal, main, matches, run, test, tool_json, write_file  # noqa: E402

PROGRAM = os.path.join(BUILD, "tests", "bench", "bench-block")
SIZE = 4 << 20
TIMES = 8 if LONG else 2 if SANITIZED else 4


def node(path: str, **options: object) -> str:
    return json.dumps({"driver": "raw", "node-name": "node",
                       "file": {"driver": "file", "filename": path, **options}})


def crash(text: str, seed: int, moment: float) -> int:
    """Kills a process that stamps blocks. Returns the last stamp that it reported as flushed."""
    with subprocess.Popen([PROGRAM, text, "stamp", str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        first = process.stdout.readline()
        time.sleep(moment)
        process.kill()
        rest, errors = process.communicate()
        equal((process.returncode, errors), (-9, b""))
    # The last line may be incomplete.
    return [int(line) for line in (first + rest).split(b"\n")[:-1]][-1]


def check(text: str, seed: int, stamp: int) -> str:
    done = run(PROGRAM, text, "check", str(seed), str(stamp))
    equal((done.returncode, done.stderr), (0, ""), done.stdout)
    return done.stdout


def survive(**options: object) -> None:
    chance = random.Random(3)
    stamps = 0
    with tempfile.TemporaryDirectory() as directory:
        for seed in range(TIMES):
            path = write_file(directory, f"disk{seed}", b"")
            os.truncate(path, SIZE)
            stamp = crash(node(path, **options), seed, chance.random() * 0.25)
            stamps += stamp
            matches(check(node(path, **options), seed, stamp), rf"\A{stamp} stamps flushed")
            # Reads the data through another engine.
            check(node(path, **{"aio": "threads", "read-only": False}), seed, stamp)
    print(f"# {TIMES} crashes, {stamps} stamps flushed")


@test
def threads_keep_what_was_flushed() -> None:
    survive(aio="threads")


@test
def linux_aio_keeps_what_was_flushed() -> None:
    survive(aio="native", cache={"direct": True})


@test
def io_uring_keeps_what_was_flushed() -> None:
    hosts = {row["feature"]: row["host"] for row in tool_json("platform", "probe", "--json")}
    if hosts["io-uring"] != "yes":
        raise Skip("this host has no io_uring")
    survive(aio="io_uring")


@contextmanager
def loop_device(path: str) -> Iterator[str]:
    done = subprocess.run(["losetup", "--find", "--show", path], capture_output=True, text=True, check=False) \
        if shutil.which("losetup") else None
    if not done or done.returncode:
        raise Skip("no block device can be made here")
    try:
        yield done.stdout.strip()
    finally:
        subprocess.run(["losetup", "--detach", done.stdout.strip()], check=False)


@test
def a_disk_of_the_host_keeps_what_was_flushed() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "disk", b"")
        os.truncate(path, SIZE)
        with loop_device(path) as device:
            for direct in (False, True):
                text = json.dumps({"driver": "host_device", "node-name": "node", "filename": device, "aio": "threads",
                                   "cache": {"direct": direct}})
                seed = 10 + direct
                stamp = crash(text, seed, 0.2)
                matches(check(text, seed, stamp), rf"\A{stamp} stamps flushed")
                with open(device, "wb") as file:
                    file.write(bytes(SIZE))


@test
def what_is_not_there_is_found() -> None:
    """The check detects a disk that lost a block."""
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "disk", b"")
        os.truncate(path, SIZE)
        stamp = crash(node(path, aio="threads"), 1, 0.1)
        with open(path, "r+b") as file:
            for block in range(SIZE // 4096):
                file.seek(block * 4096)
                if file.read(8) != bytes(8):
                    file.seek(block * 4096 + 512)
                    file.write(bytes(512))
                    break
        done = run(PROGRAM, node(path, aio="threads"), "check", "1", str(stamp))
        equal(done.returncode, 1, done.stdout)
        matches(done.stdout, r"\Ablock \d+ has stamp")


if __name__ == "__main__":
    main()
