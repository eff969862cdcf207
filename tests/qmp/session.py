#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A QMP session: greeting, negotiation, ids, errors, pipelined requests, clients that connect and disconnect."""

import json
import os
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Qmp, SocketQmp, equal, main, matches, test  # noqa: E402

NONE = ("-machine", "none")


def session(machine: Machine) -> Qmp:
    assert machine.qmp
    return machine.qmp


@test
def the_greeting_tells_version_and_capabilities() -> None:
    with Machine(*NONE) as machine:
        greeting = session(machine).greeting["QMP"]
        equal(sorted(greeting), ["capabilities", "version"])
        equal(greeting["capabilities"], ["oob"])
        equal(sorted(greeting["version"]), ["package", "qemu"])
        equal(sorted(greeting["version"]["qemu"]), ["major", "micro", "minor"])
        matches(greeting["version"]["package"], r"\Avintage-\d+\.\d+")
        qmp = session(machine).negotiate()
        equal(qmp.call("query-version"), greeting["version"])


@test
def commands_wait_for_the_negotiation() -> None:
    with Machine(*NONE) as machine:
        qmp = session(machine)
        for command in ("query-status", "no-such-command"):
            qmp.fails(command, {}, "CommandNotFound", r"\AExpecting capabilities negotiation with 'qmp_capabilities'\Z")
        qmp.fails("qmp_capabilities", {"enable": ["nothing"]}, "GenericError", "enable")
        qmp.negotiate()
        equal(qmp.call("query-status"), {"running": False, "status": "prelaunch"})
        qmp.fails("qmp_capabilities", {}, "CommandNotFound",
                  "Capabilities negotiation is already complete, command ignored")


@test
def an_id_of_any_kind_comes_back() -> None:
    with Machine(*NONE) as machine:
        qmp = session(machine).negotiate()
        for id_ in (1, -7, "x", "ü\\\"\n", None, True, 1.5, [1, {"a": []}], {"b": "c/d"}, 12345678901234567890):
            equal(qmp.raw(json.dumps({"execute": "query-status", "id": id_}))["id"], id_)
            equal(qmp.raw(json.dumps({"id": id_, "execute": "nope"}))["id"], id_)
        assert "id" not in qmp.raw('{"execute": "query-status"}')
        equal(qmp.raw('{"execute": 1, "id": "kept"}')["id"], "kept")


@test
def wrong_requests_get_the_errors_that_qemu_gives() -> None:
    with Machine(*NONE) as machine:
        qmp = session(machine).negotiate()
        for text, class_name, desc in (
                ('{"execute": "nope"}', "CommandNotFound", "The command nope has not been found"),
                ('[]', "GenericError", "QMP input must be a JSON object"),
                ('{}', "GenericError", "QMP input lacks member 'execute'"),
                ('{"execute": 1}', "GenericError", "QMP input member 'execute' must be a string"),
                ('{"execute": "query-status", "arguments": 1}', "GenericError",
                 "QMP input member 'arguments' must be an object"),
                ('{"execute": "query-status", "argument": {}}', "GenericError",
                 "QMP input member 'argument' is unexpected"),
                ('{"exec-oob": "query-status"}', "GenericError", "QMP input member 'exec-oob' is unexpected")):
            equal(qmp.raw(text)["error"], {"class": class_name, "desc": desc}, text)
        qmp.fails("query-status", {"x": 1}, "GenericError", "x")
        qmp.fails("query-status" + "s" * 5000, {}, "CommandNotFound", "has not been found")


@test
def text_that_is_no_json_is_an_error_and_the_session_goes_on() -> None:
    with Machine(*NONE) as machine:
        qmp = session(machine).negotiate()
        for text in (b'{"execute": }', b'{"execute" "query-status"}', b'{"execute": "query-status",}', b'nonsense\n',
                     b'}\n', b'"a string"\n', b'17\n', b'{"execute": "query-status", "execute": "query-status"}',
                     b'{"execute": "query-status", "id": 01}', b'{"execute": "query-\xff"}\n', b'{"a": "\x01"}\n',
                     b'{"execute": "x", "id": "\xc3\x28"}', b'{"execute": "x", "id": "\\ud800"}', b'{]\n',
                     b'{"unfinished": "string\n', b"[" * 200 + b"]" * 200, b'{"execute":"x"}'.replace(b'"x"', b"nul")):
            qmp.send(text)
            answer = qmp.answer()
            equal(answer["error"]["class"], "GenericError", repr(text))
            # The rest of an invalid text may cause another error, but never ends the session.
            qmp.send('\n{"execute": "query-status", "id": "after"}\n')
            while answer.get("id") != "after":
                answer = qmp.answer()
            equal(answer["return"]["status"], "prelaunch", repr(text))


@test
def a_control_character_in_a_string_is_one_error_at_once() -> None:
    with Machine(*NONE) as machine:
        qmp = session(machine).negotiate()
        for code in range(32):
            for before, behind in (("", ""), ("{[", ""), ("", "{"), ("", "}"), ("", "[{\\\""), ("\\", "]")):
                for place in ('{"execute": "%s"}', '{"execute": "query-status", "%s": 1}', '{"id": [{"a": "%s"}]}'):
                    text = place % (before + chr(code) + behind)
                    qmp.send(text)
                    matches(qmp.answer()["error"]["desc"], "control character|line end")
                    # The next request follows without a line end.
                    if chr(code) != "\n" or not set(behind) & set("{["):
                        equal(qmp.raw('{"execute": "query-status", "id": 5}')["id"], 5, repr(text))
                    else:
                        qmp.send("\n\xff".encode("latin-1"))
                        qmp.send('\n{"execute": "query-status", "id": 5}')
                        while qmp.answer().get("id") != 5:
                            pass


@test
def an_error_in_a_value_comes_before_its_end() -> None:
    with Machine(*NONE) as machine:
        qmp = session(machine).negotiate()
        for text, pattern in (('{"a": "\x01', "control"), ("[" * 70, "deep"), ('{"a": \x02', "control")):
            qmp.send(text)
            matches(qmp.answer()["error"]["desc"], pattern)
            qmp.send(b"\xff")
            equal(qmp.raw('{"execute": "query-status", "id": 6}')["id"], 6)


@test
def a_byte_ff_brings_the_session_back() -> None:
    with Machine(*NONE) as machine:
        qmp = session(machine).negotiate()
        qmp.send(b'{"execute": [{"half": \xff{"execute": "query-status", "id": 5}')
        assert "error" in qmp.answer()
        equal(qmp.answer()["id"], 5)


@test
def too_deep_and_too_large_requests_are_errors() -> None:
    with Machine(*NONE) as machine:
        qmp = session(machine).negotiate()
        matches(qmp.raw('{"execute": "query-status", "id": ' + "[" * 5000 + "]" * 5000 + "}")["error"]["desc"], "deep")
        qmp.send('{"execute": "query-status", "id": "')
        block = "x" * (1 << 20)
        for _ in range(65):
            qmp.send(block)
        qmp.send('"}')
        matches(qmp.answer()["error"]["desc"], "large")
        equal(qmp.call("query-status")["status"], "prelaunch")


@test
def requests_may_come_in_pieces_and_in_heaps() -> None:
    with Machine(*NONE) as machine:
        qmp = session(machine).negotiate()
        text = '{"execute": "query-status", "id": "\\u00e9 piece"}'
        for i in range(len(text)):
            qmp.send(text[i])
        equal(qmp.answer()["id"], "é piece")
        for i in range(0, 3000, 1000):
            qmp.send("".join(json.dumps({"execute": "query-version", "id": i + k}) for k in range(1000)))
            for k in range(1000):
                equal(qmp.answer()["id"], i + k)


@test
def a_client_that_reads_late_loses_nothing() -> None:
    with Machine(*NONE, qmp="unix:PATH,server=on,wait=off") as machine:
        qmp = machine.connect()
        qmp.negotiate()
        n = 200
        qmp.send("".join('{"execute": "query-qmp-schema", "id": %d}' % i for i in range(n)))
        time.sleep(0.2)
        for i in range(n):
            equal(qmp.answer()["id"], i)
        qmp.close()


@test
def sessions_follow_one_another_and_stand_side_by_side() -> None:
    for spec in ("unix:PATH,server=on,wait=off", "unix:PATH,server,nowait"):
        with Machine(*NONE, qmp=spec) as machine:
            for _ in range(3):
                qmp = machine.connect()
                qmp.fails("query-status", {}, "CommandNotFound", "negotiation")
                qmp.negotiate()
                equal(qmp.call("query-status")["status"], "prelaunch")
                qmp.close()
            first, second = machine.connect(), machine.connect()
            first.negotiate()
            second.fails("query-status", {}, "CommandNotFound", "negotiation")
            second.negotiate()
            first.call_with("object-add", {"qom-type": "rng-random", "id": "r"})
            second.fails("object-add", {"qom-type": "rng-random", "id": "r"}, "GenericError", "r")


@test
def a_client_that_hangs_up_harms_nobody() -> None:
    with Machine(*NONE, qmp="unix:PATH,server=on,wait=off") as machine:
        for text in ("", "{", '{"execute": "qmp_capabilities"}',
                     '{"execute": "qmp_capabilities"}' + '{"execute": "query-qmp-schema"}' * 100):
            qmp = machine.connect()
            qmp.send(text)
            qmp.close()
        half = machine.connect()
        half.send('{"execute": "qmp_capabilities"}{"execute": "query-status", "id": 9}')
        half.socket.shutdown(socket.SHUT_WR)
        half.answer()
        equal(half.answer()["id"], 9)
        qmp = machine.connect().negotiate()
        equal(qmp.call("query-status")["status"], "prelaunch")


@test
def tcp_serves_as_unix_does() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Machine(*NONE, qmp=f"tcp:127.0.0.1:{port},server=on,wait=off") as machine:
        qmp = SocketQmp(("127.0.0.1", port))
        qmp.negotiate()
        equal(qmp.call("query-status")["status"], "prelaunch")
        qmp.call("quit")
        qmp.event("SHUTDOWN")
        equal(machine.end()[0], 0)


@test
def quit_answers_then_tells_then_ends() -> None:
    with Machine(*NONE) as machine:
        qmp = session(machine).negotiate()
        equal(qmp.raw('{"execute": "quit", "id": "bye"}'), {"return": {}, "id": "bye"})
        event = qmp.event("SHUTDOWN")
        equal(event["data"], {"guest": False, "reason": "host-qmp-quit"})
        equal(sorted(event["timestamp"]), ["microseconds", "seconds"])
        assert abs(event["timestamp"]["seconds"] - time.time()) < 60
        equal(machine.end()[0], 0)


@test
def signals_end_it_cleanly() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with Machine(*NONE, qmp="unix:PATH,server=on,wait=off") as machine:
            qmp = machine.connect()
            qmp.negotiate()
            machine.process.send_signal(number)
            equal(qmp.event("SHUTDOWN")["data"], {"guest": False, "reason": "host-signal"})
            equal(machine.end()[0], 0)
            assert not os.path.exists(machine.path), "the socket is left behind"


@test
def waiting_for_a_client_holds_the_start_and_ends_on_a_signal() -> None:
    with Machine(*NONE, qmp="unix:PATH,server=on") as machine:
        qmp = machine.connect()
        equal(qmp.negotiate().call("query-status")["status"], "prelaunch")
        qmp.close()
    with Machine(*NONE, qmp="unix:PATH,server=on") as machine:
        while not os.path.exists(machine.path):
            time.sleep(0.005)
        machine.process.terminate()
        equal(machine.end()[0], 0)
        assert not os.path.exists(machine.path)


@test
def wrong_monitor_addresses_are_errors() -> None:
    for spec, pattern in (("pigeon:home", "expected stdio, unix:…"), ("unix:,server=on", "unix:PATH"),
                          ("tcp:x", r"tcp:\[HOST\]:PORT"),
                          ("unix:PATH,server=maybe", "expected on or off"), ("unix:PATH,colour=red", "unknown"),
                          ("unix:/nonexistent/qmp,server=on", "cannot bind"), ("unix:PATH", "cannot connect")):
        with Machine(*NONE, qmp=spec) as machine:
            status, errors = machine.end()
            equal(status, 1, spec)
            matches(errors, pattern)
            equal(len([line for line in errors.splitlines() if "platform version" not in line]), 1, errors)


@test
def the_program_connects_where_it_is_no_server() -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        with Machine(*NONE, qmp=None) as holder:
            path = os.path.join(holder.directory.name, "listener")
            listener.bind(path)
            listener.listen(1)
            with Machine(*NONE, qmp=f"unix:{path}"):
                peer, _ = listener.accept()
                qmp = Qmp(peer.fileno(), peer.fileno())
                equal(qmp.negotiate().call("query-status")["status"], "prelaunch")
                peer.close()


main()
