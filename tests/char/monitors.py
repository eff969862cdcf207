#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""QMP over character devices: several clients at once, each with a session of its own."""

import json
import os
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, CHUNK, VM, Machine, Qmp, SocketQmp, equal, main, run, test  # noqa: E402


class Backends(Machine):
    program = os.path.join(BUILD, "vintage-backends")


def monitors(directory: str, n: int, more: str = "") -> list[str]:
    argv = []
    for index in range(n):
        argv += ["-chardev", f"socket,id=c{index},path={directory}/c{index},server=on,wait=off",
                 "-mon", f"chardev=c{index},mode=control{more}"]
    return argv


@test
def each_client_negotiates_for_itself_and_all_get_events() -> None:
    with tempfile.TemporaryDirectory() as directory, \
            Machine("-machine", "none", *monitors(directory, 3)) as machine:
        machine.qmp.negotiate()
        clients = [SocketQmp(f"{directory}/c{index}") for index in range(3)]
        clients[0].negotiate()
        clients[1].fails("query-status", {}, "CommandNotFound", "negotiation")
        clients[1].negotiate()
        clients[1].call("stop")
        equal([event["event"] for event in clients[1].events], ["STOP"])
        clients[1].events.clear()
        for client in (machine.qmp, clients[0]):
            client.event("STOP")
        # A client that has not negotiated receives no events.
        clients[2].negotiate()
        equal(clients[2].events, [])
        equal(clients[2].call("query-status")["status"], "paused")
        for _ in range(100):
            for client in clients:
                equal(client.call("query-status")["status"], "paused")
        clients[0].call("cont")
        for client in (machine.qmp, clients[1], clients[2]):
            client.event("RESUME")
        clients[2].call("quit")
        for client in (machine.qmp, clients[1], clients[2]):
            equal(client.event("SHUTDOWN")["data"]["reason"], "host-qmp-quit")
        equal(machine.process.wait(20), 0)


@test
def who_comes_back_is_greeted_anew() -> None:
    with tempfile.TemporaryDirectory() as directory, \
            Machine("-machine", "none", *monitors(directory, 1)) as machine:
        machine.qmp.negotiate()
        for text in ("", '{"execute": "qmp_capabilities"}{"exec', '{"execute": "qmp_capabilities"}' * 2):
            client = SocketQmp(f"{directory}/c0")
            equal(client.greeting["QMP"]["capabilities"], ["oob"])
            client.send(text)
            client.close()
        # The next client waits until the previous one has disconnected.
        first = SocketQmp(f"{directory}/c0").negotiate()
        second = socket.socket(socket.AF_UNIX)
        second.settimeout(0.2)
        second.connect(f"{directory}/c0")
        try:
            raise AssertionError(f"two at once: {second.recv(100)!r}")
        except TimeoutError:
            pass
        first.close()
        second.settimeout(20)
        assert b'"QMP"' in second.recv(1000)
        second.sendall(b'{"execute": "query-name"}')
        assert b"CommandNotFound" in second.recv(1000)
        second.close()


@test
def a_character_device_that_a_monitor_is_on_stays() -> None:
    with tempfile.TemporaryDirectory() as directory, \
            Machine("-machine", "none", *monitors(directory, 1)) as machine:
        machine.qmp.negotiate().fails("chardev-remove", {"id": "c0"}, pattern="chardev 'c0' is in use by a monitor")
        equal(SocketQmp(f"{directory}/c0").negotiate().call("query-chardev")[0]["frontend-open"], True)


@test
def pretty_answers_have_lines() -> None:
    with tempfile.TemporaryDirectory() as directory, \
            Backends(*monitors(directory, 1, ",pretty=on"), qmp=None) as machine:
        client = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + 20
        while True:
            try:
                client.connect(f"{directory}/c0")
                break
            except (FileNotFoundError, ConnectionRefusedError):
                assert time.monotonic() < end
        client.settimeout(20)
        reader = client.makefile("r", encoding="utf-8", newline="\n")

        def answer() -> list[str]:
            lines = [reader.readline()]
            while not lines[-1].startswith("}"):
                lines.append(reader.readline())
            return lines

        assert "QMP" in json.loads("".join(answer()))
        client.sendall(b'{"execute": "qmp_capabilities"}')
        equal(answer(), ["{\n", '    "return": {}\n', "}\r\n"])
        client.sendall(b'{"execute": "query-chardev", "id": "{a, b: [c]}\\""}')
        lines = answer()
        equal(json.loads("".join(lines))["id"], '{a, b: [c]}"')
        equal(lines[:3], ["{\n", '    "return": [\n', "        {\n"])
        reader.close()
        client.close()
        equal(machine.process.poll(), None)


@test
def who_does_not_read_holds_nobody_else_up() -> None:
    with tempfile.TemporaryDirectory() as directory, \
            Machine("-machine", "none", *monitors(directory, 2)) as machine:
        qmp = machine.qmp.negotiate()
        slow = SocketQmp(f"{directory}/c0").negotiate()
        slow.send('{"execute": "query-qmp-schema"}' * 50)
        for _ in range(200):
            qmp.call("stop")
            qmp.call("cont")
        n, events = 0, []
        while n < 50 or len(events) < 400:
            message = slow.receive()
            if "event" in message:
                events.append(message["event"])
            else:
                n += 1
        equal(events, ["STOP", "RESUME"] * 200)


def make_events(qmp: SocketQmp, size: int) -> None:
    """Sends events of about this many bytes."""
    batch = '{"execute": "stop"}{"execute": "cont"}' * 500
    while size > 0:
        qmp.send(batch)
        for _ in range(1000):
            qmp.answer()
        size -= sum(len(json.dumps(event)) for event in qmp.events)
        qmp.events.clear()


@test
def who_leaves_8_mb_of_events_unread_is_disconnected_once() -> None:
    with tempfile.TemporaryDirectory() as directory, \
            Machine("-machine", "none", *monitors(directory, 1), qmp="unix:PATH,server=on,wait=off") as machine:
        qmp = machine.connect().negotiate()
        for path in (f"{directory}/c0", machine.path):
            slow = SocketQmp(path).negotiate()
            slow.send('{"execute": "query-qmp-schema"}')
            make_events(qmp, 12 << 20)
            received = bytearray()
            try:
                while chunk := slow.socket.recv(CHUNK):
                    received += chunk
            except ConnectionResetError:
                pass
            assert b'"QMP"' not in received, "a second greeting"
            slow.close()
            equal(SocketQmp(path).negotiate().call("query-status")["status"], "prelaunch")


@test
def where_nobody_can_be_disconnected_events_are_lost_and_answers_are_not() -> None:
    with tempfile.TemporaryDirectory() as directory:
        os.mkfifo(f"{directory}/p.in")
        os.mkfifo(f"{directory}/p.out")
        with Machine("-machine", "none", "-chardev", f"pipe,id=p,path={directory}/p", "-mon", "p,mode=control",
                     qmp="unix:PATH,server=on,wait=off") as machine:
            qmp = machine.connect().negotiate()
            out, source = os.open(f"{directory}/p.in", os.O_WRONLY), os.open(f"{directory}/p.out", os.O_RDONLY)
            slow = Qmp(source, out).negotiate()
            slow.send('{"execute": "query-qmp-schema", "id": 1}')
            make_events(qmp, 12 << 20)
            slow.send('{"execute": "query-status", "id": 2}')
            equal(slow.answer()["id"], 1)
            equal(slow.answer()["id"], 2)
            assert 80000 < len(slow.events) < 120000, len(slow.events)
            slow.events.clear()
            qmp.call("stop")
            slow.event("STOP")
            os.close(out)
            os.close(source)


@test
def a_monitor_may_have_a_name_of_its_own() -> None:
    with tempfile.TemporaryDirectory() as directory:
        argv = monitors(directory, 2, ",id=m")
        done = run(VM, "-machine", "none", *argv)
        equal((done.returncode, done.stderr),
              (1, "vintage-vm: -mon chardev=c1,mode=control,id=m: id: monitor 'm' already exists\n"))
        argv[argv.index("chardev=c1,mode=control,id=m")] = "chardev=c1,mode=control,id=n"
        with Machine("-machine", "none", *argv):
            equal(SocketQmp(f"{directory}/c1").negotiate().call("query-status")["status"], "prelaunch")


@test
def over_tcp_as_well() -> None:
    with Machine("-machine", "none", "-chardev", "socket,id=t,host=127.0.0.1,port=0,server=on,wait=off,nodelay=on",
                 "-mon", "t,mode=control") as machine:
        name = machine.qmp.negotiate().call("query-chardev")[0]["filename"]
        client = SocketQmp(("127.0.0.1", int(name.rsplit(":", 1)[1].split(",")[0]))).negotiate()
        equal(client.call("query-status")["status"], "prelaunch")


if __name__ == "__main__":
    main()
