# SPDX-License-Identifier: MIT
"""A real guest: Debian's cloud kernel and an initramfs with busybox that this module makes.

Debian's packages linux-image-cloud-amd64 and busybox-static provide them; without them, a test is skipped.
"""

import glob
import gzip
import os
import select
import stat
import subprocess
import time

from vintage_test import Skip

PROMPT = b"guest# "
PATIENCE = 240.0        # seconds: TCG on a busy host
BUSYBOX = "/bin/busybox"
MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "virtio-rng", "virtio_balloon", "virtio_console")
INIT = """#!/bin/sh
export PATH=/bin PS1='guest# '
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in {modules}; do insmod /lib/$module; done
stty -echo -F /dev/ttyS0
echo guest-is-ready
exec setsid cttyhack sh
"""


def kernel() -> str:
    """The path of the newest kernel."""
    found = sorted(glob.glob("/boot/vmlinuz-*-cloud-amd64"))
    if not found or not os.path.exists(BUSYBOX):
        raise Skip("linux-image-cloud-amd64 or busybox-static is not installed")
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


def initramfs(path: str) -> str:
    """Writes the initramfs of kernel() to @path."""
    root = f"/lib/modules/{os.path.basename(kernel()).removeprefix('vmlinuz-')}"
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
    parts.append(member("TRAILER!!!", 0))
    with gzip.open(path, "wb", compresslevel=1) as archive:
        archive.write(b"".join(parts))
    return path


class Console:
    """The serial console of a guest, on two descriptors of this process."""

    def __init__(self, fd_in: int, fd_out: int):
        self.fd_in, self.fd_out = fd_in, fd_out
        self.text = b""

    def wait(self, wanted: bytes = PROMPT) -> str:
        """The text up to @wanted."""
        end = time.monotonic() + PATIENCE
        while wanted not in self.text:
            if not select.select([self.fd_in], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError(f"no {wanted!r} after {self.text[-2000:]!r}")
            chunk = os.read(self.fd_in, 1 << 16)
            if not chunk:
                raise EOFError(f"the console ended after {self.text[-2000:]!r}")
            self.text += chunk
        before, self.text = self.text.split(wanted, 1)
        return before.decode("utf-8", "replace").replace("\r", "")

    def run(self, command: str) -> str:
        """The output of a command of the guest's shell."""
        os.write(self.fd_out, f"{command}\n".encode())
        return self.wait()
