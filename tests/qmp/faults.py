#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each accept, read, write and poll of the QMP server fails in each way; afterwards the state is unchanged."""

import errno
import os
import sys
import time
from typing import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from faults import ACCEPT, EPOLL_CTL, EPOLL_WAIT, POLL, READ, SEND, faulty  # noqa: E402
from vintage_test import Machine, SocketQmp, equal, main, test  # noqa: E402

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
    with faulty("-machine", "none", qmp="unix:PATH,server=on,wait=off") as (machine, plan):
        for _ in range(20):
            visit(machine.path)
        resident = machine.connect().negotiate()
        before, start = descriptors(machine), memory(machine)
        hits = 0
        for call, number, countdown in cases():
            what = f"call {call}, {errno.errorcode.get(number, 'short')}, number {countdown}"
            plan.set(call, countdown, number)
            try:
                visit(machine.path)
            except (OSError, EOFError):
                assert (call, number) not in HARMLESS, what
            hits += plan.end()
            settles(machine, before)
            visit(machine.path)
            settles(machine, before)
        equal(resident.call("query-status")["status"], "prelaunch")
        print(f"# {hits} failures")
        assert hits >= 50, f"{hits} failures only"
        assert memory(machine) <= start * 1.1, f"{memory(machine)} kB; {start} kB before"
        resident.close()


main()
