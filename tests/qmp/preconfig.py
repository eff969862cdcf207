#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""-preconfig: clients complete the configuration before the machine exists."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, SocketQmp, equal, main, matches, test  # noqa: E402

SMP = ("-preconfig", "-nodefaults", "-accel", "qtest", "-machine", "smp.cpus=2,smp.sockets=2")
HALVES = (*SMP, "-m", "128M,slots=2,maxmem=1G", "-object", "memory-backend-ram,size=64M,id=m0",
          "-object", "memory-backend-ram,size=64M,id=m1", "-numa", "node,nodeid=0,memdev=m0")


@test
def the_machine_exists_after_the_command() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "c")
        with Machine(*SMP, "-chardev", f"socket,id=c,path={path},server=on,wait=off", "-mon", "c,mode=control") as machine:
            assert machine.qmp
            qmp, other = machine.qmp.negotiate(), SocketQmp(path).negotiate()
            equal(qmp.call("query-status"), {"running": False, "status": "prelaunch"})
            qmp.fails("cont", {}, pattern="not permitted before the machine exists; send x-exit-preconfig")
            # A device and its backend are planned, in any order of their kinds.
            qmp.call("object-add", **{"qom-type": "rng-builtin", "id": "r"})
            qmp.fails("object-add", {"qom-type": "rng-builtin", "id": "r"}, pattern="'r'")
            qmp.call("object-add", **{"qom-type": "memory-backend-ram", "id": "m", "size": 1 << 20})
            qmp.call("object-del", id="m")
            # A request that arrives before the reply runs on the machine.
            qmp.send('{"execute": "x-exit-preconfig", "id": 1}{"execute": "query-status", "id": 2}')
            equal(qmp.receive()["event"], "RESUME")
            equal([qmp.receive() for _ in range(2)],
                  [{"return": {}, "id": 1}, {"return": {"running": True, "status": "running"}, "id": 2}])
            equal(other.event("RESUME")["event"], "RESUME")
            other.fails("x-exit-preconfig", {}, pattern="only before the machine exists")
            qmp.fails("set-numa-node", {"type": "node"}, pattern="before the machine exists")
            equal(qmp.call("qom-get", path="/objects/r", property="type"), "rng-builtin")
            qmp.call("stop")


@test
def parts_of_the_numa_topology_are_checked_as_they_come() -> None:
    def add(ok: str, **members: object) -> None:
        arguments = {name.replace("_", "-"): value for name, value in members.items()}
        if ok:
            qmp.fails("set-numa-node", arguments, pattern=ok)
        else:
            qmp.call("set-numa-node", **arguments)

    def figure(ok: str, initiator: int, target: int, kind: str, **value: int) -> None:
        add(ok, type="hmat-lb", initiator=initiator, target=target, hierarchy="memory", data_type=kind, **value)

    def cache(ok: str, node: int, level: int, size: int = 10240) -> None:
        add(ok, type="hmat-cache", node_id=node, size=size, level=level, associativity="direct", policy="write-back", line=8)

    with Machine(*HALVES, "-machine", "hmat=on") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        add("node 1 does not exist", type="cpu", node_id=1, socket_id=1)
        add("", type="node", nodeid=1, memdev="m1", initiator=0)
        add("already exists", type="node", nodeid=1)
        for socket in range(2):
            add("", type="cpu", node_id=0, socket_id=socket)
        figure("node 2 does not exist", 2, 0, "access-latency", latency=1)
        figure("node 1 has no CPUs", 1, 0, "access-latency", latency=1)
        figure("requires latency", 0, 0, "write-latency", bandwidth=1 << 20)
        figure("no multiple of 1 MiB", 0, 0, "access-bandwidth", bandwidth=(1 << 20) - 1)
        figure("", 0, 0, "access-latency", latency=1)
        figure("already set", 0, 0, "access-latency", latency=5)
        figure("do not fit in 16 bits", 0, 1, "access-latency", latency=65535)
        figure("", 0, 1, "access-latency", latency=65534)
        figure("", 0, 0, "access-bandwidth", bandwidth=0)
        cache("latency and bandwidth of node 0 are not set", 0, 1)
        figure("", 0, 1, "access-bandwidth", bandwidth=32767 << 20)
        cache("", 1, 1)
        cache("has a cache of level 1 already", 1, 1)
        cache("not larger than that of level 1", 1, 2)
        cache("", 1, 2, 20480)
        qmp.call("x-exit-preconfig")
        equal([row["id"] for row in qmp.call("query-memdev")], ["m0", "m1"])


@test
def an_incomplete_configuration_does_not_start() -> None:
    with Machine(*HALVES) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.fails("set-numa-node", {"type": "node", "nodeid": 1, "memdev": "m1", "initiator": 0}, pattern="hmat=on")
        qmp.send('{"execute": "x-exit-preconfig"}')
        status, text = machine.end()
        equal(status, 1)
        matches(text, r"vintage-vm: [^\n]*the nodes have 67108864 bytes of memory; expected [^\n]*134217728\n\Z")


EMPTY = ("-preconfig", "-nodefaults", "-accel", "qtest", "-S")
BACKENDS = (("object-add", {"qom-type": "rng-builtin", "id": "r"}), ("object-add", {"qom-type": "iothread", "id": "t"}),
            ("chardev-add", {"id": "c", "backend": {"type": "null", "data": {}}}),
            ("blockdev-add", {"driver": "null-co", "node-name": "d"}), ("netdev_add", {"type": "user", "id": "n"}))
# The second one has the place that the first one would get alone.
DEVICES = ({"driver": "virtio-rng-pci", "rng": "r", "id": "a"},
           {"driver": "virtio-blk-pci", "drive": "d", "id": "b", "addr": "0x1", "iothread": "t"},
           {"driver": "virtio-net-pci", "netdev": "n"}, {"driver": "isa-serial", "chardev": "c"})
LINE = ("-machine", "pc-q35-9.1,smp.cpus=4,memory.size=512M,vmport=off", "-cpu", "Haswell,-avx", "--platform-version", "9.1",
        "-object", "rng-builtin,id=r", "-object", "iothread,id=t,poll-max-ns=100", "-chardev", "null,id=c",
        "-blockdev", "null-co,node-name=d", "-netdev", "user,id=n",
        *(word for device in DEVICES for word in ("-device", ",".join(f"{key}={value}" for key, value in device.items()))))


@test
def commands_alone_configure_what_the_command_line_does() -> None:
    with Machine(*EMPTY, pin=False) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        for name, arguments in BACKENDS:
            qmp.call_with(name, arguments)
        qmp.call_with("machine-set", {"type": "microvm", "options": {"rtc": "on"}, "cpu": "qemu64"})
        qmp.call_with("machine-set", {"type": "pc-q35-9.1", "cpu": "Haswell,-avx", "options": {
            "smp": {"cpus": 4}, "memory": {"size": 512 << 20}, "vmport": "off"}})
        qmp.call("platform-set", version="9.1")
        equal([qmp.call("query-platform")[key] for key in ("version", "pinned")], ["9.1", True])
        for arguments in DEVICES:
            qmp.call_with("device_add", arguments)
        for kind in ("rng-builtin", "rng-random"):      # an id can be used again
            qmp.call_with("object-add", {"qom-type": kind, "id": "gone"})
            qmp.call("object-del", id="gone")
        qmp.call("qom-set", path="/objects/t", property="poll-max-ns", value=100)
        qmp.call("x-exit-preconfig")
        ours = qmp.call("query-effective-config")
        qmp.fails("machine-set", {"type": "microvm"}, pattern="only before the machine exists")
    with Machine(*EMPTY[1:], *LINE) as machine:
        assert machine.qmp
        theirs = machine.qmp.negotiate().call("query-effective-config")
        equal([ours.pop("options")["preconfig"], theirs.pop("options").get("preconfig")], [True, None])
        equal(ours, theirs)


@test
def a_refused_setting_changes_nothing() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "c")
        with Machine(*EMPTY, "-machine", "pc-q35-8.0", "-chardev", f"socket,id=c,path={path},server=on,wait=off", "-mon",
                     "c,mode=control",
                     "--platform-version", "9.0") as machine:
            assert machine.qmp
            qmp, other = machine.qmp.negotiate(), SocketQmp(path).negotiate()
            before = qmp.call("query-effective-config")
            for command, arguments, pattern in (
                    ("machine-set", {"type": "pc-q35-9.9"}, "^machine-set: unknown machine 'pc-q35-9.9'; did you mean"),
                    ("machine-set", {"type": "microvm", "options": {"rtcc": "on"}}, "^machine-set: unknown member 'rtcc'.*'rtc'"),
                    ("machine-set", {"type": "microvm", "cpu": "Hasvell"}, "^machine-set: unknown cpu model .*'Haswell'"),
                    ("machine-set", {"options": {"smp": {"cpus": 0}}}, "smp.cpus"),
                    ("machine-set", {"options": "smp.cpus=1"}, "^machine-set: options: expected an object"),
                    ("machine-set", {"type": "microvm", "options": {"type": "q35"}}, "^machine-set: options: 'type' repeats"),
                    ("platform-set", {"version": "77"}, "unknown platform version '77'; expected 7.2 to"),
                    ("device_add", {"driver": "virtio-net-pci", "netdev": "n"}, "'n'")):
                qmp.fails(command, arguments, pattern=pattern)
                equal(qmp.call("query-effective-config"), before, command)
            other.call("machine-set", type="microvm")
            equal(qmp.call("qom-get", path="/machine", property="type"), "microvm-machine")
            other.call("x-exit-preconfig")
            equal(other.call("query-effective-config")["machine"], "microvm")


if __name__ == "__main__":
    main()
