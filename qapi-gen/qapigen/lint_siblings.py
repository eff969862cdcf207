# SPDX-License-Identifier: MIT
"""Siblings: classes that are ways to one device have the same defaults, or say why not."""

from __future__ import annotations

from qapigen.classes import Prop, props_of
from qapigen.lint_qapi import Lint
from qapigen.model import Class
from qapigen.source import Where


class SiblingsLint(Lint):
    def run(self) -> None:
        self.props = props_of(self.schema)
        self.used: set[tuple[str, str]] = set()
        self.reported: set[tuple[str, str]] = set()
        for child, group in self.groups().items():
            for index, one in enumerate(group):
                for other in group[:index]:
                    if self.related(one, other):
                        self.attempt(self.agree, child, other, one)
        for one in self.schema.classes.values():
            self.attempt(self.waivers, one)

    def groups(self) -> dict[str, list[Class]]:
        """Concrete classes by a class that they, or their ancestors, embed."""
        found: dict[str, list[Class]] = {}
        for one in self.schema.classes.values():
            if not one.abstract:
                for child in {embed.class_name: 0 for each in self.schema.ancestry(one.name) for embed in each.embeds}:
                    found.setdefault(child, []).append(one)
        return found

    def related(self, one: Class, other: Class) -> bool:
        """Neither is the other's ancestor, and they share one that is no root: two ways to the same device."""
        mine, theirs = ([each.name for each in self.schema.ancestry(name) if each.parent]
                        for name in (one.name, other.name))
        return other.name not in mine and one.name not in theirs and not set(mine).isdisjoint(theirs)

    def agree(self, child: str, one: Class, other: Class) -> None:
        mine, theirs = self.props.of(one.name), self.props.of(other.name)
        for name in self.restated(one) | self.restated(other):
            if name not in mine or name not in theirs or effects(mine[name]) == effects(theirs[name]):
                continue
            self.used |= {(one.name, name), (other.name, name)}
            stating = [each for each in (other, one) if place(each, name)] or [other]
            if (stating[0].name, name) not in self.reported and not any(name in dict(each.differs) for each in stating):
                self.reported.add((stating[0].name, name))
                sibling = one if stating[0] is other else other
                raise self.error(stating[0], f"'{name}' resolves otherwise than in '{sibling.name}', which embeds "
                                 f"'{child}' too: in both, or in their parent, state the same, or say why in 'differs'",
                                 place(stating[0], name))

    def restated(self, one: Class) -> set[str]:
        return {restated.member for each in self.schema.ancestry(one.name) for restated in each.defaults}

    def waivers(self, one: Class) -> None:
        for name, _ in one.differs:
            if (one.name, name) not in self.used:
                raise self.error(one, f"'differs' names '{name}', which resolves as in all siblings: drop it")


def place(one: Class, name: str) -> Where | None:
    return next((restated.where for restated in one.defaults if restated.member == name), None)


def effects(prop: Prop) -> list[object]:
    return [(entry.since, entry.scope, entry.effect) for entry in prop.default.entries] if prop.default else []
