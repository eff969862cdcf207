# SPDX-License-Identifier: MIT
"""Commands of the human monitor: prototypes of those with a function, and the table of a program."""

from __future__ import annotations

from collections.abc import Callable

from qapigen.ctext import designated, designated_texts, filled, listed, literal, long_literal
from qapigen.human import Hmp
from qapigen.names import c_name, type_c_name
from qapigen.plan import Plan

SERVED = {"program": "VT_HMP_OWN", "engine": "VT_HMP_ENGINE"}


def has_function(one: Hmp) -> bool:
    return not (one.runs or one.adds or one.help_of) and one.served_by != "engine"


def function(one: Hmp) -> str:
    return f"vt_hmp_{c_name(one.name, False)}"


def hmp_prototypes(plan: Plan, unit: str) -> list[str]:
    """Those of functions, in the header of the unit whose commands they are."""
    found = [one for one in plan.schema.hmps.values() if one.unit == unit and has_function(one)]
    if not found:
        return []
    lines = ["struct VtMonitor;", "", "/* Commands of the human monitor, which append what they print to @text. */"]
    for one in found:
        arg = [f"const {type_c_name(one.arg)} *arg"] * bool(one.arg)
        lines += listed(f"bool {function(one)}(", ["struct VtMonitor *monitor", *arg, "GString *text", "GError **error"], ");")
    return lines


def hmps_text(plan: Plan, documents: Callable[[Hmp], dict[str, object]]) -> list[str]:
    """@documents: the texts of a command, as fields of its row."""
    found = sorted(plan.schema.hmps.values(), key=lambda one: one.name)
    if not found:
        return []
    lines: list[str] = []
    for one in found:
        if has_function(one):
            lines += thunk(one)
    lines += ["static const VtHmp hmps[] = {"]
    for one in found:
        lines += row(plan, one, documents(one))
    return [*lines, "};", ""]


def thunk(one: Hmp) -> list[str]:
    start = f"hmp_{c_name(one.name, False)}("
    return ["static bool", *filled(["struct VtMonitor *monitor, ", "const void *arg, ", "GString *text, ", "GError **error)"],
                                   start, " " * len(start)), "{", *["    (void)arg;"] * (not one.arg),
            f"    return {function(one)}({', '.join(['monitor', *['arg'] * bool(one.arg), 'text', 'error'])});", "}", ""]


def row(plan: Plan, one: Hmp, documents: dict[str, object]) -> list[str]:
    lines = ["    {"]
    designated(lines, "name", literal(one.name))
    for name, value in documents.items():
        designated(lines, name, value)
    designated_texts(lines, "aliases", one.aliases)
    if one.arg:
        designated(lines, "arg_type", plan.type_number(one.arg))
        pieces = [f"{{ {', '.join(parts)} }}, " for parts in (
            [f"'{arg.flag}'" if arg.flag else "0", str(arg.shift), "true" if arg.rest else "false",
             literal(arg.refers) if arg.refers else "NULL", literal(arg.option) if arg.option else "NULL"] for arg in one.args)]
        lines += filled([*pieces, "},"], "        .args = (const VtHmpArg[]) { ", " " * 12)
        designated(lines, "n_args", len(one.args))
    designated(lines, "adds", literal(one.adds) if one.adds else 0)
    designated(lines, "help_of", literal(one.help_of) if one.help_of else 0)
    designated(lines, "runs", literal(one.runs) if one.runs else 0)
    designated(lines, "arguments", long_literal(one.template))
    designated(lines, "shows", long_literal(one.shows))
    designated(lines, "flags", "VT_HMP_RELAYED" if one.runs and one.served_by else SERVED.get(one.served_by, ""))
    designated(lines, "targets", one.targets)
    designated(lines, "run", f"hmp_{c_name(one.name, False)}" if has_function(one) else 0)
    return [*lines, "    },"]
