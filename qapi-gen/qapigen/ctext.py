# SPDX-License-Identifier: MIT
"""Pieces of C: strings, comments, initialisers in at most 120 columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from qapigen.model import Cond

COLUMNS = 120
NOTE = 80
NEWLINE = "\n"
INDENT = "    "
LICENCE = "/* SPDX-License-Identifier: MIT */"
# '?' is escaped for the sake of trigraphs, only where it is doubled.
UNUSUAL = re.compile(r'[^ !#-\[\]-~]|(?<=\?)\?')
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "?": "\\?"}


def quoted(text: str) -> str:
    """A C string literal, without quotes."""
    if text.isascii():
        if text.isprintable() and "??" not in text:
            return text.replace("\\", "\\\\").replace('"', '\\"')
    else:
        text = text.encode().decode("latin-1")
    return UNUSUAL.sub(escape, text)


def escape(match: re.Match[str]) -> str:
    return ESCAPES.get(match[0]) or f"\\{ord(match[0]):03o}"


def literal(text: str) -> str:
    return f'"{quoted(text)}"'


def literal_lines(text: str, indent: str = "    ", tail: str = "") -> list[str]:
    """A long literal over several lines; @tail is C already."""
    text = quoted(text) + tail
    room = COLUMNS - len(indent) - 3
    lines: list[str] = []
    start = 0
    while len(text) - start > room:
        end = unsplit(text, start, start + room)
        lines.append(f'{indent}"{text[start:end]}"')
        start = end
    return [*lines, f'{indent}"{text[start:]}"']


def long_literal(text: str) -> str:
    """A literal, below its field where it is long."""
    if not text:
        return ""
    pieces = literal_lines(text, " " * 12)
    one = pieces[0].strip()
    return one if len(pieces) == 1 and len(one) < 72 else "\n" + "\n".join(pieces)


def unsplit(text: str, start: int, end: int) -> int:
    """@end, or the start of the escape that it would cut in two."""
    last = text.rfind("\\", start, end)
    if last < 0:
        return end
    first = last
    while first > start and text[first - 1] == "\\":
        first -= 1
    if (last - first) % 2:
        return end              # the second half of an escaped backslash
    return last if last + (4 if text[last + 1].isdigit() else 2) > end else end


@lru_cache(maxsize=None)
def comment(text: str) -> str:
    """Text that can't end a comment."""
    text = " ".join(text.split()).replace("*/", "* /").replace("/*", "/ *")
    if text.isascii() and text.isprintable():
        return text
    return "".join(ch if " " <= ch <= "~" else "?" for ch in text)


def initialiser(values: list[object] | dict[str, object]) -> list[str]:
    """The parts of { a, b, … }, or of { .a = 1, … } without the zeros."""
    if isinstance(values, dict):
        return [f".{name} = {value}" for name, value in values.items() if value not in (0, "0", "")] or ["0"]
    return [str(value) for value in values]


def pieces_of(parts: list[str]) -> list[str]:
    """An initialiser of @parts, in pieces between which a line may break."""
    pieces = ["{ "]
    for part in parts[:-1]:
        pieces += split_flags(part + ", ")
    return pieces + split_flags(parts[-1] + " }, ")


def row(values: list[object] | dict[str, object], note: str = "") -> list[str]:
    """A row on lines of its own, followed by its note."""
    return Rows().add(values, note).lines()


class Rows:
    """Rows one after the other, as many in a line as it has room for.  A line breaks between rows, and within those
    that are longer than a line."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.line = ""
        self.named = False      # the line has the name of a group, and nothing of the group yet

    def add(self, values: list[object] | dict[str, object], note: str = "") -> Rows:
        """@note follows the row; it is cut to NOTE characters."""
        parts = initialiser(values)
        tail = ""
        if note:
            note = comment(note)
            tail = f"/* {note if len(note) <= NOTE else note[:NOTE - 3] + '...'} */ "
        whole = "{ " + ", ".join(parts) + " }, " + tail
        size = len(INDENT) + len(whole) - 1
        if size <= COLUMNS - len(self.line) * self.named:
            return self.put([whole])        # most rows have no need of pieces
        return self.put([*pieces_of(parts), tail] if tail else pieces_of(parts))

    def put(self, pieces: list[str]) -> Rows:
        whole = pieces[0] if len(pieces) == 1 else "".join(pieces)
        size = len(INDENT) + len(whole.rstrip())
        if len(self.line) + size <= COLUMNS:
            self.line += whole
            self.named = False
            return self
        if self.line and not self.named:
            self.end()
        self.named = False
        if size <= COLUMNS and not self.line:
            self.line = whole
            return self
        for piece in pieces:
            if self.line.strip() and len(INDENT + self.line + piece.rstrip()) > COLUMNS:
                self.end()
                self.line = "  " + piece.lstrip() if not piece.startswith("/*") else piece
            else:
                self.line += piece
        return self

    def group(self, name: str) -> None:
        """What follows belongs to @name."""
        self.end()
        self.line = f"/* {comment(name)} */ "
        self.named = True

    def end(self) -> None:
        if self.line.strip():
            self.done.append((INDENT + self.line).rstrip())
        self.line = ""

    def lines(self) -> list[str]:
        self.end()
        return self.done


def split_flags(part: str) -> list[str]:
    """A part may break before its '|'."""
    first, *rest = part.split(" | ")
    return [first, *(" | " + flag for flag in rest)]


def filled(pieces: Iterable[str], start: str, indent: str) -> list[str]:
    """Pieces one after the other, in lines as long as they may be."""
    lines = []
    line = start
    for piece in pieces:
        if len(line) + len(piece.rstrip()) > COLUMNS and line.strip():
            lines.append(line.rstrip())
            line = indent + piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


def designated(lines: list[str], name: str, value: object) -> None:
    if value not in (0, "", "0"):
        start = f"        .{name} ={'' if str(value).startswith(NEWLINE) else ' '}"
        lines += [start + f"{value},"] if NEWLINE in str(value) else filled(
            split_flags(f"{value},"), start, " " * 12)


def designated_texts(lines: list[str], name: str, texts: Iterable[str]) -> None:
    """An array of texts that ends with NULL; nothing without texts."""
    pieces = [f"{literal(text)}, " for text in texts]
    if pieces:
        lines += filled([*pieces, "NULL },"], f"        .{name} = (const char *const[]) {{ ", " " * 12)


def listed(head: str, parts: list[str], tail: str) -> list[str]:
    """head(a, b, …)tail, aligned after the parenthesis."""
    pieces = [*(part + ", " for part in parts[:-1]), parts[-1] + tail] if parts else [tail]
    return filled(pieces, head, " " * min(len(head), 40))


def numbers(values: Iterable[object], indent: str = "    ") -> list[str]:
    """Comma-separated numbers, filled."""
    return filled([f"{value}, " for value in values], indent, indent)


def condition_text(cond: Cond) -> str:
    """The condition of an #if."""
    if cond is None:
        return "1"
    if isinstance(cond, str):
        return f"defined({cond})"
    operator, items = cond
    if operator == "not":
        return f"!{operand(items[0])}"
    return (" && " if operator == "all" else " || ").join(operand(item) for item in items)


def operand(cond: Cond) -> str:
    text = condition_text(cond)
    return text if isinstance(cond, str) or (cond and cond[0] == "not") else f"({text})"


def condition_macro(cond: Cond) -> str:
    """The macro that is 1 where the condition does not hold."""
    def words(one: Cond, nested: bool = True) -> str:
        if isinstance(one, str):
            return one
        assert one
        if one[0] == "not":
            return f"NOT_{words(one[1][0])}"
        text = ("_AND_" if one[0] == "all" else "_OR_").join(words(item) for item in one[1])
        return f"L_{text}_R" if nested else text
    return "OFF_" + words(cond, nested=False)


def if_lines(cond: Cond) -> list[str]:
    """#if, over several lines where the condition is long."""
    words = f"#if {condition_text(cond)}".split(" ")
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) + 3 > COLUMNS:
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines


def condition_lines(conds: Iterable[Cond]) -> list[str]:
    lines: list[str] = []
    for cond in dict.fromkeys(conds):
        macro = condition_macro(cond)
        lines += [*if_lines(cond), f"#define {macro} 0", "#else", f"#define {macro} 1", "#endif", ""]
    return lines


def wrapped_comment(text: str, indent: str = "") -> list[str]:
    """A comment of as many lines as it takes."""
    text = comment(text)
    if len(indent) + len(text) + 6 <= COLUMNS:
        return [f"{indent}/* {text} */"]
    lines = [f"{indent}/*"]
    line = f"{indent} *"
    for word in text.split():
        if len(line) + len(word) + 1 > COLUMNS:
            lines.append(line)
            line = f"{indent} *"
        line += " " + word
    return [*lines, line, f"{indent} */"]
