# SPDX-License-Identifier: MIT
"""What an import comes to, for people: lines of each class, what is said twice, what is not as in QEMU."""

from __future__ import annotations

from collections import Counter

from qapigen.history import Timeline
from qapigen.importer.propose import Proposal, repeated
from qapigen.importer.schema_lines import lines_of
from qapigen.model import Schema

LONGEST = 20


def of_proposal(proposal: Proposal) -> str:
    files = proposal.files()
    lines = sum(header.count("\n") + text.count("\n") for header, text in files.values())
    lacks = proposal.lacks()
    facts = proposal.tree.facts
    said = Counter({use[0]: count for use, count in repeated(proposal).items()})
    result = [f"{len(proposal.new)} new classes in {len(files)} files, {lines} lines",
              f"{sum(len(lack.items) for lack in lacks)} additions to {len({lack.owner for lack in lacks})} classes that are "
              "there",
              f"{len(said)} timelines that are said more than once", *(f"  {name}: {count}" for name, count in said.items()),
              f"{len(proposal.decided)} defaults that are otherwise on purpose"]
    result += [f"  {owner}.{member}: {why}" for owner, member, why in proposal.decided]
    level = proposal.tree.level
    result += [f"{len(level)} defaults of backends that machines differ in, which no backend can see"]
    result += [f"  {owner}.{member}" for owner, member in level]
    moved = proposal.settler.rebased
    result += [f"{len(moved)} defaults that a newer release changed on old machines"]
    result += [f"  {one.kind}.{one.member}: {one.before} -> {one.now} on "
               f"{'all' if one.everywhere else ' '.join(one.machines)}" for one in moved]
    result += [f"{len(facts.silent)} types that can't be asked", *(f"  {name}" for name in facts.silent)]
    result += [f"{len(facts.unknown)} machines that the schema does not have", *(f"  {name}" for name in facts.unknown)]
    result += [f"{len(facts.conflicts)} properties whose type differs between targets"]
    result += [f"  {name}" for name in facts.conflicts]
    return "\n".join(result) + "\n"


def differences(proposal: Proposal) -> str:
    """The proposal itself, as schema source."""
    result = []
    for name, (header, text) in sorted(proposal.files().items()):
        result.append(f"# ---- {name}\n\n{header}\n{text}")
    for lack in proposal.lacks():
        result.append(f"# ---- {lack.file}: class '{lack.owner}' lacks in '{lack.key}'\n\n" + ",\n".join(lack.items) + "\n")
    return "\n".join(result) if result else "the schema lacks nothing\n"


def of_schema(schema: Schema) -> str:
    """Lines of each class, the longest first, and timelines that are said more than once."""
    lines = lines_of(schema)
    total = sum(lines.values())
    rows = sorted(lines.items(), key=lambda each: (-each[1], each[0]))
    concrete = sum(not one.abstract for one in schema.classes.values())
    result = [f"{len(lines)} classes, {concrete} of them concrete: {total} lines, {total / max(len(lines), 1):.1f} a class",
              *(f"{count:6} {name}" for name, count in rows[:LONGEST])]
    twice = said_twice(schema)
    result.append(f"{len(twice)} timelines that are said more than once")
    result += [f"  {name}: " + ", ".join(owners) for name, owners in twice]
    return "\n".join(result) + "\n"


def said_twice(schema: Schema) -> list[tuple[str, list[str]]]:
    """Members whose history stands in several places word for word."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for one in (*schema.classes.values(), *schema.types.values()):
        for member in getattr(one, "own", ()):
            note(found, member.name, member.default, one.name)
        for restated in getattr(one, "defaults", ()):
            note(found, restated.member, restated.timeline, f"{restated.where.file}:{restated.where.line}")
    return [(name, list(owners)) for (name, _), owners in found.items() if len(owners) > 1]


def note(found: dict[tuple[str, str], dict[str, None]], name: str, timeline: Timeline | None, owner: str) -> None:
    if timeline and not timeline.name and len(timeline.entries) > 1:
        text = repr([(each.since, each.scope, each.effect, each.why) for each in timeline.entries])
        found.setdefault((name, text), {})[owner] = None
