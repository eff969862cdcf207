#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Inherited descriptors: a daemon keeps those that its command line names, and closes the others."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

SOURCE = os.environ.get("VINTAGE_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(SOURCE, "tests", "lib"))
from schema_model import read_schema  # noqa: E402
from vintage_test import BUILD, VM, SocketQmp, equal, main, test  # noqa: E402
from qapigen.model import Scalar, Struct, Union  # noqa: E402

BACKENDS = os.path.join(BUILD, "vintage-backends")
EXTRA = 50
FIRST = 200             # numbers above those that the program opens itself


class Inherited:
    """Fifty open descriptors with chosen numbers, to be inherited."""

    def __init__(self, directory: str):
        self.path = os.path.join(directory, "inherited")
        self.numbers = list(range(FIRST, FIRST + EXTRA))
        self.pair = socket.socketpair()
        with open(self.path, "wb") as file:
            for number in self.numbers:
                os.dup2(file.fileno(), number)
        os.dup2(self.pair[0].fileno(), FIRST + 7)
        os.dup2(self.pair[1].fileno(), FIRST + 9)

    def close(self) -> None:
        for number in self.numbers:
            os.close(number)
        for one in self.pair:
            one.close()


def open_in(pid: int) -> set[int]:
    return {int(name) for name in os.listdir(f"/proc/{pid}/fd") if FIRST <= int(name) < FIRST + EXTRA}


def end(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 20
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < until:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                return
        time.sleep(0.01)


def kept(program: str, *argv: str, daemon: bool, environment: dict[str, str] | None = None) -> set[int]:
    """Returns which of the fifty descriptors the running program still has."""
    with tempfile.TemporaryDirectory() as directory:
        inherited = Inherited(directory)
        path, pidfile = f"{directory}/qmp", f"{directory}/pid"
        line = [program, *(["-machine", "none"] if program == VM else []), *argv, "--platform-version", "9.0",
                "-qmp", f"unix:{path},server=on,wait=off", "-pidfile", pidfile, *(["-daemonize"] if daemon else [])]
        if environment:         # exec keeps the process id
            line = ["sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh", *line]
        try:
            with subprocess.Popen(line, pass_fds=inherited.numbers, env={**os.environ, **(environment or {})},
                                  stderr=subprocess.PIPE, text=True) as process:
                if daemon:
                    _, errors = process.communicate(timeout=120)
                    equal((process.returncode, errors), (0, ""))
                qmp = SocketQmp(path)
                qmp.negotiate()
                qmp.close()
                with open(pidfile, encoding="utf-8") as file:
                    pid = int(file.read())
                try:
                    return open_in(pid)
                finally:
                    end(pid)
        finally:
            inherited.close()


ALL = set(range(FIRST, FIRST + EXTRA))
# Arguments, and the descriptors that they keep. An object that owns a descriptor may move it.
NAMES = [
    ([], set()),
    (["-netdev", f"stream,id=s,addr.type=fd,addr.str={FIRST + 7}"], {FIRST + 7}),
    (["-object", f"iommufd,id=i,fd={FIRST + 3}"], {FIRST + 3}),
    (["-blockdev", f"file,node-name=f,filename=/dev/fd/{FIRST + 5},read-only=on"], {FIRST + 5}),
    (["-blockdev", f"raw,node-name=r,file.driver=file,file.filename=/proc/self/fd/{FIRST + 5},read-only=on"], {FIRST + 5}),
    (["-chardev", f"socket,id=c,fd={FIRST + 9}", "-object", f"iommufd,id=i,fd={FIRST}"], {FIRST, FIRST + 9}),
]


@test
def daemons_keep_what_is_named_and_close_the_rest() -> None:
    for program in (BACKENDS, VM):
        for argv, expected in NAMES:
            equal(kept(program, *argv, daemon=True), expected, f"{program} {argv}")


@test
def backends_alone_do_so_without_going_to_the_background() -> None:
    for argv, expected in NAMES:
        equal(kept(BACKENDS, *argv, daemon=False), expected, str(argv))


@test
def a_machine_in_the_foreground_keeps_all_for_hot_plug() -> None:
    equal(kept(VM, daemon=False), ALL)


@test
def what_the_service_manager_hands_over_stays() -> None:
    count = FIRST + 2 - 3       # the fds after stderr; the first two of the fifty are the last of them
    for daemon in (True, False):
        equal(kept(BACKENDS, daemon=daemon, environment={"LISTEN_FDS": str(count)}), {FIRST, FIRST + 1})


# A number, and an address of which one form has a descriptor.
ALSO = {("FdSetOptions", "fd"), ("vintage-vm-options", "incoming")}


@test
def members_that_name_descriptors_say_so_in_the_schema() -> None:
    schema = read_schema()
    owners = [(one.name, one.own) for one in schema.classes.values()]
    owners += [(kind.name, kind.own) for kind in schema.types.values() if isinstance(kind, (Struct, Union))]
    # Their members are parts of a text, which the member with the text says.
    parts = {kind.settings for kind in schema.types.values() if isinstance(kind, Scalar) and kind.settings}
    found = 0
    for owner, members in owners:
        if owner in parts:
            continue
        for member in members:
            of = schema.types.get(member.type)
            says = (of.of if isinstance(of, Scalar) else member.type) == "str" and (
                re.search(r"(^|-|vhost)fds?$", member.name) or "file descriptor" in member.doc or "open sockets" in member.doc)
            says = says or (owner, member.name) in ALSO
            if bool(says) != member.has("descriptor"):
                raise AssertionError(f"{owner}.{member.name}: add or drop the feature 'descriptor' ({member.doc})")
            found += bool(says)
    print(f"# {found} members name descriptors")
    assert found >= 12


if __name__ == "__main__":
    main()
