# SPDX-License-Identifier: MIT
"""Shared by the tests of the documentation: fenced blocks, and TAP."""

import os
import re
import sys
from dataclasses import dataclass

ROOT = os.environ.get("VINTAGE_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.path.abspath(os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")))
FENCE = re.compile(r"^(```+)(\S*) *(.*)$")


@dataclass(eq=False)
class Block:
    file: str       # relative to the repository
    line: int       # of its first line of text
    language: str
    words: str      # what follows the language
    text: str


def documents() -> list[str]:
    """All hand-written pages, relative to the repository."""
    found = [name for name in os.listdir(ROOT) if name.endswith(".md")]
    for directory, _, names in os.walk(os.path.join(ROOT, "docs")):
        found += [os.path.relpath(os.path.join(directory, name), ROOT) for name in names if name.endswith(".md")]
    return sorted(found)


def read(file: str) -> str:
    with open(os.path.join(ROOT, file), encoding="utf-8") as stream:
        return stream.read()


def blocks(file: str) -> list[Block]:
    found: list[Block] = []
    fence = ""
    for number, line in enumerate(read(file).splitlines(), 1):
        match = FENCE.match(line)
        if fence:
            if line == fence:
                fence = ""
            else:
                found[-1].text += line + "\n"
        elif match:
            fence = match[1]
            found.append(Block(file, number + 1, match[2], match[3], ""))
    return found


class Tap:
    """Points of a test, printed as they come; finish() prints the plan."""

    def __init__(self) -> None:
        self.count = 0
        self.failed = 0

    def point(self, name: str, complaint: str | None) -> None:
        """@complaint: what is wrong, or None."""
        self.count += 1
        self.failed += complaint is not None
        print(f"{'ok' if complaint is None else 'not ok'} {self.count} - {name}")
        for line in (complaint or "").splitlines():
            print(f"# {line}")
        sys.stdout.flush()

    def skip(self, name: str, why: str) -> None:
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}")

    def finish(self) -> int:
        print(f"1..{self.count}")
        return 1 if self.failed else 0
