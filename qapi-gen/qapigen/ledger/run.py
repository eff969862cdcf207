# SPDX-License-Identifier: MIT
"""The verdict of a schema's ledger, where it has one."""

from __future__ import annotations

from qapigen.ledger.book import read_book
from qapigen.ledger.check import LedgerCheck
from qapigen.load import Source
from qapigen.model import Schema
from qapigen.source import Report


def check_ledger(source: Source, schema: Schema, report: Report) -> None:
    """Adds what closed versions have against @schema to @report."""
    book = read_book(schema.root)
    if book is None:
        return
    check = LedgerCheck(source, schema, book, report)
    check.run()
    stale = check.stale()
    if stale and not report.errors:
        report.add(stale)
