# SPDX-License-Identifier: MIT
"""Files.  Only this module writes, and it leaves files alone that stay as they are."""

from __future__ import annotations

import os
from pathlib import Path

from qapigen.class_tables import unit_tables
from qapigen.derives import Thunk
from qapigen.emit_commands import command_prototypes
from qapigen.emit_program import program_header, program_source
from qapigen.emit_tables import render_tables
from qapigen.emit_types import render_header
from qapigen.load import Source
from qapigen.model import UNITS, Schema
from qapigen.plan import Plan


def output_names(prefix: str, program: str) -> list[str]:
    names = [f"{prefix}{unit}{suffix}" for unit in UNITS[:-1] for suffix in (".h", "-tables.c")]
    return names + ([f"{prefix}program-{program}{suffix}" for suffix in (".h", ".c")] if program else [])


def render(schema: Schema, prefix: str) -> dict[str, str]:
    """File name to text."""
    plan = Plan(schema)
    texts: dict[str, str] = {}
    declared: set[str] = set()
    for unit in UNITS[:-1]:
        tables = unit_tables(plan, unit)
        source = render_tables(tables, prefix)
        thunks: list[Thunk] = []
        for _, thunk in tables.derives.keys:
            if thunk.by not in declared:
                declared.add(thunk.by)
                thunks.append(thunk)
        header = [render_header(plan, unit, prefix, thunks), *command_prototypes(plan, unit)]
        texts[f"{prefix}{unit}.h"] = "\n".join(header).rstrip() + "\n"
        texts[f"{prefix}{unit}-tables.c"] = source
    if schema.program:
        texts[f"{prefix}program-{schema.program}.h"] = program_header(plan, prefix)
        texts[f"{prefix}program-{schema.program}.c"] = program_source(plan, prefix)
    return texts


def compile_to(directory: str, prefix: str, source: Source, schema: Schema) -> None:
    os.makedirs(directory, exist_ok=True)
    for name, text in render(schema, prefix).items():
        write(Path(directory, name), text)
    first = os.path.join(directory, output_names(prefix, schema.program)[0])
    code = sorted(str(path) for path in Path(__file__).parent.rglob("*.py"))
    inputs = [*source.files, *source.directories, *code]
    rule = " \\\n  ".join([f"{escaped(first)}:", *(escaped(path) for path in inputs)])
    write(Path(directory, f"{prefix}qapi-gen.d"), rule + "\n")


def write_pages(directory: str, pages: dict[str, str]) -> None:
    os.makedirs(directory, exist_ok=True)
    for name, text in pages.items():
        write(Path(directory, name), text)


def escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace(" ", "\\ ").replace("$", "$$").replace("#", "\\#")


def write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
