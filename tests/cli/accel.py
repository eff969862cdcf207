#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Accelerators: which one is selected, what it changes, and that a program starts only with a supported one."""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import (  # noqa: E402
    VM, Machine, equal, main, matches, resolve, resolve_error, run, test, tool, write_file)

NONE = ["-machine", "none"]


def chosen(*argv: str) -> str | None:
    objects = resolve(list(argv))["objects"]
    assert sum(key.startswith("accel") for key in objects) <= 1, objects
    return objects["accel[0]"]["type"] if "accel[0]" in objects else None


@test
def the_first_that_can_be_started_counts() -> None:
    equal(chosen(*NONE), None)
    equal(chosen(*NONE, "-accel", "qtest"), "qtest")
    equal(chosen(*NONE, "-accel", "kvm", "-accel", "qtest", "-accel", "tcg"), "qtest")
    # If no accelerator is supported, the first one is resolved.
    equal(chosen(*NONE, "-accel", "tcg,thread=single", "-accel", "kvm"), "tcg")


@test
def the_machine_can_name_accelerators_too() -> None:
    equal(chosen("-machine", "none,accel=kvm:qtest"), "qtest")
    equal(chosen("-machine", "accel=tcg,type=none"), "tcg")
    equal(chosen("-machine", '{"type": "none", "accel": "kvm:tcg"}'), "kvm")
    # The last -accel counts; -accel and -machine accel= conflict.
    equal(chosen("-machine", "none,accel=kvm", "-machine", "accel=qtest"), "qtest")
    matches(resolve_error("-machine", "none,accel=kvm", "-accel", "kvm"), "-accel and '-machine accel=' are mutually exclusive")
    with tempfile.TemporaryDirectory() as directory:
        text = '{\n"machine": {"type": "none",\n "accel": "qtset"}}'
        done = tool("resolve", write_file(directory, "vm.json", text))
        equal(done.returncode, 1)
        matches(done.stderr, r"vm\.json:3:\d+: machine\.accel: accel: unknown accel 'qtset'; did you mean 'qtest'\?")
        text = '{"machine": {"type": "none", "accel": 1}}'
        matches(tool("resolve", write_file(directory, "vm.json", text)).stderr, "accel: expected a string")


@test
def nonsense_about_one_that_does_not_count_is_refused() -> None:
    matches(resolve_error(*NONE, "-accel", "kvm,tb-size=4", "-accel", "qtest"), "-accel kvm,tb-size=4: .*'tb-size'")
    for argv in (["-accel", "qtest", "-accel", "zen"], ["-accel", "zen", "-accel", "qtest"]):
        done = tool("check", "--", *NONE, *argv)
        equal(done.returncode, 0)
        matches(done.stderr, "warning: -accel zen: accel: unknown accel 'zen', which is left out\n")
    matches(tool("check", "--", *NONE, "-accel", "zen", "-accel", "hvv").stderr, "'zen'.*\n.*'hvv'")
    matches(resolve_error("--target", "aarch64", *NONE, "-accel", "kvm,notify-window=1"), "notify-window")


@test
def defaults_follow_the_accelerator_and_the_machine() -> None:
    def irqchip(machine: str) -> str:
        return resolve(["-machine", machine, "-accel", "kvm"])["objects"]["accel[0]"]["properties"]["kernel-irqchip"]

    equal([irqchip(machine) for machine in ("pc-q35-3.1", "pc-q35-4.0", "pc-q35-4.0.1", "pc-q35-4.1", "pc-i440fx-4.0")],
          ["on", "split", "on", "on", "on"])


@test
def a_frozen_accelerator_stays() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "frozen.json")
        equal(tool("freeze", "-o", path, "--", "-machine", "pc-q35-4.0,accel=kvm").returncode, 0)
        with open(path, encoding="utf-8") as file:
            frozen = json.load(file)
        equal((frozen["accel"][0]["accel"], frozen["accel"][0]["kernel-irqchip"]), ("kvm", "split"))
        equal(resolve(["--config", path, "-machine", "pc-q35-11.1"])["objects"]["accel[0]"]["properties"]
              ["kernel-irqchip"], "split")


@test
def only_what_runs_is_started_and_told() -> None:
    for options in ([], ["-accel", "qtest"], ["-machine", "accel=kvm:qtest"]):
        with Machine(*NONE, *options) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            # A client that selects qtest tests the machine as if it ran.
            running = bool(options)
            equal(qmp.call("query-status"), {"running": running, "status": "running" if running else "prelaunch"})
            equal(qmp.call("query-accelerators"), {"enabled": "qtest", "present": ["qtest"]})
            equal(qmp.call("query-kvm"), {"enabled": False, "present": False})
    for name in ("kvm", "tcg"):
        # Without a processor, an accelerator has nothing to do.
        with Machine(*NONE, "-accel", name) as machine:
            assert machine.qmp
            equal(machine.qmp.negotiate().call("query-accelerators"), {"enabled": "qtest", "present": ["qtest"]})
        done = run(VM, "-machine", "pc", "--platform-version", "9.0", "-accel", name)
        equal(done.returncode, 1)
        matches(done.stderr, rf"\Avintage-vm: -accel {name}: class '{name}-accel' has no implementation yet[^\n]*\n\Z")


@test
def help_lists_accelerators_and_their_members() -> None:
    matches(run(VM, "-accel", "help").stdout, r"(?s)\n  kvm .*\n  qtest .*\n  tcg ")
    matches(run(VM, "-accel", "kvm,help").stdout, r"(?s)dirty-ring-size=<uint32>.*\(default: 0\)")


main()
