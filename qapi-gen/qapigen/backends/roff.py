# SPDX-License-Identifier: MIT
"""Markdown to roff with the man macros: the part of Markdown that our pages use."""

from __future__ import annotations

import re
from collections.abc import Iterator

SPECIAL = {"\\": r"\(rs", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"}
BREAK = re.compile(r"([,|/=:]|\]\[)(?=\S)")
INLINE = re.compile(r"``(.+?)``|`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]*)\]\(([^)\s]*)\)", re.DOTALL)
ESCAPED = re.compile(r"\\([\\`*_{}\[\]<>#|~$])")
WORD = re.compile(r"[A-Z][A-Z0-9-]*")
ITEM = re.compile(r"( *)(?:[-*]|(\d+)\.) +(.*)")


def escape(text: str) -> str:
    """@text as roff prints it: no character is an escape, a request or a hyphen."""
    text = "".join(SPECIAL.get(one) or (one if " " <= one <= "~" else f"\\[u{ord(one):04X}]") for one in text)
    return r"\&" + text if text.startswith(".") else text


def breakable(text: str) -> str:
    """As escape(), with places where a line may end, because a name of many parts is longer than a line."""
    return r"\:".join(escape(part) for part in re.split(r"(?<=[,|/=\]])(?=\S)", text))


def bold(text: str) -> str:
    return rf"\fB{breakable(text)}\fR"


def metavar(text: str) -> str:
    """Upper-case words stand for values: they are in italics."""
    parts = re.split(f"({WORD.pattern})", text)
    return "".join(rf"\fI{escape(part)}\fR" if index % 2 else breakable(part) for index, part in enumerate(parts))


def inline(text: str) -> str:
    """A paragraph's text: code and strong words are bold, links are their text."""
    result, end = [], 0
    for match in INLINE.finditer(text):
        result.append(escape(ESCAPED.sub(r"\1", text[end:match.start()])))
        code = match[1] or match[2]
        if code:
            result.append(bold(code.replace("\\|", "|")))
        elif match[3]:
            result.append(rf"\fB{escape(match[3])}\fR")
        elif match[4]:
            result.append(rf"\fI{escape(match[4])}\fR")
        else:
            result.append(inline(match[5]))
        end = match.end()
    result.append(escape(ESCAPED.sub(r"\1", text[end:])))
    joined = "".join(result)
    return r"\&" + joined if joined.startswith(".") else joined


def heading(level: int, text: str) -> list[str]:
    plain = inline(text)
    return [f".SH {quoted(plain.upper() if level <= 2 and WORD.sub('', text) and not INLINE.search(text) else plain)}"
            if level <= 2 else f".SS {quoted(plain)}"]


def quoted(text: str) -> str:
    return f'"{text}"'


def verbatim(lines: list[str]) -> list[str]:
    return [".PP", ".RS 4", ".nf", *(escape(line) if line else ".sp" for line in lines), ".fi", ".RE"]


def definition(term: str, paragraphs: list[str]) -> list[str]:
    """@term and @paragraphs: roff."""
    filled = [one for one in paragraphs if one]
    lines = [".TP", term, *(filled[:1] or [r"\&"])]
    for one in filled[1:]:
        lines += [".IP", one]
    return lines


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def table(lines: list[str]) -> list[str]:
    """Each row is a definition of its first cell; further cells follow their heading."""
    head = cells(lines[0])
    result = []
    for line in lines[2:]:
        first, *rest = cells(line)
        if len(rest) == 1:
            texts = rest
        else:
            texts = [f"{name}: {text}" if name else text for name, text in zip(head[1:], rest) if text]
        result += definition(inline(first), [inline(text) for text in texts])
    return result


def markdown(text: str, level: int = 0) -> list[str]:
    """The lines of roff of @text, whose headings are @level deeper than they say."""
    return list(Blocks(text, level))


class Blocks:
    def __init__(self, text: str, level: int) -> None:
        self.lines = text.splitlines()
        self.level = level
        self.at = 0

    def take(self, pattern: str) -> list[str]:
        start = self.at
        while self.at < len(self.lines) and re.match(pattern, self.lines[self.at]):
            self.at += 1
        return self.lines[start:self.at]

    def __iter__(self) -> Iterator[str]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            fence = re.match(r"(```+)", line)
            title = re.match(r"(#+) +(.*)", line)
            if not line.strip():
                self.at += 1
            elif fence:
                self.at += 1
                inside = self.take(rf"(?!{fence[1]}$)")
                self.at += 1
                yield from verbatim(inside)
            elif title:
                self.at += 1
                yield from heading(len(title[1]) + self.level, title[2])
            elif line.startswith("|"):
                yield from table(self.take(r"\|"))
            elif line.startswith("    "):
                yield from verbatim([one[4:] for one in self.take(r"    |$")])
            elif ITEM.match(line):
                yield from self.item()
            else:
                yield from [".PP", *self.paragraph("")]

    def paragraph(self, first: str) -> list[str]:
        lines = [first] if first else []
        lines += [line.strip() for line in self.take(r"(?!\s*$|```|#+ |\|| *[-*] | *\d+\. )")]
        if not lines:   # a line that only looks like the start of something else
            lines = [self.lines[self.at]]
            self.at += 1
        return [inline(" ".join(lines))]

    def item(self) -> list[str]:
        match = ITEM.match(self.lines[self.at])
        assert match
        self.at += 1
        mark = f"{match[2]}." if match[2] else r"\(bu"
        return [f".IP {mark} 4", *self.paragraph(match[3])]
