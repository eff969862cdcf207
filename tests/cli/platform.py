#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage check and vintage platform: requirements of a configuration, and hosts that meet them."""

import json
import os
import pty
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Skip, equal, main, matches, test, tool, tool_json, write_file, TOOL  # noqa: E402

SEV = ["-machine", "pc-q35-9.0", "-object", "sev-guest,id=s,cbitpos=51,reduced-phys-bits=1"]
FILE = ["-machine", "pc-q35-9.0", "-blockdev", "file,node-name=f,filename=/x"]


def hosts(directory: str, *answers: dict) -> list[str]:
    """--probe-file options; an unlisted feature is supported."""
    names = [row["feature"] for row in tool_json("platform", "probe", "--json")]
    argv = []
    for number, known in enumerate(answers):
        text = json.dumps({**dict.fromkeys(names, "yes"), **known})
        argv += ["--probe-file", write_file(directory, f"host{number}.json", text)]
    return argv


def carried(*argv: str) -> dict:
    got = json.loads(tool("platform", "check", "--json", *argv).stdout)
    return {row["version"]: row["carried"] for row in got["versions"]} | {"newest": got.get("newest")}


@test
def check_says_ok_or_what_is_wrong() -> None:
    done = tool("check", "--", *SEV)
    equal((done.returncode, done.stdout, done.stderr), (0, "valid\n", ""))
    done = tool("check", "--", "-machine", "pc-q35-9.9")
    equal((done.returncode, done.stdout), (1, ""))
    matches(done.stderr, r"\Avintage: -machine: unknown machine 'pc-q35-9\.9'[^\n]*\n\Z")
    equal(tool_json("check", "--json", "--", *SEV), {"ok": True, "verdict": "valid"})
    done = tool("check", "--json", "--", "-device", "virtio-blk-pci,drive=none")
    equal((done.returncode, done.stderr, json.loads(done.stdout)["ok"]), (1, "", False))
    matches(json.loads(done.stdout)["error"], "'none'")
    equal(tool("check").returncode, 2)
    equal(tool("check", "a.json", "b.json").returncode, 2)
    equal(tool("check", "/nowhere.json").returncode, 1)


@test
def check_looks_at_the_host_only_when_asked() -> None:
    with tempfile.TemporaryDirectory() as directory:
        host = hosts(directory, {"sev-init2": "no"})
        pinned = [*host, "--platform-version", "9.1", "--", *SEV]
        equal(tool("check", *pinned).returncode, 0)
        done = tool("check", "--check-host", *pinned)
        equal((done.returncode, done.stdout), (1, ""))
        matches(done.stderr, "sev-init2.*--platform-version 9.0")
        done = tool("check", "--json", "--check-host", *pinned)
        equal(json.loads(done.stdout)["data"], {"feature": "sev-init2", "version": "9.0",
                                                "override": "-object sev-guest,id=s,…,legacy-vm-type=on"})
        # Without --platform-version, an older version is selected.
        equal(tool("check", "--check-host", *host, "--", *SEV).returncode, 0)


@test
def the_error_of_a_plugged_object_has_the_feature_and_the_override() -> None:
    with tempfile.TemporaryDirectory() as directory:
        with Machine("-machine", "q35", "--platform-version", "9.1", *hosts(directory, {"sev-init2": "no"})) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            error = qmp.raw('{"execute": "object-add", "arguments": {"qom-type": "sev-guest", "id": "s", "cbitpos": 51, '
                            '"reduced-phys-bits": 1}}\n')["error"]
            equal({name: value for name, value in error.items() if name != "desc"},
                  {"class": "GenericError", "feature": "sev-init2", "override": "-object sev-guest,id=s,…,legacy-vm-type=on"})
            equal(set(qmp.raw('{"execute": "object-add", "arguments": {}}\n')["error"]), {"class", "desc"})


@test
def probe_tells_what_a_host_answers() -> None:
    rows = tool_json("platform", "probe", "--json")
    assert {"sev-init2", "tun-uso", "io-uring"} <= {row["feature"] for row in rows}
    assert all(row["host"] in ("yes", "no", "unknown", "not-applicable") and row["since"] for row in rows)
    with tempfile.TemporaryDirectory() as directory:
        host = hosts(directory, {"io-uring": "no"})
        answers = {row["feature"]: row["host"] for row in tool_json("platform", "probe", "--json", *host)}
        equal((answers["io-uring"], answers["sev-init2"]), ("no", "yes"))
        matches(tool("platform", "probe", *host).stdout, r"(?m)^io-uring +10\.0 +no ")


@test
def list_and_show_tell_what_versions_are() -> None:
    rows = tool_json("platform", "list", "--json")
    equal([row["state"] for row in rows[-2:]], ["closed", "open"])
    assert "sev-init2" in next(row for row in rows if row["version"] == "9.1")["features"]
    matches(tool("platform", "list").stdout, r"(?m)^9\.1 +closed +.*sev-init2")
    shown = tool_json("platform", "show", "--json", "9.1")
    assert {"sev-init2", "tun-uso"} <= {row["feature"] for row in shown["features"]}
    assert "io-uring" not in {row["feature"] for row in shown["features"]}
    change = next(row for row in shown["changes"] if row["property"] == "legacy-vm-type")
    equal((change["type"], change["needs"]), ("sev-guest", "sev-init2"))
    assert change["why"]
    # A machine default that requires a host feature applies with the feature.
    changes = tool_json("platform", "show", "--json", "8.2")["changes"]
    assert any("tun-uso" in row["needs"] for row in changes), changes
    done = tool("platform", "show", "1.0")
    equal(done.returncode, 1)
    matches(done.stderr, "unknown platform version '1.0'; expected 7.2 to")


@test
def check_judges_by_what_the_vm_demands() -> None:
    with tempfile.TemporaryDirectory() as directory:
        host = hosts(directory, {"sev-init2": "no"})
        got = carried(*host, "--", *SEV)
        equal((got["newest"], got["9.0"], got["9.1"], got["11.1"]), ("9.0", "yes", "no", "no"))
        equal(carried(*host, "--", *FILE)["newest"], "11.1")
        equal(carried(*host)["newest"], "9.0")
        result = json.loads(tool("platform", "check", "--json", *host, "--", *SEV).stdout)
        unmet = result["versions"][-1]["unmet"][0]
        equal((unmet["feature"], unmet["object"], unmet["property"], unmet["answer"]),
              ("sev-init2", "s", "legacy-vm-type", "no"))
        matches(unmet["override"], r"^-object sev-guest,id=s,.*legacy-vm-type=on$")
        # The override solves it.
        equal(carried(*host, "--", *SEV[:-1], SEV[-1] + ",legacy-vm-type=on")["newest"], "11.1")
        table = tool("platform", "check", *host, "--", *SEV)
        equal(table.returncode, 0)
        matches(table.stdout, r"(?m)^9\.1 +no +sev-init2 +no +.*legacy-vm-type=on$")
        matches(table.stdout, r"newest supported version: 9\.0\n\Z")


@test
def a_cluster_carries_what_each_host_does() -> None:
    with tempfile.TemporaryDirectory() as directory:
        cluster = hosts(directory, {"sev-init2": "yes"}, {"sev-init2": "no"}, {"io-uring": "unknown"})
        got = carried(*cluster, "--", *SEV)
        equal((got["newest"], got["9.1"]), ("9.0", "no"))
        equal(carried(*cluster, "--", *FILE)["newest"], "11.1")
        got = carried(*cluster, "--", *FILE[:-1], FILE[-1] + ",aio=io_uring")
        equal({got["9.2"], got["10.0"]}, {"unknown"})
        assert got["newest"] is None, got
        result = json.loads(tool("platform", "check", "--json", *cluster, "--", *SEV).stdout)
        hosts_unmet = {row["host"] for row in result["versions"][-1]["unmet"]}
        equal(len(hosts_unmet), 1)
        matches(hosts_unmet.pop(), r"host1\.json$")


@test
def one_version_can_be_asked_about() -> None:
    with tempfile.TemporaryDirectory() as directory:
        host = hosts(directory, {"sev-init2": "no"})
        equal(tool("platform", "check", *host, "--platform-version", "9.0", "--", *SEV).returncode, 0)
        equal(tool("platform", "check", *host, "--platform-version", "9.1", "--", *SEV).returncode, 1)
        equal(tool("platform", "check", *host, "--platform-version", "1.0", "--", *SEV).returncode, 1)


@test
def wrong_use_is_told() -> None:
    for argv in ([], ["nothing"], ["show"], ["list", "x"], ["probe", "--", "-machine", "none"],
                 ["list", "--probe-file", "x"], ["check", "a", "b"]):
        done = tool("platform", *argv)
        equal((done.returncode, done.stdout), (2, ""), str(argv))
        matches(done.stderr, r"\Avintage platform[^\n]*\n\Z")


def on_a_terminal(**environment: str) -> bytes:
    try:
        master, slave = pty.openpty()
    except OSError as error:
        raise Skip(f"no terminal is to be had: {error}") from error
    with subprocess.Popen([TOOL, "platform", "list"], stdout=slave, env={**os.environ, **environment}) as process:
        process.wait()
    os.close(slave)
    text = b""
    try:
        while chunk := os.read(master, 65536):
            text += chunk
    except OSError:
        pass    # the other end is closed
    os.close(master)
    return text


@test
def colour_is_for_terminals_that_want_it() -> None:
    assert b"\033[" in on_a_terminal(NO_COLOR="")
    assert b"\033[" not in on_a_terminal(NO_COLOR="1")
    assert "\033[" not in tool("platform", "list").stdout


main()
