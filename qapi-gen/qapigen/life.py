# SPDX-License-Identifier: MIT
"""The life of a name: the releases that introduced, deprecated and removed it."""

from __future__ import annotations

from qapigen.history import Life
from qapigen.model import Schema, Version
from qapigen.parse import Node
from qapigen.reasons import Reasons
from qapigen.shape import Shape
from qapigen.source import suggestion

STAGES = ("introduced", "deprecated", "removed")
RETIRES = STAGES[1:]


def release_index(shape: Shape, schema: Schema, name: str, node: Node) -> int:
    index = schema.version_index("release", name)
    if not index:
        known = [version.name for version in schema.versions["release"][1:]]
        raise shape.error(f"version '{name}' is not on the release axis{suggestion(name, known)}", node.where)
    return index


def life_of(shape: Shape, schema: Schema, reasons: Reasons, owner: Node) -> Life | None:
    """Of 'life' of @owner: a definition or a member."""
    node = owner.get("life")
    if node is None:
        return None
    if not node.is_dict:
        raise shape.error("'life' must be an object", node.where)
    shape.keys(node, "'life'", (), (*STAGES, "why"))
    spans = {stage: span_of(shape, schema, stage, node[stage]) for stage in STAGES if stage in node}
    if not spans:
        raise shape.error("'life' states 'introduced', 'deprecated' or 'removed'", node.where)
    ordered = list(spans.items())
    for (one, before), (other, after) in zip(ordered, ordered[1:]):
        if after[1] < before[0]:
            raise shape.error(f"'life': it was {other} before it was {one}", node[other].where)
    ends = any(stage in node for stage in RETIRES)
    why = reasons.text(shape, node["why"]) if "why" in node else ""
    if ends != bool(why):
        raise shape.error("'life': state 'why' it was deprecated or removed" if ends else
                          "'life': 'why' is of what was deprecated or removed", node.where)
    return Life(why=why, **spans)


def span_of(shape: Shape, schema: Schema, stage: str, node: Node) -> tuple[int, int]:
    """'9.2', or '8.0..11.1': in one of these releases."""
    if not node.is_str:
        raise shape.error(f"'{stage}' must be a release, or a range such as '8.0..8.2'", node.where)
    first, dots, last = node.value.partition("..")
    begin = release_index(shape, schema, first, node)
    end = release_index(shape, schema, last, node) if dots else begin
    if dots and end <= begin:
        raise shape.error(f"'{stage}': '{node.value}' ends before it begins", node.where)
    return begin, end


def span_text(schema: Schema, span: tuple[int, int]) -> str:
    first, last = (schema.versions["release"][index].name for index in span)
    return first if first == last else f"{first}..{last}"


def retires_of(shape: Shape, schema: Schema, reasons: Reasons, node: Node) -> tuple[dict[str, tuple[int, int]], str]:
    """The rule of an axis of machine versions, STAGE: { 'after': N major releases, 'from': RELEASE }, and its reason."""
    if not node.is_dict:
        raise shape.error("'retires' must be an object", node.where)
    shape.keys(node, "'retires'", (*RETIRES, "why"), ())
    rule = {}
    for stage in RETIRES:
        item = node[stage]
        if not item.is_dict:
            raise shape.error(f"'{stage}' of 'retires' must be an object", item.where)
        shape.keys(item, f"'{stage}' of 'retires'", ("after", "from"), ())
        years = item["after"].value
        if not isinstance(years, int) or isinstance(years, bool) or years < 1:
            raise shape.error("'after' is a number of major releases", item["after"].where)
        rule[stage] = (years, release_index(shape, schema, str(item["from"].value), item["from"]))
    return rule, reasons.text(shape, node["why"])


def retirement(schema: Schema, version: Version) -> Life | None:
    """The end of a machine version, by the rule of the axis."""
    ends = {stage: end_of(schema, version, stage) for stage in schema.retires}
    return Life(why=schema.retires_why, **{stage: (end, end) for stage, end in ends.items()}) if any(ends.values()) else None


def end_of(schema: Schema, version: Version, stage: str) -> int:
    """The release with which a machine version is deprecated or removed; 0: none yet."""
    years, earliest = schema.retires[stage]
    name = schema.versions["machine"][version.bugfix_of].name if version.bugfix_of else version.name
    numbers = [int(part) for part in name.split(".")[:2]]
    end = (numbers[0] + years, numbers[1] if len(numbers) > 1 else 0)
    for index in range(earliest, len(schema.versions["release"])):
        parts = [int(part) for part in schema.versions["release"][index].name.split(".")]
        if (parts[0], parts[1]) >= end:
            return index
    return 0
