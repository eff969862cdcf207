# SPDX-License-Identifier: MIT
"""Where the schema is otherwise than QEMU, and is meant to be."""

from __future__ import annotations

from qapigen.importer.words import Lexicon


class Decisions:
    """Lines 'CLASS.MEMBER: why'; CLASS may be an ancestor."""

    def __init__(self, path: str) -> None:
        self.lexicon = Lexicon(path)

    def why(self, ancestry: list[str], member: str) -> str:
        return next((found for name in ancestry for found in [self.lexicon.find(f"{name}.{member}")] if found), "")
