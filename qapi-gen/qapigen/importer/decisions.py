# SPDX-License-Identifier: MIT
"""Deliberate differences between the schema and QEMU, with the reason of each."""

from __future__ import annotations

import os

from qapigen.importer.words import Lexicon

DECISIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "decisions.txt")


class Decisions:
    """Lines 'CLASS.MEMBER: why'; CLASS may be an ancestor."""

    def __init__(self, path: str) -> None:
        self.lexicon = Lexicon(path)

    def why(self, ancestry: list[str], member: str) -> str:
        return next((found for name in ancestry for found in [self.lexicon.find(f"{name}.{member}")] if found), "")
