# SPDX-License-Identifier: MIT
"""Mistakes outside of classes: axes, features, scalars, enums, commands, options."""

from __future__ import annotations

from collections.abc import Iterator

from qapigen.model import BUILTINS

from spans import Mutant, Span, misspelt
from world import World, operator

Mutants = Iterator[Mutant]


@operator
def axis_is_broken(world: World) -> Mutants:
    for file, span, _ in world.definitions("axis"):
        items = span["versions"].list()
        for item in items[:-1]:
            if item.quoted:
                yield file.replace(item, f"'{items[-1].text}'", span)
                yield Mutant(file.path, item.end, item.end, f", '{item.text}'", span, "twice")
            for key, part in item.items():
                for text in ("9.99", "pc-common-x"):
                    if key != "name":
                        yield file.replace(part, f"[ '{text}' ]" if part.list() else f"'{text}'", span)
                for text in misspelt(key)[:2]:
                    yield file.rename(part, text, span)
        for text in (*misspelt(span["open"].text), items[0].text):
            yield file.replace(span["open"], f"'{text}'", span)


@operator
def platform_feature_is_broken(world: World) -> Mutants:
    for file, span, name in world.definitions("platform-feature"):
        for text in ("2.4", "9.99", ""):
            yield file.replace(span["since"], f"'{text}'", span)
        for key in ("since", "probe"):
            yield file.remove(span[key], span)
            yield file.replace(span[key], "9", span)
        for text in misspelt(name):
            yield file.replace(span["platform-feature"], f"'{text}'", span)


@operator
def key_of_a_definition_is_misspelt(world: World) -> Mutants:
    metas = ("enum", "struct", "union", "alternate", "command", "event", "scalar", "option", "timeline", "bus")
    for file, span, _ in world.definitions(*metas):
        for key, part in span.items()[1:]:
            for text in misspelt(key)[:2]:
                yield file.rename(part, text, span)


@operator
def type_of_a_command_is_unknown(world: World) -> Mutants:
    known = {*world.schema.types, *BUILTINS, *(one.creates.union for one in world.schema.classes.values() if one.creates)}
    for file, span, _ in world.definitions("command", "event", "option"):
        parts = [span[key] for key in ("data", "returns", "type") if key in span]
        for part in [inner.list()[0] if inner.list() else inner for inner in parts]:
            kinds = [item.get("type") or item for _, item in part.items()] or [part]
            for kind in [each.list()[0] if each.list() else each for each in kinds]:
                for text in misspelt(kind.text)[:3] if kind.quoted else ():
                    if text not in known:
                        yield file.replace(kind, f"'{text}'", span)


@operator
def documentation_is_of_another_name(world: World) -> Mutants:
    for file, span, name in world.definitions("enum", "struct", "command", "event", "class", "machine", "option"):
        at = file.text.rfind(f"\n# @{name}:\n", 0, span.start)
        for text in misspelt(name)[:2] if at >= 0 else ():
            yield Mutant(file.path, at + 4, at + 4 + len(name), text, Span(at + 1, at + 1, span.end, None), text)


@operator
def enum_value_is_broken(world: World) -> Mutants:
    for file, span, _ in world.definitions("enum"):
        items = span["data"].list()
        for item in items:
            name = item.text or (item["name"].text if "name" in item else "")
            yield Mutant(file.path, item.end, item.end, f", '{name}'", span, "twice")
            if item.quoted:
                yield file.replace(item, f"'{misspelt(name)[0]}-x'", span)


@operator
def scalar_is_broken(world: World) -> Mutants:
    for file, span, _ in world.definitions("scalar"):
        for text in ("number", "bool", misspelt(span["of"].text)[0]):
            yield file.replace(span["of"], f"'{text}'", span)
        for key, text in (("names", "[ 'auto' ]"), ("names", "{ 'auto': 'all' }"), ("accepts", "[ 'bool' ]"), ("codec", "[ ]")):
            if key in span:
                yield file.replace(span[key], text, span)


@operator
def option_is_broken(world: World) -> Mutants:
    for file, span, _ in world.definitions("option"):
        for item in span["expands-to"].list() if "expands-to" in span else ():
            made = item["option" if "option" in item else "create"]
            for text in misspelt(made.text):
                if text not in world.schema.options:
                    yield file.replace(made, f"'{text}'", span)
        for key, text in (("multiple", "'yes'"), ("implied-key", "[ ]"), ("metavar", "true"), ("aliases", "'x'")):
            if key in span:
                yield file.replace(span[key], text, span)


@operator
def definition_is_made_twice(world: World) -> Mutants:
    for file, span, name in world.definitions("enum", "struct", "scalar", "command", "event", "class", "machine", "option"):
        text = file.text[span.value_start:span.end]
        at = file.text.rfind("##\n", 0, span.start)
        start = file.text.rfind("\n##\n", 0, at)
        if start >= 0 and file.text[start + 4:].startswith(f"# @{name}:"):
            copy = "\n\n" + file.text[start + 1:at + 3] + text
            yield Mutant(file.path, span.end, span.end, copy, span, f"{name} twice")
