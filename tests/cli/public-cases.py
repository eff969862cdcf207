#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Questions that operators of QEMU asked in public: each answer has at most five lines, and says what to do."""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, equal, main, matches, run, test, write_file  # noqa: E402

LINES_MAX = 5


def answer(status: int, *words: str) -> str:
    done = run(TOOL, *words)
    equal(done.returncode, status, done.stderr)
    text = done.stdout + done.stderr
    assert 0 < text.count("\n") <= LINES_MAX, text
    return text


@test
def kubevirt_needs_uso_and_the_host_lacks_it() -> None:
    with tempfile.TemporaryDirectory() as directory:
        vm = write_file(directory, "vm.json", json.dumps({
            "machine": {"type": "pc-q35-9.2"}, "netdev": [{"type": "tap", "id": "t"}],
            "device": [{"driver": "virtio-net-pci", "id": "net", "netdev": "t"}]}))
        host = write_file(directory, "node.json", '{"tun-uso": "no", "tun-udp-tunnel": "no"}')
        text = answer(1, "check-migration", vm, "--host", host)
        matches(text, r"\Ano\ntun-uso: no on \S+node\.json: net\.host_uso, ")
        matches(text, r"\nuse --platform-version 8\.1, which all of them support\n\Z")
        equal(answer(0, "check-migration", "--platform-version", "8.1", vm, "--host", host), "yes\n")


@test
def an_alias_moves_with_the_release() -> None:
    for alias, family in (("q35", "pc-q35"), ("pc", "pc-i440fx")):
        text = answer(0, "history", alias)
        matches(text, rf"\A{alias}: machine {family}-11\.1\n")
        matches(text, rf"\neach release gives '{alias}' to its newest version; .* name '{family}-11\.1', or freeze the VM\n\Z")
        with tempfile.TemporaryDirectory() as directory:
            kept = os.path.join(directory, "kept.json")
            text = answer(0, "upgrade", "--release", "8.2", "--accept-fixed", "-o", kept, "--", "-machine", alias)
            matches(text, rf"\A{family}-8\.2 on platform version 8\.2 to {family}-11\.1 on .*: \d+ kept, ")
            matches(text, rf"\n\S+kept\.json: {family}-11\.1; \d+ pinned, .*\n\Z")


@test
def a_machine_of_proxmox_is_stated_or_replaced() -> None:
    text = answer(1, "check", "--", "-machine", "pc-q35-8.2+pve1")
    matches(text, r"did you mean 'pc-q35-8\.2'\? A machine overlay .* can state how that of a vendor differs\n\Z")
    with tempfile.TemporaryDirectory() as directory:
        overlay = write_file(directory, "pve1.json", '{"machine": "pc-q35-8.2+pve1", "base": "pc-q35-8.2", "defaults": []}')
        matches(answer(0, "check", "--schema", overlay, "--", "-machine", "pc-q35-8.2+pve1"), r"\Avalid")


@test
def a_windows_guest_keeps_its_hot_plug() -> None:
    text = answer(0, "diff", "pc-q35-6.0..6.1", "ICH9-LPC.acpi-*")
    matches(text, r"(?m)^  acpi-pci-hotplug-with-bridge-support +off +on +6\.1 +ICH9-LPC$")
    with tempfile.TemporaryDirectory() as directory:
        kept = os.path.join(directory, "kept.json")
        matches(answer(0, "upgrade", "--machine", "pc-q35-6.1", "--accept-fixed", "-o", kept, "--", "-machine", "pc-q35-6.0"),
                r"\Apc-q35-6\.0 to pc-q35-6\.1: \d+ kept, ")
        with open(kept, encoding="utf-8") as file:
            pinned = json.load(file)["global"]
        assert {"driver": "ICH9-LPC", "property": "acpi-pci-hotplug-with-bridge-support", "value": "off"} in pinned, pinned


main()
