#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The commands: replies match the schema, and each change can be undone."""

import json
import os
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Qmp, equal, main, matches, resolve, test, tool_json  # noqa: E402

Q35 = ("-machine", "pc-q35-9.1")


def session(machine: Machine) -> Qmp:
    assert machine.qmp
    return machine.qmp.negotiate()


class Schema:
    """Checks values against query-qmp-schema."""

    def __init__(self, entries: list[dict]):
        self.entries = {entry["name"]: entry for entry in entries}

    def check(self, type_name: str, value: Any, path: str) -> None:
        entry = self.entries[type_name]
        getattr(self, "check_" + entry["meta-type"])(entry, value, path)

    def check_builtin(self, entry: dict, value: Any, path: str) -> None:
        kinds = {"string": str, "number": (int, float), "int": int, "boolean": bool, "null": type(None)}
        kind = kinds.get(entry["json-type"])
        assert not kind or (isinstance(value, kind) and isinstance(value, bool) == (kind is bool)), f"{path}: {value!r}"

    def check_enum(self, entry: dict, value: Any, path: str) -> None:
        assert value in [member["name"] for member in entry["members"]], f"{path}: {value!r}"

    def check_array(self, entry: dict, value: Any, path: str) -> None:
        assert isinstance(value, list), path
        for index, element in enumerate(value):
            self.check(entry["element-type"], element, f"{path}[{index}]")

    def check_alternate(self, entry: dict, value: Any, path: str) -> None:
        for member in entry["members"]:
            try:
                self.check(member["type"], value, path)
                return
            except AssertionError:
                continue
        raise AssertionError(f"{path}: {value!r}")

    def check_object(self, entry: dict, value: Any, path: str) -> None:
        assert isinstance(value, dict), path
        members = {member["name"]: member for member in entry["members"]}
        for variant in entry.get("variants", []):
            if value.get(entry["tag"]) == variant["case"]:
                members |= {member["name"]: member for member in self.entries[variant["type"]]["members"]}
        for name, member in members.items():
            assert name in value or "default" in member, f"{path}: {name} is missing"
        for name, member in value.items():
            assert name in members, f"{path}: {name} is not in the schema"
            self.check(members[name]["type"], member, f"{path}.{name}")


@test
def answers_are_what_the_schema_says() -> None:
    with Machine(*Q35, "-device", "virtio-rng-pci,id=rng", "-device", "virtio-balloon-pci", "-name", "guest=vm") as machine:
        qmp = session(machine)
        entries = qmp.call("query-qmp-schema")
        schema = Schema(entries)
        arguments = {"qom-list": {"path": "/machine"}, "qom-get": {"path": "rng", "property": "vectors"},
                     "device-list-properties": {"typename": "virtio-blk-pci"}, "qom-list-get": {"paths": ["/machine"]},
                     "query-stats": {"target": "vm"},
                     "query-cpu-model-expansion": {"type": "full", "model": {"name": "Haswell"}}}
        # Only KVM has the first three, and this machine lacks the others.
        refused = {"query-sev-capabilities", "query-sgx", "query-sgx-capabilities", "query-vm-generation-id",
                   "query-gic-capabilities"}
        names = [row["name"] for row in qmp.call("query-commands")]
        equal(names, sorted(names))
        equal(set(names), {entry["name"] for entry in entries if entry["meta-type"] == "command"})
        for name in names:
            if (name in arguments or name.startswith("query-") or name == "qom-list-types") and name not in refused:
                value = qmp.call_with(name, arguments.get(name, {}))
                schema.check(schema.entries[name]["ret-type"], value, name)
        for entry in entries:
            schema.check("SchemaInfo" if "SchemaInfo" in schema.entries else schema.entries[schema.entries[
                "query-qmp-schema"]["ret-type"]]["element-type"], entry, entry["name"])
        equal(qmp.call("query-name"), {"name": "vm"})
        equal(qmp.call("query-target"), {"arch": "x86_64"})


@test
def machines_are_listed_with_their_aliases() -> None:
    with Machine("-machine", "none") as machine:
        machines = {row["name"]: row for row in session(machine).call("query-machines")}
        assert {"none", "microvm", "pc-q35-2.4", "pc-q35-4.0.1", "pc-i440fx-11.1"} <= set(machines)
        assert "pc-i440fx-4.0.1" not in machines
        equal(machines["pc-q35-11.1"]["alias"], "q35")
        assert "alias" not in machines["pc-q35-9.1"]
        equal([name for name, row in machines.items() if row.get("is-default")], ["pc-i440fx-11.1"])
        # Independent of the running machine.
        equal([machines[name]["cpu-max"] for name in ("none", "pc-q35-2.4", "pc-q35-2.8", "pc-q35-9.0")],
              [1, 255, 288, 4096])
        equal([machines[name]["acpi"] for name in ("none", "microvm", "pc-q35-9.0")], [False, True, True])
        equal(machines["pc-q35-9.0"]["default-cpu-type"], "qemu64-x86_64-cpu")
        assert not any("compat-props" in row for row in machines.values())


@test
def compat_props_of_a_machine_are_the_defaults_that_differ_from_those_without_a_machine() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        rows = {row["name"]: row["compat-props"] for row in qmp.call_with("query-machines", {"compat-props": True})}
        types = qmp.call_with("qom-list-types", {"abstract": True})
    equal(rows["none"], [])
    # Of the newest version: what the family has otherwise than other machines.
    assert {"qom-type": "virtio-iommu-pci", "property": "aw-bits", "value": "39"} in rows["pc-q35-11.1"]
    # A property of the machine decides the default of these backends.
    of_machines = ("chardev-vc", "memory-backend-file", "memory-backend-memfd")
    encoding = {"qom-type": "chardev-vc", "property": "encoding", "value": "cp437"}
    equal([encoding in rows[name] for name in ("pc-q35-11.0", "pc-q35-11.1")], [True, False])
    assert len(rows["pc-q35-2.4"]) > len(rows["pc-q35-9.0"]) > 0
    for name in ("pc-q35-2.4", "pc-q35-5.1", "pc-i440fx-10.0"):
        # A row of a class is also one of the concrete classes below it.
        old: dict = {}
        for row in (row for row in rows[name] if row["qom-type"] not in of_machines):
            for kind in concrete(types, row["qom-type"]):
                assert old.setdefault((kind, row["property"]), row["value"]) == row["value"], (name, kind, row)
        changes = tool_json("diff", "--json", "--machine", f"{name}..none")["changes"]
        expected = {(kind, member): change["from"] for kind, members in changes.items() for member, change in members.items()}
        families = {full.rsplit("-", 1)[0] for full in rows} | set(rows)
        expected = {key: value for key, value in expected.items() if key[0] not in families}
        equal(set(old) ^ set(expected), set(), name)
        for key, value in expected.items():
            if isinstance(value, (bool, int, str)):
                equal(old[key], {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value), f"{name} {key}")
    print(f"# {len(old)} defaults in {len(rows[name])} rows")


def concrete(types: list[dict], name: str) -> list[str]:
    """The concrete types among the one with this name and those below it."""
    own = [kind["name"] for kind in types if kind["name"] == name and not kind.get("abstract")]
    return own + [leaf for kind in types if kind.get("parent") == name for leaf in concrete(types, kind["name"])]


@test
def objects_come_and_go() -> None:
    with Machine(*Q35) as machine:
        qmp = session(machine)
        for _ in range(3):
            qmp.call_with("object-add", {"qom-type": "throttle-group", "id": "t", "limits": {"iops-total": 100}})
            equal(qmp.call("qom-get", path="/objects/t", property="limits")["iops-total"], 100)
            qmp.call("object-del", id="t")
        qmp.fails("object-del", {"id": "t"}, "GenericError", "object 't' not found")
        qmp.call_with("blockdev-add", {"driver": "null-co", "node-name": "d"})
        qmp.call_with("blockdev-add", {"driver": "raw", "node-name": "r", "file": "d"})
        qmp.fails("blockdev-del", {"node-name": "d"}, "GenericError", "'r'")
        qmp.call_with("blockdev-del", {"node-name": "r"})
        qmp.call_with("blockdev-del", {"node-name": "d"})
        qmp.call_with("netdev_add", {"type": "user", "id": "n"})
        qmp.call("netdev_del", id="n")


@test
def a_device_goes_by_request_answer_event() -> None:
    with Machine(*Q35, "-device", "pcie-root-port,id=port,chassis=1", "-blockdev", "driver=null-co,node-name=d") as machine:
        qmp = session(machine)
        for _ in range(3):
            qmp.call_with("device_add", {"driver": "virtio-blk-pci", "id": "v", "drive": "d", "bus": "port"})
            qmp.fails("blockdev-del", {"node-name": "d"}, "GenericError", "'v'")
            qmp.fails("device_add", {"driver": "virtio-rng-pci", "id": "v", "bus": "port"}, "GenericError", "")
            # Until the event, the id is in use and the request is pending.
            qmp.send('{"execute": "device_del", "arguments": {"id": "v"}}'
                     '{"execute": "device_del", "arguments": {"id": "v"}}'
                     '{"execute": "device_add", "arguments": {"driver": "virtio-rng-pci", "id": "v"}}')
            equal(qmp.receive(), {"return": {}})
            matches(qmp.receive()["error"]["desc"], "already in the process of unplug")
            assert "error" in qmp.receive()
            equal(qmp.event("DEVICE_DELETED")["data"], {"device": "v", "path": "/machine/peripheral/v"})
        qmp.call_with("blockdev-del", {"node-name": "d"})
        qmp.fails("device_del", {"id": "v"}, "DeviceNotFound", "Device 'v' not found")


@test
def a_thread_stays_as_long_as_a_device_has_it() -> None:
    with Machine(*Q35, "-device", "pcie-root-port,id=port,chassis=1", "-blockdev", "driver=null-co,node-name=d",
                 "-object", "iothread,id=t") as machine:
        qmp = session(machine)
        for driver, told in (("virtio-blk-pci", {"drive": "d"}), ("virtio-scsi-pci", {}), ("virtio-balloon-pci", {})):
            qmp.call_with("device_add", {"driver": driver, "id": "v", "bus": "port", "iothread": "t", **told})
            qmp.fails("object-del", {"id": "t"}, "GenericError", "'t' is in use by device 'v'")
            equal(qmp.call_with("qom-get", {"path": "/machine/peripheral/v", "property": "iothread"}), "t")
            qmp.call("device_del", id="v")
            qmp.event("DEVICE_DELETED")
        qmp.call("object-del", id="t")
        qmp.fails("device_add", {"driver": "virtio-scsi-pci", "bus": "port", "iothread": "t"}, "GenericError", "'t'")


@test
def a_running_machine_takes_devices_where_buses_allow() -> None:
    with Machine(*Q35) as machine:
        session(machine).fails("device_add", {"driver": "virtio-rng-pci", "id": "r", "bus": "pcie.0"}, "GenericError",
                               "hot")
    with Machine(*Q35, "-S") as machine:
        qmp = session(machine)
        equal(qmp.call("query-status"), {"running": False, "status": "prelaunch"})
        qmp.call_with("device_add", {"driver": "virtio-rng-pci", "id": "r", "bus": "pcie.0"})
        matches(qmp.call("qom-get", path="/machine/peripheral/r", property="type"), "^virtio-rng-pci$")


@test
def the_tree_can_be_walked() -> None:
    with Machine(*Q35, "-device", "virtio-rng-pci,id=rng", "-object", "rng-random,id=r") as machine:
        qmp = session(machine)
        seen = []

        def walk(path: str) -> None:
            seen.append(path)
            assert len(path) < 200
            for row in qmp.call("qom-list", path=path):
                child = (path if path != "/" else "") + "/" + row["name"]
                if row["type"].startswith("child<"):
                    equal(qmp.call("qom-get", path=path, property=row["name"]), child)
                    walk(child)
                else:
                    qmp.call("qom-get", path=path, property=row["name"])

        walk("/")
        assert {"/machine", "/machine/peripheral/rng", "/objects/r"} <= set(seen), seen
        qmp.fails("qom-list", {"path": "/nowhere"}, "DeviceNotFound", "'/nowhere'")
        qmp.fails("qom-get", {"path": "rng", "property": "vectrs"}, "GenericError", "vectrs")
        equal(qmp.call("qom-get", path="rng", property="vectors"),
              resolve([*Q35, "-device", "virtio-rng-pci,id=rng"], "--settled")["objects"]["rng"]["properties"]["vectors"])


@test
def types_are_listed_as_they_descend() -> None:
    with Machine(*Q35) as machine:
        qmp = session(machine)
        every = {row["name"]: row for row in qmp.call_with("qom-list-types", {"abstract": True})}
        concrete = {row["name"] for row in qmp.call_with("qom-list-types", {})}
        equal(concrete, {name for name, row in every.items() if not row.get("abstract")})
        virtio = {row["name"] for row in qmp.call_with("qom-list-types", {"implements": "virtio-device"})}
        assert {"virtio-blk-device", "virtio-rng-device"} <= virtio and "VGA" not in virtio
        equal(qmp.call_with("qom-list-types", {"implements": "no-such-type"}), [])
        express = {row["name"] for row in qmp.call_with("qom-list-types", {"implements": "pci-express-device"})}
        assert {"virtio-blk-pci", "e1000e", "nvme"} <= express and not {"e1000", "virtio-blk-pci-transitional"} & express
        # Interfaces are types, and so are buses and each version of a machine.
        equal(every["hotplug-handler"], {"name": "hotplug-handler", "abstract": True, "parent": "interface"})
        equal([every[name].get("parent") for name in ("object", "interface", "PCIE", "pc-q35-9.1-machine")],
              [None, None, "PCI", "generic-pc-machine"])
        matches(qmp.call("qom-get", path="/machine", property="type"), "^pc-q35-.*-machine$")
        assert "smbus" in {row["name"] for row in qmp.call("qom-list-properties", typename="pc-q35-9.1-machine")}
        equal(qmp.call("qom-list-properties", typename="hotplug-handler"), [{"name": "type", "type": "string"}])
        qmp.fails("qom-list-properties", {"typename": "pc-q35-9.9-machine"}, "DeviceNotFound", "not found")
        rows = {row["name"]: row for row in qmp.call("device-list-properties", typename="virtio-blk-pci")}
        equal(rows["num-queues"]["default-value"], 65535)
        matches(rows["num-queues"]["type"], "uint16")
        qmp.fails("device-list-properties", {"typename": "nothing"}, "DeviceNotFound", "'nothing'")
        qmp.fails("device-list-properties", {"typename": "virtio-device"}, "GenericError", "non-abstract")


@test
def a_secret_is_never_told() -> None:
    with Machine(*Q35, "-object", "secret,id=key,data=letmein") as machine:
        qmp = session(machine)
        for text in (json.dumps(qmp.call("query-effective-config")), json.dumps(qmp.call("qom-list", path="/objects/key")),
                     qmp.fails("qom-get", {"path": "/objects/key", "property": "data"}),
                     qmp.fails("object-add", {"qom-type": "secret", "id": "key", "data": "letmein"})):
            assert "letmein" not in text, text


@test
def the_platform_tells_versions_and_features() -> None:
    with Machine("-machine", "none", "--platform-version", "9.1") as machine:
        platform = session(machine).call("query-platform")
        equal((platform["version"], platform["pinned"]), ("9.1", True))
        assert platform["versions"][-1] == "11.1" and "9.1" in platform["versions"]
        since = {row["name"]: row["since"] for row in platform["features"]}
        known = {"tun-uso": "8.2", "tun-udp-tunnel": "10.2", "sev-init2": "9.1", "io-uring": "10.0", "iommufd": "9.0"}
        equal({name: since[name] for name in known}, known)


@test
def the_platform_versions_are_those_that_the_tool_prints() -> None:
    with Machine("-machine", "none") as machine:
        versions = session(machine).call("query-platform-versions")
    listed = tool_json("platform", "list", "--json")
    equal([{**row, "features": [feature["name"] for feature in row["features"]], "changes": None} for row in versions],
          [{**row, "changes": None} for row in listed])
    for row in versions:
        shown = tool_json("platform", "show", "--json", row["version"])
        equal([{**change, "needs": ", ".join(change["needs"])} for change in row["changes"]], shown["changes"])
        equal([{"feature": one["name"], "since": row["version"], "what": one["what"]} for one in row["features"]],
              [one for one in shown["features"] if one["since"] == row["version"]])
    changes = [(row["version"], change["type"], change["property"], change["needs"])
               for row in versions for change in row["changes"]]
    # An entry of the platform axis, and an override of a subclass that needs a feature.
    assert {("9.1", "sev-guest", "legacy-vm-type"), ("7.2", "vhost-vsock-device", "seqpacket")} <= {one[:3] for one in changes}
    equal(len(changes), len({str(one) for one in changes}), "no change appears twice")


main()
