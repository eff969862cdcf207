#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Help of commands, options and types: complete, and each example works."""

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, TOOL, equal, main, matches, run, test  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def commands() -> list[str]:
    found = re.findall(r"^  ([a-z]+) ", run(TOOL, "--help").stdout, re.MULTILINE)
    assert len(found) > 8, found
    return found


@test
def each_command_has_help() -> None:
    for command in commands():
        for flag in ("--help", "-h"):
            result = run(TOOL, command, flag)
            equal((result.returncode, result.stderr), (0, ""), command)
            matches(result.stdout, rf"(?s)^usage: vintage {command} .*\n\n[A-Z].*\.\n.*\nExamples:\n  vintage {command} ")


@test
def each_example_works() -> None:
    with tempfile.TemporaryDirectory() as directory:
        os.symlink(os.path.join(ROOT, "examples"), os.path.join(directory, "examples"))
        for command in commands():
            for line in run(TOOL, command, "--help").stdout.split("Examples:\n")[1].splitlines():
                result = subprocess.run(["sh", "-c", line], cwd=directory, capture_output=True, text=True, check=False,
                                        env={**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}"})
                equal(result.returncode, 0, f"{line}: {result.stderr}")


@test
def each_option_of_a_command_is_accepted() -> None:
    for command in commands():
        for name, word in re.findall(r"^  (--?[a-z-]+)( \S+)? ", run(TOOL, command, "--help").stdout, re.MULTILINE):
            result = run(TOOL, command, *([name, "x", f"--no-such={word}"] if word else [f"{name}=x"]))
            equal(result.returncode, 2)
            matches(result.stderr, "unknown option '--no-such=" if word else "takes no value")


main()
