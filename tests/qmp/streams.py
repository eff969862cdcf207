#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Streams of requests that end: each request is executed, and each reply is complete.

VINTAGE_RUNS=N runs pipes and sockets N times each; the long form is 1000.
"""

import json
import os
import pty
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tty

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import VM, Machine, SocketQmp, equal, main, test  # noqa: E402

RUNS = int(os.environ.get("VINTAGE_RUNS", "8"))
COMMANDS = ("query-machines", "query-cpu-definitions", "query-command-line-options", "qom-list-types",
            "query-qmp-schema")
STREAM = b"".join(b'{"execute": "%s", "id": %d}\n' % (name.encode(), number)
                  for number, name in enumerate(("qmp_capabilities", *COMMANDS, "quit")))
ALL = [*range(len(COMMANDS) + 2)]
TARGETS = ("x86_64", "aarch64", "s390x")


def argv(*more: str, target: str = "x86_64") -> list[str]:
    return [VM, "--target", target, "-S", "-machine", "none", "--platform-version", "9.0", *more]


def read_all(fd: int, size: int, pause: float) -> bytes:
    text = b""
    while True:
        try:
            chunk = os.read(fd, size)
        except OSError:  # a terminal whose other end was closed
            return text
        if not chunk:
            return text
        text += chunk
        if pause:
            time.sleep(pause)


def check(text: bytes) -> None:
    messages = [json.loads(line) for line in text.splitlines() if line.strip()]
    assert "QMP" in messages[0], text[:200]
    equal([message["id"] for message in messages if "return" in message], ALL, f"{len(text)} bytes")
    equal(messages[-1].get("event"), "SHUTDOWN")


def finish(process: subprocess.Popen) -> None:
    assert process.stderr
    equal(process.wait(60), 0, process.stderr.read().decode())
    process.stderr.close()


@test
def a_pipe_ends_with_every_byte() -> None:
    for number in range(RUNS):
        process = subprocess.Popen(argv("-qmp", "stdio", target=TARGETS[number % len(TARGETS)]),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdin and process.stdout
        process.stdin.write(STREAM)
        process.stdin.close()
        check(read_all(process.stdout.fileno(), 65536, 0))
        process.stdout.close()
        finish(process)


@test
def a_slow_reader_of_a_pipe_loses_nothing() -> None:
    process = subprocess.Popen(argv("-qmp", "stdio"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    assert process.stdin and process.stdout
    process.stdin.write(STREAM)
    process.stdin.close()
    time.sleep(2)
    check(read_all(process.stdout.fileno(), 4000, 0.02))
    process.stdout.close()
    finish(process)


@test
def files_and_terminals_do_as_well() -> None:
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "in"), "w+b") as source, \
                open(os.path.join(directory, "out"), "w+b") as sink:
            source.write(STREAM)
            source.seek(0)
            process = subprocess.Popen(argv("-qmp", "stdio"), stdin=source, stdout=sink, stderr=subprocess.PIPE)
            finish(process)
            sink.seek(0)
            check(sink.read())
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    process = subprocess.Popen(argv("-qmp", "stdio"), stdin=theirs, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    os.write(ours, STREAM)
    check(read_all(ours, 1000, 0))
    os.close(ours)
    finish(process)


@test
def a_chardev_on_standard_streams_does_as_well() -> None:
    process = subprocess.Popen(argv("-chardev", "stdio,id=c", "-mon", "c,mode=control"), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin and process.stdout
    process.stdin.write(STREAM)
    process.stdin.close()
    time.sleep(0.3)
    check(read_all(process.stdout.fileno(), 20000, 0.005))
    process.stdout.close()
    finish(process)


def over_a_socket(path: str, process: subprocess.Popen, pause: float, half_close: bool) -> None:
    client = socket.socket(socket.AF_UNIX)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    end = time.monotonic() + 20
    while True:
        try:
            client.connect(path)
            break
        except (FileNotFoundError, ConnectionRefusedError):
            assert time.monotonic() < end
            time.sleep(0.005)
    client.sendall(STREAM)
    if half_close:
        client.shutdown(socket.SHUT_WR)
    time.sleep(pause * 50)
    check(read_all(client.fileno(), 30000, pause))
    client.close()
    finish(process)


@test
def sockets_end_with_every_byte_for_slow_readers_too() -> None:
    for number in range(RUNS):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "qmp")
            more = ["-qmp", f"unix:{path},server=on,wait=off"] if number % 2 else \
                ["-chardev", f"socket,id=c,path={path},server=on,wait=off", "-mon", "c,mode=control"]
            process = subprocess.Popen(argv(*more), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            over_a_socket(path, process, 0.005 if number % 4 < 2 else 0, number % 8 < 4)


@test
def a_reader_that_never_reads_holds_the_end_up_for_seconds() -> None:
    with Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
        stalled = [machine.connect().negotiate() for _ in range(3)]
        for client in stalled:
            client.send('{"execute": "query-qmp-schema"}' * 20)
        reader = machine.connect().negotiate()
        start = time.monotonic()
        machine.process.terminate()
        reader.event("SHUTDOWN")
        equal(machine.process.wait(20), 0)
        assert 4 < time.monotonic() - start < 15, time.monotonic() - start


@test
def requests_before_the_end_of_input_are_executed_while_output_waits() -> None:
    with Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
        client = SocketQmp(machine.path)
        n = 100
        client.send('{"execute": "qmp_capabilities"}' + '{"execute": "query-qmp-schema"}' * n +
                    '{"execute": "object-add", "arguments": {"qom-type": "rng-random", "id": "last"}, "id": 1}')
        client.socket.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        answers = [client.answer() for _ in range(n + 2)]
        equal(answers[-1], {"return": {}, "id": 1})
        try:
            raise AssertionError(client.receive())
        except EOFError:
            pass


@test
def nobody_is_greeted_before_the_start_can_not_be_refused() -> None:
    process = subprocess.Popen(argv("-object", "rng-random,id=r,filename=/nonexistent", "-qmp", "stdio"),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, errors = process.communicate(STREAM, timeout=60)
    equal((process.returncode, out), (1, b""), errors.decode())
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "qmp")
        process = subprocess.Popen(argv("-object", "rng-random,id=r,filename=/nonexistent",
                                        "-qmp", f"unix:{path},server=on"), stderr=subprocess.PIPE)
        client = socket.socket(socket.AF_UNIX)
        while client.connect_ex(path):      # the socket is bound before it listens
            time.sleep(0.005)
        received: list[bytes] = []
        thread = threading.Thread(target=lambda: received.append(read_all(client.fileno(), 4096, 0)))
        thread.start()
        equal(process.communicate(timeout=60)[0], None)
        equal(process.returncode, 1)
        thread.join()
        equal(received, [b""])
        client.close()


main()
