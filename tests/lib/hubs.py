# SPDX-License-Identifier: MIT
"""Processes whose hubs connect links, and checks that frames pass."""

import json
import os
import random
import socket
import struct
import threading
from contextlib import contextmanager
from typing import Iterator

from frames import Cable
from vintage_test import Machine

MAC = bytes.fromhex("525400000001525400000002") + b"\x88\xb5"
GROUP = "230.1.2.3"


def unix(path: str) -> dict:
    return {"type": "unix", "path": path}


def inet(port: int, host: str = "127.0.0.1") -> dict:
    return {"type": "inet", "host": host, "port": str(port)}


def free_port(kind: int, host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def has_ipv6() -> bool:
    try:
        free_port(socket.SOCK_STREAM, "::1")
    except OSError:
        return False
    return True


@contextmanager
def hub(directory: str, name: str, *netdevs: dict, more: tuple[str, ...] = (), fds: tuple[int, ...] = (),
        ) -> Iterator[tuple[Machine, Cable]]:
    """A process with a hub that connects a link to the test and @netdevs."""
    path = os.path.join(directory, f"cable-{name}")
    members = [{"type": "stream", "server": True, "addr": unix(path)}, *netdevs]
    argv = ["-machine", "none"]
    for number, member in enumerate(members):
        argv += ["-netdev", json.dumps({"id": f"n{number}", **member}),
                 "-netdev", f"hubport,id=p{number},hubid=1,netdev=n{number}"]
    with Machine(*argv, *more, fds=fds) as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        cable = Cable(path)
        try:
            yield machine, cable
        finally:
            cable.close()


def wait_event(machine: Machine, name: str, netdev: str) -> dict:
    assert machine.qmp
    while True:
        message = machine.qmp.events.pop(0) if machine.qmp.events else machine.qmp.receive()
        if message.get("event") == name and message["data"]["netdev-id"] == netdev:
            return message["data"]


def plug(machine: Machine, netdev: dict) -> None:
    """Plugs a netdev into the hub, while a client receives all events."""
    assert machine.qmp
    machine.qmp.call_with("netdev_add", {"id": "n1", **netdev})
    machine.qmp.call_with("netdev_add", {"type": "hubport", "id": "p1", "hubid": 1, "netdev": "n1"})


def make_frames(count: int, longest: int) -> list[bytes]:
    source = random.Random(count)
    return [MAC + struct.pack(">I", number) + source.randbytes(source.randrange(10, longest)) for number in range(count)]


def pass_frames(sender: Cable, receiver: Cable, frames: list[bytes]) -> None:
    """All frames arrive in order and unchanged."""
    thread = threading.Thread(target=lambda: [sender.send(frame) for frame in frames], daemon=True)
    thread.start()
    for number, frame in enumerate(frames):
        if receiver.next(20.0) != frame:
            raise AssertionError(f"frame {number} of {len(frames)} is not what was sent")
    thread.join(20)


def pass_slowly(sender: Cable, receiver: Cable, frames: list[bytes]) -> None:
    """A few frames at a time: with a longer queue, QEMU's hub reorders frames."""
    for start in range(0, len(frames), 5):
        pass_frames(sender, receiver, frames[start:start + 5])


def reaches(sender: Cable, receiver: Cable) -> None:
    """Repeats a frame until it arrives: datagrams are lost before the receiver listens."""
    for number in range(200):
        sender.send(MAC + b"are you there?" + bytes([number]))
        if receiver.next(0.1):
            break
    while receiver.next(0.2):
        pass
