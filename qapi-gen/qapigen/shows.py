# SPDX-License-Identifier: MIT
"""The lines that show the answer of a command: whether the answer has the members that they name."""

from __future__ import annotations

from collections.abc import Iterator
import json

from qapigen.hmp import GUARDS, PLACEHOLDER
from qapigen.model import Alternate, Command, ListType, Schema, Struct, Union

# What a value can be: names of types, and whether it is a list of them.
Kinds = frozenset[tuple[str, bool]]


def problem_of(schema: Schema, command: Command, shows: str) -> str:
    """What is wrong with the lines, as JSON text; empty: nothing."""
    kinds = frozenset({(command.ret, command.ret_list)} if command.ret else ())
    return next(problems(schema, json.loads(shows), kinds), "")


def problems(schema: Schema, lines: list[object], kinds: Kinds) -> Iterator[str]:
    for item in lines:
        if isinstance(item, dict):
            for key in (*GUARDS, "each"):
                if key in item and not at(schema, kinds, item[key]):
                    yield f"'{key}' names no member of the answer: '{item[key]}'"
            inner = kinds
            if "each" in item:
                inner = elements(schema, at(schema, kinds, item["each"]))
                if not inner:
                    yield f"'each' names no list of the answer: '{item['each']}'"
            yield from problems(schema, item["lines"], inner)
            yield from problems(schema, item.get("else", []), kinds)
        else:
            for found in PLACEHOLDER.finditer(str(item)):
                if not at(schema, kinds, found[1]):
                    yield f"'{item}' names no member of the answer: '{found[1]}'"


def at(schema: Schema, kinds: Kinds, path: str) -> Kinds:
    """The values at the path below values; empty: there are none."""
    for name in path.split(".") if path else ():
        kinds = elements(schema, kinds) if name.isdigit() else below(schema, kinds, name)
    return kinds


def elements(schema: Schema, kinds: Kinds) -> Kinds:
    found: set[tuple[str, bool]] = set()
    for name, is_list in kinds:
        kind = schema.types.get(name)
        if is_list or name == "any":
            found.add((name, False))
        elif isinstance(kind, ListType):
            found.add((kind.of, False))
    return frozenset(found)


def below(schema: Schema, kinds: Kinds, member: str) -> Kinds:
    """The values of the member."""
    found: set[tuple[str, bool]] = set()
    for name, is_list in kinds:
        kind = schema.types.get(name)
        if is_list:
            continue
        if name == "any":
            found.add((name, False))
        if isinstance(kind, (Struct, Union)):
            found |= {(one.type, one.is_list) for one in schema.all_members(name) if one.name == member}
        if isinstance(kind, (Union, Alternate)):
            found |= below(schema, frozenset((branch.type, branch.is_list) for branch in kind.branches), member)
    return frozenset(found)
