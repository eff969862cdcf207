#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`vintage audit --qmp` and `--pid`: a real QEMU that runs.  Skipped without qemu-system-x86_64."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from by_hand import running  # noqa: E402
from vintage_test import TOOL, equal, main, matches, run, sampled, test  # noqa: E402

# Devices, and the deviations that they have.
DEVICES: list[tuple[list[str], dict[str, tuple[object, object]]]] = [
    (["virtio-rng-pci"], {}),
    (["virtio-rng-pci", "max-bytes=99", "event_idx=off"], {"max-bytes": (99, 2**63 - 1), "event_idx": (False, True)}),
    (["virtio-balloon-pci", "deflate-on-oom=on"], {"deflate-on-oom": (True, False)}),
    (["pcie-root-port", "chassis=3"], {"chassis": (3, 0)}),
    (["VGA", "vgamem_mb=32"], {"vgamem_mb": (32, 16)}),
    (["virtio-scsi-pci", "x-pcie-pm-init=off"], {"x-pcie-pm-init": (False, True)}),
    (["virtio-serial-pci", "max_ports=5"], {"max_ports": (5, 31)}),
    (["qemu-xhci", "p2=5"], {"p2": (5, 4)}),
    (["e1000e", "subsys=7", "mac=52:54:00:12:34:99"], {"subsys": (7, 0), "mac": ("52:54:00:12:34:99", "00:00:00:00:00:00")}),
]


def deviations(*source: str, against: str = "default") -> dict[str, dict[str, tuple[object, object]]]:
    done = run(TOOL, "audit", "--json", *source)
    equal((done.returncode, done.stderr), (0, ""))
    found: dict[str, dict[str, tuple[object, object]]] = {}
    for one in json.loads(done.stdout):
        found.setdefault(one["object"], {})[one["property"]] = (one["value"], one[against])
    return found


WORDS = [word for number, (parts, _) in enumerate(DEVICES) for word in ("-device", ",".join([*parts, f"id=d{number}"]))]


@test
def the_deviations_that_were_put_in_are_reported() -> None:
    for machine in sampled(["pc-q35-7.2", "pc-q35-5.1", "pc-q35-2.12"], 3):
        with running(["-nodefaults", "-machine", machine, *WORDS]) as qemu:
            wanted = {f"/machine/peripheral/d{number}": wrong for number, (_, wrong) in enumerate(DEVICES) if wrong}
            equal(deviations("--qmp", qemu.qmp), wanted, machine)
            equal(deviations("--pid", str(qemu.pid)), wanted, machine)
            matches(run(TOOL, "audit", "--qmp", qemu.qmp).stdout, r"(?m)^/machine/peripheral/d4 +vgamem_mb +32 +16$")


# Ten command lines, and what was put in.
LINES: list[tuple[str, dict[str, dict[str, tuple[object, object]]]]] = [
    ("", {}),
    ("-machine q35 -smp 4 -device virtio-rng-pci", {}),
    ("-machine q35,hpet=off,vmport=off -nodefaults", {"/machine": {"hpet": (False, True), "vmport": ("off", "on")}}),
    # A default that follows the processors: a value of the user that is the same is none.
    ("-machine q35 -smp 4 -nodefaults -blockdev null-co,node-name=d -device virtio-blk-pci,drive=d,id=v", {}),
    ("-machine q35 -smp 4 -nodefaults -blockdev null-co,node-name=d -device virtio-blk-pci,drive=d,id=v,num-queues=4", {}),
    ("-machine q35 -smp 4 -nodefaults -blockdev null-co,node-name=d -device virtio-blk-pci,drive=d,id=v,num-queues=1",
     {"/machine/peripheral/v": {"num-queues": (1, 4)}}),
    ("-machine pc-q35-5.1 -smp 4 -nodefaults -blockdev null-co,node-name=d -device virtio-blk-pci,drive=d,id=v,num-queues=4",
     {"/machine/peripheral/v": {"num-queues": (4, 1)}}),
    # Values that the device computes, unless they are set.
    ("-machine q35 -nodefaults -netdev user,id=n -device e1000e,netdev=n,id=e", {}),
    ("-machine q35 -nodefaults -netdev user,id=n -device e1000e,netdev=n,id=e,romfile=,mac=52:54:00:aa:bb:cc "
     "-device virtio-net-pci",
     {"/machine/peripheral/e": {"romfile": ("", None), "mac": ("52:54:00:aa:bb:cc", "00:00:00:00:00:00")}}),
    # Several of one type, without ids; and values of -global.
    ("-machine pc-i440fx-6.2 -nodefaults -device virtio-rng-pci,max-bytes=1 -device VGA -device virtio-rng-pci,max-bytes=2 "
     "-global virtio-rng-pci.vectors=7 -device virtio-rng-pci",
     {"/machine/peripheral-anon/device[0]": {"max-bytes": (1, 2**63 - 1), "vectors": (7, 0)},
      "/machine/peripheral-anon/device[2]": {"max-bytes": (2, 2**63 - 1), "vectors": (7, 0)},
      "/machine/peripheral-anon/device[3]": {"vectors": (7, 0)}}),
]


@test
def ten_by_hand_deviate_exactly_where_they_were_made_to() -> None:
    for line, wanted in sampled(LINES, 5):
        with running(line.split()) as qemu:
            equal(deviations("--pid", str(qemu.pid)), wanted, line)
            equal(deviations("--qmp", qemu.qmp), wanted, line)


@test
def an_expected_vm_is_compared() -> None:
    """values, and objects that are on one side only"""
    words = ["-machine", "q35", "-smp", "2", "-nodefaults", "-object", "rng-random,id=r,filename=/dev/urandom", "-device",
             "virtio-rng-pci,rng=r,id=a,max-bytes=5", "-device", "virtio-balloon-pci", "-device", "VGA,id=b"]
    with running(words) as qemu:
        equal(deviations("--qmp", qemu.qmp, "--", *words, against="expected"), {})
        other = [*words[:-4], "-device", "virtio-gpu-pci,id=c", "-device", "VGA,id=b,vgamem_mb=8"]
        other[other.index("virtio-rng-pci,rng=r,id=a,max-bytes=5")] = "virtio-rng-pci,rng=r,id=a,vectors=4"
        equal(deviations("--pid", str(qemu.pid), "--", *other, against="expected"), {
            "/machine/peripheral/a": {"max-bytes": (5, 2**63 - 1), "vectors": (2, 4)},
            "/machine/peripheral/b": {"vgamem_mb": (16, 8)},
            "/machine/peripheral/c": {"type": (None, "virtio-gpu-pci")},
            "/machine/peripheral-anon/device[0]": {"type": ("virtio-balloon-pci", None)}})
        done = run(TOOL, "audit", "--qmp", qemu.qmp, "--", "-machine", "pc-q35-5.1")
        equal((done.returncode, done.stderr), (1, "vintage: the QEMU runs machine 'pc-q35-7.2'; expected 'pc-q35-5.1'\n"))


@test
def what_is_no_qemu_is_refused() -> None:
    done = run(TOOL, "audit", "--qmp", "/nowhere/qmp")
    equal((done.returncode, done.stderr), (1, "vintage: cannot connect to '/nowhere/qmp': No such file or directory\n"))
    done = run(TOOL, "audit", "--qmp", "/nowhere/qmp", "--pid", "1")
    equal((done.returncode, done.stderr), (2, "vintage audit: expected one of --qmp and --pid, and at most one VM\n"))
    with running([], qmp=False) as qemu:
        done = run(TOOL, "audit", "--pid", str(qemu.pid))
        equal((done.returncode, done.stderr),
              (1, f"vintage: process {qemu.pid}: its command line names no UNIX socket with QMP\n"))
    equal(run(TOOL, "audit", "--qmp").returncode, 2)


if __name__ == "__main__":
    main()
