#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The main loop never blocks: a second client gets replies while each command of each program runs.

The schema lists the commands and the types of their arguments.  Texts are the paths of pipes, terminals and endless
files; addresses are those of servers that accept nothing; ids are those of backends that cannot write or connect."""

import os
import sys
import tempfile
from dataclasses import replace
from typing import Any, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from namespace import enter_namespace, is_inside, raise_loopback  # noqa: E402
from obstacles import ADDRESSES, BOUND, Watch, legacy, make_pipes_of_keys, obstacles, plain  # noqa: E402
from references import DEPTH, HOLE, PREPARED, Place, References  # noqa: E402
from schema_model import read_schema  # noqa: E402
from samples import SAMPLES, Sample  # noqa: E402
from vintage_test import BUILD, Machine, main, sampled, test  # noqa: E402
from qapigen.model import INTEGERS, Enum, Member, Ref, Schema  # noqa: E402

# libslirp 4.7 leaks the name of the TFTP server, which this test sets.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"

CREATE = {"object": "object-add", "netdev": "netdev_add", "chardev": "chardev-add", "blockdev": "blockdev-add",
          "device": "device_add"}
REMOVE = {"object": ("object-del", "id"), "netdev": ("netdev_del", "id"), "chardev": ("chardev-remove", "id"),
          "blockdev": ("blockdev-del", "node-name"), "device": ("device_del", "id")}
# What only -preconfig creates: refused.
EARLY = {"set-numa-node": {"type": "node"}}
# The object model: its commands are tried on each object and property that exists.
MODEL = ("qom-list", "qom-get", "qom-set")
LAST = (*(name for name, _ in REMOVE.values()), "quit")
NUMBERS = (1, 0, -1, 512, 1 << 62)
# What a hole is: a text, or one of the two forms of an address.
HOLES = {name: Ref(name) for name in ("str", *ADDRESSES)}


class Backends(Machine):
    program = os.path.join(BUILD, "vintage-backends")


# ---- creations -----------------------------------------------------------------------------------------------


class HostTexts(References):
    """Texts and addresses, in place of references."""

    def holes(self, member: Member, depth: int) -> Iterator[tuple[tuple[str, ...], Ref, Any]]:
        if member.type not in HOLES or member.ref:
            yield from super().holes(member, depth)
        elif member.is_input and not member.cond and depth <= DEPTH:
            yield (), HOLES[member.type], [HOLE] if member.is_list else HOLE

    def one_hole(self, name: str, ref: Ref | None, depth: int) -> Iterator[tuple[tuple[str, ...], Ref, Any]]:
        if name == "str" and not ref:
            yield (), HOLES["str"], HOLE
        elif not ref or ref.inline:
            yield from super().one_hole(name, ref, depth)


def places(schema: Schema) -> Iterator[Place]:
    """Texts and addresses of classes with behaviour, each member once, wherever it is inherited."""
    seen = set()
    for place in HostTexts(schema):
        key = (place.definition, place.path)
        if place.root.name in CREATE and place.one.model != "none" and place.ref in HOLES.values() and key not in seen:
            seen.add(key)
            yield place


def values_of(place: Place, paths: dict[str, str], addresses: dict[str, dict]) -> list[Any]:
    if place.ref == HOLES["str"]:
        return list(paths.values())
    return [legacy(one) if place.ref == HOLES["SocketAddressLegacy"] else one for one in addresses.values()]


def creation(place: Place, value: Any, directory: str) -> dict:
    """The arguments that create an object "x" with @value in its place."""
    sample = plain(SAMPLES.get(place.one.name, [Sample()])[0].members, directory)
    own = {name: each for name, each in place.members.items() if name == place.path[0] or name not in sample}
    return replace(place, members={**sample, **own}).creation("x", value)


def try_creations(schema: Schema, watch: Watch, directory: str, paths: dict[str, str], addresses: dict[str, dict]) -> set[str]:
    tried = set()
    for place in places(schema):
        command, (remove, name) = CREATE[place.root.name], REMOVE[place.root.name]
        tried.add(command)
        for value in sampled(values_of(place, paths, addresses), 5, 2):
            if "return" in watch.call_with(command, creation(place, value, directory)):
                watch.call_with(remove, {name: "x"})
    return tried


# ---- other commands ------------------------------------------------------------------------------------------


def add_stuck(watch: Watch, paths: dict[str, str], addresses: dict[str, dict]) -> list[str]:
    """Adds backends that cannot connect or write; their ids."""
    backends = {"connecting": ("socket", {"addr": legacy(addresses["full backlog"]), "server": False, "reconnect-ms": 10}),
                "calling": ("socket", {"addr": legacy(addresses["silent host"]), "server": False, "reconnect-ms": 10}),
                "full": ("file", {"out": paths["written-pipe"]}), "unread": ("pty", {}), "ring": ("ringbuf", {"size": 4096})}
    for name, (kind, data) in backends.items():
        answer = watch.call_with("chardev-add", {"id": name, "backend": {"type": kind, "data": data}})
        assert "return" in answer, answer
    for command, arguments in (
            ("object-add", {"qom-type": "rng-egd", "id": "hungry", "chardev": "connecting"}),
            ("netdev_add", {"type": "stream", "id": "stream", "addr": addresses["silent host"], "reconnect-ms": 10}),
            ("netdev_add", {"type": "dgram", "id": "dgram", "remote": addresses["silent host"], "local": {
                "type": "inet", "host": "127.0.0.1", "port": "0"}})):
        answer = watch.call_with(command, arguments)
        assert "return" in answer, answer
    return [*backends, "hungry", "stream", "dgram"]


def candidates(schema: Schema, member: Member, texts: list[str]) -> list[Any]:
    kind = schema.types.get(member.type)
    if isinstance(kind, Enum):
        values: list[Any] = [value.name for value in kind.values]
    else:
        values = list(NUMBERS) if member.type in INTEGERS else [True, False] if member.type == "bool" else texts
    return [[value] for value in values] if member.is_list else values


def arguments_of(schema: Schema, command: Any, texts: list[str]) -> Iterator[dict]:
    """Each value of each member, with the first values of the members that are required."""
    members = schema.members(command.arg) if command.arg else ()
    required = {member.name: candidates(schema, member, texts)[0] for member in members if not member.optional}
    yield required
    for member in members:
        for value in candidates(schema, member, texts):
            yield {**required, member.name: value}


def of_the_model(watch: Watch, texts: list[str], path: str = "/") -> Iterator[tuple[str, dict]]:
    yield "qom-list", {"path": path}
    for row in watch.second.call("qom-list", path=path):
        if row["type"].startswith("child<"):
            yield from of_the_model(watch, texts, f"{path.rstrip('/')}/{row['name']}")
            continue
        yield "qom-get", {"path": path, "property": row["name"]}
        yield "qom-set", {"path": path, "property": row["name"], "value": texts[0]}


def try_others(schema: Schema, watch: Watch, texts: list[str]) -> set[str]:
    tried = set()
    for name, arguments in sampled(of_the_model(watch, texts), 7, 2):
        watch.call_with(name, arguments)
        tried.add(name)
    for name in EARLY.keys() & schema.commands.keys():
        assert "error" in watch.call_with(name, EARLY[name])
        tried.add(name)
    commands = [one for one in schema.own_commands if not one.creates and one.name not in MODEL]
    for command in sorted(commands, key=lambda one: LAST.index(one.name) if one.name in LAST else -1):
        for arguments in sampled(arguments_of(schema, command, texts), 3, 2):
            if command.name != "quit":
                watch.call_with(command.name, arguments)
            tried.add(command.name)
    return tried


def quits(watch: Watch) -> None:
    watch.first.call("quit")
    watch.machine.process.wait(BOUND)


def every_command(make: type[Machine], argv: list[str], program: str) -> None:
    schema = read_schema(program)
    with tempfile.TemporaryDirectory() as directory, obstacles(directory) as (paths, addresses), \
            make(*argv, qmp="unix:PATH,server=on,wait=off") as machine:
        paths["pipes"] = make_pipes_of_keys(directory)
        watch = Watch(machine)
        for root, arguments in PREPARED:
            watch.first.call_with(CREATE[root], arguments)
        tried = try_creations(schema, watch, directory, paths, addresses)
        ids = [arguments.get("id") or arguments["node-name"] for _, arguments in PREPARED]
        tried |= try_others(schema, watch, [*add_stuck(watch, paths, addresses), *ids, *paths.values()])
        quits(watch)
    own = {command.name for command in schema.own_commands}
    print(f"# {len(tried & own)} of {len(own)} commands: {watch.report()}")
    assert tried >= own, f"not tried: {own - tried}"


@test
def of_vintage_vm() -> None:
    """every command of vintage-vm leaves a second client its replies"""
    every_command(Machine, ["-machine", "pc-q35-9.1", "-S", "-device", "virtio-rng-pci,id=device"], "vintage-vm")


@test
def of_vintage_backends() -> None:
    """every command of vintage-backends leaves a second client its replies"""
    every_command(Backends, [], "vintage-backends")


if __name__ == "__main__":
    enter_namespace()
    if is_inside():
        raise_loopback()
    main()
