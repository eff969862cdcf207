#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The compiler's C output for the sample schema compiles without gcc warnings, as TAP."""

import glob
import os
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import floors  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMPILER = os.path.join(ROOT, "qapi-gen", "qapi-gen")
SCHEMA = os.path.join(ROOT, "tests", "golden", "schema", "sample.json")
WARNINGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wstrict-prototypes", "-Wmissing-prototypes",
            "-Wold-style-definition"]


def run(*command: str) -> str:
    """Empty, or the output of a failed command."""
    result = subprocess.run(command, text=True, capture_output=True, check=False)
    return "" if result.returncode == 0 else result.stdout + result.stderr or f"exit {result.returncode}"


def compiled(directory: str, source: str, *options: str) -> str:
    cflags = shlex.split(subprocess.run(["pkg-config", "--cflags", "glib-2.0"], text=True, check=True,
                                        capture_output=True).stdout)
    compiler = shlex.split(os.environ.get("CC", "cc"))
    return run(*compiler, *WARNINGS, "-fsyntax-only", *options, *floors.OPTIONS, "-I", directory,
               *cflags, *(["-include", source, "-x", "c", os.devnull] if source.endswith(".h")
                                           else [source]))


def main() -> int:
    points: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, COMPILER, "compile", "-o", directory]
        points.append(("the sample compiles", run(*command, SCHEMA)))
        for path in sorted(glob.glob(os.path.join(directory, "*.[ch]"))):
            points.append((f"{os.path.basename(path)} is C without warnings", compiled(directory, path)))
            with open(path, encoding="utf-8") as file:
                long = [number for number, line in enumerate(file, 1) if len(line.rstrip("\n")) > 120]
            points.append((f"{os.path.basename(path)} keeps to 120 columns", f"lines {long}" if long else ""))
        program = os.path.join(directory, "program-sample.c")
        points.append(("conditions that hold", compiled(directory, program, "-DHAVE_FILES")))
        before = {path: os.stat(path).st_mtime_ns for path in glob.glob(os.path.join(directory, "*"))}
        run(*command, SCHEMA)
        points.append(("unchanged files are left alone",
                       "".join(path for path, time in before.items() if os.stat(path).st_mtime_ns != time)))
        listed = subprocess.run([sys.executable, COMPILER, "list-outputs", SCHEMA], text=True, check=True,
                                capture_output=True).stdout.split()
        written = sorted(os.path.basename(path) for path in before if not path.endswith(".d"))
        points.append(("list-outputs names what is written", "" if sorted(listed) == written else
                       f"{sorted(listed)} {written}"))
        prefixed = os.path.join(directory, "prefixed")
        points.append(("a prefix compiles", run(*command[:-1], prefixed, "-p", "test-", SCHEMA)))
        points.append(("a prefix is part of names", compiled(prefixed, os.path.join(
            prefixed, "test-program-sample.c"))))
        misuse = subprocess.run([sys.executable, COMPILER, "compile", SCHEMA], capture_output=True, check=False)
        points.append(("wrong use is status 2", "" if misuse.returncode == 2 else str(misuse.returncode)))
    print(f"1..{len(points)}")
    for number, (name, wrong) in enumerate(points, 1):
        for line in wrong.splitlines()[:20]:
            print(f"# {line}")
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
    return 1 if any(wrong for _, wrong in points) else 0


if __name__ == "__main__":
    sys.exit(main())
