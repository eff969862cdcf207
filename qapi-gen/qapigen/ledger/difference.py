# SPDX-License-Identifier: MIT
"""What changed between two versions, as a table for people."""

from __future__ import annotations

import re

from qapigen.classes import Prop
from qapigen.history import Entry, Timeline
from qapigen.ledger.cells import Cells, Key
from qapigen.ledger.record import Present
from qapigen.model import AXES, Class, Schema
from qapigen.timelines import dates_text

HEAD = ("where", "member", "on", "OLD", "NEW", "since", "schema", "why")

CONDITION = re.compile(r"\|[^=|]*=([^:|]*)(:?)")


def scope_words(key: Key) -> str:
    parts = [part for part in (key.axis, key.family, key.accel, key.target) if part]
    return ", ".join(parts + [f"with {feature}" for feature in key.features])


def cell_words(text: str) -> str:
    """'true|netdev=netdev-tap:false' to 'true, with netdev-tap: false'."""
    return CONDITION.sub(lambda match: f", with {match[1]}" + (": " if match[2] else ""), text)


class Difference:
    def __init__(self, schema: Schema, old: str, new: str) -> None:
        self.schema = schema
        self.present = Present(schema)
        self.names = (old, new)
        self.ends = {axis: (schema.version_index(axis, old), schema.version_index(axis, new))
                     for axis in AXES[1:]}
        closed = {axis: sorted({end for end in ends if end}) for axis, ends in self.ends.items()}
        closed["release"] = list(range(1, len(schema.versions["release"])))
        self.cells = Cells(schema, closed)

    def table(self) -> str:
        rows = [[self.names[0] if name == "OLD" else self.names[1] if name == "NEW" else name for name in HEAD]]
        for name in self.present.names():
            parent = self.present.parent(name)
            above = self.present.members(parent) if parent else {}
            for member, prop in self.present.members(name).items():
                inherited = above.get(member)
                if self.is_own(name, prop, inherited):
                    rows += self.rows(name, prop)
        if len(rows) == 1:
            return ""
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
        return "".join("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() + "\n" for row in rows)

    def is_own(self, name: str, prop: Prop, inherited: Prop | None) -> bool:
        """Not what a parent or an embedded class has just so: it is reported there."""
        if inherited is not None and inherited.default == prop.default:
            return False
        one = self.schema.classes.get(name)
        for embed in one.embeds if isinstance(one, Class) else ():
            if any(child.member is prop.member and child.default == prop.default
                   for child in self.present.members(embed.class_name).values()):
                return False
        return True

    def rows(self, name: str, prop: Prop) -> list[list[str]]:
        timeline = prop.default
        if timeline is None or not timeline.axis or not all(
                self.ends["machine" if timeline.axis == "release" else timeline.axis]):
            return []
        old, new = self.ends["machine" if timeline.axis == "release" else timeline.axis]
        releases = self.releases(timeline)
        found: dict[Key, list[str]] = {}
        reported: dict[Key, tuple[str, str]] = {}
        for key in self.cells.keys(timeline):
            if key.release:
                continue
            nodes = self.cells.nodes(key)
            if old not in nodes or new not in nodes:
                continue
            before, after = (self.cells.cell(prop, key._replace(release=release), version)
                             for release, version in zip(releases, (old, new)))
            wider = [key._replace(features=()), *list(key.wider())[1:]]
            same = next((reported[each] for each in wider if each in reported), ("", ""))
            reported[key] = (before.text, after.text)
            if before.text != after.text and same != reported[key]:
                entry = next((one for one in after.entries if old < one.since <= new or one.release), None)
                found[key] = [name, prop.member.name, scope_words(key), cell_words(before.text), cell_words(after.text),
                              *self.words(entry, timeline.axis)]
        return list(found.values())

    def releases(self, timeline: Timeline) -> list[str]:
        """The releases of the two versions, as far as values change with them."""
        known = self.cells.epochs(timeline)
        names = ["", *(version.name for version in self.schema.versions["release"][1:])]
        return [max((each for each in known if names.index(each) <= end), key=names.index) for end in self.ends["release"]]

    def words(self, entry: Entry | None, axis: str) -> list[str]:
        if entry is None:
            return ["", "", ""]
        file = self.schema.places.name(entry.where.file)
        return [dates_text(self.schema, axis, entry), f"{file}:{entry.where.line}", entry.why]
