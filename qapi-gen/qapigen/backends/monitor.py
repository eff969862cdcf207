# SPDX-License-Identifier: MIT
"""The page of the human monitor: its commands, what runs them, and their arguments."""

from __future__ import annotations

from qapigen.backends.markdown import code, prose, table
from qapigen.backends.reference import Reference
from qapigen.human import Hmp, HmpArg
from qapigen.model import Member, Schema


class Monitor:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.reference = Reference(schema)

    def page(self) -> str:
        text = ["# Commands of the human monitor", ""]
        for one in sorted(self.schema.hmps.values(), key=lambda each: each.name):
            text += [f"## {one.name}", "", prose(one.doc), "", self.facts(one), ""]
            if one.arg:
                rows = [[code(self.written(arg, member)), self.reference.traits(member), prose(member.doc), self.traits(arg)]
                        for arg, member in zip(one.args, self.schema.members(one.arg))]
                text += [table(["argument", "type", "", ""], rows), ""]
        return "\n".join(text)

    def facts(self, one: Hmp) -> str:
        facts = [f"Runs {code(one.runs)} of QMP" if one.runs else
                 f"Shows the help of {code('-' + one.help_of)}" if one.help_of else
                 f"Adds objects below {code(one.adds)}" if one.adds else
                 "Needs an engine" if one.served_by == "engine" else "Has a function of its own"]
        if one.aliases:
            facts.append("also " + ", ".join(map(code, one.aliases)))
        if one.targets:
            facts.append(f"on {self.reference.targets(one.targets)}")
        return "; ".join(facts) + "."

    @staticmethod
    def written(arg: HmpArg, member: Member) -> str:
        name = member.name.upper()
        if arg.flag == "/":
            return f"/{name}"
        return f"-{arg.flag}" + ("" if member.type == "bool" else f" {name}") if arg.flag else name

    @staticmethod
    def traits(arg: HmpArg) -> str:
        traits = ["the rest of the line"] * arg.rest
        traits += [f"in units of {1 << arg.shift} bytes"] * bool(arg.shift)
        traits += [f"a value of {code('-' + arg.option)}"] * bool(arg.option)
        return "; ".join(traits)
