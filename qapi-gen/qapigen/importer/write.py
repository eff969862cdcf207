# SPDX-License-Identifier: MIT
"""Proposals as schema source in the layout of the house."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from qapigen.importer.facts import UNSET
from qapigen.importer.history import History
from qapigen.model import Schema

COLUMNS = 118
DOC_COLUMNS = 118
# From so many members on they stand without blank lines between them.
CROWD = 60
HEADER = "# SPDX-License-Identifier: MIT\n#\n# {}\n"


def literal(value: Any) -> str:
    """A JSON value with the quotes of the schema."""
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, list):
        return "[ " + ", ".join(literal(each) for each in value) + " ]" if value else "[]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + " }" if value else "{}"
    return json.dumps(value)


def doc(name: str, text: str, members: list[tuple[str, str]]) -> str:
    lines = [f"# @{name}:", "#", *about_class(text), *joined([about_member(*member) for member in members])]
    return "\n".join(["##", *lines, "##"]) + "\n"


def about_class(text: str) -> list[str]:
    return textwrap.wrap(text, DOC_COLUMNS, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def about_member(name: str, text: str) -> list[str]:
    return textwrap.wrap(f"@{name}: {text}", DOC_COLUMNS, initial_indent="# ", subsequent_indent="#     ",
                         break_on_hyphens=False, break_long_words=False)


def joined(members: list[list[str]]) -> list[str]:
    lines: list[str] = []
    unknown = False
    for place, member in enumerate(members):
        # What is not known needs no room, and what there is much of has none.
        if place == 0 or not (unknown and member[0].endswith(": @undocumented") or len(members) > CROWD):
            lines.append("#")
        unknown = member[0].endswith(": @undocumented")
        lines += member
    return lines


class Writer:
    def __init__(self, schema: Schema, why: Any, value: Any) -> None:
        self.schema = schema
        self.versions = schema.versions["machine"]
        self.why = why              # (member, version) -> str
        self.value = value          # (type, JSON text) -> literal

    # ---- defaults

    def entries(self, name: str, kind: Any, history: History) -> list[str]:
        lines = []
        for step in history:
            parts = []
            if step.since:
                parts.append(f"'since': '{self.versions[step.since].name}'")
            parts.append("'absent': true" if step.text == UNSET else f"'value': {literal(self.value(kind, step.text))}")
            scope = []
            if step.machines:
                scope.append(f"'machines': {literal(list(step.machines))}")
            if step.targets:
                scope.append(f"'targets': {literal(list(step.targets))}")
            if scope:
                parts.append("'for': { " + ", ".join(scope) + " }")
            if step.since:
                parts.append(f"'why': {literal(self.why(name, self.versions[step.since].name, step.machines))}")
            lines.append("{ " + ", ".join(parts) + " }")
        return lines

    def default(self, name: str, kind: Any, history: History, indent: str) -> str:
        """The value of 'default', or of a member's name in 'defaults'."""
        if len(history) == 1 and history[0].text != UNSET:
            value = self.value(kind, history[0].text)
            return f"{{ 'value': {literal(value)} }}" if isinstance(value, (dict, list)) else literal(value)
        inner = indent + "    "
        text = ("{ 'machine': [\n" + ",\n".join(fold(line, inner) for line in self.entries(name, kind, history)) + " ] }")
        return text if len(history) > 1 else text.replace("[\n" + inner, "[ ")

    # ---- classes

    def member(self, name: str, attributes: dict[str, Any], default: str, indent: str = "    ") -> str:
        """@default is '' or the whole text; @attributes come in order."""
        parts = [f"'{key}': {literal(value)}" for key, value in attributes.items()]
        if default:
            parts.append(f"'default': {default}")
        return fold(f"'*{name}': {{ " + ", ".join(parts) + " }", indent)

    def packed(self, items: list[str], indent: str) -> str:
        """Short items several on a line, long ones on their own."""
        lines: list[str] = []
        for item in items:
            if lines and "\n" not in item and "\n" not in lines[-1] and len(lines[-1]) + len(item) + 2 <= COLUMNS:
                lines[-1] += f" {item},"
            else:
                lines.append(f"{indent}{item},")
        return "\n".join(lines).rstrip(",")


def fold(text: str, indent: str, more: str = "    ") -> str:
    """Breaks a line that is too long at its outer commas."""
    first, newline, rest = text.partition("\n")
    if len(indent) + len(first) <= COLUMNS:
        return indent + text
    lines = [indent]
    for part in pieces(first):
        if len(lines[-1]) + len(part) > COLUMNS and lines[-1].strip():
            lines.append(indent + more)
            part = part.lstrip()
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines) + newline + rest


def pieces(text: str) -> list[str]:
    """Cuts after commas that are in no string."""
    result, start, quoted, at = [], 0, False, 0
    while at < len(text):
        mark = text[at]
        if mark == "\\" and quoted:
            at += 1
        elif mark == "'":
            quoted = not quoted
        elif mark == "," and not quoted:
            result.append(text[start:at + 1])
            start = at + 1
        at += 1
    return [*result, text[start:]]
