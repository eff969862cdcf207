# SPDX-License-Identifier: MIT
"""What is known of names, in our own words; of the rest nothing is said but that."""

from __future__ import annotations

import os
import re

from qapigen.doc import UNDOCUMENTED
from qapigen.importer.tree import Node

VENDORS = {"GenuineIntel": "An Intel", "AuthenticAMD": "An AMD", "HygonGenuine": "A Hygon", "CentaurHauls": "A Centaur"}
FILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "words")


class Words:
    """Files of lines 'NAME: words'; a name between slashes is a pattern, and '$1' in its words what it matched."""

    def __init__(self, directory: str = FILES) -> None:
        self.directory = directory
        self.members = Lexicon(os.path.join(directory, "members.txt"))
        self.classes = Lexicon(os.path.join(directory, "classes.txt"))
        self.absences = Lexicon(os.path.join(directory, "absences.txt"))
        self.reasons = Lexicon(os.path.join(directory, "reasons.txt"))
        self.differences = Lexicon(os.path.join(directory, "differences.txt"))
        self.subjects = Lexicon(os.path.join(directory, "subjects.txt"))

    def member(self, owner: str, name: str) -> str:
        return self.members.find(f"{owner}.{name}") or self.members.find(name) or UNDOCUMENTED

    def of_class(self, node: Node, facts: dict[str, object]) -> str:
        """@facts: what its objects tell, where that says what they are."""
        known = self.classes.find(node.name)
        if known or "vendor" not in facts:
            return known or UNDOCUMENTED
        vendor = VENDORS.get(str(facts["vendor"]), "A")
        return f"{vendor} processor of family {facts['family']}, model {facts['model']}, stepping {facts['stepping']}."

    def absence(self, owner: str, name: str) -> str:
        return self.absences.find(f"{owner}.{name}") or self.absences.find(name) or UNDOCUMENTED

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
