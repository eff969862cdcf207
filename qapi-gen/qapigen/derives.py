# SPDX-License-Identifier: MIT
"""Derived values: their C functions, and the arguments of these."""

from __future__ import annotations

from qapigen.ctext import listed
from qapigen.history import Derive
from qapigen.layout import Shape
from qapigen.model import Class, Member, Schema, Struct
from qapigen.names import c_name
from qapigen.plan import Plan
from qapigen.record import dataclass

UNSIGNED = ("UINT8", "UINT16", "UINT32", "UINT64", "SIZE", "ENUM")
STRING = Shape("const char *", "STR", "")
NUMBER = Shape("uint64_t", "UINT64", "")


@dataclass(frozen=True)
class Thunk:
    """One use of a derive: the same function with the same types is one thunk."""

    by: str
    names: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]     # (C type, VtKind)
    result: tuple[str, str]

    @property
    def function(self) -> str:
        return f"vt_derive_{c_name(self.by, False)}"


class DeriveError(Exception):
    """An input names nothing."""


class Resolver:
    """Finds the members that inputs name."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.schema: Schema = plan.schema

    def thunk(self, derive: Derive, member: Member, owner: Class | None, struct: str) -> Thunk:
        shapes = [self.input(text, owner, struct) for text in derive.inputs]
        names = tuple(dict.fromkeys(parameter_name(text) for text in derive.inputs))
        if len(names) != len(derive.inputs):
            names = tuple(f"{parameter_name(text)}_{index}" for index, text in enumerate(derive.inputs))
        return Thunk(derive.by, names, tuple(self.types(shape) for shape in shapes),
                     self.types(self.shape(member)))

    def types(self, shape: Shape) -> tuple[str, str]:
        kind = shape.kind
        if kind == "SCALAR":
            scalar = self.schema.type(shape.type_name)
            kind = self.plan.layout.value(getattr(scalar, "of")).kind
        return ("const char *" if kind == "STR" else shape.c_type), kind

    def shape(self, member: Member) -> Shape:
        if member.ref or member.is_list:
            return STRING
        shape = self.plan.layout.value(member.type)
        if shape.kind in ("STRUCT", "UNION", "ALTERNATE", "ANY", "NULL"):
            raise DeriveError(f"member '{member.name}' is no scalar: it can't be derived or an input")
        return shape

    def input(self, text: str, owner: Class | None, struct: str) -> Shape:
        kind, _, name = text.partition(".")
        if kind in ("self", "given"):
            return self.shape(self.member(name, owner, struct))
        if text in ("bus:type", "bus:owner", "bus:joined"):
            return STRING
        if text.startswith("bus:owner."):
            return self.referenced("device", text.removeprefix("bus:owner."), text)
        kind, _, name = text.partition(":")
        if kind == "host" and name:
            return NUMBER
        if kind == "ref":
            ref_name, _, prop = name.partition(".")
            ref = self.member(ref_name, owner, struct)
            if not ref.ref or ref.ref.kind == "bus":
                raise DeriveError(f"input '{text}': '{ref_name}' refers to no object")
            return self.referenced(ref.ref.target, prop, text) if prop else STRING
        if text.startswith("/machine/"):
            return self.shape(self.path("machine", text.split("/")[2:], text))
        raise DeriveError(f"unknown input '{text}'")

    def referenced(self, class_name: str, name: str, text: str) -> Shape:
        """A member of the class that is referred to, or of some that descend from it: they must agree on its type."""
        try:
            return self.shape(self.of_class(class_name, name, text))
        except DeriveError:
            below = [each for each in self.schema.classes if each != class_name and self.schema.is_a(each, class_name)]
        shapes: dict[tuple[str, str], str] = {}
        result = None
        for each in below:
            try:
                result = self.shape(self.of_class(each, name, text))
            except DeriveError:
                continue
            shapes.setdefault(self.types(result), each)
        if not result:
            raise DeriveError(f"input '{text}': neither class '{class_name}' nor one that descends from it has a member "
                              f"'{name}'")
        if len(shapes) > 1:
            one, other, *_ = shapes.values()
            raise DeriveError(f"input '{text}': '{name}' is of one type in '{one}' and of another in '{other}'")
        return result

    def path(self, root: str, names: list[str], text: str) -> Member:
        if root not in self.schema.classes:
            raise DeriveError(f"input '{text}': there is no class '{root}'")
        member = self.of_class(root, names[0], text)
        for name in names[1:]:
            kind = self.schema.types.get(member.type)
            found = [each for each in self.schema.members(member.type) if each.name == name] if isinstance(
                kind, Struct) else []
            if not found:
                raise DeriveError(f"input '{text}': '{member.name}' has no member '{name}'")
            member = found[0]
        return member

    def of_class(self, class_name: str, name: str, text: str) -> Member:
        for segment in self.plan.shape(class_name).segments if class_name in self.schema.classes else []:
            visible = self.plan.visible(segment)
            for member in self.plan.members(segment):
                if visible.get(name) == member.name:
                    return member
        raise DeriveError(f"input '{text}': class '{class_name}' has no member '{name}'")

    def member(self, name: str, owner: Class | None, struct: str) -> Member:
        if owner is not None:
            return self.of_class(owner.name, name, f"self.{name}")
        for member in self.schema.members(struct):
            if member.name == name:
                return member
        raise DeriveError(f"struct '{struct}' has no member '{name}'")


def parameter_name(text: str) -> str:
    """self.bus-type: bus_type; /machine/smp/cpus: cpus; given.x: given_x; ref:a.b: b; ref:a: a."""
    if text.startswith("given."):
        return "given_" + c_name(text[6:], False)
    for mark in ("self.", "host:", "bus:", "ref:"):
        text = text.removeprefix(mark)
    return c_name(text.replace("/", ".").split(".")[-1])


def parameters(plan: Plan, thunk: Thunk) -> tuple[str, list[str]]:
    """The function's result, with its space, and its parameters."""
    def spaced(c_type: str) -> str:
        return c_type if c_type.endswith("*") else c_type + " "

    args = [spaced(c_type) + name for (c_type, _), name in zip(thunk.inputs, thunk.names)]
    return spaced(thunk.result[0]), args or ["void"]


def field(kind: str) -> str:
    """The member of VtValue that carries the kind."""
    if kind in ("BOOL", "STR", "NUMBER"):
        return {"BOOL": "b", "STR": "s", "NUMBER": "d"}[kind]
    return "u" if kind in UNSIGNED else "i"


def thunk_lines(thunk: Thunk, name: str) -> list[str]:
    args = [("" if kind in ("STR", "BOOL", "NUMBER") else f"({c_type})") + f"in[{index}].{field(kind)}"
            for index, (c_type, kind) in enumerate(thunk.inputs)]
    unused = [] if thunk.inputs else ["    (void)in;"]
    return ["static void", f"{name}(const VtValue *in, VtValue *out)", "{", *unused,
            *listed(f"    out->{field(thunk.result[1])} = {thunk.function}(", args, ");"), "}", ""]
