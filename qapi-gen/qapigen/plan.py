# SPDX-License-Identifier: MIT
"""What is emitted where: units, numbers of types and classes, the flattened shape of classes."""

from __future__ import annotations

from qapigen.history import Timeline
from qapigen.layout import Layout
from qapigen.model import UNITS, Class, Embed, ListType, Member, Schema, Struct
from qapigen.names import c_name, snake
from qapigen.record import dataclass, field, replace
from qapigen.sensitive import Sensitive
from qapigen.source import Where


@dataclass(frozen=True)
class Segment:
    """A struct in a class's config.  @path is the C designator of its place; empty is the start."""

    type: str                   # plain type, or a class for its own members
    is_class: bool
    path: str
    owner: str
    child: int = 0              # 1 + index among the children
    hidden: bool = False
    renames: tuple[tuple[str, str], ...] = ()   # (the embedder's name, the member's); shared ones only


@dataclass(frozen=True)
class Child:
    name: str
    path: str
    class_name: str


@dataclass
class Shape:
    segments: list[Segment] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    overrides: dict[tuple[int, int], Timeline] = field(default_factory=dict)
    by_name: dict[str, tuple[int, int]] = field(default_factory=dict)

    def places(self, plan: Plan) -> dict[str, tuple[int, int]]:
        """Segment and row of each member by its name; asked for when all segments are there."""
        if not self.by_name:
            for index, segment in enumerate(self.segments):
                for name, row in plan.rows(segment).items():
                    self.by_name[name] = index, row
        return self.by_name


class Plan:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.add_program_types()
        self.layout = Layout(schema)
        self.sensitive = Sensitive(schema)
        self.types: dict[str, list[str]] = {unit: [] for unit in UNITS}
        self.classes: dict[str, list[str]] = {unit: [] for unit in UNITS}
        self.type_numbers: dict[tuple[str, bool], int] = {}
        self.class_numbers: dict[str, int] = {}
        self.first_type: dict[str, int] = {}
        self.first_class: dict[str, int] = {}
        self.shapes: dict[str, Shape] = {}
        self.row_numbers: dict[tuple[str, bool], dict[str, int]] = {}
        self.number()

    def add_program_types(self) -> None:
        """The struct of the program's options, and the lists that its commands return."""
        schema = self.schema
        members = tuple(
            replace(option.attributes, name=option.name, is_list=option.is_list or option.multiple,
                    doc=option.doc)
            for option in schema.options.values() if option.attributes and not option.creates)
        if schema.program:
            name = options_type(schema)
            schema.types[name] = Struct(name, Where(schema.root), "program", "the program's options",
                                        own=members)
            for command in sorted(schema.own_commands,
                                  key=lambda each: (UNITS.index(each.unit), not schema.places.is_foreign(each.where))):
                if command.ret_list:
                    # Of the lowest unit with such a command: a program without higher units has the type too.
                    schema.types.setdefault(list_type(command.ret), ListType(
                        list_type(command.ret), command.where, command.unit, f"list of {command.ret}",
                        of=command.ret))

    def units(self) -> list[str]:
        """The layers that the program stands on: up to the highest in which something is defined."""
        schema = self.schema
        used = {"runtime", *schema.axis_units.values(), *(one.unit for one in schema.buses.values()),
                *(one.unit for one in schema.commands.values()), *(one.unit for one in schema.hmps.values()),
                *(one.unit for one in schema.types.values()),
                *(one.unit for one in schema.classes.values())}
        return [unit for index, unit in enumerate(UNITS[:-1]) if used & set(UNITS[index:-1])]

    def number(self) -> None:
        for kind in self.schema.types.values():
            if kind.name not in self.schema.relayed:
                self.types[kind.unit].append(kind.name)
        for one in self.parents_first():
            self.classes[one.unit].append(one.name)
        types = classes = 0
        for unit in UNITS:
            self.first_type[unit], self.first_class[unit] = types, classes
            for name in self.types[unit]:
                types += 1
                self.type_numbers[name, False] = types
            for name in self.classes[unit]:
                classes += 1
                self.class_numbers[name] = classes
                if self.schema.classes[name].own:
                    types += 1
                    self.type_numbers[name, True] = types
            types += 1
            classes += 1

    def parents_first(self) -> list[Class]:
        """Classes after those their configs hold."""
        done: dict[str, Class] = {}

        def visit(one: Class) -> None:
            if one.name in done:
                return
            for name in (one.parent, *(embed.class_name for embed in one.embeds)):
                if name:
                    visit(self.schema.classes[name])
            done[one.name] = one

        for one in self.schema.classes.values():
            visit(one)
        return list(done.values())

    def type_number(self, name: str, is_class: bool = False) -> int:
        return self.type_numbers[name, is_class]

    def members(self, segment: Segment) -> tuple[Member, ...]:
        if segment.is_class:
            return self.schema.classes[segment.type].own
        return self.schema.members(segment.type)

    # ---- classes, flattened

    def shape(self, name: str) -> Shape:
        if name not in self.shapes:
            self.shapes[name] = self.flatten(self.schema.classes[name])
        return self.shapes[name]

    def flatten(self, one: Class) -> Shape:
        shape = Shape()
        inherited = self.shape(one.parent) if one.parent else Shape()
        moved: dict[int, int] = {}
        for index, segment in enumerate(inherited.segments):
            if not segment.child:
                moved[index] = len(shape.segments)
                shape.segments.append(replace(segment, path=join("parent", segment.path)))
        if one.own:
            shape.segments.append(Segment(one.name, True, "", one.name))
        for mixin in one.mixins:
            if self.schema.members(mixin):
                shape.segments.append(Segment(mixin, False, snake(mixin), one.name))
        for index, segment in enumerate(inherited.segments):
            if segment.child:
                moved[index] = len(shape.segments)
                shape.segments.append(replace(segment, path=join("parent", segment.path)))
        shape.children += [replace(child, path=join("parent", child.path)) for child in inherited.children]
        for (place, row), timeline in inherited.overrides.items():
            shape.overrides[moved[place], row] = timeline
        for embed in one.embeds:
            self.embed(shape, one, embed)
        for restated in one.defaults:
            shape.overrides[shape.places(self)[restated.member]] = restated.timeline
        return shape

    def embed(self, shape: Shape, one: Class, embed: Embed) -> None:
        """Adds a child.  What it has from an ancestor of the embedder's stays its own affair."""
        inner = self.shape(embed.class_name)
        path = c_name(embed.name)
        shape.children.append(Child(embed.name, path, embed.class_name))
        child = len(shape.children)
        first = len(shape.segments)
        ancestors = {each.name for each in self.schema.ancestry(one.name)}
        for segment in inner.segments:
            visible = self.visible(segment)
            if embed.all:
                hidden, pairs = segment.hidden or segment.owner in ancestors, segment.renames
            else:
                pairs = tuple((own, visible[theirs]) for own, theirs in embed.renames
                              if theirs in visible)
                hidden = not pairs
            shape.segments.append(replace(segment, path=join(path, segment.path), child=child,
                                          hidden=hidden, renames=pairs))
        for (index, row), timeline in inner.overrides.items():
            shape.overrides[first + index, row] = timeline

    def visible(self, segment: Segment) -> dict[str, str]:
        """The class's name of each member that it shares: the member's own."""
        if segment.hidden:
            return {}
        if segment.renames:
            return dict(segment.renames)
        return {member.name: member.name for member in self.members(segment)}

    def locate(self, shape: Shape, name: str) -> tuple[int, int]:
        return shape.places(self)[name]

    def is_versioned(self, one: Class) -> bool:
        """Whether some default, of those that hold for the class, depends on the machine's version."""
        shape = self.shape(one.name)
        return any(timeline is not None and timeline.axis == "machine"
                   for index, segment in enumerate(shape.segments)
                   for row, member in enumerate(self.members(segment))
                   for timeline in [shape.overrides.get((index, row), member.default)])

    def rows(self, segment: Segment) -> dict[str, int]:
        """The number of each member that the class shares, by the class's name for it."""
        if segment.hidden:
            return {}
        key = segment.type, segment.is_class
        if key not in self.row_numbers:
            self.row_numbers[key] = {member.name: row for row, member in enumerate(self.members(segment))}
        rows = self.row_numbers[key]
        return {own: rows[theirs] for own, theirs in segment.renames} if segment.renames else rows


def join(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def options_type(schema: Schema) -> str:
    return f"{schema.program}-options"


def list_type(name: str) -> str:
    """Of a list of @name; a builtin's name is a word of its own."""
    return name[:1].upper() + name[1:] + "List"
