# SPDX-License-Identifier: MIT
"""Compares every property of every device with QEMU, and explains accepted differences."""

import collections
import fnmatch
import os
from typing import Any, NamedTuple

from devices import HOSTS, Plugged
from sides import Refusal, of_qemu, of_vintage

EXPLAINED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "explained.txt")
CAUSES = ("host", "volatile", "runtime", "realized", "stable-branch", "mapped", "refused")
# Free slots of a machine's first bus.
BATCH = 20
# The path of the main bus in QEMU.
ROOT_BUS = "/machine/unattached/sysbus"
MISSING = object()


class Difference(NamedTuple):
    machine: str
    kind: str
    name: str
    theirs: Any
    ours: Any
    cause: str                  # "": unexplained

    def __str__(self) -> str:
        ours = "no such member" if self.ours is MISSING else repr(self.ours)
        return f"{self.machine}: {self.kind}.{self.name}: {ours}, QEMU has {self.theirs!r} ({self.cause or 'UNEXPLAINED'})"


class Explanation(NamedTuple):
    kind: str
    name: str
    cause: str
    words: str


def explanations() -> list[Explanation]:
    """Lines 'KIND PROPERTY CAUSE words'; patterns as in fnmatch."""
    result = []
    with open(EXPLAINED, encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip() and not line.startswith("#"):
                fields = line.split(None, 3)
                if len(fields) != 4 or fields[2] not in CAUSES:
                    raise ValueError(f"{EXPLAINED}:{number}: not 'KIND PROPERTY CAUSE words'; causes are {', '.join(CAUSES)}")
                result.append(Explanation(*fields[:3], fields[3].strip()))
    return result


class Parity:
    def __init__(self) -> None:
        self.explained = explanations()
        self.used: set[Explanation] = set()
        self.cells = self.devices = 0
        self.alone: set[str] = set()
        self.never: set[tuple[str, str]] = set()                # family, kind: refused by its first machine
        self.families: set[str] = set()
        self.boards: set[str] = set()                           # machines whose own properties were compared
        self.differences: list[Difference] = []
        self.compared: collections.Counter[str] = collections.Counter()     # values of each type
        self.refused: dict[tuple[str, str], list[str]] = {}     # kind, reason of QEMU: machines

    # ---- plugging in

    def machine(self, machine: str, kinds: list[tuple[str, str]]) -> None:
        family = machine.rpartition("-")[0]
        devices = [Plugged(kind, bus, number) for number, (kind, bus) in enumerate(kinds, 1)
                   if (family, kind) not in self.never]
        # A device that was refused once is likely to be refused again, so it is tried alone.
        for device in devices:
            if device.kind in self.alone:
                self.batch(machine, [device])
        together = [device for device in devices if device.kind not in self.alone]
        for start in range(0, len(together), BATCH):
            self.batch(machine, together[start:start + BATCH])
        self.families.add(family)

    def batch(self, machine: str, devices: list[Plugged]) -> None:
        """Adds devices together. If a side refuses, halves the batch until the device is known."""
        try:
            theirs = of_qemu(machine, devices)
        except Refusal as reason:
            if len(devices) == 1:
                self.alone.add(devices[0].kind)
                family = machine.rpartition("-")[0]
                if family not in self.families:
                    self.never.add((family, devices[0].kind))
                self.refused.setdefault((devices[0].kind, str(reason)), []).append(machine)
                return
            return self.halves(machine, devices)
        try:
            ours = of_vintage(machine, devices)
        except Refusal as reason:
            if len(devices) > 1:
                return self.halves(machine, devices)
            self.alone.add(devices[0].kind)
            self.differ(machine, devices[0].kind, "(plugged in)", "yes", str(reason))
            return
        for device in devices:
            self.devices += 1
            self.device(machine, device.kind, theirs[device.id], ours[device.id])
        if machine not in self.boards:
            self.boards.add(machine)
            self.device(machine, "machine", theirs["/machine"], ours["/machine"])

    def halves(self, machine: str, devices: list[Plugged]) -> None:
        middle = len(devices) // 2
        self.batch(machine, devices[:middle])
        self.batch(machine, devices[middle:])

    # ---- comparing

    def device(self, machine: str, kind: str, theirs: dict[str, tuple[str, Any]], ours: dict[str, Any]) -> None:
        for name, (type_name, value) in sorted(theirs.items()):
            # A bus is a reference by name in Vintage.
            member = "bus" if name == "parent_bus" else name
            self.cells += 1
            self.compared[kind] += 1
            if not same(ours.get(member), value, type_name):
                shown = "(no bus)" if member == "bus" and member not in ours else name
                self.differ(machine, kind, shown, value, ours.get(member, MISSING))

    def differ(self, machine: str, kind: str, name: str, theirs: Any, ours: Any) -> None:
        for each in self.explained:
            if fnmatch.fnmatchcase(kind, each.kind) and fnmatch.fnmatchcase(name, each.name):
                self.used.add(each)
                self.differences.append(Difference(machine, kind, name, theirs, ours, f"{each.cause}: {each.words}"))
                return
        self.differences.append(Difference(machine, kind, name, theirs, ours, ""))

    def by_type(self) -> list[str]:
        """A line for each type: how many values were compared, and which properties differ."""
        lines = []
        for kind, compared in sorted(self.compared.items()):
            found = [each for each in self.differences if each.kind == kind]
            names = sorted({each.name + "!" * (not each.cause) for each in found})
            lines.append(f"{kind}: {compared} values, {len(found)} differ" + (f": {', '.join(names)}" if names else ""))
        return lines

    def unexplained(self) -> list[Difference]:
        return [each for each in self.differences if not each.cause]


def same(ours: Any, theirs: Any, type_name: str) -> bool:
    """An absent member equals an empty one, and a reference equals a path; a struct may have additional members."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return all(same(ours.get(name), value, "") for name, value in theirs.items())
    if ours is None:
        return theirs in ("", [])
    if theirs == ROOT_BUS and ours == "main-system-bus":
        return True
    if type_name.startswith("link<") and isinstance(ours, str):
        return theirs.rpartition("/")[2] == ours.rpartition("/")[2]
    return type(ours) is type(theirs) and ours == theirs


def pluggable(kinds: list[tuple[str, str]], known: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(kind, bus) for kind, bus in kinds if bus in known or bus in HOSTS]
