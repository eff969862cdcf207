# SPDX-License-Identifier: MIT
"""What QAPI demands of whole definitions: types exist and fit, names don't clash, documentation is true."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from qapigen.hmp import arg_type, check_hmp
from qapigen.load import Expr, Source
from qapigen.human import Hmp
from qapigen.model import (BUILTINS, FEATURES, INTEGERS, Alternate, Branch, Class, Command, Definition, Enum, Event,
                           Feature, ListType, Member, Option, Scalar,
                           Schema, Struct, Union)
from qapigen.names import c_name
from qapigen.parse import DEPTH_MAX
from qapigen.relayed import is_made_of_classes
from qapigen.shape import MAX_FEATURES
from qapigen.shows import problem_of
from qapigen.source import Report, SchemaError, Where, suggestion

METAS = {Enum: "enum", Struct: "struct", Union: "union", Alternate: "alternate", Scalar: "scalar",
         ListType: "array", Command: "command", Event: "event",
         Option: "option", Hmp: "hmp"}


class Lint:
    """What all checks share: how to say what is wrong, and to go on with the next definition."""

    def __init__(self, source: Source, schema: Schema, report: Report) -> None:
        self.source = source
        self.schema = schema
        self.report = report

    def error(self, one: Definition, message: str, where: Where | None = None) -> SchemaError:
        if isinstance(one, Class):
            meta, name = ("machine" if one.is_machine else "class"), one.name
        else:
            meta, name = METAS[type(one)], one.name
            if isinstance(one, Struct) and one.unit == "program" and not one.implicit:
                meta, name = "program", self.schema.program
            match = re.match(r"q_obj_(.*)-arg$", name)
            if match:
                name = match[1]
                meta = "command" if name in self.schema.commands else "event"
                for each in self.schema.hmps.values():
                    if each.arg == one.name:
                        meta, name = "hmp", each.name
        return SchemaError(where or one.where, f"In {meta} '{name}': {message}")

    def run(self) -> None:
        """Makes all its checks."""
        raise NotImplementedError

    def attempt(self, check: Callable[..., None], *args: object) -> None:
        try:
            check(*args)
        except SchemaError as error:
            self.report.add(error)


class QapiLint(Lint):
    part: Where | None = None       # of a definition, which errors are in

    def error(self, one: Definition, message: str, where: Where | None = None) -> SchemaError:
        return super().error(one, message, where or (self.part if self.source.pragma.ours else None))

    def attempt(self, check: Callable[..., None], *args: object) -> None:
        self.part = None
        super().attempt(check, *args)

    def run(self) -> None:
        self.attempt(self.count_features)
        for name in [expr.name for expr in self.source.exprs]:
            kind = self.schema.types.get(name)
            if kind is not None:
                self.attempt(self.type, kind)
            implicit = self.schema.types.get(f"q_obj_{name}-arg")
            if implicit is not None:
                self.attempt(self.type, implicit)
            if name in self.schema.hmps:
                self.attempt(self.hmp, self.schema.hmps[name])
            if name in self.schema.commands:
                self.attempt(self.command, self.schema.commands[name])
            if name in self.schema.events:
                self.attempt(self.event, self.schema.events[name])
        self.report.stop_if_any()
        for kind in self.schema.types.values():
            self.attempt(self.holds_itself, kind)
        for expr in self.source.exprs:
            self.attempt(self.documentation, expr)

    # ---- names of types

    def known(self, one: Definition, what: str, name: str) -> None:
        if name in self.schema.types or name in BUILTINS:
            return
        if is_made_of_classes(self.schema, one, name):
            return
        if self.schema.creation_root(name):
            raise self.error(one, f"{what} can't use '{name}': it is made of classes, and exists in "
                             "options and boxed commands only")
        raise self.error(one, f"{what} uses unknown type '{name}'"
                         f"{suggestion(name, (*self.schema.types, *BUILTINS))}")

    def describe(self, name: str) -> str:
        kind = self.schema.types.get(name)
        return f"built-in type '{name}'" if kind is None else f"{METAS[type(kind)]} type '{name}'"

    def type(self, kind: Definition) -> None:
        self.features(kind, kind.features, types=True)
        if isinstance(kind, Enum):
            self.enum(kind)
        elif isinstance(kind, (Struct, Union)):
            self.object(kind)
            if isinstance(kind, Union):
                self.union(kind)
        elif isinstance(kind, Alternate):
            self.alternate(kind)

    def features(self, one: Definition, features: tuple[Feature, ...], types: bool = False) -> None:
        seen: dict[str, str] = {}
        for feature in features:
            if types and feature.name in ("deprecated", "unstable"):
                raise self.error(one, f"feature '{feature.name}' is not supported for types")
            before = seen.get(c_name(feature.name))
            if before:
                raise self.error(one, f"feature '{feature.name}' collides with feature '{before}'")
            seen[c_name(feature.name)] = feature.name

    def count_features(self) -> None:
        names = {"deprecated", "unstable"}
        for one, features in self.all_features():
            names |= {feature.name for feature in features}
            if len(names) > MAX_FEATURES:
                raise self.error(one, f"Maximum of {MAX_FEATURES} schema features is permitted")

    def all_features(self) -> Iterator[tuple[Definition, tuple[Feature, ...]]]:
        schema = self.schema
        known: list[Definition] = [*schema.types.values(), *schema.commands.values(), *schema.events.values()]
        for one in known:
            yield one, one.features
            for part in (*getattr(one, "own", ()), *getattr(one, "values", ())):
                yield one, part.features

    def enum(self, kind: Enum) -> None:
        seen: dict[str, str] = {}
        for value in kind.values:
            self.features(kind, value.features)
            before = seen.get(c_name(value.name, False).upper())
            if before:
                raise self.error(kind, f"value '{value.name}' collides with value '{before}'")
            seen[c_name(value.name, False).upper()] = value.name

    # ---- structs and unions

    def object(self, kind: Struct | Union) -> None:
        if kind.base:
            self.known(kind, "'base'", kind.base)
            if not isinstance(self.schema.types.get(kind.base), Struct):
                raise self.error(kind, f"'base' requires a struct type, {self.describe(kind.base)} isn't")
            self.base_cycle(kind)
        for member in (*kind.own, *(kind.others if isinstance(kind, Struct) else ())):
            self.part = member.where
            what = f"member '{member.name}'" if not isinstance(kind, Struct) or not kind.implicit else (
                f"'data' member '{member.name}'")
            if member.is_list:
                what = self.error(kind, "").message.split()[1]
            self.known(kind, what, member.type)
            self.features(kind, member.features)
        self.part = None
        seen: dict[str, str] = {}
        for member, owner in self.owned(kind):
            self.clash(kind, member, owner, seen)

    def base_cycle(self, kind: Struct | Union) -> None:
        seen = [kind.name]
        base = kind.base
        while base:
            if base in seen:
                raise self.error(kind, f"object {kind.name} contains itself")
            seen.append(base)
            if len(seen) > DEPTH_MAX:
                raise self.error(kind, f"'base' has more than {DEPTH_MAX - 1} levels")
            parent = self.schema.types.get(base)
            base = parent.base if isinstance(parent, Struct) else ""

    def owned(self, kind: Struct | Union) -> Iterator[tuple[Member, str]]:
        """Members with the name of the type that has them."""
        base = self.schema.types.get(kind.base) if kind.base else None
        if isinstance(base, Struct):
            yield from self.owned(base)
        for member in kind.own:
            yield member, kind.name

    def clash(self, one: Definition, member: Member, owner: str, seen: dict[str, str]) -> None:
        text = f"member '{member.name}'"
        if isinstance(one, Union) and owner == one.name:
            text = f"base {text}"
        elif owner != one.name:
            text += f" of type '{owner}'"
        name = c_name(member.name)
        if name in seen:
            self.part = self.part or (member.where if owner == one.name else None)
            raise self.error(one, f"{text} collides with {seen[name]}")
        seen[name] = text

    def union(self, kind: Union) -> None:
        base = f"'{kind.base}'" if kind.base else "'base'"
        tag = next((member for member, _ in self.owned(kind) if member.name == kind.tag), None)
        if tag is None:
            raise self.error(kind, f"discriminator '{kind.tag}' is not a member of 'base'")
        values = self.schema.types.get(tag.type)
        if not isinstance(values, Enum) or tag.is_list:
            raise self.error(kind, f"discriminator member '{kind.tag}' of {base} must be of enum type")
        if tag.optional:
            raise self.error(kind, f"discriminator member '{kind.tag}' of {base} must not be optional")
        if tag.cond is not None:
            raise self.error(kind, f"discriminator member '{kind.tag}' of {base} must not be conditional")
        if not values.values:
            raise self.error(kind, "union has no branches")
        seen: dict[str, str] = {}
        for member, owner in self.owned(kind):
            self.clash(kind, member, owner, seen)
        for branch in kind.branches:
            self.part = branch.where
            if branch.name not in values.names:
                raise self.error(kind, f"branch '{branch.name}' is not a value of enum type '{tag.type}'")
            self.known(kind, f"branch '{branch.name}'", branch.type)
            held = self.schema.types.get(branch.type)
            if not isinstance(held, (Struct, Union)):
                raise self.error(kind, f"branch '{branch.name}' cannot use {self.describe(branch.type)}")
            self.branch_clash(kind, held, seen)

    def branch_clash(self, kind: Union, held: Struct | Union, seen: dict[str, str]) -> None:
        """A branch's members stand beside those of the base."""
        seen = dict(seen)
        for member, owner in self.owned(held):
            self.clash(kind, member, owner, seen)
        for branch in held.branches if isinstance(held, Union) else ():
            inner = self.schema.types.get(branch.type)
            if isinstance(inner, (Struct, Union)) and branch.type not in (kind.name, held.name):
                self.branch_clash(kind, inner, seen)

    def alternate(self, kind: Alternate) -> None:
        taken: dict[str, str] = {}
        for branch in kind.branches:
            self.part = branch.where
            self.known(kind, f"branch '{branch.name}'" if not branch.is_list else "alternate", branch.type)
            tokens = self.tokens(branch)
            if not tokens:
                raise self.error(kind, f"branch '{branch.name}' cannot use {self.describe(branch.type)}")
            for token in tokens:
                if token in taken:
                    raise self.error(kind, f"branch '{branch.name}' can't be distinguished from "
                                     f"'{taken[token]}'")
            taken |= dict.fromkeys(tokens, branch.name)

    def tokens(self, branch: Branch) -> list[str]:
        """JSON tokens that mean the branch; text may stand for others in key=value."""
        if branch.is_list:
            return ["list"]
        name = branch.type
        kind = self.schema.types.get(name)
        if isinstance(kind, (Struct, Union)):
            return ["object"]
        if isinstance(kind, Enum):
            tokens = ["string"]
            tokens += ["bool"] * any(value in ("on", "off") for value in kind.names)
            return tokens + ["number"] * any(re.match(r"[-+0-9.]", value) for value in kind.names)
        if isinstance(kind, Scalar):
            return ["string"] * ("str" in kind.accepts) + ["number"] * ("int" in kind.accepts)
        if name == "str":
            return ["string", "number", "bool"]
        if name in INTEGERS or name == "number":
            return ["number"]
        return {"bool": ["bool"], "null": ["null"]}.get(name, [])

    def holds_itself(self, kind: Definition) -> None:
        """Bases, and branches of unions and alternates, are held in place and can't come round."""
        def held(name: str, path: tuple[str, ...]) -> None:
            one = self.schema.types.get(name)
            if name in path:
                raise self.error(kind, f"object {kind.name} contains itself")
            for branch in one.branches if isinstance(one, (Union, Alternate)) else ():
                if not branch.is_list and branch.type in self.schema.types:
                    held(branch.type, (*path, name))
        if isinstance(kind, (Union, Alternate)):
            held(kind.name, ())

    # ---- commands and events

    def arguments(self, one: Command | Event, what: str) -> None:
        kind = self.schema.types.get(one.arg)
        if not one.arg:
            return
        self.known(one, f"{what}'s 'data'", one.arg)
        if not isinstance(kind, (Struct, Union)):
            raise self.error(one, f"{what}'s 'data' cannot take {self.describe(one.arg)}")
        if isinstance(kind, Union) and not one.boxed:
            raise self.error(one, f"{what}'s 'data' can take {self.describe(one.arg)} only with "
                             "'boxed': true")
        if not one.boxed and any(member.cond is not None for member, _ in self.owned(kind)):
            raise self.error(one, "conditional command arguments require 'boxed': true"
                             if what == "command" else
                             "event's 'data' members may have 'if' conditions only with 'boxed': true")

    def command(self, one: Command) -> None:
        self.features(one, one.features)
        if one.creates and not one.boxed:
            raise self.error(one, "command's 'data' can take a creation union only with 'boxed': true")
        self.arguments(one, "command")
        for name in json.loads(one.metrics or "{}"):
            members = {member.name for member in self.schema.all_members(one.arg)} if one.arg else set()
            if name not in members:
                raise self.error(one, f"'metrics': the command has no argument '{name}'{suggestion(name, members)}")
        if not one.ret:
            return
        self.known(one, "command" if one.ret_list else "command's 'returns'", one.ret)
        excepted = self.source.pragma.exceptions["command-returns-exceptions"]
        if one.name not in excepted and not isinstance(self.schema.types.get(one.ret), (Struct, Union)) and not (
                is_made_of_classes(self.schema, one, one.ret)):
            raise self.error(one, f"command's 'returns' cannot take {self.describe(one.ret)}")

    def hmp(self, one: Hmp) -> None:
        if one.arg:
            self.type(self.schema.types[one.arg])
        problem = check_hmp(self.schema, one)
        if not problem and one.shows:
            problem = problem_of(self.schema, self.schema.commands[one.runs], one.shows)
        if problem:
            raise self.error(one, problem)

    def event(self, one: Event) -> None:
        self.features(one, one.features)
        self.arguments(one, "event")

    # ---- documentation

    def documentation(self, expr: Expr) -> None:
        doc = expr.doc
        if doc is None:
            return
        prefix = f"In {expr.meta} '{expr.name}': "
        members, features = self.documented(expr)
        for names, known, what in ((doc.members, members, "member"), (doc.features, features, "feature")):
            bogus = [name for name in names if name not in known]
            if bogus and expr.meta != "axis":
                listed = ", ".join(f"'{name}'" for name in bogus)
                plural = ("s", "do") if len(bogus) > 1 else ("", "does")
                raise SchemaError(doc.places[bogus[0]], f"{prefix}documented {what}{plural[0]} {listed} "
                                  f"{plural[1]} not exist")
        for tag in ("Returns", "Errors"):
            if tag in doc.sections and expr.meta != "command":
                raise SchemaError(doc.places[tag], f"{prefix}'{tag}' section is only valid for commands")
        command = self.schema.commands.get(expr.name)
        if "Returns" in doc.sections and command and not command.ret:
            raise SchemaError(doc.places["Returns"],
                              f"{prefix}'Returns' section, but command doesn't return anything")
        if expr.name in self.source.pragma.exceptions["documentation-exceptions"]:
            return
        for name, where in members.items():
            if name not in doc.members:
                raise SchemaError(where, f"{prefix}member '{name}' lacks documentation")
        for name in features:
            if name not in doc.features and name not in FEATURES:     # the language's own need no word
                raise SchemaError(expr.where, f"{prefix}feature '{name}' lacks documentation")

    def documented(self, expr: Expr) -> tuple[dict[str, Where], dict[str, Where]]:
        """Members and features that the comment of @expr describes."""
        schema, where = self.schema, expr.where
        one: Definition | None = schema.types.get(expr.name) if expr.meta in METAS.values() else None
        if expr.meta in ("class", "machine"):
            one = schema.classes.get(expr.name)
        elif expr.meta in ("command", "event"):
            one = schema.types.get(f"q_obj_{expr.name}-arg")
        elif expr.meta == "hmp":
            one = schema.types.get(arg_type(expr.name))
        plain = not self.source.pragma.ours
        known = (*getattr(one, "own", ()), *(one.others if isinstance(one, Struct) else ()))
        members = {member.name: where if plain else member.where for member in known if not member.alias_of}
        features = {feature.name: where for part in known for feature in part.features}
        if isinstance(one, Enum):
            for value in (*one.values, *one.others):
                members[value.name] = where
                features |= {feature.name: where for feature in value.features}
        if isinstance(one, Alternate):
            members |= {branch.name: where for branch in one.branches}
        features |= {item["name"].value: where for item in getattr(expr.node.get("features"), "value", ())}
        return members, features
