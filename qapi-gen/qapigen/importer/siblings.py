# SPDX-License-Identifier: MIT
"""Classes that are ways to one device, and where they do not agree: it takes a word why."""

from __future__ import annotations

from qapigen.importer.settle import Settler
from qapigen.importer.tree import Node


class Siblings:
    def __init__(self, settler: Settler) -> None:
        self.settler = settler
        self.differing: dict[str, set[str]] = {}        # class: members
        groups: dict[str, list[Node]] = {}
        for node in settler.tree.nodes.values():
            if node.concrete:
                for kind in self.embedded(node):
                    groups.setdefault(kind, []).append(node)
        for group in groups.values():
            for index, one in enumerate(group):
                for other in group[:index]:
                    if related(one, other) and not (one.known and other.known):
                        self.compare(one, other)

    def embedded(self, node: Node) -> set[str]:
        known = {each.name for each in node.ancestry() if each.known}
        classes = self.settler.tree.schema.classes
        return {embed.class_name for name in known for embed in classes[name].embeds} | {
            one.kind for each in node.ancestry() for one in each.embeds.values()}

    def compare(self, one: Node, other: Node) -> None:
        for prop in self.stated(one) | self.stated(other):
            histories = [self.settler.resolved(each.name, prop) for each in (one, other)]
            if all(histories) and histories[0] != histories[1]:
                stating = [each for each in (one, other) if prop in self.settler.restated.get(each.name, {})] or [one, other]
                for each in stating:
                    if not each.known:
                        self.differing.setdefault(each.name, set()).add(prop)

    def stated(self, node: Node) -> set[str]:
        return {prop for each in node.ancestry() for prop in self.settler.restated.get(each.name, {}) if prop != "hotpluggable"}


def related(one: Node, other: Node) -> bool:
    mine, theirs = ([each.name for each in node.ancestry() if each.parent] for node in (one, other))
    return other.name not in mine and one.name not in theirs and not set(mine).isdisjoint(theirs)
