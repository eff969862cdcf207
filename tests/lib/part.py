# SPDX-License-Identifier: MIT
"""A consistent subset of the schema, for tests that run the compiler very often."""

import glob
import os
import re
from collections.abc import Iterable

NAME = re.compile(r"'@?([A-Za-z0-9][A-Za-z0-9._+,-]*)'")
# The start of a definition, with or without its comment.
START = re.compile(r"^(?=##\n#(?!#)|\{ '(?!include'))", re.MULTILINE)
COMMENT = re.compile(r"##\n(?:#(?!#)[^\n]*\n)*##\n\Z")
DEFINITION = re.compile(r"^\{ '([a-z-]+)': '([^']+)'", re.MULTILINE)
PARENT = re.compile(r"'parent': '([^']+)'")
CALLED = re.compile(r"'(?:union|tag-value)': '([^']+)'")
CLASSES = ("class", "machine")
# Definitions that are always kept, except commands and events that only an engine serves.
ROOTS = ("axis", "command", "event", "facts", "forms", "include", "option", "platform-feature", "pragma", "program")
RELAYED = "'served-by': 'engine'"


def sources(root: str) -> dict[str, str]:
    texts = {}
    for directory, _, files in os.walk(root):
        for name in files:
            if name.endswith(".json"):
                path = os.path.join(directory, name)
                with open(path, encoding="utf-8") as stream:
                    texts[path] = stream.read()
    return texts


def definitions(text: str) -> list[str]:
    """Splits @text into definitions with their comments; the first item is the head of the file."""
    parts: list[str] = []
    for piece in START.split(text):
        if parts and COMMENT.match(parts[-1]):
            parts[-1] += piece
        else:
            parts.append(piece)
    return parts


def wanted(piece: str, behaves: bool) -> bool:
    """Whether @piece is kept even if nothing names it. @behaves: its file has behaviour."""
    found = DEFINITION.search(piece)
    return (not found or (found[1] in ROOTS and RELAYED not in piece)
            or (behaves and found[1] in CLASSES and "'model': 'none'" not in piece))


def parent(piece: str) -> str:
    found = PARENT.search(piece)
    return found[1] if found else ""


def named(piece: str) -> set[str]:
    """Names in @piece; of CLASS.MEMBER the class."""
    return {name for found in NAME.findall(piece) for name in (found, found.rpartition(".")[0])}


def thin(root: str, also: Iterable[str] = ()) -> None:
    """Leaves in the schema directory @root, with ledger and facts, what has behaviour, with its kin in the same file, commands,
    options and the like, what is called @also, and what all these name or are measured by."""
    texts = sources(root)
    behaving = {path for path, text in texts.items() if "'model': 'own'" in text}
    pieces = [(path, piece) for path, text in texts.items() for piece in definitions(text)]
    homes: dict[str, list[int]] = {}
    for number, (_, piece) in enumerate(pieces):
        for name in [name for _, name in DEFINITION.findall(piece)] + CALLED.findall(piece):
            homes.setdefault(name, []).append(number)
    kept: set[int] = set()
    new = {number for number, (path, piece) in enumerate(pieces) if wanted(piece, path in behaving)}
    new |= {home for name in also for home in homes.get(name, ())}
    while new:
        kept |= new
        differing = {parent(pieces[number][1]) for number in new if "'differs'" in pieces[number][1]}
        new = {home for number in new for name in named(pieces[number][1]) for home in homes.get(name, ())} - kept
        new |= {number for number, (_, piece) in enumerate(pieces) if parent(piece) in differing} - kept
    names = {name for number in kept for _, name in DEFINITION.findall(pieces[number][1])}
    for path, text in texts.items():
        left = "".join(piece for number, (home, piece) in enumerate(pieces) if home == path and number in kept)
        if left != text:
            shorten(path, left if DEFINITION.search(left) else "")
            shorten_lines(os.path.join(root, "ledger", os.path.relpath(path, root).removesuffix(".json") + ".ledger"), names, 0)
    for path in (*glob.glob(os.path.join(root, "facts", "*.facts")), os.path.join(root, "ledger", "names.ledger")):
        shorten_lines(path, names, 1)


def shorten(path: str, text: str) -> None:
    if not text:
        os.remove(path)
        return
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


def shorten_lines(path: str, names: set[str], word: int) -> None:
    """Leaves the lines whose @word, from 0, is one of @names."""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as stream:
            lines = [line for line in stream if line.startswith("#") or not line.strip() or line.split()[word] in names]
        shorten(path, "".join(lines) if any(line.strip() and line[0] != "#" for line in lines) else "")
