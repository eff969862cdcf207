#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program on the lower layers of a larger one: the layers are identical, and no other file is written."""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QAPI_GEN = os.path.join(ROOT, "qapi-gen", "qapi-gen")
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
from vintage_test import equal, main, matches, test  # noqa: E402

FILES = {
    "axes.json": """{ 'axis': 'platform', 'versions': [ '1.0', '1.1' ], 'open': '1.1' }
""",
    "qmp/ask.json": """{ 'struct': 'Answer', 'data': { 'text': 'str' } }
{ 'command': 'ask', 'returns': [ 'Answer' ] }
""",
    "backends/pipe.json": """{ 'class': 'pipe', 'layer': 'backend', 'model': 'none',
  'config': { '*width': { 'type': 'uint8', 'default': { 'platform': [
    { 'value': 1 }, { 'since': '1.1', 'value': 2, 'why': 'wider' } ] } } } }
""",
    "machine/axis.json": """{ 'axis': 'machine', 'open': '2.0', 'versions': [
    '1.0', { 'name': '1.0.1', 'bugfix-of': '1.0', 'machines': [ 'desk' ] }, '2.0' ] }
""",
    "machine/desk.json": """{ 'machine': 'desk', 'layer': 'machine', 'model': 'none', 'versions': { 'from': '1.0' },
  'config': { '*legs': { 'type': 'uint8', 'default': { 'machine': [
    { 'value': 3 }, { 'since': '2.0', 'value': 4, 'why': 'it stood badly' } ] } } } }
{ 'command': 'ask-desk', 'returns': [ 'Answer' ] }
{ 'command': 'saw', 'returns': [ 'Leg' ] }
{ 'struct': 'Leg', 'data': { 'number': 'uint8' } }
""",
}
LOWER = ["axes.json", "qmp/*.json", "backends/*.json"]


def root(name: str, includes: list[str]) -> str:
    return "".join([f"{{ 'program': '{name}' }}\n", "{ 'pragma': { 'doc-required': false } }\n",
                    *(f"{{ 'include': '{path}' }}\n" for path in includes)])


class Tree:
    def __init__(self, small: list[str], more: dict[str, str] | None = None) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.directory = self.folder.name
        files = {**FILES, **(more or {}), "large.json": root("large", [*LOWER, "machine/*.json"]),
                 "small.json": root("small", small)}
        for name, text in files.items():
            path = os.path.join(self.directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)

    def run(self, *argv: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, QAPI_GEN, *argv], cwd=self.directory, capture_output=True, text=True,
                              check=False)

    def text(self, name: str) -> str:
        with open(os.path.join(self.directory, name), encoding="utf-8") as file:
            return file.read()


@test
def only_the_program_is_written() -> None:
    tree = Tree(LOWER)
    done = tree.run("compile", "-o", "out", "--beside", "large.json", "small.json")
    equal((done.returncode, done.stderr), (0, ""))
    equal(sorted(os.listdir(os.path.join(tree.directory, "out"))),
          ["program-small-catalogue.c", "program-small.c", "program-small.h", "small-qapi-gen.d"])
    done = tree.run("list-outputs", "--beside", "large.json", "small.json")
    equal(done.stdout.split(), ["program-small.h", "program-small.c", "program-small-catalogue.c"])
    source = tree.text("out/program-small.c")
    matches(source, r"layers\[\] = \{\n    &vt_layer_runtime,\n    &vt_layer_backends,\n"
                    r"    &vt_layer_program_small,\n    NULL")
    matches(tree.text("out/program-small.h"), '#include "backends.h"')
    # A change of a file that either includes causes a rebuild.
    rule = tree.text("out/small-qapi-gen.d")
    assert "small.json" in rule and "large.json" in rule and "desk.json" in rule


@test
def the_machine_axis_is_in_the_layer_of_its_file() -> None:
    tree = Tree(LOWER)
    equal(tree.run("compile", "-o", "out", "large.json").returncode, 0)
    assert "machine_versions" not in tree.text("out/runtime-tables.c")
    matches(tree.text("out/runtime-tables.c"), r"\.versions = \{ NULL, NULL, platform_versions, NULL \}")
    matches(tree.text("out/machine-tables.c"), r"\.versions = \{ NULL, machine_versions, NULL, NULL \}")


@test
def a_list_that_only_the_larger_one_returns_is_in_its_layer() -> None:
    tree = Tree(LOWER)
    equal(tree.run("compile", "-o", "out", "large.json").returncode, 0)
    assert "AnswerList" in tree.text("out/runtime.h") and "LegList" in tree.text("out/machine.h")


@test
def layers_that_differ_are_refused() -> None:
    tree = Tree(["axes.json", "qmp/*.json", "more.json", "backends/*.json"],
                {"more.json": "{ 'struct': 'Extra', 'data': { 'text': 'str' } }\n"})
    done = tree.run("compile", "-o", "out", "--beside", "large.json", "small.json")
    equal(done.returncode, 1)
    equal(done.stderr, "small.json: layer 'runtime' is not that of large.json: both must include the same files of it and "
                       "of the layers below\n")
    assert not os.path.exists(os.path.join(tree.directory, "out"))


@test
def a_machine_default_needs_the_axis() -> None:
    tree = Tree([*LOWER, "machine/desk.json"])
    done = tree.run("check", "small.json")
    equal(done.returncode, 1)
    matches(done.stderr, "version '2.0' is not on the machine axis|on the machine axis")


main()
