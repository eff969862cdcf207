#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sets of descriptors without an engine: -add-fd, add-fd, remove-fd, query-fdsets, and files opened by /dev/fdset/N."""

import array
import json
import os
import socket
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, Machine, SocketQmp, equal, main, test, write_file  # noqa: E402

SERVER = "unix:PATH,server=on,wait=off"


def hand_over(client: SocketQmp, file: int, **arguments: Any) -> dict[str, int]:
    text = json.dumps({"execute": "add-fd", "arguments": {key.replace("_", "-"): value for key, value in arguments.items()}})
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


def files(pid: int) -> list[str]:
    return [os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")]


if __name__ == "__main__":
    main()
