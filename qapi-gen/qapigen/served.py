# SPDX-License-Identifier: MIT
"""Backends that this process serves to the engine: what the engine gets in place of one."""

from __future__ import annotations

import json
import re
from typing import Any

from qapigen.model import WORKING_MODELS, Class, Enum, Schema
from qapigen.parse import Node
from qapigen.shape import Shape
from qapigen.source import suggestion
from qapigen.timelines import text_of, texts_of

SOCKET = "socket"
# What the objects of a root class are in an engine: types of QOM with properties, and made by more than their own option.
IN_ENGINE = ("type", "apart")
PLACEHOLDER = re.compile(r"\$([a-z0-9-]+)$")


def served_of(shape: Shape) -> str:
    """'served', as JSON text; its names are checked once members are known."""
    node = shape.node.get("served")
    if node is None:
        return ""
    if "creates" not in shape.node:
        raise shape.error("only a root class says how its objects are served", node.where)
    if not node.is_dict:
        raise shape.error("'served' must be an object", node.where)
    shape.keys(node, "'served'", ("member", "value", "as"), ())
    text_of(shape, node["member"], "'member'")
    text_of(shape, node["value"], "'value'")
    if not node["as"].is_dict:
        raise shape.error("'as' must be an object: the creation that the engine gets", node["as"].where)
    return json.dumps(node.plain(), separators=(",", ":"))


def in_engine_of(shape: Shape) -> tuple[str, ...]:
    """'in-engine': what an engine has the objects of the root class as."""
    node = shape.node.get("in-engine")
    names = tuple(texts_of(shape, node, "'in-engine'")) if node else ()
    for name in names:
        if name not in IN_ENGINE:
            raise shape.error(f"'in-engine' has 'type' and 'apart', not '{name}'{suggestion(name, IN_ENGINE)}",
                              shape.node["in-engine"].where)
    if node and "creates" not in shape.node:
        raise shape.error("only a root class says what its objects are in an engine", node.where)
    return names


def placeholders(node: Node) -> list[Node]:
    """The texts that stand for the socket, or for a member."""
    if node.is_dict:
        return [found for _, item in node.items() for found in placeholders(item)]
    return [node] if node.is_str and PLACEHOLDER.match(node.value) else []


def check_served(shape: Shape, schema: Schema, props: Any) -> None:
    """The creation is of a class below the root; a class that brings the member has a model, which serves it."""
    node = shape.node.get("served")
    if node is None:
        return
    root = schema.classes[shape.name]
    assert root.creates
    below = [one for one in schema.classes.values() if schema.is_a(one.name, shape.name)]
    check_creation(shape, root, node["as"], below, props)
    for item in placeholders(node["as"]):
        name = item.value[1:]
        if name != SOCKET and name not in props.of(shape.name):
            raise shape.error(f"'served' names unknown member '{name}'{suggestion(name, props.of(shape.name))}", item.where)
    member, value = node["member"].value, node["value"].value
    having = [one for one in below if member in props.of(one.name)]
    if not having:
        raise shape.error(f"'served': no class below '{shape.name}' has the member '{member}'", node["member"].where)
    for one in having:
        kind = schema.types.get(props.of(one.name)[member].member.type)
        if not isinstance(kind, Enum) or value not in kind.names:
            raise shape.error(f"'served': '{value}' is no value of '{member}' of '{one.name}'", node["value"].where)
        if props.of(one.name)[member].owner == one.name and one.model not in WORKING_MODELS:
            raise shape.error(f"'served': '{one.name}' has the member '{member}', but no model that serves it",
                              node["member"].where)


def check_creation(shape: Shape, root: Class, node: Node, below: list[Class], props: Any) -> None:
    assert root.creates
    tag = node.get(root.creates.tag)
    tags = {one.tag or one.name: one for one in below if not one.abstract}
    if tag is None or text_of(shape, tag, f"'{root.creates.tag}'") not in tags:
        raise shape.error(f"'as' has no known '{root.creates.tag}'"
                          f"{suggestion(tag.value, tags) if tag is not None else ''}", node.where)
    known = props.of(tags[tag.value].name)
    for key, item in node.items():
        if key != root.creates.tag and key not in known:
            raise shape.error(f"'{tag.value}' has no member '{key}'{suggestion(key, known)}", item.key)
