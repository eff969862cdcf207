# SPDX-License-Identifier: MIT
"""A real guest: the kernel and the initramfs of examples/initramfs.py, and its console.

Debian's packages linux-image-cloud-amd64 and busybox-static provide them; without them, a test is skipped.
"""

import http.server
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from vintage_test import SANITIZED, VM, Skip, SocketQmp, matches

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


QEMU = shutil.which("qemu-system-x86_64")


class Guest:
    """A running guest with its console and a QMP session."""

    def __init__(self, *argv: str):
        if not QEMU or SANITIZED:
            raise Skip("qemu-system-x86_64 is not installed" if not QEMU else "the plain build tries it")
        self.directory = tempfile.TemporaryDirectory()
        path = os.path.join(self.directory.name, "qmp")
        image = os.path.join(self.directory.name, "initrd")
        kernel = initramfs(image)
        self.process = subprocess.Popen(
            [VM, "--platform-version", "7.2", *argv, "-m", "256", "-kernel", kernel, "-initrd", image, "-append",
             "console=ttyS0 quiet no_timer_check", "-nographic", "-no-reboot", "-qmp", f"unix:{path},server=on,wait=off"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self.process.stdin and self.process.stdout
        self.console = Console(self.process.stdout.fileno(), self.process.stdin.fileno())
        try:
            self.console.wait(b"guest-is-ready")
        except EOFError:
            assert self.process.stderr
            raise AssertionError(self.process.stderr.read().decode()) from None
        self.console.wait()
        self.qmp = SocketQmp(path).negotiate()

    def __enter__(self) -> "Guest":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate()
        self.directory.cleanup()

    def run(self, command: str) -> str:
        return self.console.run(command)


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"a page of the host\n")

    def log_message(self, *_: object) -> None:
        pass


class Page:
    """A page that this process serves, for a guest with a network of the type 'user'."""

    def __enter__(self) -> "Page":
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def is_fetched_by(self, guest: Guest) -> None:
        guest.run("ip link set eth0 up")
        matches(guest.run("udhcpc -i eth0 -n -q -s /bin/true 2>&1"), "lease of 10.0.2.15 obtained")
        guest.run("ip addr add 10.0.2.15/24 dev eth0")
        matches(guest.run(f"wget -q -O - http://10.0.2.2:{self.server.server_port}/"), "a page of the host")
