#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ports, monitors and debuggers: one text connects each to the host; -nographic moves the default ones to the terminal."""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import equal, main, matches, resolve, resolve_error, test, tool, write_file  # noqa: E402

PC = ["-machine", "pc-i440fx-9.1"]


def with_defaults(*argv: str) -> dict:
    """The objects of a VM with its default devices."""
    done = tool("resolve", "--json", "--", *argv, defaults=True)
    equal(done.returncode, 0, done.stderr)
    return json.loads(done.stdout)["objects"]


def chardevs(found: dict) -> dict:
    """The backend by id of each character device, and 'mux' for those that several users share."""
    kinds = {"vc", "stdio", "null", "mux", "socket", "pty"}
    return {key: one["type"] for key, one in found.items() if one["type"] in kinds and key != "/machine"}


@test
def the_terminal_replaces_the_default_consoles() -> None:
    consoles = {"serial0": "vc", "parallel0": "vc", "compat_monitor0": "vc"}
    shared = {"serial0": "mux", "serial0-base": "stdio", "parallel0": "null"}
    for argv, expected in (
            ([], consoles),
            (["-nographic"], shared),
            (["-nographic", "-monitor", "none"], {"serial0": "stdio", "parallel0": "null"}),
            (["-nographic", "-qmp", "unix:/s,server=on"], {"serial0": "stdio", "parallel0": "null"}),
            (["-nographic", "-serial", "pty"], {"serial0": "pty", "parallel0": "null", "compat_monitor0": "stdio"}),
            (["-nographic", "-device", "isa-serial"], {"parallel0": "null", "compat_monitor0": "stdio"}),
            (["-nographic", "-parallel", "none", "-serial", "none", "-monitor", "none"], {}),
            (["-nographic", "-nodefaults"], {})):
        found = with_defaults(*PC, *argv)
        equal({key: kind for key, kind in chardevs(found).items() if key != "display[0]"}, expected, str(argv))
        equal(found["/machine"]["properties"]["graphics"], "-nographic" not in argv, str(argv))
    found = with_defaults(*PC, "-nographic")
    equal(found["serial0-base"]["properties"]["signal"], False)
    equal([one["type"] for key, one in found.items() if key.startswith("display[")], ["none"])
    found = with_defaults(*PC, "-nographic", "-display", "curses")
    equal([one["type"] for key, one in found.items() if key.startswith("display[")], ["curses"])


@test
def a_frozen_vm_keeps_its_default_consoles() -> None:
    for argv in (["-nographic"], ["-nographic", "-monitor", "none"], ["-serial", "none"],
                 ["-monitor", "none", "-parallel", "none"], ["-nographic", "-machine", "graphics=on", "-display", "curses"],
                 ["-qmp", "null"]):
        done = tool("freeze", "--", *PC, *argv, defaults=True)
        equal(done.returncode, 0, done.stderr)
        with tempfile.TemporaryDirectory() as directory:
            found = with_defaults("-config", write_file(directory, "vm.json", done.stdout))
        expected = with_defaults(*PC, *argv)
        equal(chardevs(found), chardevs(expected), str(argv))
        equal(found["/machine"]["properties"]["graphics"], expected["/machine"]["properties"]["graphics"])


@test
def a_debugger_connects_to_a_character_device() -> None:
    for argv, port in ((["-s"], "1234"), (["-gdb", "tcp::3333"], "3333"), (["-gdb", "none", "-gdb", "tcp:localhost:3"], "3")):
        found = resolve([*PC, *argv])["objects"]
        equal(found["gdb[0]"], {"type": "server", "kind": "gdb", "properties": {"chardev": "gdb"}}, str(argv))
        chardev = found["gdb"]["properties"]
        equal((chardev["addr"]["data"]["port"], chardev["server"], chardev["wait"], chardev["nodelay"]),
              (port, True, False, True))
    found = resolve([*PC, "-chardev", "null,id=c", "-gdb", "chardev:c"])["objects"]
    equal(found["gdb[0]"]["properties"]["chardev"], "c")
    assert "gdb[0]" not in resolve([*PC, "-gdb", "none"])["objects"]
    matches(resolve_error(*PC, "-s", "-gdb", "tcp::1"), "-gdb tcp::1: chardev 'gdb' already exists")
    matches(resolve_error(*PC, "-gdb", "1234"), "-gdb 1234: expected none, tcp:…, chardev:…, .* or /dev/…, got '1234'$")


@test
def the_debug_console_is_a_device() -> None:
    found = resolve([*PC, "-debugcon", "mon:stdio"])["objects"]
    equal([one["properties"]["chardev"] for one in found.values() if one["type"] == "isa-debugcon"], ["debugcon"])
    equal((found["debugcon"]["type"], found["debugcon-base"]["type"]), ("mux", "stdio"))
    matches(resolve_error(*PC, "-debugcon", "null", "-debugcon", "null"), "chardev 'debugcon' already exists")


@test
def keys_of_a_character_device_need_no_value() -> None:
    for text in ("telnet:127.0.0.1:1235,server,nowait,nodelay", "telnet::1235,server=on,wait=off,nodelay=on"):
        found = resolve([*PC, "-serial", text])["objects"]["serial0"]["properties"]
        equal((found["server"], found["wait"], found["nodelay"], found["telnet"]), (True, False, True, True), text)
    found = resolve([*PC, "-chardev", "socket,id=c,path=/s,server,nowait"])["objects"]["c"]["properties"]
    equal((found["server"], found["wait"]), (True, False))
    matches(resolve_error(*PC, "-chardev", "socket,id=c,path=/s,nosever"), "unknown member 'sever'; did you mean 'server'")


@test
def a_multiplexer_has_several_users() -> None:
    shared = ["-chardev", "stdio,mux=on,id=m", "-mon", "m,mode=control,pretty"]
    found = resolve([*PC, *shared, "-serial", "chardev:m", "-serial", "chardev:m", "-parallel", "chardev:m"])["objects"]
    equal([found[key]["properties"]["chardev"] for key in ("serial[0]", "serial[1]", "parallel[0]")], ["m", "m", "m"])
    matches(resolve_error(*PC, "-chardev", "null,id=n", "-serial", "chardev:n", "-parallel", "chardev:n"), "already in use")


@test
def a_socket_may_use_a_protocol() -> None:
    names = ("telnet", "tn3270", "websocket")
    for name in names:
        found = resolve([*PC, "-serial", f"{name}::1235,server=on"])["objects"]["serial0"]["properties"]
        equal([found[one] for one in names], [one == name for one in names])
        matches(resolve_error(*PC, "-serial", f"{name}::1235"), f"{name}: requires server=on")


@test
def a_monitor_uses_a_socket_or_a_character_device() -> None:
    for argv, backend in ((["-qmp", "telnet:localhost:44,server,nowait"], "socket"), (["-qmp-pretty", "pty"], "pty"),
                          (["-monitor", "vc:80Cx24C"], "vc")):
        equal(resolve([*PC, *argv])["objects"]["compat_monitor0"]["type"], backend, str(argv))
    found = resolve([*PC, "-monitor", "null", "-qmp", "null", "-qmp-pretty", "pty"])["objects"]
    equal([key for key in found if key.startswith("compat")], ["compat_monitor0", "compat_monitor1", "compat_monitor2"])
    for option in ("-qmp", "-qmp-pretty"):
        for text in ("stdio", "unix:/s,server,nowait", "unix:path=/s,server=on,mode=0660", "tcp::1,server=on,ipv4=on"):
            assert "compat_monitor0" not in resolve([*PC, option, text])["objects"], text
        resolve([*PC, "-chardev", "null,id=c", option, "chardev:c"])
        matches(resolve_error(*PC, option, "chardev:c"), "no chardev 'c'")
        matches(resolve_error(*PC, option, "none"), "expected stdio, unix:…, .*, got 'none'")
        matches(resolve_error(*PC, option, "unix:/s,colour=red"), "unknown member 'colour'")
    equal(resolve([*PC, "-qmp-server", "address.type=unix,path=/s,server"])["objects"].keys(), resolve(PC)["objects"].keys())


@test
def a_display_may_be_a_vnc_server() -> None:
    found = resolve([*PC, "-display", "vnc=127.0.0.1:0,to=9,password=on"])["objects"]
    equal([one["type"] for key, one in found.items() if key.startswith(("vnc[", "display["))], ["server"])
    equal((found["vnc[0]"]["properties"]["vnc"], found["vnc[0]"]["properties"]["to"]), ("127.0.0.1:0", 9))
    for argv, kind in ((["-display", "gtk,full-screen=on"], "gtk"), (["-display", "type=none"], "none"),
                       (["-display", "gtk", "-display", "curses"], "curses"), (["-display", '{"type": "sdl"}'], "sdl")):
        found = resolve([*PC, *argv])["objects"]
        equal([one["type"] for key, one in found.items() if key.startswith("display[")], [kind], str(argv))
    matches(resolve_error(*PC, "-display", "gtkk"), "type: unknown display 'gtkk'; did you mean 'gtk'")
    matches(resolve_error(*PC, "-display", "gtk,foo=1"), "unknown member 'foo'")
    matches(resolve_error(*PC, "-display", "vnc=foo"), r"vnc: expected none, unix:PATH or \[HOST\]:DISPLAY, got 'foo'")


if __name__ == "__main__":
    main()
