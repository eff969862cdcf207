# SPDX-License-Identifier: MIT
"""qapi-gen's commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from qapigen.backends import docs
from qapigen.build import build
from qapigen.lint import lint
from qapigen.load import Source, load
from qapigen.model import Schema
from qapigen.output import compile_to, output_names, write_pages
from qapigen.source import Report, SchemaError, TooManyErrors


def read(root: str) -> tuple[Source, Schema] | None:
    """The checked model; None once the errors are printed."""
    report = Report()
    try:
        try:
            source = load(root)
        except SchemaError as error:
            report.add(error)
            raise TooManyErrors from error
        schema = build(source, report)
        lint(source, schema, report)
        report.stop_if_any()
        return source, schema
    except TooManyErrors:
        for known in report.errors:
            print(known, file=sys.stderr)
        return None


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="qapi-gen", description="Compiles a schema to C.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    texts = {"compile": "write the C of a schema", "check": "check a schema",
             "docs": "write the reference of a schema",
             "list-outputs": "print the names of the files that compile writes"}
    for name, text in texts.items():
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        if name in ("compile", "docs"):
            command.add_argument("-o", dest="directory", required=True, metavar="DIR",
                                 help="directory to write to")
        if name in ("compile", "list-outputs"):
            command.add_argument("-p", dest="prefix", default="", metavar="PREFIX",
                                 help="prefix of file names and of layers' and programs' symbols")
        command.add_argument("schema", metavar="SCHEMA", help="the root schema file")
    options = parser.parse_args(argv)
    if options.command == "list-outputs":
        return list_outputs(options.schema, options.prefix)
    result = read(options.schema)
    if result is None:
        return 1
    if options.command == "compile":
        compile_to(options.directory, options.prefix, *result)
    if options.command == "docs":
        write_pages(options.directory, docs.render(result[1]))
    return 0


def list_outputs(root: str, prefix: str) -> int:
    """Needs the program's name only, so a schema with errors lists its outputs too."""
    report = Report()
    try:
        source = load(root)
    except SchemaError as error:
        report.add(error)
        print(error, file=sys.stderr)
        return 1
    program = next((expr.node["program"].value for expr in source.exprs
                    if "program" in expr.node and expr.where.file == root), "")
    print("\n".join(output_names(prefix, program)))
    return 0
