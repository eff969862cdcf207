#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Processors without an engine: places, paths, members, and hot-plug into every free place."""

import os
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, equal, main, run, test, VM  # noqa: E402

PLACE = "/machine/unattached/device"


def start(target: str, *argv: str) -> Machine:
    return Machine("-target", target, "-accel", "qtest", *argv)


def places(qmp: Any) -> list[tuple[dict, str | None]]:
    """Places with the path of what is there; the first place first."""
    return [(row["props"], row.get("qom-path")) for row in reversed(qmp.call("query-hotpluggable-cpus"))]


def plug_all(target: str, kind: str, count: int, *argv: str) -> None:
    """Plugs @kind into each free place, by the properties that the query returns, and unplugs the last one."""
    with start(target, *argv) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        rows = qmp.call("query-hotpluggable-cpus")
        equal([row["type"] for row in rows], [kind] * count)
        free = [row for row in rows if "qom-path" not in row]
        equal(len(free), count - 1)
        for number, row in enumerate(free):
            qmp.call("device_add", driver=kind, id=f"cpu{number}", **row["props"])
            qmp.fails("device_add", {"driver": kind, "id": "again", **row["props"]})
        equal([row["qom-path"] for row in qmp.call("query-hotpluggable-cpus")],
              [f"/machine/peripheral/cpu{number}" for number in range(len(free))] + [f"{PLACE}[0]"])
        cpus = qmp.call("query-cpus-fast")
        equal([row["cpu-index"] for row in cpus], list(range(count)))
        for row in cpus:
            equal(qmp.call("qom-get", path=row["qom-path"], property="type"), row["qom-type"])
        qmp.call("device_del", id="cpu0")
        equal(qmp.event("DEVICE_DELETED")["data"]["device"], "cpu0")
        equal(len(qmp.call("query-cpus-fast")), count - 1)
        equal([path for _, path in places(qmp)][-1], None)


@test
def processors_are_plugged_into_all_places_of_a_pc() -> None:
    for name in ("pc-i440fx-2.7", "pc-q35-11.1"):
        plug_all("x86_64", "Haswell-x86_64-cpu", 6, "-machine", name, "-cpu", "Haswell",
                 "-smp", "1,sockets=1,cores=3,threads=2,maxcpus=6")


@test
def places_and_processors_have_their_numa_node() -> None:
    nodes = ("-m", "128M", "-object", "memory-backend-ram,id=m,size=128M", "-numa", "node,memdev=m", "-numa", "node",
             "-numa", "cpu,node-id=1,socket-id=0", "-numa", "cpu,node-id=0,socket-id=1")
    with start("x86_64", "-machine", "pc", "-smp", "1,sockets=2,cores=1,maxcpus=2", *nodes) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        equal([props["node-id"] for props, _ in places(qmp)], [1, 0])
        qmp.call("device_add", driver="qemu64-x86_64-cpu", id="second", **places(qmp)[1][0])
        equal([row["props"]["node-id"] for row in qmp.call("query-cpus-fast")], [1, 0])
        text = qmp.call("human-monitor-command", **{"command-line": "info hotpluggable-cpus"})
        lines = text.replace("\r", "").split("\n")
        equal(lines[:6], ["Hotpluggable CPUs:", '  type: "qemu64-x86_64-cpu"', '  vcpus_count: "1"',
                          '  qom_path: "/machine/peripheral/second"', "  CPUInstance Properties:", '    node-id: "0"'])
        assert "" not in lines[:-1], text


@test
def cores_are_plugged_into_all_places_of_a_pseries() -> None:
    plug_all("ppc64", "power8_v2.0-spapr-cpu-core", 6, "-machine", "pseries-6.0", "-cpu", "power8_v2.0",
             "-smp", "1,sockets=2,cores=3,threads=1,maxcpus=6")


@test
def processors_are_plugged_into_all_places_of_an_s390x_machine() -> None:
    plug_all("s390x", "qemu-s390x-cpu", 3, "-machine", "s390-ccw-virtio", "-cpu", "qemu",
             "-smp", "1,sockets=1,cores=3,threads=1,maxcpus=3")


@test
def each_processor_has_the_members_of_its_place() -> None:
    with start("x86_64", "-machine", "q35", "-vga", "std", "-device", "virtio-rng-pci", "-cpu", "Haswell,-avx",
               "-smp", "5,sockets=2,dies=2,cores=1,threads=2,maxcpus=8") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        found = places(qmp)
        equal([path for _, path in found], [f"{PLACE}[{number}]" for number in range(5)] + [None] * 3)
        equal(found[5][0], {"socket-id": 1, "die-id": 0, "core-id": 0, "thread-id": 1})
        for number, (props, path) in enumerate(found[:5]):
            # Each level is one bit of the APIC ID.
            for name, value in {**props, "apic-id": number, "avx": False, "unavailable-features": []}.items():
                equal(qmp.call("qom-get", path=path, property=name), value, f"{path}.{name}")
        children = {row["name"]: row["type"] for row in qmp.call("qom-list", path="/machine/unattached")}
        equal((children["device[4]"], children["device[5]"]), ("child<Haswell-x86_64-cpu>", "child<VGA>"))
        equal(qmp.call("qom-get", path=f"{PLACE}[5]", property="type"), "VGA")
        # What the user added is not among them.
        equal([row["type"] for row in qmp.call("qom-list", path="/machine/peripheral-anon")], ["string", "child<virtio-rng-pci>"])
        for path in (f"{PLACE}[6]", f"{PLACE}[x]", f"{PLACE}[0]/thread[0]", "/machine/peripheral-anon/device[1]"):
            qmp.fails("qom-list", {"path": path}, "DeviceNotFound")


@test
def threads_of_a_core_are_its_children() -> None:
    with start("ppc64", "-machine", "pseries", "-smp", "4,sockets=2,cores=2,threads=2,maxcpus=8") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        equal([(row["props"], row["qom-path"]) for row in qmp.call("query-cpus-fast")],
              [({"core-id": 2 * core}, f"{PLACE}[{core}]/thread[{thread}]") for core in range(2) for thread in range(2)])
        equal([props["core-id"] for props, _ in places(qmp)], [0, 2, 4, 6])
        kinds = {row["name"]: row["type"] for row in qmp.call("qom-list", path=f"{PLACE}[1]")}
        assert kinds["thread[1]"].endswith("-powerpc64-cpu>"), kinds
        equal(qmp.call("qom-get", path=f"{PLACE}[1]", property="core-id"), 2)
        qmp.call("device_add", driver=qmp.call("query-hotpluggable-cpus")[0]["type"], id="more", **{"core-id": 4})
        more = {row["name"]: row["type"] for row in qmp.call("qom-list", path="/machine/peripheral/more")}
        equal({name: more.get(name) for name in kinds if name.startswith("thread[")}, {
            f"thread[{thread}]": kinds["thread[1]"] for thread in range(2)})


@test
def a_machine_without_places_says_so() -> None:
    for target, argv, paths in (("x86_64", ["-machine", "none"], []), ("m68k", ["-machine", "virt"], [f"{PLACE}[0]"]),
                                ("x86_64", ["-machine", "none", "-cpu", "qemu64,apic-id=0"], [f"{PLACE}[0]"]),
                                ("aarch64", ["-machine", "virt", "-smp", "2"], [f"{PLACE}[0]", f"{PLACE}[1]"])):
        with start(target, *argv) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            equal([row["qom-path"] for row in qmp.call("query-cpus-fast")], paths)
            qmp.fails("query-hotpluggable-cpus", {}, pattern="does not support hot-plug of CPUs")


@test
def without_a_processor_any_accelerator_starts() -> None:
    with Machine("-machine", "none,accel=kvm:tcg") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        equal(qmp.call("query-kvm"), {"enabled": False, "present": False})
    done = run(VM, "-machine", "none,accel=kvm:tcg", "-cpu", "qemu64")
    equal((done.returncode, "'kvm-accel' has no implementation" in done.stderr), (1, True), done.stderr)


main()
