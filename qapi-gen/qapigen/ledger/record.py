# SPDX-License-Identifier: MIT
"""What a schema has at closed versions, in the form of a ledger."""

from __future__ import annotations

import os

from qapigen.classes import Prop, props_of
from qapigen.ledger.book import Book, Feature, Holder, Named
from qapigen.ledger.cells import Cells
from qapigen.ledger.facts import class_facts, life_facts, member_facts
from qapigen.model import BusType, Class, Command, Event, Option, QomType, Schema, Struct, Union, Version


class Present:
    """The holders of a schema, and their members as classes have them."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.props = props_of(schema)
        self.types = self.reachable()
        self.known: dict[str, dict[str, Prop]] = {}

    def names(self) -> list[str]:
        return [*self.schema.classes, *self.types]

    def definition(self, name: str) -> Class | Struct | Union | None:
        if name in self.schema.classes:
            return self.schema.classes[name]
        kind = self.schema.types.get(name)
        return kind if isinstance(kind, (Struct, Union)) else None

    def parent(self, name: str) -> str:
        one = self.definition(name)
        return "" if one is None else one.parent if isinstance(one, Class) else one.base

    def members(self, name: str) -> dict[str, Prop]:
        if name in self.schema.classes:
            return self.props.of(name)
        if name not in self.known:
            self.known[name] = {member.name: Prop(member, member.default, name) for member in self.schema.members(name)}
        return self.known[name]

    def fresh(self, name: str) -> dict[str, Prop]:
        """The members of a class that are not its parent's as they are; all members of what is no class."""
        return self.props.fresh(name) if name in self.schema.classes else self.members(name)

    def reachable(self) -> list[str]:
        """Types that are values of classes' members."""
        found: dict[str, None] = {}
        waiting = [member.type for one in self.schema.classes.values() for member in one.own]
        waiting += [member.type for one in self.schema.classes.values() for mixin in one.mixins
                    for member in self.schema.members(mixin)]
        while waiting:
            name = waiting.pop()
            kind = self.schema.types.get(name)
            if kind is None or name in found:
                continue
            found[name] = None
            waiting += [part.type for part in (*getattr(kind, "own", ()), *getattr(kind, "branches", ()))]
            waiting.append(getattr(kind, "base", ""))
        return [name for name, kind in self.schema.types.items() if name in found and isinstance(kind, (Struct, Union))]


def mortals(schema: Schema) -> dict[str, Option | Command | Event | QomType | BusType]:
    """What has a life and is no class, by kind and name."""
    kinds: dict[str, dict[str, Option] | dict[str, Command] | dict[str, Event] | dict[str, QomType] | dict[str, BusType]] = {
        "option": schema.options, "command": schema.commands, "event": schema.events, "qom-type": schema.qom_types,
        "bus": schema.buses}
    return {f"{kind} {one.name}": one for kind, known in kinds.items() for one in known.values()}


def version_text(versions: tuple[Version, ...], version: Version) -> str:
    """'4.0.1(4.0:pc-q35)' of a bugfix version."""
    if not version.bugfix_of:
        return version.name
    machines = ":" + ",".join(version.machines) if version.machines else ""
    return f"{version.name}({versions[version.bugfix_of].name}{machines})"


def family_versions(schema: Schema, one: Class) -> str:
    names = schema.versions["machine"]
    if not one.version_from:
        return ""
    return f"{names[one.version_from].name}..{names[one.version_to].name if one.version_to else ''}"


def record(present: Present, closed: dict[str, list[int]]) -> Book:
    """The ledger of a schema whose versions at these indexes are closed."""
    schema = present.schema
    book = Book(schema.root, has_facts=True)
    for axis, indexes in closed.items():
        versions = schema.versions[axis]
        book.closed[axis] = [version_text(versions, versions[index]) for index in indexes]
    newest = closed["platform"][-1] if closed["platform"] else 0
    for feature in schema.features.values():
        if feature.since <= newest:
            book.features[feature.name] = Feature(
                feature.where, schema.versions["platform"][feature.since].name, feature.probe)
    released = closed["release"][-1] if closed.get("release") else 0
    for label, mortal in mortals(schema).items():
        if released and mortal.life and mortal.life.introduced[0] <= released:
            facts = {stage: text for stage, text in life_facts(mortal.life, schema.versions["release"]).items() if text}
            book.names[label] = Named(mortal.where, facts)
    cells = Cells(schema, closed)
    for name in present.names():
        one = present.definition(name)
        assert one
        file = schema.places.name(one.where.file).replace(os.pardir + os.sep, "")
        holder = Holder(name, one.where, file, present.parent(name),
                        family_versions(schema, one) if isinstance(one, Class) else "")
        holder.members = {member: cells.lines(prop) for member, prop in present.members(name).items()}
        holder.member_facts = {member: member_facts(prop.member, schema)
                               for member, prop in present.members(name).items()}
        holder.facts = class_facts(one, schema) if isinstance(one, Class) else {}
        book.holders[name] = holder
    return book
