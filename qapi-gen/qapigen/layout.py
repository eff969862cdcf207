# SPDX-License-Identifier: MIT
"""How values lie in memory: C types of members, which of them are held by pointer, order of definition."""

from __future__ import annotations

from functools import cached_property

from qapigen.model import BUILTINS, Alternate, Branch, Enum, Member, Scalar, Schema, Struct, Union
from qapigen.names import type_c_name
from qapigen.record import dataclass

LARGEST_INLINE = 256
# C type, VtKind, size on the hosts we know (all of them LP64).
BUILTIN = {
    "bool": ("bool", "BOOL", 1), "int": ("int64_t", "INT64", 8), "size": ("uint64_t", "SIZE", 8),
    "number": ("double", "NUMBER", 8), "str": ("char *", "STR", 8),
    "any": ("struct json_object *", "ANY", 8), "null": ("bool", "NULL", 1),
} | {f"{sign}int{bits}": (f"{sign}int{bits}_t", f"{sign.upper()}INT{bits}", bits // 8)
     for sign in ("", "u") for bits in (8, 16, 32, 64)}
assert set(BUILTIN) == set(BUILTINS)


@dataclass(frozen=True)
class Shape:
    """A member as a row describes it."""

    c_type: str
    kind: str
    type_name: str              # of the row's type; empty for built-in kinds
    boxed: bool = False


class Layout:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.sizes: dict[str, tuple[int, int]] = {}

    def value(self, type_name: str, is_ref: bool = False) -> Shape:
        """One value of a type, not boxed."""
        if is_ref:
            return Shape("VtRef", "REF", "")
        if type_name in BUILTIN:
            c_type, kind, _ = BUILTIN[type_name]
            return Shape(c_type, kind, "")
        kind_of = self.schema.type(type_name)
        if isinstance(kind_of, Scalar):
            return Shape(BUILTIN[kind_of.of][0], "SCALAR", type_name)
        kind = {Enum: "ENUM", Struct: "STRUCT", Union: "UNION", Alternate: "ALTERNATE"}[type(kind_of)]
        return Shape(type_c_name(type_name), kind, type_name)

    def member(self, owner: str, member: Member) -> Shape:
        """@owner is the plain type that holds the member, empty for a class."""
        shape = self.value(member.type, member.ref is not None)
        if member.is_list or shape.kind not in ("STRUCT", "UNION", "ALTERNATE"):
            return shape
        recursive = owner != "" and self.component[owner] == self.component[member.type]
        if recursive or self.size(member.type)[0] > LARGEST_INLINE:
            return Shape(shape.c_type, shape.kind, shape.type_name, boxed=True)
        return shape

    # ---- which types hold which

    def inline(self, name: str) -> list[str]:
        """Types whose values lie in one of @name, boxes apart."""
        kind = self.schema.type(name)
        held: list[str] = []
        if isinstance(kind, (Struct, Union)):
            held += [each.type for each in self.schema.members(name) if not each.is_list and not each.ref]
        if isinstance(kind, (Union, Alternate)):
            held += [each.type for each in kind.branches if not each.is_list and not each.ref]
        return [each for each in held
                if isinstance(self.schema.types.get(each), (Struct, Union, Alternate))]

    @cached_property
    def component(self) -> dict[str, int]:
        """Types that hold each other have the same number (Tarjan's algorithm)."""
        index: dict[str, int] = {}
        low: dict[str, int] = {}
        stack: list[str] = []
        result: dict[str, int] = {}

        def visit(name: str) -> None:
            index[name] = low[name] = len(index)
            stack.append(name)
            for held in self.inline(name):
                if held not in index:
                    visit(held)
                    low[name] = min(low[name], low[held])
                elif held not in result:
                    low[name] = min(low[name], index[held])
            if low[name] == index[name]:
                while name not in result:
                    result[stack.pop()] = index[name]

        for name in self.schema.types:
            if name not in index:
                visit(name)
        return result

    # ---- sizes

    def size(self, name: str) -> tuple[int, int]:
        """Size and alignment of a plain type."""
        if name in BUILTIN:
            size = BUILTIN[name][2]
            return size, size
        if name not in self.sizes:
            self.sizes[name] = self.measure(name)
        return self.sizes[name]

    def measure(self, name: str) -> tuple[int, int]:
        kind = self.schema.type(name)
        if isinstance(kind, Enum):
            return 4, 4
        if isinstance(kind, Scalar):
            return self.size(kind.of)
        fields: list[tuple[int, int]] = []
        if isinstance(kind, Alternate):
            fields.append((4, 4))
        else:
            members = self.schema.members(name)
            fields += [(8, 8)] * (2 * words(len(members)))
            fields += [self.field(name, member) for member in members]
        if isinstance(kind, (Union, Alternate)):
            parts = [self.branch(each) for each in kind.branches if each.type] or [(1, 1)]
            align = max(part[1] for part in parts)
            fields.append((rounded(max(part[0] for part in parts), align), align))
        end, align = 0, 1
        for size, each in fields or [(1, 1)]:
            end = rounded(end, each) + size
            align = max(align, each)
        return rounded(end, align), align

    def field(self, owner: str, member: Member) -> tuple[int, int]:
        if member.is_list:
            return 16, 8
        shape = self.member(owner, member)
        if shape.kind == "REF":
            return 24, 8
        return (8, 8) if shape.boxed else self.size(member.type)

    def branch(self, branch: Branch) -> tuple[int, int]:
        if branch.is_list:
            return 16, 8
        return (24, 8) if branch.ref else self.size(branch.type)

    # ---- order of definition

    def ordered(self, names: list[str]) -> list[str]:
        """@names, each after those whose values it holds."""
        wanted = set(names)
        done: dict[str, None] = {}

        def visit(name: str) -> None:
            if name in done or name not in wanted:
                return
            kind = self.schema.type(name)
            if isinstance(kind, (Struct, Union)):
                for member in self.schema.members(name):
                    if member.type in wanted and not self.member(name, member).boxed \
                            and not member.is_list and not member.ref:
                        visit(member.type)
            if isinstance(kind, (Union, Alternate)):
                for branch in kind.branches:
                    if branch.type and not branch.is_list and not branch.ref:
                        visit(branch.type)
            done[name] = None

        for name in names:
            visit(name)
        return list(done)


def words(count: int) -> int:
    """64-bit words for @count bits."""
    return (count + 63) // 64


def rounded(value: int, align: int) -> int:
    return (value + align - 1) // align * align
