# SPDX-License-Identifier: MIT
"""From a root file to the checked model, or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from qapigen.aside import Aside
from qapigen.build import build
from qapigen.lint import lint
from qapigen.load import Source, load
from qapigen.model import Schema
from qapigen.source import Report, SchemaError, TooManyErrors


def examine(read: Callable[[], Source], ledger: bool = False) -> tuple[Source, Schema] | list[SchemaError]:
    """@read gives the expressions.  Either the model, or its first errors: never an empty list.

    @ledger: closed versions must be what they were, where there is a ledger, and new entries have facts, where the schema asks
    for them."""
    report = Report()
    try:
        try:
            source = read()
        except SchemaError as error:
            report.add(error)
            raise TooManyErrors from error
        schema = build(source, report)
        # It takes as long as all other checks, which prove what it relies on: what it found counts only after them.
        book = Aside(lambda: ledger_errors(source, schema)) if ledger else None
        try:
            lint(source, schema, report)
        except BaseException:
            if book:
                book.drop()
            raise
        for found in book.result() if book else ():
            report.add(found)
        report.stop_if_any()
        for last in schema.last_errors:
            report.add(last)
        report.stop_if_any()
        return source, schema
    except TooManyErrors:
        return report.errors


def ledger_errors(source: Source, schema: Schema) -> list[SchemaError]:
    """What closed versions and the facts have against the schema."""
    from qapigen.facts import FactCheck              # the compiler proper does without
    from qapigen.ledger.run import check_ledger

    report = Report()
    try:
        check_ledger(source, schema, report)
        report.stop_if_any()
        FactCheck(source, schema, report).run()
    except SchemaError as error:        # the ledger or a file of facts can't be read
        report.add(error)
    except TooManyErrors:
        pass
    return report.errors


def errors_of(root: str) -> list[SchemaError]:
    result = examine(lambda: load(root), ledger=True)
    return result if isinstance(result, list) else []
