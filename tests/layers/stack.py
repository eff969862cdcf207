#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proofs that the runtime is a stack of floors, as TAP.

Each floor's whole archive is linked into a module with the floors below it and nothing else.  A floor does not compile
a header of the floor above, and a call of that floor, planted for the test, does not link.  Directories have no circle.

usage: stack.py [BUILD]   a plain build tree; default $VINTAGE_BUILD, else build.  CC: the compiler.
"""

import glob
import os
import sys
import tempfile

from circles import circles, symbols, uses
from layers import ROOT, Proofs, Result

sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
from floors import FLOORS  # noqa: E402

# Their own proof is circles.py.
TOP = ("options", "qmp")


def archive(build: str, floor: str) -> str:
    return os.path.join(build, f"libvintage-runtime-{floor}.a")


def link(proofs: Proofs, floor: str, extra: list[str], above: list[str]) -> Result:
    lower = [archive(proofs.build, other) for other in [*above, *FLOORS[:FLOORS.index(floor)]]]
    return Result([*proofs.cc, "-shared", "-o", os.path.join(proofs.scratch, f"{floor}.so"), *extra,
                   "-Wl,--no-undefined,--strip-debug", "-Wl,--whole-archive", archive(proofs.build, floor),
                   "-Wl,--no-whole-archive", "-Wl,--start-group", *lower, "-Wl,--end-group", *proofs.libraries])


def planted(proofs: Proofs, floor: str, upper: str) -> None:
    """A call of @floor to the floor above it, and an include of that one's header."""
    layer = os.path.join("runtime", floor)
    found = symbols({upper: archive(proofs.build, upper)})
    symbol = min(name for _, defined, name in found if defined and name.startswith("vt_"))
    source, compiled = (os.path.join(proofs.scratch, f"{floor}-upward{suffix}") for suffix in (".c", ".o"))
    with open(source, "w", encoding="utf-8") as file:
        file.write(f"extern char {symbol}[];\nvoid *upward(void);\n\nvoid *\nupward(void)\n{{\n    return {symbol};\n}}\n")
    result = proofs.compile(layer, source, "-c", "-o", compiled)
    proofs.point(f"{floor}-upward-call-compiles", result.good, result.text)
    result = link(proofs, floor, [compiled], [])
    proofs.point(f"{floor}-upward-call-does-not-link",
                 not result.good and "undefined reference" in result.text and symbol in result.text, result.text or "it linked")
    result = link(proofs, floor, [compiled], [upper])
    proofs.point(f"{floor}-upward-call-would-link-with-{upper}", result.good, result.text)

    headers = glob.glob(os.path.join(ROOT, "runtime", upper, "include", "vt-runtime", "*.h"))
    source = os.path.join(proofs.scratch, f"{floor}-includes.c")
    with open(source, "w", encoding="utf-8") as file:
        file.writelines(f'#include "vt-runtime/{os.path.basename(path)}"\n' for path in sorted(headers)[:1])
    result = proofs.compile(layer, source, "-fsyntax-only")
    proofs.point(f"{floor}-upward-include-does-not-compile",
                 not result.good and bool(headers) and "No such file or directory" in result.text, result.text or "it compiled")
    result = proofs.compile(os.path.join("runtime", upper), source, "-fsyntax-only")
    proofs.point(f"{floor}-upward-include-would-compile-in-{upper}", result.good, result.text)


def directories(proofs: Proofs) -> None:
    archives = {floor: archive(proofs.build, floor) for floor in FLOORS}
    found = circles(archives)
    proofs.point("directories-use-each-other-without-a-circle", not found, found)
    upward = [f"{user} uses {owner}: {sorted(names)}" for (user, owner), names in uses(archives).items()
              if FLOORS.index(owner) > FLOORS.index(user)]
    proofs.point("every-use-points-downward", not upward, "\n".join(upward))


def main() -> int:
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1
                            else os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")))
    runtime = os.path.join(ROOT, "runtime")
    folders = {name for name in os.listdir(runtime) if glob.glob(os.path.join(runtime, name, "*.c"))}
    with tempfile.TemporaryDirectory() as scratch:
        proofs = Proofs(build, scratch)
        proofs.point("every-directory-is-a-floor", folders == set(FLOORS), str(sorted(folders ^ set(FLOORS))))
        for floor in FLOORS:
            result = link(proofs, floor, [], [])
            proofs.point(f"{floor}-links-with-the-floors-below-only", result.good, result.text)
        for floor, upper in zip(FLOORS, FLOORS[1:]):
            if (floor, upper) != TOP:
                planted(proofs, floor, upper)
        directories(proofs)
    print(f"1..{proofs.count}")
    return 1 if proofs.failed else 0


if __name__ == "__main__":
    sys.exit(main())
