# SPDX-License-Identifier: MIT
"""A schema file as a tree of values with their text positions, and edits of the text.

It is read here, not by the compiler, so that an edit does not depend on what it is to test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(r"\s+|#[^\n]*|('(?:[^'\\\n]|\\.)*')|([][{}:,])|([^][{}:,\s'#]+)")


@dataclass
class Span:
    """@value: a dict or list of spans, or the text of a scalar. @start includes the key."""

    start: int
    value_start: int
    end: int
    value: Any
    quoted: bool = False
    parent: Span | None = field(default=None, repr=False)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __getitem__(self, key: str) -> Span:
        found: Span = self.value[key]
        return found

    def get(self, key: str) -> Span | None:
        return self.value.get(key) if isinstance(self.value, dict) else None

    def items(self) -> list[tuple[str, Span]]:
        return list(self.value.items()) if isinstance(self.value, dict) else []

    def list(self) -> list[Span]:
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str:
        """The value of a string; empty for others."""
        return self.value if self.quoted else ""

    @property
    def parts(self) -> list[Span]:
        return list(self.value.values()) if isinstance(self.value, dict) else self.list()


@dataclass(frozen=True)
class Mutant:
    """Replaces @start to @end of a file. The error must be on a line of @entry."""

    file: str
    start: int
    end: int
    text: str
    entry: Span
    note: str = ""
    anywhere: bool = False      # other definitions depend on it, and may fail first
    refused: bool = False       # although 'qapi-gen diff' may report it as a change
    fact: str = ""              # a line that the schema's facts have in addition


class File:
    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.tokens = [match for match in TOKEN.finditer(text) if match.lastindex]
        self.at = 0
        self.definitions: list[Span] = []
        while self.at < len(self.tokens):
            self.definitions.append(self.read())

    def read(self) -> Span:
        token = self.tokens[self.at]
        self.at += 1
        if token[0] not in ("{", "["):
            quoted = token[1] is not None
            return Span(token.start(), token.start(), token.end(), token[0][1:-1] if quoted else token[0], quoted)
        span = Span(token.start(), token.start(), 0, {} if token[0] == "{" else [])
        while self.tokens[self.at][0] not in ("}", "]"):
            if self.tokens[self.at][0] == ",":
                self.at += 1
            key = self.tokens[self.at]
            if token[0] == "{":
                self.at += 2
            part = self.read()
            part.parent = span
            if token[0] == "{":
                part.start = key.start()
                span.value[key[0][1:-1]] = part
            else:
                span.value.append(part)
        span.end = self.tokens[self.at].end()
        self.at += 1
        return span

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    def lines(self, mutant: Mutant) -> tuple[int, int]:
        """The lines of the entry in the mutated text."""
        grown = mutant.text.count("\n") - self.text.count("\n", mutant.start, mutant.end)
        return self.line(mutant.entry.start), self.line(mutant.entry.end) + grown

    def mutated(self, mutant: Mutant) -> str:
        return self.text[:mutant.start] + mutant.text + self.text[mutant.end:]

    # ---- edits

    def replace(self, span: Span, text: str, entry: Span | None = None, note: str = "") -> Mutant:
        """Replaces the value; the key stays."""
        newlines = self.text.count("\n", span.value_start, span.end) - text.count("\n")
        return Mutant(self.path, span.value_start, span.end, text + "\n" * newlines, entry or span, note or text)

    def rename(self, span: Span, key: str, entry: Span | None = None) -> Mutant:
        """Replaces the key; the value stays."""
        old = self.text[span.start:span.value_start]
        return Mutant(self.path, span.start, span.value_start, f"'{key}'" + old[old.index("'", 1) + 1:], entry or span, key)

    def remove(self, span: Span, entry: Span | None = None, note: str = "") -> Mutant:
        """Removes the item and its comma. Line numbers stay the same."""
        assert span.parent
        parts = span.parent.parts
        index = next(index for index, part in enumerate(parts) if part is span)
        if index:
            start, end = parts[index - 1].end, span.end
        else:
            start, end = span.start, parts[1].start if len(parts) > 1 else span.end
        return Mutant(self.path, start, end, "\n" * self.text.count("\n", start, end), entry or span.parent, note or "removed")

    def add(self, span: Span, text: str, entry: Span | None = None) -> Mutant:
        """Inserts an item at the start of an object or array."""
        at = span.value_start + 1
        return Mutant(self.path, at, at, f" {text}" + ("," if span.parts else ""), entry or span, text)

    def append(self, span: Span, text: str, entry: Span | None = None) -> Mutant:
        """Appends an item to an object or array."""
        last = span.parts[-1].end if span.parts else span.value_start + 1
        return Mutant(self.path, last, last, ("," if span.parts else "") + f" {text}", entry or span, text)

    def walk(self) -> Iterator[Span]:
        waiting = list(reversed(self.definitions))
        while waiting:
            span = waiting.pop()
            yield span
            waiting += reversed(span.parts)


class Facts(File):
    """A file of facts, of which @facts are the lines."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.definitions = []
        self.facts: list[Span] = []
        start = 0
        for line in text.splitlines(keepends=True):
            if line.strip() and not line.startswith("#"):
                self.facts.append(Span(start, start, start + len(line.rstrip("\n")), line))
            start += len(line)


def misspelt(word: str) -> list[str]:
    """Typing errors: a letter missing, swapped, doubled, or wrong at the end."""
    middle = len(word) // 2
    found = [word[:middle] + word[middle + 1:], word[:middle - 1] + word[middle] + word[middle - 1] + word[middle + 1:],
             word[:middle] + word[middle] + word[middle:], word[:-1] + ("x" if word[-1:] != "x" else "y")]
    return [each for each in dict.fromkeys(found) if each and each != word]


def unhyphenated(word: str) -> list[str]:
    """Each hyphen removed or replaced by an underscore, and vice versa."""
    found = []
    for index, letter in enumerate(word):
        if letter in "-_":
            found += [word[:index] + word[index + 1:], word[:index] + ("_" if letter == "-" else "-") + word[index + 1:]]
    return found
