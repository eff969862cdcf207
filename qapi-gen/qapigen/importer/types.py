# SPDX-License-Identifier: MIT
"""Types of QOM properties as types of the schema."""

from __future__ import annotations

import json
import re
from typing import Any

from qapigen.importer.facts import UNSET, Property
from qapigen.model import INTEGERS, Enum, Member, Scalar, Schema, Struct

# QEMU registers some with no type at all.
SIMPLE = {"": "uint32", "string": "str", "int32_t": "int32", "uint4": "uint8", "struct": "any", "strList": "[str]",
          "QemuUUID": "str", "FdcDriveType": "FloppyDriveType",
          "zpci_fid": "uint32", "QAuthZListRule": "[QAuthZListRule]",
          "guest statistics": "BalloonStats", "X86CPUFeatureWordInfo": "[X86CPUFeatureWordInfo]",
          "GuestPanicInformation": "any", "IOThreadVirtQueueMappingList": "[IOThreadVirtQueueMapping]"}
# What lists hold whose property reports no more than that it is one: the pattern of the name, and the type.
LISTS = ((r"reserved-regions|ebpf-rss-fds|ports", "str"), (r"cpus", "str"), (r".*", "uint32"))
# Scalars that fit a name and a type.
NAMED = ((r"vectors", "uint32", "Vectors"), (r"num-queues|num_queues", "uint16", "QueueCount"), (r"mac", "str", "MacAddress"))
# What a link or a name refers to: the pattern of the name, the type that QEMU reports, the class.
REFERENCES: tuple[tuple[str, str, Any], ...] = (
    (r"netdev", "str", {"to": "netdev", "exclusive": True}), (r"drive|drive[01A-D]", "str", "blockdev"),
    (r"chardev[0-9]*|chr.*", "str", "chardev"), (r"audiodev", "str", "audiodev"))


class Typist:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def identity(self, name: str, prop: Property) -> str:
        """Two properties of one name are one member if this is the same."""
        return f"link<{prop.link}>" if prop.type == "link" else SIMPLE.get(prop.type, prop.type)

    def fits(self, member: Member, prop: Property) -> bool:
        """Whether a member of the schema can stand for @prop."""
        wire = self.wire(member.type)
        reported = SIMPLE.get(prop.type, prop.type)
        if wire in INTEGERS or reported in INTEGERS:
            return wire in INTEGERS and reported in INTEGERS
        return wire == reported or prop.type == "link" and member.ref is not None

    def wire(self, name: str) -> str:
        kind = self.schema.types.get(name)
        return kind.of if isinstance(kind, Scalar) else name

    def text(self, name: str, value: Any, absent: bool) -> str:
        """A schema's literal as the JSON text of QEMU's answer."""
        if absent or value in ("", None) or value == []:
            return UNSET
        return json.dumps(self.completed(name, value), sort_keys=True)

    def completed(self, name: str, value: Any) -> Any:
        """Numbers for names, and the defaults of a struct's members."""
        kind = self.schema.types.get(name)
        if isinstance(kind, Scalar) and isinstance(value, str):
            return dict(kind.names).get(value, value)
        if isinstance(kind, Struct) and isinstance(value, dict):
            known = {member.name: member.default.entries[0].value for member in self.schema.members(name)
                     if member.default and not member.has("deprecated")}
            return known | value
        return value

    # ---- a new member

    def attributes(self, name: str, identity: str, texts: set[str], is_read_only: bool) -> dict[str, Any]:
        """Type, reference, range and features of a new member whose values are @texts.

        @is_read_only: the object reports it, and no client sets it."""
        if identity.startswith("link<"):
            target = identity[5:-1]
            return {"type": "str", "ref": target if target in self.schema.classes else "qom-path"}
        extra: dict[str, Any] = {"features": ["read-only"]} if is_read_only else {}
        values = [json.loads(text) for text in texts if text != UNSET]
        if (identity == "bool" or identity in INTEGERS) and any(isinstance(value, str) for value in values):
            identity = "str"            # QEMU reports another type for some
        for pattern, kind, scalar in NAMED:
            if identity == kind and re.fullmatch(pattern, name) and scalar in self.schema.types:
                return {"type": scalar} | extra
        for pattern, kind, target in REFERENCES:
            known = target["to"] if isinstance(target, dict) else target
            if identity == kind and re.fullmatch(pattern, name) and known in self.schema.classes:
                return {"type": "str", "ref": target} | extra
        if identity == "list":
            identity = "[" + next(kind for pattern, kind in LISTS if re.fullmatch(pattern, name)) + "]"
        if name == "bootindex":
            return {"type": identity, "range": [-1, 2147483647]}
        if identity.startswith("["):
            return {"type": [identity[1:-1]]} | extra
        if any(isinstance(value, list) for value in values) or (identity == "int" and UNSET in texts):
            return {"type": ["uint16" if identity == "int" else identity]} | extra
        if identity == "int" and any(value >= 1 << 63 for value in values):
            identity = "uint64"
        if identity not in self.schema.types and identity not in (*INTEGERS, "str", "bool", "any"):
            raise KeyError(identity)
        return {"type": identity} | extra

    def literal(self, kind: Any, text: str) -> Any:
        """The value as a person writes it: names of a scalar for its numbers."""
        value = json.loads(text)
        known = self.schema.types.get(kind) if isinstance(kind, str) else None
        if isinstance(known, Scalar):
            return next((name for name, number in known.names if number == value), value)
        assert not isinstance(known, Enum) or value in known.names, (kind, value)
        return value
