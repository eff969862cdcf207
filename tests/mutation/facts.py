# SPDX-License-Identifier: MIT
"""Entries that no fact backs, and mistakes in facts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from classes import literal
from qapigen.classes import Prop

from spans import Facts, Mutant, Span, misspelt
from world import World, operator

Mutants = Iterator[Mutant]


def moved(world: World) -> Iterator[tuple[Mutant, str]]:
    """A default of a device that gets another value in the open version, and the start of the fact for this."""
    newest = world.schema.versions["machine"][-1].name
    for place in world.declared():
        default = place.default
        if place.in_class and world.layer(place) == "device" and default and isinstance(default.value, str) and (
                not default.text.startswith("@") and "derive" not in place.span):
            value = literal(world, Prop(place.member, None, place.owner))
            now = place.file.text[default.value_start:default.end]
            if value and value != now:
                history = f"{{ 'machine': [ {{ 'value': {now} }}, {{ 'since': '{newest}', 'value': {value}, 'why': 'new' }} ] }}"
                mutant = place.file.replace(default, history, place.span)
                yield replace(mutant, refused=True), f"machine {place.owner} {place.name} {newest}"


@operator
def entry_is_backed_by_no_fact(world: World) -> Mutants:
    for mutant, _ in moved(world):
        yield mutant


@operator
def row_has_no_moved_base(world: World) -> Mutants:
    """A compat row sets what the default of the type is anyway; the schema takes it for a change."""
    for mutant, head in moved(world):
        name = head.split()[1:3]
        member = next(each for each in world.schema.classes[name[0]].own if each.name == name[1])
        assert member.default
        value = json.dumps(member.default.entries[0].value)
        yield replace(mutant, fact=f"{head} {value} -> {value} : hw_compat_11_0")


def lines(world: World) -> Iterator[tuple[Facts, Span]]:
    for file in world.facts:
        for span in file.facts:
            yield file, span


def edited(file: Facts, span: Span, text: str, anywhere: bool = True) -> Mutant:
    """The error is at the entry in the schema, or at this line."""
    return Mutant(file.path, span.start, span.end, text, span, text, anywhere)


def words(file: Facts, span: Span) -> tuple[list[str], str, str, str]:
    """Axis, definition, member and version of a change; its values and its source."""
    head, _, source = file.text[span.start:span.end].rpartition(" : ")
    *key, values = head.split(" ", 4)
    old, _, new = values.partition(" -> ")
    return key, old, new, source


@operator
def fact_is_removed(world: World) -> Mutants:
    for file, span in lines(world):
        yield edited(file, span, "")


@operator
def fact_has_the_old_value_twice(world: World) -> Mutants:
    for file, span in lines(world):
        key, old, new, source = words(file, span)
        for value in (old, new) if new else ():
            yield edited(file, span, f"{' '.join(key)} {value} -> {value} : {source}", anywhere=False)


@operator
def fact_has_another_value(world: World) -> Mutants:
    for file, span in lines(world):
        key, old, new, source = words(file, span)
        for value in ("true", "false", "absent", "1729", '"another"'):
            if new and value not in (old, new):
                yield edited(file, span, f"{' '.join(key)} {value} -> {new} : {source}")
                yield edited(file, span, f"{' '.join(key)} {old} -> {value} : {source}")
                yield edited(file, span, f"{' '.join(key)} keeps {value} : {source}")


@operator
def fact_is_of_another_entry(world: World) -> Mutants:
    for file, span in lines(world):
        key, _, _, _ = words(file, span)
        rest = file.text[span.start + len(" ".join(key)):span.end]
        others = [("platform", *key[1:])] if key[0] == "machine" else [("machine", *key[1:])]
        others += [(key[0], text, *key[2:]) for text in misspelt(key[1])]
        others += [(*key[:2], text, key[3]) for text in misspelt(key[2])]
        others += [(*key[:3], text) for text in ("7.2", "11.2", f"{key[3]}@pc", f"{key[3]}~11.1", key[3].partition("@")[0])
                   if text != key[3]]
        for other in others:
            yield edited(file, span, " ".join(other) + rest)


@operator
def fact_is_no_line(world: World) -> Mutants:
    for file, span in lines(world):
        text = file.text[span.start:span.end]
        for part in (" : ", " -> ", text.split()[2] + " "):
            if part in text:
                yield edited(file, span, text.replace(part, " ", 1), anywhere=False)
        yield edited(file, span, text.partition(" : ")[0] + " : ", anywhere=False)
        yield edited(file, span, f"{text}\n{text}", anywhere=False)
