# SPDX-License-Identifier: MIT
"""Templates of options: what an option, or its absence, stands for."""

from __future__ import annotations

import json
import re
from typing import Any

from qapigen.forms import FormsError
from qapigen.model import BUILTINS, Option, Schema, Struct
from qapigen.parts import flag
from qapigen.parse import Node
from qapigen.shape import Shape
from qapigen.source import suggestion
from qapigen.timelines import text_of, texts_of

PLACEHOLDER = re.compile(r"\$(value|machine)((?:\.[a-z0-9_-]+)*)")
# What a text may have: placeholders, and the number of earlier uses of the option.
WORD = re.compile(r"\$([a-z0-9_-]*)")
WORDS = ("value", "machine", "index")
GUARDS = ("when", "unless")
ROLES = ("sections", "change", "configuration", "help", "target", "global", "platform-version", "probe-file", "schema",
         "machine", "accelerator", "migratable", "preconfig", "processors", "drives", "engine")
ENGINE_USES = ("never", "alone", "json", "fixed")


def templates_of(shape: Shape, key: str) -> str:
    """The templates under @key, as JSON text; empty: there are none."""
    node = shape.node.get(key)
    if node is None:
        return ""
    if not node.is_list or not node.value:
        raise shape.error(f"'{key}' must be an array of templates", node.where)
    for item in node.value:
        if not item.is_dict:
            raise shape.error("a template must be an object", item.where)
        shape.keys(item, "a template", (), ("option", "create", "value", *GUARDS))
        if ("option" in item) == ("create" in item):
            raise shape.error("a template has 'option' or 'create'", item.where)
        text_of(shape, item["option" if "option" in item else "create"], "'option'")
        for guard in GUARDS:
            if guard in item and not item[guard].is_dict:
                raise shape.error(f"'{guard}' must be an object, a pattern by placeholder", item[guard].where)
    return json.dumps(node.plain(), separators=(",", ":"))


def renames_of(shape: Shape, node: Node) -> tuple[tuple[str, str], ...]:
    """Other names of keys: KEY: MEMBER."""
    if not node.is_dict or not node.value:
        raise shape.error("'renames' must be an object, a member by key", node.where)
    return tuple((key, text_of(shape, value, f"'{key}'")) for key, value in node.items())


def bare_keys_of(shape: Shape, node: Node) -> tuple[str, ...] | None:
    """The keys that are on without a value although their names begin with 'no'; None: each key has a value."""
    keys = node.get("bare-keys")
    if keys is not None and keys.is_list:
        return tuple(texts_of(shape, keys, "'bare-keys'"))
    return () if flag(shape, node, "bare-keys") else None


def role_of(shape: Shape, node: Node) -> str:
    """What the runtime does with the value."""
    role = text_of(shape, node, "'role'")
    if role not in ROLES:
        raise shape.error(f"unknown role '{role}'{suggestion(role, ROLES)}", node.where)
    return role


def wants_of(shape: Shape, node: Node) -> tuple[tuple[str, str], ...]:
    """The value that another option has, where that is used: OPTION: VALUE."""
    if not node.is_dict or not node.value:
        raise shape.error("'wants' must be an object, a value by option", node.where)
    return tuple((name, text_of(shape, value, f"'{name}'")) for name, value in node.items())


def key_of(shape: Shape, node: Node) -> tuple[str, ...]:
    """A key of another option, whose texts of forms stand for values of this option."""
    if not node.is_dict:
        raise shape.error("'key-of' must be an object", node.where)
    shape.keys(node, "'key-of'", ("option", "key", "forms"), ())
    return tuple(text_of(shape, node[key], f"'{key}'") for key in ("option", "key", "forms"))


def engine_of(shape: Shape, node: Node) -> str:
    """When an engine gets the option, or how."""
    use = text_of(shape, node, "'engine'")
    if use not in ENGINE_USES:
        raise shape.error(f"'engine' is 'never', 'alone', 'json' or 'fixed', not '{use}'", node.where)
    return use


def rest_of(shape: Shape, node: Node) -> tuple[str, ...]:
    """Where other keys go: the member; for members of an object of another class also its root, and the member with the tag."""
    if not node.is_dict:
        raise shape.error("'rest' must be an object", node.where)
    shape.keys(node, "'rest'", ("member",), ("of", "tag"))
    if ("of" in node) != ("tag" in node):
        raise shape.error("'rest' has both 'of' and 'tag', or neither", node.where)
    return tuple(text_of(shape, node[key], f"'{key}'") for key in ("member", "of", "tag") if key in node)


def all_templates(option: Option) -> list[dict[str, Any]]:
    return [template for text in (option.expands_to, option.otherwise) if text for template in json.loads(text)]


def is_late(schema: Schema, option: Option) -> bool:
    """Whether the option can be expanded only when the machine is known."""
    if option.expands_by and isinstance(schema.types.get(option.type), Struct):
        return True
    if option.forms:
        return any(f'"{each}' in option.expands_to for each in ("create", "$machine", "$options", "$objects"))
    return bool(option.expands_to) and ("$machine" in option.expands_to or any(
        "option" not in each or any(guard in each for guard in GUARDS) for each in json.loads(option.expands_to)))


class TemplateError(Exception):
    """What is wrong with a template."""


class Templates:
    """Checks of the names that templates use."""

    def __init__(self, schema: Schema, machine: dict[str, Any]) -> None:
        self.schema = schema
        self.machine = machine  # members of machines
        self.known = [*schema.classes, *(alias.name for one in schema.classes.values() for alias in one.aliases)]

    def check(self, option: Option) -> None:
        if option.forms:
            self.forms(option)
        for template in all_templates(option):
            name = template.get("option")
            if name is not None and name not in self.schema.options:
                raise TemplateError(f"expands to unknown option '{name}'{suggestion(name, self.schema.options)}")
            late = option.otherwise or is_late(self.schema, option)
            target = self.schema.options.get(name) if name is not None else None
            if target and late and not (target.creates or is_late(self.schema, target)):
                raise TemplateError(f"'{name}' creates nothing, so it cannot apply when the machine is known")
            made = template.get("create", "")
            if made and "$" not in made and made not in self.known:
                raise TemplateError(f"creates unknown class '{made}'{suggestion(made, self.known)}")
            for guard in GUARDS:
                for placeholder, pattern in template.get(guard, {}).items():
                    self.pattern(option, placeholder, pattern)
            self.texts(option, template.get("value"))
            self.texts(option, made)
        if option.counted_with and option.counted_with not in self.schema.options:
            raise TemplateError(f"'counted-with' names unknown option '{option.counted_with}'"
                                f"{suggestion(option.counted_with, self.schema.options)}")
        if option.renames or option.rest:
            self.keys(option)
        if option.key_of:
            self.key_of(option)

    def key_of(self, option: Option) -> None:
        """A key of another option, whose texts of forms stand for values of this option."""
        owner, _, forms = option.key_of
        if owner not in self.schema.options:
            raise TemplateError(f"'key-of' names unknown option '{owner}'{suggestion(owner, self.schema.options)}")
        if not option.creates:
            raise TemplateError("'key-of' is for an option that creates")
        try:
            self.schema.forms.check(forms, {})
        except FormsError as error:
            raise TemplateError(str(error)) from error

    def forms(self, option: Option) -> None:
        """The keys that forms set are members of the option's struct, if it has one."""
        try:
            self.schema.forms.check(option.forms, {} if option.expands_to else self.members(option.type))
        except FormsError as error:
            raise TemplateError(str(error)) from error

    def keys(self, option: Option) -> None:
        members = self.members(option.type)
        for key, target in option.renames:
            if target.split(".")[0] not in members:
                raise TemplateError(f"'{key}' stands for unknown member '{target}'{suggestion(target, members)}")
        if not option.rest:
            return
        for name in (option.rest[0], *option.rest[2:]):
            if name not in members:
                raise TemplateError(f"'rest' names unknown member '{name}'{suggestion(name, members)}")
        root = option.rest[1] if option.rest[1:] else ""
        if root and root not in self.schema.classes:
            raise TemplateError(f"'rest' names unknown class '{root}'{suggestion(root, self.schema.classes)}")

    def pattern(self, option: Option, placeholder: str, pattern: object) -> None:
        names = pattern if isinstance(pattern, list) else [pattern]
        tables: dict[str, dict[str, Any]] = {"$options": {**self.schema.options}, "$objects": {**self.schema.classes}}
        known = tables.get(placeholder)
        if placeholder.startswith("$options."):
            known, names = tables["$options"], [placeholder.removeprefix("$options.")]
            placeholder = "$options"
        if known is None:
            if not PLACEHOLDER.fullmatch(placeholder):
                raise TemplateError(f"'{placeholder}' is no placeholder; expected $value, $machine, $options or $objects")
            self.texts(option, placeholder)
            return
        for name in names:
            if name not in known:
                raise TemplateError(f"'{placeholder}' has unknown '{name}'{suggestion(str(name), known)}")

    def texts(self, option: Option, value: object) -> None:
        if isinstance(value, dict):
            for each in value.values():
                self.texts(option, each)
        elif isinstance(value, list):
            for each in value:
                self.texts(option, each)
        elif isinstance(value, str):
            for word in WORD.findall(value):
                if word not in WORDS:
                    raise TemplateError(f"'${word}' is no placeholder; expected $value, $machine or $index")
            for found in PLACEHOLDER.finditer(value):
                self.member(option, found[1], found[2][1:].split(".")[0])

    def member(self, option: Option, scope: str, name: str) -> None:
        members = self.machine if scope == "machine" else (
            {**self.schema.forms.keys(option.forms)} if option.forms else self.members(option.type))
        if name and members and name not in members:
            raise TemplateError(f"'${scope}.{name}': unknown member '{name}'{suggestion(name, members)}")

    def members(self, name: str) -> dict[str, Any]:
        if name in BUILTINS or not isinstance(self.schema.types.get(name), Struct):
            return {}
        return {member.name: member for member in self.schema.members(name)}
