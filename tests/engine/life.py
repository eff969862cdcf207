#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The engine's life, with the QEMU of the host: its choice, start, commands, and every way to end."""

import base64
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

LIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib")
sys.path.insert(0, LIB)
from engine_cache import without_proofs  # noqa: E402
from vintage_test import TIMEOUT, VM, Machine, Qmp, Skip, SocketQmp, equal, main, matches, run, test, write_file  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
BASE = ["-machine", "pc-q35-7.2", "-nodefaults", "-display", "none"]


class Engine(Machine):
    """A machine that the QEMU of the host runs."""

    def __init__(self, *argv: str, engine: str = "qemu", **more: Any):
        if not QEMU:
            raise Skip("qemu-system-x86_64 is not installed")
        super().__init__("-engine", engine, *BASE, *argv, **more)

    def negotiate(self) -> Qmp:
        assert self.qmp
        return self.qmp.negotiate()


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_end(pid: int) -> None:
    end = time.monotonic() + TIMEOUT
    while is_alive(pid):
        assert time.monotonic() < end, f"process {pid} still runs"
        time.sleep(0.01)


@test
def the_choice_follows_the_rule() -> None:
    def chosen(*argv: str) -> str:
        with Machine(*argv, "-S") as machine:
            assert machine.qmp
            return machine.qmp.negotiate().call("query-engine")["state"]

    if not QEMU:
        raise Skip("qemu-system-x86_64 is not installed")
    auto = ["-engine", "auto"]
    equal(chosen(*BASE, *auto), "none")
    equal(chosen(*BASE, *auto, "-device", "edu"), "running")
    equal(chosen(*BASE, *auto, "-accel", "tcg"), "running")
    equal(chosen(*BASE, *auto, "-drive", "if=virtio,driver=null-co"), "running")
    equal(chosen(*BASE, *auto, "-drive", "if=none,id=d,driver=null-co,throttling.bps-total=100000"), "running")
    equal(chosen(*BASE, "-engine", "none", "-drive", "if=virtio,driver=null-co"), "none")
    matches(run(VM, *BASE, *auto, "--platform-version", "9.0", "-kernel", os.path.join(LIB, "by_hand.py")).stderr,
            "engine: qemu: invalid kernel header")
    equal(chosen(*BASE, *auto, "-accel", "qtest", "-kernel", os.path.join(LIB, "by_hand.py")), "none")
    equal(chosen(*BASE, "-engine", "none"), "none")
    equal(chosen("-engine", "qemu", *BASE), "running")


@test
def an_engine_that_is_not_there_is_an_error() -> None:
    for engine, message in (
            ("qemu,binary=no-such-qemu", "-engine qemu: 'no-such-qemu' is not in PATH; install QEMU for the target x86_64, "
             "or name it: -engine qemu,binary=PATH"),
            ("qemu,binary=/etc/passwd", "-engine binary=/etc/passwd: Permission denied"),
            ("kemu", "-engine: engine: expected one of auto, qemu, none, got 'kemu'")):
        done = run(VM, *BASE, "--platform-version", "9.0", "-engine", engine)
        equal((done.returncode, done.stderr), (1, f"vintage-vm: {message}\n"))


@test
def commands_are_relayed() -> None:
    with Engine("-S", "-device", "edu,id=e") as machine:
        qmp = machine.negotiate()
        told = qmp.call("query-engine")
        equal((told["binary"], told["version"]["major"] > 0, told["differences"]), (QEMU, True, 0))
        assert told["verified"] + told["proven"] > 10, told
        equal(qmp.call("query-status")["status"], "prelaunch")
        # A command that the schema does not have.
        equal(qmp.call("query-pci")[0]["bus"], 0)
        for name in ("query-nothing", 'a"b'):
            equal(qmp.fails(name, {}, "CommandNotFound"), f"The command {name} has not been found")
        equal(qmp.fails("qom-get", {"path": "/machine/peripheral/e", "property": "x"}), "Property 'edu.x' not found")
        equal(qmp.fails("qom-get", {"path": "/nowhere", "property": "x"}, "DeviceNotFound"), "Device '/nowhere' not found")
        # Ids and the order of pipelined requests stay.
        qmp.send('{"execute": "query-status", "id": [1]} {"execute": "query-engine", "id": "two"} {"execute": "x", "id": 3}')
        equal([qmp.answer().get("id") for _ in range(3)], [[1], "two", 3])


@test
def events_keep_their_order() -> None:
    with Engine("-S") as machine:
        qmp = machine.negotiate()
        for command, event in (("cont", "RESUME"), ("stop", "STOP"), ("system_reset", "RESET")):
            qmp.send(f'{{"execute": "{command}"}}')
            # The event comes before the answer, except for a reset.
            first, second = qmp.receive(), qmp.receive()
            names = [message.get("event", "answer") for message in (first, second)]
            equal(sorted(names), sorted([event, "answer"]), command)
            if command != "system_reset":
                equal(names, [event, "answer"])


@test
def quit_ends_both() -> None:
    with Engine() as machine:
        qmp = machine.negotiate()
        pid = qmp.call("query-engine")["pid"]
        qmp.send('{"execute": "quit"}')
        messages = [qmp.receive(), qmp.receive()]
        equal(sorted((message.get("data", message.get("return")) for message in messages), key=len),
              [{}, {"guest": False, "reason": "host-qmp-quit"}])
        equal(machine.process.wait(TIMEOUT), 0)
        assert not is_alive(pid)


@test
def a_signal_ends_both() -> None:
    with Engine() as machine:
        qmp = machine.negotiate()
        machine.process.terminate()
        equal(qmp.event("SHUTDOWN")["data"], {"guest": False, "reason": "host-signal"})
        equal(machine.process.wait(TIMEOUT), 0)


@test
def the_end_of_the_engine_is_told() -> None:
    with Engine() as machine:
        qmp = machine.negotiate()
        os.kill(qmp.call("query-engine")["pid"], signal.SIGKILL)
        equal(qmp.event("SHUTDOWN")["data"], {"guest": False, "reason": "host-error"})
        equal(machine.process.wait(TIMEOUT), 128 + signal.SIGKILL)
        assert machine.process.stderr
        matches(machine.process.stderr.read().decode(), r"vintage-vm: the engine ended with signal 9 \(Killed\)\n\Z")


@test
def commands_in_flight_are_answered_when_the_engine_ends() -> None:
    with Engine("-S", qmp="unix:PATH,server=on,wait=off") as machine:
        qmp = machine.connect().negotiate()
        pid = qmp.call("query-engine")["pid"]
        os.kill(pid, signal.SIGSTOP)
        qmp.send("".join(f'{{"execute": "query-status", "id": {number}}}' for number in range(5)))
        os.kill(pid, signal.SIGKILL)
        equal(qmp.answer(), {"error": {"class": "GenericError", "desc": "the engine has ended"}, "id": 0})
        equal(machine.process.wait(TIMEOUT), 128 + signal.SIGKILL)


@test
def nothing_is_left_of_the_engine() -> None:
    """kill -9 of vintage-vm leaves no engine"""
    with Engine() as machine:
        pid = machine.negotiate().call("query-engine")["pid"]
        assert is_alive(pid)
        machine.process.kill()
        wait_for_end(pid)


@test
def what_the_engine_prints_has_a_prefix() -> None:
    with Engine("-object", "tls-creds-x509,id=t,endpoint=server,dir=/nowhere", qmp=None) as machine:
        status, text = machine.end()
        equal(status, 1)
        matches(text, r"\Avintage-vm: engine: [^\n]*/nowhere[^\n]*\n"
                r"vintage-vm: the engine has not started: it ended with status 1\n\Z")


@test
def a_wrong_default_of_the_schema_is_found_before_the_guest_runs() -> None:
    """also a default that the engine is given, because its own is another one"""
    if not QEMU:
        raise Skip("qemu-system-x86_64 is not installed")
    types = {"device": {"parent": "object"}, "tcg-accel": {"parent": "object"},
             "pc-q35-7.2-machine": {"parent": "object"}, "virtio-rng-pci": {"parent": "device", "props": [
                 {"name": "max-bytes", "type": "uint64", "default-value": 4095}, {"name": "id", "type": "str"}]}}
    with tempfile.TemporaryDirectory() as directory:
        facts = {"log": os.path.join(directory, "log"), "version": [7, 2, 0], "types": types, "compat": False,
                 "machines": [{"name": "pc-q35-7.2", "cpu-max": 288}]}
        file = write_file(directory, "facts", json.dumps(facts))
        probed = f"FAKE_ENGINE={file} exec {sys.executable} {LIB}/fake_engine.py"
        path = write_file(directory, "qemu", f'#!/bin/sh\ncase "$*" in "-machine none "*) {probed} "$@";; esac\n'
                          f'exec {QEMU} "$@"\n')
        os.chmod(path, 0o755)
        with Engine("-device", "virtio-rng-pci,id=r", engine=f"qemu,binary={path}", qmp=None) as machine:
            status, text = machine.end()
            equal(status, 1, text)
            matches(text, r"vintage-vm: virtio-rng-pci 'r': max-bytes: the engine has the default 4095, expected "
                          r"9223372036854775807 \(base, hw/")


@test
def a_wrong_value_is_found_before_the_guest_runs() -> None:
    """a value that the engine does not use stops the start"""
    difference = r"vintage-vm: edu 'e': dma_mask: the engine uses 4095, expected 268435455 \(base, hw/[^\n]*\)\n"
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "qemu", f'#!/bin/sh\nexec {QEMU} "$@" -global edu.dma_mask=4095\n')
        os.chmod(path, 0o755)
        for verify, ends, pattern in (
                ("on", True, rf"\A{difference}vintage-vm: the engine differs in 1 of \d+ values; [^\n]*\n\Z"),
                ("warn", False, rf"\A{difference}"), ("off", False, r"\A(?!.*edu)")):
            with Engine("-device", "edu,id=e", engine=f"qemu,binary={path},verify={verify}",
                        qmp=None if ends else "stdio") as machine:
                if not ends:
                    machine.negotiate()
                    machine.process.terminate()
                status, text = machine.end()
                equal(status, 1 if ends else 0, text)
                matches(text, pattern)


@test
def an_object_that_is_not_there_is_found_before_the_guest_runs() -> None:
    """an object that the engine does not have stops the start"""
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "qemu", f"""#!{sys.executable}
import os, sys
words = sys.argv[1:]
at = next((i for i, word in enumerate(words) if '"edu"' in word), None)
os.execv({QEMU!r}, [{QEMU!r}, *(words if at is None else words[:at - 1] + words[at + 1:])])
""")
        os.chmod(path, 0o755)
        with Engine("-device", "edu,id=e", engine=f"qemu,binary={path}", qmp=None) as machine:
            status, text = machine.end()
            equal(status, 1, text)
            matches(text, r"edu 'e': dma_mask: the engine has no such object, expected 268435455 \(base, hw/[^\n]*\)\n")


@test
def values_of_whole_machines_are_verified() -> None:
    """default devices, devices without id, and machines without any: all values are the engine's"""
    def differences(*argv: str) -> int:
        with Machine("-engine", "qemu", "-display", "none", "-S", *argv) as machine:
            assert machine.qmp
            return machine.qmp.negotiate().call("query-engine").get("differences", 0)

    if not QEMU:
        raise Skip("qemu-system-x86_64 is not installed")
    for argv in (["-machine", "pc-i440fx-2.4"], ["-machine", "pc-q35-7.2"], ["-machine", "none"], ["-machine", "microvm"],
                 [*BASE, "-nic", "user"], [*BASE, "-device", "intel-iommu"],
                 [*BASE, "-cpu", "qemu64", "-smp", "2", "-device", "virtio-rng-pci", "-device", "edu"]):
        equal(differences(*argv), 0, str(argv))


def children(pid: int) -> dict[str, int]:
    """The numbers of the child processes of @pid by their names."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        numbers = [int(word) for word in file.read().split()]
    names = {}
    for number in numbers:
        with open(f"/proc/{number}/comm", encoding="utf-8") as file:
            names[file.read().strip()] = number
    return names


def rights(pid: int) -> tuple[int, str]:
    """User and root directory of a process."""
    return os.stat(f"/proc/{pid}").st_uid, os.readlink(f"/proc/{pid}/root")


@test
def an_engine_changes_its_user_and_root_too() -> None:
    """and ends with vintage-vm, although the kernel no longer sees to that"""
    if os.geteuid() != 0:
        raise Skip("only root can change the user")
    with tempfile.TemporaryDirectory() as root:
        for old, new in ((["-runas", "nobody"], ["-run-with", "user=nobody"]),
                         (["-chroot", root], ["-run-with", f"chroot={root}"]),
                         (["-runas", "65534:65534", "-chroot", root],
                          ["-run-with", f"user=65534:65534,exit-with-parent=off,chroot={root}"])):
            expected = (65534 if "-runas" in old else 0, root if "-chroot" in old else "/")
            for argv in (old, new):
                with Engine(*argv, qmp=None) as machine:
                    end = time.monotonic() + TIMEOUT
                    while rights(machine.process.pid) != expected:
                        assert machine.process.poll() is None and time.monotonic() < end, machine.end()
                        time.sleep(0.02)
                    pids = children(machine.process.pid)
                    engine = next(pid for name, pid in pids.items() if name.startswith("qemu"))
                    guards = ["vt-guard"] if expected[0] else []
                    equal((rights(engine), sorted(pids)), (expected, ["qemu-system-x86", *guards]))
                    with open(f"/proc/{engine}/cmdline", encoding="utf-8") as file:
                        words = file.read().split("\0")
                    assert all(word in words for word in old), (old, words)
                    machine.process.kill()
                    for pid in pids.values():
                        wait_for_end(pid)


@test
def values_that_are_not_stated_are_read_once() -> None:
    """for each binary and statement; a damaged file of the cache is like none"""
    def counts(*argv: str) -> tuple[int, bool]:
        with Engine("-S", "-device", "edu,id=e", *argv) as machine:
            told = machine.negotiate().call("query-engine")
            equal(told["differences"], 0)
            return told["verified"], told["proven"] > 0

    with without_proofs() as directory:
        read, proven = counts()
        equal(proven, False)
        again, proven = counts()
        assert proven and again < read, (again, read)
        for statement in (("-machine", "hpet=off"), ("-accel", "tcg,tb-size=64")):
            equal(counts(*statement)[1], False)
        proof, = glob.glob(os.path.join(directory, "*.proven"))
        with open(proof, "r+", encoding="ascii") as file:
            file.truncate(50)
        equal(counts(), (read, False))


@test
def a_secret_is_not_in_the_list_of_processes() -> None:
    """the engine reads it from a file in memory: it decrypts another one with it"""
    if not shutil.which("openssl"):
        raise Skip("openssl is not installed")
    key, iv = bytes(range(32)), bytes(range(16))
    done = subprocess.run(["openssl", "enc", "-aes-256-cbc", "-K", key.hex(), "-iv", iv.hex(), "-base64", "-A"],
                          input=b"letmein", capture_output=True, check=True)
    texts = [base64.b64encode(key).decode(), done.stdout.decode()]
    more = f"keyid=k,iv={base64.b64encode(iv).decode()}"
    with Engine("-object", f"secret,id=k,format=base64,data={texts[0]}",
                "-object", f"secret,id=s,format=base64,{more},data={texts[1]}") as machine:
        pid = machine.negotiate().call("query-engine")["pid"]
        for process in (pid, machine.process.pid):
            with open(f"/proc/{process}/cmdline", encoding="utf-8") as file:
                words = file.read()
            assert "secret" in words and not any(text in words for text in texts), words


@test
def a_password_is_not_in_the_list_of_processes() -> None:
    """of an option and of a display: the engine gets a secret with a file in memory"""
    password = "letmein" * 3
    with Engine("-iscsi", f"id=target,user=me,password={password}") as machine:
        pid = machine.negotiate().call("query-engine")["pid"]
        for process in (pid, machine.process.pid):
            with open(f"/proc/{process}/cmdline", encoding="utf-8") as file:
                words = file.read()
            assert password not in words, words
            assert process != pid or "password-secret" in words, words


@test
def a_daemon_has_an_engine_too() -> None:
    if not QEMU:
        raise Skip("qemu-system-x86_64 is not installed")
    with tempfile.TemporaryDirectory() as directory:
        pidfile, path = os.path.join(directory, "pid"), os.path.join(directory, "qmp")
        done = run(VM, *BASE, "--platform-version", "9.0", "-engine", "qemu", "-daemonize", "-pidfile", pidfile,
                   "-sandbox", "on,spawn=deny", "-qmp", f"unix:{path},server=on,wait=off")
        equal((done.returncode, done.stdout), (0, ""), done.stderr)
        with open(pidfile, encoding="utf-8") as file:
            pid = int(file.read())
        client = SocketQmp(path).negotiate()
        engine = client.call("query-engine")["pid"]
        assert is_alive(pid) and is_alive(engine)
        os.kill(pid, signal.SIGKILL)
        wait_for_end(engine)
        wait_for_end(pid)


main()
