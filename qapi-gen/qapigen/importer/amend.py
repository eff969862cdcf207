# SPDX-License-Identifier: MIT
"""Additions to a schema file that is there: classes at its end, members and defaults in a class, with their words."""

from __future__ import annotations

import re

ITEM = re.compile(r"\n    '\*?([^']+)': ")
DOC = re.compile(r"\n# @([^:\n]+): ")
TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|#[^\n]*|[{}\[\]]")


class File:
    """The text of a schema file, as it will be."""

    def __init__(self, text: str) -> None:
        self.text = text

    def append(self, definitions: str) -> None:
        self.text = self.text.rstrip("\n") + "\n\n" + definitions.lstrip("\n")

    def add(self, name: str, key: str, items: list[str]) -> None:
        """@items, each with its indentation, to the object @key ('config', 'defaults') of class @name."""
        start, end = self.span(name)
        match = re.compile(rf"'{key}':\s*\{{").search(self.text, start, end)
        lines = ",\n".join(items)
        if match and self.inner(start, match.start()) == 1:
            if len(items) > 1:
                for item in items:
                    self.add(name, key, [item])
            elif self.text[match.end():end].lstrip()[:1] == "}":
                self.insert(match.end(), "\n" + lines)
            else:
                self.insert_sorted(match.end(), end, lines)
            return
        close = self.text.rindex("}", start, end)
        close = len(self.text[:close].rstrip())
        self.insert(close, f",\n  '{key}': {{\n{lines} }}")

    def settle(self, name: str, member: str, default: str) -> None:
        """Another default for a member that class @name declares."""
        start, end = self.span(name)
        found = re.compile(rf"'\*?{re.escape(member)}': ").search(self.text, start, end)
        assert found
        at, stop = found.end(), self.value_end(found.end())
        if self.text[at] != "{":
            self.text = f"{self.text[:at]}{{ 'type': {self.text[at:stop]}, 'default': {default} }}{self.text[stop:]}"
            return
        old = re.compile(r"'default': ").search(self.text, at, stop)
        if old:
            self.text = self.text[:old.end()] + default + self.text[self.value_end(old.end()):]
        else:
            self.insert(len(self.text[:stop - 1].rstrip()), f", 'default': {default}")

    def restate(self, name: str, member: str, default: str) -> None:
        """Another value for a member that class @name restates; added where it is stated by another class alone."""
        start, end = self.span(name)
        key = re.compile(rf"'{re.escape(member)}':\s*")
        block = re.compile(r"'defaults':\s*\{").search(self.text, start, end)
        found = key.search(self.text, block.end(), end) if block else None
        found = found or next((each for each in key.finditer(self.text, start, end)
                               if self.inner(start, each.start()) == 1), None)
        if found:
            self.text = self.text[:found.end()] + default + self.text[self.value_end(found.end()):]
        else:
            self.add(name, "defaults", [f"    '{member}': {default}"])

    def widen(self, name: str, targets: str) -> None:
        """Another list of targets for class @name."""
        start, end = self.span(name)
        found = re.compile(r"'targets':\s*").search(self.text, start, end)
        assert found and self.inner(start, found.start()) == 1
        self.text = self.text[:found.end()] + targets + self.text[self.value_end(found.end()):]

    def value_end(self, at: int) -> int:
        """The end of the value that begins at @at."""
        depth = 0
        for token in re.compile(TOKEN.pattern + r"|[^\s,{}\[\]']+").finditer(self.text, at):
            depth += (token[0] in "{[") - (token[0] in "}]")
            if depth == 0:
                return token.end()
        return len(self.text)

    def insert_sorted(self, start: int, end: int, item: str) -> None:
        """Before the first item that comes later, where the items that are there stand in order."""
        known = [found for found in ITEM.finditer(self.text, start, end) if self.inner(start, found.start()) == 0]
        names = [found[1] for found in known]
        own = ITEM.match("\n" + item)
        later = [found for found in known if own and found[1] > own[1]] if names == sorted(names) else known[:1]
        if later:
            self.insert(later[0].start(), "\n" + item + ",")
        elif known:
            close = self.text.rindex("}", start, end)
            depth = self.inner(start, close)
            while depth:                # the class's own brace, or that of another key
                close = self.text.rindex("}", start, close)
                depth = self.inner(start, close)
            self.insert(len(self.text[:close].rstrip()), ",\n" + item)
        else:
            self.insert(start, "\n" + item + ",")

    def explain(self, name: str, members: list[tuple[str, str]]) -> None:
        """Lines about @members to the comment of class @name."""
        for member, words in members:
            start, _ = self.span(name)
            close = self.text.rindex("\n##", 0, start)
            opening = self.text.rindex("\n##\n", 0, close)
            known = list(DOC.finditer(self.text, opening, close))
            names = [found[1] for found in known]
            later = [found.start() for found in known if found[1] > member] if names == sorted(names) else []
            place = later[0] if later else close
            text = f"\n# @{member}: {words}"
            if later:
                self.insert(place, text + ("\n#" if words != "@undocumented" else ""))
            else:
                self.insert(place, "\n#" + text)

    def insert(self, at: int, text: str) -> None:
        self.text = self.text[:at] + text + self.text[at:]

    def span(self, name: str) -> tuple[int, int]:
        """The definition of a class, from its first brace up to and including its last."""
        match = re.search(rf"^\{{ '(?:class|machine)': '{re.escape(name)}'", self.text, re.MULTILINE)
        if match is None:
            raise KeyError(name)
        depth = 0
        for token in TOKEN.finditer(self.text, match.start()):
            depth += (token[0] in "{[") - (token[0] in "}]")
            if depth == 0 and token[0] == "}":
                return match.start(), token.end()
        raise KeyError(name)

    def inner(self, start: int, at: int) -> int:
        """How many braces are open at @at, of those from @start on."""
        return sum((token[0] in "{[") - (token[0] in "}]") for token in TOKEN.finditer(self.text, start, at))
