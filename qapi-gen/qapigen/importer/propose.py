# SPDX-License-Identifier: MIT
"""What the schema lacks, as text: new classes by file, and what classes of the schema lack."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from qapigen.importer.facts import UNSET
from qapigen.importer.decisions import Decisions
from qapigen.importer.history import History
from qapigen.importer.indexes import folded
from qapigen.importer.likes import Likes
from qapigen.importer.places import Places
from qapigen.importer.settle import Settler
from qapigen.importer.siblings import Siblings
from qapigen.importer.tree import ROOTS, Embedded, Node
from qapigen.importer.words import Words
from qapigen.importer.write import HEADER, Writer, doc, fold, literal
from qapigen.model import TARGETS
from qapigen.names import camel
from qapigen.source import relative

Use = tuple[str, str, History]      # member, type, what is said
LONGEST = 1200                  # lines of a file
PAIRS = {"x86_64": "i386", "aarch64": "arm", "ppc64": "ppc", "riscv64": "riscv32"}


class Lack(NamedTuple):
    """What a class of the schema is to be given."""

    file: str
    owner: str
    key: str                    # config, defaults; a member of its own whose default is another; '=' and one of 'defaults'
    items: list[str]
    docs: list[tuple[str, str]]


class Proposal:
    def __init__(self, settler: Settler, words: Words, decisions: Decisions) -> None:
        self.settler = settler
        self.decisions = decisions
        self.decided: list[tuple[str, str, str]] = []       # class, member, why
        self.tree = settler.tree
        self.schema = self.tree.schema
        self.typist = self.tree.typist
        self.words = words
        self.likes = Likes(settler)
        self.siblings = Siblings(settler)
        self.places = Places(self.tree)
        self.writer = Writer(self.schema, words.why, self.typist.literal)
        self.types: dict[tuple[str, str], dict[str, Any]] = {}
        self.new = [node for node in self.tree.nodes.values() if not node.known]
        for node in self.tree.nodes.values():
            for prop, identity in node.own.items():
                self.types[node.name, prop] = self.attributes(node, prop, identity)
        self.named: dict[Use, str] = {}
        self.homes: dict[str, str] = {}
        self.name_timelines()

    # ---- members

    def attributes(self, node: Node, prop: str, identity: str) -> dict[str, Any]:
        texts = {text for vector in self.tree.leaves(node, prop) for text in vector if text is not None}
        result = self.typist.attributes(prop, identity, texts, self.is_told(node, prop))
        history = self.settler.defaults.get((node.name, prop), ())
        if not history or UNSET in texts or any(step.text == UNSET for step in history):
            result["absent-means"] = self.words.absence(node.name, prop)
        targets = self.member_targets(node, prop)
        if targets:
            result["targets"] = list(targets)
        return result

    def is_told(self, node: Node, prop: str) -> bool:
        kinds = [each.kind for each in node.below() if each.kind and each.concrete and prop in each.kind.properties]
        return all(prop in kind.read_only for kind in kinds)

    def member_targets(self, node: Node, prop: str) -> tuple[str, ...]:
        """Where fewer targets have it than the class."""
        having: set[str] = set()
        lacking: set[str] = set()
        for each in node.below():
            if each.kind and each.concrete and prop in each.kind.properties:
                having |= each.kind.properties[prop].targets
                lacking |= each.kind.targets - each.kind.properties[prop].targets
        return in_order(having) if having and lacking - having else ()

    def type_of(self, node: Node, prop: str) -> Any:
        for each in node.ancestry():
            if (each.name, prop) in self.types:
                return self.types[each.name, prop]["type"]
            if each.known and prop in self.tree.provided(each):
                member = self.tree.props.of(each.name)[prop].member
                return [member.type] if member.is_list else member.type
            for mixin in each.mixins:
                for member in self.schema.members(mixin):
                    if member.name == prop:
                        return member.type
            for one in each.embeds.values():
                if prop in self.tree.given(each, one):
                    return self.type_of(self.tree.nodes[one.kind], prop)
            if prop in each.gained:
                return self.type_of(self.tree.nodes[each.gained[prop]], prop)
        raise KeyError(prop)

    def said(self, node: Node) -> dict[str, History]:
        """What the class says of members it has from elsewhere."""
        if node.name in self.likes.like:
            return self.likes.words[node.name]
        return self.settler.restated.get(node.name, {})

    # ---- timelines of several members

    def uses(self, node: Node) -> list[Use]:
        own = [(prop, self.settler.defaults[node.name, prop]) for prop in node.own if (node.name, prop) in self.settler.defaults]
        return [(prop, str(self.type_of(node, prop)), history) for prop, history in [*own, *self.said(node).items()]
                if len(history) > 1]

    def name_timelines(self) -> None:
        users: dict[Use, list[Node]] = {}
        for node in self.new:
            for use in self.uses(node):
                users.setdefault(use, []).append(node)
        taken = set(self.schema.timelines) | set(self.schema.types)
        for use in sorted(users, key=lambda each: (each[0], -len(users[each]), str(each))):
            nodes = users[use]
            if len(nodes) < 2 or use[1].startswith("["):
                continue
            stem = camel(use[0])
            stem = stem if stem[:1].isalpha() else "Has" + stem
            name = next(each for each in (stem, *(f"{stem}{number}" for number in range(2, 99))) if each not in taken)
            taken.add(name)
            self.named[use] = name
            self.homes[name] = self.home(nodes)

    def home(self, nodes: list[Node]) -> str:
        chains = [[each.name for each in node.ancestry() if not each.known] for node in nodes]
        common = next((name for name in chains[0] if all(name in chain for chain in chains)), nodes[0].name)
        return self.file(self.tree.nodes[common])

    # ---- text

    def files(self) -> dict[str, tuple[str, str]]:
        """Header and definitions of each file."""
        parts: dict[str, list[str]] = {}
        for (prop, kind, history), name in sorted(self.named.items(), key=lambda each: each[1]):
            parts.setdefault(self.homes[name], []).append(self.timeline(name, prop, kind, history))
        for node in self.in_order():
            parts.setdefault(self.file(node), []).append(self.class_text(node))
        return {name: (HEADER.format(self.words.subject(file)), "\n".join(texts))
                for file, all_of in parts.items() for name, texts in split(file, all_of)}

    def lacks(self) -> list[Lack]:
        """Of classes that are there: members that they lack, and defaults that are others."""
        result = []
        for node in self.tree.nodes.values():
            if not node.known:
                continue
            file = relative(self.schema.classes[node.name].where.file, self.schema.root)
            chain = [each.name for each in node.ancestry()]
            lacking = [name for name in sorted(node.own) if not self.decisions.why(chain, name)]
            if lacking:
                patterns = self.patterns(node, lacking)
                docs = [(pattern, self.words.member(node.name, name)) for pattern, name in patterns]
                result.append(Lack(file, node.name, "config", [self.member(node, *each) for each in patterns], docs))
            items = []
            own = {member.name for member in self.schema.classes[node.name].own}
            restated = {each.member for each in self.schema.classes[node.name].defaults}
            for name, history in sorted(self.settler.differing.get(node.name, {}).items()):
                above = self.settler.differing.get(node.parent.name, {}) if node.parent else {}
                why = self.decisions.why(chain, name)
                if why:
                    self.decided.append((node.name, name, why))
                elif name in own:
                    result.append(Lack(file, node.name, name, [self.default(node, name, history, "    ")], []))
                elif name in restated:
                    result.append(Lack(file, node.name, "=" + name, [self.default(node, name, history, "    ")], []))
                elif above.get(name) != history:
                    items.append(f"    '{name}': {self.default(node, name, history, '    ')}")
            if items:
                result.append(Lack(file, node.name, "defaults", items, []))
        return result + self.wider()

    def wider(self) -> list[Lack]:
        """Classes of the schema that more targets have than it states."""
        missing: dict[str, set[str]] = {}
        for node in self.tree.nodes.values():
            if node.known and node.concrete and node.kind:
                mask = self.schema.targets_of(self.schema.classes[node.name])
                lacking = {name for name in in_order(node.kind.targets, alone=node.name.endswith("-cpu"))
                           if mask and not mask >> TARGETS.index(name) & 1}
                owners = [each for each in self.schema.ancestry(node.name) if each.targets]
                if lacking and owners:
                    missing.setdefault(owners[0].name, set()).update(lacking)
        result = []
        for name, more in sorted(missing.items()):
            one = self.schema.classes[name]
            every = [each for bit, each in enumerate(TARGETS) if one.targets >> bit & 1 or each in more]
            result.append(Lack(relative(one.where.file, self.schema.root), name, "targets", [literal(every)], []))
        return result

    def file(self, node: Node) -> str:
        return self.words.places.find(node.name) or self.places.file(node)

    def in_order(self) -> list[Node]:
        """Parents first, those that others are like before them, siblings by name."""
        result: dict[str, Node] = {}

        def visit(node: Node) -> None:
            if node.name in result:
                return
            like = self.likes.like.get(node.name)
            if like:
                visit(self.tree.nodes[like])
            if not node.known:
                result[node.name] = node
            for child in sorted(node.children, key=lambda each: each.name):
                visit(child)

        for root in self.tree.roots():
            visit(root)
        return list(result.values())

    def timeline(self, name: str, prop: str, kind: str, history: History) -> str:
        text = doc(name, self.words.timeline(name, prop), [])
        entries = ",\n".join("    " + line for line in self.writer.entries(prop, kind, history))
        return text + f"{{ 'timeline': '{name}', 'type': '{kind}', 'machine': [\n{entries} ] }}\n"

    def default(self, node: Node, prop: str, history: History, indent: str) -> str:
        kind = self.type_of(node, prop)
        name = self.named.get((prop, str(kind), history))
        return f"'@{name}'" if name else self.writer.default(prop, kind, history, indent)

    def class_text(self, node: Node) -> str:
        members = self.patterns(node, sorted(node.own))
        docs = [(pattern, self.words.member(node.name, name)) for pattern, name in members]
        text = doc(node.name, self.words.of_class(node, self.told_by(node)), docs)
        head = [f"'class': '{node.name}'", f"'parent': '{node.parent.name if node.parent else ''}'"]
        if not node.concrete:
            head.append("'abstract': true")
        if not self.is_creatable(node):
            head.append("'user-creatable': false")
        stated = self.said(node)
        if "hotpluggable" in stated:
            head.append(f"'hotpluggable': {stated['hotpluggable'][0].text}")
        targets = self.targets(node)
        if targets:
            head.append(f"'targets': {literal(list(targets))}")
        if node.mixins:
            head.append(f"'mixins': {literal(sorted(node.mixins))}")
        if node.name in self.likes.like:
            head.append(f"'like': '{self.likes.like[node.name]}'")
        if node.concrete:
            head.append("'model': 'none'")
        return text + self.body(node, head, members, stated)

    def told_by(self, node: Node) -> dict[str, object]:
        """The vendor, family and model that a processor reports on the newest machine."""
        found = {}
        for name in ("vendor", "family", "model", "stepping"):
            texts = [text for text in self.tree.vector(node, name) if text not in (None, UNSET)]
            if texts:
                found[name] = json.loads(str(texts[0]))
        return found if len(found) == 4 else {}

    def embed(self, name: str, one: Embedded) -> str:
        members = "'all'"
        if one.names:
            members = "{\n" + self.writer.packed([f"'{each}': '{each}'" for each in one.names], "    ") + " }"
        return f"'{name}': {{ 'class': '{one.kind}', 'members': {members} }}"

    def is_creatable(self, node: Node) -> bool:
        """Abstract classes are said to be none only where it matters: for a name that creation has taken."""
        if not node.concrete:
            return "id" not in node.own
        return bool(node.kind and node.kind.creatable)

    def body(self, node: Node, head: list[str], members: list[tuple[str, str]], stated: dict[str, History]) -> str:
        blocks = []
        if node.embeds:
            embeds = [self.embed(name, one) for name, one in sorted(node.embeds.items())]
            blocks.append("'embed': { " + ",\n    ".join(embeds) + " }")
        if members:
            blocks.append("'config': {\n" + ",\n".join(self.member(node, *each) for each in members) + " }")
        items = [f"'{name}': {self.default(node, name, history, '    ')}" for name, history in sorted(stated.items())
                 if name != "hotpluggable"]
        if items:
            simple = [item for item in items if "\n" not in item]
            rest = [item for item in items if "\n" in item]
            blocks.append("'defaults': {\n" + self.writer.packed([*simple, *rest], "    ") + " }")
        differs = [f"'{name}': {literal(self.words.difference(node.name, name))}"
                   for name in sorted(self.siblings.differing.get(node.name, ()))]
        if differs:
            blocks.append("'differs': { " + ",\n    ".join(differs) + " }")
        first = "{ " + ", ".join(head)
        lines = [first]
        for block in blocks:
            lines[-1] += ","
            if block.startswith("'embed'") or len(lines) > 1 or block.startswith(("'defaults'", "'differs'")):
                lines.append("  " + block)
            else:
                lines[-1] += " " + block
        return self.head_folded("\n".join(lines)) + " }\n"

    def head_folded(self, text: str) -> str:
        return fold(text, "", "  ")

    def patterns(self, node: Node, names: list[str]) -> list[tuple[str, str]]:
        """The members of a class, those together that differ in an index alone."""
        return folded(names, lambda name: self.member(node, "", name) + self.words.member(node.name, name))

    def member(self, node: Node, pattern: str, name: str) -> str:
        attributes = dict(self.types[node.name, name])
        history = self.settler.defaults.get((node.name, name), ())
        default = ""
        if history and not (len(history) == 1 and history[0].text == UNSET):
            default = self.default(node, name, history, "    ")
        if "any" == attributes["type"] and not default:
            attributes.setdefault("absent-means", self.words.absence(node.name, name))
        return self.writer.member(pattern, attributes, default)

    def targets(self, node: Node) -> tuple[str, ...]:
        """Of the class, where its parent has others."""
        own = self.having(node)
        above = self.having(node.parent) if node.parent else ()
        if node.parent and node.parent.known:
            mask = self.schema.targets_of(self.schema.classes[node.parent.name])
            above = tuple(name for bit, name in enumerate(TARGETS) if mask >> bit & 1) or self.all_targets()
        return own if own != above else ()

    def all_targets(self) -> tuple[str, ...]:
        return in_order(set(self.tree.facts.targets))

    def having(self, node: Node) -> tuple[str, ...]:
        if node.name in ROOTS:
            return self.all_targets()
        return in_order({target for each in node.below() if each.concrete and each.kind for target in each.kind.targets},
                        alone=node.name.endswith("-cpu"))


def split(file: str, texts: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Into files that are not too long to read: the name of the second ends in '-2', and so on."""
    number, lines, part = 1, 0, list[str]()
    for text in texts:
        length = text.count("\n") + 1
        if part and lines + length > LONGEST:
            yield numbered(file, number), part
            number, lines, part = number + 1, 0, []
        part.append(text)
        lines += length
    yield numbered(file, number), part


def numbered(file: str, number: int) -> str:
    return file if number == 1 else f"{file.removesuffix('.json')}-{number}.json"


def in_order(targets: set[str], alone: bool = False) -> tuple[str, ...]:
    wanted = targets | (set() if alone else {PAIRS[each] for each in targets if each in PAIRS})
    return tuple(each for each in TARGETS if each in wanted)


def repeated(proposal: Proposal) -> Counter[Use]:
    """Timelines that are said more than once; none, if naming does its work."""
    found = Counter(use for node in proposal.new for use in proposal.uses(node) if use not in proposal.named)
    return Counter({use: count for use, count in found.items() if count > 1})
