#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every reference of every class, over QMP: an id that is empty, unknown or of another kind fails, and leaves
nothing."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from references import PREPARED, Place, References, wrong_ids  # noqa: E402
from schema_model import read_schema  # noqa: E402
from vintage_test import BUILD, LONG, SANITIZED, Machine, Qmp, equal, main, sampled, test  # noqa: E402

from qapigen.model import TARGETS, Schema  # noqa: E402

STEP = 5     # one place of this many under a sanitizer
COMMANDS = {"object": "object-add", "netdev": "netdev_add", "chardev": "chardev-add", "blockdev": "blockdev-add",
            "device": "device_add"}
MACHINES = {"x86_64": "pc-q35-9.1", "i386": "pc-q35-9.1"}     # elsewhere one without devices


class Backends(Machine):
    program = os.path.join(BUILD, "vintage-backends")


def what_is_there(qmp: Qmp) -> list:
    commands = {"query-chardev": {}, "query-named-block-nodes": {}, "qom-list": {"path": "/objects"}}
    return [sorted(str(each) for each in qmp.call_with(name, arguments)) for name, arguments in commands.items()]


def try_all(schema: Schema, qmp: Qmp, places: list[Place]) -> tuple[int, list[str]]:
    """The number of refused commands, and the errors of the others."""
    wrong, tried = [], 0
    for place in sampled(places, STEP):
        for kind, value in wrong_ids(schema, place):
            arguments = place.creation("new", value)
            tried += 1
            answer = qmp.raw(f"{command(place, arguments)}\n")
            text = answer.get("error", {}).get("desc", f"accepted: {answer}")
            if "error" not in answer or "\n" in text or place.member not in text or f"'{value}'" not in text:
                wrong.append(f"{place.one.name} {'.'.join(place.path)}: {kind} id '{value}': {text}")
    return tried, wrong


def command(place: Place, arguments: dict) -> str:
    import json

    return json.dumps({"execute": COMMANDS[place.root.name], "arguments": arguments})


def enough(ids: int) -> int:
    return ids // STEP if SANITIZED and not LONG else ids


def run_on(schema: Schema, make: type[Machine], argv: list[str], places: list[Place]) -> int:
    with make(*argv, "-S") if make is Machine else make(*argv) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        for root, arguments in PREPARED:
            qmp.call_with(COMMANDS[root], arguments)
        before = what_is_there(qmp)
        tried, wrong = try_all(schema, qmp, places)
        equal(wrong[:40], [], f"{len(wrong)} of {tried}")
        equal(what_is_there(qmp), before)
        # No failed command leaves a user of the named object.
        for root, arguments in reversed(PREPARED):
            ident = arguments.get("id") or arguments["node-name"]
            key = "node-name" if root == "blockdev" else "id"
            name = {"object": "object-del", "netdev": "netdev_del", "chardev": "chardev-remove", "blockdev": "blockdev-del"}
            qmp.call_with(name[root], {key: ident})
        return tried


@test
def the_machine_process_refuses_them() -> None:
    schema = read_schema()
    by_target: dict[str, list[Place]] = {}
    for place in References(schema):
        if place.root.name in COMMANDS:
            mask = schema.targets_of(place.one)
            target = next(name for bit, name in enumerate(TARGETS) if not mask or mask & 1 << bit)
            by_target.setdefault(target, []).append(place)
    tried = sum(run_on(schema, Machine, ["--target", target, "-machine", MACHINES.get(target, "none")], places)
                for target, places in by_target.items())
    members = sum(len(places) for places in by_target.values())
    print(f"# {members} members of {len({place.one.name for each in by_target.values() for place in each})} classes, "
          f"{tried} ids refused over QMP on {len(by_target)} targets")
    assert members > 1000 and tried > enough(3000), (members, tried)


@test
def the_backends_process_refuses_them() -> None:
    schema = read_schema("vintage-backends")
    places = [place for place in References(schema) if place.root.name in COMMANDS]
    tried = run_on(schema, Backends, [], places)
    print(f"# {len(places)} members, {tried} ids refused over QMP")
    assert tried > enough(300), tried


main()
