#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Platform features: members that require them, errors on a host without them, and alternatives."""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import VM, equal, main, matches, resolve, run, test, tool, tool_json, write_file  # noqa: E402

MEMFD = "memory-backend-memfd,id=m,size=4M"
SNP = "sev-snp-guest,id=s,cbitpos=51,reduced-phys-bits=1"
FILE = "file,node-name=f,filename=/x,aio=threads"
SCSI = "vhost-scsi-pci,wwpn=naa.1"
VSOCK = "vhost-vsock-pci,guest-cid=3"

# Feature, version, a configuration that requires it, the suggested alternative, and one that does not require it.
DEMANDS = (
    ("kvm-dirty-ring", "7.2", ["-accel", "kvm,dirty-ring-size=4096"], "-accel kvm,…,dirty-ring-size=0",
     ["-accel", "kvm,dirty-ring-size=0"]),
    ("kvm-split-irqchip", "7.2", ["-accel", "kvm,kernel-irqchip=split"], "-accel kvm,…,kernel-irqchip=on",
     ["-accel", "kvm"]),
    ("kvm-split-irqchip", "7.2", ["-machine", "pc-q35-4.0", "-accel", "kvm"], "-accel kvm,…,kernel-irqchip=on",
     ["-machine", "pc-q35-4.0.1", "-accel", "kvm"]),
    ("kvm-eager-split", "8.1", ["-accel", "kvm,eager-split-size=2M"], "-accel kvm,…,eager-split-size=0",
     ["-accel", "kvm,eager-split-size=0"]),
    ("vhost-net", "7.2", ["-netdev", "tap,id=t,vhost=on"], "-netdev tap,… without vhost",
     ["-netdev", "tap,id=t,vhost=off"]),
    ("vhost-vsock-seqpacket", "7.2", ["-machine", "pc-q35-6.1", "-device", VSOCK],
     "-device vhost-vsock-pci,…,seqpacket=off", ["-machine", "pc-q35-6.0", "-device", VSOCK]),
    ("vhost-vsock-seqpacket", "7.2", ["-machine", "pc-q35-6.0", "-device", VSOCK + ",seqpacket=on"],
     "-device vhost-vsock-pci,…,seqpacket=off", ["-machine", "pc-q35-9.0", "-device", VSOCK + ",seqpacket=off"]),
    ("memfd-hugetlb", "7.2", ["-object", MEMFD + ",hugetlb=on"], "-object memory-backend-memfd,id=m,…,hugetlb=off",
     ["-object", MEMFD]),
    ("ofd-locks", "7.2", ["-blockdev", FILE + ",locking=on"], "-blockdev file,node-name=f,…,locking=auto",
     ["-blockdev", FILE + ",locking=auto"]),
    ("memfd-seals", "7.2", ["-object", MEMFD], "-object memory-backend-memfd,id=m,…,seal=off",
     ["-object", MEMFD + ",seal=off"]),
    ("huge-pages-1g", "7.2", ["-object", MEMFD + ",hugetlb=on,hugetlbsize=1G"],
     "-object memory-backend-memfd,id=m,…,hugetlbsize=0", ["-object", MEMFD + ",hugetlb=on,hugetlbsize=2M"]),
    ("sgx-vepc", "7.2", ["-object", "memory-backend-epc,id=m,size=4M"], "another host", ["-object", MEMFD]),
    ("af-xdp", "8.2", ["-netdev", "af-xdp,id=n,ifname=eth0"], "another host", ["-netdev", "user,id=n"]),
    ("sev-snp", "9.1", ["-object", SNP], "another host", ["-object", "sev-guest,id=s,cbitpos=51,reduced-phys-bits=1"]),
    ("tdx", "10.1", ["-object", "tdx-guest,id=t"], "another host", []),
    ("vhost-vsock", "7.2", ["-machine", "pc-q35-6.0", "-device", VSOCK], "-device vhost-vsock-pci,… with vhostfd",
     ["-machine", "pc-q35-6.0", "-device", VSOCK + ",vhostfd=9"]),
    ("vhost-scsi", "7.2", ["-device", SCSI], "-device vhost-scsi-pci,… with vhostfd", ["-device", SCSI + ",vhostfd=9"]),
    ("vhost-vdpa", "7.2", ["-netdev", "vhost-vdpa,id=n,vhostdev=/dev/null"], "another host", ["-netdev", "user,id=n"]),
    ("vfio", "7.2", ["-device", "vfio-pci,host=00:02.0"], "another host", ["-device", "e1000"]),
    ("iommufd", "9.0", ["-object", "iommufd,id=i"], "-object iommufd,… with fd", ["-object", "iommufd,id=i,fd=9"]),
)


def host(directory: str, feature: str, answer: str) -> list[str]:
    names = [row["feature"] for row in tool_json("platform", "probe", "--json")]
    text = json.dumps({**dict.fromkeys(names, "yes"), feature: answer})
    return ["--probe-file", write_file(directory, f"{feature}-{answer}.json", text)]


@test
def a_value_demands_its_feature() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for feature, _, vm, way_out, without in DEMANDS:
            no = host(directory, feature, "no")
            done = tool("check", "--check-host", *no, "--platform-version", "11.0", "--", *vm)
            equal((done.returncode, done.stdout), (1, ""), feature)
            matches(done.stderr, rf"\Avintage: [^\n]* requires platform feature '{feature}' [^\n]*\n\Z")
            assert done.stderr.rstrip("\n").endswith("; use " + way_out), done.stderr
            equal(tool("check", "--check-host", *no, "--", *without).returncode, 0, feature)
            for answer in ("yes", "not-applicable"):
                done = tool("check", "--check-host", *host(directory, feature, answer), "--", *vm)
                equal((done.returncode, done.stdout[:5]), (0, "valid"), f"{feature}: {done.stderr}")


@test
def what_nobody_knows_is_a_warning_where_the_version_is_pinned() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for feature, _, vm, _, _ in DEMANDS:
            done = tool("check", "--check-host", *host(directory, feature, "unknown"), "--platform-version", "11.0",
                        "--", *vm)
            equal((done.returncode, done.stdout[:5]), (0, "valid"), feature)
            matches(done.stderr,
                    rf"requires platform feature '{feature}', and the probe cannot determine whether this host has it")


@test
def nobody_is_asked_who_did_not_ask_for_the_host() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for feature, _, vm, _, _ in DEMANDS:
            no = host(directory, feature, "no")
            equal(tool("check", *no, "--", *vm).returncode, 0, feature)


@test
def versions_tell_what_came_with_them() -> None:
    since = {row["feature"]: row["since"] for row in tool_json("platform", "probe", "--json")}
    for feature, version, *_ in DEMANDS:
        equal(since[feature], version)
        shown = {row["feature"] for row in tool_json("platform", "show", "--json", version)["features"]}
        assert feature in shown, (feature, shown)
    assert "iommufd" not in {row["feature"] for row in tool_json("platform", "show", "--json", "8.2")["features"]}


@test
def a_guest_sees_what_the_machine_says_whatever_the_host_can_do() -> None:
    # A default that followed the host's kernel would change when a guest migrates.
    with tempfile.TemporaryDirectory() as directory:
        for version, answer in (("6.0", "off"), ("6.1", "on")):
            for known in ("yes", "no"):
                options = host(directory, "vhost-vsock-seqpacket", known)
                vm = ["-machine", f"pc-q35-{version}", "-device", VSOCK + ",id=v"]
                got = resolve([*vm], "--settled", *options)["objects"]["v"]["properties"]["seqpacket"]
                equal(got, answer, f"{version} {known}")


@test
def a_program_that_starts_asks_this_host() -> None:
    with tempfile.TemporaryDirectory() as directory:
        done = run(VM, "-machine", "none", *host(directory, "iommufd", "no"), "-object", "iommufd,id=i")
        equal(done.returncode, 1)
        matches(done.stderr, r"\Avintage-vm: iommufd 'i': fd left out requires platform feature 'iommufd' [^\n]*\n\Z")
        for fd, wrong in (("x", "got 'x'"), ("-1", "got '-1'"), ("1000", "fd: 1000: Bad file")):
            done = run(VM, "-machine", "none", "--platform-version", "9.0", "-object", f"iommufd,id=i,fd={fd}")
            equal(done.returncode, 1)
            matches(done.stderr, rf"\Avintage-vm: [^\n]*{wrong}[^\n]*\n\Z")


main()
