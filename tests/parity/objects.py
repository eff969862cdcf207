# SPDX-License-Identifier: MIT
"""The objects of a whole command line on both sides, and which of them correspond."""

import json
import re
import subprocess
from typing import Any

from sides import TIMEOUT, TOOL, Qemu, Refusal, release_words

Theirs = dict[str, tuple[str, Any]]
PARTS = re.compile(r"^(/machine/(peripheral|peripheral-anon|unattached)|/objects)$")


def of_qemu(binary: str, argv: list[str]) -> tuple[Theirs, list[tuple[str, str, Theirs]]]:
    """The machine's properties; and type, id or "", and properties of each device and object, in the order of creation."""
    machine, rest = without_machine(argv)
    found = []
    with Qemu(machine, rest, binary, True) as qemu:
        for place in ("/machine/peripheral", "/machine/peripheral-anon", "/machine/unattached", "/objects"):
            try:
                children = [(each["name"], each["type"][len("child<"):-1]) for each in qemu.call("qom-list", path=place)
                            if each["type"].startswith("child<")]
            except Refusal:
                continue
            for name, kind in sorted(children, key=lambda one: number(one[0])):
                ident = name if place in ("/machine/peripheral", "/objects") else ""
                found.append((kind, ident, qemu.properties(f"{place}/{name}")))
        return qemu.properties("/machine"), found


def number(name: str) -> tuple[int, str]:
    digits = re.search(r"\[(\d+)\]$", name)
    return (int(digits[1]), "") if digits else (-1, name)


def without_machine(argv: list[str]) -> tuple[str, list[str]]:
    """The value of -machine, which Qemu() gives; several are joined, and the type is first."""
    values, rest = [], []
    words = iter(argv)
    for word in words:
        if word in ("-M", "-machine"):
            values.append(next(words))
        else:
            rest.append(word)
    joined = ",".join(values)
    if not joined or "=" in joined.split(",")[0] and "type=" not in joined:
        joined = ",".join(filter(None, ["pc", joined]))
    return joined, rest


def of_vintage(target: str, argv: list[str]) -> dict[str, dict[str, Any]]:
    command = [TOOL, "resolve", "--settled", "--json", *release_words(), "--target", target, "--", "-accel", "tcg", *argv]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode:
        raise Refusal(done.stderr.strip().removeprefix("vintage: "))
    return {key: one["properties"] | {"type": one["type"]} for key, one in json.loads(done.stdout)["objects"].items()}


def pairs(theirs: list[tuple[str, str, Theirs]], ours: dict[str, dict[str, Any]]) -> list[tuple[str, Theirs, dict[str, Any]]]:
    """Objects that both sides have: by id; those without by type, in order."""
    named = {ident: (kind, values) for kind, ident, values in theirs if ident}
    nameless: dict[str, list[Theirs]] = {}
    for kind, ident, values in theirs:
        if not ident:
            nameless.setdefault(kind, []).append(values)
    result = []
    for key, one in ours.items():
        kind = one["type"]
        if key in named and named[key][0] == kind:
            result.append((kind, named[key][1], one))
        elif key.startswith("device[") and nameless.get(kind):
            result.append((kind, nameless[kind].pop(0), one))
    return result
