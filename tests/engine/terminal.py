#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An engine on a terminal: the serial port and the human monitor share it, as with QEMU.

The guest runs when the values are verified: only then is the end of the engine no failed startup.
"""

import os
import pty
import select
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TIMEOUT, VM, Skip, equal, main, test  # noqa: E402

ESCAPE = b"\x01"    # Ctrl-A


class Terminal:
    """vintage-vm on a terminal of its own."""

    def __init__(self, *argv: str) -> None:
        if not shutil.which("qemu-system-x86_64"):
            raise Skip("qemu-system-x86_64 is not installed")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(VM, [VM, "--platform-version", "9.0", "-engine", "qemu", "-machine", "pc-q35-7.2", *argv])
        self.text = b""

    def type(self, keys: bytes, answer: bytes) -> None:
        """Types keys until the answer appears: the program may not read the terminal yet."""
        end = time.monotonic() + TIMEOUT
        self.text, again = b"", 0.0
        while answer not in self.text:
            assert time.monotonic() < end, f"{keys!r}: no {answer!r} in {self.text!r}"
            if time.monotonic() > again:
                os.write(self.fd, keys)
                again = time.monotonic() + 2
            if select.select([self.fd], [], [], 0.1)[0]:
                self.text += os.read(self.fd, 65536)

    def end(self) -> int:
        os.write(self.fd, ESCAPE + b"x")
        end = time.monotonic() + TIMEOUT
        while (done := os.waitpid(self.pid, os.WNOHANG))[0] == 0:
            assert time.monotonic() < end, "the program does not end"
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    os.read(self.fd, 65536)
                except OSError:
                    pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(done[1])


def shared(*argv: str) -> None:
    terminal = Terminal(*argv)
    terminal.type(ESCAPE + b"h", b"switch between console and monitor")
    terminal.type(ESCAPE + b"c", b"(qemu)")
    terminal.type(b"info status\n", b"VM status: running")
    equal(terminal.end(), 0)


@test
def nographic_has_a_monitor_beside_the_serial_port() -> None:
    shared("-nographic")


@test
def a_serial_port_of_the_user_can_share_its_terminal() -> None:
    shared("-nodefaults", "-display", "none", "-serial", "mon:stdio")


@test
def a_monitor_alone_has_the_terminal() -> None:
    terminal = Terminal("-nodefaults", "-display", "none", "-monitor", "stdio")
    terminal.type(b"info status\n", b"VM status: running")
    os.write(terminal.fd, b"quit\n")
    equal(terminal.end(), 0)


main()
