#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Memory, entropy, secret and thread backends, observed from a second process: the test."""

import fcntl
import json
import mmap
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import SANITIZED, Machine, Qmp, equal, main, matches, test, write_file  # noqa: E402

MIB = 1 << 20
SIZE = 6 * MIB
TIMES, BATCH = 10000, 250


def session(machine: Machine) -> Qmp:
    assert machine.qmp
    return machine.qmp.negotiate()


def add(qmp: Qmp, kind: str, id_: str = "m", **members: object) -> None:
    arguments = {key.replace("_", "-"): value for key, value in members.items()}
    qmp.call_with("object-add", {"qom-type": kind, "id": id_, **arguments})


def proc(machine: Machine, name: str) -> str:
    with open(f"/proc/{machine.process.pid}/{name}", encoding="utf-8") as file:
        return file.read()


def descriptors(machine: Machine, pattern: str = "") -> list[str]:
    """The paths of its open descriptors whose target matches."""
    directory = f"/proc/{machine.process.pid}/fd"
    found = []
    for name in os.listdir(directory):
        try:
            if re.search(pattern, os.readlink(os.path.join(directory, name))):
                found.append(os.path.join(directory, name))
        except FileNotFoundError:
            pass
    return found


def mapping(machine: Machine, pattern: str, size: int = SIZE) -> tuple[int, str]:
    """Start and mode of its one mapping of @size whose line matches."""
    found = []
    for line in proc(machine, "maps").splitlines():
        start, end = (int(word, 16) for word in line.split()[0].split("-"))
        if end - start == size and re.search(pattern, line):
            found.append((start, line.split()[1]))
    equal(len(found), 1, pattern)
    return found[0]


class Memory:
    """The properties of the process's memory at an address."""

    def __init__(self, machine: Machine):
        self.path = f"/proc/{machine.process.pid}/mem"

    def read(self, address: int, size: int) -> bytes:
        with open(self.path, "rb", buffering=0) as file:
            file.seek(address)
            return file.read(size)

    def write(self, address: int, data: bytes) -> None:
        with open(self.path, "r+b", buffering=0) as file:
            file.seek(address)
            file.write(data)


@test
def a_second_process_shares_a_memfd_and_cannot_resize_it() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        add(qmp, "memory-backend-memfd", size=SIZE)
        paths = descriptors(machine, "^/memfd:memory-backend-memfd")
        equal(len(paths), 1)
        start, mode = mapping(machine, "memfd:memory-backend-memfd")
        equal(mode, "rw-s")
        fd = os.open(paths[0], os.O_RDWR)
        equal(os.fstat(fd).st_size, SIZE)
        equal(fcntl.fcntl(fd, fcntl.F_GET_SEALS), fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
        for size in (SIZE // 2, SIZE * 2):
            try:
                os.ftruncate(fd, size)
            except PermissionError:
                continue
            raise AssertionError(f"resized to {size}")
        with mmap.mmap(fd, SIZE) as ours:
            ours[MIB:MIB + 5] = b"hello"
            equal(Memory(machine).read(start + MIB, 5), b"hello")
            Memory(machine).write(start + MIB, b"again")
            equal(ours[MIB:MIB + 5], b"again")
        os.close(fd)
        qmp.call("object-del", id="m")
        equal(descriptors(machine, "memfd"), [])
        assert "memory-backend-memfd" not in proc(machine, "maps")


@test
def a_file_is_shared_or_private_as_configured() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory, Machine("-machine", "none") as machine:
        qmp = session(machine)
        path = os.path.join(directory, "ram")
        for share, mode in ((True, "rw-s"), (False, "rw-p")):
            write_file(directory, "ram", bytes(SIZE))
            add(qmp, "memory-backend-file", size=SIZE, mem_path=path, share=share)
            start, got = mapping(machine, re.escape(path))
            equal(got, mode)
            Memory(machine).write(start + 4096, b"written")
            with open(path, "rb") as file:
                file.seek(4096)
                equal(file.read(7), b"written" if share else bytes(7))
            qmp.call("object-del", id="m")
        add(qmp, "memory-backend-file", size=SIZE, mem_path=path, readonly=True, share=True)
        equal(mapping(machine, re.escape(path))[1], "r--s")
        desc = qmp.fails("object-add", {"qom-type": "memory-backend-file", "id": "n", "size": SIZE * 2, "mem-path": path})
        matches(desc, "has 6291456 bytes; expected at least 12582912")
        equal(qmp.call("qom-get", path="/objects/m", property="rom"), "on")


@test
def prealloc_takes_the_memory_at_once() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        for prealloc, resident in ((False, 0), (True, SIZE // 1024)):
            add(qmp, "memory-backend-memfd", size=SIZE, prealloc=prealloc, **{"prealloc-threads": 2})
            start, _ = mapping(machine, "memfd")
            part = proc(machine, "smaps").split(f"{start:x}-", 1)[1]
            equal(int(re.search(r"^Rss: +(\d+) kB", part, re.MULTILINE)[1]), resident)
            qmp.call("object-del", id="m")


@test
def query_memdev_tells_of_all_memory() -> None:
    with tempfile.TemporaryDirectory() as directory, Machine(
            "-machine", "none", "-object", "memory-backend-ram,id=a,size=1M,dump=off,merge=on,prealloc=on") as machine:
        qmp = session(machine)
        add(qmp, "memory-backend-file", "b", size=MIB, mem_path=os.path.join(directory, "ram"), reserve=False)
        add(qmp, "memory-backend-memfd", "c", size=5000)
        add(qmp, "rng-builtin", "r")
        usual = {"merge": False, "dump": True, "prealloc": False, "share": False, "reserve": True, "host-nodes": [],
                 "policy": "default", "size": MIB}
        equal(qmp.call("query-memdev"), [{**usual, "id": "a", "dump": False, "merge": True, "prealloc": True},
                                         {**usual, "id": "b", "reserve": False},
                                         {**usual, "id": "c", "share": True, "size": 5000}])


@test
def query_iothreads_tells_of_threads_that_there_are() -> None:
    with Machine("-machine", "none", "-object", "iothread,id=one") as machine:
        qmp = session(machine)
        add(qmp, "iothread", "two", poll_max_ns=0, poll_grow=3, poll_shrink=2, aio_max_batch=8)
        rows = qmp.call("query-iothreads")
        tasks = os.listdir(f"/proc/{machine.process.pid}/task")
        for row in rows:
            thread = str(row.pop("thread-id"))
            assert thread in tasks, thread
            equal(proc(machine, f"task/{thread}/comm"), f"IO {row['id']}\n")
        equal(rows, [{"id": "one", "poll-max-ns": 32768, "poll-grow": 2, "poll-shrink": 2, "aio-max-batch": 0},
                     {"id": "two", "poll-max-ns": 0, "poll-grow": 3, "poll-shrink": 2, "aio-max-batch": 8}])
        qmp.call("object-del", id="one")
        equal([row["id"] for row in qmp.call("query-iothreads")], ["two"])


@test
def a_failure_takes_nothing_and_says_why_in_a_line() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        before = len(descriptors(machine))
        for arguments in ({"qom-type": "memory-backend-file", "size": MIB, "mem-path": "/nowhere/file"},
                          {"qom-type": "memory-backend-memfd", "size": 1 << 62},
                          {"qom-type": "memory-backend-ram", "size": 1 << 62, "share": True},
                          {"qom-type": "rng-random", "filename": "/nowhere"},
                          {"qom-type": "secret", "file": "/nowhere"}):
            assert "\n" not in qmp.fails("object-add", {**arguments, "id": "x"})
            qmp.call_with("object-add", {"qom-type": "rng-builtin", "id": "x"})
            qmp.call("object-del", id="x")
        equal(len(descriptors(machine)), before)


def churn(qmp: Qmp, arguments: dict) -> None:
    """Creates and deletes it many times, with pipelined requests."""
    text = json.dumps({"execute": "object-add", "arguments": {**arguments, "id": "x"}}) \
        + json.dumps({"execute": "object-del", "arguments": {"id": "x"}})
    for _ in range(BATCH // 10):
        qmp.send(text * 10)
        for _ in range(20):
            answer = qmp.answer()
            equal(answer, {"return": {}})


@test
def ten_thousand_of_each_leave_nothing_behind() -> None:
    kinds = [{"qom-type": "memory-backend-ram", "size": 65536, "prealloc": True},
             {"qom-type": "memory-backend-memfd", "size": 65536},
             {"qom-type": "memory-backend-file", "size": 65536, "mem-path": "/dev/shm"},
             {"qom-type": "rng-random"}, {"qom-type": "rng-builtin"}, {"qom-type": "iothread"},
             {"qom-type": "secret", "data": "letmein"}]
    times = TIMES // 10 if SANITIZED else TIMES
    for kind in kinds:
        with Machine("-machine", "none") as machine:
            qmp = session(machine)

            def held() -> tuple[int, int, int]:
                resident = re.search(r"^RssAnon:\s+(\d+) kB", proc(machine, "status"), re.MULTILINE)
                return (len(descriptors(machine)), len(os.listdir(f"/proc/{machine.process.pid}/task")),
                        int(resident[1]) if resident and not SANITIZED else 0)

            churn(qmp, kind)
            before = held()
            for _ in range(times // BATCH):
                churn(qmp, kind)
            after = held()
            equal(after[0], before[0], str(kind))
            assert after[1] <= before[1] + 1, (kind, before, after)
            assert after[2] <= before[2] + 512, (kind, before, after)


main()
