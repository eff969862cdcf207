#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Errata: explain, diff, audit and freeze report what some releases had for the same machine version."""

import glob
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, equal, main, matches, test  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Member: the last machine version that is affected, the next one, a class, the device of a VM, what affected releases had.
USO = ("pc-q35-8.1", "pc-q35-8.2", "virtio-net-device", "virtio-net-pci", "releases 8.2.0..8.2.4 and 9.0.0 had true")
KNOWN = {
    "host_uso": USO, "guest_uso4": USO, "guest_uso6": USO,
    "x-pcie-err-unc-mask": ("pc-q35-7.2", "pc-q35-8.0", "nvme", "nvme,serial=1", "release 8.0.0 had true"),
    "vectors": ("pc-q35-7.1", "pc-q35-7.2", "virtio-rng-pci", "virtio-rng-pci", "release 7.2.0 had 2"),
    "x-scanout-vmstate-version": ("pc-q35-8.2", "pc-q35-9.0", "virtio-gpu-device", "virtio-gpu-pci", "release 9.0.0 had 2"),
    "msix-exclusive-bar": ("pc-q35-5.2", "pc-q35-6.0", "nvme", "nvme,serial=1",
                           "releases 6.0.0..7.2.10 and 8.0.0..8.2.2 had false"),
    "aw-bits": ("pc-q35-9.1", "pc-q35-9.2", "intel-iommu", "intel-iommu", "release 9.2.0 had 48"),
    "x-ats-page-aligned": ("pc-q35-5.1", "pc-q35-5.2", "virtio-net-pci", "virtio-net-pci", "release 5.2.0 had true"),
    "migrate-clk": ("virt-5.1", "virt-5.2", "pl011", "", "release 5.2.0 had true"),
    "seqpacket": ("pc-q35-6.0", "pc-q35-6.1", "vhost-vsock-device", "vhost-vsock-pci,guest-cid=3", 'release 6.1.0 had "auto"'),
    "vdagent-migration-blocked": ("pc-q35-10.0", "pc-q35-10.1", "pc-q35", "", "release 10.1.0 had false"),
}


def vintage(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=False)


def vm(name: str) -> list[str]:
    machine, _, _, device, _ = KNOWN[name]
    target = ["-target", "aarch64"] if machine.startswith("virt-") else []
    return ["--", *target, "-machine", machine, *(["-device", f"{device},id=one"] if device else [])]


@test
def each_erratum_has_a_case() -> None:
    """each erratum of the schema that names releases is tested here"""
    found = set()
    for path in glob.glob(os.path.join(ROOT, "schema", "**", "*.json"), recursive=True):
        with open(path, encoding="utf-8") as stream:
            name, text = "", stream.read()
        if "'releases': [" not in text:
            continue
        for line in text.splitlines():
            member = re.match(r"\s+'\*?([\w-]+)': \{ (?:'type'|'machine')|\{ 'timeline': '(\w+)'", line)
            name = (member[1] or member[2]) if member else name
            if "'erratum': { 'releases'" in line:
                found |= {"host_uso", "guest_uso4", "guest_uso6"} if name == "VirtioNetUso" else {name}
    equal(found, set(KNOWN))


@test
def explain_reports_errata() -> None:
    """explain reports what affected releases had"""
    for name in KNOWN:
        if KNOWN[name][3]:
            done = vintage("explain", f"one.{name}", *vm(name))
            equal((done.returncode, done.stderr), (0, ""), name)
            matches(done.stdout, re.escape(KNOWN[name][4]))


@test
def audit_lists_errata() -> None:
    """audit lists the values of a VM that affected releases had otherwise, and no others"""
    for name in KNOWN:
        machine, _, _, device, had = KNOWN[name]
        if device or machine.startswith("pc-"):
            done = vintage("audit", "--json", *vm(name))
            equal((done.returncode, done.stderr), (0, ""), name)
            rows = [row for row in json.loads(done.stdout)["errata"] if row["property"] == name]
            equal([row["object"] for row in rows], ["one" if device else "/machine"], name)
            matches(rows[0]["why"], re.escape(had))
            matches(vintage("audit", *vm(name)).stdout, rf"{name} .*{re.escape(had)}")
    equal(vintage("audit", "--", "-machine", "pc-q35-11.1", "-device", "virtio-net-pci").stdout, "no errata\n")


@test
def a_given_value_is_no_erratum() -> None:
    """audit omits a value that the configuration gives"""
    done = vintage("audit", "--json", "--", "-machine", "pc-q35-9.1", "-device", "intel-iommu,id=one,aw-bits=48")
    equal([row["property"] for row in json.loads(done.stdout)["errata"] if row["property"] == "aw-bits"], [])


@test
def diff_reports_errata() -> None:
    """diff reports an erratum of the older machine version"""
    for name, (before, after, kind, _, had) in KNOWN.items():
        target = ["--target", "aarch64"] if before.startswith("virt-") else []
        done = vintage("diff", "--json", *target, "--machine", f"{before}..{after}", kind)
        equal((done.returncode, done.stderr), (0, ""), name)
        changes = json.loads(done.stdout)["changes"]
        matches(next(of[name] for of in changes.values() if name in of)["erratum"], re.escape(had))


@test
def freeze_mentions_errata() -> None:
    """freeze reports that it made a value explicit that some releases had otherwise"""
    done = vintage("freeze", *vm("aw-bits"))
    equal(done.returncode, 0)
    matches(done.stderr, r"^vintage: note: some releases had other values for \d+ of these defaults; 'vintage audit' lists them$")
    equal(vintage("freeze", "--", "-machine", "pc-q35-11.1").stderr, "")


if __name__ == "__main__":
    main()
