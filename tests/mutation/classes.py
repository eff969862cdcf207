# SPDX-License-Identifier: MIT
"""Mistakes in classes: names, layers, and defaults in the wrong class."""

from __future__ import annotations

from collections.abc import Iterator

from qapigen.classes import Prop
from qapigen.model import INTEGERS, Class, Enum

from spans import File, Mutant, Span, misspelt, unhyphenated
from world import World, operator

Mutants = Iterator[Mutant]


def literal(world: World, prop: Prop) -> str:
    """A valid value for @prop that is not its current one; empty if there is no simple one."""
    member, entries = prop.member, prop.default.entries if prop.default else ()
    held = [entry.value for entry in entries]
    kind = world.schema.types.get(member.type)
    if member.is_list or member.ref or member.class_base or not member.optional:
        return ""
    if member.type == "bool":
        return "false" if held[-1:] == [True] else "true"
    if member.type == "str":
        return "'another'"
    if isinstance(kind, Enum):
        return next((f"'{name}'" for name in kind.names if name not in held and name != "auto"), "")
    if member.type in INTEGERS:
        low, high = member.range or (0, 127)
        return next((str(number) for number in (low, high, low + 1) if number not in held), "")
    return ""


def stated(world: World, one: Class, span: Span, file: File, name: str, value: str) -> Mutant:
    """@one with default @value for @name."""
    text = f"'{name}': {value}"
    defaults = span.get("defaults")
    if defaults:
        return file.add(defaults, text)
    head = span[next(iter(span.value))]
    return Mutant(file.path, head.end, head.end, f", 'defaults': {{ {text} }}", head, f"{one.name}: {text}")


@operator
def default_is_of_an_unrelated_class(world: World) -> Mutants:
    """A default that belongs to another class."""
    classes = list(world.classes())
    for place in world.places():
        prop = Prop(place.member, None, place.owner)
        value = literal(world, prop)
        if not place.in_class or not value:
            continue
        strangers = [(file, span, one) for file, span, one in classes if place.name not in world.props_of(one)]
        for file, span, one in world.random.sample(strangers, 2):
            yield stated(world, one, span, file, place.name, value)


@operator
def history_is_of_an_unrelated_class(world: World) -> Mutants:
    classes = list(world.classes())
    for history in world.histories():
        place = history.place
        if not place or not place.in_class:
            continue
        text = " ".join(history.file.text[history.span.value_start:history.span.end].split())
        strangers = [(file, span, one) for file, span, one in classes if place.name not in world.props_of(one)]
        for file, span, one in world.random.sample(strangers, 4):
            yield stated(world, one, span, file, place.name, f"{{ '{history.axis}': {text} }}")


@operator
def hyphen_is_lost_in_a_default(world: World) -> Mutants:
    for file, span, one in world.classes():
        names = [(name, value) for name, prop in world.props_of(one).items() for value in [literal(world, prop)]
                 if value and ("-" in name or "_" in name) and prop.owner != one.name]
        for name, value in world.random.sample(names, min(len(names), 6)):
            for text in unhyphenated(name):
                yield stated(world, one, span, file, text, value)
    for place in world.restated():
        for text in unhyphenated(place.name):
            yield place.file.rename(place.span, text)


@operator
def default_names_a_misspelt_member(world: World) -> Mutants:
    for file, span, one in world.classes():
        names = [(name, value) for name, prop in world.props_of(one).items() for value in [literal(world, prop)]
                 if value and prop.owner != one.name]
        for name, value in world.random.sample(names, min(len(names), 2)):
            for text in misspelt(name)[:2]:
                yield stated(world, one, span, file, text, value)


@operator
def one_sibling_only(world: World) -> Mutants:
    """A default for only one of the plain, transitional and non-transitional variants."""
    for file, span, one in world.classes():
        root = one.name.removesuffix("-non-transitional").removesuffix("-transitional")
        if one.abstract or f"{root}-transitional" not in world.schema.classes:
            continue
        siblings = [name for name in (root, f"{root}-transitional", f"{root}-non-transitional") if name != one.name]
        waived = {name for name, _ in one.differs}
        for name, prop in world.props_of(one).items():
            value = literal(world, prop)
            shared = any(name in world.props.of(sibling) for sibling in siblings)
            if value and shared and name not in waived and prop.owner != one.name:
                yield stated(world, one, span, file, name, value)
                if prop.default and prop.default.axis in ("", "machine"):
                    history = f"[ {{ 'inherit': true }}, {{ 'since': '11.1', 'value': {value}, 'why': 'mended' }} ]"
                    yield stated(world, one, span, file, name, f"{{ 'machine': {history} }}")


@operator
def reason_to_differ_is_dropped(world: World) -> Mutants:
    for file, span, one in world.classes():
        if "differs" in span and "defaults" in span:
            for name, part in span["differs"].items():
                yield file.remove(part, span)
                yield file.replace(part, "' '", span)
                for text in misspelt(name):
                    yield file.rename(part, text, span)


@operator
def reason_to_differ_where_nothing_does(world: World) -> Mutants:
    for file, span, one in world.classes():
        names = [name for name in world.props_of(one) if name not in dict(one.differs)]
        if names and not one.differs:
            head = span[next(iter(span.value))]
            for name in world.random.sample(names, min(len(names), 2)):
                yield Mutant(file.path, head.end, head.end, f", 'differs': {{ '{name}': 'for no reason' }}", head, name)


@operator
def default_is_stated_again(world: World) -> Mutants:
    """The default that the class has anyway."""
    for file, span, one in world.classes():
        for name, prop in world.props_of(one).items():
            entries = prop.default.entries if prop.default else ()
            if prop.owner != one.name and len(entries) == 1 and isinstance(entries[0].value, (bool, int)) and (
                    not entries[0].derive):
                yield stated(world, one, span, file, name, str(entries[0].value).lower())


@operator
def class_is_unknown(world: World) -> Mutants:
    for file, span, one in world.classes():
        for key in ("parent", "like"):
            if key in span:
                for text in [*misspelt(span[key].text), *unhyphenated(span[key].text)]:
                    if text not in world.schema.classes:
                        yield file.replace(span[key], f"'{text}'", span)
        for _, embed in span["embed"].items() if "embed" in span else ():
            for text in [*misspelt(embed["class"].text), *unhyphenated(embed["class"].text)]:
                yield file.replace(embed["class"], f"'{text}'", span)


@operator
def mixin_is_unknown(world: World) -> Mutants:
    for file, span, one in world.classes():
        for mixin in span["mixins"].list() if "mixins" in span else ():
            for text in [*misspelt(mixin.text), "OnOffAuto", "virtio-device"]:
                yield file.replace(mixin, f"'{text}'", span)


@operator
def bus_is_unknown(world: World) -> Mutants:
    for file, span, one in world.classes():
        kinds = [bus["type"] for bus in span["provides-bus"].list()[:2]] if "provides-bus" in span else []
        for part in [span["plugs-into"], *kinds] if "plugs-into" in span else kinds:
            for text in [*misspelt(part.text), part.text + "-bus"]:
                if text not in world.schema.buses:
                    yield file.replace(part, f"'{text}'", span)


@operator
def bus_has_no_slots(world: World) -> Mutants:
    for file, span, one in world.classes():
        for bus in span["provides-bus"].list()[:3] if "provides-bus" in span else ():
            for text in ("[ 5, 4 ]", "[ 1 ]", "[ 'a', 'b' ]", "31"):
                if "slots" in bus:
                    yield file.replace(bus["slots"], text, span)


@operator
def class_is_of_another_layer(world: World) -> Mutants:
    roots = {"backend": "netdev", "device": "device"}
    for file, span, one in world.classes():
        for layer, root in roots.items():
            if one.layer != layer and one.parent and not one.is_machine and "parent" in span:
                yield file.replace(span["parent"], f"'{root}'", span)
        if "layer" in span:
            for text in ("machine", "device", "backend", "hw", "backends"):
                if text != one.layer:
                    yield file.replace(span["layer"], f"'{text}'", span)
        elif not one.is_machine and one.parent:
            for text in ("machine", "device", "backend", "devices"):
                if text != one.layer:
                    yield Mutant(file.path, span["class"].end, span["class"].end, f", 'layer': '{text}'", span, text)


@operator
def model_is_not_told(world: World) -> Mutants:
    for file, span, one in world.classes():
        if "model" in span and not one.abstract:
            yield file.remove(span["model"], span)
            for text in misspelt(one.model)[:2]:
                yield file.replace(span["model"], f"'{text}'", span)
        if "abstract" in span and not one.model:
            yield file.remove(span["abstract"], span)


@operator
def key_of_a_class_is_misspelt(world: World) -> Mutants:
    for file, span, one in world.classes():
        for key, part in span.items()[1:]:
            yield file.rename(part, world.random.choice(misspelt(key)), span)


@operator
def embedding_is_broken(world: World) -> Mutants:
    for file, span, one in world.classes():
        for name, embed in span["embed"].items() if "embed" in span else ():
            yield file.replace(embed["members"], "'al'", span)
            yield file.replace(embed["members"], "{ 'vectors': 'no-such-member' }", span)
            yield file.replace(embed["class"], f"'{one.name}'", span)
            yield file.replace(embed["class"], f"'{one.parent}'", span)
            yield file.rename(embed["class"], "clas", span)


@operator
def inherited_member_is_declared_again(world: World) -> Mutants:
    for file, span, one in world.classes():
        config = span.get("config")
        if not config:
            continue
        for name in list(world.props_of(one))[:4]:
            if name not in [member.name for member in one.own]:
                yield file.add(config, f"'*{name}': {{ 'type': 'bool', 'default': true }}", config)


@operator
def machine_version_is_wrong(world: World) -> Mutants:
    for file, span, one in world.classes():
        for key, part in span["versions"].items() if "versions" in span else ():
            for text in ("9.99", "24", part.text + ".1", ""):
                yield file.replace(part, f"'{text}'", span)
            for text in misspelt(key):
                yield file.rename(part, text, span)
        if "versions" in span:
            yield file.add(span["versions"], "'to': '2.3'", span)
