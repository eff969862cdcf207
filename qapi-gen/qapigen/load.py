# SPDX-License-Identifier: MIT
"""A root file and everything it includes, as one list of expressions."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass, field

from qapigen.doc import Doc
from qapigen.parse import Node, Parser
from qapigen.source import SchemaError, Where

LIST_PRAGMAS = ("command-name-exceptions", "command-returns-exceptions",
                "documentation-exceptions", "member-name-exceptions")


@dataclass
class Expr:
    """A top-level expression with the doc comment above it."""

    node: Node
    doc: Doc | None
    meta: str = ""
    name: str = ""

    @property
    def where(self) -> Where:
        return self.node.where


@dataclass
class Pragma:
    doc_required: bool = False
    exceptions: dict[str, set[str]] = field(
        default_factory=lambda: {name: set() for name in LIST_PRAGMAS})


@dataclass
class Source:
    """What was read: expressions, pragmas, and which files and directories they came from."""

    root: str
    exprs: list[Expr] = field(default_factory=list)
    docs: list[Doc] = field(default_factory=list)
    pragma: Pragma = field(default_factory=Pragma)
    files: list[str] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)


def load(root: str) -> Source:
    source = Source(root)
    Loader(source).read(root, (), None)
    return source


class Loader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.seen: set[str] = set()

    def read(self, file: str, parents: tuple[str, ...], included: Where | None) -> None:
        try:
            with open(file, encoding="utf-8") as stream:
                text = stream.read()
        except OSError as error:
            raise SchemaError(included or Where(file), f"can't read schema file '{file}': "
                              f"{error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SchemaError(Where(file), "schema file is not UTF-8") from error
        self.seen.add(os.path.abspath(file))
        self.source.files.append(file)
        chain = (*parents, os.path.abspath(file))
        doc: Doc | None = None
        for item in Parser(file, text).expressions():
            if isinstance(item, Doc):
                if doc and doc.symbol:
                    raise unused(doc)
                doc = item
                self.source.docs.append(item)
                continue
            if "include" in item or "pragma" in item:
                if doc and doc.symbol:
                    raise unused(doc)
                self.directive(item, file, chain)
            else:
                self.source.exprs.append(Expr(item, doc if doc and doc.symbol else None))
            doc = None
        if doc and doc.symbol:
            raise unused(doc)

    def directive(self, node: Node, file: str, chain: tuple[str, ...]) -> None:
        if "include" in node:
            if len(node.value) != 1:
                raise SchemaError(node.where, "invalid 'include' directive")
            if not node["include"].is_str:
                raise SchemaError(node.where, "value of 'include' must be a string")
            self.include(node["include"].value, node.where, file, chain)
            return
        if len(node.value) != 1:
            raise SchemaError(node.where, "invalid 'pragma' directive")
        if not node["pragma"].is_dict:
            raise SchemaError(node.where, "value of 'pragma' must be an object")
        for name, value in node["pragma"].items():
            self.pragma(name, value, node.where)

    def include(self, target: str, where: Where, file: str, chain: tuple[str, ...]) -> None:
        path = os.path.join(os.path.dirname(file), target)
        paths = [path]
        if any(mark in target for mark in "*?["):
            paths = sorted(glob.glob(path, recursive=True))
            self.note_directories(path)
        for one in paths:
            absolute = os.path.abspath(one)
            if absolute in chain:
                raise SchemaError(where, f"inclusion loop for {target}")
            if absolute not in self.seen:
                self.read(one, chain, where)

    def note_directories(self, pattern: str) -> None:
        base = pattern
        while any(mark in base for mark in "*?["):
            base = os.path.dirname(base)
        if not os.path.isdir(base):
            return
        for directory, names, _ in os.walk(base):
            names.sort()
            if directory not in self.source.directories:
                self.source.directories.append(directory)
            if "**" not in pattern:
                break

    def pragma(self, name: str, value: Node, where: Where) -> None:
        pragma = self.source.pragma
        if name == "doc-required":
            if not isinstance(value.value, bool):
                raise SchemaError(where, "pragma 'doc-required' must be boolean")
            pragma.doc_required = value.value
        elif name in LIST_PRAGMAS:
            if not value.is_list or not all(item.is_str for item in value.value):
                raise SchemaError(value.where, f"pragma {name} must be a list of strings")
            pragma.exceptions[name].update(value.plain())
        else:
            raise SchemaError(where, f"unknown pragma '{name}'")


def unused(doc: Doc) -> SchemaError:
    return SchemaError(doc.where, f"documentation for '{doc.symbol}' is not followed by the definition")
