#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lives of types and members, compared with the types of a running QEMU 7.2 and of 11.1.

The recorded types are data outside this repository (../shared/data beside it, or $VINTAGE_DATA); without them the tests are
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

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
sys.path.insert(0, os.path.join(ROOT, "qapi-gen"))
from qapigen.cli import read  # noqa: E402
from qapigen.model import Class, Life, Member, Schema  # noqa: E402
from vintage_test import Skip, equal, main, test  # noqa: E402

DATA = os.environ.get("VINTAGE_DATA", os.path.join(ROOT, "..", "shared", "data"))
OLD, NEW = "7.2", "11.1"
# One of the two programs was built without the library, or without Xen.
LIBRARIES = re.compile(r"chardev-(spice|dbus|qemu-vdagent|braille)|dbus-|qxl|ccid-card-|usb-(host|redir)|vhost-user-(gpu|vga)|"
                       r"virtio-(gpu|vga)|xen-|sga$|xlnx,efuse$")
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


@functools.cache
def schema() -> Schema:
    result = read(os.path.join(ROOT, "schema", "vintage-vm.json"))
    assert result, "the schema has errors"
    return result[1]


def known() -> Iterator[tuple[Class, str]]:
    """Concrete classes that one of the releases has, with the name that QEMU gives them."""
    for one in schema().classes.values():
        for name in (one.tag, one.name):
            if not one.abstract and not one.is_machine and (name in types(OLD) or name in types(NEW)):
                yield one, name
                break


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
    found = [text for one, name in known() if not LIBRARIES.match(name)
             for text in wrong(name, name in types(OLD), name in types(NEW), one.life)]
    equal(found, [])


@test
def members_have_the_lives_that_the_releases_show() -> None:
    """a member that no type has any more, or that no type had before, states its life"""
    named = [(one, name) for one, name in known() if types(OLD).get(name) and types(NEW).get(name)]
    below: dict[str, list[str]] = {}
    for one, name in named:
        for ancestor in schema().ancestry(one.name):
            below.setdefault(ancestor.name, []).append(name)
    found: list[str] = []
    for owner, names in below.items():
        before, after = (set[str]().union(*(types(release)[name] for name in names)) for release in (OLD, NEW))
        members: list[Member] = [*schema().classes[owner].own]
        for mixin in schema().classes[owner].mixins:
            members += schema().members(mixin)
        for member in members:
            if (owner, member.name) not in EXCEPTED | MEMBERS_OF_LIBRARIES and (member.name in before or member.name in after):
                found += wrong(f"{owner}.{member.name}", member.name in before, member.name in after, member.life)
    equal(found, [])


if __name__ == "__main__":
    main()
