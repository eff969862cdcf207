#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Devices without an explicit place get the same one as in QEMU, and both refuse the same places."""

import json
import os
import re
import shutil
import subprocess
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from vintage_test import TOOL, Skip, equal, main, matches, test  # noqa: E402

from compare import ROOT_BUS  # noqa: E402
from sides import Qemu, Refusal  # noqa: E402

# The places are those of QEMU 7.2, which has no platform axis.
RELEASE = ["--release", "7.2", "--platform-version", "7.2"]

# Members for the place of a device, and QEMU's name for the assigned one.
PLACE = {"addr": "addr", "unit": "unit", "channel": "channel", "scsi-id": "scsi-id", "lun": "lun", "nr": "nr", "cad": "cad",
         "nsid": "nsid", "slot": "slot", "reg": "reg", "devno": "dev_id"}
DISKS = [word for n in range(6) for word in ("-blockdev", f"null-co,node-name=n{n},read-zeroes=on")]
NULLS = [word for n in range(4) for word in ("-chardev", f"null,id=c{n}")]

# Target, machine, devices: each gets an id if it has none.
VMS: list[tuple[str, str, list[str]]] = [
    ("x86_64", "pc-i440fx-7.2,usb=on", [
        "ide-hd,drive=n0", "ide-hd,drive=n1", "ide-cd,bus=ide.0,unit=1", "isa-serial,chardev=c0", "floppy", "floppy",
        "usb-tablet", "virtio-scsi-pci,id=a", "virtio-scsi-pci,id=b", "scsi-hd,drive=n2,scsi-id=5,lun=2",
        "scsi-hd,drive=n3,bus=a.0",
        "scsi-cd", "scsi-cd,scsi-id=5", "virtio-serial-pci,id=s", "virtio-serial-pci,id=t,max_ports=3",
        "virtserialport,nr=2,bus=s.0", "virtserialport,bus=s.0", "virtserialport,bus=s.0", "virtconsole,chardev=c1",
        "virtserialport,name=x", "intel-hda", "hda-duplex", "hda-micro", "pci-bridge,id=p,chassis_nr=1", "virtio-rng-pci,bus=p",
        "virtio-rng-pci", "nvme,id=m,serial=1", "nvme-ns,drive=n4", "nvme-ns,drive=n5", "tpci200", "ipoctal232", "ipoctal232"]),
    ("x86_64", "pc-q35-7.2,usb=on", [
        "ide-hd,drive=n0", "usb-tablet,port=3", "usb-mouse", "usb-hub,port=4", "usb-kbd,port=4.2", "usb-tablet", "usb-tablet",
        "usb-tablet", "pcie-root-port,chassis=1,id=r", "virtio-rng-pci,bus=r", "virtio-rng-pci", "qemu-xhci,id=x,p2=2,p3=6",
        "usb-hub,bus=x.0", "usb-kbd,bus=x.0,port=1.8", "usb-ccid,bus=x.0", "ccid-card-passthru,chardev=c0", "isa-fdc", "floppy"]),
    ("x86_64", "pc-i440fx-7.2,usb=on", ["usb-kbd", "usb-mouse", "usb-tablet", "usb-kbd,port=2.5", "usb-mouse"]),
    ("x86_64", "pc-i440fx-7.2", [
        "ich9-ahci,id=h", "ide-hd,drive=n0,bus=h.3", "ide-hd,drive=n1", "lsi53c895a", "scsi-hd,drive=n2", "ich9-usb-ehci1,id=e",
        "ich9-usb-uhci1,masterbus=e.0,firstport=0", "usb-mouse,bus=e.0", "pcie-pci-bridge,id=q", "virtio-rng-pci,bus=q",
        "usb-uas,bus=e.0,id=u", "scsi-cd,bus=u.0", "scsi-cd,bus=u.0,lun=4", "sdhci-pci", "sd-card,drive=n3"]),
    ("x86_64", "microvm,pcie=on,usb=on", [
        "virtio-rng-device", "virtio-balloon-device", "virtio-rng-pci", "usb-kbd", "isa-serial,chardev=c0"]),
    ("aarch64", "virt-7.2", [
        "virtio-rng-device", "virtio-serial-device", "virtserialport", "virtio-rng-pci", "qemu-xhci", "usb-kbd"]),
    ("riscv64", "virt", ["virtio-rng-device", "virtio-rng-pci", "virtio-rng-device,bus=virtio-mmio-bus.3"]),
    ("m68k", "virt-7.2", ["virtio-rng-device", "virtio-balloon-device"]),
    ("ppc64", "pseries-7.2,usb=on", [
        "spapr-vscsi,id=v,reg=8192", "spapr-vscsi,id=w", "spapr-vty,chardev=c0,reg=805306368",
        "scsi-hd,drive=n0,channel=2,bus=v.0",
        "scsi-cd",
        "usb-kbd", "virtio-rng-pci", "spapr-pci-host-bridge,index=1,id=h", "virtio-rng-pci,bus=h.0"]),
    ("s390x", "s390-ccw-virtio-7.2", [
        "virtio-rng-ccw", "virtio-rng-ccw,devno=fe.1.0007", "virtio-serial-ccw", "virtconsole,chardev=c0",
        "sclpconsole,chardev=c1", "virtio-scsi-ccw,id=k,devno=fe.0.00a0", "scsi-hd,drive=n0", "virtio-rng-pci"]),
]

# Places that both refuse: target, machine, devices, and the error of Vintage.
REFUSED: list[tuple[str, str, list[str], str]] = [
    ("x86_64", "pc-i440fx-7.2", ["ide-hd,drive=n0,bus=ide.0,unit=2"], r"bus 'ide\.0': unit 2 does not exist; expected 0 to 1$"),
    ("x86_64", "pc-i440fx-7.2", ["ide-cd,bus=ide.0,unit=0,id=x", "ide-cd,bus=ide.0,unit=0"],
     r"bus 'ide\.0': unit 0 is in use by ide-cd 'x'$"),
    ("x86_64", "pc-q35-7.2", ["ide-cd,bus=ide.0,unit=1"], r"bus 'ide\.0': unit 1 does not exist; expected 0$"),
    ("x86_64", "pc-q35-7.2", ["ide-cd,bus=ide.6"], r"no bus 'ide\.6'; did you mean 'ide\.\d'\?$"),
    ("x86_64", "pc-q35-7.2", ["floppy"], r"no 'floppy-bus' bus found for device 'floppy'$"),
    ("x86_64", "pc-q35-7.2", ["usb-tablet"], r"no 'usb-bus' bus found for device 'usb-tablet'$"),
    ("x86_64", "pc-i440fx-7.2", ["virtio-scsi-pci,id=a", "scsi-cd,scsi-id=256"],
     r"bus 'a\.0': scsi-id 256 does not exist; expected 0 to 255$"),
    ("x86_64", "pc-i440fx-7.2", ["virtio-scsi-pci,id=a", "scsi-cd,channel=1"],
     r"bus 'a\.0': channel 1 does not exist; expected 0$"),
    ("x86_64", "pc-i440fx-7.2", ["virtio-scsi-pci,id=a", "scsi-cd,id=x,scsi-id=1,lun=2", "scsi-cd,scsi-id=1,lun=2"],
     r"bus 'a\.0': channel 0, scsi-id 1, lun 2 is in use by scsi-cd 'x'$"),
    ("x86_64", "pc-i440fx-7.2", ["virtio-serial-pci,id=s", "virtserialport,nr=0"],
     r"bus 's\.0': nr 0 is reserved for a virtconsole$"),
    ("x86_64", "pc-i440fx-7.2", ["virtio-serial-pci,id=s,max_ports=4", "virtserialport,nr=4"],
     r"bus 's\.0': nr 4 does not exist; expected 0 to 3$"),
    ("x86_64", "pc-i440fx-7.2", ["virtio-serial-pci,id=s", "virtserialport,name=x", "virtserialport,name=x"],
     r"bus 's\.0': name 'x' is in use by port 1$"),
    ("x86_64", "pc-i440fx-7.2", ["virtio-serial-pci,id=s", "virtserialport,nr=7,id=x", "virtserialport,nr=7"],
     r"bus 's\.0': nr 7 is in use by virtserialport 'x'$"),
    ("x86_64", "pc-i440fx-7.2", ["qemu-xhci,id=u", "usb-kbd,port=5"], r"bus 'u\.0': port 5 does not exist; expected 1 to 4$"),
    ("x86_64", "pc-i440fx-7.2", ["qemu-xhci,id=u", "usb-kbd,port=1,id=k", "usb-kbd,port=1"],
     r"bus 'u\.0': port 1 is in use by usb-kbd 'k'$"),
    ("x86_64", "pc-i440fx-7.2", ["qemu-xhci,id=u", "usb-kbd,port=1.1"],
     r"bus 'u\.0': port 1\.1 does not exist, because no usb-hub is at 1$"),
    ("x86_64", "pc-i440fx-7.2", ["qemu-xhci,id=u", "usb-hub,port=1", "usb-kbd,port=1.9"],
     r"bus 'u\.0': port 1\.9 does not exist; expected 1\.1 to 1\.8$"),
    ("x86_64", "pc-i440fx-7.2", ["intel-hda,id=h", "hda-micro,cad=15"], r"bus 'h\.0': cad 15 does not exist; expected 0 to 14$"),
    ("x86_64", "pc-i440fx-7.2", ["ich9-ahci,id=h", "usb-kbd,bus=h.0"],
     r"device 'usb-kbd' cannot be plugged into 'IDE' bus 'h\.0'$"),
    ("s390x", "s390-ccw-virtio-7.2", ["virtio-rng-ccw,devno=fe.4.0000"],
     r"devno: 'fe\.4\.0000' is not a device number; .*fe\.0\.0001$"),
    ("s390x", "s390-ccw-virtio-7.2", ["virtio-rng-ccw,devno=fe.0.00001"], r"'fe\.0\.00001' is not a device number"),
    ("s390x", "s390-ccw-virtio-7.2", ["virtio-rng-ccw,devno=fe.0.1,id=x", "virtio-rng-ccw,devno=fe.0.0001"],
     r"bus 'virtual-css': devno fe\.0\.0001 is in use by virtio-rng-ccw 'x'$"),
    ("ppc64", "pseries-7.2", ["spapr-vscsi,reg=9,id=x", "spapr-vscsi,reg=9"],
     r"bus 'spapr-vio': reg 9 is in use by spapr-vscsi 'x'$"),
]


def named(devices: list[str]) -> dict[str, list[str]]:
    """The -device options by id."""
    result = {}
    for number, words in enumerate(devices):
        found = re.search(r",id=(\w+)", words)
        result[found[1] if found else f"dev{number}"] = ["-device", words if found else f"{words},id=dev{number}"]
    return result


def binary(target: str) -> str:
    name = f"qemu-system-{target}"
    if not shutil.which(name):
        raise Skip(f"{name} is not installed")
    return name


def ours(target: str, machine: str, words: list[str]) -> subprocess.CompletedProcess:
    return subprocess.run([TOOL, "resolve", "--settled", "--json", *RELEASE, "--", "-nodefaults", "--target", target,
                           "-machine", machine, *words], capture_output=True, text=True, timeout=60, check=False)


def theirs(target: str, machine: str, words: list[str], ids: list[str]) -> dict[str, dict[str, Any]]:
    with Qemu(machine, words, binary(target)) as qemu:
        shown = {one: qemu.properties(f"/machine/peripheral/{one}") for one in ids}
        usb = qemu.call("x-query-usb")["human-readable-text"] if "usb" in " ".join(words) else ""
    result: dict[str, dict[str, Any]] = {}
    for one, properties in shown.items():
        bus = properties["parent_bus"][1]
        result[one] = {"bus": "main-system-bus" if bus == ROOT_BUS else bus.rpartition("/")[2],
                       **{mine: properties[name][1] for mine, name in PLACE.items() if name in properties}}
        port = re.search(rf"Port (\S+),.*ID: {one}\s", usb)
        if port:
            result[one]["port"] = port[1]
    return result


def add_vm(target: str, machine: str, devices: list[str]) -> None:
    def agrees() -> None:
        by_id = named(devices)
        words = [*DISKS, *NULLS, *(word for each in by_id.values() for word in each)]
        expected = theirs(target, machine, words, list(by_id))
        done = ours(target, machine, words)
        equal(done.returncode, 0, done.stderr)
        found = json.loads(done.stdout)["objects"]
        for one, place in expected.items():
            values = found[one]["properties"]
            equal({name: values.get(name) for name in place}, place, f"{one}, {by_id[one][1]}")

    agrees.__doc__ = f"{len(devices)} devices of {machine} on {target} sit where QEMU 7.2 puts them"
    test(agrees)


def add_refused(target: str, machine: str, devices: list[str], pattern: str) -> None:
    def refused() -> None:
        words = [*DISKS, *NULLS, *(word for each in devices for word in ("-device", each))]
        done = ours(target, machine, words)
        equal((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
        matches(done.stderr.strip(), pattern)
        try:
            with Qemu(machine, words, binary(target)):
                raise AssertionError("QEMU takes it")
        except Refusal:
            pass

    refused.__doc__ = f"{target} {machine}: {devices[-1]} is refused by QEMU too"
    test(refused)


for vm in VMS:
    add_vm(*vm)
for case in REFUSED:
    add_refused(*case)

if __name__ == "__main__":
    main()
