#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A shared library exports what its public headers declare, and keeps each name that packaging/exports records."""

import glob
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, equal, main, matches, test  # noqa: E402

SOURCE = os.environ["VINTAGE_SOURCE"]
LAYERS = ("runtime", "backends")
FUNCTION = re.compile(r"^(?!static)[a-zA-Z][^\n#/;{}]*\b(vt_\w+)\([^;{}]*\);\n", re.MULTILINE)


def headers(layer: str) -> list[str]:
    return [*sorted(glob.glob(f"{SOURCE}/{layer}/**/include/vt-{layer}/*.h", recursive=True)),
            os.path.join(BUILD, "generated", "vt-gen", f"{layer}.h")]


def check(layer: str, paths: list[str]) -> tuple[int, str]:
    done = subprocess.run([os.path.join(SOURCE, "tools", "exports"), "check", f"vintage-{layer}",
                           os.path.join(BUILD, "packaging", f"libvintage-{layer}.so"), *paths],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@test
def each_declared_name_is_exported() -> None:
    for layer in LAYERS:
        assert len(headers(layer)) > 10
        equal(check(layer, headers(layer)), (0, ""))


@test
def nothing_else_is_exported() -> None:
    for layer in LAYERS:
        done = subprocess.run(["nm", "-D", "--defined-only", os.path.join(BUILD, "packaging", f"libvintage-{layer}.so")],
                              capture_output=True, text=True, check=True)
        names = {line.split()[2].partition("@")[0] for line in done.stdout.splitlines() if " A " not in line}
        declared = set(re.findall(r"\bvt_\w+", "".join(open(path, encoding="utf-8").read() for path in headers(layer))))
        equal(sorted(names - declared), [])


@test
def a_removed_function_is_refused() -> None:
    """A recorded function that is taken out of its header is found, in each header."""
    for layer in LAYERS:
        with open(os.path.join(SOURCE, "packaging", "exports", f"vintage-{layer}"), encoding="utf-8") as file:
            names = {line.split()[0] for line in file}
        paths = headers(layer)[:-1]
        with tempfile.TemporaryDirectory() as directory:
            for number, path in enumerate(paths):
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                found = next((each for each in FUNCTION.finditer(text) if each[1] in names), None)
                if not found:
                    continue
                changed = os.path.join(directory, os.path.basename(path))
                with open(changed, "w", encoding="utf-8") as file:
                    file.write(text.replace(found[0], ""))
                others = [*paths[:number], changed, *paths[number + 1:], headers(layer)[-1]]
                status, said = check(layer, others)
                equal(status, 1, path)
                matches(said, rf"^vintage-{layer}: {found[1]} is exported since [\d.]+, and no public header declares it now")


if __name__ == "__main__":
    main()
