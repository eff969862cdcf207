# SPDX-License-Identifier: MIT
"""Errata: entries that correct values of closed versions."""

from __future__ import annotations

import json
import re

from qapigen.history import Entry, Erratum
from qapigen.model import Schema
from qapigen.parse import Node
from qapigen.reasons import Reasons
from qapigen.shape import Shape
from qapigen.source import suggestion

RELEASE = re.compile(r"\d+(\.\d+)+$")


def erratum_of(shape: Shape, schema: Schema, reasons: Reasons, axis: str, name: str, entry: Node) -> Erratum:
    """The 'erratum' of an @entry in the history of @name."""
    node = entry["erratum"]
    if not node.is_dict:
        raise shape.error("'erratum' must be an object", node.where)
    shape.keys(node, "'erratum'", ("why",), ("releases", "had", "recorded"), node.where)
    if ("recorded" in node) == ("releases" in node or "had" in node) or ("releases" in node) != ("had" in node):
        raise shape.error(f"default of '{name}': an erratum has 'releases' and 'had', or 'recorded'", node.where)
    why = reasons.text(shape, node["why"]) if node["why"].is_str else ""
    if not why:
        raise shape.error(f"default of '{name}': an erratum must say 'why'", node["why"].where)
    had = node["recorded" if "recorded" in node else "had"]
    absent = had.is_dict and "absent" in had
    if had.is_dict:
        if len(had.value) != 1 or not ({"absent", "value"} & had.value.keys()) or (
                absent and had["absent"].value is not True):
            raise shape.error(f"default of '{name}': 'had' is a literal, {{ 'value': … }} or "
                              "{ 'absent': true }", had.where)
        had = had["absent" if absent else "value"]
    since = entry["since"].value if "since" in entry else ""
    newest = len(schema.versions[axis]) - 1
    if since and schema.version_index(axis, since) == newest:
        raise shape.error(f"default of '{name}': version '{since}' is open, so nothing was released with "
                          "another value: change the entry, and drop its 'erratum'", node.where)
    releases = releases_of(shape, schema, axis, name, node["releases"], since) if "releases" in node else ()
    return Erratum(releases, None if absent else had.plain(), why, absent)


def releases_of(shape: Shape, schema: Schema, axis: str, name: str, node: Node, since: str) -> tuple[str, ...]:
    if not node.is_list or not node.value or not all(item.is_str for item in node.value):
        raise shape.error(f"default of '{name}': 'releases' must be an array of releases, such as "
                          "'8.1.0..8.1.3'", node.where)
    for item in node.value:
        ends = item.value.split("..")
        if len(ends) > 2 or not all(RELEASE.match(end) for end in ends):
            raise shape.error(f"default of '{name}': '{item.value}' is neither a release nor a range such as "
                              "'8.1.0..8.1.3'", item.where)
        for end in ends:
            check_release(shape, schema, axis, name, end, item)
        if number(ends[-1]) < number(ends[0]):
            raise shape.error(f"default of '{name}': '{item.value}' ends before it begins", item.where)
        if since and schema.version_index(axis, version_of(schema, axis, ends[0])) < schema.version_index(axis, since):
            raise shape.error(f"default of '{name}': release '{ends[0]}' is older than version '{since}', so it can't "
                              "have had another value for it", item.where)
    return tuple(item.value for item in node.value)


def check_release(shape: Shape, schema: Schema, axis: str, name: str, release: str, item: Node) -> None:
    version = version_of(schema, axis, release)
    if not version:
        known = [one.name for one in schema.versions[axis][1:]]
        raise shape.error(f"default of '{name}': release '{release}' is of no version on the {axis} axis"
                          f"{suggestion(release, known)}", item.where)
    if schema.version_index(axis, version) == len(schema.versions[axis]) - 1:
        raise shape.error(f"default of '{name}': version '{version}' is open, so '{release}' is not released yet",
                          item.where)


def version_of(schema: Schema, axis: str, release: str) -> str:
    """The version whose release it is: 8.1 of 8.1.3; none: empty."""
    parts = release.split(".")
    for count in (len(parts), len(parts) - 1):
        if schema.version_index(axis, ".".join(parts[:count])):
            return ".".join(parts[:count])
    return ""


def why_text(entry: Entry) -> str:
    """Why an entry has its value, and what affected releases had."""
    erratum = entry.erratum
    if erratum is None or not erratum.releases:
        return entry.why
    had = "no value" if erratum.had_absent else json.dumps(erratum.had, ensure_ascii=False)
    plural = len(erratum.releases) > 1 or ".." in erratum.releases[0]
    releases = " and ".join(filter(None, (", ".join(erratum.releases[:-1]), erratum.releases[-1])))
    text = f"{'releases' if plural else 'release'} {releases} had {had}: {erratum.why}"
    return f"{entry.why}; {text}" if entry.why else text


def number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
