#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Commands out of band: they do not wait for commands that were sent before them."""

import json
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Qmp, Skip, equal, main, test  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
WAITING = 8         # commands without an answer with which the session still reads others


class Engine(Machine):
    def __init__(self) -> None:
        if not QEMU:
            raise Skip("qemu-system-x86_64 is not installed")
        super().__init__("-engine", "qemu", "-machine", "none", "-display", "none", qmp="unix:PATH,server=on,wait=off")


def with_oob(client: Qmp) -> Qmp:
    client.call("qmp_capabilities", enable=["oob"])
    return client


def send(client: Qmp, name: str, number: int, oob: bool = False, **arguments: Any) -> None:
    key = "exec-oob" if oob else "execute"
    client.send(json.dumps({key: name, "id": number, **({"arguments": arguments} if arguments else {})}))


@test
def a_client_enables_it() -> None:
    with Machine("-machine", "none", "-engine", "none", qmp="unix:PATH,server=on,wait=off") as vm:
        plain = vm.connect().negotiate()
        plain.send('{"exec-oob": "query-engine"}')
        equal(plain.answer()["error"]["desc"], "QMP input member 'exec-oob' is unexpected")
        client = with_oob(vm.connect())
        send(client, "query-engine", 1, oob=True)
        equal(client.answer()["return"]["state"], "none")
        send(client, "query-version", 2, oob=True)
        equal(client.answer(), {"error": {"class": "GenericError", "desc": "The command query-version does not support OOB"},
                                "id": 2})
        send(client, "nothing", 3, oob=True)
        equal(client.answer()["error"]["class"], "CommandNotFound")
        client.send('{"exec-oob": "query-engine", "execute": "query-engine"}')
        equal(client.answer()["error"]["desc"], "QMP input member 'exec-oob' clashes with 'execute'")
        client.send('{"exec-oob": 1}')
        equal(client.answer()["error"]["desc"], "QMP input member 'exec-oob' must be a string")
        equal(client.call("query-engine")["state"], "none")


@test
def a_command_does_not_wait_for_others() -> None:
    """an engine that does not answer delays commands in the order of arrival only"""
    with Engine() as vm:
        client = with_oob(vm.connect())
        pid = client.call("query-engine")["pid"]
        os.kill(pid, signal.SIGSTOP)
        try:
            for number in range(WAITING):
                send(client, "query-status", number)
            send(client, "query-engine", 100, oob=True)
            equal(client.answer()["id"], 100)
            client.send("{'exec-oob': 'query-engine', 'id': 102}")
            equal(client.answer()["id"], 102)
            # One more that waits: the session reads no further.
            send(client, "query-status", WAITING)
            send(client, "query-engine", 101, oob=True)
        finally:
            os.kill(pid, signal.SIGCONT)
        answers = [client.answer() for _ in range(WAITING + 2)]
        equal([answer["id"] for answer in answers if answer["id"] < 100], list(range(WAITING + 1)))
        equal({answer["id"] for answer in answers if answer["id"] >= 100}, {101})
        assert all("return" in answer for answer in answers), answers


def export(connection: socket.socket, size: int) -> None:
    """The negotiation of an NBD server: each option but GO is unknown."""
    connection.sendall(b"NBDMAGICIHAVEOPT" + struct.pack(">H", 3))
    connection.recv(4, socket.MSG_WAITALL)
    option = 0
    while option != 7:
        _, option, length = struct.unpack(">8sII", connection.recv(16, socket.MSG_WAITALL))
        connection.recv(length, socket.MSG_WAITALL)
        answers = [(3, struct.pack(">HQH", 0, size, 1)), (1, b"")] if option == 7 else [(1 << 31 | 1, b"")]
        for kind, data in answers:
            connection.sendall(struct.pack(">QIII", 0x3e889045565a9, option, kind, len(data)) + data)


@test
def the_engine_runs_commands_out_of_band() -> None:
    """yank ends the wait for a disk that does not answer"""
    with Engine() as vm, tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as silent:
        path = os.path.join(directory, "silent")
        silent.bind(path)
        silent.listen()
        client, other = with_oob(vm.connect()), with_oob(vm.connect())
        send(client, "blockdev-add", 1, driver="qcow2", **{"node-name": "q", "file": {
            "driver": "nbd", "node-name": "n", "server": {"type": "unix", "path": path}}})
        connection = silent.accept()[0]
        export(connection, 1 << 20)
        for number in range(20):
            send(other, "query-status", number)
        connection.recv(28, socket.MSG_WAITALL)
        # The engine waits for the image's header.
        answers: dict[int, Any] = {}
        number = 1
        while 1 not in answers:
            number += 1
            assert number < 1000, answers
            time.sleep(0.01)
            send(client, "yank", number, oob=True, instances=[{"type": "block-node", "node-name": "n"}])
            while number not in answers:
                answer = client.answer()
                answers[answer["id"]] = answer
        assert "error" in answers[1], answers
        connection.close()
        equal([other.answer()["id"] for _ in range(20)], list(range(20)))
        # The engine's answer to a command that has no such form.
        send(client, "query-status", 3, oob=True)
        equal(client.answer()["error"]["desc"], "The command query-status does not support OOB")


@test
def what_waits_is_dropped_with_its_client() -> None:
    with Engine() as vm:
        client = with_oob(vm.connect())
        pid = client.call("query-engine")["pid"]
        os.kill(pid, signal.SIGSTOP)
        for number in range(WAITING):
            send(client, "query-status", number)
        send(client, "yank", 100, oob=True, instances=[])
        client.close()
        os.kill(pid, signal.SIGCONT)
        equal(vm.connect().negotiate().call("query-engine")["state"], "running")


main()
