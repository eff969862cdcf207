# SPDX-License-Identifier: MIT
"""qapi-gen diff."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from qapigen.diff.change import Changes
from qapigen.diff.clients import Clients
from qapigen.diff.guests import Guests, side_of


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="qapi-gen diff", description="Reports what changed from one schema or ledger to "
                                     "another, and whether clients and guests can go on as before.")
    parser.add_argument("old", metavar="OLD", help="a root schema file, or the directory of a ledger")
    parser.add_argument("new", metavar="NEW")
    options = parser.parse_args(argv)
    sides = []
    for path in (options.old, options.new):
        side = side_of(path)
        if isinstance(side, list):
            for error in side:
                print(error, file=sys.stderr)
            return 1
        sides.append(side)
    old, new = sides
    changes = Changes()
    if old.schema and new.schema:
        Clients(old.schema, new.schema, changes).run()
    Guests(old, new, changes).run()
    print(changes.table(), end="")
    affected = ["clients", "guests"] if old.schema and new.schema else ["guests"]
    print("; ".join(changes.verdict(who) for who in affected))
    return 0
