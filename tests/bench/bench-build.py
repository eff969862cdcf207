#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a developer waits for: a full build of the programs from nothing and without ccache, the check of the schema, and
what an edited word of documentation rebuilds.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from goals import Goals  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


ENVIRONMENT = {**os.environ, "CCACHE_DISABLE": "1"}


def seconds(*commands: list[str]) -> float:
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - start


def generated(schema: str, directory: str) -> dict[str, bytes]:
    subprocess.run(["qapi-gen/qapi-gen", "compile", "-o", directory, os.path.join(schema, "vintage-vm.json")], cwd=ROOT,
                   check=True)
    result = {}
    for name in os.listdir(directory):
        if name.endswith((".c", ".h")):
            with open(os.path.join(directory, name), "rb") as file:
                result[name] = file.read()
    return result


def changed_by_a_word() -> int:
    """The number of generated files that a word in the documentation of a member changes."""
    with tempfile.TemporaryDirectory() as top:
        schema = shutil.copytree(os.path.join(ROOT, "schema"), os.path.join(top, "schema"))
        before = generated(schema, os.path.join(top, "before"))
        path = os.path.join(schema, "hw", "virtio", "virtio-rng.json")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("\n# @rng: ", "\n# @rng: word ", 1))
        after = generated(schema, os.path.join(top, "after"))
    return sum(before.get(name) != after.get(name) for name in {*before, *after})


def main() -> int:
    goals = Goals()
    with tempfile.TemporaryDirectory() as build:
        # The compiler has usually run before, so Python has cached its bytecode.
        ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
        ENVIRONMENT["PYTHONPYCACHEPREFIX"] = os.path.join(build, "pycache")
        made = seconds(["tools/configure", build, "-Dwerror=true", "-Djoined=true"], ["ninja", "-C", build, "programs"])
        goals.row("full build of the programs", made, "s", 60)
        goals.row("qapi-gen check", seconds(["qapi-gen/qapi-gen", "check", "schema/vintage-vm.json"]), "s", 3)
    changed = changed_by_a_word()
    goals.row("files that an edited word of documentation rebuilds", changed, "files", 1, clock=False, digits=0)
    return goals.end()


sys.exit(main())
