# SPDX-License-Identifier: MIT
"""qapi-gen import: proposes what the schema lacks of what a QEMU has."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
import tempfile
from collections.abc import Sequence

from qapigen.check import examine
from qapigen.classes import Props
from qapigen.importer import describe, live, report
from qapigen.importer.amend import File
from qapigen.importer.decisions import DECISIONS, Decisions
from qapigen.importer.facts import Facts
from qapigen.importer.family import Families
from qapigen.importer.history import Historian
from qapigen.importer.monitor import LiveError
from qapigen.importer.propose import Proposal
from qapigen.importer.rows import Rows
from qapigen.importer.settle import Settler
from qapigen.importer.tree import Tree
from qapigen.importer.types import Typist
from qapigen.importer.words import Words
from qapigen.load import load
from qapigen.model import Schema
from qapigen.output import write
from qapigen.source import SchemaError, Where

DEFAULT_SCHEMA = os.path.join("schema", "vintage-vm.json")


def main(argv: Sequence[str]) -> int:
    options = parser().parse_args(argv)
    result = examine(lambda: load(options.schema))
    if isinstance(result, list):
        print("\n".join(map(str, result)), file=sys.stderr)
        return 1
    source, schema = result
    if options.describe:
        texts = describe.changed(os.path.dirname(options.schema), source.files, Words(options.words))
        return save(texts, options) if options.write else show(texts, options)
    try:
        sources = options.facts or options.binary or options.qmp
        if options.report and not sources and not options.rows:
            print(report.of_schema(schema), end="")
            return 0
        facts = Facts(Families(schema))
        if options.binary or options.qmp:
            ask(facts, options)
        for directory in options.facts:
            facts.read(directory)
        if not facts.kinds and not options.rows:
            raise SchemaError(Where("qapi-gen import"), "say where the facts are: --facts DIR, --binary QEMU or --qmp SOCKET")
        if options.rows:
            return rows(schema, facts, options)
        proposal = propose(schema, facts, Words(options.words, schema))
    except (SchemaError, LiveError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.report:
        print(report.of_proposal(proposal), end="")
        return 0
    texts = changed(options.schema, proposal)
    if options.write:
        return save(texts, options)
    print(report.differences(proposal), end="")
    return 0


def save(texts: dict[str, str], options: argparse.Namespace) -> int:
    for name, text in texts.items():
        path = os.path.join(os.path.dirname(options.schema), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write(path, text)
        print(path)
    return 0


def show(texts: dict[str, str], options: argparse.Namespace) -> int:
    """What lines would change of files that are there."""
    for name, text in texts.items():
        path = os.path.join(os.path.dirname(options.schema), name)
        with open(path, encoding="utf-8") as stream:
            print(*difflib.unified_diff(stream.read().splitlines(), text.splitlines(), path, path, lineterm="", n=0), sep="\n")
    return 0


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="qapi-gen import", description="Proposes what the schema lacks of the types, properties and defaults that a QEMU "
        "has.  Without --write it prints the proposal and changes nothing.")
    result.add_argument("--facts", action="append", default=[], metavar="DIR",
                        help="directory with effective-TARGET.json and types-TARGET.json, of any number of targets")
    result.add_argument("--binary", metavar="QEMU", help="a QEMU to start and ask, once on each machine")
    result.add_argument("--qmp", metavar="SOCKET", help="the QMP socket of a QEMU that runs")
    result.add_argument("--machine", action="append", default=[], metavar="PATTERN",
                        help="of the machines of --binary or --qmp only those, as 'pc-q35-*' (default: all versions)")
    result.add_argument("--rows", action="append", default=[], metavar="FILE",
                        help="a table of compat properties: print the schema line that carries each of its rows, and no proposal")
    result.add_argument("--write", action="store_true", help="write the proposal into the schema")
    result.add_argument("--report", action="store_true",
                        help="print lines of each class and what is said twice; without facts, of the schema as it is")
    result.add_argument("--describe", action="store_true",
                        help="only give words to what comments leave undescribed, where --words has some by now; needs no facts")
    result.add_argument("--words", default="", metavar="DIR", help="files with texts for names that the schema does not have")
    result.add_argument("--schema", default=DEFAULT_SCHEMA, metavar="SCHEMA",
                        help=f"the root schema file (default: {DEFAULT_SCHEMA})")
    return result


def ask(facts: Facts, options: argparse.Namespace) -> None:
    """Facts from a QEMU that runs, by way of the files that they are read from."""
    schema, props = facts.families.schema, Props(facts.families.schema)
    with tempfile.TemporaryDirectory() as directory:
        live.collect(directory, qmp=options.qmp or "", binary=options.binary or "", only=options.machine,
                     wants=lambda target, machine: facts.families.place(target, machine) is not None,
                     # The code of a type may override a reported default: a known value that differs is no error.
                     trusts=lambda kind, name: kind not in schema.classes or name not in props.of(kind),
                     say=lambda text: print(f"qapi-gen import: {text}", file=sys.stderr))
        facts.read(directory)


def rows(schema: Schema, facts: Facts, options: argparse.Namespace) -> int:
    """Prints where the rows of compat tables are; interfaces that they name take facts."""
    below: dict[str, set[str]] = {}
    for kind in facts.kinds.values():
        for name in (*facts.chain(kind.name), *kind.implements):
            below.setdefault(name, set()).add(kind.name)
    comparison = Rows(schema, Decisions(DECISIONS), below)
    complete = True
    for path in options.rows:
        text, whole = comparison.report(path)
        print(text, end="")
        complete = complete and whole
    return 0 if complete else 1


def propose(schema: Schema, facts: Facts, words: Words) -> Proposal:
    tree = Tree(schema, facts, Typist(schema))
    settler = Settler(tree, Historian(schema, facts.columns))
    return Proposal(settler, words, Decisions(DECISIONS))


def changed(root: str, proposal: Proposal) -> dict[str, str]:
    """Files of the schema that change, relative to its directory."""
    base = os.path.dirname(root)
    files: dict[str, File] = {}

    def opened(name: str) -> File:
        if name not in files:
            with open(os.path.join(base, name), encoding="utf-8") as stream:
                files[name] = File(stream.read())
        return files[name]

    for lack in proposal.lacks():
        if lack.key in ("config", "defaults"):
            opened(lack.file).add(lack.owner, lack.key, lack.items)
        elif lack.key == "targets":
            opened(lack.file).widen(lack.owner, lack.items[0])
        elif lack.key.startswith("="):
            opened(lack.file).restate(lack.owner, lack.key[1:], lack.items[0])
        else:
            opened(lack.file).settle(lack.owner, lack.key, lack.items[0])
        if lack.docs:
            opened(lack.file).explain(lack.owner, lack.docs)
    result = {}
    for name, (header, text) in proposal.files().items():
        if os.path.exists(os.path.join(base, name)):
            opened(name).append(text)
        else:
            result[name] = header + "\n" + text
    return result | {name: file.text for name, file in files.items()}
