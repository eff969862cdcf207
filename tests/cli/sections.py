#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files of sections (-readconfig), and settings of earlier values (-set)."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import equal, main, matches, resolve, resolve_error, test, write_file  # noqa: E402

PC = ["-machine", "pc-q35-9.1"]
FILE = """
# A machine
[machine]
  type = "pc-q35-9.1"
graphics = "off"

[memory]
size = "64M"
[smp-opts]
cpus = "2"
[boot-opts]
menu = "on"
[global]
driver = "ICH9-LPC"
property = "disable_s3"
value = "1"
[object "r"]
qom-type = "rng-random"
filename = "/dev/random"
\t[chardev "c"] \r
  backend = "file"
  path = "/tmp/a,b = c"   \r

[device "d"]
driver = "virtio-rng-pci"
rng = "r"
bus = "pcie.0"
addr = "5.0"
"""
WORDS = ["-machine", "pc-q35-9.1,graphics=off", "-m", "64M", "-smp", "cpus=2", "-boot", "menu=on",
         "-global", "ICH9-LPC.disable_s3=1", "-object", "rng-random,id=r,filename=/dev/random",
         "-chardev", "file,id=c,path=/tmp/a,,b = c",
         "-device", "virtio-rng-pci,id=d,rng=r,bus=pcie.0,addr=5.0"]


@test
def a_section_is_a_value_of_an_option() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "vm.cfg", FILE)
        equal(resolve(["-readconfig", path]), resolve(WORDS))
        equal(resolve(["-readconfig", path, "-m", "32M"])["objects"]["/machine"]["properties"]["memory"]["size"], 32 << 20)
        equal(resolve(["-m", "32M", "-readconfig", path])["objects"]["/machine"]["properties"]["memory"]["size"], 64 << 20)
        json = write_file(directory, "vm.json", f'{{"readconfig": "{path}"}}')
        equal(resolve(["-config", json]), resolve(WORDS))


@test
def what_is_wrong_in_a_file_has_its_line() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for text, message in (
                ("[device \"d\"]\n driver = \"e1000\"\n foo = \"1\"\n", r":1: device: e1000: unknown member 'foo'"),
                ("\ndriver = \"e1000\"\n", r":2: expected \[NAME\] before the first KEY = \"VALUE\""),
                ("[devic \"d\"]\n", r":1: unknown section 'devic'; did you mean 'device'\?"),
                ("[m]\n", r":1: unknown section 'm'"),
                ("# a\n[device \"d\"\n", r":2: expected '\]' at the end of the line"),
                ("[device \"d\" x]\n", r":1: expected \[NAME \"ID\"\]"),
                ("[device \"d]\n", r":1: expected \[NAME \"ID\"\]"),
                ("[rtc]\nbase = utc\n", r":2: expected KEY = \"VALUE\""),
                ("[rtc]\nbase = \"utc\n", r":2: expected KEY = \"VALUE\""),
                ("[rtc]\nbase = \"utc\" x\n", r":2: expected KEY = \"VALUE\""),
                ("[rtc]\nbase \"utc\"\n", r":2: expected KEY = \"VALUE\""),
                ("[rtc]\n= \"utc\"\n", r":2: expected KEY = \"VALUE\""),
                ("[rtc]\nbase = \"utc\0\"\n", r"NUL")):
            path = write_file(directory, "vm.cfg", text)
            matches(resolve_error(*PC, "-readconfig", path), message)
        matches(resolve_error(*PC, "-readconfig", directory + "/none"), "none: cannot be opened: No such file")


@test
def a_setting_changes_an_earlier_value() -> None:
    card = ["-netdev", "user,id=u", "-device", "e1000,id=n,netdev=u"]
    found = resolve([*PC, *card, "-set", "device.n.mac=52:54:00:00:00:07", "-set", "device.n.mac=52:54:00:00:00:08"])
    equal(found["objects"]["n"]["properties"]["mac"], "52:54:00:00:00:08")
    found = resolve([*PC, "-chardev", "file,id=c,path=/x", "-set", "chardev.c.path=/y,z"])["objects"]["c"]["properties"]
    equal(found["out"], "/y,z")
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "vm.cfg", "[device \"d\"]\ndriver = \"virtio-rng-pci\"\n")
        found = resolve([*PC, "-readconfig", path, "-set", "device.d.max-bytes=5"])["objects"]["d"]["properties"]
        equal(found["max-bytes"], 5)
        json = write_file(directory, "vm.json", '{"set": "device.d.max-bytes=5"}')
        matches(resolve_error("-config", json), "set: not supported in a configuration file")
    for argv, message in (
            (["-set", "device.n.mac=52:54:00:00:00:07", *card], "^-set device.n.mac: no device 'n' precedes it"),
            ([*card, "-set", "device.n.mac=foo"], "e1000,id=n.*: mac: expected a MAC address"),
            ([*card, "-set", "device.n.mca=foo"], "e1000,id=n.*unknown member 'mca'; did you mean 'mac'"),
            (["-set", "devise.n.mac=1"], "^-set devise.n.mac: unknown group 'devise'; did you mean 'device'"),
            (["-set", "device.n=1"], "^-set device.n: expected GROUP.ID.KEY=VALUE"),
            (["-set", "device.n.mac"], "^-set device.n.mac: expected GROUP.ID.KEY=VALUE"),
            (["-object", "secret,id=s,data=x", "-set", "object.s.data=hidden"],
             "^-set object.s.data: values of 'object' cannot be changed$")):
        matches(resolve_error(*PC, *argv), message)


if __name__ == "__main__":
    main()
