# SPDX-License-Identifier: MIT
"""Manual pages: a page's own text in Markdown, and what the schema says in place of its directives.

A directive is a line of its own:  {options}  the options of the program,  {members}  the members of a configuration file,
{chapter FILE}  the page FILE beside the directory of the page,  {commands}  a text of help.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from qapigen.backends import roff
from qapigen.backends.markdown import prose
from qapigen.backends.reference import Reference, is_shown
from qapigen.model import Enum, Member, Option, Schema, Struct, Union

DIRECTIVE = re.compile(r"^\{(options|members|commands|chapter ([a-z-]+\.md))\}$", re.MULTILINE)
CODE = r"\1"
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Page:
    """A page's file, as docs/man/vintage-vm.1.md."""
    path: str
    text: str

    @property
    def name(self) -> str:
        return os.path.basename(self.path)[:-len(".md")]


def render(schema: Schema, pages: list[Page], help_text: str) -> dict[str, str]:
    """{file name: text}; @help_text: what {commands} is made from."""
    return {page.name: Manual(schema, page, help_text).render() for page in pages}


class Manual:
    def __init__(self, schema: Schema, page: Page, help_text: str) -> None:
        self.schema = schema
        self.reference = Reference(schema)
        self.page = page
        self.help_text = help_text

    def render(self) -> str:
        name, section = self.page.name.rsplit(".", 1)
        lines = [r".\" Made by qapi-gen man from " + f"{os.path.basename(self.page.path)} and the schema.  Edits are lost.",
                 f'.TH {roff.quoted(roff.escape(name.upper()))} {section} "" "Vintage" "Vintage Manual"',
                 ".nh", ".ad l"]
        end = 0
        for match in DIRECTIVE.finditer(self.page.text):
            lines += roff.markdown(self.page.text[end:match.start()])
            lines += self.directive(match[1].split(" ")[0], match[2])
            end = match.end()
        lines += roff.markdown(self.page.text[end:])
        return "\n".join(lines) + "\n"

    def directive(self, name: str, file: str) -> list[str]:
        if name == "chapter":
            with open(os.path.join(os.path.dirname(os.path.dirname(self.page.path)), file), encoding="utf-8") as stream:
                return roff.markdown(stream.read().split("\n", 1)[1])
        if name == "commands":
            return self.commands()
        if name == "members":
            return [line for one in self.schema.options.values() for line in self.member(one)]
        lines: list[str] = []
        for group, title in {"": "", **self.schema.groups}.items():
            own = [one for one in self.schema.options.values() if one.group == group]
            lines += [*(roff.heading(3, title) if title and own else ()), *(line for one in own for line in self.option(one))]
        return lines

    # ---- options

    def option(self, option: Option) -> list[str]:
        names = ", ".join(roff.bold(f"-{name}") for name in (option.name, *option.aliases))
        value = option.metavar or ("" if self.is_flag(option) else "KEY=VALUE[,...]" if self.has_members(option) else "VALUE")
        term = f"{names} {roff.metavar(value)}" if value else names
        return roff.definition(term, [self.words(option.doc), *self.facts(option)]) + self.keys(option)

    def is_flag(self, option: Option) -> bool:
        return not option.type and not option.creates

    def has_members(self, option: Option) -> bool:
        return bool(option.creates) or isinstance(self.schema.types.get(option.type), (Struct, Union))

    def facts(self, option: Option) -> list[str]:
        facts = []
        if option.multiple:
            facts.append("may be repeated")
        if option.targets:
            facts.append(f"on {self.reference.targets(option.targets)}")
        if option.excludes:
            facts.append("not together with " + ", ".join(f"@-{name}" for name in option.excludes))
        if option.recorded:
            facts.append("a program that starts refuses it")
        facts += [LINK.sub(CODE, text) for text in self.reference.life(option.life)]
        text = "; ".join(facts)
        return [self.words(text[0].upper() + text[1:] + ".")] if text else []

    def keys(self, option: Option) -> list[str]:
        """The members of a struct; those of classes are too many for a page."""
        kind = self.schema.types.get(option.type)
        if option.creates or not isinstance(kind, (Struct, Union)) or not is_shown(kind):
            return []
        lines = [".RS"]
        for member in self.schema.members(kind.name):
            text = f"{self.words(member.doc)} {self.default(member)}".rstrip()
            lines += roff.definition(f"{roff.bold(member.name)}={self.kind_of(member)}", [text])
        return [*lines, ".RE"] if len(lines) > 1 else []

    def kind_of(self, member: Member) -> str:
        """Its type; of an enumeration, the values."""
        kind = self.schema.types.get(member.type)
        if isinstance(kind, Enum) and not member.is_list:
            return "|".join(roff.bold(value.name) for value in kind.values)
        return ("list of " if member.is_list else "") + rf"\fI{roff.escape(member.type)}\fR"

    def default(self, member: Member) -> str:
        if member.absent_means:
            return roff.inline(f"(absent: {LINK.sub(CODE, prose(member.absent_means))})")
        text = self.reference.short_default(member)
        return roff.inline(f"(default: {LINK.sub(CODE, text)})") if text else "" if member.optional else "(required)"

    def words(self, text: str) -> str:
        """A documentation comment: @NAME is a name."""
        parts = re.split(r"@(-?[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]|[A-Za-z0-9])", text.replace("\n", " "))
        return "".join(roff.bold(part) if index % 2 else roff.breakable(part) for index, part in enumerate(parts))

    # ---- members of a configuration file

    def member(self, option: Option) -> list[str]:
        if not option.in_files:
            return []
        kind = "true or false" if self.is_flag(option) else "object" if self.has_members(option) else option.type
        if option.multiple:
            kind = f"list; each is {kind}"
        term = rf"{roff.bold(option.name)}: \fI{roff.escape(kind)}\fR"
        return roff.definition(term, [self.words(option.doc)])

    # ---- subcommands

    def commands(self) -> list[str]:
        """From what 'PROGRAM COMMAND --help' prints: uses, text, then indented options and examples, each with a title."""
        lines: list[str] = []
        title = ""
        for line in self.help_text.splitlines():
            use = re.match(r"(usage:|      ) ((?:vintage|qapi-gen) ([\w-]+).*)", line)
            if use:
                title = ""
                lines += roff.heading(3, use[3]) if use[1] == "usage:" else [".br"]
                lines.append(roff.metavar(use[2]))
            elif re.fullmatch(r"[A-Z]\w+:", line):
                title = line
                lines += [".PP", roff.escape(line)]
            elif title == "Examples:" and line:
                lines += roff.verbatim([line.strip()])
            elif re.match(r"( *\S+( \S+)*?)  +\S", line):
                left, right = re.split(r"  +", line.strip(), maxsplit=1)
                lines += [".TP", roff.metavar(left), roff.breakable(right)]
            elif line:
                lines += [".PP", roff.breakable(line)]
        return lines
