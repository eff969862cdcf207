#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TLS connections between vintage programs, and with the tools of GnuTLS."""

import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from certificates import CLIENT, EXPIRED, SERVER, Authority, bundle, need, need_tls  # noqa: E402
from vintage_test import BUILD, TIMEOUT, equal, main, matches, test, write_file  # noqa: E402

END = os.path.join(BUILD, "tests", "tls", "tls-end")
SCRATCH = tempfile.TemporaryDirectory()
KEY = "0123456789abcdef0123456789abcdef"


class World:
    """One authority with its certificates, and another authority."""

    made: "World | None" = None

    def __init__(self) -> None:
        need("certtool")
        top = SCRATCH.name
        # A forged certificate: a client sends its certificate only if the server names the issuer.
        self.ours, self.others = Authority(top, "ours"), Authority(top, "others", common_name="ours")
        server, server_key = self.ours.issue("server.test", SERVER)
        client, client_key = self.ours.issue("client.test", "organization = Friends\n" + CLIENT)
        old, old_key = self.ours.issue("old.test", SERVER + EXPIRED)
        stranger, stranger_key = self.others.issue("stranger.test", CLIENT)
        self.server = bundle(top, "server", ca_cert=self.ours.cert, server_cert=server, server_key=server_key)
        self.client = bundle(top, "client", ca_cert=self.ours.cert, client_cert=client, client_key=client_key)
        self.nobody = bundle(top, "nobody", ca_cert=self.ours.cert)
        self.old = bundle(top, "old", ca_cert=self.ours.cert, server_cert=old, server_key=old_key)
        self.elsewhere = bundle(top, "elsewhere", ca_cert=self.others.cert, client_cert=client, client_key=client_key)
        self.stranger = bundle(top, "stranger", ca_cert=self.ours.cert, client_cert=stranger, client_key=stranger_key)
        self.careful = bundle(top, "careful", ca_cert=self.ours.cert, server_cert=server, server_key=server_key,
                              ca_crl=self.ours.revoke(client))


def world() -> World:
    if not World.made:
        World.made = World()
    return World.made


def x509(directory: str, endpoint: str, **members: str) -> str:
    return ",".join([f"tls-creds-x509,id=c,dir={directory},endpoint={endpoint}",
                     *(f"{key.replace('_', '-')}={value}" for key, value in members.items())])


class Lines:
    """The output of a process, line by line, with a timeout."""

    def __init__(self, *argv: str) -> None:
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.buffer = b""

    def line(self) -> str:
        assert self.process.stdout
        end = time.monotonic() + TIMEOUT
        while b"\n" not in self.buffer:
            if not select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError("it says nothing")
            chunk = os.read(self.process.stdout.fileno(), 4096)
            if not chunk:
                raise EOFError(f"end of file: {self.stop()}")
            self.buffer += chunk
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode()

    def stop(self) -> str:
        self.process.terminate()
        errors = self.process.communicate(timeout=TIMEOUT)[1].decode(errors="replace")
        if "Sanitizer" in errors or "runtime error:" in errors or "assertion" in errors.lower():
            raise AssertionError(errors)
        return errors


class Server(Lines):
    def __init__(self, *objects: str, authz: str = "") -> None:
        need_tls()
        super().__init__(END, "server", "c", authz, *objects)
        first = self.line()
        matches(first, "^port ")
        self.port = first.split()[1]

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def meets(self, *objects: str, host: str = "localhost", server: str = "done", client: str = "done") -> None:
        """Connects a client; returns the result of both ends."""
        for _ in range(5):
            done = subprocess.run([END, "client", "c", host, self.port, *objects], input=b"hello\n", capture_output=True,
                                  timeout=TIMEOUT, check=False)
            equal(done.stderr, b"")
            ours, theirs = self.line(), done.stdout.decode().splitlines()
            matches(ours, f"^{server}$")
            # In TLS 1.3 the client completes the handshake before the server verifies its certificate.
            last = theirs[-1] if client.startswith("error") else theirs[0]
            if server == "done" or "without a TLS close notification" not in last:
                break
            # A reset with unread data arrived before the alert: try again.
        matches(last, f"^{client}$")
        if server == "done":
            if client == "done":
                equal(theirs, ["done", "hello", "end"])
            self.line()


def gnutls_cli(port: str, *options: str, text: str = "hello") -> str:
    """The output of gnutls-cli; standard input stays open until the echo arrives or the process ends."""
    need("gnutls-cli")
    process = subprocess.Popen(["gnutls-cli", *options, "-p", port, "localhost"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdin and process.stdout
    said = b""
    process.stdin.write(f"{text}\n".encode())
    process.stdin.flush()
    while f"\n{text}\n".encode() not in said:
        assert select.select([process.stdout], [], [], TIMEOUT)[0]
        chunk = os.read(process.stdout.fileno(), 4096)
        if not chunk:
            break
        said += chunk
    process.stdin.close()
    process.wait(TIMEOUT)
    process.stdout.close()
    return said.decode()


def wait_for_port(port: str) -> None:
    end = time.monotonic() + TIMEOUT
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(port))) == 0:
                return
        assert time.monotonic() < end, "nobody listens"
        time.sleep(0.01)


class GnutlsServ:
    """gnutls-serv as an echo server."""

    def __init__(self, *options: str) -> None:
        need("gnutls-serv")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(["gnutls-serv", "--echo", "-p", self.port, *options], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        wait_for_port(self.port)

    def __enter__(self) -> "GnutlsServ":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(TIMEOUT)
        self.log.close()

    def meets(self, creds: str, host: str = "localhost") -> list[str]:
        done = subprocess.run([END, "client", "c", host, self.port, creds], input=b"hello\n", capture_output=True,
                              timeout=TIMEOUT, check=False)
        equal(done.stderr, b"")
        return done.stdout.decode().splitlines()


# ---- certificates -----------------------------------------------------------------------------------------


@test
def both_ends_with_certificates_talk() -> None:
    with Server(x509(world().server, "server")) as server:
        server.meets(x509(world().client, "client"))
        server.meets(x509(world().client, "client"), host="127.0.0.1")
        server.meets(x509(world().client, "client", verify_peer="off"), host="")


@test
def a_client_refuses_a_server_that_is_not_who_it_should_be() -> None:
    with Server(x509(world().server, "server")) as server:
        server.meets(x509(world().client, "client"), host="other.test", server="done",
                     client="error: the peer's certificate is for 'CN=server.test', not for host 'other.test'")
    with Server(x509(world().server, "server", verify_peer="off")) as server:
        server.meets(x509(world().elsewhere, "client", sanity_check="off"), server="done",
                     client="error: the peer's certificate is rejected: the issuer is unknown")
    with Server(x509(world().old, "server", verify_peer="off", sanity_check="off")) as server:
        server.meets(x509(world().nobody, "client"), server="done",
                     client="error: the peer's certificate is rejected: the certificate has expired")


@test
def a_server_refuses_a_client_that_nobody_stands_for() -> None:
    with Server(x509(world().server, "server")) as server:
        server.meets(x509(world().nobody, "client"), server="error: the peer sent no certificate",
                     client="error: the peer sent an alert: Certificate is required")
        server.meets(x509(world().stranger, "client", sanity_check="off"),
                     server="error: the peer's certificate is rejected: the issuer is unknown",
                     client="error: the peer sent an alert: CA is unknown")
    with Server(x509(world().careful, "server")) as server:
        server.meets(x509(world().client, "client"),
                     server="error: the peer's certificate is rejected: the certificate was revoked",
                     client="error: the peer sent an alert: Certificate was revoked")


@test
def a_server_that_verifies_nobody_takes_everybody() -> None:
    with Server(x509(world().server, "server", verify_peer="off")) as server:
        server.meets(x509(world().nobody, "client"))
        server.meets(x509(world().stranger, "client", sanity_check="off"))


@test
def who_verifies_the_server_has_to_know_its_name() -> None:
    with Server(x509(world().server, "server", verify_peer="off")) as server:
        done = subprocess.run([END, "client", "c", "", server.port, x509(world().client, "client")],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False)
        equal(done.stdout.decode(), "error: credentials 'c' verify the server, which requires its host name\n")


# ---- authorization ----------------------------------------------------------------------------------------


@test
def a_server_asks_whether_the_client_may() -> None:
    name = r"CN=client.test,O=Friends|O=Friends,CN=client.test"
    refused = {"server": rf"error: authz 'z' does not allow '({name})'",
               "client": "error: the peer sent an alert: Access was denied"}
    simple = "authz-simple,id=z,identity="
    rule = "authz-list,id=z,rules.0.policy=%s,rules.0.match=%s,rules.0.format=glob,policy=%s"
    creds = x509(world().server, "server")
    with Server(creds, simple + "CN=someone", authz="z") as server:
        server.meets(x509(world().client, "client"), **refused)
    with Server(creds, rule % ("allow", "*client.test*", "deny"), authz="z") as server:
        server.meets(x509(world().client, "client"))
    with Server(creds, rule % ("deny", "*Friends*", "allow"), authz="z") as server:
        server.meets(x509(world().client, "client"), **refused)


@test
def a_list_in_a_file_is_followed_as_it_changes() -> None:
    def text(policy: str) -> str:
        return '{"rules": [{"match": "*client.test*", "format": "glob", "policy": "%s"}]}' % policy

    path = write_file(SCRATCH.name, "list.json", text("allow"))
    refused = {"client": "error: the peer sent an alert: Access was denied"}
    with Server(x509(world().server, "server"), f"authz-list-file,id=z,filename={path}", authz="z") as server:
        # The test server reads its files when a connection has ended, so the next connection sees a change.
        def turn() -> None:
            with socket.create_connection(("127.0.0.1", int(server.port))):
                pass
            matches(server.line(), "^error: ")

        server.meets(x509(world().client, "client"))
        write_file(SCRATCH.name, "list.json", text("deny"))
        turn()
        server.meets(x509(world().client, "client"), server="error: authz 'z' does not allow '.*'", **refused)
        os.rename(write_file(SCRATCH.name, "next.json", text("allow")), path)
        turn()
        server.meets(x509(world().client, "client"))
        write_file(SCRATCH.name, "list.json", '{"rules": 7}')
        turn()
        server.meets(x509(world().client, "client"),
                     server="error: authz 'z' does not allow '.*': filename: .*list.json:1:11: .*", **refused)
        write_file(SCRATCH.name, "list.json", text("allow"))
        turn()
        server.meets(x509(world().client, "client"))


@test
def authorization_that_nobody_would_ask_for_is_refused() -> None:
    for creds, client in ((f"tls-creds-anon,id=c,endpoint=server", "tls-creds-anon,id=c"),
                          (x509(world().server, "server", verify_peer="off"), x509(world().client, "client"))):
        with Server(creds, "authz-simple,id=z,identity=x", authz="z") as server:
            server.meets(client, server="error: credentials 'c' do not identify the client, which authz 'z' requires",
                         client="error: the (peer closed the connection without a TLS .*|connection was lost)")


# ---- pre-shared keys, and anonymous -----------------------------------------------------------------------


def psk(name: str, lines: str, endpoint: str, more: str = "") -> str:
    directory = os.path.join(SCRATCH.name, name)
    os.makedirs(directory, exist_ok=True)
    write_file(directory, "keys.psk", lines)
    return f"tls-creds-psk,id=c,dir={directory},endpoint={endpoint}{more}"


@test
def both_ends_with_a_key_talk() -> None:
    lines = f"someone:00ff\nqemu:{KEY}\nother:{KEY[::-1]}\n"
    with Server(psk("psk-server", lines, "server")) as server:
        server.meets(psk("psk-a", lines, "client"), host="")
        server.meets(psk("psk-b", lines, "client", ",username=other"), host="anything")
        wrong = "error: .*"
        server.meets(psk("psk-c", f"qemu:{KEY[::-1]}\n", "client"), server=wrong, client=wrong)
        server.meets(psk("psk-d", f"unknown:{KEY}\n", "client", ",username=unknown"), server=wrong, client=wrong)
        server.meets(psk("psk-a", lines, "client"), host="")
    with Server(psk("psk-server", lines, "server"), "authz-simple,id=z,identity=other", authz="z") as server:
        server.meets(psk("psk-b", lines, "client", ",username=other"), host="")
        server.meets(psk("psk-a", lines, "client"), host="", server="error: authz 'z' does not allow 'qemu'",
                     client="error: the peer sent an alert: Access was denied")


@test
def ends_without_credentials_talk() -> None:
    with Server("tls-creds-anon,id=c,endpoint=server") as server:
        server.meets("tls-creds-anon,id=c", host="")
        server.meets("tls-creds-anon,id=c,priority=NORMAL:-VERS-TLS-ALL:+VERS-TLS1.2", host="")
        server.meets(x509(world().client, "client"), server=".*no algorithm or type of credentials in common with 'c'",
                     client="error: the peer sent an alert: .*")


@test
def who_does_not_speak_tls_is_told_apart() -> None:
    with Server("tls-creds-anon,id=c,endpoint=server") as server:
        for data, line in ((b"GET / HTTP/1.0\r\n\r\n", "error: the peer does not use TLS"),
                           (b"", "error: the peer closed the connection without a TLS close notification")):
            with socket.create_connection(("127.0.0.1", int(server.port))) as peer:
                peer.sendall(data)
            equal(server.line(), line)


# ---- the tools of GnuTLS ----------------------------------------------------------------------------------


@test
def gnutls_cli_talks_to_our_server() -> None:
    ca, client = os.path.join(world().client, "ca-cert.pem"), world().client
    shown = ["--x509certfile", f"{client}/client-cert.pem", "--x509keyfile", f"{client}/client-key.pem"]
    with Server(x509(world().server, "server")) as server:
        for version in ("1.2", "1.3"):
            said = gnutls_cli(server.port, "--x509cafile", ca, *shown, "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{version}")
            matches(said, rf"(?s)TLS{version}.*\nhello\n")
            equal(server.line(), "done")
            server.line()
        said = gnutls_cli(server.port, "--x509cafile", ca)
        matches(said, "Certificate is required")
        equal(server.line(), "error: the peer sent no certificate")
    with Server(psk("psk-server", f"qemu:{KEY}\n", "server")) as server:
        said = gnutls_cli(server.port, "--pskusername", "qemu", "--pskkey", KEY, "--priority", "NORMAL:+ECDHE-PSK:+PSK")
        matches(said, r"\nhello\n")
        equal(server.line(), "done")
        server.line()
        gnutls_cli(server.port, "--pskusername", "qemu", "--pskkey", KEY[::-1], "--priority", "NORMAL:+ECDHE-PSK:+PSK")
        matches(server.line(), "^error: ")


@test
def our_client_talks_to_gnutls_serv() -> None:
    directory = world().server
    options = ["--x509cafile", f"{directory}/ca-cert.pem", "--x509certfile", f"{directory}/server-cert.pem",
               "--x509keyfile", f"{directory}/server-key.pem"]
    for version in ("1.2", "1.3"):
        with GnutlsServ(*options, "--require-client-cert", "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{version}") as server:
            equal(server.meets(x509(world().client, "client")), ["done", "hello", "end"])
            matches(server.meets(x509(world().nobody, "client"))[-1], "^error: the (peer sent an alert: .*|connection was lost)$")
            equal(server.meets(x509(world().client, "client"), "other.test"),
                  ["error: the peer's certificate is for 'CN=server.test', not for host 'other.test'"])
            matches(server.meets(x509(world().elsewhere, "client", sanity_check="off"))[-1], "the issuer is unknown")
    keys = write_file(SCRATCH.name, "passwords", f"qemu:{KEY}\n")
    with GnutlsServ("--pskpasswd", keys, "--priority", "NORMAL:+ECDHE-PSK:+PSK") as server:
        equal(server.meets(psk("psk-e", f"qemu:{KEY}\n", "client"), ""), ["done", "hello", "end"])
        matches(server.meets(psk("psk-f", f"qemu:{KEY[::-1]}\n", "client"), "")[-1], "^error: ")


# ---- QEMU ---------------------------------------------------------------------------------------------------


def qemu(creds: str, address: str) -> subprocess.Popen:
    """A QEMU with its monitor on such a connection."""
    need("qemu-system-x86_64")
    need_tls()
    return subprocess.Popen(["qemu-system-x86_64", "-machine", "none", "-nodefaults", "-display", "none", "-object",
                             creds.replace("id=c,", "id=t,"), "-chardev", f"socket,id=m,{address},tls-creds=t", "-mon",
                             "chardev=m,mode=control"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def both_kinds(endpoint: str) -> list[tuple[str, str]]:
    """Of QEMU, with credentials for @endpoint, and of a vintage program at the other end."""
    other = {"server": "client", "client": "server"}[endpoint]
    lines = f"qemu:{KEY}\n"
    return [(x509(getattr(world(), endpoint), endpoint), x509(getattr(world(), other), other)),
            (psk("psk-q", lines, endpoint), psk("psk-r", lines, other))]


@test
def our_client_talks_to_qemu() -> None:
    need("qemu-system-x86_64")
    for theirs, ours in both_kinds("server"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        process = qemu(theirs, f"host=127.0.0.1,port={port},server=on,wait=off")
        wait_for_port(port)
        done = subprocess.run([END, "client", "c", "127.0.0.1", port, ours], input=b'{"execute": "quit"}',
                              capture_output=True, timeout=TIMEOUT, check=False)
        process.terminate()
        process.wait(TIMEOUT)
        matches(done.stdout.decode(), r'^done\n\{"QMP": ')


@test
def qemu_talks_to_our_server() -> None:
    need("qemu-system-x86_64")
    for theirs, ours in both_kinds("client"):
        with Server(ours) as server:
            process = qemu(theirs, f"host=localhost,port={server.port}")
            equal(server.line(), "done")
            process.terminate()
            process.wait(TIMEOUT)
            server.line()


main()
