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
# The directory is another one in each run; without its name, ccache has the objects of the last run.
BUILD_COMMAND = f"""export CCACHE_NOHASHDIR=1; {' '.join(CONFIGURE)} 2>&1 &&
PATH=/usr/bin:$PATH meson compile -C build --ninja-args=--quiet vintage vintage-vm >build/log 2>&1 || cat build/log"""


def take_over(build: str, directory: str) -> None:
    """Objects, generated files and ninja's logs: what does not fit the copy's sources or commands, ninja makes again."""
    subprocess.run(CONFIGURE, cwd=directory, stdout=subprocess.DEVNULL, check=True)
    for parent, _, names in os.walk(build):
        below = os.path.relpath(parent, build)
        to = os.path.join(directory, "build", below)
        for name in names:
            if name.endswith((".o", ".a")) or name in (".ninja_log", ".ninja_deps") or below == "generated/vt-gen":
                os.makedirs(to, exist_ok=True)
                shutil.copy2(os.path.join(parent, name), os.path.join(to, name))


def apply(block: Block, directory: str) -> str | None:
    run = subprocess.run(["patch", "-p1", "--forward", "--no-backup-if-mismatch"], cwd=directory, input=block.text,
                         text=True, capture_output=True, check=False)
    return None if run.returncode == 0 else run.stdout + run.stderr


def in_one_build(pages: list[list[Block]]) -> Iterator[Block]:
    """The blocks of all pages.  A build compiles half of the programs again, so the first pages, which each build once and
    only add to the schema, go up to their builds before the first of these.  What closing a version shows is still so
    after the last page, and uses that page's build."""
    def builds(block: Block) -> bool:
        return block.language == "console" and "$ make build\n" in block.text

    adding = [page for page in pages if page[0].file.startswith("docs/walkthroughs/add-")]
    for part in (0, 1):
        for page in adding:
            at = next(number for number, block in enumerate(page) if builds(block))
            yield from (page[:at], page[at:])[part]
    later = []
    for page in (page for page in pages if page not in adding):
        for block in page:
            if builds(block) and page[0].file.endswith("/close-a-version.md"):
                later.append(block)
            else:
                yield block
    yield from later


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
