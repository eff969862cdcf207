# SPDX-License-Identifier: MIT
"""Text to Markdown that means just that text."""

from __future__ import annotations

import re

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def escape(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)


def code(text: str) -> str:
    """In backquotes; '|' would end a table's cell even there."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}".replace("|", "\\|")


def prose(text: str) -> str:
    """A doc comment's text: @NAME is a name, the rest is words."""
    parts = re.split(r"@([A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]|[A-Za-z0-9])", text)
    return "".join(code(part) if index % 2 else escape(part) for index, part in enumerate(parts))


def cell(text: str) -> str:
    return prose(text).replace("\n", " ")


def table(head: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
