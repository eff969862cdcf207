# SPDX-License-Identifier: MIT
"""Real command lines for a QEMU that starts: without KVM, the host's devices and clients, and with files that exist.

Both sides get the same line, so what is changed here is changed for both.
"""

import os
import re
from typing import Any

# Options of QEMU that reach for the host, or print; with and without a value.
DROPPED = set("""
    -kernel -initrd -append -dtb -shim -pidfile -vnc -spice -D -d -runas -qmp -mon -monitor -display -serial -parallel
    -debugcon -L -iscsi -readconfig -sandbox -incoming -loadvm -fw_cfg -smbios -virtfs -fsdev -tpmdev -uuid -name
    -acpitable -option-rom -gdb
    """.split())
FLAGS_DROPPED = {"-enable-kvm", "-daemonize", "-nographic", "-s", "-S", "-no-user-config"}
# Devices that need the host, or what is dropped above, or that Debian does not have.
NO_DEVICE = re.compile(
    r"vfio-|usb-host|usb-redir|tpm-|virtio-9p|vhost-|qxl|virtio-vga-gl|virtio-gpu-gl|ivshmem|usb-audio|spicevmc")
# Features that need KVM, and words that make QEMU refuse what this host lacks.
OF_HOST = re.compile(r"[-+]?(hv[_-]|kvm|enforce|check|migratable)")
# Lines with one of these need memory or storage of the host.
STORAGE = re.compile("hugepages|mem-path|rbd|iscsi|zfs")
# Options without a value that both sides take.
FLAGS = set("-usb -nodefaults -snapshot -no-reboot -no-shutdown -no-acpi -no-hpet -full-screen -mem-prealloc".split())
DISK_SIZE, FLASH_SIZE, BIOS_SIZE = 8 << 20, 1 << 18, 1 << 17


class Unsuited(Exception):
    """The line is about something that this machine does not have."""


class Files:
    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.names: dict[str, str] = {}

    def made(self, path: str, size: int) -> str:
        name = self.names.setdefault(path, os.path.join(self.directory, f"file{len(self.names)}"))
        if not os.path.exists(name):
            with open(name, "wb") as file:
                file.truncate(size)
        return name


def adapted(line: dict[str, Any], argv: list[str], files: Files) -> list[str]:
    """Options of the line that both sides can take.  Raises Unsuited."""
    result: list[str] = []
    words = iter(argv)
    has_cpu = False
    for word in words:
        option = "-" + word.lstrip("-")
        if option in FLAGS_DROPPED:
            continue
        if option in DROPPED:
            next(words)
            continue
        if option in FLAGS:
            result.append(option)
            continue
        value = next(words)
        if STORAGE.search(value):
            raise Unsuited(f"{option} {value}")
        if option in ("-M", "-machine"):
            value = re.sub(r"(accel|kernel[-_]irqchip)=[^,]*,?", "", value).rstrip(",")
            if not value:
                continue
        elif option == "-accel":
            continue
        elif option == "-cpu":
            has_cpu = True
            value = re.sub(r"^host(?=,|$)", "max", value)
            model, *features = value.split(",")
            value = ",".join([model, *(item for item in features if not OF_HOST.match(item))])
        elif option == "-device" and NO_DEVICE.search(value):
            continue
        elif option == "-m":
            value = re.sub(r"^(size=)?\d+[MG]?(?=,|$)", "256M", value) if "slots" not in value else value
        elif option in ("-bios",):
            value = files.made(value, BIOS_SIZE)
        elif option in ("-hda", "-hdb", "-hdc", "-hdd", "-cdrom", "-fda"):
            value = files.made(value, DISK_SIZE)
        elif option == "-drive":
            value = drive(value, files)
        elif option == "-blockdev":
            if "pflash" in value or "efidisk" in value:
                raise Unsuited("flash by -blockdev")
            value = node(value, files)
        elif option == "-chardev":
            value = "null,id=" + re.search(r"\bid=([^,]+)", value)[1]       # type: ignore[index]
        elif option == "-netdev":
            value = "user,id=" + re.search(r"\bid=([^,]+)", value)[1]       # type: ignore[index]
        elif option == "-audiodev":
            value = "none,id=" + re.search(r"\bid=([^,]+)", value)[1]       # type: ignore[index]
        elif option == "-net" and not value.startswith("nic"):
            value = "user"
        elif option == "-object" and ("filter-dump" in value or "secret" in value):
            continue
        elif option == "-boot":
            value = re.sub(r",?splash=[^,]*", "", value)
        result += [option, value]
    # Both sides have the same default; QEMU's has the suffix of the accelerator in some releases.
    if not has_cpu:
        result += ["-cpu", "qemu64" if line["target"] == "x86_64" else "qemu32"]
    return result




def node(value: str, files: Files) -> str:
    value = re.sub(r'"filename":"([^"]+)"', lambda found: f'"filename":"{files.made(found[1], DISK_SIZE)}"', value)
    value = value.replace('"driver":"qcow2"', '"driver":"raw"')
    return re.sub(r'"driver":"host_\w+"', '"driver":"file"', re.sub(r'"aio":"[^"]*",?', "", value))


def drive(value: str, files: Files) -> str:
    flash = "if=pflash" in value
    value = re.sub(r"format=\w+", "format=raw", value)
    value = re.sub(r"(file(?:\.filename)?)=((?:[^,]|,,)+)",
                   lambda found: f"{found[1]}={files.made(found[2], FLASH_SIZE if flash else DISK_SIZE)}", value)
    value = re.sub(r",aio=\w+", "", value)
    if "file" in value and "format=" not in value:
        value += ",format=raw"
    return value
