#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Running, stopping, resetting and ending a virtual machine: states, events, and what changes them."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import VM, Machine, Qmp, equal, main, matches, run, test  # noqa: E402

BY_CLIENT = {"guest": False, "reason": "host-qmp-system-reset"}


def session(machine: Machine) -> Qmp:
    assert machine.qmp
    return machine.qmp.negotiate()


def status(qmp: Qmp) -> str:
    state = qmp.call("query-status")
    equal((state["running"], state["status"] == "running"), (False, False))     # qtest runs no vCPU
    return state["status"]


@test
def stop_and_cont_tell_events_once() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        equal(status(qmp), "prelaunch")
        for _ in range(2):
            qmp.call("stop")
        equal((qmp.event("STOP")["event"], qmp.events, status(qmp)), ("STOP", [], "paused"))
        for _ in range(2):
            qmp.call("cont")
        equal((qmp.event("RESUME")["event"], qmp.events, status(qmp)), ("RESUME", [], "prelaunch"))


@test
def an_event_comes_whole_and_ahead_of_its_answer() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        qmp.send('{"execute": "stop", "id": 1}{"execute": "nothing", "id": 2}{"execute": "cont", "id": 3}')
        messages = [qmp.receive() for _ in range(5)]
        equal([message.get("event") or (message["id"], "error" in message) for message in messages],
              ["STOP", (1, False), (2, True), "RESUME", (3, False)])


@test
def every_client_hears_every_event() -> None:
    with Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
        clients = [machine.connect() for _ in range(4)]
        silent = machine.connect()    # has not negotiated
        for client in clients:
            client.negotiate()
        for number in range(20):
            clients[number % 4].call("system_powerdown" if number % 2 else "system_reset")
        clients[0].call("quit")
        for client in clients:
            names = [client.event("POWERDOWN" if number % 2 else "RESET")["event"] for number in range(20)]
            equal(len(names), 20)
            equal(client.event("SHUTDOWN")["data"], {"guest": False, "reason": "host-qmp-quit"})
        equal((silent.events, silent.buffer), ([], b""))
        for client in (*clients, silent):
            client.close()


@test
def a_reset_keeps_what_runs_running() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        qmp.call("system_reset")
        equal((qmp.event("RESET")["data"], status(qmp)), (BY_CLIENT, "prelaunch"))
        qmp.call("stop")
        qmp.event("STOP")
        qmp.call("system_reset")
        qmp.event("RESET")
        equal(status(qmp), "prelaunch")
        qmp.call("cont")
        equal((qmp.event("RESUME")["event"], status(qmp)), ("RESUME", "prelaunch"))


@test
def a_stopped_machine_that_was_reset_is_not_being_built() -> None:
    with Machine("-machine", "pc-q35-9.1") as machine:
        qmp = session(machine)
        qmp.call("stop")
        qmp.call("system_reset")
        qmp.fails("device_add", {"driver": "virtio-rng-pci", "bus": "pcie.0"}, pattern="hot")
    with Machine("-machine", "pc-q35-9.1", "-S") as machine:
        qmp = session(machine)
        qmp.call("system_reset")
        qmp.call_with("device_add", {"driver": "virtio-rng-pci", "bus": "pcie.0"})


@test
def a_reset_may_end_the_process() -> None:
    with Machine("-machine", "none", "-no-reboot") as machine:
        qmp = session(machine)
        qmp.call("system_reset")
        equal(qmp.event("SHUTDOWN")["data"], BY_CLIENT)
        equal(machine.end()[0], 0)


@test
def a_shutdown_may_leave_the_machine_for_inspection() -> None:
    for options in (["-no-reboot", "-no-shutdown"], ["-action", "reboot=shutdown,shutdown=pause"],
                    ["-action", "shutdown=pause", "-action", "reboot=shutdown"]):
        with Machine("-machine", "none", *options) as machine:
            qmp = session(machine)
            qmp.call("system_reset")
            equal(qmp.event("SHUTDOWN")["data"], BY_CLIENT)
            qmp.event("STOP")
            equal(status(qmp), "shutdown")
            qmp.fails("cont", {}, pattern="^Resetting the Virtual Machine is required$")
            qmp.call("set-action", reboot="reset")
            qmp.call("system_reset")
            equal((qmp.event("RESET")["data"], status(qmp)), (BY_CLIENT, "prelaunch"))
            qmp.call("cont")
            equal(status(qmp), "prelaunch")
            qmp.call("quit")
            equal(machine.end()[0], 0)


@test
def actions_can_be_changed_one_at_a_time() -> None:
    with Machine("-machine", "none", "-no-shutdown") as machine:
        qmp = session(machine)
        qmp.call("set-action", reboot="shutdown")
        qmp.call("set-action")
        qmp.call("system_reset")
        equal(status(qmp), "shutdown")
        qmp.fails("set-action", {"reboot": "restart"}, pattern="restart")


@test
def a_machine_has_a_uuid_and_a_name() -> None:
    nil = "00000000-0000-0000-0000-000000000000"
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        equal((qmp.call("query-uuid"), qmp.call("query-name")), ({"UUID": nil}, {}))
    mixed = "1B4E28BA-2fa1-11D2-883f-0016d3cca427"
    with Machine("-machine", "none", "-uuid", mixed, "-name", "guest=a,,b,debug-threads=on") as machine:
        qmp = session(machine)
        equal((qmp.call("query-uuid"), qmp.call("query-name")), ({"UUID": mixed.lower()}, {"name": "a,b"}))
    with Machine("-machine", "none", "-name", "a,process=called-so") as machine:
        session(machine)
        with open(f"/proc/{machine.process.pid}/comm", encoding="utf-8") as file:
            equal(file.read(), "called-so\n")
    for wrong in ("", "1b4e28ba", mixed + "0", mixed.replace("-", ""), "{" + mixed + "}", mixed[:-1] + "g"):
        done = run(VM, "-machine", "none", "-uuid", wrong)
        equal(done.returncode, 1)
        matches(done.stderr, r"\Avintage-vm: -uuid: expected a UUID \(such as [^\n]*\n\Z")


main()
