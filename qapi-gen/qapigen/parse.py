# SPDX-License-Identifier: MIT
"""Text to expressions: QAPI's JSON dialect, in which every value keeps its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from qapigen.doc import Doc, parse_doc
from qapigen.source import SchemaError, Where

TOKEN = re.compile(r"""
    (?P<space>[ \t\r\n]+)
  | (?P<doc>\#\#)
  | (?P<comment>\#[^\n]*)
  | (?P<mark>[][{}:,])
  | (?P<string>')
  | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![^][{}:,\s'\#]))
  | (?P<word>(?:true|false|null)(?![^][{}:,\s'\#]))
  | (?P<stray>[^][{}:,\s']+|.)
""", re.VERBOSE)
WORDS = {"true": True, "false": False, "null": None}
# Numbers and null are literals of defaults and of what bounds them; anywhere else they are stray.
LITERAL_KEYS = frozenset({"default", "defaults", "range", "value", "names", "slots", "machine",
                          "platform", "had", "wrap", "reserved"})


class Token(NamedTuple):
    kind: str
    value: Any
    where: Where


class Node:
    """A value and where it stands.  @key is the place of its key in the surrounding object."""

    __slots__ = ("key", "value", "where")

    def __init__(self, value: Any, where: Where, key: Where | None = None) -> None:
        self.value = value
        self.where = where
        self.key = key or where

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def __getitem__(self, key: str) -> Node:
        node: Node = self.value[key]
        return node

    def get(self, key: str) -> Node | None:
        return self.value.get(key) if isinstance(self.value, dict) else None

    def items(self) -> Iterator[tuple[str, Node]]:
        yield from self.value.items()

    @property
    def is_str(self) -> bool:
        return isinstance(self.value, str)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    @property
    def is_dict(self) -> bool:
        return isinstance(self.value, dict)

    def plain(self) -> Any:
        """The value without places, as json.loads() would give it."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


class Parser:
    """One file's expressions and doc comments, in order."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.position = 0
        self.line = 1
        self.line_start = 0
        last = text[:-1] if text.endswith("\n") else text
        start = last.rfind("\n") + 1
        self.end = Where(file, last.count("\n") + 1, len(last[start:].expandtabs(8)) + 1)
        self.token = self.next_token()

    def where(self, position: int) -> Where:
        column = len(self.text[self.line_start:position].expandtabs(8)) + 1
        return Where(self.file, self.line, column)

    def skip_lines(self, end: int) -> None:
        count = self.text.count("\n", self.position, end)
        if count:
            self.line += count
            self.line_start = self.text.rindex("\n", self.position, end) + 1
        self.position = end

    def next_token(self) -> Token:
        while self.position < len(self.text):
            match = TOKEN.match(self.text, self.position)
            assert match
            kind = match.lastgroup or ""
            where = self.where(self.position)
            if kind == "string":
                return Token("string", self.string(where), where)
            if kind == "doc":
                return Token("doc", self.doc(where), where)
            self.skip_lines(match.end())
            if kind == "mark":
                return Token(match[0], None, where)
            if kind in ("number", "word"):
                return Token(kind, match[0], where)
            if kind == "stray":
                raise SchemaError(where, f"stray '{match[0]}'")
        return Token("end", None, self.end)

    def string(self, where: Where) -> str:
        chars: list[str] = []
        at = self.position + 1
        while True:
            ch = self.text[at:at + 1]
            if ch in ("", "\n"):
                raise SchemaError(where, "missing terminating \"'\"")
            if ch == "'":
                break
            if ch == "\\":
                at += 1
                ch = self.text[at:at + 1]
                if ch not in ("\\", "'"):
                    raise SchemaError(where, f"unknown escape \\{ch}")
            elif not " " <= ch <= "~":
                raise SchemaError(where, "funny character in string")
            chars.append(ch)
            at += 1
        self.position = at + 1
        return "".join(chars)

    def doc(self, where: Where) -> Doc:
        first = self.line
        lines: list[str] = []
        at = self.position
        while True:
            end = self.text.find("\n", at)
            end = len(self.text) if end < 0 else end
            line = self.text[at:end]
            if line.startswith("##") and lines:
                place = Where(self.file, first + len(lines), 1)
                if line.strip() != "##":
                    raise SchemaError(place, "junk after '##' at end of documentation comment")
                break
            if not lines and line.rstrip() != "##":
                raise SchemaError(where, "junk after '##' at start of documentation comment")
            if not line.startswith("#"):
                place = Where(self.file, first + len(lines), 1)
                raise SchemaError(place, "documentation comment must end with '##'")
            lines.append(line)
            at = min(end + 1, len(self.text))
        self.skip_lines(end)
        return parse_doc(self.file, first, lines[1:])

    def advance(self) -> Token:
        token = self.token
        self.token = self.next_token()
        return token

    def expressions(self) -> Iterator[Node | Doc]:
        while self.token.kind != "end":
            if self.token.kind == "doc":
                doc = self.token.value
                self.advance()
                yield doc
                continue
            node = self.value(False)
            if not node.is_dict:
                raise SchemaError(place(node.where), "top-level expression must be an object")
            yield node

    def value(self, literals: bool) -> Node:
        token = self.token
        if token.kind == "{":
            return self.object(literals)
        if token.kind == "[":
            return self.array(literals)
        if token.kind == "string":
            self.advance()
            return Node(token.value, place(token.where))
        if token.kind in ("word", "number"):
            boolean = token.value in ("true", "false")
            if not boolean and not literals:
                raise SchemaError(token.where, f"stray '{token.value}'")
            self.advance()
            return Node(number(token) if token.kind == "number" else WORDS[token.value],
                        place(token.where))
        raise SchemaError(token.where, "expected '{', '[', string, or boolean")

    def object(self, literals: bool) -> Node:
        node = Node({}, place(self.advance().where))
        if self.token.kind == "}":
            self.advance()
            return node
        if self.token.kind != "string":
            raise SchemaError(self.token.where, "expected string or '}'")
        while True:
            key = self.advance()
            if self.token.kind != ":":
                raise SchemaError(self.token.where, "expected ':'")
            self.advance()
            if key.value in node.value:
                raise SchemaError(key.where, f"duplicate key \"{key.value}\"")
            entry = self.value(literals or key.value in LITERAL_KEYS)
            entry.key = place(key.where)
            node.value[key.value] = entry
            if self.token.kind == "}":
                self.advance()
                return node
            if self.token.kind != ",":
                raise SchemaError(self.token.where, "expected ',' or '}'")
            self.advance()
            if self.token.kind != "string":
                raise SchemaError(self.token.where, "expected string")

    def array(self, literals: bool) -> Node:
        node = Node([], place(self.advance().where))
        if self.token.kind == "]":
            self.advance()
            return node
        while True:
            node.value.append(self.value(literals))
            if self.token.kind == "]":
                self.advance()
                return node
            if self.token.kind != ",":
                raise SchemaError(self.token.where, "expected ',' or ']'")
            self.advance()


def place(where: Where) -> Where:
    """@where without its column."""
    return Where(where.file, where.line)


def number(token: Token) -> int | float:
    text: str = token.value
    return int(text) if text.lstrip("-").isdigit() else float(text)
