#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each backend works with the system calls of its class, and fails in one line without them."""

import json
import os
import re
import sys
import tempfile
from functools import partial
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from lifecycle import KINDS, classes, create  # noqa: E402
from namespace import enter_namespace, is_inside, raise_loopback  # noqa: E402
from samples import SAMPLES, Sample  # noqa: E402
from vintage_test import BUILD, Machine, Qmp, equal, main, matches, test  # noqa: E402


class Daemon(Machine):
    program = os.path.join(BUILD, "vintage-backends")


def members_of(sample: Sample, directory: str) -> dict[str, Any]:
    """Created before the daemon starts, which inherits the keys of this process."""
    late = sample.prepare(directory) or {}
    return {**json.loads(json.dumps(sample.members).replace("$DIR", directory).replace("$N", "0")), **late}


def made(one: Any, creates: Any, sample: Sample, qmp: Qmp, members: dict[str, Any]) -> str:
    """The error of creation and deletion, or None."""
    for command, arguments in sample.before:
        answer = qmp.raw(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        if "error" in answer:
            return str(answer["error"]["desc"])
    answer = qmp.raw(create(creates.kind, creates.tag, one.tag or one.name, members))
    if "error" in answer:
        return str(answer["error"]["desc"])
    _, delete, name = KINDS[creates.kind]
    qmp.call_with(delete, {name: "x"})
    return ""


def groups_of(one: Any, creates: Any, sample: Sample) -> list[str]:
    """The groups that the class and its required objects declare."""
    groups = {*one.syscalls, *one.optional_syscalls}
    tags = {(root.kind, each.tag or each.name): each for each, root in classes()}
    for command, arguments in sample.before:
        kind = next(kind for kind, names in KINDS.items() if names[0] == command)
        tag = arguments.get("qom-type") or arguments.get("driver") or arguments.get("type") or (
            arguments["backend"]["type"])
        groups |= {*tags[kind, tag].syscalls, *tags[kind, tag].optional_syscalls}
    inline = sample.members.get("file")
    return sorted(groups | ({"io-uring"} if isinstance(inline, dict) and inline.get("driver") == "file" else set()))


def grant(groups: list[str]) -> str:
    return "".join(f",grant.{number}={group}" for number, group in enumerate(groups))


def tried(one: Any, creates: Any, sample: Sample, policy: str, members: dict[str, Any]) -> str:
    """The same in a daemon that still answers afterwards, and exits normally."""
    with Daemon("-sandbox", policy, qmp="unix:PATH,server=on,wait=off") as daemon:
        client = daemon.connect()
        error = made(one, creates, sample, client.negotiate(), members)
        client.call("quit")
        equal(daemon.process.wait(20), 0, policy)
        client.close()
    return error


def works(one: Any, creates: Any, sample: Sample) -> None:
    groups = groups_of(one, creates, sample)
    for policy in ("on", "on,profile=configured" + grant(groups)):
        with tempfile.TemporaryDirectory() as directory:
            error = tried(one, creates, sample, policy, members_of(sample, directory))
            if error and not (sample.refused and re.search(sample.refused, error)):
                raise AssertionError(f"-sandbox {policy}: {error}\nwhat the class needs goes into its 'syscalls' in the schema")


def is_refused(one: Any, creates: Any, sample: Sample) -> None:
    for missing in one.syscalls:
        policy = "on,profile=configured" + grant([group for group in groups_of(one, creates, sample) if group != missing])
        with tempfile.TemporaryDirectory() as directory:
            error = tried(one, creates, sample, policy, members_of(sample, directory))
            matches(error, rf"class '{one.name}' requires the system calls '{missing}', which the sandbox denies$")


def add_tests() -> None:
    for one, creates in classes():
        if one.model == "none":
            continue
        for number, sample in enumerate(SAMPLES.get(one.name, [Sample()])):
            function = partial(works, one, creates, sample)
            function.__doc__ = f"{one.name} works with the calls that it declares" + (f" ({number})" if number else "")
            test(function)
            if one.syscalls and not number:
                function = partial(is_refused, one, creates, sample)
                function.__doc__ = f"{one.name} is refused without them"
                test(function)


if __name__ == "__main__":
    # LeakSanitizer needs a process, which no class requires.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    enter_namespace()
    if is_inside():
        raise_loopback()
    add_tests()
    main()
