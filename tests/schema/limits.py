#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Excessive nesting or inheritance is an error of one line, within a second."""

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import Any

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(SOURCE, "qapi-gen"), os.path.join(SOURCE, "tests", "lib")]
sys.dont_write_bytecode = True

from qapigen.check import errors_of  # noqa: E402
from vintage_test import equal, main, matches, test  # noqa: E402

MANY = 1200
SECONDS = 10


def judge(files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as directory:
        for name, text in files.items():
            with open(os.path.join(directory, name), "w", encoding="ascii") as file:
                file.write(text)
        before = os.getcwd()
        os.chdir(directory)
        signal.alarm(SECONDS)
        try:
            return [str(error) for error in errors_of("root.json")]
        finally:
            signal.alarm(0)
            os.chdir(before)


def on_alarm(*_: Any) -> None:
    raise TimeoutError(f"no answer in {SECONDS} seconds")


def refuses(files: dict[str, str], pattern: str) -> None:
    errors = judge(files)
    assert errors, "no error"
    for error in errors:
        matches(error, pattern)
        equal(error.count("\n"), 0, error)


def name(number: int) -> str:
    return "Level" + "".join(chr(ord("a") + int(digit)) for digit in str(number))


def chain(definition: Callable[[int], str]) -> str:
    return "".join(definition(number) for number in range(MANY))


@test
def files_that_include_one_another() -> None:
    """1,200 files, each of which includes the next"""
    files = {f"f{number}.json": f"{{ 'include': 'f{number + 1}.json' }}\n" for number in range(MANY)}
    refuses({**files, f"f{MANY}.json": "", "root.json": "{ 'include': 'f0.json' }\n"},
            r"^f62\.json:1: 'f63\.json' is included deeper than 64$")


@test
def structs_with_bases() -> None:
    """1,200 structs, each of which is the base of the next"""
    text = chain(lambda number: f"{{ 'struct': '{name(number)}', 'base': '{name(number + 1)}', 'data': {{}} }}\n")
    refuses({"root.json": text + f"{{ 'struct': '{name(MANY)}', 'data': {{}} }}\n"},
            r"^root\.json:\d+: In struct '\w+': 'base' has more than 63 levels$")


@test
def classes_with_parents() -> None:
    """1,200 classes, each of which is the parent of the next"""
    text = chain(lambda number: f"{{ 'class': 'c{number}', 'parent': 'c{number + 1}', 'abstract': true }}\n")
    refuses({"root.json": "{ 'program': 'p' }\n" + text + f"{{ 'class': 'c{MANY}', 'layer': 'device', 'abstract': true }}\n"},
            r"^root\.json:\d+: In class 'c\d+': class 'c\d+' has more than 63 ancestors$|^root\.json:\d+: .*ancestors$")


signal.signal(signal.SIGALRM, on_alarm)
main()
