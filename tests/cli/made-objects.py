#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Options that stand for objects: firmware files, ACPI tables, TPMs, shared directories, sound, USB devices, memory."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from schema_model import read_schema  # noqa: E402
from vintage_test import TOOL, VM, equal, main, matches, resolve, run, test, tool, tool_json  # noqa: E402

PC = ["-machine", "pc-i440fx-9.1"]
LONG = "opt/" + "a" * 52
# What each command line adds: types and some of their properties.
MADE: list[tuple[list[str], list[tuple[str, dict]]]] = [
    (["-fw_cfg", "opt/org.a/b,string=c,,d"], [("fw_cfg", {"name": "opt/org.a/b", "string": "c,d"})]),
    (["-object", "tls-cipher-suites,id=t,priority=NORMAL", "-fw_cfg", "name=opt/t,gen_id=t"], [("fw_cfg", {"gen_id": "t"})]),
    (["-acpitable", "sig=SLIC,rev=1,oem_id=ABC,data=a:b"], [("table", {"sig": "SLIC", "rev": 1, "data": "a:b"})]),
    (["-option-rom", "pxe.rom,bootindex=2"], [("option-rom", {"romfile": "pxe.rom", "bootindex": 2})]),
    (["-icount", "shift=auto,sleep=off"], [("icount", {"shift": 255, "sleep": False, "align": False})]),
    (["-icount", "7,rr=replay,rrfile=f,rrsnapshot=s"], [("icount", {"shift": 7, "rr": "replay", "rrfile": "f"})]),
    (["-chardev", "socket,id=c,path=/s", "-tpmdev", "emulator,id=t,chardev=c", "-device", "tpm-crb,tpmdev=t"],
     [("emulator", {"chardev": "c"}), ("tpm-crb", {"tpmdev": "t"})]),
    (["-tpmdev", "passthrough,id=t"], [("passthrough", {"path": "/dev/tpm0"})]),
    (["-virtfs", "local,path=/d,mount_tag=m,security_model=none,readonly"],
     [("local", {"path": "/d", "readonly": True}), ("virtio-9p-pci", {"fsdev": "m", "mount_tag": "m"})]),
    (["-virtfs", "local,path=/d,mount_tag=m,id=i,security_model=mapped-xattr,fmode=0640,multidevs=remap"],
     [("local", {"fmode": "0640", "multidevs": "remap"}), ("virtio-9p-pci", {"fsdev": "i", "mount_tag": "m"})]),
    (["-audio", "none"], [("none", {})]),
    (["-audio", "driver=none,model=hda,out.frequency=48000"],
     [("none", {}), ("intel-hda", {}), ("hda-duplex", {"audiodev": "audiodev0"})]),
    (["-audio", "none,id=a,model=ac97", "-audio", "none,id=b"], [("AC97", {"audiodev": "a"}), ("none", {})]),
    (["-audio", "none,model=es1370"], [("ES1370", {"audiodev": "audiodev0"})]),
    *[(["-audio", f"none,model={model}"], [(kind, {"audiodev": "audiodev0"})]) for model, kind in
      (("sb16", "sb16"), ("adlib", "adlib"), ("gus", "gus"), ("cs4231a", "cs4231a"), ("virtio", "virtio-sound-pci"))],
    *[(["-usbdevice", name], [(kind, {})]) for name, kind in
      (("mouse", "usb-mouse"), ("tablet", "usb-tablet"), ("keyboard", "usb-kbd"), ("wacom-tablet", "usb-wacom-tablet"))],
    (["-usbdevice", "braille"], [("usb-braille", {"chardev": "braille"}), ("braille", {})]),
    (["-mem-path", "/dev/shm", "-m", "64"],
     [("memory-backend-file", {"mem-path": "/dev/shm", "size": 64 << 20, "prealloc": False})]),
    (["-mem-prealloc", "-mem-path", "/dev/shm"], [("memory-backend-file", {"size": 128 << 20, "prealloc": True})]),
    (["-mem-prealloc", "-object", "memory-backend-ram,id=m,size=1M"], [("memory-backend-ram", {"prealloc": True})]),
    (["a,b.img"], [("ide-hd", {"drive": "ide0-hd0"})]),
    (["-drive", "if=virtio,driver=qcow2,file.driver=throttle,file.throttle-group=t,file.file.filename=nbd://h/x", "-object",
      "throttle-group,id=t"], [("virtio-blk-pci", {"drive": "virtio0"})]),
    (["-accel", "hvf", "-cpu", "host"], [("hvf", {})])]
REFUSED = {
    ("-fw_cfg", "string=a"): "missing member 'name'",
    ("-fw_cfg", "opt/a"): "expected exactly one of 'file', 'string' and 'gen_id'",
    ("-fw_cfg", "opt/a,string=a,file=b"): "expected exactly one of 'file', 'string' and 'gen_id'",
    ("-fw_cfg", "opt/a,gen_id=g"): "gen_id: no object 'g'",
    ("-object", "iothread,id=g", "-fw_cfg", "opt/a,gen_id=g"): "gen_id: object 'g' generates no firmware configuration",
    ("-fw_cfg", f"{LONG},string=a"): r"name: 'opt/a+' exceeds the maximum of 55 bytes",
    ("-machine", "none", "-fw_cfg", "opt/a,string=b"): "'fw_cfg' cannot be in machine 'none'; .*",
    ("-fw_cfg", "opt/a,string=b", "-fw_cfg", "opt/a,string=c"): "name: 'opt/a' is in use by another file",
    ("-acpitable", "sig=ABCD"): "expected exactly one of 'file' and 'data'",
    ("-acpitable", "file=a,data=b"): "expected exactly one of 'file' and 'data'",
    ("-acpitable", "data=a,rev=256"): "rev: 256 exceeds the maximum 255",
    ("-option-rom", "a,bootindex=1", "-device", "virtio-net-pci,bootindex=1"): "bootindex: '1' is in use by 'option-rom'",
    ("-icount", "11"): "shift: 11 exceeds the maximum 10", ("-icount", "align=on"): "align=on requires a shift",
    ("-icount", "3,align=on,sleep=off"): "align=on and sleep=off are mutually exclusive",
    ("-icount", "rr=record"): "rr: requires 'rrfile'",
    ("-icount", "3", "-enable-kvm"): "requires the accelerator 'tcg', and it is 'kvm'",
    ("-tpmdev", "emulator,id=t,chardev=c"): "chardev: no chardev 'c'", ("-tpmdev", "swtpm,id=t"): "type: unknown tpmdev 'swtpm'",
    ("-device", "tpm-tis,tpmdev=t"): "tpmdev: no tpmdev 't'",
    ("-virtfs", "local,path=/d,security_model=none"): "missing member 'mount_tag'",
    ("-virtfs", "local,path=/d,mount_tag=m"): "missing member 'security_model'",
    ("-virtfs", "locl,mount_tag=m"): "fsdriver: unknown fsdev 'locl'; did you mean 'local'\\?",
    ("-virtfs", "local,path=/d,mount_tag=m,security-model=none"): "unknown member 'security-model'; .*",
    ("-audio", "none,model=sb32"): "model: unknown value 'sb32'.*", ("-audio", "model=hda"): "missing member 'driver'",
    ("-audio", "none,modell=hda"): "unknown member 'modell'; did you mean 'model'\\?",
    ("-usbdevice", "disk:/a"): "expected one of braille, keyboard, mouse, tablet, wacom-tablet, got 'disk:/a'",
    ("-mem-path", "/a", "-machine", "memory-backend=m", "-object", "memory-backend-ram,id=m,size=128M"):
        "cannot be used together with '-machine memory-backend='"}


@test
def the_objects_of_each_option_exist() -> None:
    for argv, expected in MADE:
        found = list(resolve([*PC, *argv])["objects"].values())
        for kind, wanted in expected:
            some = [one["properties"] for one in found if one["type"] == kind]
            assert any(wanted.items() <= one.items() for one in some), (argv, kind, wanted, some)


@test
def what_qemu_refuses_is_refused() -> None:
    for argv, expected in REFUSED.items():
        done = tool("check", "--", *([] if "-machine" in argv and "none" in argv else PC), *argv)
        equal((done.returncode, done.stdout), (1, ""), str(argv))
        matches(done.stderr, rf"\Avintage: [^\n]*: {expected}\n\Z")


@test
def an_argument_that_is_no_option_is_the_first_hard_disk() -> None:
    for argv in (["-m", "64", "a,b.img"], ["a,b.img", "-m", "64"], ["-hda", "a,b.img", "-m", "64"]):
        objects = resolve([*PC, *argv])["objects"]
        equal(objects["ide0-hd0"]["properties"]["root"]["filename"], "a,b.img", str(argv))
    done = tool("check", "--", *PC, "a.img", "b.img")
    equal((done.returncode, done.stderr), (1, "vintage: -hda: index: another drive is at if=ide,bus=0,unit=0\n"))


@test
def at_most_twelve_functions_expand_options() -> None:
    functions = sorted({one.expands_by for one in read_schema().options.values() if one.expands_by})
    print(f"# functions that expand options: {', '.join(functions)}")
    assert len(functions) <= 12, functions


@test
def keys_without_a_value_are_on_and_with_no_before_them_off() -> None:
    for argv, kind, member, value in (
            (["-device", "virtio-net-pci,multifunction"], "virtio-net-pci", "multifunction", True),
            (["-device", "virtio-net-pci,noioeventfd"], "virtio-net-pci", "ioeventfd", False),
            (["-accel", "tcg,one-insn-per-tb"], "tcg", "one-insn-per-tb", True),
            (["-fsdev", "local,id=f,path=/d,security_model=none,readonly"], "local", "readonly", True),
            (["-smbios", "type=0,uefi"], "0", "uefi", True), (["-netdev", "user,id=n,restrict"], "user", "restrict", True),
            (["-icount", "3,nosleep"], "icount", "sleep", False)):
        found = [one["properties"][member] for one in resolve([*PC, *argv])["objects"].values() if one["type"] == kind]
        equal(found, [value], str(argv))
    for argv in (["-name", "a,debug-threads"], ["-msg", "timestamp,noguest-name"], ["-overcommit", "cpu-pm"]):
        equal(tool("check", "--", *PC, *argv).returncode, 0, str(argv))
    done = tool("check", "--", *PC, "-device", "virtio-rng-pci,perod")
    matches(done.stderr, r": unknown member 'perod'; did you mean 'period'\?\n\Z")


@test
def usb_devices_enable_usb() -> None:
    equal(resolve([*PC, "-usbdevice", "mouse"])["objects"]["/machine"]["properties"]["usb"], True)


@test
def frozen_configurations_have_the_options_again() -> None:
    for argv in (["-fw_cfg", "opt/a,string=b"], ["-virtfs", "local,path=/d,mount_tag=m,security_model=none"], ["-icount", "3"],
                 ["-audio", "none,model=hda"], ["-usbdevice", "tablet"], ["-mem-path", "/dev/shm"], ["-option-rom", "a"]):
        file = tool_json("freeze", "--", *PC, *argv)
        assert argv[0][1:] in file, (argv, sorted(file))


@test
def a_shared_memory_file_is_the_machines_memory() -> None:
    objects = resolve([*PC, "-mem-path", "/dev/shm"])["objects"]
    equal(objects["/machine"]["properties"]["memory-backend"], "pc.ram")
    equal(resolve(["-machine", "none", "-mem-path", "/dev/shm"])["objects"].get("pc.ram"), None)


@test
def the_help_of_sound_is_that_of_its_backends() -> None:
    equal(run(VM, "-audio-help").stdout, run(VM, "-audiodev", "help").stdout)
    assert re.search(r"^  alsa ", run(VM, "-audio-help").stdout, re.M)


@test
def a_file_of_firmware_configuration_must_be_there() -> None:
    argv = ["-fw_cfg", "opt/a,file=/nonexistent"]
    equal(run(TOOL, "check", "--", "-nodefaults", *PC, *argv).returncode, 0)
    done = run(TOOL, "check", "--check-host", "--", "-nodefaults", *PC, *argv)
    equal(done.returncode, 1)
    matches(done.stderr, r"file: could not load '/nonexistent': No such file or directory")


main()
