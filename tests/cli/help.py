#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Help of commands, options and types: complete, and each example works."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, TOOL, VM, equal, main, matches, run, test  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def commands() -> list[str]:
    found = re.findall(r"^  ([a-z]+) ", run(TOOL, "--help").stdout, re.MULTILINE)
    assert len(found) > 8, found
    return found


@test
def each_command_has_help() -> None:
    for command in commands():
        for flag in ("--help", "-h"):
            result = run(TOOL, command, flag)
            equal((result.returncode, result.stderr), (0, ""), command)
            matches(result.stdout, rf"(?s)^usage: vintage {command} .*\n\n[A-Z].*\.\n.*\nExamples:\n  vintage {command} ")


@test
def options_are_in_groups() -> None:
    backends = os.path.join(BUILD, "vintage-backends")
    for program, example in ((VM, {"Block devices and file systems": "-drive", "Network cards and backends": "-nic"}),
                             (backends, {"Standard options": "-help", "Objects and defaults": "-object"})):
        text = run(program, "--help").stdout
        equal(text, run(program, "-help").stdout)
        parts = re.split(r"(?m)^(\S.*):\n", text)[1:]
        for title, options in zip(parts[::2], parts[1::2]):
            if title in example:
                matches(options, rf"(?m)^  {example.pop(title)}[ ,]")
            else:
                matches(options, r"(?m)^  -")
        equal(example, {}, program)


@test
def each_example_works() -> None:
    with tempfile.TemporaryDirectory() as directory:
        os.symlink(os.path.join(ROOT, "examples"), os.path.join(directory, "examples"))
        for command in commands():
            if command == "argv" and not shutil.which("qemu-system-x86_64"):
                print("# the examples of 'vintage argv' need qemu-system-x86_64, which is not installed")
                continue
            for line in run(TOOL, command, "--help").stdout.split("Examples:\n")[1].splitlines():
                result = subprocess.run(["sh", "-c", line], cwd=directory, capture_output=True, text=True, check=False,
                                        env={**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}"})
                equal(result.returncode, 124 if "--timeout" in line else 0, f"{line}: {result.stderr}")


@test
def each_option_of_a_command_is_accepted() -> None:
    listed = [(command, *option) for command in commands() for option in
              re.findall(r"^  (--?[a-z-]+)( \S+)? ", run(TOOL, command, "--help").stdout, re.MULTILINE)]
    assert ("check", "--schema", " PLACE") in listed
    with tempfile.TemporaryDirectory() as empty:
        for command, name, word in listed:
            value = empty if name == "--schema" else "x"
            result = run(TOOL, command, *([name, value, f"--no-such={word}"] if word else [f"{name}=x"]))
            equal(result.returncode, 2)
            matches(result.stderr, "unknown option '--no-such=" if word else "takes no value")


def line_of(member: str, *argv: str) -> str:
    result = run(VM, *argv)
    equal((result.returncode, result.stderr), (0, ""), str(argv))
    found = [line for line in result.stdout.splitlines() if line.startswith(f"  {member}=")]
    equal(len(found), 1, f"{member} of {argv}")
    return found[0]


@test
def a_default_is_that_of_the_chosen_version() -> None:
    help_of = ("-device", "virtio-blk-pci,help")
    for argv, wanted in (((), "(default: auto, since machine 5.2; 1 before)"),
                         (("-machine", "pc-q35-5.1"), "(default: 1; auto since machine 5.2)"),
                         (("-M", "type=pc-i440fx-5.2"), "(default: auto, since machine 5.2; 1 before)")):
        for order in ((*argv, *help_of), (*help_of, *argv)):
            assert line_of("num-queues", *order).endswith(wanted), (order, line_of("num-queues", *order))
    of_platform = ("-object", "sev-guest,help")
    matches(line_of("legacy-vm-type", "-platform-version", "9.0", *of_platform), r"default: on; off since platform 9.1\)$")
    matches(line_of("legacy-vm-type", *of_platform), r"default: off, since platform 9.1; on before\)$")
    matches(line_of("its", "-machine", "virt-8.2,help", "-target", "aarch64"), r"default: on, since machine 2.8; off before\)$")


@test
def members_have_their_values() -> None:
    matches(line_of("queue-size", "-device", "virtio-blk-pci,help"), r"<uint16> .*\[4\.\.1024\]")
    matches(line_of("num-queues", "-device", "virtio-blk-pci,help"), r"\[auto\|1\.\.65535\]")
    matches(line_of("write-cache", "-device", "virtio-blk-pci,help"), r"\[auto\|on\|off\]")
    matches(line_of("mode", "-mon", "help"), r"\[readline\|control\] \(default: readline\)")
    matches(line_of("chardev", "-mon", "help"), r"\(required\)")
    matches(run(VM, "-target", "help").stdout, "(?s)^-target: .*\n  aarch64")
    for argv, line in ((("-net", "nic,model=help"), "  e1000 "), (("-nic", "model=?"), "  virtio-net-pci "),
                       (("-audio", "none,model=help"), "  hda "), (("-drive", "format=help"), "  qcow2 "),
                       (("-rtc", "clock=help"), "  host ")):
        text = run(VM, *argv).stdout
        key = argv[1].partition("=")[0].rpartition(",")[2]
        assert text.startswith(f"Available values of '{key}':\n") and f"\n{line}" in text, text


@test
def unknown_versions_are_refused() -> None:
    for argv, wanted in ((("-machine", "pc-q35-99"), "unknown machine 'pc-q35-99'"),
                         (("-platform-version", "99"), "unknown platform version '99'")):
        result = run(VM, *argv, "-device", "virtio-blk-pci,help")
        equal((result.returncode, result.stdout), (1, ""))
        matches(result.stderr, wanted)


main()
