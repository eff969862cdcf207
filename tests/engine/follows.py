#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a relayed command changes, or the engine by itself, is also in our tree."""

import json
import os
import shutil
import sys
import tempfile
import time
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TIMEOUT, Machine, Qmp, Skip, equal, main, test  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
BASE = ["-machine", "pc-q35-7.2", "-nodefaults", "-display", "none", "-S"]
DISK = ["-blockdev", "null-co,node-name=a,size=1048576,read-zeroes=on", "-device", "virtio-blk-pci,id=v,drive=a"]


class Engine(Machine):
    def __init__(self, *argv: str, **more: Any):
        if not QEMU:
            raise Skip("qemu-system-x86_64 is not installed")
        super().__init__("-engine", "qemu", *BASE, *argv, **more)

    def negotiate(self) -> Qmp:
        assert self.qmp
        return self.qmp.negotiate()


def ours(qmp: Qmp) -> dict[str, Any]:
    return qmp.call("query-effective-config")["objects"]


def value(qmp: Qmp, name: str, member: str) -> Any:
    return ours(qmp)[name]["properties"].get(member)


def end_job(qmp: Qmp, name: str) -> None:
    """Waits until a job is no longer there."""
    end = time.monotonic() + TIMEOUT
    while any(job["id"] == name for job in qmp.call("query-jobs")):
        assert time.monotonic() < end, qmp.call("query-jobs")
        time.sleep(0.01)


@test
def a_value_of_qom_set() -> None:
    with Engine("-object", "iothread,id=t,poll-max-ns=1000") as vm:
        qmp = vm.negotiate()
        equal(value(qmp, "t", "poll-max-ns"), 1000)
        qmp.call("qom-set", path="/objects/t", property="poll-max-ns", value=5000)
        equal(value(qmp, "t", "poll-max-ns"), 5000)
        # Refused by the engine: nothing changes.
        qmp.fails("qom-set", {"path": "/objects/t", "property": "poll-max-ns", "value": -1})
        equal(value(qmp, "t", "poll-max-ns"), 5000)


@test
def a_copy_takes_the_place_of_a_disk() -> None:
    """after a mirror has ended, the device uses the copy, and the old node can be deleted"""
    with Engine(*DISK) as vm:
        qmp = vm.negotiate()
        qmp.call("blockdev-add", driver="null-co", node_name="b", size=1048576)
        qmp.call("blockdev-mirror", job_id="j", device="a", target="b", sync="full")
        while qmp.event("JOB_STATUS_CHANGE")["data"]["status"] != "ready":
            pass
        equal(value(qmp, "v", "drive"), "a")
        qmp.call("job-complete", id="j")
        end_job(qmp, "j")
        equal(value(qmp, "v", "drive"), "b")
        qmp.fails("blockdev-del", {"node-name": "b"}, pattern="in use by")
        qmp.call("blockdev-del", node_name="a")
        equal(sorted(name for name in ours(qmp) if name in ("a", "b")), ["b"])
        # What is written down starts the same VM.
        frozen = qmp.call("config-freeze")
        equal([device["drive"] for device in frozen["device"] if device.get("id") == "v"], ["b"])


@test
def a_drive_changes_its_medium() -> None:
    with tempfile.TemporaryDirectory() as directory, Engine(
            "-blockdev", "null-co,node-name=first,read-only=on", "-device", "ahci,id=s",
            "-device", "ide-cd,id=cd,bus=s.0,drive=first") as vm:
        path = os.path.join(directory, "medium")
        with open(path, "wb") as file:
            file.truncate(1 << 20)
        qmp = vm.negotiate()
        qmp.call("blockdev-open-tray", id="cd")
        qmp.call("blockdev-remove-medium", id="cd")
        equal(value(qmp, "cd", "drive"), None)
        qmp.call("blockdev-del", node_name="first")
        qmp.call("blockdev-add", driver="null-co", node_name="second", read_only=True)
        qmp.call("blockdev-insert-medium", id="cd", node_name="second")
        equal(value(qmp, "cd", "drive"), "second")
        # The engine creates a node without a name.
        qmp.call("blockdev-change-medium", id="cd", filename=path, format="raw", force=True)
        qmp.call("blockdev-del", node_name="second")
        assert "second" not in ours(qmp)


@test
def an_overlay_takes_the_place_of_a_disk() -> None:
    """the engine creates the overlay's node, and ends it after a commit"""
    with tempfile.TemporaryDirectory() as directory:
        base, overlay = os.path.join(directory, "base"), os.path.join(directory, "overlay")
        with open(base, "wb") as file:
            file.truncate(1 << 20)
        with Engine("-blockdev", f"file,node-name=f,filename={base}", "-blockdev", "raw,node-name=a,file=f",
                    "-device", "virtio-blk-pci,id=v,drive=a") as vm:
            qmp = vm.negotiate()
            qmp.call("blockdev-snapshot-sync", node_name="a", snapshot_file=overlay, snapshot_node_name="o")
            equal(value(qmp, "v", "drive"), "o")
            equal(ours(qmp)["o"]["type"], "qcow2")
            qmp.call("block-commit", job_id="j", device="o")
            while qmp.event("JOB_STATUS_CHANGE")["data"]["status"] != "ready":
                pass
            qmp.call("job-complete", id="j")
            end_job(qmp, "j")
            equal(value(qmp, "v", "drive"), "a")


@test
def a_node_is_opened_again() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "disk")
        with open(path, "wb") as file:
            file.truncate(1 << 20)
        with Engine("-blockdev", f"file,node-name=f,filename={path}", "-blockdev", "raw,node-name=a,file=f") as vm:
            qmp = vm.negotiate()
            qmp.call("blockdev-add", driver="file", node_name="g", filename=path)
            qmp.call_with("blockdev-reopen", {"options": [
                {"driver": "raw", "node-name": "a", "file": "g", "read-only": True}]})
            equal((value(qmp, "a", "file"), value(qmp, "a", "read-only")), ("g", True))
            # What is left out takes its default, and a node below stays.
            qmp.call_with("blockdev-reopen", {"options": [{"driver": "raw", "node-name": "a", "file": "g", "discard": "unmap"}]})
            equal([value(qmp, "a", member) for member in ("file", "read-only", "discard")], ["g", False, "unmap"])
            equal(qmp.call("query-named-block-nodes", flat=True)[0]["ro"], False)
            qmp.call("blockdev-del", node_name="f")
            qmp.fails("blockdev-del", {"node-name": "g"}, pattern="in use by")


@test
def changes_at_the_same_time_are_all_there() -> None:
    """a refresh does not lose a node that another client adds meanwhile"""
    with Engine("-object", "iothread,id=t", qmp="unix:PATH,server=on,wait=off") as vm:
        one, two = vm.connect().negotiate(), vm.connect().negotiate()
        for turn in range(50):
            one.send(json.dumps({"execute": "eject", "arguments": {"device": "nothing"}}) + json.dumps(
                {"execute": "transaction", "arguments": {"actions": []}}))
            two.send(json.dumps({"execute": "blockdev-add", "arguments": {"driver": "null-co", "node-name": f"n{turn}"}}))
            one.answer(), one.answer(), two.answer()
        names = {f"n{turn}" for turn in range(50)}
        equal(names - set(ours(one)), set())
        equal({node["node-name"] for node in two.call("query-named-block-nodes")}, names)


@test
def a_character_device_is_added_in_the_shape_of_qemu() -> None:
    with Engine() as vm:
        qmp = vm.negotiate()
        qmp.call("chardev-add", id="c", backend={"type": "null", "data": {}})
        answer = qmp.call("chardev-add", id="p", backend={"type": "pty", "data": {}})
        assert answer["pty"].startswith("/dev/pts/"), answer
        equal({row["label"] for row in qmp.call("query-chardev")} & {"c", "p"}, {"c", "p"})
        equal({"c", "p"} & set(ours(qmp)), {"c", "p"})
        qmp.fails("chardev-add", {"id": "c", "backend": {"type": "null", "data": {}}}, pattern="c")
        qmp.call("chardev-remove", id="c")
        qmp.call("chardev-remove", id="p")
        equal({"c", "p"} & set(ours(qmp)), set())
    with Machine("-machine", "none", "-engine", "none") as vm:
        assert vm.qmp
        qmp = vm.qmp.negotiate()
        assert "pty" in qmp.call("chardev-add", id="p", backend={"type": "pty", "data": {}})
        qmp.call("chardev-remove", id="p")


main()
