#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage convert: a VM as arguments, JSON arguments, a configuration file and QMP commands is the same VM."""

import functools
import json
import os
import shlex
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Skip, equal, main, matches, run, sampled, test, tool, write_file, TOOL  # noqa: E402
import vms  # noqa: E402

DATA = os.environ.get("VINTAGE_DATA", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared",
                                                   "data"))
PIN = ["--platform-version", "11.0"]
DISK = ["-blockdev", "null-co,node-name=d"]
LINES = [
    ["-machine", "q35,accel=kvm:tcg", "-cpu", "host,-vmx,+aes", "-m", "1G,slots=2,maxmem=4G", "-smp", "2"],
    ["-machine", "q35", "-machine", "usb=on", "-m", "1G", "-m", "slots=2,maxmem=4G", "-name", "a", "-name", "b"],
    ["-drive", "file=/a,,b.img,if=virtio,format=raw,snapshot=on", "-drive", "file=/c,if=none,id=c,cache=none", "-cdrom", "/d"],
    ["-chardev", "socket,id=c,path=/x,server=on,wait=off,mux=on", "-serial", "chardev:c", "-serial", "tcp::44,server,nowait"],
    ["-netdev", "user,id=n,hostfwd=tcp::22-:22,hostfwd=tcp::80-:80", "-device", "e1000,netdev=n,mac=52:54:00:12:34:56"],
    ["-append", "a b'c \"d\" $e\\", "-kernel", "/k", "-d", "cpu,int", "-global", "e1000.mac=52:54:00:12:34:56", "-S"],
    ["-m", "268435457B"], ["-plugin", "p.so,a=1,b"],
    ["-plugin", '{"file": "p.so", "arguments": [{"key": "file", "value": "x"}]}'],
    ["-rtc", "base=utc", "-rtc", "driftfix=slew", "-boot", "strict=on", "-boot", "menu=on", "-nic", "user,model=e1000"],
    ["-object", "throttle-group,id=g,x-iops-total=100", "-object", '{"qom-type":"throttle-group","id":"h","limits":{}}'],
]


def convert(form: str, vm: list[str], *more: str) -> str:
    done = run(TOOL, "convert", "--to", form, *PIN, *more, *vm)
    equal(done.returncode, 0, f"{form} {vm}: {done.stderr}")
    return done.stdout


def resolved(vm: list[str]) -> str:
    """The versions and the objects, as text: their order counts."""
    done = run(TOOL, "resolve", "--json", *PIN, *vm)
    equal(done.returncode, 0, f"{vm}: {done.stderr}")
    config = json.loads(done.stdout)
    config.pop("options", None)
    return json.dumps(config)


def round_trip(argv: list[str]) -> None:
    vm = ["--", *argv]
    expected = resolved(vm)
    first = convert("argv", vm)
    equal(resolved(["--", *shlex.split(first.replace("\\\n", ""))]), expected, first)
    with tempfile.TemporaryDirectory() as directory:
        text = convert("config", vm)
        path = write_file(directory, "vm.json", text)
        equal(resolved([path]), expected, text)
        equal(convert("argv", [path]), first)
        equal(convert("config", [path]), text)
    values = json.loads(convert("json", vm, "--json"))
    equal(resolved(["--", *values]), expected, str(values))
    equal(convert("argv", ["--", *values]), first)


@functools.cache
def recorded() -> list[list[str]]:
    """Command lines that people and libvirt use."""
    paths = [os.path.join(DATA, "libvirt-argv.json"), os.path.join(DATA, "cmdlines", "real.json")]
    if not all(map(os.path.exists, paths)):
        raise Skip("the command lines are not here (set VINTAGE_DATA)")
    with open(paths[0], encoding="utf-8") as libvirt, open(paths[1], encoding="utf-8") as real:
        return [*(["-target", argv[0].rsplit("-", 1)[1], *argv[1:]] for argv in json.load(libvirt).values()),
                *(["-target", one["target"], *one["argv"]] for one in json.load(real).values())]


@test
def all_forms_are_the_same_vm() -> None:
    for line in LINES:
        round_trip(line)
    for vm in vms.VMS.values():
        round_trip(vms.flat(vms.options(vm, "keyval")))


@test
def all_forms_of_recorded_command_lines_are_the_same_vm() -> None:
    for argv in sampled(recorded(), 60, 12):
        if run(TOOL, "resolve", "--json", *PIN, "--", *argv).returncode == 0:
            round_trip(argv)


@test
def values_have_the_types_of_the_schema_and_stand_before_expansion() -> None:
    vm = ["-cpu", "qemu64,-lahf_lm", "-device", "e1000,bootindex=1,multifunction=on,addr=5", "-hda", "/x", "-nographic",
          "-m", "1G"]
    config = json.loads(convert("config", ["--", *vm]))
    equal(config, {"cpu": {"type": "qemu64", "lahf-lm": False}, "hda": "/x", "nographic": True, "m": {"size": "1G"},
                   "device": [{"driver": "e1000", "addr": "05.0", "bootindex": 1, "multifunction": True}]}, str(config))


@test
def arguments_have_the_short_forms_that_qemu_has() -> None:
    for line in (["-chardev", "socket,path=/a,,b,id=c"], ["-chardev", "socket,path=/x,id=c,server=on,wait=off"],
                 ["-chardev", "udp,id=c,host=a,port=1"], ["-chardev", "pty,id=c"],
                 *(["-chardev", f"udp,id=c,{local},host=a,port=1"]
                   for local in ("localaddr=", "localport=5", "localaddr=b", "localaddr=b,localport=5")),
                 ["-vnc", "0.0.0.0:2"],
                 ["-netdev", "user,id=n,hostfwd=tcp::22-:22,hostfwd=tcp::80-:80"], ["-m", "1G,maxmem=4G,slots=2"],
                 ["-object", "memory-backend-ram,id=m,host-nodes=0,host-nodes=2,policy=bind,size=1048576"],
                 ["-smbios", "type=1,serial=5"], ["-audiodev", "none,id=a,out.frequency=44100"]):
        equal(shlex.split(convert("argv", ["--", *line])), line)


@test
def files_that_the_line_names_are_in_the_result() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "vm.json", '{"device": [{"driver": "e1000", "id": "a"}], "m": {"size": "1G"}}')
        sections = write_file(directory, "vm.cfg", '[device "b"]\n driver = "e1000"\n')
        vm = ["--", "--config", path, "-readconfig", sections, "-m", "2G"]
        equal(json.loads(convert("config", vm)),
              {"device": [{"driver": "e1000", "id": "a"}, {"driver": "e1000", "id": "b"}], "m": {"size": "2G"}})


@test
def changes_of_earlier_values_are_in_the_result() -> None:
    vm = ["--", "-device", "e1000,id=a", "-set", "device.a.addr=5"]
    equal(json.loads(convert("config", vm)), {"device": [{"driver": "e1000", "id": "a", "addr": "05.0"}]})


@test
def comments_in_a_file_are_skipped() -> None:
    with tempfile.TemporaryDirectory() as directory:
        text = '// a "VM"\n{ /* ü */ "name": {"guest": "a//b\\"/*c*/"}, // end\n "m": /**/ {"size": "1G"} }//'
        equal(json.loads(convert("config", [write_file(directory, "vm.json", text)])),
              {"name": {"guest": 'a//b"/*c*/'}, "m": {"size": "1G"}})
        for text, error in (('/* ü\n */ {"m": /* ü */ x}', r"vm\.json:2:19: "),
                            ('{\n "m": /* x', "vm.json:2:7: the comment has no end"),
                            ('{"m": / 1}', r"vm\.json:1:7: ")):
            path = write_file(directory, "vm.json", text)
            matches(run(TOOL, "convert", "--to", "config", path).stderr, error)


@test
def a_later_file_changes_objects_of_an_earlier_one() -> None:
    with tempfile.TemporaryDirectory() as directory:
        base = write_file(directory, "base.json", json.dumps({
            "machine": {"type": "q35", "usb": True}, "m": {"size": "1G"}, "name": {"guest": "a"},
            "netdev": [{"type": "user", "id": "n"}], "drive": [{"id": "v", "if": "none", "file": "/x"}],
            "device": [{"driver": "e1000", "id": "a", "netdev": "n"}, {"driver": "e1000"}]}))
        over = write_file(directory, "over.json", json.dumps({
            "machine": {"usb": False}, "m": {"slots": 1, "maxmem": "2G"}, "name": {"guest": "b"},
            "netdev": [{"id": "n", "net": "10.0.0.0/8"}], "drive": [{"id": "v", "file": "/y"}],
            "device": [{"id": "a", "bootindex": 1}, {"driver": "VGA"}]}))
        vm = ["--", "--config", base, "--config", over]
        equal(json.loads(convert("config", vm)), {
            "machine": {"type": "q35", "usb": False}, "m": {"size": "1G", "maxmem": "2G", "slots": 1}, "name": {"guest": "b"},
            "netdev": [{"type": "user", "id": "n", "net": "10.0.0.0/8"}], "drive": [{"file": "/y", "id": "v", "if": "none"}],
            "device": [{"driver": "e1000", "id": "a", "bootindex": 1, "netdev": "n"}, {"driver": "e1000"}, {"driver": "VGA"}]})
        merged = write_file(directory, "merged.json", convert("config", vm))
        equal(resolved([merged]), resolved(vm))
        wrong = write_file(directory, "wrong.json", '{"device": [{"id": "a",\n "bootindx": 1}]}')
        done = run(TOOL, "check", "--", "--config", base, "--config", wrong)
        matches(done.stderr, r"wrong\.json:1:13: device\[0\]: .*bootindx.*did you mean 'bootindex'")
        # The ids of one file are unique, and arguments change no object of a file.
        twice = write_file(directory, "twice.json", json.dumps({"device": [{"driver": "e1000", "id": "b"}] * 2}))
        matches(run(TOOL, "check", "--", "--config", base, "--config", twice).stderr, "'b'")
        matches(run(TOOL, "check", "--", "--config", base, "-device", "e1000,id=a").stderr, "'a'")


@test
def a_sensitive_value_is_in_the_result_only_if_the_input_has_it() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "key", "topsecret")
        vm = ["--", "-object", "secret,id=a,data=hush", "-object", f"secret,id=b,file={path}"]
        for form in ("argv", "json", "config", "qmp"):
            text = convert(form, vm)
            assert "hush" in text and "topsecret" not in text, text


@test
def qmp_commands_make_the_objects_in_the_order_of_their_references() -> None:
    vm = ["-machine", "q35", "-device", "virtio-rng-pci,rng=r,bus=p,id=g", "-device", "pcie-root-port,id=p,chassis=1",
          "-object", "rng-random,id=r,filename=/dev/urandom", *DISK, "-device", "virtio-blk-pci,drive=d,id=v,addr=5"]
    done = tool("convert", "--to", "qmp", "--", *vm)
    matches(done.stderr, r"\Avintage: note: no QMP command creates: -nodefaults, -machine\n\Z")
    commands = [json.loads(line) for line in done.stdout.splitlines()]
    equal([one["arguments"].get("id", "d") for one in commands], ["p", "r", "g", "d", "v"])
    with Machine("-S", "-nodefaults", "-machine", "q35") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        for one in commands:
            equal(machine.qmp.call_with(one["execute"], one["arguments"]), {}, str(one))


@test
def what_cannot_be_converted_is_told() -> None:
    done = run(TOOL, "convert", "--to", "yaml", "--", *DISK)
    equal((done.returncode, done.stdout), (2, ""))
    matches(done.stderr, "--to: expected argv, json, config or qmp, got yaml")
    path = os.fsdecode(b"/a\xff")
    equal(run(TOOL, "convert", "--to", "argv", "--", "-kernel", path).returncode, 0)
    for form in ("json", "config", "qmp"):
        done = run(TOOL, "convert", "--to", form, "--", "-kernel", path)
        equal((done.returncode, done.stdout), (1, ""))
        matches(done.stderr, "vintage: -kernel: the value is not UTF-8, so JSON cannot hold it; use '--to argv'")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "frozen.json")
        equal(run(TOOL, "freeze", "-o", path, *PIN, "--", "-machine", "q35").returncode, 0)
        done = run(TOOL, "convert", "--to", "argv", path)
        equal((done.returncode, done.stdout), (1, ""))
        matches(done.stderr, "a frozen file has values that no option can set, so it cannot be converted")


main()
