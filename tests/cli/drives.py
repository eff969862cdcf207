#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Drives, network cards, display adapters and default devices: -drive and its short forms, -net, -nic, -vga.

drives.json has what QEMU 7.2 (Debian) reports for its command lines: by 'info block', 'info chardev' and 'info qtree'.
It has no boards whose defaults another release changed: machines without versions follow the newest release.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import equal, main, matches, test, tool  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
# Character devices that boards of QEMU create for ports without a user; devices of QEMU that are no objects here.
BOARD_CHARDEVS = {"fpga", "discarding-serial1"}
NAMES = {"virtio-blk-pci": "virtio-blk", "virtio-blk-ccw": "virtio-blk", "virtio-net-pci": "virtio-net",
         "virtio-net-ccw": "virtio-net", "slot": "mx66u51235f"}
DISPLAYS = {"VGA", "cirrus-vga", "qxl-vga", "isa-cirrus-vga", "isa-vga", "vmware-svga", "virtio-vga"}


def objects(*argv: str) -> dict[str, dict]:
    done = tool("resolve", "--json", "--", *argv, defaults=True)
    equal((done.returncode, done.stderr), (0, ""), " ".join(argv))
    return json.loads(done.stdout)["objects"]


def summary(*argv: str) -> dict[str, object]:
    """What the table has of a VM."""
    found = objects(*argv)
    drives: dict[str, str | None] = {key: None for key, one in found.items() if one["type"] == "block-backend"}
    result = {"drives": drives, "chardevs": [], "nics": [], "displays": []}
    for key, one in found.items():
        kind, members = NAMES.get(one["type"], one["type"]), one["properties"]
        if members.get("drive") in drives:
            drives[members["drive"]] = kind
        if members.get("netdev") and one["type"] != "hubport":
            result["nics"].append(kind)
        if kind in DISPLAYS:
            result["displays"].append(kind)
    result["chardevs"] = sorted(key for key, one in found.items()
                                if one["type"] in ("vc", "null", "stdio") and key != "compat_monitor0")
    return {key: sorted(value) if isinstance(value, list) else value for key, value in result.items()}


def add_observed() -> None:
    with open(os.path.join(HERE, "drives.json"), encoding="utf-8") as file:
        for row in json.load(file):
            def check(row: dict = row) -> None:
                got = summary("-target", row["target"], *row["options"].split())
                expected = {key: row[key] for key in ("drives", "nics", "displays")}
                expected["chardevs"] = sorted(set(row["chardevs"]) - BOARD_CHARDEVS)
                equal(got, {key: expected[key] for key in got}, row["options"])
            check.__name__ = f"as QEMU: {row['target']} {row['options']}"
            test(check)


def node(*argv: str) -> dict:
    """The block node of the drive 'd'."""
    return objects("-nodefaults", "-drive", ",".join(("if=none,id=d", *argv)))["d"]["properties"]["root"]


@test
def file_names_select_the_block_driver():
    for name, members in {
            "a.img": {"driver": "file", "filename": "a.img"},
            "file:a.img": {"driver": "file", "filename": "a.img"},
            "/dev/sdx": {"driver": "host_device", "filename": "/dev/sdx"},
            "a,,b": {"driver": "file", "filename": "a,b"},
            "nbd:h:1:exportname=e": {"driver": "nbd", "export": "e", "server": {"type": "inet", "host": "h", "port": "1"}},
            "nbd:unix:/s": {"driver": "nbd", "server": {"type": "unix", "path": "/s"}},
            "nbd://h/e": {"driver": "nbd", "export": "e", "server": {"type": "inet", "host": "h", "port": "10809"}},
            "nbd+unix:///e?socket=/s": {"driver": "nbd", "export": "e", "server": {"type": "unix", "path": "/s"}},
            "rbd:p/n/i@s:id=u:mon_host=a\\:1;b": {"driver": "rbd", "pool": "p", "namespace": "n", "image": "i",
                                                  "snapshot": "s", "user": "u", "server": [
                                                      {"host": "a", "port": "1"}, {"host": "b", "port": "6789"}]},
            "iscsi://h:1/iqn.t/3": {"driver": "iscsi", "transport": "tcp", "portal": "h:1", "target": "iqn.t", "lun": 3},
            "https://h/x.iso": {"driver": "https", "url": "https://h/x.iso"},
            "ssh://u@h/x?host_key_check=no": {"driver": "ssh", "path": "/x", "user": "u",
                                              "host-key-check": {"mode": "none"}},
            "gluster://h/v/x": {"driver": "gluster", "volume": "v", "path": "x"},
            "nfs://h/x?uid=3": {"driver": "nfs", "path": "/x", "user": 3},
            "nvme://0000:01:00.0/1": {"driver": "nvme", "device": "0000:01:00.0", "namespace": 1},
            "fat:rw:16:/d": {"driver": "vvfat", "dir": "/d", "rw": True, "fat-type": 16},
            "null-co://": {"driver": "null-co"},
            'json:{"driver":"null-co","size":7}': {"driver": "null-co", "size": 7}}.items():
        comma = name if ",," in name or "json:" not in name else name.replace(",", ",,")
        for below, got in ((False, node(f"file={comma}")), (True, node(f"file={comma}", "format=qcow2")["file"])):
            for key, value in members.items():
                found = got[key]
                if isinstance(value, dict):
                    found = {each: found[each] for each in value}
                equal(found, value, f"{name} {below} {key}")


@test
def settings_of_a_drive_reach_the_node():
    got = node("file=a", "format=qcow2", "cache=none", "aio=native", "discard=on", "detect-zeroes=unmap",
               "l2-cache-size=1M", "file.locking=off", "node-name=n", "readonly")
    equal((got["cache"], got["discard"], got["detect-zeroes"], got["l2-cache-size"], got["read-only"]),
          ({"direct": True, "no-flush": False}, "unmap", "unmap", 1 << 20, True))
    equal((got["file"]["aio"], got["file"]["locking"], got["file"]["cache"]["direct"]), ("native", "off", True))
    found = objects("-nodefaults", "-snapshot", "-drive",
                    "if=none,id=d,file=a,cache=writethrough,iops_rd=7,bps_rd=4,bps_rd_max=8,throttling.iops-write=9,werror=stop")
    own = found["d"]["properties"]
    equal((own["write-cache"], own["snapshot"], own["detect-format"], own["werror"]), (False, True, True, "stop"))
    equal({key: value for key, value in own["limits"].items() if value not in (0, 1)},
          {"iops-read": 7, "bps-read": 4, "bps-read-max": 8, "iops-write": 9})
    equal(node("file=a", "format=raw", "copy-on-read=on")["driver"], "copy-on-read")
    # Each integer of a block driver takes a suffix.
    equal(node("file.driver=https", "file.url=https://h/x", "file.readahead=2k", "format=raw")["file"]["readahead"], 2048)


@test
def short_keys_of_a_driver_name_its_server():
    inet = {"type": "inet", "host": "h", "port": "9"}
    equal(node("driver=nbd", "host=h", "port=9")["server"].items() >= inet.items(), True)
    equal(node("driver=nbd", "path=/s", "export=e")["server"].items() >= {"type": "unix", "path": "/s"}.items(), True)
    got = node("file.driver=nbd", "file.host=h", "file.port=9", "file.export=e", "format=qcow2")
    equal((got["driver"], got["file"]["server"].items() >= inet.items(), got["file"]["export"]), ("qcow2", True, "e"))
    got = node("file.driver=ssh", "file.host=h", "file.port=9", "file.path=/x", "format=raw")["file"]
    equal((got["path"], got["server"]["host"], got["server"]["port"]), ("/x", "h", "9"))


@test
def devices_use_drives_and_nodes():
    found = objects("-nodefaults", "-drive", "if=none,id=d,file=a,format=raw,node-name=n", "-blockdev", "null-co,node-name=b",
                    "-device", "virtio-blk-pci,drive=d", "-device", "virtio-blk-pci,drive=b")
    equal([found[f"device[{i}]"]["properties"]["drive"] for i in (0, 1)], ["d", "b"])
    equal(found["n"]["type"], "raw")
    found = objects("-nodefaults", "-machine", "q35", "-pflash", "a", "-pflash", "b")
    equal([found["/machine"]["properties"][f"pflash{i}"] for i in (0, 1)], ["pflash0", "pflash1"])


@test
def mistakes_are_refused_where_they_are():
    for options, pattern in {
            "-drive if=none,id=x,format=raw,fle=a": r"-drive .*: unknown member 'fle'; did you mean 'file'\?",
            "-drive if=idee,file=a": r"-drive .*if: unknown value 'idee'; did you mean 'ide'\?",
            "-drive file=a,index=1,bus=1": r"index: cannot be combined",
            "-drive file=a,unit=2": r"unit: '2' is out of range; expected 0 to 1",
            "-hda a -drive file=b,index=0": r"-drive file=b,index=0: index: another drive is at if=ide,bus=0,unit=0",
            "-drive if=scsi,file=a": r"the machine does not support if=scsi,bus=0,unit=0",
            "-drive if=floppy,werror=stop": r"werror: not supported by if=floppy",
            "-drive file=a,bps_max_length=2": r"unknown member 'bps_max_length'",
            "-drive file=foo:bar": r"unknown protocol 'foo'",
            "-drive driver=nbd,hosst=h": r"unknown member 'hosst'",
            "-drive file=nbd:h": r"'nbd:h' is not a file name of driver 'nbd'",
            "-drive file=iscsi://h": r"expected iscsi://",
            "-drive if=none,id=9": r"id: '9' is malformed",
            "-drive if=none,id=d -drive if=none,id=d": r"'d'",
            "-drive cache=wrong": r"cache: unknown value 'wrong'",
            "-drive if=none,format=qcow2,l2-cache-size=1M": r"file: expected a file",
            "-net nic,model=e1001": r"unknown device 'e1001'; did you mean 'e1000'\?",
            "-net nic,hostfwd=x": r"-net nic,hostfwd=x: hostfwd: unknown member",
            "-net user,model=e1000": r"model: unknown member; it is for 'nic'",
            "-nic user,hostfd=x": r"unknown member 'hostfd'; did you mean 'hostfwd'\?",
            "-vga stdd": r"-vga: .*'stdd'"}.items():
        done = tool("check", "--", "-machine", "pc", *options.split())
        equal((done.returncode, done.stdout), (1, ""), options)
        matches(done.stderr, pattern)


@test
def boards_have_the_buses_of_their_default_drives():
    for target, machine, drives in (("x86_64", "q35", ["ide-cd"]), ("x86_64", "pc,sata=off", ["floppy", "ide-cd"]),
                                    ("x86_64", "q35,sata=off", []), ("ppc", "amigaone", ["floppy", "ide-cd"]),
                                    ("riscv64", "boston-aia", ["ide-cd"]), ("aarch64", "ast2700fc", ["sd-card"])):
        types = {one["type"] for one in objects("-target", target, "-machine", machine).values()}
        equal(sorted(types & {"ide-cd", "floppy", "sd-card"}), drives, machine)


@test
def a_frozen_vm_has_the_same_devices():
    options = ["-machine", "pc-q35-7.2", "-drive", "file=a,format=raw", "-hdb", "b", "-net", "nic", "-net", "user"]
    done = tool("freeze", "--", *options, defaults=True)
    equal(done.returncode, 0, done.stderr)
    frozen = json.loads(done.stdout)
    equal((frozen["nodefaults"], len(frozen["drive"]), len(frozen["net"])), (False, 2, 2))


add_observed()
main()
