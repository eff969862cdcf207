#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage check reports the same error as vintage-vm, for bad values of each option."""

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from schema_model import read_schema  # noqa: E402
from vintage_test import TOOL, VM, equal, main, matches, run, sampled, test  # noqa: E402

VALUES = ["", "garbage", "garbage=1", "{", "unix:,garbage=on"]
QUIT = '{"execute": "qmp_capabilities"}{"execute": "quit"}'
BASE = ["--platform-version", "9.0", "-machine", "none"]
# Errors that only the startup reports: host resources, and unimplemented classes.
AT_START = re.compile(r"human monitor|could not load|no (implementation|device model) yet|No such file|not started|cannot |"
                      r"Is a directory|Permission denied|in use|no regular file|does not exist")
# Options that do not describe the machine or its process.
OTHERS = {"help", "version", "daemonize", "sandbox", "config", "probe-file", "pidfile",
          "runas", "chroot", "run-with"}     # these depend on the host


def verdicts(argv: list[str]) -> tuple[str, str]:
    """Errors of the tool and of the program; empty: none."""
    texts = []
    for command in ([TOOL, "check", "--", *argv], [VM, *argv, "-S", "-qmp", "stdio"]):
        done = run(*command, stdin=QUIT)
        text = done.stderr.strip("\n").split(": ", 1)[-1] if done.returncode else ""
        assert done.returncode in (0, 1) and "\n" not in text, (command, done.returncode, done.stderr)
        texts.append(text)
    return texts[0], texts[1]


def compare(argv: list[str]) -> str:
    tool, program = verdicts(argv)
    if tool == program or (not tool and AT_START.search(program)):
        return ""
    return f"{argv[len(BASE):]}: the tool: {tool or 'ok'}; the program: {program or 'ok'}"


@test
def the_tool_and_the_program_agree_on_every_option() -> None:
    schema = read_schema()
    lines = [[*BASE, f"-{option.name}", value] for option in schema.options.values()
             if option.name not in OTHERS and (option.type or option.creates or option.expands_by) for value in VALUES]
    with ThreadPoolExecutor(2) as pool:
        wrong = [text for text in pool.map(compare, sampled(lines, 12, 2)) if text]
    print(f"# {len(lines)} command lines")
    equal(wrong[:30], [], f"{len(wrong)} of {len(lines)}")
    assert len(lines) > 150, len(lines)


@test
def what_the_process_would_refuse_is_refused() -> None:
    for argv, expected in {("-qmp", "garbage"): "-qmp garbage: expected stdio, unix:…, tcp:…, chardev:…,",
                           ("-qmp", "unix:,server=on"): r"-qmp unix:,server=on: expected .*unix:PATH",
                           ("-qmp", "unix:path=,server=on"): r"-qmp unix:path=,server=on: address\.path: expected a path, got ''",
                           ("-qmp", "stdio", "-qmp", "stdio"): "-qmp stdio: standard input and output are in use",
                           ("-daemonize", "-qmp", "stdio"): "-qmp stdio: a daemon has no standard input",
                           ("-mon", "nowhere"): "-mon nowhere: no chardev 'nowhere'",
                           ("-qmp", "chardev:x"): "-qmp chardev:x: no chardev 'x'"}.items():
        for command in ("check", "resolve"):
            done = run(TOOL, command, "--", *BASE, *argv)
            equal((done.returncode, done.stdout), (1, ""))
            matches(done.stderr, rf"\Avintage: {expected}[^\n]*\n\Z")


@test
def files_that_a_start_reads_must_be_there() -> None:
    members = {"kernel": "kernel", "initrd": "initrd", "dtb": "dtb", "bios": "firmware", "shim": "shim"}
    for option, member in members.items():
        for path, why in (("/nonexistent/file", "No such file or directory"), ("/", "Is a directory"),
                          ("/dev/null", "is a character device; expected a regular file")):
            argv = ["-machine", "pc-q35-9.1", "--platform-version", "9.0", f"-{option}", path]
            argv += ["-kernel", os.path.abspath(__file__)] if option == "initrd" else []  # an initial ramdisk needs one
            line = rf"could not load '{path}': {why}\n\Z"
            done = run(VM, *argv)
            equal(done.returncode, 1)
            matches(done.stderr, rf"\Avintage-vm: -machine[^\n]*: {member}: {line}")
            equal(run(TOOL, "check", "--", "-nodefaults", *argv).stdout, "valid\n")      # the tool does not access the host
            done = run(TOOL, "check", "--check-host", "--", *argv)
            equal((done.returncode, done.stdout), (1, ""))
            matches(done.stderr, rf"\Avintage: -{option}: {line}")
        done = run(TOOL, "check", "--", "-machine", "none", f"-{option}", "")
        matches(done.stderr, rf"\Avintage: [^\n]*{member}: expected a non-empty string, got ''\n\Z")


main()
