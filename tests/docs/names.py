#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""All names in the documentation exist: links, files, functions and types.

A name in backquotes is checked when it looks like one of ours: a path into a directory of the repository, a C
identifier vt_… or Vt…, an upper-case VT_…, or a C function name().  A table row that begins with a function and a
file says that the file defines the function.
"""

import os
import re
import sys

from blocks import BUILD, ROOT, Tap, documents, read

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)]*)?\)")
QUOTED = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"\b([a-z_][a-z0-9_]*)\(")
DEFINED = re.compile(r"^\| `([a-z_0-9]+)\(\)` \| `([^`]+)` \|", re.MULTILINE)
NEW_FILE = re.compile(r"^\+\+\+ b/(\S+)", re.MULTILINE)
C_NAME = re.compile(r"\b(?:vt_|VT_|Vt[A-Z])[A-Za-z0-9_]*\b")
DIRECTORIES = ("backends/", "docs/", "engine/", "examples/", "generated/", "hw/", "machine/", "programs/", "qapi-gen/",
               "runtime/", "schema/", "tests/", "tools/")
C_DIRECTORIES = ("backends", "engine", "hw", "machine", "programs", "qapi-gen", "runtime")
PATH = re.compile(r"[A-Za-z0-9_./-]+$")


def c_names() -> set[str]:
    """All C identifiers of the project, in sources and generated files."""
    paths = []
    for top in [os.path.join(BUILD, "generated"), *(os.path.join(ROOT, name) for name in C_DIRECTORIES)]:
        for directory, _, files in os.walk(top):
            paths += [os.path.join(directory, name) for name in files if name.endswith((".c", ".h"))]
    names: set[str] = set()
    for path in paths:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        names.update(C_NAME.findall(text))
        names.update(CALL.findall(text))
    return names


def wrong_links(document: str, text: str) -> list[str]:
    here = os.path.dirname(os.path.join(ROOT, document))
    return [f"link to {target}, which does not exist" for target, _ in LINK.findall(FENCED.sub("", text))
            if "://" not in target and not os.path.exists(os.path.join(here, target))]


def wrong_names(text: str, known: set[str]) -> list[str]:
    wrong = []
    made = NEW_FILE.findall(text)       # created by the patches of a walkthrough
    known = known.union(*map(C_NAME.findall, FENCED.findall(text)))
    for quoted in QUOTED.findall(FENCED.sub("", text)):
        if quoted.startswith(DIRECTORIES) and PATH.match(quoted) and not (
                os.path.exists(os.path.join(ROOT, quoted)) or any(name.startswith(quoted) for name in made)):
            wrong.append(f"`{quoted}`: no such file")
        if re.fullmatch(r"[a-z_A-Z0-9]+(\(\))?", quoted):
            names = [quoted[:-2]] if quoted.endswith("()") else C_NAME.findall(quoted)
            wrong += [f"`{quoted}`: no such name" for name in names
                      if name not in known and not name.endswith(("_", "_NAME"))]
    for name, file in DEFINED.findall(text):
        path = os.path.join(ROOT, file)
        if not os.path.exists(path) or not re.search(rf"^{name}\(", read(path), re.MULTILINE):
            wrong.append(f"`{file}` does not define `{name}()`")
    return wrong


def main() -> int:
    tap = Tap()
    known = c_names()
    for document in documents():
        text = read(document)
        wrong = wrong_links(document, text) + wrong_names(text, known)
        tap.point(document, "\n".join(wrong) or None)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
