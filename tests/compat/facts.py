#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The facts of schema/facts, compared with what is recorded of QEMU.

    facts.py                     the test: each fact is what its source says
    facts.py --propose           print a line for each entry without a fact: what the recorded data proves, by the file that the
                                 line belongs to; and, as a comment, each entry that it does not prove

The source of a fact is one of:

    hw_compat_8_1                an array of compat properties, or a function that has one: the old value is the one of its row,
                                 and machines of the version have the new value
    pc_q35_machine_8_2_options   a function that sets a machine class
    observed 11.1                a running QEMU 11.1: the version before has the old value, the version has the new one
    observed 7.2, 11.1           two running QEMUs: the same machine has the old value in 7.2, and the new one in 11.1.  Which
                                 release between them made the change, no recorded data proves
    QEMU 9.0 documentation       what this release documents
    QEMU 9.0 development list    what messages on this list say of it
    QEMU 9.0 from memory         not looked up

The data is outside this repository (../shared/data beside it, or $VINTAGE_DATA); without it the test is skipped.
"""

import collections
import functools
import os
import re
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
for directory in (os.path.join(ROOT, "qapi-gen"), os.path.join(ROOT, "tests", "lib"), os.path.join(ROOT, "tests", "compat")):
    sys.path.insert(0, directory)
from evidence import Evidence  # noqa: E402
from qapigen.build import build  # noqa: E402
from qapigen.facts import Entries, Fact, Key, Stated, read_facts  # noqa: E402
from qapigen.load import load  # noqa: E402
from qapigen.model import Schema  # noqa: E402
from qapigen.record import replace  # noqa: E402
from qapigen.source import Report, relative  # noqa: E402
from vintage_test import equal, main, test  # noqa: E402

SCHEMA = os.path.join(ROOT, "schema", "vintage-vm.json")
DOCUMENTED = re.compile(r"QEMU (\d+\.\d+) (documentation|development list|from memory)")
# The file of the facts about what a part of the schema states.
FILES = {"backends": "backends", "hw/cpu": "processors", "hw": "devices", "machine": "machines"}


@functools.cache
def schema() -> Schema:
    """Without the rules that 'qapi-gen check' has for it."""
    return build(load(SCHEMA), Report())


@functools.cache
def entries() -> dict[Key, Stated]:
    return Entries(schema()).all()


def facts() -> list[Fact]:
    place = schema().facts
    assert place
    return list(read_facts(place.pattern))


def kind(source: str) -> str:
    if DOCUMENTED.fullmatch(source):
        return "documented"
    return source if source.startswith("observed ") else "tables"


@test
def each_fact_is_in_its_source() -> None:
    """each fact is what the table or the running QEMU says that it names"""
    evidence = Evidence(schema())
    stated, known = entries(), facts()
    wrong = []
    for fact in (each for each in known if each.key in stated):
        if kind(fact.source) != "documented" and fact.source not in evidence.sources(fact.key, stated[fact.key]):
            found = list(evidence.sources(fact.key, stated[fact.key]))
            wrong.append(f"{fact.where}: {fact.text}: '{fact.source}' does not prove it; expected one of {found}")
    counts = collections.Counter(kind(fact.source) for fact in known)
    print(f"# {len(stated)} entries, {len(known)} facts: {', '.join(f'{count} {name}' for name, count in counts.items())}")
    equal(wrong, [])


@test
def no_source_proves_the_reverse() -> None:
    """no table and no running QEMU proves the reverse of a fact"""
    evidence, stated = Evidence(schema()), entries()
    wrong = []
    for fact in facts():
        if fact.key in stated and kind(fact.source) != "documented" and not fact.keeps:
            reverse = replace(stated[fact.key], old=fact.new, new=fact.old)
            if fact.source in evidence.sources(fact.key, reverse):
                wrong.append(f"{fact.where}: '{fact.source}' proves {fact.new} -> {fact.old}, too")
    equal(wrong, [])


@test
def documentation_is_of_the_release() -> None:
    """a fact from documentation names the release that made the change"""
    releases = {fact: DOCUMENTED.fullmatch(fact.source) for fact in facts()}
    equal([f"{fact.where}: {fact.source}" for fact, found in releases.items()
           if found and found[1] not in re.split("[~@]", fact.key[3])], [])


def propose() -> None:
    evidence = Evidence(schema())
    known = {fact.key for fact in facts()}
    lines: dict[str, list[str]] = {}
    for key, stated in entries().items():
        if key not in known:
            part = relative(stated.entry.where.file, SCHEMA)
            file = next(name for prefix, name in FILES.items() if part.startswith(f"{prefix}/"))
            source = next(evidence.sources(key, stated), "")
            line = stated.line(key).removesuffix(" : SOURCE")
            lines.setdefault(file, []).append(f"{line} : {source}" if source else
                                              f"# nothing recorded proves: {line} ({part}:{stated.entry.where.line})")
    for file, texts in lines.items():
        print(f"# facts/{file}.facts\n" + "\n".join(texts) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--propose"]:
        propose()
    else:
        main()
