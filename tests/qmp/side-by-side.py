#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""qmp-shell, socat and libvirt use one machine at the same time, each on a monitor of its own.

qemu.qmp is no package of Debian, and libvirt starts its own machines: two clients here send what these two send.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from typing import Any, Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TIMEOUT, Machine, Skip, equal, main, test  # noqa: E402

ROUNDS = 40
STOPS = ROUNDS + 1
Message = dict[str, Any]


class Client:
    """One side of a monitor: what it receives, as messages."""

    def __init__(self, send: Callable[[bytes], Any], read: Callable[[], bytes]):
        self.write, self.read = send, read
        self.buffer = b""
        self.events: list[Message] = []
        equal(list(self.message()["QMP"]), ["version", "capabilities"])

    def message(self) -> Message:
        while b"\n" not in self.buffer:
            chunk = self.read()
            assert chunk, "the server hung up"
            self.buffer += chunk
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)

    def answer(self) -> Message:
        while "event" in (message := self.message()):
            self.events.append(message)
        return message

    def seen(self, stops: int) -> list[tuple[str, Any]]:
        """All events up to the STOP with this number."""
        while sum(event["event"] == "STOP" for event in self.events) < stops:
            self.events.append(self.message())
        return [(event["event"], event.get("data")) for event in self.events]


def connected(path: str) -> Client:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(TIMEOUT)
    connection.connect(path)
    return Client(connection.sendall, lambda: connection.recv(1 << 16))


class Shell:
    """As qmp-shell on qemu.qmp: it enables OOB, numbers its requests, ends none with a line end, and reads words."""

    def __init__(self, path: str):
        self.client = connected(path)
        self.number = 0
        self.client.write(b'{"execute": "qmp_capabilities", "arguments": {"enable": ["oob"]}}')
        equal(self.client.answer(), {"return": {}})

    def type_line(self, line: str) -> Message:
        command, *words = line.split()
        arguments: Message = {}
        for word in words:
            name, _, value = word.partition("=")
            place = arguments
            *parents, last = name.split(".")
            for parent in parents:
                place = place.setdefault(parent, {})
            place[last] = json.loads(value) if value[0] in "{[" or value.isdigit() else value
        request = {"execute": command, "arguments": arguments, "id": f"__qmp#{self.number:05d}"}
        self.number += 1
        self.client.write(json.dumps(request).encode())
        answer = self.client.answer()
        equal(answer.pop("id"), request["id"])
        return answer

    def run(self) -> None:
        commands = {row["name"] for row in self.type_line("query-commands")["return"]}
        assert {"device_add", "stop", "cont"} <= commands
        for i in range(ROUNDS):
            equal(self.type_line(f"object-add qom-type=rng-builtin id=shell{i}"), {"return": {}})
            equal(self.type_line(f"device_add driver=virtio-rng-pci id=rng{i} rng=shell{i}")["return"], {})
            equal(self.type_line(f"qom-get path=/objects/shell{i} property=type")["return"], "rng-builtin")
            equal(self.type_line("qom-get path=/none property=type")["error"]["class"], "DeviceNotFound")
            equal(self.type_line(f"device_del id=rng{i}"), {"return": {}})
            while not any(event.get("data", {}).get("device") == f"rng{i}" for event in self.client.events):
                self.type_line("query-status")
            equal(self.type_line(f"object-del id=shell{i}"), {"return": {}})


class Libvirt:
    """As libvirt: ids of its own, CR LF after each request, one request at a time."""

    def __init__(self, path: str):
        self.client = connected(path)
        self.number = 0
        equal(self.call("qmp_capabilities"), {})

    def call(self, command: str, **arguments: Any) -> Any:
        self.number += 1
        request: Message = {"execute": command, "id": f"libvirt-{self.number}"}
        if arguments:
            request["arguments"] = {name.replace("_", "-"): value for name, value in arguments.items()}
        self.client.write(json.dumps(request, separators=(",", ":")).encode() + b"\r\n")
        answer = self.client.answer()
        equal(answer["id"], request["id"])
        return answer["return"]

    def run(self) -> None:
        names = {row["name"] for row in self.call("query-commands")}
        assert {"query-cpus-fast", "query-named-block-nodes"} <= names
        for _ in range(ROUNDS):
            equal(len(self.call("query-hotpluggable-cpus")), 2)
            equal([row["cpu-index"] for row in self.call("query-cpus-fast")], [0, 1])
            self.call("qom-list", path="/machine/peripheral")
            self.call("query-block")
            equal([row["node-name"] for row in self.call("query-named-block-nodes")], ["libvirt-1-storage"])
            self.call("balloon", value=64 << 20)
            self.call("stop")
            equal(self.call("query-status")["status"], "paused")
            self.call("cont")
            equal(self.call("query-status")["status"], "running")
            self.call("query-migrate-capabilities")


class Terminal:
    """A person who types into socat: requests over several lines, mistakes, several in one line."""

    def __init__(self, path: str):
        self.socat = subprocess.Popen(["socat", "-t", str(TIMEOUT), "-", f"UNIX-CONNECT:{path}"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE)
        assert self.socat.stdin and self.socat.stdout
        into, out = self.socat.stdin.fileno(), self.socat.stdout.fileno()
        self.client = Client(lambda data: os.write(into, data), lambda: os.read(out, 1 << 16))
        self.client.write(b"{ 'execute': 'qmp_capabilities' }\n")
        equal(self.client.answer(), {"return": {}})

    def run(self) -> None:
        for i in range(ROUNDS):
            self.client.write(b"{ 'execute':\n  'qom-list',\n  'arguments': { 'path': '/' } }\n")
            assert self.client.answer()["return"]
            self.client.write(b"{ 'execute' 'stop' }\n")
            equal(self.client.answer()["error"]["class"], "GenericError")
            self.client.write(b"{ 'execute': 'quitt' } { 'execute': 'query-name', 'id': %d }\n" % i)
            equal(self.client.answer()["error"]["class"], "CommandNotFound")
            equal(self.client.answer(), {"return": {"name": "three"}, "id": i})

    def end(self) -> None:
        """Closes its input, which ends socat after the last answer."""
        assert self.socat.stdin and self.socat.stdout
        self.client.write(b"{ 'execute': 'query-uuid' }\n")
        self.socat.stdin.close()
        assert "UUID" in self.client.answer()["return"]
        equal(self.socat.stdout.read(), b"")
        equal(self.socat.wait(TIMEOUT), 0)


def run_all(*functions: Callable[[], None]) -> None:
    """Runs them at the same time; the first failure is raised."""
    failures: list[BaseException] = []

    def attempt(function: Callable[[], None]) -> None:
        try:
            function()
        except BaseException as error:      # pylint: disable=broad-except
            failures.append(error)

    threads = [threading.Thread(target=attempt, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


@test
def three_clients_do_not_disturb_each_other() -> None:
    if not shutil.which("socat"):
        raise Skip("socat is not installed")
    with tempfile.TemporaryDirectory() as directory:
        paths = [os.path.join(directory, name) for name in ("shell", "socat", "libvirt")]
        argv = [word for path in paths[:2] for word in ("-qmp", f"unix:{path},server=on,wait=off")]
        with Machine("-name", "three", "-machine", "q35", "-smp", "2", "-accel", "qtest", "-device", "pcie-root-port,id=port",
                     "-device", "pcie-pci-bridge,id=bridge,bus=port", "-device", "virtio-balloon-pci",
                     "-global", "virtio-rng-pci.bus=bridge",
                     "-blockdev", "null-co,node-name=libvirt-1-storage", *argv,
                     "-chardev", f"socket,id=charmonitor,path={paths[2]},server=on,wait=off",
                     "-mon", "chardev=charmonitor,id=monitor,mode=control") as machine:
            shell, terminal, libvirt = Shell(paths[0]), Terminal(paths[1]), Libvirt(paths[2])
            run_all(shell.run, terminal.run, libvirt.run)
            # Each sees each event once, and in the same order.
            shell.type_line("stop")
            seen = [each.client.seen(STOPS) for each in (shell, terminal, libvirt)]
            equal(seen[1:], seen[:1] * 2)
            counts = {name: sum(event == name for event, _ in seen[0]) for name in ("STOP", "RESUME", "DEVICE_DELETED")}
            equal(counts, {"STOP": STOPS, "RESUME": ROUNDS, "DEVICE_DELETED": ROUNDS})
            terminal.end()
            # The others go on.
            equal(shell.type_line("query-name"), {"return": {"name": "three"}})
            equal(libvirt.call("quit"), {})
            equal(machine.process.wait(TIMEOUT), 0)


if __name__ == "__main__":
    main()
