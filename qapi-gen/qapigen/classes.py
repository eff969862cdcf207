# SPDX-License-Identifier: MIT
"""Classes and machines: headers first, so that everything can name them, then members and defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from qapigen.buses import check_buses, provided_bus
from qapigen.history import Entry, Retired, Timeline
from qapigen.identity import identity_of
from qapigen.life import life_of
from qapigen.model import (
    LAYER_UNITS, SYSCALLS, WORKING_MODELS, Alias, Claim, Class, Creates, Embed, Enum, Member, ProvidedBus, Restated, Schema,
    Struct,
)
from qapigen.parse import DEPTH_MAX, Node
from qapigen.parts import Members, cond_of, features_of, flag, targets_of
from qapigen.qom import qom_parts
from qapigen.record import dataclass, replace
from qapigen.rules import rules_of
from qapigen.served import in_engine_of, served_of
from qapigen.shape import Shape
from qapigen.short import check_short, short_of
from qapigen.source import SchemaError, Where, suggestion
from qapigen.templates import templates_of
from qapigen.timelines import Timelines, text_of, texts_of

CLASS_KEYS = ("parent", "layer", "abstract", "user-creatable", "hotpluggable", "mixins", "config", "embed",
              "defaults", "differs", "creates", "tag-value", "plugs-into", "provides-bus", "model", "like",
              "features", "if", "targets", "short", "aliases", "syscalls", "life", "implements", "unlisted",
              "qom-parent", "at-most-one", "shared", "needs-machines", "needs-accels", "needs-host", "alias-of",
              "migration", "rules", "served", "in-engine", "identity")
MACHINE_KEYS = (*CLASS_KEYS, "versions", "name", "claims", "default-for")
# A default to inherit where the member has none.
ABSENT = Entry(None, Where(""), absent=True)
MODELS = (*WORKING_MODELS, "none", "checks")
MIGRATIONS = ("unsafe", "safe", "static")


@dataclass(frozen=True)
class Prop:
    """A member as a class has it: with the default in force there, and the class that brought it."""

    member: Member
    default: Timeline | None
    owner: str


class Props:
    """The members of classes, by name."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.known: dict[str, dict[str, Prop]] = {}
        self.own: dict[str, dict[str, Prop]] = {}

    def of(self, name: str) -> dict[str, Prop]:
        """A class that adds nothing has the very dictionary of its parent."""
        if name not in self.known:
            one = self.schema.classes[name]
            adds = one.own or one.mixins or one.embeds or one.defaults or not one.parent
            self.known[name] = self.collect(one) if adds else self.of(one.parent)
        return self.known[name]

    def inherited(self, one: Class) -> dict[str, Prop]:
        """Without its own members and defaults."""
        return {**(self.of(one.parent) if one.parent else {}), **self.mixed(one)}

    def mixed(self, one: Class) -> dict[str, Prop]:
        """Of its mixins, and of the children that it embeds."""
        props = {member.name: Prop(member, member.default, one.name) for mixin in one.mixins
                 for member in self.schema.members(mixin)}
        for embed in one.embeds:
            props.update(self.shared(one, embed))
        return props

    def shared(self, one: Class, embed: Embed) -> dict[str, Prop]:
        """The child's members that are the embedder's too: not those of a common ancestor."""
        child = self.of(embed.class_name)
        if not embed.all:
            return {own: child[theirs] for own, theirs in embed.renames}
        ancestors = {each.name for each in self.schema.ancestry(one.name)}
        return {name: prop for name, prop in child.items() if prop.owner not in ancestors}

    def collect(self, one: Class) -> dict[str, Prop]:
        props = dict(self.of(one.parent)) if one.parent else {}
        own = self.mixed(one)
        for member in one.own:
            own[member.name] = Prop(member, member.default, one.name)
        for restated in one.defaults:
            name = restated.member
            own[name] = replace(own[name] if name in own else props[name], default=restated.timeline)
        self.own[one.name] = own
        props.update(own)
        return props

    def fresh(self, name: str) -> dict[str, Prop]:
        """Those that its parent does not have, or has with another default."""
        self.of(name)
        return self.own.get(name, {})


def props_of(schema: Schema) -> Props:
    """Of a schema whose classes are complete: they are collected once."""
    if schema.props is None:
        schema.props = Props(schema)
    return schema.props  # type: ignore[no-any-return]


def foundations(shape: Shape) -> list[str | None]:
    """What a class builds on: its parent, the one that it is like, those that it embeds."""
    embed = shape.node.get("embed")
    names: list[str | None] = [optional_text(shape, "parent"), optional_text(shape, "like")]
    if embed is not None and embed.is_dict:
        names += [item["class"].value for _, item in embed.items() if item.is_dict and "class" in item and item["class"].is_str]
    return names


class ClassBuilder:
    def __init__(self, schema: Schema, timelines: Timelines, members: Members) -> None:
        self.schema = schema
        self.timelines = timelines
        self.members = members
        self.props = Props(schema)
        self.hotpluggable: dict[str, Node] = {}     # of the classes that say so themselves
        self.wrong: set[str] = set()

    # ---- headers

    def header(self, shape: Shape) -> None:
        node = shape.node
        is_machine = shape.meta == "machine"
        shape.keys(node, shape.meta, (shape.meta,), MACHINE_KEYS if is_machine else CLASS_KEYS)
        shape_name(shape)
        creates = self.creates(shape, node["creates"]) if "creates" in node and not self.is_board(shape) else None
        if "hotpluggable" in node:
            self.hotpluggable[shape.name] = node["hotpluggable"]
        self.schema.classes[shape.name] = Class(
            shape.name, node.where, doc=shape.expr.doc.line if shape.expr.doc else "",
            cond=cond_of(node), features=features_of(node), parent=optional_text(shape, "parent"),
            layer="machine" if is_machine else optional_text(shape, "layer"),
            abstract=flag(shape, node, "abstract"),
            user_creatable=flag(shape, node, "user-creatable", True),
            hotpluggable=flag(shape, node, "hotpluggable", True), creates=creates,
            tag=optional_text(shape, "tag-value"), plugs_into=optional_text(shape, "plugs-into"),
            model=optional_text(shape, "model"), targets=targets_of(shape, node),
            short=short_of(shape), is_machine=is_machine, machine_name=optional_text(shape, "name"),
            default_for=targets_of(shape, node, "default-for"),
            mixins=tuple(texts_of(shape, node["mixins"], "'mixins'")) if "mixins" in node else (),
            aliases=tuple(self.aliases(shape, node["aliases"])) if "aliases" in node else (),
            life=life_of(shape, self.schema, self.timelines.reasons, node), **qom_parts(shape),
            qom_parent=optional_text(shape, "qom-parent"), alias_of=optional_text(shape, "alias-of"),
            migration=optional_text(shape, "migration"), at_most_one=flag(shape, node, "at-most-one"),
            shared=flag(shape, node, "shared"),
            needs_machines=tuple(texts_of(shape, node["needs-machines"], "'needs-machines'")) if "needs-machines" in node else (),
            needs_accels=tuple(texts_of(shape, node["needs-accels"], "'needs-accels'")) if "needs-accels" in node else (),
            rules=rules_of(shape), served=served_of(shape), in_engine=in_engine_of(shape), identity=identity_of(shape),
            **self.versions(shape))

    def aliases(self, shape: Shape, node: Node) -> Iterator[Alias]:
        """Names, or { 'name': ..., 'targets': [...] }."""
        if not node.is_list:
            raise shape.error("'aliases' must be an array", node.where)
        if flag(shape, shape.node, "abstract"):
            raise shape.error("nothing creates an abstract class: it has no aliases", node.where)
        for item in node.value:
            if item.is_dict:
                shape.keys(item, "an alias", ("name", "targets"), ())
            name = item["name"] if item.is_dict else item
            yield Alias(text_of(shape, name, "an alias"), targets_of(shape, item) if item.is_dict else 0, item.where)

    def versions(self, shape: Shape) -> dict[str, Any]:
        node = shape.node.get("versions")
        if node is None:
            return {}
        if not node.is_dict:
            raise shape.error("'versions' must be an object", node.where)
        shape.keys(node, "'versions'", ("from",), ("to", "deprecated-to", "retired"))
        found: dict[str, Any] = {field: self.timelines.version(shape, "machine", node[key])
                 for key, field in (("from", "version_from"), ("to", "version_to"),
                                    ("deprecated-to", "deprecated_to")) if key in node}
        if found.get("version_to", found["version_from"]) < found["version_from"]:
            raise shape.error("'to' is before 'from'", node["to"].where)
        if "retired" in node:
            found["retired"] = self.retired(shape, node["retired"], found["version_from"])
        return found

    def retired(self, shape: Shape, node: Node, after: int) -> tuple[Retired, ...]:
        """[ { 'to': VERSION, 'life': … } ]: versions that ended earlier than the rule of the axis says."""
        if not node.is_list or not all(item.is_dict for item in node.value):
            raise shape.error("'retired' must be an array of objects", node.where)
        result: list[Retired] = []
        for item in node.value:
            shape.keys(item, "'retired'", ("to", "life"), ())
            to = self.timelines.version(shape, "machine", item["to"])
            if to < after:
                raise shape.error("'retired' lists versions from old to new, of the family", item["to"].where)
            after = to + 1
            life = life_of(shape, self.schema, self.timelines.reasons, item)
            assert life
            if life.introduced != (0, 0):
                raise shape.error("a version of a machine was introduced in its release", item["life"].where)
            result.append(Retired(to, life))
        return tuple(result)

    def is_board(self, shape: Shape) -> bool:
        """What a board creates is a list of templates, of its table: board.py."""
        if not shape.node["creates"].is_list or shape.meta != "machine":
            return False
        if not self.schema.places.is_board(shape.node.where):
            raise shape.error("only a board, outside the program, has a list of what it creates", shape.node["creates"].where)
        templates_of(shape, "creates")
        return True

    def creates(self, shape: Shape, node: Node) -> Creates:
        if not node.is_dict:
            raise shape.error("'creates' must be an object", node.where)
        shape.keys(node, "'creates'", ("union", "tag", "kind"), ("id", "wrap", "within", "otherwise", "tag-type"))
        if shape.node.get("parent") is not None:
            raise shape.error("only a root class says what it creates", node.where)
        ident = text_of(shape, node["id"], "'id'") if "id" in node else ""
        wrap = node.get("wrap")
        within = text_of(shape, node["within"], "'within'") if "within" in node else ""
        return Creates(text_of(shape, node["union"], "'union'"), text_of(shape, node["tag"], "'tag'"),
                       text_of(shape, node["kind"], "'kind'"), ident.removeprefix("*"),
                       bool(ident) and not ident.startswith("*"),
                       wrap.value if wrap is not None and wrap.is_str else "", within,
                       text_of(shape, node["otherwise"], "'otherwise'") if "otherwise" in node else "",
                       text_of(shape, node["tag-type"], "'tag-type'") if "tag-type" in node else "")

    def check_header(self, shape: Shape) -> None:
        """What a header inherits: needs all headers."""
        one = self.schema.classes[shape.name]
        chain = [one]
        while chain[-1].parent:
            parent = self.schema.classes.get(chain[-1].parent)
            if parent is None:
                if chain[-1] is not one:
                    return
                raise shape.error(f"unknown parent class '{one.parent}'"
                                  f"{suggestion(one.parent, self.schema.classes)}",
                                  shape.node["parent"].where)
            if parent in chain:
                raise shape.error(f"class '{parent.name}' is its own ancestor", shape.node["parent"].where)
            chain.append(parent)
            if len(chain) > DEPTH_MAX:
                raise shape.error(f"class '{one.name}' has more than {DEPTH_MAX - 1} ancestors", shape.node["parent"].where)
        root = chain[-1]
        layer = root.layer
        if layer not in LAYER_UNITS:
            if root is not one:
                return
            raise shape.error("a root class states its 'layer': backend, device or machine" if not layer else
                              f"unknown layer '{layer}'{suggestion(layer, LAYER_UNITS)}", shape.node.where)
        if one.layer and one.layer != layer:
            raise shape.error(f"layer '{one.layer}' is not that of its root '{root.name}', '{layer}'",
                              shape.node["layer"].where if "layer" in shape.node else None)
        self.check_place(shape, one, layer)
        self.check_model(shape, one)
        self.check_alias_of(shape, one)
        versioned = next((each for each in chain if each.version_from), one)
        stated = next((each.name for each in chain if each.name in self.hotpluggable), one.name)
        self.schema.classes[shape.name] = replace(
            one, layer=layer, hotpluggable=self.schema.classes[stated].hotpluggable, unit=LAYER_UNITS[layer],
            version_from=versioned.version_from, version_to=versioned.version_to, deprecated_to=versioned.deprecated_to,
            retired=versioned.retired)

    def check_place(self, shape: Shape, one: Class, layer: str) -> None:
        """A class stands in the directory of its layer, where the schema has such directories."""
        directory, unit = self.directory(one), LAYER_UNITS[layer]
        parent = self.schema.classes.get(one.parent)
        if directory in (unit, "") or (parent and self.directory(parent) not in (unit, "")):
            return
        raise shape.error(f"layer '{layer}' comes from '{parent.name}', but this is {directory}/: name a parent of this "
                          f"layer, or move it to {unit}/" if parent else
                          f"layer '{layer}' belongs into {unit}/, and this is {directory}/")

    def directory(self, one: Class) -> str:
        """The unit whose directory it stands in; empty: in no unit's."""
        layer = self.schema.places.layer(one.where)
        return layer if layer in LAYER_UNITS.values() else ""

    def check_alias_of(self, shape: Shape, one: Class) -> None:
        other = self.schema.classes.get(one.alias_of)
        if not one.alias_of:
            return
        if other is None:
            raise shape.error(f"'alias-of' names unknown class '{one.alias_of}'{suggestion(one.alias_of, self.schema.classes)}",
                              shape.node["alias-of"].where)
        if one.abstract or other is one or other.abstract or other.alias_of or other.parent != one.parent:
            raise shape.error(f"'alias-of': both are concrete classes with one parent, and '{other.name}' is no alias",
                              shape.node["alias-of"].where)

    def check_model(self, shape: Shape, one: Class) -> None:
        if one.model and one.model not in MODELS:
            raise shape.error(f"unknown model '{one.model}'{suggestion(one.model, MODELS)}",
                              shape.node["model"].where)
        if one.migration and one.migration not in MIGRATIONS:
            raise shape.error(f"unknown 'migration' '{one.migration}'{suggestion(one.migration, MIGRATIONS)}; expected "
                              f"{', '.join(MIGRATIONS)}", shape.node["migration"].where)
        if not one.abstract and not one.model:
            raise shape.error("a concrete class states its 'model': own, inherited, fallback, checks or none")
        if one.abstract and one.model == "inherited":
            raise shape.error("an abstract class has a model of its own or says nothing",
                              shape.node["model"].where)
        if one.plugs_into and one.plugs_into not in self.schema.buses:
            raise shape.error(f"unknown bus type '{one.plugs_into}'"
                              f"{suggestion(one.plugs_into, self.schema.buses)}",
                              shape.node["plugs-into"].where)

    # ---- bodies

    def check_mixins(self, shape: Shape) -> None:
        """Needs all plain types; those who embed the class rely on it."""
        for mixin in self.schema.classes[shape.name].mixins:
            where = shape.node["mixins"].where
            if mixin not in self.schema.types:
                raise shape.error(f"unknown mixin '{mixin}'{suggestion(mixin, self.schema.types)}", where)
            if not isinstance(self.schema.types[mixin], Struct):
                raise shape.error(f"mixin '{mixin}' is not a struct", where)

    def syscalls(self, shape: Shape, one: Class) -> Class:
        """Its own and its ancestors'; '*' stands before what some objects need, and others do not."""
        node = shape.node.get("syscalls")
        groups = self.schema.types.get(SYSCALLS)
        known = groups.names if isinstance(groups, Enum) else []
        parent = self.schema.classes.get(one.parent)
        needed = set(parent.syscalls) if parent else set()
        optional = set(parent.optional_syscalls) if parent else set()
        for name in texts_of(shape, node, "'syscalls'") if node is not None else ():
            if name.removeprefix("*") not in known:
                raise shape.error(f"unknown group of system calls '{name.removeprefix('*')}'"
                                  f"{suggestion(name.removeprefix('*'), known)}", node.where if node else None)
            (optional if name.startswith("*") else needed).add(name.removeprefix("*"))
        return replace(one, syscalls=tuple(name for name in known if name in needed),
                       optional_syscalls=tuple(name for name in known if name in optional - needed))

    def needs_host(self, shape: Shape, one: Class) -> tuple[str, ...]:
        """Its own and its ancestors' platform features."""
        node = shape.node.get("needs-host")
        parent = self.schema.classes.get(one.parent)
        names = texts_of(shape, node, "'needs-host'") if node is not None else []
        for name in names:
            if name not in self.schema.features:
                raise shape.error(f"'needs-host': unknown platform feature '{name}'{suggestion(name, self.schema.features)}",
                                  node.where if node else None)
        return (*(parent.needs_host if parent else ()), *names)

    def ordered(self, shapes: list[Shape]) -> list[Shape]:
        """Parents, embedded and copied classes before those that build on them."""
        by_name = {shape.name: shape for shape in shapes}
        done: dict[str, Shape] = {}

        def visit(shape: Shape) -> None:
            if shape.name in done:
                return
            pending.append(shape.name)
            for name in foundations(shape):
                if name in by_name and name not in pending:
                    visit(by_name[name])
            pending.pop()
            done[shape.name] = shape

        pending: list[str] = []
        for shape in shapes:
            visit(shape)
        return list(done.values())

    def body(self, shape: Shape) -> None:
        """What builds on a class that is wrong is left alone: it would be wrong for the same reason."""
        wrong = any(name in self.wrong for name in foundations(shape))
        self.wrong.add(shape.name)
        if not wrong:
            self.fill(shape)
            self.wrong.remove(shape.name)

    def fill(self, shape: Shape) -> None:
        node = shape.node
        one = self.schema.classes[shape.name]
        config = node.get("config")
        if config is not None:
            if not config.is_dict:
                raise shape.error("'config' must be an object", config.where)
            shape.members(config, "'config'", loose_names=True)
        one = replace(self.syscalls(shape, one), needs_host=self.needs_host(shape, one),
                      own=told_apart(self.members.build(shape, config, shape.expr.doc)), embeds=self.embeds(shape),
                      buses=self.buses(shape))
        if "claims" in node:
            one = replace(one, claims=self.claims(shape))
        if "like" in node:
            one = self.copy(shape, one)
        self.schema.classes[shape.name] = one
        self.check_clashes(shape, one)
        restated = self.restated(shape, one)
        restated += self.hotplug_default(one)
        named = {each.member for each in restated}
        copied = tuple(each for each in one.defaults if each.member not in named)
        one = replace(one, defaults=copied + self.changing(one, restated), differs=self.differs(shape, one))
        check_short(shape, one, self.props.of(one.name))
        self.schema.classes[shape.name] = one
        self.props.known.pop(shape.name, None)
        self.props.own.pop(shape.name, None)
        check_buses(self.schema, one, self.props.of(one.name))

    def embeds(self, shape: Shape) -> tuple[Embed, ...]:
        node = shape.node.get("embed")
        result: list[Embed] = []
        for name, item in node.items() if node is not None and node.is_dict else ():
            if not item.is_dict:
                raise shape.error(f"embedded '{name}' must be an object", item.key)
            shape.keys(item, f"embedded '{name}'", ("class",), ("members",))
            target = text_of(shape, item["class"], "'class'")
            if target not in self.schema.classes:
                raise shape.error(f"embedded '{name}': unknown class '{target}'"
                                  f"{suggestion(target, self.schema.classes)}", item["class"].where)
            if self.schema.is_a(shape.name, target) or target == shape.name:
                raise shape.error(f"embedded '{name}': a class can't embed itself", item["class"].where)
            members = item.get("members")
            renames: tuple[tuple[str, str], ...] = ()
            if members is not None and members.is_dict:
                child = self.props.of(target)
                for own, theirs in members.items():
                    if text_of(shape, theirs, "a member's name") not in child:
                        raise shape.error(f"class '{target}' has no member '{theirs.value}'"
                                          f"{suggestion(theirs.value, child)}", theirs.where)
                    renames += ((own, theirs.value),)
            elif members is not None and members.value != "all":
                raise shape.error("'members' is 'all' or an object of names", members.where)
            result.append(Embed(name, target, item.key, members is not None and members.is_str, renames))
        return tuple(result)

    def claims(self, shape: Shape) -> tuple[Claim, ...]:
        """A class's own stand before those of its ancestors."""
        result: list[Claim] = []
        for name, members in shape.node["claims"].items():
            if name not in self.schema.classes or self.schema.classes[name].layer != "backend":
                raise shape.error(f"'claims' names unknown backend '{name}'{suggestion(name, self.schema.classes)}", members.key)
            result += [Claim(name, member, text_of(shape, decides, "a member's name"), decides.where)
                       for member, decides in members.items()]
        return tuple(sorted(result, key=lambda claim: -len(self.schema.lineage(claim.class_name))))

    def buses(self, shape: Shape) -> tuple[ProvidedBus, ...]:
        node = shape.node.get("provides-bus")
        if node is None:
            return ()
        result = []
        for item in node.value if node.is_list else [node]:
            if not item.is_dict:
                raise shape.error("'provides-bus' must be an array of objects", item.where)
            result.append(provided_bus(shape, item, self.schema.buses))
        return tuple(result)

    def check_clashes(self, shape: Shape, one: Class) -> None:
        """A name belongs to one member, wherever it comes from."""
        if not (one.mixins or one.own or one.embeds):
            return
        owners: dict[str, str] = {}

        def claim(name: str, owner: str, where: Node | None) -> None:
            if name in owners:
                raise shape.error(f"member '{name}' of {owner} clashes with that of {owners[name]}",
                                  where.where if where is not None else None)
            owners[name] = owner

        creates = self.schema.root_of(one.name).creates
        # Members that are wrapped stand apart from the tag.
        for name in (creates.within or creates.tag, creates.id) if creates and one.user_creatable else ():
            if name:
                owners[name] = f"the root '{self.schema.root_of(one.name).name}'"
        for name in self.props.of(one.parent) if one.parent else ():
            owners[name] = f"parent '{one.parent}'"
        for mixin in one.mixins:
            for member in self.schema.members(mixin):
                claim(member.name, f"mixin '{mixin}'", shape.node["mixins"])
        for member in one.own:
            claim(member.name, f"class '{one.name}'",
                  shape.node["config"]["*" * member.optional + (member.alias_of or member.name)])
        for embed in one.embeds:
            for name in self.props.shared(one, embed):
                claim(name, f"embedded '{embed.name}'", shape.node["embed"][embed.name])

    def restated(self, shape: Shape, one: Class) -> tuple[Restated, ...]:
        node = shape.node.get("defaults")
        if node is None:
            return ()
        if not node.is_dict:
            raise shape.error("'defaults' must be an object", node.where)
        props = self.props.inherited(one)
        own = {member.name for member in one.own}
        result = []
        for name, item in node.items():
            if name in own:
                raise shape.error(f"'{name}' is the class's own: its default belongs to the member",
                                  item.key)
            if name not in props:
                raise shape.error(f"'defaults' names unknown member '{name}'{suggestion(name, props)}",
                                  item.key)
            member, before = props[name].member, props[name].default
            if not member.optional:
                raise shape.error(f"member '{name}' is mandatory and has no default", item.key)
            if member.alias_of:
                raise shape.error(f"'{name}' is an alias: its default is that of '{member.alias_of}'", item.key)
            before = before or Timeline("", (replace(ABSENT, where=item.where),), item.where)
            timeline = self.timelines.build(shape, name, item, before)
            result += [Restated(each, timeline, item.key) for each in (name, *aliases_of(props, name))]
        return tuple(result)

    def hotplug_default(self, one: Class) -> tuple[Restated, ...]:
        """Objects report in a read-only member, where they have one, whether the class is hot-pluggable."""
        node = self.hotpluggable.get(one.name)
        if node is None:
            return ()
        prop = self.props.inherited(one).get("hotpluggable")
        if prop is None or not prop.member.has("read-only") or not prop.default or (
                prop.default.entries[-1].value == one.hotpluggable):
            return ()
        return (Restated("hotpluggable", Timeline("", (Entry(one.hotpluggable, node.where),), node.where), node.key),)

    def changing(self, one: Class, restated: tuple[Restated, ...]) -> tuple[Restated, ...]:
        """Without those by which it is, after all that it is like another, as its parent."""
        if not one.defaults:
            return restated
        copied = {each.member: each.timeline.entries for each in one.defaults}
        props = self.props.inherited(one)
        inherited = {name: prop.default.entries for name, prop in props.items() if prop.default}
        for each in restated:
            if copied.get(each.member) == each.timeline.entries:
                raise SchemaError(each.where, f"In class '{one.name}': 'defaults' states for '{each.member}' what the class "
                                  "that it is like has: drop it")
        return tuple(each for each in restated
                     if each.member not in copied or inherited.get(each.member) != each.timeline.entries)

    def differs(self, shape: Shape, one: Class) -> tuple[tuple[str, str], ...]:
        node = shape.node.get("differs")
        if node is None:
            return ()
        known = self.props.of(one.name)
        for name, why in node.items():
            if name not in known:
                raise shape.error(f"'differs' names unknown member '{name}'{suggestion(name, known)}",
                                  why.key)
            if not text_of(shape, why, "'differs'").strip():
                raise shape.error(f"'differs' of '{name}' must say why", why.where)
        return tuple((name, why.value) for name, why in node.items())

    def copy(self, shape: Shape, one: Class) -> Class:
        """'like': the other's restated defaults, those of its own members, and what it stands for."""
        name = optional_text(shape, "like")
        other = self.schema.classes.get(name)
        if other is None:
            raise shape.error(f"unknown class '{name}'{suggestion(name, self.schema.classes)}",
                              shape.node["like"].where)
        if other.parent != one.parent or other.own or other.embeds:
            raise shape.error(f"class '{name}' is not a sibling without members of its own",
                              shape.node["like"].where)
        return replace(one, defaults=other.defaults)


def aliases_of(props: dict[str, Prop], name: str) -> list[str]:
    """The other names of a member, as the class has them."""
    member = props[name].member
    return [] if not member.aliases else [
        other for other, prop in props.items() if prop.member.alias_of == member.name and prop.owner == props[name].owner]


def told_apart(members: tuple[Member, ...]) -> tuple[Member, ...]:
    """Members that are one in C get a field each: processors have flags that differ in '-', '_' and '.' alone."""
    taken: set[str] = set()
    result = []
    fields: dict[str, str] = {}
    for member in members:
        name = member.c_name
        if member.alias_of:
            result.append(replace(member, field=fields[member.alias_of]))
            continue
        while name in taken:
            name += "_"
        taken.add(name)
        fields[member.name] = name
        result.append(member if name == member.c_name else replace(member, field=name))
    return tuple(result)


def optional_text(shape: Shape, key: str) -> str:
    node = shape.node.get(key)
    return "" if node is None else text_of(shape, node, f"'{key}'")


def shape_name(shape: Shape) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.,_+-]*", shape.name):
        raise shape.error(f"{shape.meta} has an invalid name")
