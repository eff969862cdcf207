#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Drives of -drive and drive_add without an engine: what upstream's drive_del-test does, their names, what is refused."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import VM, Machine, Qmp, equal, main, matches, run, test, write_file  # noqa: E402

NULL = "if=none,id=drive0,file=null-co://,file.read-zeroes=on,format=raw"


def human(qmp: Qmp, line: str) -> str:
    answer = qmp.call("human-monitor-command", **{"command-line": line})
    assert isinstance(answer, str)
    return answer


def drives(qmp: Qmp) -> dict[str, str | None]:
    """The device of each drive."""
    return {row["device"]: row.get("qdev") for row in qmp.call("query-block") if row["device"]}


@test
def a_drive_is_added_and_deleted_without_a_device() -> None:
    with Machine("-machine", "pc", "-accel", "qtest", "-nodefaults") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        for value in (NULL, "if=none,id=drive0"):
            equal(human(qmp, f"drive_add 0 {value}"), "OK\r\n")
            equal(drives(qmp), {"drive0": None})
            matches(human(qmp, f"drive_add 0 {value}"), "^Error: -drive .*'drive0' already exists")
            qmp.fails("device_add", {"driver": "virtio-blk-pci", "drive": "drive0", "id": "dev0", "nope": 1}, pattern="'nope'")
            equal(human(qmp, "drive_del drive0"), "")
            equal(drives(qmp), {})
        equal(qmp.call("query-named-block-nodes"), [])
        for value, pattern in (("if=virtio,id=x,file=null-co://,format=raw", "also adds a device"),
                               ("if=none,id=x,file=null-co://", "format of an image is not detected.*format=raw"),
                               (f"{NULL},snapshot=on", "snapshot=on requires an engine"),
                               (f"{NULL},throttling.iops-total-max=5", "requires iops-total"),
                               ("if=none,id=x,formt=raw", "formt")):
            matches(human(qmp, f"drive_add 0 {value}"), f"^Error: -drive[^\\n]*{pattern}[^\\n]*\r\n\\Z")
            equal((drives(qmp), qmp.call("query-named-block-nodes")), ({}, []), value)


@test
def a_drive_goes_with_its_device() -> None:
    for argv, device in ((("-device", "virtio-blk-pci,drive=drive0,id=dev0"), "/machine/peripheral/dev0/virtio-backend"),
                         (("-device", "usb-ehci", "-device", "usb-storage,drive=drive0,id=dev0"), "dev0")):
        with Machine("-machine", "pc", "-accel", "qtest", "-nodefaults", "-drive", NULL, *argv) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            equal(drives(qmp), {"drive0": device})
            inserted, = (row["inserted"] for row in qmp.call("query-block"))
            equal((inserted["drv"], inserted["ro"]), ("raw", False))
            equal([row["device"] for row in qmp.call("query-blockstats")], ["drive0"])
            qmp.call("device_del", id="dev0")
            qmp.event("DEVICE_DELETED")
            equal(drives(qmp), {})
            equal(human(qmp, f"drive_add 0 {NULL}"), "OK\r\n")
    with Machine("-machine", "pc", "-accel", "qtest", "-nodefaults", "-blockdev", "null-co,node-name=drive0",
                 "-device", "virtio-blk-pci,drive=drive0,id=dev0") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        equal(drives(qmp), {})
        qmp.call("device_del", id="dev0")
        qmp.event("DEVICE_DELETED")
        equal([row["node-name"] for row in qmp.call("query-named-block-nodes")], ["drive0"])


@test
def a_device_stays_without_its_drive() -> None:
    for argv in (("-device", "virtio-blk-pci,drive=drive0,id=dev0"),
                 ("-device", "usb-ehci", "-device", "usb-storage,drive=drive0,id=dev0"),
                 ("-device", "virtio-scsi-pci", "-device", "scsi-hd,drive=drive0,id=dev0")):
        with Machine("-machine", "pc", "-accel", "qtest", "-nodefaults", "-drive", NULL, *argv) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            equal(list(drives(qmp)), ["drive0"])
            equal(human(qmp, "drive_del drive0"), "")
            equal((drives(qmp), qmp.call("query-named-block-nodes")), ({}, []))
            assert "'drive0'" not in str(qmp.call("query-effective-config"))
            equal(human(qmp, "drive_del drive0"), "Error: no drive 'drive0'\r\n")
            # The name is free again, and the other drive is no part of the device.
            equal(human(qmp, f"drive_add 0 {NULL}"), "OK\r\n")
            equal(drives(qmp), {"drive0": None})
            qmp.call("device_del", id="dev0")
            qmp.event("DEVICE_DELETED")
            equal(drives(qmp), {"drive0": None})
    with Machine("-machine", "pc", "-accel", "qtest", "-nodefaults", "-blockdev", "null-co,node-name=node0",
                 "-device", "virtio-blk-pci,drive=node0,id=dev0") as machine:
        assert machine.qmp
        matches(human(machine.qmp.negotiate(), "drive_del node0"), "^Error: block-node 'node0' is in use by device 'dev0'")


@test
def a_drive_has_limits() -> None:
    none = {f"{kind}{part}": 0 for kind in ("bps", "iops") for part in ("", "_rd", "_wr")}
    with Machine("-machine", "pc", "-accel", "qtest", "-nodefaults", "-drive", f"{NULL},throttling.iops-total=5",
                 "-device", "virtio-blk-pci,drive=drive0,id=dev0", "-blockdev", "null-co,node-name=node1",
                 "-device", "virtio-blk-pci,drive=node1,id=dev1", "-drive", "if=none,id=empty") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()

        def shown() -> dict[str, object]:
            inserted, = (row["inserted"] for row in qmp.call("query-block") if row["device"] == "drive0")
            return {name: value for name, value in inserted.items() if name.startswith(("bps", "iops", "group"))}

        equal(shown(), {**none, "iops": 5, "group": "drive0"})
        new = {**none, "bps_rd": 1000, "bps_rd_max": 2000, "bps_rd_max_length": 3, "iops_wr": 7, "iops_size": 4096, "group": "g"}
        qmp.call_with("block_set_io_throttle", {"id": "dev0", **new})
        equal(shown(), new)
        for arguments, pattern in (({"id": "dev0", "bps": 5, "bps_wr": 6}, "bps"), ({"id": "dev0", "bps": -1}, "-1"),
                                   ({"id": "dev0", "bps": 9, "bps_max": 8}, "bps-total"),
                                   ({}, "exactly one of 'device' and 'id'"),
                                   ({"id": "dev1"}, "'dev1' has no drive"), ({"id": "empty"}, "no medium")):
            qmp.fails("block_set_io_throttle", {**none, **arguments}, pattern=pattern)
        qmp.fails("block_set_io_throttle", {**none, "device": "nope"}, "DeviceNotFound", "Device 'nope' not found")
        equal(shown(), new)
        qmp.call_with("block_set_io_throttle", {"device": "drive0", **none})
        equal(shown(), none)


@test
def a_drive_shows_its_medium() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "image", "x" * 4096)
        with Machine("-machine", "none", "-drive", f"if=none,id=d,format=raw,file={path}") as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            row, = qmp.call("query-block")
            equal((row["device"], row["inserted"]["file"], row["inserted"]["image"]["virtual-size"]), ("d", path, 4096))
            # A drive opens its file for writes when a device does.
            qmp.fails("block_resize", {"device": "d", "size": 8192}, pattern="'file' is open read-only")
        done = run(VM, "-machine", "none", "-drive", f"if=none,id=d,file={path}")
        equal(done.returncode, 1)
        matches(done.stderr, "vintage-vm: -drive [^\\n]*: the format of an image is not detected[^\\n]*format=raw\n\\Z")


if __name__ == "__main__":
    main()
