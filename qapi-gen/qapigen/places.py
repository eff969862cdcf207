# SPDX-License-Identifier: MIT
"""Where files of a schema are: their names, and the layers of what they define."""

from __future__ import annotations

import hashlib
import os

from qapigen.record import dataclass, field
from qapigen.source import Where, relative

LAYERS = ("runtime", "backends", "hw", "machine", "engine")


@dataclass
class Places:
    """@stated: by file, the lines from which on a layer is stated.  @installed: the schema that came with the compiler."""

    root: str
    installed: str = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "schema")
    stated: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    sealed: frozenset[str] = frozenset()    # the files of the program's schema
    hash: str = ""             # of the schema's files

    def seal(self, files: list[str]) -> None:
        """Takes the hash of @files, without lines of comments: another word in these is the same schema."""
        digest = hashlib.sha256()
        for name, file in sorted((self.name(file), file) for file in files):
            digest.update(name.encode() + b"\0")
            with open(file, "rb") as stream:
                digest.update(b"\n".join(line for line in stream.read().split(b"\n") if not line.lstrip().startswith(b"#")))
        self.sealed = frozenset(files)
        self.hash = digest.hexdigest()[:16]

    def name(self, file: str) -> str:
        """As seen from the directory of the root schema, or of the one that came with the compiler."""
        path = relative(file, self.root)
        return os.path.relpath(file, self.installed) if path.startswith(os.pardir) and file.startswith(self.installed) else path

    def is_foreign(self, where: Where) -> bool:
        """Whether the installed headers declare its types: the file came with the compiler, and the root did not."""
        start = os.path.join(self.installed, "")
        return where.file.startswith(start) and not os.path.abspath(self.root).startswith(start)

    def is_board(self, where: Where) -> bool:
        return bool(self.sealed) and where.file not in self.sealed

    def layer(self, where: Where) -> str:
        """What the file states, or else its top directory; empty: neither is a layer."""
        stated = [layer for line, layer in self.stated.get(where.file, ()) if line <= where.line]
        if stated:
            return stated[-1]
        top = self.name(where.file).split(os.sep)[0]
        return top if top in LAYERS else ""
