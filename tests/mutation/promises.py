# SPDX-License-Identifier: MIT
"""Mistakes that break promises: names, targets, places, ranges, guest-visible values, versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from qapigen.model import TARGETS, Class

from spans import File, Mutant, Span
from world import World, operator

Mutants = Iterator[Mutant]


def released(world: World) -> Iterator[tuple[File, Span, Class]]:
    """Classes in the ledger."""
    for file, span, one in world.classes():
        if world.was_released_class(one.name):
            yield file, span, one


@operator
def class_loses_a_target(world: World) -> Mutants:
    for file, span, _ in released(world):
        items = span["targets"].list() if "targets" in span else []
        for item in items if len(items) > 1 else ():
            left = ", ".join(f"'{other.text}'" for other in items if other is not item)
            yield file.replace(span["targets"], f"[ {left} ]", span)


@operator
def class_moves_to_another_target(world: World) -> Mutants:
    for file, span, _ in released(world):
        items = [item.text for item in span["targets"].list()] if "targets" in span else []
        for target in TARGETS if len(items) == 1 else ():
            if target not in items:
                yield replace(file.replace(span["targets"], f"[ '{target}' ]", span), anywhere=True)


@operator
def alias_is_lost(world: World) -> Mutants:
    for file, span, _ in released(world):
        if "aliases" in span and span["aliases"].list():
            yield file.remove(span["aliases"], span)


@operator
def class_is_hidden_from_users(world: World) -> Mutants:
    for file, span, one in released(world):
        if one.user_creatable and not one.abstract and "user-creatable" not in span:
            yield file.append(span, "'user-creatable': false")


def buses(span: Span) -> Iterator[Span]:
    part = span.get("provides-bus")
    if part:
        yield from part.list() or [part]


@operator
def bus_has_other_places(world: World) -> Mutants:
    for file, span, _ in released(world):
        for bus in buses(span):
            slots = bus.get("slots")
            for pair in [slots, *(part for _, part in slots.items())] if slots else ():
                ends = [item.value for item in pair.list()]
                if len(ends) == 2 and all(str(end).isdigit() for end in ends) and ends[0] != ends[1]:
                    yield file.replace(pair, f"[ {int(ends[0]) + 1}, {ends[1]} ]", span)
                    yield file.replace(pair, f"[ {ends[0]}, {int(ends[1]) - 1} ]", span)


@operator
def reservation_is_lost(world: World) -> Mutants:
    for file, span, _ in released(world):
        for bus in buses(span):
            for _, part in bus["reserved"].items() if "reserved" in bus else ():
                yield file.remove(part, span)


@operator
def range_narrows(world: World) -> Mutants:
    for place in world.declared():
        part = place.span.get("range")
        ends = [str(item.value) for item in part.list()] if part else []
        if len(ends) == 2 and "default" in place.span and world.was_released(place.owner, place.name):
            low, high = map(int, ends)
            default = place.default.value if place.default and isinstance(place.default.value, str) else ""
            if high - low > 2 and default.lstrip("-").isdigit() and low < int(default) < high:
                # A class below may have its own default, which is outside then.
                yield replace(place.file.replace(part, f"[ {low + 1}, {high} ]", place.span), anywhere=True)
                yield replace(place.file.replace(part, f"[ {low}, {high - 1} ]", place.span), anywhere=True)


@operator
def member_is_hidden_from_guests(world: World) -> Mutants:
    for place in world.declared():
        if "guest-visible" in place.span and world.was_released(place.owner, place.name):
            yield place.file.remove(place.span["guest-visible"], place.span)


@operator
def machine_version_is_invented(world: World) -> Mutants:
    for file, span, axis in world.definitions("axis"):
        items = span["versions"].list()
        for item in items[:-1]:
            yield Mutant(file.path, item.end, item.end, ", '0.99'", span, f"a new version of the axis {axis}")


@operator
def machine_begins_later(world: World) -> Mutants:
    versions = [version.name for version in world.schema.versions["machine"][1:]]
    for file, span, one in released(world):
        first = span["versions"].get("from") if "versions" in span else None
        if first and one.is_machine and not one.abstract:
            for version in versions[versions.index(first.text) + 1:-1]:
                yield replace(file.replace(first, f"'{version}'", span), anywhere=True)


@operator
def scope_of_the_open_version_is_wrong(world: World) -> Mutants:
    """Legal while the version is open, but 'qapi-gen diff' must report it."""
    families = [one.name for one in world.schema.classes.values() if one.is_machine and not one.abstract]
    for history, entry in world.entries():
        newest = world.schema.versions[history.axis][-1].name
        if history.axis == "machine" and entry.get("since") and entry["since"].text == newest:
            home = history.place.span if history.place else history.span
            scope = entry.get("for")
            if scope:
                yield history.file.remove(scope, home)
            for family in families[:4] if not scope else ():
                yield history.file.append(entry, f"'for': {{ 'machines': [ '{family}' ] }}", home)
