#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two floors of the runtime use nothing of each other, as TAP: of the symbols that their archives define and use.  A
call from one to the other is tried, too.

usage: apart.py [BUILD]   default $VINTAGE_BUILD, else build.  CC: the compiler.
"""

import os
import sys
import tempfile

from circles import FOLDERS, uses
from layers import HERE, ROOT, Proofs, Result

# Neither uses the other.
APART = ("runtime/options", "runtime/qmp")


def archive_of(build: str, floor: str) -> str:
    return os.path.join(build, f"libvintage-{floor.replace('/', '-')}.a")


def main() -> int:
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1
                            else os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")))
    with tempfile.TemporaryDirectory() as scratch:
        proofs = Proofs(build, scratch)
        archives = {floor: archive_of(build, floor) for floor in APART}
        found = uses(archives)
        proofs.point("options-and-qmp-use-nothing-of-each-other", not found, str(found))
        layer, _, call, _ = FOLDERS[APART[1]]
        compiled, planted = (os.path.join(scratch, name) for name in ("call.o", "planted.o"))
        result = proofs.compile(layer, os.path.join(HERE, "calls", call), "-c", "-o", compiled)
        proofs.point("a-call-to-qmp-compiles", result.good, result.text)
        result = Result(["ld", "-r", "-o", planted, compiled, "--whole-archive", archives[APART[0]]])
        found = uses({**archives, APART[0]: planted})
        proofs.point("options-with-a-call-to-qmp-uses-it", result.good and list(found) == [APART], result.text or str(found))
    print(f"1..{proofs.count}")
    return 1 if proofs.failed else 0


if __name__ == "__main__":
    sys.exit(main())
