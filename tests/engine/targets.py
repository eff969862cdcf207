#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A VM with virtio devices on the other targets: the QEMU of each that is installed starts it with the values of the plan."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Skip, equal, main, test  # noqa: E402

# Machine versions of QEMU 7.2, and the transport of their virtio devices.
TARGETS = {"aarch64": ("pci", "virt-5.2", "virt-7.2"), "riscv64": ("pci", "virt"), "ppc64": ("pci", "pseries-5.2", "pseries-7.2"),
           "s390x": ("ccw", "s390-ccw-virtio-5.2", "s390-ccw-virtio-7.2")}
DEVICES = ("blk-{},id=blk,drive=d", "net-{},id=net,netdev=n,mac=52:54:00:12:34:56", "rng-{},id=rng", "balloon-{},id=balloon",
           "scsi-{},id=scsi", "serial-{},id=serial", "gpu-{},id=gpu")


def verified(target: str, machine: str, transport: str) -> None:
    if not shutil.which(f"qemu-system-{target}"):
        raise Skip(f"qemu-system-{target} is not installed")
    argv = ["-blockdev", "null-co,node-name=d,read-zeroes=on", "-netdev", "user,id=n"]
    for device in DEVICES:
        argv += ["-device", "virtio-" + device.format(transport)]
    with Machine("-engine", "qemu", "-target", target, "-machine", machine, "-nodefaults", "-display", "none", "-S", "-smp", "2",
                 "-m", "512", *argv) as vm:
        assert vm.qmp
        told = vm.qmp.negotiate().call("query-engine")
        equal((told["state"], told["differences"]), ("running", 0))
        assert told["verified"] + told["proven"] > 100, told
        equal(vm.qmp.call("qom-get", path="/machine/peripheral/rng", property="type"), f"virtio-rng-{transport}")


def add(target: str, machine: str, transport: str) -> None:
    def starts() -> None:
        verified(target, machine, transport)

    starts.__doc__ = f"virtio devices on {target}, {machine}"
    test(starts)


for name, (kind, *machines) in TARGETS.items():
    for each in machines:
        add(name, each, kind)

main()
