# SPDX-License-Identifier: MIT
"""All references of all classes, from the compiler's model, with the other members that a valid creation requires.

A reference is given by the class, and by a value in which HOLE stands for the id.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SOURCE = os.path.abspath(os.environ.get("VINTAGE_SOURCE", "."))
sys.path.insert(0, os.path.join(SOURCE, "qapi-gen"))

from qapigen.classes import Props  # noqa: E402
from qapigen.model import (INTEGERS, Alternate, Branch, Class, Enum, ListType, Member, Ref, Scalar, Schema,  # noqa: E402
                           Struct, Union)

HOLE = "$HOLE"
DEPTH = 6
N_CHARDEVS = 3      # one reference at a time; a class may have several
# Objects of the test machine, by the class of the reference target.
THERE = {"chardev": "chardev-0", "netdev": "netdev-0", "blockdev": "node-0", "throttle-group": "group-0",
         "iothread": "thread-0", "secret": "secret-0", "memory-backend": "memory-0", "rng-backend": "rng-0",
         "authz": "authz-0", "tls-creds": "creds-0"}
PREPARED: list[tuple[str, dict[str, Any]]] = [
    *(("chardev", {"id": f"chardev-{number}", "backend": {"type": "null", "data": {}}}) for number in range(N_CHARDEVS)),
    ("netdev", {"type": "hubport", "id": "netdev-0", "hubid": 1}),
    ("blockdev", {"driver": "null-co", "node-name": "node-0"}),
    ("object", {"qom-type": "throttle-group", "id": "group-0"}),
    ("object", {"qom-type": "iothread", "id": "thread-0"}),
    ("object", {"qom-type": "secret", "id": "secret-0", "data": "letmein"}),
    ("object", {"qom-type": "memory-backend-ram", "id": "memory-0", "size": 1 << 20}),
    ("object", {"qom-type": "rng-random", "id": "rng-0"}),
    ("object", {"qom-type": "authz-simple", "id": "authz-0", "identity": "somebody"}),
    ("object", {"qom-type": "tls-creds-anon", "id": "creds-0"})]
# Values of scalars that have a syntax.
FORMS = {"VncAddressText": "none", "HostForwardRule": "::1-:1", "GuestForwardRule": ":10.0.2.9:1-cmd:x",
         "InheritedDescriptor": "3", "InheritedDescriptors": "3:4", "MacAddress": "52:54:00:12:34:56", "PciAddress": "3"}


@dataclass(frozen=True)
class Place:
    """A reference member of a class: @path leads to it through structs, lists and inline definitions."""

    root: Class
    one: Class
    path: tuple[str, ...]
    ref: Ref
    members: Any                # the creation, with HOLE at the end of @path
    definition: tuple[str, str]     # where the schema has it
    may_be_null: bool           # so that empty key=value text means null

    @property
    def member(self) -> str:
        return [part for part in self.path if not part.isdigit()][-1]

    @property
    def tag(self) -> str:
        return self.one.tag or self.one.name

    def creation(self, ident: str, value: str) -> dict[str, Any]:
        """The creation as JSON."""
        creates = self.root.creates
        assert creates
        members = filled(self.members, value)
        told: dict[str, Any] = {creates.id: ident} if creates.id else {}
        if creates.within:
            return told | {creates.within: {creates.tag: self.tag, creates.wrap: members}}
        return {creates.tag: self.tag} | told | ({creates.wrap: members} if creates.wrap else members)


def filled(value: Any, ident: str) -> Any:
    if isinstance(value, dict):
        return {key: filled(each, ident) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, ident) for each in value]
    return ident if value == HOLE else value


def key_value(value: Any, before: str = "") -> Iterator[str]:
    """The same as key=value settings."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        name = f"{before}{key}"
        if isinstance(each, (dict, list)):
            yield from key_value(each, f"{name}.")
        elif isinstance(each, bool):
            yield f"{name}={'on' if each else 'off'}"
        else:
            yield f"{name}={each}".replace(",", ",,")


class References:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.props = Props(schema)
        self.used = 0

    def __iter__(self) -> Iterator[Place]:
        for root in self.schema.classes.values():
            if root.creates:
                for one in self.schema.leaves(root.name):
                    if one.user_creatable and not one.cond:
                        yield from self.of(root, one)

    def of(self, root: Class, one: Class) -> Iterator[Place]:
        members = {name: prop.member for name, prop in self.props.of(one.name).items()}
        for name, member in members.items():
            for path, ref, value in self.holes(member, 0):
                rest = {key: self.any(other) for key, other in members.items()
                        if key != name and not other.optional and other.is_input}
                yield Place(root, one, (name, *path), ref, {name: value, **rest},
                            (member.where.file, str(member.where.line)), self.takes_null(member.type))

    def takes_null(self, name: str) -> bool:
        kind = self.schema.types.get(name)
        return isinstance(kind, Alternate) and any(branch.type == "null" for branch in kind.branches)

    # ---- values with one reference left open

    def holes(self, member: Member, depth: int) -> Iterator[tuple[tuple[str, ...], Ref, Any]]:
        if not member.is_input or member.cond or depth > DEPTH:
            return
        for path, ref, value in self.one_hole(member.type, member.ref, depth):
            yield (("0", *path), ref, [value]) if member.is_list else (path, ref, value)

    def one_hole(self, name: str, ref: Ref | None, depth: int) -> Iterator[tuple[tuple[str, ...], Ref, Any]]:
        if ref:
            yield (), ref, HOLE
            if ref.inline and depth == 0:
                yield ("file",), ref, {"driver": "raw", "file": HOLE}
            return
        kind = self.schema.types.get(name)
        if isinstance(kind, (Struct, Union)):
            members = self.schema.members(name)
            rest = self.one(Branch("", name, kind.where)) if isinstance(kind, Union) else {}
            yield from self.struct_holes(members, rest, depth)
            for branch in kind.branches if isinstance(kind, Union) else ():
                if branch.type and not branch.cond:
                    for path, inner, value in self.one_hole(branch.type, None, depth + 1):
                        told = {each.name: self.any(each) for each in members if not each.optional}
                        yield path, inner, {**told, kind.tag: branch.name, **value}
        elif isinstance(kind, Alternate):
            for branch in kind.branches:
                if not branch.cond:
                    for path, inner, value in self.one_hole(branch.type, branch.ref, depth + 1):
                        yield path, inner, value

    def struct_holes(self, members: tuple[Member, ...], told: dict[str, Any],
                     depth: int) -> Iterator[tuple[tuple[str, ...], Ref, Any]]:
        for member in members:
            for path, ref, value in self.holes(member, depth + 1):
                rest = {other.name: self.any(other) for other in members
                        if other.name != member.name and not other.optional}
                yield (member.name, *path), ref, {**told, **rest, member.name: value}

    # ---- any value that is right

    def any(self, member: Member | Branch) -> Any:
        if member.is_list:
            return [self.one(member)]
        return self.one(member)

    def one(self, member: Member | Branch) -> Any:
        bounds = member.range if isinstance(member, Member) else None
        if member.ref:
            self.used += 1
            lineage = self.schema.ancestry(member.ref.target)
            found = next((each.name for each in lineage if each.name in THERE), "iothread")
            return THERE[found] if found != "chardev" else f"chardev-{self.used % N_CHARDEVS}"
        if isinstance(member, Member) and member.class_base:
            return next(self.schema.leaves(member.class_base)).name
        if member.type in INTEGERS:
            return max(1, bounds[0]) if bounds else 1
        if member.type in ("str", "bool", "number", "any", "null"):
            return {"str": "1", "bool": True, "number": 1, "any": 1, "null": None}[member.type]
        kind = self.schema.type(member.type)
        if isinstance(kind, Enum):
            return next(value.name for value in kind.values if not value.cond)
        if isinstance(kind, Scalar):
            if kind.name in FORMS:
                return FORMS[kind.name]
            return kind.names[0][0] if kind.names else "1" if kind.of == "str" else 1
        if isinstance(kind, Alternate):
            return self.one(kind.branches[0])
        assert isinstance(kind, (Struct, Union)) and not isinstance(kind, ListType)
        value = {each.name: self.any(each) for each in self.schema.members(kind.name) if not each.optional}
        if isinstance(kind, Union):
            branch = next((each for each in kind.branches if each.name == value[kind.tag]), None)
            if branch and branch.type:
                value |= self.one(Branch(branch.name, branch.type, branch.where))
        return value


def wrong_ids(schema: Schema, place: Place) -> Iterator[tuple[str, str]]:
    """An empty id, an unknown one, and the id of an object of another kind."""
    yield "empty", ""
    yield "unknown", "nowhere"
    if place.ref.kind == "class":
        yield "wrong", THERE["rng-backend" if place.ref.target == "iothread" else "iothread"]
    elif place.ref.kind == "bus":
        buses = [place.ref.target] + [each.plugs_into for each in schema.ancestry(place.one.name)]
        if "System" not in buses and any(buses):
            yield "wrong", "main-system-bus"
