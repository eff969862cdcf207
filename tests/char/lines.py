#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Character devices for QMP clients: creation, queries, errors."""

import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, VM, Machine, Qmp, Skip, SocketQmp, equal, main, matches, run, test  # noqa: E402

NONE = ("-machine", "none")
BACKENDS = os.path.join(BUILD, "vintage-backends")


class Backends(Machine):
    program = BACKENDS


def add(qmp: Qmp, ident: str, kind: str, **data: object) -> dict:
    return qmp.call_with("chardev-add", {"id": ident, "backend": {
        "type": kind, "data": {key.rstrip("_").replace("_", "-"): value for key, value in data.items()}}})


def filenames(qmp: Qmp) -> dict:
    return {row["label"]: row["filename"] for row in qmp.call("query-chardev")}


def until(condition: object, what: str) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.005)


@test
def they_come_by_command_line_and_by_command_and_go_again() -> None:
    for kind, argv in ((Machine, NONE), (Backends, ())):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "s")
            with kind(*argv, "-chardev", f"socket,id=s,path={path},server=on,wait=off", "-chardev", "null,id=n",
                      "-chardev", '{"id": "j", "backend": {"type": "ringbuf", "data": {"size": 64}}}') as machine:
                qmp = machine.qmp.negotiate()
                equal(filenames(qmp), {"s": f"disconnected:unix:{path},server=on", "n": "null", "j": "ringbuf"})
                equal(add(qmp, "more", "null"), {})
                add(qmp, "t", "socket", addr={"type": "unix", "data": {"path": path + "2"}}, server=True)
                assert os.path.exists(path + "2")
                for name in ("more", "t", "n", "j"):
                    equal(qmp.call("chardev-remove", id=name), {})
                equal(list(filenames(qmp)), ["s"])
                assert not os.path.exists(path + "2")
            assert not os.path.exists(path)


@test
def every_kind_is_listed() -> None:
    with Machine(*NONE) as machine:
        names = [row["name"] for row in machine.qmp.negotiate().call("query-chardev-backends")]
        equal(sorted(names), ["file", "hub", "memory", "mux", "null", "pipe", "pty", "ringbuf", "serial", "socket", "stdio",
                              "udp"])


@test
def three_ways_to_say_it_give_the_same() -> None:
    flat = "socket,id=c,host=127.0.0.1,port=0,to=9,ipv4=on,server=on,wait=off,logfile=/dev/null"
    told = {"id": "c", "backend": {"type": "socket", "data": {
        "addr": {"type": "inet", "data": {"host": "127.0.0.1", "port": "0", "to": 9, "ipv4": True}},
        "server": True, "wait": False, "logfile": "/dev/null"}}}
    results = []
    for text in (flat, str(told).replace("'", '"').replace("True", "true").replace("False", "false")):
        with Machine(*NONE, "-chardev", text) as machine:
            results.append(machine.qmp.negotiate().call("query-effective-config")["objects"]["c"])
    with Machine(*NONE) as machine:
        machine.qmp.negotiate().call_with("chardev-add", told)
        results.append(machine.qmp.call("query-effective-config")["objects"]["c"])
    equal(results[0], results[1])
    equal(results[1], results[2])


@test
def help_tells_what_is_short() -> None:
    text = run(VM, "-chardev", "socket,help").stdout
    matches(text, r"(?m)^  path= +- addr\.data\.path$")
    matches(text, r"(?m)^  wait= +- wait \(on without it\)$")
    matches(run(VM, "-chardev", "help").stdout, r"^Available values of 'backend':\n(.*\n)*  pty ")


@test
def what_is_wrong_is_told_in_a_line() -> None:
    for text, message in (
            ("sockt,id=c", "unknown chardev 'sockt'; did you mean 'socket'?"),
            ("socket,id=c,pth=/x", "unknown member 'pth'; did you mean 'path'?"),
            ("socket,id=c,path=/x,server=maybe", "server: expected on or off, got 'maybe'"),
            ("socket,id=c,port=5", "missing member 'host'"),
            ("socket,id=c,path=/x,host=y", "unknown member"),
            ("socket,id=c,fd=99", "file descriptor 99 is not a socket"),
            ("socket,id=c,path=/x,server=on,reconnect-ms=5", "reconnect-ms: not supported by a server"),
            ("socket,id=c,path=/x,reconnect=1,reconnect-ms=5", "mutually exclusive"),
            ("socket,id=c,path=/x,telnet=on", "telnet: requires server=on"),
            ("socket,path=/x", "missing member 'id'"),
            ("file,id=c", "missing member 'path'"),
            ("file,id=c,path=/nowhere/at/all", "No such file"),
            ("ringbuf,id=c,size=7", "7 is not a power of two"),
            ("serial,id=c,path=/dev/null", "is not a terminal"),
            ("null,id=c,mux=perhaps", "expected 'on' or 'off', got 'perhaps'"),
            ("mux,id=c,chardev=none", "no chardev 'none'"),
            ("null,id=c,logfile=/nowhere/at/all", "logfile: '/nowhere/at/all': No such file"),
            ("stdio,id=c", "in use by the QMP monitor")):
        done = run(VM, *NONE, "--platform-version", "9.0", "-qmp", "stdio", "-chardev", text)
        equal(done.returncode, 1, text)
        matches(done.stderr, r"\A[^\n]*\n\Z")
        assert message in done.stderr, f"{text}: {done.stderr}"
    with Machine(*NONE) as machine:
        qmp = machine.qmp.negotiate()
        for arguments, pattern in (
                ({"id": "c"}, "missing member 'backend'"),
                ({"backend": {"type": "null", "data": {}}}, "missing member 'id'"),
                ({"id": "c", "backend": {"data": {}}}, "missing member 'type'"),
                ({"id": "c", "backend": {"type": "null", "data": {"logfle": "x"}}}, "did you mean 'logfile'"),
                ({"id": "c", "backend": {"type": "null", "data": {}}, "more": 1}, "unknown member 'more'"),
                ({"id": "c", "backend": {"type": "socket", "data": {
                    "addr": {"type": "unix", "data": {"path": "%d" % os.getpid(), "abstract": True}},
                    "wait": True}}}, "wait: .* after startup"),
                ({"id": "c", "backend": 1}, "expected an object")):
            qmp.fails("chardev-add", arguments, pattern=pattern)
        qmp.fails("chardev-remove", {"id": "c"}, pattern="'c' not found")
        equal(qmp.call("query-chardev"), [])
    for option, message in (("-mon nobody", "no chardev 'nobody'"), ("-mon chardev=n,mode=readline,pretty=on", "pretty")):
        done = run(VM, *NONE, "-chardev", "null,id=n", *option.split())
        equal(done.returncode, 1)
        assert message in done.stderr, done.stderr
    done = run(VM, *NONE, "-chardev", "stdio,id=c", "--daemonize")
    equal(done.returncode, 1)
    assert "a daemon has no standard input" in done.stderr


# ---- kinds --------------------------------------------------------------------------------------------------


@test
def a_ring_buffer_keeps_the_latest() -> None:
    with Machine(*NONE, "-chardev", "ringbuf,id=r,size=8") as machine:
        qmp = machine.qmp.negotiate()
        add(qmp, "m", "memory", size=16)
        for name in "rm":
            qmp.call("ringbuf-write", device=name, data="0123456789")
        equal(qmp.call("ringbuf-read", device="r", size=3), "234")
        equal(qmp.call("ringbuf-read", device="r", size=100), "56789")
        equal(qmp.call("ringbuf-read", device="r", size=100), "")
        equal(qmp.call("ringbuf-read", device="m", size=100, format="base64"), "MDEyMzQ1Njc4OQ==")
        qmp.call("ringbuf-write", device="r", data="aMOk", format="base64")
        equal(qmp.call("ringbuf-read", device="r", size=100), "hä")
        qmp.call("ringbuf-write", device="r", data="/w==", format="base64")
        equal(qmp.call("ringbuf-read", device="r", size=100), "\ufffd")
        qmp.fails("ringbuf-write", {"device": "r", "data": "a*b", "format": "base64"}, pattern="expected base64")
        qmp.fails("ringbuf-read", {"device": "r", "size": 0}, pattern="greater than zero")
        add(qmp, "n", "null")
        qmp.fails("ringbuf-read", {"device": "n", "size": 1}, pattern="not a ringbuf")


@test
def a_file_gets_what_is_written_and_a_log_too() -> None:
    with tempfile.TemporaryDirectory() as directory:
        out, log, said = (os.path.join(directory, name) for name in ("out", "log", "in"))
        with open(said, "w", encoding="utf-8") as file:
            file.write('{"execute": "qmp_capabilities"}{"execute": "query-name"}')
        for mode, times in (("off", 1), ("on", 2)):
            argv = [f"file,id=f,path={out},input-path={said},append={mode},logfile={log},logappend={mode}"]
            with Machine(*NONE, "-chardev", *argv, "-mon", "f,mode=control") as machine:
                machine.qmp.negotiate()
                until(lambda: open(out, encoding="utf-8").read().count('{"return": {}}') == 2 * times, "no answer")
            text = open(out, encoding="utf-8").read()
            equal(text.count('"QMP"'), times)
            equal(open(log, encoding="utf-8").read(), text)
        with Machine(*NONE, "-chardev", f"file,id=f,path={out},logfile={log},logtimestamp=on", "-mon", "f,mode=control"):
            until(lambda: "QMP" in open(log, encoding="utf-8").read(), "no log")
        for line in open(log, encoding="utf-8"):
            matches(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z \{")


@test
def named_pipes_carry_a_session_and_programs_come_and_go() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "p")
        os.mkfifo(path + ".in")
        os.mkfifo(path + ".out")
        with Machine(*NONE, "-chardev", f"pipe,id=p,path={path}", "-mon", "p,mode=control") as machine:
            equal(filenames(machine.qmp.negotiate()), {"p": f"pipe:{path}"})
            for _ in range(2):
                fd_in, fd_out = os.open(path + ".out", os.O_RDONLY), os.open(path + ".in", os.O_WRONLY)
                if _ == 0:
                    Qmp(fd_in, fd_out).negotiate()
                os.write(fd_out, b'{"execute": "query-name", "id": 5}')
                equal(os.read(fd_in, 100), b'{"return": {}, "id": 5}\r\n')
                os.close(fd_in)
                os.close(fd_out)


@test
def a_terminal_is_opened_and_closed_by_programs() -> None:
    with tempfile.TemporaryDirectory() as directory:
        link = os.path.join(directory, "tty")
        with Machine(*NONE, "-chardev", f"pty,id=p,path={link}", "-mon", "p,mode=control") as machine:
            qmp = machine.qmp.negotiate()
            name = filenames(qmp)["p"].removeprefix("pty:")
            equal(os.readlink(link), name)
            for _ in range(5):
                fd = os.open(link, os.O_RDWR | os.O_NOCTTY)
                terminal = Qmp(fd, fd)
                equal(termios.tcgetattr(fd)[3] & (termios.ECHO | termios.ICANON), 0)
                terminal.negotiate()
                equal(len(terminal.call("query-chardev")), 1)
                os.close(fd)
            answer = add(qmp, "q", "pty")
            equal(filenames(qmp)["q"], "pty:" + answer["pty"])
            qmp.call("chardev-remove", id="q")
            # While no program has the terminal open, output is lost and no write blocks.
            qmp.call("stop")
            equal([event["event"] for event in qmp.events], ["STOP"])
            fd = os.open(link, os.O_RDWR | os.O_NOCTTY)
            assert "QMP" in Qmp(fd, fd).greeting
            os.close(fd)
        assert not os.path.lexists(link)


@test
def a_terminal_program_works_on_it() -> None:
    if not shutil.which("socat"):
        raise Skip("socat is not installed")
    with Machine(*NONE, "-chardev", "pty,id=p", "-mon", "p,mode=control") as machine:
        name = filenames(machine.qmp.negotiate())["p"].removeprefix("pty:")
        for _ in range(2):
            socat = subprocess.Popen(["socat", "-", f"FILE:{name},rawer"], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE)
            terminal = Qmp(socat.stdout.fileno(), socat.stdin.fileno()).negotiate()
            equal(terminal.call("query-chardev")[0]["label"], "p")
            socat.terminate()
            socat.communicate()


@test
def a_serial_port_is_made_raw() -> None:
    ours, theirs = os.openpty()
    name = os.ttyname(theirs)
    with Machine(*NONE, "-chardev", f"serial,id=s,path={name}", "-mon", "s,mode=control") as machine:
        terminal = Qmp(ours, ours).negotiate()
        equal(terminal.call("query-chardev")[0], {"label": "s", "filename": f"serial:{name}", "frontend-open": True})
        equal(machine.qmp.negotiate().call("query-chardev")[0]["label"], "s")
    os.close(ours)
    os.close(theirs)


@test
def standard_input_becomes_raw_and_is_given_back() -> None:
    for signals in ("on", "off"):
        ours, theirs = os.openpty()
        before = termios.tcgetattr(theirs)
        with subprocess.Popen([VM, *NONE, "--platform-version", "9.0", "-chardev", f"stdio,id=c,signal={signals}",
                               "-mon", "c,mode=control"], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
                              start_new_session=True) as process:
            terminal = Qmp(ours, ours)
            mode = termios.tcgetattr(theirs)
            equal(mode[3] & (termios.ECHO | termios.ICANON), 0)
            equal(bool(mode[3] & termios.ISIG), signals == "on")
            terminal.negotiate()
            equal(terminal.call("query-chardev")[0]["filename"], "stdio")
            terminal.call("quit")
            terminal.event("SHUTDOWN")
            equal(process.wait(20), 0)
            equal(termios.tcgetattr(theirs), before)
        os.close(ours)
        os.close(theirs)


@test
def an_open_socket_is_taken_over() -> None:
    ours, theirs = socket.socketpair()
    listener = socket.socket(socket.AF_UNIX)
    with ours, theirs, listener, tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "l")
        listener.bind(path)
        listener.listen(1)
        process = subprocess.Popen([VM, *NONE, "-chardev", f"socket,id=c,fd={theirs.fileno()}", "-mon", "c,mode=control",
                                    "-chardev", f"socket,id=l,fd={listener.fileno()},server=on,wait=off", "-mon",
                                    "l,mode=control"],
                                   pass_fds=[theirs.fileno(), listener.fileno()], stderr=subprocess.PIPE)
        theirs.close()
        qmp = Qmp(ours.fileno(), ours.fileno()).negotiate()
        equal(qmp.call("query-chardev")[0]["frontend-open"], True)
        for _ in range(2):
            other = SocketQmp(path).negotiate()
            equal(len(other.call("query-chardev")), 2)
            other.close()
        qmp.call("quit")
        equal(process.wait(20), 0)
        process.communicate()


@test
def telnet_has_commands_among_its_bytes() -> None:
    with Machine(*NONE, "-chardev", "socket,id=t,host=127.0.0.1,port=0,server=on,wait=off,telnet=on",
                 "-mon", "t,mode=control") as machine:
        qmp = machine.qmp.negotiate()
        matches(filenames(qmp)["t"], r"^disconnected:telnet:127\.0\.0\.1:\d+,server=on$")
        port = int(filenames(qmp)["t"].split(":")[3].split(",")[0])
        client = socket.create_connection(("127.0.0.1", port))
        client.settimeout(20)
        wishes = b""
        while len(wishes) < 12:
            wishes += client.recv(12 - len(wishes))
        equal(wishes, b"\xff\xfb\x01\xff\xfb\x03\xff\xfb\x00\xff\xfd\x00")
        terminal = Qmp(client.fileno(), client.fileno())
        # Options, a subnegotiation and a break within a word.
        text = b'{"exec\xff\xfd\x01ute": "qmp_cap\xff\xfa\x18\x00xyz\xff\xf0abil\xff\xf3ities"}'
        for byte in text:
            terminal.send(bytes([byte]))
        equal(terminal.answer(), {"return": {}})
        matches(filenames(qmp)["t"], r"^telnet:127\.0\.0\.1:\d+,server=on <-> 127\.0\.0\.1:\d+$")
        client.close()


@test
def a_port_may_be_left_to_the_host_and_families_chosen() -> None:
    with Machine(*NONE, "-chardev", "socket,id=a,host=localhost,port=0,ipv4=on,ipv6=off,server=on,wait=off",
                 "-chardev", "socket,id=b,host=::1,port=0,ipv6=on,server=on,wait=off") as machine:
        names = filenames(machine.qmp.negotiate())
        matches(names["a"], r"^disconnected:tcp:127\.0\.0\.1:[1-9]\d*,server=on$")
        matches(names["b"], r"^disconnected:tcp:\[::1\]:[1-9]\d*,server=on$")
        port = int(names["a"].rsplit(":", 1)[1].split(",")[0])
        with socket.create_connection(("127.0.0.1", port)):
            until(lambda: "<->" in filenames(machine.qmp)["a"], "not connected")


@test
def waiting_holds_the_start_and_ends_on_a_signal() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "w")
        argv = [VM, *NONE, "--platform-version", "9.0", "-chardev", f"socket,id=w,path={path},server=on", "-mon",
                "w,mode=control"]
        with subprocess.Popen(argv, stderr=subprocess.PIPE) as process:
            line = process.stderr.readline().decode()
            equal(line, f"vintage-vm: waiting for a client on disconnected:unix:{path},server=on\n")
            client = SocketQmp(path).negotiate()
            equal(client.call("query-status")["status"], "prelaunch")
            client.call("quit")
            equal(process.wait(20), 0)
        with subprocess.Popen(argv, stderr=subprocess.PIPE) as process:
            process.stderr.readline()
            process.terminate()
            equal(process.wait(20), 0)
        assert not os.path.exists(path)


# ---- mux ----------------------------------------------------------------------------------------------------


def drain(client: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        assert select.select([client], [], [], 20)[0], f"only {data!r}"
        piece = client.recv(65536)
        assert piece, f"hung up after {data!r}"
        data += piece
    return data


@test
def a_mux_gives_its_input_to_one_after_the_other() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "m")
        argv = ["-chardev", f"socket,id=m,path={path},server=on,wait=off,mux=on", *["-mon", "m,mode=control"] * 2]
        with Machine(*NONE, *argv) as machine:
            qmp = machine.qmp.negotiate()
            equal([row["label"] for row in qmp.call("query-chardev")], ["m", "m-base"])
            qmp.fails("chardev-remove", {"id": "m-base"}, pattern="in use by chardev 'm'")
            qmp.fails("chardev-remove", {"id": "m"}, pattern="in use by a monitor")
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
                greetings = b""
                while greetings.count(b"\n") < 2:
                    greetings += drain(client, b"\n")
                client.sendall(b'{"execute": "qmp_capabilities", "id": "second"}\x01c')
                equal(drain(client, b"\n"), b'{"return": {}, "id": "second"}\r\n')
                client.sendall(b'{"execute": "query-name", "id": "first"}')
                assert b"CommandNotFound" in drain(client, b'"first"}\r\n')
                client.sendall(b'\x01c{"execute": "query-name", "id": "second"}')
                equal(drain(client, b"\n"), b'{"return": {}, "id": "second"}\r\n')
                client.sendall(b"\x01h")
                text = drain(client, b"send ^A\r\n")
                for key in (b"^A x", b"^A b", b"^A c", b"^A t"):
                    assert key in text, text
                client.sendall(b'\x01t{"execute": "query-name"}')
                matches(drain(client, b"\n").decode(), r'^\[00:00:0\d\.\d{3}\] \{"return": \{\}\}\r\n$')
                client.sendall(b"\x01x")
                assert b"terminated" in drain(client, b"\n")
            equal(qmp.event("SHUTDOWN")["data"]["reason"], "host-qmp-quit")
            equal(machine.process.wait(20), 0)


@test
def a_mux_has_four_places() -> None:
    done = run(VM, *NONE, "-chardev", "null,id=m,mux=on", *["-mon", "m"] * 5)
    equal(done.returncode, 1)
    matches(done.stderr, "-mon m: chardev 'm' is already in use by a monitor")


if __name__ == "__main__":
    main()
