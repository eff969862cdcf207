# SPDX-License-Identifier: MIT
"""Buses: types, those that classes provide, and what they ask of members."""

from __future__ import annotations

from collections.abc import Mapping

from qapigen.history import Life
from qapigen.model import BUS_COUNT, BUS_DEPTH, LAYER_UNITS, BusType, Class, ProvidedBus, Schema
from qapigen.parse import Node
from qapigen.parts import flag, range_of, targets_of
from qapigen.qom import QOM_KEYS, qom_parts
from qapigen.shape import Shape
from qapigen.source import SchemaError, suggestion
from qapigen.timelines import text_of, texts_of

MODELS = ("own", "none")


def bus_type(shape: Shape, doc: str, life: Life | None) -> BusType:
    node = shape.node
    shape.keys(node, "bus", ("bus",), ("parent", "stem", "address", "model", "identity", "life", *QOM_KEYS))
    texts = {key: text_of(shape, node[key], f"'{key}'") for key in ("parent", "stem", "model", "identity") if key in node}
    model = texts.get("model", "own")
    if model not in MODELS:
        raise shape.error(f"unknown model '{model}'{suggestion(model, MODELS)}", node["model"].where)
    address = tuple(texts_of(shape, node["address"], "'address'")) if "address" in node else ()
    if len(address) > BUS_DEPTH:
        raise shape.error(f"'address' has more than {BUS_DEPTH} parts", node["address"].where)
    return BusType(shape.name, node.where, LAYER_UNITS["device"], doc, parent=texts.get("parent", ""),
                   stem=texts.get("stem", ""), address=address, own_rules=model == "own",
                   identity=texts.get("identity", ""),
                   abstract=flag(shape, node, "abstract"), targets=targets_of(shape, node), life=life, **qom_parts(shape))


def check_parent(shape: Shape, schema: Schema) -> None:
    parent = schema.buses[shape.name].parent
    if parent and parent not in schema.buses:
        raise shape.error(f"unknown parent '{parent}'{suggestion(parent, schema.buses)}", shape.node["parent"].where)


def provided_bus(shape: Shape, item: Node, buses: dict[str, BusType]) -> ProvidedBus:
    what = "'provides-bus'"
    shape.keys(item, what, ("type", "name"), ("slots", "reserved", "hotplug", "count", "as-many-as", "when"))
    kind = text_of(shape, item["type"], "'type'")
    if kind not in buses:
        raise shape.error(f"unknown bus type '{kind}'{suggestion(kind, buses)}", item["type"].where)
    name = text_of(shape, item["name"], "'name'")
    count = item["count"].value if "count" in item else 1
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= BUS_COUNT:
        raise shape.error(f"'count' is a number from 1 to {BUS_COUNT}", item["count"].where)
    if count > 1 and "{n}" not in name:
        raise shape.error("buses that are more than one have '{n}' in their name", item["name"].where)
    reserved = []
    for address, by in item["reserved"].items() if "reserved" in item else ():
        if by.is_dict:
            shape.keys(by, f"reserved '{address}'", ("by", "when"), ())
            reserved.append((address, text_of(shape, by["by"], "'by'"), text_of(shape, by["when"], "'when'")))
        else:
            reserved.append((address, text_of(shape, by, "the occupant"), ""))
    return ProvidedBus(
        kind, name, item.where, slots_of(shape, item, address_of(kind, buses)), tuple(reserved),
        flag(shape, item, "hotplug"), count,
        tuple(texts_of(shape, item["as-many-as"], "'as-many-as'")) if "as-many-as" in item else (),
        text_of(shape, item["when"], "'when'") if "when" in item else "")


def address_of(kind: str, buses: dict[str, BusType]) -> tuple[str, ...]:
    while kind in buses:
        if buses[kind].address:
            return buses[kind].address
        kind = buses[kind].parent
    return ()


def slots_of(shape: Shape, item: Node, address: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """One range, or one for each part of the bus type's address."""
    node = item.get("slots")
    if node is None:
        return ()
    if not node.is_dict:
        if len(address) > 1:
            raise shape.error(f"'slots' has a range for each of {', '.join(address)}", node.where)
        ranges = [range_of(shape, item, "slots") or (0, 0)]
    else:
        shape.keys(node, "'slots'", address, ())
        ranges = [range_of(shape, node, name) or (0, 0) for name in address]
    for first, last in ranges:
        if first < 0 or last > 0xFFFFFFFF:
            raise shape.error("a slot is a number from 0 to 4294967295", node.where)
    return tuple(ranges)


def said(bus: ProvidedBus) -> str:
    """For people: slots, who has them, and when there is such a bus."""
    text = "" if bus.count == 1 else f", {bus.count} of them"
    text += "".join(f", slots {first} to {last}" for first, last in bus.slots)
    if bus.as_many_as:
        text += ", as many as " + " or ".join(f"'{name}'" for name in bus.as_many_as) + " says"
    text += "".join(f", {address} is {by}{condition(when, ' if ')}" for address, by, when in bus.reserved)
    return text + condition(bus.when, "; there is one if ")


def condition(text: str, before: str) -> str:
    return f"{before}{'not ' * text.startswith('!')}'{text.lstrip('!')}'" if text else ""


def check_buses(schema: Schema, one: Class, props: Mapping[str, object]) -> None:
    """What buses ask of those who provide them and of those who plug in; when all members are known."""
    for bus in one.buses:
        for text in (*bus.as_many_as, *bus.conditions()):
            name = text.lstrip("!")
            if name not in props:
                raise SchemaError(bus.where, f"In class '{one.name}': bus '{bus.name}' depends on unknown member "
                                  f"'{name}'{suggestion(name, props)}")
    plug = next((each.plugs_into for each in schema.ancestry(one.name) if each.plugs_into), "")
    for name in address_of(plug, schema.buses) if plug and not one.abstract else ():
        if name not in props:
            raise SchemaError(one.where, f"In class '{one.name}': it plugs into '{plug}' and has no member '{name}', "
                              "which says where")
