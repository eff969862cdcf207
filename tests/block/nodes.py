#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Block nodes over QMP: queries, resize, and hotplug while other nodes are in use."""

import errno
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from faults import TRUNCATE, WAITS, faulty  # noqa: E402
from obstacles import Watch  # noqa: E402
from vintage_test import BUILD, Machine, Qmp, QmpError, equal, main, matches, run, test, write_file  # noqa: E402


class Backends(Machine):
    program = os.path.join(BUILD, "vintage-backends")


@contextmanager
def image(size: int = 1 << 20) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "disk", b"")
        os.truncate(path, size)
        yield path


@test
def nodes_tell_what_they_are() -> None:
    with image() as path, Backends() as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.call_with("object-add", {"qom-type": "throttle-group", "id": "g", "limits": {"iops-total": 5}})
        qmp.call_with("blockdev-add", {"driver": "file", "node-name": "f", "filename": path, "read-only": True,
                                       "cache": {"direct": False, "no-flush": True}})
        qmp.call_with("blockdev-add", {"driver": "throttle", "node-name": "t", "throttle-group": "g",
                                       "file": {"driver": "raw", "file": "f", "offset": 4096}})
        nodes = {row["node-name"]: row for row in qmp.call("query-named-block-nodes")}
        equal(sorted(nodes), ["block-node[0]", "f", "t"])
        equal([nodes["f"][key] for key in ("file", "ro", "drv", "cache", "children")],
              [path, True, "file", {"writeback": True, "direct": False, "no-flush": True}, []])
        equal(nodes["f"]["image"], {"filename": path, "format": "file", "virtual-size": 1 << 20, "actual-size": 0})
        equal(nodes["t"]["group"], "g")
        equal(nodes["t"]["children"], [{"child": "file", "node-name": "block-node[0]"}])
        equal(nodes["t"]["image"]["virtual-size"], (1 << 20) - 4096)
        equal(nodes["t"]["ro"], True)
        equal(qmp.call("query-block"), [])
        equal(qmp.call("query-blockstats"), [])
        stats = {row["node-name"]: row for row in qmp.call("query-blockstats", query_nodes=True)}
        equal(stats["t"]["parent"]["parent"]["node-name"], "f")
        equal((stats["t"]["stats"]["rd_operations"], "idle_time_ns" in stats["t"]["stats"]), (0, False))


@test
def deletion_names_the_user() -> None:
    with Backends() as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.call_with("object-add", {"qom-type": "throttle-group", "id": "g"})
        qmp.call_with("blockdev-add", {"driver": "null-co", "node-name": "n"})
        qmp.call_with("blockdev-add", {"driver": "throttle", "node-name": "t", "throttle-group": "g", "file": "n"})
        qmp.fails("blockdev-del", {"node-name": "n"}, pattern="block-node 'n' is in use by block-node 't'")
        qmp.fails("object-del", {"id": "g"}, pattern="object 'g' is in use by block-node 't'")
        qmp.fails("blockdev-del", {"node-name": "x"}, pattern="node-name='x'")
        qmp.call("blockdev-del", node_name="t")
        qmp.call("blockdev-del", node_name="n")
        qmp.call("object-del", id="g")


@test
def devices_tell_their_nodes() -> None:
    with image() as path, Machine("-machine", "pc-q35-9.1", "-blockdev", f"file,node-name=f,filename={path}",
                                  "-device", "virtio-blk-pci,id=v,drive=f") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        (row,) = qmp.call("query-block")
        equal((row["device"], row["qdev"], row["removable"], row["inserted"]["node-name"]),
              ("", "/machine/peripheral/v/virtio-backend", False, "f"))
        (row,) = qmp.call("query-blockstats")
        equal((row["qdev"], row["node-name"]), ("/machine/peripheral/v/virtio-backend", "f"))
        qmp.call("block_resize", device="v", size=4096)
        equal(os.path.getsize(path), 4096)


@test
def a_node_takes_another_length() -> None:
    with image() as path, Backends("-blockdev", f"file,node-name=f,filename={path}", "-blockdev",
                                   f"file,node-name=r,filename={path},read-only=on") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.call_with("block_resize", {"node-name": "f", "size": 2 << 20})
        equal(os.path.getsize(path), 2 << 20)
        for size in (1000, -512):
            qmp.fails("block_resize", {"node-name": "f", "size": size},
                      pattern=f"size: '{size}' is not a length; expected a multiple of 512")
        qmp.fails("block_resize", {"node-name": "r", "size": 512}, pattern="block-node 'r' is read-only")
        qmp.fails("block_resize", {"node-name": "x", "size": 512}, pattern="node-name='x'")
        qmp.fails("block_resize", {"device": "x", "size": 512}, "DeviceNotFound")
        qmp.fails("block_resize", {"size": 512}, pattern="exactly one of 'device' and 'node-name'")
        equal(os.path.getsize(path), 2 << 20)


def is_resized(qmp: Qmp, arguments: dict[str, object]) -> bool:
    """False as long as the resize before it is in progress: the file has its size before the node knows."""
    try:
        qmp.call_with("block_resize", arguments)
    except QmpError as error:
        matches(str(error), "another resize is in progress")
        return False
    return True


@test
def a_slow_truncation_leaves_others_their_replies() -> None:
    with image() as path, faulty("-machine", "none", "-blockdev", f"file,node-name=f,filename={path}",
                                 qmp="unix:PATH,server=on,wait=off") as (machine, plan):
        watch = Watch(machine)
        resize = {"node-name": "f", "size": 2 << 20}
        plan.set(TRUNCATE, 1, WAITS)
        watch.ask_with("block_resize", resize)
        # Only the truncated node is busy.
        watch.second.fails("block_resize", resize, pattern=f"filename: '{path}': another resize is in progress")
        watch.second.call_with("blockdev-add", {"driver": "null-co", "node-name": "n"})
        watch.second.call_with("blockdev-del", {"node-name": "n"})
        equal(os.path.getsize(path), 1 << 20)
        equal(plan.end(), 1)
        equal(watch.first.answer(), {"return": {}})
        equal(os.path.getsize(path), 2 << 20)
        plan.set(TRUNCATE, 1, errno.EFBIG)
        watch.first.fails("block_resize", {"node-name": "f", "size": 1024}, pattern="File too large")
        equal(plan.end(), 1)
        # The node is deleted, its file is opened again, and the client is gone, before the truncation ends.
        plan.set(TRUNCATE, 1, WAITS)
        watch.ask_with("block_resize", {"node-name": "f", "size": 4096})
        watch.second.call_with("blockdev-del", {"node-name": "f"})
        watch.second.call_with("blockdev-add", {"driver": "file", "node-name": "g", "filename": path})
        watch.first.close()
        watch.second.fails("block_resize", {**resize, "node-name": "g"}, pattern="another resize is in progress")
        equal(plan.end(), 1)
        while not is_resized(watch.second, {**resize, "node-name": "g"}):
            time.sleep(0.01)
        equal(os.path.getsize(path), 2 << 20)
    print(f"# {watch.report()}")


@test
def limits_of_a_group_change() -> None:
    with Backends("-object", "throttle-group,id=g,limits.bps-total=1000") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        equal(qmp.call("qom-get", path="/objects/g", property="limits")["bps-total"], 1000)


@test
def a_daemon_takes_no_threads_before_there_are_requests() -> None:
    with image() as path, Backends("-blockdev", f"file,node-name=f,filename={path}") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        names = set()
        for thread in os.listdir(f"/proc/{machine.process.pid}/task"):
            with open(f"/proc/{machine.process.pid}/task/{thread}/comm", encoding="utf-8") as file:
                names.add(file.read().strip())
        libraries = subprocess.run(["ldd", Backends.program], capture_output=True, text=True, check=True).stdout
        equal(names - {"vintage-backend", "gmain"}, set())
        equal("liburing" in libraries, False, libraries)


@test
def what_is_wrong_is_said_in_one_line() -> None:
    wrong = {
        '{"driver": "file", "node-name": "d", "filename": "/nowhere"}': "filename: '/nowhere': No such file or directory",
        '{"driver": "host_device", "node-name": "d", "filename": "/dev/null"}': "is not a block device",
        '{"driver": "throttle", "node-name": "d", "throttle-group": "g", "file": "d"}': "throttle-group: no object 'g'",
        '{"driver": "raw", "node-name": "d", "file": {"driver": "null-co", "size": 512}, "offset": 1024}':
            "offset: 1024 exceeds the length of the child node, 512",
        '{"driver": "fil", "node-name": "d", "filename": "/x"}': "did you mean 'file'",
    }
    for text, expected in wrong.items():
        done = run(Backends.program, "--platform-version", "9.0", "-blockdev", text, "-qmp", "stdio")
        equal(done.returncode, 1, json.dumps(text))
        matches(done.stderr, rf"\Avintage-backends: [^\n]*{expected}[^\n]*\n\Z")


if __name__ == "__main__":
    main()
