# SPDX-License-Identifier: MIT
"""What clients see: commands, events, options, and what can be created.

What a client may send must stay accepted: no optional member and no value may go.  What a client receives must stay;
additions are compatible.
"""

from __future__ import annotations

from typing import Any

from qapigen.classes import Props
from qapigen.diff.change import Changes
from qapigen.model import (INTEGERS, Alternate, Class, Command, Enum, Event, Feature, ListType, Member, Scalar, Schema,
                           Struct, Union)

KINDS = {Enum: "an enum", Struct: "an object", Union: "an object", Alternate: "an alternate", ListType: "a list"}


class Clients:
    def __init__(self, old: Schema, new: Schema, changes: Changes) -> None:
        self.old = old
        self.new = new
        self.changes = changes
        self.seen: set[tuple[str, str, bool]] = set()

    def run(self) -> None:
        self.each("command", self.old.commands, self.new.commands, self.command)
        self.each("event", self.old.events, self.new.events, self.event)
        self.each("option", self.old.options, self.new.options, self.option)
        roots = [{one.creates.union: one for one in schema.classes.values() if one.creates}
                 for schema in (self.old, self.new)]
        self.each("creation union", roots[0], roots[1], self.creations)

    def each(self, what: str, old: dict[str, Any], new: dict[str, Any], compare: Any) -> None:
        for name in dict.fromkeys((*old, *new)):
            label = f"{what} {name}"
            if name not in new:
                self.changes.clients(label, "removed", True)
            elif name not in old:
                self.changes.clients(label, "added", False)
            else:
                compare(label, old[name], new[name])

    def features(self, what: str, old: tuple[Feature, ...], new: tuple[Feature, ...]) -> None:
        names = [[feature.name for feature in features] for features in (old, new)]
        for name in dict.fromkeys((*names[0], *names[1])):
            if name not in names[0]:
                self.changes.clients(what, f"feature {name} added", False)
            elif name not in names[1]:
                # That something is no longer deprecated or unstable takes nothing away; a promise does.
                self.changes.clients(what, f"feature {name} removed", name not in ("deprecated", "unstable"))

    # ---- what has a name of its own

    def command(self, what: str, old: Command, new: Command) -> None:
        self.features(what, old.features, new.features)
        self.arguments(what, old.arg, new.arg, True)
        if old.creates != new.creates:
            self.changes.clients(what, f"creates {old.creates or 'nothing'} -> {new.creates or 'nothing'}", True)
        if old.oob and not new.oob:
            self.changes.clients(what, "no longer taken out of band", True)
        if old.ret and new.ret:
            self.value(f"{what}, returned value", (old.ret, old.ret_list), (new.ret, new.ret_list), False)
        elif old.ret or new.ret:
            self.changes.clients(what, f"returns {old.ret or 'nothing'} -> {new.ret or 'nothing'}", bool(old.ret))

    def event(self, what: str, old: Event, new: Event) -> None:
        self.features(what, old.features, new.features)
        self.arguments(what, old.arg, new.arg, False)

    def arguments(self, what: str, old: str, new: str, given: bool) -> None:
        """No arguments are an object without members."""
        if old in self.old.types and new in self.new.types:
            self.value(what, (old, False), (new, False), given, of_its_own="q_obj_" in old or "q_obj_" in new)
        else:
            self.members(what, members(self.old, old), members(self.new, new), given)

    def option(self, what: str, old: Any, new: Any) -> None:
        self.features(what, old.features, new.features)
        if old.multiple and not new.multiple:
            self.changes.clients(what, "can no longer be given several times", True)
        if old.creates != new.creates or bool(old.type) != bool(new.type):
            self.changes.clients(what, f"takes {old.creates or old.type or 'nothing'} -> "
                                 f"{new.creates or new.type or 'nothing'}", True)
        elif old.type:
            self.value(what, (old.type, old.is_list), (new.type, new.is_list), True)
        for alias in set(old.aliases) - {*new.aliases, new.name}:
            self.changes.clients(what, f"alias {alias} removed", True)

    def creations(self, what: str, old: Class, new: Class) -> None:
        assert old.creates and new.creates
        for attribute in ("tag", "id", "wrap"):
            one, other = getattr(old.creates, attribute), getattr(new.creates, attribute)
            if one != other:
                self.changes.clients(what, f"{attribute}: {one or 'none'} -> {other or 'none'}", True)
        if new.creates.id_required and not old.creates.id_required:
            self.changes.clients(what, f"{new.creates.id} is required", True)
        if old.creates.otherwise and old.creates.otherwise != new.creates.otherwise:
            self.changes.clients(what, f"{new.creates.tag}: {old.creates.otherwise} where it is left out -> "
                                 f"{new.creates.otherwise or 'required'}", True)
        leaves = [{one.tag or one.name: one for one in schema.leaves(root.name) if one.user_creatable}
                  for schema, root in ((self.old, old), (self.new, new))]
        props = (Props(self.old), Props(self.new))

        def compare(label: str, one: Class, other: Class) -> None:
            self.features(label, one.features, other.features)
            for alias in {each.name for each in one.aliases} - {each.name for each in other.aliases}:
                self.changes.clients(label, f"alias {alias} removed", True)
            known = [{name: prop.member for name, prop in each.of(leaf.name).items()}
                     for each, leaf in zip(props, (one, other))]
            self.members(label, known[0], known[1], True)

        self.each("machine" if new.is_machine else new.creates.kind, leaves[0], leaves[1], compare)

    # ---- values

    def members(self, what: str, old: dict[str, Member], new: dict[str, Member], given: bool) -> None:
        """@given: the client sends it; else the client receives it."""
        for name in dict.fromkeys((*old, *new)):
            label = f"{what}: {name}"
            if name not in new:
                self.changes.clients(label, "removed", True)
            elif name not in old:
                required = given and not new[name].optional
                self.changes.clients(label, "added, required" if required else "added", required)
            else:
                self.member(label, old[name], new[name], given)

    def member(self, what: str, old: Member, new: Member, given: bool) -> None:
        self.features(what, old.features, new.features)
        if old.optional != new.optional:
            text = "optional -> required" if old.optional else "required -> optional"
            self.changes.clients(what, text, old.optional == given)
        if given and new.range != old.range and not within(old.range, new.range):
            self.changes.clients(what, f"range {old.range and list(old.range)} -> {list(new.range or ())}", True)
        if given and new.non_empty and not old.non_empty:
            self.changes.clients(what, "may be empty -> is never empty", True)
        if not old.ref and not new.ref:
            self.value(what, (old.type, old.is_list), (new.type, new.is_list), given)
        elif bool(old.ref) != bool(new.ref) and "str" not in (old.type, new.type):
            self.changes.clients(what, "a reference -> a value" if old.ref else "a value -> a reference", True)

    def value(self, what: str, old: tuple[str, bool], new: tuple[str, bool], given: bool,
              of_its_own: bool = False) -> None:
        if old[1] != new[1]:
            self.changes.clients(what, "one value -> a list" if new[1] else "a list -> one value", True)
            return
        key = (old[0], new[0], given)
        if key in self.seen:
            return
        self.seen.add(key)
        one, other = self.old.types.get(old[0]), self.new.types.get(new[0])
        label = what if of_its_own else f"type {new[0]}"
        if isinstance(one, (Struct, Union)) and isinstance(other, (Struct, Union)):
            self.object(label, one, other, given)
        elif isinstance(one, Enum) and isinstance(other, Enum):
            self.features(label, one.features, other.features)
            self.enum(label, one, other, given)
        elif isinstance(one, Alternate) and isinstance(other, Alternate):
            self.branches(label, one, other, given)
        else:
            self.simple(what, old[0], new[0], given)

    def object(self, what: str, old: Struct | Union, new: Struct | Union, given: bool) -> None:
        self.features(what, old.features, new.features)
        self.members(what, members(self.old, old.name), members(self.new, new.name), given)
        if isinstance(old, Union) and isinstance(new, Union):
            if old.tag != new.tag:
                self.changes.clients(what, f"tag {old.tag} -> {new.tag}", True)
            self.branches(what, old, new, given)
        elif isinstance(old, Union):
            self.changes.clients(what, "has no branches any more", True)
        elif isinstance(new, Union):
            self.changes.clients(what, "has branches", False)

    def enum(self, what: str, old: Enum, new: Enum, given: bool) -> None:
        for name in old.names:
            if name not in new.names:
                self.changes.clients(what, f"value {name} removed", given)
        for name in new.names:
            if name not in old.names:
                self.changes.clients(what, f"value {name} added", False)

    def branches(self, what: str, old: Union | Alternate, new: Union | Alternate, given: bool) -> None:
        ours = {branch.name: branch for branch in new.branches}
        for branch in old.branches:
            other = ours.pop(branch.name, None)
            if other is None:
                self.changes.clients(what, f"branch {branch.name} removed", given)
            elif branch.type and other.type:
                self.value(f"{what}, branch {branch.name}", (branch.type, branch.is_list),
                           (other.type, other.is_list), given)
        for name in ours:
            self.changes.clients(what, f"branch {name} added", False)

    def simple(self, what: str, old: str, new: str, given: bool) -> None:
        if old == new and old not in self.old.types and new not in self.new.types:
            return
        one, other = accepted(self.old, old), accepted(self.new, new)
        if one == other:
            return
        fits = one[0] <= other[0] and within(one[1], other[1]) if given else other[0] <= one[0]
        self.changes.clients(what, f"{old} -> {new}" if old != new else f"{old} takes other values", not fits)


def members(schema: Schema, name: str) -> dict[str, Member]:
    if not isinstance(schema.types.get(name), (Struct, Union)):
        return {}
    return {member.name: member for member in schema.members(name)}


def within(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    return other is None or (one is not None and other[0] <= one[0] and one[1] <= other[1])


def accepted(schema: Schema, name: str) -> tuple[set[str], tuple[int, int] | None]:
    """Kinds of JSON, and the range of what is a number."""
    kind = schema.types.get(name)
    if isinstance(kind, Scalar):
        kinds = {"a number" if each == "int" else "a string" for each in kind.accepts}
        return kinds | {f"the name {each}" for each, _ in kind.names}, kind.range or accepted(schema, kind.of)[1]
    if name in INTEGERS:
        bits, signed = INTEGERS[name]
        return {"a number"}, (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return {KINDS[type(kind)] if kind else "a string" if name == "str" else name}, None
