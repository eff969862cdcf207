#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Command lines that people use: those that QEMU accepts resolve, and those that it refuses are refused at that argument.

The command lines are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them all is
skipped.  Each says whether QEMU 7.2 accepts it, or that no QEMU of its target was tried.
"""

import functools
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, Skip, equal, main, matches, run, sampled, test  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DATA = os.path.join(os.environ.get("VINTAGE_DATA", os.path.join(SOURCE, "..", "shared", "data")), "cmdlines")
# Lines that no QEMU was tried with, and that do not resolve: at most three, each with its reason.
UNRESOLVED = {"utm-5352": "virtio-ramfb-gl is a device of UTM's QEMU only"}
# Where lines are refused that QEMU refuses.
REFUSED_AT = {"kata-govmm-tests": "-smp: invalid CPU topology: product of the hierarchy must match maxcpus"}
VERDICTS = ("valid", "valid with warnings", "valid, but needs an engine")


@functools.cache
def lines() -> dict[str, dict]:
    path = os.path.join(DATA, "real.json")
    if not os.path.exists(path):
        raise Skip("the command lines are not here (set VINTAGE_DATA)")
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def argv_of(line: dict) -> list[str]:
    """The arguments.  A file that QEMU reads for options is the one beside the command lines."""
    argv = list(line["argv"])
    for i, word in enumerate(argv[:-1]):
        beside = os.path.join(DATA, "files", os.path.basename(argv[i + 1]))
        if word == "-readconfig" and not os.path.exists(argv[i + 1]):
            assert os.path.exists(beside), beside
            argv[i + 1] = beside
    return argv


def check(line: dict) -> tuple[int, str, str]:
    done = run(TOOL, "check", "-target", line["target"], "--", *argv_of(line))
    errors = [text for text in done.stderr.splitlines() if not text.startswith("vintage: warning: ")]
    return done.returncode, done.stdout.strip(), "\n".join(errors)


def of_kind(accepted: object) -> dict[str, dict]:
    return {name: line for name, line in lines().items() if line["accepted_by_qemu"] == accepted}


@test
def lines_that_qemu_accepts_resolve() -> None:
    failed = {}
    for name, line in sampled(list(of_kind(True).items()), 4):
        status, verdict, errors = check(line)
        if status or verdict not in VERDICTS or errors:
            failed[name] = errors or verdict
    equal(failed, {})


@test
def lines_that_qemu_refuses_are_refused_at_the_same_argument() -> None:
    refused = of_kind(False)
    equal(sorted(refused), sorted(REFUSED_AT))
    for name, line in refused.items():
        status, verdict, errors = check(line)
        equal((status, verdict), (1, ""), name)
        matches(errors, rf"\Avintage: {REFUSED_AT[name]}")


@test
def other_lines_resolve_except_for_a_few_with_reasons() -> None:
    assert len(UNRESOLVED) <= 3
    failed = {}
    for name, line in sampled(list(of_kind("unknown").items()), 4):
        status, verdict, errors = check(line)
        if status or verdict not in VERDICTS or errors:
            failed[name] = errors or verdict
        elif name in UNRESOLVED:
            failed[name] = "resolves: remove it from the list"
    equal({name: text for name, text in failed.items() if name not in UNRESOLVED or "remove" in text}, {})
    for name, reason in UNRESOLVED.items():
        print(f"# {name}: {reason}")


@test
def every_line_of_the_three_kinds_is_tried() -> None:
    equal(sum(len(of_kind(kind)) for kind in (True, False, "unknown")), len(lines()))


main()
