# SPDX-License-Identifier: MIT
"""Named reasons: the 'why' that several entries share is written once."""

from __future__ import annotations

from collections.abc import Iterator

from qapigen.doc import UNDOCUMENTED
from qapigen.parse import Node
from qapigen.shape import Shape
from qapigen.source import SchemaError, Where, suggestion

SHARED = 3      # as many entries with one text need a name for it


class Reasons:
    """Texts by name, and where each was used."""

    def __init__(self) -> None:
        self.named: dict[str, tuple[str, Shape]] = {}
        self.used: set[str] = set()
        self.written: dict[str, dict[Where, Shape]] = {}     # by text: the entries that spell it out

    def define(self, shape: Shape) -> None:
        """{ 'reason': 'NAME', 'why': 'TEXT' }."""
        shape.keys(shape.node, "reason", ("reason", "why"), ())
        text = shape.node["why"].value.strip() if shape.node["why"].is_str else ""
        if not text or text.startswith("@"):
            raise shape.error("'why' must be a text", shape.node["why"].where)
        self.named[shape.name] = (text, shape)

    def text(self, shape: Shape, node: Node) -> str:
        """What a 'why' says: its own text, or that of the reason '@NAME'."""
        if not node.is_str:
            raise shape.error("'why' must be a string", node.where)
        text = str(node.value).strip()
        if not text.startswith("@"):
            self.written.setdefault(text, {})[node.where] = shape
        if not text.startswith("@") or text == UNDOCUMENTED:
            return text
        name = text[1:]
        if name not in self.named:
            raise shape.error(f"unknown reason '{name}'{suggestion(name, self.named)}", node.where)
        self.used.add(name)
        return self.named[name][0]

    def errors(self) -> Iterator[SchemaError]:
        """Reasons that no entry uses, and texts that many entries repeat."""
        for name, (_, shape) in self.named.items():
            if name not in self.used:
                yield shape.error("no entry uses this reason")
        for text, places in self.written.items():
            if text and len(places) >= SHARED:
                where, shape = list(places.items())[-1]
                yield shape.error(f"{len(places)} entries say '{text}': name it once, {{ 'reason': …, 'why': … }}, "
                                  "and refer to it by '@NAME'", where)
