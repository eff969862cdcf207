# SPDX-License-Identifier: MIT
"""Values of JSON that have parts under conditions, and their text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from qapigen.model import TARGETS, Cond
from qapigen.record import dataclass

COMPACT = json.JSONEncoder(separators=(",", ":"))
Piece = tuple[Cond, str]


@dataclass
class When:
    """A value that exists where its condition holds, on some targets (0: all), and in some releases."""

    cond: Cond
    value: Any
    targets: int = 0
    since: int = 0              # the first release that has it; 0: the oldest
    until: int = 0              # the first one that lacks it again; 0: none


def split(entities: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """What differs from target to target in parts stands once for each set of targets that see the same."""
    result = []
    for mask, entity in entities:
        parts = set(targets_in(entity))
        groups: dict[tuple[bool, ...], int] = {}
        for bit in range(len(TARGETS)):
            if mask >> bit & 1:
                key = tuple(bool(part >> bit & 1) for part in parts)
                groups[key] = groups.get(key, 0) | 1 << bit
        result += [(group, seen_on(entity, group)) for group in groups.values()] if parts else [(mask, entity)]
    return result


def targets_in(value: Any) -> Iterator[int]:
    if isinstance(value, When):
        if value.targets:
            yield value.targets
        yield from targets_in(value.value)
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from targets_in(item)


def seen_on(value: Any, targets: int) -> Any:
    """@value without what @targets do not have."""
    if isinstance(value, When):
        inner = seen_on(value.value, targets)
        return inner if value.cond is None else When(value.cond, inner)
    if isinstance(value, dict):
        return {key: seen_on(item, targets) for key, item in value.items()}
    if isinstance(value, list):
        return [seen_on(item, targets) for item in value
                if not (isinstance(item, When) and item.targets and not item.targets & targets)]
    return value


def merged(pieces: list[Piece]) -> list[Piece]:
    """Neighbours with the same condition in one."""
    result: list[tuple[Cond, list[str]]] = []
    for cond, text in pieces:
        if result and result[-1][0] == cond:
            result[-1][1].append(text)
        else:
            result.append((cond, [text]))
    return [(cond, "".join(texts)) for cond, texts in result]


def both(one: Cond, other: Cond) -> Cond:
    if one is None or other is None or one == other:
        return one if other is None else other
    return ("all", (one, other))


def always(value: Any) -> str:
    """@value as text, empty where part of it depends on a condition."""
    try:
        return COMPACT.encode(value)
    except TypeError:
        return ""


def write(value: Any, cond: Cond, pieces: list[Piece]) -> None:
    text = always(value)
    if text:
        pieces.append((cond, text))
    elif isinstance(value, dict):
        for index, (key, item) in enumerate(value.items()):
            pieces.append((cond, ("," if index else "{") + json.dumps(key) + ":"))
            write(item, cond, pieces)
        pieces.append((cond, "}"))
    else:
        write_list(value, cond, pieces)


def write_list(items: list[Any], cond: Cond, pieces: list[Piece]) -> None:
    """Something that is always there comes first, so that the commas of the others can go with them."""
    plain = [item for item in items if not isinstance(item, When)]
    pieces.append((cond, "["))
    if plain and isinstance(items[0], When):
        items = [plain[0], *(item for item in items if item is not plain[0])]
    before: list[Cond] = []
    for index, item in enumerate(items):
        inner = both(cond, item.cond) if isinstance(item, When) else cond
        if index and (plain or None in before):
            pieces.append((inner, ","))
        elif before:
            pieces.append((both(inner, ("any", tuple(before))), ","))
        before.append(item.cond if isinstance(item, When) else None)
        write(item.value if isinstance(item, When) else item, inner, pieces)
    pieces.append((cond, "]"))
