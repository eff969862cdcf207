# SPDX-License-Identifier: MIT
"""Files.  Only this module writes, and it leaves files alone that stay as they are."""

from __future__ import annotations

import os

from qapigen.catalogue import has_catalogue
from qapigen.class_tables import unit_tables
from qapigen.derives import Thunk
from qapigen.emit_commands import command_prototypes, expand_prototypes
from qapigen.emit_hmp import hmp_prototypes
from qapigen.emit_program import catalogue_source, program_header, program_source
from qapigen.emit_tables import render_tables
from qapigen.emit_texts import render_texts
from qapigen.emit_types import render_header
from qapigen.emit_qapi import qapi_header
from qapigen.load import Source
from qapigen.model import PLAIN_PROGRAM, UNITS, Schema
from qapigen.plan import Plan
from qapigen.tables import UnitTables


SUFFIXES = (".h", "-tables.c", "-texts.c")     # of a layer's files


def output_names(prefix: str, program: str, alone: bool = False) -> list[str]:
    """@alone: the program's own only."""
    names = [] if alone else [f"{prefix}{unit}{suffix}" for unit in UNITS[:-1] for suffix in SUFFIXES]
    names += [f"{prefix}program-{program}{suffix}" for suffix in (".h", ".c")] if program else []
    names += [f"{prefix}program-{program}-catalogue.c"] * has_catalogue(program)
    return names + [f"{prefix}qapi.h"] * (program == PLAIN_PROGRAM)


def render(schema: Schema, prefix: str) -> dict[str, str]:
    """File name to text."""
    plan = Plan(schema)
    texts: dict[str, str] = {}
    declared: set[str] = set()
    units: dict[str, UnitTables] = {}
    for unit in UNITS[:-1]:
        tables = units[unit] = unit_tables(plan, unit)
        source = render_tables(tables, prefix)
        thunks: list[Thunk] = []
        for _, thunk in tables.derives.keys:
            if thunk.by not in declared:
                declared.add(thunk.by)
                thunks.append(thunk)
        header = [render_header(plan, unit, prefix, thunks), *command_prototypes(plan, unit), *hmp_prototypes(plan, unit),
                  *expand_prototypes(plan, unit)]
        texts[f"{prefix}{unit}.h"] = "\n".join(header).rstrip() + "\n"
        texts[f"{prefix}{unit}-tables.c"] = source
        texts[f"{prefix}{unit}-texts.c"] = render_texts(tables, prefix)
    if schema.program:
        texts[f"{prefix}program-{schema.program}.h"] = program_header(plan, prefix)
        texts[f"{prefix}program-{schema.program}.c"] = program_source(plan, prefix, units)
    if has_catalogue(schema.program):
        texts[f"{prefix}program-{schema.program}-catalogue.c"] = catalogue_source(plan, prefix)
    if schema.program == PLAIN_PROGRAM:
        texts[f"{prefix}qapi.h"] = qapi_header(plan, prefix)
    return texts


def compile_to(directory: str, prefix: str, source: Source, schema: Schema) -> None:
    os.makedirs(directory, exist_ok=True)
    for name, text in render(schema, prefix).items():
        write(os.path.join(directory, name), text)
    first = os.path.join(directory, output_names(prefix, schema.program)[0])
    write_rule(directory, f"{prefix}qapi-gen.d", first, [source])


def compile_beside(directory: str, prefix: str, program: tuple[Source, Schema], larger: tuple[Source, Schema]) -> str:
    """Writes a program whose layers are those of @larger, and nothing else; else what differs comes back."""
    texts, theirs = render(program[1], prefix), render(larger[1], prefix)
    own = output_names(prefix, program[1].program, alone=True)
    shared = Plan(program[1]).units()
    for unit in shared:
        for name in (prefix + unit + suffix for suffix in SUFFIXES):
            if below_banner(texts[name]) != below_banner(theirs[name]):
                return (f"{program[1].root}: layer '{unit}' is not that of {larger[1].root}: both must include the same "
                        "files of it and of the layers below")
    os.makedirs(directory, exist_ok=True)
    for name in own:
        write(os.path.join(directory, name), texts[name])
    write_rule(directory, f"{prefix}{program[1].program}-qapi-gen.d", os.path.join(directory, own[0]),
               [program[0], larger[0]])
    return ""


def below_banner(text: str) -> str:
    """Without licence and banner: the banner names the root."""
    return text.split("*/", 2)[2]


def write_rule(directory: str, name: str, first: str, sources: list[Source]) -> None:
    code = sorted(os.path.join(folder, name) for folder, _, names in os.walk(os.path.dirname(__file__))
                  for name in names if name.endswith(".py"))
    inputs = [path for source in sources for path in (*source.files, *source.directories)] + code
    rule = " \\\n  ".join([f"{escaped(first)}:", *(escaped(path) for path in inputs)])
    write(os.path.join(directory, name), rule + "\n")


def write_pages(directory: str, pages: dict[str, str]) -> None:
    os.makedirs(directory, exist_ok=True)
    for name, text in pages.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write(path, text)


def escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace(" ", "\\ ").replace("$", "$$").replace("#", "\\#")


def write(path: str, text: str) -> None:
    data = text.encode()
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return
    except FileNotFoundError:
        pass
    with open(path, "wb") as file:
        file.write(data)
