# SPDX-License-Identifier: MIT
"""Doc comments: what they are for, one line per member, and their sections."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qapigen.source import SchemaError, Where

MEMBER = re.compile(r"@(?P<name>[^:\s]*)\s*:\s*(?P<text>.*)$")
SECTION = re.compile(r"(?P<tag>Returns|Errors|Since|Notes?|Examples?|TODO):(?!:)\s*(?P<text>.*)$")
SINGLE = ("Returns", "Errors", "Since")


@dataclass
class Doc:
    """One comment.  A free-form one has no symbol."""

    where: Where
    symbol: str = ""
    body: list[str] = field(default_factory=list)
    members: dict[str, list[str]] = field(default_factory=dict)
    features: dict[str, list[str]] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """One line that says what the symbol is."""
        return one_line(self.body)

    def member_line(self, name: str) -> str:
        return one_line(self.members.get(name, []))


def one_line(lines: list[str]) -> str:
    """The first sentence of the first paragraph that is prose."""
    words: list[str] = []
    for line in lines:
        text = line.strip()
        if not text:
            if words:
                break
            continue
        if text.startswith("..") and not words:
            break
        words.append(text)
    text = " ".join(" ".join(words).split())
    match = re.match(r"(.*?[^.\s]{2,})\.(?:\s|$)", text)
    return (match[1] if match else text).rstrip(".")


def parse_doc(file: str, first: int, lines: list[str]) -> Doc:
    """@lines are those after the opening '##', each still with its '#'; the opening stands at line @first."""
    doc = Doc(Where(file, first))
    texts: list[tuple[Where, str]] = []
    for number, line in enumerate(lines, first + 1):
        where = Where(file, number, 1)
        if line != "#" and not line.startswith("# ") and line.strip() != "#":
            raise SchemaError(where, "missing space after #")
        texts.append((where, line[2:].rstrip()))
    start = next((index for index, (_, text) in enumerate(texts) if text), len(texts))
    if start == len(texts):
        return doc
    where, text = texts[start]
    if not text.startswith("@"):
        for where, text in texts[start:]:
            match = MEMBER.match(text)
            if match and not text.startswith(" "):
                raise SchemaError(where, f"'@{match['name']}:' not allowed in free-form documentation")
        return doc
    match = MEMBER.match(text)
    if text.strip() == "@" or (match and not match["name"]):
        raise SchemaError(where, "name required after '@'")
    if not match:
        raise SchemaError(where, "line should end with ':'")
    doc.symbol = match["name"]
    DocReader(doc).read(texts[start + 1:], match["text"])
    return doc


class DocReader:
    """Sorts the lines below '@symbol:' into body, members, features and sections."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.target = doc.body
        self.tag = ""
        self.tag_where = doc.where
        self.in_features = False

    def read(self, texts: list[tuple[Where, str]], first: str) -> None:
        if first:
            self.target.append(first)
        for where, text in texts:
            if not self.heading(where, text):
                self.target.append(text)
        self.end_section()

    def heading(self, where: Where, text: str) -> bool:
        if text.startswith(" ") or not text:
            return False
        if text == "Features:":
            self.start_features(where)
            return True
        match = MEMBER.match(text)
        if match and text.startswith("@"):
            self.start_member(where, match["name"], match["text"])
            return True
        match = SECTION.match(text)
        if match:
            self.start_section(where, match["tag"], match["text"])
            return True
        if self.in_features or self.tag in SINGLE:
            self.end_section()
            self.target = []
            self.in_features = False
        return False

    def start_features(self, where: Where) -> None:
        self.end_section()
        if "Features" in self.doc.sections:
            raise SchemaError(where, "duplicated 'Features:' line")
        self.doc.sections["Features"] = []
        self.in_features = True
        self.target = []

    def start_member(self, where: Where, name: str, text: str) -> None:
        self.end_section()
        if not name:
            raise SchemaError(Where(where.file, where.line), "invalid parameter name")
        names = self.doc.features if self.in_features else self.doc.members
        if name in names:
            raise SchemaError(Where(where.file, where.line), f"'{name}' parameter name duplicated")
        names[name] = self.target = [text] if text else []
        self.doc.places[name] = Where(where.file, where.line)

    def start_section(self, where: Where, tag: str, text: str) -> None:
        self.end_section()
        self.in_features = False
        where = Where(where.file, where.line)
        if tag in SINGLE and tag in self.doc.sections:
            raise SchemaError(where, f"duplicated '{tag}' section")
        self.tag = tag
        self.tag_where = where
        self.target = [text] if text else []
        self.doc.sections[tag] = self.target
        self.doc.places[tag] = where

    def end_section(self) -> None:
        if self.tag in SINGLE and not any(line.strip() for line in self.target):
            raise SchemaError(self.tag_where, f"text required after '{self.tag}:'")
        self.tag = ""
