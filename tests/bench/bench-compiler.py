#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The schema compiler: time to check and to generate, and the size of the output.

On QEMU's main schema, where it is at hand (VINTAGE_DATA, else ../shared/data); beside QEMU's own generator, where
QEMU_QAPI_GEN gives the path of its scripts/qapi-gen.py.  Its output is compiled with headers that declare no more than it
uses, and without tracing: both are to its advantage.  The bytes and lines are those of .c and .h.

Times are of the processor.  The floor is a start of Python that splits the schema into tokens by one regular expression;
it took FLOOR seconds on the machine of the goals.
"""

import glob
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import floors  # noqa: E402
from goals import Goals  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMPILER = os.path.join(ROOT, "qapi-gen", "qapi-gen")
OWN = os.path.join(ROOT, "schema", "vintage-vm.json")
DATA = os.environ.get("VINTAGE_DATA", os.path.join(ROOT, os.pardir, "shared", "data"))
UPSTREAM = os.path.join(DATA, "qemu-schema", "qapi", "qapi-schema.json")
RIVAL = os.environ.get("QEMU_QAPI_GEN", "")
ROUNDS = 7
FLOOR = 0.017
TOKENISE = r"""
import glob, re
for path in glob.glob({directory!r} + "/*.json"):
    with open(path, encoding="utf-8") as file:
        for _ in re.finditer(r"#.*|'[^']*'|[\[\]{{}}:,]|\w+|\s+", file.read()):
            pass
"""

# Types and functions of QEMU that QEMU's generated code uses.
STUBS = {
    "qemu/osdep.h": """
#pragma once
#include <assert.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
typedef struct Error Error;
typedef struct QObject { int type; } QObject;
typedef struct QDict { QObject base; } QDict;
typedef struct QList { QObject base; } QList;
typedef struct QNull { QObject base; } QNull;
typedef struct Visitor Visitor;
typedef enum QapiSpecialFeature { QAPI_DEPRECATED, QAPI_UNSTABLE } QapiSpecialFeature;
typedef struct QEnumLookup { const char *const *array; const uint64_t *const features; const int size; } QEnumLookup;
typedef struct GenericList { struct GenericList *next; char padding[]; } GenericList;
typedef struct GenericAlternate { int type; char padding[]; } GenericAlternate;
extern Error *error_abort;
void error_setg(Error **errp, const char *format, ...);
void error_propagate(Error **to, Error *from);
#define coroutine_fn
#define QOBJECT(o) ((QObject *)(o))
#define qobject_to(type, o) ((type *)(o))
void qobject_unref_(QObject *o);
#define qobject_unref(o) qobject_unref_(QOBJECT(o))
void visit_complete(Visitor *v, void *opaque);
void visit_free(Visitor *v);
bool visit_start_struct(Visitor *v, const char *name, void **obj, size_t size, Error **errp);
bool visit_check_struct(Visitor *v, Error **errp);
void visit_end_struct(Visitor *v, void **obj);
bool visit_start_list(Visitor *v, const char *name, GenericList **list, size_t size, Error **errp);
GenericList *visit_next_list(Visitor *v, GenericList *tail, size_t size);
bool visit_check_list(Visitor *v, Error **errp);
void visit_end_list(Visitor *v, void **list);
bool visit_start_alternate(Visitor *v, const char *name, GenericAlternate **obj, size_t size, Error **errp);
void visit_end_alternate(Visitor *v, void **obj);
bool visit_optional(Visitor *v, const char *name, bool *present);
bool visit_policy_reject(Visitor *v, const char *name, uint64_t features, Error **errp);
bool visit_policy_skip(Visitor *v, const char *name, uint64_t features);
bool visit_is_input(Visitor *v);
bool visit_is_dealloc(Visitor *v);
bool visit_type_enum(Visitor *v, const char *name, int *obj, const QEnumLookup *lookup, Error **errp);
#define VISIT(name, type) bool visit_type_##name(Visitor *v, const char *key, type *obj, Error **errp);
VISIT(int, int64_t) VISIT(uint8, uint8_t) VISIT(uint16, uint16_t) VISIT(uint32, uint32_t) VISIT(uint64, uint64_t)
VISIT(int8, int8_t) VISIT(int16, int16_t) VISIT(int32, int32_t) VISIT(int64, int64_t) VISIT(size, uint64_t)
VISIT(bool, bool) VISIT(str, char *) VISIT(number, double) VISIT(any, QObject *) VISIT(null, QNull *)
Visitor *qapi_dealloc_visitor_new(void);
Visitor *qobject_input_visitor_new_qmp(QObject *obj);
Visitor *qobject_output_visitor_new_qmp(QObject **result);
Visitor *qobject_input_visitor_new(QObject *obj);
size_t qdict_size(const QDict *dict);
void qdict_put_obj(QDict *dict, const char *key, QObject *value);
QDict *qmp_event_build_dict(const char *name);
typedef struct QmpCommandList { int dummy; } QmpCommandList;
typedef void QmpCommandFunc(QDict *args, QObject **ret, Error **errp);
enum { QCO_NO_OPTIONS = 0, QCO_NO_SUCCESS_RESP = 1, QCO_ALLOW_OOB = 2, QCO_ALLOW_PRECONFIG = 4, QCO_COROUTINE = 8 };
#define QTAILQ_INIT(list) ((void)(list))
void qmp_register_command(QmpCommandList *cmds, const char *name, QmpCommandFunc *fn, unsigned options, uint64_t features);
typedef struct QLitObject { int type; union { bool qbool; int64_t qnum; const char *qstr; struct QLitDictEntry *qdict;
    struct QLitObject *qlist; } value; } QLitObject;
typedef struct QLitDictEntry { const char *key; QLitObject value; } QLitDictEntry;
#define QLIT_QNULL { .type = 1 }
#define QLIT_QBOOL(v) { .type = 6, .value.qbool = (v) }
#define QLIT_QNUM(v) { .type = 2, .value.qnum = (v) }
#define QLIT_QSTR(v) { .type = 3, .value.qstr = (v) }
#define QLIT_QDICT(v) { .type = 4, .value.qdict = (v) }
#define QLIT_QLIST(v) { .type = 5, .value.qlist = (v) }
""",
    **dict.fromkeys((
        "qapi/error.h", "qapi/dealloc-visitor.h", "qobject/qdict.h", "qobject/qlit.h", "qobject/qjson.h", "qapi/util.h",
        "qapi/visitor.h", "qapi/qmp-event.h", "qapi/qmp/dispatch.h", "qapi/qmp-registry.h",
        "qapi/qobject-output-visitor.h", "qapi/qobject-input-visitor.h", "qobject/qlist.h", "qapi/qmp/qdict.h",
        "qapi/qmp/qlit.h", "qapi/qmp/qjson.h"), '#include "qemu/osdep.h"\n'),
    "qapi/compat-policy.h": '#include "qemu/osdep.h"\n#include <qapi-types-compat.h>\nextern CompatPolicy compat_policy;\n',
    "qapi/qapi-builtin-types.h": '#include "qemu/osdep.h"\n#include <qapi-builtin-types.h>\n',
    "qapi/qapi-builtin-visit.h": '#include "qemu/osdep.h"\n#include <qapi-builtin-visit.h>\n',
}


ENVIRONMENT = dict(os.environ)


class Failed(Exception):
    """A program of the benchmark failed."""


def run(*command: str) -> None:
    done = subprocess.run(command, text=True, capture_output=True, check=False, env=ENVIRONMENT)
    if done.returncode:
        raise Failed(f"{' '.join(command[:4])} …\n{done.stderr[:2000]}")


def seconds(action: Callable[[], object]) -> float:
    """Of the processor, in programs that the action runs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    action()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_turn(*actions: Callable[[], object]) -> list[float]:
    """The best of several. The actions alternate, so that other load on the machine affects all of them."""
    rounds = [[seconds(action) for action in actions] for _ in range(ROUNDS)]
    return [min(column) for column in zip(*rounds)]


def stubs(directory: str) -> None:
    for name, text in STUBS.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def sources(directory: str) -> list[str]:
    return sorted(glob.glob(os.path.join(directory, "*.c")))


def compile_all(directory: str, includes: list[str]) -> None:
    glib = shlex.split(subprocess.run(["pkg-config", "--cflags", "glib-2.0"], text=True, check=True,
                                      capture_output=True).stdout)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda path: run("gcc", "-std=gnu11", "-O2", "-w", "-c", "-o", path[:-1] + "o", "-I", directory,
                                       *includes, *glib, path), sources(directory)))


def written(directory: str) -> tuple[int, int]:
    """Lines and bytes."""
    lines = size = 0
    for path in sources(directory) + glob.glob(os.path.join(directory, "*.h")):
        with open(path, "rb") as file:
            data = file.read()
        lines, size = lines + data.count(b"\n"), size + len(data)
    return lines, size


def lines_of(directory: str) -> int:
    """Of the schema files at and below @directory."""
    total = 0
    for path in glob.glob(os.path.join(directory, "**", "*.json"), recursive=True):
        with open(path, "rb") as file:
            total += file.read().count(b"\n")
    return total


def stripped(directory: str) -> int:
    total = 0
    for path in glob.glob(os.path.join(directory, "*.o")):
        run("strip", "-o", path + ".stripped", path)
        total += os.path.getsize(path + ".stripped")
    return total


def beside(theirs: float | None) -> dict[str, float]:
    return {} if theirs is None else {"QEMUs_generator": theirs}


def upstream(goals: Goals, top: str) -> None:
    ours, theirs, headers = (os.path.join(top, name) for name in ("ours", "theirs", "stubs"))
    for directory in (ours, theirs, headers):
        os.mkdir(directory)
    floor = [sys.executable, "-c", TOKENISE.format(directory=os.path.dirname(UPSTREAM))]
    mine = [sys.executable, COMPILER, "compile", "-o", ours, UPSTREAM]
    rival = [sys.executable, RIVAL, "-b", "--suppress-tracing", "-o", theirs, UPSTREAM]
    actions = [lambda: run(*floor), lambda: run(*mine)] + ([lambda: run(*rival)] if RIVAL else [])
    least, time, their_time = [*in_turn(*actions), None][:3]
    assert least and time
    slower = least / FLOOR
    for limit in (0.34, 0.2):
        goals.row("generate from QEMU's main schema", time, "s", limit, slower=slower, digits=2, floor=least,
                  **beside(their_time))
    (lines, size), (their_lines, their_size) = written(ours), written(theirs) if RIVAL else (None, None)
    goals.row("generated from it", lines, "lines of C", 40000, clock=False, digits=0, **beside(their_lines))
    goals.row("generated from it, for each line of the schema", lines / lines_of(os.path.dirname(UPSTREAM)), "lines of C", 1,
              clock=False, digits=2)
    goals.row("generated from it", size, "bytes", None, digits=0, **beside(their_size))
    built = seconds(lambda: compile_all(ours, floors.OPTIONS))
    their_built = None
    if RIVAL:
        stubs(headers)
        their_built = seconds(lambda: compile_all(theirs, ["-I", headers]))
    # The goal is of two compilers at a time.
    goals.row("gcc -O2 of it, half of the processor time", built / 2, "s", 4, slower=slower,
              **beside(their_built and their_built / 2))
    goals.row("stripped objects", stripped(ours), "bytes", None, digits=0, **beside(stripped(theirs) if RIVAL else None))


def main() -> int:
    goals = Goals()
    with tempfile.TemporaryDirectory() as top:
        # Both generators have usually run before, so Python has cached their bytecode.
        ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
        ENVIRONMENT["PYTHONPYCACHEPREFIX"] = os.path.join(top, "pycache")
        own = os.path.join(top, "own")
        check, generate = in_turn(lambda: run(sys.executable, COMPILER, "check", OWN),
                                  lambda: run(sys.executable, COMPILER, "compile", "-o", own, OWN))
        schema = lines_of(os.path.join(ROOT, "schema"))
        made, _ = written(own)
        goals.row("check of our schema", check, "s", None, digits=2)
        goals.row("generate from our schema", generate, "s", None, digits=2)
        goals.row(f"generated from our schema of {schema:,} lines, for each line", made / schema, "lines of C", 2, clock=False,
                  digits=2)
        if not os.path.exists(UPSTREAM):
            print("QEMU's schema is absent: its part is left out")
            return goals.end()
        if not RIVAL:
            print("QEMU_QAPI_GEN is not set: without QEMU's generator")
        try:
            upstream(goals, top)
        except Failed as failed:
            print(f"bench-compiler: {failed}", file=sys.stderr)
            return 1
    return goals.end()


if __name__ == "__main__":
    sys.exit(main())
