# SPDX-License-Identifier: MIT
"""Paths and addresses on which a careless open would block for ever, and a watch on the main loop of a program."""

import json
import os
import pty
import socket
import time
from contextlib import contextmanager, suppress
from typing import Any, Iterator

from vintage_test import SANITIZED, Machine, write_file

BOUND = 6.0 if SANITIZED else 2.0
WAIT = 0.1                  # a second client that waits longer is counted
ADDRESSES = ("SocketAddress", "SocketAddressLegacy")


@contextmanager
def obstacles(directory: str) -> Iterator[tuple[dict[str, str], dict[str, dict]]]:
    """The paths and addresses by name.  'missing', 'loop' and 'directory' fail at once."""
    paths = {name: os.path.join(directory, name) for name in ("lonely-pipe", "read-pipe", "written-pipe", "huge")}
    for name in ("lonely-pipe", "read-pipe", "written-pipe"):
        os.mkfifo(paths[name])
    ends = [os.open(paths[name], os.O_RDWR) for name in ("read-pipe", "written-pipe")]
    os.set_blocking(ends[0], False)
    with suppress(BlockingIOError):
        while os.write(ends[0], bytes(4096)):       # its reader reads nothing
            pass
    with open(paths["huge"], "wb") as file:
        file.truncate(1 << 40)
    master, slave = pty.openpty()
    paths.update({"terminal": os.ttyname(slave), "zero": "/dev/zero", "full": "/dev/full",
                  **{name: os.path.join(directory, name) for name in ("backlog", "missing", "loop")}, "directory": directory})
    os.symlink("loop", paths["loop"])
    with socket.socket(socket.AF_UNIX) as unix, socket.socket() as inet:
        unix.bind(os.path.join(directory, "backlog"))
        inet.bind(("127.0.0.1", 0))
        waiting = []
        for listener in (unix, inet):
            listener.listen(0)
            for _ in range(4):
                client = socket.socket(listener.family)
                client.setblocking(False)
                client.connect_ex(listener.getsockname())
                waiting.append(client)
        yield paths, {"full backlog": {"type": "unix", "path": unix.getsockname()},
                      "silent host": {"type": "inet", "host": "127.0.0.1", "port": str(inet.getsockname()[1])}}
        for client in waiting:
            client.close()
    for fd in (*ends, master, slave):
        os.close(fd)


@contextmanager
def stuck_program(directory: str) -> Iterator[str]:
    """A program that runs until the end of the context."""
    path = write_file(directory, "stuck", '#!/bin/sh\nwhile [ -e "$0.lock" ]; do sleep 0.05; done\n')
    lock = write_file(directory, "stuck.lock", "")
    os.chmod(path, 0o700)
    try:
        yield path
    finally:
        os.remove(lock)


def make_pipes_of_keys(directory: str) -> str:
    """A directory in which the files of TLS credentials are pipes."""
    pipes = os.path.join(directory, "pipes")
    os.mkdir(pipes)
    for name in ("keys.psk", "ca-cert.pem", "ca-crl.pem", "server-cert.pem", "server-key.pem", "dh-params.pem"):
        os.mkfifo(os.path.join(pipes, name))
    return pipes


def legacy(address: dict) -> dict:
    return {"type": address["type"], "data": {name: value for name, value in address.items() if name != "type"}}


class Watch:
    """Two clients of @machine: the second gets its replies while the first one's commands run."""

    def __init__(self, machine: Machine):
        self.machine = machine
        self.first, self.second = machine.connect().negotiate(), machine.connect().negotiate()
        self.calls = 0
        self.slowest = 0.0
        self.waits: list[str] = []      # commands that kept the second client waiting for more than WAIT

    def call(self, line: str) -> dict:
        """The reply to the first client; it and the reply to the second one arrive in time."""
        begin = self.ask(line)
        answer = self.first.answer()
        self.check(line, begin)
        return answer

    def call_with(self, command: str, arguments: dict) -> dict:
        return self.call(json.dumps({"execute": command, "arguments": arguments}) + "\n")

    def ask_with(self, command: str, arguments: dict) -> None:
        """The second client gets a reply; the first one's may come later."""
        self.ask(json.dumps({"execute": command, "arguments": arguments}) + "\n")

    def ask(self, line: str) -> float:
        begin = time.monotonic()
        self.calls += 1
        self.first.send(line)
        time.sleep(0.002)
        self.second.call("query-version")
        took = self.check(line, begin)
        self.slowest = max(self.slowest, took)
        if took > WAIT:
            self.waits.append(f"{took * 1000:.0f} ms: {line.strip()}")
        return begin

    @staticmethod
    def check(line: str, begin: float) -> float:
        took = time.monotonic() - begin
        assert took <= BOUND, f"{line.strip()} kept others waiting for {took:.1f} s"
        return took

    def report(self) -> str:
        return (f"{self.calls} commands; the longest kept the second client waiting for {self.slowest * 1000:.0f} ms, "
                f"{len(self.waits)} for more than {WAIT * 1000:.0f} ms" + "".join(f"\n#   {line[:200]}" for line in self.waits))


def plain(value: Any, directory: str) -> Any:
    """@value with the placeholders of tests/lib/samples.py replaced."""
    return json.loads(json.dumps(value).replace("$DIR", directory).replace("$N", "1"))
