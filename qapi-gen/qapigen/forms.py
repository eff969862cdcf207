# SPDX-License-Identifier: MIT
"""Forms: the texts that stand for settings, as 'tcp:HOST:PORT' for 'host' and 'port'."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from qapigen.parse import Node
from qapigen.record import dataclass
from qapigen.shape import Shape
from qapigen.source import Where, suggestion
from qapigen.timelines import text_of

NAME = r"[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?"
# {NAME}, {NAME?}, {NAME*SEPARATOR}, {NAME:PREFIX}, {NAME=WORD|WORD}, {...} or {@FORMS}
PLACEHOLDER = re.compile(r"\{(?:(?P<name>" + NAME + r")(?:\?|\*[^{}]|:[^{}]+|=(?P<words>[^{}]+))?"
                         r"|(?P<rest>\.\.\.)|@(?P<forms>\w+))\}")


@dataclass(frozen=True)
class Form:
    text: str
    sets: tuple[tuple[str, str], ...]
    where: Where


class FormsError(Exception):
    """What is wrong with the forms."""


class Forms:
    """Lists of forms by name, and where they were defined."""

    def __init__(self) -> None:
        self.named: dict[str, tuple[Shape, list[Form]]] = {}

    def define(self, shape: Shape) -> None:
        """{ 'forms': 'NAME', 'texts': [ 'TEXT', { 'text': 'TEXT', 'sets': { KEY: 'VALUE' } } ] }."""
        shape.keys(shape.node, "forms", ("forms", "texts"), ())
        texts = shape.node["texts"]
        if not texts.is_list or not texts.value:
            raise shape.error("'texts' must be an array of forms", texts.where)
        self.named[shape.name] = (shape, [self.form(shape, item) for item in texts.value])

    def form(self, shape: Shape, item: Node) -> Form:
        if item.is_str:
            item = Node({"text": item}, item.where)
        if not item.is_dict:
            raise shape.error("a form must be a text, or an object with a text", item.where)
        shape.keys(item, "a form", ("text",), ("sets",))
        text = text_of(shape, item["text"], "'text'")
        sets = item.get("sets")
        if sets is not None and not sets.is_dict:
            raise shape.error("'sets' must be an object, a value by key", sets.where)
        parts = list(PLACEHOLDER.finditer(text))
        literal = PLACEHOLDER.sub("", text)
        if not text or "{" in literal or "}" in literal:
            raise shape.error(f"'{text}': expected {{NAME}}, {{NAME?}}, {{NAME*SEPARATOR}}, {{NAME:PREFIX}}, "
                              "{NAME=WORD|WORD}, {...} or {@FORMS}", item.where)
        for before, after in zip(parts, parts[1:]):
            if before["rest"] or before["forms"]:
                raise shape.error(f"'{text}': nothing follows {before[0]}", item.where)
            if before.end() == after.start() and not after["rest"]:
                raise shape.error(f"'{text}': a literal must separate {before[0]} and {after[0]}", item.where)
        if parts and (parts[-1]["rest"] or parts[-1]["forms"]) and parts[-1].end() != len(text):
            raise shape.error(f"'{text}': nothing follows {parts[-1][0]}", item.where)
        return Form(text, tuple((key, text_of(shape, value, f"'{key}'")) for key, value in sets.items()) if sets else (),
                    item.where)

    def flat(self, name: str, outer: tuple[str, ...] = ()) -> Iterator[Form]:
        """The forms, with those of others in place of {@OTHER}."""
        if name not in self.named:
            raise FormsError(f"unknown forms '{name}'{suggestion(name, self.named)}")
        if name in outer:
            raise FormsError(f"forms '{name}' contain themselves")
        for form in self.named[name][1]:
            nested = next((part for part in PLACEHOLDER.finditer(form.text) if part["forms"]), None)
            if nested is None:
                yield form
                continue
            for inner in self.flat(nested["forms"], (*outer, name)):
                yield Form(form.text[:nested.start()] + inner.text, (*inner.sets, *form.sets), form.where)

    def keys(self, name: str) -> dict[str, Form]:
        """The keys that the forms set."""
        found: dict[str, Form] = {}
        for form in self.flat(name):
            names = [part["name"] for part in PLACEHOLDER.finditer(form.text) if part["name"]]
            found.update({key: form for key in (*names, *(key for key, _ in form.sets))})
        return found

    def check(self, name: str, members: dict[str, Any]) -> None:
        """The keys that forms set are members of a struct, if they fill one."""
        for key, form in self.keys(name).items():
            if members and key.split(".")[0] not in members:
                raise FormsError(f"form '{form.text}' sets unknown member '{key}'{suggestion(key, members)}")

    def text(self, name: str) -> str:
        """As the runtime reads them: [ [ TEXT, { KEY: VALUE } ], … ]."""
        return json.dumps([[form.text, dict(form.sets)] for form in self.flat(name)], separators=(",", ":"))
