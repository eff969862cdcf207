#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TAP interfaces, in a network namespace of the test."""

import fcntl
import hashlib
import ipaddress
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import Any, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from guest import Guest  # noqa: E402
from hubs import hub  # noqa: E402
from namespace import enter_namespace, is_inside, raise_loopback  # noqa: E402
from vintage_test import Machine, Skip, equal, main, test, write_file  # noqa: E402
from web import fetch, http_server  # noqa: E402

HOST, GUEST = "192.0.2.1", ipaddress.IPv4Address("192.0.2.2")
TUNSETIFF, TUNGETIFF = 0x400454CA, 0x800454D2
IFF_TUN, IFF_TAP, IFF_NO_PI, IFF_MULTI_QUEUE, IFF_VNET_HDR = 1, 2, 0x1000, 0x100, 0x4000


def ip(*argv: str) -> str:
    return subprocess.run(["ip", *argv], capture_output=True, text=True, check=True).stdout


def need_tap() -> None:
    if not is_inside():
        raise Skip("no network namespace can be had")
    try:
        os.close(open_tap("probe", IFF_TAP | IFF_NO_PI))
        ip("link")
    except OSError as error:
        raise Skip(f"no TAP interface can be had: {error}") from None


def open_tap(name: str, flags: int) -> int:
    fd = os.open("/dev/net/tun", os.O_RDWR)
    try:
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    except OSError:
        os.close(fd)
        raise
    return fd


@contextmanager
def network(name: str = "t0", passed: tuple[int, ...] = (), **members: Any) -> Iterator[tuple[Machine, Guest]]:
    """A guest on a link and a hub with a TAP interface; this host is on the other side."""
    members = members or {"ifname": name, "script": "no", "downscript": "no"}
    with tempfile.TemporaryDirectory() as directory, \
            hub(directory, "a", {"type": "tap", **members}, fds=passed) as (machine, cable):
        for fd in passed:
            os.close(fd)
        ip("address", "add", f"{HOST}/24", "dev", name)
        ip("link", "set", name, "up")
        guest = Guest(cable)
        guest.addresses.append(GUEST)
        yield machine, guest


def talk(guest: Guest) -> None:
    """Both sides resolve each other, and a file arrives complete."""
    content = random.Random(8).randbytes(1 << 20)
    equal(len(guest.link_of(ipaddress.IPv4Address(HOST))), 6)
    with http_server(HOST, content) as port:
        equal(hashlib.sha256(fetch(guest, ipaddress.IPv4Address(HOST), port)).hexdigest(),
              hashlib.sha256(content).hexdigest())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((HOST, 0))
        sender.sendto(b"who is there?", (str(GUEST), 7000))
        peer, data = guest.receive_udp(7000)
        equal((str(peer[0]), data), (HOST, b"who is there?"))
        guest.send_udp((GUEST, 7000), peer, b"a guest")
        sender.settimeout(20)
        equal(sender.recv(100), b"a guest")


@test
def frames_pass_between_a_guest_and_the_host_s_kernel() -> None:
    need_tap()
    for vnet_hdr in (None, False, True):
        more = {} if vnet_hdr is None else {"vnet_hdr": vnet_hdr}
        with network(ifname="t0", script="no", downscript="no", **more) as (_, guest):
            assert ("vnet_hdr on" in ip("-details", "link", "show", "t0")) == (vnet_hdr is not False)
            talk(guest)
    assert "t0" not in ip("link"), "the interface is still there"


@test
def the_kernel_chooses_a_name() -> None:
    need_tap()
    with network("tap0", script="no") as (_, guest):
        talk(guest)


@test
def frames_come_by_all_queues() -> None:
    need_tap()
    with network(ifname="t0", script="no", downscript="no", queues=4, sndbuf=1 << 20) as (_, guest):
        assert "multi_queue" in ip("-details", "link", "show", "t0")
        talk(guest)
        # The kernel distributes unknown senders over the queues.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for port in range(7001, 7101):
                sender.sendto(str(port).encode(), (str(GUEST), port))
                equal(guest.receive_udp(port)[1], str(port).encode())


@test
def a_card_has_vectors_for_the_queues_of_its_interface() -> None:
    need_tap()
    card = ("-device", "virtio-net-pci,id=n,netdev=t")
    try:
        running = Machine("-machine", "pc-i440fx-9.0", "-netdev", "tap,id=t,ifname=t0,script=no,queues=4", *card)
    except AssertionError as error:
        if "tun-uso" in str(error):
            raise Skip("the host's kernel lacks tun-uso, which this card has from 8.2 on") from None
        raise
    with running as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        equal(qmp.call("qom-get", path="/machine/peripheral/n", property="vectors"), 10)
        qmp.fails("netdev_del", {"id": "t"}, pattern="in use by .*'n'")
        qmp.call("device_del", id="n")
        while qmp.event("DEVICE_DELETED")["data"].get("device") != "n":
            pass
        qmp.call("netdev_del", id="t")
        assert "t0" not in ip("link"), "the interface is still there"


@test
def an_open_interface_serves() -> None:
    need_tap()
    flags = IFF_TAP | IFF_NO_PI
    one = open_tap("t1", flags)
    with network("t1", (one,), fd=str(one)) as (_, guest):
        talk(guest)
    two = tuple(open_tap("t2", flags | IFF_MULTI_QUEUE | IFF_VNET_HDR) for _ in range(2))
    with network("t2", two, fds=":".join(map(str, two))) as (_, guest):
        talk(guest)


@test
def scripts_set_the_interface_up_and_down() -> None:
    need_tap()
    with tempfile.TemporaryDirectory() as directory:
        up, down = (write_file(directory, name, f"#!/bin/sh\necho $1 >{directory}/was-{name}\n") for name in ("up", "down"))
        os.chmod(up, 0o755)
        os.chmod(down, 0o755)
        with network(ifname="t0", script=up, downscript=down):
            with open(os.path.join(directory, "was-up"), encoding="utf-8") as file:
                equal(file.read(), "t0\n")
        with open(os.path.join(directory, "was-down"), encoding="utf-8") as file:
            equal(file.read(), "t0\n")
        with Machine("-machine", "none") as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            os.chmod(up, 0o644)
            qmp.fails("netdev_add", {"type": "tap", "id": "n", "ifname": "t0", "script": up}, pattern="script: .*up")
            write_file(directory, "up", "#!/bin/sh\nexit 3\n")
            os.chmod(up, 0o755)
            qmp.fails("netdev_add", {"type": "tap", "id": "n", "ifname": "t0", "script": up}, pattern="script: .*3")
            assert "t0" not in ip("link"), "the interface is still there"


@test
def an_interface_that_goes_takes_nothing_with_it() -> None:
    need_tap()
    with network() as (machine, guest):
        assert machine.qmp
        talk(guest)
        ip("link", "delete", "t0")
        guest.send_udp((GUEST, 1), (ipaddress.IPv4Address(HOST), 2), b"nobody")
        machine.qmp.call_with("netdev_del", {"id": "p1"})
        machine.qmp.call_with("netdev_del", {"id": "n1"})
        machine.qmp.call_with("netdev_add", {"type": "tap", "id": "n1", "ifname": "t0", "script": "no"})


@test
def what_can_t_be_is_refused() -> None:
    cases = [({"ifname": "x" * 16}, "ifname: .*16 bytes"), ({"ifname": ""}, "ifname"), ({"fd": "a"}, "fd: .*'a'"),
             ({"fd": "1"}, "fd: .*'1'"), ({"fds": "5:"}, r"fds: expected FD\[:FD…\], got '5:'"),
             ({"fd": "99"}, "descriptor 99 is not a TAP"),
             ({"fd": "5", "fds": "5:6"}, "mutually exclusive"),
             ({"fd": "5", "ifname": "t0"}, "ifname: cannot be combined with fd"),
             ({"fds": "5:6", "queues": 2}, "queues: cannot be combined with fds"),
             ({"helper": "/bin/true", "vnet_hdr": True}, "vnet_hdr: cannot be combined with helper"),
             ({"helper": "/bin/true"}, "helper: '/bin/true': helpers are not supported"), ({"vhost": True}, "vhost: |vhost-net"),
             ({"vhostfd": "7"}, "vhost: "), ({"vhost": False, "vhostfds": "7:8"}, "vhost=off"),
             ({"queues": 0}, "queues"), ({"queues": 257}, "queues"), ({"ifname": "lo", "script": "no"}, ": '?lo|net/tun")]
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        for members, pattern in cases:
            machine.qmp.fails("netdev_add", {"type": "tap", "id": "n", **members}, pattern=pattern)


@test
def an_interface_that_is_no_ethernet_is_refused() -> None:
    need_tap()
    for flags, pattern in (IFF_TUN | IFF_NO_PI, "is not a TAP interface"), (IFF_TAP, "IFF_NO_PI"):
        fd = open_tap("t3", flags)
        told = fcntl.ioctl(fd, TUNGETIFF, bytes(40))
        if int.from_bytes(told[16:18], sys.byteorder) & 0xFFFF != flags:
            os.close(fd)    # a kernel that opens no such thing
            continue
        try:
            with tempfile.TemporaryDirectory() as directory, hub(directory, "a", fds=(fd,)) as (machine, _):
                assert machine.qmp
                machine.qmp.fails("netdev_add", {"type": "tap", "id": "n", "fd": str(fd)}, pattern=pattern)
        finally:
            os.close(fd)


if __name__ == "__main__":
    enter_namespace()
    if is_inside():
        raise_loopback()
    main()
