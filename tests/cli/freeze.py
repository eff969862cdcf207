#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage freeze: the file makes all defaults explicit, so a newer version does not change the VM."""

import json
import os
import sys
import tempfile


sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import (  # noqa: E402
    TOOL, Machine, VM, equal, main, matches, missing_library, resolve, run, sampled, test, tool, tool_json, write_file)
import vms  # noqa: E402

OLD = ["--machine", "pc-q35-5.1", "--platform-version", "8.2"]
NEW = ["--machine", "pc-q35-11.1", "--platform-version", "11.1"]
SEV = {"qom-type": "sev-guest", "id": "sev", "cbitpos": 51, "reduced-phys-bits": 1}
NULL = ["-blockdev", "null-co,node-name=d"]


def q35(*words: str) -> list[str]:
    return ["-machine", "pc-q35-5.1", *words]


def shared() -> list[list[str]]:
    """The VMs of the other tests, without inline secrets."""
    result = []
    for vm in vms.VMS.values():
        vm = dict(vm, machine={key: value for key, value in vm["machine"].items() if key != "type"},
                  object=[one for one in vm.get("object", []) if "data" not in one])
        vm["machine"] = {"type": "pc-q35-5.1", **vm["machine"]}
        result.append(vms.flat(vms.options(vm, "json")))
    return result


def own() -> list[list[str]]:
    return [
        q35("-device", "virtio-rng-pci", "-device", "virtio-rng-pci", "-device", "virtio-balloon-pci"),
        q35(*NULL, "-smp", "4", "-device", "virtio-blk-pci,drive=d"),
        q35(*NULL, "-smp", "cores=2,threads=2,maxcpus=16", "-device", "virtio-blk-pci,drive=d,num-queues=auto,vectors=auto"),
        q35("-blockdev", "raw,node-name=r,file.driver=raw,file.file.driver=null-co", "-device", "virtio-blk-pci,drive=r"),
        q35("-device", "virtio-scsi-pci", "-device", "virtio-scsi-pci,id=s,num_queues=3"),
        q35("-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n", "-device", "virtio-net-pci,id=b"),
        q35("-device", "pcie-root-port,chassis=1", "-device", "pcie-root-port,chassis=2,id=p", "-device",
            "virtio-rng-pci,bus=p"),
        q35("-object", json.dumps(SEV), "-device", "VGA"),
        q35("-m", "2G,slots=2,maxmem=4G", "-global", "virtio-rng-pci.vectors=3", "-device", "virtio-rng-pci"),
        q35("-name", "frozen", "-S", "-blockdev", f"file,node-name=f,read-only=on,filename={__file__}",
            "-device", "virtio-blk-pci,drive=f,addr=1f.7,multifunction=on"),
    ]


def comparable(config: dict) -> dict:
    """The parts that must not change: all except version names."""
    config = json.loads(json.dumps(config["objects"]))
    config["/machine"].pop("type")
    return config


def freeze(directory: str, argv: list[str], name: str = "frozen.json") -> str:
    path = os.path.join(directory, name)
    done = tool("freeze", "-o", path, "--", *argv, "--platform-version", "8.2")
    equal(done.returncode, 0, done.stderr)
    return path


def number_of(key: str) -> str:
    return key.replace("[", "-").replace("]", "") if key.endswith("]") else key


def add(number: int, argv: list[str]) -> None:
    def stays() -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = freeze(directory, argv)
            before = comparable(resolve([*argv, "--platform-version", "8.2"], "--settled"))
            old = comparable(tool_json("resolve", "--settled", "--json", *OLD, path))
            new = comparable(tool_json("resolve", "--settled", "--json", *NEW, path))
            equal(json.dumps(new), json.dumps(old), "an older and a newer version")
            equal(json.dumps(comparable(tool_json("resolve", "--json", *NEW, path))), json.dumps(new), "nothing is late")
            equal({number_of(key): value["type"] for key, value in before.items() if key != "/machine"},
                  {key: value["type"] for key, value in new.items() if key != "/machine"})
            for key, value in before.items():
                for name, member in value["properties"].items():
                    got = new[number_of(key)]["properties"][name]
                    if isinstance(member, dict) and "driver" in member:     # an inline definition
                        assert isinstance(got, str), got
                    elif name == "bus" and got != member:
                        matches(got, r"-\d")                                # of a bridge without an id
                    elif member != "auto" or got is None:                   # frozen-files.py is about what it becomes
                        equal(got, member, f"{key}.{name}")

    stays.__doc__ = f"VM {number} stays as it was: {' '.join(argv)[:90]}"
    test(stays)


for index, words in sampled(enumerate([*shared(), *own()]), 3):
    add(index + 1, words)


@test
def twenty_vms_run_on_the_newest_versions_as_they_were() -> None:
    everything = [*shared(), *own()]
    equal(len(everything) >= 20, True, str(len(everything)))
    with tempfile.TemporaryDirectory() as directory:
        host = write_file(directory, "host.json", json.dumps(dict.fromkeys(
            (row["feature"] for row in tool_json("platform", "probe", "--json")), "yes")))
        for number, argv in sampled(enumerate(everything), 4):
            path = freeze(directory, argv, f"{number}.json")
            configs = []
            for version in (["-machine", "pc-q35-5.1", "--platform-version", "8.2"],
                            ["-machine", "pc-q35-11.1", "--platform-version", "11.1"]):
                try:
                    with Machine("-S", "--config", path, *version, "--probe-file", host) as machine:
                        assert machine.qmp
                        configs.append(comparable(machine.qmp.negotiate().call("query-effective-config")))
                except AssertionError as error:
                    if not missing_library(str(error)):
                        raise
            equal(json.dumps(configs[1:]), json.dumps(configs[:-1]), path)


@test
def devices_of_other_options_stay_as_they_were() -> None:
    made = [["-vga", "std"], ["-nic", "user"], ["-net", "nic", "-net", "user"], ["-usbdevice", "tablet"],
            ["-drive", "if=virtio,file=/dev/null,format=raw"], ["-virtfs", "local,path=/tmp,security_model=none,mount_tag=x"]]
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "frozen.json")
        for words in ([], *(["-nodefaults", *one] for one in made)):
            argv = ["-machine", "pc-q35-3.1", *words]
            equal(run(TOOL, "freeze", "-o", path, "--", *argv).returncode, 0)
            # Without the file, the newest machine changes them.
            open_changes = json.loads(run(TOOL, "diff", "--json", "3.1..11.1", "--", *argv).stdout)["changes"]
            assert set(open_changes) > {"/machine"}, open_changes
            got = json.loads(run(TOOL, "diff", "--json", "--settled", "--guest-visible", "3.1..11.1", path).stdout)
            equal(got, {"changes": {}, "objects": {}}, str(words))


@test
def the_file_says_everything_by_hand_or_under_internal() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = freeze(directory, q35("-device", "virtio-rng-pci", "-name", "x", "-S"))
        with open(path, encoding="utf-8") as file:
            frozen = json.load(file)
        equal(frozen["frozen"], "11.1")
        equal((frozen["machine"]["type"], frozen["platform-version"], frozen["target"]), ("pc-q35-5.1", "8.2", "x86_64"))
        equal(frozen["machine"]["internal"]["smp-prefer-sockets"], True)
        equal((frozen["S"], frozen["name"]["guest"]), (True, "x"))
        device = frozen["device"][0]
        equal((device["id"], device["bus"]), ("device-0", "pcie.0"))
        assert "addr" in device and "vectors" in device
        explained = tool_json("explain", "--json", "--settled", "--", "--config", path)["objects"]
        origins = {row["from"] for one in explained.values() for row in one["properties"].values()}
        assert origins <= {"explicit", "absent"}, origins
        again = os.path.join(directory, "again.json")
        equal(tool("freeze", "-o", again, path).returncode, 0)
        with open(again, encoding="utf-8") as file:
            equal(json.load(file), frozen)


@test
def what_a_frozen_file_says_beyond_its_options_counts_once() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = freeze(directory, q35("-device", "VGA,id=v"))
        with open(path, encoding="utf-8") as file:
            frozen = json.load(file)
        assert frozen["device"][0].pop("romfile")
        frozen["defaults"] = {"device": {"v": {"romfile": None}}}
        frozen["machine"]["internal"]["smp-max-cpus"] = 7
        edited = write_file(directory, "edited.json", json.dumps(frozen))
        got = tool_json("resolve", "--settled", "--json", *NEW, edited)["objects"]
        assert "romfile" not in got["v"]["properties"]
        equal(got["/machine"]["properties"]["smp-max-cpus"], 7)
        # The command line overrides the file; a device in the same place is another object.
        equal(resolve(["--config", edited, "-machine", "pc-q35-11.1,usb=on"])["objects"]["/machine"]["properties"]["usb"], True)


def wrong(change: dict, pattern: str, *more: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        frozen = {"frozen": "11.1", "machine": {"type": "pc-q35-5.1"}, "device": [{"driver": "VGA", "id": "v"}]}
        frozen.update(change)
        path = write_file(directory, "f.json", json.dumps({key: value for key, value in frozen.items() if value is not None}))
        done = tool("check", "--", "--config", path, *[word.replace("PATH", path) for word in more])
        equal((done.returncode, done.stdout), (1, ""), pattern)
        matches(done.stderr, r"\Avintage: [^\n]*" + pattern + r"[^\n]*\n\Z")


@test
def a_frozen_file_that_is_wrong_is_refused() -> None:
    wrong({"frozen": "99.0"}, "unknown version '99.0'; the newest is 11.1")
    wrong({"frozen": 5}, "frozen: expected a string")
    wrong({"defaults": {"device": {"w": {}}}}, r"defaults\.device\.w: the file has no such object")
    wrong({"defaults": {"device": {"v": {"nothing": 1}}}}, r"defaults\.device\.v\.nothing: class 'VGA'")
    wrong({"defaults": {"device": {"v": {"edid": "maybe"}}}}, r"defaults\.device\.v\.edid")
    wrong({"defaults": {"devise": {}}}, r"defaults\.devise")
    wrong({"defaults": []}, "defaults: expected an object")
    wrong({"frozen": None, "defaults": {}}, "supported in a frozen file only")
    wrong({"frozen": None, "machine": {"type": "pc-q35-5.1", "internal": {}}}, "unknown member 'internal'")
    wrong({"machine": {"type": "pc-q35-5.1", "internal": {"smp-max-cpu": 1}}}, r"machine\.internal\.smp-max-cpu")
    wrong({}, "a second frozen file", "--config", "PATH")


@test
def a_secret_is_never_written() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "f.json")
        for argv in (["-object", "secret,id=k,data=letmein"],
                     ["-global", "secret.data=letmein"]):
            done = tool("freeze", "-o", path, "--", *argv)
            equal((done.returncode, done.stdout, os.path.exists(path)), (1, "", False))
            matches(done.stderr, r"\Avintage: [^\n]*'data' is sensitive and cannot be frozen[^\n]*\n\Z")
            assert "letmein" not in done.stderr
        done = tool("freeze", "--", "-object", "secret,id=k,file=/etc/key")
        equal(json.loads(done.stdout)["object"][0]["file"], "/etc/key")


@test
def wrong_use_is_told() -> None:
    equal(tool("freeze").returncode, 2)
    equal(tool("freeze", "-o").returncode, 2)
    equal(tool("freeze", "-o", "/nowhere/at/all", "--", "-machine", "none").returncode, 1)
    equal(run(VM, "--config", "/nowhere").returncode, 1)


main()
