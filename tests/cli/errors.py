#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An error of a VM is one line with its position, and leaves no resources.  Independent errors are a line each."""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, Machine, equal, main, matches, resolve_error, run, test, tool, write_file, VM  # noqa: E402

Q35 = ["-machine", "pc-q35-9.1"]
NULL = ["-blockdev", "driver=null-co,node-name=d"]

# (promise, arguments after "--", pattern of the line)
CASES: list[tuple[str, list[str], str]] = [
    ("an unknown option gets a suggestion", ["-devcie", "x"], r"^-devcie: unknown option; did you mean '-device'\?$"),
    ("an option that is like none gets none", ["-zzzzzzzzz"], r"^-zzzzzzzzz: unknown option$"),
    ("an option's value is missed", ["-device"], r"^-device: expected a value$"),
    ("a flag takes no value", ["--S=on"], r"^-S: expected no value"),
    ("a word after a value that may be secret", Q35 + ["-object", "secret,id=s,data=a", "word"],
     r"^-object secret,id=s[^ ]*: expected an option after it$"),
    ("a missing id of an object", Q35 + ["-object", "rng-random"], r"^-object rng-random: .*\bid\b"),
    ("a reference to nothing", Q35 + ["-device", "virtio-blk-pci,id=v,drive=nothing"], r"drive: .*'nothing'"),
    ("a reference to the wrong kind of object", Q35 + ["-object", "secret,id=s,data=x", "-object", "rng-random,id=r",
                                                       "-device", "virtio-rng-pci,rng=s"], r"rng: .*'s'"),
    ("an id that is given twice", Q35 + ["-object", "rng-random,id=r", "-object", "rng-random,id=r"], r"'r'"),
    ("references in a circle", Q35 + ["-blockdev", "driver=raw,node-name=a,file=b", "-blockdev",
                                      "driver=raw,node-name=b,file=a"], r"cycle: (a -> b -> a|b -> a -> b)$"),
    ("an unknown property gets a suggestion", Q35 + ["-device", "virtio-rng-pci,vectrs=1"],
     r"'vectrs'; did you mean 'vectors'\?$"),
    ("an unknown class gets a suggestion", Q35 + ["-device", "virtio-rng-pcx"],
     r"'virtio-rng-pcx'.*did you mean 'virtio-rng-pci'"),
    ("a word where a number belongs", Q35 + ["-device", "virtio-rng-pci,vectors=many"], r"vectors: .*'?many"),
    ("a JSON string where a number belongs", Q35 + ["-device", '{"driver":"virtio-rng-pci","vectors":"2"}'], r"vectors: "),
    ("a number out of range", Q35 + NULL + ["-device", "virtio-blk-pci,drive=d,num-queues=65536"], r"num-queues: .*65536"),
    ("a machine version that does not exist", ["-machine", "pc-q35-9.9"], r"^-machine: unknown machine 'pc-q35-9\.9'"),
    ("a machine that does not exist", ["-machine", "pc-q53"], r"'pc-q53'"),
    ("an unknown machine member", ["-machine", "pc-q35-9.1,acpy=on"], r"^-machine: .*unknown.*'acpy'; did you mean 'acpi'\?$"),
    ("a cache whose level is set twice", ["-machine", "pc-q35-11.1," + ",".join(
        f"smp-cache.{i}.cache=l2,smp-cache.{i}.topology=core" for i in range(2))],
     r"smp-cache: cache: 'l2' is there twice; expected"),
    ("a cache above one that is farther away", ["-machine", "pc-q35-11.1,smp-cache.0.cache=l1d,smp-cache.0.topology=socket,"
                                                "smp-cache.1.cache=l2,smp-cache.1.topology=core"],
     r"smp-cache: topology: 'l1d' is above 'l2'; expected"),
    ("a cache that the machine does not support", ["-machine", "none,smp-cache.0.cache=l1d,smp-cache.0.topology=core"],
     r"smp-cache: cache: 'l1d' is not supported by machine 'none'$"),
    ("a south bridge that does not exist", ["-machine", "pc-i440fx-11.1,x-south-bridge=piix5"], r"x-south-bridge: .*'piix5'"),
    ("a platform version that does not exist", ["--platform-version", "77.0"], r"unknown platform version '77\.0'"),
    ("a target that does not exist", ["--target", "pdp11"] + Q35, r"target: .*'pdp11'"),
    ("a repeated JSON key", Q35 + ["-device", '{"driver":"virtio-rng-pci","vectors":1,"vectors":2}'], r"'?vectors'?.*"),
    ("JSON that ends too early", Q35 + ["-device", '{"driver":"virtio-rng-pci"'], r"^-device "),
    ("a string for a number with a range", ["-machine", '{"type":"q35","smp":{"cpus":"x"}}'],
     r"^-machine: smp\.cpus: expected an integer, got a string 'x'"),
    ("a -global without a value", Q35 + ["-global", "virtio-rng-pci"], r"DRIVER\.PROPERTY=VALUE"),
    ("a -global for no property", Q35 + ["-global", "virtio-rng-pci.vectrs=1"], r"vectrs"),
    ("a -global with a key missing", Q35 + ["-global", '{"driver":"virtio-rng-pci","property":"vectors"}'],
     r"missing member 'value'"),
    ("a place that is taken", Q35 + ["-device", "virtio-rng-pci,addr=4", "-device", "virtio-rng-pci,addr=4"], r"addr|slot"),
    ("a place that does not exist", Q35 + ["-device", "virtio-rng-pci,addr=32"], r"addr|slot"),
    ("a bus that does not exist", Q35 + ["-device", "virtio-rng-pci,bus=nowhere"], r"'nowhere'"),
    ("a thread that does not exist", Q35 + NULL + ["-object", "iothread,id=t1", "-device", "virtio-blk-pci,drive=d,iothread=t2"],
     r"iothread: no object 't2'; did you mean 't1'\?$"),
    ("a character device that does not exist", Q35 + ["-device", "isa-serial,chardev=c"], r"chardev: no chardev 'c'$"),
    ("a memory backend where a thread belongs", Q35 + NULL + [
        "-object", "memory-backend-ram,id=m,size=1M", "-device", "virtio-blk-pci,drive=d,iothread=m"],
     r"iothread: expected an iothread, got memory-backend-ram 'm'$"),
    ("a read-only member on the command line", Q35 + ["-device", "virtio-rng-pci,realized=on"],
     r"^-device virtio-rng-pci,realized=on: member 'realized' is read-only: it cannot be set$"),
    ("a read-only member as JSON", Q35 + ["-device", '{"driver": "virtio-rng-pci", "hotplugged": true}'],
     r"member 'hotplugged' is read-only: it cannot be set$"),
    ("a read-only member of all devices of a class", Q35 + ["-global", "virtio-rng-pci.hotpluggable=off"],
     r"^-global .*member 'hotpluggable' of class 'virtio-rng-pci' is read-only: it cannot be set$"),
    ("a class that cannot be created", Q35 + ["-device", "virtio-device"], r"'virtio-device'"),
]


def add_case(promise: str, argv: list[str], pattern: str) -> None:
    def case() -> None:
        matches(resolve_error(*argv), pattern)

    case.__doc__ = promise
    test(case)


for one in CASES:
    add_case(*one)


@test
def bad_utf8_is_told_where_it_stands() -> None:
    done = run(VM, "-machine", b"none".decode(), "-device", os.fsdecode(b'{"driver":"virtio-\xff"}'))
    equal(done.returncode, 1)
    matches(done.stderr, "UTF-8")


@test
def a_path_need_not_be_utf8() -> None:
    path = os.fsdecode(b"/a\xff,,b")
    for words in (["-drive", f"file={path},format=raw"], ["-object", f"memory-backend-file,id=m,size=1M,mem-path={path}"],
                  ["-D", path], ["-pidfile", path], ["-kernel", path], ["-serial", f"file:{path}"], ["-cdrom", path],
                  ["-chardev", f"socket,id=c,path={path},server=on,wait=off"], ["-device", f"e1000,romfile={path}"]):
        equal(run(TOOL, "check", "--", *words).returncode, 0, str(words))
    done = run(TOOL, "resolve", "--json", "--", "-device", f"e1000,id=e,romfile={path}")
    equal(json.loads(done.stdout)["objects"]["e"]["properties"]["romfile"], "/a\ufffd,b")
    matches(run(TOOL, "freeze", "--", "-device", f"e1000,romfile={path}").stderr, "UTF-8")
    for words in (["-device", f"e1000,id={path}"], ["-device", path], ["-device", f"e1000,{path}=1"], ["-machine", path]):
        equal(run(TOOL, "check", "--", *words).returncode, 1, str(words))


@test
def independent_errors_are_a_line_each_in_the_order_of_the_arguments() -> None:
    for argv, wanted in (
            ("-foo bar -device e1000,x=1 -name a,z=1 -baz -uuid zz", ["-foo", "-name", "-baz", "-uuid"]),
            ("-device e1000,x=1 -machine q35,acpy=on -netdev user,id=n,nt=3 -smp 2", ["-device", "-machine", "-netdev"]),
            ("-drive fil=x -object rng-random -device nvme,serial=1,foo=2", ["-drive", "-object", "-device"]),
            ("-device e1000,netdev=a -device e1000,netdev=b -object rng-random,id=r", ["-device e1000,netdev=a",
                                                                                       "-device e1000,netdev=b"]),
            ("-device nvme -device virtio-rng-pci -device pci-bridge", ["-device nvme", "-device pci-bridge"]),
            ("-smp 4,maxcpus=2 -device nvme,foo=1", ["-smp", "-device nvme"]),
            # The second device is wrong only because the first one is.
            ("-object rng-random,id=r,filname=x -device virtio-rng-pci,rng=r", ["-object rng-random"])):
        for program in (VM, TOOL):
            done = run(program, *([] if program is VM else ["check", "--"]), *argv.split())
            lines = [line.partition(": ")[2] for line in done.stderr.splitlines()]
            equal((done.returncode, [line[:len(start)] for line, start in zip(lines, wanted)], len(lines)),
                  (1, wanted, len(wanted)), done.stderr)
    done = run(TOOL, "check", "--json", "--", "-device", "nvme", "-device", "pci-bridge")
    equal(len(json.loads(done.stdout)["errors"]), 2)


def config_error(text: str | bytes) -> str:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "vm.json", text)
        done = tool("resolve", path)
        equal((done.returncode, done.stdout), (1, ""), done.stderr)
        equal(len(done.stderr.splitlines()), 1, done.stderr)
        return done.stderr[len("vintage: "):].rstrip().replace(path, "vm.json")


@test
def errors_in_a_file_have_line_column_and_path() -> None:
    device = '{\n  "machine": { "type": "pc-q35-9.1" },\n  "device": [\n    { "driver": "virtio-rng-pci" },\n' \
             '    { "driver": "virtio-rng-pci",\n      "vectrs": 1 }\n  ]\n}\n'
    matches(config_error(device), r"^vm\.json:6:7: device\[1\]: .*'vectrs'; did you mean 'vectors'")
    matches(config_error(device.replace('"vectrs": 1', '"vectors": "x"')), r"^vm\.json:6:18: device\[1\]\.vectors: ")
    matches(config_error('{\n  "machine": { "type": "pc-q35-9.1",\n    "acpy": true }\n}'), r"^vm\.json:3:5: machine: .*'acpy'")
    matches(config_error('{ "machine":\n  { "type": "pc-q53" } }'), r"^vm\.json:2:13: machine\.type: .*'pc-q53'")
    matches(config_error('{\n  "devise": []\n}'), r"^vm\.json:2:3: devise: unknown option; did you mean 'device'\?$")


@test
def broken_files_are_one_line_too() -> None:
    matches(config_error('{ "machine": '), r"^vm\.json:1:\d+: ")
    matches(config_error('{ "S": true, "S": true }'), r"^vm\.json:1:14: repeated member")
    matches(config_error(b'{ "name": "\xc3\x28" }'), r"^vm\.json:1:\d+: .*UTF-8")
    matches(config_error('{ "device": ' + "[" * 100 + "]" * 100 + "}"), r"^vm\.json:1:\d+: .*deep")
    for text, message in (
            ('{"machine": "q35"}', "1:13: machine: expected an object with the member 'type', got a string 'q35'"),
            ('{"device": [7]}', "1:13: device[0]: expected an object with the member 'driver'"),
            ('{"object": ["secret,data=x"]}', "1:13: object[0]: expected an object with the member 'qom-type'"),
            ('{"drive": ["x"]}', "1:12: drive[0]: expected '=' after 'x'"),
            ('{"nic": 7}', "1:9: nic: expected a string or an object"),
            ('{"global": ["x"]}', "1:13: global[0]: expected an object"),
            ('{"cpu": 7}', "1:9: cpu: expected a string or an object")):
        equal(config_error(text), f"vm.json:{message}")
    matches(config_error("[]"), r"^vm\.json:1:1: expected an object")
    matches(config_error("{} x"), r"^vm\.json:1:4: ")
    matches(config_error('{ "S": 1 }'), r"^vm\.json:1:8: S: expected true or false")
    matches(config_error('{ "config": "x" }'), r"^vm\.json:1:3: config: ")
    matches(resolve_error("--config", "/nonexistent/vm.json"), r"^/nonexistent/vm\.json: cannot be opened: ")
    matches(resolve_error("--config", "/"), r"^/: cannot be (opened|read): ")


@test
def vintage_vm_says_the_same_and_ends_with_1() -> None:
    for _, argv, pattern in CASES:
        done = run(VM, "-qmp", "stdio", *argv)
        equal((done.returncode, done.stdout), (1, ""), f"{argv}: {done.stderr}")
        lines = done.stderr.splitlines()
        equal(len(lines), 1, done.stderr)
        assert lines[0].startswith("vintage-vm: "), lines[0]
        matches(lines[0][len("vintage-vm: "):], pattern)


@test
def wrong_use_of_the_tool_is_2() -> None:
    for argv in ([], ["frobnicate"], ["resolve"], ["resolve", "--colour", "--"], ["resolve", "a", "b"], ["explain"],
                 ["defaults", "--machine"], ["diff"], ["diff", "--machine", "pc-q35-9.1"], ["defaults", "--", "-S"],
                 ["resolve", "--json=yes", "--"]):
        done = tool(*argv)
        equal((done.returncode, done.stdout), (2, ""), f"{argv}: {done.stderr}")
    equal(tool("--help").returncode, 0)
    equal(tool("--version").returncode, 0)
    equal(tool("chekc", "--").stderr, "vintage chekc: unknown command; did you mean 'check'?\n")


@test
def wrong_names_behind_right_use_are_1() -> None:
    for argv, pattern in ((["defaults", "virtio-rgn-pci"], "did you mean 'virtio-rng-pci'"),
                          (["defaults", "--machine", "pc-q35-9.9"], "pc-q35-9.9"),
                          (["defaults", "--platform-version", "x"], "unknown platform version"),
                          (["explain", "nobody", "--", *Q35], "'nobody'"),
                          (["explain", "/machine.acpy", "--", *Q35], "acpy"),
                          (["diff", "--machine", "pc-q35-9.1..pc-q35-77"], "pc-q35-77")):
        done = tool(*argv)
        equal((done.returncode, done.stdout), (1, ""), f"{argv}: {done.stderr}")
        matches(done.stderr, pattern)


@test
def over_qmp_the_same_mistakes_are_errors_and_leave_nothing_behind() -> None:
    with Machine("-machine", "pc-q35-9.1", "-S", *NULL) as machine:
        qmp = machine.qmp
        assert qmp
        qmp.negotiate()
        before = qmp.call("query-effective-config")
        for command, arguments, pattern in (
                ("object-add", {"qom-type": "rng-random"}, "id"),
                ("object-add", {"qom-type": "rng-rnadom", "id": "r"}, "did you mean 'rng-random'"),
                ("object-add", {"id": "r"}, "qom-type"),
                ("device_add", {"driver": "virtio-blk-pci", "id": "v", "drive": "nothing"}, "'nothing'"),
                ("device_add", {"driver": "virtio-rng-pci", "id": "v", "vectrs": 1}, "did you mean 'vectors'"),
                ("device_add", {"driver": "virtio-rng-pci", "id": "v", "vectors": "1"}, "vectors"),
                ("device_add", {"driver": "virtio-rng-pci", "id": "v", "addr": "1f.9"}, "addr"),
                ("blockdev-add", {"driver": "null-co", "node-name": "d"}, "'d'"),
                ("blockdev-add", {"driver": "raw", "node-name": "e", "file": "e"}, "e"),
                ("netdev_add", {"type": "user", "id": "1bad"}, "id")):
            qmp.fails(command, arguments, "GenericError", pattern)
        qmp.send('{"execute": "device_add", "arguments": {"driver": "virtio-rng-pci", "id": "v", "id": "w"}}')
        matches(qmp.answer()["error"]["desc"], "id")
        for command, arguments in (("object-del", {"id": "none"}), ("blockdev-del", {"node-name": "none"}),
                                   ("netdev_del", {"id": "none"})):
            qmp.fails(command, arguments, "GenericError" if command != "netdev_del" else "DeviceNotFound", "'none'")
        qmp.fails("device_del", {"id": "none"}, "DeviceNotFound", "'none'")
        equal(json.dumps(qmp.call("query-effective-config")), json.dumps(before))


main()
