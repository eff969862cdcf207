# SPDX-License-Identifier: MIT
"""Members by pattern: one line of the schema for many that differ in an index.

'pin[0..31]' stands for pin[0] to pin[31]; 'gpio{A..D}{0..7}' for gpioA0 to gpioD7.  The comment of the definition describes
the pattern under the same name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from math import prod
from typing import TypeVar

from qapigen.load import Expr
from qapigen.source import SchemaError, Where

T = TypeVar("T")
SPAN = re.compile(r"\[(\d+)\.\.(\d+)\]|\{([A-Z]|\d+)\.\.([A-Z]|\d+)\}")
AT_MOST = 1024      # members of one pattern


def expand(expr: Expr) -> None:
    """Replaces patterns among the members of a class, machine or struct by the members that they stand for."""
    part = expr.node.get("data" if expr.meta == "struct" else "config")
    if part is None or not part.is_dict or not any(SPAN.search(key) for key in part.value):
        return
    members = {}
    for key, node in part.items():
        for name in names_of(expr, key, node.key):
            if name in members or (name != key and name in part):
                raise wrong(expr, node.key, f"'{bare(key)}' and another member are both '{bare(name)}'")
            members[name] = node
    part.value = members
    if expr.doc:
        expr.doc.members = expanded(expr, expr.doc.members)
        expr.doc.places = expanded(expr, expr.doc.places)


def expanded(expr: Expr, texts: dict[str, T]) -> dict[str, T]:
    return {name: text for key, text in texts.items() for name in names_of(expr, key, expr.where)}


def bare(key: str) -> str:
    return key.removeprefix("*")


def wrong(expr: Expr, where: Where, message: str) -> SchemaError:
    return SchemaError(where, f"In {expr.meta} '{expr.name}': {message}")


def names_of(expr: Expr, key: str, where: Where) -> list[str]:
    spans = list(SPAN.finditer(key))
    choices = [choices_of(expr, span, where) for span in spans]
    if prod(map(len, choices)) > AT_MOST:
        raise wrong(expr, where, f"'{bare(key)}' stands for more than {AT_MOST} members")
    parts = SPAN.split(key)[::SPAN.groups + 1]
    return [parts[0] + "".join(text + rest for text, rest in zip(chosen, parts[1:])) for chosen in product(*choices)]


def choices_of(expr: Expr, span: re.Match[str], where: Where) -> Sequence[str]:
    """The texts that one range stands for."""
    ends = (span[1], span[2]) if span[1] else (span[3], span[4])
    of_numbers = [end.isdigit() for end in ends]
    first, last = (int(end) if end.isdigit() else ord(end) for end in ends)
    if of_numbers[0] != of_numbers[1] or first >= last:
        raise wrong(expr, where, f"'{span[0]}' is no range from a smaller to a greater index")
    if last - first >= AT_MOST:
        raise wrong(expr, where, f"'{span[0]}' stands for more than {AT_MOST} members")
    indexes = [str(index) if of_numbers[0] else chr(index) for index in range(first, last + 1)]
    return [f"[{index}]" for index in indexes] if span[1] else indexes
