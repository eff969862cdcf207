#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pictures of docs/pictures show what the programs print today.  VT_UPDATE_GOLDEN=1 draws them again."""

import os
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, equal, main, test  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PICTURES = {"diff.svg": "vintage diff --guest-visible 8.2..9.2 examples/small-vm.json"}


@test
def pictures_are_up_to_date() -> None:
    for name, command in PICTURES.items():
        program, subcommand, *rest = shlex.split(command)
        printed = subprocess.run([os.path.join(BUILD, program), subcommand, "--color", "always", *rest], cwd=SOURCE, check=True,
                                 capture_output=True, text=True, env={**os.environ, "COLUMNS": "110"}).stdout
        drawn = subprocess.run([os.path.join(SOURCE, "tools", "terminal-picture"), command], input=printed, check=True,
                               capture_output=True, text=True).stdout
        path = os.path.join(SOURCE, "docs", "pictures", name)
        if os.environ.get("VT_UPDATE_GOLDEN"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(drawn)
        with open(path, encoding="utf-8") as file:
            equal(drawn, file.read(), f"{path}: draw it again with VT_UPDATE_GOLDEN=1")


if __name__ == "__main__":
    main()
