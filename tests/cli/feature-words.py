#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The feature words of x86 CPUs match the feature members."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, equal, main, run, test  # noqa: E402

# Features whose CPUID bit is public: register, leaf, subleaf, bit.
PLACES = {"fpu": ("EDX", 1, None, 0), "cx8": ("EDX", 1, None, 8), "sse2": ("EDX", 1, None, 26), "sse3": ("ECX", 1, None, 0),
          "aes": ("ECX", 1, None, 25), "avx": ("ECX", 1, None, 28), "hypervisor": ("ECX", 1, None, 31),
          "avx2": ("EBX", 7, 0, 5), "avx512vl": ("EBX", 7, 0, 31), "umip": ("ECX", 7, 0, 2), "spec-ctrl": ("EDX", 7, 0, 26),
          "xsaves": ("EAX", 13, 1, 3), "lm": ("EDX", 0x80000001, None, 29), "svm": ("ECX", 0x80000001, None, 2),
          "arat": ("EAX", 6, None, 2), "npt": ("EDX", 0x8000000a, None, 0)}


def models(machine: str) -> dict[str, dict]:
    done = run(TOOL, "defaults", "--target", "x86_64", "--machine", machine, "--json")
    equal(done.returncode, 0, done.stderr)
    return {name: one for name, one in json.loads(done.stdout).items() if name.endswith("-x86_64-cpu")}


def words(one: dict) -> dict[tuple, int]:
    return {(word["cpuid-register"], word["cpuid-input-eax"], word.get("cpuid-input-ecx")): word["features"]
            for word in one["feature-words"]}


@test
def words_follow_flags() -> None:
    """each flag of each model is where it belongs, on an old machine and on a new one"""
    for machine in ("pc-i440fx-2.3", "pc-q35-9.0"):
        known = models(machine)
        if len(known) < 100:
            raise AssertionError(f"only {len(known)} models")
        for name, one in known.items():
            told = words(one)
            for flag, (*place, bit) in PLACES.items():
                equal(bool(told[tuple(place)] >> bit & 1), one[flag], f"{name} on {machine}: {flag}")


@test
def words_follow_the_machine() -> None:
    """a flag that a later machine brings is not in an older machine's words"""
    name = "Haswell-v1-x86_64-cpu"
    old, new = (words(models(machine)[name])["EAX", 6, None] for machine in ("pc-i440fx-2.3", "pc-i440fx-2.4"))
    equal((old, new), (0, 4))


@test
def words_are_read_only() -> None:
    """feature words are read-only"""
    done = run(TOOL, "resolve", "--", "-machine", "pc-q35-9.0", "-global", "Haswell-v1-x86_64-cpu.feature-words=1")
    equal(done.returncode, 1)
    if "read-only" not in done.stderr:
        raise AssertionError(done.stderr)


if __name__ == "__main__":
    main()
