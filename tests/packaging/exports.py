#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A shared library exports what its public headers declare, and keeps each name that packaging/exports records."""

import os
import re
import subprocess
import sys
import tempfile
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, equal, main, matches, test  # noqa: E402

TOOL = os.path.join(os.environ["VINTAGE_SOURCE"], "tools", "exports")
SPEC = spec_from_loader("exports", SourceFileLoader("exports", TOOL))
assert SPEC and SPEC.loader
exports = module_from_spec(SPEC)
SPEC.loader.exec_module(exports)
FUNCTION = re.compile(r"^(?!static)[a-zA-Z][^\n#/;{}]*\b(vt_\w+)\([^;{}]*\);\n", re.MULTILINE)


@test
def each_declared_name_is_exported() -> None:
    done = subprocess.run([TOOL, "check", BUILD], capture_output=True, text=True, check=False)
    equal((done.returncode, done.stdout, done.stderr), (0, "", ""))
    for library in exports.libraries():
        assert len(exports.public_headers(library, BUILD)) > 10


@test
def nothing_else_is_exported() -> None:
    for library in exports.libraries():
        names = set(exports.exported(exports.shared_object(library, BUILD)))
        equal(sorted(names - exports.declared(exports.public_headers(library, BUILD))), [])


@test
def a_removed_function_is_refused() -> None:
    """A recorded function that is taken out of its header is found, in each header."""
    for library in exports.libraries():
        paths, names = exports.public_headers(library, BUILD), exports.recorded(library)
        tried = 0
        with tempfile.TemporaryDirectory() as directory:
            for number, path in enumerate(paths[:-1]):
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                found = next((each for each in FUNCTION.finditer(text) if each[1] in names), None)
                if not found:
                    continue
                changed = os.path.join(directory, os.path.basename(path))
                with open(changed, "w", encoding="utf-8") as file:
                    file.write(text.replace(found[0], ""))
                others = [*paths[:number], changed, *paths[number + 1:]]
                faults = exports.check(library, exports.shared_object(library, BUILD), others)
                equal(len(faults), 1, path)
                matches(faults[0], rf"^{library}: {found[1]} is exported since [\d.]+, and no public header declares it now")
                tried += 1
        assert tried > 8, tried


if __name__ == "__main__":
    main()
