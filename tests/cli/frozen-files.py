#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A frozen file leaves nothing open: no 'auto' that a guest can see, the origin of each value, the versions of the schema."""

import glob
import json
import os
import re
import shutil
import sys
import tempfile
from typing import Any, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Skip, equal, main, matches, test, tool, tool_json, write_file  # noqa: E402

SOURCE = os.environ.get("VINTAGE_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
LINES = (
    ["-machine", "pc", "-vga", "std", "-device", "e1000,id=n", "-device", "ide-hd,drive=d", "-blockdev", "null-co,node-name=d"],
    ["-machine", "q35", "-device", "virtio-blk-pci,drive=d,id=v", "-blockdev", "null-co,node-name=d", "-device",
     "qemu-xhci,id=x", "-device", "usb-storage,drive=e,bus=x.0", "-blockdev", "null-co,node-name=e", "-device", "intel-hda"],
    ["-machine", "pc-q35-5.1", "-device", "virtio-scsi-pci,id=s", "-device", "scsi-hd,drive=d,bus=s.0", "-blockdev",
     "null-co,node-name=d", "-netdev", "user,id=u", "-device", "virtio-net-pci,netdev=u"],
    ["-target", "aarch64", "-machine", "virt", "-device", "virtio-rng-pci"],
    ["-target", "riscv64", "-machine", "virt", "-device", "virtio-rng-pci"],
    ["-machine", "microvm", "-device", "virtio-rng-device"],
    ["-machine", "q35", "-device", "nvme,drive=d,serial=s", "-blockdev", "null-co,node-name=d"])


def stays() -> set[str]:
    """Members of which the schema says why a frozen file has 'auto'."""
    found = set()
    for path in glob.glob(os.path.join(SOURCE, "schema", "**", "*.json"), recursive=True):
        with open(path, encoding="utf-8") as file:
            found |= set(re.findall(r"'\*([\w-]+)': \{[^{}]*'auto-stays'", file.read()))
    return found


def autos(value: Any, name: str = "") -> Iterator[str]:
    """The names of members that are 'auto'."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from autos(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from autos(one, name)
    elif value == "auto":
        yield name


def files(directory: str) -> Iterator[str]:
    """Frozen files of many VMs."""
    places = glob.glob(os.path.join(SOURCE, "tests", "configs", "*.json")) + [f"{SOURCE}/examples/small-vm.json"]
    for number, argv in enumerate([[place] for place in places] + [["--", *line] for line in LINES]):
        path = os.path.join(directory, str(number))
        done = tool("freeze", "-o", path, *argv)
        if done.returncode == 0:
            yield path
        else:
            matches(done.stderr, r"sensitive|cannot be frozen|No such file|unknown")


@test
def a_guest_sees_no_auto() -> None:
    """of each VM; and what is frozen again is the same"""
    allowed, n = stays(), 0
    with tempfile.TemporaryDirectory() as directory:
        for path in files(directory):
            n += 1
            with open(path, encoding="utf-8") as file:
                text = file.read()
            frozen = json.loads(text)
            left = set(autos({key: frozen.get(key) for key in ("machine", "device")}))
            equal(left - allowed, set(), path)
            for name in ("acpi", "smm", "pic", "pit", "smbios-entry-point-type", "rerror", "werror", "write-cache"):
                assert name not in left, (path, name)
            equal(frozen["versions"], {"machine": "11.1", "platform": "11.1", "release": "11.1"})
            done = tool("freeze", path)
            equal((done.returncode, json.loads(done.stdout)), (0, frozen), path + done.stderr)
    assert n >= len(LINES), n


@test
def auto_means_what_the_backend_has() -> None:
    """a disk follows its backend; without one that says it, the schema does"""
    drives = []
    for name, more in (("a", "cache=writethrough,rerror=stop,werror=ignore"), ("b", "cache=writeback")):
        drives += ["-drive", f"file=/dev/null,format=raw,if=none,id={name},{more}", "-device",
                   f"virtio-blk-pci,drive={name},id=v{name}"]
    done = tool("freeze", "--", "-machine", "q35", *drives, "-blockdev", "null-co,node-name=c", "-device",
                "virtio-blk-pci,drive=c,id=vc,write-cache=auto")
    equal(done.returncode, 0, done.stderr)
    disks = {one["id"]: one for one in json.loads(done.stdout)["device"]}
    members = ("write-cache", "rerror", "werror")
    equal([tuple(disks[f"v{name}"][member] for member in members) for name in "abc"],
          [("off", "stop", "ignore"), ("on", "report", "enospc"), ("on", "report", "enospc")])


@test
def explain_knows_where_a_value_came_from() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "frozen")
        vm = ["-machine", "pc-q35-9.0", "-netdev", "tap,id=t", "-device", "virtio-net-pci,netdev=t,id=n,mq=on"]
        equal(tool("freeze", "--platform-version", "8.2", "-o", path, "--", *vm).returncode, 0)
        said = tool_json("explain", "--json", "--", path)["objects"]
        uso, given, smm = (said["n"]["properties"]["host_uso"], said["n"]["properties"]["mq"],
                           said["/machine"]["properties"]["smm"])
        equal((uso["from"], uso["was"], uso["since"]), ("explicit", "machine", "8.2"))
        matches(uso["why"], "the guest sends UDP datagrams")
        equal((given["from"], given.get("was")), ("explicit", None))
        equal((smm["value"], smm["was"]), ("on", "auto"))
        with open(path, encoding="utf-8") as file:
            frozen = json.load(file)
        for origins, wrong in ((5, "origins: expected an object"), ({"device": 5}, "origins.device: expected an object"),
                               ({"devise": {}}, "origins.devise: expected an option"),
                               ({"device": {"n": 5}}, "origins.device.n: expected an object")):
            bad = write_file(directory, "bad", json.dumps({**frozen, "origins": origins}))
            done = tool("check", bad)
            equal((done.returncode, done.stdout), (1, ""))
            matches(done.stderr, re.escape(wrong))
        del frozen["frozen"], frozen["machine"]["internal"]
        frozen.pop("defaults", None)
        bad = write_file(directory, "bad", json.dumps(frozen))
        matches(tool("check", bad).stderr, "origins: supported in a frozen file only")


@test
def an_engine_that_is_older_runs_it() -> None:
    """an engine without a member behaves as 'auto' means"""
    if not shutil.which("qemu-system-x86_64"):
        raise Skip("qemu-system-x86_64 is not installed")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "frozen")
        vm = ["-engine", "qemu", "-machine", "pc-q35-7.2", "-display", "none", "-netdev", "user,id=u", "-device",
              "virtio-net-pci,netdev=u,id=n", "-device", "virtio-blk-pci,drive=d", "-blockdev", "null-co,node-name=d"]
        done = tool("freeze", "--platform-version", "7.2", "-o", path, "--", *vm)
        equal(done.returncode, 0, done.stderr)
        done = tool("argv", path)
        equal(done.returncode, 0, done.stderr)
        matches(done.stdout, "smm=on")


main()
