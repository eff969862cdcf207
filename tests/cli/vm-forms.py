#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each subcommand takes a VM in each form, and sees the same VM; names of objects, types and machines have one spelling."""

import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, equal, main, matches, run, test, tool, tool_json, write_file  # noqa: E402

MACHINE = "pc-q35-7.2"
OPTIONS = ["-machine", MACHINE, "-nodefaults", "-device", "virtio-rng-pci,id=r"]
CONFIG = {"machine": {"type": MACHINE}, "nodefaults": True, "device": [{"driver": "virtio-rng-pci", "id": "r"}]}
DOMAIN = f"""<domain type='qemu'><name>v</name><memory unit='MiB'>512</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='{MACHINE}'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices></domain>
"""
# Subcommands with one VM, and whether they print the same for each form of the same VM.
COMMANDS = {"resolve --json": True, "explain --json": False, "diff --json 8.2..9.2": True,
            "upgrade --json --machine pc-q35-9.2": False,
            "freeze --json": True, "check": True, "convert --to config": False, "argv": False, "audit": True,
            "check-migration --json": True, "platform check --json": True, "platform plan --json": True,
            "run --timeout 1": False}
NO_LIMIT = {"run": 124}


def files(directory: str) -> dict[str, str]:
    return {"config": write_file(directory, "vm.json", json.dumps(CONFIG)),
            "argv": write_file(directory, "vm.argv", " ".join(["/usr/bin/qemu-system-x86_64", *OPTIONS])),
            "domain": write_file(directory, "vm.xml", DOMAIN)}


@test
def each_subcommand_takes_each_form() -> None:
    with tempfile.TemporaryDirectory() as directory:
        paths = files(directory)
        same = [[paths["config"]], ["--", paths["config"]], ["--", "--config", paths["config"]], ["--", *OPTIONS]]
        foreign = [[paths["argv"]], ["--", paths["argv"]], [paths["domain"]], ["--", paths["domain"]]]
        machine = [] if os.path.exists(MACHINE) else [[MACHINE], ["--", "-machine", MACHINE]]
        for command, is_same in COMMANDS.items():
            words = command.split()
            outputs = []
            for form in [*same, *foreign, *machine]:
                if words[0] == "explain" and form == [MACHINE]:
                    continue        # a name to explain
                done = run(TOOL, *words, *form)
                equal(done.returncode, NO_LIMIT.get(words[0], 0), f"{command} {form}: {done.stderr}")
                if form in same and words[0] not in NO_LIMIT:
                    outputs.append(re.sub(r'"(source|path)": .*', "", done.stdout))
            if is_same:
                equal(set(outputs), {outputs[0]} if outputs else set(), command)


@test
def a_running_qemu_is_its_command_line() -> None:
    with tempfile.TemporaryDirectory() as directory:
        paths = files(directory)
        for form in (["--release", "7.2", paths["argv"]], ["--release", "7.2", "--", paths["argv"]]):
            objects = tool_json("resolve", "--json", *form)["objects"]
            equal(objects["r"]["type"], "virtio-rng-pci", str(form))
        # Its machine is that of the release.
        alias = write_file(directory, "alias.argv", "qemu-system-x86_64 -machine q35 -nodefaults\n")
        equal(tool_json("resolve", "--json", "--release", "7.2", alias)["machine"], MACHINE)
        other = run(TOOL, "check", write_file(directory, "other.txt", "hello world\n"))
        equal((other.returncode, other.stdout), (1, ""))
        matches(other.stderr, r"\Avintage: \S+other\.txt: expected a configuration .* or a command line of QEMU, got 'hello'\n\Z")
        matches(run(TOOL, "check", os.path.join(directory, "none.argv")).stderr, r"\Avintage: .*none\.argv: .*\n\Z")
        socket = os.path.join(directory, "none.sock")
        matches(run(TOOL, "check", socket).stderr, r"none\.sock")


@test
def what_matters_is_shown_and_all_on_request() -> None:
    old = ["-machine", "pc-q35-8.1", "-smp", "2", "-blockdev", "null-co,node-name=d", "-device", "virtio-blk-pci,id=b,drive=d",
           "-device", "virtio-rng-pci,id=r"]
    everything = tool_json("resolve", "--json", "--settled", "--", *old)["objects"]
    for command in ("resolve", "explain"):
        some = tool(command, "--settled", "--", *old).stdout
        full = tool(command, "--all", "--settled", "--", *old).stdout
        # Given, derived, and changed by a newer version.
        matches(some, r"(?m)^  drive +d\b")
        matches(some, r"(?m)^  num-queues +2\b")
        matches(some, r"(?m)^  x-pcie-ext-tag +off\b")
        assert not re.search(r"(?m)^  max-bytes ", some), some
        matches(full, r"(?m)^  max-bytes ")
        matches(some, r"(?m)^(\d+) of (\d+) properties have the defaults of the newest versions; --all prints them\n\Z")
        left, n = map(int, re.search(r"(?m)^(\d+) of (\d+) properties", some).groups())
        rows = {text: len(re.findall(r"(?m)^  (?!property )\S", text)) for text in (some, full)}
        equal(rows[some] + left, n)
        assert rows[full] >= sum(len(one["properties"]) for one in everything.values()), rows[full]
        assert rows[some] < rows[full] / 4
    # A VM of the newest versions has what the user gave, and what is derived.
    new = tool("explain", "--", "-machine", "pc-q35-11.1", "-device", "virtio-rng-pci,id=r").stdout
    matches(new, r"(?m)^  disable-legacy +auto +")
    assert not re.search("x-pcie-ext-tag", new), new


@test
def names_have_one_spelling() -> None:
    vm = ["--", "-machine", "pc-q35-8.2", "-netdev", "user,id=n", "-device", "virtio-net-pci,id=net,netdev=n"]
    objects = {name: list(tool_json("explain", "--json", name, *vm)["objects"]) for name in (
        "machine", "/machine", "q35", "pc-q35-8.2", "net", "virtio-net-pci", "virtio-net")}
    equal(objects, {"machine": ["/machine"], "/machine": ["/machine"], "q35": ["/machine"], "pc-q35-8.2": ["/machine"],
                    "net": ["net"], "virtio-net-pci": ["net"], "virtio-net": ["net"]})
    for name in ("net.host_uso", "virtio-net.host_uso", "virtio-net-pci.host_uso"):
        equal(tool_json("explain", "--json", name, *vm)["objects"]["net"]["properties"]["host_uso"]["value"], True, name)
    # Without a VM: the machine, and defaults of types, by each of their names.
    equal(tool_json("explain", "--json", "machine.smbios-entry-point-type", "--machine", "pc-q35-8.0"),
          tool_json("explain", "--json", "pc-q35-8.0.smbios-entry-point-type"))
    for name in ("virtio-blk-pci.num-queues", "virtio-blk.num-queues"):
        got = tool_json("explain", "--json", name, "--machine", "pc-q35-9.1")["types"]
        equal((list(got), got["virtio-blk-pci"]["properties"]["num-queues"]["since"]), (["virtio-blk-pci"], "5.2"))
    equal(list(tool_json("explain", "--json", "virtio-blk", "--target", "s390x")["types"]), ["virtio-blk-ccw"])
    equal(list(tool_json("explain", "--json", "qemu64")["types"]), ["qemu64-x86_64-cpu"])
    matches(tool("explain", "rtl8139").stdout, r"\Artl8139\n  property +value +from +since +schema +why\n")


@test
def wrong_names_get_one_line() -> None:
    vm = ["--", "-machine", "pc-q35-8.2", "-device", "virtio-rng-pci,id=rng"]
    for words, status, text in (
            (["rgn", *vm], 1, "the VM has no object 'rgn'; did you mean 'rng'?"),
            (["rng.perid", *vm], 1, "rng: 'virtio-rng-pci' has no property 'perid'; did you mean 'period'?"),
            (["pc", *vm], 1, "pc: the machine is 'pc-q35-8.2'; '--machine' states another"),
            (["virtio-rng-pcj"], 1, "unknown type 'virtio-rng-pcj'; did you mean 'virtio-rng-pci'?"),
            (["virtio-rng.max_bytes"], 1, "has no property 'max_bytes'; did you mean 'max-bytes'?"),
            ([], 2, "expected one VM: a file, or '--' and its options")):
        done = run(TOOL, "explain", *words)
        equal((done.returncode, done.stdout), (status, ""), str(words))
        matches(done.stderr, re.escape(text))
        equal(done.stderr.count("\n"), 1, done.stderr)


main()
