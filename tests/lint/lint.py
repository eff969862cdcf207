#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""House rules that no compiler checks, as TAP: one test per rule, with its offenders as diagnostics.

usage: lint.py [BUILD]   BUILD (default: $VINTAGE_BUILD, else build) holds the generated headers that ours include.
"""

import os
import re
import shutil
import shlex
import subprocess
import sys
from collections.abc import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import floors  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LAYERS = ["runtime", "backends", "hw", "machine", "engine", "programs"]
TOP_READMES = ["runtime", "backends", "hw", "machine", "engine", "programs", "schema", "tests", "generated", "qapi-gen", "docs"]
SOURCE = (".c", ".h", ".py", ".build", ".sh")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]', re.MULTILINE)
SOFT_LINES, HARD_LINES, SCHEMA_LINES, README_LINES, COLUMNS = 400, 600, 1500, 15, 130
# Split, so that this file does not break its own rules.
UNFINISHED = re.compile(r"(#|//|/\*|^\s*\*).*\b(" + "TO" + "DO|FIX" + "ME|X" + r"XX)\b")
MACHINE_PATHS = re.compile(r"/(" + "home/[a-z]|ro" + "ot/|wo" + "rk/[a-z.]|tmp/" + r"w/)")

RAW_OPEN = re.compile(r"(?<![\w.>])(open|openat|open64|fopen|freopen|creat|opendir|g_open|g_fopen|g_file_get_contents|"
                      r"g_file_set_contents(_full)?|gnutls_\w+_file2?|g_key_file_load_from_file|json_object_from_file)\s*\(")
RAW_OPENS = {
    "runtime/host/open-file.c": "the function itself",
    "programs/service-process.c": "the file of the process's number, which is locked, and /dev/null",
    "programs/service-descriptors.c": "/proc/self/fd",
    "programs/service-privilege.c": "the directory of chroot, by O_PATH",
    "runtime/host/own-path.c": "a directory, by O_PATH",
    "runtime/host/replace-file.c": "a new file without a name",
}

# What hides a cast that drops 'const' from -Wcast-qual.
CONST_HIDDEN = re.compile(r"\bdiagnostic\s+(ignored|warning)|-Wno-cast-qual|\*\s*\)\s*\(\s*u?intptr_t\s*\)")
CONST_DROPS = {"runtime/host/include/vt-runtime/iovec.h": "iov_base"}
NOT_POINTERS_TO_CONST = {
    "backends/block/linux-aio.c": "the kernel stores pointers as integers",
    "tests/fuzz/lib/fuzz-host.c": "the address of a function",
}
CONST_TRIED = [
    ('#pragma GCC diagnostic ignored "-Wcast-qual"', True),
    ('_Pragma("clang diagnostic ignored \\"-Wcast-qual\\"")', True),
    ("char *p = (char *)(uintptr_t)name;", True),
    ("uintptr_t at = (uintptr_t)name;", False),
    ("char *p = (char *)data + 1;", False),
]


def read(path: str) -> str:
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def all_files() -> list[str]:
    """All files that are or would be committed; without git, all except build trees."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    git = subprocess.run(command, capture_output=True, text=True, check=False) if shutil.which("git") else None
    if git and git.returncode == 0:
        names = [name for name in git.stdout.split("\0") if name]
    else:
        names = []
        for directory, subdirectories, entries in os.walk(ROOT):
            subdirectories[:] = [d for d in subdirectories if d != ".git" and not d.startswith("build")]
            names += [os.path.relpath(os.path.join(directory, entry), ROOT) for entry in entries]
    return sorted(name for name in names if os.path.isfile(os.path.join(ROOT, name)))


def is_source(name: str) -> bool:
    return name.endswith(SOURCE) and not name.startswith("tests/golden/")


def layer_of(name: str) -> int | None:
    top = name.split("/", 1)[0]
    return LAYERS.index(top) if top in LAYERS else None


def included_layer(header: str) -> int | None:
    """The layer that owns a header: vt-hw/pci.h, vt-gen/hw.h. Headers of programs may not be included by others."""
    match = re.match(r"vt-gen/([a-z]+)(-derives)?\.h$", header)
    if match and match[1] in LAYERS:
        return LAYERS.index(match[1])
    if header.startswith("vt-gen/"):
        return LAYERS.index("programs")
    match = re.match(r"vt-([a-z]+)/", header)
    return LAYERS.index(match[1]) if match and match[1] in LAYERS else None


def includes_point_downward(files: list[str]) -> Iterator[str]:
    for name in files:
        own = layer_of(name)
        if own is None or not name.endswith((".c", ".h")):
            continue
        for header in INCLUDE.findall(read(name)):
            other = included_layer(header)
            if other is not None and other > own:
                # Functions of the runtime that a program's table uses are declared next to the table.
                if not (LAYERS[own] == "runtime" and re.match(r"vt-gen/program-", header)):
                    yield f"{name} includes {header}, of the layer {LAYERS[other]}"
            elif header.startswith(".."):
                yield f"{name} includes {header} by a way around the include directories"


def sources_have_licence(files: list[str]) -> Iterator[str]:
    for name in filter(is_source, files):
        head = read(name).split("\n", 2)[:2]
        if not any("SPDX-License-Identifier: " + "MIT" in line for line in head):
            yield f"{name}: no SPDX line in its first two lines"


def files_are_short(files: list[str]) -> Iterator[str]:
    for name in files:
        if not (is_source(name) or name.startswith("schema/") and name.endswith(".json")
                and not name.startswith("schema/ledger/")):
            continue
        lines = read(name).count("\n")
        most = SCHEMA_LINES if name.startswith("schema/") else HARD_LINES
        if lines > most:
            yield f"{name}: {lines} lines, of at most {most}"
        elif lines > SOFT_LINES and is_source(name):
            print(f"# {name}: {lines} lines; about {SOFT_LINES} is the aim")


def nothing_is_unfinished(files: list[str]) -> Iterator[str]:
    for name in files:
        if is_source(name) or name.startswith("schema/"):
            for number, line in enumerate(read(name).splitlines(), 1):
                if UNFINISHED.search(line):
                    yield f"{name}:{number}: {line.strip()}"


def no_machine_paths(files: list[str]) -> Iterator[str]:
    for name in files:
        for number, line in enumerate(read(name).splitlines(), 1):
            if MACHINE_PATHS.search(line):
                yield f"{name}:{number}: {line.strip()[:100]}"


def lines_are_readable(files: list[str]) -> Iterator[str]:
    for name in files:
        if is_source(name) and not name.endswith(".build"):
            for number, line in enumerate(read(name).splitlines(), 1):
                if len(line) > COLUMNS or line != line.rstrip() or (name.endswith((".c", ".h")) and "\t" in line):
                    yield f"{name}:{number}: longer than {COLUMNS}, trailing blanks, or a tab"


def directories_have_readmes(_files: list[str]) -> Iterator[str]:
    for top in TOP_READMES:
        if not os.path.isdir(os.path.join(ROOT, top)):
            continue
        path = os.path.join(top, "README.md")
        if not os.path.exists(os.path.join(ROOT, path)):
            yield f"{path} is missing: what lives there, and what may not"
        elif read(path).count("\n") > README_LINES:
            yield f"{path} has more than {README_LINES} lines"


def scripts_are_executable(files: list[str]) -> Iterator[str]:
    """meson.build takes the executable files below tests/: another one would never run."""
    for name in files:
        text, executable = read(name), os.access(os.path.join(ROOT, name), os.X_OK)
        script = text.startswith("#!")
        if script != executable:
            yield f"{name}: " + ("is a script, and not executable" if script else "is executable, and has no '#!'")
        elif name.endswith(".py") and re.search(r"^@test$", text, re.MULTILINE) and not script:
            yield f"{name}: has tests, and is no script"


def included_first(files: list[str]) -> set[str]:
    """Headers that a C file of their own layer includes before anything else: the build proves that they stand alone."""
    headers = [name for name in files if name.endswith(".h")]
    found = set()
    for name in files:
        first = INCLUDE.search(read(name)) if name.endswith(".c") and layer_of(name) is not None else None
        meant = [header for header in headers if header.endswith("/" + first[1])] if first else []
        if len(meant) == 1 and layer_of(meant[0]) == layer_of(name):
            found.add(meant[0])
    return found


def headers_stand_alone(files: list[str], build: str) -> Iterator[str]:
    proved = included_first(files)
    flags = shlex.split(subprocess.run(["pkg-config", "--cflags", "glib-2.0", "json-c"], check=True,
                                       capture_output=True, text=True).stdout)
    for name in files:
        own = layer_of(name)
        if own is None or not name.endswith(".h") or name in proved:
            continue
        ways = [*(f"{ROOT}/{layer}/include" for layer in LAYERS[1:own + 1]), f"{ROOT}/{os.path.dirname(name)}",
                *(floors.ways(name.split("/")[1]) if own == 0 else [*floors.PUBLIC, f"{ROOT}/{LAYERS[own]}"])]
        run = subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
                              "-fsyntax-only", "-x", "c", "-include", os.path.join(ROOT, name), "/dev/null",
                              f"-I{build}/generated", *(f"-I{way}" for way in ways), *flags],
                             capture_output=True, text=True, check=False)
        if run.returncode:
            yield f"{name} does not compile alone: {(run.stderr.splitlines() or ['?'])[0]}"


def files_are_opened_by_one_function(files: list[str]) -> Iterator[str]:
    """A raw open can block, and opens any type of file; use vt-runtime/open-file.h."""
    for name in files:
        if layer_of(name) is None or not name.endswith((".c", ".h")) or name in RAW_OPENS:
            continue
        for number, line in enumerate(read(name).splitlines(), 1):
            if RAW_OPEN.search(line) and not line.lstrip().startswith(("*", "/*")):
                yield f"{name}:{number}: {line.strip()}"


def texts_of_trees_are_wiped(files: list[str]) -> Iterator[str]:
    """json-c keeps the text of a tree, and frees it without a wipe; use vt_json_text()."""
    for name in files:
        if layer_of(name) is None or not name.endswith((".c", ".h")) or name == "runtime/text/json-write.c":
            continue
        for number, line in enumerate(read(name).splitlines(), 1):
            if "json_object_to_json_string" in line:
                yield f"{name}:{number}: {line.strip()}"


def const_is_kept(files: list[str]) -> Iterator[str]:
    """The compiler refuses a cast that drops 'const' (-Wcast-qual), and only the named files turn that off."""
    if "'-Wcast-qual'" not in read("meson.build"):
        yield "meson.build does not set -Wcast-qual"
    for line, hidden in CONST_TRIED:
        if bool(CONST_HIDDEN.search(line)) != hidden:
            yield f"the rule {'does not find' if hidden else 'refuses'}: {line}"
    for name in files:
        if not name.endswith((".c", ".h", ".build")) or name in NOT_POINTERS_TO_CONST:
            continue
        found = [number for number, line in enumerate(read(name).splitlines(), 1) if CONST_HIDDEN.search(line)]
        if name in CONST_DROPS and len(found) != 1:
            yield f"{name}: hides {len(found)} casts, not 1"
        elif name not in CONST_DROPS:
            yield from (f"{name}:{number}: hides a cast that drops 'const'" for number in found)


def main() -> int:
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")))
    files = all_files()
    rules = [includes_point_downward, files_are_opened_by_one_function, sources_have_licence, files_are_short,
             nothing_is_unfinished, no_machine_paths, lines_are_readable, directories_have_readmes,
             const_is_kept, texts_of_trees_are_wiped, scripts_are_executable,
             lambda all_of: headers_stand_alone(all_of, build)]
    names = [rule.__name__.replace("_", "-") for rule in rules[:-1]] + ["headers-stand-alone"]
    failed = 0
    print(f"1..{len(rules)}")
    for number, (name, rule) in enumerate(zip(names, rules), 1):
        offenders = list(rule(files))
        for offender in offenders:
            print(f"# {offender}")
        failed += bool(offenders)
        print(f"{'not ' if offenders else ''}ok {number} - {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
