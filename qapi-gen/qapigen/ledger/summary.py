# SPDX-License-Identifier: MIT
"""What closing a version wrote, on one page for a reviewer."""

from __future__ import annotations

from collections.abc import Iterator

from qapigen.ledger.book import Book
from qapigen.ledger.difference import Difference
from qapigen.ledger.facts import losses
from qapigen.model import Schema

ROWS = 24       # of a list; the rest is counted


def summary(schema: Schema, old: Book | None, new: Book) -> str:
    """Of the ledger @new, which took the place of @old.  None: the first one."""
    parts = [f"{axis} versions {names[0].partition('(')[0]} to {names[-1].partition('(')[0]} are closed"
             for axis, names in new.closed.items() if names]
    members = sum(len(new.members(name)) for name in new.holders)
    parts.append(f"{len(new.holders)} classes and types, {members} members, inherited ones included")
    if old:
        parts += listed("new classes", (name for name in new.holders if name not in old.holders))
        parts += listed("new members", new_members(old, new))
        parts += listed("errata", errata(old, new))
        parts += listed("no longer promised", withdrawn(old, new))
        parts += changed(schema, old, new)
    return "\n".join(parts) + "\n"


def listed(title: str, lines: Iterator[str]) -> list[str]:
    known = list(dict.fromkeys(lines))
    if not known:
        return []
    rest = [f"  and {len(known) - ROWS} more"] if len(known) > ROWS else []
    return [f"{title}: {len(known)}", *(f"  {line}" for line in known[:ROWS]), *rest]


def new_members(old: Book, new: Book) -> Iterator[str]:
    """Where they come from: not of each class that inherits one."""
    for name, holder in new.holders.items():
        above = new.members(holder.parent) if holder.parent in new.holders else {}
        for member in new.members(name) if name in old.holders else ():
            if member not in old.members(name) and member not in above:
                yield f"{name}.{member}"


def errata(old: Book, new: Book) -> Iterator[str]:
    for name, holder in new.holders.items():
        before = old.members(name) if name in old.holders else {}
        above = new.members(holder.parent) if holder.parent in new.holders else {}
        for member, lines in holder.members.items():
            for key, runs in lines.items() if above.get(member) != lines else ():
                if "(had:" in runs and before.get(member, {}).get(key) != runs:
                    yield f"{name}.{member} {key} {runs}"


def withdrawn(old: Book, new: Book) -> Iterator[str]:
    """What the reviewed ledger promised and this one does not: it was deleted there by hand."""
    yield from (name for name in old.names if name not in new.names)
    for name in old.holders:
        if name not in new.holders:
            yield name
            continue
        for fact, lost in losses(old.facts(name), new.facts(name)) if old.has_facts else ():
            yield f"{name}: {fact} {lost}"


def changed(schema: Schema, old: Book, new: Book) -> list[str]:
    """Defaults that differ from the version that was the newest before."""
    ends = {(old.closed_names(axis)[-1], new.closed_names(axis)[-1]) for axis in new.closed
            if old.closed_names(axis) and new.closed_names(axis)}
    lines: list[str] = []
    for before, after in sorted(ends):
        if before != after:
            rows = Difference(schema, before, after).table().splitlines()[1:]
            lines += listed(f"defaults changed from {before} to {after}", iter(rows))
    return lines
