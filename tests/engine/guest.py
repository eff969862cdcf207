#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A Linux guest under TCG: its devices work, and what it sees of a machine version is the text in guests/.

VT_UPDATE_GOLDEN=1 writes the texts anew.
"""

import functools
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from linux_guest import PATIENCE, QEMU, Guest, Page, initramfs  # noqa: E402
from vintage_test import BUILD, LONG, SANITIZED, Skip, equal, main, matches, test  # noqa: E402

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guests")
RELEASE = (7, 2)        # of QEMU, in the texts
UPDATE = "VT_UPDATE_GOLDEN" in os.environ
NEWEST = "pc-q35-7.2"
# Those that only the long form boots.
MACHINES = ("pc-q35-5.1", "pc-q35-5.2", "pc-i440fx-2.4", "pc-q35-2.12", "pc-q35-3.1", "pc-q35-4.2", "pc-q35-6.2")
DEVICES = ["-smp", "4", "-blockdev", "null-co,node-name=d,size=1048576,read-zeroes=on",
           "-device", "virtio-blk-pci,id=disk,drive=d",
           "-netdev", "user,id=n", "-device", "virtio-net-pci,id=net,netdev=n,mac=52:54:00:12:34:56",
           "-device", "virtio-rng-pci,id=rng", "-device", "virtio-balloon-pci,id=balloon",
           "-device", "virtio-serial-pci,id=ports"]
# What a guest sees, without what the firmware or the kernel chooses.
LOOK = r"""cd /sys/bus/pci/devices; for d in *; do echo "pci $d $(cat $d/vendor $d/device $d/subsystem_vendor \
$d/subsystem_device $d/class $d/revision | tr '\n' ' ')$(wc -c < $d/config)"; done
cd /sys/bus/virtio/devices; for d in *; do echo "virtio $d $(cat $d/device) $(cat $d/features)"; done
echo "disk queues $(ls /sys/block/vda/mq | wc -l), size $(cat /sys/block/vda/queue/nr_requests)"
echo "net queues $(ls /sys/class/net/eth0/queues | wc -l)"
cd /sys/class/dmi/id; echo "dmi $(cat sys_vendor product_name product_version chassis_vendor chassis_type | tr '\n' '|')"
grep -E '^(vendor_id|cpu family|model|model name|stepping|flags)' /proc/cpuinfo | sort -u
grep -c ^processor /proc/cpuinfo"""


def booted(machine: str) -> Guest:
    return Guest("-machine", machine, "-nodefaults", "-serial", "stdio", *DEVICES)


@functools.cache
def newest() -> str:
    """What a guest sees of the newest machine, whose devices work."""
    with Page() as page, booted(NEWEST) as guest:
        equal(guest.qmp.call("query-status"), {"running": True, "singlestep": False, "status": "running"})
        text = seen(guest)
        matches(guest.run("dd if=/dev/vda bs=4k count=4 2>&1"), r"4\+0 records out")
        page.is_fetched_by(guest)
        matches(guest.run("head -c 8 /dev/hwrng | wc -c"), r"^8$")
        guest.qmp.call("balloon", value=128 << 20)
        guest.qmp.call("stop")
        equal(guest.qmp.call("query-status")["status"], "paused")
        guest.qmp.call("cont")
        guest.qmp.events.clear()
        os.write(guest.console.fd_out, b"poweroff -f\n")
        while (event := guest.qmp.receive())["event"] != "SHUTDOWN":
            pass
        equal(event["data"], {"guest": True, "reason": "guest-shutdown"})
        equal(guest.process.wait(), 0)
        return text


@test
def the_devices_work_inside() -> None:
    """disk, network, random numbers, balloon, reset and power-off"""
    newest()


def seen(guest: Guest) -> str:
    """Empty if the texts are of another release."""
    version = guest.qmp.call("query-engine")["version"]
    if (version["major"], version["minor"]) != RELEASE:
        return ""
    return "".join(guest.run(line) for line in LOOK.replace("\\\n", "").splitlines())


def add(machine: str) -> None:
    def compare() -> None:
        if machine == NEWEST:
            text = newest()
        else:
            with booted(machine) as guest:
                text = seen(guest)
        if not text:
            raise Skip(f"the texts are of QEMU {RELEASE[0]}.{RELEASE[1]}")
        path = os.path.join(GOLDEN, f"{machine}.txt")
        if UPDATE:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        with open(path, encoding="utf-8") as file:
            equal(text, file.read(), f"{machine}: VT_UPDATE_GOLDEN=1 writes the text anew")

    compare.__doc__ = f"what a guest sees of {machine}"
    test(compare)


for name in (NEWEST, *(MACHINES if LONG or UPDATE else ())):
    add(name)


@test
def the_walkthrough_is_true() -> None:
    """the commands of docs/walkthroughs/run-a-guest.md print what the page says"""
    if not QEMU or SANITIZED:
        raise Skip("qemu-system-x86_64 is not installed" if not QEMU else "the plain build tries it")
    with open(os.path.join(ROOT, "docs", "walkthroughs", "run-a-guest.md"), encoding="utf-8") as file:
        page = file.read()
    printed = ""
    with tempfile.TemporaryDirectory() as directory:
        initramfs(os.path.join(directory, "initrd"))
        os.symlink(os.path.join(ROOT, "examples"), os.path.join(directory, "examples"))
        os.symlink(BUILD, os.path.join(directory, "build"))
        for block in re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
            done = subprocess.run(["sh", "-e", "-c", block.replace("/tmp/", f"{directory}/")], cwd=directory, text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=2 * PATIENCE)
            equal(done.returncode, 0, block + done.stderr)
            printed += done.stdout.replace("\r", "")
    for block in re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            # The firmware leaves codes of the terminal on the first line.
            assert f"{line}\n" in printed, (line, printed)


@test
def queues_follow_the_machine_version() -> None:
    """four processors see one queue of a disk on 5.1, and four on 5.2"""
    seen = {}
    for machine in ("pc-q35-5.1", "pc-q35-5.2"):
        path = os.path.join(GOLDEN, f"{machine}.txt")
        with open(path, encoding="utf-8") as file:
            seen[machine] = next(line for line in file if line.startswith("disk queues"))
    equal({machine: int(line.split()[2].rstrip(",")) for machine, line in seen.items()}, {"pc-q35-5.1": 1, "pc-q35-5.2": 4})


main()
