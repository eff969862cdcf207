# SPDX-License-Identifier: MIT
"""Mistakes that only the ledger detects: a changed past."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from qapigen.classes import Prop

from classes import literal, stated
from spans import File, Mutant, Span
from world import WHY, History, World, operator

Mutants = Iterator[Mutant]
BUILT_ON = re.compile(r"'(?:parent|like)': '([^']+)'")


def closed(world: World, history: History) -> list[str]:
    return [version.name for version in world.schema.versions[history.axis][1:] if not version.is_open]


def released(world: World) -> Iterator[History]:
    for history in world.histories():
        if history.place is None or world.was_released(history.place.owner, history.place.name):
            yield history


def home(history: History) -> Span:
    return history.place.span if history.place else history.span


@operator
def since_is_shifted(world: World) -> Mutants:
    """To another closed version, in order with the entries before and after."""
    for history in released(world):
        versions = closed(world, history)
        entries = history.span.list()
        for index, entry in enumerate(entries):
            if "since" not in entry or "for" in entry or entry["since"].text not in versions:
                continue
            low, high = 0, len(versions)
            for other in entries[:index]:
                low = versions.index(other["since"].text) + 1 if "since" in other else low
            for other in entries[index + 1:]:
                if "since" in other and other["since"].text in versions:
                    high = min(high, versions.index(other["since"].text))
            at = versions.index(entry["since"].text)
            for version in {*versions[max(low, at - 2):at], *versions[at + 1:min(high, at + 3)]}:
                yield history.file.replace(entry["since"], f"'{version}'", home(history))


@operator
def since_is_moved_to_the_open_version(world: World) -> Mutants:
    for history in released(world):
        entry = history.span.list()[-1]
        if "since" in entry and entry["since"].text in closed(world, history):
            newest = world.schema.versions[history.axis][-1].name
            yield history.file.replace(entry["since"], f"'{newest}'", home(history))


@operator
def closed_value_is_changed(world: World) -> Mutants:
    entries = [(history, entry) for history in released(world) for entry in history.span.list()]
    for history, entry in entries:
        if history.member and "value" in entry and not ("since" in entry and entry["since"].text not in closed(
                world, history)):
            value = literal(world, Prop(history.member, None, ""))
            now = history.file.text[entry["value"].value_start:entry["value"].end]
            for text in (value, "false" if value == "true" else ""):
                if text and text != now:
                    yield history.file.replace(entry["value"], text, home(history))


@operator
def default_without_history_is_changed(world: World) -> Mutants:
    restated = {place.name for place in world.restated()}
    for place in world.declared():
        default = place.default
        if default and isinstance(default.value, str) and place.name not in restated and world.was_released(
                place.owner, place.name):
            value = literal(world, Prop(place.member, None, place.owner))
            now = place.file.text[default.value_start:default.end]
            for text in (value, "false" if value == "true" else ""):
                if text and text != now:
                    yield place.file.replace(default, text, place.span)


@operator
def closed_entry_is_removed(world: World) -> Mutants:
    """Of a member that no class restates; otherwise the restatement may fail first, because it changes nothing.  So may a
    class that is like another one."""
    restated = {place.name for place in world.restated()}
    for history in released(world):
        if history.member and history.member.name in restated:
            continue
        for entry in history.span.list()[1:]:
            if "since" in entry and entry["since"].text in closed(world, history):
                yield replace(history.file.remove(entry, home(history)), anywhere=True)


@operator
def default_of_a_class_is_removed(world: World) -> Mutants:
    """Of a default that no other one builds on; otherwise that one may fail first."""
    built_on = {name for file in world.files.values() for name in BUILT_ON.findall(file.text)}
    for place in world.restated():
        if "differs" not in place.definition and "like" not in place.definition and place.owner not in built_on and (
                world.was_released(place.owner, place.name)):
            # Without it, a default of a mixin changes, which is refused there.
            yield replace(place.file.remove(place.span, place.definition), anywhere=True)


@operator
def entry_is_added_to_a_closed_version(world: World) -> Mutants:
    for file, span, one in world.classes():
        for name, prop in world.props_of(one).items() if one.layer == "device" and not one.abstract else ():
            value = literal(world, prop)
            if value and prop.owner != one.name and world.was_released(one.name, name) and prop.default and (
                    prop.default.axis in ("", "machine")):
                history = f"[ {{ 'inherit': true }}, {{ 'since': '9.0', 'value': {value}, 'why': 'overlooked' }} ]"
                yield stated(world, one, span, file, name, f"{{ 'machine': {history} }}")


@operator
def closed_version_is_added_or_lost(world: World) -> Mutants:
    for file, span, name in world.definitions("axis"):
        versions = span["versions"]
        for item in versions.list()[:-1]:
            text = file.text[item.value_start:item.end]
            yield Mutant(file.path, item.end, item.end, f", '{item.text or '4.0.1'}.7'", span, f"after {text}")


@operator
def version_is_closed_without_being_written_down(world: World) -> Mutants:
    for file, span, name in world.definitions("axis"):
        last = span["versions"].list()[-1]
        start, end = span["open"].value_start, last.end
        between = file.text[span["open"].end:end]
        yield Mutant(file.path, start, end, f"'12.0'{between}, '12.0'", span, "12.0")


# ---- errata: a schema whose newest entries fix released values

@operator
def erratum_is_removed(world: World) -> Mutants:
    for file, entry in errata(world.mended):
        yield file.remove(entry["erratum"], entry)


@operator
def erratum_s_entry_is_removed(world: World) -> Mutants:
    for history in world.mended.histories():
        for entry in history.span.list():
            if "erratum" in entry:
                yield history.file.remove(entry, home(history))


@operator
def erratum_is_broken(world: World) -> Mutants:
    for file, entry in errata(world.mended):
        erratum = entry["erratum"]
        # Those that the schema has are of other releases, or of the ledger alone.
        if "why" not in entry or not entry["why"].text.startswith(WHY):
            continue
        for key in ("releases", "had", "why"):
            yield file.remove(erratum[key], entry)
        for text in ("[ ]", "'10.0.0'", "[ '10.0.2..10.0.0' ]", "[ '9.9.0' ]", "[ '8.2.0' ]"):
            yield file.replace(erratum["releases"], text, entry)
        value = file.text[entry["value"].value_start:entry["value"].end]
        yield file.replace(erratum["had"], value, entry)
        yield file.replace(erratum["had"], "[ 'never' ]", entry)
        yield file.replace(erratum["why"], "' '", entry)


def errata(world: World) -> Iterator[tuple[File, Span]]:
    for history, entry in world.entries():
        if "erratum" in entry:
            yield history.file, entry
