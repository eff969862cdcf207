#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each program fails with status 1 and a message if its output cannot be written."""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, SANITIZED, TOOL, VM, equal, main, matches, test, to_start  # noqa: E402

SOURCE = os.environ.get("VINTAGE_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
ROOT = os.path.join(SOURCE, "tests", "unit", "text.json")
QAPI_GEN = [sys.executable, os.path.join(SOURCE, "qapi-gen", "qapi-gen")]
ONE_VM = ["--", "-machine", "pc-q35-9.1", "--platform-version", "9.0"]


def subcommands() -> list[str]:
    """The subcommands that 'vintage --help' lists."""
    text = subprocess.run([TOOL, "--help"], capture_output=True, text=True, check=True).stdout
    return sorted({line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2:3].isalpha()})


def outputs(directory: str) -> list[list[str]]:
    """Command lines that print, including the help of each subcommand."""
    found = [[TOOL, "--help"], [TOOL, "--version"]]
    found += [[TOOL, name, "--help"] for name in subcommands()]
    for name in ("resolve", "explain", "freeze", "check"):
        found += [[TOOL, name, *more, *ONE_VM] for more in ([], ["--json"])]
    found += [[TOOL, "freeze", "-o", os.path.join(directory, "frozen"), *more, *ONE_VM] for more in ([], ["--json"])]
    found += [[TOOL, "defaults"], [TOOL, "defaults", "--json"],
              [TOOL, "diff", "--machine", "pc-q35-8.0..pc-q35-9.1"],
              [TOOL, "diff", "--json", "--machine", "pc-q35-8.0..pc-q35-9.1"],
              [TOOL, "platform", "list"], [TOOL, "platform", "list", "--json"],
              [TOOL, "platform", "probe"]]
    for program in (VM, os.path.join(BUILD, "vintage-backends")):
        found += [[program, "-help"], [program, "-version"], [program, "-object", "help"]]
    found += [[VM, "-device", "help"], [VM, "-machine", "help"], [VM, "-device", "virtio-blk-pci,help"]]
    if not SANITIZED:
        found += [[*QAPI_GEN, "--help"], [*QAPI_GEN, "list-outputs", ROOT], [*QAPI_GEN, "check", "--help"],
                  [*QAPI_GEN, "json-schema", "--of", "Shape", ROOT]]
    return found


def run(argv: list[str], path: str) -> tuple[int, str, int]:
    with open(path, "wb") as out:
        done = subprocess.run(to_start(argv), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, timeout=120,
                              check=False)
    return done.returncode, done.stderr.decode(), os.path.getsize(path) if os.path.isfile(path) else 0


@test
def output_that_cannot_be_written_is_an_error() -> None:
    silent = []
    with tempfile.TemporaryDirectory() as directory:
        tried = outputs(directory)
        for argv in tried:
            status, errors, size = run(argv, os.path.join(directory, "out"))
            if not size:
                silent.append(argv)
                continue
            full_status, full_errors, _ = run(argv, "/dev/full")
            equal(full_status, status or 1, f"{' '.join(argv)}: {full_errors}")
            matches(full_errors, r"(?m)^(vintage|vintage-vm|vintage-backends|qapi-gen): standard output: cannot be written")
            equal(full_errors.count("\n"), errors.count("\n") + 1, f"{' '.join(argv)}: {full_errors}")
    print(f"# {len(tried) - len(silent)} command lines print; {len(silent)} do not")
    assert len(tried) - len(silent) > 30, silent
    # Commands without output succeed.
    for argv in silent:
        equal(argv[1:2], ["check"], f"{' '.join(argv)} prints nothing")


@test
def a_program_that_prints_nothing_does_not_mind() -> None:
    done = subprocess.run([*QAPI_GEN, "compile", "--help"], stdout=subprocess.DEVNULL, check=False)
    equal(done.returncode, 0)
    done = subprocess.run([TOOL, "no-such-command"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    with open("/dev/full", "wb") as full:
        equal(subprocess.run([TOOL, "no-such-command"], stdout=full, stderr=subprocess.DEVNULL, check=False).returncode,
              done.returncode)


main()
