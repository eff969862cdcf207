# SPDX-License-Identifier: MIT
"""Texts for what the importer proposes: from files of the user, else from the schema, else @undocumented."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator

from qapigen.doc import UNDOCUMENTED
from qapigen.importer.tree import Node
from qapigen.model import Member, Schema, Struct

VENDORS = {"GenuineIntel": "An Intel", "AuthenticAMD": "An AMD", "HygonGenuine": "A Hygon", "CentaurHauls": "A Centaur"}


class Words:
    """Files of lines 'NAME: words'; a name between slashes is a pattern, and '$1' in its words what it matched."""

    def __init__(self, directory: str, schema: Schema | None = None) -> None:
        self.known = Known(schema) if schema else None
        self.members = Lexicon(os.path.join(directory, "members.txt"))
        self.classes = Lexicon(os.path.join(directory, "classes.txt"))
        self.absences = Lexicon(os.path.join(directory, "absences.txt"))
        self.reasons = Lexicon(os.path.join(directory, "reasons.txt"))
        self.differences = Lexicon(os.path.join(directory, "differences.txt"))
        self.places = Lexicon(os.path.join(directory, "places.txt"))
        self.subjects = Lexicon(os.path.join(directory, "subjects.txt"))

    def member(self, owner: str, name: str) -> str:
        stated = self.members.find(f"{owner}.{name}") or self.members.find(name)
        return stated or (self.known.doc(name) if self.known else "") or UNDOCUMENTED

    def of_class(self, node: Node, facts: dict[str, object]) -> str:
        """@facts: what its objects report of themselves."""
        known = self.classes.find(node.name)
        if known or "vendor" not in facts:
            return known or UNDOCUMENTED
        vendor = VENDORS.get(str(facts["vendor"]), "A")
        return f"{vendor} processor of family {facts['family']}, model {facts['model']}, stepping {facts['stepping']}."

    def absence(self, owner: str, name: str) -> str:
        stated = self.absences.find(f"{owner}.{name}") or self.absences.find(name)
        return stated or (self.known.absence(name) if self.known else "") or UNDOCUMENTED

    def difference(self, owner: str, name: str) -> str:
        return self.differences.find(f"{owner}.{name}") or self.differences.find(name) or UNDOCUMENTED

    def why(self, name: str, version: str, machines: tuple[str, ...]) -> str:
        if len(machines) == 1 and self.reasons.find(f"on {machines[0]}"):
            return self.reasons.find(f"on {machines[0]}")
        return self.reasons.find(f"{name} {version}") or self.reasons.find(name) or UNDOCUMENTED

    def timeline(self, name: str, prop: str) -> str:
        return f"The history that several classes have of '{prop}'."

    def subject(self, file: str) -> str:
        stem = file.rsplit(".", 1)[0].removeprefix("hw/").removeprefix("backends/")
        return self.subjects.find(stem) or f"Classes of {stem.replace('/', ', ')}."


class Known:
    """The texts that the schema has for members, by their name: of several the most frequent."""

    def __init__(self, schema: Schema) -> None:
        self.docs: dict[str, Counter[str]] = {}
        self.absences: dict[str, Counter[str]] = {}
        for member in members_of(schema):
            for texts, text in ((self.docs, member.doc), (self.absences, member.absent_means)):
                if text and text != UNDOCUMENTED:
                    texts.setdefault(member.name, Counter())[text] += 1

    def doc(self, name: str) -> str:
        return self.docs[name].most_common(1)[0][0] if name in self.docs else ""

    def absence(self, name: str) -> str:
        return self.absences[name].most_common(1)[0][0] if name in self.absences else ""


def members_of(schema: Schema) -> Iterator[Member]:
    for one in schema.classes.values():
        yield from one.own
    for kind in schema.types.values():
        if isinstance(kind, Struct):
            yield from kind.own


class Lexicon:
    def __init__(self, path: str) -> None:
        self.known: dict[str, str] = {}
        self.patterns: list[tuple[re.Pattern[str], str]] = []
        if not os.path.exists(path):
            return
        with open(path, encoding="utf-8") as stream:
            for line in stream:
                line = line.strip()
                if not line or line.startswith("#"):
                    continue
                if line.startswith("/"):
                    pattern, _, words = line[1:].partition("/: ")
                    self.patterns.append((re.compile(pattern), words))
                else:
                    name, _, words = line.partition(": ")
                    self.known[name] = words

    def find(self, name: str) -> str:
        if name in self.known:
            return self.known[name]
        for pattern, words in self.patterns:
            match = pattern.fullmatch(name)
            if match:
                parts = match.groups(default="")
                return re.sub(r"\$(\d)", lambda found: parts[int(found[1]) - 1], words)
        return ""
