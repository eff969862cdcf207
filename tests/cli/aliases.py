#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Aliases of devices: the class depends on the target, and output shows the name of the class."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import VM, Machine, equal, main, matches, resolve, resolve_error, run, test  # noqa: E402

DISK = ["-blockdev", "null-co,node-name=d", "-device", "virtio-blk,id=disk,drive=d"]


@test
def a_target_has_its_own() -> None:
    for target, machine, driver in (("x86_64", "q35", "virtio-blk-pci"), ("aarch64", "virt", "virtio-blk-pci"),
                                    ("s390x", "s390-ccw-virtio", "virtio-blk-ccw")):
        equal(resolve(["--target", target, "-machine", machine, *DISK])["objects"]["disk"]["type"], driver, target)


@test
def it_is_created_over_qmp_too() -> None:
    with Machine("-machine", "q35", "-S") as vm:
        assert vm.qmp
        qmp = vm.qmp.negotiate()
        qmp.call_with("device_add", {"driver": "virtio-rng", "id": "rng"})
        equal(qmp.call_with("qom-get", {"path": "/machine/peripheral/rng", "property": "type"}), "virtio-rng-pci")


@test
def help_and_hints_name_it() -> None:
    matches(run(VM, "-device", "help").stdout, r'name "virtio-blk-pci", bus PCI, alias "virtio-blk"')
    matches(resolve_error("-machine", "none", "-device", "virtio-blck"), "did you mean 'virtio-blk'")


main()
