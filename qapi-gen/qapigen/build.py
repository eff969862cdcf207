# SPDX-License-Identifier: MIT
"""Expressions to the model: plain QAPI's definitions, axes, options; classes are in classes.py."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

from qapigen import classes, patterns
from qapigen.buses import bus_type, check_parent
from qapigen.doc import Doc
from qapigen.forms import Forms
from qapigen.history import Life
from qapigen.hmp import arg_type, check_head, hmp_of
from qapigen.identity import check_identity, check_identity_type
from qapigen.life import life_of, release_index, retires_of
from qapigen.load import OWN, Expr, Source
from qapigen.model import (
    BUILTINS, INTEGERS, LAYER_UNITS, PLAIN_PROGRAM, SERVERS, TARGETS, Alternate, Branch, Command, Enum, EnumValue, Event,
    Facts, Member, Option, PlatformFeature, Scalar, Schema, Struct, Type, Union, Version
)
from qapigen.parse import Node
from qapigen.parts import Members, cond_of, features_of, flag, range_of, ref_of, targets_of
from qapigen.qom import check_tree, qom_type
from qapigen.relayed import relayed_types
from qapigen.served import check_served
from qapigen.shape import CHECKS, Shape, check_expr
from qapigen.source import Report, SchemaError, Where, suggestion
from qapigen.templates import bare_keys_of, engine_of, key_of, renames_of, rest_of, role_of, templates_of, wants_of
from qapigen.timelines import HISTORIES, Timelines, text_of, texts_of

METAS = (*CHECKS, *OWN)
PREDEFINED = {name: "built-in" for name in BUILTINS} | {"QType": "enum"}


def program_of(source: Source) -> str:
    """The program that the schema declares; QAPI without additions makes one of a fixed name."""
    if not any(key in OWN for expr in source.exprs for key in expr.node.value):
        return PLAIN_PROGRAM
    return next((str(expr.node["program"].value) for expr in source.exprs
                 if "program" in expr.node and expr.where.file == source.root), "")


def build(source: Source, report: Report) -> Schema:
    """The model of all expressions; errors go to @report, which ends a phase that has any."""
    builder = Builder(source, report)
    builder.identify()
    report.stop_if_any()
    builder.define()
    report.stop_if_any()
    return builder.schema


class Builder:
    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.schema = Schema(source.root, program_of(source), source.places)
        self.schema.forms = Forms()
        self.timelines = Timelines(self.schema)
        self.members = Members(self.schema, self.timelines)
        self.shapes: dict[str, list[Shape]] = {meta: [] for meta in METAS}
        self.docs: dict[str, Doc | None] = {}

    # ---- which definition is what

    def identify(self) -> None:
        known: dict[tuple[str, str], Expr] = {}
        for expr in self.source.exprs:
            try:
                self.identify_one(expr, known)
            except SchemaError as error:
                self.report.add(error)

    def identify_one(self, expr: Expr, known: dict[tuple[str, str], Expr]) -> None:
        metas = [meta for meta in METAS if meta in expr.node]
        # An option's type, a class's bus and the like are keys too: the first key names the definition.
        first = next(iter(expr.node.value), "")
        if first in metas and (first in OWN or not any(meta in CHECKS for meta in metas if meta != first)):
            metas = [first]
        if len(metas) != 1:
            listed = ", ".join(f"'{meta}'" for meta in CHECKS)
            raise SchemaError(expr.where, f"expression must have exactly one key {listed}"
                              + ("" if metas else suggestion(first, METAS)))
        expr.meta = metas[0]
        name = expr.node[expr.meta]
        if not name.is_str:
            raise SchemaError(expr.where, f"'{expr.meta}' key must have a string value")
        expr.name = name.value
        if expr.meta in ("class", "machine", "struct"):
            patterns.expand(expr)
        self.check_doc(expr)
        shape = Shape(expr, self.source.pragma)
        if expr.meta in CHECKS:
            check_expr(expr, self.source.pragma)
        else:
            shape.condition(expr.node, expr.meta)
            shape.features(expr.node)
            self.schema.strict = True
        self.check_unique(shape, known)
        self.shapes[expr.meta].append(shape)

    def check_doc(self, expr: Expr) -> None:
        if expr.doc and expr.doc.symbol != expr.name:
            raise SchemaError(expr.where, f"In {expr.meta} '{expr.name}': documentation comment is "
                              f"for '{expr.doc.symbol}'")
        undocumented = ("program", "facts", "axis", "reason", "former-option")
        if not expr.doc and self.source.pragma.doc_required and expr.meta not in undocumented:
            raise SchemaError(expr.where, f"In {expr.meta} '{expr.name}': documentation comment required")
        if expr.doc and self.source.pragma.ours and expr.name not in (
                self.source.pragma.exceptions["documentation-exceptions"]):
            self.check_described(expr, expr.doc)

    def check_described(self, expr: Expr, doc: Doc) -> None:
        """Early, so that a misspelt member is seen before what else it breaks."""
        part = expr.node.get({"class": "config", "machine": "config", "union": "base"}.get(expr.meta, "data"))
        names: dict[str, Where] = {}
        if part is not None and part.is_dict:
            names = {key.removeprefix("*"): item.key for key, item in part.items()}
        elif part is not None and part.is_list and expr.meta == "enum":
            items = [(item.get("name") or item, item.where) for item in part.value]
            names = {item.value: where for item, where in items if item.is_str}
        for name, where in names.items():
            if name not in doc.members:
                other = [known for known in doc.members if known not in names]
                hint = suggestion(name, other)
                hint += f" ({doc.places[hint.split(chr(39))[1]]})" if hint else ""
                raise SchemaError(where, f"In {expr.meta} '{expr.name}': member '{name}' lacks documentation{hint}")

    def check_unique(self, shape: Shape, known: dict[tuple[str, str], Expr]) -> None:
        space = shape.meta if shape.meta in (*OWN, "event") else ""
        if space in ("class", "machine"):
            space = "class"
        elif space in ("scalar", ""):
            space = ""
        if space == "event":
            space = ""
        before = known.get((space, shape.name))
        if before:
            raise SchemaError(shape.node.where, f"In {shape.meta} '{shape.name}': '{shape.name}' is "
                              "already defined", [f"{before.where}: previous definition"])
        if not space and shape.name in PREDEFINED:
            raise shape.error(f"{PREDEFINED[shape.name]} type '{shape.name}' is already defined")
        known[space, shape.name] = shape.expr

    # ---- phases: what later definitions look up comes first

    def define(self) -> None:
        steps: list[tuple[Iterable[str], Callable[[Shape], None]]] = [
            (("program",), self.program), (("axis",), self.axis),
            (("platform-feature",), self.platform_feature), (("reason",), self.timelines.reasons.define), (("bus",), self.bus),
            (("forms",), self.schema.forms.define), (("option-group",), self.option_group),
            (("former-option",), self.former_option),
            (("interface", "qom-type"), self.qom_type),
        ]
        for metas, step in steps:
            self.each(metas, step)
        self.report.stop_if_any()
        self.each(("bus",), lambda shape: check_parent(shape, self.schema))
        self.each(("facts",), self.facts)
        builder = classes.ClassBuilder(self.schema, self.timelines, self.members)
        self.each(("class", "machine"), builder.header)
        self.report.stop_if_any()
        self.each(("class", "machine"), builder.check_header)
        self.report.stop_if_any()
        self.each(("interface", "qom-type", "bus", "class", "machine"), lambda shape: check_tree(self.schema, shape))
        self.each(("axis",), self.check_axis)
        self.report.stop_if_any()
        for shape in self.shapes["timeline"]:
            self.timelines.named[shape.name] = (shape, shape.node)
        self.each(("timeline",), self.timeline)
        self.each((*CHECKS, "scalar"), self.plain)
        self.report.stop_if_any()
        self.each(("bus",), lambda shape: check_identity_type(shape, self.schema))
        self.each(("class",), lambda shape: check_identity(shape, self.schema))
        self.report.stop_if_any()
        self.each(("class", "machine"), builder.check_mixins)
        self.report.stop_if_any()
        for shape in builder.ordered(self.in_order(("class", "machine"))):
            self.attempt(builder.body, shape)
        self.report.stop_if_any()
        self.each(("class",), lambda shape: check_served(shape, self.schema, builder.props))
        self.report.stop_if_any()
        self.schema.props = builder.props
        self.tag_types()
        self.each(("option",), self.option)
        self.each(("hmp",), self.hmp)
        self.schema.relayed = relayed_types(self.schema)
        self.schema.last_errors += self.timelines.reasons.errors()

    def tag_types(self) -> None:
        """The enums of tags that other types use."""
        for root in self.schema.classes.values():
            if root.creates and root.creates.tag_type:
                values = {tag: EnumValue(tag, one.doc, life=one.life) for one in self.schema.leaves(root.name)
                          if one.user_creatable for tag in self.schema.tags_of(one)}
                self.schema.types[root.creates.tag_type] = Enum(
                    root.creates.tag_type, root.where, root.unit, f"What {root.creates.union} can create.",
                    values=tuple(values.values()))

    def in_order(self, metas: Iterable[str]) -> list[Shape]:
        wanted = set(metas)
        place = {id(expr): index for index, expr in enumerate(self.source.exprs)}
        shapes = [shape for meta in wanted for shape in self.shapes[meta]]
        return sorted(shapes, key=lambda shape: place[id(shape.expr)])

    def each(self, metas: Iterable[str], step: Callable[[Shape], None]) -> None:
        for shape in self.in_order(metas):
            self.attempt(step, shape)

    def attempt(self, step: Callable[[Shape], None], shape: Shape) -> None:
        try:
            step(shape)
        except SchemaError as error:
            self.report.add(error)

    def unit(self, shape: Shape) -> str:
        """Of a plain definition: what its file states, or the top directory below that of the root schema."""
        return self.source.places.layer(shape.node.where) or "runtime"

    # ---- axes, programs

    def program(self, shape: Shape) -> None:
        shape.keys(shape.node, "program", ("program",), ())

    def facts(self, shape: Shape) -> None:
        """{ 'facts': PATTERN, 'after': VERSION }: from there on each entry of a history needs a fact."""
        shape.keys(shape.node, "facts", ("facts", "after"), ())
        if self.schema.facts:
            raise shape.error(f"a schema has its facts in one place, and {self.schema.facts.where} is another")
        after = text_of(shape, shape.node["after"], "'after'")
        if not any(self.schema.version_index(axis, after) for axis in HISTORIES):
            known = {version.name: "" for axis in HISTORIES for version in self.schema.versions[axis][1:]}
            raise shape.error(f"'after': version '{after}' is on no axis{suggestion(after, known)}", shape.node["after"].where)
        self.schema.facts = Facts(os.path.join(os.path.dirname(shape.node.where.file), shape.name), after, shape.node.where)

    def axis(self, shape: Shape) -> None:
        shape.keys(shape.node, "axis", ("axis", "versions", "open"), ("retires",) if shape.name == "machine" else ())
        if shape.name not in self.schema.versions:
            raise shape.error("an axis is 'machine', 'platform' or 'release'", shape.node["axis"].where)
        versions = [Version("")]
        names: dict[str, int] = {}
        if not shape.node["versions"].is_list:
            raise shape.error("'versions' must be an array", shape.node["versions"].where)
        newest = text_of(shape, shape.node["open"], "'open'")
        for item in shape.node["versions"].value:
            bugfix = 0
            machines: tuple[str, ...] = ()
            if item.is_dict:
                shape.keys(item, "a version", ("name", "bugfix-of"), ("machines",))
                name = text_of(shape, item["name"], "'name'")
                fixed = text_of(shape, item["bugfix-of"], "'bugfix-of'")
                if fixed not in names:
                    raise shape.error(f"bugfix of unknown version '{fixed}'{suggestion(fixed, names)}",
                                      item.where)
                bugfix = names[fixed]
                if "machines" in item:
                    machines = tuple(texts_of(shape, item["machines"], "'machines'"))
            else:
                name = text_of(shape, item, "a version")
            if name in names:
                raise shape.error(f"version '{name}' is listed twice", item.where)
            names[name] = len(versions)
            versions.append(Version(name, bugfix, machines, name == newest))
        if newest not in names:
            raise shape.error(f"open version '{newest}' is not listed{suggestion(newest, names)}",
                              shape.node["open"].where)
        if not versions[-1].is_open:
            raise shape.error("the open version must be the last", shape.node["open"].where)
        self.schema.versions[shape.name] = tuple(versions)
        self.schema.axis_units[shape.name] = self.unit(shape)

    def check_axis(self, shape: Shape) -> None:
        if "retires" in shape.node:
            self.schema.retires, self.schema.retires_why = retires_of(shape, self.schema, self.timelines.reasons,
                                                                      shape.node["retires"])
        for version in self.schema.versions[shape.name]:
            for family in version.machines:
                known = self.schema.classes.get(family)
                if not known or not known.is_machine:
                    machines = [one.name for one in self.schema.classes.values() if one.is_machine]
                    raise shape.error(f"version '{version.name}' is for unknown machine '{family}'"
                                      f"{suggestion(family, machines)}", shape.node["versions"].where)

    def platform_feature(self, shape: Shape) -> None:
        node = shape.node
        shape.keys(node, "platform-feature", ("platform-feature", "since", "probe"), ())
        self.schema.features[shape.name] = PlatformFeature(
            shape.name, node.where, doc=doc_line(shape),
            since=self.timelines.version(shape, "platform", node["since"]),
            probe=text_of(shape, node["probe"], "'probe'"))

    def bus(self, shape: Shape) -> None:
        self.schema.buses[shape.name] = bus_type(shape, doc_line(shape), self.life(shape))

    def qom_type(self, shape: Shape) -> None:
        self.schema.qom_types[shape.name] = qom_type(shape, self.unit(shape), doc_line(shape), self.life(shape))

    def timeline(self, shape: Shape) -> None:
        shape.keys(shape.node, "timeline", ("timeline", "type"), HISTORIES)
        if sum(axis in shape.node for axis in HISTORIES) != 1:
            raise shape.error("a timeline is on one axis: 'machine', 'platform' or 'release'")
        name = Node("@" + shape.name, shape.node.where)
        kind = text_of(shape, shape.node["type"], "'type'")
        self.schema.timelines[shape.name] = (kind, self.timelines.find(shape, name))

    # ---- QAPI's own

    def plain(self, shape: Shape) -> None:
        build = {"enum": self.enum, "struct": self.struct, "union": self.union,
                 "alternate": self.alternate, "scalar": self.scalar}.get(shape.meta)
        if build:
            self.schema.types[shape.name] = build(shape)
        elif shape.meta == "command":
            self.schema.commands[shape.name] = self.command(shape)
            self.schema.order.append(shape.name)
        else:
            self.schema.events[shape.name] = self.event(shape)
            self.schema.order.append(shape.name)

    def head(self, shape: Shape) -> dict[str, Any]:
        return {"name": shape.name, "where": shape.node.where, "unit": self.unit(shape),
                "doc": doc_line(shape), "cond": cond_of(shape.node), "features": features_of(shape.node)}

    def enum(self, shape: Shape) -> Type:
        doc = shape.expr.doc
        prefix = shape.node.get("prefix")
        values = tuple(
            EnumValue(item["name"].value, doc.member_line(item["name"].value) if doc else "",
                      cond_of(item), features_of(item), life_of(shape, self.schema, self.timelines.reasons, item),
                      "served-by" in item)
            for item in shape.node["data"].value)
        return Enum(**self.head(shape), values=tuple(one for one in values if not one.relayed),
                    others=tuple(one for one in values if one.relayed), prefix=prefix.value if prefix else None)

    def struct(self, shape: Shape) -> Type:
        base = shape.node.get("base")
        own, others = parted(self.members.build(shape, shape.node["data"], shape.expr.doc))
        return Struct(**self.head(shape), base=base.value if base is not None else "", own=own, others=others)

    def union(self, shape: Shape) -> Type:
        base = shape.node["base"]
        own = self.members.build(shape, base, shape.expr.doc) if base.is_dict else ()
        return Union(**self.head(shape), base="" if base.is_dict else base.value, own=own,
                     tag=shape.node["discriminator"].value, branches=self.branches(shape))

    def alternate(self, shape: Shape) -> Type:
        return Alternate(**self.head(shape), branches=self.branches(shape))

    def branches(self, shape: Shape) -> tuple[Branch, ...]:
        result = []
        for name, item in shape.node["data"].items():
            kind = item["type"]
            result.append(Branch(name, kind.value if kind.is_str else kind.value[0].value, item.key,
                                 kind.is_list, cond_of(item), ref_of(shape, item)))
        return tuple(result)

    def scalar(self, shape: Shape) -> Type:
        node = shape.node
        shape.keys(node, "scalar", ("scalar", "of"), ("names", "matches", "accepts", "codec", "range",
                                                      "if", "features", "forms", "settings"))
        of = text_of(shape, node["of"], "'of'")
        if of not in INTEGERS and of != "str":
            raise shape.error(f"a scalar is of an integer type or 'str', not '{of}'", node["of"].where)
        names = node["names"].plain() if "names" in node else {}
        if not isinstance(names, dict) or not all(
                isinstance(value, int) and not isinstance(value, bool) for value in names.values()):
            raise shape.error("'names' must be an object of integers", node["names"].where)
        accepts = tuple(texts_of(shape, node["accepts"], "'accepts'")) if "accepts" in node else ()
        if set(accepts) - {"int", "str"}:
            raise shape.error("'accepts' lists 'int' and 'str'", node["accepts"].where)
        codec = text_of(shape, node["codec"], "'codec'") if "codec" in node else ""
        accepts = accepts or (("str",) if of == "str" else ("int",))
        if "matches" in node:
            if of != "str" or codec or names:
                raise shape.error("'matches' is for a scalar of 'str' without names and codec", node["matches"].where)
            names = {text: index for index, text in enumerate(matches_of(shape, node["matches"]))}
        forms, settings = (text_of(shape, node[key], f"'{key}'") if key in node else "" for key in ("forms", "settings"))
        if bool(forms) != bool(settings) or forms and (of != "str" or codec or names):
            raise shape.error("'forms' and 'settings' are for a scalar of 'str' without names and codec", node.where)
        return Scalar(**self.head(shape), of=of, names=tuple(names.items()), accepts=accepts, codec=codec,
                      range=range_of(shape, node), forms=forms, settings=settings)

    def arguments(self, shape: Shape) -> str:
        """The type of a command's or event's data; an object in place becomes an implicit struct."""
        data = shape.node.get("data")
        if data is None or data.value == {}:
            return ""
        if data.is_str:
            return str(data.value)
        name = f"q_obj_{shape.name}-arg"
        own, others = parted(self.members.build(shape, data, shape.expr.doc))
        self.schema.types[name] = Struct(name, shape.node.where, self.unit(shape), cond=cond_of(shape.node), own=own,
                                         others=others, implicit=True)
        return name

    def command(self, shape: Shape) -> Command:
        node = shape.node
        returns = node.get("returns")
        ret = (returns.value if returns.is_str else returns.value[0].value) if returns is not None else ""
        arg = self.arguments(shape)
        root = self.schema.creation_root(arg)
        return Command(
            **self.head(shape), arg="" if root else arg, creates=root.name if root else "", ret=ret,
            ret_list=returns is not None and returns.is_list, boxed="boxed" in node,
            raw="gen" in node, oob="allow-oob" in node, preconfig="allow-preconfig" in node,
            no_response="success-response" in node, served_by=self.served_by(shape), life=self.life(shape),
            targets=self.first_targets(shape),
            metrics=json.dumps(node["metrics"].plain()) if "metrics" in node else "")

    def life(self, shape: Shape) -> Life | None:
        return life_of(shape, self.schema, self.timelines.reasons, shape.node)

    def event(self, shape: Shape) -> Event:
        served = str(shape.node["served-by"].value) if "served-by" in shape.node else "both"
        return Event(**self.head(shape), arg=self.arguments(shape), boxed="boxed" in shape.node, served_by=served,
                     life=self.life(shape))

    def served_by(self, shape: Shape) -> str:
        """Where one command states it, each does."""
        node = shape.node.get("served-by")
        if node is None and any("served-by" in other.node for other in self.shapes["command"]):
            raise shape.error(f"a command states 'served-by': one of {', '.join(SERVERS)}", shape.node.where)
        return "both" if node is None else str(node.value)

    def hmp(self, shape: Shape) -> None:
        """A command of the human monitor, whose arguments are an implicit struct."""
        check_head(shape)
        data = shape.node.get("data")
        members = self.members.build(shape, data, shape.expr.doc)
        one = hmp_of(shape, self.head(shape), members)
        if members:
            self.schema.types[one.arg] = Struct(arg_type(shape.name), shape.node.where, self.unit(shape), own=members,
                                                implicit=True)
        self.schema.hmps[shape.name] = one

    def first_targets(self, shape: Shape) -> tuple[int, int]:
        """{ 'only': TARGETS, 'until': RELEASE }: from this release on, every target has the command."""
        node = shape.node.get("targets")
        if node is None:
            return 0, 0
        if not node.is_dict:
            raise shape.error("'targets' must be an object", node.where)
        shape.keys(node, "'targets'", ("only", "until"), ())
        return targets_of(shape, node, "only"), release_index(shape, self.schema, str(node["until"].value), node["until"])

    def option_group(self, shape: Shape) -> None:
        """A group of options in the help, under the title that its documentation has."""
        shape.keys(shape.node, "option-group", ("option-group",), ())
        self.schema.groups[shape.name] = doc_line(shape)

    def former_option(self, shape: Shape) -> None:
        """An option that programs once had.  An error names the release that removed it, and what to use instead."""
        node = shape.node
        shape.keys(node, "former-option", ("former-option", "removed", "why"), ())
        release_index(shape, self.schema, text_of(shape, node["removed"], "'removed'"), node["removed"])
        self.schema.former[shape.name] = (text_of(shape, node["removed"], "'removed'"), text_of(shape, node["why"], "'why'"))

    def group_of(self, shape: Shape) -> str:
        groups = self.schema.groups
        if "group" not in shape.node and groups:
            raise shape.error(f"an option states its 'group': one of {', '.join(groups)}", shape.node.where)
        group = text_of(shape, shape.node["group"], "'group'") if "group" in shape.node else ""
        if group and group not in groups:
            raise shape.error(f"unknown option-group '{group}'{suggestion(group, groups)}", shape.node["group"].where)
        return group

    def option(self, shape: Shape) -> None:
        node = shape.node
        shape.keys(node, "option", ("option",), (
            "type", "multiple", "implied-key", "metavar", "aliases", "expands-to", "features", "if",
            "default", "absent-means", "range", "ref", "host-path", "class-suffixes", "expands-by", "bare-keys", "globals",
            "life", "otherwise", "renames", "rest", "model", "targets",
            "separator", "non-empty", "excludes", "help-of", "words", "section", "role", "forms", "counted-with", "key-of",
            "requires", "engine", "engine-lacks", "engine-default", "default-chardevs", "group", "wants",
            "once"))
        kind = node.get("type")
        if kind is not None:
            shape.type_or_array(kind, "'type'")
        expands, otherwise = (templates_of(shape, key) for key in ("expands-to", "otherwise"))
        if otherwise and kind is not None:
            raise shape.error("'otherwise' is for an option without a value", node["otherwise"].where)
        name = "" if kind is None else kind.value if kind.is_str else kind.value[0].value
        root = self.schema.creation_root(name)
        suffixes = self.class_suffixes(shape, node["class-suffixes"]) if "class-suffixes" in node else ()
        if suffixes and (not root or "implied-key" not in node or flag(shape, node, "multiple")):
            raise shape.error("'class-suffixes' are for an option that creates one object, with an 'implied-key'",
                              node["class-suffixes"].where)
        if "expands-by" in node and bool(expands) == (name == "str" or root is not None):
            raise shape.error("'expands-by' is for an option without templates that takes a 'str' or creates, or for one "
                              "with templates that takes a struct", node["expands-by"].where)
        if "model" in node and node["model"].value != "none":
            raise shape.error("'model' of an option is 'none': it is recorded, and has no implementation",
                              node["model"].where)
        attributes = None
        if not root and not expands and "expands-by" not in node:
            value = {key: node[key] for key in ("default", "absent-means", "range", "ref", "host-path", "features",
                                                "if", "non-empty") if key in node}
            member = Node({"type": kind or Node("bool", node.where), **value}, node.where)
            attributes = self.members.member(shape, "*" + shape.name, member, None)
        self.schema.options[shape.name] = Option(
            **self.head(shape), type="" if root else name,
            is_list=kind is not None and kind.is_list, creates=root.name if root else "",
            multiple=flag(shape, node, "multiple"),
            implied_key=text_of(shape, node["implied-key"], "'implied-key'")
            if "implied-key" in node else "",
            metavar=text_of(shape, node["metavar"], "'metavar'") if "metavar" in node else "",
            aliases=tuple(texts_of(shape, node["aliases"], "'aliases'")) if "aliases" in node else (),
            expands_to=expands, otherwise=otherwise,
            renames=renames_of(shape, node["renames"]) if "renames" in node else (),
            rest=rest_of(shape, node["rest"]) if "rest" in node else (),
            attributes=attributes, life=self.life(shape), class_suffixes=suffixes, bare_keys=bare_keys_of(shape, node),
            expands_by=text_of(shape, node["expands-by"], "'expands-by'") if "expands-by" in node else "",
            globals=self.option_globals(shape, node["globals"]) if "globals" in node else (),
            forms=text_of(shape, node["forms"], "'forms'") if "forms" in node else "",
            counted_with=text_of(shape, node["counted-with"], "'counted-with'") if "counted-with" in node else "",
            section=text_of(shape, node["section"], "'section'") if "section" in node else "",
            role=role_of(shape, node["role"]) if "role" in node else "",
            group=self.group_of(shape),
            key_of=key_of(shape, node["key-of"]) if "key-of" in node else (),
            engine=engine_of(shape, node["engine"]) if "engine" in node else "",
            engine_lacks=tuple(texts_of(shape, node["engine-lacks"], "'engine-lacks'")) if "engine-lacks" in node else (),
            once=text_of(shape, node["once"], "'once'") if "once" in node else "",
            engine_default=text_of(shape, node["engine-default"], "'engine-default'") if "engine-default" in node else "",
            default_chardevs=tuple(texts_of(shape, node["default-chardevs"], "'default-chardevs'"))
            if "default-chardevs" in node else (),
            recorded="model" in node, targets=targets_of(shape, node), separator=self.separator(shape),
            words=flag(shape, node, "words"),
            help_of=text_of(shape, node["help-of"], "'help-of'") if "help-of" in node else "",
            excludes=tuple(texts_of(shape, node["excludes"], "'excludes'")) if "excludes" in node else (),
            requires=text_of(shape, node["requires"], "'requires'") if "requires" in node else "",
            wants=wants_of(shape, node["wants"]) if "wants" in node else ())

    def separator(self, shape: Shape) -> str:
        """The character between the values of an option in one text; empty: it has one value."""
        node = shape.node.get("separator")
        if node is None:
            return ""
        text = text_of(shape, node, "'separator'")
        if len(text) != 1 or not flag(shape, shape.node, "multiple"):
            raise shape.error("'separator' is one character, of an option that is 'multiple'", node.where)
        return text

    def option_globals(self, shape: Shape, node: Node) -> tuple[tuple[str, str, str], ...]:
        """Keys of a creation's value that are defaults of another class: KEY: 'CLASS.MEMBER'."""
        if not node.is_dict or not node.value:
            raise shape.error("'globals' must be an object, CLASS.MEMBER by key", node.where)
        result = []
        for key, value in node.items():
            owner, dot, member = text_of(shape, value, f"'{key}'").partition(".")
            if not dot or owner not in self.schema.classes:
                raise shape.error(f"'{key}' is to be CLASS.MEMBER, not '{value.value}'"
                                  f"{suggestion(owner, self.schema.classes)}", value.where)
            result.append((key, owner, member))
        return tuple(result)

    def class_suffixes(self, shape: Shape, node: Node) -> tuple[str, ...]:
        """By target, in the order of TARGETS: what a value and this make is the name of a class."""
        if not node.is_dict or not node.value:
            raise shape.error("'class-suffixes' must be an object, a suffix by target", node.where)
        for target, suffix in node.items():
            if target not in TARGETS:
                raise shape.error(f"unknown target '{target}'{suggestion(target, TARGETS)}", suffix.where)
            text_of(shape, suffix, f"suffix of '{target}'")
        return tuple(node[target].value if target in node else "" for target in TARGETS)


def parted(members: tuple[Member, ...]) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
    """The members that this program knows, and those that only an engine knows."""
    return tuple(one for one in members if not one.relayed), tuple(one for one in members if one.relayed)


def matches_of(shape: Shape, node: Node) -> list[str]:
    """Texts, in which '*' stands for at least one character."""
    found = texts_of(shape, node, "'matches'")
    for text in found:
        if not text.strip("*") or "**" in text:
            raise shape.error(f"'{text}': '*' stands beside other text", node.where)
    return found


def doc_line(shape: Shape) -> str:
    return shape.expr.doc.line if shape.expr.doc else ""
