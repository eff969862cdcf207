# SPDX-License-Identifier: MIT
"""Machines of an older release whose values a newer release changed.

A machine version keeps its values.  Where two releases differ about one machine, the history on the machine axis stays as it
is, and the difference belongs to the release.
"""

from __future__ import annotations

from typing import NamedTuple

from qapigen.importer.facts import Facts, Property, Vector


class Rebase(NamedTuple):
    """A member whose value on old machines is another one in the newest release."""

    kind: str
    member: str
    before: str                 # on the newest machine where the releases differ
    now: str
    everywhere: bool            # on all machines of the older release
    machines: tuple[str, ...]


def rebased(facts: Facts, kind: str, prop: str, one: Property, known: Vector) -> Rebase | None:
    """Takes what only a newer release says of old machines out of @one; @known: the values that the schema has."""
    if not one.old:
        return None             # only the newer release has it, and what it says counts
    newest = max(column.version for column in facts.columns[:facts.old])
    if one.unsure and known and any(one.vector[index] not in (None, known[index]) for index, column
                                    in enumerate(facts.columns[:facts.old]) if column.version == newest):
        one.vector = (None,) * len(one.vector)
        return None
    differing = dict(one.rebased)
    vector = list(one.vector)
    for index in one.later:
        text = known[index] if known else None
        if text is not None and vector[index] is not None:
            if text != vector[index]:
                differing[index] = str(vector[index])
            vector[index] = text
    if not differing:
        one.vector = tuple(vector)
        return None
    ours = [index for index, column in enumerate(facts.columns[:facts.old]) if vector[index] is not None
            and column.target in {facts.columns[each].target for each in differing}]
    comparable = [index for index in ours if index in one.later or index in one.rebased]
    now = {differing[index] for index in differing}
    everywhere = len(now) == 1 and len(differing) >= len(comparable)
    last = max(differing, key=lambda index: facts.columns[index].version)
    if everywhere:
        # The base moved: newer machines differ by it alone, where they have the same value.
        for index in range(facts.old, len(vector)):
            if vector[index] in now:
                vector[index] = None
    one.vector = tuple(vector)
    return Rebase(kind, prop, str(vector[last]), differing[last], everywhere,
                  tuple(facts.columns[index].machine for index in sorted(differing)))
