# SPDX-License-Identifier: MIT
"""The model of the human monitor: its commands and their arguments."""

from __future__ import annotations

from qapigen.model import Definition
from qapigen.record import dataclass


@dataclass(frozen=True)
class HmpArg:
    """How the text of an argument of the human monitor is read; its type is that of the member."""

    name: str
    flag: str = ""              # the letter of an option without value, as in '-f'; empty: the argument is positional
    shift: int = 0              # a number is multiplied by 1 << shift
    rest: bool = False          # the rest of the line
    refers: str = ""            # root class of the objects whose ids complete it
    option: str = ""            # option of the command line that reads it


@dataclass(frozen=True)
class Hmp(Definition):
    """A command of the human monitor."""

    arg: str = ""               # implicit struct of its arguments
    args: tuple[HmpArg, ...] = ()
    aliases: tuple[str, ...] = ()
    served_by: str = ""         # one of SERVERS; empty: the server of @runs
    adds: str = ""              # class: of its kind is all that the value of an argument's option stands for
    help_of: str = ""           # option whose help it shows
    runs: str = ""              # QMP command; empty: it has a function
    template: str = ""          # JSON text of the arguments of @runs; empty: those of the same names
    shows: str = ""             # JSON text of the lines that show the answer of @runs; empty: all members
    targets: int = 0
