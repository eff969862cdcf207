# SPDX-License-Identifier: MIT
"""What a closed version promises beside its defaults: names, targets, buses and places, ranges, what guests see.

A fact is a name and a text without blanks.  Where a class or member has none, the promise is the widest: all targets, any
value, nothing that guests see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qapigen.history import Life
from qapigen.life import STAGES
from qapigen.model import EVERYWHERE, TARGETS, Alias, Class, Member, ProvidedBus, Schema, Version
from qapigen.record import dataclass

Facts = dict[str, str]
PROVIDES = "provides:"          # and the type and name of the bus
INHERITED = ("targets", "bus")


@dataclass(frozen=True)
class Kind:
    """How a fact may change: @loss gives what is lost from one text to the other, or is empty."""

    loss: Callable[[str, str], str]
    who: str                    # 'clients' or 'guests': whom a loss breaks


def lost_elements(was: str, now: str) -> str:
    """Of lists with commas; an empty one has everything."""
    if not now:
        return ""
    have = set(now.split(","))
    gone = [each for each in (was.split(",") if was else TARGETS) if each not in have]
    return ",".join(gone)


def lost_names(was: str, now: str) -> str:
    """Of lists with commas; an empty one has nothing."""
    return ",".join(each for each in was.split(",") if each and each not in now.split(","))


def narrowed(was: str, now: str) -> str:
    """Of ranges 'FIRST..LAST'; an empty one has everything."""
    if not now:
        return ""
    low, high = bounds(now)
    first, last = bounds(was) if was else (None, None)
    fits = first is not None and last is not None and low <= first and last <= high
    return "" if fits else was or "of every value"


def changed(was: str, now: str) -> str:
    return was if was and was != now else ""


def withdrawn(was: str, now: str) -> str:
    """A mark that forbids something may go, and may not come."""
    return "" if was or not now else "its absence"


def redated(was: str, now: str) -> str:
    """Of releases '8.2' and '8.0..9.1': a range may become narrower."""
    if not was or was == now:
        return ""
    (low, high), ends = release_span(was), release_span(now) if now else None
    return "" if ends and low <= ends[0] and ends[1] <= high else was


def release_span(text: str) -> tuple[list[int], list[int]]:
    first, _, last = text.partition("..")
    begin, end = ([int(part) for part in each.split(".")] for each in (first, last or first))
    return begin, end


KINDS = {
    **{stage: Kind(redated, "clients") for stage in STAGES},
    "targets": Kind(lost_elements, "clients"), "aliases": Kind(lost_names, "clients"),
    "abstract": Kind(withdrawn, "clients"), "internal": Kind(withdrawn, "clients"),
    "deprecated-to": Kind(changed, "clients"), "range": Kind(narrowed, "clients"),
    "bus": Kind(changed, "guests"), "guest-visible": Kind(changed, "guests"), "added": Kind(changed, "guests"),
}


def kind_of(name: str) -> Kind:
    return Kind(changed, "guests") if name.startswith(PROVIDES) else KINDS[name]


def losses(was: Facts, now: Facts) -> Iterable[tuple[str, str]]:
    """(fact, what is lost of it)."""
    for name in dict.fromkeys((*was, *now)):
        lost = kind_of(name).loss(was.get(name, ""), now.get(name, ""))
        if lost:
            yield name, lost


def on_targets(member: Facts, of_class: Facts) -> Facts:
    """The facts of a member, of which a class promises no more than it has targets."""
    return {"targets": of_class["targets"]} | member if "targets" in of_class else member


# ---- of a schema


def targets_text(mask: int) -> str:
    return ",".join(name for bit, name in enumerate(TARGETS) if mask >> bit & 1) if mask not in (0, EVERYWHERE) else ""


def life_facts(life: Life | None, releases: tuple[Version, ...]) -> Facts:
    if life is None:
        return {}
    return {stage: "..".join(dict.fromkeys(releases[index].name for index in getattr(life, stage))) for stage in STAGES}


def class_facts(one: Class, schema: Schema) -> Facts:
    """Of the class itself; targets and the bus that it plugs into are its parent's where it has none."""
    versions = schema.versions["machine"]
    facts = {
        "targets": targets_text(one.targets),
        "aliases": ",".join(sorted(map(alias_text, one.aliases))),
        "abstract": "true" if one.abstract else "",
        "internal": "" if one.user_creatable or one.abstract else "true",
        "deprecated-to": versions[one.deprecated_to].name if one.deprecated_to else "",
        "bus": one.plugs_into,
        **life_facts(one.life, schema.versions["release"]),
    }
    for bus in one.buses:
        name = f"{PROVIDES}{bus.type}:{bus.name}"
        facts[name] = "|".join(filter(None, (facts.get(name), bus_text(bus))))
    return {name: text for name, text in facts.items() if text}


def alias_text(alias: Alias) -> str:
    return alias.name + ("@" + targets_text(alias.targets).replace(",", "+") if alias.targets else "")


def bus_text(bus: ProvidedBus) -> str:
    parts = [f"{first}..{last}" for first, last in bus.slots]
    parts += [f"{address}={by}" + (f"?{when}" if when else "") for address, by, when in bus.reserved]
    parts += [f"count={bus.count}"] + [f"as-many-as={name}" for name in bus.as_many_as]
    parts += [f"when={bus.when}"] * bool(bus.when) + ["hotplug"] * bus.hotplug
    return ",".join(parts)


def member_facts(member: Member, schema: Schema) -> Facts:
    versions = schema.versions["machine"]
    facts = {
        "targets": targets_text(member.targets),
        "range": f"{member.range[0]}..{member.range[1]}" if member.range else "",
        "guest-visible": "true" if member.has("guest-visible") else "",
        "internal": "" if member.is_input else "true",
        "added": versions[member.added].name if member.added else "",
        **life_facts(member.life, schema.versions["release"]),
    }
    return {name: text for name, text in facts.items() if text}


# ---- as text


def bounds(text: str) -> tuple[int, int]:
    first, _, last = text.partition("..")
    return int(first), int(last)


def facts_text(facts: Facts) -> str:
    return " ".join(f"{name}={text}" for name, text in facts.items())


def facts_of(words: Iterable[str]) -> Facts:
    return {name: text for name, _, text in (word.partition("=") for word in words)}
