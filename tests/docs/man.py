#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The manual pages name each option, and man and groff, if installed, have no warning about them."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from blocks import BUILD, ROOT, Tap

sys.path[:0] = [os.path.join(ROOT, "qapi-gen"), os.path.join(ROOT, "tests", "lib")]

from qapigen.backends import roff  # noqa: E402
from schema_model import read_schema  # noqa: E402

PAGES = {"vintage.1": "", "vintage-vm.1": "vintage-vm", "vintage-backends.1": "vintage-backends", "vintage-config.5": "",
         "vintage-schema.7": "", "qapi-gen.1": ""}
CHECKS = [["man", "--warnings", "-l"], ["groff", "-K", "utf8", "-T", "utf8", "-man", "-ww"]]
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANROFFSEQ": "", "MANPAGER": "cat"}


def shown(path: str) -> str:
    """The page as a reader sees it, without bold and underlines, on one line."""
    run = subprocess.run(["man", "-l", path], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    return re.sub(r"\s+", " ", re.sub(r".\x08|\x1b\[[0-9;]*m", "", run.stdout))


def markdown() -> str | None:
    """No character of a text is a request, an escape or a hyphen in roff."""
    wanted = {"a-b": r"a\-b", ".x": r"\&.x", "a\\b": r"a\(rsb", "it's": r"it\(aqs", "`-a,b`": r"\fB\-a,\:b\fR", "é": r"\[u00E9]",
              "[x](y.md)": "x", "*V*": r"\fIV\fR", "`|`": r"\fB|\fR"}
    return "\n".join(f"{text!r}: {roff.inline(text)!r}" for text, said in wanted.items() if roff.inline(text) != said) or None


def main() -> int:
    tap = Tap()
    tap.point("Markdown to roff", markdown())
    with tempfile.TemporaryDirectory() as directory:
        os.symlink(os.path.join(BUILD, "vintage"), os.path.join(directory, "vintage"))
        run = subprocess.run([os.path.join(ROOT, "docs", "build-man"), directory], capture_output=True, text=True, check=False)
        tap.point("docs/build-man", run.stderr if run.returncode or run.stderr else None)
        top = os.path.join(directory, "docs", "man")
        tap.point("the pages", None if sorted(os.listdir(top)) == sorted(PAGES) else str(os.listdir(top)))
        for command in CHECKS:
            for page in PAGES:
                name = f"{command[0]} {page}"
                if not shutil.which(command[0]):
                    tap.skip(name, f"{command[0]} is not installed")
                    continue
                run = subprocess.run([*command, os.path.join(top, page)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                     text=True, check=False, env=ENVIRONMENT)
                tap.point(name, run.stderr if run.returncode or run.stderr else None)
        for page, program in PAGES.items():
            if not program:
                continue
            with open(os.path.join(top, page), encoding="utf-8") as stream:
                text = stream.read()
            names = [name for option in read_schema(program).options.values() for name in (option.name, *option.aliases)]
            missing = [name for name in names if roff.bold(f"-{name}") not in text]
            tap.point(f"options of {program}", f"missing: {missing}" if missing else None)
        if shutil.which("man"):
            run = subprocess.run([os.path.join(BUILD, "vintage"), "--help"], capture_output=True, text=True, check=True)
            text = shown(os.path.join(top, "vintage.1"))
            names = re.findall(r"^  ([a-z]+) ", run.stdout, re.MULTILINE)
            missing = [name for name in names if f"vintage {name} " not in text]
            tap.point("commands of vintage", f"missing: {missing}" if missing or not names else None)
        else:
            tap.skip("commands of vintage", "man is not installed")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
