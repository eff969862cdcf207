#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the texts of the tree against tests/lint/words.txt, as TAP.

usage: words.py [PATH...]   PATH: a file or directory, relative to the root of the tree; the default is PLACES
"""

import ast
import io
import os
import re
import sys
import tokenize
from collections.abc import Iterator

from lint import all_files, read

PLACES = ("schema", "docs", "README.md", "CHANGES.md", "CONTRIBUTING.md", "SECURITY.md",
          "runtime", "qapi-gen", "backends", "hw", "machine", "engine", "programs", "tests", "tools", "examples", "Makefile",
          "meson.build", ".ci")
LIST = os.path.join("tests", "lint", "words.txt")
TEXTS = (".c", ".h", ".py", ".json", ".md", ".txt", ".build", ".sh", ".rst", "Makefile")
SCRIPTS = ("tools/configure", "tools/check-commits", ".ci/run")
# Outputs, samples of other texts, the licence, and the list itself.
LEFT_OUT = ("tests/golden/output/", "schema/ledger/", "tests/lint/words", "LICENSE")
C_TEXT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


def rules() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for line in read(LIST).splitlines():
        if line and not line.startswith("#"):
            words, _, instead = line.partition(": ")
            # Not "WORD" alone in double quotes: a key of the schema language or of JSON is a name, not prose.
            key = rf'(?!(?<=")(?:{words})")'
            found.append((re.compile(rf"(?<![\w'@-]){key}(?:{words})(?![\w'-])", re.IGNORECASE), instead))
    return found


def c_texts(text: str, strings: bool) -> Iterator[tuple[int, str]]:
    """Line number and text of comments, and of string literals if @strings."""
    for match in C_TEXT.finditer(text):
        if match[0].startswith("/") or (strings and match[0].startswith('"')):
            first = text.count("\n", 0, match.start()) + 1
            yield from enumerate(match[0].splitlines(), first)


def python_texts(text: str) -> Iterator[tuple[int, str]]:
    """Line number and text of comments and docstrings."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node, clean=False):
            first = node.body[0].lineno
            yield from enumerate((ast.get_docstring(node, clean=False) or "").splitlines(), first)


def texts(name: str) -> Iterator[tuple[int, str]]:
    """Line number and text of what readers see of a file; of a test, not its strings and data."""
    is_test = name.startswith("tests/")
    if name.endswith((".c", ".h")):
        return c_texts(read(name), not is_test)
    if name.endswith(".py"):
        return python_texts(read(name))
    if is_test and not name.endswith((".md", ".build")):
        return iter(())
    return iter(enumerate(read(name).splitlines(), 1))


def main() -> int:
    known = rules()
    places = [path.rstrip("/") for path in sys.argv[1:]] or PLACES
    offenders = []
    for name in all_files():
        inside = any(name == place or name.startswith(place + "/") for place in places)
        if inside and name.endswith(TEXTS + SCRIPTS) and not name.startswith(LEFT_OUT):
            for number, line in texts(name):
                for pattern, instead in known:
                    match = pattern.search(line)
                    if match:
                        offenders.append(f"{name}:{number}: '{match[0]}'; use: {instead}")
    print("1..1")
    for offender in offenders:
        print(f"# {offender}")
    print(f"{'not ' if offenders else ''}ok 1 - texts use plain words ({len(offenders)} others)")
    return 1 if offenders else 0


if __name__ == "__main__":
    sys.exit(main())
