#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The generated reference names everything in the schema, with each reason. Sphinx, if installed, accepts a
sample."""

import os
import shutil
import subprocess
import sys
import tempfile

from blocks import ROOT, Tap

sys.path.insert(0, os.path.join(ROOT, "qapi-gen"))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))

import part  # noqa: E402
from qapigen.backends.markdown import cell  # noqa: E402
from qapigen.backends.reference import is_shown  # noqa: E402
from qapigen.docs_check import DocsCheck  # noqa: E402
from qapigen.model import Schema, Struct, Union  # noqa: E402
from schema_model import read_checked  # noqa: E402

QAPI_GEN = os.path.join(ROOT, "qapi-gen", "qapi-gen")
SCHEMA = os.path.join(ROOT, "schema", "vintage-vm.json")
PYTHON = "/usr/bin/python3"


def missing(pages: dict[str, str], page: str, wanted: list[str]) -> list[str]:
    text = pages.get(page, "")
    return [f"{page} lacks: {line}" for line in wanted if line not in text]


def classes(schema: Schema, pages: dict[str, str]) -> list[str]:
    wrong = []
    for one in schema.classes.values():
        mixed = [member for name in one.mixins for member in schema.members(name)]
        timelines = [member.default for member in (*one.own, *mixed)] + [each.timeline for each in one.defaults]
        wanted = [f"### {member.name}\n" for member in (*one.own, *mixed)]
        wanted += [cell(each.life.why) for each in (one, *one.own, *mixed) if each.life and each.life.why]
        wanted += [cell(entry.why) for timeline in timelines if timeline for entry in timeline.entries if entry.since]
        wrong += missing(pages, f"class-{one.name}.md", wanted)
    return wrong


def types(schema: Schema, pages: dict[str, str]) -> list[str]:
    wrong = []
    for name, kind in schema.types.items():
        if is_shown(kind):
            members = kind.own if isinstance(kind, (Struct, Union)) else ()
            wrong += missing(pages, "types.md", [f"## {name}\n", *(f"| `{member.name}` |" for member in members)])
    return wrong


def main() -> int:
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        run = subprocess.run([sys.executable, QAPI_GEN, "docs", "-o", directory, SCHEMA], capture_output=True,
                             text=True, check=False)
        tap.point("qapi-gen docs", run.stderr if run.returncode else None)
        if run.returncode:
            return tap.finish()
        pages = {}
        for name in os.listdir(directory):
            with open(os.path.join(directory, name), encoding="utf-8") as stream:
                pages[name] = stream.read()
    source, schema = read_checked()
    tap.point("no comment only says a name again", "\n".join(map(str, DocsCheck(source, schema).errors())) or None)
    tap.point("every class, member and reason", "\n".join(classes(schema, pages)) or None)
    tap.point("every type", "\n".join(types(schema, pages)) or None)
    for page, heads in {"options.md": [f"## -{name}\n" for name in schema.options],
                        "commands.md": [f"## {name}\n" for name in (*schema.commands, *schema.events)],
                        "platform.md": [f"## {name}\n" for name in schema.features]}.items():
        tap.point(page, "\n".join(missing(pages, page, heads)) or None)
    if subprocess.run([PYTHON, "-c", "import sphinx, myst_parser"], capture_output=True, check=False).returncode:
        tap.skip("docs/build", "python3-sphinx or python3-myst-parser is not installed")
    else:
        with tempfile.TemporaryDirectory() as directory:
            schema_part = os.path.join(directory, "schema")
            shutil.copytree(os.path.join(ROOT, "schema"), schema_part)
            part.thin(schema_part)
            run = subprocess.run([os.path.join(ROOT, "docs", "build"), directory,
                                  os.path.join(schema_part, "vintage-vm.json")], capture_output=True, text=True, check=False)
            tap.point("docs/build", run.stdout + run.stderr if run.returncode else None)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
