# SPDX-License-Identifier: MIT
"""Text to expressions: QAPI's JSON dialect, in which every value keeps its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from qapigen.doc import Doc, parse_doc
from qapigen.source import SchemaError, Where

# Each match is a token, or a line's end; a group says which kind.
TOKEN = re.compile(r"""
    [ \t\r]* (?:
    (\n)
  | ([][{}:,])
  | '((?:[ -&(-[\]-~]|\\[\\'])*)'
  | \#\#[ \t\r\f\v]*\n((?:\#(?!\#)[^\n]*\n)*)\#\#[ \t\r\f\v]*(?![^\n])
  | (\#\#|')
  | \#[^\n]*
  | (-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![^][{}:,\s'\#]))
  | ((?:true|false|null)(?![^][{}:,\s'\#]))
  | ([^][{}:,\s']+|.) )
""", re.VERBOSE)
NEWLINE, MARK, STRING, DOC, BROKEN, NUMBER, WORD, STRAY = range(1, 9)
ESCAPE = re.compile(r"\\(.)")
WORDS = {"true": True, "false": False, "null": None}
# Numbers and null are literals of defaults and of what bounds them; anywhere else they are stray.
LITERAL_KEYS = frozenset({"default", "defaults", "range", "rules", "value", "other-than", "names", "slots", "count", "machine",
                          "platform", "had", "recorded", "after", "wrap", "reserved", "at-most", "identity"})

# Values nest no deeper, as in the C scanner (VT_SCAN_DEPTH).
DEPTH_MAX = 64
DIGITS_MAX = 400        # of a number

# Kind (a mark is its own; ' # 0 a for string, comment, number, word; ! for an error; empty at the end), value, line,
# and the match, which has the column for an error.
Token = tuple[str, Any, int, Any]


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
        self.at = 0
        self.depth = 0
        self.last = Where(file, 0)
        self.tokens = self.scan()

    def scan(self) -> list[Token]:
        """All tokens; the first that is broken ends them, and is raised when the parser comes to it."""
        tokens: list[Token] = []
        add = tokens.append
        line = 1
        try:
            for match in TOKEN.finditer(self.text):
                kind = match.lastindex
                if kind == NEWLINE:
                    line += 1
                elif kind == MARK:
                    add((match[MARK], None, line, match))
                elif kind == STRING:
                    value = match[STRING]
                    add(("'", ESCAPE.sub(r"\1", value) if "\\" in value else value, line, match))
                elif kind == DOC:
                    lines = match[DOC].split("\n")
                    add(("#", parse_doc(self.file, line, lines[:-1]), line, match))
                    line += len(lines)
                elif kind == NUMBER:
                    add(("0", match[NUMBER], line, match))
                elif kind == WORD:
                    add(("a", match[WORD], line, match))
                elif kind == STRAY:
                    raise SchemaError(self.column(line, match), f"stray '{match[STRAY]}'")
                elif kind == BROKEN:
                    raise self.broken(line, match)
        except SchemaError as error:
            add(("!", error, line, None))
        else:
            add(("", None, line, None))
        return tokens

    # ---- places and errors

    def place(self, line: int) -> Where:
        if line != self.last.line:
            self.last = Where(self.file, line)
        return self.last

    def column(self, line: int, match: re.Match[str]) -> Where:
        at = match.end() - len(match[0].lstrip(" \t\r"))
        start = self.text.rfind("\n", 0, at) + 1
        return Where(self.file, line, len(self.text[start:at].expandtabs(8)) + 1)

    def error(self, token: Token, message: str) -> SchemaError:
        """A broken token ahead was there before what is wrong with @token was seen."""
        ahead = self.tokens[self.at]
        if ahead[0] == "!":
            error: SchemaError = ahead[1]
            return error
        if token[3] is None:
            last = self.text[:-1] if self.text.endswith("\n") else self.text
            width = len(last[last.rfind("\n") + 1:].expandtabs(8))
            return SchemaError(Where(self.file, last.count("\n") + 1, width + 1), message)
        return SchemaError(self.column(token[2], token[3]), message)

    def broken(self, line: int, match: re.Match[str]) -> SchemaError:
        """What is wrong with a string or a doc comment that is none."""
        where = self.column(line, match)
        return self.bad_string(where, match.end()) if match[BROKEN] == "'" else self.bad_doc(
            where, match.end() - 2)

    def bad_string(self, where: Where, at: int) -> SchemaError:
        while True:
            ch = self.text[at:at + 1]
            if ch in ("", "\n"):
                return SchemaError(where, "missing terminating \"'\"")
            if ch == "\\":
                at += 1
                ch = self.text[at:at + 1]
                if ch not in ("\\", "'"):
                    return SchemaError(where, f"unknown escape \\{ch}")
            elif not " " <= ch <= "~":
                return SchemaError(where, "funny character in string")
            at += 1

    def bad_doc(self, where: Where, start: int) -> SchemaError:
        first, *lines = self.text[start:].split("\n")
        if first.rstrip() != "##":
            return SchemaError(where, "junk after '##' at start of documentation comment")
        for number, line in enumerate(lines, where.line + 1):
            place = Where(self.file, number, 1)
            if line.startswith("##"):
                return SchemaError(place, "junk after '##' at end of documentation comment")
            if not line.startswith("#"):
                return SchemaError(place, "documentation comment must end with '##'")
        place = Where(self.file, where.line + len(lines) + 1, 1)
        return SchemaError(place, "documentation comment must end with '##'")

    # ---- expressions

    def expressions(self) -> Iterator[Node | Doc]:
        while True:
            kind, value, _, _ = self.tokens[self.at]
            if not kind:
                return
            if kind == "#":
                self.at += 1
                yield value
                continue
            node = self.value(False)
            if self.tokens[self.at][0] == "!":
                raise self.tokens[self.at][1]
            if not node.is_dict:
                raise SchemaError(node.where, "top-level expression must be an object")
            yield node

    def value(self, literals: bool) -> Node:
        token = self.tokens[self.at]
        kind, value, line, _ = token
        if kind in "{[" and kind:
            if self.depth == DEPTH_MAX:
                raise self.error(token, f"nested deeper than {DEPTH_MAX}")
            self.depth += 1
            node = self.object(literals) if kind == "{" else self.array(literals)
            self.depth -= 1
            return node
        if kind in ("a", "0"):
            if value not in ("true", "false") and not literals:
                raise self.error(token, f"stray '{value}'")
            value = self.number(token) if kind == "0" else WORDS[value]
        elif kind != "'":
            raise self.error(token, "expected '{', '[', string, or boolean")
        self.at += 1
        return Node(value, self.place(line))

    def number(self, token: Token) -> int | float:
        text = token[1]
        value = int(text) if len(text) <= DIGITS_MAX and text.lstrip("-").isdigit() else float(text)
        if value in (float("inf"), float("-inf")) or len(text) > DIGITS_MAX:
            raise self.error(token, "number is too large" if len(text) <= DIGITS_MAX else
                             f"number has more than {DIGITS_MAX} digits")
        return value

    def object(self, literals: bool) -> Node:
        tokens = self.tokens
        members: dict[str, Node] = {}
        node = Node(members, self.place(tokens[self.at][2]))
        self.at += 1
        wanted = "expected string or '}'"
        while True:
            key = tokens[self.at]
            kind, name, line, _ = key
            if kind != "'":
                if kind == "}" and not members:
                    self.at += 1
                    return node
                raise self.error(key, wanted)
            self.at += 1
            if tokens[self.at][0] != ":":
                raise self.error(tokens[self.at], "expected ':'")
            self.at += 1
            if name in members:
                raise self.error(key, f"duplicate key \"{name}\"")
            where = self.place(line)
            members[name] = entry = self.value(literals or name in LITERAL_KEYS)
            entry.key = where
            kind = tokens[self.at][0]
            if kind == "}":
                self.at += 1
                return node
            if kind != ",":
                raise self.error(tokens[self.at], "expected ',' or '}'")
            self.at += 1
            wanted = "expected string"

    def array(self, literals: bool) -> Node:
        items: list[Node] = []
        node = Node(items, self.place(self.tokens[self.at][2]))
        self.at += 1
        if self.tokens[self.at][0] == "]":
            self.at += 1
            return node
        while True:
            items.append(self.value(literals))
            token = self.tokens[self.at]
            if token[0] == "]":
                self.at += 1
                return node
            if token[0] != ",":
                raise self.error(token, "expected ',' or ']'")
            self.at += 1
