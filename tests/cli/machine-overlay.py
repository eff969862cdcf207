#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Machine overlays: files that state how the machine of a vendor differs, by --schema, -schema and $VINTAGE_SCHEMA_PATH."""

import json
import os
import shutil
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import (TOOL, VM, Machine, Skip, equal, main, matches, run, test, tool, tool_json,  # noqa: E402
                          write_file)

NAME = "pc-q35-8.2+pve1"
QUEUES = {"driver": "virtio-blk-device", "property": "num-queues", "value": "2", "why": "one queue for each I/O thread"}
SLOTS = {"driver": "ICH9-LPC", "property": "x-keep-pci-slot-hpc", "value": "off", "why": "hot-plug goes through ACPI"}
OVERLAY = {"machine": NAME, "base": "pc-q35-8.2", "defaults": [QUEUES]}
DISK = ["-blockdev", "null-co,node-name=n", "-device", "virtio-blk-pci,id=d,drive=n"]


def overlay(directory: str, name: str = "pve1.json", **members: object) -> str:
    return write_file(directory, name, json.dumps({**OVERLAY, **members}))


def queues(*argv: str) -> Any:
    return tool_json("explain", "--json", "d.num-queues", *argv)["objects"]["d"]["properties"]["num-queues"]


@test
def every_command_knows_the_machine() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = overlay(directory)
        vm = ["--", "-machine", NAME, *DISK]
        one = queues("--schema", path, "d.num-queues", *vm)
        equal((one["value"], one["from"], one["since"], one["why"]), (2, "machine", NAME, QUEUES["why"]))
        equal(queues("--schema", path, "--", "-machine", "pc-q35-8.2", *DISK)["value"], "auto")
        equal(queues("--schema", path, *vm, "-global", "virtio-blk-device.num-queues=3")["from"], "global")
        # The option of the program, and the environment.
        equal(queues("--", "-schema", path, *vm[1:])["value"], 2)
        equal(json.loads(run("/usr/bin/env", f"VINTAGE_SCHEMA_PATH={directory}:", TOOL, "resolve", "--json", *vm).stdout)
              ["machine"], NAME)
        equal(tool("check", "--schema", path, *vm).returncode, 0)
        rows = tool_json("diff", "--json", "--schema", path, "--machine", f"pc-q35-8.2..{NAME}", "--", *vm[3:])
        assert "num-queues" in json.dumps(rows) and QUEUES["why"] in json.dumps(rows), rows
        matches(tool("history", "--schema", path, NAME).stdout, rf"\A{NAME.replace('+', '.')}: machine")
        help_text = run(VM, "-schema", path, "-machine", "help").stdout
        matches(help_text, r"pc-q35-8\.2\+pve1 +pc-q35-8\.2 with other defaults \(.*pve1\.json\)\n")
        equal(run(VM, "-machine", "help").stdout.count("pve1"), 0)


@test
def a_frozen_file_has_the_values_and_the_name() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path, frozen = overlay(directory), os.path.join(directory, "frozen")
        done = tool("freeze", "--schema", path, "-o", frozen, "--", "-nodefaults", "-machine", NAME, *DISK)
        equal(done.returncode, 0, done.stderr)
        matches(done.stdout, rf"frozen: {NAME.replace('+', '.')} on")
        equal(tool_json("resolve", "--json", "--schema", path, frozen)["objects"]["d"]["properties"]["num-queues"], 2)
        matches(tool("check", frozen).stderr, r"unknown machine 'pc-q35-8\.2\+pve1'; did you mean 'pc-q35-8\.2'\? A")


@test
def overlays_build_on_overlays() -> None:
    with tempfile.TemporaryDirectory() as directory:
        overlay(directory, "b.json")
        overlay(directory, "a.json", machine="pc-q35-8.2+pve2", base=NAME, defaults=[{**QUEUES, "value": "4"}, SLOTS])
        vm = ["--", "-machine", "pc-q35-8.2+pve2", *DISK]
        equal(queues("--schema", directory, *vm)["value"], 4)
        equal(queues("--schema", directory, *vm)["since"], "pc-q35-8.2+pve2")


@test
def a_running_vm_lists_it() -> None:
    with tempfile.TemporaryDirectory() as directory:
        with Machine("-schema", overlay(directory), "-machine", NAME, "-nodefaults", *DISK) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            row = [one for one in qmp.call("query-machines", **{"compat-props": True}) if one["name"] == NAME][0]
            assert {"qom-type": "virtio-blk-device", "property": "num-queues", "value": "2"} in row["compat-props"]
            equal(qmp.call("qom-get", path="/machine/peripheral/d", property="num-queues"), 2)


@test
def an_engine_gets_the_base_and_the_values() -> None:
    if not shutil.which("qemu-system-x86_64"):
        raise Skip("qemu-system-x86_64 is not installed")
    with tempfile.TemporaryDirectory() as directory:
        path = overlay(directory, machine="pc-q35-7.2+pve1", base="pc-q35-7.2")
        done = tool("argv", "--schema", path, "--", "-engine", "qemu", "-machine", "pc-q35-7.2+pve1", "-nodefaults", *DISK)
        equal(done.returncode, 0, done.stderr)
        matches(done.stdout, r"pc-q35-7\.2(?!\+)")
        matches(done.stdout, r'num-queues["=:]+2')


@test
def a_wrong_overlay_is_one_line() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for members, wrong in (
                ({"base": "pc-q35-8.9"}, "base: unknown machine 'pc-q35-8.9'; did you mean 'pc-q35-8.2'?"),
                ({"base": "q35"}, "base: 'q35' is an alias, which names another machine later; expected 'pc-q35-"),
                ({"base": NAME}, f"base: unknown machine '{NAME}'; did you mean 'pc-q35-8.2'?"),
                ({"machine": "pc-q35-9.0"}, "machine: 'pc-q35-9.0' exists"),
                ({"machine": "a b"}, "machine: 'a b' is no name: expected letters"),
                ({"target": "x86"}, "target: unknown target 'x86'"),
                ({"defaults": [{**QUEUES, "driver": "virtio-blk-devise"}]},
                 "defaults[0]: unknown class 'virtio-blk-devise'; did you mean 'virtio-blk-device'?"),
                ({"defaults": [{**QUEUES, "property": "num-queue"}]}, "has no member 'num-queue'; did you mean 'num-queues'?"),
                ({"defaults": [{**QUEUES, "value": "x"}]}, "defaults[0]: "),
                ({"defaults": [{**QUEUES, "value": "auto"}]},
                 "defaults[0]: 'auto' of virtio-blk-device.num-queues changes nothing: 'pc-q35-8.2' has it"),
                ({"defaults": [{**QUEUES, "why": ""}]}, "defaults[0]: why: expected the reason, got an empty text"),
                ({"defaults": [QUEUES, QUEUES]}, "defaults[1]: virtio-blk-device.num-queues is in defaults[0], too"),
                ({"defaults": [{"driver": "sev-guest", "property": "legacy-vm-type", "value": "on", "why": "w"}]},
                 "defaults[0]: the default of sev-guest.legacy-vm-type is on the platform axis; expected a platform"),
                ({"defaults": [{"driver": "memory-backend-ram", "property": "prealloc", "value": "on", "why": "w"}]},
                 "defaults[0]: 'memory-backend-ram' is a backend, whose defaults do not depend on the machine"),
                ({"defalts": []}, "1:"), ({"machine": 3}, "expected an object with 'machine' or 'platform'")):
            path = overlay(directory, **members)
            done = tool("check", "--schema", path, "--", "-machine", "q35")
            equal((done.returncode, done.stdout), (1, ""), wrong)
            assert done.stderr.startswith(f"vintage: {path}:") and wrong in done.stderr, done.stderr
            equal(done.stderr.count("\n"), 1)
        matches(tool("check", "--schema", "no/where", "--", "-machine", "q35").stderr,
                r"\Avintage: no/where: cannot be read: [^\n]*\n\Z")
        one, two = overlay(directory, "one.json"), overlay(directory, "two.json")
        matches(tool("check", "--schema", one, "--schema", two, "--", "-machine", "q35").stderr,
                r"two\.json: machine: '.*' exists: .*one\.json")


@test
def a_platform_of_a_file_has_a_name() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "rhel.json", json.dumps({"platform": "rhel-9.4", "base": "8.2", "lacks": ["tun-uso"]}))
        nic = ["--", "-machine", "pc-q35-9.0", "-netdev", "tap,id=t", "-device", "virtio-net-pci,netdev=t,id=n"]
        argv = ["resolve", "--json", "--platform-version", "rhel-9.4"]
        equal(tool_json(*argv, "--schema", path, *nic)["objects"]["n"]["properties"]["host_uso"], False)
        matches(tool(*argv, *nic).stderr, "unknown platform version 'rhel-9.4'")


main()
