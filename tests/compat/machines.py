#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The machines of each target, compared with QEMU 7.2: names, options, memory names.

The answers are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them all is skipped.
"""

import json
import os
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Skip, equal, main, matches, run, sampled, test, tool, VM  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DATA = os.environ.get("VINTAGE_DATA", os.path.join(SOURCE, "..", "shared", "data"))
# Families with versions, and their classes.
TARGETS: dict[str, tuple[str, dict[str, str]]] = {
    "x86_64": ("", {"pc-i440fx": "pc-i440fx", "pc-q35": "pc-q35"}),
    "aarch64": ("-aarch64", {"virt": "arm-virt"}),
    "s390x": ("-s390x", {"s390-ccw-virtio": "s390-ccw-virtio"}),
    "ppc64": ("-ppc64", {"pseries": "pseries"}),
    "m68k": ("-m68k", {"virt": "m68k-virt"}),
}
# Facts of QEMU, and the members of a machine's class that have them here.
FACTS = {"cpu-max": "smp-max-cpus", "hotpluggable-cpus": "hotpluggable-cpus", "numa-mem-supported": "numa-mem-supported",
         "default-ram-id": "default-ram-id", "default-cpu-type": "default-cpu-type"}
STEP = 4        # of a family's versions, except in the long form


def theirs(suffix: str) -> list[dict[str, Any]]:
    path = os.path.join(DATA, "truth", f"machines-7.2{suffix}.json")
    if not os.path.exists(path):
        raise Skip("the answers of QEMU 7.2 are not here (set VINTAGE_DATA)")
    with open(path, encoding="utf-8") as stream:
        told = json.load(stream)
    return told["machines"] if isinstance(told["machines"], list) else list(told["machines"].values())


def defaults(target: str, *arguments: str) -> dict[str, Any]:
    done = tool("defaults", "--json", "--target", target, "--release", "7.2", *arguments)
    equal((done.returncode, done.stderr), (0, ""))
    return json.loads(done.stdout)


def add(target: str, suffix: str, families: dict[str, str]) -> None:
    def compares() -> None:
        wanted = {row["name"]: row for row in theirs(suffix)}
        with Machine("-machine", "none", "--target", target) as machine:
            assert machine.qmp
            listed = machine.qmp.negotiate().call("query-machines")
        ours = {row["name"]: row["name"] for row in listed} | {row.get("alias"): row["name"] for row in listed}
        equal([name for name in wanted if name not in ours], [], "machines that are missing")
        versioned = {name: families[family] for name in wanted for family in families if name.startswith(f"{family}-")}
        facts = defaults(target, *(ours[name] for name in wanted if name not in versioned))
        have = {name: facts[ours[name]] for name in wanted if name not in versioned}
        for name in sampled(versioned, STEP, STEP):
            have[name] = defaults(target, "--machine", name, versioned[name])[versioned[name]]
        wrong = [f"{name} {fact}: {row[member]!r}, QEMU has {wanted[name].get(fact)!r}"
                 for name, row in have.items() for fact, member in FACTS.items() if row[member] != wanted[name].get(fact)]
        equal(wrong, [], f"{target}: {len(have)} of {len(wanted)} machines")

    compares.__doc__ = f"the machines of {target} are QEMU's"
    test(compares)


for name, (file_suffix, its_families) in TARGETS.items():
    add(name, file_suffix, its_families)


@test
def a_name_is_of_a_target() -> None:
    """'virt' is another machine on each target that has one, and none elsewhere"""
    for target, family in (("aarch64", "arm-virt"), ("m68k", "m68k-virt"), ("riscv64", "riscv-virt")):
        done = tool("defaults", "--json", "--target", target, "--machine", "virt", family)
        equal((done.returncode, list(json.loads(done.stdout))), (0, [family]), done.stderr)
    done = tool("defaults", "--json", "--machine", "virt")
    equal((done.returncode, done.stderr), (1, "vintage: --machine: machine 'virt' does not exist on target 'x86_64'; "
          "did you mean '-target aarch64'?\n"))


@test
def a_machine_without_a_board() -> None:
    """a machine without an implementation fails in one line, after warnings of its life"""
    for target, machine in (("s390x", "s390-ccw-virtio-7.2"), ("ppc64", "pseries-2.12-sxxm"), ("x86_64", "isapc")):
        equal(tool("resolve", "--", "--target", target, "-machine", machine).returncode, 0)
        done = run(VM, "--target", target, "-machine", machine, "--platform-version", "9.1")
        equal(done.returncode, 1)
        matches(done.stderr, r"\A(vintage-vm: warning: -machine: [^\n]*\n)?vintage-vm: -machine [^\n]*has no implementation yet: "
                r"it can be configured and resolved, but not started\n\Z")


@test
def a_target_has_its_default_machine() -> None:
    """without -machine, the target decides, and a target without a default machine refuses"""
    for target, machine in (("x86_64", "pc-i440fx-11.1"), ("i386", "pc-i440fx-11.1"), ("s390x", "s390-ccw-virtio-11.1"),
                            ("ppc64", "pseries-11.1"), ("ppc", "g3beige"), ("m68k", "mcf5208evb")):
        done = tool("resolve", "--json", "--", "--target", target)
        equal((done.returncode, json.loads(done.stdout)["machine"]), (0, machine), done.stderr)
    done = run(VM, "--target", "arm")
    equal((done.returncode, done.stderr), (1, "vintage-vm: target 'arm' has no default machine; "
                                           "'-machine help' lists its machines\n"))


@test
def a_32_bit_target_has_its_processors() -> None:
    """a 32-bit target has the boards and processors of its sibling that have 32 bits, and no others"""
    for target, boards, models, others in (
            ("arm", {"vexpress-a9": "cortex-a9-arm-cpu", "microbit": None, "palmetto-bmc": "arm926-arm-cpu"},
             {"cortex-a15", "cortex-m3", "arm926"}, {"sbsa-ref", "raspi3b", "cortex-a57"}),
            ("riscv32", {"virt": "rv32-riscv-cpu", "sifive_e": "sifive-e31-riscv-cpu", "sifive_u": "sifive-u34-riscv-cpu"},
             {"rv32", "sifive-e31"}, {"microchip-icicle-kit", "rv64", "sifive-u54"})):
        with Machine("-machine", "none", "--target", target) as machine:
            assert machine.qmp
            listed = {row["name"]: row for row in machine.qmp.negotiate().call("query-machines")}
            known = {row["name"] for row in machine.qmp.call("query-cpu-definitions")}
        equal({name: listed[name].get("default-cpu-type") for name in boards}, boards)
        equal((models - known, others & (known | set(listed))), (set(), set()))
        for model in sorted(models):
            equal(tool("resolve", "--", "--target", target, "-machine", "none", "-cpu", model).returncode, 0)


@test
def help_is_of_a_target() -> None:
    """help lists the machines of the target, wherever the target is set"""
    listed = run(VM, "-machine", "help", "--target", "m68k").stdout
    equal([name for name in ("virt-6.0", "pc-q35-9.1", "virt-2.6") if f"  {name} " in listed], ["virt-6.0"])


if __name__ == "__main__":
    main()
