#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sets of descriptors without an engine: -add-fd, add-fd, remove-fd, query-fdsets, and files opened by /dev/fdset/N."""

import contextlib
import array
import json
import os
import socket
import sys
import tempfile
import time
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, Machine, SocketQmp, equal, main, test, write_file  # noqa: E402

SERVER = "unix:PATH,server=on,wait=off"


def hand_over(client: SocketQmp, file: int, command: str = "add-fd", **arguments: Any) -> dict[str, int]:
    text = json.dumps({"execute": command, "arguments": {key.replace("_", "-"): value for key, value in arguments.items()}})
    client.socket.sendmsg([text.encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))])
    answer: dict[str, int] = client.answer()["return"]
    return answer


def sets(qmp: SocketQmp) -> list[tuple[int, list[str | None]]]:
    return [(row["fdset-id"], [fd.get("opaque") for fd in row["fds"]]) for row in qmp.call("query-fdsets")]


@test
def sets_are_numbered_listed_and_removed() -> None:
    with Machine("-machine", "none", qmp=SERVER) as machine, open(os.devnull, encoding="ascii") as null:
        qmp = machine.connect().negotiate()
        before = len(os.listdir(f"/proc/{machine.process.pid}/fd"))
        qmp.fails("add-fd", {}, pattern="SCM_RIGHTS")
        added = hand_over(qmp, null.fileno(), fdset_id=1, opaque="one")
        equal(added["fdset-id"], 1)
        equal([hand_over(qmp, null.fileno())["fdset-id"] for _ in range(2)], [0, 2])
        hand_over(qmp, null.fileno(), fdset_id=1, opaque="two")
        equal(sets(qmp), [(0, [None]), (1, ["one", "two"]), (2, [None])])
        qmp.call_with("remove-fd", {"fdset-id": 1, "fd": added["fd"]})
        equal(sets(qmp), [(0, [None]), (1, ["two"]), (2, [None])])
        qmp.fails("remove-fd", {"fdset-id": 1, "fd": added["fd"]}, pattern=f"set 1 has no file descriptor {added['fd']}")
        qmp.fails("remove-fd", {"fdset-id": 7}, pattern="no set 7")
        for number in range(3):
            qmp.call_with("remove-fd", {"fdset-id": number})
        equal(sets(qmp), [])
        equal(len(os.listdir(f"/proc/{machine.process.pid}/fd")), before)


@test
def a_path_opens_the_descriptor_of_a_set() -> None:
    with Machine("-machine", "none", qmp=SERVER) as machine:
        qmp = machine.connect().negotiate()
        image = write_file(machine.directory.name, "image", "x" * 4096)
        with open(image, "r+b") as file, open(os.path.join(machine.directory.name, "log"), "wb") as log:
            hand_over(qmp, file.fileno(), fdset_id=5)
            hand_over(qmp, log.fileno(), fdset_id=6)
        qmp.call_with("blockdev-add", {"driver": "file", "node-name": "d", "filename": "/dev/fdset/5", "read-only": True})
        node, = qmp.call("query-named-block-nodes")
        equal((node["image"]["virtual-size"], node["file"]), (4096, "/dev/fdset/5"))
        qmp.fails("blockdev-add", {"driver": "file", "node-name": "e", "filename": "/dev/fdset/9"}, pattern="No such file")
        qmp.fails("blockdev-add", {"driver": "file", "node-name": "e", "filename": "/dev/fdset/6", "read-only": True},
                  pattern="Permission denied")
        qmp.call_with("chardev-add", {"id": "c", "backend": {"type": "file", "data": {"out": "/dev/fdset/6"}}})
        for number in (5, 6):       # what is open stays open
            qmp.call_with("remove-fd", {"fdset-id": number})
        equal(qmp.call("query-named-block-nodes")[0]["image"]["virtual-size"], 4096)
        qmp.call("blockdev-del", node_name="d")
        qmp.fails("blockdev-add", {"driver": "file", "node-name": "d", "filename": "/dev/fdset/5"}, pattern="No such file")


class Backends(Machine):
    program = os.path.join(BUILD, "vintage-backends")


@test
def inherited_descriptors_are_in_sets_at_startup() -> None:
    with tempfile.TemporaryDirectory() as directory:
        image = write_file(directory, "image", "x" * 4096)
        for program, argv in ((Machine, ("-machine", "none")), (Backends, ())):
            with open(image, "rb") as file, open(os.devnull, "rb") as null:
                number, other = file.fileno(), null.fileno()
                options = (*argv, "-add-fd", f"fd={number},set=2,opaque=a,,b", "-add-fd", f"fd={number},set=0",
                           "-add-fd", f"fd={other},set=2")
                with program(*options, "-blockdev", "file,node-name=d,filename=/dev/fdset/0,read-only=on", fds=(number, other),
                             qmp=SERVER) as machine:
                    qmp = machine.connect().negotiate()
                    equal(sets(qmp), [(0, [None]), (2, ["a,b", None])])
                    equal(qmp.call("query-named-block-nodes")[0]["image"]["virtual-size"], 4096)
                    qmp.call("blockdev-del", node_name="d")
                    equal(files(machine.process.pid).count(image), 2)
                    for one in (0, 2):      # the sets alone have the descriptors
                        qmp.call_with("remove-fd", {"fdset-id": one})
                    equal(files(machine.process.pid).count(image), 0)
        equal(Machine("-machine", "none", "-add-fd", "fd=99,set=1", qmp=None).end(), (
            1, "vintage-vm: -add-fd fd=99,set=1: fd: '99' is not a descriptor that the process inherited\n"))


@test
def a_name_stands_for_a_descriptor_of_the_client() -> None:
    for program, argv in ((Machine, ("-machine", "none")), (Backends, ())):
        with program(*argv, qmp=SERVER) as machine:
            qmp, other = machine.connect().negotiate(), machine.connect().negotiate()
            before = len(files(machine.process.pid))
            qmp.fails("getfd", {"fdname": "s"}, pattern="SCM_RIGHTS")
            qmp.fails("getfd", {"fdname": "1s"}, pattern="expected a name that does not begin with a digit, got '1s'")
            qmp.fails("closefd", {"fdname": "s"}, pattern="no file descriptor has the name 's'")
            socket_of = {"type": "socket", "data": {"addr": {"type": "fd", "data": {"str": "s"}}, "server": False}}
            for _ in range(2):
                ours, theirs = socket.socketpair()
                with ours, theirs, open(os.devnull, "rb") as null:
                    hand_over(qmp, null.fileno(), "getfd", fdname="s")
                    hand_over(qmp, theirs.fileno(), "getfd", fdname="s")       # closes the former
                    equal(len(files(machine.process.pid)), before + 1)
                    # Another client has names of its own.
                    other.fails("chardev-add", {"id": "c", "backend": socket_of}, pattern="no file descriptor has the name 's'")
                    other.fails("closefd", {"fdname": "s"}, pattern="'s'")
                    theirs.close()
                    qmp.call_with("chardev-add", {"id": "c", "backend": socket_of})
                    qmp.fails("closefd", {"fdname": "s"}, pattern="'s'")       # the chardev has it
                    equal([row["filename"] for row in qmp.call("query-chardev") if row["label"] == "c"], ["fd:s"])
                    qmp.call("chardev-remove", id="c")
                    equal(ours.recv(1), b"")
            with open(os.devnull, "rb") as null:
                hand_over(qmp, null.fileno(), "getfd", fdname="s")
                qmp.fails("netdev_add", {"type": "tap", "id": "n", "fd": "s"}, pattern="is not a TAP interface")
                qmp.fails("object-add", {"qom-type": "iommufd", "id": "i", "fd": "s"}, pattern="no file descriptor has the name")
                qmp.fails("netdev_add", {"type": "tap", "id": "n", "fd": "2"}, pattern="file descriptor from 3 on, got '2'")
                hand_over(qmp, null.fileno(), "getfd", fdname="t")
                qmp.call_with("object-add", {"qom-type": "iommufd", "id": "i", "fd": "t"})
                qmp.call("object-del", id="i")
                equal(len(files(machine.process.pid)), before)
                hand_over(qmp, null.fileno(), "getfd", fdname="u")
                hand_over(qmp, null.fileno(), "getfd", fdname="v")
                qmp.call("closefd", fdname="u")
            qmp.close()                                 # the names go with the connection
            until = time.monotonic() + 60
            while len(files(machine.process.pid)) != before - 1 and time.monotonic() < until:
                other.call("query-chardev")
            equal(len(files(machine.process.pid)), before - 1)
    equal(Machine("-machine", "none", "-netdev", "tap,id=n,fd=x", qmp=None).end(), (
        1, "vintage-vm: -netdev tap,id=n,fd=x: fd: expected the number of a file descriptor from 3 on, got 'x'\n"))


def files(pid: int) -> list[str]:
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):        # the process may close it meanwhile
            found.append(os.readlink(f"/proc/{pid}/fd/{name}"))
    return found


if __name__ == "__main__":
    main()
