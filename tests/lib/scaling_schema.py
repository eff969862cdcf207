# SPDX-License-Identifier: MIT
"""Many objects of each class that users can create, from the schema.

The members that a class requires have any valid value.  Each object has backends of its own.  Devices need a place, which
the table PLACES has for each type of bus.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from references import PREPARED, References, key_value
from schema_model import read_schema
from samples import SAMPLES
from scaling import LEAVES, Kind, bridges, command_line, controllers
from qapigen.model import TARGETS, Class, Schema

Words = list[str]
# Backends that have one user: of "-option" with the id in place of {}.
OWN = {"chardev-": ("-chardev", "null,id={}"), "node-": ("-blockdev", "null-co,node-name={}"),
       "netdev-": ("-netdev", "hubport,id={},hubid=0"),
       "memory-": ("-object", "memory-backend-ram,id={},size=1M")}
ROOTS = ("object", "chardev", "netdev", "blockdev", "audiodev", "fsdev", "device")


@dataclass(frozen=True)
class Place:
    """The members that put device @i on a bus, and the options of the buses for @n devices."""

    members: Callable[[int], dict] = lambda i: {}
    base: Callable[[int], Words] = lambda n: []
    machine: str = "pc-i440fx-9.1"
    target: str = "x86_64"


def on(controller: str, per: int, bus: str) -> Place:
    """@per devices on each @controller; {c} is its number and {i} that of the device on it."""
    return Place(lambda i: {"bus": bus.format(c=i // per, i=i % per)}, controllers(controller, per))


PCI = Place(lambda i: {"bus": f"b{i // LEAVES}"}, bridges)
PLACES = {
    "PCI": [PCI, Place(machine="pseries", target="ppc64"), Place(machine="virt", target="aarch64")],
    "": [Place(machine="pc-q35-9.1"), Place(machine="virt", target="aarch64"),
         Place(machine="s390-ccw-virtio-9.1", target="s390x")],
    "System": [Place(machine="pc-q35-9.1"), Place(machine="virt", target="aarch64"),
               Place(machine="pseries", target="ppc64")],
    "ISA": [Place()],
    "usb-bus": [on("qemu-xhci,p2=15,p3=15", 15, "c{c}.0")],
    "SCSI": [on("virtio-scsi-pci", 200, "c{c}.0")],
    "IDE": [on("ich9-ahci", 6, "c{c}.{i}")],
    "HDA": [on("intel-hda", 15, "c{c}.0")],
    "virtio-serial-bus": [on("virtio-serial-pci", 30, "c{c}.0")],
    "nvme-bus": [on("nvme,serial=s", 200, "c{c}")],
    "sd-bus": [on("sdhci-pci", 1, "c{c}")],
    "floppy-bus": [Place()],
    "IndustryPack": [on("tpci200", 4, "c{c}.0")],
    "virtio-bus": [Place(machine="virt", target="aarch64")],
    "i2c-bus": [Place(machine="pc-q35-9.1"), Place(machine="virt", target="aarch64")],
    "virtual-css-bus": [Place(machine="s390-ccw-virtio-9.1", target="s390x")],
    "s390-pcibus": [Place(machine="s390-ccw-virtio-9.1", target="s390x")],
    "ap-bus": [Place(machine="s390-ccw-virtio-9.1", target="s390x")],
    "spapr-vio-bus": [Place(machine="pseries", target="ppc64")],
}


def inherited(schema: Schema, one: Class, what: str) -> str | int | None:
    names = [one.name]
    while schema.classes[names[-1]].parent:
        names.append(schema.classes[names[-1]].parent)
    return next((value for name in names if (value := getattr(schema.classes[name], what))), None)


def place_of(schema: Schema, one: Class) -> Place | None:
    """The first of the table on a target that has the class."""
    targets = inherited(schema, one, "targets") or 0
    places = [Place(machine="none", target=target) for target in TARGETS]
    if schema.root_of(one.name).name == "device":
        places = PLACES.get(str(inherited(schema, one, "plugs_into") or ""), [])
    return next((place for place in places if not targets or int(targets) >> TARGETS.index(place.target) & 1), None)


def shared() -> Words:
    """Backends that many objects may use."""
    words = []
    for option, members in PREPARED:
        if not any(str(members.get("id", members.get("node-name"))).startswith(prefix) for prefix in OWN):
            words += [f"-{option}", json.dumps(members)]
    return words


SHARED = shared()
OWNED = re.compile(r'"(' + "|".join(OWN) + r')\d+"')


def kind_of(references: References, root: Class, one: Class, place: Place) -> Kind:
    props = {name: prop.member for name, prop in references.props.of(one.name).items()}
    members = {name: references.any(member) for name, member in props.items() if not member.optional and member.is_input}
    sample = next(iter(SAMPLES.get(one.name, [])), None)
    members |= sample.members if sample else {}
    creates = root.creates
    assert creates
    members.pop(creates.id, None)
    body = json.dumps(members).replace("$DIR", "/nonexistent").replace("$N", "0")
    # The partners of samples are those of all.
    body = body.replace('"canbus": "thread-0"', '"canbus": "can-0"').replace('"chardev": "under"', '"chardev": "chardev-0"')
    body = body.replace('"under"', '"netdev-0"' if root.name in ("object", "netdev") else
                        '"node-0"' if root.name == "blockdev" else '"chardev-0"').replace('"group"', '"group-0"')
    owned = sorted(set(OWNED.findall(body)))

    def words(i: int) -> Words:
        told = {creates.id: f"o{i}", **json.loads(OWNED.sub(lambda match: f'"{match[1]}{i}"', body)), **place.members(i)}
        tag = one.tag or one.name
        if creates.within:          # the option has another form than the command
            return [f"-{root.name}", ",".join([tag, *key_value(told)])]
        return [f"-{root.name}", json.dumps({creates.tag: tag, **told})]

    def base(n: int) -> Words:
        own = [word for i in range(n) for prefix in owned for word in (OWN[prefix][0], OWN[prefix][1].format(f"{prefix}{i}"))]
        return SHARED + (["-object", "can-bus,id=can-0"] if '"can-0"' in body else []) + own + place.base(n)

    return Kind(f"{root.name} {one.tag or one.name}", words, base, place.machine, target=place.target)


def derived() -> Iterator[tuple[str, Kind | None]]:
    """All classes.  None: a device without a place in the table."""
    schema = read_schema()
    references = References(schema)
    for root in schema.classes.values():
        if root.name not in ROOTS or not root.creates:
            continue
        for one in schema.leaves(root.name):
            if not one.user_creatable or one.cond or one.name.endswith("-cpu") or "spapr-cpu-core" in one.name:
                continue
            place = place_of(schema, one)
            name = f"{root.name} {one.tag or one.name}"
            yield name, kind_of(references, root, one, place) if place else None


def most_of(build: str, kind: Kind, sizes: tuple[int, ...]) -> tuple[int, str]:
    """The largest of @sizes that a VM can have, or 0; and what refuses more."""
    error = ""
    for size in sorted(sizes, reverse=True):
        argv = [os.path.join(build, "vintage"), "check", "--", *command_line("", kind, size, size)[1:]]
        done = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if not done.returncode:
            return size, error
        error = done.stderr.strip()
    return 0, error
