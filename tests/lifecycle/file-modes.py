#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files and sockets that a program creates have the mode that the schema states, or the one that a member gives."""

import os
import re
import stat
import sys
import tempfile
from contextlib import contextmanager
from typing import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, equal, main, test  # noqa: E402

SOURCE = os.path.abspath(os.environ.get("VINTAGE_SOURCE", "."))
DOC = re.compile(r"# @([a-z-]+):(?:[^\n]|\n#     )*?\bmode\s+(?:#\s+)?(0[0-7]+), less the umask")
# Objects that create a file, by the member with the path.
FILES: dict[str, list[str]] = {
    "logfile": ["-chardev", '{"backend":{"type":"null","data":{"logfile":"$PATH"}},"id":"x"}'],
    "out": ["-chardev", '{"backend":{"type":"file","data":{"out":"$PATH"}},"id":"x"}'],
    "file": ["-netdev", "hubport,id=n,hubid=1", "-object", "filter-dump,id=f,netdev=n,file=$PATH"],
    "mem-path": ["-object", "memory-backend-file,id=m,size=4096,mem-path=$PATH"],
    "pidfile": ["-pidfile", "$PATH"]}
# Objects that create a socket, as options with and without a mode.
SOCKETS: list[list[str]] = [
    ["-chardev", "socket,id=x,server=on,wait=off,path=$PATH"],
    ["-netdev", "stream,id=x,server=on,addr.type=unix,addr.path=$PATH"]]


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def stated() -> dict[str, int]:
    """The modes in the documentation of the schema."""
    found: dict[str, int] = {"pidfile": 0}
    for directory in ("backends/char", "backends/net", "backends/mem", "cli"):
        for name in os.listdir(os.path.join(SOURCE, "schema", directory)):
            with open(os.path.join(SOURCE, "schema", directory, name), encoding="utf-8") as file:
                text = file.read()
            found |= {member: int(mode, 8) for member, mode in DOC.findall(text)}
            pidfile = re.search(r"# @pidfile:(?:\n#.*)*?mode\n# (0[0-7]+), less the umask", text)
            if pidfile:
                found["pidfile"] = int(pidfile[1], 8)
    return found


def mode_of(argv: list[str], mask: int) -> int:
    with tempfile.TemporaryDirectory() as directory, umask(mask):
        path = os.path.join(directory, "made")
        with Machine("-machine", "none", *[arg.replace("$PATH", path) for arg in argv]):
            return stat.S_IMODE(os.stat(path).st_mode)


@test
def a_new_file_has_the_mode_that_the_schema_states() -> None:
    modes = stated()
    equal(sorted(modes), sorted(FILES), "members that state a mode, and those that are tried")
    for member, argv in FILES.items():
        for mask in (0, 0o022, 0o077):
            equal(oct(mode_of(argv, mask)), oct(modes[member] & ~mask), f"{member}, umask {mask:o}")


@test
def a_new_socket_has_the_mode_that_is_given_or_0600() -> None:
    for argv in SOCKETS:
        member = "addr.mode" if argv[0] == "-netdev" else "mode"
        for mask in (0, 0o077):
            equal(oct(mode_of(argv, mask)), oct(0o600), f"{argv}, umask {mask:o}")
            equal(oct(mode_of([argv[0], f"{argv[1]},{member}=0660"], mask)), oct(0o660), f"{argv}, umask {mask:o}")


if __name__ == "__main__":
    main()
