#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No C code names an option: the schema does, and the compiler turns roles and members into constants and fields.  The
functions of 'expands-by' are the exception.  They are at most 12, and this test lists them."""

import glob
import os
import re
import sys
from collections.abc import Iterator

SOURCE = os.environ.get("VINTAGE_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path[:0] = [os.path.join(SOURCE, "qapi-gen"), os.path.join(SOURCE, "tests", "lib")]
from schema_model import read_schema  # noqa: E402
from vintage_test import equal, main, test  # noqa: E402

# Without engine/, which writes the command line of another program.
FOLDERS = ("backends", "hw", "machine", "programs", "runtime")
PROGRAMS = ("vintage-vm", "vintage-backends")
MAX_FUNCTIONS = 12
# The tool has options of its own, and examples of command lines in its help.
TOOL = re.compile(r"programs/(tool[\w-]*\.[ch]|vintage\.c)")
# The suffix of the types of machines in QOM.
# The ends of names of types.
OTHERS = {("runtime/schema/qom-type.c", "-machine"), ("machine/qmp-host.c", "-device")}
# C text without comments: comments, character constants, and string literals.
TOKEN = re.compile(r"/\*.*?\*/|'(?:\\.|[^'\\])+'|\"((?:\\.|[^\"\\])*)\"", re.S)
# Functions whose argument is the name of an option.
CALL = re.compile(r"\bvt_(?:program_option|program_model_name|program_model_alias|option_is|option_root|expansion_uses)"
                  r"\([^;\")]*\"([\w-]+)\"")


def literals(text: str) -> Iterator[str]:
    for found in TOKEN.finditer(text):
        if found[1] is not None:
            yield found[1]


def named(text: str, names: set[str]) -> list[str]:
    """The literals that are options with a dash, or arguments of functions that take the name of an option."""
    found = [literal for literal in literals(text)
             if names & set(re.findall(r"(?<![\w-])--?([A-Za-z0-9][\w-]*)", literal))]
    return found + CALL.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def options() -> tuple[set[str], set[str]]:
    """The names of the options of all programs, and the functions that expand options."""
    names: set[str] = set()
    functions: set[str] = set()
    for program in PROGRAMS:
        for option in read_schema(program).options.values():
            names |= {option.name, *option.aliases}
            functions |= {f"vt_expand_{option.expands_by.replace('-', '_')}"} - {"vt_expand_"}
    return names, functions


@test
def a_name_is_found() -> None:
    names = {"device", "m", "run-with"}
    equal(named('fail("-device %s: no"); /* -device */ f("device"); c = \'"\';', names), ["-device %s: no"])
    equal(named('f("expected -m with slots"); f("-mirror", "x-m", "run-with")', names), ["expected -m with slots"])
    equal(named('if (vt_program_option(line->program, "device")) {', names), ["device"])
    equal(named('f("--run-with")', names), ["--run-with"])


@test
def only_functions_that_expand_name_options() -> None:
    names, functions = options()
    found = []
    for folder in FOLDERS:
        for path in sorted(glob.glob(os.path.join(SOURCE, folder, "**", "*.[ch]"), recursive=True)):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            name = os.path.relpath(path, SOURCE)
            if TOOL.fullmatch(name) or any(re.search(rf"^{each}\(", text, re.M) for each in functions):
                continue
            found += [f"{name}: {literal}" for literal in named(text, names) if (name, literal) not in OTHERS]
    equal(found, [], "give the option a role or an attribute in the schema, or name the member")
    assert len(names) > 120, len(names)


@test
def few_functions_expand_options() -> None:
    functions = options()[1]
    for name in sorted(functions):
        places = [os.path.relpath(path, SOURCE) for folder in FOLDERS
                  for path in glob.glob(os.path.join(SOURCE, folder, "**", "*.c"), recursive=True)
                  if re.search(rf"^{name}\(", open(path, encoding="utf-8").read(), re.M)]
        print(f"# {name}: {' '.join(places)}")
        assert places, name
    assert 0 < len(functions) <= MAX_FUNCTIONS, len(functions)


if __name__ == "__main__":
    main()
