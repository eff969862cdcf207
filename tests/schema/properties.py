#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Invariants of the compiler's results for any schema, as TAP."""

import functools
import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any, cast

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "qapi-gen"), os.path.join(ROOT, "tests", "lib")]
sys.dont_write_bytecode = True

from qapigen.cli import read  # noqa: E402
from qapigen.forms import Form, Forms  # noqa: E402
from qapigen.history import Entry, Scope, Timeline  # noqa: E402
from qapigen.introspect import introspection  # noqa: E402
from qapigen.model import TARGETS, Class, Schema  # noqa: E402
from qapigen.output import render  # noqa: E402
from qapigen.plan import Plan  # noqa: E402
from qapigen.source import Where  # noqa: E402
from qapigen.timelines import Timelines  # noqa: E402
from schema_model import read_schema  # noqa: E402

SAMPLE = os.path.join(ROOT, "tests", "golden", "schema", "sample.json")
# What the build made of the whole schema.
GENERATED = os.path.join(os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")), "generated", "vt-gen")
HERE = Where("here", 1)


@functools.cache
def sample() -> Schema:
    result = read(SAMPLE)
    assert result, f"{SAMPLE} has errors"
    return result[1]


def named_types(entity: dict[str, Any]) -> Iterator[str]:
    yield from (entity[key] for key in ("arg-type", "ret-type", "element-type") if key in entity)
    for part in (*entity.get("members", ()), *entity.get("variants", ())):
        if "type" in part:
            yield part["type"]


def introspection_is_closed() -> None:
    """With all or no conditions true, each named type is defined exactly once."""
    for schema in (read_schema(), sample()):
        parts = introspection(Plan(schema))
        seen = set()
        for target in range(len(TARGETS)):
            for everything in (False, True):
                text = "".join(part for mask, pieces in parts if mask >> target & 1
                               for cond, part in pieces if cond is None or everything)
                if text in seen:        # as for another target
                    continue
                seen.add(text)
                entities = json.loads(text)
                names = [entity["name"] for entity in entities]
                assert len(set(names)) == len(names), "a name is defined twice"
                for entity in entities:
                    for name in named_types(entity):
                        assert name in names, f"{entity['name']} names {name}"
                    if "tag" in entity:
                        assert entity["tag"] in [member["name"] for member in entity["members"]]


def output_is_deterministic() -> None:
    """Two runs produce the same bytes: that of the build, whose sets have another order, and this one."""
    texts = render(read_schema(), "")
    assert len(texts) > 10
    for name, text in texts.items():
        with open(os.path.join(GENERATED, name), encoding="utf-8") as file:
            assert file.read() == text, name


def forms_in_forms_keep_limits() -> None:
    """A form with others in it has its own limits, and theirs."""
    forms, shape = Forms(), cast(Any, None)
    forms.named["Inner"] = (shape, [Form("{c#}-{d#}", (), (), (("d", "c", 1),), HERE)])
    forms.named["Outer"] = (shape, [Form("{a#}..{b#}:{@Inner}", (), (), (("a", "b", 0),), HERE)])
    form, = forms.flat("Outer")
    assert form.text == "{a#}..{b#}:{c#}-{d#}", form.text
    assert form.limits == (("d", "c", 1), ("a", "b", 0)), form.limits


def random_entries(numbers: random.Random, first: bool) -> list[Entry]:
    entries = [Entry(numbers.randint(0, 99), HERE)] if first else []
    for family in ("", "pc", "q35", "virt"):
        since = 0
        for _ in range(numbers.randint(0, 2)):
            since += numbers.randint(1, 4)
            entries.append(Entry(numbers.randint(0, 99), HERE, since=since, scope=Scope(family)))
    return entries


def inheriting_holds_until_overridden() -> None:
    """A history over an inherited one: its own entry where one applies, else the inherited one."""
    schema = Schema("here")
    for name, parent in (("machine", ""), ("pc", "machine"), ("q35", "pc"), ("i440fx", "pc"), ("virt", "machine")):
        schema.classes[name] = Class(name, HERE, parent=parent, is_machine=True)
    timelines = Timelines(schema)
    numbers = random.Random(1)

    def ordered(entries: list[Entry]) -> tuple[Entry, ...]:
        return tuple(timelines.order(None, "x", entries))  # type: ignore[arg-type]  # no error to report

    for _ in range(1000):
        inherited = Timeline("machine", ordered(random_entries(numbers, True)), HERE)
        own = random_entries(numbers, False)
        whole = ordered(timelines.expand(inherited, own))
        for family in ("q35", "i440fx", "virt"):
            for version in range(1, 10):
                cell = (schema.classes[family], 0, version, "")
                expected = timelines.resolve(ordered(own), *cell) or timelines.resolve(inherited.entries, *cell)
                got = timelines.resolve(whole, *cell)
                assert got and expected and got.value == expected.value, (family, version, own, inherited)


TESTS: list[Callable[[], None]] = [introspection_is_closed, output_is_deterministic, forms_in_forms_keep_limits,
                                   inheriting_holds_until_overridden]


def main() -> int:
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, test in enumerate(TESTS, 1):
        try:
            test()
            wrong = ""
        except AssertionError as error:
            wrong = str(error) or "assertion failed"
        failed += bool(wrong)
        if wrong:
            print(f"# {wrong}")
        print(f"{'not ok' if wrong else 'ok'} {number} - {(test.__doc__ or '').strip()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
