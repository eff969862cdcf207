#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Changes of a VM that an engine runs: planned here, relayed with explicit values, and in both trees or in none."""

import json
import os
import random
import shutil
import signal
import sys
import threading
import time
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import LONG, TIMEOUT, Machine, Qmp, QmpError, Skip, equal, main, test  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
BASE = ["-nodefaults", "-display", "none", "-S", "-device", "qemu-xhci,id=x,p2=15,p3=15"]
KILLS = 200 if LONG else 12


class Engine(Machine):
    def __init__(self, *argv: str, machine: str = "pc-q35-7.2", **more: Any):
        if not QEMU:
            raise Skip("qemu-system-x86_64 is not installed")
        super().__init__("-engine", "qemu", "-machine", machine, *BASE, *argv, **more)

    def negotiate(self) -> Qmp:
        assert self.qmp
        return self.qmp.negotiate()


def ours(qmp: Qmp) -> dict[str, Any]:
    return qmp.call("query-effective-config")["objects"]


@test
def a_device_has_the_values_of_its_machine() -> None:
    """device_add passes explicit values: queues follow the machine version"""
    for machine, queues in (("pc-q35-5.1", 1), ("pc-q35-5.2", 4)):
        with Engine("-smp", "4", "-device", "pcie-root-port,id=p,chassis=1", machine=machine) as vm:
            qmp = vm.negotiate()
            qmp.call("blockdev-add", driver="null-co", node_name="d", read_zeroes=True)
            qmp.call("device_add", driver="virtio-blk-pci", id="v", drive="d", bus="p")
            path = "/machine/peripheral/v"
            equal(qmp.call("qom-get", path=path, property="num-queues"), queues, machine)
            equal(ours(qmp)["v"]["properties"]["num-queues"], queues, machine)
            # In use by the device.
            qmp.fails("blockdev-del", {"node-name": "d"}, pattern="in use by device 'v'")


@test
def an_address_that_is_chosen_here_is_that_of_the_engine() -> None:
    """device_add of QEMU 7.2 reads a number as text, and the digits of a slot as hexadecimal"""
    with Engine("-object", "rng-random,id=r", machine="pc-i440fx-7.2") as vm:
        qmp = vm.negotiate()
        for number in range(12):
            name = f"d{number}"
            qmp.call("device_add", driver="virtio-rng-pci", id=name, rng="r")
            address = qmp.call("qom-get", path=f"/machine/peripheral/{name}", property="addr")
            equal(address, ours(qmp)[name]["properties"]["addr"], name)
        qmp.call("device_add", driver="virtio-rng-pci", id="last", rng="r", addr="1f.0")
        equal(qmp.call("qom-get", path="/machine/peripheral/last", property="addr"), 0xf8)


@test
def what_one_of_both_refuses_is_in_none() -> None:
    with Engine() as vm:
        qmp = vm.negotiate()
        before = ours(qmp)
        # Refused here.
        qmp.fails("device_add", {"driver": "usb-kbd", "id": "k", "bus": "nowhere"}, pattern="nowhere")
        qmp.fails("device_add", {"driver": "usb-storage", "id": "s"}, pattern="drive")
        # Refused by the engine.
        qmp.fails("object-add", {"qom-type": "tls-creds-x509", "id": "m", "endpoint": "server", "dir": "/nowhere"},
                  pattern="/nowhere")
        qmp.fails("blockdev-add", {"driver": "file", "node-name": "f", "filename": "/nowhere"}, pattern="/nowhere")
        equal(ours(qmp), before)
        equal(qmp.call("query-named-block-nodes"), [])
        # The names are free.
        qmp.call("object-add", qom_type="memory-backend-ram", id="m", size=4096)
        qmp.call("blockdev-add", driver="null-co", node_name="f")


@test
def objects_come_and_go_in_both() -> None:
    with Engine() as vm:
        qmp = vm.negotiate()
        before = ours(qmp)
        qmp.call("object-add", qom_type="rng-random", id="r")
        qmp.call("netdev_add", type_="user", id="n")
        qmp.call("blockdev-add", driver="raw", node_name="top", file={"driver": "null-co", "node-name": "below"})
        equal(sorted(set(ours(qmp)) - set(before)), ["below", "n", "r", "top"])
        equal(qmp.call("qom-get", path="/objects/r", property="type"), "rng-random")
        equal(sorted(node["node-name"] for node in qmp.call("query-named-block-nodes")), ["below", "top"])
        qmp.call("object-del", id="r")
        qmp.call("netdev_del", id="n")
        qmp.call("blockdev-del", node_name="top")
        equal(ours(qmp), before)
        equal(qmp.call("query-named-block-nodes"), [])
        qmp.fails("qom-get", {"path": "/objects/r", "property": "type"}, "DeviceNotFound")


@test
def a_device_goes_when_the_engine_reports_it() -> None:
    with Engine() as vm:
        qmp = vm.negotiate()
        before = ours(qmp)
        qmp.call("device_add", driver="usb-kbd", id="k", bus="x.0")
        assert "k" in ours(qmp)
        qmp.call("device_del", id="k")
        equal(qmp.event("DEVICE_DELETED")["data"]["device"], "k")
        equal(ours(qmp), before)
        qmp.call("device_add", driver="usb-kbd", id="k", bus="x.0")
        qmp.fails("device_del", {"id": "nothing"}, "DeviceNotFound")


def wait_for_deletion(client: Qmp, name: str) -> None:
    """Waits for the event, among those of other clients' devices."""
    while client.event("DEVICE_DELETED")["data"]["device"] != name:
        pass


@test
def clients_change_the_vm_at_the_same_time() -> None:
    """changes of several clients follow each other"""
    rounds, clients = 20, 4

    def work(client: Qmp, number: int, failures: list[str]) -> None:
        for turn in range(rounds):
            name = f"k{number}-{turn}"
            try:
                client.call("device_add", driver="usb-kbd", id=name, bus="x.0")
                client.call("device_del", id=name)
                wait_for_deletion(client, name)
                # The id is free, whatever other clients do.
                client.call("device_add", driver="usb-mouse", id=name, bus="x.0")
                client.call("device_del", id=name)
                wait_for_deletion(client, name)
                client.call("object-add", qom_type="rng-random", id=name)
                client.call("object-del", id=name)
            except QmpError as error:
                failures.append(f"{name}: {error.desc}")

    with Engine(qmp="unix:PATH,server=on,wait=off") as vm:
        connected = [vm.connect().negotiate() for _ in range(clients + 1)]
        before = ours(connected[0])
        failures: list[str] = []
        threads = [threading.Thread(target=work, args=(client, number, failures))
                   for number, client in enumerate(connected[1:])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(failures, [])
        equal(ours(connected[0]), before)


@test
def a_change_is_completed_without_its_client() -> None:
    with Engine(qmp="unix:PATH,server=on,wait=off") as vm:
        watcher = vm.connect().negotiate()
        for turn in range(10):
            client = vm.connect().negotiate()
            client.send(json.dumps({"execute": "object-add", "arguments": {"qom-type": "rng-random", "id": f"r{turn}"}}))
            client.socket.close()
        end = time.monotonic() + TIMEOUT
        while True:
            here = {key for key in ours(watcher) if key.startswith("r")}
            there = {entry["name"] for entry in watcher.call("qom-list", path="/objects") if entry["name"].startswith("r")}
            if here == there:
                break
            assert time.monotonic() < end, (here, there)


@test
def random_kills_leave_nothing() -> None:
    """kill -9 of either process during hot-plug leaves no process and no file"""
    rng = random.Random(14)
    for turn in range(KILLS):
        with Engine(qmp="unix:PATH,server=on,wait=off") as vm:
            client = vm.connect().negotiate()
            pid = client.call("query-engine")["pid"]
            victim = rng.choice([pid, vm.process.pid])
            timer = threading.Timer(rng.uniform(0, 0.03), os.kill, (victim, signal.SIGKILL))
            timer.start()
            try:
                for number in range(200):
                    client.call("device_add", driver="usb-kbd", id=f"k{number}", bus="x.0")
                    client.call("device_del", id=f"k{number}")
            except (EOFError, ConnectionError, QmpError):
                pass
            timer.join()
            vm.process.wait(TIMEOUT)
            equal(vm.process.returncode, -signal.SIGKILL if victim == vm.process.pid else 128 + signal.SIGKILL, str(turn))
            end = time.monotonic() + TIMEOUT
            while os.path.exists(f"/proc/{pid}"):
                assert time.monotonic() < end, f"the engine {pid} still runs"
                time.sleep(0.005)
            if victim == pid:
                equal(os.listdir(vm.directory.name), [])


main()
