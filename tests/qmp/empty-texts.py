#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An empty text differs from an absent one: each member that protects something refuses it."""

import json
import os
import re
import sys
from typing import Any, Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from references import Member, References, Struct, Union, key_value, read_schema  # noqa: E402
from vintage_test import Machine, equal, main, test, tool  # noqa: E402

SCHEMA = read_schema()
REFERENCES = References(SCHEMA)
OPTIONS = {"object": "-object", "chardev": "-chardev", "netdev": "-netdev", "block-node": "-blockdev", "device": "-device"}
COMMANDS = {"object": "object-add", "chardev": "chardev-add", "netdev": "netdev_add", "block-node": "blockdev-add",
            "device": "device_add"}
# Members that protect something, by a word in their names.
PROTECTS = re.compile(r"(^|-)(creds|authz|keyid|secret|password|passwd|username|identity|priority)(-|$)")


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
        if isinstance(kind, (Struct, Union)):
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


@test
def an_empty_text_is_refused_by_check_and_qmp() -> None:
    tried = 0
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        for root, one, name, member in of_classes():
            if not member.non_empty or not member.is_input or root.creates.kind not in OPTIONS:
                continue
            creates = root.creates
            rest = {key: REFERENCES.any(prop.member) for key, prop in REFERENCES.props.of(one.name).items()
                    if key != name and not prop.member.optional and prop.member.is_input}
            config = {**rest, name: ""}
            tag = one.tag or one.name
            arguments: dict[str, Any] = {creates.id: "x"} if creates.id else {}
            if creates.within:
                arguments |= {creates.within: {creates.tag: tag, creates.wrap: config}}
            else:
                arguments |= {creates.tag: tag, **({creates.wrap: config} if creates.wrap else config)}
            answer = machine.qmp.raw(json.dumps({"execute": COMMANDS[creates.kind], "arguments": arguments}) + "\n")
            refused(answer.get("error", {}).get("desc", "no error"), name, f"{one.name}.{name}, QMP")
            text = ",".join([f"{creates.tag}={tag}", *([f"{creates.id}=x"] if creates.id else []), *key_value(config)])
            done = tool("check", "--", "-machine", "none", OPTIONS[creates.kind], text)
            equal(done.returncode, 1, f"{one.name}.{name}, check")
            refused(done.stderr, name, f"{one.name}.{name}, check")
            tried += 1
    print(f"# {tried} members")
    assert tried > 10


if __name__ == "__main__":
    main()
