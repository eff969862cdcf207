#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A VM has the same configuration from arguments, a file and QMP, in any order."""

import functools
import json
import os
import random
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, equal, main, resolve, sampled, test, tool_json, write_file  # noqa: E402
import vms  # noqa: E402

PIN = ["--platform-version", "9.0"]


def text(value: dict) -> str:
    """Without the other options, which the forms do not share: those of the process."""
    return json.dumps({key: member for key, member in value.items() if key != "options"}, indent=1)


def effective(*argv: str) -> dict:
    with Machine("-S", *argv) as machine:
        assert machine.qmp
        return machine.qmp.negotiate().call("query-effective-config")


def add(name: str, vm: vms.Vm) -> None:
    @functools.cache
    def expected() -> str:
        return text(effective(*PIN, *vms.flat(vms.options(vm, "json"))))

    def as_arguments() -> None:
        equal(text(effective(*PIN, *vms.flat(vms.options(vm, "keyval")))), expected())
        for form in ("json", "keyval"):
            equal(text(resolve([*PIN, *vms.flat(vms.options(vm, form))], "--settled")), expected(), form)

    def as_file() -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = write_file(directory, "vm.json", json.dumps(vms.document(vm)))
            equal(text(effective(*PIN, "--config", path)), expected())
            pinned = {"platform-version": "9.0", "nodefaults": True, **vms.document(vm)}
            path = write_file(directory, "pinned.json", json.dumps(pinned))
            equal(text(tool_json("resolve", "--settled", "--json", path)), expected())

    def over_qmp() -> None:
        with Machine("-S", *PIN, *vms.flat(vms.machine_options(vm))) as machine:
            assert machine.qmp
            machine.qmp.negotiate()
            for command, arguments in vms.commands(vm):
                equal(machine.qmp.call_with(command, arguments), {}, command)
            equal(text(machine.qmp.call("query-effective-config")), expected())

    for function, promise in ((as_arguments, "as JSON and key=value arguments"), (as_file, "as a file"),
                              (over_qmp, "over QMP")):
        function.__doc__ = f"{name}: {promise}"
        test(function)


for one, what in vms.VMS.items():
    add(one, what)


@test
def a_hundred_orders_of_the_arguments_are_one() -> None:
    everything: vms.Vm = {
        "machine": vms.q35("9.1"), "smp": {"cpus": 4},
        "object": vms.VMS["limits and secrets"]["object"] + vms.VMS["entropy and a balloon"]["object"],
        "blockdev": vms.VMS["a chain of block nodes"]["blockdev"] + [vms.disk("d")],
        "netdev": vms.VMS["network on user mode"]["netdev"],
        "device": [{"driver": "virtio-blk-pci", "id": "v", "drive": "top", "addr": "5"},
                   {"driver": "virtio-blk-pci", "drive": "d", "bus": "port", "addr": "0"},
                   {"driver": "pcie-root-port", "id": "port", "chassis": 1, "addr": "8"},
                   {"driver": "virtio-net-pci", "netdev": "n", "mac": "52:54:00:12:34:56", "addr": "4"},
                   {"driver": "virtio-rng-pci", "rng": "r", "addr": "6"},
                   {"driver": "VGA", "addr": "2"}]}
    parts = vms.options(everything, "json")
    expected = text(resolve([*PIN, *vms.flat(parts)], "--settled"))
    chance = random.Random(20)
    for _ in sampled(range(100), 20, 3):
        chance.shuffle(parts)
        equal(text(resolve([*PIN, *vms.flat(parts)], "--settled")), expected, str(parts))


@test
def a_file_is_laid_first_and_what_is_said_later_wins() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "vm.json", json.dumps(
            {"machine": {"type": "pc-q35-5.1"}, "smp": {"cpus": 2, "cores": 2}, "device": [{"driver": "VGA", "id": "a"}]}))
        got = resolve(["-smp", "8", "-machine", "pc-q35-9.1", "--config", path, "-device", "VGA,id=b"])
        smp = got["objects"]["/machine"]["properties"]["smp"]
        equal((smp["cpus"], smp["cores"]), (8, 2))
        equal(got["machine"], "pc-q35-9.1")
        assert {"a", "b"} <= set(got["objects"])


main()
