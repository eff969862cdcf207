# SPDX-License-Identifier: MIT
"""Names: what refers to something finds it, in a layer below; what becomes C does not collide."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from qapigen.classes import props_of
from qapigen.derives import DeriveError, Resolver, Thunk
from qapigen.forms import FormsError
from qapigen.history import Derive, Timeline
from qapigen.lint_qapi import Lint
from qapigen.model import (
    BUILTINS, EVERYWHERE, TARGETS, UNITS, Class, Definition, Enum, Member, Option, Scalar, Struct, Type
)
from qapigen.names import c_name, class_c_name, enum_constant, snake, type_c_name
from qapigen.plan import Plan
from qapigen.relayed import is_made_of_classes
from qapigen.rules import Rule
from qapigen.source import Where, suggestion
from qapigen.templates import TemplateError, Templates

MAX_ROWS = 2047      # of VtRow.bit in table.h


class NamesLint(Lint):
    def run(self) -> None:
        for kind in self.schema.types.values():
            self.attempt(self.type, kind)
        for one in self.schema.classes.values():
            self.attempt(self.class_names, one)
        self.attempt(self.tags)
        self.attempt(self.default_machines)
        self.attempt(self.c_types)
        for option in self.schema.options.values():
            self.attempt(self.option, option)
        for command in self.schema.commands.values():
            self.attempt(self.data, command, command.arg, command.ret)
        for event in self.schema.events.values():
            self.attempt(self.data, event, event.arg)
        self.report.stop_if_any()
        self.derives()

    # ---- what a definition names

    def uses(self, one: Definition, name: str, member: Member | None = None) -> None:
        """@name is a plain type: it exists, and not in a layer above."""
        where = member.where if member else one.where
        kind = self.schema.types.get(name)
        if kind is None:
            if name in BUILTINS:
                return
            what = f"member '{member.name}'" if member else "definition"
            if is_made_of_classes(self.schema, one, name):
                return
            if self.schema.creation_root(name):
                raise self.error(one, f"{what} can't use '{name}': it is made of classes", where)
            raise self.error(one, f"{what} uses unknown type '{name}'"
                             f"{suggestion(name, (*self.schema.types, *BUILTINS))}", where)
        if UNITS.index(kind.unit) > UNITS.index(one.unit):
            raise self.error(one, f"'{name}' is of {kind.unit}, above {one.unit}", where)

    def member(self, one: Definition, member: Member) -> None:
        self.uses(one, member.type, member)
        if member.class_base and member.class_base not in self.schema.classes:
            raise self.error(one, f"member '{member.name}' names unknown class '{member.class_base}'"
                             f"{suggestion(member.class_base, self.schema.classes)}", member.where)
        ref = member.ref
        if ref is None:
            return
        known = list(self.schema.buses) if ref.kind == "bus" else list(self.schema.classes)
        if ref.target and ref.target not in known:
            raise self.error(one, f"member '{member.name}' refers to unknown {ref.kind} '{ref.target}'"
                             f"{suggestion(ref.target, known)}", member.where)
        target = self.schema.classes.get(ref.target) or self.schema.buses.get(ref.target)
        if target and UNITS.index(target.unit) > UNITS.index(one.unit):
            raise self.error(one, f"member '{member.name}' refers to '{ref.target}' of {target.unit}, above {one.unit}: "
                             "let the one above refer to this one", member.where)
        if member.type != "str":
            raise self.error(one, f"member '{member.name}' is a reference: its type is 'str'", member.where)

    def data(self, one: Definition, *names: str) -> None:
        for name in names:
            if name:
                self.uses(one, name)

    def type(self, kind: Type) -> None:
        if self.schema.creation_root(kind.name):
            raise self.error(kind, f"'{kind.name}' is made of classes, and can't be defined by hand")
        own = getattr(kind, "own", ())
        for member in own:
            self.member(kind, member)
        for member in kind.others if isinstance(kind, Struct) else ():
            self.uses(kind, member.type, member)
        for branch in getattr(kind, "branches", ()):
            self.uses(kind, branch.type)
        if getattr(kind, "base", ""):
            self.uses(kind, getattr(kind, "base"))
        if isinstance(kind, Scalar):
            if kind.forms:
                self.forms(kind)
            return
        taken = {name: "the runtime's own" for name in ("vt_given", "vt_present", "u")}
        if not isinstance(kind, Enum) and hasattr(kind, "own"):
            self.fields(kind, self.schema.members(kind.name), taken)

    def forms(self, kind: Scalar) -> None:
        """The forms of a scalar's texts fill a struct."""
        self.uses(kind, kind.settings)
        if not isinstance(self.schema.types[kind.settings], Struct):
            raise self.error(kind, f"'settings' names '{kind.settings}', which is no struct")
        try:
            members = {member.name: member for member in self.schema.members(kind.settings)}
            self.schema.forms.check(kind.forms, members)
            for name, forms in self.schema.forms.items(kind.forms).items():
                if not isinstance(self.schema.types.get(members[name].type), Struct):
                    raise self.error(kind, f"'{name}' is a list of forms, and no list of structs")
                self.schema.forms.check(forms, {member.name: member for member in self.schema.members(members[name].type)})
        except FormsError as error:
            raise self.error(kind, str(error)) from error

    def fields(self, one: Definition, members: tuple[Member, ...], taken: dict[str, str]) -> None:
        if len(members) > MAX_ROWS:
            raise self.error(one, f"more than {MAX_ROWS} members")
        for member in members:
            name = member.c_name
            if name in taken and not member.alias_of:
                raise self.error(one, f"member '{member.name}' is '{name}' in C, as is {taken[name]}",
                                 member.where)
            taken[name] = f"member '{member.name}'"

    def class_names(self, one: Class) -> None:
        taken = {"vt_given": "the runtime's own", "vt_present": "the runtime's own", "parent": "the parent"}
        for mixin in one.mixins:
            self.uses(one, mixin)
            taken[snake(mixin)] = f"mixin '{mixin}'"
        for embed in one.embeds:
            child = self.schema.classes[embed.class_name]
            if UNITS.index(child.unit) > UNITS.index(one.unit):
                raise self.error(one, f"'{child.name}' is of {child.unit}, above {one.unit}", embed.where)
            taken[c_name(embed.name)] = f"embedded '{embed.name}'"
        for member in one.own:
            self.member(one, member)
        self.fields(one, one.own, taken)

    # ---- what must be unique

    def tags(self) -> None:
        """A tag creates one class of its root on a target; a union is made by one root."""
        unions: dict[str, Class] = {}
        known: dict[tuple[str, str], list[tuple[Class, int]]] = {}
        for one in self.schema.classes.values():
            if one.creates:
                before = unions.setdefault(one.creates.union, one)
                if before is not one:
                    raise self.error(one, f"union '{one.creates.union}' is made by '{before.name}'")
            if one.abstract:
                continue
            root = self.schema.root_of(one.name).name
            targets = self.schema.targets_of(one) or EVERYWHERE
            for name in self.schema.class_names(one):
                if name != one.name and name in self.schema.classes:
                    raise self.error(one, f"'{name}', its name on another target, is a class")
            for alias in one.aliases:
                if alias.targets & ~targets:
                    raise self.error(one, f"alias '{alias.name}' is for targets that the class is not there for", alias.where)
            for tag, mask in ((one.tag or one.machine_name or one.name, targets),
                              *((alias.name, self.schema.alias_targets(one, alias)) for alias in one.aliases)):
                others = known.setdefault((root, tag), [])
                for other, there in others:
                    if other is not one and mask & there:
                        raise self.error(one, f"'{tag}' creates '{other.name}' already")
                others.append((one, mask))
        for one in self.schema.classes.values():
            tag = one.creates.otherwise if one.creates else ""
            if tag and (one.name, tag) not in known:
                raise self.error(one, f"'otherwise' names '{tag}', which creates nothing"
                                      f"{suggestion(tag, [each for root, each in known if root == one.name])}")

    def default_machines(self) -> None:
        """Each target has one default machine at most."""
        known: dict[int, Class] = {}
        for one in self.schema.classes.values():
            if one.default_for and one.abstract:
                raise self.error(one, "an abstract class is no default machine")
            if one.default_for & ~(self.schema.targets_of(one) or EVERYWHERE):
                raise self.error(one, "'default-for' names a target that the machine is not there for")
            for bit, target in enumerate(TARGETS):
                if one.default_for >> bit & 1 and known.setdefault(bit, one) is not one:
                    raise self.error(one, f"'{known[bit].name}' is the default machine of '{target}' already")

    def c_types(self) -> None:
        types: dict[str, Definition] = {}
        constants: dict[str, Enum] = {}
        ops: dict[str, Class] = {}
        for name, one in self.c_type_names():
            before = types.setdefault(name, one)
            if before is not one:
                raise self.error(one, f"'{one.name}' is '{name}' in C, as is '{before.name}'")
        for kind in self.schema.types.values():
            if not isinstance(kind, Enum):
                continue
            for value in kind.names:
                constant = enum_constant(kind.name, kind.prefix, value)
                first = constants.setdefault(constant, kind)
                if first is not kind:
                    raise self.error(kind, f"value '{value}' is '{constant}' in C, as is one of "
                                     f"'{first.name}'")
        for each in self.schema.classes.values():
            other = ops.setdefault(c_name(each.name, False), each)
            if other is not each:
                raise self.error(each, f"'{each.name}' is '{c_name(each.name, False)}' in C, as is "
                                 f"'{other.name}'")

    def c_type_names(self) -> Iterator[tuple[str, Definition]]:
        for kind in self.schema.types.values():
            if not isinstance(kind, Scalar):
                yield type_c_name(kind.name), kind
        for one in self.schema.classes.values():
            yield class_c_name(one.name), one

    @cached_property
    def templates(self) -> Templates:
        members: dict[str, Any] = {member.name: member for one in self.schema.classes.values() if one.is_machine
                                   for member in one.own}
        if "machine" in self.schema.classes:
            members |= props_of(self.schema).of("machine")
        return Templates(self.schema, members)

    def option(self, option: Option) -> None:
        if option.type and option.type not in self.schema.types and option.type not in BUILTINS:
            known = (*self.schema.types, *BUILTINS)
            raise self.error(option, f"option uses unknown type '{option.type}'"
                             f"{suggestion(option.type, known)}")
        for alias in option.aliases:
            if alias in self.schema.options:
                raise self.error(option, f"alias '{alias}' is an option of its own")
        first = next((one for one in self.schema.options.values() if one.role and one.role == option.role), option)
        if first is not option:
            raise self.error(option, f"options '{first.name}' and '{option.name}' have the role '{option.role}'; one at most "
                             "has it")
        for key, names in (("excludes", option.excludes), ("help-of", (option.help_of,) if option.help_of else ()),
                           ("requires", (option.requires,) if option.requires else ()),
                           ("wants", tuple(name for name, _ in option.wants))):
            for other in names:
                if other not in self.schema.options:
                    raise self.error(option, f"'{key}' names unknown option '{other}'"
                                     f"{suggestion(other, self.schema.options)}")
        keys = {member.name for member in getattr(self.schema.types.get(option.type), "own", ())}
        for name in option.engine_lacks:
            if name not in keys:
                raise self.error(option, f"'engine-lacks' names unknown member '{name}'{suggestion(name, keys)}")
        for key, owner, member in option.globals:
            members = props_of(self.schema).of(owner)
            if member not in members:
                raise self.error(option, f"'{key}' stands for unknown member '{member}' of '{owner}'"
                                 f"{suggestion(member, members)}")
        try:
            self.templates.check(option)
        except TemplateError as error:
            raise self.error(option, str(error)) from error

    # ---- derived values

    def derives(self) -> None:
        plan = Plan(self.schema)
        self.resolver = Resolver(plan)
        self.functions: dict[str, tuple[object, Where]] = {}
        for kind in list(self.schema.types.values()):
            for member in getattr(kind, "own", ()):
                for derive, where in derives_of(member, member.default):
                    self.attempt(self.derive, kind, member, derive, where, None)
        for one in self.schema.classes.values():
            for member in one.own:
                for derive, where in derives_of(member, member.default):
                    self.attempt(self.derive, one, member, derive, where, one)
            for rule in one.rules:
                self.attempt(self.rule, one, rule)
        # What a class states again may be derived, in those that descend from it and embed it too.
        again: set[str] = set()
        for one in plan.parents_first():
            if not (one.parent in again or any(embed.class_name in again for embed in one.embeds)
                    or any(entry.derive for each in one.defaults for entry in each.timeline.entries)):
                continue
            again.add(one.name)
            for index, timeline in plan.shape(one.name).overrides.items():
                member = plan.members(plan.shape(one.name).segments[index[0]])[index[1]]
                for derive, where in derives_of(None, timeline):
                    self.attempt(self.derive, one, member, derive, where, one)

    def rule(self, one: Class, rule: Rule) -> None:
        """What a rule names exists."""
        props = props_of(self.schema).of(one.name)
        for text in (*rule.inputs, *(each.removeprefix("!") for each in rule.guards[::2])):
            name = text.removeprefix("self.")
            if text.startswith("self.") and name not in props and name.partition(".")[0] not in props:
                raise self.error(one, f"'rules' names unknown member '{name}'{suggestion(name, props)}", rule.where)
            try:
                if not text.startswith("self.") and text != "accel" and not self.of_some_machine(text):
                    self.resolver.input(text, one, "")
            except DeriveError as error:
                raise self.error(one, f"'rules': {error}", rule.where) from error
        for guard, pattern in zip(rule.guards[::2], rule.guards[1::2]):
            for name in pattern.split("|") if guard.removeprefix("!") == "bus:owner" else ():
                if name not in self.schema.classes:
                    raise self.error(one, f"'rules' names unknown class '{name}'{suggestion(name, self.schema.classes)}",
                                     rule.where)

    def of_some_machine(self, text: str) -> bool:
        """Whether the input is a member of a family of machines."""
        root, _, name = text.removeprefix("/").partition("/")
        return root == "machine" and any(name in props_of(self.schema).of(one.name)
                                         for one in self.schema.classes.values() if one.is_machine)

    def derive(self, one: Definition, member: Member, derive: Derive, where: Where, owner: Class | None) -> None:
        try:
            thunk: Thunk = self.resolver.thunk(derive, member, owner, "" if owner else one.name)
        except DeriveError as error:
            raise self.error(one, f"'derive' of '{member.name}': {error}", where) from error
        types = (thunk.inputs, thunk.result)
        before = self.functions.setdefault(thunk.by, (types, where))
        if before[0] != types:
            raise self.error(one, f"'derive' of '{member.name}': '{thunk.by}' has other types at {before[1]}", where)


def derives_of(member: Member | None, timeline: Timeline | None) -> list[tuple[Derive, Where]]:
    found = [(member.derive, member.where)] if member and member.derive else []
    return found + [(entry.derive, entry.where) for entry in (timeline.entries if timeline else ()) if entry.derive]
