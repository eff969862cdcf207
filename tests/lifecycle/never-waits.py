#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The main loop never blocks: a second client gets replies while each backend opens something that blocks.

The schema lists the members.  Each text that is not a reference gets the path of a named pipe, a terminal, an endless
device and a huge file.  Each socket address gets a server that accepts no connection."""

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from faults import POPULATE, WAITS, plan_of_environment  # noqa: E402
from lifecycle import KINDS, SANITIZED, classes, create  # noqa: E402
from namespace import enter_namespace, is_inside, raise_loopback  # noqa: E402
from obstacles import ADDRESSES, BOUND, Watch, legacy, make_pipes_of_keys, obstacles, plain  # noqa: E402
from samples import SAMPLES, Sample  # noqa: E402
from schema_model import read_schema  # noqa: E402
from vintage_test import VM, Machine, Skip, equal, main, sampled, test  # noqa: E402
from qapigen.model import Struct  # noqa: E402

# libslirp 4.7 leaks the name of the TFTP server, which this test sets.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCHEMA = read_schema()


def members_of(one: Any) -> dict[str, str]:
    """Members that can name a host resource, with their type: 'str', or an address type."""
    found: dict[str, str] = {}
    for each in SCHEMA.ancestry(one.name):
        for member in each.own:
            if member.type in ADDRESSES or (member.type == "str" and not member.ref and not member.is_list):
                found.setdefault(member.name, member.type)
    return found


def cases(one: Any, directory: str, sample: Sample, paths: dict, addresses: dict) -> Iterator[tuple[str, dict]]:
    """Names of cases, and their members."""
    own = members_of(one)
    base = plain(sample.members, directory)
    for member, kind in own.items():
        if kind == "str":
            for what, path in paths.items():
                yield f"{member}: {what}", {**base, member: path}
            continue
        for what, address in addresses.items():
            value = legacy(address) if kind == "SocketAddressLegacy" else address
            for more in ({"server": False}, {"server": False, "reconnect-ms": 10}) if "server" in flags(one) else ({},):
                yield f"{member}: {what} {more or ''}", {**base, member: value, **more}
    if "dir" in own:
        yield "dir: of pipes", {**base, "dir": os.path.join(directory, "pipes")}


def flags(one: Any) -> set[str]:
    return {member.name for each in SCHEMA.ancestry(one.name) for member in each.own}


def all_of_one(watch: Watch, one: Any, creates: Any, directory: str, paths: dict, addresses: dict) -> int:
    tried = 0
    _, delete, name = KINDS[creates.kind]
    # One sample each: only the tested member differs.
    sample = SAMPLES.get(one.name, [Sample()])[0]
    for command, arguments in sample.before:
        watch.call(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    for _, members in cases(one, directory, sample, paths, addresses):
        tried += 1
        answer = watch.call(create(creates.kind, creates.tag, one.tag or one.name, members))
        if "return" in answer:
            watch.call(json.dumps({"execute": delete, "arguments": {name: "x"}}) + "\n")
    return tried


@test
def a_second_client_is_answered_whatever_a_backend_opens() -> None:
    tried = 0
    slow = []
    with tempfile.TemporaryDirectory() as directory, obstacles(directory) as (paths, addresses):
        make_pipes_of_keys(directory)
        for one, creates in sampled(((one, creates) for one, creates in classes() if one.model != "none"), 3):
            with Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
                watch = Watch(machine)
                try:
                    tried += all_of_one(watch, one, creates, directory, paths, addresses)
                except Exception as error:
                    raise AssertionError(f"{one.name}: {error}") from error
                slow += watch.waits
    print("\n#   ".join([f"# {tried} creations, {len(slow)} waits", *slow]))
    assert tried > (60 if SANITIZED else 200)


def ends_by_signal(argv: list[str]) -> bool:
    """Whether the program still ran when the signal arrived."""
    process = subprocess.Popen([VM, "-machine", "none", *argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    ran = False
    try:
        process.wait(0.5 if SANITIZED else 0.2)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        ran = True
    try:
        _, error = process.communicate(timeout=BOUND)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AssertionError(f"{' '.join(argv)}: no signal ends it") from None
    assert b"unknown option" not in error, f"{' '.join(argv)}: {error.decode()}"
    return ran


@test
def a_signal_ends_the_start_whatever_it_opens() -> None:
    tried = running = 0
    options = {"object": "-object", "netdev": "-netdev", "chardev": "-chardev", "block-node": "-blockdev"}
    with tempfile.TemporaryDirectory() as directory, obstacles(directory) as (paths, addresses):
        make_pipes_of_keys(directory)
        some = {"lonely-pipe": paths["lonely-pipe"], "written-pipe": paths["written-pipe"]}
        for one, creates in sampled(classes(), 2):
            sample = SAMPLES.get(one.name, [Sample()])[0]
            if one.model == "none" or sample.before or creates.kind == "chardev":
                continue
            for what, members in cases(one, directory, sample, some, addresses):
                if what.split(":")[0] in ("file", "filename", "addr", "dir", "mem-path"):
                    name = KINDS[creates.kind][2]
                    text = json.dumps({creates.tag: one.tag or one.name, name: "x", **members})
                    running += ends_by_signal([options[creates.kind], text])
                    tried += 1
        host, port = addresses["silent host"]["host"], addresses["silent host"]["port"]
        for argv in (["-chardev", f"socket,id=c,path={addresses['full backlog']['path']},server=off"],
                     ["-chardev", f"socket,id=c,host={host},port={port},server=off"],
                     ["-chardev", f"file,id=c,path={paths['read-pipe']}"],
                     ["-chardev", f"null,id=c,logfile={paths['lonely-pipe']}"],
                     ["-qmp", f"unix:{addresses['full backlog']['path']},server=off"],
                     ["-qmp", f"tcp:{host}:{port},server=off"],
                     ["-config", paths["written-pipe"]], ["-config", paths["lonely-pipe"]]):
            running += ends_by_signal(argv)
            tried += 1
    print(f"# {tried} starts, {running} of which ran or waited")
    assert tried > (10 if SANITIZED else 20) and running > (3 if SANITIZED else 6)


@test
def a_signal_ends_a_start_that_fills_memory() -> None:
    with plan_of_environment() as plan:
        plan.set(POPULATE, 1, WAITS)
        assert ends_by_signal(["-object", "memory-backend-ram,id=m,size=64M,prealloc=on"])
        equal(plan.end(), 1)


def options_with_text() -> Iterator[list[str]]:
    """Options of vintage-vm that take a text and create no backend; PATH is the placeholder."""
    schema = SCHEMA
    for option in schema.options.values():
        kind = schema.types.get(option.type)
        if option.type == "str":
            yield [f"-{option.name}", "PATH"]
        for member in kind.own if isinstance(kind, Struct) else ():
            if member.type == "str" and not member.ref:
                yield [f"-{option.name}", f"{member.name}=PATH"]
    creating = {option.creates: option.name for option in reversed(schema.options.values()) if option.creates}
    for one in schema.classes.values():
        root = schema.root_of(one.name)
        for member in one.own if one.layer == "machine" and root.name in creating else ():
            if member.reads_file and not one.is_machine:
                yield [f"-{creating[root.name]}", f"{member.name}=PATH"]
    yield from (["-qmp", "unix:PATH,server=on,wait=off"], ["-qmp", "unix:PATH"])


@test
def a_signal_ends_the_start_whatever_file_an_option_names() -> None:
    every = list(options_with_text())
    tried = running = 0
    with tempfile.TemporaryDirectory() as directory, obstacles(directory) as (paths, _):
        # The last one runs, whatever the sample is.
        for argv, path in itertools.chain(sampled(itertools.product(every, paths.values()), 67, 7),
                                          [(["-qmp", "unix:PATH,server=on,wait=off"], paths["missing"])]):
            running += ends_by_signal(["-machine", "pc-q35-9.0", *[arg.replace("PATH", path) for arg in argv]])
            tried += 1
            for made in ("huge", "missing"):        # the PID file is removed at exit
                Path(paths[made]).unlink(missing_ok=True)
            Path(paths["huge"]).touch()
            assert all(os.path.lexists(paths[name]) for name in paths if name != "missing"), f"{argv}: {path} is gone"
    print(f"# {len(every)} options x {len(paths)} kinds of files, of which {tried} starts, {running} of which ran")
    assert len(every) > 15 and running


if __name__ == "__main__":
    enter_namespace()
    if is_inside():
        raise_loopback()
    main()
