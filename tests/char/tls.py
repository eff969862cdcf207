#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TLS character devices; the peer uses GnuTLS or Python's ssl module."""

import os
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from certificates import CLIENT, SERVER, Authority, bundle, need, need_tls  # noqa: E402
from vintage_test import VM, Machine, Qmp, equal, main, run, test, write_file  # noqa: E402

NONE = ("-machine", "none")
SCRATCH = tempfile.TemporaryDirectory()
KEY = "0123456789abcdef0123456789abcdef"


class World:
    made: "World | None" = None

    def __init__(self) -> None:
        top = SCRATCH.name
        self.ours, self.others = Authority(top, "ours"), Authority(top, "others")
        self.cert, self.key = self.ours.issue("localhost", SERVER)
        self.server = bundle(top, "server", ca_cert=self.ours.cert, server_cert=self.cert, server_key=self.key)
        self.friend = self.ours.issue("friend", CLIENT)
        self.enemy = self.ours.issue("enemy", CLIENT)
        self.stranger = self.others.issue("stranger", CLIENT)
        self.client = bundle(top, "client", ca_cert=self.ours.cert, client_cert=self.friend[0], client_key=self.friend[1])
        self.misled = bundle(top, "misled", ca_cert=self.others.cert)


def world() -> World:
    need("certtool", "gnutls-cli", "gnutls-serv")
    need_tls()
    if not World.made:
        World.made = World()
    return World.made


def server(credentials: str, *more: str, members: str = "") -> Machine:
    return Machine(*NONE, "-object", credentials, *more, "-chardev",
                   f"socket,id=t,host=127.0.0.1,port=0,server=on,wait=off,tls-creds=c{members}", "-mon", "t,mode=control")


def filename(machine: Machine) -> str:
    return machine.qmp.call("query-chardev")[0]["filename"]


def port_of(machine: Machine) -> str:
    return filename(machine).rsplit(":", 1)[1].split(",")[0]


def gnutls_cli(port: str, *options: str) -> subprocess.Popen:
    return subprocess.Popen(["gnutls-cli", "--logfile=/dev/null", *options, "-p", port, "localhost"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def end(process: subprocess.Popen) -> None:
    process.terminate()
    process.communicate(timeout=20)


def serves(port: str, *options: str) -> None:
    process = gnutls_cli(port, *options)
    qmp = Qmp(process.stdout.fileno(), process.stdin.fileno())
    qmp.send('{"execute": "qmp_capabilities"}\n')
    equal(qmp.answer(), {"return": {}})
    qmp.send('{"execute": "query-chardev"}\n')
    equal(qmp.answer()["return"][0]["frontend-open"], True)
    end(process)


def refuses(port: str, *options: str) -> None:
    """The connection ends before a byte of the session is sent."""
    process = gnutls_cli(port, *options)
    text = process.communicate(timeout=20)[0]
    assert b"QMP" not in text and process.returncode, f"{process.returncode}: {text!r}"


def trust(certificate: tuple[str, str] | None = None) -> list[str]:
    options = [f"--x509cafile={world().ours.cert}"]
    return options + [f"--x509certfile={certificate[0]}", f"--x509keyfile={certificate[1]}"] if certificate else options


@test
def a_client_with_a_certificate_is_served_and_others_are_not() -> None:
    with server(f"tls-creds-x509,id=c,endpoint=server,dir={world().server}") as machine:
        machine.qmp.negotiate()
        port = port_of(machine)
        for _ in range(2):
            serves(port, *trust(world().friend))
            refuses(port, *trust())
            refuses(port, *trust(world().stranger))
        # The server disconnects a client without TLS, and accepts the next one.
        with socket.create_connection(("127.0.0.1", int(port))) as plain:
            plain.sendall(b'{"execute": "qmp_capabilities"}\r\n' * 20)
            plain.settimeout(20)
            try:
                assert b"QMP" not in plain.recv(1000)
            except ConnectionError:
                pass
        serves(port, *trust(world().friend))


@test
def a_client_that_does_not_trust_the_server_leaves() -> None:
    with server(f"tls-creds-x509,id=c,endpoint=server,verify-peer=off,dir={world().server}") as machine:
        machine.qmp.negotiate()
        refuses(port_of(machine), f"--x509cafile={world().others.cert}")
        serves(port_of(machine), *trust())


@test
def the_name_decides_who_may_come() -> None:
    with server(f"tls-creds-x509,id=c,endpoint=server,dir={world().server}", "-object",
                "authz-simple,id=a,identity=CN=friend", members=",tls-authz=a") as machine:
        machine.qmp.negotiate()
        port = port_of(machine)
        refuses(port, *trust(world().enemy))
        serves(port, *trust(world().friend))
        machine.qmp.fails("object-del", {"id": "a"}, pattern="in use by chardev 't'")


@test
def a_key_that_both_know_is_enough() -> None:
    directory = os.path.join(SCRATCH.name, "psk")
    os.makedirs(directory, exist_ok=True)
    world()
    write_file(directory, "keys.psk", f"friend:{KEY}\n")
    with server(f"tls-creds-psk,id=c,endpoint=server,dir={directory}") as machine:
        machine.qmp.negotiate()
        options = ["--pskusername=friend", "--priority=NORMAL:-KX-ALL:+PSK:+ECDHE-PSK:+DHE-PSK"]
        serves(port_of(machine), *options, f"--pskkey={KEY}")
        refuses(port_of(machine), *options, f"--pskkey={KEY[::-1]}")


# ---- as a client --------------------------------------------------------------------------------------------


def connected(machine: Machine) -> bool:
    return "<->" in filename(machine)


def client(directory: str, port: int | str, host: str = "localhost") -> Machine:
    return Machine(*NONE, "-object", f"tls-creds-x509,id=c,dir={directory}", "-chardev",
                   f"socket,id=t,host={host},port={port},ipv6=off,reconnect-ms=20,tls-creds=c", "-mon", "t,mode=control")


@test
def a_server_of_gnutls_is_connected_to_if_it_is_the_right_one() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        ["gnutls-serv", "--http", "--port", str(port), f"--x509cafile={world().ours.cert}",
         f"--x509certfile={world().cert}", f"--x509keyfile={world().key}", "--require-client-cert"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with client(world().client, port) as machine:
            machine.qmp.negotiate()
            deadline = time.monotonic() + 20
            while not connected(machine):
                assert time.monotonic() < deadline, "not connected"
                time.sleep(0.01)
        for directory, host in ((world().misled, "localhost"), (world().client, "127.0.0.2")):
            with client(directory, port, host) as machine:
                machine.qmp.negotiate()
                for _ in range(30):
                    assert not connected(machine)
                    time.sleep(0.01)
    finally:
        process.kill()
        process.wait()


@test
def megabytes_pass_through_records_and_a_client_comes_back() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(world().cert, world().key)
    context.load_verify_locations(world().ours.cert)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            client(world().client, listener.getsockname()[1]) as machine:
        listener.settimeout(20)
        machine.qmp.negotiate()
        for _ in range(3):
            peer = context.wrap_socket(listener.accept()[0], server_side=True)
            peer.settimeout(20)
            equal(dict(part[0] for part in peer.getpeercert()["subject"])["commonName"], "friend")
            lines = peer.makefile("rb")
            assert b"QMP" in lines.readline()
            peer.sendall(b'{"execute": "qmp_capabilities"}' + b'{"execute": "query-qmp-schema"}' * 40)
            equal(lines.readline(), b'{"return": {}}\r\n')
            # A slow client receives all data.
            time.sleep(0.1)
            first = lines.readline()
            assert len(first) > 50000, len(first)
            for _ in range(39):
                equal(lines.readline(), first)
            # More than one TLS record in one write.
            peer.sendall(b'{"execute": "query-name", "id": "%s"}' % (b"x" * 100000))
            equal(len(lines.readline()), len('{"return": {}, "id": ""}\r\n') + 100000)
            lines.close()
            peer.close()


@test
def what_does_not_fit_is_refused() -> None:
    server_creds = f"tls-creds-x509,id=c,endpoint=server,dir={world().server}"
    client_creds = f"tls-creds-x509,id=c,dir={world().client}"
    for credentials, chardev, message in (
            (server_creds, "socket,id=t,host=localhost,port=1,tls-creds=c", "'c' has endpoint=server"),
            (client_creds, "socket,id=t,host=localhost,port=0,server=on,wait=off,tls-creds=c", "'c' has endpoint=client"),
            (client_creds, "socket,id=t,path=/x,tls-creds=c", "requires an address of type inet"),
            (server_creds, "socket,id=t,host=localhost,port=0,server=on,telnet=on,tls-creds=c", "telnet: cannot be combined"),
            (client_creds, "socket,id=t,host=localhost,port=1,tls-authz=a", "tls-authz: requires server=on"),
            (client_creds, "socket,id=t,host=localhost,port=1,tls-creds=d", "no object 'd'"),
            (client_creds, "socket,id=t,host=localhost,port=1,tls-creds=a", "expected a tls-creds, got authz-simple")):
        done = run(VM, *NONE, "-object", credentials, "-object", "authz-simple,id=a,identity=x", "-chardev", chardev)
        equal(done.returncode, 1, chardev)
        assert message in done.stderr, f"{chardev}: {done.stderr}"


if __name__ == "__main__":
    main()
