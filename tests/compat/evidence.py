# SPDX-License-Identifier: MIT
"""What recorded data proves of entries in histories: tables of QEMU's source, and two running QEMUs.

The data is outside this repository; see observed.py.
"""

import functools
import glob
import json
import os
from collections.abc import Iterator
from typing import Any

from observed import DATA, TARGETS, Truth, meaning, recorded, same
from qapigen.classes import props_of
from qapigen.facts import ABSENT, Key, Stated
from qapigen.history import Entry
from qapigen.model import EVERYWHERE, Class, Member, Scalar, Schema
from qapigen.model import TARGETS as MODEL_TARGETS
from vintage_test import Skip

# What QEMU's tables call a family of machines.
SCOPES = {"s390-ccw": "s390-ccw-virtio", "x86": "pc-common", "all": "machine"}
# What query-machines calls a member of a machine, and what the machine class of QEMU calls it.
ANSWERS = {"smp-max-cpus": "cpu-max", "default-cpu-type": "default-cpu-type", "default-ram-id": "default-ram-id"}
FIELDS = {"smp-max-cpus": "max_cpus", "smbios-entry-point-type": "default_smbios_ep_type",
          "smp-books-supported": "smp_props.books_supported", "smp-drawers-supported": "smp_props.drawers_supported"}
# Rows of types that the schema does not have, by the member of a machine that stands for them.
ELSEWHERE = {"vdagent-migration-blocked": ("chardev-qemu-vdagent", "x-migration-blocked")}

Row = dict[str, Any]


@functools.cache
def truths(release: str) -> list[Truth]:
    """The recorded defaults of all targets."""
    found = [Truth(recorded(name)) for name in (f"effective-{release}-{target}.json.xz" for target in TARGETS.values())
             if os.path.exists(os.path.join(DATA, "truth", name))]
    if not found:
        raise Skip(f"the answers of QEMU {release} are not here (set VINTAGE_DATA)")
    return found


@functools.cache
def machines(release: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The answers of query-machines by name, of each target."""
    names = {target: f"machines-{release}{'' if target == 'x86_64' else f'-{target}'}.json" for target in TARGETS}
    return {target: {row["name"]: row for row in recorded(name)["machines"]} for target, name in names.items()
            if os.path.exists(os.path.join(DATA, "truth", name))}


@functools.cache
def defaults(release: str) -> dict[str, list[dict[str, Any]]]:
    """The properties of each type, of all targets, with the default of the class."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(glob.glob(os.path.join(DATA, "truth", f"types-{release}*.json.xz"))):
        for name, record in recorded(os.path.basename(path))["types"].items():
            found.setdefault(name, []).append(record.get("device-list-properties") or {})
    return found


class Evidence:
    """Sources that prove what an entry of the schema says."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        props = props_of(schema)
        self.versions = [version.name for version in schema.versions["machine"] if not version.bugfix_of]
        self.rows: list[Row] = recorded("compat-source-11.1.json")["rows"]
        self.changes: list[Row] = [row for row in recorded("class-changes-11.1.json")["rows"] if row["kind"] == "assign"]
        self.places: dict[tuple[Any, ...], list[tuple[Class, Member]]] = {}
        for one in schema.classes.values():
            for prop in props.of(one.name).values():
                for entry in prop.default.entries if prop.default and prop.default.axis else ():
                    if entry.since or entry.release:
                        self.places.setdefault(place(entry), []).append((one, prop.member))

    def sources(self, key: Key, stated: Stated) -> Iterator[str]:
        """The best first."""
        claim = Claim(self, key, stated)
        yield from claim.rows()
        yield from claim.changes()
        if claim.seen_on_machines():
            yield "observed 11.1"
        if claim.seen_on_releases():
            yield "observed 7.2, 11.1"


class Claim:
    """An entry, in QEMU's words."""

    def __init__(self, evidence: Evidence, key: Key, stated: Stated) -> None:
        self.evidence = evidence
        self.schema = evidence.schema
        self.axis = key[0]
        self.name = key[2]
        self.entry = stated.entry
        holders = [(one, member) for one, member in evidence.places.get(place(stated.entry), ()) if member.name == self.name]
        kind = self.schema.types.get(holders[0][1].type) if holders else None
        names = dict(kind.names) if isinstance(kind, Scalar) else {}
        self.old, self.new = ([value, names.get(value, value) if isinstance(value, str) else value]
                              for value in (value_of(stated.old), value_of(stated.new)))
        self.keeps = stated.old == stated.new
        self.holders = [one for one, _ in holders]
        self.kinds = {name for one in self.holders if not one.abstract for name in (one.tag, one.name) if name}
        self.above = self.kinds | {each.name for one in self.holders for each in self.schema.ancestry(one.name)}
        self.version = self.schema.versions[self.axis][self.entry.since].name if self.entry.since else ""
        self.families = self.families_of(self.entry.scope.family)

    def families_of(self, scope: str) -> list[Class]:
        """The families of machines that the entry is about."""
        own = [one for one in self.holders if one.is_machine]
        return [one for one in own or self.schema.classes.values()
                if one.is_machine and not one.abstract and (not scope or self.schema.is_a(one.name, scope))]

    @property
    def before(self) -> str:
        at = self.evidence.versions.index(self.version) if self.version in self.evidence.versions else 0
        return self.evidence.versions[at - 1] if at else ""

    # ---- QEMU's tables

    def rows(self) -> Iterator[str]:
        """Arrays whose row sets the old value up to the version before; or, where the entry keeps a value, sets it there."""
        for row in self.evidence.rows:
            if self.is_about(row) and agrees(self.old, row["value"], meaning) and (
                    self.holds(row) if self.keeps else row["until_version"] == self.before and self.moved()):
                yield row["array"]

    def is_about(self, row: Row) -> bool:
        about = row["driver"], row["property"]
        decides = {(claim.class_name, claim.member) for one in self.holders for claim in one.claims if claim.decides == self.name}
        of_it = row["driver"] in self.above and row["property"] == self.name
        return (of_it or about in decides or about == ELSEWHERE.get(self.name)) and self.covers(row["scope"])

    def covers(self, scope: str) -> bool:
        names = {SCOPES.get(name, name) for name in scope.split(",")}
        return any(self.schema.is_a(one.name, name) for one in self.families for name in names if name in self.schema.classes)

    def holds(self, row: Row) -> bool:
        """Whether machines of the version have the row."""
        versions, until = self.evidence.versions, row["until_version"]
        return until is None or (until in versions and versions.index(until) >= versions.index(self.version))

    def moved(self) -> bool:
        """Whether a machine of the version has the new value in 11.1, where that is recorded."""
        seen = list(self.values("11.1", [self.version])) or list(self.class_defaults("11.1"))
        return not seen or any(agrees(self.new, value) for _, value in seen)

    def changes(self) -> Iterator[str]:
        """Functions that set a machine class to the old value up to the version before."""
        fields = {FIELDS.get(self.name, self.name.replace("-", "_"))}
        rows = [row for row in self.evidence.changes if row["field"] in fields and row["class"].endswith("MachineClass")
                and self.covers(row["family"])]
        for row in rows if self.axis == "machine" and not self.keeps else ():
            if row["until_version"] == self.before and agrees(self.old, constant(row["value"]), meaning):
                newer = self.newer(row, rows)
                if agrees(self.new, constant(newer["value"]) if newer else False, meaning):
                    yield function(row)

    def newer(self, row: Row, rows: list[Row]) -> Row | None:
        """What applies from the next version on; none: a field that nothing sets is 0."""
        versions = self.evidence.versions
        later = [each for each in rows if each["family"] == row["family"] and each["until_version"] in versions
                 and versions.index(each["until_version"]) > versions.index(row["until_version"])]
        later.sort(key=lambda each: versions.index(each["until_version"]))
        base = [each for each in rows if each["until_version"] is None]
        base.sort(key=lambda each: (each["family"] == row["family"], each["family"] != "all"), reverse=True)
        return next(iter(later + base), None)

    # ---- running QEMUs

    def seen_on_machines(self) -> bool:
        """In 11.1: from one machine version to the next."""
        if self.axis != "machine" or self.entry.release or not self.before or self.keeps:
            return False
        old = {where for where, value in self.values("11.1", [self.before]) if agrees(self.old, value)}
        return any(where in old and agrees(self.new, value) for where, value in self.values("11.1", [self.version]))

    def seen_on_releases(self) -> bool:
        """From 7.2 to 11.1, on the same machine."""
        versionless = self.families and not any(one.version_from for one in self.families)
        if self.keeps or not (self.axis == "release" or self.entry.release or versionless):
            return False
        versions = [] if versionless else ["7.2", "7.1", "7.0", ""]
        old = {where for where, value in self.values("7.2", versions) if agrees(self.old, value)}
        if any(where in old and agrees(self.new, value) for where, value in self.values("11.1", versions)):
            return True
        old = {where for where, value in self.class_defaults("7.2") if agrees(self.old, value)}
        return any(where in old and agrees(self.new, value) for where, value in self.class_defaults("11.1"))

    def values(self, release: str, versions: list[str]) -> Iterator[tuple[Any, Any]]:
        """Where, and the value there: of machines of the families in @versions, and of those without versions."""
        for one in self.families:
            stem = one.machine_name or one.name
            names = [(f"{stem}-{version}", version) for version in versions] if one.version_from else [(stem, "")]
            for name, version in names:
                where = (one.name, version if len(versions) > 1 else "")
                if self.holders[0].is_machine:
                    yield from ((where, row) for row in self.answers(release, one, name))
                else:
                    yield from (((*where, *kind), value) for kind, value in self.observed(release, name))

    def answers(self, release: str, one: Class, name: str) -> Iterator[Any]:
        """Of query-machines, on the targets of the machine."""
        targets = self.schema.targets_of(one) or EVERYWHERE
        for target, known in machines(release).items() if self.name in ANSWERS else ():
            if targets >> MODEL_TARGETS.index(target) & 1 and name in known:
                yield known[name].get(ANSWERS[self.name])

    def observed(self, release: str, machine: str) -> Iterator[tuple[Any, Any]]:
        for number, truth in enumerate(truths(release)):
            for kind in self.kinds if machine in truth.machines else ():
                if truth.shows(kind, self.name, machine):
                    yield (number, kind), truth.value(kind, self.name, machine)

    def class_defaults(self, release: str) -> Iterator[tuple[Any, Any]]:
        for kind in self.kinds:
            for properties in defaults(release).get(kind, ()):
                if "default-value" in properties.get(self.name, ()):
                    yield kind, properties[self.name]["default-value"]


def place(entry: Entry) -> tuple[Any, ...]:
    return entry.where, entry.since, entry.release


def value_of(text: str) -> Any:
    return None if text == ABSENT else json.loads(text)


def agrees(values: list[Any], theirs: Any, by: Any = None) -> bool:
    """Whether one of the spellings in @values is theirs; @by makes texts of both comparable."""
    if by:
        return any(by(text_of(value)) == by(text_of(theirs)) for value in values)
    return any(same(value, theirs) for value in values) or values[0] is None and theirs is None


def text_of(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def constant(value: Any) -> Any:
    """Of a C constant: the end of its name, in lower case."""
    return value["expr"].rpartition("_")[2].lower() if isinstance(value, dict) else value


def function(row: Row) -> str:
    return str(row["in"]).rpartition(":")[2]

