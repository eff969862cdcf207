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
def no_capability_of_a_migration_is_on() -> None:
    with Machine("-machine", "q35") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        rows = machine.qmp.call("query-migrate-capabilities")
        names = {row["capability"] for row in rows}
        assert {"xbzrle", "events", "multifd", "mapped-ram"} <= names, names
        # What a release removed is not listed.
        assert not {"compress", "block", "zero-blocks"} & names, names
        equal({row["state"] for row in rows}, {False})


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
