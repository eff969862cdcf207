#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""add-fd, remove-fd and query-fdsets without an engine: sets of descriptors, and files that are opened by /dev/fdset/N."""

import array
import json
import os
import socket
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, SocketQmp, equal, main, test, write_file  # noqa: E402

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


if __name__ == "__main__":
    main()
