# SPDX-License-Identifier: MIT
"""How long definitions are."""

from __future__ import annotations

from qapigen.model import Schema


def lines_of(schema: Schema) -> dict[str, int]:
    """Lines of each class with its comment: from the end of the definition before it to its own."""
    result: dict[str, int] = {}
    texts: dict[str, list[str]] = {}
    for one in schema.classes.values():
        file = one.where.file
        if file not in texts:
            with open(file, encoding="utf-8") as stream:
                texts[file] = stream.read().split("\n")
        lines = texts[file]
        start = end = one.where.line - 1
        while start > 0 and lines[start - 1].startswith("#"):
            start -= 1
        while end + 1 < len(lines) and lines[end + 1].startswith(" "):
            end += 1
        result[one.name] = end - start + 1
    return result
