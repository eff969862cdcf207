# SPDX-License-Identifier: MIT
"""A real guest: the kernel and the initramfs of examples/initramfs.py, and its console.

Debian's packages linux-image-cloud-amd64 and busybox-static provide them; without them, a test is skipped.
"""

import os
import select
import sys
import time

from vintage_test import Skip

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples"))
import initramfs as maker  # noqa: E402

PROMPT = b"guest# "
PATIENCE = 240.0        # seconds: TCG on a busy host


def initramfs(path: str) -> str:
    """Writes an initramfs with a shell to @path; returns the path of the kernel."""
    try:
        return maker.initramfs(path)
    except maker.Missing as reason:
        raise Skip(str(reason)) from None


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
