# SPDX-License-Identifier: MIT
"""Boards: a schema file of machines that are made of existing classes, checked with a program's schema, as a table file."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from qapigen.check import examine
from qapigen.classes import props_of
from qapigen.history import Entry, Timeline
from qapigen.load import Expr, Loader, Source
from qapigen.model import TARGETS, Class, Option, Schema
from qapigen.parse import Node
from qapigen.places import Places
from qapigen.source import SchemaError, suggestion
from qapigen.templates import TemplateError, Templates
from qapigen.timelines import Timelines
from qapigen.values import misfit

FORM = 1
VERSION = re.compile(r"[0-9]+\.[0-9]+$")
KEYS = ("machine", "parent", "versions", "aliases", "targets", "creates", "defaults", "model", "life")


def table_of(root: str, file: str) -> str | list[SchemaError]:
    """The table of the boards in @file, for the program of @root, as JSON text; or what is wrong."""
    source = Source(root, places=Places(root))

    def read() -> Source:
        loader = Loader(source)
        loader.read(root, (), None)
        source.seal()
        loader.read(file, (), None)
        source.pragma.ours = source.is_ours()
        for expr in boards_of(source, file):
            check_keys(expr)
            name_parent(source, expr)
        return source

    result = examine(read)
    if isinstance(result, list):
        return result
    boards = Boards(result[1])
    try:
        machines = [each for expr in boards_of(source, file) for each in boards.machines(expr)]
    except SchemaError as error:
        return [error]
    table = {"table": FORM, "schema": source.places.hash, "source": os.path.basename(file), "machines": machines}
    return json.dumps(table, indent=1) + "\n"


def boards_of(source: Source, file: str) -> list[Expr]:
    return [expr for expr in source.exprs if expr.where.file == file]


def check_keys(expr: Expr) -> None:
    """A board has no members and no functions of its own, so it needs no C."""
    for key, node in expr.node.items():
        if key not in KEYS:
            raise SchemaError(node.key, f"a board has no '{key}'{suggestion(key, KEYS)}; expected one of "
                              f"{', '.join(KEYS)}")
    for key in ("machine", "parent"):
        if key not in expr.node:
            raise SchemaError(expr.where, f"a board has a '{key}'")


def name_parent(source: Source, board: Expr) -> None:
    """A parent may have the name of its machine, or an alias: 'virt', 'q35'.  Then the class takes its place."""
    machines = {expr.node["machine"].value: expr for expr in source.exprs
                if next(iter(expr.node.value)) == "machine"}
    parent = board.node["parent"]
    if not parent.is_str or parent.value in machines:
        return
    found = named(machines, parent.value, targets_in(machines, board))
    stem, dash, version = parent.value.rpartition("-")
    family = [stem] if stem in machines else named(machines, stem, targets_in(machines, board))
    if len(found) > 1:
        raise SchemaError(parent.where, f"the machine '{parent.value}' is of several targets: expected one of {', '.join(found)}")
    if found:
        board.node.value["parent"] = Node(found[0], parent.where, parent.key)
    elif dash and family and VERSION.match(version):
        raise SchemaError(parent.where, f"'{parent.value}' is one version of a machine: expected '{family[0]}', and 'versions': "
                          f"{{ 'from': '{version}', 'to': '{version}' }}")


def named(machines: dict[str, Expr], name: str, targets: frozenset[str]) -> list[str]:
    """The concrete classes of the machine @name, of one of @targets; none: of any."""
    result = []
    for key, expr in machines.items():
        aliases = expr.node.get("aliases")
        names = [node.value if node.is_str else node["name"].value for node in aliases.value] if aliases else []
        names += [expr.node[each].value for each in ("name", "tag-value") if each in expr.node]
        its = targets_in(machines, expr)
        if name in names and "abstract" not in expr.node and (not targets or not its or targets & its):
            result.append(key)
    return sorted(result)


def targets_in(machines: dict[str, Expr], expr: Expr | None) -> frozenset[str]:
    """The targets that the class states or inherits."""
    while expr is not None and "targets" not in expr.node:
        expr = machines.get(expr.node["parent"].value) if "parent" in expr.node else None
    return frozenset(node.value for node in expr.node["targets"].value) if expr is not None else frozenset()


class Boards:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.timelines = Timelines(schema)

    def machines(self, expr: Expr) -> list[dict[str, Any]]:
        """Each version of a board, as the difference from that version of its parent."""
        one, parent = (self.schema.classes[expr.node[key].value] for key in ("machine", "parent"))
        if parent.abstract:
            raise SchemaError(expr.node["parent"].where, f"'{parent.name}' is abstract: a board has a machine as its parent")
        creates = self.creates(expr)
        result: list[dict[str, Any]] = []
        newest = len(self.schema.versions["machine"]) - 1
        versions = range(one.version_from, (one.version_to or newest) + 1) if one.version_from else (0,)
        for version in versions:
            if version and not (self.timelines.exists(one, version) and parent.version_from <= version):
                continue
            machine = {"machine": self.name(one, version), "base": self.name(parent, version), "doc": one.doc,
                       "defaults": self.defaults(one, parent, version or newest)}
            mask = self.schema.targets_of(one)
            if mask:
                machine["target"] = next(name for bit, name in enumerate(TARGETS) if mask >> bit & 1)
            result.append({**machine, **({"creates": creates} if creates else {})})
        if not result:
            raise SchemaError(expr.where, f"'{parent.name}' has none of these versions")
        if one.aliases:
            result[-1]["alias"] = one.aliases[0].name
        return result

    def name(self, one: Class, version: int) -> str:
        stem = one.machine_name or one.tag or one.name
        return f"{stem}-{self.schema.versions['machine'][version].name}" if version else stem

    # ---- defaults

    def defaults(self, one: Class, parent: Class, version: int) -> list[dict[str, str]]:
        result = []
        before = props_of(self.schema).of(parent.name)
        for restated in one.defaults:
            entry = self.at(restated.timeline, one, version)
            known = before[restated.member].default
            old = self.at(known, parent, version) if known else None
            if entry is None or entry.absent or (old and not old.absent and old.value == entry.value):
                continue
            if isinstance(entry.value, (dict, list)):
                raise SchemaError(restated.where, f"the default of '{restated.member}' is no text: create it with 'machine' "
                                  "in 'creates'")
            text = ("off", "on")[entry.value] if isinstance(entry.value, bool) else entry.value
            result.append({"driver": parent.name, "property": restated.member, "value": str(text),
                           "why": entry.why or f"the board {one.name} has it"})
        return result

    def at(self, timeline: Timeline, family: Class, version: int) -> Entry | None:
        entries = timeline.entries
        return self.timelines.resolve(entries, family, self.schema.targets_of(family), version, "")

    # ---- what it is made of

    def creates(self, expr: Expr) -> list[Any]:
        node = expr.node.get("creates")
        if node is None:
            return []
        members = {name: prop.member for name, prop in props_of(self.schema).of(expr.name).items()}
        text = json.dumps(node.plain())
        try:
            Templates(self.schema, members).check(Option(expr.name, expr.where, otherwise=text))
        except TemplateError as error:
            raise SchemaError(node.where, f"In machine '{expr.name}': {error}") from error
        for item in node.value:
            self.check_value(item)
        plain: list[Any] = node.plain()
        return plain

    def check_value(self, item: Node) -> None:
        """Names and values of the members of what a template makes."""
        value = item.get("value")
        root = self.schema.classes.get(self.schema.options[item["option"].value].creates) if "option" in item else None
        if value is None or not value.is_dict or (root is None and "create" not in item):
            return
        creates = root.creates if root else None
        tag = value.get(creates.tag) if creates else item["create"]
        made = next((one for one in self.schema.classes.values() if tag is not None and not one.abstract
                     and tag.value in (one.tag or one.name, *(alias.name for alias in one.aliases))
                     and (root is None or self.schema.is_a(one.name, root.name))), None)
        if made is None:
            known = [one.tag or one.name for one in self.schema.classes.values()
                     if not one.abstract and (root is None or self.schema.is_a(one.name, root.name))]
            raise SchemaError((tag or value).where, f"creates unknown class '{tag.value if tag else ''}'"
                              f"{suggestion(str(tag.value) if tag else '', known)}")
        props = props_of(self.schema).of(made.name)
        own = {creates.tag, creates.id} if creates else {"id"}
        for name, node in value.items():
            if name in own or "." in name:
                continue
            if name not in props:
                raise SchemaError(node.key, f"'{made.name}' has no member '{name}'{suggestion(name, props)}")
            wrong = "" if node.is_str else misfit(self.schema, node.plain(), props[name].member)
            if wrong:
                raise SchemaError(node.where, f"'{made.name}': member '{name}': {wrong}")
