#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Paths: a program removes only what it created, refuses what another process uses, and creates sockets with the
configured mode."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import (  # noqa: E402
    SANITIZED, TOOL, VM, Machine, Skip, equal, main, matches, run, sampled, test, write_file)

NONE = ["-machine", "none"]


@contextmanager
def directory() -> Iterator[str]:
    """An empty directory, with a usual umask."""
    with tempfile.TemporaryDirectory() as path:
        before = os.umask(0o022)
        try:
            yield path
        finally:
            os.umask(before)


def identity(path: str) -> tuple[int, int]:
    found = os.lstat(path)
    return found.st_dev, found.st_ino


def mode_of(path: str) -> str:
    return f"{stat.S_IMODE(os.lstat(path).st_mode):04o}"


@contextmanager
def running(*arguments: str) -> Iterator[Machine]:
    """A machine whose objects are realized: it answers requests."""
    with Machine(*NONE, *arguments) as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        yield machine


def refused(pattern: str, *arguments: str) -> None:
    done = run(VM, *NONE, *arguments)
    equal(done.returncode, 1, done.stderr)
    matches(done.stderr, pattern)


# ---- pidfile -----------------------------------------------------------------------------------------------


@test
def pidfile_leaves_other_files() -> None:
    """-pidfile refuses a FIFO, a device, a directory and a socket, and leaves them"""
    with directory() as path:
        os.mkfifo(os.path.join(path, "fifo"))
        os.mkdir(os.path.join(path, "directory"))
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(os.path.join(path, "socket"))
        names = ["fifo", "directory", "socket"]
        try:
            os.mknod(os.path.join(path, "full"), stat.S_IFCHR | 0o666, os.makedev(1, 7))
            names.append("full")
        except PermissionError:
            print("# no device can be made here")
        for name in names:
            os.symlink(name, os.path.join(path, f"link-to-{name}"))
        for name in [*names, *(f"link-to-{name}" for name in names)]:
            at = os.path.join(path, name)
            before = identity(at), os.stat(at).st_mode
            refused("pidfile .*regular file", "-pidfile", at)
            equal((identity(at), os.stat(at).st_mode), before, name)


@test
def pidfile_of_another() -> None:
    """-pidfile: at exit, a file that replaced it stays, the own file is removed, and the target of a link stays"""
    with directory() as path:
        at = os.path.join(path, "pid")
        with running("-pidfile", at):
            equal(mode_of(at), "0644")
            os.rename(at, at + ".old")
            write_file(path, "pid", "another's")
            other = identity(at)
        equal(identity(at), other)
        os.unlink(at)
        with running("-pidfile", at):
            equal(os.path.isfile(at), True)
        equal(os.path.lexists(at), False)
        os.symlink("real", os.path.join(path, "link"))
        write_file(path, "real", "")
        with running("-pidfile", os.path.join(path, "link")):
            pass
        equal(os.readlink(os.path.join(path, "link")), "real")


# ---- sockets -----------------------------------------------------------------------------------------------


def kinds(at: str, mode: str | None = None) -> dict[str, list[str]]:
    """Backends that create a socket in the file system, by name."""
    said, member = ("", {}) if mode is None else (f",mode={mode}", {"mode": mode})
    unix = {"type": "unix", "path": at} | member
    chardev = {"id": "c", "backend": {"type": "socket", "data": {"addr": {"type": "unix", "data": {"path": at} | member},
                                                               "server": True, "wait": False}}}
    return {"-qmp": ["-qmp", f"unix:{at},server=on,wait=off{said}"],
            "-chardev": ["-chardev", f"socket,id=c,server=on,wait=off,path={at}{said}"],
            "-chardev in JSON": ["-chardev", json.dumps(chardev)],
            "stream": ["-netdev", json.dumps({"type": "stream", "id": "n", "server": True, "addr": unix})],
            "dgram": ["-netdev", json.dumps({"type": "dgram", "id": "n", "local": unix,
                                             "remote": {"type": "unix", "path": at + ".peer"}})]}


@test
def a_live_socket_is_refused() -> None:
    """a socket that another process uses is refused and still works; the second process leaves it"""
    with directory() as path:
        at = os.path.join(path, "socket")
        for name, first in kinds(at).items():
            with running(*first):
                before = identity(at)
                for second in kinds(at).values():
                    refused("in use", *second)
                    equal(identity(at), before, name)
            equal(os.path.lexists(at), False, name)


@test
def another_took_its_place() -> None:
    """a socket, file or link that replaced the program's own stays at exit"""
    with directory() as path:
        at = os.path.join(path, "socket")
        for name, arguments in kinds(at).items():
            for kind in ("file", "socket", "link"):
                with running(*arguments):
                    os.unlink(at)
                    if kind == "file":
                        write_file(path, "socket", "")
                    elif kind == "link":
                        os.symlink("nothing", at)
                    else:
                        with socket.socket(socket.AF_UNIX) as other:
                            other.bind(at)
                    before = identity(at)
                equal(identity(at), before, f"{name}: {kind}")
                os.unlink(at)


@test
def a_stale_socket_is_replaced() -> None:
    """a socket without a process is replaced; a file, FIFO or link is not"""
    with directory() as path:
        at = os.path.join(path, "socket")
        for name, arguments in kinds(at).items():
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_UNIX, kind) as old:
                    old.bind(at)
                before = os.lstat(at).st_mtime_ns
                with running(*arguments):
                    equal(os.lstat(at).st_mtime_ns == before, False, name)
                equal(os.path.lexists(at), False, name)
            for make in (lambda: write_file(path, "socket", "x"), lambda: os.mkfifo(at),
                         lambda: os.symlink("nothing", at)):
                make()
                before_identity = identity(at)
                refused("in use", *arguments)
                equal(identity(at), before_identity, name)
                os.unlink(at)


@test
def modes() -> None:
    """sockets have mode 0600, or the value of mode=, for any umask"""
    with directory() as path:
        at = os.path.join(path, "socket")
        cases = [(umask, mode, name) for name in kinds(at) for umask in (0, 0o022, 0o077)
                 for mode in (None, "0660", "0777", "0600")]
        for umask, mode, name in sampled(cases, 5):
            os.umask(umask)
            with running(*kinds(at, mode)[name]):
                equal(mode_of(at), mode or "0600", f"{name}, umask {umask:o}")
        for name, arguments in kinds(at, "0888").items():
            refused("octal permissions", *arguments)


@test
def never_wider() -> None:
    """at no time can a user connect whom the mode excludes"""
    with directory() as path:
        at = os.path.join(path, "socket")
        os.umask(0)
        log = os.path.join(path, "log")
        if subprocess.run(["sh", "-c", "command -v strace"], capture_output=True, check=False).returncode:
            raise Skip("there is no strace")
        if SANITIZED:
            raise Skip("a sanitizer does not go with strace")
        done = subprocess.run(["strace", "-f", "-o", log, "-e", "trace=bind,listen,fchmod,chmod,fchmodat", VM, *NONE,
                               "-qmp", f"unix:{at},server=on,wait=off", "-device", "no-such"],
                              capture_output=True, check=False)
        with open(log, encoding="utf-8") as file:
            calls = [line.split()[1].split("(")[0] for line in file if "(" in line]
        if "bind" in calls:
            equal(calls.index("fchmod") < calls.index("bind"), True, str(done.stderr))


# ---- pty ---------------------------------------------------------------------------------------------------


@test
def pty_links() -> None:
    """pty,path= leaves a link, a file and a live terminal's link, and replaces the link to a terminal that is gone"""
    with directory() as path:
        at = os.path.join(path, "pty")
        arguments = ["-chardev", f"pty,id=c,path={at}"]
        write_file(path, "target", "precious")
        for target in ("target", "nothing", "/dev/null", "/proc/self/fd/0"):
            os.symlink(target, at)
            refused("File exists", *arguments)
            equal(os.readlink(at), target)
            os.unlink(at)
        write_file(path, "pty", "precious")
        refused("File exists", *arguments)
        os.unlink(at)
        with running(*arguments):
            terminal = os.readlink(at)
            refused("File exists", *arguments)
            equal(os.readlink(at), terminal)
        equal(os.path.lexists(at), False)
        os.symlink("/dev/pts/99999", at)
        with running(*arguments):
            equal(os.readlink(at) == "/dev/pts/99999", False)
            os.unlink(at)
            os.symlink("nothing", at)
        equal(os.readlink(at), "nothing")


# ---- freeze ------------------------------------------------------------------------------------------------


def freeze(at: str) -> None:
    done = run(TOOL, "freeze", "-o", at, "--", *NONE)
    equal(done.returncode, 0, done.stderr)


@test
def freeze_keeps_mode_and_link() -> None:
    """freeze -o keeps mode and link, leaves no other file, and writes to a pipe"""
    with directory() as path:
        real, link = os.path.join(path, "real"), os.path.join(path, "link")
        os.symlink("real", link)
        freeze(link)
        equal((os.readlink(link), mode_of(real)), ("real", "0644"))
        for mode in (0o600, 0o640, 0o444):
            os.chmod(real, mode)
            freeze(link)
            equal((os.readlink(link), mode_of(real)), ("real", f"{mode:04o}"))
            with open(real, encoding="utf-8") as file:
                json.load(file)
        equal(sorted(os.listdir(path)), ["link", "real"])
        fifo = os.path.join(path, "fifo")
        os.mkfifo(fifo)
        # Without a reader the tool fails, so the reader comes first.
        with open(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as file:
            equal(run(TOOL, "freeze", "-o", fifo, "--", *NONE).returncode, 0)
            json.load(file)
        equal(stat.S_ISFIFO(os.lstat(fifo).st_mode), True)


@test
def freeze_is_killed() -> None:
    """freeze -o that is killed leaves the old file or the new one, and at the most a whole new one beside it"""
    with directory() as path:
        at = os.path.join(path, "vm.json")
        freeze(at)
        with open(at, "rb") as file:
            whole = file.read()
        start = time.monotonic()
        freeze(at)
        lasts = time.monotonic() - start
        for i in sampled(range(40), 4):
            with subprocess.Popen([TOOL, "freeze", "-o", at, "--", *NONE], stdout=subprocess.DEVNULL) as process:
                time.sleep(lasts * i / 40)
                process.send_signal(signal.SIGKILL)
            for name in os.listdir(path):
                matches(name, r"\Avm\.json\Z|\A\.vintage-\d+-[0-9a-f]{8}\Z")
                with open(os.path.join(path, name), "rb") as file:
                    equal(file.read(), whole)


@test
def freeze_writes_no_named_file() -> None:
    """freeze -o writes to an unnamed file; if it does not fit, the old file stays"""
    with directory() as path:
        at = write_file(path, "vm.json", "old")
        done = subprocess.run(["sh", "-c", f"ulimit -f 1; exec {TOOL} freeze -o {at} -- -machine pc-q35-9.1"],
                              capture_output=True, check=False)
        equal(done.returncode == 0, False)
        equal(os.listdir(path), ["vm.json"])
        with open(at, encoding="ascii") as file:
            equal(file.read(), "old")


if __name__ == "__main__":
    main()
