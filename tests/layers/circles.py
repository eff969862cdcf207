#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The files of backends/block have no circular dependency, as TAP: tsort finds an order of their symbols. An added
circular call must fail.

usage: circles.py [BUILD]   a plain build tree; default $VINTAGE_BUILD, else build.  CC: the compiler.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

from layers import HERE, ROOT, Proofs, Result

FOLDER = "backends/block"


def symbols(path: str, option: str) -> set[str]:
    text = subprocess.run(["nm", "-g", option, path], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1] for line in text.splitlines() if line}


def uses(objects: dict[str, str]) -> dict[tuple[str, str], set[str]]:
    """The files that each file uses, and the symbols."""
    defined = {name: symbols(path, "--defined-only") for name, path in objects.items()}
    wanted = {name: symbols(path, "--undefined-only") for name, path in objects.items()}
    return {(user, owner): wanted[user] & defined[owner] for user in objects for owner in objects
            if user != owner and wanted[user] & defined[owner]}


def circles(objects: dict[str, str]) -> str:
    """The loops that tsort reports; empty: none."""
    pairs = "".join(f"{user} {owner}\n" for user, owner in uses(objects))
    return subprocess.run(["tsort"], input=pairs, capture_output=True, text=True, check=False).stderr


def main() -> int:
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1
                            else os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")))
    prefix = os.path.join(build, "libvintage-backends.a.p", FOLDER.replace("/", "_") + "_")
    objects = {path.removeprefix(prefix).removesuffix(".c.o"): path for path in glob.glob(prefix + "*.o")
               if os.path.exists(os.path.join(ROOT, FOLDER, path.removeprefix(prefix).removesuffix(".o")))}
    sources = {os.path.basename(path).removesuffix(".c") for path in glob.glob(os.path.join(ROOT, FOLDER, "*.c"))}
    with tempfile.TemporaryDirectory() as scratch:
        proofs = Proofs(build, scratch)
        proofs.point("every-file-has-an-object", set(objects) == sources and len(sources) > 1,
                     str(sorted(sources ^ set(objects))))
        found = circles(objects)
        proofs.point("files-use-each-other-without-a-circle", not found, found)
        planted, joined = (os.path.join(scratch, name) for name in ("planted.o", "loop.o"))
        result = proofs.compile("backends", os.path.join(HERE, "calls", "block-loop.c"), "-c", "-o", planted)
        proofs.point("a-call-up-compiles", result.good, result.text)
        result = Result(["ld", "-r", "-o", joined, objects["loop"], planted])
        proofs.point("a-call-up-is-joined-to-its-file", result.good, result.text)
        found = circles({**objects, "loop": joined})
        proofs.point("a-call-up-closes-a-circle", bool(re.search(r"loop:\n(.*\n)*?tsort: blockdev\n", found)), found)
    print(f"1..{proofs.count}")
    return 1 if proofs.failed else 0


if __name__ == "__main__":
    sys.exit(main())
