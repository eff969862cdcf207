# SPDX-License-Identifier: MIT
"""Models that build on each other: of many siblings, each says only what the one most alike does not."""

from __future__ import annotations

import re

from qapigen.importer.history import History
from qapigen.importer.settle import Settler, weight
from qapigen.importer.tree import Node

# Fewer words are not worth a detour.
WORTH = 6
VERSION = re.compile(r"(.*?)-v([0-9]+)(-.*)?")
Words = dict[str, History]


class Likes:
    def __init__(self, settler: Settler) -> None:
        self.settler = settler
        self.like: dict[str, str] = {}
        self.words: dict[str, Words] = {}       # what is left to say, of the classes in @like
        for node in settler.tree.nodes.values():
            self.siblings([child for child in node.children if self.is_plain(child)])

    def is_plain(self, node: Node) -> bool:
        return not (node.known or node.own or node.mixins or node.embeds or node.children)

    def siblings(self, nodes: list[Node]) -> None:
        """Takes them in the order that needs the fewest words (Prim's algorithm)."""
        said = {node.name: self.settler.restated.get(node.name, {}) for node in nodes}
        left = {name: (float(len(words)), "") for name, words in said.items() if len(words) >= WORTH}
        costs = {name: sum(weight(each) for each in said[name].values()) for name in left}
        best: dict[str, tuple[float, str]] = {name: (costs[name], "") for name in left}
        while best:
            name = min(best, key=lambda each: (best[each][0], natural(each)))
            cost, source = best.pop(name)
            if source and cost + WORTH <= costs[name]:
                self.like[name] = source
                self.words[name] = self.differences(said[source], said[name], name)
            for other in best:
                if not suits(name, other, set(left)):
                    continue
                price = sum(weight(each) for each in self.differences(said[name], said[other], other).values())
                if price < best[other][0]:
                    best[other] = (price, name)

    def differences(self, source: Words, own: Words, name: str) -> Words:
        result = {prop: history for prop, history in own.items() if source.get(prop) != history}
        for prop in source:
            if prop not in own:
                result[prop] = self.base(name, prop)
        return result

    def base(self, name: str, prop: str) -> History:
        """What the class has from its parent."""
        parent = self.settler.tree.nodes[name].parent
        assert parent
        return self.settler.resolved(parent.name, prop)


def natural(name: str) -> tuple[object, ...]:
    return tuple(int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", name))


def suits(source: str, name: str, names: set[str]) -> bool:
    """A later version is like an earlier one of its model; other models are like the first."""
    match, other = VERSION.fullmatch(name), VERSION.fullmatch(source)
    if match and int(match[2]) > 1:
        before = f"{match[1]}-v{int(match[2]) - 1}{match[3] or ''}"
        return source == before or before not in names
    return not other or other[2] == "1" or bool(match) or other[1] in name
