#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No number from outside makes an allocation that ends the process: its size is bounded, or g_try_*() allocates it.

allocations.txt lists each allocation whose size is no constant, with what bounds it.  Copies of text (g_strdup(),
GString) are as long as a text in memory, and are not listed."""

import os
import re
import sys
from collections.abc import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import equal, main, test  # noqa: E402

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIST = os.path.join(SOURCE, "tests", "lint", "allocations.txt")
DIRECTORIES = ("runtime", "backends", "hw", "machine", "engine", "programs")
# These end the process if the host has no memory, or allocate on the stack.
CALL = re.compile(r"\b(g_(?:malloc0?|malloc0?_n|new0?|newa0?|alloca0?|realloc|realloc_n|renew|memdup2?|slice_alloc0?|slice_copy"
                  r"|s?array_sized_new|array_set_size|byte_array_sized_new|byte_array_set_size|ptr_array_sized_new"
                  r"|ptr_array_set_size|string_sized_new|string_set_size|strnfill)"
                  r"|malloc|calloc|realloc|reallocarray|alloca|posix_memalign|aligned_alloc|mmap) ?\(")
# Arguments of a constant size: a type, numbers, constants, and sizeof of anything.
CONSTANT = re.compile(r"(?:sizeof ?\([^()]*\)|sizeof [*\w>.-]+|\b(?:Vt)?[A-Z]\w*\b|\b(?:char|u?int\d*_t|guint8|gid_t|struct \w+"
                      r"|void|const|unsigned|size_t|uint64_t)\b|\b\d+u?\b|[\s*+()/,&]|NULL|FALSE)*")
BOUNDS = {
    "table": "a size or a count in the tables of the program",
    "value": "a few times the size of a value in memory",
    "objects": "the number of objects that exist",
    "frame": "VT_NET_FRAME_MAX, and lists of frames have a limit",
    "limit": "a limit that the function, its caller or the schema checks",
    "host": "a number of the kernel",
    "constant": "a constant",
    "tried": "nothing: a failure is reported",
}


def arguments(text: str, start: int) -> list[str]:
    """The arguments of the call whose parenthesis opens before @start."""
    found, depth, begin = [], 0, start
    for at in range(start, len(text)):
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            if not depth:
                return [*found, text[begin:at].strip()]
            depth -= 1
        elif text[at] == "," and not depth:
            found.append(text[begin:at].strip())
            begin = at + 1
    raise ValueError(text[start:start + 80])


def size_of(name: str, given: list[str]) -> str:
    """Without the memory that is copied, grown or returned."""
    if name in ("g_memdup2", "g_memdup", "g_realloc", "g_array_set_size", "g_ptr_array_set_size", "g_byte_array_set_size",
                "g_string_set_size", "g_slice_copy", "posix_memalign", "realloc", "reallocarray", "g_realloc_n"):
        given = given[1:]
    return ", ".join(given)


def allocations(path: str) -> Iterator[str]:
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
    for call in CALL.finditer(text):
        size = size_of(call[1], arguments(text, call.end()))
        if not CONSTANT.fullmatch(size):
            yield f"{path}: {call[1]}({' '.join(', '.join(arguments(text, call.end())).split())})"


def found() -> list[str]:
    files = [os.path.relpath(os.path.join(directory, name), SOURCE) for top in DIRECTORIES
             for directory, _, names in os.walk(os.path.join(SOURCE, top)) for name in names if name.endswith((".c", ".h"))]
    return [line for path in sorted(files) for line in allocations(path)]


def listed() -> list[tuple[str, str]]:
    """The bound of each allocation, and the allocation."""
    with open(LIST, encoding="utf-8") as file:
        rows = [line.split(maxsplit=1) for line in file.read().splitlines() if not line.startswith("#")]
    return [(bound, what) for bound, what in rows]


@test
def every_allocation_is_bounded() -> None:
    """the list has each allocation of a variable size, and no other"""
    there, known = set(found()), {what for _, what in listed()}
    equal(sorted(there - known), [], "use g_try_malloc(), or add to tests/lint/allocations.txt what bounds the size")
    equal(sorted(known - there), [], "remove from tests/lint/allocations.txt")


@test
def every_bound_is_of_a_known_kind() -> None:
    equal(sorted({bound for bound, _ in listed()} - set(BOUNDS)), [])
    kinds = [bound for bound, _ in listed()]
    print("# " + ", ".join(f"{kinds.count(bound)} {bound}" for bound in BOUNDS))


@test
def variable_sizes_are_found() -> None:
    """sizes that vary are found, and constant ones are not"""
    for text, name, varies in (("g_malloc(n)", "g_malloc", True), ("g_new0(VtRow, n + 1)", "g_new0", True),
                               ("g_memdup2(data, size)", "g_memdup2", True), ("g_new(struct Known, 1)", "g_new", False),
                               ("g_malloc0(sizeof *self)", "g_malloc0", False), ("g_malloc(HEAD + BODY_MAX)", "g_malloc", False),
                               ("g_new0(const char *, 9)", "g_new0", False), ("g_try_malloc(n)", "", False)):
        call = CALL.search(text)
        equal(call[1] if call else "", name, text)
        if call:
            equal(not CONSTANT.fullmatch(size_of(name, arguments(text, call.end()))), varies, text)


if __name__ == "__main__":
    main()
