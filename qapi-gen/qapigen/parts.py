# SPDX-License-Identifier: MIT
"""Nodes to the small parts of the model: conditions, features, targets, members."""

from __future__ import annotations

from typing import Any

from qapigen.doc import Doc
from qapigen.history import Derive
from qapigen.life import life_of
from qapigen.model import PATH_USES, TARGETS, Cond, Feature, Gate, Member, Ref, Schema
from qapigen.parse import Node
from qapigen.record import replace
from qapigen.shape import Shape
from qapigen.source import suggestion
from qapigen.timelines import Timelines, derive_of, text_of, texts_of

# The attributes of members that are true or false, with their fields.
FLAGS = {"non-empty": "non_empty", "reads-file": "reads_file", "power-of-two": "power_of_two", "unique": "unique",
         "needed": "needed"}


def cond_of(owner: Node) -> Cond:
    node = owner.get("if")
    return cond(node) if node is not None else None


def cond(node: Node) -> Cond:
    if node.is_str:
        return str(node.value)
    operator, operand = next(node.items())
    items = operand.value if operand.is_list else [operand]
    return (operator, tuple(cond(item) for item in items))


def features_of(owner: Node) -> tuple[Feature, ...]:
    node = owner.get("features")
    if node is None:
        return ()
    return tuple(Feature(item["name"].value, cond_of(item)) for item in node.value)


def targets_of(shape: Shape, owner: Node, key: str = "targets") -> int:
    node = owner.get(key)
    if node is None:
        return 0
    if not node.is_list or not node.value:
        raise shape.error(f"'{key}' must be an array of target names", node.where)
    mask = 0
    for item in node.value:
        if item.value not in TARGETS:
            raise shape.error(f"unknown target '{item.value}'{suggestion(str(item.value), TARGETS)}",
                              item.where)
        mask |= 1 << TARGETS.index(item.value)
    return mask


def range_of(shape: Shape, owner: Node, key: str = "range") -> tuple[int, int] | None:
    node = owner.get(key)
    if node is None:
        return None
    if not node.is_list or len(node.value) != 2 or not all(
            isinstance(item.value, int) and not isinstance(item.value, bool) for item in node.value):
        raise shape.error(f"'{key}' must be an array of two integers", node.where)
    low, high = node.value[0].value, node.value[1].value
    if low > high:
        raise shape.error(f"{key} [{low}, {high}] is empty", node.where)
    return low, high


def ref_of(shape: Shape, owner: Node) -> Ref | None:
    node = owner.get("ref")
    if node is None:
        return None
    exclusive = inline = False
    if node.is_dict:
        shape.keys(node, "'ref'", ("to",), ("exclusive", "inline"))
        exclusive = flag(shape, node, "exclusive")
        inline = flag(shape, node, "inline")
        node = node["to"]
    target = text_of(shape, node, "'ref'")
    if target == "qom-path":
        return Ref("", "qom-path", exclusive, inline)
    if target == "bus" or target.startswith("bus:"):
        return Ref(target[4:], "bus", exclusive, inline)
    return Ref(target, "class", exclusive, inline)


def flag(shape: Shape, owner: Node, key: str, default: bool = False) -> bool:
    node = owner.get(key)
    if node is None:
        return default
    if not isinstance(node.value, bool):
        raise shape.error(f"'{key}' must be true or false", node.where)
    return node.value


class Members:
    """Builds the members of one definition."""

    def __init__(self, schema: Schema, timelines: Timelines) -> None:
        self.schema = schema
        self.timelines = timelines

    def build(self, shape: Shape, node: Node | None, doc: Doc | None) -> tuple[Member, ...]:
        if node is None:
            return ()
        members: list[Member] = []
        for key, value in node.items():
            member = self.member(shape, key, value, doc)
            members += [member, *(replace(member, name=alias, aliases=(), alias_of=member.name, doc=f"alias of @{member.name}")
                                  for alias in member.aliases)]
        return tuple(members)

    def member(self, shape: Shape, key: str, node: Node, doc: Doc | None) -> Member:
        name = key[1:] if key.startswith("*") else key
        kind = node["type"]
        type_name = kind.value if kind.is_str else kind.value[0].value
        class_base = ""
        if type_name.startswith("class<") and type_name.endswith(">"):
            class_base, type_name = type_name[6:-1], "str"
        features = list(features_of(node))
        for extra in ("mutable", "guest-visible"):
            if flag(shape, node, extra):
                features.append(Feature(extra))
        absent = node.get("absent-means")
        if absent is not None and not text_of(shape, absent, "'absent-means'").strip():
            raise shape.error(f"'absent-means' of '{name}' is empty", absent.where)
        if not key.startswith("*") and (absent is not None or "default" in node):
            raise shape.error(f"member '{name}' is mandatory: it has neither a default nor an absence", node.key)
        # What most members do not have costs them nothing.
        given: dict[str, Any] = {}
        for attribute in node.value:
            if attribute in FLAGS:
                given[FLAGS[attribute]] = flag(shape, node, attribute)
        if given.get("reads_file"):
            given["non_empty"] = True
        if "host-path" in node:
            given["host_path"] = text_of(shape, node["host-path"], "'host-path'")
            if given["host_path"] not in PATH_USES:
                raise shape.error(f"unknown 'host-path' '{given['host_path']}'; expected one of {', '.join(PATH_USES)}",
                                  node["host-path"].where)
            features.append(Feature("host-path"))
        if "if" in node:
            given["cond"] = cond_of(node)
        if "targets" in node:
            given["targets"] = targets_of(shape, node)
        if "default" in node:
            given["default"] = self.timelines.build(shape, name, node["default"], None)
        if absent is not None:
            given["absent_means"] = absent.value
        if "range" in node:
            given["range"] = range_of(shape, node)
        if "ref" in node:
            given["ref"] = ref_of(shape, node)
        if "derive" in node:
            given["derive"] = derive_of(shape, node["derive"])
        if "needs" in node:
            given["gate"] = self.gate(shape, name, node["needs"])
        self.auto(shape, name, node, given)
        if "added" in node:
            given["added"] = self.timelines.version(shape, "machine", node["added"])
        if "aliases" in node:
            given["aliases"] = tuple(texts_of(shape, node["aliases"], "'aliases'"))
        if "served-by" in node:
            given["relayed"] = True
        if "life" in node:
            given["life"] = life_of(shape, self.schema, self.timelines.reasons, node)
        return Member(name=name, type=type_name, where=node.key, is_list=kind.is_list, optional=key.startswith("*"),
                      doc=doc.member_line(name) if doc else "", features=tuple(features), class_base=class_base, **given)

    def auto(self, shape: Shape, name: str, node: Node, given: dict[str, Any]) -> None:
        """What a frozen file has in place of 'auto', or why it has 'auto'."""
        if "auto-means" in node and "auto-stays" in node:
            raise shape.error(f"'{name}' has both 'auto-means' and 'auto-stays'", node["auto-stays"].where)
        if "auto-means" in node:
            given["auto_means"] = self.timelines.build(shape, name, node["auto-means"], None)
        if "auto-stays" in node:
            given["auto_stays"] = text_of(shape, node["auto-stays"], "'auto-stays'")
            if not given["auto_stays"].strip():
                raise shape.error(f"'auto-stays' of '{name}' is empty", node["auto-stays"].where)

    def gate(self, shape: Shape, name: str, node: Node) -> Gate:
        """{ 'features': [...], and one of 'value': V, 'other-than': V, 'absent': true }."""
        if not node.is_dict:
            raise shape.error(f"'needs' of '{name}' must be an object", node.where)
        kinds = ("value", "other-than", "absent")
        shape.keys(node, f"'needs' of '{name}'", ("features",), kinds)
        given = [kind for kind in kinds if kind in node]
        if len(given) != 1 or ("absent" in node and node["absent"].value is not True):
            raise shape.error(f"'needs' of '{name}' has one of 'value', 'other-than' and 'absent': true", node.where)
        features = tuple(texts_of(shape, node["features"], "'features'"))
        for feature in features:
            if feature not in self.schema.features:
                raise shape.error(f"'needs' of '{name}': unknown platform feature '{feature}'"
                                  f"{suggestion(feature, self.schema.features)}", node["features"].where)
        absent = given[0] == "absent"
        return Gate(features, None if absent else node[given[0]].plain(), node.where, absent, given[0] == "other-than")
