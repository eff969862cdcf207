# SPDX-License-Identifier: MIT
"""A change, and what it means."""

from __future__ import annotations

from qapigen.record import dataclass

# For those who use what the schema describes.
SAME, FINE, BREAKS = "-", "compatible", "BREAKS"
HEAD = ("what", "change", "clients", "guests")


@dataclass
class Change:
    what: str
    change: str
    clients: str = SAME
    guests: str = SAME


class Changes:
    """Each is reported once, with the worse of two verdicts."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Change] = {}

    def add(self, change: Change) -> None:
        known = self.known.setdefault((change.what, change.change), change)
        known.clients = worse(known.clients, change.clients)
        known.guests = worse(known.guests, change.guests)

    def clients(self, what: str, change: str, breaks: bool) -> None:
        self.add(Change(what, change, clients=BREAKS if breaks else FINE))

    def guests(self, what: str, change: str, breaks: bool) -> None:
        self.add(Change(what, change, guests=BREAKS if breaks else FINE))

    def table(self) -> str:
        rows = [HEAD, *((one.what, one.change, one.clients, one.guests) for one in self.known.values())]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
        lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows]
        return "\n".join(lines if self.known else []) + "\n" * bool(self.known)

    def verdict(self, who: str) -> str:
        broken = sum(getattr(one, who) == BREAKS for one in self.known.values())
        return f"{who}: {f'{broken} incompatible' if broken else 'compatible'}"


def worse(one: str, other: str) -> str:
    return max(one, other, key=(SAME, FINE, BREAKS).index)
