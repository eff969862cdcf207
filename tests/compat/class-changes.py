#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Machine class changes of QEMU releases that are not properties: a member or docs/layers.md covers each.

The tables are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them all is skipped.
"""

import functools
import json
import os
import re
import sys
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from vintage_test import Skip, equal, main, test, tool_json  # noqa: E402

SOURCE = os.path.join(HERE, "..", "..")
DATA = os.environ.get("VINTAGE_DATA", os.path.join(SOURCE, "..", "shared", "data"))
FAMILIES = {"pc-i440fx": ("x86_64", "pc-i440fx"), "pc-q35": ("x86_64", "pc-q35"), "arm-virt": ("aarch64", "virt"),
            "s390-ccw": ("s390x", "s390-ccw-virtio"), "pseries": ("ppc64", "pseries"), "m68k-virt": ("m68k", "virt")}
DEFINITIONS = {"virt": {"aarch64": "arm-virt", "m68k": "m68k-virt"}}
# Fields whose member has another name.
MEMBERS = {"smp_props.prefer_sockets": "smp-prefer-sockets", "max_cpus": "smp-max-cpus",
           "has_hotpluggable_cpus": "hotpluggable-cpus"}


def rows(version: str) -> list[dict[str, Any]]:
    path = os.path.join(DATA, "truth", f"class-changes-{version}.json")
    if not os.path.exists(path):
        raise Skip("the tables of QEMU are not here (set VINTAGE_DATA)")
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)["rows"]


def stem(field: str) -> str:
    """smp_props.cache_supported[...] becomes cache_supported."""
    return re.sub(r"\[.*", "", field).rpartition(".")[2]


@test
def every_change_has_a_place() -> None:
    """every field that a release changes is a member of the machine, or explained"""
    with open(os.path.join(SOURCE, "docs", "layers.md"), encoding="utf-8") as stream:
        page = stream.read()
    members = {name for target, machine in FAMILIES.values()
               for properties in machines(target, machine, ()).values() for name in properties}
    lost = set()
    for version in ("7.2", "11.1"):
        for row in rows(version):
            name = stem(row.get("field") or row["call"])
            # docs/layers.md lists smp_props.*_supported for all levels.
            told = name in page or f"*_{name.rpartition('_')[2]}" in page
            if row["kind"] != "method" and name.replace("_", "-") not in members and not told:
                lost.add(f"{version}: {row['family']} {name}")
    equal(sorted(lost), [])


@functools.cache
def machines(target: str, machine: str, version: tuple[str, ...]) -> dict[str, Any]:
    definition = DEFINITIONS.get(machine, {}).get(target, machine)
    name = "-".join((machine, *version)) if version else f"{machine}-7.2"
    return {definition: tool_json("defaults", "--json", "--target", target, "--machine", name, definition)[definition]}


@test
def versioned_values_are_theirs() -> None:
    """a member with the name of a machine class field has its value, up to the version of the row"""
    wrong, compared = [], 0
    for table in ("7.2", "11.1"):
        for row in rows(table):
            target, machine = FAMILIES.get(row["family"], ("", ""))
            field, version = row.get("field", ""), row["until_version"]
            if row["kind"] != "assign" or row.get("base") or not version or not machine or row.get("condition"):
                continue
            name = MEMBERS.get(field, field.replace("_", "-"))
            (ours,) = machines(target, machine, (version,)).values()
            value = row["value"]
            if name not in ours or isinstance(value, dict):
                continue
            compared += 1
            value = bool(value) if isinstance(ours[name], bool) else value
            # If the class has no value, the board sets it. The newer table has a stepping that 7.2 lacks.
            if ours[name] != value and value is not None and (table, name) not in (("11.1", "default-cpu-type"),):
                wrong.append(f"{machine}-{version} {name}: {ours[name]!r}, the table of {table} has {value!r}")
    equal(wrong, [], f"{compared} values")
    assert compared > 100, compared


if __name__ == "__main__":
    main()
