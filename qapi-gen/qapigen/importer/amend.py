# SPDX-License-Identifier: MIT
"""Additions to a schema file that is there: classes at its end, members and defaults in a class, with their words."""

from __future__ import annotations

import re

TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|#[^\n]*|[{}\[\]]")


class File:
    """The text of a schema file, as it will be."""

    def __init__(self, text: str) -> None:
        self.text = text

    def append(self, definitions: str) -> None:
        self.text = self.text.rstrip("\n") + "\n\n" + definitions.lstrip("\n")

    def add(self, name: str, key: str, items: list[str]) -> None:
        """@items, each with its indentation, to the object @key ('config', 'defaults') of class @name."""
        start, end = self.span(name)
        match = re.compile(rf"'{key}':\s*\{{").search(self.text, start, end)
        lines = ",\n".join(items)
        if match and self.inner(start, match.start()) == 1:
            filled = self.text[match.end():end].lstrip()[:1] != "}"
            self.insert(match.end(), "\n" + lines + ("," if filled else ""))
            return
        close = self.text.rindex("}", start, end)
        close = len(self.text[:close].rstrip())
        self.insert(close, f",\n  '{key}': {{\n{lines} }}")

    def explain(self, name: str, members: list[tuple[str, str]]) -> None:
        """Lines about @members to the comment of class @name."""
        start, _ = self.span(name)
        close = self.text.rindex("\n##", 0, start)
        self.insert(close, "".join(f"\n#\n# @{member}: {words}" for member, words in members))

    def insert(self, at: int, text: str) -> None:
        self.text = self.text[:at] + text + self.text[at:]

    def span(self, name: str) -> tuple[int, int]:
        """The definition of a class, from its first brace to behind its last."""
        match = re.search(rf"^\{{ '(?:class|machine)': '{re.escape(name)}'", self.text, re.MULTILINE)
        if match is None:
            raise KeyError(name)
        depth = 0
        for token in TOKEN.finditer(self.text, match.start()):
            depth += (token[0] in "{[") - (token[0] in "}]")
            if depth == 0 and token[0] == "}":
                return match.start(), token.end()
        raise KeyError(name)

    def inner(self, start: int, at: int) -> int:
        """How many braces are open at @at, of those from @start on."""
        return sum((token[0] in "{[") - (token[0] in "}]") for token in TOKEN.finditer(self.text, start, at))
