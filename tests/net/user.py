#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The user network with a guest in Python. Only the loopback interface of this host is used; where permitted, in
a network namespace with a name server."""

import hashlib
import ipaddress
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import Any, Iterable, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from frames import ETH_IP4, UDP, Cable  # noqa: E402
from guest import Guest  # noqa: E402
from namespace import Aside, enter_namespace, is_inside, raise_loopback  # noqa: E402
from vintage_test import SANITIZED, Machine, Skip, equal, main, matches, test, write_file  # noqa: E402
from web import fetch, http_server  # noqa: E402

MEGABYTES = 20 if SANITIZED else 100
HOST, DNS = ipaddress.IPv4Address("10.0.2.2"), ipaddress.IPv4Address("10.0.2.3")
HOST6 = ipaddress.IPv6Address("fec0::2")


@contextmanager
def forgiving_libslirp() -> Iterator[None]:
    """Suppresses a sanitizer report: some releases of libslirp leak the copy of the TFTP server's name."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "suppressions", "leak:slirp_new\n")
        os.environ["LSAN_OPTIONS"] = f"suppressions={path}:print_suppressions=0"
        os.environ["ASAN_OPTIONS"] = f"{os.environ.get('ASAN_OPTIONS', '')}:fast_unwind_on_malloc=0"
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def network(more: Iterable[str] = (), **members: Any) -> Iterator[tuple[Machine, Guest]]:
    """A guest on a link, a hub and a user network with these members; @more options come last."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "cable")
        user = {"type": "user", "id": "u", **{name.rstrip("_").replace("_", "-"): value
                                              for name, value in members.items()}}
        with Machine("-machine", "none", "-netdev", json.dumps(user),
                     "-netdev", f"stream,id=s,server=on,addr.type=unix,addr.path={path}",
                     "-netdev", "hubport,id=a,hubid=0,netdev=s", "-netdev", "hubport,id=b,hubid=0,netdev=u",
                     *more) as machine:
            assert machine.qmp
            machine.qmp.negotiate()
            cable = Cable(path)
            try:
                yield machine, Guest(cable)
            finally:
                cable.close()


def listener(family: int = socket.AF_INET) -> socket.socket:
    server = socket.socket(family)
    server.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    server.listen(4)
    server.settimeout(20)
    return server


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# ---- addresses and names ------------------------------------------------------------------------------------


@test
def a_lease_says_what_the_members_say() -> None:
    with forgiving_libslirp(), network(
            hostname="box", domainname="example.org", dnssearch=[{"str": "a.example"}, {"str": "b.example"}],
            bootfile="boot.img", tftp_server_name="files") as (_, guest):
        lease = guest.dhcp()
        equal(lease[0], bytes([10, 0, 2, 15]))
        equal((lease[1], lease[3], lease[6]), (b"\xff\xff\xff\0", HOST.packed, DNS.packed))
        equal((lease[12], lease[15], lease[66], lease[-1]), (b"box", b"example.org", b"files", b"boot.img"))
        matches(lease[119].decode("latin-1"), "\x01a\x07example\x00\x01b")


@test
def another_network_has_other_addresses() -> None:
    with network(net="192.168.77.0/24", host="192.168.77.9", dns="192.168.77.8", dhcpstart="192.168.77.40") as (_, guest):
        lease = guest.dhcp()
        equal((lease[0], lease[3], lease[6]), tuple(bytes([192, 168, 77, last]) for last in (40, 9, 8)))
        equal(guest.link_of(ipaddress.IPv4Address("192.168.77.9")), bytes([0x52, 0x55, 192, 168, 77, 9]))


@test
def the_host_answers_arp() -> None:
    with network() as (_, guest):
        guest.dhcp()
        guest.links.clear()
        equal(guest.link_of(HOST), b"\x52\x55" + HOST.packed)


def name_server(server: socket.socket) -> None:
    """Answers one question: what.example is 192.0.2.77."""
    question, client = server.recvfrom(512)
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + bytes([192, 0, 2, 77])
    server.sendto(question[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + question[12:] + answer, client)


@test
def names_are_looked_up_by_the_host_s_name_server() -> None:
    if not is_inside():
        raise Skip("no namespace to have another /etc/resolv.conf in")
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        path = write_file(directory, "resolv.conf", "nameserver 127.0.0.1\n")
        real = os.path.realpath("/etc/resolv.conf")
        if not os.path.exists(real) or subprocess.run(["mount", "--bind", path, real], capture_output=True,
                                                      check=False).returncode:
            raise Skip("there can't be another /etc/resolv.conf")
        try:
            server.bind(("127.0.0.1", 53))
            server.settimeout(20)
            with network() as (_, guest):
                guest.dhcp()
                aside = Aside(lambda: name_server(server))
                equal(guest.look_up("what.example", DNS), ["192.0.2.77"])
                aside.done()
        finally:
            subprocess.run(["umount", real], check=True)


# ---- connections --------------------------------------------------------------------------------------------


@test
def a_file_of_many_megabytes_arrives_whole() -> None:
    content = random.Random(3).randbytes(MEGABYTES << 20)
    with http_server("127.0.0.1", content) as port, network() as (_, guest):
        guest.dhcp()
        got = fetch(guest, HOST, port)
        equal((len(got), hashlib.sha256(got).hexdigest()), (len(content), hashlib.sha256(content).hexdigest()))


@test
def what_the_guest_sends_arrives_whole() -> None:
    content = random.Random(4).randbytes(2 << 20)

    def take() -> bytes:
        connection, _ = server.accept()
        with connection:
            data = bytearray()
            while len(data) < len(content):
                data += connection.recv(1 << 16)
            return bytes(data)

    with listener() as server, network() as (_, guest):
        guest.dhcp()
        aside = Aside(take)
        guest.connect(HOST, server.getsockname()[1]).send(content)
        equal(hashlib.sha256(aside.done()).hexdigest(), hashlib.sha256(content).hexdigest())


@test
def a_port_where_nobody_listens_refuses() -> None:
    with network() as (_, guest):
        guest.dhcp()
        try:
            guest.connect(HOST, free_port())
        except ConnectionRefusedError:
            return
        raise AssertionError("it was taken")


@test
def the_guest_is_reached_through_hostfwd() -> None:
    port, udp = free_port(), free_port(socket.SOCK_DGRAM)

    def call() -> bytes:
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            client.sendall(b"who is there?")
            return client.recv(100)

    with network(hostfwd=[{"str": f"tcp:127.0.0.1:{port}-:7777"},
                          {"str": f"udp:127.0.0.1:{udp}-10.0.2.15:7778"}]) as (_, guest):
        guest.dhcp()
        guest.listen(7777)
        aside = Aside(call)
        connection = guest.accept(7777)
        equal(connection.receive(13), b"who is there?")
        connection.send(b"a guest")
        equal(aside.done(), b"a guest")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(20)
            client.sendto(b"ping", ("127.0.0.1", udp))
            peer, data = guest.receive_udp(7778)
            equal(data, b"ping")
            guest.send_udp((guest.mine(4), 7778), peer, b"pong")
            equal(client.recv(100), b"pong")


@test
def fragments_arrive_in_any_order() -> None:
    """libslirp 4.7 crashes when the last fragment is the first that it gets"""
    numbers = random.Random(5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, network() as (_, guest):
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        guest.dhcp()
        source, target = (guest.mine(4), 4000), (HOST, server.getsockname()[1])
        for size in (1473, 5000, 60000):
            data = numbers.randbytes(size)
            packets = guest.fragments(source[0], HOST, UDP, guest.datagram(source, target, data))
            numbers.shuffle(packets)
            for packet in [packets[-1], *packets[:-1]] if size > 1473 else reversed(packets):
                guest.send_frame(guest.link_of(HOST), ETH_IP4, packet)
            got, peer = server.recvfrom(1 << 16)
            equal(hashlib.sha256(got).hexdigest(), hashlib.sha256(data).hexdigest(), f"{size} bytes")
            server.sendto(b"it is here", peer)
            equal(guest.receive_udp(4000)[1], b"it is here")


@test
def a_port_that_is_taken_is_an_error() -> None:
    with listener() as server, Machine("-machine", "none") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        rule = f"tcp:127.0.0.1:{server.getsockname()[1]}-:22"
        machine.qmp.fails("netdev_add", {"type": "user", "id": "u", "hostfwd": [{"str": rule}]}, pattern="cannot be opened")
        machine.qmp.call_with("netdev_add", {"type": "user", "id": "u"})


@test
def guestfwd_leads_to_commands_ports_and_sockets() -> None:
    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"heard " + connection.recv(100))

    with tempfile.TemporaryDirectory() as directory, listener() as tcp, socket.socket(socket.AF_UNIX) as unix:
        path = os.path.join(directory, "target")
        unix.bind(path)
        unix.listen(1)
        unix.settimeout(20)
        aside = [Aside(lambda: serve(tcp)), Aside(lambda: serve(unix))]
        rules = ["tcp:10.0.2.100:1-cmd:/bin/cat", f"tcp:10.0.2.100:2-tcp:127.0.0.1:{tcp.getsockname()[1]}",
                 f"tcp:10.0.2.100:3-unix:{path}"]
        with network(restrict=True, guestfwd=[{"str": rule} for rule in rules]) as (_, guest):
            guest.dhcp()
            server = ipaddress.IPv4Address("10.0.2.100")
            for port, answer in (1, b"me"), (2, b"heard me"), (3, b"heard me"):
                connection = guest.connect(server, port)
                connection.send(b"me")
                equal(connection.receive(len(answer)), answer)
                if port == 1:
                    connection.close()
            for thread in aside:
                thread.done()


@test
def guestfwd_leads_to_a_character_device() -> None:
    def receive(line: socket.socket, size: int) -> bytes:
        got = b""
        while len(got) < size:
            got += line.recv(size - len(got))
        return got

    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "line")
        # The chardev follows the netdev that refers to it.
        with network(more=["-chardev", f"socket,id=line,path={path},server=on,wait=off"], restrict=True,
                     guestfwd=[{"str": "tcp:10.0.2.100:7-chardev:line"}]) as (machine, guest), \
                socket.socket(socket.AF_UNIX) as line:
            qmp = machine.qmp
            assert qmp
            qmp.fails("chardev-remove", {"id": "line"}, pattern="in use by netdev 'u'")
            qmp.fails("netdev_add", {"type": "user", "id": "v", "guestfwd": [{"str": "tcp:10.0.2.100:7-chardev:line"}]},
                      pattern="already in use by netdev 'u'")
            line.settimeout(20)
            line.connect(path)
            guest.dhcp()
            # The guest has not connected yet, so the data waits.
            line.sendall(b"early ")
            connection = guest.connect(ipaddress.IPv4Address("10.0.2.100"), 7)
            connection.send(b"question")
            equal(line.recv(100), b"question")
            line.sendall(b"answer")
            equal(connection.receive(12), b"early answer")
            content = os.urandom(1 << 20)
            sender = Aside(lambda: line.sendall(content))
            equal(hashlib.sha256(connection.receive(len(content))).hexdigest(), hashlib.sha256(content).hexdigest())
            sender.done()
            reader = Aside(lambda: receive(line, len(content)))
            connection.send(content)
            equal(hashlib.sha256(reader.done()).hexdigest(), hashlib.sha256(content).hexdigest())
            connection.close()
            # The next connection of the guest has it too.
            again = guest.connect(ipaddress.IPv4Address("10.0.2.100"), 7)
            again.send(b"again")
            equal(line.recv(100), b"again")
            again.close()


@test
def a_restricted_guest_reaches_nothing_but_is_reached() -> None:
    port = free_port()
    with listener() as server, network(restrict=True, hostfwd=[{"str": f"tcp:127.0.0.1:{port}-:80"}]) as (_, guest):
        guest.dhcp()
        try:
            guest.connect(HOST, server.getsockname()[1], timeout=1.0)
        except (ConnectionRefusedError, TimeoutError):
            pass
        else:
            raise AssertionError("it went through")
        guest.listen(80)
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            client.sendall(b"in")
            equal(guest.accept(80).receive(2), b"in")


@test
def files_come_by_tftp() -> None:
    content = random.Random(5).randbytes(5000)
    with tempfile.TemporaryDirectory() as directory:
        write_file(directory, "boot.img", content)
        with network(tftp=directory) as (_, guest):
            guest.dhcp()
            guest.send_udp((guest.mine(4), 3000), (HOST, 69), b"\0\1/boot.img\0octet\0")
            got = b""
            while True:
                server, data = guest.receive_udp(3000)
                equal(data[:2], b"\0\3")
                got += data[4:]
                guest.send_udp((guest.mine(4), 3000), server, b"\0\4" + data[2:4])
                if len(data) < 516:
                    break
            equal(got, content)


@test
def ipv6_has_a_router_neighbours_and_tcp() -> None:
    content = random.Random(6).randbytes(1 << 20)
    try:
        probe = listener(socket.AF_INET6)
    except OSError:
        raise Skip("the host has no IPv6") from None
    probe.close()
    with http_server("::1", content) as port, network() as (_, guest):
        address = guest.autoconfigure()
        equal(str(guest.prefix), "fec0::/64")
        matches(str(address), "^fec0::5054:ff:fe12:3456$")
        guest.links.pop(HOST6, None)
        equal(len(guest.link_of(HOST6)), 6)
        equal(hashlib.sha256(fetch(guest, HOST6, port)).hexdigest(), hashlib.sha256(content).hexdigest())


# ---- unsupported --------------------------------------------------------------------------------------------


@test
def what_needs_other_programs_is_refused() -> None:
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.fails("netdev_add", {"type": "user", "id": "u", "smb": "/srv"}, pattern="smb: ")
        qmp.fails("netdev_add", {"type": "user", "id": "u", "proxy": "127.0.0.1:1080"}, pattern="proxy: ")
        for rule, pattern in (
                ("tcp:10.0.2.9:1-chardev0", "PORT-cmd:COMMAND, .*-chardev:CHARDEV, .*-tcp:HOST:HOST-PORT or .*-unix:PATH, got"),
                ("tcp:10.0.2.9:1-pty", "PORT-cmd:"), ("tcp:10.0.2.9:1-chardev:", "PORT-cmd:"),
                ("udp:10.0.2.9:1-cmd:cat", "expected tcp:… or :…, got 'udp:"),
                ("tcp:10.0.2.9-cmd:cat", "port: expected an integer|expected tcp:SERVER:PORT-"),
                ("tcp:10.0.2.9:1-chardev:nobody", r"guestfwd\[0\]: no chardev 'nobody'")):
            text = qmp.fails("netdev_add", {"type": "user", "id": "u", "guestfwd": [{"str": rule}]}, pattern=pattern)
            assert "\n" not in text
        equal(qmp.call("query-chardev"), [])


if __name__ == "__main__":
    enter_namespace()
    if is_inside():
        raise_loopback()
    main()
