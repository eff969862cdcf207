# SPDX-License-Identifier: MIT
"""Positions in schema files, and errors that point to them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from qapigen.record import dataclass, field

MAX_ERRORS = 10


class Where(NamedTuple):
    """A place in a schema file.  Only errors of the text itself have the column."""

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

    def __reduce__(self) -> tuple[object, ...]:
        return SchemaError, (self.where, self.message, self.notes)


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


@lru_cache(None)
def relative(file: str, root: str) -> str:
    """@file as seen from the directory of the root schema."""
    return os.path.relpath(file, os.path.dirname(root) or ".")


def suggestion(name: str, known: Iterable[str]) -> str:
    """'; did you mean ...?' where a known name is close to @name, else nothing."""
    import difflib              # only those who erred wait for it

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6 if len(name) < 5 else 0.7)
    return f"; did you mean '{close[0]}'?" if close else ""
