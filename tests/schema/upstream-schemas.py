#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""QEMU's own schemas, unchanged: they compile with two compilers, and their introspection equals QEMU's. TAP."""

import functools
import json
import lzma
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.environ.get("VINTAGE_DATA", os.path.join(ROOT, os.pardir, "shared", "data"))
TRUTH = os.path.join(DATA, "truth", "qmp-schema-7.2.json.xz")
SCHEMAS = {"main": "qapi/qapi-schema.json", "storage-daemon": "storage-daemon/qapi/qapi-schema.json",
           "guest-agent": "qga/qapi-schema.json"}
COMPILER = os.path.join(ROOT, "qapi-gen", "qapi-gen")
COLUMNS, LINES, BYTES = 120, 40_000, 3_000_000
sys.path[:0] = [os.path.join(ROOT, "qapi-gen"), os.path.join(ROOT, "tests", "lib")]

from qapigen.cli import read  # noqa: E402
from qapigen.introspect import introspection  # noqa: E402
from qapigen.plan import Plan  # noqa: E402
import floors  # noqa: E402

Entities = list[dict[str, Any]]
FAMILIAR = """
#include "qapi.h"
#include <string.h>

/* Of every kind one, used as QEMU's code uses them. */
int
main(void)
{
    static const char text[] = "{\\"type\\": \\"unix\\", \\"path\\": \\"/run/x\\"}";
    g_autoptr(VtVisitor) in = vt_visitor_new_input(&vt_program_qapi, vt_input_new_json(text, strlen(text), "test"));
    g_autoptr(VtVisitor) out = vt_visitor_new_output(&vt_program_qapi);
    VtOnOffAuto state = VT_ON_OFF_AUTO_ON;
    VtSocketAddress *address = NULL;
    json_object *tree = NULL;
    bool ok = visit_type_SocketAddress(in, NULL, &address, NULL) && visit_type_SocketAddress(out, NULL, &address, NULL) &&
              visit_type_OnOffAuto(out, NULL, &state, NULL);

    qapi_free_SocketAddress(address);
    return ok && qmp_marshal_query_status(NULL, NULL, &tree, NULL) ? 0 : 1;
}
"""


def path_of(name: str) -> str:
    return os.path.join(DATA, "qemu-schema", SCHEMAS[name])


# ---- C

def cflags(*packages: str) -> list[str]:
    return shlex.split(subprocess.run(["pkg-config", "--cflags", *packages], text=True, check=True,
                                      capture_output=True).stdout)


def builds(compiler: str, directory: str, source: str) -> None:
    # Only gcc's objects are looked at.
    command = [compiler, "-std=gnu11", "-fsyntax-only" if compiler == "clang" else "-O0", "-Wall", "-Wextra", "-Werror",
               "-Wstrict-prototypes", "-fPIC", "-Wmissing-prototypes", *floors.OPTIONS, "-I", directory,
               *cflags("glib-2.0", "json-c"), "-c", "-o", os.path.join(directory, f"{os.path.basename(source)}.{compiler}.o"),
               source]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[:3000]


def output_builds(compiler: str, directory: str) -> None:
    for header in sorted(os.listdir(directory)):
        if header.endswith(".h"):
            with open(os.path.join(directory, f"includes-{header}.c"), "w", encoding="utf-8") as file:
                file.write(f'#include "{header}"\n')
    sources = sorted(name for name in os.listdir(directory) if name.endswith(".c"))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: builds(compiler, directory, os.path.join(directory, name)), sources))


def familiar_names(compiler: str, directory: str) -> None:
    path = os.path.join(directory, "familiar.c")
    with open(path, "w", encoding="utf-8") as file:
        file.write(FAMILIAR)
    builds(compiler, directory, path)


def output_is_small(directory: str) -> None:
    lines = size = 0
    for name in sorted(os.listdir(directory)):
        if name.endswith((".c", ".h")):
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                text = file.read()
            size += len(text)
            for number, line in enumerate(text.splitlines(), 1):
                lines += 1
                one_word = re.fullmatch(r"typedef struct (\w+) (\1);", line)
                assert len(line) <= COLUMNS or one_word, f"{name}:{number} has {len(line)} columns"
    assert lines <= LINES, f"{lines} lines"
    assert size <= BYTES, f"{size} bytes"


def rows_have_no_relocations(directory: str) -> None:
    """Row tables are read-only data without relocations: only the layer has pointers."""
    done = subprocess.run(["readelf", "-rW", os.path.join(directory, "runtime-tables.c.gcc.o")], text=True,
                          capture_output=True, check=True)
    sections = re.findall(r"Relocation section '\.rela?(\S+)' at \S+ \S+ contains (\d+)", done.stdout)
    for section, count in sections:
        assert section.startswith((".data.rel.ro", ".debug")) and int(count) < 64, f"{section}: {count}"


# ---- introspection

@functools.cache
def told(name: str) -> Entities:
    result = read(path_of(name))
    assert result
    (_, pieces), = introspection(Plan(result[1]))
    entities: Entities = json.loads("".join(text for _, text in pieces))
    return entities


def types_named(entity: dict[str, Any]) -> Iterator[str]:
    yield from (entity[key] for key in ("arg-type", "ret-type", "element-type") if key in entity)
    for part in (*entity.get("members", ()), *entity.get("variants", ())):
        if "type" in part:
            yield part["type"]


def all_is_told(name: str) -> None:
    """Each command and event of the schema, and each type that these reach; nothing else."""
    entities = told(name)
    by_name = {entity["name"]: entity for entity in entities}
    assert len(by_name) == len(entities)
    wanted = set()
    for path in read(path_of(name))[0].files:  # type: ignore[index]
        with open(path, encoding="utf-8") as file:
            wanted |= set(re.findall(r"^\{\s*'(?:command|event)':\s*'([^']+)'", file.read(), re.MULTILINE))
    got = {entity["name"] for entity in entities if entity["meta-type"] in ("command", "event")}
    assert got == wanted, sorted(got ^ wanted)
    reached = set(got)
    todo = list(got)
    while todo:
        for each in types_named(by_name[todo.pop()]):
            if each not in reached:
                reached.add(each)
                todo.append(each)
    assert reached == set(by_name), sorted(set(by_name) - reached)


def expanded(by_name: dict[str, dict[str, Any]], name: str, inside: tuple[str, ...] = ()) -> Any:
    """A type without generated names; a recursive one has the number of levels."""
    if name in inside:
        return len(inside) - inside.index(name)
    entity = by_name[name]

    def part(one: dict[str, Any]) -> str:
        known = {key: value for key, value in one.items() if key != "type"}
        return json.dumps([known, expanded(by_name, one["type"], (*inside, name)) if "type" in one else None],
                          sort_keys=True)

    body = {key: value for key, value in entity.items() if key in ("meta-type", "json-type", "tag", "allow-oob",
                                                                  "features")}
    body |= {key: expanded(by_name, entity[key], (*inside, name)) for key in ("arg-type", "ret-type", "element-type")
             if key in entity}
    return body | {key: sorted(part(one) for one in entity[key]) for key in ("members", "variants") if key in entity}


def as_qemu_tells() -> None:
    """QEMU 7.2 is older and has its own build conditions; unchanged parts have the same introspection."""
    with lzma.open(TRUTH, "rt", encoding="utf-8") as file:
        theirs: Entities = json.load(file)["schema"]
    ours = told("main")
    kinds: dict[str, set[str]] = {}
    for entity in ours:
        kinds.setdefault(entity["meta-type"], set()).update(entity)
    for entity in theirs:
        missing = set(entity) - kinds[entity["meta-type"]]
        assert not missing, f"{entity['meta-type']} lacks {missing}"
    one, other = ({entity["name"]: entity for entity in each} for each in (ours, theirs))
    common = [name for name, entity in other.items() if entity["meta-type"] in ("command", "event") and name in one]
    same = [name for name in common if expanded(one, name) == expanded(other, name)]
    print(f"# {len(same)} of {len(common)} commands and events are as in 7.2")
    assert len(common) > 200 and len(same) * 5 > len(common) * 3, sorted(set(common) - set(same))


def main() -> int:
    if not os.path.isdir(os.path.join(DATA, "qemu-schema")):
        print("1..0 # SKIP ../shared/data is absent")
        return 0
    points: list[tuple[str, str, Callable[[], None]]] = []
    with tempfile.TemporaryDirectory() as top:
        for name in SCHEMAS:
            directory = os.path.join(top, name)
            command = [sys.executable, COMPILER, "compile", "-o", directory, path_of(name)]
            points.append((f"{name} compiles", "", lambda command=command: compiles(command)))
            for compiler in ("gcc", "clang"):
                absent = "" if shutil.which(compiler) else f"{compiler} is absent"
                points.append((f"{name}: {compiler} has no warning", absent,
                               lambda compiler=compiler, directory=directory: output_builds(compiler, directory)))
            points.append((f"{name}: the output is small", "", lambda directory=directory: output_is_small(directory)))
            points.append((f"{name}: rows need no relocation", "" if shutil.which("readelf") else "readelf is absent",
                           lambda directory=directory: rows_have_no_relocations(directory)))
            points.append((f"{name}: introspection tells all", "", lambda name=name: all_is_told(name)))
        points.append(("the familiar entry points are C", "",
                       lambda: familiar_names("gcc", os.path.join(top, "main"))))
        points.append(("introspection has QEMU's form", "" if os.path.exists(TRUTH) else "truth/ is absent", as_qemu_tells))
        return report(points)


def compiles(command: list[str]) -> None:
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr


def report(points: list[tuple[str, str, Callable[[], None]]]) -> int:
    print(f"1..{len(points)}")
    failed = 0
    for number, (name, skip, check) in enumerate(points, 1):
        wrong = ""
        try:
            if not skip:
                check()
        except AssertionError as error:
            wrong = str(error) or "assertion failed"
        for line in wrong.splitlines()[:20]:
            print(f"# {line}")
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}{f' # SKIP {skip}' if skip else ''}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
