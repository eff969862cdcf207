#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Scripts of TAP interfaces: while one runs, other clients get their replies."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from typing import Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from namespace import enter_namespace, is_inside  # noqa: E402
from obstacles import BOUND, Watch, stuck_program  # noqa: E402
from vintage_test import VM, Machine, Skip, equal, main, matches, test, write_file  # noqa: E402


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
        # A client that disconnects creates nothing, also after the script has ended.
        with stuck_program(directory) as script:
            watch.ask_with("netdev_add", {**tap, "script": script, "downscript": "no"})
            equal(interfaces(), ["vintage0"])
            watch.first.close()
            watch.second.call("query-version")
        wait_until(lambda: not interfaces(), "the interface remains")
        first = machine.connect().negotiate()
        first.fails("netdev_del", {"id": "x"}, "DeviceNotFound", "'x' not found")
    print(f"# {watch.report()}")


def machine_with(directory: str, *taps: dict[str, str]) -> subprocess.Popen:
    """A program that starts with interfaces."""
    words = [word for i, tap in enumerate(taps) for word in
             ("-netdev", json.dumps({"type": "tap", "id": f"x{i}", "ifname": f"vintage{i}", "script": "no",
                                     "downscript": "no", **tap}))]
    with open(os.path.join(directory, "errors"), "wb") as errors:
        return subprocess.Popen([VM, "--platform-version", "9.1", "-machine", "none", "-S", "-qmp", "stdio", "-pidfile",
                                 os.path.join(directory, "pid"), *words],
                                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, text=True)


def quit(process: subprocess.Popen) -> None:
    assert process.stdin
    process.stdin.write('{"execute": "qmp_capabilities"} {"execute": "quit"}\n')
    process.stdin.flush()


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + 10 * BOUND
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        time.sleep(0.01)


def wait_for(path: str) -> None:
    wait_until(lambda: os.path.exists(path), f"nothing makes {path}")


def end(process: subprocess.Popen, directory: str) -> str:
    """Its messages.  A script may still run, with its standard error."""
    try:
        process.wait(BOUND)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError("it does not end") from None
    assert process.stdin
    process.stdin.close()
    with open(os.path.join(directory, "errors"), encoding="utf-8") as file:
        return file.read()


@test
def a_signal_ends_a_start_that_waits_for_a_script() -> None:
    need_tap()
    with tempfile.TemporaryDirectory() as directory, stuck_program(directory) as script:
        started, ended = os.path.join(directory, "started"), os.path.join(directory, "ended")
        waiting = program(directory, "waiting", f"touch {started}; exec {script}")
        process = machine_with(directory, {"downscript": program(directory, "down", f"touch {ended}")}, {"script": waiting})
        wait_for(started)
        process.send_signal(signal.SIGTERM)
        matches(end(process, directory), f"script: '{waiting}': Interrupted system call")
        equal((process.returncode, interfaces(), os.path.exists(ended)), (1, [], True))


@test
def interfaces_end_together() -> None:
    need_tap()
    with tempfile.TemporaryDirectory() as directory:
        # Each script waits for the other one.
        files = [os.path.join(directory, f"ended{i}") for i in range(2)]
        process = machine_with(directory, *({"downscript": program(
            directory, f"down{i}", f"touch {files[i]}; while ! [ -e {files[1 - i]} ]; do sleep 0.05; done")} for i in range(2)))
        quit(process)
        equal((end(process, directory), process.returncode, interfaces()), ("", 0, []))


@test
def a_signal_ends_an_end_that_waits_for_a_script() -> None:
    need_tap()
    with tempfile.TemporaryDirectory() as directory, stuck_program(directory) as script:
        started = os.path.join(directory, "started")
        process = machine_with(directory, {"downscript": program(directory, "down", f"touch {started}; exec {script}")})
        quit(process)
        wait_for(started)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        end(process, directory)
        # The program cleans up.
        equal((process.returncode, os.path.exists(os.path.join(directory, "pid"))), (0, False))


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
