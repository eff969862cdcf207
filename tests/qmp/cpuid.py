#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPUID levels and features of x86 processors, as clients read them with qom-get, for models, features and machines.

The points are those that upstream's tests/qtest/test-x86-cpuid-compat.c checks.
"""

import os
import re
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, equal, main, sampled, test  # noqa: E402

BASIC = "arat=on,fsgsbase=on,avx512vbmi=on,xsaveopt=on"
EXTENDED = "3dnow=on,sse4a=on,invtsc=on,npt=on,svm=on"
# The model with its features, what is read, and its value.
LEVELS: list[tuple[str, str, int]] = [
    ("phenom", "level", 5), ("Conroe", "level", 10), ("SandyBridge", "level", 13),
    ("486", "xlevel", 0), ("core2duo", "xlevel", 0x80000008), ("phenom", "xlevel", 0x8000001A), ("athlon", "xlevel", 0x80000008),
    # A feature raises the level that is too low,
    ("486,arat=on", "level", 6), ("phenom,fsgsbase=on", "level", 7), ("phenom,avx512vbmi=on", "level", 7),
    ("phenom,xsaveopt=on", "level", 13), ("486,3dnow=on", "xlevel", 0x80000001), ("486,sse4a=on", "xlevel", 0x80000001),
    ("486,invtsc=on", "xlevel", 0x80000007), ("486,svm=on,npt=on", "xlevel", 0x8000000A),
    ("phenom,xstore=on", "xlevel2", 0xC0000001), ("athlon,svm=on", "xlevel", 0x8000000A),
    # but not one that is large enough,
    ("SandyBridge,arat=on,fsgsbase=on,avx512vbmi=on", "level", 13), (f"phenom,{EXTENDED}", "xlevel", 0x8000001A),
    # nor one that the user set.
    (f"486,level=0xF,{BASIC}", "level", 15), (f"486,level=2,{BASIC}", "level", 2), (f"486,level=0,{BASIC}", "level", 0),
    (f"486,xlevel=0x80000002,{EXTENDED}", "xlevel", 0x80000002), (f"486,xlevel=0x8000001A,{EXTENDED}", "xlevel", 0x8000001A),
    (f"486,xlevel=0,{EXTENDED}", "xlevel", 0), ("486,xlevel2=0xC0000002,xstore=on", "xlevel2", 0xC0000002)]
# Machines that do not raise it.
OLD: list[tuple[str, str, str, int]] = [
    ("2.7", "486,arat=on,avx512vbmi=on,xsaveopt=on", "level", 1), ("2.7", f"486,{EXTENDED}", "xlevel", 0),
    ("2.7", "486,xstore=on", "xlevel2", 0), ("2.9", "Conroe", "level", 10), ("2.9", "Conroe,erms=on", "level", 10),
    ("2.4", "SandyBridge", "xlevel", 0x80000008), ("2.4", "SandyBridge,svm=on,npt=on", "xlevel", 0x80000008)]
# The model with a feature, its register of a leaf, its bit, and whether the processor has it.
FEATURES: list[tuple[str, tuple[int, str], int, bool]] = [
    ("486,+arat", (6, "EAX"), 2, True), ("486,arat=on", (6, "EAX"), 2, True),
    ("pentium,-mmx", (1, "EDX"), 23, False), ("pentium,mmx=off", (1, "EDX"), 23, False),
    ("max,+invtsc", (0x80000007, "EDX"), 8, True), ("max,invtsc=on", (0x80000007, "EDX"), 8, True),
    ("max,-mmx", (1, "EDX"), 23, False), ("max,mmx=off", (1, "EDX"), 23, False)]


def read(machine: str, cpu: str, *names: str) -> list[Any]:
    """Members of the first processor."""
    with Machine("-machine", machine, "-accel", "qtest", "-cpu", cpu) as process:
        assert process.qmp
        qmp = process.qmp.negotiate()
        path = qmp.call("query-cpus-fast")[0]["qom-path"]
        return [qmp.call("qom-get", path=path, property=name) for name in names]


@test
def features_raise_levels_that_are_too_low() -> None:
    for cpu, name, value in sampled(LEVELS, 4):
        equal(read("pc", cpu, name), [value], f"{cpu} {name}")


@test
def old_machines_raise_no_level() -> None:
    for version, cpu, name, value in sampled(OLD, 3):
        equal(read(f"pc-i440fx-{version}", cpu, name), [value], f"{version} {cpu} {name}")


@test
def features_are_bits_of_a_register() -> None:
    for cpu, register, bit, expected in sampled(FEATURES, 3):
        words = [word["features"] for words in read("pc", cpu, "feature-words", "filtered-features") for word in words
                 if (word["cpuid-input-eax"], word["cpuid-register"]) == register]
        equal([bool(word >> bit & 1) for word in words], [expected, False], cpu)


@test
def a_sign_overrides_a_value_and_is_warned_about() -> None:
    with Machine("-machine", "pc", "-accel", "qtest",
                 "-cpu", "pentium,-fpu,+fpu,-mce,mce=on,+cx8,cx8=off,+sse4_1,sse4_2=on") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        path = qmp.call("query-cpus-fast")[0]["qom-path"]
        for name, value in {"fpu": False, "mce": False, "cx8": True, "sse4-1": True, "sse4.1": True, "sse4-2": True,
                            "sse4.2": True}.items():
            equal(qmp.call("qom-get", path=path, property=name), value, name)
        qmp.call("quit")
        _, text = machine.end()
    mixed = [re.findall(r"'([^']+)'", line) for line in text.splitlines() if line.endswith(" set one member: the sign decides")]
    equal(mixed, [["-mce", "mce=on"], ["+cx8", "cx8=off"]])


main()
