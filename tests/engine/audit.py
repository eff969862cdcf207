#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`vintage audit --qmp`: a real QEMU that runs, and what it reports about it.  Skipped without qemu-system-x86_64."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "parity")]
from vintage_test import TOOL, Skip, equal, main, matches, run, sampled, test  # noqa: E402

from sides import BINARY, installed  # noqa: E402

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
# Values that devices compute where the default means that none is set.
COMPUTED = {"class", "romfile"}


@contextlib.contextmanager
def running(machine: str) -> Iterator[str]:
    if not installed():
        raise Skip(f"{BINARY} is not installed")
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "qmp")
        words = [word for number, (parts, _) in enumerate(DEVICES) for word in ("-device", ",".join([*parts, f"id=d{number}"]))]
        with subprocess.Popen([BINARY, "-S", "-display", "none", "-nodefaults", "-machine", machine, "-accel", "tcg", "-qmp",
                               f"unix:{path},server=on,wait=off", *words], stderr=subprocess.PIPE) as qemu:
            while not os.path.exists(path) and qemu.poll() is None:
                time.sleep(0.01)
            assert qemu.poll() is None, qemu.stderr and qemu.stderr.read()
            try:
                yield path
            finally:
                qemu.kill()


@test
def the_deviations_that_were_put_in_are_reported() -> None:
    for machine in sampled(["pc-q35-7.2", "pc-q35-5.1", "pc-q35-2.12"], 3):
        with running(machine) as path:
            done = run(TOOL, "audit", "--qmp", path, "--json")
            equal(done.returncode, 0, done.stderr)
            found: dict[str, dict[str, tuple[object, object]]] = {}
            for one in json.loads(done.stdout):
                if one["property"] not in COMPUTED:
                    found.setdefault(one["object"], {})[one["property"]] = (one["value"], one["default"])
            equal(found, {f"/machine/peripheral/d{number}": wrong for number, (_, wrong) in enumerate(DEVICES) if wrong}, machine)
            matches(run(TOOL, "audit", "--qmp", path).stdout, r"(?m)^/machine/peripheral/d4 +vgamem_mb +32 +16$")


@test
def what_is_no_qemu_is_refused() -> None:
    done = run(TOOL, "audit", "--qmp", "/nowhere/qmp")
    equal((done.returncode, done.stderr), (1, "vintage: cannot connect to '/nowhere/qmp': No such file or directory\n"))
    done = run(TOOL, "audit", "--qmp", "/nowhere/qmp", "--", "-m", "256")
    equal((done.returncode, done.stderr), (2, "vintage audit: --qmp: expected no VM\n"))
    equal(run(TOOL, "audit", "--qmp").returncode, 2)


if __name__ == "__main__":
    main()
