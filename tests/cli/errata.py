#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Errata: explain, diff, audit and freeze report what some releases had for the same machine version."""

import glob
import json
import os
import re
import subprocess
import sys
from typing import NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, equal, main, matches, test  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Case(NamedTuple):
    """A member with an erratum."""

    name: str
    before: str                 # the last machine version that is affected
    after: str                  # the next one
    kind: str                   # a class with the member
    options: tuple[str, ...]    # of a VM that has it; empty: the machine itself
    had: str                    # what affected releases had
    target: str = "x86_64"

    @property
    def holder(self) -> str:
        """Its object in the answer of audit."""
        if not self.options:
            return "/machine"
        return "one" if self.options[0] == "-device" else "device[0]"

    @property
    def vm(self) -> list[str]:
        return ["--", "-target", self.target, "-machine", self.before, *self.options]


def device(text: str) -> tuple[str, ...]:
    return ("-device", f"{text},id=one")


USO = ("pc-q35-8.1", "pc-q35-8.2", "virtio-net-device", device("virtio-net-pci"), "releases 8.2.0..8.2.4 and 9.0.0 had true")
STABLE = ("pc-q35-10.0", "pc-q35-10.1", "qemu64-x86_64-cpu", ("-smp", "1", "-cpu", "qemu64"),
          "releases 10.0.4..10.0.5 and 10.1.0..10.1.1 had false")
CASES = [
    Case("host_uso", *USO), Case("guest_uso4", *USO), Case("guest_uso6", *USO),
    Case("x-pcie-err-unc-mask", "pc-q35-7.2", "pc-q35-8.0", "nvme", device("nvme,serial=1"), "release 8.0.0 had true"),
    Case("vectors", "pc-q35-7.1", "pc-q35-7.2", "virtio-rng-pci", device("virtio-rng-pci"), "release 7.2.0 had 2"),
    Case("vectors", "pc-q35-5.2", "pc-q35-6.0", "virtio-net-pci-transitional", device("virtio-net-pci-transitional"),
         'releases 6.0.0..6.1.1 had "auto"'),
    Case("vectors", "pc-q35-5.2", "pc-q35-6.0", "virtio-net-pci-non-transitional", device("virtio-net-pci-non-transitional"),
         'releases 6.0.0..6.1.1 had "auto"'),
    Case("x-scanout-vmstate-version", "pc-q35-8.2", "pc-q35-9.0", "virtio-gpu-device", device("virtio-gpu-pci"),
         "release 9.0.0 had 2"),
    Case("msix-exclusive-bar", "pc-q35-5.2", "pc-q35-6.0", "nvme", device("nvme,serial=1"),
         "releases 6.0.0..7.2.10 and 8.0.0..8.2.2 had false"),
    Case("aw-bits", "pc-q35-9.1", "pc-q35-9.2", "intel-iommu", device("intel-iommu"), "release 9.2.0 had 48"),
    Case("x-ats-page-aligned", "pc-q35-5.1", "pc-q35-5.2", "virtio-net-pci", device("virtio-net-pci"), "release 5.2.0 had true"),
    Case("migrate-clk", "virt-5.1", "virt-5.2", "pl011", (), "release 5.2.0 had true", "aarch64"),
    Case("seqpacket", "pc-q35-6.0", "pc-q35-6.1", "vhost-vsock-device", device("vhost-vsock-pci,guest-cid=3"),
         'release 6.1.0 had "auto"'),
    Case("vdagent-migration-blocked", "pc-q35-10.0", "pc-q35-10.1", "pc-q35", (),
         "releases 10.1.0..10.1.3 and 10.2.0 had false"),
    Case("css-migration-enabled", "s390-ccw-virtio-11.0", "", "s390-ccw-virtio", (),
         "releases 9.1.0..9.1.2 and 9.2.0 had false", "s390x"),
    Case("default-cpu-type", "pseries-8.2", "pseries-9.0", "pseries", (),
         'releases 9.0.0..9.2.2 had "power10_v2.0-powerpc64-cpu"', "ppc64"),
    Case("x-migrate-error-code", "pc-q35-10.1", "pc-q35-10.2", "qemu64-x86_64-cpu", ("-smp", "1", "-cpu", "qemu64"),
         "release 10.2.0 had true"),
    Case("x-pdcm-on-even-without-pmu", *STABLE), Case("x-arch-cap-always-on", *STABLE),
]


def vintage(*arguments: str) -> subprocess.CompletedProcess[str]:
    if "--" in arguments:
        after = arguments.index("--") + 1
        arguments = (*arguments[:after], "-nodefaults", *arguments[after:])
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=False)


OF_TIMELINES = {"VirtioNetUso": {"host_uso", "guest_uso4", "guest_uso6"}, "VirtioNetVariantVectors": {"vectors"}}


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
                found |= OF_TIMELINES.get(name, {name})
    equal(found, {case.name for case in CASES})


@test
def explain_reports_errata() -> None:
    """explain reports what affected releases had"""
    for case in CASES:
        if case.options[:1] == ("-device",):
            done = vintage("explain", f"one.{case.name}", *case.vm)
            equal((done.returncode, done.stderr), (0, ""), case)
            matches(done.stdout, re.escape(case.had))


@test
def audit_lists_errata() -> None:
    """audit lists the values of a VM that affected releases had otherwise, and no others"""
    for case in CASES:
        if case.kind == "pl011":
            continue
        done = vintage("audit", "--json", *case.vm)
        equal((done.returncode, done.stderr), (0, ""), case)
        rows = [row for row in json.loads(done.stdout)["errata"] if row["property"] == case.name]
        equal([row["object"] for row in rows], [case.holder], case)
        matches(rows[0]["why"], re.escape(case.had))
        matches(vintage("audit", *case.vm).stdout, rf"{case.name} .*{re.escape(case.had)}")
    equal(vintage("audit", "--", "-machine", "pc-q35-11.1", "-device", "virtio-net-pci").stdout, "no errata\n")


@test
def only_affected_versions_are_listed() -> None:
    """audit of the next machine version lists the member no longer"""
    for case in CASES:
        if case.after and case.kind != "pl011":
            done = vintage("audit", "--json", "--", "-target", case.target, "-machine", case.after, *case.options)
            equal((done.returncode, [row for row in json.loads(done.stdout)["errata"] if row["property"] == case.name]), (0, []),
                  case)


@test
def the_release_in_force_counts() -> None:
    """an erratum of an entry of a release is listed from that release on"""
    for release, expected in (("8.2", []), ("9.0", ["default-cpu-type"])):
        done = vintage("audit", "--json", "--release", release, "--", "-target", "ppc64", "-machine", "pseries-8.2")
        rows = [row["property"] for row in json.loads(done.stdout)["errata"]]
        equal([name for name in rows if name == "default-cpu-type"], expected, release)


@test
def a_given_value_is_no_erratum() -> None:
    """audit omits a value that the configuration gives"""
    done = vintage("audit", "--json", "--", "-machine", "pc-q35-9.1", "-device", "intel-iommu,id=one,aw-bits=48")
    equal([row["property"] for row in json.loads(done.stdout)["errata"] if row["property"] == "aw-bits"], [])


@test
def diff_reports_errata() -> None:
    """diff reports an erratum of the older machine version"""
    for case in CASES:
        if case.after:
            done = vintage("diff", "--json", "--target", case.target, "--machine", f"{case.before}..{case.after}", case.kind)
            equal((done.returncode, done.stderr), (0, ""), case)
            changes = json.loads(done.stdout)["changes"]
            matches(next(of[case.name] for of in changes.values() if case.name in of)["erratum"], re.escape(case.had))


@test
def freeze_mentions_errata() -> None:
    """freeze reports that it made a value explicit that some releases had otherwise"""
    done = vintage("freeze", "--", "-machine", "pc-q35-9.1", "-device", "intel-iommu")
    equal(done.returncode, 0)
    matches(done.stderr, r"^vintage: note: some releases had other values for \d+ of these defaults; 'vintage audit' lists them$")
    equal(vintage("freeze", "--", "-machine", "pc-q35-11.1").stderr, "")


if __name__ == "__main__":
    main()
