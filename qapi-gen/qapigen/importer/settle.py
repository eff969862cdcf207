# SPDX-License-Identifier: MIT
"""Where each default is said: the places that take the fewest words."""

from __future__ import annotations

from collections import Counter

from qapigen.history import Timeline
from qapigen.importer.facts import UNSET, Vector
from qapigen.importer.history import Historian, History, Step, fits
from qapigen.importer.rebase import Rebase, rebased
from qapigen.importer.tree import Node, Tree
from qapigen.model import TARGETS

Said = dict[str, History]       # by class
ABSENT: History = (Step(0, UNSET),)


class Settler:
    def __init__(self, tree: Tree, historian: Historian) -> None:
        self.tree = tree
        self.historian = historian
        self.defaults: dict[tuple[str, str], History] = {}          # class and member: of new members
        self.restated: dict[str, dict[str, History]] = {}           # class: of members it has from elsewhere
        self.differing: dict[str, dict[str, History]] = {}          # the same, of classes that are in the schema
        self.vectors: dict[tuple[str, str], Vector] = {}            # what each class ends up with
        self.timelines: dict[int, History] = {}
        self.rebased: list[Rebase] = []                             # what a newer release changed on old machines
        for node in tree.nodes.values():
            self.rebase(node)
        self.moved = {(owner.name, one.member): one.now for one in self.rebased for owner in [self.owner_of(one)] if owner}
        for node in tree.nodes.values():
            self.follow(node)
        order = sorted(tree.nodes.values(), key=lambda node: sum(bool(each.embeds) for each in node.ancestry()))
        for node in order:
            if not node.embeds and not node.gained:
                self.owner(node)
        for root in tree.roots():
            self.inherited(root)
        for node in order:
            if node.embeds or node.gained:
                self.owner(node)

    def rebase(self, node: Node) -> None:
        """Old machines keep the values that the schema has; members that it lacks have one value for each machine."""
        if node.kind is None or not node.concrete:
            return
        provided = self.tree.provided(node)
        for prop, one in node.kind.properties.items():
            if one.later or one.rebased:
                known = self.historian.vector(self.existing(node, prop)) if prop in provided else ()
                found = rebased(self.tree.facts, node.name, prop, one, known)
                if found:
                    self.rebased.append(found)

    def owner_of(self, one: Rebase) -> Node | None:
        """The class above that declares the member, of a change on all machines."""
        above = [each for each in self.tree.nodes[one.kind].ancestry() if each.known and one.member in self.tree.provided(each)]
        if not above or above[-1].name == one.kind or not one.everywhere:
            return None
        # A change of the base is one of most classes below it.
        changed = sum(each.member == one.member and each.now == one.now for each in self.rebased)
        known = sum(each.known and each.concrete for each in above[-1].below())
        return above[-1] if 2 * changed > known else None

    def follow(self, node: Node) -> None:
        """A class that is new has what the release gave to all others."""
        for prop, one in node.kind.properties.items() if node.kind and node.concrete else ():
            now = next((self.moved[each.name, prop] for each in node.ancestry() if (each.name, prop) in self.moved), None)
            if now is not None and {*one.vector} - {None} == {now}:
                one.vector = (None,) * len(one.vector)

    # ---- members that a class declares, mixes in or embeds

    def owner(self, node: Node) -> None:
        for prop in node.own:
            self.new(node, prop)
        for mixin in node.mixins:
            for member in self.tree.schema.members(mixin):
                self.given(node, member.name, self.history(member.type, member.default, member.optional))
        for one in node.embeds.values():
            for prop in self.tree.given(node, one):
                self.given(node, prop, self.resolved(one.kind, prop))
        for prop, kind in node.gained.items():
            self.given(node, prop, self.resolved(kind, prop))

    def resolved(self, name: str, prop: str) -> History:
        """Of a class: stated by itself or by the nearest ancestor that does."""
        for node in self.tree.nodes[name].ancestry():
            if prop in self.restated.get(node.name, {}):
                return self.restated[node.name][prop]
            if (node.name, prop) in self.defaults:
                return self.defaults[node.name, prop]
            if node.known and prop in self.tree.provided(node):
                return self.existing(node, prop)
            for one in node.embeds.values():
                if prop in self.tree.given(node, one):
                    return self.resolved(one.kind, prop)
            if prop in node.gained:
                return self.resolved(node.gained[prop], prop)
            for mixin in node.mixins:
                for member in self.tree.schema.members(mixin):
                    if member.name == prop:
                        return self.history(member.type, member.default, member.optional)
        return ()

    def existing(self, node: Node, prop: str) -> History:
        found = self.tree.props.of(node.name)[prop]
        return self.history(found.member.type, found.default, found.member.optional)

    def history(self, kind: str, timeline: Timeline | None, optional: bool) -> History:
        """A timeline of the schema; of a mandatory member there is none."""
        if timeline is None:
            return ABSENT if optional else ()
        if id(timeline) not in self.timelines:
            self.timelines[id(timeline)] = tuple(
                Step(entry.since, self.tree.typist.text(kind, entry.value, entry.absent),
                     (entry.scope.family,) if entry.scope.family else (),
                     tuple(name for bit, name in enumerate(TARGETS) if entry.scope.targets >> bit & 1))
                # What a release changed on all machines is no history of machines.
                for entry in timeline.entries if not entry.scope.accel and not entry.release)
        return self.timelines[id(timeline)]

    def inherited(self, root: Node) -> None:
        """Below classes of the schema: what they declare is given."""
        for node in root.below():
            if node.known:
                up = node.parent.name if node.parent else ""
                above = set(self.tree.props.of(up)) if up else set()
                for prop in self.tree.provided(node) - above:
                    self.given(node, prop, self.existing(node, prop), known=True)

    def given(self, node: Node, prop: str, history: History, known: bool = False) -> None:
        if not history:
            return
        memo: dict[tuple[str, History], tuple[float, Said]] = {}
        self.keep(prop, self.solve(node, prop, history, memo)[1])

    def keep(self, prop: str, said: Said) -> None:
        for name, history in said.items():
            known = self.tree.nodes[name].known
            (self.differing if known else self.restated).setdefault(name, {})[prop] = history

    def new(self, node: Node, prop: str) -> None:
        memo: dict[tuple[str, History], tuple[float, Said]] = {}
        leaves = self.tree.leaves(node, prop)
        options = self.candidates(leaves)
        if any(UNSET in vector for vector in leaves):
            options = [each for each in options if any(step.text == UNSET for step in each)] or [ABSENT]
        best: tuple[float, Said] = (float("inf"), {})
        for history in options or [ABSENT]:
            cost, said = self.solve(node, prop, history, memo, below=True)
            if cost + weight(history) < best[0]:
                best = (cost + weight(history), said)
                self.defaults[node.name, prop] = history
        self.keep(prop, best[1])

    def candidates(self, leaves: list[Vector]) -> list[History]:
        if not leaves:
            return []
        common = Counter(leaves)
        options = [self.historian.build(majority(common))]
        options += [self.historian.build(vector) for vector, _ in common.most_common(3)]
        return [each for each in dict.fromkeys(options) if each]

    # ---- the fewest words

    def solve(self, node: Node, prop: str, given: History, memo: dict[tuple[str, History], tuple[float, Said]],
              below: bool = False) -> tuple[float, Said]:
        """What is to be said at and below @node, which has @given from above."""
        if (node.name, given) in memo and not below:
            return memo[node.name, given]
        if node.known and prop in self.tree.provided(node) and self.states(node, prop):
            given = self.existing(node, prop)
            if not given:
                return 0, {}
        own = self.tree.vector(node, prop)
        options: list[tuple[float, Said]] = []
        if not own or fits(own, self.historian.vector(given)):
            options.append(self.children(node, prop, given, memo))
        if not below and (own or len(node.children) > 1):
            leaves = self.tree.leaves(node, prop)
            histories = [self.historian.build(own)] if own else self.candidates(leaves)[:2]
            if node.known and not own:      # it changes only if all its classes of the schema do
                settled = [vector for each in node.below() if each.known for vector in [self.tree.vector(each, prop)] if vector]
                histories = [each for each in histories if all(fits(vector, self.historian.vector(each)) for vector in settled)]
            for history in histories:
                if history and history != given:
                    cost, said = self.children(node, prop, history, memo)
                    options.append((cost + weight(history), said | {node.name: history}))
        best = min(options, key=lambda each: each[0]) if options else (float("inf"), {})
        if not below:
            memo[node.name, given] = best
        return best

    def states(self, node: Node, prop: str) -> bool:
        """Whether a class of the schema has its own value, and not that of its parent."""
        up = node.parent
        return not (up and up.known and prop in self.tree.provided(up) and self.existing(up, prop) == self.existing(node, prop))

    def children(self, node: Node, prop: str, given: History,
                 memo: dict[tuple[str, History], tuple[float, Said]]) -> tuple[float, Said]:
        cost: float = 0
        said: Said = {}
        for child in node.children:
            if self.tree.leaves(child, prop):
                more, words = self.solve(child, prop, given, memo)
                cost += more
                said |= words
        return cost, said


def weight(history: History) -> float:
    return 1 if len(history) == 1 else 2 + len(history)


def majority(leaves: Counter[Vector]) -> Vector:
    """The value that most have, of each column."""
    result: list[str | None] = []
    items = list(leaves.items())
    for place in range(len(items[0][0])):
        votes: Counter[str] = Counter()
        for vector, count in items:
            text = vector[place]
            if text is not None:
                votes[text] += count
        result.append(max(votes, key=lambda each: (votes[each], each)) if votes else None)
    return tuple(result)
