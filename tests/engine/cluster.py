#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The story of docs/operators.md as one test: three hosts of different kernels, from probe to a pinned, checked and migrated
VM. Two engines stand for two hosts."""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TIMEOUT, Machine, Qmp, Skip, equal, main, matches, test, tool, tool_json, write_file  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
# What each kernel answers: Linux 5.14, 6.1 and 6.17.
HOSTS = {"el9": ("no", "no"), "deb12": ("no", "no"), "new": ("yes", "yes")}
NET = {"driver": "virtio-net-pci", "id": "net", "netdev": "u"}
DISK = {"driver": "virtio-blk-pci", "id": "disk", "drive": "d"}
VM = {"machine": {"type": "pc-q35-7.2", "smp": {"cpus": 2}, "memory": {"size": 33554432}},
      "nodefaults": True, "display": {"type": "none"}, "S": True,
      "netdev": [{"type": "user", "id": "u"}],
      "blockdev": [{"driver": "null-co", "node-name": "d", "read-zeroes": True}],
      "device": [NET, DISK]}


def write_hosts(directory: str) -> str:
    """A real probe of this host, with other answers of two features, as three hosts write it."""
    place, own = os.path.join(directory, "hosts"), os.path.join(directory, "own.json")
    os.mkdir(place)
    equal(tool("platform", "probe", "-o", own).returncode, 0)
    with open(own, encoding="utf-8") as file:
        info = json.load(file)
    for name, (uso, tunnel) in HOSTS.items():
        answers = {row["feature"]: "yes" for row in info["features"]} | {"tun-uso": uso, "tun-udp-tunnel": tunnel}
        info.update(name=name, features=[{**row, "host": answers[row["feature"]]} for row in info["features"]])
        write_file(place, f"{name}.json", json.dumps(info))
    return place


def pin(directory: str, place: str) -> str:
    """The version that all hosts support, the file that has it, and the checks of both."""
    vm = write_file(directory, "vm.json", json.dumps(VM))
    tap = write_file(directory, "tap.json", json.dumps({**VM, "machine": {"type": "pc-q35-11.1"},
                                                         "netdev": [{"type": "tap", "id": "u"}]}))
    found = tool_json_of(1, "check-migration", "--json", tap, "--hosts", place)
    equal((found["answer"], found["use"]), ("no", "--platform-version 8.1"))
    equal(tool_json("platform", "intersect", "--json", place, "--vm", tap)["newest"], "8.1")
    row = [one for one in tool_json("platform", "plan", "--json", "--hosts", place, "--vm", tap)
           if one["where"] == "these hosts"][0]
    equal((row["hosts"], row["use"]), (3, "--platform-version 8.1"))
    pinned = os.path.join(directory, "pinned.json")
    equal(tool("freeze", *row["use"].split(), "-o", pinned, vm).returncode, 0)
    for name in HOSTS:
        host = os.path.join(place, f"{name}.json")
        equal(tool("check", "--check-host", "--probe-file", host, pinned).returncode, 0, name)
        equal(tool("check-migration", pinned, "--host", host).stdout, "yes\n")
    return pinned


def tool_json_of(status: int, *argv: str) -> Any:
    done = tool(*argv)
    equal(done.returncode, status, done.stderr)
    return json.loads(done.stdout)


def completed(qmp: Qmp) -> None:
    """Waits for the end of the migration."""
    status = ""
    while status != "completed":
        message = qmp.events.pop(0) if qmp.events else qmp.receive()
        status = message["data"]["status"] if message["event"] == "MIGRATION" else status
        assert status != "failed", message


def wait_until(condition: Callable[[], bool]) -> None:
    """The event of a migration precedes the state of the guest."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.05)


@test
def a_vm_moves_from_one_host_to_another() -> None:
    with tempfile.TemporaryDirectory() as directory:
        place = write_hosts(directory)
        pinned = pin(directory, place)
        contract = os.path.join(directory, "contract.json")
        equal(tool("freeze", "--contract", "-o", contract, pinned).returncode, 0)
        equal(tool("check-migration", contract, "--hosts", place).stdout, "yes\n")
        other = {**VM, "device": [NET, {**DISK, "num-queues": 1}]}
        matches(tool("check-migration", contract, write_file(directory, "other", json.dumps(other))).stdout,
                r"\Ano\n(?s:.*)disk\.num-queues: 2 at the source, 1 at the destination")
        if not QEMU:
            raise Skip("qemu-system-x86_64 is not installed: nothing is migrated")
        first, second = (["--probe-file", os.path.join(place, f"{name}.json")] for name in ("new", "el9"))
        vm = ["-engine", "qemu", "--config", pinned]
        with Machine(*vm, *first) as here, Machine(*vm, "-incoming", "defer", *second) as there:
            assert here.qmp and there.qmp
            source, target = here.qmp.negotiate(), there.qmp.negotiate()
            with open(contract, encoding="utf-8") as file:
                held = json.load(file)
            running = source.call("query-migration-contract")
            equal((running["machine"], running["objects"]["disk"]), (held["machine"], held["objects"]["disk"]))
            target.call_with("check-migration-contract", {"contract": running})
            for qmp in (source, target):
                qmp.call_with("migrate-set-capabilities", {"capabilities": [{"capability": "events", "state": True}]})
            uri = f"unix:{directory}/state"
            target.call("migrate-incoming", uri=uri)
            source.call("migrate", uri=uri)
            completed(source)
            completed(target)
            wait_until(lambda: source.call("query-status")["status"] == "postmigrate")
            equal(target.call("query-migration-contract"), running)


main()
