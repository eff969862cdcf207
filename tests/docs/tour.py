#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the commands of README.md and of the chapters, except those that build or test."""

import os
import sys
import tempfile

import console
from blocks import BUILD, ROOT, Tap, blocks, documents


def main() -> int:
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        for name in os.listdir(ROOT):
            if not name.startswith((".", "build")):
                os.symlink(os.path.join(ROOT, name), os.path.join(directory, name))
        os.symlink(BUILD, os.path.join(directory, "build"))
        for document in documents():
            if "walkthroughs" in document:
                continue
            for block in blocks(document):
                for command in console.commands(block) if block.language == "console" else []:
                    if not command.text.startswith("make "):
                        tap.point(f"{document}:{command.line}: {command.title}", console.run(command, directory))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
