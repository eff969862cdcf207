#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The memory of the process does not contain a deleted secret, and its argument is overwritten."""

import base64
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import SANITIZED, Machine, Skip, equal, main, test, write_file  # noqa: E402
import tempfile  # noqa: E402


def canary(number: int) -> str:
    """Generated, so that no file of the test contains it."""
    return "".join(("Zk", str(number), "CAN", "ary", "wQ7x", str(number * 7919)))


def found(pid: int, text: str) -> list[str]:
    """The mappings that contain the text, or its base64 form."""
    needles = [text.encode()] + [base64.b64encode(b" " * skip + text.encode())[skip + 1 + (skip > 0):-4]
                                 for skip in range(3)]
    hits = []
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            span, rights = line.split()[:2]
            low, high = (int(end, 16) for end in span.split("-"))
            if not rights.startswith("rw") or high - low > 1 << 32:
                continue
            try:
                memory.seek(low)
                data = memory.read(high - low)
            except OSError:
                continue
            hits += [line.strip() for needle in needles if needle in data]
    return hits


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def forgotten(machine: Machine, secrets: dict[str, str]) -> None:
    """Each secret is found before its deletion, and not after it."""
    qmp = machine.qmp
    assert qmp
    pid = machine.process.pid
    for name, text in secrets.items():
        if not found(pid, text):
            raise AssertionError(f"{name} is not found while it is there")
        qmp.call("object-del", id=name)
    qmp.call("query-version")
    for name, text in secrets.items():
        equal(found(pid, text), [], name)


def need_memory() -> None:
    if SANITIZED:
        raise Skip("a sanitizer keeps what is freed")
    os.environ.pop("MALLOC_PERTURB_", None)     # it would overwrite what is freed


@test
def of_a_command_line() -> None:
    """key=value text, JSON text and Base64 on a command line; the arguments are overwritten"""
    need_memory()
    texts = {name: canary(number) for number, name in enumerate(("plain", "commas", "json", "base"), 1)}
    base = {"qom-type": "secret", "id": "base", "format": "base64", "data": in_base64(texts["base"])}
    with Machine("-machine", "none", "-object", f"secret,id=plain,data={texts['plain']}",
                 "-object", f"secret,data={texts['commas']},,x,id=commas",
                 "-object", json.dumps({"qom-type": "secret", "data": texts["json"], "id": "json"}),
                 f"--object={json.dumps(base)}") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        with open(f"/proc/{machine.process.pid}/cmdline", "rb") as file:
            line = file.read()
        for name, text in texts.items():
            equal([each.encode() in line for each in (text, in_base64(text)[:-4])], [False, False], name)
            if f"secret,id={name}".encode() not in line:
                raise AssertionError(f"{line!r} does not name {name}")
        forgotten(machine, texts)


@test
def of_a_configuration_file() -> None:
    """a configuration file"""
    need_memory()
    text = canary(11)
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "vm.json", json.dumps(
            {"object": [{"qom-type": "secret", "id": "filed", "data": text}]}))
        with Machine("-machine", "none", "-config", path) as machine:
            assert machine.qmp
            machine.qmp.negotiate()
            forgotten(machine, {"filed": text})


@test
def of_requests() -> None:
    """requests of all shapes: plain, with escapes, in pieces, with an id that is no word, that fail"""
    need_memory()
    texts = {name: canary(number) for number, name in enumerate(("one", "two", "three", "four"), 21)}
    with Machine("-machine", "none") as machine:
        qmp = machine.qmp
        assert qmp
        qmp.negotiate()

        def request(name: str, **more: object) -> str:
            return json.dumps({"execute": "object-add", "arguments": {
                "qom-type": "secret", "id": name, "data": texts[name]}, **more}) + "\n"

        equal(qmp.raw(request("one")), {"return": {}})
        first = texts["two"][0]
        equal(qmp.raw(request("two").replace(f'"{texts["two"]}"', f'"\\u00{ord(first):02x}{texts["two"][1:]}"')),
              {"return": {}})
        equal(qmp.raw(request("three", id={"a": [1]})), {"return": {}, "id": {"a": [1]}})
        text = request("four").replace('"four"', '"four"' + " " * 70000)
        for start in range(0, len(text), 999):
            qmp.send(text[start:start + 999])
        equal(qmp.answer(), {"return": {}})
        wrong = canary(31)
        for arguments in ({"qom-type": "secret", "id": "w", "dat": wrong}, {"qom-type": "secret", "id": "1 w", "data": wrong},
                          {"qom-type": "secret", "id": "w", "data": wrong + "*", "format": "base64"},
                          {"qom-type": "secret", "id": "w", "data": wrong, "file": "/x"},
                          {"qom-type": "secret", "id": "w", "data": wrong, "keyid": "nobody", "iv": "AA=="}):
            qmp.fails("object-add", arguments)
        qmp.raw('{"execute":"object-add","arguments":{"qom-type":"secret","data":' + wrong + '}}\n')
        forgotten(machine, texts)
        equal(found(machine.process.pid, wrong), [], "of requests that failed")


@test
def of_a_monitor_on_a_chardev() -> None:
    """a monitor on a character device"""
    need_memory()
    text = canary(41)
    with Machine("-machine", "none", "-chardev", "socket,id=c,server=on,wait=off,path=mon",
                 "-mon", "c,mode=control", qmp=None) as machine:
        try:
            from vintage_test import SocketQmp
            qmp = SocketQmp("mon")
            machine.qmp = qmp.negotiate()
            qmp.call_with("object-add", {"qom-type": "secret", "id": "far", "data": text})
            forgotten(machine, {"far": text})
            qmp.close()
        finally:
            if os.path.exists("mon"):
                os.unlink("mon")


if __name__ == "__main__":
    main()
