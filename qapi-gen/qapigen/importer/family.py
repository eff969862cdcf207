# SPDX-License-Identifier: MIT
"""Machines of the schema, found by the names that QEMU has for them."""

from __future__ import annotations

from qapigen.ledger.cells import Cells
from qapigen.model import TARGETS, Class, Schema


class Families:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.machines = [one for one in schema.classes.values() if one.is_machine and not one.abstract]
        self.versions = schema.versions["machine"]
        self.cells = Cells(schema, {})

    def place(self, target: str, machine: str, release: str = "") -> tuple[str, int] | None:
        """Family and version of the machine that QEMU of @release calls @machine."""
        bit = 1 << TARGETS.index(target)
        for one in self.machines:
            mask = self.schema.targets_of(one)
            if mask and not mask & bit:
                continue
            name = one.machine_name or one.name
            if not one.version_from:
                if machine == name:
                    return one.name, self.newest(release)
                continue
            for index in self.nodes(one):
                if machine == f"{name}-{self.versions[index].name}":
                    return one.name, index
        return None

    def newest(self, release: str) -> int:
        """The version of machines without versions, in a release."""
        names = [each.name for each in self.versions]
        return names.index(release) if release and release in names else len(names) - 1

    def nodes(self, one: Class) -> list[int]:
        """The versions that @one exists at."""
        newest = len(self.versions) - 1
        if not one.version_from:
            return [newest]
        return [index for index in range(one.version_from, (one.version_to or newest) + 1)
                if self.cells.timelines.exists(one, index)]
