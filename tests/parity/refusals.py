#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""'vintage check' refuses what QEMU refuses from configuration alone, and accepts what is odd but legal.

refused.txt and legal.txt beside this file have the lines.  Each was tried on QEMU 7.2, whose message is recorded.  With
$VINTAGE_QEMU, or in 'make parity', it is tried again.
"""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, Skip, equal, main, run, test  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def rows(name: str) -> list[list[str]]:
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]


REFUSED = rows("refused.txt")
LEGAL = [text for text, in rows("legal.txt")]


def refusal(argv: list[str]) -> str:
    """What QEMU says; empty: it starts."""
    binary = os.environ.get("VINTAGE_QEMU", "qemu-system-x86_64")
    if not shutil.which(binary):
        raise Skip(f"{binary} is not installed")
    done = subprocess.run([binary, "-S", "-display", "none", "-qmp", "stdio", *argv], text=True, capture_output=True, timeout=60,
                          input='{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n', check=False)
    return done.stderr if done.returncode else ""


@test
def what_qemu_refuses_is_refused_with_the_reason() -> None:
    wrong = {}
    for text, ours, _ in REFUSED:
        done = run(TOOL, "check", "--", *text.split())
        if done.returncode != 1 or ours not in done.stderr:
            wrong[text] = done.stdout + done.stderr
    equal(wrong, {})


@test
def what_is_odd_but_legal_is_valid() -> None:
    verdicts = {text: run(TOOL, "check", "--", *text.split()) for text in LEGAL}
    equal({text: done.stdout + done.stderr for text, done in verdicts.items()
           if done.returncode or not re.fullmatch(r"valid.*\n", done.stdout)}, {})


@test
def the_recorded_answers_are_those_of_qemu() -> None:
    if "VINTAGE_QEMU" not in os.environ:
        raise Skip("set VINTAGE_QEMU, as 'make parity' does")
    equal({text: said for text, _, wanted in REFUSED for said in [refusal(text.split())] if wanted not in said}, {})
    equal({text: said for text in LEGAL for said in [refusal(text.split())] if said}, {})


@test
def check_ends_with_what_it_established() -> None:
    for argv, verdict, warning in (
            (["-machine", "q35"], "valid", ""), (["-device", "virtio-rng-pci"], "valid", ""),
            (["-machine", "q35", "-global", "PIIX4_PM.disable_s3=1"], "valid with warnings",
             "-global PIIX4_PM.disable_s3: not used"),
            # Such a device may be plugged later; the settings of a migration are not those of an object.
            (["-global", "e1000.bootindex=3", "-global", "migration.multifd-channels=4"], "valid", ""),
            (["-device", "e1000"], "valid, but needs an engine", "")):
        done = run(TOOL, "check", "--", "-nodefaults", *argv)
        equal((done.returncode, done.stdout), (0, verdict + "\n"), argv)
        assert warning in done.stderr, done.stderr


if __name__ == "__main__":
    main()
