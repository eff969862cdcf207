#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""JSON text to a C struct: the tables, beside a decoder written by hand for one class, and a json-c tree."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from goals import Goals  # noqa: E402

LIMITS = {"tag first": 1.5, "tag last": 2.0}


def main() -> int:
    goals = Goals()
    done = subprocess.run([os.path.join(sys.argv[1], "tests", "bench", "bench-decode")], text=True, check=True,
                          stdout=subprocess.PIPE)
    ours, hand, tree = ([float(word) for word in line.split()] for line in done.stdout.splitlines())
    for index, (name, limit) in enumerate(LIMITS.items()):
        goals.row(f"throttle-group from JSON, {name}", ours[index], "ns", limit, of="by_hand", digits=0, by_hand=hand[index],
                  json_c_tree=tree[index])
    return goals.end()


sys.exit(main())
