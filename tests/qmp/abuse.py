#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Thousands of clients that disconnect, stall or send garbage: afterwards the server's state is unchanged.

VINTAGE_LONG=1: 1 GB of random bytes, 10,000 connections of each kind, and the rate of commands by the clock too, which
takes a quiet host.
"""

import contextlib
import itertools
import os
import random
import resource
import select
import socket
import statistics
import struct
import sys
import tempfile
import time
from typing import Any, Callable, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import CHUNK, LONG, SANITIZED, Machine, Qmp, SocketQmp, equal, main, matches, test  # noqa: E402

CONNECTS = 10000 if LONG else 100 if SANITIZED else 300
RANDOM_BYTES = 1 << 30 if LONG else 1 << 20 if SANITIZED else 4 << 20
TRIES, BATCH = 2000 if LONG else 40, 20
LIMIT = 256  # clients of one server
SERVER = "unix:PATH,server=on,wait=off"

# The sanitizer keeps freed memory, which would look like growth. Disable that here.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + \
    ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0:malloc_context_size=2:detect_stack_use_after_return=0"


def descriptors(machine: Machine) -> int:
    return len(os.listdir(f"/proc/{machine.process.pid}/fd"))


def memory(machine: Machine) -> int:
    with open(f"/proc/{machine.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4


def processor_seconds(machine: Machine) -> float:
    """CPU seconds of the server: clock_getcpuclockid()."""
    return time.clock_gettime(~machine.process.pid << 3 | 2)


def settles(machine: Machine, expected: int) -> None:
    end = time.monotonic() + 60
    while descriptors(machine) != expected:
        assert time.monotonic() < end, f"{descriptors(machine)} descriptors; expected {expected}"
        time.sleep(0.005)


class ThreeMonitors(Machine):
    """Clients connect to its monitors by turns."""

    def __init__(self) -> None:
        self.more = tempfile.TemporaryDirectory()
        paths = [os.path.join(self.more.name, name) for name in ("b", "c")]
        servers = [word for path in paths for word in ("-qmp", SERVER.replace("PATH", path))]
        super().__init__("-machine", "none", *servers, qmp=SERVER)
        self.turns = itertools.cycle([self.path, *paths])

    def __exit__(self, *args: Any) -> None:
        super().__exit__(*args)
        self.more.cleanup()


def connect(machine: Machine) -> socket.socket:
    address = next(machine.turns) if isinstance(machine, ThreeMonitors) else machine.path
    while True:
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(60)
        try:
            client.connect(address)
            return client
        except BlockingIOError:  # the backlog is full
            client.close()
            time.sleep(0.001)


def greeted(machine: Machine) -> socket.socket:
    client = connect(machine)
    assert b"QMP" in client.recv(4096)
    return client


def closed_at_once(machine: Machine) -> socket.socket:
    client = connect(machine)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return client


def half_open(machine: Machine) -> socket.socket:
    client = connect(machine)
    client.sendall(b'{"execute": "qmp_capabilities"}{"execute": "query-')
    client.shutdown(socket.SHUT_WR)
    return client


def stalled(machine: Machine) -> socket.socket:
    client = connect(machine)
    client.sendall(b'{"execute": "qmp_capabilities"}' + b'{"execute": "query-qmp-schema"}' * 3)
    return client


KINDS: dict[str, tuple[Callable[[Machine], socket.socket], int]] = {
    # Number of open connections.
    "greeted": (greeted, 50), "closed at once": (closed_at_once, 0), "half-open": (half_open, 50),
    "stalled": (stalled, 20)}


def storm(machine: Machine, kind: str, n: int) -> None:
    make, at_once = KINDS[kind]
    open_clients: list[socket.socket] = []
    for _ in range(n):
        open_clients.append(make(machine))
        if len(open_clients) > at_once:
            open_clients.pop(0).close()
    for client in open_clients:
        client.close()


def noise(machine: Machine, size: int) -> None:
    random_bytes = random.Random(1)
    sent = 0
    while sent < size:
        client = connect(machine)
        client.setblocking(False)
        part, done = min(size - sent, 8 << 20), 0
        while done < part:
            chunk = random_bytes.randbytes(1 << 16)
            while chunk:
                readable, writable, _ = select.select([client], [client], [], 60)
                assert readable or writable, "the server is stuck"
                if readable:
                    assert client.recv(CHUNK), "the server hung up"
                if writable:
                    try:
                        n = client.send(chunk)
                    except BlockingIOError:
                        n = 0
                    chunk, done = chunk[n:], done + n
        client.close()
        sent += part


def cost(machine: Machine, qmp: Qmp) -> tuple[float, float]:
    """Seconds of a command, one at a time: the server's processor time, and the client's wait."""
    used, start = processor_seconds(machine), time.monotonic()
    for _ in range(BATCH):
        qmp.call("query-version")
    return (processor_seconds(machine) - used) / BATCH, (time.monotonic() - start) / BATCH


@contextlib.contextmanager
def on_one_processor(*pids: int) -> Iterator[None]:
    """To wake a process on another processor of a virtual machine takes several times as long as a command."""
    usual = os.sched_getaffinity(0)
    try:
        for pid in pids:
            os.sched_setaffinity(pid, {min(usual)})
        yield
    finally:
        for pid in pids:
            os.sched_setaffinity(pid, usual)


def rates(server: tuple[Machine, Qmp], twin: tuple[Machine, Qmp]) -> tuple[float, float]:
    """The rate of commands of @server as a part of that of @twin, by processor time and by the clock.

    Both are measured by turns, so that another load of the host slows both; the medians count.
    """
    with on_one_processor(0, server[0].process.pid, twin[0].process.pid):
        tries = [(cost(*twin), cost(*server)) for _ in range(TRIES)]
    by_processor, by_clock = (statistics.median(alone[which] / loaded[which] for alone, loaded in tries) for which in (0, 1))
    print(f"# {TRIES} times {BATCH} commands: {1 / statistics.median(alone[1] for alone, _ in tries):.0f} commands/s alone, "
          f"{1 / statistics.median(loaded[1] for _, loaded in tries):.0f} beside others")
    return by_processor, by_clock


@test
def nothing_stays_of_clients_by_the_thousand() -> None:
    with ThreeMonitors() as machine:
        resident = machine.connect().negotiate()
        base = descriptors(machine)
        for kind in KINDS:
            storm(machine, kind, 100)
        noise(machine, 1 << 20)
        resident.call("query-qmp-schema")
        settles(machine, base)
        before = memory(machine)
        for kind in KINDS:
            start = time.monotonic()
            storm(machine, kind, CONNECTS)
            settles(machine, base)
            print(f"# {CONNECTS} {kind}: {time.monotonic() - start:.1f} s, {memory(machine)} kB; {before} kB before")
        noise(machine, RANDOM_BYTES)
        settles(machine, base)
        after = memory(machine)
        print(f"# {RANDOM_BYTES >> 20} MB of random bytes: {after} kB; {before} kB before; {base} descriptors")
        assert after <= before * 1.1, f"{after} kB; {before} kB before"
        equal(resident.call("query-status")["status"], "prelaunch")
        resident.close()


@test
def sixty_four_that_hang_up_at_once_leave_room_for_others() -> None:
    for spec in (SERVER, "tcp"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        qmp = SERVER if spec == SERVER else f"tcp:127.0.0.1:{port},server=on,wait=off"
        with Machine("-machine", "none", qmp=qmp) as machine:
            address = machine.path if spec == SERVER else ("127.0.0.1", port)
            first = SocketQmp(address).negotiate()
            base = descriptors(machine)
            for _ in range(LIMIT + 64):
                client = socket.socket(socket.AF_UNIX if spec == SERVER else socket.AF_INET)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.connect(address)
                client.close()
            settles(machine, base)
            equal(first.call("query-status")["status"], "prelaunch")
            first.close()


@test
def a_hundred_idle_clients_and_a_full_server_slow_nobody_down() -> None:
    with Machine("-machine", "none", qmp=SERVER) as machine, Machine("-machine", "none", qmp=SERVER) as twin:
        qmp, only = machine.connect().negotiate(), twin.connect().negotiate()

        def compare(what: str) -> None:
            """Compares with a server that has one client."""
            by_processor, by_clock = rates((machine, qmp), (twin, only))
            print(f"# {what}: {by_processor:.1%} of the undisturbed rate by processor time, {by_clock:.1%} by the clock")
            # Few tries beside other tests vary more.
            assert by_processor >= (0.9 if LONG else 0.8) and (by_clock >= 0.9 or not LONG), (what, by_processor, by_clock)

        idle = [machine.connect().negotiate() for _ in range(100)]
        compare("100 idle clients")
        idle += [machine.connect() for _ in range(LIMIT - 101)]
        waiting = [connect(machine) for _ in range(5)]
        used = processor_seconds(machine)
        time.sleep(0.5)
        used = processor_seconds(machine) - used
        assert used < 0.03, f"{used:.3f} s of doing nothing"
        compare(f"{LIMIT} clients and 5 waiting")
        equal(select.select(waiting, [], [], 0)[0], [])
        idle.pop().close()
        assert b"QMP" in waiting[0].recv(4096)
        for client in [*idle, *waiting, only]:
            client.close()
        equal(machine.connect().negotiate().call("query-status")["status"], "prelaunch")


@test
def without_descriptors_the_server_waits_without_load() -> None:
    with Machine("-machine", "none", qmp=SERVER) as machine:
        qmp = machine.connect().negotiate()
        now = descriptors(machine)
        _, hard = resource.prlimit(machine.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(machine.process.pid, resource.RLIMIT_NOFILE, (now, hard))
        waiting = connect(machine)
        time.sleep(0.1)
        used = processor_seconds(machine)
        for _ in range(10):
            qmp.call("query-status")
            time.sleep(0.05)
        used = processor_seconds(machine) - used
        assert used < 0.05, f"{used:.3f} s"
        resource.prlimit(machine.process.pid, resource.RLIMIT_NOFILE, (now + 8, hard))
        assert b"QMP" in waiting.recv(4096)
        waiting.close()


@test
def a_request_before_negotiation_is_small() -> None:
    with Machine("-machine", "none", qmp=SERVER) as machine:
        client = machine.connect()
        before = memory(machine)
        client.send('{"execute": "query-status", "id": "')
        block = "x" * (1 << 20)
        for _ in range(63):
            client.send(block)
        matches(client.answer()["error"]["desc"], "too large")
        assert memory(machine) < before + 4096, f"{memory(machine)} kB; {before} kB before"
        client.send('"}')
        client.negotiate()
        large = "x" * (1 << 20)
        equal(client.raw('{"execute": "query-status", "id": "%s"}' % large)["id"], large)
        client.fails("query-status" + "x" * (1 << 20), {}, "CommandNotFound")
        client.close()


@test
def memory_for_a_large_request_is_given_back() -> None:
    with Machine("-machine", "none", qmp=SERVER) as machine:
        client = machine.connect().negotiate()
        client.call("query-version")
        before = memory(machine)
        for _ in range(3):
            equal(len(client.raw('{"execute": "query-status", "id": "%s"}' % ("x" * (8 << 20)))["id"]), 8 << 20)
        client.call("qom-list-types")
        for _ in range(10):
            client.call("query-qmp-schema")
        assert memory(machine) < before + 4096, f"{memory(machine)} kB; {before} kB before"
        client.close()


main()
