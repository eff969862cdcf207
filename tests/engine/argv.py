#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`vintage argv`: the command line that it prints starts on a real QEMU, which then has the values that it states.

Without qemu-system-x86_64 (or $VINTAGE_QEMU) most is skipped.
"""

import json
import os
import re
import shlex
import sys
import tempfile
import xml.etree.ElementTree as ET
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "parity")]
from vintage_test import TOOL, Skip, equal, main, matches, run, sampled, test  # noqa: E402

from sides import BINARY, Qemu, Refusal, installed, version  # noqa: E402

DATA = os.environ.get("VINTAGE_DATA", os.path.join(HERE, "..", "..", "..", "shared", "data"))
PLAIN = ["-machine", "pc-q35-7.2", "-nodefaults"]
# Each with what it tests.
LINES: list[list[str]] = [
    ["-machine", "pc-i440fx-2.12"],
    ["-machine", "q35"],
    ["-machine", "pc-q35-5.1", "-nographic", "-smp", "4,maxcpus=8", "-m", "256,slots=2,maxmem=1G"],
    [*PLAIN, "-hda", "IMAGE", "-cdrom", "IMAGE", "-fda", "IMAGE"],
    [*PLAIN, "-drive", "file=IMAGE,format=raw,if=virtio,cache=none,iops=100,readonly=on,werror=report"],
    [*PLAIN, "-blockdev", "raw,node-name=n,file.driver=file,file.filename=IMAGE", "-device", "nvme,id=d,drive=n,serial=x"],
    [*PLAIN, "-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:0-:22", "-device", "virtio-net-pci,id=d,netdev=n,mac=52:54:00:01:02:03"],
    [*PLAIN, "-nic", "user,model=e1000e"],
    [*PLAIN, "-device", "virtio-scsi-pci,id=d", "-device", "virtio-serial-pci,id=s", "-device", "virtserialport,id=p,name=a,,b"],
    [*PLAIN, "-device", "pcie-root-port,id=d,chassis=1", "-device", "virtio-balloon-pci,id=b,bus=d",
     "-device", "qemu-xhci,id=x", "-device", "usb-tablet,id=t"],
    [*PLAIN, "-object", "memory-backend-ram,id=m,size=128M", "-machine", "memory-backend=m", "-device", "VGA,id=d"],
    [*PLAIN, "-cpu", "Haswell,-avx2", "-accel", "tcg,thread=single", "-rtc", "base=localtime", "-name", "a b,debug-threads=on"],
    [*PLAIN, "-chardev", "pty,id=c", "-serial", "chardev:c", "-serial", "null", "-boot", "menu=on,strict=on", "-uuid",
     "11111111-1111-1111-1111-111111111111", "-fw_cfg", "name=opt/x,string=a,,b", "-smbios", "type=1,serial=7", "-vnc", "none"],
    [*PLAIN, "-device", "ich9-intel-hda,id=d", "-audiodev", "none,id=a", "-device", "hda-duplex,audiodev=a", "-watchdog-action",
     "pause", "-object", "memory-backend-ram,id=m,size=128M", "-numa", "node,cpus=0,memdev=m",
     "-global", "ICH9-LPC.disable_s3=1"],
]
# Values that a device replaces by those of its drive or its ROM.
REPLACED = {"discard_granularity": 0xFFFFFFFF, "logical_block_size": 0, "physical_block_size": 0, "romsize": 0xFFFFFFFF}


def argv(*vm: str, options: tuple[str, ...] = ("--json",)) -> Any:
    if not installed():
        raise Skip(f"{BINARY} is not installed")
    done = run(TOOL, "argv", "--engine", BINARY, *options, "--", *vm)
    equal(done.returncode, 0, f"{vm}: {done.stderr}")
    return json.loads(done.stdout) if "--json" in options else done.stdout


def stated(result: dict) -> dict[str, dict]:
    """The properties of each device with an id."""
    devices = [json.loads(one["value"]) for one in result["arguments"] if one["option"] == "-device"]
    return {one["id"]: {name: value for name, value in one.items() if name not in {"driver", "id", "bus"}}
            for one in devices if "id" in one}


def start(words: list[str]) -> Qemu:
    """A stopped QEMU with the command line, which has a machine already."""
    assert words[1:3] == ["-nodefaults", "-no-user-config"] and words[3] == "-machine", words
    return Qemu(words[4], words[5:])


def check(line: list[str], *options: str) -> None:
    result = argv(*line, options=("--json", *options))
    try:
        with start(result["argv"]) as qemu:
            for name, values in stated(result).items():
                shown = qemu.properties(f"/machine/peripheral/{name}")
                wrong = {key: (value, shown[key][1]) for key, value in values.items()
                         if key in shown and not same(value, shown[key][1]) and value != REPLACED.get(key)}
                equal(wrong, {}, f"{line}: {name}")
    except Refusal as refusal:
        raise AssertionError(f"{line}: {refusal}\n{shlex.join(result['argv'])}") from None


def same(stated_value: Any, shown: Any) -> bool:
    return stated_value == shown or isinstance(shown, str) and str(stated_value) == shown.split("/")[-1] \
        or isinstance(stated_value, str) and stated_value.lower() == str(shown).lower() \
        or isinstance(stated_value, int) and isinstance(shown, int) and (stated_value - shown) % (1 << 32) == 0


def with_image(line: list[str], scratch: str) -> list[str]:
    images = []
    for number, _ in enumerate(line):
        images.append(os.path.join(scratch, f"image{number}"))
        with open(images[-1], "wb") as file:
            file.truncate(1 << 20)
    return [word.replace("IMAGE", image) for word, image in zip(line, images)]


@test
def command_lines_start_with_the_values_that_they_state() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        for line in sampled(LINES, 5):
            check(with_image(line, scratch))


@test
def all_values_can_be_stated() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        for line in sampled([LINES[2], *LINES[4:8]], 5):
            check(with_image(line, scratch), "--pin=all")


@test
def command_lines_of_people_and_of_libvirt_start_where_qemu_starts() -> None:
    lines = foreign_lines()
    started = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, words in sampled(lines, 8, 3):
            words = [in_scratch(word, scratch) for word in words if word not in ("-daemonize", "-S")]
            done = run(TOOL, "argv", "--engine", BINARY, "--json", "--", *words)
            if done.returncode == 0 and starts(json.loads(done.stdout)["argv"][1:]):
                started += 1
            elif done.returncode == 0:
                assert not starts(words), f"{name}: QEMU starts with {words}, but not with {done.stdout}"
    assert started > len(lines) // 40, started


def foreign_lines() -> list[tuple[str, list[str]]]:
    if not installed():
        raise Skip(f"{BINARY} is not installed")
    found = []
    for name in ("libvirt-argv.json", os.path.join("cmdlines", "real.json")):
        path = os.path.join(DATA, name)
        if not os.path.exists(path):
            raise Skip("the command lines are not here (set VINTAGE_DATA)")
        with open(path, encoding="utf-8") as file:
            found += list(json.load(file).items())
    return [(name, one["argv"] if isinstance(one, dict) else one[1:]) for name, one in found
            if (one["target"] if isinstance(one, dict) else one[0]).endswith("x86_64")]


def in_scratch(word: str, scratch: str) -> str:
    """The word with files that exist in place of those of another host."""
    def replaced(found: re.Match[str]) -> str:
        path = os.path.join(scratch, found[0].replace("/", "_")[-60:])
        if not path.endswith(".sock") and not os.path.exists(path):
            with open(path, "wb") as file:
                file.truncate(32 if "master-key" in path else 1 << 20)
        return path

    return re.sub(r"/(?:var|tmp|home|dev|etc|path|export|run)/[^\",:]*", replaced, word).replace('"host_device"', '"file"')


def starts(words: list[str]) -> bool:
    try:
        with Qemu("pc" if "-machine" not in words else words[words.index("-machine") + 1], without_machine(words)):
            return True
    except Refusal:
        return False


def without_machine(words: list[str]) -> list[str]:
    if "-machine" not in words:
        return words
    at = words.index("-machine")
    return words[:at] + words[at + 2:]


@test
def a_comment_explains_each_value_that_the_user_did_not_set() -> None:
    text = argv("-machine", "pc-q35-5.1", "-nodefaults", "-device", "virtio-rng-pci,id=r,max-bytes=9", options=())
    matches(text, r"(?m)^# -device virtio-rng-pci,id=r$")
    matches(text, r"(?m)^#   queue_reset=false: machine$")
    assert "#   max-bytes" not in text
    words = shlex.split(text.replace("\\\n", ""), comments=True)
    equal(words[1:5], ["-nodefaults", "-no-user-config", "-machine", words[4]])
    matches(words[-1], '"max-bytes":9')


@test
def libvirt_reads_the_arguments_from_xml() -> None:
    text = argv("-machine", "pc-q35-7.2", "-nodefaults", "-name", "a<b'&", "-device", "virtio-rng-pci", options=("--libvirt",))
    namespace = "{http://libvirt.org/schemas/domain/qemu/1.0}"
    root = ET.fromstring(text)
    equal(root.tag, namespace + "commandline")
    words = [one.attrib["value"] for one in root.iter(namespace + "arg")]
    equal(words, argv("-machine", "pc-q35-7.2", "-nodefaults", "-name", "a<b'&", "-device", "virtio-rng-pci")["argv"][1:])
    assert "<!--" in text


@test
def an_alias_means_the_newest_machine_of_the_engine() -> None:
    if not installed():
        raise Skip(f"{BINARY} is not installed")
    matches(argv("-nodefaults")["argv"][4], rf"^pc-i440fx-{re.escape(version()[1])}\b")


@test
def wrong_uses_are_refused() -> None:
    for options, message in (((), "expected one VM: a file, or '--' and its options"),
                             (("--pin=some", "--"), "--pin: expected changed or all, got some"),
                             (("--json", "--libvirt", "--"), "--json and --libvirt exclude each other")):
        done = run(TOOL, "argv", *options)
        equal(done.returncode, 2)
        assert done.stderr.startswith(f"vintage argv: {message}"), done.stderr


if __name__ == "__main__":
    main()
