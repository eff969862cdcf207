# SPDX-License-Identifier: MIT
"""Positions in schema files, and errors that point to them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_ERRORS = 10


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a schema file.  The column is told for errors of the text itself only."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        text = self.file
        if self.line:
            text += f":{self.line}"
        if self.column:
            text += f":{self.column}"
        return text


class SchemaError(Exception):
    """One thing wrong with the schema, said in one line."""

    def __init__(self, where: Where, message: str, notes: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.where = where
        self.message = message
        self.notes = tuple(notes)

    def __str__(self) -> str:
        return "\n".join([f"{self.where}: {self.message}", *self.notes])


class TooManyErrors(Exception):
    """The report is full."""


@dataclass
class Report:
    """Errors in the order they were found.  A definition with an error is left out of later phases."""

    errors: list[SchemaError] = field(default_factory=list)

    def add(self, error: SchemaError) -> None:
        if any(str(error) == str(known) for known in self.errors):
            return
        self.errors.append(error)
        if len(self.errors) >= MAX_ERRORS:
            raise TooManyErrors

    def stop_if_any(self) -> None:
        if self.errors:
            raise TooManyErrors


def suggestion(name: str, known: Iterable[str]) -> str:
    """'; did you mean ...?' where a known name is close to @name, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""
