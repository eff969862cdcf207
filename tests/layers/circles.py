#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The files of a directory use each other without a circle, as TAP: of the symbols that its objects define and use,
tsort finds an order.  A call that closes a circle is tried, too.  The visitor's recursive descent is the only circle.

usage: circles.py [BUILD]   a build without -Djoined=true; default $VINTAGE_BUILD, else build.  CC: the compiler.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from layers import HERE, ROOT, Proofs, Result

sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
from floors import FLOORS  # noqa: E402

# Directory: the layer it belongs to, and a call that closes a circle: from its file, in calls/, to another file.
FOLDERS = {
    "backends/block": ("backends", "loop", "block-loop.c", "blockdev"),
    "runtime/options": ("runtime/options", "option-table", "option-table.c", "command-line"),
    "runtime/qmp": ("runtime/qmp", "monitor-output", "monitor-output.c", "monitor-session"),
}
# A value contains values: the files of the visitor that call each other for that.
DESCENT = {"visit-class", "visit-creation", "visit-form", "visit-struct", "visit-text", "visit-union", "visit-value"}


def symbols(objects: dict[str, str]) -> Iterator[tuple[str, bool, str]]:
    """The global symbols of @objects, read by one nm: file, whether the file defines the symbol, and symbol."""
    names = {path: name for name, path in objects.items()}
    text = subprocess.run(["nm", "-g", "-A", *names], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        path, _, rest = line.partition(":")
        if not rest:
            continue  # heads the part of an archive
        *_, kind, symbol = rest.split()
        yield names[path], kind not in "Uvw", symbol


def uses(objects: dict[str, str]) -> dict[tuple[str, str], set[str]]:
    """The files that each file uses, and the symbols."""
    found = list(symbols(objects))
    owners: dict[str, set[str]] = {}
    for owner, defined, symbol in found:
        if defined:
            owners.setdefault(symbol, set()).add(owner)
    result: dict[tuple[str, str], set[str]] = {}
    for user, defined, symbol in found:
        for owner in owners.get(symbol, set()) - {user} if not defined else ():
            result.setdefault((user, owner), set()).add(symbol)
    return result


def circles(objects: dict[str, str]) -> str:
    """The loops that tsort reports; empty: none."""
    pairs = "".join(f"{user} {owner}\n" for user, owner in uses(objects))
    return subprocess.run(["tsort"], input=pairs, capture_output=True, text=True, check=False).stderr


def objects_of(build: str, folder: str) -> dict[str, str]:
    """The objects of @folder by their files' names, whatever library they are in."""
    pattern = os.path.join(build, "libvintage-*.a.p", folder.replace("/", "_") + "_*.c.o")
    objects = {}
    for path in glob.glob(pattern):
        name = os.path.basename(path).removeprefix(folder.replace("/", "_") + "_").removesuffix(".c.o")
        if os.path.exists(os.path.join(ROOT, folder, name + ".c")):
            objects[name] = path
    return objects


def own_objects(proofs: Proofs, folder: str) -> dict[str, str]:
    kind = os.path.basename(folder)
    objects = objects_of(proofs.build, folder)
    sources = {os.path.basename(path).removesuffix(".c") for path in glob.glob(os.path.join(ROOT, folder, "*.c"))}
    proofs.point(f"{kind}-every-file-has-an-object", set(objects) == sources and len(sources) > 1,
                 str(sorted(sources ^ set(objects))))
    return objects


def descent(proofs: Proofs) -> None:
    """The files of DESCENT are one circle, and no file of it could be left out; there is no other."""
    own = own_objects(proofs, "runtime/visit")
    joined, others = (os.path.join(proofs.scratch, f"{name}.o") for name in ("descent", "others"))
    result = Result(["ld", "-r", "-o", joined, *(own[name] for name in sorted(DESCENT))])
    found = circles({**{name: path for name, path in own.items() if name not in DESCENT}, "descent": joined})
    proofs.point("visit-has-no-circle-but-the-recursive-descent", result.good and not found, result.text + found)
    for name in sorted(DESCENT):
        result = Result(["ld", "-r", "-o", others, *(own[other] for other in sorted(DESCENT - {name}))])
        found = circles({name: own[name], "others": others})
        proofs.point(f"{name}-is-part-of-the-descent", result.good and bool(re.search("loop", found)), result.text + found)


def prove(proofs: Proofs, folder: str) -> None:
    kind = os.path.basename(folder)
    objects = own_objects(proofs, folder)
    found = circles(objects)
    proofs.point(f"{kind}-files-use-each-other-without-a-circle", not found, found)
    if folder not in FOLDERS:
        return
    layer, user, call, owner = FOLDERS[folder]
    planted, joined = (os.path.join(proofs.scratch, f"{kind}-{name}.o") for name in ("call", "joined"))
    result = proofs.compile(layer, os.path.join(HERE, "calls", call), "-c", "-o", planted)
    proofs.point(f"{kind}-a-call-up-compiles", result.good, result.text)
    result = Result(["ld", "-r", "-o", joined, objects[user], planted])
    proofs.point(f"{kind}-a-call-up-is-joined-to-its-file", result.good, result.text)
    found = circles({**objects, user: joined})
    proofs.point(f"{kind}-a-call-up-closes-a-circle", {user, owner} <= set(re.findall(r"tsort: (\S+)$", found, re.M)),
                 found)


def main() -> int:
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1
                            else os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")))
    with tempfile.TemporaryDirectory() as scratch:
        proofs = Proofs(build, scratch)
        floors = {f"runtime/{floor}" for floor in FLOORS}
        for folder in sorted({*FOLDERS, *floors} - {"runtime/visit"}):
            prove(proofs, folder)
        descent(proofs)
    print(f"1..{proofs.count}")
    return 1 if proofs.failed else 0


if __name__ == "__main__":
    sys.exit(main())
