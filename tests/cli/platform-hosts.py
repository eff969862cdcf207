#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage platform probe -o, check HOST, intersect and plan: host files, and many hosts."""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import SANITIZED, TOOL, Machine, equal, main, matches, test, tool, tool_json, write_file  # noqa: E402

SEV = ["-machine", "pc-q35-9.0", "-object", "sev-guest,id=s,cbitpos=51,reduced-phys-bits=1"]
VSOCK = ["-machine", "pc-q35-9.0", "-device", "vhost-vsock-pci,guest-cid=3"]
MANY = 3000


def names() -> list[str]:
    return [row["feature"] for row in tool_json("platform", "probe", "--json")]


def write_hosts(directory: str, *answers: dict[str, str]) -> str:
    """A directory with a host file for each of @answers; an unlisted feature is supported."""
    place = os.path.join(directory, "hosts")
    os.makedirs(place, exist_ok=True)
    known = names()
    for number, each in enumerate(answers):
        rows = [{"feature": name, "host": each.get(name, "yes")} for name in known]
        write_file(place, f"h{number:04}.json", json.dumps({"name": f"node{number}", "features": rows}))
    return place


@test
def a_probe_file_is_read_by_other_commands() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "host.json")
        done = tool("platform", "probe", "-o", path)
        equal((done.returncode, done.stdout, done.stderr), (0, "", ""))
        with open(path, encoding="utf-8") as file:
            host = json.load(file)
        equal(host["kernel"], os.uname().release)
        equal((host["name"], host["architecture"]), (os.uname().nodename, os.uname().machine))
        assert isinstance(host["modules"], list) and isinstance(host["cpu"], dict)
        rows = tool_json("platform", "probe", "--json")
        equal(host["features"], rows)
        text = write_file(directory, "rows.json", json.dumps(rows))
        answers = [(row["feature"], row["host"]) for row in rows]
        for form in (path, text):
            again = tool_json("platform", "probe", "--json", "--probe-file", form)
            equal([(row["feature"], row["host"]) for row in again], answers)
            equal(tool("platform", "check", "--json", "--probe-file", form).stdout,
                  tool("platform", "check", "--json", form).stdout)


@test
def qmp_describes_the_host_and_its_answers_are_a_host_file() -> None:
    with tempfile.TemporaryDirectory() as directory:
        with Machine("-machine", "none") as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            host, platform = qmp.call("query-platform-host"), qmp.call("query-platform")
        equal(host["kernel"], os.uname().release)
        for answer in (host, platform):
            path = write_file(directory, "answer.json", json.dumps(answer))
            again = tool_json("platform", "probe", "--json", "--probe-file", path)
            equal([row["host"] for row in again], [row["host"] for row in host["features"]])


@test
def an_error_names_the_host_file_and_what_its_probe_found() -> None:
    with tempfile.TemporaryDirectory() as directory:
        rows = [{"feature": "sev-init2", "host": "no", "detail": "needs Linux 6.10"}]
        path = write_file(directory, "old.json", json.dumps({"features": rows}))
        done = tool("check", "--check-host", "--probe-file", path, "--platform-version", "9.1", "--", *SEV)
        equal(done.returncode, 1)
        assert f"({path}: needs Linux 6.10)" in done.stderr, done.stderr


@test
def a_host_file_that_is_wrong_is_one_line() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for text, wrong in (
                ('{"features": [1]}', "features[0]: expected an object with the strings 'feature' and 'host'"),
                ('{"features": [{"feature": "tun-usO", "host": "no"}]}',
                 "features[0]: unknown platform feature 'tun-usO'; did you mean 'tun-uso'?"),
                ('{"features": [{"feature": "tun-uso", "host": "nope"}]}', "features[0]: tun-uso: unknown answer 'nope'"),
                ('{"tun-uso": true}', "tun-uso: expected a string"), ("3", "expected an object")):
            path = write_file(directory, "h.json", text)
            for argv in (["probe", "--probe-file", path], ["intersect", path]):
                done = tool("platform", *argv)
                equal((done.returncode, done.stdout), (1, ""))
                assert done.stderr.startswith(f"vintage: {path}: {wrong}"), done.stderr
                equal(done.stderr.count("\n"), 1)
        os.makedirs(os.path.join(directory, "empty"))
        matches(tool("platform", "intersect", os.path.join(directory, "empty")).stderr, r"empty: no host file \(\*\.json\)\n")
        matches(tool("platform", "intersect", os.path.join(directory, "none")).stderr, r"none: cannot be read: ")
        for text, wrong in (('{"tun-uso": "yes"} {"tun-uso', r"stdin\[1\]: the value is not complete"),
                            ('{"tun-uso": "yes"} x', r"stdin\[1\]: ")):
            done = subprocess.run([TOOL, "platform", "intersect", "-"], input=text, text=True, capture_output=True, check=False)
            equal((done.returncode, done.stdout), (1, ""))
            matches(done.stderr, rf"\Avintage: {wrong}[^\n]*\n\Z")


@test
def intersect_says_what_newer_versions_lack_and_where() -> None:
    with tempfile.TemporaryDirectory() as directory:
        place = write_hosts(directory, {}, {"tun-udp-tunnel": "no"}, {"sev-init2": "unknown"}, {"tun-udp-tunnel": "no"})
        result = tool_json("platform", "intersect", "--json", place)
        equal((result["hosts"], result["newest"]), (4, "9.0"))
        rows = {row["version"]: row for row in result["versions"]}
        equal([rows[version]["carried"] for version in ("9.0", "9.1", "10.2")], ["yes", "unknown", "no"])
        equal(rows["10.2"]["no"], {"hosts": 2, "first": [f"{place}/h0001.json", f"{place}/h0003.json"]})
        equal([row["feature"] for row in rows["10.2"]["features"]], ["tun-udp-tunnel", "sev-init2"])
        table = tool("platform", "intersect", place).stdout
        matches(table, r"\A4 hosts; newest common version: 9\.0\n")
        matches(table, r"(?m)^9\.1 +sev-init2 +unknown +1 +[^ ]*/h0002\.json$")
        matches(table, r"(?m)^10\.2 +tun-udp-tunnel +no +2 +[^ ]*/h0001\.json, [^ ]*/h0003\.json$")
        # A VM counts by what it demands.
        equal(tool("platform", "intersect", place, "--", *VSOCK).stdout, "4 hosts; newest common version: 11.1\n")
        vm = write_file(directory, "vm.json", json.dumps({"machine": {"type": "pc-q35-9.0"}}))
        equal(tool("platform", "intersect", place, "--vm", vm).stdout, "4 hosts; newest common version: 11.1\n")
        equal(tool_json("platform", "intersect", "--json", place, "--", *SEV)["newest"], "9.0")
        # Files, directories and a stream are read alike; a stream has the names of the hosts.
        files = sorted(os.path.join(place, name) for name in os.listdir(place))
        equal(tool("platform", "intersect", *files).stdout, table)
        text = "".join(open(name, encoding="utf-8").read() for name in files)
        done = subprocess.run([TOOL, "platform", "intersect", "-"], input=text, text=True, capture_output=True, check=False)
        matches(done.stdout, r"(?m)^10\.2 +tun-udp-tunnel +no +2 +node1, node3$")


@test
def plan_says_where_a_vm_runs() -> None:
    with tempfile.TemporaryDirectory() as directory:
        place = write_hosts(directory, {}, {"sev-init2": "no", "vhost-vsock-seqpacket": "no"})
        here = write_file(directory, "here.json", json.dumps(dict.fromkeys(names(), "yes")))
        sev = {"qom-type": "sev-guest", "id": "s", "cbitpos": 51, "reduced-phys-bits": 1}
        vm = write_file(directory, "vm.json", json.dumps({"machine": {"type": "pc-q35-9.0"}, "object": [sev]}))
        rows = tool_json("platform", "plan", "--json", "--probe-file", here, "--vm", vm, "--hosts", place)
        equal([(row["where"], row["hosts"], row["version"]) for row in rows],
              [("everywhere", 1, "9.0"), ("these hosts", 2, "9.0"), ("known platforms", 12, "9.0"),
               ("here", 1, "11.1")])
        equal(rows[1]["leaves-out"], ["s.legacy-vm-type (sev-init2)"])
        equal(rows[3]["leaves-out"], [])
        # No platform version changes what the guest sees of the device; the value has to be given.
        text = tool("platform", "plan", "--probe-file", here, "--hosts", place, "--", *VSOCK).stdout
        matches(text, r"(?m)^these hosts +2 +none +-device vhost-vsock-pci,…,seqpacket=off$")
        matches(text, r"(?m)^here +1 +11\.1 +--platform-version 11\.1$")
        for row in rows:
            equal(tool("platform", "check", "--probe-file", here, *row["use"].split(), "--vm", vm).returncode, 0)
        equal(tool("platform", "plan", "--hosts", place).returncode, 2)
        equal(tool("platform", "plan", "--vm", vm, "--", *SEV).returncode, 2)
        equal(tool("platform", "intersect").returncode, 2)
        equal(tool("platform", "list", "--hosts", place).returncode, 2)
        for what in (("intersect", place), ("plan", "--vm", vm)):
            for option in (("--platform-version", "9.0"), ("-o", "x"), ("--probe-file", here, "--probe-file", here)):
                done = tool("platform", *what, *option)
                equal((done.returncode, done.stdout), (2, ""))
                matches(done.stderr, rf"'{what[0]}' takes? |'{what[0]}' does not take ")
        equal(tool("platform", "list", "-o", "x").returncode, 2)


@test
def many_hosts_need_no_more_memory_than_few() -> None:
    with tempfile.TemporaryDirectory() as directory:
        place = write_hosts(directory, *([{}] * (MANY - 1)), {"tun-uso": "no"})
        few, many = [], []
        for sizes, paths in ((few, [os.path.join(place, "h0000.json")]), (many, [place])):
            with subprocess.Popen([TOOL, "platform", "intersect", *paths], stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout
                text = process.stdout.read()
                sizes.append(os.wait4(process.pid, 0)[2].ru_maxrss)
                process.returncode = 0
        matches(text, rf"\A{MANY} hosts; newest common version: 8\.1\n")
        matches(text, r"(?m)^8\.2 +tun-uso +no +1 +[^ ]*/h2999\.json$")
        # AddressSanitizer keeps what was freed.
        assert SANITIZED or many[0] < few[0] + 4096, (few, many)


main()
