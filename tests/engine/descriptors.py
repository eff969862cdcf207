#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Descriptors of clients: they reach the engine with the command that comes with them, and none stays here."""

import array
import json
import os
import shutil
import socket
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Skip, SocketQmp, equal, main, test  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
SERVERS = ("-qmp", "-mon")

class Engine(Machine):
    """@server: the option of the monitor."""

    def __init__(self, server: str, *more: str, fds: tuple[int, ...] = ()):
        if not QEMU:
            raise Skip("qemu-system-x86_64 is not installed")
        argv = ["-engine", "qemu", "-machine", "pc-q35-7.2", "-nodefaults", "-display", "none", "-S", *more]
        if server == "-qmp":
            super().__init__(*argv, qmp="unix:PATH,server=on,wait=off", fds=fds)
            return
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("")           # the kernel chooses a name
            listener.listen()
            number = listener.fileno()
            super().__init__(*argv, "-chardev", f"socket,id=c,fd={number},server=on,wait=off",
                             "-mon", "chardev=c,mode=control", qmp=None, fds=(number,))
            self.path = listener.getsockname()

    def client(self) -> SocketQmp:
        client = SocketQmp(self.path.decode() if isinstance(self.path, bytes) else self.path)
        client.negotiate()
        return client

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

def call(client: SocketQmp, command: str, arguments: dict[str, Any], *files: int) -> Any:
    """The value of a command that comes with @files."""
    text = json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n"
    client.socket.sendmsg([text], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))] if files else [])
    return client.answer()["return"]

def is_closed(read: int) -> bool:
    """Whether no process has the other end of a pipe."""
    os.set_blocking(read, False)
    try:
        return os.read(read, 1) == b""
    except BlockingIOError:
        return False

@test
def a_descriptor_reaches_the_engine() -> None:
    """getfd, closefd and add-fd, with both kinds of monitor"""
    for server in SERVERS:
        with Engine(server) as vm:
            client = vm.client()
            before = vm.open_files()
            read, write = os.pipe()
            call(client, "getfd", {"fdname": "p"}, write)
            os.close(write)
            equal(vm.open_files(), before, server)
            equal(is_closed(read), False, server)
            call(client, "closefd", {"fdname": "p"})
            equal(is_closed(read), True, server)
            os.close(read)
            with open(os.devnull, "rb") as file:
                number = call(client, "add-fd", {"fdset-id": 3, "opaque": "null"}, file.fileno())["fd"]
            equal([(entry["fdset-id"], entry["fds"]) for entry in client.call("query-fdsets")],
                  [(3, [{"fd": number, "opaque": "null"}])], server)
            equal(vm.open_files(), before, server)
            client.close()

@test
def an_object_of_the_engine_takes_a_descriptor_by_name() -> None:
    with Engine("-qmp") as vm:
        client = vm.client()
        ours, theirs = socket.socketpair()
        call(client, "getfd", {"fdname": "s"}, theirs.fileno())
        theirs.close()
        call(client, "chardev-add", {"id": "c", "backend": {"type": "socket", "data": {
            "addr": {"type": "fd", "data": {"str": "s"}}, "server": False}}})
        call(client, "chardev-remove", {"id": "c"})
        ours.settimeout(60)
        equal(ours.recv(1), b"")
        ours.close()

@test
def a_command_without_descriptor_fails() -> None:
    with Engine("-qmp") as vm:
        vm.client().fails("getfd", {"fdname": "p"}, pattern="SCM_RIGHTS")

@test
def descriptors_that_no_command_takes_are_closed() -> None:
    with Engine("-qmp") as vm:
        client = vm.client()
        before = vm.open_files()
        ends = []
        for _ in range(5):
            read, write = os.pipe()
            # This program answers, so that the descriptor is for a later command, or until other ones arrive.
            call(client, "query-engine", {}, write)
            os.close(write)
            ends.append(read)
        equal([is_closed(read) for read in ends], [True] * 4 + [False])
        equal(vm.open_files(), before + 1)
        client.close()
        other = vm.client()

        other.call("query-engine")
        equal(is_closed(ends[-1]), True)
        for read in ends:
            os.close(read)

@test
def the_engine_inherits_what_the_command_line_names() -> None:
    """-add-fd, and all descriptors if a client names one later"""
    with open(os.devnull, "rb") as file:
        number = file.fileno()
        for option, value, inherited in (("-add-fd", f"fd={number},set=2", True), ("-incoming", "defer", True),
                                         ("-boot", "strict=on", False)):
            with Engine("-qmp", option, value, fds=(number,)) as vm:
                pid = vm.client().call("query-engine")["pid"]
                files = {os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd") if int(name) > 2}
                equal(os.devnull in files, inherited, option)


main()
