# SPDX-License-Identifier: MIT
"""qapi-gen ledger: close a version, check, show a difference."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from qapigen.check import examine
from qapigen.ledger.book import Book, book_files, read_book, render
from qapigen.ledger.cells import Lines
from qapigen.ledger.check import LedgerCheck, axis_place
from qapigen.ledger.difference import Difference
from qapigen.ledger.facts import INHERITED
from qapigen.ledger.record import Present, record
from qapigen.ledger.summary import summary
from qapigen.load import Source, load
from qapigen.model import AXES, Schema, Version
from qapigen.output import write
from qapigen.source import Report, SchemaError, TooManyErrors, Where, suggestion

DEFAULT_SCHEMA = os.path.join("schema", "vintage-vm.json")


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="qapi-gen ledger", description="Writes down and checks what closed versions were "
                                     "released with.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    texts = {"close": "write the defaults of a version, and of those before it",
             "check": "hold the schema against the ledger", "diff": "print what changed between two versions"}
    for name, text in texts.items():
        action = actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        for operand in {"close": ("version",), "diff": ("old", "new")}.get(name, ()):
            action.add_argument(operand, metavar=operand.upper())
        if name == "close":
            action.add_argument("--axis", choices=AXES[1:], help="close it on this axis alone")
        action.add_argument("--schema", default=DEFAULT_SCHEMA, metavar="SCHEMA",
                            help=f"the root schema file (default: {DEFAULT_SCHEMA})")
    options = parser.parse_args(argv)
    result = examine(lambda: load(options.schema), ledger=options.action == "check")
    if isinstance(result, list):
        return complain(result)
    source, schema = result
    try:
        if options.action == "close":
            print(close_version(source, schema, options.version, options.axis), end="")
        elif options.action == "diff":
            print(difference(source, schema, options.old, options.new), end="")
        elif read_book(schema.root) is None:
            raise SchemaError(Where(schema.root), "there is no ledger of this schema: 'qapi-gen ledger close VERSION' "
                              "writes one")
    except SchemaError as error:
        return complain([error])
    except Refused as refused:
        return complain(refused.errors)
    return 0


class Refused(Exception):
    """What closed versions have against the schema."""

    def __init__(self, errors: list[SchemaError]) -> None:
        super().__init__()
        self.errors = errors


def complain(errors: list[SchemaError]) -> int:
    for error in errors:
        print(error, file=sys.stderr)
    return 1


def require_version(source: Source, schema: Schema, version: str) -> None:
    if not any(schema.version_index(axis, version) for axis in schema.versions):
        known = [one.name for one in schema.versions["machine"][1:]]
        raise SchemaError(axis_place(source, schema, "machine"),
                          f"version '{version}' is on no axis{suggestion(version, known)}")


# ---- close


def close_version(source: Source, schema: Schema, version: str, axis: str | None) -> str:
    """Writes what is closed up to @version, and summarizes it; refuses while closed versions are not as they were."""
    book = read_book(schema.root)
    if book:
        report = Report()
        try:
            LedgerCheck(source, schema, book, report).run()
            report.stop_if_any()
        except TooManyErrors as error:
            raise Refused(report.errors) from error
    require_version(source, schema, version)
    ends = {name: end_of(source, schema, name, version) for name in schema.versions
            if axis == name or (axis is None and schema.version_index(name, version))}
    closed: dict[str, list[int]] = {}
    new: list[Version] = []
    for name, versions in schema.versions.items():
        known = book.closed_names(name) if book else []
        end = max([ends.get(name, 0), *(schema.version_index(name, one) for one in known)])
        closed[name] = list(range(1, end + 1))
        new += [versions[index] for index in closed[name] if versions[index].name not in known]
    present = Present(schema)
    written = record(present, closed)
    if book and all(one.bugfix_of for one in new):
        keep(written, book)
    write_book(written)
    return summary(schema, book, written)


def end_of(source: Source, schema: Schema, axis: str, version: str) -> int:
    index = schema.version_index(axis, version)
    known = [one.name for one in schema.versions[axis][1:]]
    where = axis_place(source, schema, axis, version)
    if not index:
        raise SchemaError(where, f"version '{version}' is not on the {axis} axis{suggestion(version, known)}")
    if schema.versions[axis][index].is_open:
        raise SchemaError(where, f"version '{version}' is open on the {axis} axis: add the next one to 'versions' and name "
                          "it in 'open', then close this one")
    return index


def keep(written: Book, book: Book) -> None:
    """Leaves out what is not in @book: it belongs to the version that is still open."""
    written.features = {name: one for name, one in written.features.items() if name in book.features}
    for holder in written.holders.values():
        while holder.parent in written.holders and holder.parent not in book.holders:
            above = written.holders[holder.parent]      # a class of the open version
            holder.facts = {fact: above.facts[fact] for fact in INHERITED if fact in above.facts} | holder.facts
            holder.parent = above.parent
    written.holders = {name: one for name, one in written.holders.items() if name in book.holders}
    for name, holder in written.holders.items():
        known = book.members(name)
        holder.members = {member: of_families(lines, book) for member, lines in holder.members.items() if member in known}


def of_families(lines: Lines, book: Book) -> Lines:
    """Without the lines of new machines."""
    return {key: line for key, line in lines.items() if not key.family or key.family in book.holders}


def write_book(book: Book) -> None:
    texts = render(book)
    for name, text in texts.items():
        path = os.path.join(book.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write(path, text)
    for name in book_files(book.directory):
        if name not in texts:
            os.unlink(os.path.join(book.directory, name))


# ---- diff


def difference(source: Source, schema: Schema, old: str, new: str) -> str:
    require_version(source, schema, old)
    require_version(source, schema, new)
    return Difference(schema, old, new).table()
