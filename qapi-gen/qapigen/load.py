# SPDX-License-Identifier: MIT
"""A root file and everything it includes, as one list of expressions."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable

from qapigen.doc import Doc
from qapigen.parse import DEPTH_MAX, Node, Parser
from qapigen.places import LAYERS, Places
from qapigen.record import dataclass, field
from qapigen.source import SchemaError, Where, suggestion

# What plain QAPI does not have.
OWN = ("program", "facts", "axis", "platform-feature", "timeline", "reason", "scalar", "interface", "qom-type", "bus", "class",
       "machine", "option", "option-group", "former-option", "forms", "hmp")
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
    ours: bool = False          # the schema has more than QAPI: an error in a member names the member's line
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
    places: Places = field(default_factory=lambda: Places(""))

    def seal(self) -> None:
        """What was read so far is the program's schema, which tables and modules are made for."""
        self.places.seal(self.files)

    def is_ours(self) -> bool:
        return any(next(iter(expr.node.value), "") in OWN for expr in self.exprs)

    def bad_style(self) -> SchemaError | None:
        """Of the first comment that plain QAPI refuses.  Where a schema has more than QAPI, its style is its own."""
        return None if self.is_ours() else next((doc.style for doc in self.docs if doc.style), None)


def load(root: str, loader: type[Loader] | None = None) -> Source:
    source = Source(root, places=Places(root))
    try:
        (loader or Loader)(source).read(root, (), None)
    except SchemaError as error:
        raise source.bad_style() or error from None
    wrong = source.bad_style()
    if wrong:
        raise wrong
    source.pragma.ours = source.is_ours()
    source.seal()
    return source


class Loader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.seen: set[str] = set()

    def items(self, file: str, included: Where | None) -> Iterable[Node | Doc]:
        """What stands in one file, in order."""
        try:
            with open(file, encoding="utf-8") as stream:
                text = stream.read()
        except OSError as error:
            raise SchemaError(included or Where(file), f"can't read schema file '{file}': "
                              f"{error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SchemaError(Where(file), "schema file is not UTF-8") from error
        return Parser(file, text).expressions()

    def read(self, file: str, parents: tuple[str, ...], included: Where | None) -> None:
        items = self.items(file, included)
        self.seen.add(os.path.abspath(file))
        self.source.files.append(file)
        chain = (*parents, os.path.abspath(file))
        doc: Doc | None = None
        for item in items:
            if isinstance(item, Doc):
                if doc and doc.symbol:
                    raise unused(doc)
                doc = item
                self.source.docs.append(item)
                continue
            if "include" in item or "pragma" in item or next(iter(item.value), "") == "layer":
                if doc and doc.symbol:
                    raise unused(doc)
                self.directive(item, file, chain)
            else:
                if doc and not doc.symbol:
                    raise SchemaError(doc.where, "documentation right above a definition begins with its name: "
                                      "'# @NAME:'")
                self.source.exprs.append(Expr(item, doc))
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
        if "layer" in node:
            self.layer(node, file)
            return
        if len(node.value) != 1:
            raise SchemaError(node.where, "invalid 'pragma' directive")
        if not node["pragma"].is_dict:
            raise SchemaError(node.where, "value of 'pragma' must be an object")
        for name, value in node["pragma"].items():
            self.pragma(name, value, node.where)

    def layer(self, node: Node, file: str) -> None:
        name = node["layer"].value
        if len(node.value) != 1 or not node["layer"].is_str:
            raise SchemaError(node.where, "invalid 'layer' directive")
        if name not in LAYERS:
            raise SchemaError(node.where, f"unknown layer '{name}'{suggestion(name, LAYERS)}; expected one of "
                              f"{', '.join(LAYERS)}")
        self.source.places.stated.setdefault(file, []).append((node.where.line, name))

    def include(self, target: str, where: Where, file: str, chain: tuple[str, ...]) -> None:
        path = os.path.join(os.path.dirname(file), target)
        if target.startswith("<") and target.endswith(">"):
            path = os.path.join(self.source.places.installed, target[1:-1])
        paths = [path]
        if any(mark in target for mark in "*?["):
            paths = sorted(glob.glob(path, recursive=True))
            self.note_directories(path)
        for one in paths:
            absolute = os.path.abspath(one)
            if absolute in chain:
                raise SchemaError(where, f"inclusion loop for {target}")
            if len(chain) == DEPTH_MAX:
                raise SchemaError(where, f"'{target}' is included deeper than {DEPTH_MAX}")
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
