# SPDX-License-Identifier: MIT
"""The floors of the runtime, from the ground up, as meson.build names them, and where their headers are."""

import glob
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

with open(os.path.join(ROOT, "meson.build"), encoding="utf-8") as _file:
    FLOORS = re.findall(r"'(\w+)'", re.search(r"foreach floor : \[([^]]*)\]", _file.read())[1])

# For those who use the runtime: its public headers.
PUBLIC = sorted(glob.glob(os.path.join(ROOT, "runtime", "*", "include")))
OPTIONS = [word for path in PUBLIC for word in ("-I", path)]


def ways(floor: str) -> list[str]:
    """The include directories that a floor is compiled with: its own, and those of the floors below."""
    own = FLOORS.index(floor) + 1 if floor in FLOORS else 0
    paths = [os.path.join(ROOT, "runtime", "table", "include"),
             *(os.path.join(ROOT, "runtime", lower, kind) for lower in FLOORS[:own] for kind in ("include", "internal"))]
    return [path for path in paths if os.path.isdir(path)]
