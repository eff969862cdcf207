# SPDX-License-Identifier: MIT
"""Rules of a class for the settled values of its objects."""

from __future__ import annotations

from qapigen.parse import Node
from qapigen.parts import range_of
from qapigen.record import dataclass
from qapigen.shape import Shape
from qapigen.source import Where
from qapigen.timelines import text_of, texts_of

# What a rule demands; one without is broken when its conditions hold.
DEMANDS = ("range", "length", "values", "at-most", "multiple-of", "power-of-two", "given", "together", "share",
           "blocks-migration", "needs-file")
FLAGS = ("power-of-two", "together", "blocks-migration")
WHOLE = ("share", "blocks-migration")   # about the object, not about members
GUARDS = ("when", "unless")
NO_LIMITS = (0, 0)


@dataclass(frozen=True)
class Rule:
    """For the settled values of an object.  @inputs and the names in @guards are inputs as those of a derivation."""

    demand: str                     # as 'range'; empty: the conditions are wrong together
    inputs: tuple[str, ...]         # of 'at-most' and 'multiple-of' also the limit
    limits: tuple[int, int]
    values: tuple[str, ...]
    guards: tuple[str, ...]         # pairs: an input, with '!' before it for 'unless', and a pattern
    why: str
    where: Where


def rules_of(shape: Shape) -> tuple[Rule, ...]:
    node = shape.node.get("rules")
    if node is None:
        return ()
    if not node.is_list or not node.value:
        raise shape.error("'rules' must be an array of rules", node.where)
    return tuple(rule_of(shape, item) for item in node.value)


def rule_of(shape: Shape, item: Node) -> Rule:
    if not item.is_dict:
        raise shape.error("a rule must be an object", item.where)
    shape.keys(item, "a rule", (), ("of", *DEMANDS, "number", *GUARDS, "why"))
    demands = [key for key in DEMANDS if key in item]
    if len(demands) > 1:
        raise shape.error(f"a rule has '{demands[0]}' or '{demands[1]}'", item.where)
    demand = demands[0] if demands else ""
    if demand and demand != "needs-file" and (demand in WHOLE) == ("of" in item):
        raise shape.error("a rule names members in 'of', unless it is about a 'share' or 'blocks-migration'", item.where)
    if "number" in item and demand != "share":
        raise shape.error("only a 'share' has a 'number'", item["number"].where)
    if bool(demand) == ("why" in item):
        raise shape.error("a rule demands something, or says 'why' its conditions are wrong", item.where)
    if not demand and not any(guard in item for guard in GUARDS):
        raise shape.error("a rule without 'when' and 'unless' demands something", item.where)
    of = item.get("of")
    inputs = () if of is None else tuple(texts_of(shape, of, "'of'")) if of.is_list else (text_of(shape, of, "'of'"),)
    if len(inputs) > 1 and demand not in ("given", "together"):
        raise shape.error("only rules with 'given' and 'together' are of several members", item.where)
    if demand in FLAGS and item[demand].value is not True:
        raise shape.error(f"'{demand}' must be true", item[demand].where)
    if demand in ("at-most", "multiple-of"):
        inputs += (text_of(shape, item[demand], f"'{demand}'"),)
    limits = NO_LIMITS
    if demand in ("range", "length", "given"):
        limits = range_of(shape, item, demand) or NO_LIMITS
    elif demand == "share":
        limits = (0, number_of(shape, item))
    values: tuple[str, ...] = (text_of(shape, item[demand], f"'{demand}'"),) if demand in ("share", "needs-file") else ()
    if demand == "values":
        values = tuple(pattern_text(shape, each) for each in listed(item["values"]))
    return Rule(demand, tuple(map(as_input, inputs)), limits, values, guards_of(shape, item),
                text_of(shape, item["why"], "'why'") if "why" in item else "", item.where)


def guards_of(shape: Shape, item: Node) -> tuple[str, ...]:
    texts: list[str] = []
    for guard in GUARDS:
        if guard not in item:
            continue
        if not item[guard].is_dict:
            raise shape.error(f"'{guard}' must be an object, a pattern by member", item[guard].where)
        for name, pattern in item[guard].items():
            texts += ["!" * (guard == "unless") + as_input(name),
                      "|".join(pattern_text(shape, each) for each in listed(pattern))]
    return tuple(texts)


def listed(node: Node) -> list[Node]:
    return list(node.value) if node.is_list else [node]


def number_of(shape: Shape, item: Node) -> int:
    """How many objects may have the share."""
    if "number" not in item:
        return 1
    node = item["number"]
    if not isinstance(node.value, int) or isinstance(node.value, bool) or node.value < 1:
        raise shape.error("'number' must be an integer of at least 1", node.where)
    return node.value


def pattern_text(shape: Shape, node: Node) -> str:
    """A value as JSON has it, without quotes; null is for an absent value."""
    value = node.value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or not value or "|" in value:
        raise shape.error("a pattern is a text, an integer, a bool, null, or a list of these", node.where)
    return value


def as_input(name: str) -> str:
    """A plain name is that of a member of the class."""
    return name if name.startswith(("/machine/", "ref:", "bus:", "given.")) or name == "accel" else f"self.{name}"
