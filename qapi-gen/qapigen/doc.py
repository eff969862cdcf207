# SPDX-License-Identifier: MIT
"""Doc comments: what they are for, one line per member, and their sections."""

from __future__ import annotations

import re

from qapigen.record import dataclass, field
from qapigen.source import SchemaError, Where

MEMBER = re.compile(r"@(?P<name>[^:]*):\s*(?P<text>.*)$")
SECTION = re.compile(r"(?P<tag>Returns|Errors|Since|Notes?|Examples?|TODO):(?!:)\s*(?P<text>.*)$")
SINGLE = ("Returns", "Errors", "Since")
OBSOLETE = dict.fromkeys(("Note", "Notes"), "'.. note::'") | dict.fromkeys(
    ("Example", "Examples"), "'.. qmp-example::', or '::' for other text")
# How plain QAPI wants its comments: 72 columns with what marks them, two spaces between sentences.
MAX_WIDTH = 68
SENTENCES = re.compile(r"\be\.g\. [A-Z0-9(]|^ *[0-9]+\. |([.!?]) [A-Z0-9(]", re.MULTILINE)
LITERAL = re.compile(r"\s*(?:\.\. (?:qmp-example|code-block|parsed-literal)::|(?!\.\. ).*::$)")
LINK = re.compile(r" *(?:https?|ftp)://[^ ]*$")

# In place of a text that is not written yet.
UNDOCUMENTED = "@undocumented"


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
    style: SchemaError | None = None        # held against schemas of plain QAPI only

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
    texts: list[str] = []
    for number, line in enumerate(lines, first + 1):
        if line != "#" and not line.startswith("# "):
            raise SchemaError(Where(file, number, 1), "missing space after #")
        texts.append(line[2:].rstrip())
    doc.style = bad_style(file, first, texts)
    if not texts or not texts[0].startswith("@"):
        for number, text in enumerate(texts, first + 1):
            match = MEMBER.match(text)
            if match:
                raise SchemaError(Where(file, number, 1), f"'@{match['name']}:' not allowed in free-form "
                                  "documentation: a definition's comment begins with its name")
        return doc
    match = MEMBER.match(texts[0])
    if texts[0] == "@" or (match and not match["name"]):
        raise SchemaError(Where(file, first + 1, 1), "name required after '@'")
    unended = SchemaError(Where(file, first + 1, 1), "line should end with ':'")
    if not match:
        raise unended
    if match["text"]:
        doc.style = unended
        doc.body.append(match["text"])
    doc.symbol = match["name"]
    DocReader(doc, texts).read()
    return doc


def bad_style(file: str, first: int, texts: list[str]) -> SchemaError | None:
    """Where a comment breaks the rules of plain QAPI for lines and sentences; literal blocks have none."""
    if not any(len(text) > MAX_WIDTH for text in texts) and not SENTENCES.search("\n".join(texts)):
        return None
    literal = -1
    for number, text in enumerate(texts, first + 1):
        indent = len(text) - len(text.lstrip())
        if text and indent <= literal:
            literal = -1
        if literal >= 0:
            continue
        if LITERAL.match(text):
            literal = indent
        elif len(text) > MAX_WIDTH and not LINK.match(text):
            return SchemaError(Where(file, number, 1), f"documentation line is {len(text) + 2} columns wide: "
                               f"break it at {MAX_WIDTH + 2}")
        match = next((match for match in SENTENCES.finditer(text) if match[1]), None)
        if match:
            return SchemaError(Where(file, number, match.start(1) + 4), "one space between sentences: use two")
    return None


class DocReader:
    """Sorts the lines below '@symbol:' into body, members, features and sections."""

    def __init__(self, doc: Doc, texts: list[str]) -> None:
        self.doc = doc
        self.texts = texts
        self.at = 1
        self.later = ""             # what stands between the members' descriptions and here

    def where(self, column: int = 0) -> Where:
        return Where(self.doc.where.file, self.doc.where.line + 1 + self.at, column)

    def read(self) -> None:
        texts = self.texts
        while self.at < len(texts):
            text = texts[self.at]
            if not text:
                self.doc.body.append(text)
                self.at += 1
                continue
            mark = text[0]
            if mark == "@" and MEMBER.match(text):
                if self.later:
                    name = text[1:].split(":")[0]
                    raise SchemaError(self.where(1), f"description of '@{name}:' follows {self.later}: "
                                      "move it up to the others")
                self.descriptions(self.doc.members)
                self.later = "other text"
            elif text == "Features:":
                self.features()
                self.later = "'Features:'"
            elif mark in "RESNT" and (match := SECTION.match(text)):
                self.section(match["tag"], match["text"])
                self.later = f"'{match['tag']}:'"
            else:
                self.paragraph()
        for tag in self.doc.sections:
            if tag != "Features" and not any(self.doc.sections[tag]):
                raise SchemaError(self.doc.places[tag], f"text required after '{tag}:'")

    def paragraph(self) -> None:
        while self.at < len(self.texts) and self.texts[self.at]:
            self.doc.body.append(self.texts[self.at])
            self.at += 1

    def descriptions(self, names: dict[str, list[str]]) -> None:
        """'@name: text', one after the other."""
        while self.at < len(self.texts) and (match := MEMBER.match(self.texts[self.at])):
            name = match["name"]
            if not name:
                raise SchemaError(self.where(), "invalid parameter name")
            if name in names:
                raise SchemaError(self.where(), f"'{name}' parameter name duplicated",
                                  [f"{self.doc.places[name]}: first described here"])
            names[name] = [match["text"]] if match["text"] else []
            self.doc.places[name] = self.where()
            self.indented(names[name])

    def features(self) -> None:
        if "Features" in self.doc.sections:
            raise SchemaError(self.where(1), "duplicated 'Features:' line")
        self.doc.sections["Features"] = []
        self.at += 1
        while self.at < len(self.texts) and not self.texts[self.at]:
            self.at += 1
        self.descriptions(self.doc.features)
        if not self.doc.features:
            raise SchemaError(self.where(1), "feature descriptions expected below 'Features:'")

    def section(self, tag: str, text: str) -> None:
        if tag in OBSOLETE:
            raise SchemaError(self.where(1), f"there is no '{tag}:' section any more: write {OBSOLETE[tag]}")
        if tag in SINGLE and tag in self.doc.sections:
            raise SchemaError(self.where(), f"duplicated '{tag}' section",
                              [f"{self.doc.places[tag]}: the first one"])
        target = self.doc.sections.setdefault(tag, [])
        self.doc.places[tag] = self.where()
        if text:
            target.append(text)
        self.indented(target)

    def indented(self, target: list[str]) -> None:
        """The lines that go on with what the line at hand begins; their first sets the indentation."""
        texts = self.texts
        self.at += 1
        while self.at < len(texts) and not texts[self.at]:
            target.append("")
            self.at += 1
        if self.at == len(texts) or not texts[self.at].startswith(" "):
            return
        indent = len(texts[self.at]) - len(texts[self.at].lstrip())
        while self.at < len(texts):
            text = texts[self.at]
            if text and len(text) - len(text.lstrip()) < indent:
                if not texts[self.at - 1] or MEMBER.match(text):
                    return
                raise SchemaError(self.where(1), "unexpected de-indent: indent the line by "
                                  f"{indent} spaces, as those above, or leave a blank line before it")
            target.append(text)
            self.at += 1
