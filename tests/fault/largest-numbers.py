#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No number that the schema allows ends the process: sets each integer of each class to its limits, with little
memory.

The answer may be an error.  Long lists and long texts are tried, too."""

import json
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from lifecycle import SANITIZED  # noqa: E402
from references import INTEGERS, Enum, Member, References, Scalar, Struct  # noqa: E402
from schema_model import read_schema  # noqa: E402
from vintage_test import Machine, main, test  # noqa: E402

ROOM = 512 << 20        # bytes of address space
LONG = 20000
# One of this many, unless all are requested.
SAMPLE = 1 if os.environ.get("VINTAGE_LONG") else 71 if SANITIZED else 17
COMMANDS = {"object": ("object-add", "object-del", "id"), "chardev": ("chardev-add", "chardev-remove", "id"),
            "netdev": ("netdev_add", "netdev_del", "id"), "block-node": ("blockdev-add", "blockdev-del", "node-name"),
            "device": ("device_add", "device_del", "id")}
BITS = {"int": 63, "size": 64, "uint": 64}
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":allocator_may_return_null=1"
SCHEMA = read_schema()
REFERENCES = References(SCHEMA)


def largest(member: Member, name: str) -> int | None:
    """The largest value that the schema allows for an integer member; None: not an integer."""
    kind = SCHEMA.types.get(name)
    if isinstance(kind, Scalar) and kind.of in INTEGERS and not kind.names:
        name = kind.of
    if name not in INTEGERS:
        return None
    if member.range:
        return member.range[1]
    bits = BITS.get(name) or int("".join(filter(str.isdigit, name)))
    return (1 << (bits - (name.startswith("int") and name != "int"))) - 1


def values(member: Member, depth: int = 0) -> Iterator[Any]:
    """The tested values: the largest integer in each place, and long lists."""
    if not member.is_input or member.cond or depth > 2:
        return
    number = None if member.ref else largest(member, member.type)
    if number is not None:
        yield [number] if member.is_list else number
    kind = SCHEMA.types.get(member.type)
    if isinstance(kind, Struct):
        members = SCHEMA.members(member.type)
        for inner in members:
            for value in values(inner, depth + 1):
                rest = {each.name: REFERENCES.any(each) for each in members
                        if each.name != inner.name and not each.optional}
                yield [{**rest, inner.name: value}] if member.is_list else {**rest, inner.name: value}
    if member.is_list and not isinstance(kind, Enum):
        one = REFERENCES.any(member)[0]
        yield [one] * LONG
    if member.type == "str" and not member.is_list and not member.ref and not member.class_base and depth == 0:
        yield "x" * (1 << 20)


@contextmanager
def little_memory() -> Iterator[None]:
    """Limits programs that start meanwhile; a sanitizer's shadow memory needs unlimited address space."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def requests() -> Iterator[tuple[str, tuple[str, str, str], dict[str, Any]]]:
    for root in SCHEMA.classes.values():
        creates = root.creates
        if not creates or creates.kind not in COMMANDS:
            continue
        for one in SCHEMA.leaves(root.name):
            if not one.user_creatable or one.cond:
                continue
            props = {name: prop.member for name, prop in REFERENCES.props.of(one.name).items()}
            for name, member in props.items():
                for value in values(member):
                    config = {key: REFERENCES.any(other) for key, other in props.items()
                              if key != name and not other.optional and other.is_input}
                    config[name] = value
                    tag = one.tag or one.name
                    told: dict[str, Any] = {creates.id: "x"} if creates.id else {}
                    if creates.within:
                        told |= {creates.within: {creates.tag: tag, creates.wrap: config}}
                    else:
                        told |= {creates.tag: tag, **({creates.wrap: config} if creates.wrap else config)}
                    yield f"{one.name}.{name}", COMMANDS[creates.kind], told


@test
def the_largest_values_end_in_an_answer() -> None:
    tried = made = 0
    with little_memory():
        machine = Machine("-machine", "none")
    with machine:
        qmp = machine.qmp
        assert qmp
        qmp.negotiate()
        for number, (what, (add, delete, key), arguments) in enumerate(requests()):
            if number % SAMPLE:
                continue
            tried += 1
            try:
                answer = qmp.raw(json.dumps({"execute": add, "arguments": arguments}) + "\n")
                if "return" in answer:
                    made += 1
                    qmp.raw(json.dumps({"execute": delete, "arguments": {key: "x"}}) + "\n")
            except (EOFError, BrokenPipeError) as error:
                raise AssertionError(f"{what}: {json.dumps(arguments)[:200]}: {error}; {machine.end()}") from error
    print(f"# {tried} values, {made} of which make an object")
    assert tried > 2000 // SAMPLE and made > 600 // SAMPLE


if __name__ == "__main__":
    main()
