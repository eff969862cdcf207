#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes an initramfs for a guest from Debian's kernel for clouds and busybox, and prints the path of the kernel.

usage: initramfs.py FILE [SCRIPT]

FILE is the initramfs.  The guest runs the shell script SCRIPT and powers off; without one, it starts a shell on its
serial console.  The packages are linux-image-cloud-amd64 and busybox-static.
"""

import glob
import gzip
import os
import stat
import subprocess
import sys

BUSYBOX = "/bin/busybox"
MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "virtio-rng", "virtio_balloon", "virtio_console")
INIT = """#!/bin/sh
export PATH=/bin PS1='guest# '
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in {modules}; do insmod /lib/$module; done
stty -echo -F /dev/ttyS0
if [ -e /script ]; then sh /script; poweroff -f; fi
echo guest-is-ready
exec setsid cttyhack sh
"""


class Missing(Exception):
    """A package is not installed."""


def kernel() -> str:
    """The path of the newest kernel."""
    found = sorted(glob.glob("/boot/vmlinuz-*-cloud-amd64"))
    if not found or not os.path.exists(BUSYBOX):
        raise Missing("linux-image-cloud-amd64 or busybox-static is not installed")
    return found[-1]


def member(name: str, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)) -> bytes:
    """A member of a cpio archive in the format newc."""
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def modules(root: str) -> list[str]:
    """The files of MODULES, each after those that it depends on."""
    with open(f"{root}/modules.dep", encoding="utf-8") as file:
        needs = {path: rest.split() for path, rest in (line.split(":") for line in file)}
    wanted: dict[str, None] = {}
    for name in MODULES:
        path = next(path for path in needs if os.path.basename(path) == f"{name}.ko")
        wanted |= dict.fromkeys([*reversed(needs[path]), path])
    return list(wanted)


def initramfs(path: str, script: str = "") -> str:
    """Writes the initramfs to @path, with the text of a script that the guest runs in place of a shell. Returns kernel()."""
    found = kernel()
    root = f"/lib/modules/{os.path.basename(found).removeprefix('vmlinuz-')}"
    loaded = modules(root)
    parts = [member(name, stat.S_IFDIR | 0o755) for name in ("bin", "dev", "lib", "proc", "sys", "tmp")]
    parts.append(member("dev/console", stat.S_IFCHR | 0o600, device=(5, 1)))
    with open(BUSYBOX, "rb") as file:
        parts.append(member("bin/busybox", stat.S_IFREG | 0o755, file.read()))
    for applet in subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True).stdout.split():
        if applet != "busybox":
            parts.append(member(f"bin/{applet}", stat.S_IFLNK | 0o777, b"busybox"))
    for module in loaded:
        with open(f"{root}/{module}", "rb") as file:
            parts.append(member(f"lib/{os.path.basename(module)}", stat.S_IFREG | 0o644, file.read()))
    parts.append(member("init", stat.S_IFREG | 0o755, INIT.format(modules=" ".join(map(os.path.basename, loaded))).encode()))
    if script:
        parts.append(member("script", stat.S_IFREG | 0o755, script.encode()))
    parts.append(member("TRAILER!!!", 0))
    with gzip.open(path, "wb", compresslevel=1) as archive:
        archive.write(b"".join(parts))
    return found


def main() -> int:
    script = ""
    if len(sys.argv) not in (2, 3):
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    try:
        if len(sys.argv) == 3:
            with open(sys.argv[2], encoding="utf-8") as file:
                script = file.read()
        print(initramfs(sys.argv[1], script))
    except (Missing, OSError) as problem:
        print(f"initramfs.py: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
