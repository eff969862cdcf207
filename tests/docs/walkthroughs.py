#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Replays the walkthroughs on a copy of the sources, in page order: applies patches and runs commands.

All pages work on one copy, each on what the one before left.  "make build" is done with what is installed, nothing is
fetched, and without optimization: a page adds a class, which compiles most files again.
"""

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import console
from blocks import ROOT, Block, Tap, blocks, documents

LEFT_OUT = (".git", "build", "build-*", "__pycache__")
PROGRAMS = ("vintage", "vintage-vm")
CHECK = "qapi-gen/qapi-gen check "
# The directory is another one in each run; without its name, ccache has the objects of the last run.
BUILD_COMMAND = f"""export CCACHE_NOHASHDIR=1; tools/configure build -Dwerror=true -Djoined=true -Doptimization=0 2>&1 &&
PATH=/usr/bin:$PATH meson compile -C build --ninja-args=--quiet {' '.join(PROGRAMS)} >build/log 2>&1 || cat build/log"""


def apply(block: Block, directory: str) -> str | None:
    run = subprocess.run(["patch", "-p1", "--forward", "--no-backup-if-mismatch"], cwd=directory, input=block.text,
                         text=True, capture_output=True, check=False)
    return None if run.returncode == 0 else run.stdout + run.stderr


def in_one_build(pages: list[list[Block]]) -> Iterator[Block]:
    """The blocks of all pages.  A build compiles half of the programs again, so what shows the programs comes last: it is
    still so after the patches of all pages.  What a page shows before its first patch comes first."""
    def programs(block: Block) -> bool:
        return block.language == "console" and " build/" in block.text

    parts: tuple[list[Block], ...] = [], [], []
    for page in pages:
        patch = next((number for number, block in enumerate(page) if block.language == "diff"), len(page))
        for number, block in enumerate(page):
            parts[1 if not programs(block) else 0 if number < patch else 2].append(block)
    yield from itertools.chain.from_iterable(parts)


def commands_of(order: list[Block], every: bool) -> dict[Block, list[console.Command]]:
    """Unless @every: of the checks of the schema that find nothing, only the last one.  It sees what all pages left."""
    found = {block: console.commands(block) for block in order if block.language == "console"}
    checks = [command for commands in found.values() for command in commands
              if command.text.startswith(CHECK) and not command.expected]
    dropped = set() if every else {id(command) for command in checks[:-1]}
    return {block: [command for command in commands if id(command) not in dropped] for block, commands in found.items()}


def main() -> int:
    tap = Tap()
    patched = False
    pages = [blocks(document) for document in documents() if document.startswith("docs/walkthroughs/")]
    every = bool(os.environ.get("VINTAGE_LONG"))
    order = [*(itertools.chain.from_iterable(pages) if every else in_one_build(pages))]
    commands = commands_of(order, every)
    with tempfile.TemporaryDirectory() as parent:
        directory = os.path.join(parent, "vintage")
        shutil.copytree(ROOT, directory, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        # Before the first patch, the programs of the build that is tested are those of the copy.
        build = os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build"))
        os.mkdir(os.path.join(directory, "build"))
        for name in PROGRAMS:
            shutil.copy2(os.path.join(build, name), os.path.join(directory, "build"))
        for block in order:
            if block.language == "diff":
                patched = True
                tap.point(f"{block.file}:{block.line}: the patch applies", apply(block, directory))
            for command in commands.get(block, ()):
                if command.text == "make build":
                    command.text = BUILD_COMMAND if patched else "true"
                tap.point(f"{block.file}:{command.line}: {command.title}", console.run(command, directory))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
