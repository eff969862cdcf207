#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each file or socket that a program creates has the mode of its member, or the one that the schema states without it.

The schema lists the members: those of type FileMode."""

import itertools
import os
import re
import stat
import sys
import tempfile
import threading
from contextlib import contextmanager
from typing import Any, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from references import Member, Struct, Union  # noqa: E402
from schema_model import read_schema  # noqa: E402
from vintage_test import VM, Machine, equal, main, matches, run, sampled, test, tool  # noqa: E402

SCHEMA = read_schema()
CHARDEV = '{"backend":{"type":"TYPE","data":{DATA}},"id":"x"}'


def chardev(kind: str, data: str) -> list[str]:
    return ["-chardev", CHARDEV.replace("TYPE", kind).replace("DATA", data)]


# Where the members are, and options that create the file $PATH; $MODE is the member, or nothing.
MAKERS: dict[str, list[list[str]]] = {
    "chardev.logmode": [chardev("null", '$JSON:logmode"logfile":"$PATH"'),
                        ["-chardev", "null,id=x,logfile=$PATH$,logmode"]],
    "chardev-file.mode": [chardev("file", '$JSON:mode"out":"$PATH"'), ["-chardev", "file,id=x,path=$PATH$,mode"],
                          ["-chardev", "file,id=x,path=$LINK$,mode"]],
    "filter-dump.mode": [["-netdev", "hubport,id=n,hubid=1", "-object", "filter-dump,id=f,netdev=n,file=$PATH$,mode"]],
    "memory-backend-file.mode": [["-object", "memory-backend-file,id=m,size=4096,mem-path=$PATH$,mode"]],
    "pidfile-mode": [["-pidfile", "$PATH", "$OPTION"]],
    "UnixSocketAddress.mode": [
        ["-chardev", "socket,id=x,server=on,wait=off,path=$PATH$,mode"],
        chardev("socket", '"wait":false,"addr":{"type":"unix","data":{$JSON:mode"path":"$PATH"}}'),
        ["-netdev", "stream,id=x,server=on,addr.type=unix,addr.path=$PATH$,addr.mode"],
        ["-netdev", "dgram,id=x,local.type=unix,local.path=$PATH$,local.mode,remote.type=unix,remote.path=/none"],
        ["-qmp", "unix:$PATH,server=on,wait=off$,mode"]]}


def members() -> Iterator[tuple[str, Member]]:
    for one in SCHEMA.classes.values():
        yield from ((f"{one.name}.{member.name}", member) for member in one.own)
    for kind in SCHEMA.types.values():
        if isinstance(kind, (Struct, Union)):
            yield from ((f"{kind.name}.{member.name}", member) for member in SCHEMA.members(kind.name))


def modes() -> dict[str, Any]:
    """Members and options of type FileMode."""
    return {**{name: member for name, member in members() if member.type == "FileMode" and "-options." not in name},
            **{option.name: option.attributes for option in SCHEMA.options.values() if option.type == "FileMode"}}


def default_of(member: Any) -> tuple[int, bool]:
    """The mode without the member, and whether the umask applies."""
    if member.absent_means:
        return int(re.fullmatch(r"(0[0-7]{3}), less the umask", member.absent_means)[1], 8), True
    return int(member.default.entries[0].value), False


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def argv_of(maker: list[str], directory: str, mode: str | None) -> list[str]:
    argv = []
    for arg in maker:
        if arg == "$OPTION":
            argv += ["-pidfile-mode", mode] if mode is not None else []
            continue
        arg = re.sub(r"\$JSON:([a-z]+)", f'"\\1":"{mode}",' if mode is not None else "", arg)
        arg = re.sub(r"\$,([a-z.]+)", f",\\1={mode}" if mode is not None else "", arg)
        argv.append(arg.replace("$PATH", f"{directory}/made").replace("$LINK", f"{directory}/link"))
    return argv


class Sees(threading.Thread):
    """Looks at a file until the program that creates it answers: the modes that it has."""
    def __init__(self, path: str):
        super().__init__()
        self.path, self.seen, self.ends = path, set[int](), False

    def run(self) -> None:
        while not self.ends:
            try:
                self.seen.add(stat.S_IMODE(os.stat(self.path).st_mode))
            except FileNotFoundError:
                pass


def mode_of(maker: list[str], mask: int, mode: str | None) -> int:
    with tempfile.TemporaryDirectory() as directory, umask(mask):
        os.symlink("made", f"{directory}/link")
        sees = Sees(f"{directory}/made")
        sees.start()
        try:
            with Machine("-machine", "none", *argv_of(maker, directory, mode)):
                sees.ends = True
                last = stat.S_IMODE(os.stat(f"{directory}/made").st_mode)
        finally:
            sees.ends = True
            sees.join()
        wider = [oct(seen) for seen in sees.seen if seen & ~last]
        equal(wider, [], f"wider than {oct(last)} at some time: {maker}, umask {mask:o}")
        return last


@test
def every_mode_has_an_option_that_creates_its_file() -> None:
    equal(sorted(modes()), sorted(MAKERS), "members of type FileMode, and those that are tried")


@test
def no_mode_is_in_prose_alone() -> None:
    stated = [name for name, member in members() if re.search(r"\bmode 0[0-7]{3}\b", member.doc)]
    equal(stated, [], "use a member of type FileMode")


@test
def a_new_file_has_the_mode_that_is_given_or_that_the_schema_states() -> None:
    tried = 0
    for name, member in modes().items():
        mode, masked = default_of(member)
        for maker in MAKERS[name]:
            for mask, given in sampled(itertools.product((0, 0o022, 0o077), (None, "0660", "0400")), 4):
                expected = int(given, 8) if given else mode & ~mask if masked else mode
                equal(oct(mode_of(maker, mask, given)), oct(expected), f"{maker}, umask {mask:o}, {given}")
                tried += 1
    print(f"# {tried} files and sockets")


@test
def an_existing_file_keeps_its_mode() -> None:
    for name, makers in MAKERS.items():
        if name.startswith("Unix"):
            continue
        for maker in makers:
            with tempfile.TemporaryDirectory() as directory:
                path = f"{directory}/made"
                os.symlink("made", f"{directory}/link")
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o640))
                os.truncate(path, 4096 if name.startswith("memory") else 0)
                with Machine("-machine", "none", *argv_of(maker, directory, "0604")):
                    equal(oct(stat.S_IMODE(os.stat(path).st_mode)), oct(0o640), name)


@test
def what_is_no_mode_is_one_error() -> None:
    cases = [(maker, wrong) for name, makers in MAKERS.items() for maker in makers
             for wrong in ("999", "0x", "10000", "1777", "-1", "rw", "0600 ", "", *([] if name.startswith("Unix") else ["0"]))]
    tried = 0
    for maker, wrong in sampled(cases, 5, 2):
        with tempfile.TemporaryDirectory() as directory:
            os.symlink("made", f"{directory}/link")
            argv = argv_of(maker, directory, wrong)
            for done in (run(VM, "-machine", "none", *argv), tool("check", "--", "-machine", "none", *argv)):
                equal(done.returncode, 1, f"{argv}")
                matches(done.stderr, r"\A[^\n]*mode[^\n]*(0777|empty)[^\n]*\n\Z")
            equal(os.path.exists(f"{directory}/made"), False, f"{argv}")
            tried += 1
    print(f"# {tried} texts")


@test
def a_mode_without_a_pidfile_is_refused() -> None:
    matches(run(VM, "-machine", "none", "-pidfile-mode", "0600").stderr, r"\A[^\n]*requires -pidfile\n\Z")


if __name__ == "__main__":
    main()
