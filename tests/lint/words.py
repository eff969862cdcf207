#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the texts of the tree against tests/lint/words.txt, as TAP.

usage: words.py [PATH...]   PATH: files at or below it, relative to the root of the tree; by default what users read
"""

import os
import re
import sys

from lint import ROOT, all_files, read

READ_BY_USERS = ("schema", "docs", "README.md", "CHANGES.md", "CONTRIBUTING.md", "SECURITY.md")
LIST = os.path.join("tests", "lint", "words.txt")
TEXTS = (".c", ".h", ".py", ".json", ".md", ".txt", ".build", ".sh", ".rst", "Makefile")
# Not our texts, or not texts: outputs, licence, and the list itself.
LEFT_OUT = ("tests/golden/output/", "schema/ledger/", "tests/lint/words", "LICENSE")


def rules() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for line in read(LIST).splitlines():
        if line and not line.startswith("#"):
            words, _, instead = line.partition(": ")
            found.append((re.compile(rf"(?<![\w'@-])(?:{words})(?![\w'-])", re.IGNORECASE), instead))
    return found


def main() -> int:
    known = rules()
    places = [path.rstrip("/") for path in sys.argv[1:]] or READ_BY_USERS
    offenders = []
    for name in all_files():
        inside = any(name == place or name.startswith(place + "/") for place in places)
        if inside and name.endswith(TEXTS) and not name.startswith(LEFT_OUT):
            for number, line in enumerate(read(name).splitlines(), 1):
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
