# SPDX-License-Identifier: MIT
"""A unit's tables as rows: everything that table.h describes, by index."""

from __future__ import annotations

import json
from collections.abc import Hashable

from qapigen.ctext import condition_macro
from qapigen.derives import Resolver, Thunk
from qapigen.encode import Encoder
from qapigen.errata import why_text
from qapigen.history import Derive, Entry, Life, Scope, Timeline
from qapigen.layout import words
from qapigen.life import retirement
from qapigen.model import (
    AXES, FEATURES, PLAIN_PROGRAM, TARGETS, Alternate, BusType, Class, Cond, Enum, Feature, Gate, ListType, Member, QomType,
    Ref, Scalar, Struct, Type, Union
)
from qapigen.names import c_name, type_c_name
from qapigen.plan import Plan
from qapigen.pool import Strings, Table, Texts, Unique
from qapigen.timelines import dates_text


def name_hash(text: str) -> int:
    """As vt_name_hash() of table.h."""
    data = text.encode()
    value = len(data) * 0x9E3779B1 & 0xFFFFFFFF
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value ^ value >> 15


# The bits after the features: internal to the runtime, so no client sees them.
READS_FILE, CLASS_NAME, ALIAS, POWER_OF_TWO, UNIQUE, NEEDED = (1 << len(FEATURES) + bit for bit in range(6))
NO_SCOPE = Scope()


def life_values(life: Life, why: object) -> list[object]:
    """A VtLife."""
    return [why, *(f"{{ {first}, {last} }}" for first, last in (life.introduced, life.deprecated, life.removed))]


def feature_mask(features: tuple[Feature, ...]) -> int:
    return sum(1 << FEATURES.index(name) for name in {each.name for each in features} if name in FEATURES)


class UnitTables:
    """Fills the tables of one unit.  The order of calls is the order of rows."""

    def __init__(self, plan: Plan, unit: str) -> None:
        self.plan = plan
        self.schema = plan.schema
        self.unit = unit
        self.resolver = Resolver(plan)
        self.strings = Strings()
        self.encoder = Encoder(plan, self.strings)
        self.texts = Texts()
        self.text_numbers: dict[tuple[str, str], int] = {}  # of options and commands
        names = ("rows", "colds", "types", "classes", "names", "branches", "scalars", "segments", "renames",
                 "overrides", "children", "buses", "bus_types", "qom_types", "aliases", "machines", "features",
                 "timelines", "entries", "gates", "parts", *(f"{axis}_versions" for axis in AXES[1:]),
                 "lives", "retired", "rules")
        self.tables = {name: Table() for name in names}
        self.first_rows: dict[str, int] = {}    # by type
        self.hashes: list[int] = [0]
        self.inputs: list[tuple[int, str]] = [(0, "")]
        self.needs: list[tuple[int, str]] = [(0, "")]
        self.need_starts: dict[tuple[str, ...], int] = {}
        self.input_starts: dict[tuple[str, ...], int] = {}
        self.segment_starts: dict[tuple[tuple[object, ...], ...], int] = {}
        self.rename_starts: dict[tuple[tuple[str, str], ...], int] = {}
        self.ranges: Unique[tuple[int, int]] = Unique()
        self.refs: Unique[Ref] = Unique()
        self.scopes: Unique[Scope] = Unique()
        self.conditions: Unique[tuple[str, str]] = Unique()
        self.derives: Unique[tuple[Derive, Thunk]] = Unique()
        self.lives: dict[Life, int] = {}
        self.entry_group = ""
        self.timeline_indexes: dict[Hashable, int] = {}
        self.conds: dict[Cond, None] = {}
        for name in ("types", "classes", "colds", "timelines", "gates", "lives"):
            self.tables[name].add({})
        for axis in AXES[1:]:
            if self.schema.axis_units.get(axis) == unit:
                self.axis(axis)
        if unit == "runtime":
            self.features()
        for name in plan.types[unit]:
            self.type(self.schema.type(name))
        for one in self.schema.buses.values():
            if one.unit == unit:
                self.tables["bus_types"].add([self.string(one.name), self.string(one.parent), self.text(one.doc, 0, one.name),
                                              self.string(one.stem), self.input_list(one.address) if one.address
                                              else 0, self.string(one.identity), *self.qom(one)],
                                             one.name)
        for kind in self.schema.qom_types.values():
            if kind.unit == unit:
                self.tables["qom_types"].add([self.string(kind.name), self.string(kind.parent), *self.qom(kind)], kind.name)

    def intern(self) -> None:
        """The strings of tables that are kept as keys, and the parts of defaults."""
        for part in self.encoder.parts:
            self.tables["parts"].add([part.value, part.row, part.flags or 0], part.note)
        texts = [ref.target for ref in self.refs.keys]
        texts += [text for scope in self.scopes.keys for text in (scope.family, scope.accel)]
        texts += [text for condition in self.conditions.keys for text in condition]
        for text in texts:
            self.string(text)
        for derive, _ in self.derives.keys:
            self.string(derive.by)
            self.input_list(derive.inputs)

    def class_names(self) -> list[int]:
        """Indexes of the unit's classes, in the order of their names."""
        return [index for _, index in sorted((name, index) for index, name in self.indexed_classes())]

    def class_tags(self) -> list[int]:
        """The same in the order of their roots and of what creates them."""
        found = []
        for index, name in self.indexed_classes():
            one = self.schema.classes[name]
            found.append((self.plan.class_numbers[self.schema.root_of(name).name], one.tag or one.machine_name or name, index))
        return [index for _, _, index in sorted(found)]

    def indexed_classes(self) -> list[tuple[int, str]]:
        first = self.plan.first_class[self.unit]
        return [(self.plan.class_numbers[name] - first, name) for name in self.plan.classes[self.unit]]

    # ---- small things

    def string(self, text: str) -> int:
        return self.strings.add(text)

    def text(self, text: str, line: int, what: str) -> int:
        """Plain QAPI's has no --help to say it, and a program's own rows are options, which say it themselves."""
        return self.texts.add(text, line, what) if self.unit != "program" and self.schema.program != PLAIN_PROGRAM else 0

    def file(self, path: str) -> str:
        return self.schema.places.name(path)

    def off(self, cond: Cond, flag: str) -> str:
        """@flag where the build leaves the thing out."""
        if cond is None:
            return ""
        self.conds[cond] = None
        return f"{condition_macro(cond)} * {flag}"

    def input_list(self, texts: tuple[str, ...]) -> int:
        """Start of a 0-terminated list of strings."""
        if texts not in self.input_starts:
            self.input_starts[texts] = len(self.inputs)
            self.inputs += [(self.string(text), text) for text in texts] + [(0, "")]
        return self.input_starts[texts]

    def need_list(self, names: tuple[str, ...]) -> int:
        if not names:
            return 0
        if names not in self.need_starts:
            features = list(self.schema.features)
            self.need_starts[names] = len(self.needs)
            self.needs += [(features.index(name) + 1, name) for name in names] + [(0, "")]
        return self.need_starts[names]

    def qom(self, one: BusType | QomType) -> list[object]:
        """Interfaces, targets, life and flags of a type."""
        flags = ["VT_QOM_ABSTRACT"] * one.abstract + ["VT_QOM_UNLISTED"] * (isinstance(one, BusType) and one.unlisted)
        flags += ["VT_QOM_INTERFACE"] * (isinstance(one, QomType) and one.is_interface)
        return [self.interfaces(one.implements), one.targets, self.life(one.life, one.name), " | ".join(flags) or 0]

    def interfaces(self, names: tuple[str, ...]) -> int:
        return self.input_list(names) if names else 0

    # ---- axes

    def axis(self, axis: str) -> None:
        table = self.tables[f"{axis}_versions"]
        table.add({})
        for version in self.schema.versions[axis][1:]:
            end = retirement(self.schema, version) if axis == "machine" else None
            table.add([self.string(version.name), version.bugfix_of, int(version.is_open),
                       self.input_list(version.machines) if version.machines else 0, self.life(end, version.name)], version.name)

    def features(self) -> None:
        table = self.tables["features"]
        table.add({})
        for feature in self.schema.features.values():
            table.add([self.string(feature.name), self.string(feature.probe), self.text(feature.doc, 0, feature.name),
                       feature.since, 0], feature.name)

    # ---- types

    def type(self, kind: Type) -> None:
        table = self.tables["types"]
        c_type = "" if isinstance(kind, Scalar) else type_c_name(kind.name)
        fields: dict[str, object] = {"name": self.string(kind.name), "doc": self.text(kind.doc, kind.where.line, kind.name)}
        if isinstance(kind, (Struct, Union)):
            members = self.schema.members(kind.name)
            fields |= {"kind": "VT_TYPE_UNION" if isinstance(kind, Union) else "VT_TYPE_STRUCT"}
            fields |= self.struct(kind.name, c_type, members, kind.name,
                                  kind.tag if isinstance(kind, Union) else "")
        elif isinstance(kind, Enum):
            fields |= {"kind": "VT_TYPE_ENUM", "first": self.tables["names"].size,
                       "count": len(kind.values), "size": f"sizeof({c_type})"}
            for index, value in enumerate(kind.values):
                self.name(value.name, value.doc, index, value.features, value.cond)
        elif isinstance(kind, Alternate):
            fields |= {"kind": "VT_TYPE_ALTERNATE", "size": f"sizeof({c_type})",
                       "union_offset": f"offsetof({c_type}, u)", "first": self.tables["rows"].size,
                       "count": len(kind.branches)}
            self.alternate_rows(kind, c_type)
        elif isinstance(kind, Scalar):
            fields |= self.scalar(kind)
        elif isinstance(kind, ListType):
            shape = self.plan.layout.value(kind.of)
            fields |= {"kind": "VT_TYPE_LIST", "first": self.tables["rows"].size, "count": 1,
                       "size": f"sizeof({c_type})"}
            number = self.plan.type_number(shape.type_name) if shape.type_name else 0
            self.tables["rows"].note(f"{kind.name}: the element")
            self.tables["rows"].add([0, 0, number, 0, f"VT_KIND_{shape.kind}", 0, 0, 0], kind.of)
        if isinstance(kind, Union):
            fields |= {"first_branch": self.tables["branches"].size, "n_branches": len(kind.branches),
                       "union_offset": f"offsetof({c_type}, u)"}
            self.branches(kind)
        if kind.name in self.plan.sensitive.types:
            fields["flags"] = "VT_TYPE_SENSITIVE"
        table.add(fields, kind.name)

    def name(self, name: str, doc: str, value: int, features: tuple[Feature, ...], cond: Cond) -> None:
        self.tables["names"].add([self.string(name), self.text(doc, 0, name), value, feature_mask(features),
                                  self.off(cond, "VT_ROW_IF_OFF") or 0], name)

    def scalar(self, kind: Scalar) -> dict[str, object]:
        first = self.tables["names"].size
        for name, value in kind.names:
            self.name(name, "", value, (), None)
        shape = self.plan.layout.value(kind.of)
        accepts = " | ".join(f"VT_ACCEPTS_{name.upper()}" for name in kind.accepts)
        index = self.tables["scalars"].add(
            [self.string(kind.codec), f"VT_KIND_{shape.kind}", accepts,
             self.ranges.add(kind.range) if kind.range else 0, first, len(kind.names)], kind.name)
        return {"kind": "VT_TYPE_SCALAR", "first": index, "size": f"sizeof({shape.c_type.strip()})"}

    def branches(self, kind: Union) -> None:
        tag = next(member for member in self.schema.members(kind.name) if member.name == kind.tag)
        values = self.schema.type(tag.type)
        assert isinstance(values, Enum)
        for branch in kind.branches:
            self.tables["branches"].add(
                [values.names.index(branch.name), self.plan.type_number(branch.type) if branch.type else 0],
                f"{kind.name}, {branch.name}")

    def alternate_rows(self, kind: Alternate, c_type: str) -> None:
        self.tables["rows"].note(f"{self.place(kind)}: {kind.name}")
        for index, branch in enumerate(kind.branches):
            shape = self.plan.layout.value(branch.type, branch.ref is not None)
            flags = [flag for flag in ("VT_ROW_LIST" if branch.is_list else "",
                                       self.off(branch.cond, "VT_ROW_IF_OFF")) if flag]
            cold = 0
            if branch.ref:
                cold = self.tables["colds"].add({"ref": self.refs.add(branch.ref)}, branch.name)
            self.tables["rows"].add(
                [self.string(branch.name), f"offsetof({c_type}, u)",
                 self.plan.type_number(shape.type_name) if shape.type_name else 0,
                 len(branch.name.encode()), f"VT_KIND_{shape.kind}", index, " | ".join(flags) or 0, cold],
                branch.name)

    def place(self, kind: Type | Class) -> str:
        return self.file(kind.where.file)

    # ---- rows of structs and classes

    def struct(self, name: str, c_type: str, members: tuple[Member, ...], plain: str, tag: str = "",
               owner: Class | None = None) -> dict[str, object]:
        """The fields of a type that has rows.  @plain: the plain type it is; empty for a class."""
        fields: dict[str, object] = {"size": f"sizeof({c_type})"}
        if not members:
            return fields
        kind = owner or self.schema.type(plain)
        self.tables["rows"].note(f"{self.place(kind)}: {name}")
        self.first_rows[name] = self.tables["rows"].size
        fields |= {"first": self.first_rows[name], "count": len(members),
                   "words": words(sum(not member.alias_of for member in members)),
                   "words_offset": f"offsetof({c_type}, vt_given)"}
        bit = -1
        for member in members:
            bit += not member.alias_of
            self.row(c_type, plain, owner, member, bit, member.name == tag)
        bits = max(1, (2 * len(members) - 1).bit_length())
        slots = [0] * (1 << bits)
        for index, member in enumerate(members):
            slot = name_hash(member.name) & (len(slots) - 1)
            while slots[slot]:
                slot = (slot + 1) & (len(slots) - 1)
            slots[slot] = index + 1
        fields |= {"hash": len(self.hashes), "hash_bits": bits}
        self.hashes += slots
        return fields

    def row(self, c_type: str, plain: str, owner: Class | None, member: Member, bit: int,
            is_tag: bool) -> None:
        shape = self.plan.layout.member(plain, member)
        timeline = self.timeline(member.default, member, owner, plain) if member.default else 0
        derive = self.derive(member.derive, member, owner, plain) if member.derive else 0
        late = derive or (member.default and member.default.is_late)
        flags = [flag for flag in (
            "" if member.optional else "VT_ROW_REQUIRED", "VT_ROW_TAG" if is_tag else "",
            "VT_ROW_LIST" if member.is_list else "", "VT_ROW_BOXED" if shape.boxed else "",
            self.off(member.cond, "VT_ROW_IF_OFF"), "VT_ROW_TARGETED" if member.targets else "",
            "VT_ROW_LATE" if late else "", "VT_ROW_NON_EMPTY" if member.non_empty else "") if flag]
        name = f"{plain or (owner.name if owner else '')}.{member.name}"
        cold = self.tables["colds"].add({
            "doc": self.text(member.doc, member.where.line, name),
            "absent_means": self.text(member.absent_means, 0, f"absent {name}") if member.absent_means else 0,
            "file": self.string(self.file(member.where.file)),
            "range": self.ranges.add(member.range) if member.range else 0, "timeline": timeline,
            "ref": self.refs.add(member.ref) if member.ref else 0, "derive": derive,
            "gate": self.gate(member.gate, member) if member.gate else 0,
            "features": feature_mask(member.features) | sum(bit for bit, holds in (
                (READS_FILE, member.reads_file), (CLASS_NAME, member.class_base and not member.is_list),
                (ALIAS, member.alias_of), (POWER_OF_TWO, member.power_of_two), (UNIQUE, member.unique),
                (NEEDED, member.needed)) if holds),
            "targets": member.targets, "added": member.added, "life": self.life(member.life, name),
            "path": f"VT_PATH_{member.host_path.upper()}" if member.host_path else 0,
        }, member.name)
        self.tables["rows"].add(
            [self.string(member.name), f"offsetof({c_type}, {member.c_name})",
             self.plan.type_number(shape.type_name) if shape.type_name else 0, len(member.name.encode()),
             f"VT_KIND_{shape.kind}", bit, " | ".join(flags) or 0, cold], member.name)

    def life(self, life: Life | None, what: str) -> int:
        """Equal lives are one row."""
        if life is None:
            return 0
        if life not in self.lives:
            self.lives[life] = self.tables["lives"].add(
                life_values(life, self.text(life.why, 0, f"life of {what}") if life.why else 0), what)
        return self.lives[life]

    # ---- needs and defaults

    def gate(self, gate: Gate, member: Member) -> int:
        fields = self.value(Entry(gate.value, gate.where, absent=gate.absent), member)
        if gate.other:
            fields["flags"] = " | ".join(str(flag) for flag in (fields["flags"], "VT_ENTRY_OTHER") if flag)
        value = "absent" if gate.absent else ("not " if gate.other else "") + json.dumps(gate.value)
        return self.tables["gates"].add({**fields, "needs": self.need_list(gate.features)},
                                        f"{member.name}: {value}")

    def derive(self, derive: Derive, member: Member, owner: Class | None, struct_name: str) -> int:
        return self.derives.add((derive, self.resolver.thunk(derive, member, owner, struct_name)))

    def timeline(self, timeline: Timeline, member: Member, owner: Class | None, struct_name: str) -> int:
        entries = []
        for entry in timeline.entries:
            fields: dict[str, object] = {
                **self.value(entry, member), "why": 0, "since": entry.since, "release": entry.release,
                "scope": self.scopes.add(entry.scope) if entry.scope != NO_SCOPE else 0,
                "needs": self.need_list(entry.needs),
                "condition": self.conditions.add(entry.when) if entry.when else 0,
                "derive": self.derive(entry.derive, member, owner, struct_name) if entry.derive else 0}
            entries.append(fields)
        key = (timeline.axis, timeline.where.file, timeline.where.line, tuple(tuple(fields.items()) for fields in entries))
        if key not in self.timeline_indexes:
            first = self.tables["entries"].size
            holder = struct_name or (owner.name if owner else "")
            name = f"{holder}.{member.name}"
            group = f"{self.file(timeline.where.file)}: {holder}"
            if group != self.entry_group:
                self.tables["entries"].note(group)
                self.entry_group = group
            for entry, fields in zip(timeline.entries, entries):
                note = self.entry_note(timeline, entry)
                line = entry.where.line if entry.where.file == timeline.where.file else 0
                self.tables["entries"].add({**fields, "why": self.text(why_text(entry), line, f"{name}, {note}")},
                                           f"{member.name}, {note}")
            self.timeline_indexes[key] = self.tables["timelines"].add({
                "first": first, "count": len(entries),
                "axis": f"VT_AXIS_{timeline.axis.upper()}" if timeline.axis else 0,
                "flags": "VT_ROW_LATE" if timeline.is_late else 0,
                "file": self.string(self.file(timeline.where.file))}, member.name)
        return self.timeline_indexes[key]

    def entry_note(self, timeline: Timeline, entry: Entry) -> str:
        version = dates_text(self.schema, timeline.axis, entry) if entry.since or entry.release else "first"
        targets = [name for bit, name in enumerate(TARGETS) if entry.scope.targets >> bit & 1]
        scope = ", ".join([part for part in (entry.scope.family, entry.scope.accel) if part] + targets)
        value = "absent" if entry.absent else json.dumps(entry.value)
        return f"{version}: {value}" + (f" on {scope}" if scope else "")

    def value(self, entry: Entry, member: Member) -> dict[str, object]:
        flags = ["VT_ENTRY_ERRATUM"] if entry.erratum and entry.erratum.releases else []
        value: object = 0
        if entry.absent:
            flags.append("VT_ENTRY_ABSENT")
        else:
            value, flag = self.encoder.encode(entry.value, member)
            flags += [flag] if flag else []
        return {"value": value, "flags": " | ".join(flags) or 0}
