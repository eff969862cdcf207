# SPDX-License-Identifier: MIT
"""What holds of a whole schema."""

from __future__ import annotations

from qapigen.lint_defaults import DefaultsLint
from qapigen.lint_history import HistoryLint
from qapigen.lint_names import NamesLint
from qapigen.lint_qapi import QapiLint
from qapigen.lint_siblings import SiblingsLint
from qapigen.load import Source
from qapigen.model import Schema
from qapigen.source import Report


def lint(source: Source, schema: Schema, report: Report) -> None:
    """Adds what is wrong to @report.  A later kind of check may rely on what the ones before proved."""
    for kind in (QapiLint, NamesLint, DefaultsLint, SiblingsLint, HistoryLint):
        kind(source, schema, report).run()
        report.stop_if_any()
