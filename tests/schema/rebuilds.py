#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A changed word or line of documentation rebuilds one file: the texts of its layer."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QAPI_GEN = os.path.join(ROOT, "qapi-gen", "qapi-gen")
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
from vintage_test import BUILD, equal, main, test  # noqa: E402

# A file of each layer with a documented member: of the sample in tests/golden, and of the whole schema.
SAMPLE = {"runtime": "common/types.json", "backends": "backends/rng.json", "hw": "hw/virtio.json",
          "machine": "machine/machines.json"}
WHOLE = {"runtime": "cli/objects.json", "backends": "backends/net/user.json", "hw": "hw/block/block-conf.json",
         "machine": "machine/numa.json"}
WORD = (r"^(# @[\w-]+: \w+)", r"\1 another")
LINE = (r"^(# @[\w-]+:.*)$", r"\1\n#    and a line more,\n#    and one more")


def texts_in(directory: str) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(directory).glob("*.[ch]"))}


class Tree:
    """A copy of the schema, and the compiler's output: at first that of the build, if it has one."""

    def __init__(self, source: str, root: str, files: dict[str, str], built: str = "") -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.schema = os.path.join(self.folder.name, "schema")
        self.root = os.path.join(self.schema, root)
        self.files = files
        shutil.copytree(os.path.join(ROOT, source), self.schema)
        self.before = texts_in(built) if built else self.compile()

    def compile(self) -> dict[str, str]:
        with tempfile.TemporaryDirectory() as output:
            subprocess.run([sys.executable, QAPI_GEN, "compile", "-o", output, self.root], check=True)
            return texts_in(output)

    def edit(self, layer: str, pattern: str, replacement: str) -> None:
        path = os.path.join(self.schema, self.files[layer])
        with open(path, encoding="utf-8") as file:
            text = file.read()
        changed, times = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
        assert times, f"{path}: nothing like {pattern}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(changed)

    def changed(self) -> list[str]:
        """The names of the files that differ.  A build may have files of another program, too."""
        after = self.compile()
        equal(sorted(set(after) - set(self.before)), [], "files")
        names = [name for name, text in after.items() if text != self.before[name]]
        self.before = after
        return names


TREE = Tree("tests/golden/schema", "sample.json", SAMPLE)


@test
def a_word() -> None:
    """a changed word of a member's documentation changes one file, in each layer"""
    for layer in SAMPLE:
        TREE.edit(layer, *WORD)
        equal(TREE.changed(), [f"{layer}-texts.c"], layer)


@test
def a_line() -> None:
    """an additional documentation line moves all later lines, and changes one file"""
    for layer in SAMPLE:
        TREE.edit(layer, *LINE)
        equal(TREE.changed(), [f"{layer}-texts.c"], layer)


@test
def whole() -> None:
    """the same for the whole schema: changed words and lines affect only the text files"""
    tree = Tree("schema", "vintage-vm.json", WHOLE, os.path.join(BUILD, "generated", "vt-gen"))
    for layer in WHOLE:
        tree.edit(layer, *WORD)
        tree.edit(layer, *LINE)
    equal(tree.changed(), sorted(f"{layer}-texts.c" for layer in WHOLE))


@test
def a_member() -> None:
    """a changed member name changes more files, so the test detects changes"""
    for text in ("blocking:", "'*blocking'"):
        TREE.edit("backends", re.escape(text), text.replace("blocking", "waiting"))
    changed = TREE.changed()
    assert "backends.h" in changed and "backends-tables.c" in changed, changed


@test
def headers_have_neither() -> None:
    """no generated header holds a line of the schema"""
    for name, text in TREE.before.items():
        if name.endswith(".h"):
            equal(re.findall(r"\.json:\d+", text), [], name)


main()
