#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Command lines as guides, launchers and manuals of boards have them (guide-lines.txt) resolve."""

import os
import shlex
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, equal, main, run, test  # noqa: E402

LINES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guide-lines.txt")


@test
def lines_of_guides_resolve() -> None:
    wrong = {}
    with open(LINES, encoding="utf-8") as file:
        for line in file:
            target, *argv = shlex.split(line, comments=line.startswith("#")) or [""]
            done = run(TOOL, "check", "-target", target, "--", *argv) if target else None
            if done and done.returncode:
                wrong[line] = done.stderr
    equal(wrong, {})


if __name__ == "__main__":
    main()
