# SPDX-License-Identifier: MIT
"""JSON Schema 2020-12 of a program's configuration file, so that an editor completes it.

Types and classes are definitions that leave open what stands beside their members; where one is used, it is closed.
So a union's branch, which may be a union itself, adds its members to those of the base.
"""

from __future__ import annotations

import json
import re
from typing import Any

from qapigen.history import Timeline
from qapigen.model import INTEGERS, Alternate, Branch, Class, Creates, Enum, Member, Option, Scalar, Schema, Struct, Union
from qapigen.plan import Plan
from qapigen.record import replace
from qapigen.timelines import Timelines

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = "^[A-Za-z][A-Za-z0-9._-]*$"
SIMPLE: dict[str, dict[str, Any]] = {"str": {"type": "string"}, "bool": {"type": "boolean"}, "any": {},
                                     "number": {"type": "number"}, "null": {"type": "null"}}
Text = dict[str, Any]
# What 'vintage freeze' writes besides options.
MEMBERS: Text = {"type": "object"}
FROZEN: Text = {
    "frozen": {"description": "The version at which nothing was missing from this file", "type": "string"},
    "defaults": {"description": "By option and id: internal members; null is absence", "type": "object",
                 "additionalProperties": {"type": "object", "additionalProperties": MEMBERS}}}


def render(plan: Plan, of: str) -> str:
    """Of the file, or of the creation union or type called @of."""
    writer = Writer(plan)
    root = writer.value(of) if of else writer.file()
    writer.finish()
    whole = {"$schema": DIALECT, **root, "$defs": dict(sorted(writer.definitions.items()))}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def names(schema: Schema) -> list[str]:
    """What a schema can be asked of."""
    return [*schema.types, *(one.creates.union for one in schema.classes.values() if one.creates)]


def described(text: Text, doc: str) -> Text:
    return {"description": doc, **text} if doc else text


def constant(timeline: Timeline | None) -> Text:
    entry = timeline.constant if timeline else None
    return {"default": entry.value} if entry else {}


class Writer:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.schema = plan.schema
        self.versions = Timelines(plan.schema)
        self.definitions: dict[str, Text] = {}
        self.wanted: list[tuple[str, str]] = []

    # ---- definitions, written once each

    def refer(self, kind: str, name: str) -> Text:
        key = name if kind in ("type", "creation") else f"{kind}:{name}"
        if key not in self.definitions:
            self.definitions[key] = {}
            self.wanted.append((kind, name))
        return {"$ref": f"#/$defs/{key}"}

    def finish(self) -> None:
        while self.wanted:
            kind, name = self.wanted.pop()
            if kind == "type":
                self.definitions[name] = self.type(name)
            elif kind == "creation":
                root = self.schema.creation_root(name)
                assert root
                self.definitions[name] = self.creation(root)
            else:
                self.definitions[f"class:{name}"] = self.leaf(self.schema.classes[name])

    def file(self) -> Text:
        properties: Text = {}
        for option in self.schema.options.values():
            if option.in_files:
                for name in (option.name, *option.aliases):
                    properties[name] = self.option(option)
        properties |= FROZEN
        return {"title": f"Configuration of {self.schema.program}", "type": "object", "properties": properties,
                "additionalProperties": False}

    def option(self, option: Option) -> Text:
        root = self.schema.classes.get(option.creates)
        if option.class_suffixes:
            return described({"anyOf": [{"type": "string"}, {
                "type": "object", "required": [option.implied_key], "properties": {
                    option.implied_key: {"type": "string"}}}]}, option.doc)
        if root and root.creates:
            one = self.created(root.creates)
            if option.expands_by or option.forms:
                one = {"anyOf": [{"type": "string"}, one]}
        elif not option.type:
            one = {"type": "boolean"}
        elif option.attributes:
            one = self.single(option.attributes)
        else:
            one = self.value(option.type)
        if option.is_list or option.multiple:
            one = {"if": {"type": "array"}, "then": {"items": one}, "else": one}
        if option.attributes:
            one |= constant(option.attributes.default)
        return described(one, option.doc)

    # ---- values

    def member(self, member: Member) -> Text:
        text = self.single(member)
        if member.is_list:
            text = {"type": "array", "items": text}
        text = described(text, member.doc) | constant(member.default)
        return text | ({"deprecated": True} if member.has("deprecated") else {})

    def single(self, member: Member) -> Text:
        if member.class_base:
            return {"enum": sorted(name for one in self.schema.leaves(member.class_base)
                                   for name in self.schema.class_names(one))}
        if member.ref:
            return self.reference(member.ref.target if member.ref.inline else "")
        text = self.value(member.type, member.range)
        return text | {"minLength": 1} if member.non_empty else text

    def reference(self, inline: str) -> Text:
        creates = self.schema.root_of(inline).creates if inline else None
        if not creates:
            return {"type": "string"}
        return {"anyOf": [{"type": "string"}, self.refer("creation", creates.union) | {"unevaluatedProperties": False}]}

    def value(self, name: str, bounds: tuple[int, int] | None = None) -> Text:
        kind = self.schema.types.get(name)
        root = self.schema.creation_root(name)
        if root and root.creates:
            return self.created(root.creates)
        if name in INTEGERS:
            return self.integer(name, bounds)
        if isinstance(kind, Scalar):
            return described(self.scalar(kind, bounds), kind.doc)
        if isinstance(kind, (Struct, Union)):
            return self.refer("type", name) | {"unevaluatedProperties": False}
        return dict(SIMPLE[name]) if name in SIMPLE else self.refer("type", name)

    def created(self, creates: Creates) -> Text:
        """A creation by an option: what its root demands of ids holds, which a definition in place is free of."""
        text = self.refer("creation", creates.union)
        if creates.id_required:
            text |= {"required": [creates.id]}
        return text | {"unevaluatedProperties": False}

    def integer(self, name: str, bounds: tuple[int, int] | None) -> Text:
        bits, signed = INTEGERS[name]
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        low, high = bounds or (low, high)
        return {"type": "integer", "minimum": low, "maximum": high}

    def scalar(self, kind: Scalar, bounds: tuple[int, int] | None) -> Text:
        ways: list[Text] = []
        if "int" in kind.accepts and kind.of != "str":
            ways.append(self.integer(kind.of, bounds or kind.range))
        if "str" in kind.accepts:
            ways.append({"type": "string"})
        if kind.names and kind.of == "str":
            texts = "|".join(".+".join(map(re.escape, name.split("*"))) for name, _ in kind.names)
            return {"type": "string", "pattern": f"^({texts})$"}
        if kind.names:
            ways.append({"enum": [name for name, _ in kind.names] + [value for _, value in kind.names]})
        return ways[0] if len(ways) == 1 else {"anyOf": ways}

    # ---- types

    def type(self, name: str) -> Text:
        kind = self.schema.type(name)
        if isinstance(kind, Enum):
            return described({"enum": kind.names}, kind.doc)
        if isinstance(kind, Alternate):
            return described({"anyOf": [self.branch(branch) for branch in kind.branches]}, kind.doc)
        assert isinstance(kind, (Struct, Union))
        text = self.object(self.schema.members(name))
        if isinstance(kind, Union):
            cases = [(branch.name, self.refer("type", branch.type)) for branch in kind.branches if branch.type]
            text |= choice(kind.tag, [([tag], body) for tag, body in cases])
        return described(text, kind.doc)

    def branch(self, branch: Branch) -> Text:
        one = self.reference(branch.ref.target if branch.ref.inline else "") if branch.ref else self.value(branch.type)
        return {"type": "array", "items": one} if branch.is_list else one

    def object(self, members: tuple[Member, ...]) -> Text:
        shown = [member for member in members if member.is_input]
        required = [member.name for member in shown if not member.optional]
        text: Text = {"type": "object", "properties": {member.name: self.member(member) for member in shown}}
        return text | ({"required": required} if required else {})

    # ---- creations

    def creation(self, root: Class) -> Text:
        creates = root.creates
        assert creates
        leaves = [one for one in self.schema.leaves(root.name) if one.user_creatable]
        cases = [(self.tags(one), self.body(creates, one)) for one in leaves]
        if creates.within:
            inside: Text = {"type": "object", "required": [creates.tag], "unevaluatedProperties": False,
                            "properties": {creates.tag: {"enum": [tag for tags, _ in cases for tag in tags]}}}
            return described({"type": "object", "required": [creates.id, creates.within], "properties": {
                creates.id: {"type": "string", "pattern": IDENTIFIER},
                creates.within: inside | choice(creates.tag, cases)}}, root.doc)
        text = self.object(root.own)
        first: Text = {creates.tag: {"enum": [tag for tags, _ in cases for tag in tags]}}
        if creates.id:
            first[creates.id] = {"type": "string", "pattern": IDENTIFIER}
        if root.is_machine:
            first["internal"] = MEMBERS | {"description": "Of a frozen file: internal members"}
        text["properties"] = first | text["properties"]
        # A machine may be chosen elsewhere: by another file, or on the command line.
        required = [*([] if root.is_machine or creates.otherwise else [creates.tag]), *text.get("required", ())]
        text |= {"required": required} if required else {}
        return described(text | choice(creates.tag, cases, creates.otherwise), root.doc)

    def body(self, creates: Creates, one: Class) -> Text:
        body = self.refer("class", one.name)
        if not creates.wrap:
            return body
        return {"properties": {creates.wrap: body | {"unevaluatedProperties": False}}, "required": [creates.wrap]}

    def tags(self, one: Class) -> list[str]:
        """What creates the class; of a machine the names of all its versions, newest first."""
        names = list(self.schema.tags_of(one))
        aliases = [alias.name for alias in one.aliases]
        if not one.version_from:
            return [*names, *aliases]
        axis = self.schema.versions["machine"]
        versions = range(one.version_from, (one.version_to or len(axis) - 1) + 1)
        return [*aliases, *(f"{names[0]}-{axis[version].name}" for version in reversed(versions)
                            if self.versions.exists(one, version))]

    def leaf(self, one: Class) -> Text:
        """What a class adds to its root, renamed and embedded members included."""
        root = self.schema.root_of(one.name)
        properties: Text = {}
        required: list[str] = []
        shape = self.plan.shape(one.name)
        for index, segment in enumerate(shape.segments):
            if segment.type == root.name and segment.is_class and not segment.child and not (
                    root.creates and root.creates.wrap):
                continue
            names = {theirs: own for own, theirs in self.plan.visible(segment).items()}
            for row, member in enumerate(self.plan.members(segment)):
                if member.name in names and member.is_input:
                    default = shape.overrides.get((index, row), member.default)
                    properties[names[member.name]] = self.member(replace(member, default=default))
                    required += [] if member.optional else [names[member.name]]
        text: Text = described({"properties": properties}, one.doc)
        return text | ({"required": required} if required else {})


def choice(tag: str, cases: list[tuple[list[str], Text]], otherwise: str = "") -> Text:
    """What more there is by the value of @tag; without it, by @otherwise."""
    return {"allOf": [{"if": {"properties": {tag: {"enum": tags}}} | ({} if otherwise in tags else {"required": [tag]}),
                       "then": body} for tags, body in cases]} if cases else {}
