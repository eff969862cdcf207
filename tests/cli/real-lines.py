#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Command lines that people use: those that QEMU accepts resolve, and those that it refuses are refused at that argument.

The command lines are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them all is
skipped.  Each says whether QEMU 7.2 accepts it, or that no QEMU of its target was tried.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from command_lines import UNRESOLVED, argv_of, lines  # noqa: E402
from vintage_test import TOOL, equal, main, matches, run, sampled, test  # noqa: E402

# Where lines are refused that QEMU refuses.
REFUSED_AT = {"kata-govmm-tests": "-smp: invalid CPU topology: product of the hierarchy must match maxcpus"}
VERDICTS = ("valid", "valid with warnings", "valid, but needs an engine")


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
