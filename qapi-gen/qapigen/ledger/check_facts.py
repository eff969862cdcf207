# SPDX-License-Identifier: MIT
"""The facts of classes and members against the ledger: what was promised stays."""

from __future__ import annotations

from collections.abc import Callable

from qapigen.classes import Prop
from qapigen.ledger.book import Book
from qapigen.ledger.facts import INHERITED, PROVIDES, Facts, class_facts, losses, member_facts, on_targets
from qapigen.ledger.record import Present
from qapigen.life import STAGES
from qapigen.model import Class, Member
from qapigen.source import Report, SchemaError, Where

WORDS = {
    "targets": "it was released for {lost}, and is gone there", "aliases": "its alias '{lost}' was released and is gone",
    "abstract": "it was released as a class that can be created, and is abstract",
    "internal": "it was released for users, and is internal",
    "deprecated-to": "versions up to {lost} were released as deprecated, and that is another version",
    "bus": "it was released as a device on bus type '{lost}', and has another",
    "range": "range {lost} was released, and is narrower",
    "guest-visible": "it was released as visible to guests, and is not",
    "added": "it was released as added in {lost}, and that is another version",
    **{stage: f"it was recorded as {stage} in release {{lost}}, and that is another release" for stage in STAGES},
}


def bring_back(where: Where) -> str:
    return f"bring it back; where its end was announced, delete what the ledger has of it, from {where} on"


class FactsCheck:
    """@owner names the definition at a place, or the class where there is none."""

    def __init__(self, book: Book, present: Present, report: Report, owner: Callable[[Where, str], str]) -> None:
        self.book = book
        self.present = present
        self.report = report
        self.owner = owner
        self.blamed: set[tuple[Where, str]] = set()
        self.known: dict[int, Facts] = {}
        self.classes: dict[str, Facts] = {}

    def run(self) -> None:
        for name, holder in self.book.holders.items():
            one = self.present.definition(name)
            if isinstance(one, Class):
                was, now = self.book.facts(name), self.facts(one)
                self.compare(name, one.where, "", was, now, holder.where, self.origins(one) if was != now else None)
            if one:
                self.members(name, self.present.members(name))

    def members(self, name: str, present: dict[str, Prop]) -> None:
        """What is the parent's in the ledger and in the schema alike is compared there."""
        facts, released, holder = self.book.member_facts(name), self.book.members(name), self.book.holders[name]
        held = holder.parent in self.book.holders and holder.parent == self.present.parent(name)
        own = dict.fromkeys([*holder.members, *holder.member_facts, *self.present.fresh(name)])
        for member in own if held else list(released):
            prop = present.get(member)
            if prop is None or member not in released:
                continue
            was, now = facts.get(member, {}), self.member_facts(prop.member)
            if "targets" in now:
                was = on_targets(was, self.book.facts(name))
            if was != now:
                self.compare(name, prop.member.where, member, was, now, self.place(name, member))

    def facts(self, one: Class) -> Facts:
        """Of the class, with what it has from its ancestors."""
        if one.name not in self.classes:
            above = self.facts(self.present.schema.classes[one.parent]) if one.parent else {}
            self.classes[one.name] = {fact: above[fact] for fact in INHERITED if fact in above} | class_facts(
                one, self.present.schema)
        return self.classes[one.name]

    def origins(self, one: Class) -> dict[str, Where]:
        return {fact: each.where for each in reversed(self.present.schema.ancestry(one.name))
                for fact in INHERITED if fact in class_facts(each, self.present.schema)}

    def member_facts(self, member: Member) -> Facts:
        """Many classes have a member from one."""
        if id(member) not in self.known:
            self.known[id(member)] = member_facts(member, self.present.schema)
        return self.known[id(member)]

    def compare(self, name: str, where: Where, member: str, was: Facts, now: Facts, released: Where,
                origins: dict[str, Where] | None = None) -> None:
        """Reports each loss once.  @origins: where ancestors state what @name has from them."""
        for fact, lost in losses(was, now) if was != now else ():
            where = (origins or {}).get(fact, where)
            if (where, fact) not in self.blamed:
                self.blamed.add((where, fact))
                what = f"member '{member}': " * bool(member) + words(fact, lost)
                self.report.add(SchemaError(where, f"{self.owner(where, name)}: {what}: {bring_back(released)}"))

    def place(self, name: str, member: str) -> Where:
        """Of a member's first line in the ledger."""
        holder = self.book.holders[name]
        return holder.places[member] if member in holder.places else self.place(holder.parent, member)


def words(fact: str, lost: str) -> str:
    if fact.startswith(PROVIDES):
        kind, _, name = fact.removeprefix(PROVIDES).partition(":")
        return f"its bus '{name}' of type '{kind}' was released with '{lost}', and is another or gone"
    return WORDS[fact].format(lost=lost)
