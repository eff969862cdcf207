# SPDX-License-Identifier: MIT
"""Values of the schema as the tables hold them: one number, or a tree of parts."""

from __future__ import annotations

import json
import struct
from typing import Any

from qapigen.model import Alternate, Enum, Member, Scalar, Struct, Union
from qapigen.plan import Plan
from qapigen.pool import Strings
from qapigen.record import dataclass, replace
from qapigen.values import branch_of, chosen_branch

COMPOSITE = ("STRUCT", "UNION", "ALTERNATE")


@dataclass(frozen=True)
class Part:
    """A VtPart."""

    value: object
    row: int = 0
    flags: str = ""
    note: str = ""


class Encoder:
    """Fills the parts of a unit.  Equal trees are stored once; the first part is an empty struct or list."""

    def __init__(self, plan: Plan, strings: Strings) -> None:
        self.plan = plan
        self.schema = plan.schema
        self.strings = strings
        self.parts: list[Part] = [Part(0, note="{} or []")]
        self.starts: dict[tuple[Part, ...], int] = {tuple(self.parts): 0}

    def encode(self, value: Any, member: Member) -> tuple[object, str]:
        """VtEntry.value, and the flag that belongs to it."""
        shape = self.plan.layout.value(member.type, member.ref is not None)
        if not member.is_list and shape.kind not in COMPOSITE:
            return self.simple(value, member.type, shape.kind)
        parts = tuple(self.field(value, member))
        parts = (replace(parts[0], note=json.dumps(value)), *parts[1:])
        if len(parts) == 1:
            return 0, ""
        if parts not in self.starts:
            self.starts[parts] = len(self.parts)
            self.parts += parts
        return self.starts[parts], ""

    # ---- composite values

    def field(self, value: Any, member: Member, row: int = 0) -> list[Part]:
        if not member.is_list:
            return self.one(value, member, row)
        element = replace(member, is_list=False)
        return [Part(len(value), row, note=member.name), *(part for each in value for part in self.one(each, element, 0))]

    def one(self, value: Any, member: Member, row: int) -> list[Part]:
        shape = self.plan.layout.value(member.type, member.ref is not None)
        kind = None if member.ref else self.schema.types.get(member.type)
        if isinstance(kind, (Struct, Union)):
            return self.members(value, kind, row, member.name)
        if isinstance(kind, Alternate):
            branch = branch_of(self.schema, value, kind)
            assert branch
            held = replace(member, name=branch.name, type=branch.type, is_list=branch.is_list, ref=branch.ref, range=None)
            return [Part(1, row, note=member.name), *self.field(value, held, kind.branches.index(branch))]
        number, flag = self.simple(value, member.type, shape.kind)
        return [Part(number, row, flag, f"{member.name}: {json.dumps(value)}")]

    def members(self, value: dict[str, Any], kind: Struct | Union, row: int, note: str) -> list[Part]:
        """The stated members in the order of rows, then those of the branch."""
        own = self.schema.members(kind.name)
        parts: list[Part] = []
        count = 0
        for index, member in enumerate(own):
            if member.name in value:
                parts += self.field(value[member.name], member, index)
                count += 1
        rest = {name: each for name, each in value.items() if all(member.name != name for member in own)}
        if rest:
            branch = chosen_branch(kind, value) if isinstance(kind, Union) else None
            branch_kind = self.schema.type(branch.type) if branch else None
            assert isinstance(branch_kind, (Struct, Union))
            parts += self.members(rest, branch_kind, len(own), branch_kind.name)
            count += 1
        return [Part(count, row, note=note), *parts]

    # ---- simple values

    def simple(self, value: Any, name: str, shape: str) -> tuple[object, str]:
        kind = None if shape == "REF" else self.schema.types.get(name)
        if shape == "ANY":
            return self.strings.add(json.dumps(value, separators=(",", ":"))), "VT_ENTRY_STR"
        if isinstance(kind, Enum):
            return kind.names.index(value), ""
        if isinstance(kind, Scalar) and kind.of != "str" and value in dict(kind.names):
            value = dict(kind.names)[value]
        if isinstance(value, str):
            return self.strings.add(value), "VT_ENTRY_STR"
        if shape == "NUMBER":
            return hex(struct.unpack("<Q", struct.pack("<d", value))[0]) + "u", ""
        number = 1 if shape == "NULL" else int(value)
        if number < 0:
            return f"(uint64_t){number}" if number > -1 << 63 else "(uint64_t)INT64_MIN", ""
        return number if number < 1 << 31 else f"UINT64_C({number})", ""
