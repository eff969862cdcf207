# SPDX-License-Identifier: MIT
"""The catalogue: what query-qmp-schema answers in every release and on every target, with what only an engine serves."""

from __future__ import annotations

from typing import Any

from qapigen.conditional import COMPACT, When, always
from qapigen.ctext import filled, literal, literal_lines
from qapigen.history import Life
from qapigen.introspect import Renderer
from qapigen.model import EVERYWHERE, PLAIN_PROGRAM, Event
from qapigen.names import c_name
from qapigen.plan import Plan
from qapigen.record import dataclass
from qapigen.tables import life_values


@dataclass(frozen=True)
class Part:
    """A text for some targets and releases."""

    text: str
    targets: int = EVERYWHERE
    since: int = 0
    until: int = 0              # 0: no end

    def place(self) -> tuple[int, int, int]:
        return self.targets, self.since, self.until

    def also(self, text: str) -> Part:
        return Part(self.text + text, *self.place())

    def within(self, when: When) -> Part:
        """The place of @when inside of this one."""
        ends = [until for until in (self.until, when.until) if until]
        return Part("", self.targets & (when.targets or EVERYWHERE), max(self.since, when.since), min(ends, default=0))


def catalogue(plan: Plan) -> list[Part]:
    """The parts that are for a target and a release make its answer, in this order.

    Each item of a list whose last item is not for all ends with a comma.  The reader drops one before ']'.  Conditions of a
    build have no effect: an engine of a release may have everything that the release can have.
    """
    entities = [(When(None, each, mask) if mask != EVERYWHERE else each)
                for mask, each in Renderer(plan, catalogue=True).render()]
    parts: list[Part] = []
    write(entities, Part(""), parts, ",\n")
    return parts


def add(parts: list[Part], part: Part) -> None:
    if parts and parts[-1].place() == part.place():
        parts[-1] = parts[-1].also(part.text)
    else:
        parts.append(part)


def write(value: Any, outer: Part, parts: list[Part], comma: str = ",") -> None:
    text = always(value)
    if text:
        add(parts, Part(text, *outer.place()))
    elif isinstance(value, dict):
        for index, (key, item) in enumerate(value.items()):
            add(parts, Part(("," if index else "{") + COMPACT.encode(key) + ":", *outer.place()))
            write(item, outer, parts)
        add(parts, Part("}", *outer.place()))
    else:
        write_list(value, outer, parts, comma)


def write_list(items: list[Any], outer: Part, parts: list[Part], comma: str) -> None:
    add(parts, Part("[", *outer.place()))
    for index, item in enumerate(items):
        place = outer
        while isinstance(item, When):
            place, item = place.within(item), item.value
        if place.targets and not (place.until and place.until <= place.since):
            write(item, place, parts)
            last = index + 1 == len(items) and place.place() == outer.place()
            add(parts, Part("" if last else comma, *place.place()))
    add(parts, Part("]", *outer.place()))


def has_catalogue(program: str) -> bool:
    return program not in ("", PLAIN_PROGRAM)


def catalogue_symbol(plan: Plan, prefix: str) -> str:
    return f"{c_name(prefix, False)}vt_catalogue_{c_name(plan.schema.program, False)}"


def catalogue_text(plan: Plan, prefix: str) -> list[str]:
    parts = catalogue(plan)
    lines = ["static const char text[] ="]
    for part in parts:
        lines += [piece for line in part.text.split("\n") if line for piece in literal_lines(line)]
    lines += ["    ;", "", "static const VtCataloguePart parts[] = {"]
    lines += [f"    {{ {len(part.text.replace(chr(10), '').encode())}, {part.targets}, {part.since}, {part.until} }},"
              for part in parts]
    lines += ["};", "", *names_text(plan)]
    names = "names, G_N_ELEMENTS(names)" if plan.schema.relayed_messages else "NULL, 0"
    return [*lines, f"const VtCatalogue {catalogue_symbol(plan, prefix)} = {{ text, parts, G_N_ELEMENTS(parts), {names} }};"]


def names_text(plan: Plan) -> list[str]:
    """The lives of what has no row in other tables."""
    lines = []
    for one in plan.schema.relayed_messages:
        life = one.life or Life()
        fields = [literal(one.name), literal(life.why), f"{{ {', '.join(map(str, life_values(life, 0)))} }}",
                  "true" if isinstance(one, Event) else "false"]
        lines += filled([f"{field}, " for field in fields[:-1]] + [fields[-1] + " },"], "    { ", "      ")
    return ["static const VtCatalogueName names[] = {", *lines, "};", ""] if lines else []
