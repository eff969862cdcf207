#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What upstream's qtest programs qmp-cmd-test, machine-none-test and readconfig-test check, in few starts."""

import os
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from introspection import by_name  # noqa: E402
from vintage_test import Machine, Qmp, QmpError, equal, main, test, write_file  # noqa: E402

# Whether they succeed depends on the target or the host; add-fd is no query.
IGNORED = {"add-fd", "query-cpu-definitions", "query-gic-capabilities", "query-pci", "query-sev-launch-measure", "query-sev",
           "query-sev-capabilities", "query-sgx", "query-sgx-capabilities"}
# Those that fail on the machine 'none', with the class.
FAILS = {"query-acpi-ospm-status": "GenericError", "query-balloon": "DeviceNotActive", "query-hotpluggable-cpus": "GenericError",
         "query-vm-generation-id": "GenericError", "query-xen-replication-status": "CommandNotFound"}
CPUS = {"arm": "cortex-a15", "aarch64": "cortex-a57", "x86_64": "qemu64,apic-id=0", "i386": "qemu32,apic-id=0", "m68k": "m5206",
        "mips": "4Kc", "mipsel": "I7200", "mips64": "20Kc", "mips64el": "I6500", "ppc": "604", "ppc64": "power8e_v2.1",
        "s390x": "qemu", "riscv32": "rv32", "riscv64": "rv64"}
RNG = '[object]\nqom-type = "rng-builtin"\nid = "rng0"\n'
USB = "".join(f'[device "{name}"]\n driver = "ich9-usb-{kind}"\n addr = "1d.{function}"\n multifunction = "on"\n{rest}'
              for name, kind, function, rest in (
                  ("ehci", "ehci1", 7, ""),
                  *((f"uhci-{number + 1}", f"uhci{number + 1}", number, f' masterbus = "ehci.0"\n firstport = "{2 * number}"\n')
                    for number in range(3))))


def queries(qmp: Qmp) -> list[str]:
    """Commands that return something and need no argument."""
    entities = by_name(qmp.call("query-qmp-schema"))
    found = []
    for name, entity in entities.items():
        if entity["meta-type"] != "command" or name in IGNORED:
            continue
        returned = entities[entity["ret-type"]]
        if all("default" in member for member in entities[entity["arg-type"]]["members"]) and (
                returned["meta-type"] != "object" or returned["members"]):
            found.append(name)
    return found


def outcome(qmp: Qmp, name: str) -> str:
    try:
        qmp.call(name)
    except QmpError as error:
        return error.class_name
    return "success"


@test
def each_query_succeeds_or_fails_as_it_does_upstream() -> None:
    for target, argv, fails in (("x86_64", ["-nodefaults", "-machine", "none"], FAILS), ("s390x", ["-machine", "none"], FAILS),
                                ("x86_64", [], {**FAILS, "query-hotpluggable-cpus": "success"}),
                                ("aarch64", ["-machine", "virt"], FAILS), ("m68k", ["-machine", "virt"], FAILS)):
        with Machine("-target", target, "-accel", "qtest", *argv) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            names = queries(qmp)
            assert len(names) > 30, names
            for name in names:
                equal(outcome(qmp, name), fails.get(name, "success"), f"{target} {name}")


@test
def the_machine_none_takes_a_processor_of_each_target() -> None:
    with tempfile.TemporaryDirectory() as directory:
        rng = write_file(directory, "rng.cfg", RNG)
        for target, cpu in CPUS.items():
            with Machine("-target", target, "-machine", "none", "-accel", "qtest", "-cpu", cpu, "-readconfig", rng) as machine:
                assert machine.qmp
                qmp = machine.qmp.negotiate()
                equal([row["target"] for row in qmp.call("query-cpus-fast")], [target])
                assert {"name": "rng0", "type": "child<rng-builtin>"} in qmp.call("qom-list", path="/objects"), target
                equal(qmp.call("quit"), {})
                equal(machine.end()[0], 0, target)


@test
def a_file_of_sections_configures_objects_and_devices() -> None:
    with tempfile.TemporaryDirectory() as directory:
        memory = write_file(directory, "memory.cfg", '[memory]\nsize = "200"\n')
        with Machine("-nodefaults", "-machine", "none", "-readconfig", memory) as machine:
            assert machine.qmp
            row, = machine.qmp.negotiate().call("query-memdev")
            equal((row["id"], row["size"]), ("ram", 200 << 20))
        rng = write_file(directory, "rng.cfg", RNG)
        usb = write_file(directory, "usb.cfg", USB)
        with Machine("-accel", "qtest", "-nodefaults", "-readconfig", rng, "-readconfig", usb) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            found: dict[str, Any] = {row["name"]: row["type"] for path in ("/objects", "/machine/peripheral")
                                     for row in qmp.call("qom-list", path=path)}
            wanted = {"rng0": "rng-builtin", "ehci": "ich9-usb-ehci1", **{f"uhci-{n}": f"ich9-usb-uhci{n}" for n in (1, 2, 3)}}
            equal({name: found.get(name) for name in wanted}, {name: f"child<{kind}>" for name, kind in wanted.items()})


main()
