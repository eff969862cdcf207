# SPDX-License-Identifier: MIT
"""The tree of classes that QEMU's types ask for, and the highest class that each property can stand in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from qapigen.classes import Props
from qapigen.importer.facts import UNSET, Facts, Kind, Property, Vector
from qapigen.importer.types import Typist
from qapigen.model import Schema
from qapigen.record import dataclass, field

ROOTS = ("device", "object")
# What a class has for every root, and no member stands for.
NO_MEMBERS = ("type",)
# What objects compute from their other properties: it has no default of its own.
# The embedded object whose properties a transport has too, but for those that make no sense there.
BACKEND = "virtio-backend"
COMPUTED = ("feature-words",)


class Embedded(NamedTuple):
    kind: str
    names: tuple[str, ...] = ()         # of the members that are shared; none: all


@dataclass
class Node:
    """A class, as it is or as it will be."""

    name: str
    parent: Node | None = None
    kind: Kind | None = None
    known: bool = False         # it is in the schema
    concrete: bool = False
    children: list[Node] = field(default_factory=list)
    wants: dict[str, str] = field(default_factory=dict)         # what all its objects have: property and type
    own: dict[str, str] = field(default_factory=dict)           # what it is to declare
    mixins: list[str] = field(default_factory=list)
    embeds: dict[str, Embedded] = field(default_factory=dict)
    gained: dict[str, str] = field(default_factory=dict)        # new members of an object that it embeds, and its class

    def ancestry(self) -> Iterator[Node]:
        one: Node | None = self
        while one:
            yield one
            one = one.parent

    def below(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.below()


class Tree:
    def __init__(self, schema: Schema, facts: Facts, typist: Typist) -> None:
        self.schema = schema
        self.facts = facts
        self.typist = typist
        self.props = Props(schema)
        self.nodes: dict[str, Node] = {}
        self.level: dict[tuple[str, str], Vector] = {}      # what backends have, where machines differ
        self.mixins = self.shared_mixins()
        for kind in facts.kinds.values():
            if kind.observed and not kind.abstract and self.is_wanted(kind):
                node = self.node(kind.name)
                node.concrete = True
        self.prune()
        for root in self.roots():
            self.collect(root)
            self.assign(root, set())
        for node in self.nodes.values():
            self.gain(node)

    def is_wanted(self, kind: Kind) -> bool:
        """Devices, and what a user can create, as far as the schema has a root for them."""
        chain = self.facts.chain(kind.name)
        if not any(name in self.schema.classes for name in chain):
            return False
        return "device" in chain or (kind.creatable and chain[-1] == "object")

    def roots(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.parent is None]

    def node(self, name: str) -> Node:
        if name not in self.nodes:
            one = self.schema.classes.get(name)
            parent = one.parent if one else self.parent(name) if name not in ROOTS else ""
            node = Node(name, kind=self.facts.kinds.get(name), known=one is not None)
            self.nodes[name] = node
            if parent:
                node.parent = self.node(parent)
                node.parent.children.append(node)
        return self.nodes[name]

    def parent(self, name: str) -> str:
        """Of a class that is new: a class of the schema below QEMU's, where those like it have that one."""
        kind = self.facts.kinds[name]
        fitting: set[str] = set()
        for each in self.facts.kinds.values() if kind.parent in self.schema.classes else ():
            if each.parent == kind.parent and each.name in self.schema.classes:
                parent = self.schema.classes[each.name].parent or kind.parent
                common = set(self.props.of(parent)) & set(each.properties)
                if kind.parent in self.above(parent)[1:] and common <= set(kind.properties):
                    fitting.add(parent)
        return max(sorted(fitting), key=lambda each: len(self.above(each)), default=kind.parent)

    def above(self, name: str) -> list[str]:
        return [one.name for one in self.schema.ancestry(name)]

    def prune(self) -> None:
        """An abstract type with one child only says nothing."""
        for node in list(self.nodes.values()):
            if not node.known and not node.concrete and len(node.children) == 1 and node.parent:
                child = node.children[0]
                child.parent = node.parent
                node.parent.children[node.parent.children.index(node)] = child
                del self.nodes[node.name]

    # ---- what can stand where

    def shared_mixins(self) -> dict[str, set[str]]:
        """Structs that classes of devices mix in, by the names of their members."""
        names = dict.fromkeys(mixin for one in self.schema.classes.values() for mixin in one.mixins
                              if one.layer == "device")
        return {name: {member.name for member in self.schema.members(name)} for name in names}

    def provided(self, node: Node) -> set[str]:
        return set(self.props.of(node.name)) if node.known else set()

    def collect(self, node: Node) -> None:
        for child in node.children:
            self.collect(child)
        # What a newer release no longer has lacks its members, and so has no say.
        sets = [child.wants for child in node.children
                if any(each.concrete and not self.is_gone(each) for each in child.below())]
        if node.concrete and not (self.is_gone(node) and sets):
            sets.append(self.wanted(node))
        if not sets:
            return
        node.wants = {name: kind for name, kind in sets[0].items() if all(each.get(name) == kind for each in sets[1:])}

    def is_gone(self, node: Node) -> bool:
        return node.known and node.concrete and node.kind is not None and node.kind.release != self.facts.releases[-1]

    def wanted(self, node: Node) -> dict[str, str]:
        """What the objects of a concrete class have; '+NAME' is a mixin, '=CHILD' an embedded object."""
        assert node.kind
        known: set[str] = next((self.provided(each) for each in node.ancestry() if each.known), set())
        left = {name: self.typist.identity(name, prop) for name, prop in node.kind.properties.items()
                if name not in NO_MEMBERS and not self.is_hidden(node, name, prop)}
        result: dict[str, str] = {}
        if not node.known:
            for child, kind in node.kind.children.items():
                shared = self.shared(node, kind, known)
                common = shared & set(left)
                # A transport reports no links; those of its child are its own too.
                if common and all(self.facts.kinds[kind].properties[name].type == "link" for name in shared - common):
                    common = shared
                if common and (common == shared or (child == BACKEND and 2 * len(common) > len(shared))):
                    left = {name: each for name, each in left.items() if name not in common}
                    result["=" + child] = " ".join([kind, *(sorted(common) if common != shared else ())])
            for mixin, names in self.mixins.items():
                if names <= set(left) and not names & known and self.fit(mixin, node.kind):
                    left = {name: each for name, each in left.items() if name not in names}
                    result["+" + mixin] = mixin
        return result | left

    def is_hidden(self, node: Node, name: str, prop: Property) -> bool:
        """What can neither be set nor seen; and a link that a known device, or its embedded device, has no member for."""
        assert node.kind
        if prop.type == "link":
            embedded = [self.facts.kinds[kind] for kind in node.kind.children.values() if kind in self.facts.kinds]
            return node.known or any(name in kind.properties for kind in embedded)
        if name.startswith("legacy-"):
            return True
        unreadable = name in node.kind.read_only or prop.note.startswith("error")
        return unreadable and all(text is None for text in prop.vector)

    def shared(self, node: Node, child: str, known: set[str]) -> set[str]:
        """What an embedded child of type @child gives, beside what all devices have."""
        kind = self.facts.kinds.get(child)
        if kind is None or not kind.observed or kind.abstract:
            return set()
        top = {name for each in node.ancestry() if each.name in ROOTS for name in self.provided(each)}
        names = {name for name in kind.properties if name not in NO_MEMBERS and not name.startswith("legacy-")}
        names -= top | {"realized", "hotplugged", "hotpluggable"}
        return set() if names & known else names

    def given(self, node: Node, one: Embedded) -> set[str]:
        """The members that an embedded object shares with @node."""
        return set(one.names) or self.shared(node, one.kind, set())

    def fit(self, mixin: str, kind: Kind) -> bool:
        members = {member.name: member for member in self.schema.members(mixin)}
        return all(self.typist.fits(member, kind.properties[name]) for name, member in members.items())

    def assign(self, node: Node, above: set[str]) -> None:
        """Gives the class what its objects have and no ancestor declares."""
        provided = self.provided(node)
        if node.known and not node.concrete and sum(each.concrete for each in node.below()) < 2:
            node.wants = {}         # of what one class alone has, a base that is there learns nothing
        taken = {name for child in node.children for each in child.below() if each.known
                 for name in self.provided(each)} - provided
        for name, kind in node.wants.items():
            if name in above or name in provided or name in taken:
                continue
            if name.startswith("+"):
                node.mixins.append(kind)
            elif name.startswith("="):
                embedded, *names = kind.split()
                node.embeds[name[1:]] = Embedded(embedded, tuple(names))
            else:
                node.own[name] = kind
        above = above | provided | set(node.wants) - taken
        for child in node.children:
            self.assign(child, above)

    def gain(self, node: Node) -> None:
        """What a class of the schema is to declare comes by itself, where it shares all members of an embedded object."""
        ancestors = {each.name for each in node.ancestry()}
        for embed in self.schema.classes[node.name].embeds if node.known else ():
            if embed.all and embed.class_name in self.nodes:
                for each in self.nodes[embed.class_name].ancestry():
                    for prop in set(each.own) & set(node.own) if each.name not in ancestors else ():
                        del node.own[prop]
                        node.gained[prop] = embed.class_name

    # ---- cells

    def vector(self, node: Node, prop: str) -> Vector:
        one = node.kind.properties.get(prop) if node.kind and node.concrete and prop not in COMPUTED else None
        if one and "device" not in (each.name for each in node.ancestry()) and len({*one.vector} - {None}) > 1:
            return self.levelled(node.name, prop, one.vector)
        return one.vector if one else ()

    def levelled(self, name: str, prop: str, vector: Vector) -> Vector:
        """Of a backend, which sees neither machine nor target: what most of them have."""
        if (name, prop) not in self.level:
            votes = Counter(text for text in vector if text is not None)
            most = votes.most_common(1)[0][0]
            self.level[name, prop] = tuple(None if text is None else most for text in vector)
        return self.level[name, prop]

    def leaves(self, node: Node, prop: str) -> list[Vector]:
        return [vector for each in node.below() for vector in [self.vector(each, prop)] if vector]

    def can_be_absent(self, node: Node, prop: str) -> bool:
        return any(UNSET in vector for vector in self.leaves(node, prop))
