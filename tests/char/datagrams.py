#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Datagram character devices and hubs: their configuration, and sessions over them."""

import os
import socket
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import VM, Machine, SocketQmp, equal, main, matches, run, test  # noqa: E402

NONE = ("-machine", "none")


def end(port: int = 0) -> socket.socket:
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.settimeout(20)
    end.bind(("127.0.0.1", port))
    return end


def free_port() -> int:
    with end() as one:
        return one.getsockname()[1]


@test
def three_ways_to_say_it_give_the_same() -> None:
    flat = "udp,id=c,host=127.0.0.1,port=9,localaddr=127.0.0.1,localport=0,ipv4=on"
    inet = '{"type": "inet", "data": {"host": "127.0.0.1", "port": "9", "ipv4": true}}'
    local = '{"type": "inet", "data": {"host": "127.0.0.1", "port": "0"}}'
    told = '{"id": "c", "backend": {"type": "udp", "data": {"remote": %s, "local": %s}}}' % (inet, local)
    results = []
    for text in (flat, told):
        with Machine(*NONE, "-chardev", text) as machine:
            results.append(machine.qmp.negotiate().call("query-effective-config")["objects"]["c"])
            equal(machine.qmp.call("query-chardev"), [{"label": "c", "filename": "udp", "frontend-open": False}])
    with Machine(*NONE) as machine:
        machine.qmp.negotiate().raw('{"execute": "chardev-add", "arguments": %s}' % told)
        results.append(machine.qmp.call("query-effective-config")["objects"]["c"])
    equal(results[0], results[1])
    equal(results[1], results[2])


@test
def what_is_not_said_is_this_host() -> None:
    for text, remote, local in (("port=9", "localhost", None), ("host=,port=9", "", None),
                                ("port=9,host=127.0.0.1", "127.0.0.1", None),
                                ("port=9,localport=0", "localhost", {"host": "", "port": "0"}),
                                ("port=9,localaddr=", "localhost", {"host": "", "port": "0"})):
        with Machine(*NONE, "-chardev", f"udp,id=c,{text}") as machine:
            got = machine.qmp.negotiate().call("query-effective-config")["objects"]["c"]["properties"]
            equal(got["remote"]["data"]["host"], remote, text)
            equal(got.get("local") and {key: got["local"]["data"][key] for key in ("host", "port")}, local, text)


@test
def what_can_t_be_is_told_in_a_line() -> None:
    with end() as taken:
        for text, message in (
                ("udp,id=c", "missing member 'remote'"),
                ("udp,id=c,host=127.0.0.1", "missing member 'port'"),
                ("udp,id=c,port=0", "remote.port: expected a port above 0, got '0'"),
                ("udp,id=c,port=70000", "remote.port: expected a port number, got '70000'"),
                ("udp,id=c,port=9,ipv4=off,ipv6=off", "remote: ipv4 and ipv6 are both off"),
                ("udp,id=c,port=9,hots=x", "unknown member 'hots'; did you mean 'host'?"),
                ("udp,id=c,host=127.0.0.1,port=9,localaddr=::1", "no address family in common"),
                (f"udp,id=c,host=127.0.0.1,port=9,localaddr=127.0.0.1,localport={taken.getsockname()[1]}",
                 "Address already in use"),
                ("udp,id=c,remote.type=unix,remote.data.path=/x", "remote.type: expected inet"),
                ("hub,id=c", "missing member 'chardevs'"),
                ('{"id": "c", "backend": {"type": "hub", "data": {"chardevs": []}}}',
                 "chardevs: expected at least one character device"),
                ("hub,id=c,chardevs.0=nobody", "chardevs[0]: no chardev 'nobody'")):
            done = run(VM, *NONE, "--platform-version", "9.0", "-chardev", text)
            equal(done.returncode, 1, text)
            matches(done.stderr, r"\A[^\n]*\n\Z")
            assert message in done.stderr, f"{text}: {done.stderr}"


@test
def a_session_goes_over_datagrams() -> None:
    port = free_port()
    with end() as client:
        ours = client.getsockname()[1]
        with Machine(*NONE, "-chardev", f"udp,id=c,host=127.0.0.1,port={ours},localaddr=127.0.0.1,localport={port}",
                     "-mon", "c,mode=control") as machine:
            client.connect(("127.0.0.1", port))
            assert client.recv(65536).startswith(b'{"QMP"')
            client.send(b'{"execute": "qmp_cap')
            client.send(b'abilities"}')
            equal(client.recv(65536).strip(), b'{"return": {}}')
            # More than a datagram holds, and less than the kernel buffers for a slow reader.
            client.send(b'{"execute": "query-name", "id": "' + b"x" * 50000)
            client.send(b"x" * 50000 + b'"}')
            answer = b""
            while not answer.endswith(b"\n"):
                answer += client.recv(65536)
            assert len(answer) > 65536
            machine.qmp.negotiate().fails("chardev-remove", {"id": "c"}, pattern="in use by a monitor")


@test
def a_session_goes_over_any_line_of_a_hub() -> None:
    with tempfile.TemporaryDirectory() as directory:
        lines = []
        for name in "ab":
            lines += ["-chardev", f"socket,id={name},path={directory}/{name},server=on,wait=off"]
        with Machine(*NONE, *lines, "-chardev", "hub,id=h,chardevs.0=a,chardevs.1=b", "-mon", "h,mode=control") as machine:
            qmp = machine.qmp.negotiate()
            qmp.fails("chardev-remove", {"id": "a"}, pattern="in use by chardev 'h'")
            first = SocketQmp(f"{directory}/a").negotiate()
            second = socket.socket(socket.AF_UNIX)
            second.settimeout(0.05)
            second.connect(f"{directory}/b")
            # Both clients receive the replies to the first one.
            heard = b""
            while not heard:
                first.call("query-name")
                try:
                    heard = second.recv(4096)
                except TimeoutError:
                    continue
            equal(heard.splitlines()[0], b'{"return": {}}')
            second.settimeout(20)
            first.close()
            second.sendall(b'{"execute": "query-name", "id": 1}')
            while b'"id": 1' not in heard:
                heard += second.recv(4096)
            second.close()


if __name__ == "__main__":
    main()
