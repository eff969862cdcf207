#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Answers of vintage-vm without an engine are those of Debian's QEMU 7.2 for the same VM.

What of QEMU is not installed is skipped.
"""

import json
import os
import shutil
import subprocess
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Skip, equal, main, sampled, test  # noqa: E402

Request = tuple[str, dict[str, Any]]
MODULES = ("-object", "memory-backend-ram,id=m0,size=128M", "-object", "memory-backend-ram,id=m1,size=256M",
           "-object", "memory-backend-ram,id=m2,size=256M", "-device", "pc-dimm,id=d1,memdev=m1,slot=2",
           "-device", "pc-dimm,memdev=m0", "-device", "pc-dimm,id=d2,memdev=m2,node=0")
VIRTIO = ("-object", "memory-backend-ram,id=m3,size=64M", "-device", "virtio-pmem-pci,memdev=m3,id=p")
FIRMWARE = "/usr/share/seabios/vgabios-stdvga.bin"      # any file: Arm machines have no memory modules without firmware
PLUG = ("-object", "memory-backend-ram,id=m4,size=1G",
        "-device", "virtio-mem-pci,memdev=m4,id=v,requested-size=512M")
MEMORY: tuple[Request, ...] = (("query-memory-devices", {}), ("query-memory-size-summary", {}))
MACHINES = (
    ("x86_64", ("-machine", "pc-q35-7.2", "-m", "512,slots=4,maxmem=16G", *MODULES, *VIRTIO, *PLUG)),
    ("x86_64", ("-machine", "pc-q35-6.2", "-m", "2816,slots=4,maxmem=16G", *MODULES, *VIRTIO)),
    ("x86_64", ("-machine", "pc-i440fx-7.2", "-m", "3500,slots=4,maxmem=16G", *MODULES, *VIRTIO)),
    ("x86_64", ("-machine", "pc-i440fx-7.2", "-m", "5000,slots=4,maxmem=16G", *MODULES)),
    ("aarch64", ("-machine", "virt-7.2", "-cpu", "cortex-a57", "-m", "600,slots=4,maxmem=16G", "-bios", FIRMWARE, *MODULES)),
    ("ppc64", ("-machine", "pseries-7.2", "-m", "1536,slots=4,maxmem=16G",
               "-object", "memory-backend-ram,id=m0,size=256M", "-device", "pc-dimm,id=d0,memdev=m0")),
)
NOTHING: tuple[Request, ...] = (
    ("query-tpm", {}), ("query-jobs", {}), ("query-block-jobs", {}), ("query-memory-devices", {}), ("query-iothreads", {}),
    ("query-memdev", {}), ("query-replay", {}), ("query-balloon", {}), ("query-vm-generation-id", {}),
    ("query-current-machine", {}), ("query-stats", {"target": "vm"}), ("query-stats-schemas", {}),
    ("query-hotpluggable-cpus", {}), ("query-uuid", {}), ("query-fdsets", {}), ("inject-nmi", {}))
X86: tuple[Request, ...] = (("query-sev", {}), ("query-sev-launch-measure", {}), ("query-sev-capabilities", {}))
BARE = (
    ("x86_64", ("-machine", "pc-q35-7.2"), NOTHING + X86), ("x86_64", ("-machine", "none"), NOTHING),
    ("aarch64", ("-machine", "virt-7.2", "-cpu", "cortex-a57"), NOTHING),
    ("s390x", ("-machine", "s390-ccw-virtio-7.2"), tuple(row for row in NOTHING if row[0] != "query-hotpluggable-cpus")),
    # The board's interrupt controller, to which QEMU sends the interrupt, has no model.
    ("m68k", ("-machine", "virt-7.2"), tuple(row for row in NOTHING if row[0] != "inject-nmi")),
)
DISK = ("-blockdev", "null-co,node-name=d", "-device", "virtio-blk-pci,drive=d,id=v")
PCI = (
    ("x86_64", ("-machine", "pc-q35-7.2", *DISK, "-device", "pcie-root-port,id=rp,chassis=1", "-device", "e1000e,bus=rp,id=e",
                "-device", "virtio-rng-pci,id=r", "-device", "virtio-serial-pci,class=255", "-device", "e1000e,id=e2,subsys=5",
                "-device", "qemu-xhci", "-device", "pxb-pcie,id=x,bus_nr=20",
                "-device", "edu,bus=pcie.0,addr=9.0,multifunction=on", "-device", "ich9-usb-uhci2,bus=pcie.0,addr=9.1",
                "-device", "pxb-pcie,id=y,bus_nr=30,bus=pcie.0")),
    ("x86_64", ("-machine", "pc-i440fx-7.2,usb=on", *DISK[:-1], DISK[-1] + ",disable-legacy=on", "-device", "e1000",
                "-device", "pci-bridge,id=b,chassis_nr=1", "-device", "virtio-net-pci-non-transitional")),
    ("aarch64", ("-machine", "virt-7.2", "-cpu", "cortex-a57", *DISK)),
    ("ppc64", ("-machine", "pseries-7.2", *DISK)),
    ("s390x", ("-machine", "s390-ccw-virtio-7.2")),
)
# What the releases after 7.2 add to the answers of 7.2.
NEW = {"query-sev": {"sev-type"}}


def theirs(target: str, argv: tuple[str, ...], requests: tuple[Request, ...]) -> list[Any]:
    """What QEMU returns; of an error, its class."""
    program = f"qemu-system-{target}"
    if not shutil.which(program):
        raise Skip(f"{program} is not installed")
    lines = [{"execute": "qmp_capabilities"}, *({"execute": name, "arguments": arguments} for name, arguments in requests),
             {"execute": "quit"}]
    done = subprocess.run([program, *argv, "-S", "-nodefaults", "-display", "none", "-qmp", "stdio"], check=True, timeout=60,
                          input="".join(json.dumps(line) + "\n" for line in lines), capture_output=True, text=True)
    answers = [answer for answer in map(json.loads, done.stdout.splitlines()) if "return" in answer or "error" in answer]
    return [result(answer) for answer in answers[1:1 + len(requests)]]


def result(answer: dict[str, Any]) -> Any:
    return answer["return"] if "return" in answer else answer["error"]["class"]


def compare(target: str, argv: tuple[str, ...], requests: tuple[Request, ...]) -> None:
    wanted = theirs(target, argv, requests)
    with Machine("-target", target, *argv, "-S", "-nodefaults", "-accel", "qtest") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        for (name, arguments), their in zip(requests, wanted, strict=True):
            ours = result(qmp.raw(json.dumps({"execute": name, "arguments": arguments}) + "\n"))
            if isinstance(ours, dict):
                ours = {key: value for key, value in ours.items() if key not in NEW.get(name, set())}
            equal(ours, their, f"{target} {argv[1]}: {name}")


@test
def memory_devices_have_the_addresses_that_qemu_gives_them() -> None:
    for target, argv in sampled(MACHINES, 4):
        compare(target, argv, MEMORY)


@test
def a_machine_without_devices_has_the_answers_of_qemu() -> None:
    for target, argv, requests in sampled(BARE, 3):
        compare(target, argv, requests)


def known_regions(their: list[Any], ours: list[Any]) -> None:
    """Leaves only those BARs in what QEMU returns that the schema states."""
    for their_bus, our_bus in zip(their, ours, strict=True):
        for one, other in zip(their_bus["devices"], our_bus["devices"], strict=True):
            known = {region["bar"] for region in other["regions"]}
            one["regions"] = [region for region in one["regions"] if region["bar"] in known]


@test
def pci_devices_have_the_ids_that_qemu_gives_them() -> None:
    for target, argv in sampled(PCI, 3):
        their, = theirs(target, argv, (("query-pci", {}),))
        with Machine("-target", target, *argv, "-S", "-nodefaults", "-accel", "qtest") as machine:
            assert machine.qmp
            ours = machine.qmp.negotiate().call("query-pci")
        known_regions(their, ours)
        equal(ours, their, f"{target} {argv[1]}")


if __name__ == "__main__":
    main()
