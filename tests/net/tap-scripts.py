#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Scripts of TAP interfaces: while one runs, other clients get their replies."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from namespace import enter_namespace, is_inside  # noqa: E402
from obstacles import Watch, stuck_program  # noqa: E402
from vintage_test import Machine, Skip, equal, main, matches, test, write_file  # noqa: E402


def need_tap() -> None:
    if not is_inside() or not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        raise Skip("no network namespace can be had")


def interfaces() -> list[str]:
    with open("/proc/net/dev", encoding="ascii") as file:
        return [line.split(":")[0].strip() for line in file if line.strip().startswith("vintage")]


def program(directory: str, name: str, text: str) -> str:
    path = write_file(directory, name, f"#!/bin/sh\n{text}\n")
    os.chmod(path, 0o700)
    return path


@test
def a_script_that_runs_leaves_others_their_replies() -> None:
    need_tap()
    tap = {"type": "tap", "id": "x", "ifname": "vintage0"}
    with tempfile.TemporaryDirectory() as directory, Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
        watch = Watch(machine)
        with stuck_program(directory) as script:
            # The client that waits is served when the script has ended.
            watch.ask_with("netdev_add", {**tap, "script": script, "downscript": "no"})
        equal(watch.first.answer(), {"return": {}})
        watch.first.call("netdev_del", id="x")
        equal(interfaces(), [])
        with stuck_program(directory) as script:
            watch.first.call_with("netdev_add", {**tap, "script": "no", "downscript": script})
            watch.ask_with("netdev_del", {"id": "x"})
            equal(interfaces(), ["vintage0"])
        equal(watch.first.answer(), {"return": {}})
        equal(interfaces(), [])
        # A client that disconnects creates nothing.
        with stuck_program(directory) as script:
            watch.ask_with("netdev_add", {**tap, "script": script, "downscript": "no"})
            watch.first.close()
            watch.second.call("query-version")
        first = machine.connect().negotiate()
        first.fails("netdev_del", {"id": "x"}, "DeviceNotFound", "'x' not found")
    print(f"# {watch.report()}")


@test
def a_script_gets_the_interface_and_its_failure_is_reported() -> None:
    need_tap()
    with tempfile.TemporaryDirectory() as directory, Machine("-machine", "none") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        log = os.path.join(directory, "log")
        tap = {"type": "tap", "id": "x", "ifname": "vintage1"}
        scripts = {name: program(directory, name, f'echo {name} "$1" >> {log}') for name in ("script", "downscript")}
        text = qmp.fails("netdev_add", {**tap, **scripts, "script": program(directory, "false", "exit 3")})
        matches(text, "script: '.*/false': Child process exited with code 3")
        equal(interfaces(), [])
        for _ in range(2):
            qmp.call_with("netdev_add", {**tap, **scripts})
            qmp.call("netdev_del", id="x")
        with open(log, encoding="ascii") as file:
            equal(file.read().split("\n"), ["script vintage1", "downscript vintage1"] * 2 + [""])


if __name__ == "__main__":
    enter_namespace()
    main()
