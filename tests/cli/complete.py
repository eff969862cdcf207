#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""'vintage complete' answers from the schema what may stand in place of the last word."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, VM, equal, main, matches, run, test  # noqa: E402

DISK = ["-nodefaults", "-blockdev", "null-co,node-name=first", "-netdev", "user,id=second", "-object", "iothread,id=third"]


def answer(*words: str, program: str = "vintage-vm") -> tuple[list[str], str]:
    """The candidates, and what may follow them."""
    result = run(TOOL, "complete", "--program", program, "--", *words)
    equal((result.returncode, result.stderr), (0, ""), str(words))
    *lines, end = result.stdout.splitlines()
    return [line.split("\t")[0] for line in lines], end


def words(*argv: str, program: str = "vintage-vm") -> list[str]:
    found, _ = answer(*argv, program=program)
    assert all(one.startswith(argv[-1]) for one in found), found
    return [one[len(argv[-1]):] for one in found]


@test
def options_have_the_dashes_that_are_typed() -> None:
    equal(answer("-blockde"), (["-blockdev"], ":end"))
    equal(answer("--blockde"), (["--blockdev"], ":end"))
    assert "-device" in answer("-")[0] and "-device" in answer("")[0]
    assert "-device" not in answer("-", program="vintage-backends")[0]
    equal(words("-target", "aarch64", "-win2k"), [])


@test
def the_first_item_is_a_type() -> None:
    equal(answer("-device", "virtio-rng-pc"),
          (["virtio-rng-pci", "virtio-rng-pci-non-transitional", "virtio-rng-pci-transitional"], ":more"))
    for option, one in (("-object", "secret"), ("-netdev", "user"), ("-blockdev", "qcow2"), ("-chardev", "socket"),
                        ("-accel", "kvm"), ("-cpu", "qemu64"), ("-machine", "q35"), ("-machine", "pc-q35-9.1")):
        assert one in answer(option, "")[0], option
        assert "help" in answer(option, "")[0], option


@test
def types_are_those_of_the_target() -> None:
    assert "virt" in answer("-target", "aarch64", "-machine", "")[0]
    assert "virt" not in answer("-machine", "")[0]
    assert "s390-ccw-virtio" in answer("-machine", "", program="qemu-system-s390x")[0]
    assert "virtio-blk-ccw" in answer("-target", "s390x", "-device", "virtio-blk-c")[0]
    equal(words("-device", "virtio-blk-cc"), [])
    assert "cortex-a57" in answer("-target", "aarch64", "-cpu", "cortex-a5")[0]


@test
def each_type_that_help_lists_is_a_candidate() -> None:
    for option in ("-device", "-object", "-netdev", "-blockdev", "-chardev"):
        text = run(VM, option, "help").stdout
        named = [line.split('"')[1] if line.startswith("name") else line.split()[0] for line in text.splitlines()
                 if line.startswith(('name "', "  ")) and not line.startswith("    ") and "(removed)" not in line]
        found = set(answer(option, "")[0])
        assert len(named) > 5 and not set(named) - found, (option, set(named) - found)


@test
def keys_are_those_of_the_type_without_what_is_given() -> None:
    equal(words("-device", "virtio-rng-pci,peri"), ["od="])
    equal(words("-device", "virtio-rng-pci,period=5,peri"), [])
    equal(words("-machine", "q35,dump-guest"), ["-core="])
    assert "d=" in words("-netdev", "user,i")
    equal(words("-blockdev", "qcow2,file.driver=file,file.filen"), ["ame="])
    equal(words("-machine", "q35,kernel-irqc"), ["hip="])
    equal(words("-machine", "q35,kernel-irqchip="), ["off", "on", "split"])
    assert "cores=" in words("-smp", "4,")
    assert "base=" in words("-rtc", "")


@test
def values_are_those_of_the_key() -> None:
    equal(words("-device", "virtio-rng-pci,ats="), ["off", "on"])
    equal(words("-device", "virtio-rng-pci,disable-legacy="), ["auto", "off", "on"])
    equal(words("-blockdev", "qcow2,file.driver=nul"), ["l-aio", "l-co"])
    equal(words("-cpu", "qemu64,+avx51"), sorted(words("-cpu", "qemu64,-avx51")))
    equal(words("-drive", "if=virti"), ["o"])
    equal(words("-serial", "mon:std"), ["io"])


@test
def references_are_ids_of_their_kind_on_the_line() -> None:
    equal(words(*DISK, "-device", "virtio-blk-pci,drive="), ["first"])
    equal(words(*DISK, "-device", "virtio-net-pci,netdev="), ["second"])
    equal(words(*DISK, "-device", "virtio-blk-pci,iothread="), ["third"])
    equal(words("-nodefaults", "-drive", "if=none,id=cd,file=/x", "-device", "ide-cd,drive="), ["cd"])
    equal(words("-nodefaults", "-blockdev", '{"driver": "null-co", "node-name": "json"}', "-device", "virtio-blk-pci,drive="),
          ["json"])
    equal(words("-machine", "q35", "-device", "pcie-root-port,id=port", "-device", "virtio-rng-pci,bus="), ["pcie.0", "port"])


@test
def ids_of_a_line_that_is_not_complete_are_known() -> None:
    equal(words(*DISK, "-device", "virtio-net-pci,netdev=absent", "-device", "virtio-blk-pci,drive="), ["first"])
    equal(words(*DISK, "-unknown", "-device", "virtio-blk-pci,drive="), [])


@test
def texts_may_be_files() -> None:
    equal(answer("-kernel", "/bo"), ([], ":files"))
    equal(answer("-device", "virtio-net-pci,romfile=/x"), ([], ":files"))
    equal(answer("check", "vm.js", program="vintage"), ([], ":files"))


@test
def the_tool_itself() -> None:
    equal(answer("res", program="vintage"), (["resolve"], ":end"))
    for command in answer("", program="vintage")[0]:
        if command != "history":
            assert answer(command, "--", program="vintage")[0], command
    equal(words("check", "--machine", "pc-q35-11.", program="vintage"), ["0", "1"])
    equal(words("explain", "x", "--", "-device", "virtio-rng-pci,peri", program="vintage"), ["od="])


@test
def the_terminal_is_not_read() -> None:
    text = '{"object": [{"qom-type": "rng-builtin", "id": "typed"}]}'
    done = run(TOOL, "complete", "--program", "vintage-vm", "--", "-config", "-", "-device", "virtio-rng-pci,rng=", stdin=text)
    equal(done.stdout, ":more\n")


@test
def wrong_use() -> None:
    result = run(TOOL, "complete", "--program", "sh", "--", "")
    equal(result.returncode, 2)
    matches(result.stderr, "^vintage complete: unknown program 'sh'\n$")
    equal(run(TOOL, "complete", "--program", "vintage-vm").returncode, 2)


main()
