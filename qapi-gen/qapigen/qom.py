# SPDX-License-Identifier: MIT
"""Types of QOM that no text configures, and the interfaces that types implement."""

from __future__ import annotations

from typing import Any

from qapigen.history import Life
from qapigen.model import UNITS, BusType, Class, QomType, Schema
from qapigen.parse import Node
from qapigen.parts import flag, targets_of
from qapigen.shape import Shape
from qapigen.source import SchemaError, suggestion
from qapigen.timelines import text_of, texts_of

# Keys of a definition that is a type of QOM.
QOM_KEYS = ("abstract", "implements", "targets", "unlisted")


def qom_parts(shape: Shape) -> dict[str, Any]:
    """What 'implements' and 'unlisted' say."""
    node = shape.node
    return {"implements": tuple(texts_of(shape, node["implements"], "'implements'")) if "implements" in node else (),
            "unlisted": flag(shape, node, "unlisted")}


def qom_type(shape: Shape, unit: str, doc: str, life: Life | None) -> QomType:
    node = shape.node
    if shape.meta == "interface":
        shape.keys(node, "interface", ("interface",), ("targets", "life"))
        return QomType(shape.name, node.where, unit, doc, parent="interface", is_interface=True, abstract=True,
                       targets=targets_of(shape, node), life=life)
    shape.keys(node, "qom-type", ("qom-type",), ("parent", "abstract", "implements", "targets", "life"))
    parent = text_of(shape, node["parent"], "'parent'") if "parent" in node else ""
    return QomType(shape.name, node.where, unit, doc, parent=parent, abstract=flag(shape, node, "abstract"),
                   implements=qom_parts(shape)["implements"], targets=targets_of(shape, node), life=life)


class QomTree:
    """Checks parents and interfaces over all kinds of types."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def find(self, name: str) -> QomType | BusType | Class | None:
        return self.schema.qom_types.get(name) or self.schema.buses.get(name) or self.schema.classes.get(name)

    def check(self, shape: Shape) -> None:
        node = shape.node
        known: dict[str, QomType | BusType | Class | None] = {
            "bus": self.schema.buses.get(shape.name), "qom": self.schema.qom_types.get(shape.name),
            "class": self.schema.classes.get(shape.name)}
        one = known[{"interface": "qom", "qom-type": "qom", "bus": "bus"}.get(shape.meta, "class")]
        assert one
        if isinstance(one, QomType) and sum(each is not None for each in known.values()) > 1:
            raise shape.error("a class or bus type has this name")
        if isinstance(one, QomType) and one.parent and not one.is_interface:
            self.check_parent(shape, one, node["parent"])
        if not isinstance(one, QomType) and one.unlisted and not one.abstract and not isinstance(one, BusType):
            raise shape.error("only an abstract class is 'unlisted'", node["unlisted"].where)
        if isinstance(one, Class) and one.qom_parent:
            other = self.schema.classes.get(one.qom_parent)
            if other is None:
                raise shape.error(f"unknown parent class '{one.qom_parent}'{suggestion(one.qom_parent, self.schema.classes)}",
                                  node["qom-parent"].where)
            if other.unlisted or one.name in self.ancestry(other):
                raise shape.error(f"'{one.qom_parent}' cannot be its parent: it is unlisted, or descends from '{one.name}'",
                                  node["qom-parent"].where)
        if one.implements:
            self.check_interfaces(shape, one, node["implements"])

    def ancestry(self, one: QomType | BusType | Class | None) -> list[str]:
        """The type and its ancestors in QOM, to the first that is there twice."""
        names: list[str] = []
        while one is not None and one.name not in names:
            names.append(one.name)
            one = self.find(parent_of(one))
        return names

    def check_parent(self, shape: Shape, one: QomType, node: Node) -> None:
        if self.find(one.parent) is None:
            known = (*self.schema.qom_types, *self.schema.buses, *self.schema.classes)
            raise shape.error(f"unknown parent '{one.parent}'{suggestion(one.parent, known)}", node.where)
        if one.name in self.ancestry(self.find(one.parent)):
            raise shape.error(f"type '{one.name}' is its own ancestor", node.where)

    def check_interfaces(self, shape: Shape, one: QomType | BusType | Class, node: Node) -> None:
        above = self.inherited(one)
        for item in node.value:
            name = str(item.value)
            interface = self.schema.qom_types.get(name)
            if interface is None or not interface.is_interface:
                known = [each.name for each in self.schema.qom_types.values() if each.is_interface]
                raise shape.error(f"unknown interface '{name}'{suggestion(name, known)}", item.where)
            if UNITS.index(interface.unit) > UNITS.index(one.unit):
                raise shape.error(f"interface '{name}' belongs to {interface.unit}/, which is above", item.where)
            if name in above:
                raise shape.error(f"it implements '{name}' already, as '{above[name]}' does", item.where)
            above[name] = one.name

    def inherited(self, one: QomType | BusType | Class) -> dict[str, str]:
        """The interfaces of its ancestors, with the nearest that has each."""
        result: dict[str, str] = {}
        for name in self.ancestry(one)[1:]:
            above = self.find(name)
            for interface in above.implements if above else ():
                result.setdefault(interface, name)
        return result


def parent_of(one: QomType | BusType | Class) -> str:
    """In QOM, where all bus types descend from 'bus'."""
    if isinstance(one, Class) and one.qom_parent:
        return one.qom_parent
    return one.parent or ("bus" if isinstance(one, BusType) else "")


def interfaces_of(schema: Schema, one: QomType | BusType | Class) -> list[str]:
    """All interfaces, those of the ancestors too."""
    return sorted({*one.implements, *QomTree(schema).inherited(one)})


def check_tree(schema: Schema, shape: Shape) -> None:
    QomTree(schema).check(shape)
