# SPDX-License-Identifier: MIT
"""Prototypes of command handlers, in the header of the unit whose commands they are."""

from __future__ import annotations

from qapigen.ctext import if_lines, listed
from qapigen.emit_types import declarator
from qapigen.model import Command, Cond
from qapigen.names import c_name, type_c_name
from qapigen.plan import Plan, list_type
from qapigen.templates import is_late


def guarded(cond: Cond, lines: list[str]) -> list[str]:
    return lines if cond is None else [*if_lines(cond), *lines, "#endif"]


def command_prototypes(plan: Plan, unit: str) -> list[str]:
    commands = [each for each in plan.schema.own_commands if each.unit == unit and (each.ret or not each.creates)]
    if not commands:
        return []
    forward = ["struct VtMonitor;", *["struct VtObject;"] * any(each.creates for each in commands)]
    lines = [*forward, "",
             "/* Command handlers.  @ret is zeroed; what they put there is theirs to give. */"]
    for command in commands:
        lines += guarded(command.cond, [prototype(plan, command)])
    return lines


def expand_prototypes(plan: Plan, unit: str) -> list[str]:
    """Those of functions that write options out, in the header of the unit whose options they are."""
    options = [each for each in plan.schema.options.values() if each.expands_by and each.unit == unit]
    late = sorted({(each.expands_by, each.type) for each in options if is_late(plan.schema, each)})
    names = sorted({c_name(each.expands_by, False) for each in options if not is_late(plan.schema, each)})
    lines: list[str] = []
    if late:
        lines += ["struct VtExpansion;", "",
                  "/* Settle the values of all uses of an option, for the option's templates. */",
                  *(line for name, kind in late for line in listed(f"bool vt_expand_{c_name(name, False)}(", [
                      "struct VtExpansion *expansion", f"{type_c_name(kind)} *values", "size_t n", "GError **error"],
                      ");"))]
    if not names:
        return lines
    return [*lines, "struct json_object;", "",
            "/* What the text of an option stands for: a list of {option, value}, to be given up; @index counts its uses. */",
            *(line for name in names for line in listed(f"struct json_object *vt_expand_{name}(", [
                "const char *text", "unsigned index", "GError **error"], ");"))]


def prototype(plan: Plan, command: Command) -> str:
    parts = ["struct VtMonitor *monitor"]
    if command.creates:
        parts.append("struct VtObject *created")
    elif command.raw:
        parts.append("struct json_object *arg")
    elif command.arg:
        parts.append(f"const {type_c_name(command.arg)} *arg")
    if command.ret:
        parts.append(declarator(result_type(plan, command), "*ret"))
    parts.append("GError **error")
    head = f"bool vt_qmp_{c_name(command.name, False)}("
    return "\n".join(listed(head, parts, ");"))


def result_type(plan: Plan, command: Command) -> str:
    if command.ret_list:
        return type_c_name(list_type(command.ret))
    return plan.layout.value(command.ret).c_type
