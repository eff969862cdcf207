# SPDX-License-Identifier: MIT
"""What drivers find the devices of a bus by: the struct that the bus type names, and the values of the classes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from qapigen.model import BusType, Class, Schema, Struct
from qapigen.shape import Shape
from qapigen.source import suggestion
from qapigen.values import object_misfit


def identity_of(shape: Shape) -> str:
    """'identity' of a class, as JSON text."""
    node = shape.node.get("identity")
    if node is None:
        return ""
    if not node.is_dict:
        raise shape.error("'identity' must be an object", node.where)
    return json.dumps(node.plain(), separators=(",", ":"))


def identity_type(schema: Schema, one: Class) -> str:
    """The struct of the bus type that the class plugs into; empty: none."""
    name = next((each.plugs_into for each in schema.ancestry(one.name) if each.plugs_into), "")
    return next((bus.identity for bus in lineage(schema, name) if bus.identity), "")


def lineage(schema: Schema, name: str) -> Iterator[BusType]:
    while name:
        yield schema.buses[name]
        name = schema.buses[name].parent


def identity(schema: Schema, one: Class) -> dict[str, Any]:
    """With what ancestors state, member by member; empty where it lacks a member that is not optional."""
    merged: dict[str, Any] = {}
    for each in reversed(schema.ancestry(one.name)):
        merged |= json.loads(each.identity) if each.identity else {}
    needed = [member.name for member in schema.members(identity_type(schema, one)) if not member.optional] if merged else []
    return merged if all(name in merged for name in needed) else {}


def check_identity_type(shape: Shape, schema: Schema) -> None:
    """Of a bus type."""
    name = schema.buses[shape.name].identity
    if name and not isinstance(schema.types.get(name), Struct):
        raise shape.error(f"'identity' names unknown struct '{name}'{suggestion(name, schema.types)}",
                          shape.node["identity"].where)


def check_identity(shape: Shape, schema: Schema) -> None:
    """Each value fits; a concrete class that states some has all that are not optional."""
    node = shape.node.get("identity")
    if node is None:
        return
    one = schema.classes[shape.name]
    kind = schema.types.get(identity_type(schema, one))
    if not isinstance(kind, Struct):
        raise shape.error("'identity': it plugs into no bus whose devices have one", node.where)
    members = {member.name for member in schema.members(kind.name)}
    for name, item in node.items():
        if name not in members:
            raise shape.error(f"'identity': '{kind.name}' has no member '{name}'{suggestion(name, members)}", item.key)
    merged: dict[str, Any] = {}
    for each in reversed(schema.ancestry(one.name)):
        merged |= json.loads(each.identity) if each.identity else {}
    wrong = object_misfit(schema, merged, kind)
    if wrong and not (one.abstract and wrong.endswith(" is missing")):
        raise shape.error(f"'identity': {wrong}", node.where)
