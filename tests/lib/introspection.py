# SPDX-License-Identifier: MIT
"""Comparison of two answers to query-qmp-schema, by structure; and differences that are explained."""

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any

# Features that QEMU does not have.
OURS = {"automatic", "host-path", "mutable", "sensitive", "descriptor"}
Entity = dict[str, Any]
Entities = dict[str, Entity]


def by_name(entities: list[Entity]) -> Entities:
    return {entity["name"]: entity for entity in entities}


@functools.cache
def explained(path: str) -> dict[str, str]:
    """Regular expression: reason."""
    with open(path, encoding="utf-8") as file:
        rows = [line.strip().split("  # ", 1) for line in file if line.strip() and not line.startswith("#")]
    return {pattern.strip(): reason for pattern, reason in rows}


def unexplained(path: str, rows: Iterable[str]) -> list[str]:
    return [row for row in rows if not any(re.fullmatch(pattern, row) for pattern in explained(path))]


class Comparison:
    """Yields differences of @a (ours) from @b. With @superset, @a may have more."""

    def __init__(self, a: Entities, b: Entities, superset: bool = False) -> None:
        self.a, self.b, self.superset = a, b, superset
        self.seen: set[tuple[str, str]] = set()

    def command(self, name: str) -> Iterator[str]:
        yield from self.types(name, self.a[name]["arg-type"], self.b[name]["arg-type"])

    def message(self, name: str) -> Iterator[str]:
        """A command or an event, with what it returns and its features."""
        one, other = self.a[name], self.b[name]
        yield from self.features(name, one, other)
        if one.get("allow-oob", False) != other.get("allow-oob", False):
            yield f"{name}: 'allow-oob' differs"
        yield from self.command(name)
        if "ret-type" in other:
            yield from self.types(f"{name} returns", one["ret-type"], other["ret-type"])

    def types(self, path: str, a: str, b: str) -> Iterator[str]:
        if (a, b) in self.seen:
            return
        self.seen.add((a, b))
        one, other = self.a[a], self.b[b]
        kind = other["meta-type"]
        if one["meta-type"] != kind:
            yield f"{path}: {self.told(one)}, not {self.told(other)}"
        elif kind == "builtin":
            if one["json-type"] != other["json-type"]:
                yield f"{path}: {self.told(one)}, not {self.told(other)}"
        elif kind == "array":
            yield from self.types(f"{path}[]", one["element-type"], other["element-type"])
        elif kind == "enum":
            yield from self.names(path, one["values"], other["values"])
        elif kind == "alternate":
            yield from self.alternates(path, one, other)
        else:
            yield from self.objects(path, one, other)

    def told(self, entity: Entity) -> str:
        return entity.get("json-type", entity["meta-type"])

    def names(self, path: str, a: list[str], b: list[str]) -> Iterator[str]:
        yield from (f"{path}: '{name}' is missing" for name in b if name not in a)
        if not self.superset:
            yield from (f"{path}: '{name}' is more" for name in a if name not in b)

    def alternates(self, path: str, a: Entity, b: Entity) -> Iterator[str]:
        kinds = [{self.json(entities, member["type"]): member["type"] for member in entity["members"]}
                 for entities, entity in ((self.a, a), (self.b, b))]
        yield from self.names(path, list(kinds[0]), list(kinds[1]))
        for kind in kinds[0].keys() & kinds[1].keys():
            yield from self.types(path, kinds[0][kind], kinds[1][kind])

    def json(self, entities: Entities, name: str) -> str:
        entity = entities[name]
        return {"enum": "string", "array": "array", "object": "object"}.get(entity["meta-type"]) or entity["json-type"]

    def objects(self, path: str, a: Entity, b: Entity) -> Iterator[str]:
        if ("tag" in a) != ("tag" in b) or a.get("tag") != b.get("tag"):
            yield f"{path}: the tag is '{a.get('tag')}', not '{b.get('tag')}'"
        elif "tag" not in b:
            yield from self.members(path, self.listed(self.a, a), self.listed(self.b, b))
        else:
            cases = [{variant["case"]: variant["type"] for variant in entity["variants"]} for entity in (a, b)]
            yield from self.names(f"{path}.{b['tag']}", list(cases[0]), list(cases[1]))
            for case in cases[1]:
                if case in cases[0]:
                    yield from self.members(f"{path}/{case}", self.listed(self.a, a, cases[0][case], b["tag"]),
                                            self.listed(self.b, b, cases[1][case], b["tag"]))

    def listed(self, entities: Entities, entity: Entity, variant: str = "", tag: str = "") -> Entities:
        """Members by name, including those of the branch. The tag is compared with the branches."""
        members = {member["name"]: member for member in entity["members"] if member["name"] != tag}
        if variant:
            branch = entities[variant]
            members |= by_name(branch["members"])
            if "tag" in branch:
                members[branch["tag"]] = {"name": branch["tag"], "type": variant}
        return members

    def members(self, path: str, a: Entities, b: Entities) -> Iterator[str]:
        yield from self.names(path, list(a), list(b))
        for name, other in b.items():
            one = a.get(name)
            if not one:
                continue
            if ("default" in one) != ("default" in other) and not (self.superset and "default" in one):
                yield f"{path}.{name}: {'optional' if 'default' in one else 'mandatory'}"
            if one["type"] in self.a and other["type"] in self.b:
                yield from self.types(f"{path}.{name}", one["type"], other["type"])
            if not self.superset:
                yield from self.features(f"{path}.{name}", one, other)

    def features(self, path: str, a: Entity, b: Entity) -> Iterator[str]:
        features = [set(each.get("features", ())) - OURS for each in (a, b)]
        if features[0] != features[1]:
            yield f"{path}: features {sorted(features[0])}, not {sorted(features[1])}"
