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
from qapigen.timelines import text_of, texts_of

NAME = r"[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?"
# {NAME}, {NAME?}, {NAME#}, {NAME*SEPARATOR}, {NAME*SEPARATOR@FORMS}, {NAME:PREFIX}, {NAME=WORD|WORD}, {...} or {@FORMS}
PLACEHOLDER = re.compile(r"\{(?:(?P<name>" + NAME + r")(?P<kind>[?#]|\*[^{}](?:@(?P<each>\w+))?|:[^{}]+|=(?P<words>[^{}]+))?"
                         r"|(?P<rest>\.\.\.)|@(?P<forms>\w+))\}")


@dataclass(frozen=True)
class Form:
    text: str
    sets: tuple[tuple[str, str], ...]
    with_keys: tuple[str, ...]     # one of them is in the key=value text at the end; empty: any text
    limits: tuple[tuple[str, str, int], ...]    # a number, the number that it does not exceed, and what is added to that
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
        shape.keys(item, "a form", ("text",), ("sets", "with", "at-most"))
        text = text_of(shape, item["text"], "'text'")
        sets = item.get("sets")
        if sets is not None and not sets.is_dict:
            raise shape.error("'sets' must be an object, a value by key", sets.where)
        parts = list(PLACEHOLDER.finditer(text))
        literal = PLACEHOLDER.sub("", text)
        if "{" in literal or "}" in literal:
            raise shape.error(f"'{text}': expected {{NAME}}, {{NAME?}}, {{NAME#}}, {{NAME*SEPARATOR}}, {{NAME:PREFIX}}, "
                              "{NAME*SEPARATOR@FORMS}, {NAME=WORD|WORD}, {...} or {@FORMS}", item.where)
        for before, after in zip(parts, parts[1:]):
            if before["rest"] or before["forms"]:
                raise shape.error(f"'{text}': nothing follows {before[0]}", item.where)
            if before.end() == after.start() and not after["rest"]:
                raise shape.error(f"'{text}': a literal must separate {before[0]} and {after[0]}", item.where)
        if parts and (parts[-1]["rest"] or parts[-1]["forms"]) and parts[-1].end() != len(text):
            raise shape.error(f"'{text}': nothing follows {parts[-1][0]}", item.where)
        with_keys = tuple(texts_of(shape, item["with"], "'with'")) if "with" in item else ()
        if with_keys and not (parts and parts[-1]["rest"]):
            raise shape.error("'with' is for a form that ends with {...}", item["with"].where)
        return Form(text, tuple((key, text_of(shape, value, f"'{key}'")) for key, value in sets.items()) if sets else (),
                    with_keys, self.limits(shape, item, {part["name"] for part in parts if part["kind"] == "#"}), item.where)

    def limits(self, shape: Shape, item: Node, numbers: set[str]) -> tuple[tuple[str, str, int], ...]:
        """'at-most': { NUMBER: OTHER } or { NUMBER: [ OTHER, ADDEND ] }."""
        if "at-most" not in item:
            return ()
        wanted = item["at-most"]
        plain = wanted.plain()
        if not isinstance(plain, dict):
            raise shape.error("'at-most' must be an object, a number of the form by another one", wanted.where)
        result = []
        for name, limit in plain.items():
            other, more = limit if isinstance(limit, list) and len(limit) == 2 else (limit, 0)
            if not (name in numbers and isinstance(other, str) and other in numbers and isinstance(more, int) and more >= 0):
                raise shape.error(f"'at-most' of '{name}': expected NUMBER or [ NUMBER, ADDEND ], where {{NUMBER#}} is in the "
                                  "form", wanted.where)
            result.append((name, other, more))
        return tuple(result)

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
                yield Form(form.text[:nested.start()] + inner.text, (*inner.sets, *form.sets), inner.with_keys,
                           (*inner.limits, *form.limits), form.where)

    def keys(self, name: str) -> dict[str, Form]:
        """The keys that the forms set."""
        found: dict[str, Form] = {}
        for form in self.flat(name):
            names = [part["name"] for part in PLACEHOLDER.finditer(form.text) if part["name"]]
            found.update({key: form for key in (*names, *(key for key, _ in form.sets))})
        return found

    def items(self, name: str) -> dict[str, str]:
        """The lists that the forms set, and the forms of their items."""
        return {part["name"]: part["each"] for form in self.flat(name) for part in PLACEHOLDER.finditer(form.text)
                if part["each"]}

    def check(self, name: str, members: dict[str, Any]) -> None:
        """The keys that forms set are members of a struct, if they fill one."""
        for key, form in self.keys(name).items():
            if members and key.split(".")[0] not in members:
                raise FormsError(f"form '{form.text}' sets unknown member '{key}'{suggestion(key, members)}")

    def tree(self, name: str, outer: tuple[str, ...] = ()) -> list[list[Any]]:
        """[ [ TEXT, { KEY: VALUE }, { NAME: TREE }, [ KEY, … ], { NUMBER: [ NUMBER, ADDEND ] } ], … ]: the settings, the
        forms of the items of lists, the keys of which the text has one, and limits.  What is empty at the end is left out."""
        if name in outer:
            raise FormsError(f"forms '{name}' contain themselves")
        rows: list[list[Any]] = []
        for form in self.flat(name):
            items = sorted({part["each"] for part in PLACEHOLDER.finditer(form.text) if part["each"]})
            trees = {each: self.tree(each, (*outer, name)) for each in items}
            row = [form.text, dict(form.sets), trees, list(form.with_keys), {name: list(limit) for name, *limit in form.limits}]
            while len(row) > 2 and not row[-1]:
                row.pop()
            rows.append(row)
        return rows

    def text(self, name: str) -> str:
        """As the runtime reads them."""
        return json.dumps(self.tree(name), separators=(",", ":"))

    def matches(self, name: str, text: str) -> bool:
        """Whether the text has one of the forms.  Wrong forms are an error of their own."""
        try:
            return any(re.fullmatch(regex(form.text), text, re.S) for form in self.flat(name))
        except FormsError:
            return True


def regex(form: str) -> str:
    """The form as a regular expression, without what the items of lists demand."""
    result, end = "", 0
    for part in PLACEHOLDER.finditer(form):
        kind, words = part["kind"] or "", part["words"]
        result += re.escape(form[end:part.start()])
        result += (f"(?:{'|'.join(map(re.escape, words.split('|')))})" if words else ".*" if kind == "?" or part["rest"]
                   else r"(?:0[xX][0-9a-fA-F]+|\d+)" if kind == "#" else re.escape(kind[1:]) + ".*" if kind[:1] == ":" else ".+")
        end = part.end()
    return result + re.escape(form[end:])
