#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every device that can be plugged in, on old and new machine versions: the engine uses the values of the plan.

The devices and their options are those of tests/parity.  A device that a machine refuses is tried alone, so that it does
not hide others.  VINTAGE_LONG=1 takes all machine versions listed; 'make test' takes some.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "parity")]
from devices import OF_MACHINES, Plugged, hosts_of, left_out  # noqa: E402
from engine_cache import without_proofs  # noqa: E402
from sides import Refusal, candidates, installed  # noqa: E402
from vintage_test import Machine, Skip, main, sampled, test  # noqa: E402

from compare import BATCH, pluggable  # noqa: E402

MACHINES = ("pc-q35-7.2", "pc-i440fx-2.4", "pc-q35-2.12", "pc-q35-3.1", "pc-q35-4.2", "pc-q35-5.1", "pc-q35-5.2", "pc-q35-6.2")
LEAST = 60          # types on each machine
# Audio devices must not depend on the sound card of the host.
os.environ["QEMU_AUDIO_DRV"] = "none"


class Tried:
    """What the engine said of the devices of one machine."""

    def __init__(self, machine: str) -> None:
        self.machine = machine
        self.kinds: list[str] = []
        self.values = 0
        self.differences: list[str] = []

    def together(self, devices: list[Plugged]) -> None:
        argv = ["-machine", self.machine, "-nodefaults", "-display", "none", *hosts_of(devices)]
        for device in devices:
            argv += [*device.before(), "-device", device.words(True)]
        try:
            with Machine("-engine", "qemu,verify=warn", "-S", *argv) as machine:
                assert machine.qmp
                told = machine.qmp.negotiate().call("query-engine")
                machine.qmp.call("quit")
                _, errors = machine.end()
        except AssertionError as refused:
            # Refused by both or by one of both; tests/parity compares who refuses what.
            if len(devices) > 1:
                self.together(devices[:len(devices) // 2])
                self.together(devices[len(devices) // 2:])
            elif "Sanitizer" in str(refused):
                raise
            return
        self.kinds += [device.kind for device in devices]
        self.values += told["verified"]
        if told["differences"]:
            self.differences += [line for line in errors.splitlines() if "the engine" in line]


def verified(machine: str) -> None:
    if not installed():
        raise Skip("qemu-system-x86_64 is not installed")
    try:
        kinds = [(kind, bus) for kind, bus in candidates() if not left_out(kind)]
    except Refusal as reason:
        raise Skip(str(reason)) from None
    devices = [Plugged(kind, bus, number) for number, (kind, bus) in enumerate(pluggable(kinds, OF_MACHINES), 1)]
    tried = Tried(machine)
    with without_proofs():
        for start in range(0, len(devices), BATCH):
            tried.together(devices[start:start + BATCH])
    print(f"# {machine}: {len(tried.kinds)} of {len(devices)} types, {tried.values} values, {len(tried.differences)} differ")
    assert not tried.differences, "\n".join(tried.differences)
    assert len(tried.kinds) >= LEAST, f"only {len(tried.kinds)} types were tried"


def add(machine: str) -> None:
    def compare() -> None:
        verified(machine)

    compare.__doc__ = f"devices on {machine} have the values of the plan"
    test(compare)


for each in sampled(MACHINES, 8, 8):
    add(each)

main()
