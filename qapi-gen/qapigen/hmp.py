# SPDX-License-Identifier: MIT
"""Commands of the human monitor: their arguments, the QMP command that they run, and how its answer is shown."""

from __future__ import annotations

import json
import re

from qapigen.human import Hmp, HmpArg
from qapigen.model import SERVERS, Member, Schema
from qapigen.parse import Node
from qapigen.parts import targets_of
from qapigen.shape import Shape
from qapigen.source import suggestion
from qapigen.timelines import text_of, texts_of

NAME = re.compile(r"(info )?[a-z][a-z0-9_-]*$")
# What the number of an argument is multiplied by.
UNITS = {"MiB": 20}
# Attributes of arguments, each an object by the name of the argument.
ATTRIBUTES = ("flags", "units", "refers", "options")
KEYS = ("aliases", "data", "served-by", "runs", "adds", "help-of", "shows", "rest", "targets", *ATTRIBUTES)
GUARDS = ("when", "unless")
# Of a line: {PATH}, {PATH?WORD|WORD} or {PATH:WIDTH}; [ ] enclose what needs its values.
PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.-]*)(?:\?[^|{}]*\|[^|{}]*|:-?[0-9]*x?)?\}")


def hmp_name(shape: Shape) -> None:
    """Words that a user types: a command, or 'info' and a subject."""
    if not NAME.match(shape.name):
        raise shape.error("a name is a word, or 'info' and a word")


def check_head(shape: Shape) -> None:
    shape.keys(shape.node, "hmp", ("hmp",), KEYS)
    hmp_name(shape)
    data = shape.node.get("data")
    if data is not None:
        if not data.is_dict:
            raise shape.error("'data' should be an object", data.where)
        shape.members(data, "'data'", loose_names=True)


def by_argument(shape: Shape, key: str, members: tuple[Member, ...]) -> dict[str, str]:
    """An attribute of arguments: a text by the name of the argument."""
    node = shape.node.get(key)
    if node is None:
        return {}
    if not node.is_dict:
        raise shape.error(f"'{key}' must be an object, a text by argument", node.where)
    names = [member.name for member in members]
    for name, value in node.items():
        if name not in names:
            raise shape.error(f"'{key}' names unknown argument '{name}'{suggestion(name, names)}", value.key)
        text_of(shape, value, f"'{name}'")
    return {name: str(value.value) for name, value in node.items()}


def arguments(shape: Shape, members: tuple[Member, ...]) -> tuple[HmpArg, ...]:
    flags, units, refers, options = (by_argument(shape, key, members) for key in ATTRIBUTES)
    node = shape.node.get("rest")
    rest = text_of(shape, node, "'rest'") if node is not None else ""
    positional = [member for member in members if member.name not in flags]
    for member in members:
        if member.name in flags and (not member.optional or len(flags[member.name]) != 1):
            raise shape.error(f"'{member.name}': a flag is one letter, and its argument is optional", member.where)
        if units.get(member.name, "MiB") not in UNITS:
            raise shape.error(f"unknown unit '{units[member.name]}'; expected one of {', '.join(UNITS)}", member.where)
        if member.is_list:
            raise shape.error(f"'{member.name}': an argument is no list", member.where)
    if rest and (not positional or positional[-1].name != rest):
        raise shape.error("'rest' names the last argument", node.where if node is not None else None)
    return tuple(HmpArg(member.name, flags.get(member.name, ""), UNITS.get(units.get(member.name, ""), 0), member.name == rest,
                        refers.get(member.name, ""), options.get(member.name, "")) for member in members)


def runs_of(shape: Shape) -> tuple[str, str]:
    """The QMP command, and the template of its arguments as JSON text."""
    node = shape.node.get("runs")
    if node is None:
        return "", ""
    if node.is_str:
        return str(node.value), ""
    if not node.is_dict:
        raise shape.error("'runs' is a command, or an object", node.where)
    shape.keys(node, "'runs'", ("execute", "arguments"), ())
    if not node["arguments"].is_dict:
        raise shape.error("'arguments' must be an object", node["arguments"].where)
    return text_of(shape, node["execute"], "'execute'"), json.dumps(node["arguments"].plain(), separators=(",", ":"))


def check_lines(shape: Shape, node: Node) -> None:
    if not node.is_list or not node.value:
        raise shape.error("'shows' must be an array of lines", node.where)
    for item in node.value:
        if item.is_dict:
            shape.keys(item, "a line", ("lines",), ("each", "else", *GUARDS))
            for key in ("each", *GUARDS):
                if key in item:
                    text_of(shape, item[key], f"'{key}'")
            for key in ("lines", "else"):
                if key in item:
                    check_lines(shape, item[key])
            continue
        text = text_of(shape, item, "a line")
        literal = PLACEHOLDER.sub("", text)
        if "{" in literal or "}" in literal or literal.count("[") != literal.count("]"):
            raise shape.error(f"'{text}': expected {{PATH}}, {{PATH?WORD|WORD}}, {{PATH:WIDTH}} or [TEXT]", item.where)


def shows_of(shape: Shape) -> str:
    """The lines of the answer, as JSON text; empty: each member on a line."""
    node = shape.node.get("shows")
    if node is None:
        return ""
    check_lines(shape, node)
    return json.dumps(node.plain(), separators=(",", ":"))


def hmp_of(shape: Shape, head: dict[str, object], members: tuple[Member, ...]) -> Hmp:
    """@head: what any definition has; @members: the arguments."""
    node = shape.node
    runs, template = runs_of(shape)
    served = node.get("served-by")
    if served is not None and served.value not in SERVERS:
        raise shape.error(f"'served-by' is one of {', '.join(SERVERS)}", served.where)
    if served is None and not runs:
        raise shape.error("either 'runs' or 'served-by' states what carries it out")
    if served is not None and runs and served.value != "both":
        raise shape.error("'served-by' beside 'runs' is 'both': an engine, if there is one, runs the line", served.where)
    adds, helps = (text_of(shape, node[key], f"'{key}'") if key in node else "" for key in ("adds", "help-of"))
    if (adds or helps) and (runs or (adds and helps)):
        raise shape.error("a command has one of 'runs', 'adds' and 'help-of'")
    if adds and "options" not in node:
        raise shape.error("'adds' is about the value of an argument; expected 'options'", node["adds"].where)
    if "shows" in node and not runs:
        raise shape.error("'shows' is about the answer of 'runs'", node["shows"].where)
    aliases = tuple(texts_of(shape, node["aliases"], "'aliases'")) if "aliases" in node else ()
    return Hmp(**head, arg=arg_type(shape.name) if members else "",                    # type: ignore[arg-type]
               args=arguments(shape, members), aliases=aliases, served_by=str(served.value) if served is not None else "",
               adds=adds, help_of=helps, runs=runs, template=template, shows=shows_of(shape), targets=targets_of(shape, node))


def arg_type(name: str) -> str:
    return f"q_obj_hmp-{name.replace(' ', '-')}-arg"


def check_hmp(schema: Schema, one: Hmp) -> str:
    """What is wrong with the names that it refers to; empty: nothing."""
    if one.runs and one.runs not in schema.commands:
        return f"'runs' names unknown command '{one.runs}'{suggestion(one.runs, schema.commands)}"
    for alias in one.aliases:
        if alias in schema.hmps or any(alias in other.aliases for other in schema.hmps.values() if other is not one):
            return f"alias '{alias}' is another command, or an alias of one"
    for arg in one.args:
        if arg.refers and arg.refers not in schema.classes:
            return f"'refers' names unknown class '{arg.refers}'{suggestion(arg.refers, schema.classes)}"
        if arg.option and arg.option not in schema.options:
            return f"'options' names unknown option '{arg.option}'{suggestion(arg.option, schema.options)}"
    if one.adds and one.adds not in schema.classes:
        return f"'adds' names unknown class '{one.adds}'{suggestion(one.adds, schema.classes)}"
    if one.help_of and one.help_of not in schema.options:
        return f"'help-of' names unknown option '{one.help_of}'{suggestion(one.help_of, schema.options)}"
    command = schema.commands.get(one.runs)
    if command and not any(arg.option for arg in one.args) and not command.creates:
        known = {member.name for member in schema.all_members(command.arg)} if command.arg else set()
        for name in json.loads(one.template) if one.template else [arg.name for arg in one.args]:
            if name not in known:
                return f"'{one.runs}' has no member '{name}'{suggestion(name, known)}"
    return ""
