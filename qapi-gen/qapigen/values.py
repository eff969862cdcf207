# SPDX-License-Identifier: MIT
"""Whether a literal fits a type."""

from __future__ import annotations

import json
import re
from typing import Any

from qapigen.model import INTEGERS, Alternate, Branch, Enum, Member, Scalar, Schema, Struct, Union
from qapigen.source import suggestion


def misfit(schema: Schema, value: Any, member: Member) -> str:
    """What is wrong with @value as @member's; empty: nothing."""
    if member.is_list:
        if not isinstance(value, list):
            return f"{text(value)} is not an array"
        return next((wrong for item in value for wrong in [one_misfit(schema, item, member)] if wrong), "")
    return one_misfit(schema, value, member)


def one_misfit(schema: Schema, value: Any, member: Member) -> str:
    if member.ref or member.class_base:
        if not isinstance(value, str):
            return f"{text(value)} is not a string"
        return class_misfit(schema, value, member.class_base) if member.class_base else ""
    if member.non_empty and value == "":
        return "'' is empty"
    return type_misfit(schema, value, member.type, member.range)


def class_misfit(schema: Schema, value: str, base: str) -> str:
    if base in schema.classes and value in schema.classes and schema.is_a(value, base) and not schema.classes[value].abstract:
        return ""
    names = [one.name for one in schema.leaves(base)] if base in schema.classes else []
    return f"'{value}' is not a class below '{base}'{suggestion(value, names)}"


def type_misfit(schema: Schema, value: Any, name: str, bounds: tuple[int, int] | None) -> str:
    if name in INTEGERS:
        return integer_misfit(value, name, bounds)
    simple = {"str": (str, "a string"), "bool": (bool, "true or false"), "number": ((int, float), "a number"),
              "null": (type(None), "null")}
    if name in simple:
        kinds, wanted = simple[name]
        fits = isinstance(value, kinds) and (name != "number" or not isinstance(value, bool))  # type: ignore
        return "" if fits else f"{text(value)} is not {wanted}"
    kind = schema.types.get(name)
    if isinstance(kind, Enum):
        if value in kind.names:
            return ""
        hint = suggestion(value, kind.names) if isinstance(value, str) else ""
        return f"{text(value)} is not a value of enum '{name}'{hint}"
    if isinstance(kind, Scalar):
        return scalar_misfit(schema, value, kind, bounds)
    if isinstance(kind, (Struct, Union)):
        return object_misfit(schema, value, kind)
    if isinstance(kind, Alternate):
        return "" if branch_of(schema, value, kind) else f"{text(value)} fits no branch of '{name}'"
    return ""


def integer_misfit(value: Any, name: str, bounds: tuple[int, int] | None) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return f"{text(value)} is not an integer"
    bits, signed = INTEGERS[name]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if not low <= value <= high:
        return f"{value} does not fit type '{name}'"
    if bounds and not bounds[0] <= value <= bounds[1]:
        return f"{value} is outside the range [{bounds[0]}, {bounds[1]}]"
    return ""


def text_matches(text: str, pattern: str) -> bool:
    """Whether @text is @pattern, in which '*' stands for at least one character."""
    return re.fullmatch(".+".join(map(re.escape, pattern.split("*"))), text, re.S) is not None


def scalar_misfit(schema: Schema, value: Any, kind: Scalar, bounds: tuple[int, int] | None) -> str:
    names = dict(kind.names)
    if kind.forms:
        fits = isinstance(value, str) and schema.forms.matches(kind.forms, value)
        return "" if fits else f"{text(value)} has none of the forms '{kind.forms}'"
    if isinstance(value, str):
        if value in names or ("str" in kind.accepts and kind.of == "str" and not names):
            return ""
        if kind.of == "str" and any(text_matches(value, name) for name in names):
            return ""
        if kind.codec and "str" in kind.accepts:
            return f"{text(value)} is text of codec '{kind.codec}': state the integer"
        return f"{text(value)} is not a value of scalar '{kind.name}'{suggestion(value, names)}"
    if kind.of == "str":
        return f"{text(value)} is not a string"
    if not isinstance(value, bool) and value in names.values():
        return ""
    return integer_misfit(value, kind.of, bounds or kind.range)


def object_misfit(schema: Schema, value: Any, kind: Struct | Union) -> str:
    if not isinstance(value, dict):
        return f"{text(value)} is not an object"
    members = {member.name: member for member in schema.members(kind.name)}
    if isinstance(kind, Union):
        chosen = chosen_branch(kind, value)
        if chosen and chosen.type:
            members |= {member.name: member for member in schema.members(chosen.type)}
        elif not chosen and (kind.tag not in value):
            return f"member '{kind.tag}' of '{kind.name}' is missing: it chooses the branch"
    for name, item in value.items():
        if name not in members:
            return f"'{kind.name}' has no member '{name}'{suggestion(name, members)}"
        wrong = unsettable(members[name]) or misfit(schema, item, members[name])
        if wrong:
            return f"member '{name}': {wrong}"
    missing = [name for name, member in members.items() if not member.optional and name not in value]
    return f"member '{missing[0]}' of '{kind.name}' is missing" if missing else ""


def unsettable(member: Member) -> str:
    """Why the default of a struct can't state @member; empty: it can."""
    if not member.is_input:
        return "it is internal or read-only"
    if member.cond is not None or member.targets:
        return "not every build and target has it"
    return ""


def chosen_branch(kind: Union, value: dict[str, Any]) -> Branch | None:
    return next((branch for branch in kind.branches if branch.name == value.get(kind.tag)), None)


def branch_of(schema: Schema, value: Any, kind: Alternate) -> Branch | None:
    """The branch that takes @value; no two branches take values of one JSON type."""
    return next((branch for branch in kind.branches if not branch_misfit(schema, value, branch)), None)


def branch_misfit(schema: Schema, value: Any, branch: Branch) -> str:
    return misfit(schema, value, Member(branch.name, branch.type, branch.where, is_list=branch.is_list, ref=branch.ref))


def text(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)
