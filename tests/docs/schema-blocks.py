#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles every schema block of the documentation.

A page's block marked "schema preamble" is put before each of its other schema blocks.  A block that begins with
"# refused: TEXT" must be refused by a message that contains TEXT; any other must be accepted.  A line "# file: NAME"
begins another file of the same schema; the first file is the root.
"""

import contextlib
import io
import os
import re
import sys
import tempfile

from blocks import ROOT, Block, Tap, blocks, documents

sys.path.insert(0, os.path.join(ROOT, "qapi-gen"))
from qapigen.cli import main as qapi_gen  # noqa: E402

FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)
REFUSED = re.compile(r"^# refused: (.+)\n")


def files_of(text: str) -> dict[str, str]:
    parts = FILE.split(text)
    if len(parts) == 1:
        return {"root.json": text}
    return dict(zip(parts[1::2], parts[2::2]))


def check(preamble: str, block: Block) -> str | None:
    refused = REFUSED.match(block.text)
    with tempfile.TemporaryDirectory() as directory:
        files = files_of(block.text)
        root = next(iter(files))
        with open(os.path.join(directory, "preamble.json"), "w", encoding="utf-8") as stream:
            stream.write(preamble)
        for name, text in files.items():
            path = os.path.join(directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
            if name == root:
                with open(path, "a", encoding="utf-8") as stream:
                    stream.write("{ 'include': 'preamble.json' }\n")
        output = io.StringIO()
        with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output):
            status = qapi_gen(["check", os.path.join(directory, root)])
        said = output.getvalue().replace(directory + "/", "")
    if not refused:
        return None if status == 0 else said
    if status == 0:
        return f"accepted; expected it to be refused with: {refused[1]}"
    if refused[1] not in said:
        return f"expected: {refused[1]}\nsaid: {said}"
    return None


def main() -> int:
    tap = Tap()
    for document in documents():
        found = [block for block in blocks(document) if block.language == "schema"]
        preamble = "".join(block.text for block in found if block.words == "preamble")
        for block in found:
            if block.words != "preamble":
                tap.point(f"{block.file}:{block.line}", check(preamble, block))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
