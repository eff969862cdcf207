#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Migration between two processes over their engines: the contract, and every way that the state takes."""

import array
import json
import os
import shutil
import socket
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Qmp, Skip, equal, main, test  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
MACHINE = "pc-q35-6.2"
DEVICES = ["-smp", "2", "-m", "32", "-nodefaults", "-display", "none", "-blockdev", "null-co,node-name=d,read-zeroes=on",
           "-device", "virtio-rng-pci,id=r"]
DISK = ["-device", "virtio-blk-pci,id=v,drive=d"]


class Engine(Machine):
    def __init__(self, *argv: str, machine: str = MACHINE, disk: list[str] | None = None, **more: Any):
        if not QEMU:
            raise Skip("qemu-system-x86_64 is not installed")
        super().__init__("-engine", "qemu", "-machine", machine, *DEVICES, *(disk or DISK), *argv, **more)

    def negotiate(self) -> Qmp:
        assert self.qmp
        return self.qmp.negotiate()


def wait_for(qmp: Qmp, status: str) -> None:
    """Waits for the event MIGRATION with @status."""
    while True:
        message = qmp.events.pop(0) if qmp.events else qmp.receive()
        found = message["data"]["status"] if message["event"] == "MIGRATION" else ""
        if found == status:
            return
        assert found != "failed", message


def move(source: Qmp, target: Qmp, uri: str) -> None:
    """Migrates to @uri, and checks both ends."""
    source.call("migrate", uri=uri)
    wait_for(source, "completed")
    wait_for(target, "completed")
    equal(source.call("query-migrate")["status"], "completed", uri)
    equal(source.call("query-status")["status"], "postmigrate", uri)
    equal(target.call("query-status"), {"status": "running", "running": True, "singlestep": False}, uri)


def observe(*clients: Qmp) -> None:
    for client in clients:
        client.call_with("migrate-set-capabilities", {"capabilities": [{"capability": "events", "state": True}]})


@test
def a_guest_moves_over_sockets() -> None:
    """tcp and unix, with a contract that agrees, and -incoming with an address"""
    with tempfile.TemporaryDirectory() as directory:
        for uri in (f"unix:{directory}/state", "tcp:127.0.0.1:0"):
            with Engine() as here, Engine("-incoming", "defer") as there:
                source, target = here.negotiate(), there.negotiate()
                observe(source, target)
                target.call_with("check-migration-contract", {"contract": source.call("query-migration-contract")})
                equal(target.call("query-status")["status"], "inmigrate")
                target.call("migrate-incoming", uri=uri)
                if uri.startswith("tcp"):
                    uri = f"tcp:127.0.0.1:{target.call('query-migrate')['socket-address'][0]['port']}"
                move(source, target, uri)
        with Engine() as here, Engine("-incoming", f"unix:{directory}/direct") as there:
            source, target = here.negotiate(), there.negotiate()
            observe(source, target)
            move(source, target, f"unix:{directory}/direct")


@test
def a_guest_is_saved_and_restored() -> None:
    """through a descriptor as libvirt does, and through a command"""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "state")
        with Engine(qmp="unix:PATH,server=on,wait=off") as here:
            source = here.connect()
            source.negotiate()
            observe(source)
            with open(path, "wb") as file:
                text = json.dumps({"execute": "getfd", "arguments": {"fdname": "save"}}).encode() + b"\n"
                source.socket.sendmsg([text], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file.fileno()]))])
                equal(source.answer()["return"], {})
            source.call("migrate", uri="fd:save")
            wait_for(source, "completed")
        with open(path, "rb") as file, Engine("-incoming", "defer", fds=(file.fileno(),)) as there:
            target = there.negotiate()
            observe(target)
            target.call("migrate-incoming", uri=f"fd:{file.fileno()}")
            wait_for(target, "completed")
            equal(target.call("query-status")["status"], "running")
        with Engine("-incoming", f"exec:cat {path}") as there:
            target = there.negotiate()
            end = 200
            while target.call("query-status")["status"] == "inmigrate" and end:
                end -= 1
            equal(target.call("query-status")["status"], "running")


@test
def a_difference_is_refused_before_a_page_moves() -> None:
    cases = (({"machine": "pc-q35-7.2"}, '; machine: the source has "pc-q35-6.2", this process "pc-q35-7.2"'),
             ({"disk": [*DISK[:-1], DISK[-1] + ",num-queues=1"]},
              "; v: num-queues: the source has 2, this process 1"),
             ({"disk": ["-device", "virtio-blk-pci,id=w,drive=d"]},
              '; v: type: the source has "virtio-blk-pci", this process none'))
    with Engine() as here, tempfile.TemporaryDirectory() as directory:
        source = here.negotiate()
        contract = source.call("query-migration-contract")
        equal(contract["machine"], MACHINE)
        equal(contract["objects"]["v"]["properties"]["num-queues"], 2)
        assert "drive" not in contract["objects"]["v"]["properties"]
        for changes, text in cases:
            with Engine("-incoming", "defer", **changes) as there:
                target = there.negotiate()
                error = target.fails("check-migration-contract", {"contract": contract})
                assert text in error and "\n" not in error, error
                refused = target.fails("migrate-incoming", {"uri": f"unix:{directory}/state"})
                assert "contract" in refused, refused
                equal(os.listdir(directory), [])
                # A contract that agrees lifts the refusal.
                target.call_with("check-migration-contract", {"contract": target.call("query-migration-contract")})
                target.call("migrate-incoming", uri=f"unix:{directory}/state")
                os.unlink(f"{directory}/state")
        source.fails("check-migration-contract", {"contract": {"platform-version": "9.0", "objects": []}}, pattern="objects")
        for broken in ({}, {"v": None}, {"v": {"type": 3, "properties": {"a": [1]}}}):
            source.fails("check-migration-contract", {"contract": {**contract, "objects": broken}}, pattern="differs")


@test
def backends_are_not_part_of_the_contract() -> None:
    """names and types of backends may differ"""
    with Engine() as here:
        contract = here.negotiate().call("query-migration-contract")
    other = ["-blockdev", "null-aio,node-name=e,read-zeroes=on", "-device", "virtio-blk-pci,id=v,drive=e"]
    with Engine("-incoming", "defer", disk=other) as there:
        there.negotiate().call_with("check-migration-contract", {"contract": contract})


main()
