#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`vintage schema` has every command and event of QEMU 7.2 and 11.1, with the structure that QEMU has.

What five targets answer to query-qmp-schema in two releases is data outside this repository (../shared/data beside it, or
$VINTAGE_DATA).  Without it all is skipped.  What differs on purpose stands in qmp-explained.txt, with the reason:
RELEASE: DIFFERENCE.  'qmp-commands.py report' prints all differences.
"""

import functools
import json
import lzma
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from introspection import Comparison, Entities, by_name, explained, unexplained  # noqa: E402
from vintage_test import Machine, Skip, equal, main, matches, run, test, tool_json, TOOL  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TRUTH = os.path.join(os.environ.get("VINTAGE_DATA", os.path.join(SOURCE, "..", "shared", "data")), "truth")
EXPLAINED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "qmp-explained.txt")
RELEASES = ("7.2", "11.1")
TARGETS = ("x86_64", "aarch64", "s390x", "ppc64", "m68k")


@functools.cache
def theirs(release: str, target: str) -> Entities:
    suffix = "" if target == "x86_64" else f"-{target}"
    path = os.path.join(TRUTH, f"qmp-schema-{release}{suffix}.json.xz")
    if not os.path.exists(path):
        raise Skip("what QEMU answers is not here (set VINTAGE_DATA)")
    with lzma.open(path, "rt") as file:
        return by_name(json.load(file)["schema"])


@functools.cache
def ours(release: str, target: str) -> Entities:
    return by_name(tool_json("schema", "--release", release, "--target", target))


def messages(entities: Entities) -> set[str]:
    return {name for name, entity in entities.items() if entity["meta-type"] in ("command", "event")}


@functools.cache
def differences() -> frozenset[str]:
    rows = set()
    for release in RELEASES:
        for target in TARGETS:
            a, b = ours(release, target), theirs(release, target)
            comparison = Comparison(a, b)
            rows |= {f"{release}: {name} is missing" for name in messages(b) - messages(a)}
            rows |= {f"{release}: {name} is more" for name in messages(a) - messages(b)}
            rows |= {f"{release}: {row}" for name in sorted(messages(a) & messages(b))
                     for row in comparison.message(name)}
    return frozenset(rows)


@functools.cache
def live() -> frozenset[str]:
    """Differences of what a program without an engine answers: 'live: …'.  It does not return what only an engine has."""
    rows = set()
    for target in TARGETS:
        with Machine("-target", target, "-machine", "none") as machine:
            assert machine.qmp
            a, b = by_name(machine.qmp.negotiate().call("query-qmp-schema")), theirs("11.1", target)
        comparison = Comparison(a, b)
        rows |= {f"live: {row}" for name in sorted(messages(a) & messages(b)) for row in comparison.message(name)
                 if not (" returns" in row and row.endswith("is missing"))}
    return frozenset(rows)


@test
def names_and_structures_are_those_of_qemu() -> None:
    wrong = unexplained(EXPLAINED, differences())
    assert not wrong, "\n".join(sorted(wrong))


@test
def what_a_program_without_an_engine_takes_and_returns_is_structured_as_in_qemu() -> None:
    wrong = [row for row in unexplained(EXPLAINED, live()) if unexplained(EXPLAINED, [row.replace("live", "11.1", 1)])]
    assert not wrong, "\n".join(sorted(wrong))


@test
def every_difference_that_is_explained_is_there() -> None:
    stale = [pattern for pattern in explained(EXPLAINED)
             if not any(re.fullmatch(pattern, row) for row in differences() | live())]
    assert not stale, stale


@test
def a_name_selects_a_command_with_its_types() -> None:
    entities = by_name(tool_json("schema", "job-pause", "JOB_STATUS_CHANGE"))
    equal(messages(entities), {"job-pause", "JOB_STATUS_CHANGE"})
    argument = entities[entities["job-pause"]["arg-type"]]
    equal([member["name"] for member in argument["members"]], ["id"])
    equal(len(entities), 7)     # two arguments, an enum, the empty object and a string


@test
def a_release_has_what_it_introduced_and_not_what_it_removed() -> None:
    done = run(TOOL, "schema", "--release", "2.12", "job-pause")
    equal((done.returncode, done.stdout), (1, ""))
    matches(done.stderr, "the release has no command or event 'job-pause'")
    for release, features in (("10.0", None), ("10.1", ["deprecated"])):
        equal(by_name(tool_json("schema", "--release", release, "block-job-pause"))["block-job-pause"].get("features"), features)


if sys.argv[1:] == ["report"]:
    print("\n".join(sorted(differences())))
else:
    main()
