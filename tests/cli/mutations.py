#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Command lines that people use, each with ten mistakes in turn: 'check' refuses them at the right argument and key.

The mistakes are those of tests/lib/mutations.py: an option, key, class, value or feature is misspelt, a key is dropped or
repeated, a value has the wrong type or is out of range, an id is given twice, a reference leads nowhere.  At least 99 % must be
reported by the first line of the error.  With VINTAGE_LONG=1, every possible mistake is tried.
"""

import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from command_lines import argv_of, of_libvirt, resolving  # noqa: E402
from mutations import Line, Mutation, complaint, mutations  # noqa: E402
from vintage_test import LONG, TOOL, equal, main, run, sampled, test  # noqa: E402

PER_LINE = 10
SHARE = 0.99
ALIASES = {"M": "machine"}


def refusal(target: str, mutation: Mutation) -> str:
    """The errors; empty: 'check' accepts the line."""
    done = run(TOOL, "check", "-target", target, "--", *mutation.argv)
    errors = [text for text in done.stderr.splitlines() if not text.startswith("vintage: warning: ")]
    return "\n".join(errors) if done.returncode else ""


def judge(lines: list[tuple[str, dict]], every: bool) -> None:
    """Tries all mistakes of each line, or ten, and counts those that are reported elsewhere."""
    tried: collections.Counter[str] = collections.Counter()
    wrong: list[str] = []
    for name, line in lines:
        argv = argv_of(line)
        for mutation in Line(argv, name).all() if every else mutations(argv, name, PER_LINE):
            error = refusal(line["target"], mutation)
            what = complaint(mutation, ALIASES, error)
            tried[mutation.kind] += 1
            if what:
                wrong.append(f"{name}: {mutation}: {what}: {error}")
    total = sum(tried.values())
    print(f"# {total} mistakes, {len(wrong)} not refused where they are: "
          + ", ".join(f"{count} {kind}" for kind, count in sorted(tried.items())))
    for text in wrong:
        print(f"# {text[:400]}")
    assert total >= PER_LINE and len(wrong) <= (1 - SHARE) * total, f"{len(wrong)} of {total}"


@test
def mistakes_are_refused_where_they_are() -> None:
    judge(sampled(list(resolving().items()), 8, 3), LONG)


@test
def mistakes_in_lines_of_libvirt_are_refused_where_they_are() -> None:
    lines = [(name, line) for name, line in sampled(list(of_libvirt().items()), 40, 16)
             if run(TOOL, "check", "-target", line["target"], "--", *line["argv"]).returncode == 0]
    judge(lines, False)


@test
def the_first_error_of_each_kind_is_recognized() -> None:
    """the test reports an error at another argument, and one that does not name the key"""
    mutation = next(each for each in Line(["-device", "e1000,mac=52:54:00:00:00:01", "-device", "e1000"], "x").all()
                    if each.kind == "misspelt key")
    key = mutation.names[0]
    label = f"vintage: -device {mutation.value}"
    equal(complaint(mutation, ALIASES, f"{label}: unknown member '{key}'"), "")
    equal(complaint(mutation, ALIASES, f"{label}: missing member 'x'"), "key not named")
    equal(complaint(mutation, ALIASES, f"vintage: -netdev user: unknown member '{key}'"), "elsewhere")
    equal(complaint(mutation, ALIASES, "vintage: -device virtio-net: bad"), "no such label")
    equal(complaint(mutation, ALIASES, ""), "accepted")


main()
