#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""'meson install' puts programs, manual pages and completion for shells where each is found."""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, equal, main, test  # noqa: E402

PROGRAMS = ("vintage", "vintage-vm", "vintage-backends")
PAGES = ("man1/vintage.1", "man1/vintage-vm.1", "man1/vintage-backends.1", "man5/vintage-config.5", "man7/vintage-schema.7")


@test
def all_is_below_the_destination() -> None:
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", directory], check=True, capture_output=True)
        found = {os.path.join(folder, name): os.path.getsize(os.path.join(folder, name))
                 for folder, _, names in os.walk(directory) for name in names}
        assert all(found.values()), found
        prefix = os.path.commonpath(list(found))
        expected = [f"bin/{name}" for name in PROGRAMS]
        expected += [f"share/man/{page}" for page in PAGES]
        expected += [f"share/bash-completion/completions/{name}" for name in PROGRAMS]
        expected += [f"share/fish/vendor_completions.d/{name}.fish" for name in PROGRAMS]
        expected += ["share/zsh/site-functions/_vintage"]
        equal(sorted(os.path.relpath(path, prefix) for path in found), sorted(expected))
        for name in PROGRAMS:
            done = subprocess.run([os.path.join(prefix, "bin", name), "--help"], capture_output=True, text=True, check=True)
            assert done.stdout.startswith("usage: ") or "usage" in done.stdout.lower(), done.stdout[:200]


if __name__ == "__main__":
    main()
