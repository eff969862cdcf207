#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A short form of `make parity`: an old and a new machine of each family, against Debian's QEMU where it is installed."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from vintage_test import Skip, main, test  # noqa: E402

import compare  # noqa: E402
import sides  # noqa: E402

MACHINES = ("pc-i440fx-2.4", "pc-q35-7.2")
# One family of each type; `make parity` runs all.
KINDS = [("VGA", "PCI"), ("virtio-blk-pci", "PCI"), ("virtio-net-pci-non-transitional", "PCI"), ("virtio-rng-pci", "PCI"),
         ("virtio-scsi-pci", "PCI"), ("virtio-balloon-pci-transitional", "PCI")]


def add(machine: str) -> None:
    def agrees() -> None:
        if not sides.installed():
            raise Skip(f"{sides.BINARY} is not installed")
        parity = compare.Parity()
        parity.machine(machine, KINDS)
        unexplained = parity.unexplained()
        if unexplained:
            raise AssertionError("\n".join(map(str, unexplained)))
        if parity.devices < len(KINDS) or parity.cells < 300:
            raise AssertionError(f"only {parity.devices} devices and {parity.cells} values were there to compare")

    agrees.__doc__ = f"devices plugged into {machine} have the settled values that QEMU 7.2 gives them"
    test(agrees)


@test
def differences_are_seen() -> None:
    """a value, a missing member and a reference that differ are reported, and an explanation counts only if it
    matches"""
    parity = compare.Parity()
    parity.explained = [compare.Explanation("card", "rom*", "host", "a file")]
    parity.device("m-1", "card", {"queues": ("uint16", 4), "on": ("bool", True), "romsize": ("uint32", 9),
                                  "peer": ("link<x>", "/objects/a"), "parent_bus": ("link<bus>", "/machine/q35/pcie.0"),
                                  "serial": ("str", "")},
                  {"queues": 5, "romsize": 8, "peer": "b", "bus": "pcie.0"})
    told = [(each.name, bool(each.cause)) for each in parity.differences]
    if told != [("on", False), ("peer", False), ("queues", False), ("romsize", True)]:
        raise AssertionError(told)
    if parity.cells != 6:
        raise AssertionError(parity.cells)


for each in MACHINES:
    add(each)

if __name__ == "__main__":
    main()
