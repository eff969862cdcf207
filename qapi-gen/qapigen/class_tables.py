# SPDX-License-Identifier: MIT
"""The rows of classes: segments, restated defaults, children, buses."""

from __future__ import annotations

import json

from qapigen.human import Hmp
from qapigen.identity import identity
from qapigen.model import SYSCALLS, WORKING_MODELS, Class, Command, Enum, Event, Option, ProvidedBus
from qapigen.names import c_name, class_c_name
from qapigen.plan import Plan, Segment
from qapigen.tables import UnitTables, feature_mask


def unit_tables(plan: Plan, unit: str) -> UnitTables:
    """All tables of a unit: plain types, the classes' types, the classes."""
    tables = UnitTables(plan, unit)
    for name in tables.plan.classes[tables.unit]:
        class_type(tables, tables.schema.classes[name])
    for name in tables.plan.classes[tables.unit]:
        class_row(tables, tables.schema.classes[name])
    tables.intern()
    documented: list[Option | Command | Hmp] = [*tables.schema.options.values(), *tables.schema.own_commands,
                                                *tables.schema.hmps.values()]
    documented = [each for each in documented if each.unit == unit]
    tables.text_numbers = {(type(each).__name__, each.name): tables.texts.add(each.doc, 0, each.name) for each in documented}
    mortal: list[Option | Command | Event] = [*(each for each in documented if not isinstance(each, Hmp)),
                                              *(each for each in tables.schema.own_events if each.unit == unit)]
    tables.text_numbers |= {(f"{type(each).__name__} life", each.name): tables.texts.add(each.life.why, 0, f"life of {each.name}")
                            for each in mortal if each.life and each.life.why}
    return tables


def class_type(tables: UnitTables, one: Class) -> None:
    if one.own:
        fields: dict[str, object] = {"name": tables.string(one.name), "doc": tables.text(one.doc, one.where.line, one.name),
                                     "kind": "VT_TYPE_STRUCT"}
        fields |= tables.struct(one.name, class_c_name(one.name), one.own, "", owner=one)
        tables.tables["types"].add(fields, one.name)


def class_row(tables: UnitTables, one: Class) -> None:
    plan = tables.plan
    shape = plan.shape(one.name)
    root = tables.schema.root_of(one.name)
    c_type = class_c_name(one.name)
    singular = {"segments": "segment", "overrides": "override", "children": "child", "buses": "bus"}
    first = {name: tables.tables[name].size for name in singular}
    first["segments"], count = segment_rows(tables, one, shape.segments)
    # What ancestors and children re-state, the runtime has from them.
    if one.defaults:
        tables.tables["overrides"].note(one.name)
    for (index, row), timeline in sorted((plan.locate(shape, each.member), each.timeline) for each in one.defaults):
        member = plan.members(shape.segments[index])[row]
        if member.alias_of:
            continue
        tables.tables["overrides"].add([index, row, tables.timeline(timeline, member, one, "")], member.name)
    for child in shape.children:
        tables.tables["children"].add([tables.string(child.name), f"offsetof({c_type}, {child.path})",
                                       plan.class_numbers[child.class_name], 0],
                                      f"{one.name}: {child.name}")
    for ancestor in reversed(list(tables.schema.ancestry(one.name))):
        for bus in ancestor.buses:
            bus_row(tables, one, bus)
    creates = root.creates
    plugs = next((each.plugs_into for each in tables.schema.ancestry(one.name) if each.plugs_into), "")
    is_root = one is root and creates is not None
    # A class without a tag has its name as tag, one without a kind that of its parent.
    tag = one.tag or one.machine_name
    fields: dict[str, object] = {
        "name": tables.string(one.name), "tag": tables.string(tag if tag != one.name else ""),
        "kind": tables.string(creates.kind if creates and one is root else ""),
        "doc": tables.text(one.doc, one.where.line, one.name), "file": tables.string(tables.file(one.where.file)),
        "config_size": f"sizeof({c_type})", "id": plan.class_numbers[one.name],
        "parent": plan.class_numbers[one.parent] if one.parent else 0,
        "root": plan.class_numbers[root.name],
        "type": plan.type_number(one.name, True) if one.own else 0}
    for name, one_name in singular.items():
        size = count if name == "segments" else tables.tables[name].size - first[name]
        fields |= {f"first_{one_name}": first[name], f"n_{name}": size} if size else {}
    fields |= {
        "targets": tables.schema.targets_of(one), "features": feature_mask(one.features), "life": tables.life(one.life, one.name),
        "syscalls": call_mask(tables, one.syscalls), "optional_syscalls": call_mask(tables, one.optional_syscalls),
        "needs_host": tables.need_list(one.needs_host),
        **{key: tables.input_list(names) for key, names in (("needs_machines", one.needs_machines),
                                                            ("needs_accels", one.needs_accels)) if names},
        **rule_rows(tables, one), "plugs_into": tables.string(plugs), "implements": tables.interfaces(one.implements),
        "qom_parent": tables.string(one.qom_parent), "alias_of": tables.string(one.alias_of),
        "union_name": tables.string(creates.union) if is_root and creates else 0,
        "tag_name": tables.string(creates.tag) if is_root and creates else 0,
        "id_name": tables.string(creates.id) if is_root and creates else 0,
        "wrap": tables.string(creates.wrap) if is_root and creates else 0,
        "within": tables.string(creates.within) if is_root and creates else 0,
        "otherwise": tables.string(creates.otherwise) if is_root and creates else 0,
        "short_form": tables.string(one.short), "served": tables.string(one.served), "identity": identity_row(tables, one),
        "layer": f"VT_CLASS_{one.layer.upper()}",
        "model": f"VT_MODEL_{one.model.upper()}" if one.model in WORKING_MODELS else 0,
        "flags": class_flags(tables, one, root)}
    tables.tables["classes"].note(one.name)
    tables.tables["classes"].add(fields)
    for alias in one.aliases:
        tables.tables["aliases"].add([tables.string(alias.name), plan.class_numbers[one.name],
                                      tables.schema.alias_targets(one, alias)], one.name)
    if one.is_machine and not one.abstract:
        tables.tables["machines"].add([plan.class_numbers[one.name], one.version_from, one.version_to,
                                       tables.schema.targets_of(one), one.default_for, claims_of(tables, one),
                                       tables.tables["retired"].size, len(one.retired)], one.name)
        for each in one.retired:
            tables.tables["retired"].add([each.to, tables.life(each.life, one.name)], one.name)


def bus_row(tables: UnitTables, one: Class, bus: ProvidedBus) -> None:
    """What reserves an address without a condition has an empty one: the string at 0."""
    reserved = tuple(part for each in bus.reserved for part in each)
    fields: dict[str, object] = {"type": tables.string(bus.type), "name": tables.string(bus.name),
                                 "count": bus.count, "hotplug": int(bus.hotplug)}
    for index, (first, last) in enumerate(bus.slots):
        fields[f"slots[{index}]"] = f"{{ {first}u, {last}u }}"
    if bus.slots:
        fields["n_slots"] = len(bus.slots)
    if reserved:
        fields |= {"reserved": tables.input_list(reserved), "n_reserved": len(bus.reserved)}
    if bus.as_many_as:
        fields["as_many_as"] = tables.input_list(bus.as_many_as)
    if bus.when:
        fields["when"] = tables.string(bus.when)
    tables.tables["buses"].add(fields, f"{one.name}: {bus.name}")


def rule_rows(tables: UnitTables, one: Class) -> dict[str, object]:
    """The first of the class's own rules, and their number."""
    first = tables.tables["rules"].size
    if one.rules:
        tables.tables["rules"].note(one.name)
    for rule in one.rules:
        low, high = rule.limits
        demand = c_name(rule.demand, False).upper() if rule.demand else "NONE"
        tables.tables["rules"].add(
            [f"VT_RULE_{demand}", tables.input_list(rule.inputs) if rule.inputs else 0,
             tables.input_list(rule.values) if rule.values else 0, tables.input_list(rule.guards) if rule.guards else 0,
             tables.string(rule.why), f"INT64_C({low})", f"UINT64_C({high})"], ", ".join(rule.inputs))
    return {"first_rule": first, "n_rules": len(one.rules)} if one.rules else {}


def call_mask(tables: UnitTables, names: tuple[str, ...]) -> int:
    groups = tables.schema.types.get(SYSCALLS)
    known = groups.names if isinstance(groups, Enum) else []
    return sum(1 << known.index(name) for name in names)


def claims_of(tables: UnitTables, one: Class) -> int:
    claims = next((each.claims for each in tables.schema.ancestry(one.name) if each.claims), ())
    texts = tuple(text for claim in claims for text in (claim.class_name, claim.member, claim.decides))
    return tables.input_list(texts) if texts else 0


def identity_row(tables: UnitTables, one: Class) -> object:
    found = identity(tables.schema, one) if not one.abstract else {}
    return tables.string(json.dumps(found, separators=(",", ":")) if found else "")


def class_flags(tables: UnitTables, one: Class, root: Class) -> str:
    creates = root.creates
    flags = ["VT_CLASS_ABSTRACT"] * one.abstract + ["VT_CLASS_USER_CREATABLE"] * one.user_creatable
    flags += ["VT_CLASS_UNLISTED"] * one.unlisted + [f"VT_CLASS_ENGINE_{name.upper()}" for name in one.in_engine]
    flags += ["VT_CLASS_AT_MOST_ONE"] * one.at_most_one + ["VT_CLASS_SHARED"] * one.shared
    flags += ["VT_CLASS_ID_REQUIRED"] * bool(creates and creates.id_required)
    flags += ["VT_CLASS_HOTPLUGGABLE"] * one.hotpluggable
    flags += ["VT_CLASS_SENSITIVE"] * (one.name in tables.plan.sensitive.classes)
    flags += ["VT_CLASS_VERSIONED"] * tables.plan.is_versioned(one)
    flags += ["VT_CLASS_SUFFIXED"] * tables.schema.is_suffixed(one)
    flags += [f"VT_CLASS_MIGRATION_{each.migration.upper()}" for each in tables.schema.ancestry(one.name) if each.migration][:1]
    if one.cond is not None:
        flags.append(tables.off(one.cond, "VT_CLASS_IF_OFF"))
    return " | ".join(flags)


def segment_rows(tables: UnitTables, one: Class, segments: list[Segment]) -> tuple[int, int]:
    """The first of the class's segments, and their number.  A class without members of its own has those of its parent."""
    rows = tuple(segment_row(tables, one, segment) for segment in segments)
    if rows not in tables.segment_starts:
        tables.segment_starts[rows] = tables.tables["segments"].size
        if rows:
            tables.tables["segments"].note(one.name)
        for row, segment in zip(rows, segments):
            tables.tables["segments"].add(list(row), segment.type)
    return tables.segment_starts[rows], len(rows)


def segment_row(tables: UnitTables, one: Class, segment: Segment) -> tuple[object, ...]:
    if segment.renames not in tables.rename_starts:
        tables.rename_starts[segment.renames] = tables.tables["renames"].size
        for own, theirs in segment.renames:
            tables.tables["renames"].add([tables.string(own), tables.string(theirs)], f"{own}: {theirs}")
    first = tables.rename_starts[segment.renames] if segment.renames else 0
    return (tables.plan.type_number(segment.type, segment.is_class), segment.child, base_of(tables, one, segment.path),
            first, len(segment.renames), int(segment.hidden), tables.plan.class_numbers[segment.owner])


def base_of(tables: UnitTables, one: Class, path: str) -> object:
    """The offset in the ancestor that has the struct first: a parent is at the start of its child."""
    while path.startswith("parent.") and one.parent:
        one, path = tables.schema.classes[one.parent], path[len("parent."):]
    return f"offsetof({class_c_name(one.name)}, {path})" if path not in ("", "parent") else 0
