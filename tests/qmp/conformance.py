#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The rules of QMP, by the numbers of docs/qmp-conformance.md; and clients of three kinds on three monitors."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from typing import Any, Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TIMEOUT, Machine, Qmp, Skip, SocketQmp, equal, main, matches, test  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(os.environ.get("VINTAGE_SOURCE", os.path.join(HERE, "..", "..")), "docs", "qmp-conformance.md")
RULES: set[str] = set()


class Raw:
    """A session of bytes, not negotiated."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")
        self.greeting = self.read()

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def line(self) -> bytes:
        return self.file.readline()

    def read(self) -> Any:
        return json.loads(self.line())

    def send(self, data: bytes | str) -> None:
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def ask(self, data: bytes | str) -> Any:
        self.send(data)
        return self.read()

    def negotiate(self, *enable: str) -> "Raw":
        equal(self.ask(json.dumps({"execute": "qmp_capabilities", "arguments": {"enable": enable}})), {"return": {}})
        return self


def rule(number: str) -> Callable[[Callable[[Raw], None]], Callable[[Raw], None]]:
    """A test of a rule, with a session of a server that all rules share."""
    def add(function: Callable[[Raw], None]) -> Callable[[Raw], None]:
        def runs() -> None:
            with Raw(Shared.path()) as session:
                function(session)

        RULES.add(number)
        runs.__name__, runs.__doc__ = function.__name__, f"{number} {function.__name__.replace('_', ' ')}"
        test(runs)
        return function
    return add


class Shared:
    machine: Machine | None = None
    directory: tempfile.TemporaryDirectory | None = None

    @classmethod
    def path(cls) -> str:
        if not cls.machine:
            cls.directory = tempfile.TemporaryDirectory()
            cls.machine = Machine("-machine", "q35", "-accel", "qtest", "-qmp",
                                  f"unix:{cls.directory.name}/qmp,server=on,wait=off")
            assert cls.machine.qmp
            cls.machine.qmp.negotiate()
        assert cls.directory
        return f"{cls.directory.name}/qmp"


def error_of(answer: dict) -> str:
    return str(answer["error"]["class"])


# ---- 2.1

@rule("2.1-1")
def messages_are_lines(session: Raw) -> None:
    session.negotiate()
    session.send('{"execute": "query-name"}{"execute": "query-name"}')
    for _ in range(2):
        matches(session.line().decode(), r"\A[^\r\n]*\r\n\Z")


@rule("2.1-2")
def single_quotes_are_accepted(session: Raw) -> None:
    session.negotiate()
    equal(session.ask("{'execute': 'query-name', 'id': 'a\\'b'}"), {"return": {}, "id": "a'b"})


@rule("2.1-3")
def text_beyond_ascii_comes_back(session: Raw) -> None:
    session.negotiate()
    for text in ("ä€𝄞", "\t\"\\"):
        equal(session.ask(json.dumps({"execute": "query-name", "id": text}, ensure_ascii=False))["id"], text)
        equal(session.ask(json.dumps({"execute": "query-name", "id": text}))["id"], text)


# ---- 2.2

@rule("2.2-1")
def the_greeting_comes_first(session: Raw) -> None:
    version = session.greeting["QMP"]["version"]
    equal({name: type(value) for name, value in version["qemu"].items()}, {"micro": int, "minor": int, "major": int})
    equal((list(session.greeting), type(version["package"])), (["QMP"], str))


@rule("2.2-2")
def each_capability_of_the_greeting_can_be_enabled(session: Raw) -> None:
    session.negotiate(*session.greeting["QMP"]["capabilities"])


# ---- 2.3

@rule("2.3-1")
def no_arguments_equal_an_empty_object(session: Raw) -> None:
    session.negotiate()
    equal(session.ask('{"execute": "query-name"}'), session.ask('{"execute": "query-name", "arguments": {}}'))
    for wrong in ("[]", "1", '"x"'):
        equal(error_of(session.ask(f'{{"execute": "query-name", "arguments": {wrong}}}')), "GenericError")


@rule("2.3-2")
def unknown_members_of_a_request_are_refused(session: Raw) -> None:
    session.negotiate()
    for wrong in ('{"execute": "query-name", "more": 1}', '{"arguments": {}}', '{"execute": 1}', "[]", "1", '"x"'):
        equal(error_of(session.ask(wrong + "\n")), "GenericError", wrong)


@rule("2.3-3")
def commands_are_executed_in_order(session: Raw) -> None:
    session.negotiate()
    session.send("".join(json.dumps({"execute": name, "id": number}) for number, name in enumerate(
        ["query-version", "query-name", "query-uuid"] * 20)))
    equal([session.read()["id"] for _ in range(60)], list(range(60)))


@rule("2.3-4")
def a_command_out_of_band_is_executed(session: Raw) -> None:
    session.negotiate("oob")
    names = [row for row in session.ask('{"execute": "query-qmp-schema"}')["return"]
             if row["meta-type"] == "command" and row.get("allow-oob")]
    equal({row["name"] for row in names} > set(), True)
    answer = session.ask(json.dumps({"exec-oob": names[0]["name"], "id": 1, "arguments": {}}))
    equal(answer["id"], 1)
    assert "allow OOB" not in str(answer) and "support OOB" not in str(answer), answer


@rule("2.3-5")
def out_of_band_needs_the_capability(session: Raw) -> None:
    session.negotiate()
    equal(error_of(session.ask('{"exec-oob": "query-name", "id": 1}')), "GenericError")
    with Raw(Shared.path()) as other:
        other.negotiate("oob")
        equal(error_of(other.ask('{"exec-oob": "query-name", "id": 1}')), "GenericError")


# ---- 2.4

@rule("2.4-1")
def any_id_comes_back(session: Raw) -> None:
    session.negotiate()
    for ident in (0, -1, 1.5, "x", None, True, [1, [2]], {"a": {}}):
        for name in ("query-name", "no-such-command"):
            equal(session.ask(json.dumps({"execute": name, "id": ident}))["id"], ident)
    assert "id" not in session.ask('{"execute": "query-name"}')


@rule("2.4-2")
def success_has_a_return_value(session: Raw) -> None:
    session.negotiate()
    equal(session.ask('{"execute": "set-action", "arguments": {"reboot": "reset"}}'), {"return": {}})
    equal(list(session.ask('{"execute": "query-status"}')), ["return"])


@rule("2.4-3")
def failure_has_a_class_and_a_description(session: Raw) -> None:
    session.negotiate()
    for request, kind in (('{"execute": "no-such-command"}', "CommandNotFound"),
                          ('{"execute": "qom-list", "arguments": {"path": "/nowhere"}}', "DeviceNotFound"),
                          ('{"execute": "query-balloon"}', "DeviceNotActive"), ('{"execute": "qom-list"}', "GenericError")):
        answer = session.ask(request)
        equal((list(answer), set(answer["error"]), error_of(answer)), (["error"], {"class", "desc"}, kind))


@rule("2.4-4")
def a_failed_command_is_answered_once(session: Raw) -> None:
    session.negotiate()
    session.send('{"execute": "qom-list", "id": 1}{"execute": "query-name", "id": 2}')
    equal([session.read().get("id") for _ in range(2)], [1, 2])


# ---- 2.5

@rule("2.5-1")
def events_have_a_name_and_a_time(session: Raw) -> None:
    session.negotiate()
    session.send('{"execute": "system_reset"}')
    message = next(one for one in iter(session.read, None) if "event" in one)
    matches(message["event"], r"\A[A-Z0-9_]+\Z")
    equal({name: type(value) for name, value in message["timestamp"].items()}, {"seconds": int, "microseconds": int})
    assert set(message) <= {"event", "timestamp", "data"}, message


@rule("2.5-2")
def no_event_comes_before_the_negotiation(session: Raw) -> None:
    with Raw(Shared.path()) as other:
        other.negotiate()
        other.send('{"execute": "system_reset"}')
        next(one for one in iter(other.read, None) if "event" in one)
    session.negotiate()     # whose answer is the next message


# ---- 2.6

@rule("2.6-1")
def a_byte_ff_ends_an_unfinished_request(session: Raw) -> None:
    session.negotiate()
    session.send(b'{"execute": "que\xff')
    equal(error_of(session.read()), "GenericError")
    equal(session.ask('{"execute": "query-name"}'), {"return": {}})


@rule("2.6-2")
def bad_json_is_an_error_and_the_session_goes_on(session: Raw) -> None:
    session.negotiate()
    for text in ("{]\n", '{"a": tru}\n', '{"a" 1}\n'):
        equal(error_of(session.ask(text)), "GenericError", text)
        session.send('{"execute": "query-name", "id": "next"}\n')
        equal(next(one for one in iter(session.read, None) if one.get("id") == "next"), {"return": {}, "id": "next"}, text)


# ---- 4

@rule("4-1")
def only_the_negotiation_is_accepted_before_it(session: Raw) -> None:
    answer = session.ask('{"execute": "query-name"}')
    equal(error_of(answer), "CommandNotFound")
    session.negotiate()
    equal(session.ask('{"execute": "query-name"}'), {"return": {}})


@rule("4-2")
def negotiation_enables_once(session: Raw) -> None:
    equal(error_of(session.ask('{"execute": "qmp_capabilities", "arguments": {"enable": ["fly"]}}')), "GenericError")
    session.negotiate("oob")
    equal(error_of(session.ask('{"execute": "qmp_capabilities"}')), "CommandNotFound")


# ---- 5

@rule("5-1")
def the_order_of_members_does_not_matter(session: Raw) -> None:
    session.negotiate()
    requests = ('{"id": 1, "arguments": {"path": "/machine"}, "execute": "qom-list"}',
                '{"execute": "qom-list", "arguments": {"path": "/machine"}, "id": 1}')
    equal(session.ask(requests[0]), session.ask(requests[1]))


@rule("5-2")
def introspection_has_every_command_and_argument(session: Raw) -> None:
    session.negotiate()
    schema = {row["name"]: row for row in session.ask('{"execute": "query-qmp-schema"}')["return"]}
    for row in session.ask('{"execute": "query-commands"}')["return"]:
        entity = schema[row["name"]]
        equal(entity["meta-type"], "command")
        assert schema[entity["arg-type"]]["meta-type"] == "object" and entity["ret-type"] in schema, entity


@rule("5-3")
def clients_are_served_side_by_side(session: Raw) -> None:
    with Raw(Shared.path()) as other:
        other.negotiate("oob")
        equal(error_of(session.ask('{"execute": "query-name", "id": 1}')), "CommandNotFound")
        session.negotiate()
        other.send('{"execute": "query-name", "id": "theirs"}')
        session.send('{"execute": "query-name", "id": "mine"}')
        equal((session.read()["id"], other.read()["id"]), ("mine", "theirs"))


# ---- clients of several kinds

def shell_session(path: str) -> dict:
    """As qmp-shell does: 'name key=value' becomes a request without an id; events may come before the answer."""
    client = SocketQmp(path)
    client.negotiate()
    answers = {}
    for line in ("query-status", "qom-get path=/machine property=type", "object-add qom-type=rng-builtin id=shell"):
        name, *words = line.split()
        answers[name] = client.call_with(name, dict(word.split("=", 1) for word in words))
    client.close()
    return answers


@test
def three_kinds_of_clients_use_three_monitors() -> None:
    """three kinds of clients use three monitors: as qmp-shell, socat and libvirt do"""
    if not shutil.which("socat"):
        raise Skip("socat is not installed")
    with tempfile.TemporaryDirectory() as directory:
        options = [word for number in range(3) for word in ("-qmp", f"unix:{directory}/{number},server=on,wait=off")]
        with Machine("-machine", "q35", "-accel", "qtest", *options) as machine:
            assert machine.qmp
            watcher: Qmp = machine.qmp.negotiate()
            libvirt = SocketQmp(f"{directory}/2")
            libvirt.negotiate()
            libvirt.raw('{"execute": "query-version", "id": "libvirt-1"}\r\n')
            done = subprocess.run(["socat", "-t5", "-", f"unix-connect:{directory}/1"], text=True, capture_output=True,
                                  check=True, timeout=TIMEOUT, input="".join(
                                      json.dumps({"execute": name}) + "\n" for name in ("qmp_capabilities", "stop", "cont")))
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            equal([next(iter(line)) for line in lines if "event" not in line], ["QMP", "return", "return", "return"])
            answers = shell_session(f"{directory}/0")
            matches(answers["qom-get"], r"\Apc-q35-.*-machine\Z")
            # libvirt's session saw what the others did.
            for name in ("STOP", "RESUME"):
                equal(libvirt.event(name)["event"], name)
            equal([row["name"] for row in libvirt.call("qom-list", path="/objects") if row["name"] == "shell"], ["shell"])
            equal(libvirt.raw('{"execute": "query-name", "id": "libvirt-2"}\r\n'), {"return": {}, "id": "libvirt-2"})
            watcher.call("object-del", id="shell")
            libvirt.close()


@test
def the_table_names_each_rule() -> None:
    with open(TABLE, encoding="utf-8") as file:
        equal(set(re.findall(r"^\| ([0-9][0-9.]*-[0-9]+) \|", file.read(), re.M)), RULES)


@test
def the_server_of_the_rules_ends() -> None:
    assert Shared.machine and Shared.machine.qmp and Shared.directory
    Shared.machine.qmp.call("quit")
    equal(Shared.machine.end()[0], 0)
    Shared.directory.cleanup()


main()
