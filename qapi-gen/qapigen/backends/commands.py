# SPDX-License-Identifier: MIT
"""The page of commands and events: a table of all, and what each takes and returns."""

from __future__ import annotations

from qapigen.backends.markdown import code, escape, prose, table
from qapigen.backends.reference import Reference, is_shown
from qapigen.model import Command, Event, Schema

SERVED = {"program": "own", "engine": "relayed", "both": "both"}


class Commands:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.reference = Reference(schema)

    def page(self) -> str:
        text = ["# Commands and events", "", *self.overview()]
        for name, command in self.schema.commands.items():
            text += [f"## {name}", "", prose(command.doc), "", self.command(command), ""]
        for name, event in self.schema.events.items():
            text += [f"## {name}", "", prose(event.doc), "", "\n".join([self.arguments(event), *self.lives(event)]), ""]
        return "\n".join(text)

    def overview(self) -> list[str]:
        """Who serves what, since when; where an engine serves anything."""
        messages: list[Command | Event] = [*self.schema.commands.values(), *self.schema.events.values()]
        if not any(one.served_by == "engine" for one in messages):
            return []
        text = ["Who serves a command, or emits an event: this program alone (*own*), an engine alone (*relayed*: without an "
                "engine the command does not exist), or the engine if there is one and otherwise this program (*both*).", ""]
        for title, kind in (("command", Command), ("event", Event)):
            rows = [self.row(one) for one in sorted(messages, key=lambda each: each.name) if isinstance(one, kind)]
            text += [table([title, "served", "introduced", "deprecated", "removed", ""], rows), ""]
        return text

    def row(self, one: Command | Event) -> list[str]:
        spans = [getattr(one.life, stage) if one.life else (0, 0) for stage in ("introduced", "deprecated", "removed")]
        features = ["unstable"] * any(feature.name == "unstable" for feature in one.features)
        features += [f"if {code(self.reference.condition(one.cond))}"] if one.cond is not None else []
        return [code(one.name), SERVED[one.served_by], *(self.reference.between("release", *span) if span[0] else ""
                                                         for span in spans), ", ".join(features)]

    def arguments(self, one: Command | Event) -> str:
        if not one.arg:
            return "No members."
        if is_shown(self.schema.type(one.arg)):
            return f"Members: those of {self.reference.type_link(one.arg)}."
        return self.reference.member_table(self.schema.all_members(one.arg))

    def command(self, command: Command) -> str:
        text = [f"Creates what {self.reference.class_link(command.creates)} is the root of."
                if command.creates else self.arguments(command)]
        if command.ret:
            link = self.reference.type_link(command.ret)
            text.append(f"\nReturns {'a list of ' if command.ret_list else ''}{link}.")
        text += [f"\nFeature: {escape(feature.name)}." for feature in command.features]
        return "\n".join([*text, *self.lives(command)])

    def lives(self, one: Command | Event) -> list[str]:
        return [f"\n{life.capitalize()}." for life in self.reference.life(one.life)]
