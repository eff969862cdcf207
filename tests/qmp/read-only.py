#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Read-only members of objects."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Qmp, equal, main, test, tool, tool_json  # noqa: E402

Q35 = ["-machine", "pc-q35-9.1", "--platform-version", "9.1"]
STATES = ("realized", "hotplugged", "hotpluggable")


def session(machine: Machine) -> Qmp:
    assert machine.qmp
    return machine.qmp.negotiate()


def states(qmp: Qmp, path: str) -> list[bool]:
    return [qmp.call("qom-get", path=path, property=name) for name in STATES]


@test
def a_device_says_what_it_is_at() -> None:
    """a device reports whether it is realized, hotplugged and hotpluggable"""
    with Machine(*Q35, "-device", "pcie-root-port,id=port", "-device", "VGA,id=screen") as machine:
        qmp = session(machine)
        equal(states(qmp, "/machine/peripheral/screen"), [True, False, False])
        qmp.call_with("object-add", {"qom-type": "rng-random", "id": "entropy"})
        qmp.call("device_add", driver="virtio-rng-pci", id="late", bus="port", rng="entropy")
        equal(states(qmp, "/machine/peripheral/late"), [True, True, True])
        equal(states(qmp, "/machine/peripheral/late/virtio-backend"), [True, True, True])


@test
def they_are_listed() -> None:
    """queries list them for an object, and for the class that defines them"""
    with Machine(*Q35, "-device", "VGA,id=screen") as machine:
        qmp = session(machine)
        equal(set(STATES) - {each["name"] for each in qmp.call("qom-list", path="/machine/peripheral/screen")}, set())
        listed = qmp.call("device-list-properties", typename="VGA")
        equal({each["name"] for each in listed} & {"type", *STATES}, set())


@test
def they_are_no_input() -> None:
    """creation refuses them"""
    with Machine(*Q35) as machine:
        qmp = session(machine)
        entries = {each["name"]: each for each in qmp.call("query-qmp-schema")}
        pending = [each["arg-type"] for each in entries.values() if each["meta-type"] == "command"]
        kinds, inputs = set(), set()
        while pending:
            one = entries[pending.pop()]
            if one["meta-type"] == "object" and one["name"] not in kinds:
                kinds.add(one["name"])
                inputs |= {member["name"] for member in one["members"]}
                pending += [member["type"] for member in one["members"]] + [each["type"] for each in one.get("variants", [])]
        assert len(inputs) > 500, len(inputs)
        equal(inputs & {"realized", "hotplugged"}, set())
        qmp.fails("device_add", {"driver": "VGA", "realized": True}, pattern="member 'realized' is read-only: it cannot be set")


@test
def they_are_defaults() -> None:
    """the defaults of a class have them, and its type"""
    told = tool_json("defaults", "--json", "--machine", "pc-q35-9.1", "VGA", "virtio-rng-pci")
    equal([told["VGA"][name] for name in ("type", *STATES)], ["VGA", False, True, False])
    equal([told["virtio-rng-pci"][name] for name in ("type", *STATES)], ["virtio-rng-pci", False, True, True])


@test
def they_are_not_frozen() -> None:
    """resolve and freeze omit them"""
    for command in ("resolve", "freeze"):
        done = tool(command, "--machine", "pc-q35-9.1", "--platform-version", "9.1", "--", "-device", "VGA,id=screen")
        words = done.stdout.replace('"', " ").split()
        equal((done.returncode, [name for name in STATES if name in words]), (0, []), command)


if __name__ == "__main__":
    main()
