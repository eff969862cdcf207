#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage-backends: backends without a machine, as a daemon."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, VM, Machine, SocketQmp, equal, main, matches, run, test, write_file  # noqa: E402

BACKENDS = os.path.join(BUILD, "vintage-backends")
PIN = ["--platform-version", "9.0"]


class Daemon(Machine):
    program = BACKENDS


def symbols(*tool: str) -> str:
    return subprocess.run([*tool, BACKENDS], capture_output=True, text=True, check=True).stdout


@test
def there_is_no_machine_in_it() -> None:
    with open(VM, "rb") as file:
        whole = file.read()
    names = [line.split()[-1] for line in symbols("nm").splitlines()]
    equal([name for name in names if name.startswith("vt_layer_")],
          ["vt_layer_backends", "vt_layer_program_vintage_backends", "vt_layer_runtime"])
    for name in ("vt_ops_pc_q35", "vt_ops_virtio_blk_device", "vt_bus_ops_PCI"):
        assert name.encode() in whole and name not in names, name
    equal([name for name in names if name.startswith("vt_bus_ops_")], [])
    text = symbols("strings", "-n", "4")
    for word in ("pc-q35", "pc-i440fx", "microvm", "virtio-blk-pci", "virtio-net-pci", "device_add", "query-machines"):
        assert word not in text, word
    machines = set(re.findall(r"^  (\S+)", run(VM, "-machine", "help").stdout, re.MULTILINE)) - {"none"}
    assert {"pc-q35-5.1", "microvm"} <= machines
    equal(machines & set(text.splitlines()), set())


@test
def it_has_no_option_or_command_of_a_machine() -> None:
    text = run(BACKENDS, "-help").stdout
    for option in ("-object", "-blockdev", "-netdev", "-platform-version", "-config", "-pidfile", "-daemonize", "-qmp"):
        matches(text, rf"(?m)^  {option}\b")
    for option in ("machine", "device", "smp", "m", "target", "S", "name"):
        done = run(BACKENDS, f"-{option}", "x")
        equal(done.returncode, 1)
        matches(done.stderr, rf"\Avintage-backends: -{option}: unknown option")
    matches(run(BACKENDS, "-version").stdout, r"^vintage-backends \d")
    matches(run(BACKENDS, "-object", "help").stdout, "rng-random")
    with Daemon() as daemon:
        qmp = daemon.qmp
        assert qmp
        qmp.negotiate()
        commands = {row["name"] for row in qmp.call("query-commands")}
        assert not commands & {"device_add", "device_del", "query-machines", "query-target", "query-status", "stop"}
        qmp.fails("device_add", {"driver": "x"}, "CommandNotFound")
        schema = {row["name"]: row for row in qmp.call("query-qmp-schema")}
        assert "object-add" in schema and "SHUTDOWN" in schema and "device_add" not in schema
        types = {row["name"] for row in qmp.call("qom-list-types", abstract=True)}
        assert "rng-random" in types and "device" not in types and "machine" not in types


@test
def backends_come_and_go() -> None:
    with Daemon("-object", "throttle-group,id=slow") as daemon:
        qmp = daemon.qmp
        assert qmp
        qmp.negotiate()
        qmp.call("object-add", **{"qom-type": "rng-random", "id": "r"})
        qmp.call("blockdev-add", **{"driver": "null-co", "node-name": "low"})
        qmp.call("blockdev-add", **{"driver": "raw", "node-name": "top", "file": "low"})
        qmp.call("netdev_add", **{"type": "user", "id": "n"})
        config = qmp.call("query-effective-config")
        equal({key: one["type"] for key, one in config["objects"].items()},
              {"slow": "throttle-group", "r": "rng-random", "low": "null-co", "top": "raw", "n": "user"})
        assert "machine" not in config and "target" not in config
        equal(config["platform-version"], "9.0")
        matches(qmp.fails("blockdev-del", {"node-name": "low"}), "in use by .*'top'")
        for command, arguments in (("blockdev-del", {"node-name": "top"}), ("blockdev-del", {"node-name": "low"}),
                                   ("netdev_del", {"id": "n"}), ("object-del", {"id": "r"})):
            qmp.call_with(command, arguments)
        equal(list(qmp.call("query-effective-config")["objects"]), ["slow"])
        equal([row["name"] for row in qmp.call("qom-list", path="/objects")][1:], ["slow"])
        equal(qmp.call("qom-get", path="/objects/slow", property="type"), "throttle-group")


@test
def defaults_follow_the_platform_version() -> None:
    with tempfile.TemporaryDirectory() as directory:
        disk = write_file(directory, "disk", "0" * 512)
        path = write_file(directory, "c.json", json.dumps(
            {"platform-version": "9.2", "blockdev": [{"driver": "file", "node-name": "f", "filename": disk}]}))
        # Only the user chooses io_uring: no platform version has another mechanism than QEMU.
        for version in (None, "10.0"):
            argv = ["--config", path, *(["--platform-version", version] if version else [])]
            done = run(BACKENDS, *argv, "-qmp", "stdio", stdin='{"execute": "qmp_capabilities"}\n'
                       '{"execute": "query-effective-config"}\n{"execute": "quit"}\n')
            equal(done.returncode, 0, done.stderr)
            config = json.loads(done.stdout.splitlines()[2])["return"]
            equal(config["objects"]["f"]["properties"]["aio"], "threads")
            equal(config["platform-version"], version or "9.2")
        done = run(BACKENDS, "-object", "sev-guest,id=s,cbitpos=51,reduced-phys-bits=1", "--platform-version", "9.1",
                   "--probe-file", write_file(directory, "no.json", '{"sev-init2": "no"}'))
        equal(done.returncode, 1)
        matches(done.stderr, "sev-init2.*--platform-version 9.0")
        done = run(BACKENDS, *PIN, "--global", "secret.format=base65")
        equal(done.returncode, 1)


def wait_until(condition: object, what: str) -> None:
    end = time.monotonic() + 20
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            raise AssertionError(what)
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


def daemon_of(program: str, *argv: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        pidfile, path = os.path.join(directory, "pid"), os.path.join(directory, "qmp")
        done = run(program, *argv, *PIN, "--daemonize", "--pidfile", pidfile, "-qmp", f"unix:{path},server=on,wait=off")
        equal((done.returncode, done.stdout), (0, ""), done.stderr)
        with open(pidfile, encoding="utf-8") as file:
            pid = int(file.read())
        try:
            assert is_running(pid) and os.getsid(pid) != os.getsid(0)
            equal([os.readlink(f"/proc/{pid}/fd/{fd}") for fd in range(3)], ["/dev/null"] * 3)
            qmp = SocketQmp(path)
            qmp.negotiate()
            second = run(program, *argv, *PIN, "--pidfile", pidfile)
            equal(second.returncode, 1)
            matches(second.stderr, "another process has locked it")
            assert os.path.exists(pidfile)
            os.kill(pid, signal.SIGTERM)
            equal(qmp.event("SHUTDOWN")["data"], {"guest": False, "reason": "host-signal"})
            qmp.close()
        finally:
            wait_until(lambda: not is_running(pid), "the daemon does not end")
        assert not os.path.exists(pidfile) and not os.path.exists(path)


@test
def a_daemon_of_backends_lives_and_ends() -> None:
    daemon_of(BACKENDS, "-object", "rng-random,id=r")


@test
def a_daemon_with_a_machine_does_too() -> None:
    daemon_of(VM, "-machine", "pc-q35-9.0")


@test
def a_daemon_that_cannot_start_says_so() -> None:
    with tempfile.TemporaryDirectory() as directory:
        pidfile = os.path.join(directory, "pid")
        for argv, pattern in ((["-object", "rng-randum,id=r"], "rng-randum"),
                              (["-qmp", "unix:/nowhere/at/all,server=on,wait=off"], "cannot bind"),
                              (["-qmp", "stdio"], "a daemon has no standard input"),
                              (["--pidfile", "/nowhere/at/all"], "No such file or directory")):
            done = run(BACKENDS, *PIN, "--daemonize", *(["--pidfile", pidfile] if "--pidfile" not in argv else []), *argv)
            equal((done.returncode, done.stdout), (1, ""), str(argv))
            matches(done.stderr, r"\Avintage-backends: [^\n]*" + pattern)
            assert not os.path.exists(pidfile), argv


@test
def a_stale_pidfile_is_no_obstacle() -> None:
    with tempfile.TemporaryDirectory() as directory:
        pidfile = write_file(directory, "pid", "999999999 left behind by somebody\n")
        with Daemon("--pidfile", pidfile) as daemon:
            assert daemon.qmp
            daemon.qmp.negotiate()
            with open(pidfile, encoding="utf-8") as file:
                equal(file.read(), f"{daemon.process.pid}\n")
            daemon.process.send_signal(signal.SIGTERM)
            equal(daemon.qmp.event("SHUTDOWN")["data"]["reason"], "host-signal")
            equal(daemon.end()[0], 0)
        assert not os.path.exists(pidfile)


main()
