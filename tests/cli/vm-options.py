#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Options of a VM: shortcuts for machine properties, memory, message format."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import (  # noqa: E402
    SANITIZED, VM, Machine, Skip, equal, main, matches, resolve, resolve_error, run, test, write_file)

Q35 = ["-machine", "pc-q35-9.1"]
MEMORY = ["-m", "8", "-object", "memory-backend-ram,id=ram,size=8M"]


def machine(*argv: str) -> dict:
    return resolve([*argv])["objects"]["/machine"]["properties"]


@test
def short_options_are_properties_of_the_machine() -> None:
    for short, long in (
            (["-boot", "nc"], ["-machine", "boot.order=nc"]),
            (["-boot", "menu=on,strict=on,splash-time=3000"],
             ["-machine", "boot.menu=on,boot.strict=on,boot.splash-time=3000"]),
            (["-boot", "strict=on", "-boot", "c"], ["-machine", "boot.strict=on,boot.order=c"]),
            (["-kernel", "/k", "-initrd", "/i", "-append", "a=b,c d", "-dtb", "/d"],
             ["-machine", "kernel=/k,initrd=/i,append=a=b,,c d,dtb=/d"]),
            (["-shim", "/s", "-bios", "/b"], ["-machine", "shim=/s,firmware=/b"]),
            (["-usb", "-no-acpi", "-no-hpet"], ["-machine", "usb=on,acpi=off,hpet=off"])):
        equal(machine(*Q35, *short), machine(*Q35, *long), str(short))
        assert machine(*Q35, *short) != machine(*Q35), short
    matches(resolve_error(*Q35, "-boot", "ordr=c"), "-boot: unknown member 'ordr'; did you mean 'order'")
    matches(resolve_error(*Q35, "-boot", "reboot-timeout=70000"), "^-boot: .*boot.reboot-timeout: 70000 exceeds the maximum")
    matches(resolve_error("-machine", "none", "-no-hpet"), "^-no-hpet: .*unknown member 'hpet'")


@test
def what_a_management_layer_always_says_is_taken() -> None:
    options = ["-nodefaults", "-no-user-config", "-overcommit", "mem-lock=off", "-msg", "timestamp=off"]
    equal(resolve([*Q35, *options]), resolve([*Q35]))
    matches(resolve_error(*Q35, "-display", "sld"), "-display: type: unknown display 'sld'; did you mean 'sdl'")
    matches(resolve_error(*Q35, "-overcommit", "mem-lok=on"), "-overcommit: .*'mem-lok'; did you mean 'mem-lock'")


@test
def firmware_may_stand_in_block_nodes() -> None:
    flash = ["-blockdev", "null-co,node-name=code,size=1048576", "-blockdev", "null-co,node-name=vars,size=1048576"]
    found = machine(*Q35, *flash, "-machine", "pflash0=code,pflash1=vars")
    equal((found["pflash0"], found["pflash1"]), ("code", "vars"))
    matches(resolve_error(*Q35, "-machine", "pflash0=code"), "pflash0: no block-node 'code'")


@test
def guest_memory_may_stand_in_a_backend_of_its_size() -> None:
    equal(machine(*Q35, *MEMORY, "-machine", "memory-backend=ram")["memory-backend"], "ram")
    matches(resolve_error(*Q35, *MEMORY, "-m", "16", "-machine", "memory-backend=ram"),
            "memory-backend: 'ram' has 8388608 bytes; expected the memory size of the machine, 16777216")
    matches(resolve_error(*Q35, "-machine", "memory-backend=rom"), "'rom'")
    for options, expected in ((["mem-merge=off"], (False, True)), (["dump-guest-core=off"], (True, False))):
        with Machine(*Q35, *MEMORY, "-machine", ",".join(["memory-backend=ram", *options])) as vm:
            assert vm.qmp
            qmp = vm.qmp.negotiate()
            memdev = qmp.call("query-memdev")[0]
            equal((memdev["merge"], memdev["dump"]), expected, str(options))
            qmp.fails("object-del", {"id": "ram"}, pattern="'ram' is in use by")


@test
def memory_is_locked_where_that_was_asked_for() -> None:
    if SANITIZED:
        raise Skip("a sanitizer replaces mlockall(), and locks nothing")
    with Machine("-machine", "none", "-overcommit", "mem-lock=on", "-object", "memory-backend-ram,id=m,size=4M",
                 qmp="unix:PATH,server=on,wait=off") as vm:
        try:
            client = vm.connect()
        except (OSError, EOFError) as error:
            raise Skip(f"no memory may be locked here: {error}") from error
        with open(f"/proc/{vm.process.pid}/status", encoding="utf-8") as file:
            locked = next(int(line.split()[1]) for line in file if line.startswith("VmLck"))
        assert locked >= 4096, locked
        client.close()


@test
def messages_begin_as_they_were_asked_to() -> None:
    wrong = ["-machine", "none", "--platform-version", "9.0", "-object", "rng-random,id=r,filename=/nonexistent"]
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z "
    for options, start in (([], ""), (["-msg", "timestamp=on"], time), (["-msg", "guest-name=on", "-name", "a b"], "a b "),
                           (["-msg", "guest-name=on"], ""),
                           (["-name", "vm", "-msg", "timestamp=on", "-msg", "guest-name=on"], time + "vm ")):
        done = run(VM, *wrong, *options)
        equal(done.returncode, 1)
        matches(done.stderr, rf"\A{start}vintage-vm: -object rng-random,id=r: [^\n]*\n\Z")
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "vm.json", '{"msg": {"timestamp": true}, "machine": {"type": "none"}, "object": '
                                                '[{"qom-type": "rng-random", "id": "r", "filename": "/nonexistent"}]}')
        matches(run(VM, "--config", path, "--platform-version", "9.0").stderr, rf"\A{time}vintage-vm: ")


main()
