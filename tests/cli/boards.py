#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boards: machines of a table file, which 'qapi-gen table' makes from a schema file, with and without an engine."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, Machine, Qmp, Skip, equal, main, matches, run, test, tool, tool_json, write_file  # noqa: E402

ROOT = os.environ["VINTAGE_SOURCE"]
QAPI_GEN = os.path.join(ROOT, "qapi-gen", "qapi-gen")
BOARD = """{ 'layer': 'machine' }
##
# @lab-board:
#
# Board of a laboratory
##
{ 'machine': 'lab-board', 'parent': 'pc-q35', 'versions': { 'from': '7.0' }, 'aliases': [ 'lab' ], 'model': 'inherited',
  'defaults': { 'vmport': { 'machine': [ { 'value': 'off' },
    { 'since': '7.2', 'value': 'on', 'why': 'its guests use the port again' } ] } },
  'creates': [
    { 'option': 'object', 'value': { 'qom-type': 'rng-builtin', 'id': 'lab-rng' } },
    { 'option': 'device', 'value': { 'driver': 'virtio-rng-pci', 'id': 'lab-entropy', 'rng': 'lab-rng', 'period': '500' } },
    { 'option': 'device', 'value': { 'driver': 'pcie-root-port', 'id': 'lab-port', 'chassis': '7' } },
    { 'option': 'device', 'value': { 'driver': 'virtio-balloon-pci', 'id': 'lab-balloon' } } ] }
"""
DEVICES = {"lab-entropy": "virtio-rng-pci", "lab-port": "pcie-root-port", "lab-balloon": "virtio-balloon-pci"}
VM = ["--", "-machine", "lab-board-7.2", "-nodefaults"]

_place = tempfile.TemporaryDirectory()
SCHEMA = os.path.join(_place.name, "lab.json")
VM_PROGRAM = os.path.join(os.path.dirname(TOOL), "vintage-vm")
TABLE = os.path.join(_place.name, "lab.table")


def compiled(text: str, output: str) -> str:
    done = subprocess.run([QAPI_GEN, "table", "-o", output, write_file(_place.name, "lab.json", text)], capture_output=True,
                          text=True, check=False)
    equal(done.returncode, 1 if done.stderr else 0)
    return done.stderr.replace(_place.name + "/", "")


def objects(*argv: str) -> dict:
    return tool_json("resolve", "--json", "--settled", *argv)["objects"]


def session(vm: Machine) -> Qmp:
    assert vm.qmp
    return vm.qmp.negotiate()


def refused(path: str) -> str:
    done = tool("check", "--schema", path, *VM)
    equal((done.returncode, done.stdout), (1, ""))
    return done.stderr


@test
def a_board_has_three_devices_more_than_its_parent() -> None:
    equal(compiled(BOARD, TABLE), "")
    more = objects("--schema", TABLE, *VM)
    equal({name: each["type"] for name, each in more.items() if name in DEVICES}, DEVICES)
    equal(more["lab-entropy"]["properties"]["period"], 500)
    plain = objects("--", "-machine", "pc-q35-7.2", "-nodefaults")
    equal(sorted(set(more) - set(plain)), sorted([*DEVICES, "lab-rng"]))
    # The default has a history of its own, and 'lab' is the newest version.
    for name, value in (("lab-board-7.0", "off"), ("lab-board-7.2", "on"), ("lab", "on")):
        equal(objects("--schema", TABLE, "--", "-machine", name)["/machine"]["properties"]["vmport"], value, name)
    one = tool_json("explain", "--json", "/machine.vmport", "--schema", TABLE, "--", "-machine", "lab-board-7.0")
    equal(one["objects"]["/machine"]["properties"]["vmport"]["since"], "lab-board-7.0")


@test
def a_frozen_board_is_the_same() -> None:
    frozen = write_file(_place.name, "frozen", tool("freeze", "--schema", TABLE, *VM).stdout)
    got, expected = objects("--schema", TABLE, "--", frozen), objects("--schema", TABLE, *VM)
    # A frozen file states what 'auto' stands for.
    for key, one in expected.items():
        known = {name: value for name, value in one["properties"].items() if value != "auto"}
        equal({name: got[key]["properties"][name] for name in known}, known, key)
    equal(list(got), list(expected))


@test
def help_and_types_have_it_when_it_is_there() -> None:
    for path, there in ((_place.name + ":", True), ("", False)):
        machine = ["-schema", TABLE, "-machine", "lab-board-7.2"] if there else ["-machine", "pc-q35-7.2"]
        with Machine("-nodefaults", "-engine", "none", *machine) as vm:
            qmp = session(vm)
            types = [each["name"] for each in qmp.call("qom-list-types", implements="machine")]
            equal("lab-board-7.2-machine" in types, there)
            equal("lab-board-7.2" in [each["name"] for each in qmp.call("query-machines")], there)
            equal(("lab-entropy" in qmp.call("query-effective-config")["objects"]), there)
        text = run("/usr/bin/env", f"VINTAGE_SCHEMA_PATH={path}", VM_PROGRAM, "-machine",
                   "help").stdout
        equal("lab-board-7.2  " in text, there)
        equal(bool(re.search(r"^  lab +Board of a laboratory \(.*lab.table\) \(alias of lab-board-11.1\)$", text, re.M)), there)


@test
def an_engine_has_the_devices() -> None:
    if not shutil.which("qemu-system-x86_64"):
        raise Skip("qemu-system-x86_64 is not installed")
    with Machine("-schema", TABLE, "-machine", "lab-board-7.0,accel=tcg", "-nodefaults", "-display", "none", "-S", "-engine",
                 "qemu") as vm:
        qmp = session(vm)
        for name, kind in DEVICES.items():
            equal(qmp.call("qom-get", path=f"/machine/peripheral/{name}", property="type"), kind)
        equal(qmp.call("qom-get", path="/machine", property="type"), "pc-q35-7.0-machine")
        equal(qmp.call("qom-get", path="/machine", property="vmport"), "off")
        # Its lists have the board, too.
        rows = {each["name"]: each for each in qmp.call("query-machines")}
        equal(rows["lab-board-11.1"].get("alias"), "lab")
        assert "lab-board-7.0" in rows and "pc-q35-7.0" in rows, sorted(rows)
        types = [each["name"] for each in qmp.call("qom-list-types", implements="machine")]
        equal([types.count(name) for name in ("lab-board-7.0-machine", "pc-q35-7.0-machine")], [1, 1])
        equal([each["name"] for each in qmp.call("qom-list-types", implements="device") if "lab-board" in each["name"]], [])


@test
def a_parent_has_the_name_of_its_machine() -> None:
    equal(compiled(BOARD, TABLE), "")
    with open(TABLE, encoding="utf-8") as file:
        expected = file.read()
    again = os.path.join(_place.name, "again")
    equal(compiled(BOARD.replace("'pc-q35'", "'q35'"), again), "")
    with open(again, encoding="utf-8") as file:
        equal(file.read(), expected)
    for parent, error in (
            ("'virt'", "the machine 'virt' is of several targets: expected one of arm-virt, m68k-virt, riscv-virt"),
            ("'q35-9.1'", "'q35-9.1' is one version of a machine: expected 'pc-q35', and 'versions': "
             "{ 'from': '9.1', 'to': '9.1' }"),
            ("'pc-q35-9.1'", "'pc-q35-9.1' is one version of a machine: expected 'pc-q35', and 'versions': "
             "{ 'from': '9.1', 'to': '9.1' }")):
        equal(compiled(BOARD.replace("'pc-q35'", parent), again), f"lab.json:7: {error}\n")
    arm = (BOARD.replace("'parent': 'pc-q35'", "'parent': 'virt', 'targets': [ 'aarch64' ]").replace("'vmport'", "'highmem'")
           .replace("'off'", "false").replace("'on'", "true"))
    equal(compiled(arm, again), "")
    with open(again, encoding="utf-8") as file:
        equal(json.load(file)["machines"][0]["base"], "virt-7.0")


@test
def what_is_not_checked_or_stale_is_refused_in_one_line() -> None:
    schema = write_file(_place.name, "other.json", BOARD)
    matches(refused(schema), rf"^vintage: {schema}: a schema, which no program checks: compile it with "
            r"'qapi-gen table -o FILE [^\n]*'\n$")
    with open(TABLE, encoding="utf-8") as file:
        table = json.load(file)
    for member, value, pattern in (
            ("schema", "0123", f"compiled against schema 0123, this is {table['schema']}: compile 'lab.json' again with "
             "'qapi-gen table'"),
            ("table", 2, "table: 2 exceeds the maximum 1"), ("machines", {}, r".*machines.*")):
        stale = write_file(_place.name, "stale", json.dumps({**table, member: value}))
        matches(refused(stale), rf"^vintage: {stale}:[0-9: ]*{pattern}\n$")


@test
def the_compiler_checks_each_name() -> None:
    for old, new, error in (
            ("'period'", "'perod'", "12: 'virtio-rng-pci' has no member 'perod'; did you mean 'period'?"),
            ("'500'", "'500', 'max-bytes': false", "12: 'virtio-rng-pci': member 'max-bytes': false is not an integer"),
            ("pcie-root-port", "i6300es", "13: creates unknown class 'i6300es'; did you mean 'i6300esb'?"),
            ("'vmport'", "'vmprt'", "8: In machine 'lab-board': 'defaults' names unknown member 'vmprt'; did you mean 'vmport'?"),
            ("'model': 'inherited'", "'config': {}",
             "7: a board has no 'config'; expected one of machine, parent, versions, aliases, targets, creates, defaults, model, "
             "life")):
        assert old in BOARD, old
        equal(compiled(BOARD.replace(old, new), os.path.join(_place.name, "wrong")), f"lab.json:{error}\n")
        assert not os.path.exists(os.path.join(_place.name, "wrong"))


if __name__ == "__main__":
    main()
