#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each reference in the schema, on command lines and in files: a wrong id is an error of one line.

Each reference is tried in one of the ways, by turns; VINTAGE_LONG=1 tries all of them with each.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from references import PREPARED, Place, References, key_value, wrong_ids  # noqa: E402
from schema_model import read_schema  # noqa: E402
from vintage_test import BUILD, LONG, TOOL, VM, equal, main, matches, run, sampled, test, write_file  # noqa: E402

from qapigen.model import TARGETS, Option, Schema  # noqa: E402

MACHINES = {"x86_64": "pc-q35-9.1"}
THERE = [part for option, value in PREPARED for part in (f"-{option}", json.dumps(value))]
BACKENDS = os.path.join(BUILD, "vintage-backends")
Case = tuple[Place, str, list[str], dict]      # reference, wrong id, options of the machine, the creation


def options_of(schema: Schema) -> dict[str, Option]:
    """The option that creates objects of the class."""
    return {option.creates: option for option in reversed(schema.options.values()) if option.creates}


def has_text(option: Option, case: Case) -> bool:
    """Whether key=value text can express it: no custom parser or forms, no indexed name, no null."""
    place, value = case[0], case[1]
    return not option.expands_by and not option.forms and "[" not in place.member and (value != "" or not place.may_be_null)


def short_form(place: Place, creation: dict) -> str:
    creates = place.root.creates
    assert creates
    if creates.within:      # key=value text has inner members next to the id
        inner = creation.pop(creates.within)
        creation = {creates.within: inner[creates.tag], **creation, **inner[creates.wrap]}
    return ",".join(key_value(creation))


def check_json(option: Option, case: Case, _directory: str) -> list[str]:
    return [TOOL, "check", "--", *THERE, *case[2], f"-{option.name}", json.dumps(case[3])]


def check_text(option: Option, case: Case, _directory: str) -> list[str]:
    return [TOOL, "check", "--", *THERE, *case[2], f"-{option.name}", short_form(case[0], dict(case[3]))]


def check_file(option: Option, case: Case, directory: str) -> list[str]:
    content: dict = {"target": case[2][1]}
    if len(case[2]) > 2:
        content["machine"] = {"type": case[2][3]}
    for name, value in PREPARED:
        content.setdefault(name, []).append(value)
    if option.multiple:
        content.setdefault(option.name, []).append(case[3])
    else:
        content[option.name] = case[3]
    return [TOOL, "check", write_file(directory, f"{abs(hash(str(content)))}.json", json.dumps(content))]


def start(option: Option, case: Case, _directory: str) -> list[str]:
    return [VM, "--platform-version", "9.0", *THERE, *case[2], f"-{option.name}", json.dumps(case[3])]


def start_backends(option: Option, case: Case, _directory: str) -> list[str]:
    return [BACKENDS, "--platform-version", "9.0", *THERE, f"-{option.name}", short_form(case[0], dict(case[3]))]


def cases(schema: Schema) -> Iterator[Case]:
    """One case per reference in the schema; the QMP test covers inheritance."""
    seen: set[tuple] = set()
    for place in References(schema):
        key = (place.definition, place.path)
        if key in seen:
            continue
        seen.add(key)
        mask = schema.targets_of(place.one)
        target = next(name for bit, name in enumerate(TARGETS) if not mask or mask & 1 << bit)
        for _, value in wrong_ids(schema, place):
            creation = place.creation("new", value)
            machine = ["--target", target]
            if place.one.is_machine:
                creation["type"] = machine_name(schema, place)
            else:
                machine += ["-machine", MACHINES.get(target, "none")]
            yield place, value, machine, creation


def machine_name(schema: Schema, place: Place) -> str:
    name = place.one.machine_name or place.one.name
    last = place.one.version_to or len(schema.versions["machine"]) - 1
    return f"{name}-{schema.versions['machine'][last].name}" if place.one.version_from else name


def complaint(option: Option, case: Case, way: Callable, directory: str) -> str:
    """What is wrong with the error, or None."""
    argv = way(option, case, directory)
    done = run(*argv)
    place, value = case[0], case[1]
    text = done.stderr.strip("\n")
    if done.returncode != 1 or done.stdout or "\n" in text or f"'{value}'" not in text or place.member not in text:
        return f"{way.__name__} {place.one.name} {'.'.join(place.path)} '{value}': {done.returncode} {done.stdout}{text}"
    return ""


@test
def each_is_refused_in_one_line() -> None:
    schema = read_schema()
    options = options_of(schema)
    of_backends = options_of(read_schema("vintage-backends"))
    ways = [check_json, start, check_text, check_file]
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(2) as pool:
        jobs: list[tuple[Option, Case, Callable]] = []
        for number, case in enumerate(cases(schema)):
            root = case[0].root
            chosen = ways if LONG else [ways[number % len(ways)]]
            if root.name in of_backends and (LONG or number % 3 == 0):
                chosen = [*chosen, start_backends]
            if not has_text(options[root.name], case):
                chosen = [check_json if way in (check_text, start_backends) else way for way in chosen]
            jobs += [(options[root.name], case, way) for way in chosen]
        tried = [pool.submit(complaint, *job, directory) for job in sampled(jobs, 23, 2)]
        wrong = [text for text in (each.result() for each in tried) if text]
    print(f"# {len(tried)} of {len(jobs)} command lines and files with a wrong id")
    equal(wrong[:30], [], f"{len(wrong)} of {len(jobs)}")
    assert len(jobs) > 500, len(jobs)


@test
def a_global_that_refers_to_nothing_is_refused_where_it_is_used() -> None:
    for value in ("", "nowhere", "thread-0"):
        done = run(TOOL, "check", "--", "-machine", "pc-q35-9.1", *THERE, "-global", f"virtio-net-device.netdev={value}",
                   "-device", "virtio-net-pci")
        equal(done.returncode, 1)
        matches(done.stderr, rf"\Avintage: [^\n]*netdev[^\n]*'{value}'\n\Z")


main()
