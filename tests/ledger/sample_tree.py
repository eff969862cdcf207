# SPDX-License-Identifier: MIT
"""Shared by the tests of the ledger: a copy of sample/ with versions up to 9.0 closed, and functions to change
it."""

import contextlib
import io
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "qapi-gen"), os.path.join(ROOT, "tests", "lib")]

from qapigen.check import errors_of  # noqa: E402
from qapigen.ledger import command  # noqa: E402


class Tree:
    """The working directory of a test; its root file is sample.json."""

    def __enter__(self) -> "Tree":
        self.before = os.getcwd()
        self.directory = tempfile.TemporaryDirectory()
        shutil.copytree(os.path.join(HERE, "sample"), self.directory.name, dirs_exist_ok=True)
        os.chdir(self.directory.name)
        assert self.ledger("close", "9.0")[0] == 0
        return self

    def __exit__(self, *_: object) -> None:
        os.chdir(self.before)
        self.directory.cleanup()

    def ledger(self, *argv: str) -> tuple[int, str]:
        """Runs qapi-gen ledger; returns status and output."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = command.main([*argv, "--schema", "sample.json"])
        return status, said.getvalue()

    def edit(self, file: str, old: str, new: str) -> None:
        """Replaces text that occurs exactly once."""
        text = read(file)
        assert text.count(old) == 1, f"{file}: {text.count(old)} times {old!r}"
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text.replace(old, new))

    def errors(self) -> list[str]:
        return [str(error) for error in errors_of("sample.json")]


def read(file: str) -> str:
    with open(file, encoding="utf-8") as stream:
        return stream.read()


@dataclass(frozen=True)
class Case:
    """A change that must fail with this message, which starts with FILE:LINE."""

    promise: str
    file: str
    old: str
    new: str
    said: str

    def complaint(self) -> str:
        """Empty, or the difference from the expected result."""
        with Tree() as tree:
            tree.edit(self.file, self.old, self.new)
            errors = tree.errors()
        return "" if errors[:1] == [self.said] else f"expected {self.said!r}\n     got {errors!r}"


def run(cases: list[Case]) -> int:
    print(f"1..{len(cases)}")
    failed = 0
    for number, case in enumerate(cases, 1):
        complaint = case.complaint()
        for line in complaint.splitlines():
            print(f"# {line}")
        failed += bool(complaint)
        print(f"{'not ok' if complaint else 'ok'} {number} - {case.promise}")
    return 1 if failed else 0
