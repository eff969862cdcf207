# SPDX-License-Identifier: MIT
"""What query-qmp-schema answers: entities, each with the targets that have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from qapigen.conditional import Piece, When, merged, split, write
from qapigen.history import Life
from qapigen.model import (
    EVERYWHERE, INTEGERS, JSON_TYPES, TARGETS, Alternate, Branch, Class, Command, Cond, Enum, Event, Feature, Member,
    Scalar, Union
)
from qapigen.plan import Plan
from qapigen.record import dataclass, field, replace
from qapigen.relayed import ENGINE

EMPTY = "q_empty"
# What Python has for the values of a builtin type; others have any.
BUILTIN: dict[str, tuple[type, ...]] = {
    "int": (int,), "string": (str,), "number": (int, float), "boolean": (bool,), "null": (type(None),)}


@dataclass(frozen=True)
class Use:
    """A type as a client sees it: a schema type, a list of one, or what the classes below a root make."""

    kind: str                   # type, list, builtin, creation, leaf, tags, inline
    name: str
    of: Use | None = None


def introspection(plan: Plan) -> list[tuple[int, list[Piece]]]:
    """(targets, text in pieces): a target's answer is all the texts that are for it, in this order.

    One text for each set of targets: the monitor sends few large parts faster than many small ones.
    """
    texts: dict[int, list[Piece]] = {EVERYWHERE: []}
    for mask, entity in split(Renderer(plan).render()):
        cond = entity.cond if isinstance(entity, When) else None
        pieces: list[Piece] = [(cond, ",\n")]
        write(entity.value if isinstance(entity, When) else entity, cond, pieces)
        texts.setdefault(mask, []).extend(pieces)
    everywhere = texts.pop(EVERYWHERE)
    if not everywhere:
        return [(EVERYWHERE, [(None, "[]")])]
    everywhere[0] = (everywhere[0][0], "[")
    ordered = [(EVERYWHERE, everywhere), *texts.items()]
    if texts:
        ordered.append((EVERYWHERE, []))
    ordered[-1][1].append((None, "]"))
    return [(mask, merged(pieces)) for mask, pieces in ordered]


@dataclass
class Renderer:
    plan: Plan
    catalogue: bool = False     # every release, and what only an engine serves; otherwise what the program itself has
    used: list[Use] = field(default_factory=list)
    numbers: dict[Use, int] = field(default_factory=dict)
    uses: dict[int, list[tuple[int, int]]] = field(default_factory=dict)    # by user: (used, targets); -1: a command
    user: int = -1
    targets: int = 0            # of the part that is rendered; 0: all

    def render(self) -> list[tuple[int, Any]]:
        """(targets, entity)."""
        schema = self.plan.schema
        described: list[Any] = []
        for name in schema.order:
            one = schema.commands.get(name) or schema.events[name]
            if self.catalogue or one.served_by != ENGINE:
                described += self.command(one) if isinstance(one, Command) else [self.event(one)]
        first = len(described)
        while len(described) - first < len(self.used):
            self.user = len(described) - first
            described.append(self.definition(self.used[self.user]))
        # The one that has no comma before it is always there.
        described[:first] = sorted(described[:first], key=lambda each: isinstance(each, When))
        masks = self.reached()
        return [(EVERYWHERE, each) for each in described[:first]] + [
            (mask, each) for mask, each in zip(masks, described[first:]) if mask]

    def reached(self) -> list[int]:
        """The targets on which some command or event leads to each type."""
        masks = [0] * len(self.used)
        left = [(used, targets or EVERYWHERE) for used, targets in self.uses.get(-1, [])]
        while left:
            number, mask = left.pop()
            if mask & ~masks[number]:
                masks[number] |= mask
                left += [(used, masks[number] & (targets or EVERYWHERE)) for used, targets in self.uses.get(number, [])]
        return masks

    def on(self, targets: int, render: Callable[[], Any], cond: Cond = None, life: Life | None = None) -> Any:
        """What @render makes, for @targets only; a program without machines knows none."""
        if not targets or not self.plan.schema.axis_units.get("machine"):
            return self.when(render(), cond, 0, life)
        before, self.targets = self.targets, targets
        value = render()
        self.targets = before
        return self.when(value, cond, targets, life)

    def when(self, value: Any, cond: Cond, targets: int, life: Life | None) -> Any:
        since, until = (life.introduced[0], life.removed[1]) if self.catalogue and life else (0, 0)
        return When(cond, value, targets, since, until) if cond is not None or targets or since or until else value

    # ---- names

    def use(self, use: Use) -> str:
        """The name a client sees; builtin types keep theirs, others get a number at first use."""
        if use not in self.numbers:
            self.numbers[use] = len(self.used)
            self.used.append(use)
        self.uses.setdefault(self.user, []).append((self.numbers[use], self.targets))
        if use.kind == "builtin":
            return use.name
        if use.kind == "list":
            assert use.of
            return f"[{self.use(use.of)}]"
        return str(self.numbers[use])

    def type(self, name: str, is_list: bool = False) -> str:
        use = self.type_use(name)
        return self.use(Use("list", "", use) if is_list else use)

    def type_use(self, name: str) -> Use:
        if not name:
            return Use("type", EMPTY)
        root = self.plan.schema.creation_root(name) if name not in self.plan.schema.types else None
        if root:
            return Use("creation", root.name)
        config = self.plan.schema.config_of(name)
        if config:
            return Use("leaf", config.name)
        if name in INTEGERS:
            return Use("builtin", "int")
        if name in JSON_TYPES:
            return Use("builtin", name)
        kind = self.plan.schema.types.get(name)
        if isinstance(kind, Scalar):
            return Use("builtin", "int" if "int" in kind.accepts and kind.of != "str" else "str")
        return Use("type", name)

    # ---- entities

    def entity(self, name: str, meta: str, body: dict[str, Any], features: tuple[Feature, ...],
               cond: Cond, life: Life | None = None) -> Any:
        value = {"name": name, "meta-type": meta, **body, **self.features(features, life)}
        return self.when(value, cond, 0, life)

    def features(self, features: tuple[Feature, ...], life: Life | None = None) -> dict[str, Any]:
        """A name that a release deprecated has the feature 'deprecated'."""
        described: list[Any] = []
        if life and any(life.deprecated) and (self.catalogue or not any(life.removed)):
            described.append(When(None, "deprecated", 0, life.deprecated[0]) if self.catalogue else "deprecated")
        described += [When(each.cond, each.name) if each.cond is not None else each.name for each in features]
        return {"features": described} if described else {}

    def command(self, command: Command) -> list[Any]:
        """Twice where some targets had it before the others."""
        arg = self.use(Use("creation", command.creates)) if command.creates else self.type(command.arg)
        body: dict[str, Any] = {"arg-type": arg, "ret-type": self.type(command.ret, command.ret_list)}
        if command.oob:
            body["allow-oob"] = True
        value = self.entity(command.name, "command", body, command.features, command.cond, command.life)
        targets, until = command.targets
        if not (self.catalogue and targets):
            return [value]
        inner = value.value if isinstance(value, When) else value
        life = command.life or Life()
        return [When(command.cond, inner, targets, life.introduced[0], until),
                When(command.cond, inner, 0, until, life.removed[1])]

    def event(self, event: Event) -> Any:
        return self.entity(event.name, "event", {"arg-type": self.type(event.arg)}, event.features,
                           event.cond, event.life)

    def definition(self, use: Use) -> Any:
        name = self.use(use)
        if use.kind == "builtin":
            return self.entity(name, "builtin", {"json-type": JSON_TYPES[use.name]}, (), None)
        if use.kind == "list":
            assert use.of
            element = self.plan.schema.types.get(use.of.name) if use.of.kind == "type" else None
            return self.entity(name, "array", {"element-type": self.use(use.of)}, (),
                               element.cond if element else None)
        if use.kind == "creation":
            root = self.plan.schema.classes[use.name]
            return self.outer(name, root) if root.creates and root.creates.within else self.creation(name, root)
        if use.kind == "within":
            return self.creation(name, self.plan.schema.classes[use.name])
        if use.kind == "leaf":
            return self.leaf(name, self.plan.schema.classes[use.name], use.of is not None)
        if use.kind == "tags":
            return self.entity(name, "enum", self.tags(use.name), (), None)
        if use.kind == "inline":
            union = self.use(Use("creation", self.plan.schema.root_of(use.name).name))
            members = [{"type": union}, {"type": self.type("str")}]
            return self.entity(name, "alternate", {"members": members}, (), None)
        return self.schema_type(name, use.name)

    def schema_type(self, name: str, type_name: str) -> Any:
        if type_name == EMPTY:
            return self.entity(name, "object", {"members": []}, (), None)
        kind = self.plan.schema.type(type_name)
        body: dict[str, Any]
        if isinstance(kind, Enum):
            members: list[Any] = []
            values: list[Any] = []
            for value in (*kind.values, *(kind.others if self.catalogue else ())):
                member = {"name": value.name, **self.features(value.features, value.life)}
                members.append(self.when(member, value.cond, 0, value.life))
                values.append(self.when(value.name, value.cond, 0, value.life))
            return self.entity(name, "enum", {"members": members, "values": values}, kind.features, kind.cond)
        if isinstance(kind, Alternate):
            described = [self.conditional(branch, {"type": name})
                    for branch in kind.branches for name in self.branch_types(branch)]
            return self.entity(name, "alternate", {"members": described}, kind.features, kind.cond)
        known = self.plan.schema.all_members if self.catalogue else self.plan.schema.members
        body = {"members": self.members(known(type_name))}
        if isinstance(kind, Union):
            body |= {"tag": kind.tag, "variants": self.variants(kind)}
        return self.entity(name, "object", body, kind.features, kind.cond)

    def conditional(self, branch: Branch, value: Any) -> Any:
        return When(branch.cond, value) if branch.cond is not None else value

    def branch_types(self, branch: Branch) -> list[str]:
        """Where a definition may stand in place of an id, these are two."""
        if branch.ref and branch.ref.inline and branch.ref.target and not branch.is_list:
            root = self.plan.schema.root_of(branch.ref.target)
            return [self.use(Use("creation", root.name)), self.type("str")]
        return [self.type("str" if branch.ref else branch.type, branch.is_list)]

    def variants(self, kind: Union) -> list[Any]:
        tag = next(member for member in self.plan.schema.members(kind.name) if member.name == kind.tag)
        values = self.plan.schema.type(tag.type)
        assert isinstance(values, Enum)
        branches = {branch.name: branch for branch in kind.branches}
        result = []
        for value in (*values.values, *(values.others if self.catalogue else ())):
            branch = branches.get(value.name)
            described: Any = {"case": value.name, "type": self.type(branch.type if branch else "")}
            cond = value.cond if branch is None or branch.cond is None else branch.cond
            result.append(self.when(described, cond, 0, value.life))
        return result

    def members(self, members: tuple[Member, ...]) -> list[Any]:
        result = []
        for member in members:
            if member.is_input:
                result.append(self.on(member.targets, partial(self.member, member), member.cond, member.life))
        return result

    def member(self, member: Member) -> dict[str, Any]:
        described: dict[str, Any] = {"name": member.name, "type": self.member_type(member)}
        if member.optional:
            described["default"] = self.default(member)
        return described | self.features(member.features, member.life)

    def default(self, member: Member) -> Any:
        """The value that stands for absence, if it is the same everywhere and of the type; an engine states none."""
        if self.catalogue or not member.default or member.derive or member.gate:
            return None
        entry = member.default.constant
        return entry.value if entry and self.fits(member, entry.value) else None

    def fits(self, member: Member, value: Any) -> bool:
        if member.is_list:
            one = replace(member, is_list=False)
            return isinstance(value, list) and all(self.fits(one, item) for item in value)
        use = self.type_use("str" if member.ref or member.class_base else member.type)
        if use.kind == "builtin":
            return type(value) in BUILTIN.get(JSON_TYPES[use.name], (type(value),))
        kind = self.plan.schema.types.get(use.name)
        return isinstance(kind, Alternate) or isinstance(value, str if isinstance(kind, Enum) else dict)

    def member_type(self, member: Member) -> str:
        if member.ref and member.ref.inline and member.ref.target:
            use = Use("inline", member.ref.target)
            return self.use(Use("list", "", use) if member.is_list else use)
        return self.type(member.type, member.is_list)

    # ---- creation unions

    def leaves(self, root: str) -> list[Class]:
        return [one for one in self.plan.schema.leaves(root) if one.user_creatable]

    def tags(self, root: str) -> dict[str, Any]:
        """One that is another class on another target stands once: it has the targets of both."""
        schema = self.plan.schema
        masks: dict[str, tuple[Class, int]] = {}
        for one in self.leaves(root):
            for tag, mask in schema.tags_of(one).items():
                masks[tag] = (one, (mask or EVERYWHERE) | (masks[tag][1] if tag in masks else 0))
        targeted = schema.axis_units.get("machine")
        return {key: [self.when({"name": tag} if key == "members" else tag, one.cond,
                                mask if targeted and mask != EVERYWHERE else 0, one.life)
                      for tag, (one, mask) in masks.items()] for key in ("members", "values")}

    def shape_of(self, one: Class) -> Class:
        """The nearest ancestor that has all the members that one gives to @one: defaults are left out."""
        while one.parent and not (one.mixins or one.embeds or one.features or one.cond or any(
                member.is_input for member in one.own)):
            one = self.plan.schema.classes[one.parent]
        return one

    def is_inlined(self, root: Class) -> bool:
        """Whether a definition can stand in place of an id, so that the same type is used without one."""
        schema = self.plan.schema
        return any(member.ref and member.ref.inline and schema.root_of(member.ref.target).name == root.name
                   for one in schema.classes.values() for member in one.own)

    def outer(self, name: str, root: Class) -> Any:
        """A creation whose tag stands within a member, beside the id."""
        creates = root.creates
        assert creates and creates.id
        members = [{"name": creates.id, "type": self.type("str")},
                   {"name": creates.within, "type": self.use(Use("within", root.name))}]
        return self.entity(name, "object", {"members": members}, root.features, root.cond)

    def creation(self, name: str, root: Class) -> Any:
        creates = root.creates
        assert creates
        tag: dict[str, Any] = {"name": creates.tag, "type": self.use(Use("tags", root.name))}
        members: list[Any] = [tag | {"default": None} if creates.otherwise else tag]
        if creates.id and not creates.within:
            ident: dict[str, Any] = {"name": creates.id, "type": self.type("str")}
            members.append(ident if creates.id_required and not self.is_inlined(root) else ident | {"default": None})
        # Where they are wrapped, those of the root are too.
        members += [] if creates.wrap else self.members(root.own)
        mark = Use("creation", root.name) if creates.wrap else None
        variants = [self.on(targets, partial(self.variant, one, tag, mark), one.cond, one.life)
                    for one in self.leaves(root.name) for tag, targets in self.plan.schema.tags_of(one).items()]
        return self.entity(name, "object", {"members": members, "tag": creates.tag, "variants": variants},
                           root.features, root.cond)

    def variant(self, one: Class, tag: str, mark: Use | None) -> dict[str, Any]:
        return {"case": tag, "type": self.use(Use("leaf", self.shape_of(one).name, mark))}

    def leaf(self, name: str, one: Class, wrapped: bool) -> Any:
        """What a class adds to its root; where it is wrapped, one member that holds all of it."""
        root = self.plan.schema.root_of(one.name)
        if wrapped:
            assert root.creates
            inner = self.use(Use("leaf", one.name))
            return self.entity(name, "object", {"members": [{"name": root.creates.wrap, "type": inner}]},
                               (), one.cond)
        members = self.members(tuple(self.leaf_members(one)))
        return self.entity(name, "object", {"members": members}, one.features, one.cond)

    def leaf_members(self, one: Class) -> Iterator[Member]:
        """Members under the names that users see, with the defaults that all classes of this shape share."""
        root = self.plan.schema.root_of(one.name)
        shapes = [self.plan.shape(leaf.name) for leaf in self.leaves(root.name) if self.shape_of(leaf) is one]
        own = self.plan.shape(one.name)
        for index, segment in enumerate(own.segments):
            if segment.type == root.name and segment.is_class and not segment.child and not (
                    root.creates and root.creates.wrap):
                continue
            names = {theirs: mine for mine, theirs in self.plan.visible(segment).items()}
            for row, member in enumerate(self.plan.members(segment)):
                if member.name in names:
                    first, *others = (shape.overrides.get((index, row), member.default) for shape in shapes or [own])
                    shared = all(other == first for other in others)
                    yield replace(member, name=names[member.name], default=first if shared else None)
