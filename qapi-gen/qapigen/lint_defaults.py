# SPDX-License-Identifier: MIT
"""The rules of defaults: they fit, they are said, they stand on the axis of their layer."""

from __future__ import annotations

from collections.abc import Iterator

from qapigen.classes import props_of
from qapigen.history import Entry, Timeline
from qapigen.lint_qapi import Lint
from qapigen.model import INTEGERS, Alternate, Branch, Claim, Class, Definition, Enum, Member, Scalar, Struct, Union
from qapigen.source import SchemaError, Where, suggestion
from qapigen.values import misfit, type_misfit


class DefaultsLint(Lint):
    def run(self) -> None:
        self.props = props_of(self.schema)
        classes = self.schema.classes.values()
        self.mixins = {mixin for one in classes for mixin in one.mixins}
        self.of_guest = {mixin for one in classes if self.is_of_guest(one) for mixin in one.mixins}
        self.machines = {one.name for one in classes if one.is_machine}
        self.accels = {one.tag or one.name for one in classes if one.parent == "accel"}
        for name in self.schema.timelines:
            self.attempt(self.named, name)
        for kind in self.schema.types.values():
            for member in getattr(kind, "own", ()):
                self.attempt(self.member, kind, member)
        # Plain QAPI schemas, which have no classes, do not say it; options that are not given do nothing.
        for kind in self.schema.types.values() if self.schema.classes else ():
            for member in getattr(kind, "own", ()) if kind.name != f"{self.schema.program}-options" else ():
                self.attempt(self.says, kind, member)
        for one in self.schema.classes.values():
            for member in one.own:
                self.attempt(self.member, one, member)
                self.attempt(self.says, one, member)
        for one in self.schema.classes.values():
            if one.defaults:
                self.attempt(self.restated, one)
            self.attempt(self.needs, one)
            if one.layer == "backend":
                self.attempt(self.layering, one)
            for claim in one.claims:
                self.attempt(self.claim, one, claim)
        for option in self.schema.options.values():
            if option.attributes:
                self.attempt(self.member, option, option.attributes)

    # ---- a member and its default

    def named(self, name: str) -> None:
        kind, timeline = self.schema.timelines[name]
        for entry in timeline.entries:
            wrong = "" if entry.absent else type_misfit(self.schema, entry.value, kind, None)
            if wrong:
                raise SchemaError(entry.where, f"In timeline '{name}': {wrong}")

    def member(self, one: Definition, member: Member) -> None:
        self.check_range(one, member)
        self.check_gate(one, member)
        self.check_read_only(one, member)
        self.check_text(one, member)
        self.check_number(one, member)
        self.check_mutable(one, member)
        if member.default:
            self.timeline(one, member, member.default)
            absent = next((entry.where for entry in member.default.entries if entry.absent), None)
            if member.absent_means and not absent:
                raise self.error(one, f"member '{member.name}' has a default, so it is never absent: drop "
                                 "'absent-means'", member.where)
            if absent and not member.absent_means:
                raise self.error(one, f"member '{member.name}' can be absent, and does not say what "
                                 "'absent-means'", member.where if member.default.name else absent)
        self.check_auto(one, member)

    def check_gate(self, one: Definition, member: Member) -> None:
        gate = member.gate
        if gate is None:
            return
        wrong = "" if gate.absent else misfit(self.schema, gate.value, member)
        if wrong:
            raise self.error(one, f"'needs' of '{member.name}': {wrong}", gate.where)
        if gate.absent and not member.absent_means:
            raise self.error(one, f"'needs' of '{member.name}': it is never absent", gate.where)
        if not isinstance(one, Class):
            raise self.error(one, f"'needs' of '{member.name}': only members of classes have it", gate.where)

    def check_auto(self, one: Definition, member: Member) -> None:
        """What 'auto' of a device or a machine becomes in a frozen file."""
        for entry in member.auto_means.entries if member.auto_means else ():
            wrong = misfit(self.schema, entry.value, member)
            if wrong:
                raise self.error(one, f"'auto-means' of '{member.name}': {wrong}", entry.where)
        if member.derive or not member.is_input or not self.is_of_guest(one):
            return
        is_auto = member.default and any(entry.value == "auto" and not entry.derive for entry in member.default.entries)
        if is_auto and not (member.auto_means or member.auto_stays):
            raise self.error(one, f"member '{member.name}' can be 'auto', which a frozen file leaves open: it says "
                             "'auto-means' or 'auto-stays'", member.where)

    def is_of_guest(self, one: Definition) -> bool:
        """Whether it is a device or a machine, or the members of one."""
        if isinstance(one, Class):
            return self.schema.root_of(one.name).name in ("device", "machine")
        return one.name in self.of_guest

    def check_read_only(self, one: Definition, member: Member) -> None:
        if not member.has("read-only"):
            return
        other = next((name for name in ("mutable", "internal") if member.has(name)), "")
        if other:
            raise self.error(one, f"member '{member.name}' is read-only and {other}: it is one of them", member.where)
        if not member.optional:
            raise self.error(one, f"member '{member.name}' is read-only, so no client can set it: write '*{member.name}'",
                             member.where)

    def check_text(self, one: Definition, member: Member) -> None:
        """What is said of texts only."""
        if member.non_empty and (member.type != "str" or member.ref or member.class_base):
            what = "reads a file" if member.reads_file else "is never empty"
            raise self.error(one, f"member '{member.name}' {what}, and is no plain 'str'", member.where)
        if member.reads_file and (not isinstance(one, Class) or member.is_list):
            raise self.error(one, f"member '{member.name}' reads a file: only single members of classes do", member.where)

    def check_number(self, one: Definition, member: Member) -> None:
        """What is said of integers, and of the members of classes."""
        kind = self.schema.types.get(member.type)
        plain = kind.of if isinstance(kind, Scalar) else member.type
        for holds, what in ((member.power_of_two, "a power of two"), (member.unique, "unique")):
            if holds and (member.is_list or plain not in (*INTEGERS, "size")):
                raise self.error(one, f"member '{member.name}' is {what}, and is no integer", member.where)
        if member.aliases and (member.is_list or plain not in ("bool", "size", *INTEGERS)):
            raise self.error(one, f"member '{member.name}' has 'aliases', and is neither a bool nor an integer", member.where)
        mixed = isinstance(one, Struct) and one.name in self.mixins
        if member.aliases and not isinstance(one, Class):
            raise self.error(one, f"member '{member.name}' has 'aliases': only members of classes have them", member.where)
        if (member.unique or member.power_of_two or member.needed) and not isinstance(one, Class) and not mixed:
            raise self.error(one, f"member '{member.name}' is unique, needed or a power of two: only members of classes are",
                             member.where)
        if member.needed and not member.optional:
            raise self.error(one, f"member '{member.name}' is required: 'needed' is for optional members", member.where)

    def needs(self, one: Class) -> None:
        """The classes that 'needs-machines' and 'needs-accels' name exist."""
        for key, names, known in (("needs-machines", one.needs_machines, self.machines),
                                  ("needs-accels", one.needs_accels, self.accels)):
            for name in names:
                if name not in known:
                    raise self.error(one, f"'{key}' names unknown '{name}'{suggestion(name, known)}", one.where)

    def check_mutable(self, one: Definition, member: Member) -> None:
        """References are bound when the object is made, and never again."""
        if member.has("mutable") and (member.ref or self.refers(member.type, set())):
            raise self.error(one, f"member '{member.name}' is mutable, and holds a reference: it stays as it is made",
                             member.where)

    def refers(self, name: str, seen: set[str]) -> bool:
        """Whether values of the type may hold a reference."""
        kind = self.schema.types.get(name)
        if name in seen or not isinstance(kind, (Struct, Union, Alternate)):
            return False
        seen.add(name)
        parts: list[Member | Branch] = [*(() if isinstance(kind, Alternate) else self.schema.members(name)),
                                        *(() if isinstance(kind, Struct) else kind.branches)]
        return any(each.ref or self.refers(each.type, seen) for each in parts)

    def check_range(self, one: Definition, member: Member) -> None:
        if not member.range:
            return
        kind = self.schema.types.get(member.type)
        of = kind.of if isinstance(kind, Scalar) else member.type
        if of not in INTEGERS:
            raise self.error(one, f"member '{member.name}' has a range, and no integer type", member.where)
        bits, signed = INTEGERS[of]
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        if member.range[0] < low or member.range[1] > high:
            raise self.error(one, f"range [{member.range[0]}, {member.range[1]}] of '{member.name}' is "
                             f"beyond type '{of}'", member.where)

    def timeline(self, one: Definition, member: Member, timeline: Timeline, where: Where | None = None) -> None:
        kind = self.schema.timelines[timeline.name][0] if timeline.name else member.type
        if kind != member.type or (timeline.name and member.is_list):
            raise self.error(one, f"default of '{member.name}': timeline '{timeline.name}' is of type "
                             f"'{kind}'", where or member.where)
        if timeline.axis == "platform" and member.has("guest-visible"):
            raise self.error(one, f"default of '{member.name}': the guest can see it, so it follows the machine axis; "
                             "what it needs of the host, an entry names in 'needs'",
                             where or member.where if timeline.name else timeline.where)
        for entry in timeline.entries:
            if not entry.absent:
                wrong = misfit(self.schema, entry.value, member)
                if wrong:
                    raise self.error(one, f"default of '{member.name}': {wrong}", entry.where)
            self.guest_auto(one, member, entry)
            self.condition(one, member, entry)

    def guest_auto(self, one: Definition, member: Member, entry: Entry) -> None:
        if member.has("guest-visible") and entry.value == "auto" and isinstance(
                self.schema.types.get(member.type), (Enum, Scalar)) and not (
                    entry.derive or entry.needs or member.derive):
            raise self.error(one, f"default of '{member.name}': the guest can see 'auto', so it must say "
                             "'derive' or 'needs'", entry.where)

    def condition(self, one: Definition, member: Member, entry: Entry) -> None:
        if not entry.when:
            return
        name, target = entry.when
        if isinstance(one, Class):
            found = self.props.of(one.name).get(name)
            ref = found.member if found else None
        else:
            ref = next((each for each in self.schema.members(one.name) if each.name == name), None)
        if ref is None or not ref.ref:
            raise self.error(one, f"default of '{member.name}': 'when-ref' names '{name}', which is no "
                             "reference", entry.where)
        if target not in self.schema.classes:
            raise self.error(one, f"default of '{member.name}': 'when-ref' names unknown class '{target}'"
                             f"{suggestion(target, self.schema.classes)}", entry.where)
        base = ref.ref.target if ref.ref.kind == "class" else ""
        if base in self.schema.classes and not self.schema.is_a(target, base):
            raise self.error(one, f"default of '{member.name}': 'when-ref' names '{target}', and '{name}' never refers "
                             f"to one: it refers to a '{base}'", entry.where)

    def restated(self, one: Class) -> None:
        props = self.props.inherited(one)
        for restated in one.defaults:
            member, before = props[restated.member].member, props[restated.member].default
            if before and before.entries == restated.timeline.entries:
                raise self.error(one, f"'defaults' states for '{restated.member}' what it is anyway: drop it",
                                 restated.where)
            self.timeline(one, member, restated.timeline, restated.where)
            absent = next((entry.where for entry in restated.timeline.entries if entry.absent), None)
            if absent and not member.absent_means:
                raise self.error(one, f"member '{restated.member}' can't be absent: it does not say what "
                                 "'absent-means'", restated.where if restated.timeline.name else absent)

    # ---- every optional member says something

    def says(self, one: Definition, member: Member) -> None:
        if member.optional and not (member.default or member.absent_means or member.derive):
            raise self.error(one, f"optional member '{member.name}' states neither 'default' nor "
                             "'absent-means'", member.where)

    # ---- layers

    def claim(self, one: Class, claim: Claim) -> None:
        """The backend leaves it to its user, and the machine has something of the kind to say."""
        theirs, ours = self.props.of(claim.class_name), self.props.of(one.name)
        for what, name, known in ((f"'{claim.class_name}'", claim.member, theirs), ("the machine", claim.decides, ours)):
            if name not in known:
                raise self.error(one, f"'claims': {what} has no member '{name}'{suggestion(name, known)}", claim.where)
        left, says = theirs[claim.member], ours[claim.decides].member
        if left.default:
            raise self.error(one, f"'claims': '{claim.member}' of '{claim.class_name}' has a default: it leaves nothing to "
                             "its user", claim.where)
        if (left.member.type, left.member.is_list) != (says.type, says.is_list):
            raise self.error(one, f"'claims': '{claim.decides}' is of type '{says.type}', and '{claim.member}' of "
                             f"'{claim.class_name}' of type '{left.member.type}'", claim.where)

    def layering(self, one: Class) -> None:
        for restated in one.defaults:
            self.check_axis(one, restated.timeline, f"'defaults' of '{restated.member}'", restated.where)
        for member in one.own:
            self.check_member(one, member, "", [])
        for mixin in one.mixins:
            for member in self.schema.members(mixin):
                self.check_member(one, member, f"mixin '{mixin}', ", [mixin])

    def check_member(self, one: Class, member: Member, path: str, seen: list[str]) -> None:
        path += f"member '{member.name}'"
        if member.default:
            self.check_axis(one, member.default, path, member.where)
        for derive in (member.derive, *(entry.derive for entry in (
                member.default.entries if member.default else ()))):
            if derive and any(text.startswith("/machine/") for text in derive.inputs):
                raise self.error(one, f"a backend never sees a machine: {path} is derived from one", member.where)
        if member.type in seen:
            return
        for owner, inner in self.inner(member.type):
            self.check_member(one, inner, f"{path}, struct '{owner}', ", [*seen, member.type])

    def inner(self, name: str) -> Iterator[tuple[str, Member]]:
        kind = self.schema.types.get(name)
        if isinstance(kind, (Struct, Union)):
            for member in self.schema.members(name):
                yield name, member
        for branch in getattr(kind, "branches", ()):
            yield from self.inner(branch.type) if branch.type != name else ()

    def check_axis(self, one: Class, timeline: Timeline, path: str, place: Where) -> None:
        if timeline.axis == "machine":
            named = f", timeline '{timeline.name}'" if timeline.name else ""
            raise self.error(one, f"a backend never sees a machine, but {path}{named} has a default of the "
                             "machine axis", place)
