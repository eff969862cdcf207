#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`vintage import --libvirt`: domains of libvirt, as configurations that resolve.

tests/engine/domains.json has domains of our own.  With Debian's libvirt-doc, the examples of its reference are imported,
too.  With virsh, the devices are compared with those that libvirt starts.
"""

import collections
import contextlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from vintage_test import TOOL, Skip, equal, main, run, sampled, test, write_file  # noqa: E402

CANARY = "canary-of-a-password"
REFERENCE = "/usr/share/doc/libvirt-doc/html/formatdomain.html"
with open(os.path.join(HERE, "domains.json"), encoding="utf-8") as FILE:
    DOMAINS: dict[str, dict[str, Any]] = json.load(FILE)


def document(one: dict[str, Any]) -> str:
    return (f"<domain type='{one.get('type', 'qemu')}' {one.get('root', '')}><name>d</name><memory unit='MiB'>512</memory>"
            f"<vcpu>{one.get('vcpu', 1)}</vcpu><os><type arch='{one.get('arch', 'x86_64')}' machine='{one['machine']}'>hvm</type>"
            f"{one.get('os', '')}</os><features>{one.get('features', '<acpi/>')}</features>{one['xml']}</domain>")


def imported(text: str, *options: str) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as scratch:
        return run(TOOL, "import", "--release", "7.2", "--libvirt", write_file(scratch, "domain.xml", text), *options)


def members_of(line: str) -> tuple[str, ...]:
    """An option and its members, in an order that does not depend on the schema."""
    return tuple(sorted(line.split(",")))


@test
def each_domain_becomes_its_options() -> None:
    for name, one in DOMAINS.items():
        done = imported(document(one), "--to", "argv")
        lines = {members_of(line.removesuffix(" \\")) for line in done.stdout.splitlines()}
        equal([line for line in one["argv"] if members_of(line) not in lines], [], f"{name}: {done.stdout}")
        left = [line.removeprefix("vintage: left out: ") for line in done.stderr.splitlines()]
        equal(sorted(left), sorted(one.get("left", [])), name)
        equal(done.returncode, 3 if left else 0, name)


def resolves(text: str, what: str) -> None:
    """The domain is imported, and the result is a valid VM."""
    done = imported(text)
    assert done.returncode in (0, 3), f"{what}: {done.stderr}"
    with tempfile.TemporaryDirectory() as scratch:
        checked = run(TOOL, "check", write_file(scratch, "vm.json", done.stdout))
    equal(checked.returncode, 0, f"{what}: {checked.stderr}")


@test
def each_result_is_a_valid_vm() -> None:
    for name, one in sampled(DOMAINS.items(), 4):
        resolves(document(one), name)


@test
def no_password_is_quoted_and_none_is_given_up() -> None:
    """a server that has a password in the domain accepts no client without one"""
    graphics = "".join(f"<graphics type='{kind}' port='5930' passwd='{CANARY}'/>" for kind in ("vnc", "spice"))
    done = imported(document({"machine": "pc-q35-7.2", "xml": f"<devices>{graphics}<other passwd='{CANARY}'/></devices>"}),
                    "--to", "argv")
    assert CANARY not in done.stdout + done.stderr, done.stderr
    equal(done.returncode, 3)
    for line in ("devices/graphics/@passwd", "devices/graphics[1]/@passwd", "devices/other passwd"):
        assert f"vintage: left out: {line}\n" in done.stderr, done.stderr
    assert "password=on" in done.stdout and "disable-ticketing" not in done.stdout, done.stdout


# Elements that are parts of the domain itself; others are devices.
PARTS = {
    "blkiotune", "bootloader", "clock", "cpu", "cputune", "devices", "features", "fibrechannel", "idmap", "iothreadids",
    "iothreads", "keywrap", "launchSecurity", "maxMemory", "memory", "memoryBacking", "memtune", "metadata", "name", "numatune",
    "on_poweroff", "os", "perf", "pm", "resource", "seclabel", "sysinfo", "uuid", "vcpu", "vcpus"}


def examples() -> Iterator[str]:
    """Examples of libvirt's reference: whole domains, and parts of one."""
    with open(REFERENCE, encoding="utf-8") as file:
        blocks = re.findall(r"<pre[^>]*>(.*?)</pre>", file.read(), re.S)
    for block in blocks:
        text = re.sub(r"(?m)^\s*\.\.\.\s*$", "", html.unescape(re.sub(r"<[^>]+>", "", block))).strip()
        root = re.match(r"<(\w+)", text)
        if not root or (root[1] == "domain" and "</domain>" not in text):
            continue
        whole = text if root[1] == "domain" else document(
            {"machine": "pc-q35-7.2", "type": "kvm", "xml": text if root[1] in PARTS else f"<devices>{text}</devices>"})
        with contextlib.suppress(ElementTree.ParseError):
            ElementTree.fromstring(whole)
            yield whole


@test
def examples_of_the_reference_are_imported() -> None:
    if not os.path.exists(REFERENCE):
        raise Skip("libvirt-doc is not installed")
    found = list(examples())
    assert len(found) >= 100, len(found)
    for text in sampled(found, 30, 6):
        resolves(text, text)


# Names that the two sides choose otherwise, and places that libvirt assigns.
OWN = {"id", "bus", "addr", "drive", "netdev", "chardev", "rng", "audiodev", "memdev", "bootindex", "nr", "cad", "port", "index",
       "unit", "multifunction", "fsdev", "mac", "mq", "tpmdev", "channel", "scsi-id", "lun", "share-rw", "devno"}
ADDED = {"pcie-root-port", "pcie-pci-bridge", "qemu-xhci", "piix3-usb-uhci", "ich9-usb-ehci1", "ich9-usb-uhci1", "ich9-usb-uhci2",
         "ich9-usb-uhci3", "virtio-serial-pci", "usb-ccid"}


def devices_of(text: str) -> collections.Counter:
    config = json.loads(text)
    rows = [{key: value for key, value in one.items() if key not in OWN}
            for one in config.get("device", []) if one["driver"] not in ADDED]
    return collections.Counter(json.dumps(row, sort_keys=True) for row in rows)


@test
def devices_are_those_that_libvirt_starts() -> None:
    if not shutil.which("virsh"):
        raise Skip("virsh is not installed")
    compared = 0
    for name, one in sampled(DOMAINS.items(), 8, 4):
        if one.get("arch", "x86_64") != "x86_64" or one.get("only"):
            continue
        with tempfile.TemporaryDirectory() as scratch:
            path = write_file(scratch, "domain.xml", document(one))
            native = run("virsh", "-c", f"qemu:///embed?root={scratch}/libvirt", "domxml-to-native", "qemu-argv", "--xml", path)
            if native.returncode:
                print(f"# {name}: {native.stderr.strip().splitlines()[-1]}")
                continue
            theirs = run(TOOL, "import", "--release", "7.2", "--argv", write_file(scratch, "argv", native.stdout))
            wanted = devices_of(theirs.stdout)
            equal(devices_of(imported(document(one)).stdout) - wanted, collections.Counter(), f"{name}: {list(wanted)}")
            compared += 1
    print(f"# {compared} domains compared")


@test
def a_wrong_document_is_one_line() -> None:
    for text, wanted in (("<network/>", "expected the element 'domain', got 'network'"),
                         ("<domain>", "Document ended unexpectedly"), ("", "Document was empty"),
                         ("<a>" * 70, "more than 64 elements within each other")):
        done = imported(text)
        equal((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), text)
        assert wanted in done.stderr, done.stderr


if __name__ == "__main__":
    main()
