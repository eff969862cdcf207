#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mutants of the schema, thousands of them: each must be refused at its position, as TAP.

The whole would take too long: it is the part whose devices have behaviour that they are made in.  An operator is a kind
of mistake.  Of those that make very many mutants a sample is tried, always the same.
"""

import gc
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterable

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "qapi-gen"))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
sys.dont_write_bytecode = True

import classes  # noqa: E402, F401
import closed  # noqa: E402
import definitions  # noqa: E402, F401
import facts  # noqa: E402, F401
import histories  # noqa: E402, F401
import members  # noqa: E402, F401
import part  # noqa: E402
import promises  # noqa: E402
from spans import Mutant  # noqa: E402
from world import OPERATORS, World, Wrong  # noqa: E402

# Per operator, and in total. A short run takes a sample; VINTAGE_LONG takes more ("make nightly").
AT_MOST, AT_LEAST = (23, 2000) if os.environ.get("VINTAGE_LONG") else (1, 100)


def sample(name: str, mutants: Iterable[Mutant]) -> list[Mutant]:
    every = list(mutants)
    return random.Random(name).sample(every, AT_MOST) if len(every) > AT_MOST else every


def main() -> int:
    directory = tempfile.TemporaryDirectory()
    shutil.copytree(os.path.join(ROOT, "schema"), os.path.join(directory.name, "schema"))
    part.thin(os.path.join(directory.name, "schema"))
    os.chdir(directory.name)    # so that edits of the schema do not disturb the test
    try:
        world = World(os.path.join("schema", "vintage-vm.json"))
    except Wrong as wrong:
        print(f"1..1\n# {wrong}\nnot ok 1 - the schema itself is accepted")
        return 1
    gc.disable()                # done every few runs of the compiler
    gc.freeze()
    chosen = {name for name in OPERATORS if not sys.argv[1:] or any(word in name for word in sys.argv[1:])}
    print(f"1..{len(chosen) + 2}")
    print("ok 1 - the schema itself is accepted")
    mutants = {name: sample(name, operator(world)) for name, operator in OPERATORS.items()
               if name in chosen and (world.has_ledger or operator.__module__ not in (closed.__name__, promises.__name__))}
    wrong = world.survivors([mutant for each in mutants.values() for mutant in each])
    total = 0
    for number, name in enumerate((name for name in OPERATORS if name in chosen), 2):
        if name not in mutants:
            print(f"ok {number} - {name} # SKIP there is no ledger")
            continue
        tried = len(mutants[name])
        survivors = [wrong[one] for one in range(total, total + tried) if one in wrong]
        total += tried
        for one in survivors[:8]:
            print(f"# {one}")
        print(f"{'not ok' if survivors or not tried else 'ok'} {number} - {name}: refused {tried - len(survivors)} of {tried}")
    killed = total - len(wrong)
    enough = total >= AT_LEAST or len(chosen) < len(OPERATORS)
    print(f"{'ok' if enough else 'not ok'} {len(chosen) + 2} - refused {killed} of {total} mutants in all")
    return 0 if enough and killed == total else 1


if __name__ == "__main__":
    sys.exit(main())
