#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Backends that Vintage serves to the engine: the guest uses our network and our disks, and sees no difference."""

import hashlib
import os
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from linux_guest import Guest, Page  # noqa: E402
from vintage_test import TIMEOUT, Machine, Skip, equal, main, matches, run, test, tool, VM  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
BASE = ["-machine", "pc-q35-7.2", "-nodefaults", "-display", "none", "-engine", "qemu"]
SIZE = 4 << 20


def disk(directory: str) -> str:
    """A file whose blocks differ."""
    path = os.path.join(directory, "disk")
    with open(path, "wb") as file:
        for number in range(SIZE // 512):
            file.write(hashlib.sha512(b"%d" % number).digest() * 8)
    return path


def open_files(pid: int) -> list[str]:
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{name}"))
        except FileNotFoundError:
            pass
    return found


def devices(path: str, served_by: str) -> list[str]:
    return ["-blockdev", f"file,node-name=f,filename={path},discard=unmap",
            "-blockdev", f"raw,node-name=d,file=f,discard=unmap,served-by={served_by}",
            "-device", "virtio-blk-pci,id=disk,drive=d", "-netdev", f"user,id=n,served-by={served_by}",
            "-device", "virtio-net-pci,id=net,netdev=n,mac=52:54:00:12:34:56"]


@test
def a_guest_uses_our_network_and_our_disk() -> None:
    """a real guest gets an address and a page through our libslirp, and reads and writes a file that only we open"""
    look = "cat /sys/bus/virtio/devices/*/features /sys/block/vda/queue/*_size /sys/block/vda/queue/*_max_bytes"
    seen = {}
    for served_by in ("engine", "vintage"):
        with tempfile.TemporaryDirectory() as directory:
            path = disk(directory)
            with open(path, "rb") as file:
                before = file.read()
            with Page() as page, Guest("-machine", "pc-q35-7.2", "-nodefaults", "-serial", "stdio",
                                       *devices(path, served_by)) as guest:
                pid = guest.qmp.call("query-engine")["pid"]
                # Who has the file and the network.
                equal(path in open_files(pid), served_by == "engine")
                equal(path in open_files(guest.process.pid), served_by == "vintage")
                nodes = {node["node-name"]: node["drv"] for node in guest.qmp.call("query-named-block-nodes")}
                equal(nodes.get("d"), "raw" if served_by == "engine" else "nbd")
                seen[served_by] = guest.run(look)
                page.is_fetched_by(guest)
                matches(guest.run("sha256sum /dev/vda"), hashlib.sha256(before).hexdigest())
                guest.run("dd if=/dev/zero of=/dev/vda bs=64k seek=2 count=3 conv=notrunc,fsync 2>/dev/null")
                guest.run("blkdiscard -o 1048576 -l 1048576 /dev/vda; sync")
                # Cached pages are dropped, so that the disk is read again.
                guest.run("echo 3 > /proc/sys/vm/drop_caches")
                after = bytearray(before)
                after[128 << 10:(128 + 192) << 10] = bytes(192 << 10)
                with open(path, "rb") as file:
                    written = file.read()
                equal(written[:1 << 20], bytes(after[:1 << 20]))
                equal(written[2 << 20:], before[2 << 20:])
                matches(guest.run("sha256sum /dev/vda"), hashlib.sha256(written).hexdigest())
                equal(guest.qmp.call("query-effective-config")["objects"]["n"]["properties"]["served-by"], served_by)
    equal(seen["vintage"], seen["engine"])


@test
def kills_leave_nothing() -> None:
    """after kill -9 of either process there is no engine, no lock on the disk, and no socket"""
    if not QEMU:
        raise Skip("qemu-system-x86_64 is not installed")
    with tempfile.TemporaryDirectory() as directory:
        path = disk(directory)
        for victim in ("vintage-vm", "engine"):
            with Machine(*BASE, *devices(path, "vintage"), "-S") as machine:
                assert machine.qmp
                pid = machine.qmp.negotiate().call("query-engine")["pid"]
                os.kill(pid if victim == "engine" else machine.process.pid, signal.SIGKILL)
                machine.process.wait(TIMEOUT)
                end = time.monotonic() + TIMEOUT
                while os.path.exists(f"/proc/{pid}"):
                    assert time.monotonic() < end, f"the engine {pid} still runs"
                    time.sleep(0.005)
                equal(machine.process.returncode, 128 + signal.SIGKILL if victim == "engine" else -signal.SIGKILL)
        equal(os.listdir(directory), ["disk"])


@test
def what_cannot_be_served_is_one_error() -> None:
    if not QEMU:
        raise Skip("qemu-system-x86_64 is not installed")
    with tempfile.TemporaryDirectory() as directory:
        path = disk(directory)
        for argv, message in (
                (["-netdev", "tap,id=n,served-by=vintage"], "-netdev tap,id=n,served-by=vintage: unknown member 'served-by'"),
                (["-blockdev", f'{{"driver":"qcow2","node-name":"q","file":{{"driver":"file","filename":"{path}",'
                  '"served-by":"vintage"}}'], "cannot be served inside another object; define it with its own option"),
                (["-blockdev", f"file,node-name=f,filename={path}", "-blockdev", "raw,node-name=d,file=f,served-by=vintage",
                  "-blockdev", "raw,node-name=e,file=f"], "the engine cannot use file 'f', which this process has"),
                (["-blockdev", f"file,node-name=f,filename={path}.not,served-by=vintage"], f"'{path}.not': No such file")):
            done = run(VM, "--platform-version", "9.0", *BASE, *argv)
            equal(done.returncode, 1, done.stderr)
            matches(done.stderr, r"\A[^\n]*\n\Z")
            assert message in done.stderr, (message, done.stderr)
        done = tool("argv", "--", "-machine", "pc-q35-7.2", "-netdev", "user,id=n,served-by=vintage")
        equal(done.returncode, 1)
        matches(done.stderr, "user 'n': only vintage-vm serves it to an engine")


@test
def a_backend_that_comes_later_is_refused() -> None:
    if not QEMU:
        raise Skip("qemu-system-x86_64 is not installed")
    with Machine(*BASE, "-S") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        for command, arguments in (("netdev_add", {"type": "user", "id": "n", "served-by": "vintage"}),
                                   ("blockdev-add", {"driver": "null-co", "node-name": "n", "served-by": "vintage"})):
            qmp.fails(command, arguments, pattern="from the start of the engine on; create it on the command line")
            del arguments["served-by"]
            qmp.call_with(command, arguments)


@test
def without_an_engine_the_member_changes_nothing() -> None:
    with Machine("-machine", "none", "-engine", "none", "-netdev", "user,id=n,served-by=vintage",
                 "-netdev", "user,id=m") as machine:
        assert machine.qmp
        objects = machine.qmp.negotiate().call("query-effective-config")["objects"]
        equal([objects[name]["properties"]["served-by"] for name in "nm"], ["vintage", "engine"])


main()
