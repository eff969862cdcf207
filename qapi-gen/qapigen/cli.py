# SPDX-License-Identifier: MIT
"""qapi-gen's commands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from qapigen.build import program_of
from qapigen.check import examine
from qapigen.load import Source, load
from qapigen.model import Schema
from qapigen.output import compile_beside, compile_to, output_names, write_pages
from qapigen.places import Places
from qapigen.source import Report, SchemaError, suggestion


def read(root: str, ledger: bool = False) -> tuple[Source, Schema] | None:
    """The checked model; None once the errors are printed."""
    result = examine(lambda: load(root), ledger)
    if isinstance(result, tuple):
        return result
    for error in result:
        print(error, file=sys.stderr)
    return None


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="qapi-gen", description="Compiles a schema to C.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    texts = {"compile": "write the C of a schema", "check": "check a schema",
             "clients": "write typed clients of the commands, for Python and C",
             "docs": "write the reference of a schema as Markdown",
             "site": "write the reference of a schema as pages for a browser",
             "man": "write manual pages",
             "json-schema": "print the JSON Schema of configuration files, for editors",
             "table": "check boards with a program's schema, and write their table file",
             "list-outputs": "print the names of the files that compile writes"}
    for name, text in texts.items():
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        if name == "table":
            command.add_argument("-o", dest="output", required=True, metavar="FILE", help="the table file")
            command.add_argument("--program", default=os.path.join(Places.installed, "vintage-vm.json"), metavar="SCHEMA",
                                 help="root of the program that loads it (default: vintage-vm)")
        if name in ("compile", "clients", "docs", "site", "man"):
            command.add_argument("-o", dest="directory", required=True, metavar="DIR",
                                 help="directory to write to")
        if name in ("compile", "list-outputs"):
            command.add_argument("-p", dest="prefix", default="", metavar="PREFIX",
                                 help="prefix of file names and of layers' and programs' symbols")
            command.add_argument("--beside", default="", metavar="SCHEMA",
                                 help="root of a larger program with the same layers: only the program's own files")
        if name == "site":
            command.add_argument("--chapters", default="", metavar="DIR",
                                 help="directory of chapters in Markdown, whose pages are in the directory above")
        if name == "check":
            command.add_argument("--docs", action="store_true",
                                 help="check what comments say too, and print how much is not described")
        if name == "json-schema":
            command.add_argument("--of", default="", metavar="NAME",
                                 help="of this creation union or type instead of the whole file")
        if name == "clients":
            command.add_argument("--package-version", default="0", metavar="VERSION", help="version of the Python package")
        if name == "man":
            command.add_argument("--help-text", default="", metavar="FILE", help="what the tool's --help prints")
        command.add_argument("schema", metavar="SCHEMA", help="the root schema file")
        if name == "man":
            command.add_argument("pages", metavar="PAGE", nargs="+", help="the text of a page, as vintage-vm.1.md")
    commands.add_parser("ledger", help="write down and check what closed versions were released with")
    commands.add_parser("import", help="propose what the schema lacks of what a QEMU has")
    commands.add_parser("diff", help="compare two schemas, and report what the changes mean for clients and guests")
    if argv[:1] == ["diff"]:
        from qapigen.diff import command as diff

        return diff.main(argv[1:])
    if argv[:1] == ["ledger"]:
        from qapigen.ledger import command as ledger

        return ledger.main(argv[1:])
    if argv[:1] == ["import"]:
        from qapigen.importer import command as importer

        return importer.main(argv[1:])
    options = parser.parse_args(argv)
    if options.command == "table":
        return table(options.program, options.schema, options.output)
    if options.command == "list-outputs":
        return list_outputs(options.schema, options.prefix, bool(options.beside))
    result = read(options.schema, ledger=options.command == "check")
    if result is None:
        return 1
    if options.command == "check" and options.docs:
        return check_docs(*result)
    if options.command == "compile" and options.beside:
        return beside(options.directory, options.prefix, result, options.beside)
    if options.command == "compile":
        compile_to(options.directory, options.prefix, *result)
    if options.command == "clients":
        from qapigen.backends import clients_c, clients_python

        for name, files in (("python", clients_python.render(result[1], options.package_version)),
                            ("c", clients_c.render(result[1]))):
            write_pages(f"{options.directory}/{name}", files)
    if options.command == "docs":
        from qapigen.backends import docs   # what only one command needs, the others don't wait for

        write_pages(options.directory, docs.render(result[1]))
    if options.command == "site":
        from qapigen.backends import site

        write_pages(options.directory, site.render(result[1], options.chapters))
    if options.command == "man":
        return man(result[1], options)
    if options.command == "json-schema":
        return json_schema(result[1], options.of)
    return 0


def table(root: str, file: str, output: str) -> int:
    from qapigen.board import table_of

    result = table_of(root, file)
    if isinstance(result, str):
        write_pages(os.path.dirname(output) or ".", {os.path.basename(output): result})
        return 0
    for error in result:
        print(error, file=sys.stderr)
    return 1


def check_docs(source: Source, schema: Schema) -> int:
    from qapigen.docs_check import DocsCheck

    check = DocsCheck(source, schema)
    errors = check.errors()
    for error in errors:
        print(error, file=sys.stderr)
    print(check.summary())
    return 1 if errors else 0


def beside(directory: str, prefix: str, program: tuple[Source, Schema], root: str) -> int:
    larger = read(root)
    error = compile_beside(directory, prefix, program, larger) if larger else ""
    if error:
        print(error, file=sys.stderr)
    return 1 if error or not larger else 0


def json_schema(schema: Schema, of: str) -> int:
    from qapigen.backends import jsonschema
    from qapigen.plan import Plan

    if of and of not in jsonschema.names(schema):
        print(f"qapi-gen: '{of}' is neither a creation union nor a type{suggestion(of, jsonschema.names(schema))}",
              file=sys.stderr)
        return 2
    print(jsonschema.render(Plan(schema), of), end="")
    return 0


def man(schema: Schema, options: argparse.Namespace) -> int:
    from qapigen.backends.man import Page, render

    try:
        pages = [Page(path, contents(path)) for path in options.pages]
        help_text = contents(options.help_text) if options.help_text else ""
    except OSError as error:
        print(f"qapi-gen: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    write_pages(options.directory, render(schema, pages, help_text))
    return 0


def contents(path: str) -> str:
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def list_outputs(root: str, prefix: str, alone: bool) -> int:
    """Needs the program's name only, so a schema with errors lists its outputs too."""
    report = Report()
    try:
        source = load(root)
    except SchemaError as error:
        report.add(error)
        print(error, file=sys.stderr)
        return 1
    print("\n".join(output_names(prefix, program_of(source), alone)))
    return 0
