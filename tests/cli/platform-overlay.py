#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--platform-version host, newest and FILE: platform overlays, which state how the version of a vendor differs."""

import json
import os
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, equal, main, matches, test, tool, tool_json, write_file  # noqa: E402

SEV = ["-machine", "pc-q35-9.0", "-object", "sev-guest,id=s,cbitpos=51,reduced-phys-bits=1"]
NIC = ["-machine", "pc-q35-9.0", "-netdev", "tap,id=t", "-device", "virtio-net-pci,netdev=t,id=n"]
DEFAULT = {"driver": "sev-guest", "property": "legacy-vm-type", "value": "off", "why": "ported back"}
OVERLAY = {"platform": "rhel-9.4", "base": "8.2", "adds": ["sev-init2"], "lacks": ["tun-uso"], "defaults": [DEFAULT]}


def overlay(directory: str, **members: object) -> str:
    return write_file(directory, "overlay.json", json.dumps({**OVERLAY, **members}))


def explained(place: str, *argv: str) -> Any:
    """What 'explain' says of OBJECT.MEMBER."""
    name, member = place.split(".")
    return tool_json("explain", "--json", place, *argv)["objects"][name]["properties"][member]


@test
def an_overlay_changes_defaults_and_says_so() -> None:
    with tempfile.TemporaryDirectory() as directory:
        pinned = ["--platform-version", overlay(directory), "--"]
        base = ["--platform-version", "8.2", "--"]
        one = explained("s.legacy-vm-type", *pinned, *SEV)
        equal((one["value"], one["from"], one["since"], one["why"]), ("off", "platform", "rhel-9.4", "ported back"))
        equal(explained("n.host_uso", *pinned, *NIC)["value"], False)
        equal(explained("s.legacy-vm-type", *base, *SEV)["value"], "on")
        equal(explained("n.host_uso", *base, *NIC)["value"], True)
        # A user's value and -global come before it.
        given = explained("s.legacy-vm-type", *pinned, *SEV, "-global", "sev-guest.legacy-vm-type=auto")
        equal((given["value"], given["from"]), ("auto", "global"))
        given = explained("s.legacy-vm-type", *pinned, *SEV[:-1], SEV[-1] + ",legacy-vm-type=on")
        equal((given["value"], given["from"]), ("on", "explicit"))


@test
def the_checks_are_those_of_versions() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = overlay(directory)
        old = write_file(directory, "old.json", '{"sev-init2": "no", "tun-uso": "no"}')
        done = tool("check", "--check-host", "--probe-file", old, "--platform-version", path, "--", *SEV)
        equal((done.returncode, done.stdout), (1, ""))
        matches(done.stderr, r"legacy-vm-type=off requires platform feature 'sev-init2'.*legacy-vm-type=on\n\Z")
        # It lacks USO, so a host without it is good enough.
        equal(tool("check", "--check-host", "--probe-file", old, "--platform-version", path, "--", *NIC).returncode, 0)
        equal(tool("check", "--check-host", "--probe-file", old, "--platform-version", "8.2", "--", *NIC).returncode, 1)


@test
def hosts_are_checked_and_planned_for_an_overlay() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = overlay(directory)
        old = write_file(directory, "old", '{"sev-init2": "no", "tun-uso": "no", "kvm-split-irqchip": "yes"}')
        argv = ["platform", "check", "--json", "--platform-version"]
        for version, features in ((path, {"sev-init2"}), ("8.2", {"tun-uso"})):
            done = tool(*argv, version, "--probe-file", old)
            row = json.loads(done.stdout)["versions"][0]
            equal(({one["feature"] for one in row["unmet"] if one["answer"] == "no"}, row["version"]), (features, version))
        for vm, status, override in ((NIC, 0, []), (SEV, 1, ["-object sev-guest,id=s,…,legacy-vm-type=on"])):
            done = tool(*argv, path, "--probe-file", old, "--", *vm)
            rows = json.loads(done.stdout)["versions"]
            equal(([one["override"] for one in rows[0]["unmet"]], done.returncode), (override, status))
        rows = tool_json("platform", "plan", "--json", "--schema", path, "--probe-file", old, "--", *NIC)
        equal([(row["where"], row.get("use")) for row in rows if row["where"] == "rhel-9.4"],
              [("rhel-9.4", "--platform-version rhel-9.4")])


@test
def a_program_runs_with_an_overlay() -> None:
    with tempfile.TemporaryDirectory() as directory:
        with Machine("-machine", "none", "-platform-version", overlay(directory)) as machine:
            assert machine.qmp
            platform = machine.qmp.negotiate().call("query-platform")
            equal((platform["version"], platform["pinned"]), ("rhel-9.4", True))
        with Machine("-machine", "none", "-platform-version", "host") as machine:
            assert machine.qmp
            platform = machine.qmp.negotiate().call("query-platform")
            equal((platform["version"], platform["pinned"]), ("11.1", False))


@test
def a_frozen_file_needs_no_overlay() -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "frozen.json")
        vm = ["-machine", "pc-q35-9.0", "-nodefaults", *SEV[2:]]
        equal(tool("freeze", "--platform-version", overlay(directory), "-o", file, "--", *vm).returncode, 0)
        got = tool_json("resolve", "--json", file)["objects"]["s"]["properties"]["legacy-vm-type"]
        equal(got, "off")


@test
def a_wrong_overlay_is_one_line() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for members, wrong in (
                ({"base": "8.9"}, "base: unknown platform version '8.9'"),
                ({"adds": ["tun-usO"]}, "adds: unknown platform feature 'tun-usO'; did you mean 'tun-uso'?"),
                ({"adds": ["vhost-net"]}, "adds: 'vhost-net' changes nothing: version 8.2 has it"),
                ({"lacks": ["iommufd"]}, "lacks: 'iommufd' changes nothing: version 8.2 lacks it"),
                ({"defaults": [{**DEFAULT, "driver": "sev-gest"}]}, "defaults[0]: unknown class 'sev-gest'"),
                ({"defaults": [{**DEFAULT, "property": "policy", "value": "1"}]},
                 "defaults[0]: the default of sev-guest.policy is not on the platform axis"),
                ({"defaults": [{**DEFAULT, "property": "policy", "value": "x"}]}, "defaults[0]"),
                ({"defalts": []}, "1:"), ({"platform": 3}, "1:")):
            path = overlay(directory, **members)
            done = tool("check", "--platform-version", path, "--", *SEV)
            equal((done.returncode, done.stdout), (1, ""), wrong)
            assert done.stderr.startswith(f"vintage: {path}:") and wrong in done.stderr, done.stderr
            equal(done.stderr.count("\n"), 1)
        matches(tool("check", "--platform-version", "no/where.json", "--", *SEV).stderr,
                r"\Avintage: no/where\.json: cannot be read: [^\n]*\n\Z")
        matches(tool("check", "--platform-version", "8", "--", *SEV).stderr, "expected 7.2 to 11.1, newest, host, or")


@test
def host_is_chosen_and_newest_is_not() -> None:
    with tempfile.TemporaryDirectory() as directory:
        old = write_file(directory, "old.json", '{"sev-init2": "no"}')
        for version, value in (("host", "on"), ("newest", "off")):
            pinned = ["--probe-file", old, "--platform-version", version, "--"]
            equal(explained("s.legacy-vm-type", *pinned, *SEV)["value"], value, version)


main()
