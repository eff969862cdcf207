#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The probe of an engine and its cache, with a program that fails in every way."""

import contextlib
import glob
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, equal, main, matches, run, test  # noqa: E402

FAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib", "fake_engine.py")
RNG = ["-machine", "pc-q35-9.1", "-nodefaults", "-device", "virtio-rng-pci,id=r,bus=pcie.0,addr=2"]


def prop(name: str, kind: str, default: Any = None) -> dict:
    return {"name": name, "type": kind, **({} if default is None else {"default-value": default})}


FACTS: dict[str, Any] = {
    "version": [9, 1, 0],
    "types": {
        "device": {"abstract": True},
        "machine": {"abstract": True},
        "pc-q35-9.1-machine": {"parent": "machine", "props": [prop("acpi", "OnOffAuto")]},
        "virtio-pci": {"parent": "device", "abstract": True},
        "virtio-rng-pci": {"parent": "virtio-pci", "props": [
            prop("addr", "int32", -1), prop("vectors", "uint32", 2), prop("ats", "bool", True), prop("aer", "bool", False),
            prop("page-per-vq", "bool", True), prop("disable-legacy", "OnOffAuto", "auto"), prop("period", "uint32", 65536)]},
        "ring-a": {"parent": "ring-b"}, "ring-b": {"parent": "ring-a"},
        "deadly": {"parent": "device"}},
    "deadly": ["deadly"],
    "machines": [{"name": "pc-q35-9.1", "compat-props": [
        {"qom-type": "virtio-pci", "property": "ats", "value": "on"},
        {"qom-type": "device", "property": "ats", "value": "off"},
        {"qom-type": "virtio-rng-pci", "property": "page-per-vq", "value": "off"},
        {"qom-type": "virtio-rng-pci", "property": "period", "value": "7"}]}]}


class Engine:
    """A program, its facts, and a cache of its own."""

    def __init__(self, scratch: str, **facts: Any) -> None:
        self.scratch = scratch
        self.binary = os.path.join(scratch, "qemu-system-fake")
        self.log = os.path.join(scratch, "log")
        self.facts = os.path.join(scratch, "facts.json")
        shutil.copy(FAKE, self.binary)
        with open(self.facts, "w", encoding="utf-8") as file:
            json.dump({**FACTS, "log": self.log, **facts}, file)

    def argv(self, *vm: str, options: tuple[str, ...] = ("--json",)) -> Any:
        os.environ.update(FAKE_ENGINE=self.facts, XDG_CACHE_HOME=os.path.join(self.scratch, "cache"))
        return run(TOOL, "argv", "--engine", self.binary, *options, "--", *(vm or RNG))

    def refusal(self, *vm: str) -> str:
        done = self.argv(*vm)
        equal((done.returncode, done.stdout), (1, ""), done.stderr)
        return done.stderr.strip().removeprefix("vintage: ").replace(self.scratch + "/", "")

    def runs(self) -> int:
        if not os.path.exists(self.log):
            return 0
        with open(self.log, encoding="utf-8") as file:
            return len(file.readlines())

    def cached(self) -> str:
        return glob.glob(os.path.join(self.scratch, "cache", "vintage", "*.engine"))[0]


@contextlib.contextmanager
def engine(**facts: Any) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as scratch:
        yield Engine(scratch, **facts)


def device(done: Any) -> dict:
    equal(done.returncode, 0, done.stderr)
    [text] = [one["value"] for one in json.loads(done.stdout)["arguments"] if one["option"] == "-device"]
    return json.loads(text)


@test
def a_binary_is_probed_once() -> None:
    with engine() as one:
        first = one.argv()
        # One run, and another because a type ended the program, asked with others and alone.
        runs = one.runs()
        equal(runs, 3)
        equal(one.argv().stdout, first.stdout)
        equal(one.runs(), runs)


@test
def a_changed_binary_is_probed_anew() -> None:
    with engine(deadly=[]) as one:
        one.argv()
        os.utime(one.binary, (1, 1))
        one.argv()
        equal(one.runs(), 2)


@test
def a_damaged_cache_is_replaced() -> None:
    with engine(deadly=[]) as one:
        good = one.argv().stdout
        path = one.cached()
        with open(path, "rb") as file:
            content = file.read()
        damages = [b"", content[:40], content[:-8], content + bytes(8), bytes(len(content)),
                   *(content[:at] + bytes([content[at] ^ 1]) + content[at + 1:]
                     for at in range(0, len(content), len(content) // 23))]
        for number, damaged in enumerate(damages, 1):
            with open(path, "wb") as file:
                file.write(damaged)
            equal(one.argv().stdout, good)
            equal(one.runs(), 1 + number)
            with open(path, "rb") as file:
                assert file.read() == content, number


@test
def a_cache_that_cannot_be_written_is_no_failure() -> None:
    with engine(deadly=[]) as one:
        with open(os.path.join(one.scratch, "cache"), "w", encoding="utf-8"):
            pass
        device(one.argv())


@test
def values_that_the_machine_of_the_engine_has_are_not_stated() -> None:
    with engine() as one:
        said = device(one.argv())
        # The last row of a list decides, whatever its type.  Ours are ats=off, page-per-vq=off, period=65536.
        equal({"ats", "page-per-vq", "aer", "vectors"} & set(said), set())
        equal((said["period"], said["addr"]), (65536, 16))
        equal(list(said)[:3], ["driver", "id", "bus"])


@test
def an_engine_without_lists_gets_what_depends_on_the_machine() -> None:
    with engine(compat=False, machines=[{"name": "pc-q35-9.1"}]) as one:
        said = device(one.argv())
        equal((said["page-per-vq"], said["disable-legacy"], said["ats"]), (False, "off", False))
        assert "aer" not in said and "period" not in said, said


@test
def all_values_that_the_engine_knows_are_stated_on_request() -> None:
    with engine() as one:
        said = device(one.argv(options=("--json", "--pin=all")))
        equal(set(said) - {"driver", "id", "bus"}, {one["name"] for one in FACTS["types"]["virtio-rng-pci"]["props"]})


@test
def what_the_engine_lacks_is_refused_unless_it_makes_no_difference() -> None:
    with engine() as one:
        equal(one.refusal(*RNG[:-1], "virtio-rng-pci,id=r,max-bytes=5"),
              "virtio-rng-pci 'r': max-bytes: '5' cannot be set: qemu-system-fake 9.1.0 lacks the property, and behaves as "
              "with '9223372036854775807'")
        device(one.argv(*RNG[:-1], "virtio-rng-pci,id=r,max-bytes=9223372036854775807"))
        equal(one.refusal("-machine", "pc-q35-9.1", "-nodefaults", "-device", "virtio-balloon-pci,id=b"),
              "virtio-balloon-pci 'b': qemu-system-fake 9.1.0 lacks the type 'virtio-balloon-pci'")
        equal(one.refusal("-machine", "pc-q35-9.2"),
              "-machine: machine 'pc-q35-9.2' does not exist in release 9.1; expected 'pc-q35-9.1' or older")
        equal(one.refusal("-machine", "pc-q35-9.1", "-nodefaults", "-accel", "tcg"),
              "tcg: qemu-system-fake 9.1.0 lacks the type 'tcg-accel'")
        equal(one.refusal("-machine", "pc-i440fx-9.1"),
              "machine 'pc-i440fx-9.1': qemu-system-fake 9.1.0 lacks it and all before it")
        matches(one.refusal("-target", "aarch64", "-machine", "virt-9.1"), "runs target x86_64; expected aarch64$")


@test
def other_programs_are_refused() -> None:
    cases: list[tuple[dict, str]] = [
        ({"ends": "no display"}, "'qemu-system-fake' is no engine: no display: the engine closed its monitor"),
        ({"says": "hello\r\n"}, "'qemu-system-fake' is no engine: the engine's monitor sent no JSON: "),
        ({"says": '{"hello": 1}\r\n'}, "'qemu-system-fake' is no engine: the engine's monitor sent no greeting of QMP"),
        ({"types": {}, "machines": None}, "'qemu-system-fake' is no engine: it does not list its types, machines or commands"),
        ({"deadly": [f"t{i}" for i in range(30)], "types": {"device": {}, **{f"t{i}": {"parent": "device"} for i in range(30)}}},
         "'qemu-system-fake' is no engine: it ended 24 times when it was asked for its types")]
    for facts, expected in cases:
        with engine(**facts) as one:
            refusal = one.refusal()
            assert refusal.startswith(expected), refusal
            equal(glob.glob(os.path.join(one.scratch, "cache", "vintage", "*")), [])


@test
def an_engine_older_than_all_releases_is_refused() -> None:
    with engine(version=[1, 0, 0]) as one:
        matches(one.refusal(), r"^qemu-system-fake 1\.0\.0 is older than release ")


@test
def a_missing_program_is_refused() -> None:
    done = run(TOOL, "argv", "--engine", "qemu-system-none", "--", *RNG)
    equal((done.returncode, done.stderr.strip()),
          (1, "vintage: no program 'qemu-system-none'; expected the path or the name of a QEMU, such as qemu-system-x86_64"))


if __name__ == "__main__":
    main()
