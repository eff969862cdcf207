# SPDX-License-Identifier: MIT
"""Pieces of the reference: types, values, histories, places."""

from __future__ import annotations

import json
from typing import Any

from qapigen.backends.markdown import cell, code, prose, table
from qapigen.history import Entry, Erratum, Life, Scope, Timeline
from qapigen.life import STAGES
from qapigen.model import TARGETS, Alternate, Cond, Enum, Member, Ref, Scalar, Schema, Struct, Type, Union
from qapigen.source import Where


class Reference:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    # ---- names

    def class_link(self, name: str) -> str:
        return f"[{name}](class-{name}.md)"

    def type_link(self, name: str) -> str:
        root = self.schema.creation_root(name) or self.schema.config_of(name)
        if root:
            return self.class_link(root.name)
        known = name in self.schema.types and is_shown(self.schema.type(name))
        return f"[{name}](types.md)" if known else code(name)

    def place(self, where: Where) -> str:
        return f"{self.schema.places.name(where.file)}:{where.line}"

    def targets(self, mask: int) -> str:
        return ", ".join(name for bit, name in enumerate(TARGETS) if mask >> bit & 1)

    def condition(self, cond: Cond) -> str:
        if isinstance(cond, str) or cond is None:
            return cond or ""
        operator, operands = cond
        inner = [self.condition(one) for one in operands]
        return f"not {inner[0]}" if operator == "not" else "(" + f" {operator} ".join(inner) + ")"

    # ---- members

    def traits(self, member: Member) -> str:
        """Type, range and the like, as one line."""
        kind = code(f"class<{member.class_base}>") if member.class_base else self.type_link(member.type)
        traits = [f"list of {kind}" if member.is_list else kind]
        traits.append("optional" if member.optional else "required")
        if member.range:
            traits.append(f"{member.range[0]} to {member.range[1]}")
        if member.non_empty:
            traits.append("a file that is read at start" if member.reads_file else "not empty")
        if member.alias_of:
            traits.append(f"alias of {code(member.alias_of)}")
        traits += [what for holds, what in ((member.power_of_two, "0 or a power of two"), (member.unique, "unique in a VM"),
                                              (member.needed, "needed to create an object"))
                   if holds]
        if member.ref:
            traits.append(self.reference_of(member.ref))
        if member.derive:
            traits.append(f"derived from {', '.join(map(code, member.derive.inputs))}")
        if member.gate:
            gate = member.gate
            when = "where absent" if gate.absent else f"for {code(json_text(gate.value))}" if not gate.other else (
                f"unless {code(json_text(gate.value))}")
            traits.append(f"{when} needs " + ", ".join(f"[{need}](platform.md)" for need in gate.features))
        if member.auto_means:
            traits.append("frozen as " + ", ".join(code(json_text(entry.value)) for entry in member.auto_means.entries))
        if member.auto_stays:
            traits.append(f"auto: {prose(member.auto_stays)}")
        if member.relayed:
            traits.append("from an engine only")
        if member.added:
            traits.append(f"added in {self.schema.versions['machine'][member.added].name}")
        if member.targets:
            traits.append(f"on {self.targets(member.targets)}")
        if member.cond:
            traits.append(f"if {code(self.condition(member.cond))}")
        traits += [feature.name for feature in member.features]
        traits += self.life(member.life)
        return "; ".join(traits)

    def life(self, life: Life | None) -> list[str]:
        """'introduced in release 8.2', 'removed in one of the releases 9.1 to 10.0: REASON'."""
        if not life:
            return []
        spans = [(stage, getattr(life, stage)) for stage in STAGES]
        texts = [f"{stage} in {'one of the releases' if first != last else 'release'} {self.between('release', first, last)}"
                 for stage, (first, last) in spans if first]
        return [*texts[:-1], f"{texts[-1]}: {prose(life.why)}"] if life.why else texts

    def reference_of(self, ref: Ref) -> str:
        if ref.kind == "bus":
            text = f"name of a bus of type {code(ref.target)}" if ref.target else "name of a bus"
        elif ref.kind == "qom-path":
            text = "path of an object"
        else:
            text = f"id of {self.class_link(ref.target)}"
        text += ", for one user" if ref.exclusive else ""
        return text + (", or a definition in its place" if ref.inline else "")

    def member_table(self, members: tuple[Member, ...]) -> str:
        rows = []
        for member in members:
            default = self.short_default(member)
            rows.append([code(member.name), self.traits(member), default, cell(member.doc)])
        return table(["member", "type", "default", ""], rows)

    def short_default(self, member: Member) -> str:
        if not member.default:
            return f"absent: {prose(member.absent_means)}" if member.absent_means else ""
        last = member.default.entries[-1]
        if len(member.default.entries) > 1:
            return "by version: " + ", ".join(self.span(member.default, entry) + " " + self.value(entry)
                                              for entry in member.default.entries)
        return self.value(last)

    # ---- defaults

    def erratum(self, erratum: Erratum) -> str:
        had = "absent" if erratum.had_absent else code(json_text(erratum.had))
        if not erratum.releases:
            return f"corrected: this schema recorded {had}, {cell(erratum.why)}"
        return f"corrected: releases {', '.join(erratum.releases)} had {had}, {cell(erratum.why)}"

    def value(self, entry: Entry) -> str:
        return "absent" if entry.absent else code(json_text(entry.value))

    def span(self, timeline: Timeline, entry: Entry) -> str:
        """The versions at which @entry is its scope's: '2.4 to 5.1', '5.2 on'."""
        same = [other for other in timeline.entries if other.scope == entry.scope]
        later = [other.since for other in same if other.since > entry.since]
        text = self.between(timeline.axis, entry.since, min(later) - 1 if later else 0)
        newer = [other.release for other in same if other.since == entry.since and other.release > entry.release]
        if not entry.release and not newer:
            return text
        releases = f"releases {self.between('release', entry.release, min(newer) - 1 if newer else 0)}"
        return releases if text == "always" else f"{text}, {releases}"

    def between(self, axis: str, first: int, last: int) -> str:
        """'up to 5.1', '2.4 to 5.1', '5.2 on', 'always'."""
        since, until = (self.schema.versions[axis][index].name for index in (first, last))
        if not first:
            return f"up to {until}" if until else "always"
        return since if until == since else f"{since} to {until}" if until else f"{since} on"

    def scope(self, scope: Scope) -> str:
        parts = [self.class_link(scope.family)] if scope.family else []
        parts += [f"accelerator {code(scope.accel)}"] if scope.accel else []
        parts += [self.targets(scope.targets)] if scope.targets else []
        return ", ".join(parts)

    def history(self, timeline: Timeline) -> str:
        if len(timeline.entries) == 1 and not timeline.entries[0].needs and not timeline.entries[0].derive:
            return f"Default: {self.value(timeline.entries[0])}."
        rows = []
        for entry in timeline.entries:
            notes = [cell(entry.why)] if entry.why else []
            if entry.needs:
                needs = "needs " + ", ".join(f"[{need}](platform.md)" for need in entry.needs)
                if entry.when:
                    needs += f" where {code(entry.when[0])} is {self.class_link(entry.when[1])}"
                notes.append(needs)
            if entry.derive:
                notes.append(f"derived from {', '.join(map(code, entry.derive.inputs))}")
            if entry.erratum:
                notes.append(self.erratum(entry.erratum))
            rows.append([self.span(timeline, entry), self.scope(entry.scope), self.value(entry), "; ".join(notes)])
        axis = f"{timeline.axis} version" if timeline.axis else ""
        return table([axis, "only on", "default", "why"], rows)

    def demands(self) -> dict[str, list[tuple[str, str]]]:
        """{feature: [(class or struct, member)]} of the defaults that need it."""
        found: dict[str, list[tuple[str, str]]] = {}
        classes = self.schema.classes.values()
        owners = [(one.name, member.name, member.default) for one in classes for member in one.own]
        owners += [(one.name, each.member, each.timeline) for one in classes for each in one.defaults]
        owners += [(kind.name, member.name, member.default) for kind in self.schema.types.values()
                   if isinstance(kind, (Struct, Union)) for member in kind.own]
        for owner, member, timeline in owners:
            for need in dict.fromkeys(need for entry in (timeline.entries if timeline else ()) for need in entry.needs):
                found.setdefault(need, []).append((owner, member))
        for one in classes:
            for gated in one.own:
                for need in gated.gate.features if gated.gate else ():
                    found.setdefault(need, []).append((one.name, gated.name))
        return found

    # ---- types

    def type_body(self, kind: Type) -> str:
        if isinstance(kind, Enum):
            return table(["value", ""], [[code(value.name), "; ".join([cell(value.doc), *self.life(value.life)])]
                                         for value in (*kind.values, *kind.others)])
        if isinstance(kind, Scalar):
            return self.scalar(kind)
        if isinstance(kind, Alternate):
            return table(["either", "is"], [[
                code(branch.name), self.reference_of(branch.ref) if branch.ref else self.branch(branch.type, branch.is_list)]
                for branch in kind.branches])
        text = self.member_table(self.schema.all_members(kind.name))
        if isinstance(kind, Union):
            text += "\n" + table([f"{kind.tag} is", "adds the members of"],
                                 [[code(branch.name), self.branch(branch.type, False)] for branch in kind.branches])
        return text or "No members."

    def branch(self, name: str, is_list: bool) -> str:
        return f"list of {self.type_link(name)}" if is_list else self.type_link(name) if name else "nothing"

    def scalar(self, kind: Scalar) -> str:
        facts = [f"Kept as {code(kind.of)}"]
        if kind.range:
            facts.append(f"{kind.range[0]} to {kind.range[1]}")
        if kind.of == "str" and kind.names:
            facts.append("one of " + ", ".join(code(name) for name, _ in kind.names) + ", where * is any text")
        else:
            facts += [f"{code(name)} is {value}" for name, value in kind.names]
        if kind.forms:
            facts.append("has the texts " + ", ".join(code(form.text) for form in self.schema.forms.flat(kind.forms))
                         + ", which set members of " + self.type_link(kind.settings))
        if kind.codec:
            facts.append(f"written in the form {code(kind.codec)}")
        return "; ".join(facts) + "."


def is_shown(kind: Type) -> bool:
    """Whether it is a type of the schema, and not one that the compiler makes for its own use."""
    return kind.unit != "program" and isinstance(kind, (Alternate, Enum, Scalar, Struct, Union)) and not (
        isinstance(kind, Struct) and kind.implicit)


def json_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
