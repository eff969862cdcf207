# SPDX-License-Identifier: MIT
"""Runs the commands of a "console" block and compares their output with the block.

A line that begins with "$ " is a command; it goes on while lines end in a backslash.  The lines up to the next command
are its output, standard error included.  A line "…" stands for any number of lines, "…" within a line for any text.
Line numbers of the schema, the width of columns and blank lines at the end are not compared.
"""

import os
import re
import subprocess
from dataclasses import dataclass, field

from blocks import Block


@dataclass
class Command:
    line: int
    text: str
    expected: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The first line, without TAP directives."""
        return self.text.splitlines()[0].rstrip("\\ ").replace("#", "")


def commands(block: Block) -> list[Command]:
    found: list[Command] = []
    more = False
    for number, line in enumerate(block.text.splitlines(), block.line):
        if more:
            found[-1].text += "\n" + line
        elif line.startswith("$ "):
            found.append(Command(number, line[2:]))
        elif found:
            found[-1].expected.append(line)
        more = line.endswith("\\") and (more or line.startswith("$ "))
    return found


def plain(lines: list[str]) -> list[str]:
    """Removes values that vary between runs."""
    text = "\n".join(re.sub(r" {2,}", "  ", re.sub(r"(\.json):\d+", r"\1:N", line.rstrip())) for line in lines)
    return text.rstrip("\n").split("\n")


def matches(expected: list[str], said: list[str]) -> bool:
    pattern = ""
    for line in plain(expected):
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("…")) + r"\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in plain(said))) is not None


def run(command: Command, directory: str, timeout: int = 300) -> str | None:
    """Returns the difference, or None."""
    result = subprocess.run(["bash", "-c", command.text], cwd=directory, stdin=subprocess.DEVNULL, text=True,
                            check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout,
                            env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "dumb"})
    said = result.stdout.splitlines()
    if matches(command.expected, said):
        return None
    return "\n".join([f"$ {command.text}", "expected:", *command.expected, f"said (status {result.returncode}):",
                      *said])
