# SPDX-License-Identifier: MIT
"""Facts from a QEMU that runs: effective-TARGET.json and types-TARGET.json, as facts.py reads them.

Over a monitor alone there are types, properties, their defaults and, from 9.1 on, every machine's compat properties, which
together give each machine's defaults.  A QEMU started by its name is asked from within too, once on each machine, where it
allows it: then nothing is computed.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from qapigen.importer.derive import UNOBSERVED, Lines, parsed
from qapigen.importer.fold import Cell, Folder, family_of, in_order
from qapigen.importer.monitor import Gone, LiveError, Monitor, SocketMonitor, StartedMonitor
from qapigen.importer.observe import Observation, Unobservable, build, observe
from qapigen.importer.types import SIMPLE

# A machine that refuses to be made as it is, and with what it lets itself be made.
MADE_WITH = {"pseries": "cap-htm=off"}
# To be asked for their properties ends a QEMU 7.2: what is made for the answer can't be unmade.
FATAL = ("colo-compare", "x-remote-object", "x-rv128-riscv-cpu")

Say = Callable[[str], None]
# Whether a default that only the monitor reports is used: of a type, a property.
Trusts = Callable[[str, str], bool]


def collect(directory: str, *, qmp: str = "", binary: str = "", wants: Callable[[str, str], bool] | None = None,
            only: Sequence[str] = (), trusts: Trusts = lambda kind, name: True, say: Say = lambda text: None) -> str:
    """Asks one QEMU and writes its facts to @directory; its target.

    @wants(target, machine) chooses among the machines that have no versions; of those chosen, @only are patterns of names.
    What only the monitor reports is used where @trusts() allows it.
    """
    choice = Choice(wants, only)
    if qmp:
        with SocketMonitor(qmp) as monitor:
            target, types = ask_types(monitor)
            folder = computed(monitor, types, choice.of(ask_machines(monitor), target), trusts, say)
    else:
        with StartedMonitor(binary, "none") as monitor:
            target, types = ask_types(monitor)
            machines = choice.of(ask_machines(monitor), target)
            try:
                with tempfile.TemporaryDirectory() as scratch:
                    folder = from_within(binary, list(machines), scratch, say)
                tell_fixed(types, folder)
            except Unobservable as reason:
                say(f"{reason}; it is asked by its monitor alone")
                folder = computed(monitor, types, machines, trusts, say)
    for name, document in (("effective", folder.document()), ("types", {"types": types})):
        with open(os.path.join(directory, f"{name}-{target}.json"), "w", encoding="utf-8") as stream:
            json.dump(document, stream, sort_keys=True)
    return target


class Choice:
    """Which machines of a QEMU count: those with versions, and others that are wanted."""

    def __init__(self, wants: Callable[[str, str], bool] | None, only: Sequence[str]) -> None:
        self.wants = wants
        self.only = only

    def of(self, machines: dict[str, Any], target: str) -> dict[str, Any]:
        names = in_order(name for name in machines if self.is_chosen(target, name))
        if not names:
            raise LiveError(f"no machine of this QEMU is called {' or '.join(self.only)}" if self.only else
                            "this QEMU has no machine with versions")
        return {name: machines[name] for name in names}

    def is_chosen(self, target: str, name: str) -> bool:
        if self.only and not any(fnmatch.fnmatchcase(name, pattern) for pattern in self.only):
            return False
        return bool(family_of(name)[1]) or self.wants is not None and self.wants(target, name)


# ---- types


def ask_types(monitor: Monitor) -> tuple[str, dict[str, Any]]:
    target = monitor.call("query-target")["arch"]
    types: dict[str, Any] = {}
    for one in monitor.call("qom-list-types", abstract=True):
        types[one["name"]] = {"parent": one.get("parent"), "abstract": bool(one.get("abstract")), "implements": []}
    for name in [name for name, one in types.items() if one["parent"] == "interface"]:
        for one in monitor.ask("qom-list-types", [], implements=name, abstract=True):
            types[one["name"]]["implements"].append(name)
    for name, category, bus in categories(monitor.ask("human-monitor-command", "", command_line="device_add help")):
        if name in types:
            types[name] |= {"categories": [category], "user_creatable": True} | ({"bus": bus} if bus else {})
    for name, one in types.items():
        device = is_device(types, name)
        if not one["abstract"] and (device or "user-creatable" in one["implements"]):
            ask_properties(monitor, name, one, *("device-list-properties",) * 2 if device else
                           ("object-properties", "qom-list-properties"))
    return target, types


def is_device(types: dict[str, Any], name: str | None) -> bool:
    while name and name != "device":
        name = types[name]["parent"] if name in types else None
    return name == "device"


def ask_properties(monitor: Monitor, name: str, one: dict[str, Any], key: str, command: str) -> None:
    try:
        if name in FATAL:
            raise Gone(name)
        answer = monitor.ask(command, [], typename=name)
    except Gone:
        if name not in FATAL and not monitor.revive():
            raise
        one["silent"] = True
        return
    one[key] = {each["name"]: {key: each[key] for key in ("type", "default-value") if key in each}
                for each in answer if not each["type"].startswith("child<")}


def categories(text: Any) -> list[tuple[str, str, str]]:
    """Name, category and kind of bus of each device that a user can add, from the list made for people."""
    result, category = [], ""
    for line in text.splitlines() if isinstance(text, str) else ():
        head = re.fullmatch(r"(\S+) devices:", line.strip())
        match = re.match(r'name "([^"]+)"(?:, bus ([^,]+))?', line)
        if head:
            category = head[1]
        elif match:
            result.append((match[1], category, match[2] or ""))
    return result


# ---- machines


def ask_machines(monitor: Monitor) -> dict[str, list[dict[str, str]] | None]:
    """Each machine with its compat properties, or None where this QEMU does not report them."""
    answer = monitor.ask("query-machines", None, compat_props=True) or monitor.call("query-machines")
    return {one["name"]: one.get("compat-props") for one in answer}


# ---- values


def tell_fixed(types: dict[str, Any], folder: Folder) -> None:
    """The read-only properties."""
    for kind, properties in folder.cells.items():
        if kind in types:
            types[kind]["properties"] = {
                name: {"type": cell["type"], "set": cell.get("set", True)}
                for name, cells in properties.items() for cell in [next(iter(cells.values()))]}


def from_within(binary: str, machines: list[str], scratch: str, say: Say) -> Folder:
    library = build(scratch)
    seen: dict[str, Observation] = {}
    for number, machine in enumerate(machines, 1):
        say(f"{machine} ({number} of {len(machines)})")
        try:
            seen[machine] = observe_somehow(library, binary, machine, scratch)
        except Unobservable:
            raise
        except LiveError as error:
            say(f"{error}; it is left out")
    folder = Folder([machine for machine in machines if machine in seen])
    for machine, observation in seen.items():
        folder.add_machine(machine, observation.machine)
        for kind, properties in observation.types.items():
            folder.add(machine, kind, properties)
    if folder.machines:
        again = observe_somehow(library, binary, folder.machines[0], scratch)
        for kind, name in unsteady(seen[folder.machines[0]], again):
            folder.mark(kind, name, "volatile")
    return folder


def observe_somehow(library: str, binary: str, machine: str, scratch: str) -> Observation:
    try:
        return observe(library, binary, machine, scratch)
    except LiveError:
        option = MADE_WITH.get(family_of(machine)[0])
        if not option:
            raise
        return observe(library, binary, f"{machine},{option}", scratch)


def unsteady(first: Observation, second: Observation) -> list[tuple[str, str]]:
    """Properties that say something else each time."""
    return [(kind, name) for kind, properties in first.types.items() for name, cell in properties.items()
            if cell != second.types.get(kind, {}).get(name)]


def computed(monitor: Monitor, types: dict[str, Any], machines: dict[str, Any], trusts: Trusts, say: Say) -> Folder:
    """From the defaults of properties and the compat properties of machines."""
    say(f"{monitor.name} reports the defaults of properties, not the values that the code of a type sets")
    if any(rows is None for rows in machines.values()):
        say(f"{monitor.name} does not report its machines' compat properties: only the newest of each family is used")
        machines = newest_only(machines)
    folder = Folder(list(machines))
    lines = Lines(types)
    laid = {machine: lines.overlaid(rows or []) for machine, rows in machines.items()}
    ruled = {(kind, name) for each in laid.values() for kind, row in each.items() for name in row}
    for kind, one in types.items():
        shown = one.get("device-list-properties", one.get("object-properties"))
        if shown is None:
            continue
        # A processor's model lays values of its own over the defaults of properties.
        model = kind in lines.below.get("cpu", ())
        known = {name for name in shown if not model and (trusts(kind, name) or (kind, name) in ruled)}
        for machine, rows in laid.items():
            folder.add(machine, kind, {"type": {"type": "string", "value": kind}} | cells_of(shown, rows.get(kind, {}), known))
    return folder


def newest_only(machines: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    families = set()
    for machine in machines:
        family = family_of(machine)[0]
        if family not in families:
            families.add(family)
            result[machine] = machines[machine]
    return result


def cells_of(shown: dict[str, Any], laid: dict[str, str], known: set[str]) -> dict[str, Cell]:
    """@laid: by compat properties.  @known: properties whose defaults count."""
    cells = {}
    for name, record in shown.items():
        # What has members of its own and no default is an answer, as statistics are.
        if record["type"].startswith("link<") or name == "type" or SIMPLE.get(record["type"]) == "any":
            continue
        cell: Cell = {"type": record["type"]}
        default = record.get("default-value")
        if name in laid:
            cell |= parsed(laid[name], record["type"], default)
        elif default is not None and name in known:
            cell["value"] = default
        else:
            cell["note"] = UNOBSERVED
        cells[name] = cell
    return cells

