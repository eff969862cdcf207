# SPDX-License-Identifier: MIT
"""Options of a program's command line."""

from __future__ import annotations

from qapigen.model import Definition, Life, Member
from qapigen.record import dataclass


@dataclass(frozen=True)
class Option(Definition):
    type: str = ""              # empty: a flag, or sugar without a value
    is_list: bool = False
    creates: str = ""
    multiple: bool = False
    implied_key: str = ""
    metavar: str = ""
    aliases: tuple[str, ...] = ()
    expands_to: str = ""        # JSON text
    class_suffixes: tuple[str, ...] = ()    # by target; creates the class called VALUE + suffix
    otherwise: str = ""         # JSON text: templates that apply without the option
    forms: str = ""             # the forms of its texts
    counted_with: str = ""      # the option whose uses it continues to count; empty: its own
    section: str = ""           # the name of its sections in files; empty: its own
    role: str = ""              # what the runtime does with the value
    expands_by: str = ""        # the C function that makes templates of its text, or settles the structs of all uses
    renames: tuple[tuple[str, str], ...] = ()   # other names of keys
    rest: tuple[str, ...] = ()  # the member for other keys; also their root class, and the member with the tag
    bare_keys: tuple[str, ...] | None = None  # a key without a value is on, and 'noKEY' is off except for these
    globals: tuple[tuple[str, str, str], ...] = ()  # key of its value, and the class and member it is a default of
    attributes: Member | None = None
    life: Life | None = None
    recorded: bool = False      # has no implementation: a program that starts refuses it
    targets: int = 0            # mask; 0: all
    separator: str = ""         # between values in one text
    excludes: tuple[str, ...] = ()  # options that cannot be used together with it
