#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What clients learn about a configuration: the origin of each value, histories of defaults, and differences."""

import json
import os
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, Machine, equal, main, matches, test, tool, tool_json, write_file  # noqa: E402


class Backends(Machine):
    program = os.path.join(BUILD, "vintage-backends")


def origins(qmp: Any, key: str) -> dict[str, Any]:
    found: dict[str, Any] = qmp.call_with("query-effective-config", {"provenance": True})["objects"][key]["provenance"]
    return found


@test
def each_value_states_its_origin() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "vm.json", json.dumps({"machine": {"type": "pc-q35-9.1", "hpet": False}}))
        argv = ("-S", "--config", path, "-smp", "2", "-machine", "vmport=off", "-object", "iothread,id=t,poll-max-ns=5",
                "-device", "virtio-rng-pci,id=a,period=7", "-global", "virtio-rng-pci.max-bytes=9")
        with Machine(*argv) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            qmp.call_with("object-add", {"qom-type": "iothread", "id": "u", "poll-max-ns": 6})
            qmp.call_with("device_add", {"driver": "virtio-rng-pci", "id": "b", "addr": "0x9"})
            qmp.call("qom-set", path="/objects/t", property="poll-max-ns", value=8)
            found = origins(qmp, "/machine")
            equal(found["smp"], {"from": "explicit", "by": "-smp"})
            equal(found["vmport"]["by"], "-machine")
            assert found["hpet"]["by"].startswith(path), found["hpet"]
            equal([origins(qmp, "t")["poll-max-ns"]["by"], origins(qmp, "u")["poll-max-ns"]["by"]],
                  ["QMP qom-set", "QMP object-add"])
            device = origins(qmp, "a")
            equal([device["period"]["by"], origins(qmp, "b")["addr"]["by"]],
                  ["-device virtio-rng-pci,id=a,period=7", "QMP device_add"])
            equal(device["max-bytes"], {"from": "global"})
            kinds = {origin["from"] for origin in device.values()}
            equal(kinds - {"base", "machine", "release", "derived", "absent"}, {"explicit", "global"})
            plain = qmp.call("query-effective-config")["objects"]["a"]
            equal((set(plain), set(plain["properties"])), ({"type", "kind", "properties"}, set(device)))


@test
def commands_before_the_machine_are_origins_too() -> None:
    with Machine("-preconfig", "-nodefaults", "-accel", "qtest", "-S", "-machine", "vmport=off,hpet=off", "-smp", "2") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.call_with("device_add", {"driver": "virtio-rng-pci", "id": "r", "period": 7})
        for cpus in range(2, 10):
            qmp.call_with("machine-set", {"type": "pc-q35-9.1", "options": {"smp": {"cpus": cpus}, "hpet": False}})
        qmp.call("x-exit-preconfig")
        found = origins(qmp, "/machine")
        equal([found[name].get("by") for name in ("smp", "vmport", "hpet")],
              ["QMP machine-set", "-machine", "QMP machine-set"])
        equal(origins(qmp, "r")["period"], {"from": "explicit", "by": "QMP device_add"})


@test
def the_answers_are_configuration_files() -> None:
    """config-freeze is accepted by --config, check and freeze, with what commands added."""
    with Machine("-S", "-machine", "pc-q35-9.1", "-nodefaults") as machine, tempfile.TemporaryDirectory() as directory:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.call_with("object-add", {"qom-type": "rng-builtin", "id": "r"})
        qmp.call_with("device_add", {"driver": "virtio-rng-pci", "id": "d", "rng": "r"})
        frozen, effective = qmp.call("config-freeze"), qmp.call("query-effective-config")
        # A frozen file has what 'auto' means.
        rows = qmp.call_with("config-diff", {"from": {"running": True}, "to": {"config": frozen}, "settled": True})
        equal({row["from"] for row in rows}, {"auto"})
        for row in rows:
            effective["objects"][row["object"]]["properties"][row["property"]] = row["to"]
        path = write_file(directory, "vm.json", json.dumps(frozen))
        equal(tool("check", path).returncode, 0)
        equal(tool_json("freeze", path), frozen)
        # The monitor of the test is another one.
        path = write_file(directory, "other.json", json.dumps({**frozen, "qmp-server": []}))
        with Machine("--config", path, pin=False) as other:
            assert other.qmp
            equal(other.qmp.negotiate().call("query-effective-config"), effective)


@test
def histories_are_those_that_the_tool_prints() -> None:
    with Machine("-machine", "pc-q35-5.1", "--platform-version", "9.0") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        history = qmp.call_with("query-default-history", {"type": "virtio-blk-device", "property": "num-queues"})
        equal([(one.get("axis"), one.get("since"), one["value"], one["in-force"]) for one in history["entries"]],
              [("machine", None, 1, True), ("machine", "5.2", "auto", False)])
        shown = tool("history", "virtio-blk-device.num-queues").stdout
        for one in history["entries"]:
            matches(shown, f"default {one['value']}( +{one['why']})?\n" if one.get("why") else f"default {one['value']}")
        arguments = {"type": "virtio-blk-device", "property": "num-queues", "machine": "pc-q35-9.1"}
        equal([one["in-force"] for one in qmp.call_with("query-default-history", arguments)["entries"]], [False, True])
        arguments = {"type": "sev-guest", "property": "legacy-vm-type"}
        for version, expected in (("9.0", [True, False]), ("9.1", [False, True])):
            history = qmp.call_with("query-default-history", {**arguments, "platform-version": version})
            equal(([one["in-force"] for one in history["entries"]], history["introduced"]), (expected, "release 9.1"))
        equal([one["needs"] for one in history["entries"]], [[], ["sev-init2"]])
        for wrong, pattern in (({"type": "virtio-blk-devic", "property": "x"}, "no type 'virtio-blk-devic'"),
                               ({"type": "virtio-blk-device", "property": "num-queue"}, "did you mean 'num-queues'"),
                               ({**arguments, "machine": "pc-q35-99"}, "unknown machine 'pc-q35-99'"),
                               ({**arguments, "platform-version": "1"}, "unknown platform version '1'")):
            qmp.fails("query-default-history", wrong, pattern=pattern)
    with Backends(pin=False) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        history = qmp.call_with("query-default-history", {"type": "iothread", "property": "poll-max-ns"})
        equal([one["in-force"] for one in history["entries"]], [True])
        qmp.fails("query-default-history", {"type": "iothread", "property": "poll-max-ns", "machine": "none"},
                  pattern="this program has no machines")


@test
def differences_are_those_that_the_tool_prints() -> None:
    vm = ["-machine", "pc-q35-5.1", "-nodefaults", "-blockdev", "null-co,node-name=d", "-device", "virtio-blk-pci,id=v,drive=d"]
    with tempfile.TemporaryDirectory() as directory, Machine(*vm) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        config = tool_json("convert", "--to", "config", "--", *vm, "--platform-version", "9.0")
        path = write_file(directory, "vm.json", json.dumps(config))
        expected = tool_json("diff", "--json", "--machine", "pc-q35-5.1..9.1", "--", "--config", path)["changes"]
        found: dict[str, Any] = {}
        sides = {"from": {"config": config}, "to": {"config": config, "machine": "pc-q35-9.1"}}
        for one in qmp.call_with("config-diff", sides):
            key, member = one.pop("object"), one.pop("property")
            found.setdefault(key, {})[member] = {"from": None, "to": None, **one}
        equal(found, expected)
        assert found["v"]["num-queues"]["since"] == "5.2"
        equal(qmp.call_with("config-diff", {"from": {"running": True}, "to": {"config": config}}), [])
        changes = qmp.call_with("config-diff", {"from": {"running": True}, "to": {"config": {**config, "device": []}}})
        equal(changes, [{"object": "v", "from": "virtio-blk-pci", "guest": True}])
        only = qmp.call_with("config-diff", {**sides, "types": ["virtio-blk-pci"]})
        equal({one["object"] for one in only}, {"v"})
        # Defaults of types, without a VM.
        versions = {"from": {"machine": "pc-q35-5.1"}, "to": {"machine": "pc-q35-9.1"}, "types": ["virtio-blk-device"]}
        expected = tool_json("diff", "--json", "--machine", "pc-q35-5.1..9.1", "virtio-blk-device")["changes"]
        expected = expected["virtio-blk-device"]
        equal({one["property"]: (one["from"], one["to"]) for one in qmp.call_with("config-diff", versions)},
              {name: (one["from"], one["to"]) for name, one in expected.items()})
        for wrong, pattern in (
                ({"from": {"running": True}, "to": {}}, "to: expected config or running"),
                ({"from": {"running": True, "machine": "none"}, "to": {"running": True}}, "from: running excludes"),
                ({"from": {"config": []}, "to": {"running": True}}, "from.config:1:1: expected an object"),
                ({"from": {"config": {"machin": "none"}}, "to": {"running": True}}, "from.config:1:2: machin: .*'machine'"),
                ({"from": {}, "to": {}, "types": ["virtio-blk"]}, "types: there is no type 'virtio-blk'"),
                ({"from": {}, "to": {"machine": "pc-q35-99"}}, "unknown machine 'pc-q35-99'")):
            qmp.fails("config-diff", wrong, pattern=pattern)


if __name__ == "__main__":
    main()
