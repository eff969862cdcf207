#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Defaults against what a running QEMU 7.2 answered, on every machine that both know.

The answers are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them all is skipped.
"""

import functools
import json
import lzma
import os
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import vintage_test  # noqa: E402
from vintage_test import Skip, main, run, test  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DATA = os.environ.get("VINTAGE_DATA", os.path.join(SOURCE, "..", "shared", "data"))
TRUTH = os.path.join(DATA, "truth", "effective-7.2-x86.json.xz")
TOOL = os.environ.get("VINTAGE", vintage_test.TOOL)
FAMILIES = ("pc-i440fx", "pc-q35")
OLDEST = (2, 4)

# Answers that are no defaults of members, and why.
NOT_MEMBERS = {
    "type": "the class itself",
    "realized": "a state",
    "hotplugged": "a state",
    "hotpluggable": "a fact of the class: 'hotpluggable' in the schema",
    "legacy-addr": "another spelling of addr",
    "loaded": "a state of secrets",
    "guest-stats": "what the guest reported",
}
# Members that must be given, so that no default stands against the answer's.
MANDATORY = {
    ("sev-guest", "reduced-phys-bits"): "only the user knows the processor's value",
    ("secret_keyring", "serial"): "a key has a number",
    ("memory-backend-file", "size"): "memory has a size",
    ("memory-backend-memfd", "size"): "memory has a size",
}
# Answers that are the machine's: a backend has no default for them and takes what its user claims.
CLAIMED = {(f"memory-backend-{kind}", name) for kind in ("file", "memfd")
           for name in ("dump", "merge", "x-use-canonical-path-for-ramblock-id")}
# Answers of /machine that were told after the machine was made.
SETTLED = {
    "memory": "the machine ran with 512 MiB",
    "smp": "the topology was complete",
    "vmport": "auto had become on",
    "rtc-time": "the time of day",
    "device-memory-region-size": "a state",
}


@functools.cache
def truth() -> dict[str, Any]:
    if not os.path.exists(TRUTH):
        raise Skip("the answers of QEMU 7.2 are not here (set VINTAGE_DATA)")
    with lzma.open(TRUTH, "rt", encoding="utf-8") as stream:
        return json.load(stream)


def family_of(machine: str) -> str:
    return next((family for family in FAMILIES if machine.startswith(family + "-")), machine)


def in_range(machine: str, text: str) -> bool:
    """Whether @text ('pc-q35-2.4..5.1', 'pc-q35-*', a name) covers @machine."""
    family = family_of(machine)
    if family == machine or not text.startswith(family + "-"):
        return text == machine
    versions = text[len(family) + 1:]
    if versions == "*":
        return True
    first, _, last = versions.partition("..")
    oldest_first = [name for name in reversed(truth()["machines"]) if name.startswith(family + "-")]
    place = [oldest_first.index(f"{family}-{version}") for version in (first, last or first)]
    return place[0] <= oldest_first.index(machine) <= place[1]


def covered(machine: str, ranges: list[str]) -> bool:
    return any(in_range(machine, text) for text in ranges)


def answer(record: dict[str, Any], machine: str) -> Any:
    return next((value for value, ranges in record.get("differs", []) if covered(machine, ranges)), record["value"])


def same(ours: Any, theirs: Any) -> bool:
    """An absent string or list reads as an empty one there; a struct may have grown members."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return all(same(ours.get(key), value) for key, value in theirs.items())
    if ours is None:
        return theirs in ("", [])
    return type(ours) is type(theirs) and ours == theirs


def defaults(machine: str) -> dict[str, dict[str, Any]]:
    done = run(TOOL, "defaults", "--json", "--machine", machine)
    if done.returncode:
        raise AssertionError(f"vintage defaults --machine {machine}: {done.stderr}")
    return json.loads(done.stdout)


def compare(machine: str) -> None:
    ours = defaults(machine)
    wrong = []
    cells = 0
    for kind, properties in sorted(ours.items()):
        for name, record in truth()["init"].get(kind, {}).get("properties", {}).items():
            if name in NOT_MEMBERS or (kind, name) in MANDATORY or (kind, name) in CLAIMED or "note" in record or covered(
                    machine, record.get("absent", [])):
                continue
            cells += 1
            if not same(properties.get(name), answer(record, machine)):
                wrong.append(f"{kind}.{name}: {properties.get(name)!r}, QEMU has {answer(record, machine)!r}")
    own = ours.get(family_of(machine), {})
    for name, record in truth()["machine"]["bare"].get(family_of(machine), {}).items():
        if name not in SETTLED and not covered(machine, record.get("absent", [])):
            cells += 1
            theirs = answer(record, machine)
            if not same(own.get(name), theirs) and not (name == "boot" and theirs == {"order": ""}):
                wrong.append(f"machine.{name}: {own.get(name)!r}, QEMU has {theirs!r}")
    if wrong:
        raise AssertionError("\n".join([f"{machine}: {len(wrong)} of {cells} cells differ", *wrong]))
    if cells < 300:
        raise AssertionError(f"{machine}: only {cells} cells were there to compare")



def machine_names() -> list[str]:
    try:
        known = truth()["machines"]
    except Skip:
        return ["every machine"]
    versions = {name: name.rpartition("-")[2].split(".") for name in known if family_of(name) != name}
    return [name for name, version in versions.items() if tuple(map(int, version[:2])) >= OLDEST] + ["microvm"]


def add(machine: str) -> None:
    def compares() -> None:
        truth()
        compare(machine)

    compares.__doc__ = f"{machine} has the defaults that QEMU 7.2 has"
    test(compares)


for each in machine_names():
    add(each)

if __name__ == "__main__":
    main()
