#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names of QEMU 11.1 that the schema lacks: each type, property and default of each target has a class or a decision.

types-11.1*.json lists all types with their properties, also those whose effective values are not recorded.  A default of
a property is compared with the newest machine, unless a compat property of that machine sets it.
"""

import fnmatch
import functools
import json
import lzma
import os
import subprocess
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import vintage_test  # noqa: E402
from vintage_test import Skip, equal, main, test  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.environ.get("VINTAGE_DATA", os.path.join(HERE, "..", "..", "..", "shared", "data"))
TOOL = os.environ.get("VINTAGE", vintage_test.TOOL)
RELEASE = "11.1"
# The suffix of the recorded files, and the newest machine.
TARGETS = {"x86_64": ("", "pc-q35-11.1"), "aarch64": ("-aarch64", "virt-11.1"), "s390x": ("-s390x", "s390-ccw-virtio-11.1"),
           "ppc64": ("-ppc64", "pseries-11.1"), "m68k": ("-m68k", "virt-11.1")}
USED: set[str] = set()
TRIED: set[str] = set()

Types = dict[str, dict[str, Any]]


def recorded(name: str) -> Any:
    path = os.path.join(DATA, "truth", name)
    if not os.path.exists(path):
        raise Skip(f"{name} is not here (set VINTAGE_DATA)")
    with (lzma.open if path.endswith(".xz") else open)(path, "rt", encoding="utf-8") as stream:
        return json.load(stream)


@functools.cache
def decisions() -> dict[str, str]:
    result = {}
    with open(os.path.join(HERE, "decisions-11.1.txt"), encoding="utf-8") as stream:
        for line in stream:
            if line.strip() and not line.startswith("#"):
                name, colon, why = line.strip().partition(": ")
                assert colon and why, f"decisions-11.1.txt: a name has no reason: {line}"
                assert name not in result, f"decisions-11.1.txt: '{name}' is there twice"
                result[name] = why
    return result


def decided(name: str) -> bool:
    found = next((pattern for pattern in decisions() if fnmatch.fnmatchcase(name, pattern)), "")
    USED.add(found)
    return bool(found)


def ancestry(types: Types, name: str) -> set[str]:
    """The type, its ancestors and their interfaces."""
    found = set()
    while name:
        found |= {name, *types.get(name, {}).get("implements", ())}
        name = types.get(name, {}).get("parent", "")
    return found


def is_object(types: Types, name: str) -> bool:
    """Whether users can create it with -object."""
    return not types[name].get("abstract") and "user-creatable" in ancestry(types, name)


def is_same(ours: Any, theirs: Any) -> bool:
    """An absent text or list equals an empty one."""
    return ours == theirs if ours is not None else theirs in ("", [])


def missing(target: str) -> list[str]:
    """Each name without class, member or decision."""
    suffix, machine = TARGETS[target]
    types: Types = recorded(f"types-{RELEASE}{suffix}.json.xz")["types"]
    machines = recorded(f"machines-{RELEASE}{suffix}.json")["machines"]
    compat = {(row["qom-type"], row["property"]) for one in machines if one["name"] == machine for row in one["compat-props"]}
    done = subprocess.run([TOOL, "defaults", "--json", "--target", target, "--machine", machine, "--newest", RELEASE],
                          capture_output=True, check=True)
    ours: dict[str, dict[str, Any]] = json.loads(done.stdout)
    found = []
    for name, record in types.items():
        properties = record.get("device-list-properties", {})
        if record.get("abstract") or not (properties or is_object(types, name)):
            continue
        if name not in ours:
            found += [] if decided(name) else [f"type {name}"]
            continue
        above = ancestry(types, name)
        for prop, about in properties.items():
            if about["type"].startswith(("child<", "link<")):
                continue
            if prop not in ours[name]:
                found += [] if decided(f"{name}.{prop}") else [f"property {name}.{prop} ({about['type']})"]
            elif "default-value" in about and not is_same(ours[name][prop], about["default-value"]) and not any(
                    (each, prop) in compat for each in above) and not decided(f"{name}.{prop}="):
                found.append(f"default of {name}.{prop}: {ours[name][prop]!r}, QEMU has {about['default-value']!r}")
    TRIED.add(target)
    return found


def add(target: str) -> None:
    def covered() -> None:
        equal(missing(target), [], f"names of {target} that QEMU {RELEASE} has, without class or decision")

    covered.__doc__ = f"the schema has each type, property and default of QEMU {RELEASE} for {target}, or a decision"
    test(covered)


for _target in TARGETS:
    add(_target)


@test
def decisions_are_in_use() -> None:
    """each decision is about a name that QEMU has and the schema lacks"""
    if TRIED != set(TARGETS):
        raise Skip("the types of some targets are not here (set VINTAGE_DATA)")
    equal([name for name in decisions() if name not in USED], [])


@test
def a_missing_name_is_found() -> None:
    """a type, a property and a default that the schema lacks are reported"""
    if "m68k" not in TRIED:
        raise Skip("the types of m68k are not here (set VINTAGE_DATA)")
    recorded_types = recorded
    planted = {"device-list-properties": {"size": {"type": "uint32", "default-value": 3}}, "parent": "device"}

    def with_more(name: str) -> Any:
        answer = recorded_types(name)
        if name.startswith("types-"):
            answer["types"]["planted-device"] = planted
            answer["types"]["virtio-rng-device"]["device-list-properties"] |= {
                "planted": {"type": "bool"}, "max-bytes": {"type": "uint64", "default-value": 1}}
        return answer

    globals()["recorded"] = with_more
    try:
        equal(sorted(line.partition(":")[0] for line in missing("m68k")), [
            "default of virtio-rng-device.max-bytes", "property virtio-rng-device.planted (bool)", "type planted-device"])
    finally:
        globals()["recorded"] = recorded_types


if __name__ == "__main__":
    main()
