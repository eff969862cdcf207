#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Properties of objects and classes, and the options of the command line, as clients ask for them."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Qmp, equal, main, run, test, VM  # noqa: E402

GROUP = ("-object", "throttle-group,id=t")


def session(machine: Machine) -> Qmp:
    assert machine.qmp
    return machine.qmp.negotiate()


@test
def a_mutable_property_is_set_and_read_back() -> None:
    with Machine("-machine", "none", *GROUP) as machine:
        qmp = session(machine)
        qmp.call("qom-set", path="/objects/t", property="limits", value={"iops-total": 7})
        equal(qmp.call("qom-get", path="/objects/t", property="limits")["iops-total"], 7)
        config = qmp.call("query-effective-config")
        equal(config["objects"]["t"]["properties"]["limits"]["iops-total"], 7)


@test
def what_cannot_be_set_stays_as_it_was() -> None:
    with Machine("-machine", "pc-q35-9.1", *GROUP, "-object", "rng-random,id=r") as machine:
        qmp = session(machine)
        before = qmp.call("query-effective-config")
        for path, prop, value, pattern in (
                ("/objects/t", "limits", {"iops-total": -1}, "limits.*iops-total"),
                ("/objects/t", "limits", 5, "limits.*expected an object"),
                ("/objects/t", "limits", None, "null"),
                ("/objects/t", "limts", {}, "did you mean 'limits'"),
                ("/objects/r", "filename", "/dev/zero", "cannot be changed at run time"),
                ("/machine", "usb", True, "cannot be changed at run time")):
            text = qmp.fails("qom-set", {"path": path, "property": prop, "value": value}, pattern=pattern)
            assert "\n" not in text
        qmp.fails("qom-set", {"path": "/objects/u", "property": "limits", "value": {}}, "DeviceNotFound", "'/objects/u'")
        equal(qmp.call("query-effective-config"), before)


@test
def an_object_without_id_has_a_number_in_brackets() -> None:
    device = "/machine/peripheral-anon/device"
    with Machine("-machine", "pc-q35-9.1", "-object", "rng-random,id=r", "-device", "virtio-rng-pci,rng=r") as machine:
        qmp = session(machine)
        equal(qmp.call("qom-get", path=f"{device}[0]", property="type"), "virtio-rng-pci")
        for number in ("[0", "[0]x", "[ 0]", "[+0]", "[4294967296]", "[]", "[1]", "0]"):
            qmp.fails("qom-get", {"path": device + number, "property": "type"}, "DeviceNotFound")


@test
def classes_tell_their_properties() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        # An abstract class is accepted, too; each property belongs to one of its subclasses.
        abstract = {row["name"] for row in qmp.call("qom-list-properties", typename="virtio-pci")}
        concrete = {row["name"]: row["type"] for row in qmp.call("qom-list-properties", typename="virtio-rng-pci")}
        assert abstract and abstract <= set(concrete), abstract - set(concrete)
        equal(concrete["vectors"], {row["name"]: row["type"] for row in qmp.call(
            "device-list-properties", typename="virtio-rng-pci")}["vectors"])
        assert "limits" in {row["name"] for row in qmp.call("qom-list-properties", typename="throttle-group")}
        qmp.fails("qom-list-properties", {"typename": "virtio-rng-isa"}, "DeviceNotFound", "'virtio-rng-isa'")


@test
def options_are_those_that_help_lists() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        options = {row["option"]: row["parameters"] for row in qmp.call("query-command-line-options")}
        text = run(VM, "-help").stdout
        for name in options:
            assert f"-{name}" in text, name
        # A structure's help names its members, as the query does.
        for name in ("smp", "name", "overcommit"):
            named = re.findall(r"(?m)^  ([\w.-]+)=<", run(VM, f"-{name}", "help").stdout)
            equal(sorted(named), sorted(row["name"] for row in options[name]))
        smp = {row["name"]: row for row in qmp.call("query-command-line-options", option="smp")[0]["parameters"]}
        equal((list(smp)[0], smp["cpus"]["type"]), ("cpus", "number"))
        action = {row["name"]: row for row in options["action"]}
        equal(action["reboot"]["default"], "reset")
        equal(options["device"], [])
        qmp.fails("query-command-line-options", {"option": "smpp"}, pattern="smpp")


main()
