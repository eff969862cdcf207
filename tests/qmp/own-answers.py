#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Answers of vintage-vm without an engine, from the schema and the tree of objects."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, Machine, equal, main, test  # noqa: E402


@test
def no_job_runs() -> None:
    with Machine("-machine", "q35") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        equal(machine.qmp.call("query-jobs"), [])
        equal(machine.qmp.call("query-block-jobs"), [])


@test
def tpm_devices_are_those_of_the_target() -> None:
    for target, models in (("x86_64", ["tpm-tis", "tpm-crb"]), ("ppc64", ["tpm-spapr"]), ("s390x", [])):
        with Machine("-target", target, "-machine", "none") as machine:
            assert machine.qmp
            machine.qmp.negotiate()
            equal(machine.qmp.call("query-tpm-models"), models, target)
            equal(machine.qmp.call("query-tpm-types"), ["passthrough", "emulator"])


@test
def what_only_kvm_offers_is_an_error() -> None:
    with Machine("-machine", "q35") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        for command in ("query-sev-capabilities", "query-sgx-capabilities", "query-sgx"):
            machine.qmp.fails(command, {}, pattern="requires KVM, and an engine that runs the guest")


@test
def settings_of_a_migration_are_kept() -> None:
    with Machine("-machine", "q35", "-global", "migration.x-events=on", "-global", "migration.x-downtime-limit=400") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        states = {row["capability"]: row["state"] for row in qmp.call("query-migrate-capabilities")}
        assert {"xbzrle", "events", "multifd", "mapped-ram"} <= set(states), states
        # What a release removed is not listed.
        assert not {"compress", "block", "zero-blocks"} & set(states), states
        equal({name for name, state in states.items() if state}, {"events"})
        qmp.call("migrate-set-capabilities", capabilities=[{"capability": "xbzrle", "state": True},
                                                           {"capability": "events", "state": False}])
        equal({row["capability"] for row in qmp.call("query-migrate-capabilities") if row["state"]}, {"xbzrle"})
        old = qmp.call("query-migrate-parameters")
        equal((old["downtime-limit"], old["cpu-throttle-initial"], old["tls-creds"]), (400, 20, ""))
        qmp.fails("migrate-set-parameters", {"downtime-limit": 1, "cpu-throttle-initial": 0}, pattern="below the minimum 1")
        new = {"cpu-throttle-initial": 30, "tls-creds": "tls0", "block-bitmap-mapping": []}
        qmp.call_with("migrate-set-parameters", new)
        equal(qmp.call("query-migrate-parameters"), {**old, **new})
        equal(qmp.call("query-migrate"), {"blocked-reasons": ["no engine runs a guest"]})


@test
def commands_to_the_guest_need_what_the_machine_has() -> None:
    with Machine("-machine", "q35", "-accel", "qtest", "-m", "300", "-device", "virtio-balloon-pci",
                 "-device", "vmgenid,guid=324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.call("balloon", value=1 << 20)
        equal(qmp.call("query-balloon"), {"actual": 300 << 20})
        qmp.fails("balloon", {"value": 0}, pattern="'0' is no size")
        equal(qmp.call("query-vm-generation-id"), {"guid": "324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87"})
        equal(qmp.call("query-current-machine"), {"wakeup-suspend-support": True})
        for command in ("inject-nmi", "rtc-reset-reinjection"):
            equal(qmp.call(command), {})
        qmp.call("send-key", keys=[{"type": "qcode", "data": "ctrl"}, {"type": "number", "data": 5}])
        qmp.fails("send-key", {"keys": [{"type": "qcode", "data": "zz"}]}, pattern="unknown value 'zz'")
        equal((qmp.call("query-stats", target="vm"), qmp.call("query-stats-schemas")), ([], []))
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.fails("balloon", {"value": 1}, "DeviceNotActive", "no balloon device")
        qmp.fails("inject-nmi", {}, pattern="machine 'none' has no non-maskable interrupt")
        equal(qmp.call("query-current-machine"), {"wakeup-suspend-support": False})


@test
def options_that_create_list_the_members_of_their_classes() -> None:
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        options = {row["option"]: {each["name"] for each in row["parameters"]}
                   for row in machine.qmp.negotiate().call("query-command-line-options")}
        for option, names in {"fsdev": {"fsdriver", "path", "multidevs"}, "spice": {"gl", "rendernode"}, "vnc": {"power-control"},
                              "machine": {"type", "firmware"}, "chardev": {"path", "logfile"}}.items():
            assert names <= options[option], (option, options[option])
        equal(options["device"], set())     # one list of all members of all devices is too long


@test
def the_memory_is_that_of_the_machine() -> None:
    with Machine("-machine", "q35", "-m", "384") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        equal(machine.qmp.call("query-memory-size-summary"), {"base-memory": 384 << 20, "plugged-memory": 0})


@test
def qom_list_get_has_the_properties_and_values_of_its_parts() -> None:
    with Machine("-machine", "q35", "-object", "rng-random,id=r", "-object", "secret,id=s,data=hidden") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        paths = ["/objects/r", "/objects", "/machine"]
        for path, entry in zip(paths, qmp.call("qom-list-get", paths=paths)):
            for listed, row in zip(qmp.call("qom-list", path=path), entry["properties"], strict=True):
                equal((row["name"], row["type"]), (listed["name"], listed["type"]), path)
                if "value" in row:
                    equal(row["value"], qmp.call("qom-get", path=path, property=row["name"]), f"{path}.{row['name']}")
        secret, = qmp.call("qom-list-get", paths=["/objects/s"])
        assert "hidden" not in str(secret), secret
        equal([row["name"] for row in secret["properties"] if row["name"] == "data" and "value" in row], [])
        qmp.fails("qom-list-get", {"paths": ["/objects/r", "/objects/none"]}, "DeviceNotFound", "'/objects/none' not found")


@test
def backends_without_a_machine_run_no_job() -> None:
    class Backends(Machine):
        program = os.path.join(BUILD, "vintage-backends")
    with Backends() as daemon:
        assert daemon.qmp
        equal(daemon.qmp.negotiate().call("query-jobs"), [])


@test
def what_only_an_engine_serves_is_unknown_without_one() -> None:
    with Machine("-machine", "q35") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        listed = {row["name"] for row in machine.qmp.call("query-commands")}
        described = {entity["name"] for entity in machine.qmp.call("query-qmp-schema")}
        for command in ("migrate", "job-cancel", "query-spice"):
            machine.qmp.fails(command, {}, "CommandNotFound")
            assert command not in listed | described
        assert "query-jobs" in listed & described


main()
