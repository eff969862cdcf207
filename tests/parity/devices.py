# SPDX-License-Identifier: MIT
"""How to plug in a device: the same options for QEMU and for Vintage.

A recipe has the required objects (hosts), the properties of the device, and its bus.  '{n}' is a unique number.
"""

import fnmatch
from typing import NamedTuple


class Recipe(NamedTuple):
    told: str = ""                          # properties of the device
    before: tuple[str, ...] = ()            # options, before the device


DISK = Recipe("drive=node{n}", ("-blockdev", "null-co,node-name=node{n},read-zeroes=on"))
NIC = Recipe("netdev=net{n}", ("-netdev", "user,id=net{n}"))
# An explicit address where the machine assigns none.
OTHER_NIC = Recipe("netdev=net{n},mac=52:54:00:00:00:{n:02x}", NIC.before)
SERIAL = Recipe("chardev=char{n}", ("-chardev", "null,id=char{n}"))
MEMORY = ("-object", "memory-backend-ram,id=mem{n},size=16M")

CAN = ("-object", "can-bus,id=can{n}")

# The first match applies.
RECIPES: list[tuple[str, Recipe]] = [
    ("virtio-blk-*", DISK), ("ide-hd", DISK), ("scsi-hd", DISK), ("usb-storage", DISK), ("nvme-ns", DISK), ("sd-card", DISK),
    ("ide-cd", DISK), ("scsi-cd", DISK), ("nvme", Recipe("serial=serial{n}")),
    ("virtio-net-*", NIC), ("e1000*", OTHER_NIC), ("rtl8139", OTHER_NIC), ("ne2k_*", OTHER_NIC), ("pcnet", OTHER_NIC),
    ("vmxnet3", OTHER_NIC), ("i825*", OTHER_NIC), ("i82801", OTHER_NIC), ("usb-net", OTHER_NIC), ("tulip", OTHER_NIC),
    ("virtio-rng-*", Recipe("rng=rng{n}", ("-object", "rng-builtin,id=rng{n}"))),
    ("virtio-crypto-*", Recipe("cryptodev=crypto{n}", ("-object", "cryptodev-backend-builtin,id=crypto{n}"))),
    ("virtio-pmem-*", Recipe("memdev=mem{n}", MEMORY)), ("ivshmem-plain", Recipe("memdev=mem{n}", MEMORY)),
    ("virtserialport", Recipe("name=port{n}")), ("virtconsole", SERIAL),
    ("isa-serial", SERIAL), ("isa-parallel", SERIAL), ("isa-debugcon", SERIAL), ("pci-serial", SERIAL), ("usb-serial", SERIAL),
    ("ccid-card-passthru", SERIAL),
    ("pcie-root-port", Recipe("chassis={n}")), ("ioh3420", Recipe("chassis={n}")), ("cxl-rp", Recipe("chassis={n}")),
    ("pci-bridge*", Recipe("chassis_nr={n}")),
    ("acpi-erst", Recipe("memdev=mem{n}", MEMORY)), ("virtio-mem-pci", Recipe("memdev=mem{n}", MEMORY)),
    ("*-ipmi-*", Recipe("bmc=bmc{n}", ("-device", "ipmi-bmc-sim,id=bmc{n}"))),
    ("kvaser_pci", Recipe("canbus=can{n}", CAN)), ("ctucan_pci", Recipe("canbus0=can{n}", CAN)),
    ("m*3680_pci", Recipe("canbus0=can{n}", CAN)), ("pcm3680_pci", Recipe("canbus0=can{n}", CAN)),
]

# Bus types that a machine may lack: the providing device, its options, and the name of the bus.
HOSTS = {
    "usb-bus": ("qemu-xhci", "id=xhci,p2=15,p3=15", "xhci.0"),
    "SCSI": ("virtio-scsi-pci", "id=scsi", "scsi.0"),
    "virtio-serial-bus": ("virtio-serial-pci", "id=serial", "serial.0"),
    "HDA": ("intel-hda", "id=hda", "hda.0"),
    "nvme-bus": ("nvme", "id=nvme,serial=1", "nvme"),
    "ccid-bus": ("usb-ccid", "id=ccid", "ccid.0"),
}
# Buses of the machine.
OF_MACHINES = ("PCI", "PCIE", "ISA", "IDE", "System", "CXL")
# Devices that the machine uses itself, or that access the host even in a stopped machine.
LEFT_OUT = {
    "usb-host": "opens the host's devices", "usb-redir": "opens the host's devices", "vfio-*": "takes the host's devices",
    "*-vhost-*": "needs the host's kernel", "vhost-*": "needs the host's kernel or another process",
    "u2f-passthru": "takes the host's devices", "virtio-input-host*": "takes the host's devices",
    "tpm-*": "needs another process", "virtio-*-gl*": "needs a display of the host",
}


def recipe_of(kind: str) -> Recipe:
    return next((recipe for pattern, recipe in RECIPES if fnmatch.fnmatch(kind, pattern)), Recipe())


def left_out(kind: str) -> str:
    return next((why for pattern, why in LEFT_OUT.items() if fnmatch.fnmatch(kind, pattern)), "")


class Plugged(NamedTuple):
    kind: str
    bus: str                                # the type of its bus
    number: int

    @property
    def id(self) -> str:
        return f"dev{self.number}"

    def before(self) -> list[str]:
        return [word.format(n=self.number) for word in recipe_of(self.kind).before]

    def words(self, placed: bool) -> str:
        """The value of -device. @placed: with its bus."""
        told = [self.kind, f"id={self.id}"]
        if recipe_of(self.kind).told:
            told.append(recipe_of(self.kind).told.format(n=self.number))
        if placed and self.bus in HOSTS:
            told.append(f"bus={HOSTS[self.bus][2]}")
        return ",".join(told)


def hosts_of(devices: list[Plugged]) -> list[str]:
    """-device options for the buses that @devices need."""
    needed: list[str] = []
    for bus in sorted({each.bus for each in devices}):
        if bus == "ccid-bus":
            needed.append("usb-bus")
        if bus in HOSTS:
            needed.append(bus)
    words = []
    for bus in dict.fromkeys(needed):
        kind, told, _ = HOSTS[bus]
        words += ["-device", f"{kind},{told}" + (",bus=xhci.0" if bus == "ccid-bus" else "")]
    return words
