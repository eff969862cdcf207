#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An engine uses the first accelerator of a list that the host has, as QEMU does."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import VM, Machine, Skip, equal, main, matches, run, test  # noqa: E402

MISSING = "kvm,device=/dev/kvm-of-no-host"
CLOSED = f"kvm,device={os.path.abspath(__file__)}"      # it exists, and is no device that can be opened


@test
def the_next_one_replaces_one_that_the_host_lacks() -> None:
    if not shutil.which("qemu-system-x86_64"):
        raise Skip("qemu-system-x86_64 is not installed")
    with Machine("-engine", "qemu", "-machine", "q35", "-S", "-display", "none", "-accel", MISSING,
                 "-accel", "tcg,thread=single") as vm:
        assert vm.qmp
        qmp = vm.qmp.negotiate()
        equal(qmp.call("query-kvm")["enabled"], False)
        objects = qmp.call("query-effective-config")["objects"]
        accel, = (value for key, value in objects.items() if key.startswith("accel"))
        equal((accel["type"], accel["properties"]["thread"]), ("tcg", "single"))
        vm.process.terminate()
        matches(vm.end()[1], f"warning: -accel {MISSING}: [^\\n]*'/dev/kvm-of-no-host'[^\\n]*; another accelerator is used\n")


@test
def one_that_cannot_be_opened_is_replaced_too() -> None:
    if not shutil.which("qemu-system-x86_64"):
        raise Skip("qemu-system-x86_64 is not installed")
    with Machine("-engine", "qemu", "-machine", "q35", "-S", "-display", "none", "-accel", CLOSED, "-accel", "tcg") as vm:
        assert vm.qmp
        equal(vm.qmp.negotiate().call("query-kvm")["enabled"], False)


@test
def without_another_one_the_start_fails() -> None:
    if not shutil.which("qemu-system-x86_64"):
        raise Skip("qemu-system-x86_64 is not installed")
    done = run(VM, "-engine", "qemu", "-machine", "q35", "-display", "none", "-accel", MISSING)
    equal(done.returncode, 1)
    matches(done.stderr, "device")


if __name__ == "__main__":
    main()
