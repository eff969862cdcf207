#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--release N: machines, versions and defaults of a release of QEMU."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, equal, main, run, test  # noqa: E402


def refused(*argv: str) -> str:
    done = run(TOOL, *argv)
    equal(done.returncode, 1)
    return done.stderr.strip()


@test
def a_newer_machine_does_not_exist() -> None:
    """a release has no machine version newer than itself"""
    equal(refused("check", "--release", "7.2", "--", "-machine", "pc-q35-9.0"),
          "vintage: -machine: machine 'pc-q35-9.0' does not exist in release 7.2; expected 'pc-q35-7.2' or older")
    equal(run(TOOL, "check", "--release", "9.0", "--", "-machine", "pc-q35-9.0").stdout, "valid\n")


@test
def an_alias_is_the_newest_of_the_release() -> None:
    """an alias names the newest version that the release has"""
    for release, version in (("7.2", "7.2"), ("4.0", "4.0"), ("11.1", "11.1")):
        done = run(TOOL, "diff", "--json", "--release", release, "--machine", f"q35..pc-q35-{version}")
        equal((done.returncode, json.loads(done.stdout)["changes"]), (0, {}))


@test
def an_old_machine_ends() -> None:
    """without a release, an old machine warns; the release that removed it refuses it and names the oldest that is left"""
    done = run(TOOL, "check", "--", "-machine", "pc-i440fx-1.5")
    equal((done.returncode, done.stdout), (0, "valid with warnings\n"))
    equal(done.stderr.startswith("vintage: warning: -machine: machine 'pc-i440fx-1.5' was removed in release 8.2: "), True)
    equal(refused("check", "--release", "11.1", "--", "-machine", "pc-i440fx-1.5"),
          "vintage: -machine: machine 'pc-i440fx-1.5' was removed in release 8.2; the oldest that is left is "
          "'pc-i440fx-5.2'")
    for release, machine, left in (("10.1", "pc-q35-4.1", "pc-q35-4.2"), ("11.1", "pc-q35-5.1", "pc-q35-5.2")):
        equal(refused("check", "--release", release, "--", "-machine", machine),
              f"vintage: -machine: machine '{machine}' was removed in release {release}; the oldest that is left is '{left}'")
        equal(run(TOOL, "check", "--release", release, "--", "-machine", left).returncode, 0)
    equal(run(TOOL, "check", "--", "-machine", "pc-q35-9.1").stderr, "")


@test
def the_history_of_a_name() -> None:
    """vintage history prints the life of a machine, and the defaults of a member"""
    done = run(TOOL, "history", "pc-i440fx-1.5", "virtio-net-device.guest_uso6", "device_add", "device")
    words = [line.split()[:3] for line in done.stdout.splitlines()]
    for row in (["release", "1.5", "introduced"], ["release", "7.0", "deprecated"], ["release", "8.2", "removed"],
                ["first", "default", "off"], ["machine", "8.2", "default"]):
        equal(row in words, True, f"{row} in {words}")
    done = run(TOOL, "history", "virtio-sound-pci", "e1000.autonegotiation", "pvrdma")
    words = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for row in ("release 8.2 introduced", "before the record introduced", "release 9.1 removed",
                "one of the releases 8.0 to 11.1 removed the machine versions that set it are gone"):
        equal(row in words, True, f"{row} in {words}")
    equal(refused("history", "no-such-name"), "vintage: unknown name 'no-such-name'; expected a machine, TYPE, TYPE.MEMBER, "
          "an option or a command")


@test
def the_release_is_known() -> None:
    """an unknown release is refused with the known range"""
    equal(refused("defaults", "--release", "7.9"), "vintage: --release: unknown release '7.9'; expected 1.4 to 11.1")


@test
def the_platform_is_not_newer_than_the_release() -> None:
    """a release has the platform versions up to its own"""
    for release in ("7.2", "9.1"):
        done = run(TOOL, "diff", "--json", "--release", f"{release}..11.1")
        equal("sev-guest" in json.loads(done.stdout)["changes"], release == "7.2")


if __name__ == "__main__":
    sys.exit(main())
