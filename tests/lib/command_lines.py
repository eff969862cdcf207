# SPDX-License-Identifier: MIT
"""Command lines that people use: data outside this repository, ../shared/data beside it or $VINTAGE_DATA."""

import functools
import json
import os

from vintage_test import Skip

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DATA = os.path.join(os.environ.get("VINTAGE_DATA", os.path.join(SOURCE, "..", "shared", "data")), "cmdlines")
# Lines that no QEMU was tried with, and that do not resolve: at most three, each with its reason.
UNRESOLVED = {"utm-5352": "virtio-ramfb-gl is a device of UTM's QEMU only"}


@functools.cache
def lines() -> dict[str, dict]:
    path = os.path.join(DATA, "real.json")
    if not os.path.exists(path):
        raise Skip("the command lines are not here (set VINTAGE_DATA)")
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def argv_of(line: dict) -> list[str]:
    """The arguments.  A file that QEMU reads for options is the one beside the command lines."""
    argv = list(line["argv"])
    for i, word in enumerate(argv[:-1]):
        beside = os.path.join(DATA, "files", os.path.basename(argv[i + 1]))
        if word == "-readconfig" and not os.path.exists(argv[i + 1]):
            assert os.path.exists(beside), beside
            argv[i + 1] = beside
    return argv


@functools.cache
def of_libvirt() -> dict[str, dict]:
    """The command lines that libvirt's tests expect, in the form of lines()."""
    path = os.path.join(DATA, "..", "libvirt-argv.json")
    if not os.path.exists(path):
        raise Skip("the command lines of libvirt are not here (set VINTAGE_DATA)")
    with open(path, encoding="utf-8") as file:
        listed = json.load(file)
    return {name: {"target": argv[0].rsplit("-", 1)[1], "argv": argv[1:]} for name, argv in listed.items()}


def resolving() -> dict[str, dict]:
    return {name: line for name, line in lines().items() if line["accepted_by_qemu"] is not False and name not in UNRESOLVED}
