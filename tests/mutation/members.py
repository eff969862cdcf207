# SPDX-License-Identifier: MIT
"""Mistakes in members: wrong values, missing parts, unknown names and types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from qapigen.model import BUILTINS, INTEGERS, Enum, Scalar

from spans import Mutant, misspelt, unhyphenated
from world import Literal, Place, World, operator

Mutants = Iterator[Mutant]
# For each type, literals of other types.
FOREIGN = {"bool": ("'yes'", "1", "null", "'true'"), "str": ("5", "true", "null"), "number": ("'1'", "true"),
           "enum": ("true", "7", "null"), "int": ("'many'", "true", "1.5", "null")}


def kind_of(world: World, literal: Literal) -> str:
    """The key of FOREIGN; empty for other values."""
    kind = world.schema.types.get(literal.type)
    if literal.member and (literal.member.is_list or literal.member.class_base):
        return ""
    if isinstance(kind, Enum):
        return "enum"
    name = kind.of if isinstance(kind, Scalar) else literal.type
    if isinstance(kind, Scalar) and kind.accepts != ("int",):
        return ""
    return "int" if name in INTEGERS else name if name in FOREIGN else ""


@operator
def value_is_of_another_type(world: World) -> Mutants:
    for literal in world.literals():
        for text in FOREIGN.get(kind_of(world, literal), ()):
            # A class that is like this one may fail first.
            yield replace(literal.file.replace(literal.span, text, literal.entry), anywhere=True)


@operator
def value_is_out_of_range(world: World) -> Mutants:
    for literal in world.literals():
        if kind_of(world, literal) != "int":
            continue
        kind = world.schema.types.get(literal.type)
        scalar = kind if isinstance(kind, Scalar) else None
        bits, signed = INTEGERS[scalar.of if scalar else literal.type]
        wrong = {1 << bits, -(1 << bits)} if signed else {1 << bits, -1}
        bounds = literal.member.range if literal.member and literal.member.range else scalar.range if scalar else None
        if bounds:
            wrong |= {bounds[0] - 1, bounds[1] + 1}
        for number in sorted(wrong - set(dict(scalar.names).values() if scalar else ())):
            yield literal.file.replace(literal.span, str(number), literal.entry)


@operator
def value_is_not_in_the_enum(world: World) -> Mutants:
    for literal in world.literals():
        kind = world.schema.types.get(literal.type)
        names = kind.names if isinstance(kind, Enum) else dict(kind.names) if isinstance(kind, Scalar) else ()
        if isinstance(kind, Scalar) and "str" in kind.accepts:
            continue
        for name in names:
            for text in misspelt(name)[:2]:
                if text not in names:
                    yield literal.file.replace(literal.span, f"'{text}'", literal.entry)


@operator
def value_of_a_struct_does_not_fit(world: World) -> Mutants:
    for place in world.places():
        value = place.default.get("value") if place.default else None
        for key, part in value.items() if value else ():
            for text in [*misspelt(key)[:2], *unhyphenated(key)]:
                yield place.file.rename(part, text, place.default)
            yield place.file.replace(part, "[ ]", place.default)
        if value:
            yield place.file.add(value, "'no-such-member': 1", place.default)


@operator
def range_is_none(world: World) -> Mutants:
    for place in world.declared():
        bounds = place.span.get("range")
        if bounds:
            low, high = (part.value for part in bounds.list())
            for text in (f"[ {high}, {low} ]", f"[ {low} ]", f"[ '{low}', '{high}' ]", f"[ {low}, {1 << 70} ]", "true"):
                if text != f"[ {low}, {low} ]" and low != high:
                    yield place.file.replace(bounds, text, place.span)


@operator
def range_is_of_no_number(world: World) -> Mutants:
    for place in world.declared():
        if place.member.type in ("bool", "str") and place.span.parts:
            yield place.file.add(place.span, "'range': [ 0, 1 ]", place.span)


@operator
def range_leaves_the_default_out(world: World) -> Mutants:
    for place in world.declared():
        default = place.default
        if place.member.type in INTEGERS and default and not default.quoted and isinstance(default.value, str):
            bounds = f"[ {int(default.value) + 1}, {int(default.value) + 9} ]"
            if int(default.value) + 9 < 1 << 15 and "range" in place.span:
                yield place.file.replace(place.span["range"], bounds, place.span)
            elif int(default.value) + 9 < 128:
                yield place.file.add(place.span, f"'range': {bounds}", place.span)


@operator
def default_is_dropped(world: World) -> Mutants:
    for place in world.declared():
        if place.default and "absent-means" not in place.span and not place.member.derive:
            yield place.file.remove(place.default, place.span)


@operator
def meaning_of_absence_is_dropped(world: World) -> Mutants:
    for place in world.declared():
        absent = place.span.get("absent-means")
        if absent and (not place.member.derive or place.default):
            yield place.file.remove(absent, place.span)
        if absent:
            yield place.file.replace(absent, "''", place.span)


@operator
def default_and_absence_are_both_said(world: World) -> Mutants:
    for place in world.declared():
        if place.default and "absent-means" not in place.span:
            yield place.file.add(place.span, "'absent-means': 'nothing'", place.span)


@operator
def default_of_a_mandatory_member(world: World) -> Mutants:
    for place in world.declared():
        if place.member.optional and (place.default or place.member.absent_means):
            yield place.file.rename(place.span, place.name, place.span)


@operator
def default_is_not_wrapped(world: World) -> Mutants:
    for place in world.places():
        default = place.default
        assert default
        value = default.get("value")
        if value:
            yield place.file.replace(default, place.file.text[value.value_start:value.end] if value.parts else "{ 'a': 1 }",
                                     place.span)
        elif isinstance(default.value, str):
            yield place.file.replace(default, f"[ {place.file.text[default.value_start:default.end]} ]", place.span)
        else:
            yield place.file.add(default, "'value': 1", place.span)


@operator
def key_is_misspelt(world: World) -> Mutants:
    for place in world.declared():
        for key, part in place.span.items():
            for text in misspelt(key)[:2]:
                yield place.file.rename(part, text, place.span)


@operator
def type_is_unknown(world: World) -> Mutants:
    known = {*world.schema.types, *BUILTINS}
    for place in world.declared():
        kind = place.span.get("type") or place.span
        kind = kind.list()[0] if kind.list() else kind
        for text in misspelt(kind.text)[:3]:
            if text not in known:
                yield place.file.replace(kind, f"'{text}'", place.span)


@operator
def type_is_made_of_classes(world: World) -> Mutants:
    for place in world.declared():
        kind = place.span.get("type") or place.span
        if kind.quoted and "default" not in place.span and "ref" not in place.span:
            yield place.file.replace(kind, "'NetdevOptions'", place.span)


@operator
def reference_leads_nowhere(world: World) -> Mutants:
    for place in world.declared():
        ref = place.span.get("ref")
        target = ref.get("to") or ref if ref else None
        if target:
            for text in (*misspelt(target.text), "bus:" + target.text, "virtio-nett-device"):
                if text not in world.schema.classes and text != "bus":
                    yield place.file.replace(target, f"'{text}'", place.span)


@operator
def reference_leads_up(world: World) -> Mutants:
    for place in world.declared():
        ref = place.span.get("ref")
        if ref and ref.quoted:
            upper = {"backend": ("virtio-device", "pc-q35", "bus:PCI"), "device": ("machine", "microvm")}
            for name in upper.get(world.layer(place), ()):
                yield place.file.replace(ref, f"'{name}'", place.span)


@operator
def reference_is_no_text(world: World) -> Mutants:
    for place in world.declared():
        kind = place.span.get("type")
        if "ref" in place.span and kind and kind.quoted:
            for text in ("int", "bool", "OnOffAuto"):
                yield place.file.replace(kind, f"'{text}'", place.span)


@operator
def flag_is_no_flag(world: World) -> Mutants:
    for place in world.declared():
        for key in ("guest-visible", "mutable"):
            if key in place.span:
                yield place.file.replace(place.span[key], "'yes'", place.span)


@operator
def member_is_added_at_no_version(world: World) -> Mutants:
    for place in world.declared():
        if place.span.parts:
            yield place.file.add(place.span, "'added': '9.99'", place.span)


def renamed(world: World, names: Callable[[str], list[str]]) -> Mutants:
    """Members renamed to each of @names; the comment keeps the old name."""
    known = {(place.owner, place.name) for place in world.declared()}
    for place in world.declared():
        for text in [text for text in names(place.name) if (place.owner, text) not in known]:
            yield place.file.rename(place.span, "*" * place.member.optional + text, place.span)


@operator
def hyphen_is_lost_in_a_member_s_name(world: World) -> Mutants:
    yield from renamed(world, unhyphenated)


@operator
def member_is_misspelt(world: World) -> Mutants:
    yield from renamed(world, lambda name: misspelt(name)[:2])


@operator
def member_is_declared_twice(world: World) -> Mutants:
    for place in world.declared():
        text = place.file.text[place.span.start:place.span.end]
        yield Mutant(place.file.path, place.span.end, place.span.end, ", " + text, place.span, "twice")


@operator
def description_is_missing(world: World) -> Mutants:
    for place in world.declared():
        for match in described(place):
            lines = "\n".join("#" for _ in match[0].split("\n"))
            yield Mutant(place.file.path, match.start(), match.end(), lines, place.span, "not described")


@operator
def description_has_lost_a_hyphen(world: World) -> Mutants:
    for place in world.declared():
        for match in described(place):
            for text in unhyphenated(place.name)[:1]:
                yield Mutant(place.file.path, match.start(1), match.end(1), text, place.span, text)


def described(place: Place) -> list[re.Match[str]]:
    """The line of the comment that describes the member."""
    start = place.file.text.rfind("\n##\n# @", 0, place.definition.start)
    pattern = re.compile(rf"# @({re.escape(place.name)}):[^\n]*(?:\n# +[^\n @][^\n]*)*")
    match = pattern.search(place.file.text, start + 5, place.definition.start)
    return [match] if match else []
