#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Invalid credentials are refused at creation, with one line that names the file and the error."""

import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from certificates import AUTHORITY, CLIENT, EXPIRED, NOT_YET, SERVER, VALID, Authority, bundle, need, need_tls  # noqa: E402
from vintage_test import BUILD, SANITIZED, Machine, Qmp, equal, main, matches, run, test, write_file  # noqa: E402

SCRATCH = tempfile.TemporaryDirectory()
# The critical purpose of a client, which no certtool option creates.
CRITICAL_CLIENT = 'add_critical_extension = "2.5.29.37 0x300a06082b06010505070302"\nsigning_key\n'
KEY_INVALID = "the key of 'qemu' is invalid; expected an even number of hexadecimal digits, at least 8"


class Case:
    """A directory of files for one end, each replaceable."""

    count = 0
    authority: Authority | None = None

    def __init__(self, authority: Authority | None = None, server: str = SERVER, **files: str):
        need_tls()
        need("certtool")
        if not Case.authority:
            Case.authority = Authority(SCRATCH.name, "authority")
            Case.authority.issue("usual", SERVER)
        Case.count += 1
        self.authority = authority or Case.authority
        name = "usual" if server == SERVER and self.authority is Case.authority else f"server-{Case.count}"
        cert, key = (os.path.join(self.authority.directory, f"{name}-{what}.pem") for what in ("cert", "key"))
        if not os.path.exists(cert):
            self.authority.issue(name, server)
        paths = {"ca_cert": self.authority.cert, "server_cert": cert, "server_key": key, **files}
        self.path = bundle(SCRATCH.name, f"case-{Case.count}", **{name: path for name, path in paths.items() if path})

    def add(self, qmp: Qmp, **members: object) -> None:
        names = {key.replace("_", "-"): value for key, value in members.items()}
        qmp.call_with("object-add", {"qom-type": "tls-creds-x509", "id": "c", "dir": self.path, "endpoint": "server", **names})
        qmp.call("object-del", id="c")

    def refused(self, qmp: Qmp, text: str, **members: object) -> None:
        names = {key.replace("_", "-"): value for key, value in members.items()}
        desc = qmp.fails("object-add", {"qom-type": "tls-creds-x509", "id": "c", "dir": self.path, "endpoint": "server", **names})
        assert "\n" not in desc, desc
        equal(desc.replace(self.path, "DIR"), text)


def garbage(text: str = "garbage\n") -> str:
    Case.count += 1
    return write_file(SCRATCH.name, f"garbage-{Case.count}", text)


def session(machine: Machine) -> Qmp:
    assert machine.qmp
    return machine.qmp.negotiate()


@test
def files_that_are_missing_or_hold_something_else() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        Case().add(qmp)
        missing = "object-add: dir: 'DIR/%s.pem': No such file or directory"
        for file in ("ca_cert", "server_cert", "server_key"):
            Case(**{file: ""}).refused(qmp, missing % file.replace("_", "-"))
        Case(server_cert="").add(qmp, endpoint="client")
        Case(ca_cert=garbage()).refused(qmp, "object-add: dir: 'DIR/ca-cert.pem': the file contains no certificate")
        Case(server_cert=garbage()).refused(qmp, "object-add: dir: 'DIR/server-cert.pem': the file contains no certificate")
        broken = garbage("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        Case(server_cert=broken).refused(qmp, "object-add: dir: 'DIR/server-cert.pem': ASN1 parser: Error in TAG")
        Case(ca_crl=garbage()).refused(
            qmp, "object-add: dir: 'DIR/ca-crl.pem': the file is not PEM, or contains another type of object")
        Case(server_key=garbage()).refused(qmp, "object-add: dir: 'DIR/server-key.pem': the file contains no key")
        Case(dh_params=garbage()).refused(
            qmp, "object-add: dir: 'DIR/dh-params.pem': the file is not PEM, or contains another type of object")
        case = Case()
        os.unlink(os.path.join(case.path, "ca-cert.pem"))
        os.mkdir(os.path.join(case.path, "ca-cert.pem"))
        case.refused(qmp, "object-add: dir: 'DIR/ca-cert.pem': Is a directory")
        other = os.path.join(Case.authority.directory, "ca-key.pem") if Case.authority else ""
        Case(server_key=other).refused(qmp, "object-add: dir: 'DIR/server-key.pem': the key does not match the certificate")


@test
def certificates_that_a_peer_would_refuse() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        own = "object-add: dir: 'DIR/server-cert.pem': "
        for template, why in ((SERVER + EXPIRED, "the certificate has expired"),
                              (SERVER + NOT_YET, "the certificate is not valid yet"),
                              (AUTHORITY, "the certificate is an authority; expected an end entity"),
                              (CRITICAL_CLIENT, "the extended key usage does not include TLS server authentication")):
            case = Case(server=template)
            case.refused(qmp, own + why)
            case.add(qmp, sanity_check=False)
        # Keys of other algorithms may always sign.
        cert, key = case.authority.issue("agreement", "key_agreement\n", "rsa")
        Case(server_cert=cert, server_key=key).refused(
            qmp, own + "the key usage permits neither digital signatures nor key encipherment")
        # A purpose that is not critical does not bind.
        Case(server=CLIENT).add(qmp)
        other = Authority(SCRATCH.name, "other")
        Case(ca_cert=other.cert).refused(qmp, own + "the issuer is unknown")


@test
def authorities_that_may_not_issue() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        ca = "object-add: dir: 'DIR/ca-cert.pem': "
        for name, template, why in (
                ("expired", AUTHORITY + EXPIRED, "the certificate has expired"),
                ("none", "signing_key\ncert_signing_key\n" + VALID, "the certificate is not an authority"),
                ("unable", "ca\nsigning_key\n" + VALID, "the key usage does not permit signing certificates")):
            case = Case(Authority(SCRATCH.name, name, template))
            case.refused(qmp, ca + why)
            Case(case.authority, server_cert="", server_key="").refused(qmp, ca + why, endpoint="client")
        # An unrelated certificate is not checked.
        expired = os.path.join(SCRATCH.name, "expired", "ca-cert.pem")
        both = "".join(open(path, encoding="ascii").read() for path in (expired, Case().authority.cert))
        Case(ca_cert=garbage(both)).add(qmp)


@test
def a_chain_is_followed_to_the_authority() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        root = Authority(SCRATCH.name, "root")
        between = Authority(SCRATCH.name, "between", issuer=root)
        cert, key = between.issue("leaf", SERVER)
        chain = write_file(SCRATCH.name, "chain", "".join(open(path, encoding="ascii").read() for path in (cert, between.cert)))
        Case(ca_cert=root.cert, server_cert=chain, server_key=key).add(qmp)
        Case(ca_cert=root.cert, server_cert=cert, server_key=key).refused(
            qmp, "object-add: dir: 'DIR/server-cert.pem': the issuer is unknown")


@test
def a_key_that_is_encrypted_needs_its_password() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        usual = Case()
        hidden = os.path.join(SCRATCH.name, "hidden.pem")
        subprocess.run(["certtool", "--to-p8", "--password", "letmein", "--load-privkey",
                        os.path.join(usual.path, "server-key.pem"), "--outfile", hidden], check=True, capture_output=True)
        case = Case(server_key=hidden)
        where = "object-add: dir: 'DIR/server-key.pem': "
        case.refused(qmp, where + "the key is encrypted; passwordid is required")
        for id_, password in (("right", "letmein"), ("wrong", "letmeout")):
            qmp.call_with("object-add", {"qom-type": "secret", "id": id_, "data": password})
        case.refused(qmp, where + "the password of passwordid is wrong", passwordid="wrong")
        case.add(qmp, passwordid="right")
        case.refused(qmp, "object-add: passwordid: no object 'rihgt'; did you mean 'right'?", passwordid="rihgt")


@test
def what_is_said_wrong() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        case = Case()
        case.refused(qmp, "object-add: priority: 'NORMAL:-WHAT' is invalid from '-WHAT' on", priority="NORMAL:-WHAT")
        case.add(qmp, priority="NORMAL:-VERS-TLS1.3")
        for kind, files in (("x509", "the directory of the certificates"), ("psk", "the directory of the file 'keys.psk'")):
            desc = qmp.fails("object-add", {"qom-type": f"tls-creds-{kind}", "id": "c"})
            equal(desc, f"object-add: dir: required; expected {files}")
        psk = {"qom-type": "tls-creds-psk", "id": "c", "dir": case.path}
        for lines, why in (("other:00ff\n", "no key for user 'qemu'"), ("", "no key for user 'qemu'"),
                           ("qemu:001122334\n", KEY_INVALID),
                           ("qemu:00xx\n", KEY_INVALID),
                           ("qemu:001122\n", KEY_INVALID)):
            write_file(case.path, "keys.psk", lines)
            equal(qmp.fails("object-add", psk), f"object-add: dir: '{case.path}/keys.psk': {why}")
        desc = qmp.fails("object-add", {**psk, "endpoint": "server", "username": "me"})
        equal(desc, "object-add: username: requires endpoint=client")
        nowhere = "/nowhere/list"
        for members, text in (
                ({"filename": nowhere}, "refresh: directory '/nowhere' cannot be watched: No such file or directory"),
                ({"filename": nowhere, "refresh": False}, f"filename: '{nowhere}': No such file or directory"),
                ({"filename": garbage('{"rules": [{}]}')}, "filename: .*garbage-[0-9]+:1:12: rules.0.: .*match.*"),
                ({"filename": garbage('{"plicy": "deny"}')}, "filename: .*garbage-[0-9]+:1:2: .*did you mean 'policy'.*")):
            desc = qmp.fails("object-add", {"qom-type": "authz-list-file", "id": "z", **members})
            matches(desc, f"^object-add: {text}$")


@test
def no_start_pays_for_tls() -> None:
    for program in ("vintage-vm", "vintage-backends", "vintage"):
        path = os.path.join(BUILD, program)
        linked = subprocess.run(["ldd", path], check=True, capture_output=True, text=True).stdout
        assert not re.search("gnutls|hogweed|gmp", linked), linked
    with Machine("-machine", "none") as machine:
        qmp = session(machine)

        def maps() -> str:
            with open(f"/proc/{machine.process.pid}/maps", encoding="utf-8") as file:
                return file.read()

        need_tls()
        qmp.call_with("object-add", {"qom-type": "authz-simple", "id": "z", "identity": "x"})
        assert "gnutls" not in maps()
        qmp.call_with("object-add", {"qom-type": "tls-creds-anon", "id": "c"})
        assert "gnutls" in maps()


@test
def what_is_configured_and_not_started_is_not_loaded_either() -> None:
    done = run(os.path.join(BUILD, "vintage"), "resolve", "--", "-machine", "none", "-object",
               "tls-creds-x509,id=c,dir=/nowhere")
    equal((done.returncode, done.stderr), (0, ""))


@test
def a_thousand_of_each_leave_nothing_behind() -> None:
    case = Case()
    write_file(case.path, "keys.psk", "qemu:0123456789abcdef\n")
    rules = write_file(SCRATCH.name, "rules", '{"policy": "allow"}')
    kinds: list[dict] = [{"qom-type": "tls-creds-x509", "dir": case.path, "endpoint": "server"},
                         {"qom-type": "tls-creds-psk", "dir": case.path, "endpoint": "server"},
                         {"qom-type": "tls-creds-psk", "dir": case.path}, {"qom-type": "tls-creds-anon"},
                         {"qom-type": "authz-simple", "identity": "x"}, {"qom-type": "authz-list"},
                         {"qom-type": "authz-list-file", "filename": rules}]
    with Machine("-machine", "none") as machine:
        qmp = session(machine)

        def churn(kind: dict, times: int) -> tuple[int, int]:
            text = json.dumps({"execute": "object-add", "arguments": {**kind, "id": "x"}}) \
                + json.dumps({"execute": "object-del", "arguments": {"id": "x"}})
            for _ in range(times // 20):
                qmp.send(text * 20)
                for _ in range(40):
                    equal(qmp.answer(), {"return": {}})
            with open(f"/proc/{machine.process.pid}/status", encoding="utf-8") as file:
                resident = re.search(r"^RssAnon:\s+(\d+) kB", file.read(), re.MULTILINE)
            return (len(os.listdir(f"/proc/{machine.process.pid}/fd")), int(resident[1]) if resident and not SANITIZED else 0)

        for kind in kinds:
            before = churn(kind, 100)
            # The kernel removes an inotify watch with a delay.
            after = churn(kind, 100 if SANITIZED or "filename" in kind else 1000)
            equal(after[0], before[0], str(kind))
            assert after[1] <= before[1] + 512, (kind, before, after)


main()
