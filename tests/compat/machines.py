#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The machines of each target, compared with QEMU 7.2: names, options, memory names.

The answers are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them all is skipped.
"""

import json
import os
import re
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Skip, equal, main, matches, run, test, tool, VM  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DATA = os.environ.get("VINTAGE_DATA", os.path.join(SOURCE, "..", "shared", "data"))
# Required families, as patterns of names.
TARGETS = {
    "x86_64": ("", r"pc-(i440fx|q35)-.*|isapc|microvm|none|x-remote"),
    "aarch64": ("-aarch64", r"virt-[0-9.]+|none"),
    "s390x": ("-s390x", r"s390-ccw-virtio-.*|none"),
    "ppc64": ("-ppc64", r"pseries-.*|none"),
    "m68k": ("-m68k", r"virt-[0-9.]+|none"),
}
FACTS = ("cpu-max", "hotpluggable-cpus", "numa-mem-supported", "default-ram-id", "default-cpu-type")


def theirs(suffix: str) -> list[dict[str, Any]]:
    path = os.path.join(DATA, "truth", f"machines-7.2{suffix}.json")
    if not os.path.exists(path):
        raise Skip("the answers of QEMU 7.2 are not here (set VINTAGE_DATA)")
    with open(path, encoding="utf-8") as stream:
        told = json.load(stream)
    return told["machines"] if isinstance(told["machines"], list) else list(told["machines"].values())


def add(target: str, suffix: str, pattern: str) -> None:
    def compares() -> None:
        wanted = [row for row in theirs(suffix) if re.fullmatch(pattern, row["name"])]
        with Machine("-machine", "none", "--target", target) as machine:
            assert machine.qmp
            ours = {row["name"]: row for row in machine.qmp.negotiate().call("query-machines")}
        equal([row["name"] for row in wanted if row["name"] not in ours], [], "machines that are missing")
        wrong = [f"{row['name']} {fact}: {ours[row['name']].get(fact)!r}, QEMU has {row.get(fact)!r}"
                 for row in wanted for fact in FACTS if ours[row["name"]].get(fact) != row.get(fact)]
        equal(wrong, [], f"{target}: {len(wanted)} machines")

    compares.__doc__ = f"the machines of {target} are QEMU's"
    test(compares)


for name, (file_suffix, families) in TARGETS.items():
    add(name, file_suffix, families)


@test
def a_name_is_of_a_target() -> None:
    """'virt' is another machine on each target that has one, and none elsewhere"""
    for target, family in (("aarch64", "arm-virt"), ("m68k", "m68k-virt"), ("riscv64", "riscv-virt")):
        done = tool("defaults", "--json", "--target", target, "--machine", "virt", family)
        equal((done.returncode, list(json.loads(done.stdout))), (0, [family]), done.stderr)
    done = tool("defaults", "--json", "--machine", "virt")
    equal((done.returncode, done.stderr), (1, "vintage: --machine: machine 'virt' does not exist on target 'x86_64'\n"))


@test
def a_machine_without_a_board() -> None:
    """a machine without an implementation fails in one line"""
    for target, machine in (("s390x", "s390-ccw-virtio-7.2"), ("ppc64", "pseries-2.12-sxxm"), ("x86_64", "isapc")):
        equal(tool("resolve", "--", "--target", target, "-machine", machine).returncode, 0)
        done = run(VM, "--target", target, "-machine", machine, "--platform-version", "9.1")
        equal(done.returncode, 1)
        matches(done.stderr, r"\Avintage-vm: -machine [^\n]*has no implementation yet: "
                r"it can be configured and resolved, but not started\n\Z")


@test
def help_is_of_a_target() -> None:
    """help lists the machines of the target, wherever the target is set"""
    listed = run(VM, "-machine", "help", "--target", "m68k").stdout
    equal([name for name in ("virt-6.0", "pc-q35-9.1", "virt-2.6") if f"  {name} " in listed], ["virt-6.0"])


if __name__ == "__main__":
    main()
