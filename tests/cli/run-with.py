#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""-run-with: user, root directory, lifetime. Open resources stay open at startup; later ones need the remaining
privileges."""

import fcntl
import os
import pwd
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from typing import Any, Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import (  # noqa: E402
    BUILD, COVERED, VM, Machine, QmpError, Skip, SocketQmp, equal, main, matches, run, test, write_file)

PROGRAMS = {VM: ["-machine", "none"], os.path.join(BUILD, "vintage-backends"): []}
NOBODY = 65534
PIN = ["--platform-version", "9.0"]

# LeakSanitizer needs /proc, which the new root directory lacks.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"


class Run(Machine):
    """A running program, with a session on standard input and output."""

    def __init__(self, program: str, *argv: str, **more: Any):
        self.program = program
        super().__init__(*PROGRAMS[program], *argv, **more)


def need_root() -> None:
    if os.getuid():
        raise Skip("only root can change to another user")


def status_of(pid: int, thread: str = "") -> dict[str, list[str]]:
    path = f"/proc/{pid}/task/{thread}/status" if thread else f"/proc/{pid}/status"
    with open(path, encoding="utf-8") as file:
        return {key: rest.split() for key, _, rest in (line.partition(":") for line in file)}


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + 20
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(what)
        time.sleep(0.01)
    return result


def is_running(pid: int) -> bool:
    try:
        return status_of(pid)["State"][0] not in "ZX"
    except FileNotFoundError:
        return False


def refused(program: str, *argv: str) -> str:
    done = run(program, *PROGRAMS[program], *PIN, *argv)
    equal((done.returncode, done.stdout), (1, ""), done.stderr)
    matches(done.stderr, r"\Avintage-\w+: [^\n]+\n\Z")
    return done.stderr.split(": ", 1)[1].rstrip("\n")


@test
def all_threads_have_the_user_s_rights_and_no_others() -> None:
    need_root()
    name = pwd.getpwuid(NOBODY).pw_name
    for program in PROGRAMS:
        for argv, gid, groups in ((["-run-with", f"user={name}"], pwd.getpwuid(NOBODY).pw_gid, None),
                                  (["-run-with", "user=65534:12345"], 12345, ["12345"]),
                                  (["-runas", name], pwd.getpwuid(NOBODY).pw_gid, None)):
            with Run(program, *argv, "-object", "iothread,id=t", "-blockdev", "null-co,node-name=n") as machine:
                machine.qmp.negotiate().call("query-iothreads")
                pid = machine.process.pid
                threads = os.listdir(f"/proc/{pid}/task")
                assert len(threads) > 1
                for thread in threads:
                    status = status_of(pid, thread)
                    equal((status["Uid"], status["Gid"]), ([str(NOBODY)] * 4, [str(gid)] * 4), thread)
                    equal([int(status[f"Cap{part}"][0], 16) for part in ("Inh", "Prm", "Eff", "Amb")], [0] * 4)
                    if groups is not None:
                        equal(status["Groups"], groups)
                    equal("0" in status["Groups"], False)


@test
def what_is_given_at_start_is_opened_before_and_hot_plug_comes_after() -> None:
    need_root()
    with tempfile.TemporaryDirectory() as directory:
        disk = write_file(directory, "disk", bytes(4096))
        os.chmod(disk, 0o600)
        pidfile, socket = f"{directory}/pid", f"{directory}/qmp"
        with Run(VM, "-run-with", "user=65534:65534", "-pidfile", pidfile, "-blockdev", f"file,node-name=d,filename={disk}",
                 "-qmp", f"unix:{socket},server=on,wait=off", "-chardev", f"file,id=l,path={directory}/log") as machine:
            machine.qmp.negotiate()
            qmp = SocketQmp(socket).negotiate()
            equal(len(qmp.call("query-named-block-nodes")), 1)
            matches(qmp.fails("blockdev-add", {"driver": "file", "node-name": "later", "filename": disk}), "Permission denied")
            equal(os.stat(pidfile).st_uid, 0)


@test
def the_root_directory_is_changed_once_all_is_open() -> None:
    need_root()
    with tempfile.TemporaryDirectory() as outside:
        disk = write_file(outside, "disk", bytes(4096))
        root = os.path.join(outside, "root")
        os.mkdir(root)
        write_file(root, "inside", bytes(8192))
        for option in (["-run-with", f"chroot={root}"], ["-chroot", root], ["-run-with", f"user=65534:65534,chroot={root}"],
                       ["-chroot", root, "-run-with", "user=65534:65534"]):
            with Run(VM, *option, "-blockdev", f"file,node-name=d,filename={disk}") as machine:
                qmp = machine.qmp.negotiate()
                pid = machine.process.pid
                equal((os.readlink(f"/proc/{pid}/root"), os.readlink(f"/proc/{pid}/cwd")), (root, root))
                equal(status_of(pid)["Uid"][0], "65534" if "user" in " ".join(option) else "0")
                names = {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
                assert disk in names and not [name for name in names if os.path.isdir(name)], names
                qmp.call_with("blockdev-add", {"driver": "file", "node-name": "in", "filename": "/inside", "read-only": True})
                matches(qmp.fails("blockdev-add", {"driver": "file", "node-name": "out", "filename": disk}), "No such file")
                # The libraries of later objects are outside.
                for command, arguments in (("netdev_add", {"type": "user", "id": "u"}),
                                           ("object-add", {"qom-type": "tls-creds-anon", "id": "t", "endpoint": "server"})):
                    try:
                        qmp.call_with(command, arguments)
                    except QmpError as error:
                        matches(str(error), "built without")


@test
def a_daemon_in_a_sandbox_does_all_of_it() -> None:
    need_root()
    with tempfile.TemporaryDirectory() as outside:
        root = os.path.join(outside, "root")
        os.mkdir(root)
        for program, argv in PROGRAMS.items():
            for sandbox in ("off", "on", "on,profile=configured",
                            "on,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"):
                pidfile, path = f"{outside}/pid", f"{outside}/qmp"
                done = run(program, *argv, *PIN, "-daemonize", "-pidfile", pidfile, "-sandbox", sandbox,
                           "-qmp", f"unix:{path},server=on,wait=off", "-object", "iothread,id=t",
                           "-run-with", f"user=65534:65534,chroot={root},async-teardown=on")
                equal((done.returncode, done.stdout, done.stderr), (0, "", ""), sandbox)
                with open(pidfile, encoding="utf-8") as file:
                    pid = int(file.read())
                try:
                    qmp = SocketQmp(path).negotiate()
                    equal(os.readlink(f"/proc/{pid}/root"), root)
                    equal([os.readlink(f"/proc/{pid}/fd/{fd}") for fd in range(3)], ["/dev/null"] * 3)
                    for thread in os.listdir(f"/proc/{pid}/task"):
                        status = status_of(pid, thread)
                        equal((status["Uid"][0], status["Seccomp"][0]), ("65534", "0" if sandbox == "off" else "2"))
                    teardown = teardown_of(pid)
                    equal(status_of(teardown)["Uid"][0], "65534")
                    qmp.call("quit")
                finally:
                    wait_until(lambda pid=pid: not is_running(pid), "the daemon does not end")
                wait_until(lambda one=teardown: not is_running(one), "its second process does not end")
                for left in (pidfile, path):        # unreachable after the change of user and root
                    if os.path.exists(left):
                        os.unlink(left)


@test
def what_is_wrong_is_one_line() -> None:
    for program in PROGRAMS:
        for value, pattern in (
                ("user=nobdy", r"^-run-with user: unknown user 'nobdy'; did you mean 'nobody'\?$"),
                ("user=", "^-run-with: user: expected a non-empty string, got ''$"),
                ("user=1000", "unknown user '1000'; expected NAME or UID:GID"),
                ("user=1:2:3", "'1:2:3' is not UID:GID; expected two numbers"), ("user=:", "':' is not UID:GID"),
                ("user=-1:0", "'-1:0' is not UID:GID"), ("user=4294967295:0", "'4294967295:0' is not UID:GID"),
                ("user=0:99999999999999999999", "is not UID:GID"),
                ("chroot=/nowhere", "^-run-with chroot: '/nowhere' cannot be opened: No such file or directory"),
                ("chroot=", "^-run-with: chroot: expected a non-empty string"),
                ("chroot=/etc/passwd", "Not a directory; expected a directory"),
                ("usr=nobody", "^-run-with: unknown member 'usr'; did you mean 'user'"),
                ("async-teardown=perhaps", "async-teardown: expected on or off"),
                ("exit-with-parent=perhaps", "exit-with-parent: expected on or off")):
            with tempfile.TemporaryDirectory() as directory:
                pidfile = os.path.join(directory, "pid")
                matches(refused(program, "-run-with", value, "-pidfile", pidfile), pattern)
                equal(os.listdir(directory), [])
        matches(refused(program, "-daemonize", "-run-with", "exit-with-parent=on"), "a daemon has no parent")
        matches(refused(program, "-runas", "nobdy"), "unknown user 'nobdy'")


@test
def who_has_no_right_to_change_is_refused_and_leaves_nothing() -> None:
    need_root()
    if COVERED:
        raise Skip("another user may not write the counts of a coverage build")
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        for program, argv in PROGRAMS.items():
            for value, pattern in (("user=1:1", "user: cannot change to '1:1': Operation not permitted"),
                                   ("chroot=/", "chroot: '/' cannot become the root directory: Operation not permitted")):
                done = subprocess.run([program, *argv, *PIN, "-run-with", value, "-pidfile", f"{directory}/pid",
                                       "-qmp", f"unix:{directory}/qmp,server=on,wait=off"],
                                      capture_output=True, text=True, check=False, user=NOBODY, group=NOBODY,
                                      extra_groups=[], timeout=60)
                equal((done.returncode, done.stdout), (1, ""), done.stderr)
                matches(done.stderr, rf"\Avintage-\w+: -run-with {pattern}\n\Z")
                equal(os.listdir(directory), [])


# ---- the parent ----------------------------------------------------------------------------------------------

# Starts the program with the same standard input, prints its pid, and waits until a signal ends it.
PARENT = """
import signal, subprocess, sys
print(subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid, flush=True)
signal.pause()
"""


def started_by_a_parent(*argv: str) -> tuple[subprocess.Popen, int]:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout
    return parent, int(parent.stdout.readline())


@test
def it_ends_with_its_parent_as_on_sigterm() -> None:
    users = ["", ",user=65534:65534"] if os.getuid() == 0 else [""]
    for program, argv in PROGRAMS.items():
        for more in users:
            with tempfile.TemporaryDirectory() as directory:
                os.chmod(directory, 0o777)
                path = f"{directory}/qmp"
                parent, pid = started_by_a_parent(program, *argv, *PIN, "-qmp", f"unix:{path},server=on,wait=off",
                                                  "-run-with", f"exit-with-parent=on{more}")
                qmp = SocketQmp(path).negotiate()
                qmp.call("query-version")
                parent.kill()
                parent.wait()
                equal(qmp.event("SHUTDOWN")["data"], {"guest": False, "reason": "host-signal"})
                wait_until(lambda pid=pid: not is_running(pid), f"{program} outlives its parent")


def unread(pipe: int) -> int:
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


@test
def a_parent_that_ends_before_the_program_looks_is_noticed() -> None:
    for program, argv in PROGRAMS.items():
        parent, pid = started_by_a_parent(program, *argv, *PIN, "-run-with", "exit-with-parent=on", "--config", "-")
        assert parent.stdin
        pipe = parent.stdin.fileno()
        # The program blocks while it reads its configuration, until its parent has ended.
        os.write(pipe, b" ")
        wait_until(lambda pipe=pipe: not unread(pipe), f"{program} does not read")
        parent.kill()
        parent.wait()
        assert is_running(pid)
        os.write(pipe, b"{}")
        parent.stdin.close()
        try:
            wait_until(lambda pid=pid: not is_running(pid), f"{program} outlives its parent")
        finally:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)


# ---- the teardown --------------------------------------------------------------------------------------------


def children_of(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def teardown_of(pid: int) -> int:
    children = children_of(pid)
    equal([status_of(child)["Name"] for child in children], [["vt-teardown"]])
    return children[0]


@test
def the_second_process_has_the_memory_and_nothing_else() -> None:
    for program in PROGRAMS:
        with Run(program, "-run-with", "async-teardown=on", "-object",
                 "memory-backend-ram,id=m,size=64M,prealloc=on") as machine:
            machine.qmp.negotiate()
            teardown = teardown_of(machine.process.pid)
            assert int(status_of(teardown)["VmRSS"][0]) >= 64 << 10
            (descriptor,) = os.listdir(f"/proc/{teardown}/fd")
            equal(os.readlink(f"/proc/{teardown}/fd/{descriptor}"), "anon_inode:[pidfd]")
            status = status_of(teardown)
            equal((status["Seccomp"], status["NoNewPrivs"]), (["2"], ["1"]))
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
                os.kill(teardown, number)
            time.sleep(0.05)
            assert is_running(teardown)
            machine.qmp.call("quit")
            equal(machine.process.wait(20), 0)
            wait_until(lambda one=teardown: not is_running(one), "the second process does not end")
        with Run(program) as machine:
            machine.qmp.negotiate()
            equal(children_of(machine.process.pid), [])


@test
def the_memory_is_released_after_the_process_has_ended() -> None:
    with Run(VM, "-run-with", "async-teardown=on", "-object", "memory-backend-ram,id=m,size=64M,prealloc=on",
             "-object", "iothread,id=t") as machine:
        machine.qmp.negotiate()
        teardown = teardown_of(machine.process.pid)
        os.kill(teardown, signal.SIGSTOP)
        machine.process.kill()
        equal(machine.process.wait(20), -signal.SIGKILL)
        # The process has ended but its memory still exists: waiting for the process does not wait for the memory.
        assert int(status_of(teardown)["VmRSS"][0]) >= 64 << 10
        os.kill(teardown, signal.SIGCONT)
        wait_until(lambda: not is_running(teardown), "the second process does not end")


if __name__ == "__main__":
    main()
