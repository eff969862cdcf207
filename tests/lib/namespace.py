# SPDX-License-Identifier: MIT
"""A network namespace for a test, and functions that run in parallel."""

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
    """Runs this test again in new network and mount namespaces, if the host permits it."""
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
    """A function that runs in parallel to the test; done() returns its result or raises its exception."""

    def __init__(self, function: Callable[[], Any]):
        super().__init__(daemon=True)
        self.function, self.result, self.error = function, None, None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.function()
        except Exception as error:  # raised again in the test's thread
            self.error = error

    def done(self, timeout: float = 20.0) -> Any:
        self.join(timeout)
        assert not self.is_alive(), "what runs beside the test does not end"
        if self.error:
            raise self.error
        return self.result
