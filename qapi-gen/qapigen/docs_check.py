# SPDX-License-Identifier: MIT
"""qapi-gen check --docs: words that only say a name again, and how much is not described at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from qapigen.doc import UNDOCUMENTED
from qapigen.history import Timeline
from qapigen.load import Expr, Source
from qapigen.model import Schema
from qapigen.source import SchemaError, Where

# How one says that nothing is known.
WORD = re.compile(r"[a-z]+|[0-9]+")
# What adds nothing to a name.
EMPTY = frozenset("a an the of for to in on is are this that its it and or be property properties member members option value "
                  "values device devices type class name whether which s".split())
# What an option or a command does, as 'Sets', in the present tense.
ACTION = re.compile(r"[A-Z][a-z]*s ")


class DocsCheck:
    def __init__(self, source: Source, schema: Schema) -> None:
        self.source = source
        self.schema = schema
        self.counts: Counter[str] = Counter()
        self.said: set[int] = set()

    def errors(self) -> list[SchemaError]:
        """Comments that only say the name again; counts the rest on the way."""
        found = [error for expr in self.source.exprs if expr.doc for error in self.errors_of(expr)]
        for one in (*self.schema.classes.values(), *self.schema.types.values()):
            for member in getattr(one, "own", ()):
                self.reasons(member.default)
                self.count("absence", [member.absent_means] if member.absent_means else [])
            for restated in getattr(one, "defaults", ()):
                self.reasons(restated.timeline)
        return found

    def errors_of(self, expr: Expr) -> Iterator[SchemaError]:
        doc = expr.doc
        assert doc
        what = "class" if expr.meta in ("class", "machine") else "definition"
        body = " ".join(doc.body).strip()
        self.counts[what] += 1
        if body == UNDOCUMENTED:
            self.counts[f"undocumented {what}"] += 1
        elif body and echoes(expr.name, body):
            yield error(doc.where, expr.name, body)
        elif expr.meta in ("option", "command") and not ACTION.match(body):
            first = body.split(" ", 1)[0]
            yield SchemaError(doc.where, f"{expr.meta} '{expr.name}': its text starts with '{first}'; expected a verb in the "
                                         "third person, as 'Sets'")
        for name, lines in doc.members.items():
            text = " ".join(lines).strip()
            self.counts["member"] += 1
            if text == UNDOCUMENTED:
                self.counts["undocumented member"] += 1
            elif expr.meta != "enum" and echoes(name, text):
                yield error(doc.places.get(name, doc.where), name, text)

    def reasons(self, timeline: Timeline | None) -> None:
        if timeline is None or id(timeline) in self.said:
            return
        self.said.add(id(timeline))
        self.count("why", list({entry.where: entry.why for entry in timeline.entries if entry.since}.values()))

    def count(self, kind: str, texts: list[str]) -> None:
        self.counts[kind] += len(texts)
        self.counts[f"undocumented {kind}"] += texts.count(UNDOCUMENTED)

    def summary(self) -> str:
        kinds = {"class": "classes", "member": "members", "why": "reasons", "absence": "absences"}
        parts = [f"{self.counts[f'undocumented {kind}']} of {self.counts[kind]} {plural}" for kind, plural in kinds.items()]
        return "undocumented: " + ", ".join(parts)


def echoes(name: str, text: str) -> bool:
    """Whether @text has no word beside those of @name."""
    known = set(WORD.findall(name.lower()))
    joined = "".join(WORD.findall(name.lower()))
    words = [word for word in WORD.findall(text.lower()) if word not in EMPTY]
    return all(word in known or word.rstrip("s") in known or word in joined for word in words)


def error(where: Where, name: str, text: str) -> SchemaError:
    return SchemaError(where, f"'{text}' only says the name '{name}' again: say what it is for, or {UNDOCUMENTED}")
