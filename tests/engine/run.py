#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`vintage run`: starts a VM, reports, and ends with its status."""

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, Skip, equal, main, matches, run, test  # noqa: E402

VM = ["-machine", "pc-q35-7.2", "-nodefaults", "-display", "none"]


def reports(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@test
def a_vm_that_runs_too_long_is_ended() -> None:
    done = run(TOOL, "run", "--timeout", "1", "--", *VM, "-engine", "none")
    equal((done.returncode, done.stdout), (124, ""))
    matches(done.stderr, r"(?m)^vintage: started choice=none state=none ")
    matches(done.stderr, r"(?m)^vintage: timeout$")


def ended(number: int, of_engine: bool) -> tuple[int, list[dict[str, Any]]]:
    """Runs a VM on an engine, and sends a signal to the engine or to the tool.  The exit status, and the reports."""
    if not shutil.which("qemu-system-x86_64"):
        raise Skip("qemu-system-x86_64 is not installed")
    with subprocess.Popen([TOOL, "run", "--json", "--", *VM, "-engine", "qemu", "-device", "virtio-rng-pci"], text=True,
                          stderr=subprocess.PIPE) as process:
        assert process.stderr
        text = ""
        while '"started"' not in text:
            line = process.stderr.readline()
            assert line, text
            text += line
        pid = reports(text)[0]["data"]["pid"]
        os.kill(pid if of_engine else parent_of(pid), number)
        text += process.stderr.read()
        return process.wait(), reports(text)


def parent_of(pid: int) -> int:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


@test
def events_and_the_status_of_the_end_are_reported() -> None:
    status, lines = ended(signal.SIGTERM, of_engine=False)
    equal(status, 0)
    equal(lines[0]["data"]["differences"], 0)
    assert lines[0]["data"]["verified"] + lines[0]["data"]["proven"] > 50, lines[0]
    equal([(one["event"], one["data"].get("reason")) for one in lines[1:]], [("SHUTDOWN", "host-signal")])
    status, lines = ended(signal.SIGKILL, of_engine=True)
    equal(status, 128 + signal.SIGKILL)
    equal([(one["event"], one["data"].get("reason")) for one in lines[1:]], [("SHUTDOWN", "host-error")])


@test
def what_cannot_start_has_its_own_message_and_status() -> None:
    done = run(TOOL, "run", "--", *VM, "-device", "nosuch")
    equal((done.returncode, done.stdout), (1, ""))
    matches(done.stderr, r"(?m)^vintage-vm: -device nosuch: driver: unknown device 'nosuch'$")
    done = run(TOOL, "run", "--timeout", "soon", "--", *VM)
    equal((done.returncode, done.stderr), (2, "vintage run: --timeout: expected a number of seconds, got soon\n"))
    equal(run(TOOL, "run").returncode, 2)


if __name__ == "__main__":
    main()
