#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lives of types, members, commands, events and options, compared with a running QEMU 7.2 and 11.1.

The records are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them the tests are
skipped.  A name of both sides that one release has and the other lacks has a life that says so.
"""

import functools
import glob
import json
import lzma
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
sys.path.insert(0, os.path.join(ROOT, "qapi-gen"))
from qapigen.history import Life  # noqa: E402
from qapigen.model import BusType, Class, Member, QomType, Schema  # noqa: E402
from schema_model import read_schema  # noqa: E402
from vintage_test import Skip, equal, main, test  # noqa: E402

DATA = os.environ.get("VINTAGE_DATA", os.path.join(ROOT, "..", "shared", "data"))
OLD, NEW = "7.2", "11.1"
# One of the two programs was built without the library, or without Xen.
LIBRARIES = re.compile(r"chardev-(spice|dbus|qemu-vdagent|braille)|dbus-|(pci-)?qxl|ccid-card-|usb-(host|redir)|"
                       r"vhost-user-(gpu|vga)|virtio-(gpu|vga)|xen-|xlnx,efuse$")
LIBRARY_OPTIONS = {"spice", "vnc", "iscsi"}
MEMBERS_OF_LIBRARIES = {("x86_64-cpu", "xen-vapic")}
# The lists lack the first.  The second is a member of a mixin, and other classes of the mixin had it before.
EXCEPTED = {("device", "bus"), ("virtio-balloon-pci-base", "ioeventfd")}

Types = dict[str, set[str]]


@functools.cache
def types(release: str) -> Types:
    """{type: properties} of all targets."""
    paths = sorted(glob.glob(os.path.join(DATA, "truth", f"types-{release}*.json.xz")))
    if not paths:
        raise Skip(f"the types of QEMU {release} are not here (set VINTAGE_DATA)")
    found: Types = {}
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") as packed:
            for name, record in json.load(packed)["types"].items():
                found.setdefault(name, set()).update(record.get("device-list-properties") or ())
    return found


def known() -> Iterator[tuple[Class, str]]:
    """Classes that one of the releases has, with the name that QEMU gives them."""
    for one in read_schema().classes.values():
        for name in (one.tag, one.name):
            if not one.is_machine and not one.unlisted and (name in types(OLD) or name in types(NEW)):
                yield one, name
                break


@functools.cache
def answer(kind: str, release: str) -> list[dict[str, Any]]:
    """Of all targets: 'qmp-schema' or 'commandline'."""
    paths = sorted(glob.glob(os.path.join(DATA, "truth", f"{kind}-{release}*.json*")))
    if not paths:
        raise Skip(f"the {kind} of QEMU {release} is not here (set VINTAGE_DATA)")
    found: list[dict[str, Any]] = []
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") if path.endswith(".xz") else open(path, encoding="utf-8") as stream:
            content = json.load(stream)
        found += content["schema" if kind == "qmp-schema" else "options"]
    return found


@functools.cache
def entities(meta: str, release: str) -> dict[str, set[str]]:
    """Commands or events, with their features."""
    return {one["name"]: set(one.get("features", ())) for one in answer("qmp-schema", release) if one["meta-type"] == meta}


def wrong(what: str, before: bool, after: bool, life: Life | None) -> Iterator[str]:
    if before and not after and not (life and any(life.removed)):
        yield f"{what}: {OLD} has it and {NEW} lacks it; the schema states no release that removed it"
    if after and not before and not (life and any(life.introduced)):
        yield f"{what}: {NEW} has it and {OLD} lacks it; the schema states no release that introduced it"
    if before and after and life and any(life.removed) or not before and after and life and any(life.removed):
        yield f"{what}: {NEW} has it; the schema states that it is removed"


@test
def types_have_the_lives_that_the_releases_show() -> None:
    """a type that one release has and the other lacks states its life"""
    others: list[QomType | BusType] = [*read_schema().qom_types.values(), *read_schema().buses.values()]
    both: list[tuple[Class | QomType | BusType, str]] = [*known(), *((one, one.name) for one in others)]
    found = [text for one, name in both if not LIBRARIES.match(name)
             for text in wrong(name, name in types(OLD), name in types(NEW), one.life)]
    equal(found, [])


@test
def commands_and_events_have_the_lives_that_the_releases_show() -> None:
    """a command or event that one release has and the other lacks, or has deprecated, states its life"""
    found: list[str] = []
    for meta, names in (("command", read_schema().commands), ("event", read_schema().events)):
        before, after = (entities(meta, release) for release in (OLD, NEW))
        for name, one in names.items():
            life = one.life or Life()
            if one.cond is None:        # one of the two programs was built without what the condition names
                found += wrong(name, name in before, name in after, life)
            marked = any(life.deprecated) and not any(life.removed)
            if name in after and marked != ("deprecated" in after[name]):
                found.append(f"{name}: the schema states that it is {'' if marked else 'not '}deprecated; {NEW} differs")
    equal(found, [])


@test
def options_have_the_lives_that_the_releases_show() -> None:
    """an option that one release has and the other lacks states its life"""
    before, after = ({one["option"] for one in answer("commandline", release)} for release in (OLD, NEW))
    found = [text for name, one in read_schema().options.items() if name not in LIBRARY_OPTIONS
             for text in wrong(f"-{name}", name in before, name in after, one.life)]
    equal(found, [])


@test
def members_have_the_lives_that_the_releases_show() -> None:
    """a member that no type has any more, or that no type had before, states its life"""
    named = [(one, name) for one, name in known() if types(OLD).get(name) and types(NEW).get(name)]
    below: dict[str, list[str]] = {}
    for one, name in named:
        for ancestor in read_schema().ancestry(one.name):
            below.setdefault(ancestor.name, []).append(name)
    found: list[str] = []
    for owner, names in below.items():
        before, after = (set[str]().union(*(types(release)[name] for name in names)) for release in (OLD, NEW))
        members: list[Member] = [*read_schema().classes[owner].own]
        for mixin in read_schema().classes[owner].mixins:
            members += read_schema().members(mixin)
        for member in members:
            if (owner, member.name) not in EXCEPTED | MEMBERS_OF_LIBRARIES and (member.name in before or member.name in after):
                found += wrong(f"{owner}.{member.name}", member.name in before, member.name in after, member.life)
    equal(found, [])


if __name__ == "__main__":
    main()
