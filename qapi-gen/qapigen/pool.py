# SPDX-License-Identifier: MIT
"""What tables are made of: lines, strings, texts, and rows without repetitions."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from qapigen.record import dataclass, field

Key = TypeVar("Key", bound=Hashable)


@dataclass
class Line:
    """One initialiser: fields in order or by name, and a note beside it."""

    values: list[object] | dict[str, object]
    note: str = ""


class Strings:
    """The pool: equal strings stand once; offset 0 is the empty one."""

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {"": 0}
        self.size = 1

    def add(self, text: str) -> int:
        if text not in self.offsets:
            self.offsets[text] = self.size
            self.size += len(text.encode()) + 1
        return self.offsets[text]


class Texts:
    """What is for people, with the line that it is about.  Numbers say nothing of what the texts are."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, int, str]] = []

    def add(self, text: str, line: int, what: str) -> int:
        self.rows.append((text, line, what))
        return len(self.rows)


class Unique(Generic[Key]):
    """A table without repetitions; index 0 stands for none."""

    def __init__(self) -> None:
        self.indexes: dict[Key, int] = {}
        self.keys: list[Key] = []

    def add(self, key: Key) -> int:
        if key not in self.indexes:
            self.keys.append(key)
            self.indexes[key] = len(self.keys)
        return self.indexes[key]


@dataclass
class Table:
    """Lines below a comment that names their source."""

    lines: list[tuple[str, Line]] = field(default_factory=list)
    size: int = 0

    def note(self, text: str) -> None:
        self.lines.append((text, Line([])))

    def add(self, values: list[object] | dict[str, object], note: str = "") -> int:
        self.lines.append(("", Line(values, note)))
        self.size += 1
        return self.size - 1
