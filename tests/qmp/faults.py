#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each accept, read, write and poll of the QMP server fails in each way; afterwards the state is unchanged."""

import errno
import mmap
import os
import struct
import sys
import tempfile
import time
from typing import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, Machine, SocketQmp, equal, main, test  # noqa: E402

SHIM = os.path.join(BUILD, "tests", "fault", "libfault.so")
ACCEPT, READ, SEND, POLL, EPOLL_WAIT, EPOLL_CTL = range(1, 7)
SHORT = 0
KINDS = {
    ACCEPT: (errno.ECONNABORTED, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EINTR, errno.EAGAIN,
             errno.EPROTO, errno.EPERM),
    READ: (errno.EINTR, errno.EAGAIN, errno.ECONNRESET, errno.ENOMEM, errno.EIO, errno.ETIMEDOUT),
    SEND: (errno.EINTR, errno.EAGAIN, errno.ECONNRESET, errno.EPIPE, errno.ENOMEM, errno.ENOBUFS, SHORT),
    POLL: (errno.EINTR,),
    EPOLL_WAIT: (errno.EINTR,),
    EPOLL_CTL: (errno.ENOMEM, errno.ENOSPC, errno.EPERM),
}
# Failures that the client does not notice.
HARMLESS = {(call, number) for call in (ACCEPT, EPOLL_CTL) for number in KINDS[call]} | \
    {(call, number) for call in KINDS for number in (errno.EINTR, errno.EAGAIN)} | {(SEND, SHORT)}


def cases() -> Iterator[tuple[int, int, int]]:
    for call, numbers in KINDS.items():
        for number in numbers:
            for countdown in range(1, 2 if call == ACCEPT else 5):
                yield call, number, countdown


def descriptors(machine: Machine) -> int:
    return len(os.listdir(f"/proc/{machine.process.pid}/fd"))


def memory(machine: Machine) -> int:
    with open(f"/proc/{machine.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4


def settles(machine: Machine, expected: int) -> None:
    end = time.monotonic() + 20
    while descriptors(machine) != expected:
        assert time.monotonic() < end, f"{descriptors(machine)} descriptors; expected {expected}"
        time.sleep(0.002)


def visit(path: str) -> None:
    """All actions of a client, with a reply that exceeds the socket buffer."""
    client = SocketQmp(path)
    try:
        client.negotiate()
        client.call("query-version")
        client.call("query-qmp-schema")
    finally:
        client.close()


@test
def each_failure_harms_one_session_at_most() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "plan")
        with open(path, "wb") as file:
            file.write(bytes(4096))
        os.environ["LD_PRELOAD"], os.environ["VT_FAULT"] = SHIM, path
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + \
            ":verify_asan_link_order=0:quarantine_size_mb=0:thread_local_quarantine_size_kb=0:malloc_context_size=2" + \
            ":detect_stack_use_after_return=0"
        try:
            machine = Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off")
        finally:
            del os.environ["LD_PRELOAD"]
        with machine, open(path, "r+b") as file, mmap.mmap(file.fileno(), 4096) as plan:
            for _ in range(20):
                visit(machine.path)
            resident = machine.connect().negotiate()
            before, start = descriptors(machine), memory(machine)
            hits = 0
            for call, number, countdown in cases():
                what = f"call {call}, {errno.errorcode.get(number, 'short')}, number {countdown}"
                plan[:16] = struct.pack("iiii", call, countdown, number, 0)
                try:
                    visit(machine.path)
                except (OSError, EOFError):
                    assert (call, number) not in HARMLESS, what
                settled = struct.unpack("iiii", plan[:16])
                plan[:4] = bytes(4)
                hits += settled[3]
                settles(machine, before)
                visit(machine.path)
                settles(machine, before)
            equal(resident.call("query-status")["status"], "prelaunch")
            print(f"# {hits} failures")
            assert hits >= 50, f"{hits} failures only"
            assert memory(machine) <= start * 1.1, f"{memory(machine)} kB; {start} kB before"
            resident.close()


main()
