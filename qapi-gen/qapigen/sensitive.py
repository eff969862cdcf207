# SPDX-License-Identifier: MIT
"""What can hold a sensitive value, at any depth: types, classes, and the values of options."""

from __future__ import annotations

from qapigen.model import Alternate, Class, ListType, Member, Option, Ref, Schema, Struct, Type, Union


class Sensitive:
    """The names of the types and classes that can, found by repetition: types and references may be circular."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.types: set[str] = set()
        self.classes: set[str] = set()
        self.telling = {one.name: [member for member in one.own if self.may(member)] for one in schema.classes.values()}
        before = -1
        while before != len(self.types) + len(self.classes):
            before = len(self.types) + len(self.classes)
            self.types |= {kind.name for kind in schema.types.values() if self.holds(kind)}
            self.classes |= {one.name for one in schema.classes.values() if self.has(one)}

    def holds(self, kind: Type) -> bool:
        if isinstance(kind, (Struct, Union)) and (kind.base in self.types or any(map(self.member, kind.own))):
            return True
        if isinstance(kind, ListType):
            return kind.of in self.types
        return isinstance(kind, (Union, Alternate)) and any(
            branch.type in self.types or self.ref(branch.ref) for branch in kind.branches)

    def has(self, one: Class) -> bool:
        return (one.name in self.classes or one.parent in self.classes or bool(self.types.intersection(one.mixins))
                or any(embed.class_name in self.classes for embed in one.embeds)
                or any(map(self.member, self.telling[one.name])))

    def may(self, member: Member) -> bool:
        """Whether it may hold one, as long as it is not known what types and classes do."""
        return member.has("sensitive") or member.type == "any" or member.type in self.schema.types or member.ref is not None

    def member(self, member: Member) -> bool:
        """A value of any type may be one.  Members that no client can set are left out."""
        if not member.is_input:
            return False
        return member.has("sensitive") or member.type == "any" or member.type in self.types or self.ref(member.ref)

    def ref(self, ref: Ref | None) -> bool:
        """Where a definition may stand in place of an id."""
        return ref is not None and ref.inline and self.root(self.schema.root_of(ref.target).name)

    def root(self, name: str) -> bool:
        """Whether some class at or below @name is one of them."""
        return any(self.schema.is_a(each, name) for each in self.classes)

    def option(self, option: Option) -> bool:
        return self.root(option.creates) if option.creates else option.type in self.types
