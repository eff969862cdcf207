# SPDX-License-Identifier: MIT
"""Histories of defaults: parsed, put in the order of their scopes, proven to say something."""

from __future__ import annotations

from functools import lru_cache

from qapigen.errata import erratum_of
from qapigen.history import Derive, Entry, Scope, Timeline
from qapigen.model import ACCELS, AXES, TARGETS, Class, Schema
from qapigen.parse import Node
from qapigen.reasons import Reasons
from qapigen.record import replace
from qapigen.shape import Shape
from qapigen.source import suggestion

ENTRY_KEYS = ("value", "absent", "since", "release", "why", "for", "needs", "when-ref", "derive", "erratum",
              "inherit")
ALL_TARGETS = (1 << len(TARGETS)) - 1
# The axes of histories.  On the last one a default changes with the release alone.
HISTORIES = AXES[1:]
NEWEST = 1 << 16


def text_of(shape: Shape, node: Node, what: str) -> str:
    if not node.is_str:
        raise shape.error(f"{what} must be a string", node.where)
    return str(node.value)


def texts_of(shape: Shape, node: Node, what: str) -> list[str]:
    if not node.is_list or not all(item.is_str for item in node.value):
        raise shape.error(f"{what} must be an array of strings", node.where)
    return [item.value for item in node.value]


def derive_of(shape: Shape, node: Node) -> Derive:
    if not node.is_dict:
        raise shape.error("'derive' must be an object", node.where)
    shape.keys(node, "'derive'", ("from", "by"), ())
    return Derive(tuple(texts_of(shape, node["from"], "'from'")),
                  text_of(shape, node["by"], "'by'"))


class Timelines:
    """Knows the axes, the families and the named timelines."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.reasons = Reasons()
        self.named: dict[str, tuple[Shape, Node]] = {}
        self.built: dict[str, Timeline] = {}
        self.narrower = lru_cache(maxsize=None)(self._narrower)
        self.overlap = lru_cache(maxsize=None)(self._overlap)
        self.cells = lru_cache(maxsize=None)(self._cells)
        self.scoped = lru_cache(maxsize=None)(self._scoped)
        self.scope = lru_cache(maxsize=None)(Scope)

    def version(self, shape: Shape, axis: str, node: Node) -> int:
        name = text_of(shape, node, "a version")
        index = self.schema.version_index(axis, name)
        if not index:
            known = [version.name for version in self.schema.versions[axis][1:]]
            raise shape.error(f"version '{name}' is not on the {axis} axis{suggestion(name, known)}",
                              node.where)
        return index

    # ---- one default

    def build(self, shape: Shape, name: str, node: Node, inherited: Timeline | None) -> Timeline:
        """The default of member @name.  @inherited is what an 'inherit' entry stands for."""
        if node.is_str and node.value.startswith("@"):
            return self.find(shape, node)
        if node.is_list:
            raise shape.error(f"default of '{name}' must be a literal or an object with 'value', "
                              "'machine', 'platform' or 'release'", node.where)
        if not node.is_dict:
            return Timeline("", (Entry(node.value, node.where),), node.where)
        keys = [key for key in ("value", *HISTORIES) if key in node]
        shape.keys(node, f"default of '{name}'", (), ("value", *HISTORIES))
        if len(keys) != 1:
            raise shape.error(f"default of '{name}' must have exactly one of 'value', 'machine', "
                              "'platform', 'release'", node.where)
        if keys[0] == "value":
            return Timeline("", (Entry(node["value"].plain(), node.where),), node.where)
        return self.history(shape, name, keys[0], node[keys[0]], inherited)

    def find(self, shape: Shape, node: Node) -> Timeline:
        name = node.value[1:]
        if name in self.built:
            return self.built[name]
        if name not in self.named:
            raise shape.error(f"unknown timeline '{name}'{suggestion(name, self.named)}", node.where)
        home, definition = self.named[name]
        axis = next(axis for axis in HISTORIES if axis in definition)
        self.built[name] = replace(self.history(home, name, axis, definition[axis], None), name=name)
        return self.built[name]

    def history(self, shape: Shape, name: str, axis: str, node: Node,
                inherited: Timeline | None) -> Timeline:
        if not node.is_list or not node.value:
            raise shape.error(f"{axis} default of '{name}' must be an array of entries", node.where)
        entries: list[Entry] = []
        first = node.value[0]
        inherits = first.is_dict and "inherit" in first
        if inherits:
            shape.keys(first, f"first entry of '{name}'", ("inherit",), ())
            if inherited is None:
                raise shape.error(f"'{name}' has no default to inherit", first.where)
            if inherited.axis not in ("", "release", axis) and axis != "release":
                raise shape.error(f"'{name}' can't inherit a default of the {inherited.axis} axis",
                                  first.where)
        for item in node.value[1 if inherits else 0:]:
            entries += self.entry(shape, name, axis, item, first=item is first)
        self.check_order(shape, name, axis, entries)
        if inherits:
            assert inherited
            entries = self.expand(inherited, entries)
            axis = inherited.axis if axis == "release" and inherited.axis else axis
        ordered = self.order(shape, name, entries)
        timeline = Timeline(axis, tuple(ordered), node.where)
        known = inherited.entries if inherits and inherited else ()
        self.check_changes(shape, name, timeline, known)
        return timeline

    def entry(self, shape: Shape, name: str, axis: str, node: Node, first: bool) -> list[Entry]:
        """One entry; several where 'for' names several families or accelerators."""
        if not node.is_dict:
            raise shape.error(f"default of '{name}': an entry must be an object", node.where)
        self.entry_keys(shape, name, node)
        absent = "absent" in node
        if absent == ("value" in node):
            raise shape.error(f"default of '{name}': an entry has either 'value' or 'absent'",
                              node.where)
        dated = next((key for key in ("since", "release") if key in node), "")
        if first and dated:
            raise shape.error(f"default of '{name}': the first entry must not have '{dated}'",
                              node[dated].where)
        if axis == "release" and "since" in node:
            raise shape.error(f"default of '{name}': a history of releases has 'release', not 'since'",
                              node["since"].where)
        if not first and not dated and "for" not in node:
            needed = "'release'" if axis == "release" else "'since', 'release'"
            raise shape.error(f"default of '{name}': an entry after the first needs {needed}, or 'for'",
                              node.where)
        why = self.reasons.text(shape, node["why"]) if "why" in node else ""
        if not why and dated:
            raise shape.error(f"default of '{name}': an entry with '{dated}' must say 'why'", node.where)
        entry = Entry(
            value=None if absent else node["value"].plain(), where=node.where, absent=absent,
            since=self.version(shape, axis, node["since"]) if "since" in node else 0,
            release=self.release(shape, name, node) if "release" in node else 0, why=why,
            needs=self.needs(shape, name, axis, node), when=self.when(shape, name, node),
            derive=derive_of(shape, node["derive"]) if "derive" in node else None,
            erratum=erratum_of(shape, self.schema, self.reasons, axis, name, node) if "erratum" in node else None)
        return [replace(entry, scope=scope) for scope in self.scopes(shape, name, axis, node)]

    def release(self, shape: Shape, name: str, node: Node) -> int:
        """Of an entry: not older than the version that it is about."""
        index = self.version(shape, "release", node["release"])
        since = self.schema.version_index("release", node["since"].value) if "since" in node else 0
        if since > index:
            raise shape.error(f"default of '{name}': release '{node['release'].value}' has no version "
                              f"'{node['since'].value}'", node["release"].where)
        return index

    def entry_keys(self, shape: Shape, name: str, node: Node) -> None:
        for key, value in node.items():
            if key == "inherit":
                raise shape.error(f"default of '{name}': only the first entry can inherit", value.key)
            if key not in ENTRY_KEYS:
                raise shape.error(f"default of '{name}': an entry has unknown key '{key}'"
                                  f"{suggestion(key, ENTRY_KEYS)}", value.key)
        if "absent" in node and node["absent"].value is not True:
            raise shape.error("'absent' may only be true", node["absent"].where)

    def needs(self, shape: Shape, name: str, axis: str, node: Node) -> tuple[str, ...]:
        if "needs" not in node:
            return ()
        names = texts_of(shape, node["needs"], "'needs'")
        for item, feature in zip(node["needs"].value, names):
            known = self.schema.features.get(feature)
            if known is None:
                raise shape.error(f"default of '{name}': unknown platform feature '{feature}'"
                                  f"{suggestion(feature, self.schema.features)}", item.where)
            if axis == "platform" and "since" in node:
                own = self.schema.version_index("platform", node["since"].value)
                if own and known.since != own:
                    version = self.schema.versions["platform"][known.since].name
                    raise shape.error(f"default of '{name}': platform feature '{feature}' is of "
                                      f"{version}, not of {node['since'].value}", item.where)
        return tuple(names)

    def when(self, shape: Shape, name: str, node: Node) -> tuple[str, str] | None:
        value = node.get("when-ref")
        if value is None:
            return None
        if not value.is_dict or len(value.value) != 1 or "needs" not in node:
            raise shape.error(f"default of '{name}': 'when-ref' limits 'needs', and names one member",
                              value.where)
        member, target = next(value.items())
        return member, text_of(shape, target, "'when-ref'")

    def scopes(self, shape: Shape, name: str, axis: str, node: Node) -> list[Scope]:
        value = node.get("for")
        if value is None:
            return [Scope()]
        if axis == "platform" and value.is_dict and "machines" in value:
            raise shape.error(f"default of '{name}': the platform axis knows no machines", value.where)
        if not value.is_dict or not value.value:
            raise shape.error(f"default of '{name}': 'for' must name machines, accels or targets",
                              value.where)
        shape.keys(value, "'for'", (), ("machines", "accels", "targets"))
        families = texts_of(shape, value["machines"], "'machines'") if "machines" in value else [""]
        for family in families:
            self.check_family(shape, name, family, value)
        accels = texts_of(shape, value["accels"], "'accels'") if "accels" in value else [""]
        for accel in accels:
            if accel and accel not in ACCELS:
                raise shape.error(f"default of '{name}': unknown accelerator '{accel}'{suggestion(accel, ACCELS)}",
                                  value["accels"].where)
        mask = 0
        for target in texts_of(shape, value["targets"], "'targets'") if "targets" in value else []:
            if target not in TARGETS:
                raise shape.error(f"default of '{name}': unknown target '{target}'"
                                  f"{suggestion(target, TARGETS)}", value["targets"].where)
            mask |= 1 << TARGETS.index(target)
        return [self.scope(family, accel, mask) for family in families for accel in accels]

    def check_family(self, shape: Shape, name: str, family: str, value: Node) -> None:
        known = self.schema.classes.get(family)
        if family and not (known and known.is_machine):
            machines = [one.name for one in self.schema.classes.values() if one.is_machine]
            aliased = next((one.name for one in self.schema.classes.values()
                            if any(alias.name == family for alias in one.aliases)), "")
            hint = (f"; '{family}' is an alias: name the definition, '{aliased}'" if aliased
                    else suggestion(family, machines))
            raise shape.error(f"default of '{name}': unknown machine '{family}'{hint}", value.where)

    # ---- order

    def check_order(self, shape: Shape, name: str, axis: str, entries: list[Entry]) -> None:
        newest: dict[Scope, Entry] = {}
        for entry in entries:
            before = newest.get(entry.scope)
            if before and dates(entry) <= dates(before):
                raise shape.error(f"default of '{name}' for {dates_text(self.schema, axis, entry)} must come "
                                  f"after {dates_text(self.schema, axis, before)}", entry.where)
            newest[entry.scope] = entry

    def expand(self, inherited: Timeline, own: list[Entry]) -> list[Entry]:
        """@own laid over @inherited: from an entry's version on, its scope is as @own says.

        An entry of a release replaces what is inherited of its version alone.
        """
        starts: dict[Scope, int] = {}
        for entry in own:
            if not entry.release:
                starts.setdefault(entry.scope, entry.since)
        stated = {(entry.scope, dates(entry)) for entry in own}
        result: list[Entry] = []
        for scope in dict.fromkeys(entry.scope for entry in inherited.entries):
            over = [each for each in starts if each == scope or self.narrower(scope, each)]
            end = min((starts[each] for each in over), default=NEWEST)
            result += [entry for entry in inherited.entries
                       if entry.scope == scope and entry.since < end and (scope, dates(entry)) not in stated]
            until = starts.get(scope, NEWEST)
            copies = [entry for entry in own if entry.scope != scope and
                      self.narrower(scope, entry.scope) and entry.since < until]
            result += self.effective(scope, copies)
        return result + own

    def effective(self, scope: Scope, entries: list[Entry]) -> list[Entry]:
        """What wider @entries amount to inside @scope: the narrowest at each version."""
        result = []
        for since, release in sorted({dates(entry) for entry in entries}):
            valid = [entry for entry in entries if entry.since <= since and entry.release <= release]
            best = valid[0]
            for entry in valid[1:]:
                if entry.scope == best.scope or self.narrower(entry.scope, best.scope):
                    best = entry
            result.append(replace(best, scope=scope, since=since, release=release))
        return result

    def order(self, shape: Shape, name: str, entries: list[Entry]) -> list[Entry]:
        scopes = list(dict.fromkeys(entry.scope for entry in entries))
        for index, one in enumerate(scopes):
            for other in scopes[:index]:
                if self.overlap(one, other) and not (
                        self.narrower(one, other) or self.narrower(other, one)):
                    entry = next(each for each in entries if each.scope == one)
                    raise shape.error(f"default of '{name}': neither of the scopes {describe(one)} and "
                                      f"{describe(other)} is the narrower", entry.where)
        result: list[Entry] = []
        left = scopes
        while left:
            scope = next(one for one in left
                         if not any(self.narrower(other, one) for other in left))
            left = [one for one in left if one != scope]
            result += sorted((entry for entry in entries if entry.scope == scope), key=dates)
        return result

    def _narrower(self, one: Scope, other: Scope) -> bool:
        """Whether everything in @one is in @other, which has more."""
        if one == other:
            return False
        family = not other.family or (one.family != "" and self.schema.is_a(one.family, other.family))
        accel = not other.accel or one.accel == other.accel
        targets = (one.targets or ALL_TARGETS) & ~(other.targets or ALL_TARGETS) == 0
        return family and accel and targets

    def _overlap(self, one: Scope, other: Scope) -> bool:
        if one.accel and other.accel and one.accel != other.accel:
            return False
        families = [each.family for each in (one, other) if each.family]
        if len(families) == 2 and not (self.schema.is_a(*families)
                                       or self.schema.is_a(families[1], families[0])):
            return False
        mask = ALL_TARGETS
        for scope in (one, other):
            mask &= scope.targets or mask
            if scope.family:
                mask &= self.family_targets(scope.family)
        return mask != 0

    def family_targets(self, family: str) -> int:
        mask = 0
        for leaf in self.schema.leaves(family):
            mask |= self.schema.targets_of(leaf) or ALL_TARGETS
        return mask or ALL_TARGETS

    # ---- an entry that changes nothing

    def check_changes(self, shape: Shape, name: str, timeline: Timeline, inherited: tuple[Entry, ...]) -> None:
        entries = timeline.entries
        later = [entry for entry in entries
                 if (dates(entry) != (0, 0) or entry.scope != Scope()) and entry not in inherited]
        places = dict.fromkeys(entry.where for entry in later)
        for where in places:
            stated = [entry for entry in later if entry.where == where]
            if not any(self.matters(entries, entry, timeline.axis) for entry in stated):
                dated = dates(stated[0]) != (0, 0)
                place = (f"since {dates_text(self.schema, timeline.axis, stated[0])}" if dated
                         else f"for {describe(stated[0].scope)}")
                raise shape.error(f"default of '{name}' {place} changes nothing", where)

    def matters(self, entries: tuple[Entry, ...], entry: Entry, axis: str) -> bool:
        """Whether some cell that exists would be another without @entry, in some release."""
        for release in sorted({one.release for one in entries if one.release >= entry.release}):
            known = tuple(one for one in entries if one.release <= release)
            others = tuple(one for one in known if one is not entry)
            for family, target, version in self.scoped(axis, entry.scope):
                if version >= entry.since and self.resolve(known, family, target, version, entry.scope.accel) is entry:
                    without = self.resolve(others, family, target, version, entry.scope.accel)
                    if without is None or without.effect != entry.effect:
                        return True
        return False

    def _cells(self, axis: str) -> tuple[tuple[Class | None, int, int], ...]:
        """(family, target, version) that exist."""
        newest = len(self.schema.versions[axis]) - 1
        machines = [one for one in self.schema.classes.values() if one.is_machine and not one.abstract]
        if axis == "platform" or not machines:
            return tuple((None, 0, version) for version in range(1, newest + 1))
        newest = len(self.schema.versions["machine"]) - 1
        result: list[tuple[Class | None, int, int]] = []
        for one in machines:
            versions = [version for version in range(one.version_from, (one.version_to or newest) + 1)
                        if self.exists(one, version)] if one.version_from else [newest]
            mask = self.schema.targets_of(one) or ALL_TARGETS
            for bit in range(len(TARGETS)):
                if mask >> bit & 1:
                    result += [(one, 1 << bit, version) for version in versions]
        return tuple(result)

    def _scoped(self, axis: str, scope: Scope) -> tuple[tuple[Class | None, int, int], ...]:
        """The cells that are in @scope."""
        return tuple(cell for cell in self.cells(axis) if self.in_scope(scope, cell[0], cell[1]))

    def exists(self, one: Class, version: int) -> bool:
        node = self.schema.versions["machine"][version]
        return not node.bugfix_of or any(self.schema.is_a(one.name, family)
                                         for family in node.machines)

    def in_scope(self, scope: Scope, family: Class | None, target: int) -> bool:
        if scope.family and not (family and self.schema.is_a(family.name, scope.family)):
            return False
        return not scope.targets or not target or bool(scope.targets & target)

    def resolve(self, entries: tuple[Entry, ...], family: Class | None, target: int, version: int,
                accel: str) -> Entry | None:
        """The entry in force: the narrowest scope that has one, and in it the newest."""
        found: Entry | None = None
        for entry in entries:
            if found is not None and entry.scope != found.scope:
                return found
            if (entry.since <= version and entry.scope.accel in ("", accel)
                    and self.in_scope(entry.scope, family, target)):
                found = entry
        return found


def dates(entry: Entry) -> tuple[int, int]:
    """What orders the entries of a scope: the newest version decides, and of this the newest release."""
    return entry.since, entry.release


def dates_text(schema: Schema, axis: str, entry: Entry) -> str:
    """'9.1', 'release 9.2', '9.1 in release 9.2'."""
    since = schema.versions[axis][entry.since].name if entry.since else ""
    release = f"release {schema.versions['release'][entry.release].name}" if entry.release else ""
    return " in ".join(text for text in (since, release) if text) or "the first"


def describe(scope: Scope) -> str:
    parts = [part for part in (scope.family, scope.accel) if part]
    parts += [name for bit, name in enumerate(TARGETS) if scope.targets >> bit & 1]
    return "'" + ", ".join(parts) + "'" if parts else "everywhere"

