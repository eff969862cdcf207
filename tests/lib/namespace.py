# SPDX-License-Identifier: MIT
"""A network of its own for a test, and functions that run beside it."""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from typing import Any, Callable

INSIDE = "VINTAGE_NET_NAMESPACE"


def enter_namespace() -> None:
    """Runs this test again where the network and what is mounted are its own, if that can be had."""
    command = ["unshare", "--user", "--map-root-user", "--mount", "--net", "--"]
    if INSIDE in os.environ or not shutil.which("unshare") or subprocess.run(
            [*command, "true"], capture_output=True, check=False).returncode:
        return
    os.environ[INSIDE] = "1"
    os.execvp(command[0], [*command, sys.executable, *sys.argv])


def is_inside() -> bool:
    return INSIDE in os.environ


def raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh22x", b"lo", 0x1 | 0x40)     # IFF_UP, IFF_RUNNING
        fcntl.ioctl(control, 0x8914, request)                   # SIOCSIFFLAGS


class Aside(threading.Thread):
    """A function that runs beside the test; done() gives what it returned or raised."""

    def __init__(self, function: Callable[[], Any]):
        super().__init__(daemon=True)
        self.function, self.result, self.error = function, None, None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.function()
        except Exception as error:  # the test's thread raises it again
            self.error = error

    def done(self, timeout: float = 20.0) -> Any:
        self.join(timeout)
        assert not self.is_alive(), "what runs beside the test does not end"
        if self.error:
            raise self.error
        return self.result
