#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What QEMU's own test programs do with a machine under qtest: HMP on every machine, introspection, NUMA."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TIMEOUT, Machine, Qmp, equal, main, sampled, test  # noqa: E402

NONE = ("-nodefaults", "-machine", "none")
TARGETS = ("x86_64", "aarch64", "s390x", "ppc64", "arm", "riscv64")
# A command of each kind of argument: texts, ids, options, numbers, formats, flags, quotes.
COMMANDS = (
    "announce_self", "boot_set ndc", "chardev-add null,id=c1", "chardev-send-break c1", "chardev-change c1 ringbuf",
    "chardev-remove c1", "commit all", "cpu 0", "device_add ?", "device_add usb-mouse,id=m1", "mouse_button 7",
    "mouse_move 10 -10", "device_del m1", "dump-guest-memory /dev/null 0 4096", "dump-guest-memory -p /dev/null", "gdbserver",
    "gva2gpa 0", "hostfwd_add tcp::43210-:43210", "i /w 0", "log all", "memsave 0 4096 \"/dev/null\"",
    "migrate_set_parameter xbzrle-cache-size 64k", "netdev_add user,id=n1", "set_link n1 off", "netdev_del n1", "nmi",
    "o /w 0 0x1234", "object_add memory-backend-ram,id=mem1,size=256M", "object_del mem1", "p $pc + 8", "p 1 + 2 * (3 - 1)",
    "qom-list /", "qom-set /machine initrd test", "qom-get /machine initrd", "screendump /dev/null", "sendkey x",
    "stopcapture 0", "sum 0 512", "x /8i 0x100", "x/8i 0x100", "xp /16x 0", "drive_add ignored format=help", "\"", "info", "/")


def session(machine: Machine) -> Qmp:
    assert machine.qmp
    return machine.qmp.negotiate()


def ask(qmp: Qmp, line: str) -> str:
    answer = qmp.call("human-monitor-command", **{"command-line": line})
    assert isinstance(answer, str), line
    assert answer.count("\n") == answer.count("\r\n"), answer
    return answer.replace("\r\n", "\n")


def qtest(target: str, *argv: str) -> Machine:
    return Machine("-target", target, "-accel", "qtest", *argv)


@test
def every_machine_answers_every_line() -> None:
    lines = machines = 0
    for target in TARGETS:
        with qtest(target, *NONE) as machine:
            names = [one["name"] for one in session(machine).call("query-machines")]
        for name in sampled(names, 40, 20):
            with qtest(target, "-S", "-machine", name) as machine:
                qmp = session(machine)
                subjects = [line.split(" -- ")[0].split()[:2] for line in ask(qmp, "help info").splitlines()]
                for words in [*subjects, *([line] for line in COMMANDS)]:
                    answer = ask(qmp, " ".join(words))
                    assert not answer or answer.endswith("\n"), (words, answer)
                    lines += 1
                equal(qmp.call("quit"), {})
                equal(machine.process.wait(TIMEOUT), 0, name)
            machines += 1
    print(f"# {machines} machines, {lines} lines")


def paths_below(qmp: Qmp, path: str) -> list[str]:
    names = [row["name"] for row in qmp.call("qom-list", path=path) if row["type"].startswith("child<")]
    children = [f"{path.rstrip('/')}/{name}" for name in sorted(names)]
    return [each for child in children for each in (child, *paths_below(qmp, child))]


@test
def introspection_of_devices_leaves_the_trees() -> None:
    for target in TARGETS:
        with qtest(target, *NONE) as machine:
            qmp = session(machine)
            before = paths_below(qmp, "/"), ask(qmp, "info qtree"), ask(qmp, "info qom-tree")
            types = qmp.call("qom-list-types", implements="device", abstract=False)
            for name in (*sampled([one["name"] for one in types], 80, 20), "nonexistent", "device"):
                ask(qmp, 'device_add "%s,help"' % name.replace(",", ",,"))
            equal((paths_below(qmp, "/"), ask(qmp, "info qtree"), ask(qmp, "info qom-tree")), before, target)


def read_tree(qmp: Qmp, path: str) -> int:
    """Reads each property below @path, and returns their number."""
    rows = qmp.call("qom-list", path=path)
    for row in rows:
        qmp.call("qom-get", path=path, property=row["name"])
    children = [row["name"] for row in rows if row["type"].startswith("child<")]
    return len(rows) + sum(read_tree(qmp, f"{path}/{child}") for child in children)


@test
def every_property_of_every_machine_is_readable() -> None:
    properties = machines = 0
    for target in TARGETS:
        with qtest(target, *NONE) as machine:
            names = [one["name"] for one in session(machine).call("query-machines")]
        for name in sampled(names, 40, 20):
            with qtest(target, "-S", "-machine", name) as machine:
                qmp = session(machine)
                properties += read_tree(qmp, "/machine")
                equal(qmp.call("quit"), {})
                equal(machine.process.wait(TIMEOUT), 0, name)
            machines += 1
    print(f"# {machines} machines, {properties} properties")


@test
def numa_nodes_have_the_processors_that_qemu_gives_them() -> None:
    for target, size, machine_name in (("x86_64", "128M", "pc"), ("aarch64", "128M", "virt"), ("ppc64", "512M", "pseries")):
        for smp, nodes, cpus in (
                ("smp.cpus=8", ("cpus=0-3", "cpus=4-7"), ("0 1 2 3", "4 5 6 7")),
                ("smp.cpus=8,smp.sockets=8", (), ("0 2 4 6", "1 3 5 7")),
                ("smp.cpus=8", ("cpus=0-1", "cpus=4-5"), ("0 1 2 3 6 7", "4 5"))):
            first, second = nodes or ("nodeid=0", "nodeid=1")
            with qtest(target, "-object", f"memory-backend-ram,id=ram,size={size}", "-machine", f"{machine_name},{smp}",
                       "-numa", f"node,memdev=ram,{first}", "-numa", f"node,{second}") as machine:
                text = ask(session(machine), "info numa")
                equal(text, f"2 nodes\nnode 0 cpus: {cpus[0]}\nnode 0 size: {size[:-1]} MB\nnode 0 plugged: 0 MB\n"
                      f"node 1 cpus: {cpus[1]}\nnode 1 size: 0 MB\nnode 1 plugged: 0 MB\n", f"{target} {smp} {nodes}")


if __name__ == "__main__":
    main()
