#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An empty text differs from an absent one: each member that protects something refuses it."""

import json
import os
import re
import sys
from typing import Any, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from references import HOLE, Member, Ref, References, Struct, Union, filled, key_value  # noqa: E402
from schema_model import read_schema  # noqa: E402
from vintage_test import VM, Machine, equal, main, run, test, tool  # noqa: E402

SCHEMA = read_schema()
REFERENCES = References(SCHEMA)
NO_REF = Ref("none")
# The first option that creates an object, by the root class.
OPTIONS = {option.creates: f"-{option.name}" for option in reversed(SCHEMA.options.values())
           if option.creates and not option.class_suffixes and not option.expands_by and option.creates != "machine"}
COMMANDS = {"object": "object-add", "chardev": "chardev-add", "netdev": "netdev_add", "block-node": "blockdev-add",
            "device": "device_add"}
# Members that protect something, by a word in their names.
PROTECTS = re.compile(r"(^|-)(creds|authz|keyid|secret|password|passwd|username|identity|priority)(-|$)"
                      r"|^chroot$")


def of_classes() -> Iterator[tuple[Any, Any, str, Member]]:
    for root in SCHEMA.classes.values():
        for one in SCHEMA.leaves(root.name) if root.creates else ():
            if one.user_creatable and not one.cond:
                for name, prop in REFERENCES.props.of(one.name).items():
                    yield root, one, name, prop.member


def members() -> Iterator[tuple[str, Member]]:
    for _, one, name, member in of_classes():
        yield f"{one.name}.{name}", member
    for kind in SCHEMA.types.values():
        # An engine checks what only its commands have.
        if isinstance(kind, (Struct, Union)) and kind.name not in SCHEMA.relayed:
            for member in SCHEMA.members(kind.name):
                yield f"{kind.name}.{member.name}", member


@test
def every_text_that_protects_is_a_reference_or_not_empty() -> None:
    protect = {what: member for what, member in members() if PROTECTS.search(member.name) and member.type == "str"
               and member.is_input and not member.is_list}
    bare = sorted(what for what, member in protect.items() if not (member.ref or member.non_empty))
    print(f"# {len(protect)} texts")
    assert len(protect) > 20
    equal(bare, [], "say 'non-empty': true in the schema")


def refused(text: str, name: str, what: str) -> None:
    assert name in text and ("empty" in text or "names no" in text), f"{what}: {text!r}"


class Texts(References):
    """Texts that are never empty, in place of references."""

    def holes(self, member: Member, depth: int) -> Iterator[tuple[tuple[str, ...], Ref, Any]]:
        if member.non_empty and not member.ref and member.is_input and not member.is_list:
            yield (), NO_REF, HOLE
        else:
            yield from super().holes(member, depth)


@test
def an_empty_text_is_refused_by_check_and_qmp() -> None:
    tried = nested = 0
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        for place in Texts(SCHEMA):
            kind = place.root.creates.kind if place.root.creates else ""
            if place.ref is not NO_REF or place.root.name not in OPTIONS:
                continue
            what = f"{place.one.name}.{'.'.join(place.path)}"
            if kind in COMMANDS:
                answer = machine.qmp.raw(json.dumps({"execute": COMMANDS[kind], "arguments": place.creation("x", "")}) + "\n")
                refused(answer.get("error", {}).get("desc", "no error"), place.member, f"{what}, QMP")
            creates = place.root.creates
            text = ",".join([f"{creates.tag}={place.tag}", *([f"{creates.id}=x"] if creates.id else []),
                             *key_value(filled(place.members, ""))])
            done = tool("check", "--", "-machine", "none", OPTIONS[place.root.name], text)
            equal(done.returncode, 1, f"{what}, check")
            refused(done.stderr, place.member, f"{what}, check")
            tried += 1
            nested += len(place.path) > 1
    print(f"# {tried} members, {nested} of them in structs")
    assert tried > 10 and nested > 1


@test
def an_empty_text_of_an_option_is_refused_by_every_program() -> None:
    tried = 0
    for option in SCHEMA.options.values():
        kind = SCHEMA.types.get(option.type)
        for member in SCHEMA.members(option.type) if isinstance(kind, Struct) else ():
            if not member.non_empty:
                continue
            for value in (f"{member.name}=", json.dumps({member.name: ""})):
                argv = ["-machine", "none", f"-{option.name}", value]
                for done in (run(VM, *argv), tool("check", "--", *argv)):
                    equal(done.returncode, 1, f"{argv}")
                    refused(done.stderr, member.name, f"{argv}")
                    tried += 1
    for short, member in (("runas", "user"), ("chroot", "chroot")):
        done = tool("check", "--", "-machine", "none", f"-{short}", "")
        equal(done.returncode, 1, short)
        refused(done.stderr, member, short)
    print(f"# {tried} options")
    assert tried > 6


if __name__ == "__main__":
    main()
