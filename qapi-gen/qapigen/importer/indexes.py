# SPDX-License-Identifier: MIT
"""Members that differ in an index alone, as the patterns that the schema has for them: 'pin[0..7]', 'gpio{A..D}{0..7}'."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

INDEX = re.compile(r"(.*)\[(\d+)\](.*)")
TAIL = re.compile(r"(.*?)(\d+)")
# So few stay as they are.
FEW = 3


def folded(names: Iterable[str], signature: Callable[[str], str]) -> list[tuple[str, str]]:
    """Patterns, and a name of each; members of one pattern have the same @signature."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(signature(name), []).append(name)
    result: list[tuple[str, str]] = []
    for group in groups.values():
        result += columns(rows(group))
    return sorted(result)


def rows(names: list[str]) -> list[tuple[str, str]]:
    """Runs of numbers."""
    known: dict[tuple[str, str, str, int], dict[int, str]] = {}
    result = []
    for name in names:
        match, tail = INDEX.fullmatch(name), TAIL.fullmatch(name)
        if match:
            known.setdefault((match[1], match[3], "[", 0), {})[int(match[2])] = name
        elif tail and (tail[2][0] != "0" or tail[2] == "0" or len(tail[2]) > 1):
            known.setdefault((tail[1], "", "{", len(tail[2])), {})[int(tail[2])] = name
        else:
            result.append((name, name))
    for (stem, rest, mark, width), numbers in known.items():
        if mark == "{" and width > 1 and min(numbers) < 10 ** (width - 1):
            result += padded(stem, width, numbers)
            continue
        for run in runs(sorted(numbers)):
            if len(run) < FEW:
                result += [(numbers[each], numbers[each]) for each in run]
            else:
                text = f"[{run[0]}..{run[-1]}]" if mark == "[" else f"{{{run[0]}..{run[-1]}}}"
                result.append((stem + text + rest, numbers[run[0]]))
    return result


def runs(numbers: list[int]) -> list[list[int]]:
    result: list[list[int]] = []
    for number in numbers:
        if result and result[-1][-1] == number - 1:
            result[-1].append(number)
        else:
            result.append([number])
    return result


def padded(stem: str, width: int, numbers: dict[int, str]) -> list[tuple[str, str]]:
    """Numbers of a fixed width, digit by digit."""
    if width == 1:
        return [(f"{stem}{{{run[0]}..{run[-1]}}}" if len(run) > 1 else f"{stem}{run[0]}", numbers[run[0]])
                for run in runs(sorted(numbers))]
    unit = 10 ** (width - 1)
    result = []
    heads = sorted({number // unit for number in numbers})
    whole = [head for head in heads if all(head * unit + rest in numbers for rest in range(unit))]
    for run in runs(whole):
        text = f"{stem}{{{run[0]}..{run[-1]}}}" if len(run) > 1 else f"{stem}{run[0]}"
        result.append((text + "{0..9}" * (width - 1), numbers[run[0] * unit]))
    for head in (head for head in heads if head not in whole):
        rest = {number % unit: name for number, name in numbers.items() if number // unit == head}
        result += padded(f"{stem}{head}", width - 1, rest)
    return result


def columns(patterns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Runs of letters before a run of numbers."""
    known: dict[tuple[str, str], dict[int, tuple[str, str]]] = {}
    result = []
    for pattern, name in patterns:
        match = re.fullmatch(r"(.*?)([A-Z])(\{[^{}]*\})", pattern)
        if match:
            known.setdefault((match[1], match[3]), {})[ord(match[2])] = (pattern, name)
        else:
            result.append((pattern, name))
    for (stem, rest), letters in known.items():
        for run in runs(sorted(letters)):
            pattern, name = letters[run[0]]
            result.append((f"{stem}{{{chr(run[0])}..{chr(run[-1])}}}{rest}" if len(run) > 1 else pattern, name))
    return result
