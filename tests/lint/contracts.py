#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Comments of C name what exists, as TAP: each @NAME in a comment is a word of the declaration that the comment
documents (a parameter, a member, a constant or a function).  Each vt_NAME, VtNAME and VT_NAME is one of the code, and
each C file that is named exists.  Texts with a wrong name are tried, too.

usage: contracts.py [BUILD]   BUILD (default: $VINTAGE_BUILD, else build) holds the generated code.

  comment                         declaration
  at the head of a file           all of the file
  in the braces of a type or of a function   that type or function
  else                            what follows, up to an empty line or the next comment
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lint import ROOT, all_files, read

COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
NAME = re.compile(r"(?<![\w.])@(\w+)")
# Not the beginning of other names, as vt_ops_* is.
OURS = re.compile(r"(?<![\w/])(?:vt_\w+|Vt[A-Z]\w*|VT_[A-Z]\w*)\b(?![<*-])")
C_FILE = re.compile(r"(?<![\w/<.*-])[\w./-]+\.[ch]\b(?!\.)")

# Text, and the name that does not exist; None: all do.
TRIED = [
    ("/* Opens @path. */\nint open_it(const char *path);\n", None),
    ("/* Opens @file. */\nint open_it(const char *path);\n", "file"),
    ("/* Of @path. */\nint f(int x);\n\nint g(const char *path);\n", "path"),
    ("/* Of @path. */\nint f(int x);\n/* Another. */\nint g(const char *path);\n", "path"),
    ("/* Of @path. */\nint f(int x);\nint g(const char *path);\n", None),
    ("struct S {\n    int n; /* of @v */\n\n    char **v;\n};\n", None),
    ("struct S {\n    int n; /* of @w */\n\n    char **v;\n};\nint w;\n", "w"),
    ("int\nf(int x)\n{\n    /* As @x says, and @y. */\n    return x;\n}\n\nint y;\n", "y"),
    ("/* SPDX */\n/*\n * Of @item. */\n#pragma once\n\nint f(int item);\n", None),
    ("/* Of @missing: \"missing\". */\nint f(const char *missed); /* \"missing\" */\n", "missing"),
    ("int f(const char *a); /* @a */\n", None),
    ("int f(const char *a); /* @b */\n\nint b;\n", "b"),
]
# Text, and the names and files that do not exist where vt_is, VT_IS and is.c do.
TRIED_NAMES = [
    ("/* As vt_is() and vt_was(), is.c and was.c; VT_IS; not VtWas. */", ["vt_was", "VtWas", "was.c"]),
    ("/* vt_ops_* and vt_bus_ops_<type> are families, qmp-*.c, too */", []),
    ("int vt_was; /* vt_is */ char *s = \"was.c\";", []),
]


def blank(text: str) -> str:
    """@text without its comments and strings, at the same length and with the same lines."""
    return COMMENT_OR_TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def depths(code: str) -> list[int]:
    """How many braces are open at each character."""
    found, depth = [], 0
    for char in code:
        depth -= char == "}"
        found.append(depth)
        depth += char == "{"
    return found


def declaration(text: str, code: str, depth: list[int], start: int, end: int) -> str:
    """What the comment from @start to @end documents."""
    if not code[:start].strip():
        following = code[end:].lstrip()
        if not text[end:].lstrip().startswith("/*") and following.startswith("#"):
            return code
    if depth[start] > 0:
        first, last = start, end
        while first > 0 and not (depth[first] == 0 and code[first:first + 2] == "\n\n"):
            first -= 1
        while last < len(code) and depth[last] > 0:
            last += 1
        rest = re.search(r"\n|\Z", code[last:])
        return code[first:last + (rest.start() if rest else 0)]
    line = text.rfind("\n", 0, start) + 1
    if code[line:start].strip():
        return code[line:start]
    following = end + len(text[end:]) - len(text[end:].lstrip())
    stop = following
    while stop < len(text):
        own_line = not code[text.rfind("\n", 0, stop) + 1:stop].strip()
        if depth[stop] == 0 and (text.startswith("\n\n", stop) or (own_line and text.startswith("/*", stop))):
            break
        stop += 1
    return code[following:stop]


def wrong_names(text: str) -> Iterator[tuple[int, str]]:
    code = blank(text)
    depth = depths(code)
    for match in COMMENT_OR_TEXT.finditer(text):
        names = NAME.findall(match[0]) if match[0].startswith("/*") else []
        known = set(re.findall(r"\w+", declaration(text, code, depth, *match.span()))) if names else set()
        for name in names:
            if name not in known:
                yield text.count("\n", 0, match.start()) + 1, name


def words_of_code(texts: Iterable[str]) -> set[str]:
    """The words outside of comments; those in strings count, too (environment variables)."""
    without = (COMMENT_OR_TEXT.sub(lambda match: " " if match[0].startswith("/*") else match[0], text) for text in texts)
    return {word for text in without for word in re.findall(r"\w+", text)}


def foreign_words(text: str, known: set[str], files: set[str]) -> Iterator[tuple[int, str]]:
    """Names of ours that the code does not have, and C files that do not exist."""
    for match in COMMENT_OR_TEXT.finditer(text):
        if match[0].startswith("/*"):
            wrong = [name for name in OURS.findall(match[0]) if name.rstrip("_") not in known and name not in known]
            wrong += [name for name in C_FILE.findall(match[0])
                      if os.path.basename(name) not in files and not name.startswith("vt-gen/")]
            for name in wrong:
                yield text.count("\n", 0, match.start()) + 1, name


def generated(build: str) -> Iterator[str]:
    for folder, _folders, names in os.walk(os.path.join(build, "generated")):
        for name in names:
            if name.endswith((".c", ".h")):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    yield file.read()


def point(number: int, name: str, offenders: list[str]) -> int:
    for offender in offenders:
        print(f"# {offender}")
    print(f"{'not ' if offenders else ''}ok {number} - {name}")
    return bool(offenders)


def main() -> int:
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")))
    files = all_files()
    texts = {path: read(path) for path in files if path.endswith((".c", ".h")) and not path.startswith("tests/golden/")}
    known = words_of_code([*texts.values(), *generated(build)])
    names = {os.path.basename(path) for path in files}
    print("1..4")
    failed = 0
    for number, (ending, kind) in enumerate(((".h", "headers"), (".c", "sources")), 1):
        failed += point(number, f"comments-of-{kind}-name-what-exists",
                        [f"{path}:{line}: '@{name}' is not in the declaration that the comment documents"
                         for path, text in texts.items() if path.endswith(ending) for line, name in wrong_names(text)])
    failed += point(3, "names-and-files-in-comments-exist",
                    [f"{path}:{line}: '{name}' does not exist"
                     for path, text in texts.items() for line, name in foreign_words(text, known, names)])
    wrong = []
    for text, expected in TRIED:
        found = [name for _line, name in wrong_names(text)]
        if found != ([expected] if expected else []):
            wrong.append(f"expected {expected}, found {found}: {text!r}")
    for text, expected in TRIED_NAMES:
        found = [name for _line, name in foreign_words(text, {"vt_is", "VT_IS"}, {"is.c"})]
        if found != expected:
            wrong.append(f"expected {expected}, found {found}: {text!r}")
    failed += point(4, "wrong-names-are-found", wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
