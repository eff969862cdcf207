#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Values, their origin and their changes: vintage resolve, explain, defaults and diff."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, equal, main, matches, resolve, run, test, tool, tool_json, write_file, VM  # noqa: E402

DISK = ["-blockdev", '{"driver":"null-co","node-name":"d"}', "-device",
        '{"driver":"virtio-blk-pci","id":"v","drive":"d"}']


def queues(machine: str, *options: str, vm: tuple[str, ...] = ()) -> object:
    return resolve(["-machine", machine, *vm, *DISK], *options)["objects"]["v"]["properties"]["num-queues"]


@test
def the_number_of_queues_follows_the_machine() -> None:
    equal(queues("pc-q35-2.4"), 1)
    equal(queues("pc-q35-5.1"), 1)
    equal(queues("pc-q35-5.2"), 65535)
    equal(queues("pc-q35-11.1"), 65535)
    equal(queues("pc-q35-5.2", "--settled", vm=("-smp", "4")), 4)
    equal(queues("pc-q35-5.1", "--settled", vm=("-smp", "4")), 1)


@test
def explain_says_auto_and_why() -> None:
    got = tool("explain", "v.num-queues", "--", "-machine", "pc-q35-5.2", *DISK)
    equal(got.returncode, 0, got.stderr)
    matches(got.stdout, r"num-queues +auto +machine +5\.2 +\S+\.json:\d+ +\S")
    settled = tool("explain", "--settled", "v.num-queues", "--", "-machine", "pc-q35-5.2", "-smp", "4", *DISK)
    matches(settled.stdout, r"num-queues +4 +derived from auto")


@test
def explain_tells_each_origin() -> None:
    vm = ["-machine", "pc-q35-5.2", "-global", "virtio-blk-pci.vectors=7", "-smp", "4", *DISK]
    got = tool_json("explain", "--json", "--settled", "v", "--", *vm)["objects"]["v"]
    equal(got["type"], "virtio-blk-pci")
    rows = got["properties"]
    equal((rows["drive"]["from"], rows["drive"]["value"]), ("explicit", "d"))
    equal((rows["vectors"]["from"], rows["vectors"]["value"]), ("global", 7))
    equal((rows["num-queues"]["from"], rows["num-queues"]["value"]), ("derived", 4))
    configured = tool_json("explain", "--json", "v.num-queues", "--", *vm)["objects"]["v"]["properties"]["num-queues"]
    equal((configured["value"], configured["from"], configured["axis"], configured["since"]),
          ("auto", "machine", "machine", "5.2"))
    assert configured["why"]
    origins = {row["from"] for row in rows.values()}
    assert origins <= {"explicit", "global", "derived", "machine", "platform", "release", "base"}, origins
    assert "base" in origins


@test
def keys_are_ids_numbers_kinds_and_the_machine() -> None:
    got = resolve(["-machine", "pc-q35-9.1", "-object", "rng-random,id=x", "-device", "virtio-rng-pci,id=x,rng=x",
                   "-device", "virtio-rng-pci"])["objects"]
    assert {"object:x", "device:x", "device[0]", "/machine"} <= set(got), list(got)
    equal(got["device[0]"]["type"], "virtio-rng-pci")


@test
def edid_came_with_4_1_and_not_with_the_bugfix_node() -> None:
    def edid(version: str) -> object:
        return tool_json("defaults", "--json", "--machine", f"pc-q35-{version}", "VGA")["VGA"]["edid"]

    equal([edid(version) for version in ("2.4", "4.0", "4.0.1", "4.1", "11.1")], [False, False, False, True, True])


@test
def a_backend_follows_the_platform_and_not_the_machine() -> None:
    def legacy(machine: str, platform: str) -> object:
        vm = ["-machine", machine, "--platform-version", platform, "-object",
              "sev-guest,id=s,cbitpos=51,reduced-phys-bits=1"]
        return resolve(vm)["objects"]["s"]["properties"]["legacy-vm-type"]

    for machine in ("pc-q35-2.4", "pc-q35-9.0", "pc-q35-11.1"):
        equal([legacy(machine, platform) for platform in ("7.2", "9.0", "9.1", "11.1")], ["on", "on", "off", "off"])


@test
def defaults_of_all_classes_come_in_one_object() -> None:
    got = tool_json("defaults", "--json", "--machine", "pc-q35-5.1")
    for name in ("virtio-blk-pci", "virtio-blk-device", "VGA", "throttle-group", "sev-guest", "blockdev-null-co", "pc-q35"):
        assert name in got, name
    equal(got["virtio-blk-device"]["num-queues"], 1)
    assert "pc-i440fx" not in got
    assert "pc-i440fx" in tool_json("defaults", "--json")
    equal(list(tool_json("defaults", "--json", "VGA")), ["VGA"])
    equal(list(tool_json("defaults", "--json", "null-co")), ["blockdev-null-co"])
    equal(tool_json("defaults", "--json", "VGA")["VGA"]["edid"], True)


@test
def diff_tells_what_two_machine_versions_differ_in() -> None:
    got = tool_json("diff", "--json", "--machine", "pc-q35-5.1..pc-q35-5.2")["changes"]
    row = got["virtio-blk-device"]["num-queues"]
    equal((row["from"], row["to"], row["axis"], row["since"]), (1, 65535, "machine", "5.2"))
    assert row["why"] and row["file"].endswith(".json") and row["line"] > 0
    assert "throttle-group" not in got and "sev-guest" not in got
    equal(tool_json("diff", "--json", "--machine", "pc-q35-5.1..5.2"), {"changes": got, "objects": {}})
    # In the opposite direction, the same entry is the reason.
    back = tool_json("diff", "--json", "--machine", "pc-q35-5.2..pc-q35-5.1")["changes"]["virtio-blk-device"]["num-queues"]
    equal((back["from"], back["to"], back["since"]), (65535, 1, "5.2"))


@test
def diff_tells_what_two_platform_versions_differ_in() -> None:
    got = tool_json("diff", "--json", "--platform-version", "9.0..9.1")["changes"]
    row = got["sev-guest"]["legacy-vm-type"]
    equal((row["from"], row["to"], row["axis"], row["since"]), ("on", "off", "platform", "9.1"))


@test
def diff_of_a_vm_tells_what_changes_for_it() -> None:
    vm = ["-machine", "pc-q35-2.4..pc-q35-11.1", *DISK]
    got = tool_json("diff", "--json", "--", *vm)["changes"]
    equal((got["v"]["num-queues"]["from"], got["v"]["num-queues"]["to"]), (1, 65535))
    same = tool_json("diff", "--json", "--machine", "pc-q35-2.4..pc-q35-11.1", "--", *DISK)["changes"]
    equal(same, got)
    given = tool_json("diff", "--json", "--", *vm[:4], "-device",
                      '{"driver":"virtio-blk-pci","id":"v","drive":"d","num-queues":3}')
    assert "num-queues" not in given["changes"].get("v", {})
    table = tool("diff", "--", *vm)
    matches(table.stdout, r"(?m)^  num-queues +1 +auto +5\.2 +v$")


@test
def tables_have_no_colour_where_nobody_looks() -> None:
    for argv in (["resolve", "--", *DISK], ["explain", "--", *DISK], ["defaults"],
                 ["diff", "--machine", "pc-q35-5.1..pc-q35-5.2"]):
        done = tool(*argv)
        equal(done.returncode, 0, done.stderr)
        assert "\033" not in done.stdout and done.stdout.strip(), argv


@test
def a_probe_file_answers_in_place_of_the_host() -> None:
    sev = ["-machine", "pc-q35-9.0", "-object", "sev-guest,id=s,cbitpos=51,reduced-phys-bits=1"]
    with tempfile.TemporaryDirectory() as directory:
        for answer, expected in (("yes", "11.1"), ("no", "9.0"), ("unknown", "9.0")):
            path = write_file(directory, f"{answer}.json", '{"sev-init2": "%s"}' % answer)
            with Machine(*sev, "--probe-file", path, pin=False) as machine:
                assert machine.qmp
                platform = machine.qmp.negotiate().call("query-platform")
                equal((platform["version"], platform["pinned"]), (expected, False), answer)
                feature = next(row for row in platform["features"] if row["name"] == "sev-init2")
                equal((feature["host"], feature["demanded"]), (answer, expected == "11.1"))
        no = os.path.join(directory, "no.json")
        done = run(VM, *sev, "--probe-file", no, "--platform-version", "9.1")
        equal(done.returncode, 1)
        matches(done.stderr, r"sev-init2.*9\.0")
        for command in (["resolve"], ["explain", "s.legacy-vm-type"]):
            done = tool(*command, "--check-host", "--probe-file", no, "--platform-version", "9.1", "--", *sev)
            equal((done.returncode, done.stdout), (1, ""))
            equal(tool(*command, "--probe-file", no, "--platform-version", "9.1", "--", *sev).returncode, 0)
        # Without a pinned version, values depend on this host.
        done = tool("explain", "--check-host", "--probe-file", no, "s.legacy-vm-type", "--", *sev)
        matches(done.stdout, r"legacy-vm-type +on ")
        done = tool("explain", "--probe-file", no, "s.legacy-vm-type", "--", *sev)
        matches(done.stdout, r"legacy-vm-type +off ")
        unknown = os.path.join(directory, "unknown.json")
        done = tool("resolve", "--check-host", "--probe-file", unknown, "--platform-version", "9.1", "--", *sev)
        equal(done.returncode, 0)
        matches(done.stderr, "sev-init2")


@test
def help_lists_what_there_is() -> None:
    for argv, pattern in ((["-help"], r"(?m)^  -device "), (["-device", "help"], r'(?m)^name "virtio-blk-pci"'),
                          (["-device", "virtio-blk-pci,help"], r"(?m)^  num-queues=<uint16>"),
                          (["-machine", "help"], r"(?m)^  pc-q35-2\.4"), (["-M", "?"], r"alias of pc-q35-11\.1"),
                          (["-object", "help"], "throttle-group"), (["-netdev", "help"], "user"),
                          (["-machine", "pc-q35-9.1,help"], "memory"), (["-version"], r"^vintage-vm \d+\.\d+")):
        done = run(VM, *argv)
        equal((done.returncode, done.stderr), (0, ""), str(argv))
        matches(done.stdout, pattern)
    equal(run(VM, "-device", "virtio-blk-pcx,help").returncode, 1)


main()
