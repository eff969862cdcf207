# SPDX-License-Identifier: MIT
"""The reference, as Markdown pages for Sphinx: what a schema says, for people."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qapigen.backends.commands import Commands
from qapigen.backends.monitor import Monitor
from qapigen.backends.markdown import cell, code, prose, table
from qapigen.buses import said
from qapigen.backends.reference import Reference, is_shown
from qapigen.model import AXES, SYSCALLS, TARGETS, Alias, Class, Member, Option, Schema
from qapigen.qom import interfaces_of
from qapigen.rules import Rule

LAYERS = {"machine": "Machines", "device": "Devices", "backend": "Backends"}


def render(schema: Schema) -> dict[str, str]:
    """{file name: text}."""
    pages = Pages(schema)
    result = {"index.md": pages.index()}
    for layer in LAYERS:
        result[f"{layer}s.md"] = pages.layer(layer)
    for one in schema.classes.values():
        result[f"class-{one.name}.md"] = pages.class_page(one)
    result |= {"platform.md": pages.platform(), "options.md": pages.options(),
               "commands.md": Commands(schema).page(), "monitor.md": Monitor(schema).page(),
               "types.md": pages.types()}
    return {name: re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n" for name, text in result.items()}


def toctree(names: Iterable[str], hidden: bool = False) -> str:
    return "\n".join(["", "```{toctree}", ":maxdepth: 1", *([":hidden:"] if hidden else []), "", *names, "```", ""])


class Pages:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.reference = Reference(schema)

    def index(self) -> str:
        schema = self.schema
        title = f"Reference of {schema.program}" if schema.program else "Reference"
        text = [f"# {title}", "", "Made from the schema by `qapi-gen docs`. Every member is listed with its default at "
                "every version, and why it changed.", ""]
        for axis in AXES[1:]:
            names = [version.name + (" (open)" if version.is_open else "") for version in schema.versions[axis][1:]]
            if names:
                text += [f"Versions of the {axis} axis: {', '.join(names)}.", ""]
        pages = [f"{layer}s" for layer in LAYERS] + ["platform", "options", "commands", "monitor", "types"]
        return "\n".join(text) + toctree(pages)

    # ---- classes

    def layer(self, layer: str) -> str:
        classes = [one for one in self.schema.classes.values() if one.layer == layer]
        rows = [[self.reference.class_link(one.name), self.kind_of(one), prose(one.doc)] for one in classes]
        text = f"# {LAYERS[layer]}\n\n" + table(["class", "", ""], rows)
        return text + toctree([f"class-{one.name}" for one in classes], hidden=True) if classes else text

    def kind_of(self, one: Class) -> str:
        if one.abstract:
            return "abstract"
        marks = ["made by others"] * (not one.user_creatable) + ["configuration only"] * (one.model == "none")
        return ", ".join(marks)

    def class_page(self, one: Class) -> str:
        text = [f"# {one.name}", "", prose(one.doc), "", self.facts(one), ""]
        mixed = [member for mixin in one.mixins for member in self.schema.members(mixin)]
        for title, members in [("Members", one.own), ("Mixed in", mixed)]:
            if members:
                text += [f"## {title}", "", *(self.member(member) for member in members)]
        for embed in one.embeds:
            text += [f"## Embedded: {embed.name}", "", self.embedded(embed.class_name, embed.all, embed.renames), ""]
        if one.defaults:
            text += ["## Other defaults for members it has from elsewhere", ""]
            for restated in one.defaults:
                text += [f"### {restated.member}", "", self.reference.history(restated.timeline), ""]
        why_differs = [f"- {code(name)}: {prose(why)}" for name, why in one.differs]
        if why_differs:
            text += ["## Where it differs from its siblings", "", *why_differs, ""]
        for ancestor in self.schema.ancestry(one.name)[1:]:
            names = [member.name for member in ancestor.own]
            names += [member.name for mixin in ancestor.mixins for member in self.schema.members(mixin)]
            if names:
                text += [f"Members of {self.reference.class_link(ancestor.name)}: {', '.join(map(code, names))}.", ""]
        return "\n".join(text)

    def embedded(self, name: str, everything: bool, renames: tuple[tuple[str, str], ...]) -> str:
        link = self.reference.class_link(name)
        if everything:
            return f"{link}, whose members are this class's too."
        if renames:
            pairs = ", ".join(f"{code(own)} for its {code(theirs)}" for own, theirs in renames)
            return f"{link}: {pairs}."
        return f"{link}, whose members are reached through it only."

    def facts(self, one: Class) -> str:
        rows: list[list[str]] = []
        if one.parent:
            rows.append(["parent", self.reference.class_link(one.parent)])
        children = [each.name for each in self.schema.classes.values() if each.parent == one.name]
        if children:
            rows.append(["children", ", ".join(map(self.reference.class_link, children))])
        if one.creates:
            rows.append(["creates by", f"{code(one.creates.union)}: {code(one.creates.tag)} chooses the class"
                         + (f", {code(one.creates.otherwise)} where it is left out" if one.creates.otherwise else "")])
        if not one.abstract and one.tag not in ("", one.name):
            rows.append(["created as", code(one.tag)])
        rows += [["name", f"{code(name)} on {self.reference.targets(targets)}"]
                 for name, targets in self.schema.class_names(one).items() if name != one.name]
        if one.aliases:
            rows.append(["aliases", ", ".join(map(self.alias, one.aliases))])
        interfaces = interfaces_of(self.schema, one)
        if interfaces:
            rows.append(["implements", ", ".join(map(code, interfaces))])
        if one.unlisted or one.qom_parent:
            rows.append(["QOM", f"the parent is {code(one.qom_parent)}" if one.qom_parent else "not a type of QEMU"])
        if one.plugs_into:
            rows.append(["plugs into", code(one.plugs_into)])
        if one.at_most_one:
            rows.append(["number", "at most one in a VM"])
        if one.needs_machines:
            rows.append(["needs a machine of", ", ".join(map(self.reference.class_link, one.needs_machines))])
        if one.needs_accels:
            rows.append(["needs the accelerator", " or ".join(map(code, one.needs_accels))])
        rows += [["rule", rule_text(rule)] for rule in one.rules]
        for bus in one.buses:
            rows.append(["provides bus", f"{code(bus.type)} as {code(bus.name)}{prose(said(bus))}"])
        calls = [code(name) for name in one.syscalls]
        calls += [f"{code(name)} for some objects" for name in one.optional_syscalls]
        if calls:
            rows.append(["system calls", f"{', '.join(calls)}, of {self.reference.type_link(SYSCALLS)}"])
        if one.is_machine:
            rows += self.machine_facts(one)
        elif self.schema.targets_of(one):
            rows.append(["targets", self.reference.targets(self.schema.targets_of(one))])
        if not one.abstract and one.model == "none":
            rows.append(["model", "none yet: it can be configured and resolved, not started"])
        elif not one.is_machine and self.kind_of(one):
            rows.append(["", self.kind_of(one)])
        rows += [["feature", feature.name] for feature in one.features]
        rows += [["life", text] for text in self.reference.life(one.life)]
        rows.append(["defined in", code(self.reference.place(one.where))])
        return table(["", ""], rows)

    def alias(self, alias: Alias) -> str:
        return code(alias.name) + (f" on {self.reference.targets(alias.targets)}" if alias.targets else "")

    def machine_facts(self, one: Class) -> list[list[str]]:
        rows = []
        versions = self.schema.versions["machine"]
        name = one.machine_name or one.name
        if one.version_from and not one.abstract:
            last = versions[one.version_to or len(versions) - 1].name
            first = versions[one.version_from].name
            rows.append(["machines", f"{code(f'{name}-{first}')} to {code(f'{name}-{last}')}"])
            if one.deprecated_to:
                rows.append(["deprecated", f"up to {versions[one.deprecated_to].name}"])
        elif not one.abstract:
            rows.append(["machine", f"{code(name)}, without versions"])
        if self.schema.targets_of(one):
            rows.append(["targets", self.reference.targets(self.schema.targets_of(one))])
        if one.default_for:
            rows.append(["default", f"on {self.reference.targets(one.default_for)}"])
        return rows

    def member(self, member: Member) -> str:
        text = [f"### {member.name}", "", prose(member.doc), "", self.reference.traits(member), ""]
        if member.default:
            text += [self.reference.history(member.default), ""]
        elif member.absent_means:
            text += [f"No default. Absent: {prose(member.absent_means)}.", ""]
        return "\n".join(text)

    # ---- the rest

    def platform(self) -> str:
        text = ["# Platform features", ""]
        demands = self.reference.demands()
        for feature in self.schema.features.values():
            text += [f"## {feature.name}", "", prose(feature.doc), "",
                     f"Since platform {self.schema.versions['platform'][feature.since].name}; probed by "
                     f"{code(feature.probe)}.", ""]
            for owner, member in demands.get(feature.name, []):
                link = self.reference.class_link(owner) if owner in self.schema.classes else code(owner)
                text.append(f"- demanded by {link} {code(member)}")
            text.append("")
        return "\n".join(text)

    def options(self) -> str:
        text = ["# Options", ""]
        for option in self.schema.options.values():
            text += [f"## -{option.name}", "", prose(option.doc), "", self.option_facts(option), ""]
        return "\n".join(text)

    def option_facts(self, option: Option) -> str:
        facts = []
        if option.class_suffixes:
            facts.append("Creates the class whose name is the value and " + ", ".join(
                f"{code(suffix)} on {target}" for target, suffix in zip(TARGETS, option.class_suffixes) if suffix))
        elif option.creates:
            facts.append(f"Creates what {self.reference.class_link(option.creates)} is the root of")
        elif option.type:
            facts.append(f"Takes {self.reference.type_link(option.type)}")
        if option.multiple:
            facts.append("may be repeated")
        if option.expands_by:
            facts.append("text is written out by a function, an object is taken as it is" if option.creates else
                         "stands for other options")
        if option.separator:
            facts.append(f"values in one text are separated by {code(option.separator)}")
        if option.targets:
            facts.append("on " + ", ".join(name for bit, name in enumerate(TARGETS) if option.targets >> bit & 1))
        if option.excludes:
            facts.append("not together with " + ", ".join(code(f"-{name}") for name in option.excludes))
        if option.words:
            facts.append("an argument that is no option is a value of it")
        if option.help_of:
            facts.append(f"prints the help of {code(f'-{option.help_of}')}")
        if option.recorded:
            facts.append("recorded: a program that starts refuses it")
        if option.implied_key:
            facts.append(f"a first value without a key is its {code(option.implied_key)}")
        if option.aliases:
            facts.append("also " + ", ".join(code(f"-{alias}") for alias in option.aliases))
        if option.forms:
            facts.append("has the texts " + ", ".join(code(form.text) for form in self.reference.schema.forms.flat(option.forms)))
        if option.key_of:
            facts.append(f"{code(f'-{option.key_of[0]} {option.key_of[1]}=')} creates its values")
        if option.requires:
            facts.append(f"requires {code(f'-{option.requires}')}")
        if option.section:
            facts.append(f"{code('[' + option.section + ']')} in files")
        if option.bare_keys is not None:
            facts.append("a key without a value is on, and " + code("no") + " before it makes it off")
        facts += [f"its {code(key)} is a default of {self.reference.class_link(owner)} {code(member)}"
                  for key, owner, member in option.globals]
        if option.expands_to:
            facts.append(f"stands for {code(option.expands_to)}")
        facts += self.reference.life(option.life)
        return "; ".join(facts) + "." if facts else ""

    def types(self) -> str:
        text = ["# Types", ""]
        for name, kind in self.schema.types.items():
            if is_shown(kind):
                text += [f"## {name}", "", prose(kind.doc), "", self.reference.type_body(kind), ""]
        if self.schema.buses:
            rows = [[code(bus.name), code(bus.parent) if bus.parent else "", ", ".join(map(code, bus.address)),
                     cell("; ".join([bus.doc, *self.reference.life(bus.life)]))] for bus in self.schema.buses.values()]
            text += ["## Bus types", "", table(["bus", "parent", "a place is", ""], rows), ""]
        for title, interfaces in (("Interfaces", True), ("Internal types", False)):
            kinds = [kind for kind in self.schema.qom_types.values() if kind.is_interface == interfaces]
            if kinds:
                rows = [[code(kind.name), code(kind.parent) if kind.parent else "",
                         cell("; ".join([kind.doc, *self.reference.life(kind.life)]))] for kind in kinds]
                text += [f"## {title}", "", table(["type", "parent", ""], rows), ""]
        return "\n".join(text)


def rule_text(rule: Rule) -> str:
    """A rule in words."""
    def plain(text: str) -> str:
        return code(text.removeprefix("!").removeprefix("self."))

    inputs = list(map(plain, rule.inputs))
    low, high = rule.limits
    text = {"": "refused", "range": f"from {low} to {high}", "length": f"{low} to {high} bytes",
            "values": f"one of {', '.join(rule.values)}", "at-most": f"at most {inputs[-1] if inputs else ''}",
            "multiple-of": f"a multiple of {inputs[-1] if inputs else ''}", "power-of-two": "a power of two",
            "given": f"{low} to {high} of these are present",
            "together": "all are present, or none",
            "share": f"at most {high} {', '.join(rule.values)} in a VM", "blocks-migration": "blocks migration",
            "needs-file": f"the host has {', '.join(rule.values)}{'…' * bool(inputs)}"}[rule.demand]
    subject = ", ".join(inputs[:1] if rule.demand in ("at-most", "multiple-of") else inputs)
    conditions = [f"{plain(name)} is {'not ' * name.startswith('!')}{code(pattern)}"
                  for name, pattern in zip(rule.guards[::2], rule.guards[1::2])]
    return (f"{subject}: " if subject else "") + text + (" where " + " and ".join(conditions) if conditions else "")
