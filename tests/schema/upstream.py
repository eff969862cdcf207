#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The test cases of QEMU's schema compiler, if available: the same result, file and line, as TAP.

A case is NAME.json with NAME.err beside it, which is empty where the schema is right.  VINTAGE_QAPI_CASES names their
directory.
"""

import glob
import os
import re
import sys
from collections.abc import Iterator

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASES = os.environ.get("VINTAGE_QAPI_CASES") or os.path.join(os.path.dirname(ROOT), "shared", "data", "qapi-cases")
sys.path.insert(0, os.path.join(ROOT, "qapi-gen"))
sys.dont_write_bytecode = True

from qapigen.check import errors_of  # noqa: E402

PLACE = re.compile(r"([^\s:]+\.json):([0-9]+):")


def place(lines: Iterator[str]) -> str:
    """FILE:LINE of the first error; empty: none."""
    found = next((match for line in lines for match in [PLACE.match(line)] if match), None)
    return f"{os.path.basename(found[1])}:{found[2]}" if found else ""


def judge(name: str) -> str:
    """Empty, or the difference from upstream's compiler."""
    with open(f"{name}.err", encoding="utf-8") as file:
        wanted = place(iter(file))
    errors = [str(error) for error in errors_of(f"{name}.json")]
    got = place(iter(errors))
    return "" if got == wanted else f"expected {wanted or 'no error'}, got {errors[0] if errors else 'no error'}"


def main() -> int:
    if not os.path.isdir(CASES):
        print("1..0 # SKIP the cases are not here")
        return 0
    os.chdir(CASES)
    names = sorted(path.removesuffix(".err") for path in glob.glob("*.err"))
    print(f"1..{len(names)}")
    failed = 0
    for number, name in enumerate(names, 1):
        wrong = judge(name)
        if wrong:
            print(f"# {wrong}")
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
