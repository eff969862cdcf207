#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage upgrade: the new file has the new machine, and its guest sees what it saw, except for what the user accepts."""

import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import command_lines  # noqa: E402
import vms  # noqa: E402
from vintage_test import (  # noqa: E402
    TOOL, equal, main, matches, run, sampled, test, tool, tool_json, write_file)

OLD, NEW = "pc-q35-6.2", "pc-q35-11.1"
Q35 = ["-machine", OLD, "-nodefaults", "-vga", "std", "-smp", "2", "-blockdev", "null-co,node-name=d", "-netdev", "user,id=n",
       "-device", "virtio-rng-pci", "-device", "virtio-rng-pci", "-device", "virtio-blk-pci,drive=d",
       "-device", "virtio-net-pci,netdev=n,id=net", "-device", "qemu-xhci"]
# No option of QEMU sets them.
FIXED = {"smp-max-cpus", "vc-encoding", "vdagent-migration-blocked", "smbios-memory-device-size", "isa-bios-alias",
         "broken-32bit-mem-addr-check", "enforce-amd-1tb-hole", "legacy-no-rng-seed"}
DOMAIN = """<domain type='qemu'><name>v</name><memory unit='MiB'>512</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='{machine}'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
</devices></domain>
"""


def pairs(changes: dict, *fates: str) -> set[tuple[str, str]]:
    """The changes as (object, property), of the fates or all; an object that appears or ends has no property."""
    found = {(key, name) for key, rows in changes["changes"].items() for name, row in rows.items()
             if not fates or row["fate"] in fates}
    return found | {(key, "") for key, row in changes["objects"].items() if not fates or row["fate"] in fates}


def upgrade(path: str, *words: str) -> dict:
    done = run(TOOL, "upgrade", "--json", "-o", path, *words)
    equal((done.returncode, done.stderr), (0, ""), str(words))
    return json.loads(done.stdout)


def guest_sees_what_is_accepted(old: list[str], new: str, result: dict, target: str = "x86_64") -> None:
    """@old: the VM, as words of a comparison with the file @new."""
    matches(run(TOOL, "check", "--target", target, new).stdout, r"\Avalid")
    for settled in ([], ["--settled"]):
        seen = json.loads(run(TOOL, "diff", "--json", "--guest-visible", *settled, "--target", target, new, *old).stdout)
        beyond = pairs(seen) - pairs(result, "accepted")
        # What follows from an accepted change is not configured.
        if not settled or not pairs(result, "accepted") - {("/machine", name) for name in FIXED}:
            equal(beyond, set(), f"{old} {settled}")


def upgrades(target: str, argv: list[str]) -> dict:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "new.json")
        result = upgrade(path, "--accept-fixed", "--target", target, "--", *argv)
        guest_sees_what_is_accepted(["--", *argv], path, result, target)
        return result


@test
def the_guest_sees_what_it_saw() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "new.json")
        result = upgrade(path, "--accept-fixed", "--", *Q35)
        guest_sees_what_is_accepted(["--", *Q35], path, result)
        equal(pairs(result, "accepted"), {("/machine", name) for name in FIXED})
        equal((result["from"]["machine"], result["to"]["machine"], result["path"]), (OLD, NEW, path))
        with open(path, encoding="utf-8") as file:
            new = json.load(file)
    equal(new["machine"], {"type": NEW, "smbios-entry-point-type": "32"})
    # Objects without an id are pinned, too; those that the machine makes have a -global.
    assert all(device["x-pcie-ext-tag"] is False for device in new["device"]), new
    equal([device.get("vectors") for device in new["device"]], [0, 0, None, None, None])
    assert {"driver": "VGA", "property": "x-pcie-ext-tag", "value": "off"} in new["global"], new["global"]
    equal(len(pairs(result, "kept")), 32)


@test
def vms_of_other_tests_keep_their_guests() -> None:
    for name, vm in vms.VMS.items():
        for version in ("pc-q35-3.1", "pc-q35-8.2"):
            old = dict(vm, machine={**vm["machine"], "type": version})
            argv = vms.flat(vms.options(old, "json"))
            if run(TOOL, "check", "--", *argv).returncode == 0:
                result = upgrades("x86_64", argv)
                assert pairs(result, "kept"), name


def of_data(lines: dict[str, dict], step: int) -> None:
    for name, line in sampled(list(lines.items()), step):
        argv = command_lines.argv_of(line)
        if run(TOOL, "check", "--target", line["target"], "--", *argv).returncode:
            continue
        done = run(TOOL, "upgrade", "--target", line["target"], "--", *argv)
        if done.returncode:
            # The new machine lacks what the old one has.
            matches(done.stderr, r"\A(vintage: .*not supported by machine.*\n)+\Z")
        else:
            upgrades(line["target"], argv)


@test
def command_lines_of_people_keep_their_guests() -> None:
    of_data(command_lines.resolving(), 6)


@test
def command_lines_of_libvirt_keep_their_guests() -> None:
    of_data(command_lines.of_libvirt(), 12)


@test
def the_user_accepts_by_patterns() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "new.json")
        words = ["--accept-fixed", "--accept", "*.x-pcie-*", "--accept", "net.guest_uso?", "--accept", "qemu-xhci"]
        result = upgrade(path, *words, "--", *Q35)
        guest_sees_what_is_accepted(["--", *Q35], path, result)
        accepted = pairs(result, "accepted")
        assert {("net", "guest_uso4"), ("net", "guest_uso6"), ("net", "x-pcie-ext-tag")} <= accepted, accepted
        assert ("net", "host_uso") in pairs(result, "kept")
        every = upgrade(path, "--accept-all", "--", *Q35)
        with open(path, encoding="utf-8") as file:
            equal(json.load(file)["machine"], {"type": NEW})
        equal(pairs(every, "kept", "fixed"), set())
        equal(pairs(every), pairs(tool_json("diff", "--json", f"{OLD}..{NEW}", "--", *Q35)))
    done = tool("upgrade", "--accept", "*.num-quues", "--", *Q35)
    equal((done.returncode, done.stdout), (1, ""))
    matches(done.stderr, r"\Avintage: --accept: '\*\.num-quues' selects no change; expected .*\n\Z")


@test
def what_no_option_keeps_must_be_accepted() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "new.json")
        done = tool("upgrade", "-o", path, "--", *Q35)
        equal((done.returncode, done.stdout), (1, ""))
        matches(done.stderr, r"\Avintage: nothing written: no option keeps 8 of the values .* "
                             r"--accept-fixed, or each with --accept, as in --accept 'machine\.[\w-]+'\n\Z")
        assert not os.path.exists(path)
        each = [word for name in FIXED for word in ("--accept", f"machine.{name}")]
        equal(pairs(upgrade(path, *each, "--", *Q35), "accepted"), {("/machine", name) for name in FIXED})
    # Without a file to write, it is a report.
    text = tool("upgrade", "--", *Q35).stdout
    matches(text, rf"\A{OLD} to {NEW}: 32 kept, 0 accepted, 8 that no option keeps; 0 of the host only\n")
    matches(text, r"(?m)^The guest sees, as no option keeps the old value:\n  smp-max-cpus +288 +4096 +9\.0 +/machine$")


@test
def answers_are_read_from_a_pipe() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "new.json")

        def ask(answers: str) -> tuple[int, str, str]:
            done = run(TOOL, "upgrade", "--interactive", "-o", path, "--", *Q35, stdin=answers)
            return done.returncode, done.stdout, done.stderr

        status, _, errors = ask("n\n" + "\n" * 12 + "y\n" * 8)
        equal(status, 0, errors)
        equal((errors.count("keep the old value? [Y/n/q]"), errors.count("accept the new one? [y/N/q]")), (13, 8), errors)
        seen = tool_json("diff", "--json", "--guest-visible", path, "--", *Q35)
        equal(pairs(seen), {("/machine", name) for name in FIXED | {"smbios-entry-point-type"}})
        os.unlink(path)
        for answers, expected in (("y\nq\n", "nothing written: ended by the user"), ("", "nothing written: ended by the user"),
                                  ("\n" * 13 + "n\n" * 8, "nothing written: no option keeps 8"),
                                  ("what\nq\n", "expected y, n, or q to end")):
            status, _, errors = ask(answers)
            equal(status, 1)
            matches(errors, expected)
            assert not os.path.exists(path)


@test
def a_frozen_file_changes_its_machine_only() -> None:
    with tempfile.TemporaryDirectory() as directory:
        frozen, path = os.path.join(directory, "frozen.json"), os.path.join(directory, "new.json")
        tool("freeze", "-o", frozen, "--", *Q35)
        result = upgrade(path, frozen)
        equal((pairs(result, "fixed", "host"), result["to"]["machine"]), (set(), NEW))
        equal(tool_json("diff", "--json", "--guest-visible", frozen, path)["changes"], {})
        with open(path, encoding="utf-8") as file:
            new = json.load(file)
        equal((new["machine"]["type"], new["frozen"]), (NEW, "11.1"))


@test
def a_vm_has_any_form() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "new.json")
        config = write_file(directory, "vm.json", json.dumps(tool_json("convert", "--to", "config", "--", *Q35)))
        words = write_file(directory, "vm.argv", f"/usr/bin/qemu-system-x86_64 -machine {OLD} -device virtio-rng-pci\n")
        domain = write_file(directory, "vm.xml", DOMAIN.format(machine=OLD))
        equal(upgrade(path, "--accept-fixed", config)["changes"], upgrade(path, "--accept-fixed", "--", *Q35)["changes"])
        for form in (words, domain):
            result = upgrade(path, "--release", "6.2", "--accept-fixed", form)
            equal(result["to"]["machine"], NEW)
            with open(path, encoding="utf-8") as file:
                assert json.load(file)["device"], form
            equal(tool("check", path).returncode, 0)


@test
def an_alias_is_that_of_the_release() -> None:
    for name, family in (("q35", "pc-q35"), ("pc", "pc-i440fx")):
        result = tool_json("upgrade", "--json", "--release", "8.2", "--", "-machine", name)
        equal((result["from"]["machine"], result["to"]["machine"]), (f"{family}-8.2", f"{family}-11.1"))
        assert pairs(result, "kept")
        matches(tool("upgrade", "--", "-machine", name).stdout, rf"\Anothing changes from {family}-11.1 to {family}-11.1\n\Z")


@test
def the_platform_version_changes_the_host() -> None:
    sev = ["-machine", NEW, "-nodefaults", "-object", "sev-guest,id=s,cbitpos=51,reduced-phys-bits=1",
           "--platform-version", "9.0"]
    result = tool_json("upgrade", "--json", "--platform-version", "9.1", "--", *sev)
    equal((result["from"]["platform-version"], result["to"]["platform-version"]), ("9.0", "9.1"))
    equal((pairs(result, "host"), pairs(result, "kept", "fixed")), ({("s", "legacy-vm-type")}, set()))
    equal(result["host"], [{"feature": "sev-init2", "needed-by": ["s.legacy-vm-type"]}])
    equal(result["file"]["platform-version"], "9.1")
    text = tool("upgrade", "--platform-version", "9.1", "--", *sev).stdout
    matches(text, rf"\A{NEW} on platform version 9\.0 to {NEW} on platform version 9\.1: 0 kept, .*; 1 of the host only\n")
    matches(text, r"(?m)^The host must have, and need not today:\n(?: +feature.*\n)?  sev-init2 +s\.legacy-vm-type")
    # What the guest sees of a platform version is kept, too, and needs nothing of the host then.
    tap = ["-machine", "pc-q35-11.1", "-netdev", "tap,id=t", "-device", "virtio-net-pci,netdev=t,id=net",
           "--platform-version", "8.1"]
    result = tool_json("upgrade", "--json", "--platform-version", "11.1", "--", *tap)
    assert ("net", "host_uso") in pairs(result, "kept"), result
    equal(result["host"], [])
    result = tool_json("upgrade", "--json", "--accept-all", "--platform-version", "11.1", "--", *tap)
    equal([row["feature"] for row in result["host"]], ["tun-uso", "tun-udp-tunnel"])


@test
def wrong_uses_get_one_line() -> None:
    for words, status, text in (
            ([], 2, "expected one FILE.json"), (["none.json"], 1, "none.json"),
            (["--machine", "pc-i440fx-9.1", "--", *Q35], 1, "'pc-i440fx-9.1' is no version of the machine 'pc-q35'"),
            (["--machine", "pc-q35-9.9", "--", *Q35], 1, "--machine: unknown machine 'pc-q35-9.9'"),
            (["--platform-version", "1.2", "--", *Q35], 1, "1.2"),
            (["--json", "--interactive", "--", *Q35], 2, "expected --json or --interactive"),
            (["--color", "blue", "--", *Q35], 2, "--color: expected auto, always or never"),
            (["-o", "/nonexistent/new.json", "--accept-all", "--", *Q35], 1, "/nonexistent/new.json")):
        done = tool("upgrade", *words)
        equal((done.returncode, done.stdout), (status, ""), str(words))
        matches(done.stderr, re.escape(text))
        equal(done.stderr.count("\n"), 1, done.stderr)


main()
