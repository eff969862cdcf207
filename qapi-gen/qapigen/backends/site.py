# SPDX-License-Identifier: MIT
"""The site: what a schema says as data, once, for pages that the browser renders (qapi-gen/site)."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from qapigen.backends.reference import is_shown
from qapigen.classes import props_of
from qapigen.history import Entry, Life, Timeline
from qapigen.life import STAGES
from qapigen.model import AXES, TARGETS, Alternate, Class, Command, Enum, Member, Option, Scalar, Schema, Struct, Type, Union
from qapigen.source import Where

FILES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "site")


def render(schema: Schema, directory: str = "") -> dict[str, str]:
    """{file name: text}: the data, and the pages that show it.  @directory: of the chapters, beside whose pages these are."""
    all_of = {**Data(schema).all(), **(chapters(directory) if directory else {})}
    data = json.dumps(all_of, separators=(",", ":"), ensure_ascii=False)
    pages = {"data.js": f"const DATA = {data};\n"}
    for name in sorted(os.listdir(FILES)):
        with open(os.path.join(FILES, name), encoding="utf-8") as stream:
            pages[name] = stream.read()
    return pages


def chapters(directory: str) -> dict[str, Any]:
    """What can be found in chapters: their sections, and the classes of errors, which a table of a section 'Errors' lists."""
    sections: list[dict[str, str]] = []
    errors: list[dict[str, str]] = []
    for folder, _, names in sorted(os.walk(directory)):
        for name in sorted(name for name in names if name.endswith(".md") and name[0].islower() and os.sep + "man" not in folder):
            page = os.path.relpath(os.path.join(folder, name), directory).removesuffix(".md")
            title = section = ""
            with open(os.path.join(folder, name), encoding="utf-8") as stream:
                text = re.sub(r"^```.*?^```$", "", stream.read(), flags=re.MULTILINE | re.DOTALL)
            for line in text.splitlines():
                head = re.match(r"(#{1,3}) (.*)", line)
                if head:
                    section = head[2].replace("`", "")
                    title = title or section
                    anchor = re.sub(r"[^\w -]", "", section.lower()).replace(" ", "-")
                    href = f"../{page}.html" + (f"#{anchor}" if head[1] != "#" else "")
                    sections.append({"n": section, "d": title, "href": href})
                row = re.match(r"\| `(\w+)` \| (.*) \|$", line)
                if row and section == "Errors":
                    errors.append({"n": row[1], "d": row[2].replace("`", ""), "href": sections[-1]["href"]})
    return {"chapters": sections, "errors": errors}


class Data:
    """Equal histories are one; an object lacks the keys of what it does not have."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.histories: list[dict[str, Any]] = []
        self.known: dict[str, int] = {}

    def all(self) -> dict[str, Any]:
        schema = self.schema
        return {"program": schema.program,
                "axes": {axis: [version.name for version in schema.versions[axis]] for axis in AXES[1:]},
                "classes": [self.of_class(one) for one in schema.classes.values()],
                "options": [self.option(one) for one in schema.options.values()],
                "commands": [self.message(one, "arg") for one in schema.commands.values()],
                "events": [self.message(one, "arg") for one in schema.events.values()],
                "human": [kept({"n": one.name, "d": one.doc}) for one in schema.hmps.values()],
                "features": [{"n": one.name, "d": one.doc, "since": one.since, "w": self.place(one.where)}
                             for one in schema.features.values()],
                "types": [self.type(kind) for kind in schema.types.values() if is_shown(kind)],
                "histories": self.histories}

    def place(self, where: Where) -> str:
        return f"{self.schema.places.name(where.file)}:{where.line}"

    def life(self, life: Life | None) -> dict[str, Any]:
        if not life:
            return {}
        names = self.schema.versions["release"]
        spans = {stage: [names[index].name for index in dict.fromkeys(getattr(life, stage))]
                 for stage in STAGES if getattr(life, stage)[0]}
        return {"life": kept({**spans, "why": life.why})}

    def targets(self, mask: int) -> list[str]:
        return [name for bit, name in enumerate(TARGETS) if mask >> bit & 1]

    # ---- classes

    def of_class(self, one: Class) -> dict[str, Any]:
        fresh = props_of(self.schema).fresh(one.name)
        place = self.place(one.where)
        folder = place.split("/")
        machine = {"versions": [one.version_from, one.version_to], "user": one.machine_name or one.name} if one.is_machine else {}
        return kept({
            "n": one.name, "d": one.doc, "l": one.layer, "p": one.parent, "w": place, "a": one.abstract,
            "category": folder[1] if len(folder) > 2 else folder[-1].split(".")[0], "model": one.model,
            "hidden": not one.user_creatable, "tag": one.tag, "bus": one.plugs_into, **machine,
            "aliases": [alias.name for alias in one.aliases], "targets": self.targets(self.schema.targets_of(one)),
            "embeds": [embed.class_name for embed in one.embeds], **self.life(one.life),
            "m": [self.member(prop.member, prop.default, prop.owner) for prop in fresh.values()]})

    def member(self, member: Member, default: Timeline | None, owner: str = "") -> dict[str, Any]:
        kind = f"class<{member.class_base}>" if member.class_base else member.type
        traits = [what for holds, what in (
            (not member.optional, "required"), (member.non_empty, "not empty"), (member.unique, "unique in a VM"),
            (member.power_of_two, "0 or a power of two"), (bool(member.alias_of), f"alias of {member.alias_of}"),
            (bool(member.derive), "derived from " + ", ".join(member.derive.inputs if member.derive else ()))) if holds]
        traits += [feature.name for feature in member.features]
        return kept({
            "n": member.name, "d": member.doc, "t": f"list of {kind}" if member.is_list else kind, "o": owner,
            "range": list(member.range or ()), "ref": member.ref.target if member.ref else "", "traits": traits,
            "absent": member.absent_means, "w": self.place(member.where), "on": self.targets(member.targets),
            "h": self.history(default) if default else 0, **self.life(member.life)})

    def history(self, timeline: Timeline) -> int:
        """Its number, from 1."""
        value = kept({"axis": timeline.axis, "w": self.place(timeline.where),
                      "e": [self.entry(entry) for entry in timeline.entries]})
        key = json.dumps(value)
        if key not in self.known:
            self.histories.append(value)
            self.known[key] = len(self.histories)
        return self.known[key]

    def entry(self, entry: Entry) -> dict[str, Any]:
        return {"v": None if entry.absent else entry.value, **kept({
            "absent": entry.absent, "since": entry.since, "release": entry.release, "why": entry.why,
            "w": self.place(entry.where),
            "family": entry.scope.family, "accel": entry.scope.accel, "on": self.targets(entry.scope.targets),
            "needs": list(entry.needs), "from": list(entry.derive.inputs) if entry.derive else [],
            "erratum": f"releases {', '.join(entry.erratum.releases)} had {json.dumps(entry.erratum.had)}: {entry.erratum.why}"
                       if entry.erratum and entry.erratum.releases else ""})}

    # ---- the rest

    def option(self, one: Option) -> dict[str, Any]:
        return kept({"n": one.name, "d": one.doc, "t": one.type, "root": one.creates, "metavar": one.metavar,
                     "group": self.schema.groups.get(one.group, ""), "aliases": list(one.aliases), "w": self.place(one.where),
                     "on": self.targets(one.targets), **self.life(one.life)})

    def message(self, one: Any, key: str) -> dict[str, Any]:
        """A command or an event, with its members."""
        kind = getattr(one, key)
        members = self.schema.all_members(kind) if isinstance(self.schema.types.get(kind), (Struct, Union)) else ()
        result = {}
        if isinstance(one, Command):
            result = {"ret": f"list of {one.ret}" if one.ret_list else one.ret, "root": one.creates}
        return kept({"n": one.name, "d": one.doc, "w": self.place(one.where), "served": one.served_by, **result,
                     "m": [self.member(member, member.default) for member in members], **self.life(one.life)})

    def type(self, kind: Type) -> dict[str, Any]:
        result: dict[str, Any] = {"n": kind.name, "d": kind.doc, "w": self.place(kind.where), "k": type(kind).__name__.lower()}
        if isinstance(kind, Enum):
            result["values"] = [kept({"n": value.name, "d": value.doc}) for value in (*kind.values, *kind.others)]
        elif isinstance(kind, Scalar):
            result |= {"of": kind.of, "range": list(kind.range or ()), "values": [{"n": name} for name, _ in kind.names]}
        elif isinstance(kind, Alternate):
            result["branches"] = [[branch.name, branch.type] for branch in kind.branches]
        else:
            result["m"] = [self.member(member, member.default) for member in self.schema.all_members(kind.name)]
            if isinstance(kind, Union):
                result["branches"] = [[branch.name, branch.type] for branch in kind.branches]
        return kept(result)


def kept(value: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty."""
    return {key: each for key, each in value.items() if each not in ("", 0, None, False) and each != [] and each != {}}
