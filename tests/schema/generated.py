#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The C that is generated from the whole schema: its size, the length of its lines, the name beside each row."""

import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCHEMA = os.path.join(ROOT, "schema")
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
from vintage_test import BUILD, equal, main, test  # noqa: E402

ROW = re.compile(r"\{ (\d+), offsetof\(\w+, \w+\), [^{}]*\}, /\* (\S+) \*/")


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def lines(texts: list[str]) -> int:
    return sum(text.count("\n") for text in texts)


FILES = {os.path.basename(path): read(path) for path in glob.glob(os.path.join(BUILD, "generated", "vt-gen", "*.[ch]"))}


@test
def generated_c_has_at_most_two_lines_for_each_line_of_the_schema() -> None:
    schema = lines([read(path) for path in glob.glob(os.path.join(SCHEMA, "**", "*.json"), recursive=True)])
    ratio = lines(list(FILES.values())) / schema
    assert ratio <= 2, f"{ratio:.2f} lines of C for each line of the schema"


@test
def no_line_has_more_than_120_columns() -> None:
    equal([f"{name}: {line}" for name, text in FILES.items() for line in text.splitlines() if len(line) > 120], [])


@test
def each_row_of_a_member_has_its_name_beside_it() -> None:
    for name, text in FILES.items():
        if not name.endswith("-tables.c"):
            continue
        pool = dict(re.findall(r'/\* (\d+) \*/ "((?:[^"\\]|\\.)*)\\0"', text))
        rows = re.search(r"static const VtRow rows\[\] = \{\n(.*?)\n\};", text, re.DOTALL)
        found = ROW.findall(re.sub(r"\s+", " ", rows[1])) if rows else []
        equal(len(found), rows[1].count("offsetof(") if rows else 0, f"named rows of {name}")
        for offset, member in found:
            equal(pool[offset], member, name)


if __name__ == "__main__":
    main()
