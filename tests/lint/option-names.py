#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No C code names an option: the schema does, and the compiler turns roles and members into constants and fields.  The
functions of 'expands-by' are the exception.  They are at most 12, and this test lists them.

A name of an option is a literal with a dash, or an argument of a call that is equal to such a name.  Many options have
the name of a class or a member: SAME lists the functions whose arguments are names of these."""

import glob
import os
import re
import sys
from collections.abc import Iterator

SOURCE = os.environ.get("VINTAGE_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path[:0] = [os.path.join(SOURCE, "qapi-gen"), os.path.join(SOURCE, "tests", "lib")]
from schema_model import read_schema  # noqa: E402
from vintage_test import equal, main, test  # noqa: E402

FOLDERS = ("backends", "engine", "hw", "machine", "programs", "runtime")
PROGRAMS = ("vintage-vm", "vintage-backends")
MAX_FUNCTIONS = 12
# What has names of its own, and why.
APART = {
    r"programs/(tool[\w-]*\.[ch]|vintage\.c)": "options of the tool, and examples of command lines in its help",
    r"engine/libvirt[\w-]*\.[ch]": "tables from elements of another format to options",
    r"engine/(child|prepare|probe)\.c": "what each process of QEMU has beside the VM: its monitor, and that it waits",
}
# The ends of names of types.
OTHERS = {("runtime/schema/qom-type.c", "-machine"), ("machine/qmp-host.c", "-device"), ("engine/argv-secret.c", "-secret"),
          ("engine/running.c", "-machine")}
# The end of a plural.
OTHERS |= {("engine/contract.c", "s")}
# Functions whose arguments are other names.
SAME = {
    "a class, or the root of one": (
        "vt_schema_class", "vt_vm_find", "vt_vm_each", "vt_vm_delete", "vt_vm_realize_first", "vt_object_is_a",
        "vt_objects_kind", "find_named", "list_kind", "missing", "func"),
    "a member of an object, or of the configuration of one": (
        "vt_object_member", "vt_object_refer", "vt_class_prop", "vt_secret_put",
        "vt_net_is_said", "vt_fd_open_path", "is_given", "vt_struct_given", "need_node"),
    "a member of a JSON object": (
        "json_object_object_get", "json_object_object_get_ex", "json_object_object_add", "vt_json_member_text", "member_text",
        "text_of", "vt_json_add_text", "vt_json_add_bool", "add", "add_int", "convert_role"),
    "a text that is compared, or measured": ("strcmp", "g_strcmp0", "strlen"),
    "a word of another kind": ("vt_completion_add", "take_help", "vt_human_option",
                               "engine_cache_file", "option_label"),
}
# JSON objects that have options as their members.
CONFIGURATION = re.compile(r"\s*(?:\w+(?:->|\.))?(?:options|config|configuration|settings),")
# C text without comments: comments, character constants, and string literals.
TOKEN = re.compile(r"/\*.*?\*/|'(?:\\.|[^'\\])+'|\"((?:\\.|[^\"\\])*)\"", re.S)
# What counts for calls: the above, names before parentheses, other brackets.
PART = re.compile(r"/\*.*?\*/|^[ \t]*#(?:\\\n|[^\n])*|'(?:\\.|[^'\\])+'|\"(?P<text>(?:\\.|[^\"\\])*)\""
                  r"|(?P<name>\w+)?[ \t]*(?P<open>[({\[])|(?P<close>[)}\]])", re.S | re.M)
NAMELESS = ("", "if", "while", "for", "switch", "return", "sizeof")


def literals(text: str) -> Iterator[str]:
    for found in TOKEN.finditer(text):
        if found[1] is not None:
            yield found[1]


def calls(text: str) -> Iterator[tuple[str, str, str]]:
    """Literals that are arguments of calls: the function, the text of the arguments before, and the literal."""
    stack: list[tuple[str, int]] = []
    for part in PART.finditer(text):
        if part["open"]:
            stack.append((part["name"] or "" if part["open"] == "(" else part["open"], part.end()))
        elif part["close"]:
            del stack[-1:]
        elif part["text"] is not None:
            names = [each for each in stack if each[0] not in NAMELESS]
            if names and names[-1][0] not in "{[":
                yield names[-1][0], text[names[-1][1]:part.start()], part["text"]


def named(text: str, names: set[str]) -> list[str]:
    """The literals that are options with a dash, or arguments of calls that take the name of an option."""
    same = {function for functions in SAME.values() for function in functions}
    found = [literal for literal in literals(text)
             if names & set(re.findall(r"(?<![\w-])--?([A-Za-z0-9][\w-]*)", literal))]
    return found + [literal for function, before, literal in calls(text)
                    if literal in names and (function not in same or CONFIGURATION.match(before))]


def options() -> tuple[set[str], set[str]]:
    """The names of the options of all programs, and the functions that expand options."""
    names: set[str] = set()
    functions: set[str] = set()
    for program in PROGRAMS:
        for option in read_schema(program).options.values():
            names |= {option.name, *option.aliases}
            functions |= {f"vt_expand_{option.expands_by.replace('-', '_')}"} - {"vt_expand_"}
    return names, functions


def defines(text: str, functions: set[str]) -> bool:
    return any(re.search(rf"^{each}\(", text, re.M) for each in functions)


@test
def a_name_is_found() -> None:
    names = {"device", "m", "run-with", "machine", "drive"}
    equal(named('fail("-device %s: no"); /* -device */ c = \'"\';', names), ["-device %s: no"])
    equal(named('f("expected -m with slots"); f("-mirror", "x-m")', names), ["expected -m with slots"])
    equal(named('f("--run-with")', names), ["--run-with"])
    # A call, also of a function that this test does not know, across lines, and within a condition.
    equal(named('if (vt_program_option(line->program, "device")) {', names), ["device"])
    equal(named('expand(line, find(one, x),\n    "drive", text);', names), ["drive"])
    equal(named('engine_argv_add(argv, "machine", g_strdup("x"));', names), ["machine"])
    # Classes, members, tables and includes are no options; members of a configuration are.
    equal(named('vt_vm_each(vm, "device", f, x); T t[] = {"drive"}; vt_json_add_text(row, "device", "x");', names), [])
    equal(named('#include "machine"\nstatic const char *const names[] = {"device", "drive"};', names), [])
    equal(named('json_object_object_add(options, "machine", value); vt_json_add_text(config, "drive", x);', names),
          ["machine", "drive"])


@test
def only_functions_that_expand_name_options() -> None:
    names, functions = options()
    found = []
    used: set[str] = set()
    for folder in FOLDERS:
        for path in sorted(glob.glob(os.path.join(SOURCE, folder, "**", "*.[ch]"), recursive=True)):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            name = os.path.relpath(path, SOURCE)
            if any(re.fullmatch(each, name) for each in APART) or defines(text, functions):
                continue
            used |= {function for function, _, literal in calls(text) if literal in names}
            found += [f"{name}: {literal}" for literal in named(text, names) if (name, literal) not in OTHERS]
    for each, why in APART.items():
        print(f"# apart: {each}: {why}")
    for why, same in SAME.items():
        print(f"# {why}: {' '.join(same)}")
    equal(found, [], "give the option a role or an attribute in the schema, or name the member")
    equal([each for same in SAME.values() for each in same if each not in used], [], "no call needs these lines of SAME")
    assert len(names) > 120, len(names)


@test
def few_functions_expand_options() -> None:
    functions = options()[1]
    for name in sorted(functions):
        places = [os.path.relpath(path, SOURCE) for folder in FOLDERS
                  for path in glob.glob(os.path.join(SOURCE, folder, "**", "*.c"), recursive=True)
                  if defines(open(path, encoding="utf-8").read(), {name})]
        print(f"# {name}: {' '.join(places)}")
        assert places, name
    assert 0 < len(functions) <= MAX_FUNCTIONS, len(functions)


if __name__ == "__main__":
    main()
