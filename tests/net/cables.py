#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Links between processes: stream and dgram in QEMU's format, hubs and filters."""

import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from frames import Cable  # noqa: E402
from hubs import (GROUP, MAC, free_port, has_ipv6, hub, inet, make_frames, pass_frames, plug, reaches, unix,  # noqa: E402
                  wait_event)
from vintage_test import Machine, Skip, equal, main, test  # noqa: E402


# ---- stream -------------------------------------------------------------------------------------------------


@test
def frames_pass_between_two_processes_over_a_stream() -> None:
    with tempfile.TemporaryDirectory() as directory:
        address = unix(os.path.join(directory, "between"))
        with hub(directory, "a", {"type": "stream", "server": True, "addr": address}) as (_, a), \
                hub(directory, "b") as (machine, b):
            plug(machine, {"type": "stream", "addr": address})
            equal(wait_event(machine, "NETDEV_STREAM_CONNECTED", "n1")["addr"], address)
            pass_frames(a, b, make_frames(3000, 1500))
            pass_frames(b, a, make_frames(200, 65000))


@test
def a_stream_goes_over_ipv6() -> None:
    if not has_ipv6():
        raise Skip("the host has no IPv6")
    with tempfile.TemporaryDirectory() as directory:
        address = inet(free_port(socket.SOCK_STREAM, "::1"), "::1")
        with hub(directory, "a", {"type": "stream", "server": True, "addr": address}) as (_, a), \
                hub(directory, "b") as (client, b):
            plug(client, {"type": "stream", "addr": address})
            equal(wait_event(client, "NETDEV_STREAM_CONNECTED", "n1")["addr"],
                  {"type": "inet", "host": "::1", "port": address["port"], "ipv6": True})
            pass_frames(a, b, make_frames(200, 1500))


@test
def a_tcp_connection_tells_its_other_end() -> None:
    with tempfile.TemporaryDirectory() as directory:
        address = inet(free_port(socket.SOCK_STREAM))
        with hub(directory, "a", {"type": "stream", "server": True, "addr": address}) as (server, a), \
                hub(directory, "b") as (client, b):
            plug(client, {"type": "stream", "addr": {**address, "keep-alive": True}})
            equal(wait_event(client, "NETDEV_STREAM_CONNECTED", "n1")["addr"],
                  {"type": "inet", "host": "127.0.0.1", "port": address["port"], "ipv4": True})
            equal(wait_event(server, "NETDEV_STREAM_CONNECTED", "n1")["addr"]["host"], "127.0.0.1")
            pass_frames(a, b, make_frames(500, 1500))


@test
def a_client_connects_again() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "between")
        with hub(directory, "b", {"type": "stream", "addr": unix(path), "reconnect-ms": 20}) as (machine, b):
            for _ in range(3):
                with hub(directory, "a", {"type": "stream", "server": True, "addr": unix(path)}) as (_, a):
                    wait_event(machine, "NETDEV_STREAM_CONNECTED", "n1")
                    pass_frames(a, b, make_frames(50, 1500))
                wait_event(machine, "NETDEV_STREAM_DISCONNECTED", "n1")


@test
def a_server_takes_one_after_the_other() -> None:
    with tempfile.TemporaryDirectory() as directory, hub(directory, "a") as (machine, first):
        first.send(MAC)
        second = Cable(os.path.join(directory, "cable-a"))
        wait_event(machine, "NETDEV_STREAM_CONNECTED", "n0")
        first.close()
        wait_event(machine, "NETDEV_STREAM_DISCONNECTED", "n0")
        wait_event(machine, "NETDEV_STREAM_CONNECTED", "n0")
        second.close()


@test
def what_is_no_frame_ends_the_connection() -> None:
    with tempfile.TemporaryDirectory() as directory, hub(directory, "a") as (_, cable):
        cable.socket.sendall(b"\xff\xff\xff\xff")
        try:
            cable.next(20.0)
        except (EOFError, ConnectionResetError):
            return
        raise AssertionError("it goes on")


@test
def an_open_socket_serves_as_a_cable() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, tempfile.TemporaryDirectory() as directory:
        netdev = {"type": "stream", "addr": {"type": "fd", "str": str(theirs.fileno())}}
        with hub(directory, "a", netdev, fds=(theirs.fileno(),)) as (_, a):
            theirs.close()
            other = Cable.__new__(Cable)
            other.socket, other.buffer = ours, bytearray()
            pass_frames(a, other, make_frames(100, 1500))
            pass_frames(other, a, make_frames(100, 1500))


@test
def who_does_not_read_holds_the_sender_back_and_nothing_is_lost() -> None:
    frames = make_frames(40, 1500) * 500
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "slow")
        with hub(directory, "a", {"type": "stream", "server": True, "addr": unix(path)}) as (_, fast):
            slow = Cable(path)
            sent = [0]

            def send() -> None:
                for frame in frames:
                    fast.send(frame)
                    sent[0] += 1

            thread = threading.Thread(target=send, daemon=True)
            thread.start()
            time.sleep(0.5)
            assert sent[0] < len(frames), "nobody held the sender back"
            for frame in frames:
                equal(slow.next(20.0), frame)
            thread.join(20)
            slow.close()


# ---- dgram --------------------------------------------------------------------------------------------------


@test
def frames_pass_between_two_processes_as_datagrams() -> None:
    with tempfile.TemporaryDirectory() as directory:
        paths = [unix(os.path.join(directory, name)) for name in "xy"]
        ports = [inet(free_port(socket.SOCK_DGRAM)), inet(free_port(socket.SOCK_DGRAM))]
        pairs = {"unix": paths, "inet": ports}
        if has_ipv6():
            pairs["inet6"] = [inet(free_port(socket.SOCK_DGRAM, "::1"), "::1") for _ in range(2)]
        for name, (x, y) in pairs.items():
            with hub(directory, f"{name}a", {"type": "dgram", "local": x, "remote": y}) as (_, a), \
                    hub(directory, f"{name}b", {"type": "dgram", "local": y, "remote": x}) as (_, b):
                reaches(a, b)
                pass_frames(a, b, make_frames(100, 1500))
                pass_frames(b, a, make_frames(100, 1500))


@test
def a_group_hears_each_other() -> None:
    with tempfile.TemporaryDirectory() as directory:
        netdev = {"type": "dgram", "remote": inet(free_port(socket.SOCK_DGRAM), GROUP), "local": inet(0)}
        try:
            with hub(directory, "a", netdev) as (_, a), hub(directory, "b", netdev) as (_, b):
                reaches(a, b)
                pass_frames(a, b, make_frames(50, 1400))
        except AssertionError as error:
            if "cannot be joined" in str(error):
                raise Skip("the host has no multicast") from None
            raise


@test
def an_open_socket_serves_for_datagrams() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs, tempfile.TemporaryDirectory() as directory:
        netdev = {"type": "dgram", "local": {"type": "fd", "str": str(theirs.fileno())}}
        with hub(directory, "a", netdev, fds=(theirs.fileno(),)) as (_, a):
            ours.settimeout(20)
            a.send(MAC + b"hello")
            equal(ours.recv(100), MAC + b"hello")
            ours.send(MAC + b"you")
            equal(a.next(20.0), MAC + b"you")


@test
def addresses_that_do_not_go_together_are_refused() -> None:
    cases = [({"type": "dgram"}, "remote: required"), ({"type": "dgram", "local": inet(1)}, "remote: required"),
             ({"type": "dgram", "remote": unix("/x")}, "local: required"),
             ({"type": "dgram", "remote": inet(1)}, "local: required"),
             ({"type": "dgram", "remote": inet(1), "local": unix("/x")}, "different types"),
             ({"type": "dgram", "remote": {"type": "fd", "str": "7"}}, "remote.type"),
             ({"type": "stream", "addr": {"type": "vsock", "cid": "2", "port": "1"}}, "addr.type"),
             ({"type": "stream", "addr": {"type": "fd", "str": "x"}}, "addr.str"),
             ({"type": "stream", "addr": {"type": "fd", "str": "1"}}, "addr.str: .*from 3 on"),
             ({"type": "stream", "addr": {**inet(1), "ipv4": False, "ipv6": False}}, "both off"),
             ({"type": "stream", "addr": inet(1), "server": True, "reconnect-ms": 1}, "not supported by a server"),
             ({"type": "stream", "addr": inet(1), "reconnect": 1, "reconnect-ms": 1}, "mutually exclusive"),
             ({"type": "stream", "addr": unix("/nonexistent/socket")}, "No such file"),
             ({"type": "stream", "addr": unix("x" * 200)}, "200 bytes")]
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        for members, pattern in cases:
            machine.qmp.fails("netdev_add", {"id": "n", **members}, pattern=pattern)


# ---- hubs ---------------------------------------------------------------------------------------------------


@test
def a_hub_sends_to_all_its_other_ports() -> None:
    with tempfile.TemporaryDirectory() as directory:
        paths = [os.path.join(directory, name) for name in "xy"]
        netdevs = [{"type": "stream", "server": True, "addr": unix(path)} for path in paths]
        with hub(directory, "a", *netdevs) as (machine, a):
            assert machine.qmp
            others = [Cable(path) for path in paths]
            for netdev in "n1", "n2":
                wait_event(machine, "NETDEV_STREAM_CONNECTED", netdev)
            a.send(MAC + b"all")
            for cable in others:
                equal(cable.next(20.0), MAC + b"all")
            equal(a.next(0.1), None)
            for other in others:
                other.close()


# ---- filters ------------------------------------------------------------------------------------------------


def read_dump(path: str) -> tuple[int, list[tuple[bytes, int]]]:
    """The snapshot length, and each recorded frame with its original length."""
    with open(path, "rb") as file:
        magic, major, minor, _, _, longest, link = struct.unpack("=IHHIIII", file.read(24))
        equal((magic, major, minor, link), (0xA1B2C3D4, 2, 4, 1))
        frames = []
        while head := file.read(16):
            seconds, microseconds, kept, length = struct.unpack("=IIII", head)
            assert abs(seconds - time.time()) < 600 and microseconds < 1000000, "the time is wrong"
            frames.append((file.read(kept), length))
        return longest, frames


@test
def a_dump_has_what_passed_its_way() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "between")
        more: list[str] = []
        for name, members in {"all": "", "rx": ",queue=rx", "tx": ",queue=tx,position=head", "short": ",maxlen=20",
                              "off": ",status=off", "first": ",position=id=all,insert=before"}.items():
            more += ["-object", f"filter-dump,id={name},netdev=n1,file={directory}/{name}{members}"]
        # A filter that is inserted after another one.
        with hub(directory, "a", {"type": "stream", "server": True, "addr": unix(path)}, more=tuple(more)) as (machine, a):
            assert machine.qmp
            b = Cable(path)
            wait_event(machine, "NETDEV_STREAM_CONNECTED", "n1")
            a.send(MAC + b"to the backend")
            equal(b.next(20.0), MAC + b"to the backend")
            b.send(MAC + b"from it")
            equal(a.next(20.0), MAC + b"from it")
            b.close()
        to, of = ((MAC + text, len(MAC + text)) for text in (b"to the backend", b"from it"))
        for name, expected in {"all": [to, of], "rx": [to], "tx": [of], "off": [], "first": [to, of],
                               "short": [(to[0][:20], 28), (of[0][:20], 21)]}.items():
            equal(read_dump(os.path.join(directory, name)), (20 if name == "short" else 65536, expected), name)
        if shutil.which("tcpdump"):
            done = subprocess.run(["tcpdump", "-nr", os.path.join(directory, "all")], capture_output=True, text=True,
                                  check=False)
            equal((done.returncode, done.stdout.count("\n") >= 2), (0, True), done.stderr)


@test
def a_filter_that_can_t_be_is_refused() -> None:
    with tempfile.TemporaryDirectory() as directory, hub(directory, "a") as (machine, _):
        assert machine.qmp
        base = {"qom-type": "filter-dump", "id": "f", "netdev": "n0", "file": os.path.join(directory, "f")}
        for members, pattern in (({"position": "middle"}, "position"), ({"position": "id=none"}, "is not a filter of"),
                                 ({"status": "maybe"}, "status"), ({"file": "/nonexistent/file"}, "No such file"),
                                 ({"netdev": "none"}, "none"), ({"maxlen": 0}, "maxlen")):
            machine.qmp.fails("object-add", {**base, **members}, pattern=pattern)
        machine.qmp.call_with("object-add", base)
        machine.qmp.fails("object-add", {**base, "id": "g", "position": "id=f", "netdev": "p0"}, pattern="is not a filter of")


if __name__ == "__main__":
    main()
