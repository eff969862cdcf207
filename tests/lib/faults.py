# SPDX-License-Identifier: MIT
"""A machine with a system call that fails or waits: tests/fault/fault.c."""

import contextlib
import mmap
import os
import struct
import tempfile
import time
from typing import Any, Iterator

from vintage_test import BUILD, Machine

SHIM = os.path.join(BUILD, "tests", "fault", "libfault.so")
ACCEPT, READ, SEND, POLL, EPOLL_WAIT, EPOLL_CTL, TRUNCATE, POPULATE = range(1, 9)
WAITS = -1      # in place of an errno: the call waits until there is one
SIZE = 4096
PATIENCE = 10   # seconds


class Plan:
    """The call that is next: it has an errno, or waits for one."""

    def __init__(self, memory: mmap.mmap):
        self.memory = memory

    def set(self, call: int, countdown: int, number: int) -> None:
        self.memory[:16] = struct.pack("iiii", call, countdown, number, 0)

    def hits(self) -> int:
        """How many calls fail, or wait."""
        return int(struct.unpack("iiii", self.memory[:16])[3])

    def end(self) -> int:
        """Returns the hits.  A call that waits continues, and does not fail; its thread may be slow to reach it."""
        deadline = time.monotonic() + PATIENCE
        while struct.unpack("iiii", self.memory[:16])[2] == WAITS and not self.hits() and time.monotonic() < deadline:
            time.sleep(0.001)
        hits = self.hits()
        self.memory[:12] = bytes(12)
        return hits


@contextlib.contextmanager
def plan_of_environment() -> Iterator[Plan]:
    """Programs that start in this context have the plan."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "plan")
        with open(path, "wb") as made:
            made.write(bytes(SIZE))
        before = dict(os.environ)
        os.environ["LD_PRELOAD"], os.environ["VT_FAULT"] = SHIM, path
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + \
            ":verify_asan_link_order=0:quarantine_size_mb=0:thread_local_quarantine_size_kb=0:malloc_context_size=2" + \
            ":detect_stack_use_after_return=0"
        try:
            with open(path, "r+b") as file, mmap.mmap(file.fileno(), SIZE) as memory:
                yield Plan(memory)
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextlib.contextmanager
def faulty(*argv: str, program: type[Machine] = Machine, **options: Any) -> Iterator[tuple[Machine, Plan]]:
    with plan_of_environment() as plan:
        with program(*argv, **options) as machine:
            yield machine, plan
