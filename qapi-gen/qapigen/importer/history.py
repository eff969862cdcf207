# SPDX-License-Identifier: MIT
"""From the values on each machine to a timeline with the fewest entries, and back."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from qapigen.importer.facts import Column, Vector
from qapigen.model import TARGETS, Schema


class Step(NamedTuple):
    """From a version on, in some machines or on some targets, the value is this JSON text."""

    since: int                  # 0: from the beginning
    text: str
    machines: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


# Steps of everywhere first; those of a narrower scope together, oldest first.
History = tuple[Step, ...]
Cells = list[tuple[int, str]]   # of one family on one target: version and value, oldest first


class Historian:
    def __init__(self, schema: Schema, columns: list[Column]) -> None:
        self.schema = schema
        self.columns = columns
        # A family without versions stands at the end of its axis; its facts are as old as the newest of the others.
        versioned = [each.version for each in columns if schema.classes[each.family].version_from]
        self.newest = max(versioned, default=len(schema.versions["machine"]) - 1)
        self.versions = [min(each.version, self.newest) for each in columns]
        # Families without versions that the facts have once, at whatever version that is.
        self.timeless = {family for family in {each.family for each in columns} if not schema.classes[family].version_from
                         and len({each.version for each in columns if each.family == family}) == 1}
        self.keys = sorted({(each.family, each.target) for each in columns})
        self.of_key = {key: [index for index, each in enumerate(columns) if (each.family, each.target) == key]
                       for key in self.keys}
        for places in self.of_key.values():
            places.sort(key=lambda index: self.versions[index])
        self.targets_of: dict[str, set[str]] = {}
        for family, target in self.keys:
            self.targets_of.setdefault(family, set()).add(target)
        self.known: dict[Vector, History] = {}
        self.vectors: dict[History, Vector] = {}
        self.groups = self.abstract_groups()

    def abstract_groups(self) -> list[tuple[str, frozenset[str]]]:
        """Abstract machines with all families below them, the widest first."""
        found = []
        for one in self.schema.classes.values():
            if one.is_machine and one.abstract and one.parent:
                leaves = frozenset(leaf.name for leaf in self.schema.leaves(one.name))
                if len(leaves) > 1 and leaves <= set(self.targets_of):
                    found.append((one.name, leaves))
        return sorted(found, key=lambda each: -len(each[1]))

    # ---- from values

    def build(self, vector: Vector) -> History:
        if vector not in self.known:
            self.known[vector] = self.make(vector)
        return self.known[vector]

    def make(self, vector: Vector) -> History:
        values = {text for text in vector if text is not None}
        if not values:
            return ()
        if len(values) == 1:
            return (Step(0, next(iter(values))),)
        cells: dict[tuple[str, str], Cells] = {}
        for key, places in self.of_key.items():
            known = [(self.versions[index], text) for index in places for text in [vector[index]] if text is not None]
            if known:
                cells[key] = known
        candidates = {tuple(changes(each)) for each in cells.values()} | {tuple(self.merged(cells))}
        candidates |= {((0, text),) for text in values}
        best = min((self.complete(list(general), cells) for general in sorted(candidates)),
                   key=lambda steps: (len(steps), sum(len(step.machines) for step in steps)))
        return tuple(best)

    def merged(self, cells: dict[tuple[str, str], Cells]) -> Cells:
        """What most families have at each version."""
        votes: dict[int, Counter[str]] = {}
        for known in cells.values():
            for version, text in known:
                votes.setdefault(version, Counter())[text] += 1
        return changes([(version, votes[version].most_common(1)[0][0]) for version in sorted(votes)])

    def complete(self, general: Cells, cells: dict[tuple[str, str], Cells]) -> list[Step]:
        """@general, and what is left to say of the families that differ."""
        result = [Step(since, text) for since, text in general]
        scoped: dict[tuple[tuple[int, str], ...], list[tuple[str, str]]] = {}
        for key, known in cells.items():
            own = self.differing(general, known)
            if own:
                scoped.setdefault(own, []).append(key)
        for own, keys in scoped.items():
            for machines, targets in self.scopes(keys, list(cells), [key for keys in scoped.values() for key in keys]):
                result += [Step(since, text, machines, targets) for since, text in own]
        return result

    def differing(self, general: Cells, known: Cells) -> tuple[tuple[int, str], ...]:
        for place, (version, text) in enumerate(known):
            if at(general, version) != text:
                since = version if place else 1
                return tuple((since, text) if index == 0 else each
                             for index, each in enumerate(changes(known[place:])))
        return ()

    def scopes(self, keys: list[tuple[str, str]], present: list[tuple[str, str]],
               differing: list[tuple[str, str]]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Scopes that cover @keys, and no others of those @present."""
        left = set(keys)
        targets = sorted({target for _, target in keys}, key=TARGETS.index)
        whole = [target for target in targets if all(key in left for key in present if key[1] == target)
                 and not any(key not in left for key in differing if key[1] == target)]
        many = [target for target in whole if sum(key[1] == target for key in present) > 1]
        result: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        if many:
            result.append(((), tuple(many)))
            left = {key for key in left if key[1] not in many}
        families = sorted({family for family, _ in left})
        everywhere = [family for family in families
                      if all((family, target) in left for target in self.targets_of[family] if (family, target) in present)]
        partly = sorted(key for key in left if key[0] not in everywhere)
        if everywhere:
            result.append((self.shortened(everywhere, {family for family, _ in present}), ()))
        result += [((family,), (target,)) for family, target in partly]
        return result

    def shortened(self, families: list[str], present: set[str]) -> tuple[str, ...]:
        left = set(families)
        names: list[str] = []
        for name, leaves in self.groups:
            if len(leaves & left) > 1 and leaves & present <= left:
                names.append(name)
                left -= leaves
        return tuple(sorted([*names, *left]))

    # ---- and back

    def vector(self, history: History) -> Vector:
        if history not in self.vectors:
            self.vectors[history] = tuple(self.value(history, column, version)
                                          for column, version in zip(self.columns, self.versions))
        return self.vectors[history]

    def value(self, history: History, column: Column, version: int) -> str | None:
        best: tuple[tuple[int, int, int], str] | None = None
        for step in history:
            alone = column.family in step.machines and column.family in self.timeless
            if (step.since > version and not alone) or (step.targets and column.target not in step.targets):
                continue
            depth = self.depth(column.family, step.machines)
            if depth < 0:
                continue
            rank = (depth, len(step.targets) and 1, step.since)
            if best is None or rank >= best[0]:
                best = (rank, step.text)
        return best[1] if best else None

    def depth(self, family: str, machines: tuple[str, ...]) -> int:
        """How narrow the scope is for @family; -1: it is outside."""
        if not machines:
            return 0
        chain = [one.name for one in self.schema.ancestry(family)]
        return max((len(chain) - chain.index(name) for name in machines if name in chain), default=-1)


def changes(cells: Cells) -> Cells:
    """Without those that repeat the one before; the first holds from the beginning."""
    result: Cells = []
    for version, text in cells:
        if not result or result[-1][1] != text:
            result.append((version if result else 0, text))
    return result


def at(steps: Cells, version: int) -> str:
    return [text for since, text in steps if since <= version][-1]


def fits(wanted: Vector, given: Vector) -> bool:
    """Whether @given has every value that is known of @wanted."""
    return wanted == given or all(one is None or one == other for one, other in zip(wanted, given))
