# SPDX-License-Identifier: MIT
"""The shape of QAPI's own expressions: keys, kinds of values, form of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from qapigen.load import Expr, Pragma
from qapigen.model import SERVERS
from qapigen.names import c_name
from qapigen.parse import Node
from qapigen.source import SchemaError, Where, suggestion

NAME = re.compile(r"(?:__[a-z0-9.-]+_)?(?:x-)?([a-z][a-z0-9_-]*)$", re.IGNORECASE)
CAMEL = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*$")
CONDITION = re.compile(r"[A-Z][A-Z0-9_]*$")
MAX_FEATURES = 64
MEMBER_KEYS = ("type", "default", "absent-means", "needs", "range", "ref", "features", "if", "targets",
               "derive", "added", "guest-visible", "mutable", "non-empty", "reads-file", "life", "aliases",
               "power-of-two", "unique", "needed", "served-by", "host-path", "auto-means", "auto-stays")


class Shape:
    """Checks one definition; every message says which."""

    def __init__(self, expr: Expr, pragma: Pragma) -> None:
        self.expr = expr
        self.node = expr.node
        self.meta = expr.meta
        self.name = expr.name
        self.pragma = pragma
        self.part: Where | None = None      # of the definition, which an error is in

    def error(self, message: str, where: Where | None = None) -> SchemaError:
        return SchemaError(where or self.part or self.node.where, f"In {self.meta} '{self.name}': {message}")

    def keys(self, node: Node, what: str, required: Iterable[str], optional: Iterable[str],
             where: Where | None = None) -> None:
        """Required keys are there, and there are no others."""
        required = list(required)
        known = [*required, *optional]
        for key in required:
            if key not in node:
                raise self.error(f"{what} misses key '{key}'", node.where if self.pragma.ours else None)
        unknown = [key for key in node.value if key not in known]
        if unknown:
            listed = ", ".join(f"'{key}'" for key in sorted(unknown))
            plural = "s" if len(unknown) > 1 else ""
            hint = suggestion(unknown[0], known)
            raise self.error(f"{what} has unknown key{plural} {listed}{hint}",
                             where or (node[unknown[0]].key if node is not self.node else None))

    def flag(self, key: str, only: bool) -> None:
        value = self.node.get(key)
        if value is not None and value.value is not only:
            raise self.error(f"flag '{key}' may only use {str(only).lower()} value")

    def stem(self, name: str, what: str) -> str:
        match = NAME.match(name)
        if not match or c_name(name, protect=False).startswith("q_"):
            raise self.error(f"{what} has an invalid name")
        return match[1]

    def lower(self, name: str, what: str, permit_upper: bool = False,
              permit_underscore: bool = False) -> None:
        stem = self.stem(name, what)
        if (not permit_upper and re.search(r"[A-Z]", stem)) or (
                not permit_underscore and "_" in stem):
            raise self.error(f"name of {what} must not use uppercase or '_'")

    def definition_name(self) -> None:
        if self.meta == "event":
            if re.search(r"[a-z-]", self.stem(self.name, self.meta)):
                raise self.error("name of event must not use lowercase or '-'")
        elif self.meta == "command":
            self.lower(self.name, self.meta, permit_underscore=self.excepted("command-name"))
        else:
            if not CAMEL.match(self.stem(self.name, self.meta)):
                raise self.error(f"name of {self.meta} must use CamelCase")
            if self.name.endswith("List"):
                raise self.error(f"{self.meta} name should not end in 'List'")

    def excepted(self, kind: str) -> bool:
        return self.name in self.pragma.exceptions[f"{kind}-exceptions"]

    def condition(self, owner: Node, what: str) -> None:
        """The 'if' of @owner."""
        node = owner.get("if")
        if node is not None:
            self.check_condition(node, what)

    def check_condition(self, node: Node, what: str) -> None:
        if node.is_str:
            if not CONDITION.match(node.value):
                raise self.error(f"'if' condition '{node.value}' of {what} is not a valid identifier")
            return
        if not node.is_dict:
            if node.value == []:
                raise self.error(f"'if' condition [] of {what} is useless")
            raise self.error(f"'if' condition of {what} must be a string or an object")
        self.keys(node, f"'if' condition of {what}", (), ("all", "any", "not"), self.node.where)
        if len(node.value) != 1:
            raise self.error(f"'if' condition of {what} has conflicting keys" if node.value
                             else f"'if' condition {{}} of {what} is useless")
        operator, operand = next(node.items())
        if operator == "not":
            self.check_condition(operand, what)
            return
        if not operand.is_list:
            raise self.error(f"'{operator}' condition of {what} must be an array")
        if not operand.value:
            raise self.error(f"'if' condition [] of {what} is useless")
        for item in operand.value:
            self.check_condition(item, what)

    def features(self, owner: Node) -> None:
        node = owner.get("features")
        if node is None:
            return
        if not node.is_list:
            raise self.error("'features' must be an array")
        for item in node.value:
            if not item.is_dict:
                item.value = {"name": Node(item.value, item.where)}
            self.keys(item, "'features' member", ("name",), ("if",))
            if not item["name"].is_str:
                raise self.error("'features' member requires a string name")
            what = f"'features' member '{item['name'].value}'"
            self.lower(item["name"].value, what)
            self.condition(item, what)

    def type_name(self, node: Node | None, what: str) -> None:
        if node is not None and not node.is_str:
            raise self.error(f"{what} should be a type name")

    def type_or_array(self, node: Node, what: str) -> None:
        if node.is_str:
            return
        if not node.is_list:
            raise self.error(f"{what} should be a type name or array")
        if len(node.value) != 1 or not node.value[0].is_str:
            raise self.error(f"{what}: array type must contain single type name")

    def members(self, node: Node, source: str, loose_names: bool = False) -> None:
        """An object of members, each a type or an object with 'type' and attributes."""
        permit_upper = self.excepted("member-name") or loose_names
        for key, value in node.items():
            self.part = value.key if self.pragma.ours else None
            what = f"{source} member '{key}'"
            name = key[1:] if key.startswith("*") else key
            if loose_names:
                if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*(\[[0-9]+\])?", name):
                    raise self.error(f"{what} has an invalid name", value.key)
            else:
                self.lower(name, what, permit_upper, permit_upper)
                if c_name(name, protect=False) == "u" or c_name(name, protect=False).startswith("has_"):
                    raise self.error(f"{what} uses reserved name")
            self.member(value, what)
        self.part = None

    def member(self, node: Node, what: str, keys: Iterable[str] = MEMBER_KEYS) -> None:
        if not node.is_dict:
            node.value = {"type": Node(node.value, node.where, node.key)}
        self.keys(node, what, ("type",), [key for key in keys if key != "type"])
        self.condition(node, what)
        self.features(node)
        self.type_or_array(node["type"], what)
        self.relayed(node, what)

    def relayed(self, node: Node, what: str) -> None:
        """A part of a type that only an engine knows."""
        served = node.get("served-by")
        if served is not None and served.value != "engine":
            raise self.error(f"'served-by' of {what} is 'engine', or absent", served.where)


def check_enum(shape: Shape) -> None:
    node = shape.node
    shape.keys(node, "enum", ("enum", "data"), ("if", "features", "prefix"))
    if not node["data"].is_list:
        raise shape.error("'data' must be an array")
    prefix = node.get("prefix")
    if prefix is not None and not prefix.is_str:
        raise shape.error("'prefix' must be a string")
    permit = shape.excepted("member-name")
    for item in node["data"].value:
        shape.part = item.where if shape.pragma.ours else None
        if not item.is_dict:
            item.value = {"name": Node(item.value, item.where)}
        shape.keys(item, "'data' member", ("name",), ("if", "features", "life", "served-by"))
        if not item["name"].is_str:
            raise shape.error("'data' member requires a string name")
        name = item["name"].value
        what = f"'data' member '{name}'"
        shape.lower("d" + name if name[:1].isdigit() else name, what, permit, permit)
        shape.condition(item, what)
        shape.features(item)
        shape.relayed(item, what)
    shape.part = None


def check_struct(shape: Shape) -> None:
    shape.keys(shape.node, "struct", ("struct", "data"), ("base", "if", "features"))
    shape.type_name(shape.node.get("base"), "'base'")
    data(shape, allow_name=False)


def check_union(shape: Shape) -> None:
    node = shape.node
    shape.keys(node, "union", ("union", "base", "discriminator", "data"), ("if", "features"))
    if node["base"].is_dict:
        shape.members(node["base"], "'base'")
    else:
        object_or_name(shape, node["base"], "'base'")
    if not node["discriminator"].is_str:
        raise shape.error("'discriminator' should be a member name")
    branches(shape, arrays=False)


def check_alternate(shape: Shape) -> None:
    shape.keys(shape.node, "alternate", ("alternate", "data"), ("if", "features"))
    if shape.node["data"].is_dict and not shape.node["data"].value:
        raise shape.error("'data' must not be empty")
    branches(shape, arrays=True)


def branches(shape: Shape, arrays: bool) -> None:
    if not shape.node["data"].is_dict:
        raise shape.error("'data' must be an object")
    for key, value in shape.node["data"].items():
        shape.part = value.key if shape.pragma.ours else None
        what = f"'data' member '{key}'"
        shape.lower("d" + key if key[:1].isdigit() and not arrays else key, what,
                    permit_upper=shape.meta == "union", permit_underscore=shape.meta == "union")
        if not value.is_dict:
            value.value = {"type": Node(value.value, value.where, value.key)}
        shape.keys(value, what, ("type",), ("if", "ref") if arrays else ("if",))
        shape.condition(value, what)
        if arrays:
            shape.type_or_array(value["type"], what)
        else:
            shape.type_name(value["type"], what)
    shape.part = None


def check_command(shape: Shape) -> None:
    node = shape.node
    shape.keys(node, "command", ("command",), (
        "data", "returns", "boxed", "if", "features", "gen", "success-response", "allow-oob",
        "allow-preconfig", "coroutine", "served-by", "targets", "life", "metrics"))
    flags(shape)
    served_by(shape, SERVERS)
    arguments(shape)
    returns = node.get("returns")
    if returns is not None:
        shape.type_or_array(returns, "'returns'")
    metrics(shape)


def metrics(shape: Shape) -> None:
    """The arguments with which the result of a command has metrics."""
    node = shape.node.get("metrics")
    if node is None:
        return
    if not node.is_dict:
        raise shape.error("'metrics' is an object, the arguments of the command", node.where)
    if "returns" not in shape.node:
        raise shape.error("'metrics' requires 'returns'", node.where)


def check_event(shape: Shape) -> None:
    shape.keys(shape.node, "event", ("event",), ("data", "boxed", "if", "features", "served-by", "life"))
    flags(shape)
    served_by(shape, SERVERS[1:])
    arguments(shape)


def flags(shape: Shape) -> None:
    for key in ("gen", "success-response"):
        shape.flag(key, False)
    for key in ("boxed", "allow-oob", "allow-preconfig", "coroutine"):
        shape.flag(key, True)
    if "allow-oob" in shape.node and "coroutine" in shape.node:
        raise shape.error("flags 'allow-oob' and 'coroutine' are incompatible")


def served_by(shape: Shape, known: Iterable[str]) -> None:
    """An engine serves: there is no function here whose run an attribute could describe."""
    node = shape.node.get("served-by")
    if node is None:
        return
    if node.value not in known:
        names = ", ".join(f"'{name}'" for name in known)
        raise shape.error(f"'served-by' is one of {names}{suggestion(str(node.value), known)}", node.where)
    for key in ("gen", "success-response", "coroutine", "allow-preconfig"):
        if node.value == "engine" and key in shape.node:
            raise shape.error(f"'{key}' is about a function of this program, and only an engine serves the {shape.meta}",
                              shape.node[key].key)


def arguments(shape: Shape) -> None:
    node = shape.node.get("data")
    if "boxed" in shape.node:
        if node is None:
            raise shape.error("'boxed': true requires 'data'")
        shape.type_name(node, "'data'")
    elif node is not None:
        data(shape, allow_name=True)


def data(shape: Shape, allow_name: bool) -> None:
    node = shape.node["data"]
    if node.is_dict:
        shape.members(node, "'data'")
    elif allow_name:
        object_or_name(shape, node, "'data'")
    else:
        raise shape.error("'data' should be an object")


def object_or_name(shape: Shape, node: Node, what: str) -> None:
    if not node.is_str:
        raise shape.error(f"{what} should be an object or type name")


CHECKS: dict[str, Callable[[Shape], None]] = {
    "enum": check_enum, "struct": check_struct, "union": check_union,
    "alternate": check_alternate, "command": check_command, "event": check_event,
}
NAMED = tuple(CHECKS)


def check_expr(expr: Expr, pragma: Pragma) -> None:
    """Checks a QAPI expression whose meta and name are known."""
    shape = Shape(expr, pragma)
    shape.definition_name()
    CHECKS[expr.meta](shape)
    shape.condition(expr.node, expr.meta)
    shape.features(expr.node)
