#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The platform axis in front of an engine: what the VM uses of its host is stated, and is the same on every host or
refused."""

import json
import os
import shutil
import sys
import tempfile
from typing import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, VM, Machine, Skip, equal, main, matches, run, test, write_file  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
FEATURES = ("vhost-vsock-seqpacket", "io-uring", "tun-uso")
BASE = ["-machine", "pc-q35-7.2", "-nodefaults", "-display", "none", "--platform-version", "9.0"]
VSOCK = "vhost-vsock-pci,id=vs,guest-cid=3"


def hosts(directory: str) -> Iterator[list[str]]:
    """The options of a host that has the features, and of one that lacks them."""
    if not QEMU:
        raise Skip("qemu-system-x86_64 is not installed")
    for answer in ("yes", "no"):
        yield ["--probe-file", write_file(directory, answer, json.dumps(dict.fromkeys(FEATURES, answer)))]


@test
def the_command_line_does_not_depend_on_the_host() -> None:
    """of the engine: values that need a feature of the host are explicit"""
    with tempfile.TemporaryDirectory() as directory:
        for value, expected in (("", '"seqpacket":"on"'), (",seqpacket=off", '"seqpacket":"off"')):
            done = [run(TOOL, "argv", "--json", "--", *BASE, *host, "-device", VSOCK + value) for host in hosts(directory)]
            equal([one.returncode for one in done], [0, 0], value)
            equal(done[0].stdout, done[1].stdout, value)
            assert expected in done[0].stdout.replace("\\", ""), done[0].stdout


@test
def a_host_without_the_feature_is_refused() -> None:
    """before the engine starts; the error names the smallest override"""
    with tempfile.TemporaryDirectory() as directory:
        _, old = hosts(directory)
        done = run(VM, "-engine", "qemu", *BASE, *old, "-device", VSOCK)
        equal((done.returncode, done.stdout), (1, ""))
        matches(done.stderr, r"vintage-vm: vhost-vsock-pci 'vs': seqpacket=auto requires .*'vhost-vsock-seqpacket'"
                             r".*seqpacket=off\n")


@test
def a_guest_sees_the_same_machine_on_two_hosts() -> None:
    """the contracts of two running VMs are equal, and so is what the engines say of each device"""
    devices = ["-smp", "2", "-netdev", "user,id=n", "-device", "virtio-net-pci,id=net,netdev=n", "-blockdev",
               "null-co,node-name=d,read-zeroes=on", "-device", "virtio-blk-pci,id=v,drive=d"]
    seen = []
    with tempfile.TemporaryDirectory() as directory:
        for host in hosts(directory):
            with Machine("-engine", "qemu", *BASE, *host, *devices, "-S") as vm:
                assert vm.qmp
                qmp = vm.qmp.negotiate()
                values = {f"{name}.{one['name']}": qmp.call("qom-get", path=f"/machine/peripheral/{name}", property=one["name"])
                          for name in ("net", "v") for one in qmp.call("qom-list", path=f"/machine/peripheral/{name}")
                          if one["type"] in ("bool", "uint32", "uint16", "OnOffAuto", "str")}
                seen.append((qmp.call("query-migration-contract"), values))
    equal(seen[0], seen[1])
    assert len(seen[0][1]) > 50, len(seen[0][1])


main()
