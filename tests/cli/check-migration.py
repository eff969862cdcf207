#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage check-migration and freeze --contract: yes, no or unknown, with what breaks a migration and what fixes it."""

import json
import os
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, QmpError, equal, main, matches, test, tool, write_file  # noqa: E402

VM = {"machine": {"type": "pc-q35-10.2"}, "netdev": [{"type": "tap", "id": "t"}], "nodefaults": True}
NIC = {"driver": "virtio-net-pci", "id": "net", "netdev": "t"}


def vm(directory: str, name: str, device: dict | None = None, **members: object) -> str:
    devices = [{**NIC, **(device or {})}]
    return write_file(directory, name, json.dumps({**VM, "device": devices, **members}))


def contract(directory: str, path: str) -> str:
    out = os.path.join(directory, "contract")
    equal(tool("freeze", "--contract", "-o", out, path).returncode, 0)
    return out


def checked(*argv: str) -> tuple[int, Any]:
    done = tool("check-migration", "--json", *argv)
    return done.returncode, json.loads(done.stdout)


@test
def a_contract_holds_what_both_ends_need() -> None:
    with tempfile.TemporaryDirectory() as directory:
        source = vm(directory, "vm")
        with open(contract(directory, source), encoding="utf-8") as file:
            held = json.load(file)
        equal((held["machine"], held["platform-version"], held["schema"]["platform"]), ("pc-q35-10.2", "11.1", "11.1"))
        equal(sorted({row["feature"] for row in held["features"]}), ["tun-udp-tunnel", "tun-uso"])
        equal(held["objects"]["net"]["properties"]["host_uso"], True)
        # A running VM has the same, and takes it.
        pinned = vm(directory, "pinned", **{"platform-version": "8.1"})
        with open(contract(directory, pinned), encoding="utf-8") as file:
            held = json.load(file)
        equal(held["features"], [])
        none = vm(directory, "none", **{"netdev": []})
        with open(none, encoding="utf-8") as file:
            config = json.load(file)
        none = write_file(directory, "none", json.dumps({**config, "device": [{"driver": "virtio-rng-pci", "id": "r"}]}))
        with open(contract(directory, none), encoding="utf-8") as file:
            held = json.load(file)
        with Machine("--config", none, "-platform-version", held["platform-version"]) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            equal(qmp.call("query-migration-contract"), held)
            qmp.call("check-migration-contract", contract=held)
            held["objects"]["r"]["properties"]["max-bytes"] = 1
            try:
                qmp.call("check-migration-contract", contract=held)
                raise AssertionError("a contract that differs was taken")
            except QmpError as error:
                matches(str(error), "differs in 1 value; r: max-bytes: the source has 1")


@test
def two_vms_are_compared() -> None:
    with tempfile.TemporaryDirectory() as directory:
        source = vm(directory, "source")
        for end in (source, contract(directory, source)):
            equal(tool("check-migration", end, source).stdout, "yes\n")
            done = tool("check-migration", end, vm(directory, "other", {"mq": True}))
            equal((done.returncode, done.stdout),
                  (1, "no\nnet.mq: off at the source, on at the destination; give virtio-net-pci 'net' of the destination "
                      "mq=off\n"))
        status, answer = checked(source, vm(directory, "other", machine={"type": "pc-q35-10.1"}))
        equal((status, answer["answer"], answer["differences"][0]["fix"]),
              (1, "no", "give the destination --machine pc-q35-10.2"))
        status, answer = checked(source, vm(directory, "other", {"id": "n2"}))
        equal([(row["object"], row["fix"]) for row in answer["differences"]],
              [("net", "give the destination a virtio-net-pci 'net'"), ("n2", "remove 'n2' from the destination")])


@test
def hosts_are_asked_for_what_the_vm_needs() -> None:
    with tempfile.TemporaryDirectory() as directory:
        hosts = os.path.join(directory, "hosts")
        os.mkdir(hosts)
        for name, answer in (("a", "yes"), ("b", "no"), ("c", "unknown")):
            write_file(hosts, f"{name}.json", json.dumps({"tun-uso": answer, "tun-udp-tunnel": "yes"}))
        source = vm(directory, "source")
        one = os.path.join(hosts, "a.json")
        equal(tool("check-migration", source, "--host", one).stdout, "yes\n")
        equal(checked(contract(directory, source), "--host", one)[0], 0)
        equal(checked(source, "--host", os.path.join(hosts, "c.json"))[0], 3)
        done = tool("check-migration", source, "--hosts", hosts)
        equal(done.returncode, 1)
        matches(done.stdout, r"\Ano\ntun-uso: no on \S*/b\.json: net\.host_uso, net\.guest_uso4, net\.guest_uso6\n"
                             r"tun-uso: unknown on \S*/c\.json: [^\n]*\n"
                             r"use --platform-version 8\.1, which all of them support\n\Z")
        equal(tool("check-migration", "--platform-version", "8.1", source, "--hosts", hosts).stdout, "yes\n")
        # A contract is of one version, so values fix it.
        matches(tool("check-migration", contract(directory, source), "--hosts", hosts).stdout,
                r"\nuse -device virtio-net-pci,id=net,…,host_uso=off\n")
        # The stream, and a host that is wrong.
        both = json.dumps({"name": "h", "features": [{"feature": "tun-uso", "host": "no"}], "cpu": {}, "modules": []})
        equal(tool("check-migration", "--json", source, "--hosts", "-", stdin=both).returncode, 1)


@test
def a_device_that_blocks_migration_is_named() -> None:
    done = tool("check-migration", "--", "-machine", "pc-q35-10.2", "-device", "rocker,id=r,name=sw")
    equal(done.returncode, 1, done.stdout + done.stderr)
    matches(done.stdout, r"\Ano\n[^\n]*id=r[^\n]*'rocker' blocks migration[^\n]*\n\Z")


@test
def wrong_files_and_uses_are_one_line() -> None:
    with tempfile.TemporaryDirectory() as directory:
        source = vm(directory, "source")
        bad = write_file(directory, "bad", json.dumps({"objects": {}, "machine": "pc"}))
        newer = write_file(directory, "newer", json.dumps(
            {"objects": {}, "platform-version": "8.1",
             "features": [{"feature": "warp", "object": "o", "override": "none"}]}))
        host = write_file(directory, "host.json", '{"tun-uso": "yes"}')
        for argv, wrong in (((bad, source), r"bad:1:\d+: .*platform-version"), ((source, "no/where"), "no/where: cannot be read"),
                            ((newer, "--host", host), r"newer: features\[0\]: unknown platform feature 'warp'"),
                            ((source, "--host", "no/host"), "no/host")):
            done = tool("check-migration", *argv)
            equal((done.returncode, done.stdout), (1, ""), str(argv))
            matches(done.stderr, rf"\Avintage: [^\n]*{wrong}[^\n]*\n\Z")
        for argv in ((), (source, source, source)):
            equal(tool("check-migration", *argv).returncode, 2)


main()
