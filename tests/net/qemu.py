#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Links to Debian's QEMU, if it is installed."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import Callable, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from frames import Cable  # noqa: E402
from guest import Guest  # noqa: E402
from hubs import hub, make_frames, pass_slowly, plug, reaches, unix, wait_event  # noqa: E402
from vintage_test import Qmp, Skip, equal, main, matches, test  # noqa: E402


@contextmanager
def qemu(*argv: str) -> Iterator[None]:
    program = shutil.which("qemu-system-x86_64")
    if not program or "stream" not in subprocess.run([program, "-netdev", "help"], capture_output=True, text=True,
                                                     check=False).stdout:
        raise Skip("there is no QEMU with netdev stream")
    with subprocess.Popen([program, "-machine", "none", "-nodefaults", "-display", "none", "-monitor", "none",
                           "-qmp", "stdio", *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        try:
            # QEMU may disconnect a client that connects before its main loop runs.
            Qmp(process.stdout.fileno(), process.stdin.fileno()).negotiate()
            yield
        finally:
            process.terminate()
            matches(process.stderr.read().decode(), r"\A(.*(hub 0 with no nics|terminating on signal).*\n)*\Z")


def qemu_hub(*netdevs: str) -> list[str]:
    argv = []
    for number, netdev in enumerate(netdevs):
        kind, _, members = netdev.partition(",")
        argv += ["-netdev", f"{kind},id=q{number}{',' + members if members else ''}",
                 "-netdev", f"hubport,id=h{number},hubid=0,netdev=q{number}"]
    return argv


class DeafQemu(Exception):
    """QEMU 7.2 disconnected the first client, and sometimes it does not listen after that."""


def join_through(a: Cable, path: str) -> Cable:
    """A link to a QEMU server. QEMU 7.2 sometimes disconnects the first client."""
    for _ in range(5):
        try:
            cable = Cable(path)
        except ConnectionRefusedError:
            raise DeafQemu from None
        try:
            reaches(a, cable)
            return cable
        except ConnectionResetError:
            cable.close()
    raise AssertionError("QEMU hangs up again and again")


def with_another_qemu(frames_pass: Callable[[], None]) -> None:
    """Tries @frames_pass with up to three processes of QEMU."""
    for left in (2, 1, 0):
        try:
            frames_pass()
            return
        except DeafQemu:
            if not left:
                raise


@test
def qemu_is_the_other_end_of_a_stream() -> None:
    with_another_qemu(frames_pass_over_a_stream)


def frames_pass_over_a_stream() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path, there = os.path.join(directory, "between"), os.path.join(directory, "there")
        with hub(directory, "a", {"type": "stream", "server": True, "addr": unix(path)}) as (machine, a), \
                qemu(*qemu_hub(f"stream,server=off,addr.type=unix,addr.path={path}",
                               f"stream,server=on,addr.type=unix,addr.path={there}")):
            wait_event(machine, "NETDEV_STREAM_CONNECTED", "n1")
            b = join_through(a, there)
            pass_slowly(a, b, make_frames(500, 1500))
            pass_slowly(b, a, make_frames(500, 1500))
            b.close()


@test
def qemu_is_the_server_and_leases_an_address() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "between")
        with qemu(*qemu_hub(f"stream,server=on,addr.type=unix,addr.path={path}", "user,restrict=on,net=10.9.8.0/24")), \
                hub(directory, "a") as (machine, a):
            plug(machine, {"type": "stream", "addr": unix(path)})
            wait_event(machine, "NETDEV_STREAM_CONNECTED", "n1")
            equal(Guest(a).dhcp()[0], bytes([10, 9, 8, 15]))


@test
def a_client_of_qemu_gets_its_lease_from_here() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path, there = os.path.join(directory, "between"), os.path.join(directory, "there")
        with hub(directory, "a", {"type": "stream", "server": True, "addr": unix(path)},
                 {"type": "user", "restrict": True}) as (machine, _), \
                qemu(*qemu_hub(f"stream,server=off,addr.type=unix,addr.path={path}",
                               f"stream,server=on,addr.type=unix,addr.path={there}")):
            wait_event(machine, "NETDEV_STREAM_CONNECTED", "n1")
            b = Cable(there)
            equal(Guest(b).dhcp()[0], bytes([10, 0, 2, 15]))
            b.close()


@test
def qemu_is_the_other_end_of_datagrams() -> None:
    with_another_qemu(datagrams_pass)


def datagrams_pass() -> None:
    with tempfile.TemporaryDirectory() as directory:
        ours, theirs = (os.path.join(directory, name) for name in ("ours", "theirs"))
        there = os.path.join(directory, "there")
        with hub(directory, "a", {"type": "dgram", "local": unix(ours), "remote": unix(theirs)}) as (_, a), \
                qemu(*qemu_hub(f"dgram,local.type=unix,local.path={theirs},remote.type=unix,remote.path={ours}",
                               f"stream,server=on,addr.type=unix,addr.path={there}")):
            b = join_through(a, there)
            pass_slowly(a, b, make_frames(200, 1500))
            pass_slowly(b, a, make_frames(200, 1500))
            b.close()


if __name__ == "__main__":
    main()
