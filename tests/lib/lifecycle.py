# SPDX-License-Identifier: MIT
"""Creates and deletes each backend many times over QMP, and checks that no descriptor, thread or memory leaks.
The schema lists the backends; tests/lib/samples.py has members for those that require some."""

import json
import os
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

SOURCE = os.environ.get("VINTAGE_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(SOURCE, "qapi-gen"))
from namespace import enter_namespace, is_inside, raise_loopback  # noqa: E402
from samples import SAMPLES, Sample  # noqa: E402
from schema_model import read_schema  # noqa: E402
from vintage_test import CHUNK, LONG, SANITIZED, Machine, Qmp, Skip, main, test  # noqa: E402

# These have their own test program: the others share one.
OWN_TEST = {"object", "netdev"}
WARM = 400              # at most; one-time allocations are done by then
BATCH = 50
SLACK = 256 << 10       # 27 bytes per round of 10,000
# 'make soak' has no limit for slow samples.
TIMES = int(os.environ.get("VINTAGE_TIMES", "0"))

# How to create and delete each class, and the name of its id member.
KINDS = {"object": ("object-add", "object-del", "id"), "netdev": ("netdev_add", "netdev_del", "id"),
         "chardev": ("chardev-add", "chardev-remove", "id"), "block-node": ("blockdev-add", "blockdev-del", "node-name")}


@cache
def classes() -> list[Any]:
    """Backends that a QMP command creates: the class, and its root."""
    schema = read_schema()
    found = []
    created = {command.creates for command in schema.commands.values()}
    for one in schema.classes.values():
        root = schema.root_of(one.name)
        if root.layer == "backend" and root.creates and root.name in created and not one.abstract and one.user_creatable:
            found.append((one, root.creates))
    return found


class Held:
    """The host resources of a process."""

    def __init__(self, pid: int):
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        self.threads = len(os.listdir(f"/proc/{pid}/task"))
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            self.memory = 0 if SANITIZED else int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def exceeds(self, before: "Held") -> str:
        """Which resources grew. A sanitizer keeps freed memory, and checks leaks at exit itself."""
        return ", ".join(f"{what}: {a} to {b}" for what, a, b, slack in (
            ("descriptors", before.descriptors, self.descriptors, 0), ("threads", before.threads, self.threads, 0),
            ("bytes in memory", before.memory, self.memory, SLACK)) if b > a + slack)


def rounds(qmp: Qmp, lines: list[str], times: int) -> None:
    """Sends the lines repeatedly. The first one fails, the others succeed."""
    text = "".join(lines).encode() * BATCH
    for _ in range(times // BATCH):
        qmp.send(text)
        answers: list[bytes] = []
        rest = b""
        while len(answers) < len(lines) * BATCH:
            *whole, rest = (rest + os.read(qmp.fd_in, CHUNK)).split(b"\n")
            answers += [line for line in whole if b'"event":' not in line]
        for number, line in enumerate(answers):
            wrong = line.startswith(b'{"error"')
            if wrong != (number % len(lines) == 0):
                raise AssertionError(f"{lines[number % len(lines)]}{line.decode()}")


def create(kind: str, tag_member: str, tag: str, members: dict, **more: Any) -> str:
    add, _, name = KINDS[kind]
    arguments = {tag_member: tag, **members, **more}
    if kind == "chardev":
        arguments = {"backend": {"type": tag, "data": {**members, **more}}}
    return json.dumps({"execute": add, "arguments": {name: "x", **arguments}}) + "\n"


def come_and_go(one: Any, creates: Any, sample: Sample) -> None:
    assert creates.kind in KINDS, f"say in tests/lib/lifecycle.py how a {creates.kind} is created and deleted"
    with tempfile.TemporaryDirectory() as directory:
        late = sample.prepare(directory) or {}

        def aside(number: int) -> None:
            text = json.dumps(sample.members).replace("$DIR", directory).replace("$N", str(number))
            with Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
                many_times(machine, one, creates, sample, {**json.loads(text), **late})

        with ThreadPoolExecutor(sample.machines) as pool:
            list(pool.map(aside, range(sample.machines)))


def many_times(machine: Machine, one: Any, creates: Any, sample: Sample, members: dict) -> None:
    client = machine.connect()
    qmp = client.negotiate()
    for command, arguments in sample.before:
        qmp.call_with(command, arguments)
    _, delete, name = KINDS[creates.kind]
    tag = one.tag or one.name
    bad = create(creates.kind, creates.tag, tag, members, **{"no-such-member": 1})
    good = create(creates.kind, creates.tag, tag, members)
    first = qmp.raw(good)
    if "error" in first:
        if sample.refused and re.search(sample.refused, first["error"]["desc"]):
            raise Skip(first["error"]["desc"])
        raise AssertionError(f"class '{one.name}' is not made of {members}: {first['error']['desc']}\n"
                             f"what it needs goes into SAMPLES of tests/lib/samples.py")
    qmp.call_with(delete, {name: "x"})
    usual = min(sample.times, 200) if SANITIZED else sample.times if LONG else max(BATCH, sample.times // 5)
    times = TIMES // sample.machines or usual
    lines = [bad, good, json.dumps({"execute": delete, "arguments": {name: "x"}}) + "\n"]
    rounds(qmp, lines, max(BATCH, min(WARM, times // 4)))
    before = Held(machine.process.pid)
    rounds(qmp, lines, times)
    # The memory of a thread is freed shortly after its end.
    end = time.monotonic() + 5
    while (wrong := Held(machine.process.pid).exceeds(before)) and time.monotonic() < end:
        time.sleep(0.05)
    client.close()
    if wrong:
        raise AssertionError(f"{times} times '{one.name}' with {members} left behind: {wrong}")


def add_tests(kinds: set[str]) -> None:
    bare = []
    for one, creates in classes():
        if creates.kind not in kinds:
            continue
        if one.model == "none":
            bare.append(one.name)
            continue
        for number, sample in enumerate(SAMPLES.get(one.name, [Sample()])):
            function = partial(come_and_go, one, creates, sample)
            function.__doc__ = f"nothing is left of {one.name}" + (f", made another way ({number})" if number else "")
            test(function)
    if bare:
        def can_be_made() -> None:
            raise Skip(f"they can be configured, not started: {', '.join(bare)}")
        can_be_made.__doc__ = f"nothing is left of {len(bare)} others"
        test(can_be_made)


def run(*kinds: str) -> None:
    """All tests of these kinds of backends; without names, of all kinds that have no test of their own."""
    enter_namespace()
    if is_inside():
        raise_loopback()
    add_tests(set(kinds) or {creates.kind for _, creates in classes()} - OWN_TEST)
    main()
