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
    equal(run(TOOL, "check", "--release", "9.0", "--", "-machine", "pc-q35-9.0").stdout, "ok\n")


@test
def an_alias_is_the_newest_of_the_release() -> None:
    """an alias names the newest version that the release has"""
    for release, version in (("7.2", "7.2"), ("4.0", "4.0"), ("11.1", "11.1")):
        done = run(TOOL, "diff", "--json", "--release", release, "--machine", f"q35..pc-q35-{version}")
        equal((done.returncode, json.loads(done.stdout)["changes"]), (0, {}))


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
