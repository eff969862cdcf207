#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Facts from a running QEMU: a fake monitor, and Debian's QEMU where it is installed."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "qapi-gen"))
from vintage_test import LONG, Skip, equal, main, matches, test  # noqa: E402

from qapigen.importer import fold, live, monitor, observe  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
QEMU = "qemu-system-x86_64"

TYPES = [
    {"name": "object", "abstract": True}, {"name": "device", "parent": "object", "abstract": True},
    {"name": "disk", "parent": "device"}, {"name": "fast-disk", "parent": "disk"},
    {"name": "cpu", "parent": "device", "abstract": True}, {"name": "quick-cpu", "parent": "cpu"},
    {"name": "interface", "abstract": True}, {"name": "user-creatable", "parent": "interface", "abstract": True},
    {"name": "colo-compare", "parent": "object"}, {"name": "pool", "parent": "object"},
]
PROPERTIES = {
    "disk": [{"name": "queues", "type": "uint16", "default-value": 4}, {"name": "cache", "type": "bool", "default-value": True},
             {"name": "drive", "type": "str"}, {"name": "bus0", "type": "child<bus>"}],
    "fast-disk": [{"name": "queues", "type": "uint16", "default-value": 8}, {"name": "owner", "type": "link<pool>"}],
    "quick-cpu": [{"name": "level", "type": "uint32", "default-value": 0}],
    "pool": [{"name": "size", "type": "int"}],
}
MACHINES = [
    {"name": "board-2.0", "compat-props": []},
    {"name": "board-1.9", "compat-props": [{"qom-type": "disk", "property": "queues", "value": "0x2"}]},
    {"name": "board-1.10", "compat-props": [{"qom-type": "disk", "property": "cache", "value": "off"},
                                            {"qom-type": "fast-disk", "property": "queues", "value": "1K"}]},
    {"name": "bench"}, {"name": "toy", "compat-props": []},
]


class Fake(threading.Thread):
    """A monitor that answers from the tables above. @old: it does not report compat properties."""

    def __init__(self, path: str, old: bool) -> None:
        super().__init__(daemon=True)
        self.old = old
        self.asked: list[str] = []
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(1)

    def run(self) -> None:
        connection = self.server.accept()[0]
        with connection, connection.makefile("rw", encoding="utf-8") as stream:
            self.put(stream, {"QMP": {"version": {}, "capabilities": []}})
            for line in stream:
                request = json.loads(line)
                arguments = request.get("arguments", {})
                self.asked.append(f"{request['execute']} {arguments.get('typename', '')}".strip())
                self.put(stream, {"event": "NOISE", "data": {}})
                try:
                    self.put(stream, {"return": self.answer(request["execute"], arguments)})
                except KeyError as error:
                    self.put(stream, {"error": {"class": "GenericError", "desc": f"no {error}"}})

    @staticmethod
    def put(stream: Any, message: dict) -> None:
        stream.write(json.dumps(message) + "\n")
        stream.flush()

    def answer(self, command: str, arguments: dict) -> Any:
        if command == "qmp_capabilities":
            return {}
        if command == "query-target":
            return {"arch": "fake"}
        if command == "qom-list-types":
            names = {"device": ("disk", "fast-disk", "quick-cpu"), "user-creatable": ("pool", "colo-compare")}
            wanted = names.get(arguments.get("implements", ""))
            return [one for one in TYPES if wanted is None or one["name"] in wanted]
        if command in ("device-list-properties", "qom-list-properties"):
            return PROPERTIES[arguments["typename"]]
        if command == "human-monitor-command":
            return ('Storage devices:\r\nname "disk", bus SLOT, desc "A disk"\r\n\r\n'
                    'Uncategorized devices:\r\nname "fast-disk"\r\n')
        if command == "query-machines" and (not self.old or "compat-props" not in arguments):
            return [{"name": one["name"]} for one in MACHINES] if self.old else MACHINES
        raise KeyError(command)


def collect_fake(old: bool = False, trusts: live.Trusts = lambda kind, name: True) -> tuple[dict, dict, list[str], list[str]]:
    said: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "monitor")
        fake = Fake(path, old)
        fake.start()
        target = live.collect(scratch, qmp=path, wants=lambda target, machine: machine == "toy", trusts=trusts,
                              say=said.append)
        equal(target, "fake")
        documents = []
        for name in ("effective", "types"):
            with open(os.path.join(scratch, f"{name}-fake.json"), encoding="utf-8") as stream:
                documents.append(json.load(stream))
    return documents[0], documents[1], said, fake.asked


@test
def compat_properties_over_defaults() -> None:
    """a machine's defaults are the compat properties over the property defaults, along the inheritance; the last
    one wins"""
    effective, _, said, _ = collect_fake()
    equal(effective["machines"], ["board-2.0", "board-1.10", "board-1.9", "toy"])
    equal(len(said), 1)
    matches(said[0], "not the values that the code of a type sets")
    disk = effective["init"]["disk"]["properties"]
    equal(disk["queues"], {"type": "uint16", "value": 4, "differs": [[2, ["board-1.9"]]]})
    equal(disk["cache"], {"type": "bool", "value": True, "differs": [[False, ["board-1.10"]]]})
    equal(disk["drive"], {"type": "str", "value": None, "note": "unobserved"})
    equal(disk["type"], {"type": "string", "value": "disk"})
    fast = effective["init"]["fast-disk"]["properties"]
    equal(fast["queues"], {"type": "uint16", "value": 8, "differs": [[1024, ["board-1.10"]], [2, ["board-1.9"]]]})
    equal(sorted(fast), ["queues", "type"])


@test
def a_model_of_a_processor_is_not_its_defaults() -> None:
    """values that a CPU model sets over the property defaults are not guessed"""
    equal(collect_fake()[0]["init"]["quick-cpu"]["properties"]["level"], {"type": "uint32", "value": None, "note": "unobserved"})


@test
def defaults_that_are_not_trusted() -> None:
    """a reported default counts if it is trusted, or if a machine changes it"""
    effective = collect_fake(trusts=lambda kind, name: kind != "disk")[0]["init"]
    equal(effective["disk"]["properties"]["queues"], {"type": "uint16", "value": 4, "differs": [[2, ["board-1.9"]]]})
    effective = collect_fake(old=True, trusts=lambda kind, name: kind != "disk")[0]["init"]
    equal(effective["disk"]["properties"]["queues"], {"type": "uint16", "value": None, "note": "unobserved"})
    equal(effective["fast-disk"]["properties"]["queues"], {"type": "uint16", "value": 8})


@test
def old_monitor() -> None:
    """a QEMU without compat properties is not trusted for older machines, and the output states that"""
    effective, _, said, _ = collect_fake(old=True)
    equal(effective["machines"], ["board-2.0", "toy"])
    equal(len(said), 2)
    matches(said[1], "does not report its machines' compat properties")


@test
def types_and_categories() -> None:
    """types come with parents, properties, category and kind of bus"""
    _, types, _, asked = collect_fake()
    disk = types["types"]["disk"]
    equal((disk["parent"], disk["abstract"], disk["categories"], disk["bus"]), ("device", False, ["Storage"], "SLOT"))
    equal(disk["device-list-properties"]["queues"], {"type": "uint16", "default-value": 4})
    assert "bus0" not in disk["device-list-properties"], disk
    equal(types["types"]["fast-disk"]["categories"], ["Uncategorized"])
    equal(types["types"]["pool"]["implements"], ["user-creatable"])
    assert not any("colo-compare" in each for each in asked), asked
    equal(types["types"]["colo-compare"]["silent"], True)


@test
def ranges_of_machines() -> None:
    """ranges follow each family's own order of versions"""
    machines = fold.in_order(["q-1.10", "q-1.9", "q-2.0", "q-1.9.1", "none", "p-3.0"])
    equal(machines, ["p-3.0", "q-2.0", "q-1.10", "q-1.9.1", "q-1.9", "none"])
    equal(fold.ranges({"q-1.9", "q-1.9.1", "q-2.0", "none", "p-3.0"}, machines), ["p-*", "q-1.9..1.9.1", "q-2.0", "none"])


@test
def nobody_there() -> None:
    """an unreachable monitor, or a socket that is not a monitor, is one error line"""
    with tempfile.TemporaryDirectory() as scratch:
        for action, pattern in ((lambda: live.collect(scratch, qmp=os.path.join(scratch, "none")), "none: No such file"),
                                (lambda: live.collect(scratch, binary="no-such-qemu"), "no-such-qemu: No such file"),
                                (lambda: live.collect(scratch, binary="true"), "true -machine none: hung up")):
            try:
                action()
            except monitor.LiveError as error:
                matches(str(error), pattern)
                equal(len(str(error).splitlines()), 1)
            else:
                raise AssertionError(f"{pattern}: no error")


@test
def chosen_machines() -> None:
    """selects the machines with versions, those requested, and among them those named"""
    choice = live.Choice(lambda target, name: target == "fake" and name == "toy", [])
    equal(list(choice.of({"b-1.9": 0, "b-1.10": 0, "toy": 0, "bench": 0}, "fake")), ["b-1.10", "b-1.9", "toy"])
    equal(list(choice.of({"b-1.9": 0, "toy": 0}, "other")), ["b-1.9"])
    equal(list(live.Choice(None, ["c-*"]).of({"b-1.9": 0, "c-2.0": 0}, "fake")), ["c-2.0"])
    try:
        live.Choice(None, ["d-*"]).of({"b-1.9": 0}, "fake")
    except monitor.LiveError as error:
        matches(str(error), r"no machine of this QEMU is called d-\*")
    else:
        raise AssertionError("no error")


@test
def from_within() -> None:
    """a real QEMU under qtest reports each machine's values before devices are realized"""
    if not shutil.which(QEMU):
        raise Skip(f"{QEMU} is not installed")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            folder = live.from_within(QEMU, ["pc-i440fx-5.1", "pc-i440fx-2.4"], scratch, lambda text: None)
        except observe.Unobservable as reason:
            raise Skip(str(reason)) from None
    document = folder.document()
    disk = document["init"]["virtio-blk-device"]["properties"]
    equal(disk["queue-size"], {"type": "uint16", "value": 256, "differs": [[128, ["pc-i440fx-2.4"]]]})
    equal(document["init"]["VGA"]["properties"]["edid"]["differs"], [[False, ["pc-i440fx-2.4"]]])
    equal(document["init"]["virtio-blk-pci"]["children"], {"virtio-backend": "virtio-blk-device"})
    equal(document["init"]["vmgenid"]["properties"]["guid"]["note"], "volatile")
    equal(document["init"]["rng-builtin"]["properties"]["type"], {"type": "string", "value": "rng-builtin"})
    types: dict[str, Any] = {"rng-builtin": {}, "VGA": {}}
    live.tell_fixed(types, folder)
    equal((types["VGA"]["properties"]["edid"], types["VGA"]["properties"]["hotpluggable"]),
          ({"type": "bool", "set": True}, {"type": "bool", "set": False}))
    equal(document["machine"]["bare"]["pc-i440fx"]["type"]["value"], "pc-i440fx-5.1-machine")


def qapi_gen(schema: str, *argv: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, os.path.join(SOURCE, "qapi-gen", "qapi-gen"), "import", "--schema",
                           os.path.join(SOURCE, schema), *argv], capture_output=True, text=True, check=False)


@test
def command_line() -> None:
    """`qapi-gen import` reports in one line why it has no facts"""
    for argv, pattern in ((("--qmp", "no-such-socket"), "no-such-socket: No such file"),
                          (("--binary", "no-such-qemu"), "no-such-qemu: No such file")):
        done = qapi_gen("tests/golden/schema/sample.json", *argv)
        equal((done.returncode, done.stdout, len(done.stderr.splitlines())), (1, "", 1), done.stderr)
        matches(done.stderr, pattern)


@test
def nothing_is_lacking() -> None:
    """the schema has everything that a real QEMU has on an old machine; VINTAGE_LONG=1: and on its newest one"""
    if not shutil.which(QEMU):
        raise Skip(f"{QEMU} is not installed")
    newest = ("--machine", "pc-q35-7.2") if LONG else ()
    done = qapi_gen("schema/vintage-vm.json", "--binary", QEMU, *newest, "--machine", "pc-i440fx-2.4")
    equal((done.returncode, done.stdout), (0, "the schema lacks nothing\n"), done.stderr)


if __name__ == "__main__":
    main()
