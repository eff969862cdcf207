#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The test protocol of QEMU ('-qtest'), and machines without models under the accelerator that it uses."""

import contextlib
import os
import socket
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TIMEOUT, VM, Machine, Qmp, QmpError, equal, main, matches, run, sampled, test  # noqa: E402

ACCEL = ("-accel", "qtest")
TARGETS = {"x86_64": "little", "i386": "little", "aarch64": "little", "arm": "little", "s390x": "big", "ppc64": "big",
           "ppc": "big", "m68k": "big", "riscv64": "little", "riscv32": "little", "mips": "big", "mipsel": "little",
           "mips64": "big", "mips64el": "little"}


class Protocol:
    """Accepts the connection of '-qtest', as upstream's test programs do."""

    def __init__(self, *argv: str) -> None:
        self.directory = tempfile.TemporaryDirectory()
        path = os.path.join(self.directory.name, "qtest")
        self.log = os.path.join(self.directory.name, "log")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        listener.settimeout(TIMEOUT)
        self.machine = Machine("-qtest", f"unix:{path}", "-qtest-log", self.log, *ACCEL, "-display", "none", *argv)
        assert self.machine.qmp
        self.qmp: Qmp = self.machine.qmp.negotiate()
        connection = listener.accept()[0]
        connection.settimeout(TIMEOUT)
        listener.close()
        self.file = connection.makefile("rw")
        connection.close()

    def ask(self, request: str) -> str:
        self.file.write(request + "\n")
        self.file.flush()
        return self.file.readline().rstrip("\n")

    def __enter__(self) -> "Protocol":
        return self

    def __exit__(self, *what: Any) -> None:
        self.file.close()
        self.machine.__exit__(*what)
        self.directory.cleanup()


@test
def each_target_has_its_byte_order() -> None:
    for target, order in TARGETS.items():
        with Protocol("-target", target, "-machine", "none") as protocol:
            equal(protocol.ask("endianness"), f"OK {order}", target)


@test
def requests_are_answered_and_recorded() -> None:
    with Protocol("-machine", "none") as protocol:
        for request, answer in {"clock_step 1000": "OK 1000", "clock_step": "OK 1000", "clock_set 5000": "OK 5000",
                                "clock_set 1": "FAIL the time has passed", "clock_set": "FAIL wrong arguments of 'clock_set'",
                                "clock_step 9223372036854775807": "FAIL the time is out of range",
                                "clock_step x": "FAIL wrong arguments of 'clock_step'", "readb 0": "FAIL Unknown command 'readb'",
                                "": "FAIL Unknown command ''", "x" * 70000: "FAIL the request is too long"}.items():
            equal(protocol.ask(request), answer, request[:40])
        equal(protocol.ask("endianness"), "OK little")
        with open(protocol.log, encoding="utf-8") as file:
            lines = file.read().splitlines()
    matches(lines[0], r"^\[R \+\d+\.\d{6}\] clock_step 1000$")
    matches(lines[1], r"^\[S \+\d+\.\d{6}\] OK 1000$")


def answered(qmp: Qmp, command: str, **arguments: str) -> None:
    with contextlib.suppress(QmpError):
        qmp.call(command, **arguments)


def objects(qmp: Qmp, path: str) -> int:
    """The number of objects below @path; each property is read."""
    found = 1
    for item in qmp.call("qom-list", path=path):
        if item["type"].startswith("child<"):
            found += objects(qmp, f"{path}/{item['name']}")
        elif item["type"].startswith("link<"):
            answered(qmp, "qom-list", path=f"{path}/{item['name']}")
        else:
            answered(qmp, "qom-get", path=path, property=item["name"])
    return found


@test
def machines_of_all_targets_start_without_models() -> None:
    tried = found = 0
    for target in TARGETS:
        with Machine("-target", target, "-machine", "none") as machine:
            assert machine.qmp
            names = [one["name"] for one in machine.qmp.negotiate().call("query-machines")]
        for name in sampled(sorted(names), 40, 12):
            with Machine("-target", target, "-machine", name, *ACCEL) as machine:
                assert machine.qmp
                found += objects(machine.qmp.negotiate(), "/machine")
                tried += 1
    print(f"# {tried} machines, {found} objects")
    assert tried >= 10 and found > 2 * tried


@test
def a_device_without_a_model_is_plugged_and_unplugged() -> None:
    with Machine("-machine", "pc-q35-7.2", *ACCEL, "-device", "qemu-xhci,id=usb") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.call("device_add", driver="usb-tablet", id="tablet", bus="usb.0")
        assert any(one["name"] == "tablet" for one in qmp.call("qom-list", path="/machine/peripheral"))
        qmp.call("device_del", id="tablet")
        equal(qmp.event("DEVICE_DELETED")["data"]["device"], "tablet")


@test
def backends_without_an_implementation_still_fail() -> None:
    done = run(VM, *ACCEL, "-machine", "none", "-blockdev", "rbd,node-name=n,pool=p,image=i")
    equal(done.returncode, 1)
    matches(done.stderr, "class 'blockdev-rbd' has no implementation yet")
    done = run(VM, "-machine", "pc", "-device", "qemu-xhci")
    equal(done.returncode, 1)
    matches(done.stderr, "class 'qemu-xhci' has no device model yet")


@test
def requests_in_single_quotes_are_read_as_qemu_reads_them() -> None:
    with Machine("-machine", "none", "-object", "{'qom-type': 'rng-builtin', 'id': 'r'}") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.send(b"{'execute': 'query-name', 'id': 'a}\\'\"b'}\n")
        equal(qmp.receive()["id"], "a}'\"b")
        equal([one["name"] for one in qmp.call("qom-list", path="/objects") if one["name"] == "r"], ["r"])
        # After what no value has, the next one counts.
        for wrong in (b"{]\n", b"{\xff", b"{\x01", b"{'bad \xff", b"{'execute': 'no-such-command', 'id':'\n", b"%p"):
            qmp.send(wrong)
            equal(qmp.receive()["error"]["class"], "GenericError", repr(wrong))
            qmp.fails("no-such-command", {}, "CommandNotFound")


main()
