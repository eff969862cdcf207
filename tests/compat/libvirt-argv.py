#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Command lines of libvirt: how many resolve, and that the others fail with one error.

The command lines are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them all is
skipped.  'libvirt-argv.py report' prints what is missing, by how many lines want it.
"""

import collections
import functools
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Skip, main, test, tool  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DATA = os.environ.get("VINTAGE_DATA", os.path.join(SOURCE, "..", "shared", "data"))
ARGV = os.path.join(DATA, "libvirt-argv.json")

# Options of all lines that this program accepts: none may become unknown.
TAKEN = {"S", "accel", "boot", "cpu", "device", "display", "global", "m", "machine", "msg", "name", "no-acpi", "no-hpet",
         "no-shutdown", "no-user-config", "nodefaults", "object", "overcommit", "smp", "uuid", "blockdev", "netdev", "kernel",
         "initrd", "append", "dtb", "bios", "usb", "sandbox", "rtc", "audiodev", "vnc", "numa", "serial", "spice", "fsdev", "k",
         "smbios", "watchdog-action", "mon", "chardev"}
# Accepted errors: machines and models that are not supported, and nodes without memory.
REFUSED = "unknown machine|unknown cpu model|no (memory-backend|audiodev|chardev) '|unknown fsdev 'handle'"
# Lines that resolve completely. This number only increases.
WHOLE = 263
# Reasons for errors of the other lines.
REASONS = {
    "a bus or a unit that the board does not have, as QEMU says too":
        r"bus: no bus 'ide.2'|unit 2 does not exist; expected 0 to 1",
    "a format or protocol of block nodes that is not here": r"unknown block-node '",
    "a machine that is not here": r"unknown machine '",
    "a device that is not here, some of them gone from QEMU too": r"unknown (device|fsdev|object) '",
    "a member that is not here": r"unknown member '",
    "a function beside a single one, which QEMU refuses too": r"does not have multifunction=on",
    "a bus that the device can't be on": r"not supported by the legacy interface",
    "a word that the author of the domain passed on; QEMU takes it as a disk image, too": r"unit 0 is in use by ide-hd$",
    "no option at all: the author of the domain passed it on": r"expected an option|unknown option",
}
# Not options of QEMU: passed on from the domain's author.
NONSENSE = {"unknown"}


def repaired(argv: list[str]) -> list[str]:
    """Replaces the program name by the target, and removes leftovers of the recording shell."""
    end = argv.index("#") if "#" in argv else len(argv)
    cut = argv[1:end]
    if cut and cut[-1].endswith("virsh"):
        cut[-1] = cut[-1][:-len("virsh")]
    return ["-target", argv[0].rsplit("-", 1)[1], *cut]


@functools.cache
def lines() -> dict[str, list[str]]:
    if not os.path.exists(ARGV):
        raise Skip("libvirt's command lines are not here (set VINTAGE_DATA)")
    with open(ARGV, encoding="utf-8") as file:
        return {name: repaired(argv) for name, argv in json.load(file).items()}


@functools.cache
def known() -> set[str]:
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        return {row["option"] for row in machine.qmp.negotiate().call("query-command-line-options")}


def options(argv: list[str]) -> list[tuple[str, str | None]]:
    """A word that starts with a dash is an option; the next word without a dash is its value."""
    found: list[tuple[str, str | None]] = []
    for word in argv:
        if word.startswith("-") and not re.match(r"-\d", word):
            found.append((word.lstrip("-"), None))
        elif found:
            found[-1] = (found[-1][0], word if found[-1][1] is None else found[-1][1])
    return found


def driver(value: str) -> str:
    if value.startswith("{"):
        tree = json.loads(value)
        return tree.get("driver") or tree.get("qom-type") or tree.get("type") or "?"
    return re.split(r"[,=]", value)[0]


class Report:
    """Prints missing features, sorted by the number of lines that need them."""

    def __init__(self) -> None:
        self.options: collections.Counter[str] = collections.Counter()
        self.classes: collections.Counter[str] = collections.Counter()
        with Machine("-machine", "none") as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            classes = {row["name"] for row in qmp.call("qom-list-types")}
        for argv in lines().values():
            self.line(options(argv), classes)

    def line(self, argv: list[tuple[str, str | None]], classes: set[str]) -> None:
        missing = {option for option, _ in argv if option not in known()}
        self.options.update(missing)
        wanted = {f"{option} {driver(value)}" for option, value in argv if option in ("device", "object") and value
                  and driver(value) not in classes}
        self.classes.update(wanted)

    def text(self) -> str:
        total = len(lines())
        rows = [f"{total} lines"]
        rows += [f"{count:5} want unknown option -{name}" for name, count in self.options.most_common()]
        rows += [f"{count:5} want unknown class: -{name}" for name, count in self.classes.most_common()]
        return "\n".join(rows)


@functools.cache
def report() -> Report:
    return Report()


@test
def what_was_taken_once_is_taken() -> None:
    missing = set(report().options)
    assert not TAKEN & missing, sorted(TAKEN & missing)


@test
def values_of_the_options_that_are_taken_are_understood() -> None:
    skipped = {"device", "object", "blockdev", "netdev", "chardev", "global", "mon", "numa"}
    wrong = []
    for name, argv in lines().items():
        cut: list[str] = []
        for option, value in options(argv):
            if option not in known() or option in skipped or option in NONSENSE:
                continue
            if option == "machine":
                # Members of the machine for features that were removed, or of another machine.
                value = (value or "").split(",")[0]
            cut += [f"-{option}"] + ([value] if value is not None else [])
        done = tool("check", "--", *cut)
        if done.returncode and not re.search(REFUSED, done.stderr):
            wrong.append(f"{name}: {done.stderr.strip()}")
    assert not wrong, "\n".join(wrong[:20])


@test
def a_line_is_resolved_or_refused_with_the_reason() -> None:
    for name, argv in lines().items():
        done = tool("check", "--", *argv)
        assert done.returncode in (0, 1), f"{name}: {done.returncode}"
        errors = errors_of(done.stderr)
        assert bool(errors) == bool(done.returncode), f"{name}: {done.stderr}"


def errors_of(text: str) -> list[str]:
    """The lines of @text that are not a warning: names that are deprecated still work."""
    return [line for line in text.splitlines() if not line.startswith("vintage: warning: ")]


@functools.cache
def refusals() -> dict[str, str]:
    """The error of each line that does not resolve completely."""
    found = {name: "\n".join(errors_of(tool("check", "--", *argv).stderr)) for name, argv in lines().items()}
    return {name: error for name, error in found.items() if error}


@test
def as_many_lines_as_before_are_resolved_whole() -> None:
    whole = len(lines()) - len(refusals())
    assert whole >= WHOLE, f"{whole} lines, where {WHOLE} were: {list(refusals().items())[:5]}"


@test
def each_line_that_is_not_has_a_reason_that_is_known() -> None:
    unknown = [error for error in refusals().values() if not any(re.search(reason, error) for reason in REASONS.values())]
    assert not unknown, "\n".join(unknown[:20])


if sys.argv[1:] == ["report"]:
    print(report().text())
else:
    main()
