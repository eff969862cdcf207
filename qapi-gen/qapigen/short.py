# SPDX-License-Identifier: MIT
"""Short forms: what keys of key=value text stand for."""

from __future__ import annotations

import json
from typing import Any

from qapigen.model import Class
from qapigen.parse import Node
from qapigen.shape import Shape
from qapigen.source import suggestion
from qapigen.timelines import text_of


def short_of(shape: Shape) -> str:
    """'short', as JSON text; its keys are checked once members are known."""
    node = shape.node.get("short")
    if node is None:
        return ""
    if not node.is_dict or not node.value:
        raise shape.error("'short' must be an object of keys", node.where)
    for key, item in node.items():
        if not item.is_dict:
            raise shape.error(f"'short' of '{key}' must be an object", item.where)
        if "ignored" in item:
            shape.keys(item, f"'short' of '{key}'", ("ignored",), ())
            continue
        if "front" in item:
            shape.keys(item, f"'short' of '{key}'", ("front", "behind"), ())
            text_of(shape, item["behind"], "'behind'")
            texts_in(shape, item["front"], "'front'")
            continue
        shape.keys(item, f"'short' of '{key}'", ("is",), ("with", "else"))
        text_of(shape, item["is"], "'is'")
        if "else" in item:
            text_of(shape, item["else"], "'else'")
        if "with" in item:
            texts_in(shape, item["with"], "'with'")
    return json.dumps(node.plain(), separators=(",", ":"))


def texts_in(shape: Shape, node: Node, what: str) -> None:
    if not node.is_dict or not all(item.is_str for _, item in node.items()):
        raise shape.error(f"{what} must be an object of strings", node.where)


def check_short(shape: Shape, one: Class, known: dict[str, Any]) -> None:
    """What a key stands for begins with a member; a key that is one itself stands for that."""
    for key, rule in (shape.node["short"].items() if one.short else ()):
        if "is" not in rule:
            continue
        target = rule["is"]
        name = target.value.split(".")[0]
        if name not in known:
            raise shape.error(f"'short' of '{key}' stands for unknown member '{name}'{suggestion(name, known)}",
                              target.where)
        if key in known and target.value != key:
            raise shape.error(f"'short' of '{key}' hides the member of that name", rule.key)
