#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""'qapi-gen import --describe': comments get the descriptions of the lexicon, and nothing else changes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from vintage_test import equal, main, matches, test  # noqa: E402

COMPILER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "qapi-gen", "qapi-gen")
ROOT = "# SPDX-License-Identifier: MIT\n\n{ 'include': 'lamp.json' }\n"
CLASS = """
##
{}
##
{{ 'class': '{}', 'layer': 'device', 'abstract': true, 'config': {{
    'hue': 'str', 'shade': 'str', 'watts': 'str', 'weight': 'str' }} }}
"""
BEFORE = """# @lamp:
#
# @undocumented
#
# @hue: @undocumented
# @shade: @undocumented
# @watts: @undocumented
#
# @weight: known already, and
#     said in two lines"""
AFTER = """# @lamp:
#
# A source of light.
#
# @hue: @undocumented
#
# @shade: what keeps the light from the eyes of those who sit below it, which may be paper or cloth; where there is
#     none, the bulb shows
#
# @watts: @undocumented
#
# @weight: known already, and
#     said in two lines"""
OTHER = """# @torch:
#
# @undocumented
#
# @hue: @undocumented
#
# @shade: of a torch
#
# @watts: @undocumented
#
# @weight: @undocumented"""
WORDS = ("shade: what keeps the light from the eyes of those who sit below it, which may be paper or cloth; where there is none, "
         "the bulb shows\n/(torch)\\.(weight)/: what the $1 brings on the scales\n")


@contextmanager
def schema() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        for name, text in (("root.json", ROOT), ("lamp.json", "# SPDX-License-Identifier: MIT\n" + CLASS.format(BEFORE, "lamp")
                                                 + CLASS.format(OTHER, "torch")),
                           ("members.txt", WORDS), ("classes.txt", "lamp: A source of light.\n")):
            with open(os.path.join(directory, name), "w", encoding="utf-8") as stream:
                stream.write(text)
        yield directory


def describe(directory: str, *options: str) -> str:
    result = subprocess.run([COMPILER, "import", "--describe", "--words", directory, "--schema",
                             os.path.join(directory, "root.json"), *options], capture_output=True, text=True, check=False)
    equal(result.stderr, "")
    equal(result.returncode, 0)
    return result.stdout


def read(directory: str) -> str:
    with open(os.path.join(directory, "lamp.json"), encoding="utf-8") as stream:
        return stream.read()


@test
def gives_words_and_leaves_the_rest() -> None:
    """Undocumented items get a description; existing text stays."""
    with schema() as directory:
        matches(describe(directory, "--write"), ".*/lamp.json\n")
        other = OTHER.replace("@weight: @undocumented", "@weight: what the torch brings on the scales")
        equal(read(directory), "# SPDX-License-Identifier: MIT\n" + CLASS.format(AFTER, "lamp") + CLASS.format(other, "torch"))


@test
def second_run_says_nothing() -> None:
    """A second run changes nothing."""
    with schema() as directory:
        describe(directory, "--write")
        equal(describe(directory, "--write"), "")
        equal(describe(directory), "")


@test
def shows_what_would_change() -> None:
    """Without --write, the command prints the changed lines and writes nothing."""
    with schema() as directory:
        before = read(directory)
        shown = describe(directory)
        gone = [line for line in shown.splitlines() if line.startswith("-#")]
        equal(sorted(gone), ["-# @shade: @undocumented", "-# @undocumented", "-# @weight: @undocumented"])
        equal(read(directory), before)


if __name__ == "__main__":
    main()
