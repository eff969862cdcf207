#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Replays the walkthroughs on a copy of the sources, in page order: applies patches and runs commands.

All pages work on one copy, each on what the one before left.  It starts with the objects of the build that is tested, and
ninja compiles what the patches change.  "make build" is done with what is installed; nothing is fetched.
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
CONFIGURE = ["tools/configure", "build", "-Dwerror=true", "-Djoined=true"]
PROGRAMS = ("vintage", "vintage-vm")
# The directory is another one in each run; without its name, ccache has the objects of the last run.
BUILD_COMMAND = f"""export CCACHE_NOHASHDIR=1; {' '.join(CONFIGURE)} 2>&1 &&
PATH=/usr/bin:$PATH meson compile -C build --ninja-args=--quiet {' '.join(PROGRAMS)} >build/log 2>&1 || cat build/log"""


def take_over(build: str, directory: str) -> None:
    """Programs, objects, generated files, ninja's logs: ninja makes again what does not fit the copy's sources or commands."""
    subprocess.run(CONFIGURE, cwd=directory, stdout=subprocess.DEVNULL, check=True)
    for parent, _, names in os.walk(build):
        below = os.path.relpath(parent, build)
        to = os.path.join(directory, "build", below)
        for name in names:
            if (name.endswith((".o", ".a")) or below == "generated/vt-gen"
                    or below == "." and name in (".ninja_log", ".ninja_deps", *PROGRAMS)):
                os.makedirs(to, exist_ok=True)
                shutil.copy2(os.path.join(parent, name), os.path.join(to, name))


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


def main() -> int:
    tap = Tap()
    pages = [blocks(document) for document in documents() if document.startswith("docs/walkthroughs/")]
    with tempfile.TemporaryDirectory() as parent:
        directory = os.path.join(parent, "vintage")
        shutil.copytree(ROOT, directory, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        take_over(os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")), directory)
        for block in itertools.chain.from_iterable(pages) if os.environ.get("VINTAGE_LONG") else in_one_build(pages):
            if block.language == "diff":
                tap.point(f"{block.file}:{block.line}: the patch applies", apply(block, directory))
            for command in console.commands(block) if block.language == "console" else []:
                if command.text == "make build":
                    command.text = BUILD_COMMAND
                tap.point(f"{block.file}:{command.line}: {command.title}", console.run(command, directory))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
