#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The answer of query-effective-config, and of 'vintage resolve --json', is a configuration file."""

import json
import os
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, equal, main, matches, sampled, test, tool, tool_json, write_file  # noqa: E402

FILE = "-drive if=virtio,format=raw,read-only=on,file=" + __file__
VMS = [line.split() for line in (
    f"-machine pc-q35-9.1,usb=on -smp 2 -m 1G -cpu Haswell,-avx {FILE} -nic user -vga std -rtc base=localtime -name effective "
    "-chardev null,id=c -mon chardev=c -serial null -device usb-kbd -tpmdev emulator,id=t,chardev=c "
    "-fsdev local,id=f,path=/tmp,security_model=none -virtfs local,path=/tmp,mount_tag=x,security_model=none "
    "-blockdev raw,node-name=x,file.driver=raw,file.node-name=y,file.file.driver=null-co -device virtio-blk-pci,id=c,drive=x",
    "-nodefaults -machine pc-i440fx-2.9 -global virtio-rng-pci.vectors=3 -device virtio-rng-pci -device pci-bridge,chassis_nr=1",
    "-target aarch64 -machine virt-8.0 -cpu cortex-a57 -nodefaults -device virtio-net-pci -m 1G,slots=2,maxmem=4G",
    "-nodefaults -machine none -object rng-builtin,id=r")]


@test
def a_resolved_vm_is_a_configuration_file() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for argv in sampled(VMS, 2):
            first = tool_json("resolve", "--json", "--settled", "--", *argv)
            path = write_file(directory, "vm.json", json.dumps(first))
            equal(tool_json("resolve", "--json", "--settled", "--", "--config", path), first, " ".join(argv))
            # What 'freeze' writes of it is what it writes of the VM, but for ids and values that were defaults.
            frozen = json.loads(tool("freeze", "--", "--config", path).stdout)
            equal(frozen["machine"]["type"], first["machine"])


@test
def the_answer_of_a_running_vm_is_one() -> None:
    port = ("-device", "pcie-root-port,id=p,chassis=1")
    with Machine("-machine", "pc-q35-9.1", "-nodefaults", *port) as machine, tempfile.TemporaryDirectory() as directory:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.call("object-add", **{"qom-type": "rng-builtin", "id": "r"})
        qmp.call("device_add", driver="virtio-rng-pci", id="d", rng="r", bus="p")
        answer = qmp.call("query-effective-config", provenance=True)
        answer["objects"]["p"]["properties"]["chassis"] = 7
        path = write_file(directory, "vm.json", json.dumps(answer))
        equal(tool("check", "--", "--config", path).returncode, 0)
        again = tool_json("resolve", "--json", "--settled", "--", "--config", path)
        for name, one in answer["objects"].items():
            equal(again["objects"][name]["properties"], one["properties"], name)


@test
def an_error_names_the_object() -> None:
    good: dict[str, Any] = tool_json("resolve", "--json", "--", "-machine", "none", "-object", "rng-builtin,id=r")
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"objects": {"r": {"type": "rng-bulitin", "kind": "object", "properties": {}}}},
         "objects.r: expected 'kind' and 'type' of an object"),
        ({"objects": {"r": {**good["objects"]["r"], "properties": {"opend": True}}}},
         "objects.r.properties: unknown member 'opend'"),
        ({"objects": {"/machine": {"type": "nonne"}}}, "objects./machine: .*'nonne'.*"),
        ({"options": 7}, "options: expected an object; it is absent where a value is sensitive"))
    for change, message in cases:
        done = tool("check", "--", "--config", "-", stdin=json.dumps({**good, **change}))
        equal(done.returncode, 1)
        matches(done.stderr, rf"vintage: standard input: {message}\n")


main()
