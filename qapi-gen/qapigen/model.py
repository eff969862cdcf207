# SPDX-License-Identifier: MIT
"""The model: everything a schema says, resolved.  Backends read it and change nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qapigen.history import Derive, Life, Retired, Timeline
from qapigen.names import c_name
from qapigen.places import LAYERS, Places
from qapigen.record import dataclass, field
from qapigen.source import SchemaError, Where

if TYPE_CHECKING:
    from qapigen.human import Hmp
    from qapigen.rules import Rule

# 'X' is a condition, ('all', (…)), ('any', (…)) and ('not', (x,)) combine them.
Cond = str | tuple[str, tuple[Any, ...]] | None

PLAIN_PROGRAM = "qapi"      # of a schema that has nothing but QAPI's own, where a program is not declared
SYSCALLS = "SyscallGroup"   # the enum of the groups of system calls that classes need
UNITS = (*LAYERS, "program")
LAYER_UNITS = {"backend": "backends", "device": "hw", "machine": "machine"}
ACCELS = ("kvm", "tcg", "hvf", "whpx", "nvmm", "xen", "mshv", "qtest")
TARGETS = ("x86_64", "i386", "aarch64", "arm", "s390x", "ppc64", "ppc", "m68k", "riscv64", "riscv32", "mips", "mipsel", "mips64",
           "mips64el")
EVERYWHERE = (1 << len(TARGETS)) - 1
SERVERS = ("program", "engine", "both")     # of a command or event; both: the engine, where one runs the VM
# Where the behaviour of a class is: its objects can be started; it has functions of its own.
WORKING_MODELS = ("own", "inherited", "fallback")
MODELS_WITH_FUNCTIONS = ("own", "fallback", "checks")
AXES = ("", "machine", "platform", "release")
# What is done with a file of the host, by its path.
PATH_USES = ("any", "read", "write", "create", "execute", "pipe", "socket", "directory", "data", "device")
# The features the tables know; introspection alone has the others.
FEATURES = ("deprecated", "unstable", "internal", "sensitive", "mutable", "guest-visible", "read-only", "descriptor",
            "automatic", "host-path")

INTEGERS = {"int": (64, True), "size": (64, False)} | {
    f"{sign}int{bits}": (bits, not sign) for sign in ("", "u") for bits in (8, 16, 32, 64)}
BUILTINS = ("str", "number", *INTEGERS, "bool", "any", "null")
JSON_TYPES = dict.fromkeys(INTEGERS, "int") | dict(str="string", number="number", bool="boolean", any="value", null="null")


@dataclass(frozen=True)
class Feature:
    name: str
    cond: Cond = None


@dataclass(frozen=True)
class Ref:
    target: str = ""            # a class, or a bus type
    kind: str = "class"         # class, bus, qom-path
    exclusive: bool = False
    inline: bool = False


@dataclass(frozen=True)
class Gate:
    """Values of a member, given or default, that need features of the host."""
    features: tuple[str, ...]
    value: Any
    where: Where = field(compare=False)
    absent: bool = False        # its absence
    other: bool = False         # every value but this one


@dataclass(frozen=True)
class Member:
    name: str
    type: str
    where: Where
    is_list: bool = False
    optional: bool = False
    doc: str = ""
    cond: Cond = None
    features: tuple[Feature, ...] = ()
    targets: int = 0
    default: Timeline | None = None
    absent_means: str = ""
    range: tuple[int, int] | None = None
    ref: Ref | None = None
    derive: Derive | None = None
    gate: Gate | None = None
    auto_means: Timeline | None = None  # in a frozen file, in place of 'auto'
    auto_stays: str = ""        # why it has 'auto'
    added: int = 0
    class_base: str = ""        # the value is the name of a class below this one
    field: str = ""             # what it is called in C, where that is not its name alone
    non_empty: bool = False     # a text of at least one character
    reads_file: bool = False    # the path of a file of the host that is read at start
    power_of_two: bool = False  # an integer: 0 or a power of two
    unique: bool = False        # no two objects of a VM have the same value
    needed: bool = False        # an object without it cannot be created; an integer: with 0
    aliases: tuple[str, ...] = ()   # other names of the same value
    alias_of: str = ""          # the member whose value this name stands for
    host_path: str = ""         # what is done with the file of the host that the text names
    life: Life | None = None
    relayed: bool = False       # only an engine knows it

    @property
    def c_name(self) -> str:
        return self.field or c_name(self.name)

    def has(self, feature: str) -> bool:
        return bool(self.features) and any(known.name == feature for known in self.features)

    @property
    def is_input(self) -> bool:
        """Whether anyone may say it."""
        return not self.features or not any(known.name in ("internal", "read-only") for known in self.features)


@dataclass(frozen=True)
class Definition:
    name: str
    where: Where
    unit: str = "runtime"
    doc: str = ""
    cond: Cond = None
    features: tuple[Feature, ...] = ()


@dataclass(frozen=True)
class EnumValue:
    name: str
    doc: str = ""
    cond: Cond = None
    features: tuple[Feature, ...] = ()
    life: Life | None = None
    relayed: bool = False       # only an engine knows it


@dataclass(frozen=True)
class Enum(Definition):
    values: tuple[EnumValue, ...] = ()
    others: tuple[EnumValue, ...] = ()      # those that only an engine knows
    prefix: str | None = None

    @property
    def names(self) -> list[str]:
        return [value.name for value in self.values]


@dataclass(frozen=True)
class Struct(Definition):
    base: str = ""
    own: tuple[Member, ...] = ()
    others: tuple[Member, ...] = ()     # those that only an engine knows: they have no C
    implicit: bool = False


@dataclass(frozen=True)
class Branch:
    name: str
    type: str                   # empty: no members
    where: Where
    is_list: bool = False
    cond: Cond = None
    ref: Ref | None = None


@dataclass(frozen=True)
class Union(Definition):
    base: str = ""              # empty: the base is in place, in @own
    own: tuple[Member, ...] = ()
    tag: str = ""
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Alternate(Definition):
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Scalar(Definition):
    of: str = "int"
    names: tuple[tuple[str, int], ...] = ()     # of a 'str': the texts that it matches, '*' for any text
    accepts: tuple[str, ...] = ()
    codec: str = ""
    range: tuple[int, int] | None = None
    forms: str = ""             # the forms of its texts
    settings: str = ""          # the struct that the settings of a form fill


@dataclass(frozen=True)
class ListType(Definition):
    """A list as the result of a command; members that are lists need no type for it."""

    of: str = ""


Type = Enum | Struct | Union | Alternate | Scalar | ListType


@dataclass(frozen=True)
class QomType(Definition):
    """A type of QOM that no text configures: an interface, or one of QEMU's own objects."""

    parent: str = ""            # empty: none
    is_interface: bool = False
    abstract: bool = False
    implements: tuple[str, ...] = ()
    targets: int = 0
    life: Life | None = None


@dataclass(frozen=True)
class BusType(Definition):
    parent: str = ""
    abstract: bool = False
    implements: tuple[str, ...] = ()
    unlisted: bool = False      # not a type of QOM
    targets: int = 0
    life: Life | None = None
    stem: str = ""              # what buses without an owner's id are called, before their number
    address: tuple[str, ...] = ()   # members of its devices that say where they sit, most significant first
    own_rules: bool = True      # behaviour of its own, vt_bus_ops_NAME
    identity: str = ""          # struct of what drivers find its devices by


BUS_DEPTH, BUS_COUNT = 3, 4096      # the most parts of an address, and the most buses that one line provides


@dataclass(frozen=True)
class Creates:
    union: str
    tag: str
    kind: str
    id: str = ""
    id_required: bool = False
    wrap: str = ""
    within: str = ""            # the member that holds the tag and what the leaf adds, beside the id
    otherwise: str = ""         # the tag that counts where none is given
    tag_type: str = ""          # enum of the tags, for other types


@dataclass(frozen=True)
class Embed:
    name: str
    class_name: str
    where: Where
    all: bool = False
    renames: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ProvidedBus:
    type: str
    name: str
    where: Where
    slots: tuple[tuple[int, int], ...] = ()     # by the bus type's address
    reserved: tuple[tuple[str, str, str], ...] = ()     # address, occupant, condition
    hotplug: bool = False
    count: int = 1
    as_many_as: tuple[str, ...] = ()    # members of the provider: the greatest is the number of slots
    when: str = ""              # a member of the provider that must be on or given; "!": must not

    def conditions(self) -> tuple[str, ...]:
        return tuple(text for text in (self.when, *(when for _, _, when in self.reserved)) if text)


@dataclass(frozen=True)
class Restated:
    """A default that a class gives to a member it has from elsewhere."""

    member: str
    timeline: Timeline
    where: Where


@dataclass(frozen=True)
class Claim:
    """What decides where a backend's member is absent: a member of the machine that uses it."""

    class_name: str
    member: str
    decides: str
    where: Where


@dataclass(frozen=True)
class Alias:
    """Another name that creates a class: on some targets, or (0) on all where no other class claims it so."""

    name: str
    targets: int
    where: Where


@dataclass(frozen=True)
class Class(Definition):
    parent: str = ""
    layer: str = "device"
    abstract: bool = False
    user_creatable: bool = True
    hotpluggable: bool = True
    mixins: tuple[str, ...] = ()
    own: tuple[Member, ...] = ()
    embeds: tuple[Embed, ...] = ()
    defaults: tuple[Restated, ...] = ()
    differs: tuple[tuple[str, str], ...] = ()
    creates: Creates | None = None
    tag: str = ""
    plugs_into: str = ""
    buses: tuple[ProvidedBus, ...] = ()
    model: str = ""
    implements: tuple[str, ...] = ()    # interfaces, beside those of its ancestors
    unlisted: bool = False      # not a type of QOM: its children have its parent there
    qom_parent: str = ""        # class whose type is its parent in QOM, where that is not @parent
    alias_of: str = ""          # class of the CPU model whose other name its own model is
    migration: str = ""         # of a CPU model: one of MIGRATIONS; empty: that of the parent
    targets: int = 0
    short: str = ""             # JSON text: what keys of key=value text stand for
    served: str = ""            # of a root, JSON text: the member and value with which this process serves it, and what as
    in_engine: tuple[str, ...] = ()     # of a root: what its objects are in an engine, as in IN_ENGINE
    identity: str = ""          # JSON text: what drivers find the device by, beside what its ancestors state
    is_machine: bool = False
    machine_name: str = ""
    default_for: int = 0        # targets whose default machine it is
    version_from: int = 0
    version_to: int = 0
    deprecated_to: int = 0
    retired: tuple[Retired, ...] = ()
    life: Life | None = None
    aliases: tuple[Alias, ...] = ()
    claims: tuple[Claim, ...] = ()
    syscalls: tuple[str, ...] = ()              # groups of system calls that its objects need
    optional_syscalls: tuple[str, ...] = ()     # and those that some of them need
    shared: bool = False        # several objects may use its objects by exclusive references
    at_most_one: bool = False   # a VM has at most one object of the class and its descendants
    needs_machines: tuple[str, ...] = ()        # machines that such an object can be in; empty: all
    needs_accels: tuple[str, ...] = ()          # accelerators that it works with; empty: all
    needs_host: tuple[str, ...] = ()            # platform features that each of its objects needs
    rules: tuple[Rule, ...] = ()                # for the values of its objects, beside those of its ancestors


@dataclass(frozen=True)
class Command(Definition):
    arg: str = ""               # type of its arguments; inline ones have an implicit struct
    creates: str = ""           # root class, where the arguments are a creation union
    ret: str = ""
    ret_list: bool = False
    boxed: bool = False
    raw: bool = False
    oob: bool = False
    preconfig: bool = False
    no_response: bool = False
    served_by: str = "both"     # one of SERVERS
    life: Life | None = None
    targets: tuple[int, int] = (0, 0)   # mask of the targets that had it first, and the release that has it on all
    metrics: str = ""           # JSON text of the arguments with which its result has metrics; empty: it has none


@dataclass(frozen=True)
class Event(Definition):
    arg: str = ""
    boxed: bool = False
    served_by: str = "both"     # one of SERVERS
    life: Life | None = None


@dataclass(frozen=True)
class Option(Definition):
    type: str = ""              # empty: a flag, or sugar without a value
    is_list: bool = False
    creates: str = ""
    multiple: bool = False
    implied_key: str = ""
    metavar: str = ""
    aliases: tuple[str, ...] = ()
    expands_to: str = ""        # JSON text
    class_suffixes: tuple[str, ...] = ()    # by target; creates the class called VALUE + suffix
    otherwise: str = ""         # JSON text: templates that apply without the option
    forms: str = ""             # the forms of its texts
    counted_with: str = ""      # the option whose uses it continues to count; empty: its own
    section: str = ""           # the name of its sections in files; empty: its own
    role: str = ""              # what the runtime does with the value
    group: str = ""             # its group in the help
    key_of: tuple[str, ...] = ()    # an option, a key of it, and the forms of that key's texts: values of this option
    expands_by: str = ""        # the C function that makes templates of its text, or settles the structs of all uses
    renames: tuple[tuple[str, str], ...] = ()   # other names of keys
    rest: tuple[str, ...] = ()  # the member for other keys; also their root class, and the member with the tag
    bare_keys: tuple[str, ...] | None = None  # a key without a value is on, and 'noKEY' is off except for these
    globals: tuple[tuple[str, str, str], ...] = ()  # key of its value, and the class and member it is a default of
    attributes: Member | None = None
    life: Life | None = None
    recorded: bool = False      # has no implementation: a program that starts refuses it
    targets: int = 0            # mask; 0: all
    engine: str = ""            # when an engine does not get the option; empty: it gets it
    engine_lacks: tuple[str, ...] = ()  # members of the value that no engine has
    once: str = ""              # a member that one use of the option at most has
    engine_default: str = ""    # what the value is, without the option, if an engine runs the VM
    default_chardevs: tuple[str, ...] = ()  # ids of default character devices that an engine has a monitor on
    separator: str = ""         # between values in one text
    words: bool = False         # an argument that is no option is a value of it
    help_of: str = ""           # prints the help of this option
    excludes: tuple[str, ...] = ()  # options that cannot be used together with it
    requires: str = ""          # the option without which it cannot be used
    wants: tuple[tuple[str, str], ...] = ()     # the values of other options with which it can be used

    @property
    def in_files(self) -> bool:
        """Whether a configuration file may have it, as the runtime decides (config-file.c)."""
        return self.role not in ("configuration", "help", "change")


@dataclass(frozen=True)
class Version:
    name: str
    bugfix_of: int = 0
    machines: tuple[str, ...] = ()
    is_open: bool = False


@dataclass(frozen=True)
class PlatformFeature(Definition):
    since: int = 0
    probe: str = ""


@dataclass(frozen=True)
class Facts:
    """Where the facts are, and the newest version whose entries need none."""

    pattern: str
    after: str
    where: Where = field(compare=False)


@dataclass
class Schema:
    """Definitions by name, in the order of the files."""

    root: str
    program: str = ""
    places: Places = field(default_factory=lambda: Places(""))
    types: dict[str, Type] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    buses: dict[str, BusType] = field(default_factory=dict)
    qom_types: dict[str, QomType] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    hmps: dict[str, Hmp] = field(default_factory=dict)
    options: dict[str, Option] = field(default_factory=dict)
    forms: Any = None           # forms.Forms: the lists of forms by name
    groups: dict[str, str] = field(default_factory=dict)    # of options, in the order of the help: titles by name
    former: dict[str, tuple[str, str]] = field(default_factory=dict)    # options that are gone: the release, what replaces it
    versions: dict[str, tuple[Version, ...]] = field(
        default_factory=lambda: {axis: (Version(""),) for axis in AXES[1:]})
    retires: dict[str, tuple[int, int]] = field(default_factory=dict)  # stage: major releases, first release of the rule
    retires_why: str = ""
    axis_units: dict[str, str] = field(default_factory=dict)    # of the axes that there are
    features: dict[str, PlatformFeature] = field(default_factory=dict)
    facts: Facts | None = None
    timelines: dict[str, tuple[str, Timeline]] = field(default_factory=dict)   # type and entries
    order: list[str] = field(default_factory=list)      # commands and events as they stand
    lineages: dict[str, frozenset[str]] = field(default_factory=dict)
    indexes: dict[str, dict[str, int]] = field(default_factory=dict)
    below: tuple[int, dict[str, list[str]]] = (0, {})   # of so many classes: the concrete ones, by ancestor
    created: tuple[int, dict[str, str]] = (0, {})       # of so many classes: the roots by their unions
    props: Any = None           # the members of its classes, once these are complete: classes.props_of()
    strict: bool = False        # says things that plain QAPI does not
    relayed: frozenset[str] = frozenset()       # types that only what an engine serves uses: relayed.py
    last_errors: list[SchemaError] = field(default_factory=list)    # they matter where there are no others

    def type(self, name: str) -> Type:
        return self.types[name]

    @property
    def own_commands(self) -> list[Command]:
        """Those with a function in this program."""
        return [one for one in self.commands.values() if one.served_by != "engine"]

    @property
    def relayed_messages(self) -> list[Command | Event]:
        """Those that only an engine serves."""
        messages: list[Command | Event] = [*self.commands.values(), *self.events.values()]
        return [one for one in messages if one.served_by == "engine"]

    @property
    def own_events(self) -> list[Event]:
        return [one for one in self.events.values() if one.served_by != "engine"]

    def members(self, name: str) -> tuple[Member, ...]:
        """All members of a struct, or those of a union's base: the base's first."""
        kind = self.types[name]
        assert isinstance(kind, (Struct, Union))
        return (self.members(kind.base) if kind.base else ()) + kind.own

    def all_members(self, name: str) -> tuple[Member, ...]:
        """With those that only an engine knows."""
        kind = self.types[name]
        assert isinstance(kind, (Struct, Union))
        others = kind.others if isinstance(kind, Struct) else ()
        return (self.all_members(kind.base) if kind.base else ()) + kind.own + others

    def ancestry(self, name: str) -> list[Class]:
        """The class, its parent, … up to the root."""
        one = self.classes[name]
        return [one, *(self.ancestry(one.parent) if one.parent else [])]

    def root_of(self, name: str) -> Class:
        return self.ancestry(name)[-1]

    def is_a(self, name: str, ancestor: str) -> bool:
        return ancestor in self.lineage(name)

    def lineage(self, name: str) -> frozenset[str]:
        """The names of its ancestors and its own.  They are kept: parents are known, and checked, before their first use."""
        if name not in self.lineages:
            one = self.classes[name]
            self.lineages[name] = (self.lineage(one.parent) if one.parent else frozenset()) | {name}
        return self.lineages[name]

    def leaves(self, root: str) -> Iterator[Class]:
        """Concrete classes at or below @root."""
        if len(self.classes) != self.below[0]:
            names: dict[str, list[str]] = {}
            for one in self.classes.values():
                for name in self.lineage(one.name) if not one.abstract else ():
                    names.setdefault(name, []).append(one.name)
            self.below = len(self.classes), names
        for name in self.below[1].get(root, ()):
            yield self.classes[name]

    def creation_root(self, union: str) -> Class | None:
        if len(self.classes) != self.created[0]:
            self.created = len(self.classes), {one.creates.union: one.name for one in self.classes.values() if one.creates}
        return self.classes[self.created[1][union]] if union in self.created[1] else None

    def config_of(self, name: str) -> Class | None:
        """The class whose members the type 'config<CLASS>' has."""
        return self.classes.get(name[7:-1]) if name.startswith("config<") and name.endswith(">") else None

    def version_index(self, axis: str, name: str) -> int:
        """0: the axis has no such version."""
        versions = self.versions[axis]
        known = self.indexes.get(axis)
        if known is None or len(known) != len(versions):
            known = self.indexes[axis] = {version.name: index for index, version in enumerate(versions)}
        return known.get(name, 0)

    def alias_targets(self, one: Class, alias: Alias) -> int:
        """The targets where @alias creates @one."""
        targets = alias.targets or self.targets_of(one) or EVERYWHERE
        if not alias.targets:
            for name, claimed in self.claimed_aliases:
                if name == (self.root_of(one.name).name, alias.name):
                    targets &= ~claimed
        return targets

    @functools.cached_property
    def claimed_aliases(self) -> list[tuple[tuple[str, str], int]]:
        """Root and name of aliases that say their targets, with these."""
        return [((self.root_of(one.name).name, alias.name), alias.targets)
                for one in self.classes.values() for alias in one.aliases if alias.targets]

    @functools.cached_property
    def class_suffixes(self) -> tuple[str, ...]:
        """By target, in the order of TARGETS: the ends of the names of models; empty where no option has any."""
        return next((option.class_suffixes for option in self.options.values() if option.class_suffixes), ())

    @functools.cached_property
    def own_suffixes(self) -> tuple[str, ...]:
        return tuple(suffix for suffix in self.class_suffixes if suffix)

    def own_suffix(self, name: str) -> str:
        """The end of the name that differs from target to target; empty where the name has none."""
        full = "-" + name
        return next((suffix for suffix in self.own_suffixes if full.endswith(suffix)), "") if full.endswith(
            self.own_suffixes) else ""

    def class_names(self, one: Class) -> dict[str, int]:
        """The targets by name: the end of a model's name is that of the target."""
        suffix, targets = self.own_suffix(one.name), self.targets_of(one) or EVERYWHERE
        names: dict[str, int] = {} if suffix else {one.name: targets}
        for bit, other in enumerate(self.class_suffixes if suffix else ()):
            if targets >> bit & 1:
                name = ("-" + one.name).removesuffix(suffix) + (other or suffix)
                names[name[1:]] = names.get(name[1:], 0) | 1 << bit
        return names

    def is_suffixed(self, one: Class) -> bool:     # whether it has another name on some target
        return set(self.class_names(one)) != {one.name}

    def tags_of(self, one: Class) -> dict[str, int]:
        """What creates the class, with the targets; 0 is all."""
        tag = one.tag or one.machine_name
        return self.class_names(one) if not tag and self.is_suffixed(one) else {tag or one.name: self.targets_of(one)}

    def targets_of(self, one: Class) -> int:
        """Of the class: its own, or its nearest ancestor's; 0 is all."""
        return next((each.targets for each in self.ancestry(one.name) if each.targets), 0)
