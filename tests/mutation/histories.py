# SPDX-License-Identifier: MIT
"""Mistakes in histories: entries, their order, their scopes and their axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from qapigen.model import Enum, Scalar

from spans import File, Mutant, Span, misspelt, unhyphenated
from world import History, World, operator

Mutants = Iterator[Mutant]
UNVERSIONED = "9.99"


@operator
def why_is_dropped(world: World) -> Mutants:
    for history, entry in world.entries():
        if "since" in entry:
            yield history.file.remove(entry["why"], entry)


@operator
def why_says_nothing(world: World) -> Mutants:
    for history, entry in world.entries():
        if "since" in entry:
            yield history.file.replace(entry["why"], "''", entry)
            yield history.file.replace(entry["why"], "'  '", entry)


@operator
def since_is_dropped(world: World) -> Mutants:
    for history, entry in world.entries():
        # Without it, an entry with a scope holds from the first version on.
        if "since" in entry and entry["since"].text != world.schema.versions[history.axis][1].name:
            # A line of facts about the entry may be refused in its place.
            yield replace(history.file.remove(entry["since"], entry), anywhere=True)


@operator
def since_is_no_version(world: World) -> Mutants:
    for history, entry in world.entries():
        if "since" in entry:
            for text in (UNVERSIONED, "v" + entry["since"].text, entry["since"].text + ".9", ""):
                yield history.file.replace(entry["since"], f"'{text}'", entry)
            yield history.file.replace(entry["since"], entry["since"].text, entry)


@operator
def first_entry_has_since(world: World) -> Mutants:
    for history in world.histories():
        first = history.span.list()[0]
        if "inherit" not in first and "since" not in first:
            yield history.file.add(first, "'since': '7.2', 'why': 'it was so'", first)


@operator
def first_entry_is_missing(world: World) -> Mutants:
    for history in world.histories():
        entries = history.span.list()
        if len(entries) > 1:
            yield history.file.remove(entries[0], history.span, "first entry removed")
            yield history.file.replace(history.span, "[ ]", history.span)


@operator
def entry_is_pasted_twice(world: World) -> Mutants:
    for history in world.histories():
        for entry in history.later:
            text = history.file.text[entry.value_start:entry.end]
            yield Mutant(history.file.path, entry.end, entry.end, ", " + text, entry, "twice")


@operator
def since_is_that_of_another_entry(world: World) -> Mutants:
    for history in world.histories():
        later = [entry for entry in history.later if "for" not in entry]
        for one, other in zip(later, later[1:]):
            if one["since"].text != other["since"].text:        # an entry of a release has that of the one before
                yield history.file.replace(other["since"], f"'{one['since'].text}'", other)


@operator
def entries_are_out_of_order(world: World) -> Mutants:
    for history in world.histories():
        later = [entry for entry in history.later if "for" not in entry]
        for one, other in zip(later, later[1:]):
            text = history.file.text
            swapped = text[other.value_start:other.end] + text[one.end:other.value_start] + text[one.value_start:one.end]
            yield Mutant(history.file.path, one.value_start, other.end, swapped, history.span, "swapped")
        if len(later) == 1 and later[0]["since"].text != "2.4":
            # The same history, from the newest to the oldest entry.
            entry = later[0]
            newer = f"{{ 'since': '11.1', 'value': null, 'why': 'new' }}, {history.file.text[entry.value_start:entry.end]}"
            if "value" in entry and entry["since"].text != "11.1":
                newer = newer.replace("null", history.file.text[entry["value"].value_start:entry["value"].end])
                yield history.file.replace(entry, newer, entry)


def same_value(history: History, one: Span, other: Span) -> bool:
    texts = [history.file.text[each["value"].value_start:each["value"].end] for each in (one, other)]
    return texts[0] == texts[1]


@operator
def entry_changes_nothing(world: World) -> Mutants:
    """Only without scoped entries: a scoped entry could change nothing afterwards, and fail first."""
    for history in world.histories():
        entries = history.span.list()
        if any("for" in entry for entry in entries):
            continue
        for one, other in zip(entries, entries[1:]):
            if "value" in one and "value" in other and not same_value(history, one, other) and not any(
                    key in each for each in (one, other) for key in ("for", "needs", "derive")):
                yield history.file.replace(
                    other["value"], history.file.text[one["value"].value_start:one["value"].end], other)


@operator
def entry_s_key_is_misspelt(world: World) -> Mutants:
    for history, entry in world.entries():
        for key, part in entry.items():
            for text in misspelt(key)[:2]:
                yield history.file.rename(part, text, entry)


@operator
def entry_has_a_foreign_key(world: World) -> Mutants:
    for history, entry in world.entries():
        for text in ("'optional': true", "'until': '11.0'", "'inherit': true"):
            yield history.file.add(entry, text, entry)


@operator
def entry_has_no_value(world: World) -> Mutants:
    for history, entry in world.entries():
        if "value" in entry:
            yield history.file.remove(entry["value"], entry)
            yield history.file.add(entry, "'absent': true", entry)


@operator
def absence_has_no_meaning(world: World) -> Mutants:
    for history, entry in world.entries():
        if history.member and not history.member.absent_means and "value" in entry and "derive" not in entry:
            value = entry["value"]
            mutant = history.file.rename(value, "absent", entry)
            yield Mutant(mutant.file, value.start, value.end, "'absent': true", entry, "absent")


@operator
def auto_that_the_guest_sees_is_not_derived(world: World) -> Mutants:
    for history, entry in world.entries():
        derived = history.place and history.place.member.derive
        if history.member and history.member.has("guest-visible") and "derive" in entry and not derived and (
                entry["value"].text == "auto" if "value" in entry else False):
            yield history.file.remove(entry["derive"], entry)
    for place in world.places():
        kind = world.schema.types.get(place.member.type)
        autos = isinstance(kind, Enum) and "auto" in kind.names or isinstance(kind, Scalar) and "auto" in dict(kind.names)
        if autos and place.default and place.default.text == "auto" and not place.member.derive and (
                not place.member.has("guest-visible") and place.in_class and place.span is not place.default):
            yield place.file.add(place.span, "'guest-visible': true", place.span)


# ---- what an entry names

@operator
def feature_is_unknown(world: World) -> Mutants:
    for history, entry in world.entries():
        needs = entry.get("needs")
        for item in needs.list() if needs else ():
            for text in [*misspelt(item.text), *unhyphenated(item.text)]:
                yield history.file.replace(item, f"'{text}'", entry)


@operator
def feature_is_of_another_version(world: World) -> Mutants:
    for history, entry in world.entries():
        needs = entry.get("needs")
        if history.axis == "platform" and needs and "since" in entry:
            for feature in world.schema.features.values():
                if world.schema.versions["platform"][feature.since].name != entry["since"].text:
                    yield history.file.replace(needs, f"[ '{feature.name}' ]", entry)
            for version in world.schema.versions["platform"][1:]:
                if version.name != entry["since"].text:
                    yield history.file.replace(entry["since"], f"'{version.name}'", entry)


@operator
def condition_names_the_wrong_class(world: World) -> Mutants:
    for history, entry in world.entries():
        if "when-ref" not in entry:
            continue
        for member, target in entry["when-ref"].items():
            for text in misspelt(target.text):
                yield history.file.replace(target, f"'{text}'", entry)
            for name in world.schema.classes:
                if not world.schema.is_a(name, "netdev"):
                    yield history.file.replace(target, f"'{name}'", entry)
            for text in [*misspelt(member), "mac", "status"]:
                yield history.file.rename(target, text, entry)
        yield history.file.remove(entry["needs"], entry)


@operator
def scope_is_of_the_wrong_family(world: World) -> Mutants:
    families = [one for one in world.schema.classes.values() if one.is_machine]
    wrong = [alias for one in families for alias in one.aliases]
    wrong += [text for one in families for text in misspelt(one.name)[:1] if text not in world.schema.classes]
    wrong += ["virtio-net-pci", "netdev-tap", "bus"]
    for history, entry in world.entries():
        if history.axis != "machine" or "since" not in entry:
            continue
        for index, family in enumerate(wrong):
            if "for" in entry and "machines" in entry["for"]:
                yield history.file.replace(entry["for"]["machines"].list()[0], f"'{family}'", entry)
            elif index % 7 == len(entry.value) % 7:
                yield history.file.add(entry, f"'for': {{ 'machines': [ '{family}' ] }}", entry)


@operator
def scope_is_of_nothing(world: World) -> Mutants:
    scopes = ("{ 'accels': [ 'kmv' ] }", "{ 'targets': [ 'x86-64' ] }", "{ 'machine': [ 'pc-q35' ] }", "{ }",
              "[ 'pc-q35' ]", "{ 'accels': 'kvm' }", "{ 'targets': [ 'x86_64', 'amd64' ] }")
    for index, (history, entry) in enumerate(world.entries()):
        if "since" in entry and "for" not in entry:
            for text in scopes[index % 2::2]:
                yield history.file.add(entry, f"'for': {text}", entry)


@operator
def scope_is_a_machine_on_the_platform_axis(world: World) -> Mutants:
    for history, entry in world.entries():
        if history.axis == "platform":
            for one in world.schema.classes.values():
                if one.is_machine and "since" in entry:
                    yield history.file.add(entry, f"'for': {{ 'machines': [ '{one.name}' ] }}", entry)


@operator
def derive_is_broken(world: World) -> Mutants:
    for history, entry in world.entries():
        derive = entry.get("derive")
        if not derive:
            continue
        yield history.file.remove(derive["by"], entry)
        yield history.file.remove(derive["from"], entry)
        yield history.file.replace(derive["from"], "'self.x'", entry)
        yield from broken_inputs(history.file, derive, entry)


@operator
def derive_of_a_member_is_broken(world: World) -> Mutants:
    for place in world.declared():
        derive = place.span.get("derive")
        if derive:
            yield place.file.remove(derive["by"], place.span)
            yield from broken_inputs(place.file, derive, place.span)


def broken_inputs(file: File, derive: Span, entry: Span) -> Mutants:
    for item in derive["from"].list():
        tail = item.text.replace("/", ".").replace(":", ".").split(".")[-1]
        for text in [*misspelt(tail), *unhyphenated(tail)]:
            if not item.text.startswith("host:"):
                yield file.replace(item, f"'{item.text.removesuffix(tail)}{text}'", entry)
        yield file.replace(item, f"'its.{tail}'", entry)


# ---- axes

@operator
def history_is_on_the_other_axis(world: World) -> Mutants:
    platforms = {version.name for version in world.schema.versions["platform"]}
    for history in world.histories():
        if history.axis == "platform":
            yield history.file.rename(history.span, "machine", history.place.span if history.place else None)
        elif any(entry["since"].text not in platforms for entry in history.later) or (
                history.member and history.member.has("guest-visible")):
            entry = history.place.span if history.place else history.span
            yield history.file.rename(history.span, "platform", entry)


@operator
def backend_follows_the_machine(world: World) -> Mutants:
    for place in world.declared():
        if world.layer(place) != "backend" or place.default is None or place.default.value is None:
            continue
        if place.default.quoted or not place.default.parts and isinstance(place.default.value, str):
            text = place.file.text[place.default.value_start:place.default.end]
            yield place.file.replace(place.default, f"{{ 'machine': [ {{ 'value': {text} }} ] }}", place.span)
            yield place.file.add(
                place.span, "'derive': { 'from': [ '/machine/smp/cpus' ], 'by': 'by_the_machine' }", place.span)


@operator
def guest_visible_default_follows_the_platform(world: World) -> Mutants:
    for place in world.places():
        default = place.default
        if default and place.member.has("guest-visible") and isinstance(default.value, str) and default.text[:1] != "@":
            text = place.file.text[default.value_start:default.end]
            yield place.file.replace(default, f"{{ 'platform': [ {{ 'value': {text} }} ] }}", place.span)


@operator
def timeline_is_unknown(world: World) -> Mutants:
    for place in world.places():
        if place.default and place.default.text.startswith("@"):
            for text in misspelt(place.default.text[1:]):
                yield place.file.replace(place.default, f"'@{text}'", place.span)


@operator
def timeline_is_of_another_type(world: World) -> Mutants:
    # A late timeline is refused for its inputs, where it stands.
    kinds = {name: kind for name, (kind, timeline) in world.schema.timelines.items() if not timeline.is_late}
    for place in world.places():
        for name, kind in kinds.items():
            if place.member.type != kind and world.layer(place) == "device" and place.default:
                yield place.file.replace(place.default, f"'@{name}'", place.span)
