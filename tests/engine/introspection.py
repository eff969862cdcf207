#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a client learns about a program whose VM an engine runs: what the engine has, and the commands of the program."""

import json
import os
import shutil
import subprocess
import sys
from typing import Any, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Qmp, Skip, equal, main, test  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
OWN = {"query-engine", "query-effective-config", "config-freeze", "config-diff", "query-default-history", "query-platform",
       "query-platform-host", "query-platform-versions", "query-migration-contract", "check-migration-contract",
       "config-reload"}
QUESTIONS = ("query-version", "query-commands", "query-qmp-schema", "query-command-line-options")


def ours() -> tuple[Qmp, list[Any]]:
    """The greeting's client and the answers of vintage-vm."""
    if not QEMU:
        raise Skip("qemu-system-x86_64 is not installed")
    with Machine("-engine", "qemu", "-machine", "none", "-display", "none", "-S") as vm:
        assert vm.qmp
        vm.qmp.negotiate()
        return vm.qmp, [vm.qmp.call(question) for question in QUESTIONS]


def theirs() -> tuple[dict[str, Any], list[Any]]:
    """The greeting and the answers of QEMU."""
    assert QEMU
    with subprocess.Popen([QEMU, "-machine", "none", "-display", "none", "-S", "-qmp", "stdio"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        client = Qmp(process.stdout.fileno(), process.stdin.fileno())
        client.negotiate()
        answers = [client.call(question) for question in QUESTIONS]
        client.send(json.dumps({"execute": "quit"}) + "\n")
        return client.greeting["QMP"], answers


def references(entry: dict[str, Any]) -> Iterator[str]:
    yield from (entry[key] for key in ("arg-type", "ret-type", "element-type") if key in entry)
    for part in (*entry.get("members", []), *entry.get("variants", [])):
        if isinstance(part, dict) and "type" in part:
            yield part["type"]


@test
def the_version_is_that_of_the_engine() -> None:
    client, (version, *_) = ours()
    greeting, (other, *_) = theirs()
    equal(version["qemu"], other["qemu"])
    equal(client.greeting["QMP"]["version"], version)
    assert version["package"].startswith("vintage-") and version["package"].endswith(other["package"]), version
    equal(client.greeting["QMP"]["capabilities"], greeting["capabilities"])


@test
def commands_are_those_of_both() -> None:
    _, (_, commands, *_) = ours()
    _, (_, others, *_) = theirs()
    names = [command["name"] for command in commands]
    equal(len(names), len(set(names)))
    equal(set(names) - {command["name"] for command in others}, OWN)
    assert {command["name"] for command in others} <= set(names)


@test
def the_schema_describes_all_of_them() -> None:
    _, (_, commands, schema, _) = ours()
    _, (_, _, other, _) = theirs()
    entries = {entry["name"]: entry for entry in schema}
    equal(len(entries), len(schema))
    equal({name for name, entry in entries.items() if entry["meta-type"] == "command"},
          {command["name"] for command in commands})
    for entry in other:
        equal(entries[entry["name"]], entry)
    for entry in schema:
        for name in references(entry):
            assert name in entries, (entry, name)
    check = entries[entries["check-migration-contract"]["arg-type"]]["members"][0]
    equal(sorted(member["name"] for member in entries[check["type"]]["members"]),
          ["features", "machine", "objects", "platform-version", "schema"])


@test
def options_are_those_of_both() -> None:
    """also the engine's names of groups of keys, from which libvirt learns what an option can do"""
    client, (*_, options) = ours()
    _, (*_, others) = theirs()
    found = {option["option"]: option for option in options}
    equal(len(found), len(options))
    for option in others:
        equal(found[option["option"]], option)
    assert {"engine", "platform-version"} <= set(found), sorted(found)


@test
def one_option_is_of_either() -> None:
    if not QEMU:
        raise Skip("qemu-system-x86_64 is not installed")
    with Machine("-engine", "qemu", "-machine", "none", "-display", "none", "-S") as vm:
        assert vm.qmp
        qmp = vm.qmp.negotiate()
        for name in ("smp-opts", "engine"):
            equal([option["option"] for option in qmp.call("query-command-line-options", option=name)], [name])
        qmp.fails("query-command-line-options", {"option": "nothing"}, pattern="nothing")


main()
