#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each fuzzer has a bug in tests/fuzz/planted/ that it must find, and its patch still applies."""

import glob
import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "tests", "lib"))

from vintage_test import equal, main, test  # noqa: E402

FUZZ = os.path.join(SOURCE, "tests", "fuzz")


def stems(pattern: str) -> set[str]:
    return {os.path.splitext(os.path.basename(path))[0].removeprefix("fuzz-") for path in glob.glob(os.path.join(FUZZ, pattern))}


@test
def every_target_has_a_planted_bug() -> None:
    equal(stems("planted/*.patch"), stems("fuzz-*.c") - {"main"} | {"compiler"})


@test
def every_planted_bug_applies() -> None:
    for path in sorted(glob.glob(os.path.join(FUZZ, "planted", "*.patch"))):
        done = subprocess.run(["patch", "-p1", "-F1", "--dry-run", "-d", SOURCE, "-i", path], capture_output=True, text=True,
                              check=False)
        equal(done.returncode, 0, f"{path}: {done.stdout}")


main()
