# SPDX-License-Identifier: MIT
"""Gives words to what the comments of a schema leave undescribed, where the lexicon has some by now."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from qapigen.doc import UNDOCUMENTED
from qapigen.importer.words import Words
from qapigen.importer.write import about_class, about_member, joined

COMMENT = re.compile(r"^##\n# @([^:\n]+):\n((?:#.*\n)*?)##\n(?=\{ '(?:class|machine)': )", re.MULTILINE)
MEMBER = re.compile(r"# @([^:]+): (.*)")


def changed(base: str, files: Iterable[str], words: Words) -> dict[str, str]:
    """Those of @files that get words, relative to the directory @base."""
    result = {}
    for file in files:
        with open(file, encoding="utf-8") as stream:
            text = stream.read()
        new = described(text, words)
        if new != text:
            result[os.path.relpath(file, base)] = new
    return result


def described(text: str, words: Words) -> str:
    """@text is that of a schema file; what nothing is known of stays as it is."""
    def better(found: re.Match[str]) -> str:
        new = comment(found[1], found[2], words) if UNDOCUMENTED in found[2] else found[0]
        return new if new.count(UNDOCUMENTED) < found[0].count(UNDOCUMENTED) else found[0]

    return COMMENT.sub(better, text)


def comment(owner: str, text: str, words: Words) -> str:
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if MEMBER.fullmatch(line):
            while blocks[-1] and blocks[-1][-1] == "#":
                blocks[-1].pop()
            blocks.append([])
        blocks[-1].append(line)
    head, members = blocks[0], [block(owner, lines, words) for lines in blocks[1:]]
    if f"# {UNDOCUMENTED}" in head:
        at = head.index(f"# {UNDOCUMENTED}")
        head[at:at + 1] = about_class(words.classes.find(owner) or UNDOCUMENTED)
    return "\n".join(["##", f"# @{owner}:", *head, *joined(members), "##"]) + "\n"


def block(owner: str, lines: list[str], words: Words) -> list[str]:
    match = MEMBER.fullmatch(lines[0])
    assert match
    return about_member(match[1], words.member(owner, match[1])) + lines[1:] if match[2] == UNDOCUMENTED else lines
