#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Slow commands (name lookups, preallocation) do not delay replies to other clients."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from namespace import enter_namespace, is_inside, raise_loopback  # noqa: E402
from vintage_test import Machine, Skip, equal, main, matches, test  # noqa: E402

NAME_TAKES = 0.3        # seconds
SIZE = 256 << 20


def request(command: str, arguments: dict[str, Any]) -> str:
    return json.dumps({"execute": command, "arguments": arguments}) + "\n"


@contextmanager
def slow_resolver() -> Iterator[None]:
    """A name server that refuses each query after a delay."""
    if not is_inside():
        raise Skip("no namespace of our own")
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    with tempfile.TemporaryDirectory() as directory:
        for name, text in (("resolv.conf", "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n"),
                           ("nsswitch.conf", "hosts: files dns\n"), ("hosts", "127.0.0.1 localhost\n")):
            path = os.path.join(directory, name)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            if subprocess.run(["mount", "--bind", path, f"/etc/{name}"], capture_output=True, check=False).returncode:
                raise Skip(f"/etc/{name} can't be replaced")

        def serve() -> None:
            while True:
                try:
                    question, who = server.recvfrom(512)
                except OSError:
                    return
                answer = question[:2] + b"\x81\x83" + question[4:12] + question[12:]     # no such name
                threading.Timer(NAME_TAKES, server.sendto, (answer, who)).start()

        threading.Thread(target=serve, daemon=True).start()
        yield
        for name in ("resolv.conf", "nsswitch.conf", "hosts"):
            subprocess.run(["umount", f"/etc/{name}"], check=False)


def late(first: Any, second: Any, text: str) -> tuple[dict, int, float]:
    """The first client's reply, the number of the second client's replies meanwhile, and the slowest of those."""
    answers, slowest = 0, 0.0
    first.send(text)
    end = time.monotonic() + 20
    os.set_blocking(first.fd_in, False)
    while time.monotonic() < end:
        begin = time.monotonic()
        second.call("query-version")
        slowest = max(slowest, time.monotonic() - begin)
        answers += 1
        try:
            first.buffer += os.read(first.fd_in, 1 << 16)
        except BlockingIOError:
            continue
        break
    os.set_blocking(first.fd_in, True)
    return first.answer(), answers, slowest


@test
def a_name_that_takes_long_delays_no_other_client() -> None:
    address = {"host": "slow.example", "port": "1234"}
    legacy = {"type": "inet", "data": address}
    with slow_resolver(), Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
        first, second = machine.connect().negotiate(), machine.connect().negotiate()
        tried = [("chardev-add", {"id": "x", "backend": {"type": "socket", "data": {"addr": legacy, "server": server}}})
                 for server in (True, False)]
        tried.append(("chardev-add", {"id": "x", "backend": {"type": "udp", "data": {"remote": legacy}}}))
        tried.append(("chardev-add", {"id": "x", "backend": {"type": "udp", "data": {
            "remote": {"type": "inet", "data": {"host": "127.0.0.1", "port": "9"}}, "local": legacy}}}))
        inet = {"type": "inet", **address}
        tried.append(("netdev_add", {"type": "stream", "id": "x", "addr": inet, "server": True}))
        for remote, local in ((inet, {**inet, "host": "127.0.0.1"}), ({**inet, "host": "127.0.0.1"}, inet)):
            tried.append(("netdev_add", {"type": "dgram", "id": "x", "remote": remote, "local": local}))
        for command, arguments in tried:
            answer, answers, slowest = late(first, second, request(command, arguments))
            matches(answer["error"]["desc"], "host 'slow.example', port '1234' cannot be resolved")
            assert answers > 10 and slowest < NAME_TAKES / 2, f"{arguments}: {answers} answers, one after {slowest:.3f} s"
        print(f"# {len(tried)} ways to name a host")


def memory(directory: str, **more: Any) -> dict[str, Any]:
    return {"qom-type": "memory-backend-file", "id": "m", "size": SIZE, "share": True, "prealloc": True,
            "mem-path": os.path.join(directory, "memory"), **more}


@test
def pages_that_are_taken_ahead_delay_no_other_client() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory, \
            Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
        first, second = machine.connect().negotiate(), machine.connect().negotiate()
        for arguments in (memory(directory), {"qom-type": "memory-backend-ram", "id": "m", "size": SIZE, "prealloc": True},
                          {"qom-type": "memory-backend-memfd", "id": "m", "size": SIZE, "prealloc": True}):
            answer, answers, slowest = late(first, second, request("object-add", arguments))
            equal(answer, {"return": {}})
            assert answers > 3, f"{arguments}: {answers} answers, one after {slowest:.3f} s"
            equal([one["id"] for one in second.call("query-memdev")], ["m"])
            second.call("object-del", id="m")
        # A later request of the same client is executed after it.
        equal(os.path.getsize(os.path.join(directory, "memory")), SIZE)
        first.send(request("object-add", memory(directory)) + request("object-del", {"id": "m"}))
        equal([first.answer(), first.answer()], [{"return": {}}, {"return": {}}])


@test
def who_leaves_before_the_answer_leaves_nothing_behind() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory, \
            Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
        second = machine.connect().negotiate()
        before = len(os.listdir(f"/proc/{machine.process.pid}/fd"))
        for _ in range(5):
            first = machine.connect().negotiate()
            first.send(request("object-add", memory(directory)))
            second.call("query-version")
            first.close()
        end = time.monotonic() + 10
        while (len(os.listdir(f"/proc/{machine.process.pid}/fd")) > before or os.listdir(directory)) \
                and time.monotonic() < end:
            for one in second.call("query-memdev"):
                second.call("object-del", id=one["id"])
                Path(directory, "memory").unlink(missing_ok=True)
            time.sleep(0.05)
        equal(len(os.listdir(f"/proc/{machine.process.pid}/fd")), before)
        equal(os.listdir(directory), [])
        # The exit of the process does not wait for the preallocation, and removes the file.
        first = machine.connect().negotiate()
        first.send(request("object-add", memory(directory)))
        second.send('{"execute": "quit"}\n')
        equal(machine.end()[0], 0)
        assert not os.listdir(directory) or os.path.getsize(os.path.join(directory, "memory")) == SIZE


if __name__ == "__main__":
    enter_namespace()
    if is_inside():
        raise_loopback()
    main()
