# SPDX-License-Identifier: MIT
"""A client of QEMU's monitor: of one that listens on a socket, or of one that it starts itself."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import time
from collections.abc import Sequence
from typing import Any

TIMEOUT = 60.0


class LiveError(Exception):
    """A QEMU that does not answer, or not so."""


class Gone(LiveError):
    """A QEMU that ended in the middle of a question."""


class Refused(LiveError):
    """A command that QEMU did not carry out."""


class Monitor:
    def __init__(self, name: str, reading: int, writing: int) -> None:
        self.name = name
        self.reading, self.writing = reading, writing
        self.buffer = b""
        greeting = self.receive()
        if "QMP" not in greeting:
            raise LiveError(f"{name}: no QMP greeting but {json.dumps(greeting)[:80]}")
        self.call("qmp_capabilities")

    def receive(self) -> dict[str, Any]:
        end = time.monotonic() + TIMEOUT
        while b"\n" not in self.buffer:
            if not select.select([self.reading], [], [], max(0.0, end - time.monotonic()))[0]:
                raise LiveError(f"{self.name}: no answer within {TIMEOUT:.0f} s")
            try:
                chunk = os.read(self.reading, 1 << 20)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                raise Gone(f"{self.name}: hung up")
            self.buffer += chunk
        line, self.buffer = self.buffer.split(b"\n", 1)
        try:
            message = json.loads(line)
        except ValueError:
            raise LiveError(f"{self.name}: not JSON: {line[:80].decode(errors='replace')!r}") from None
        if not isinstance(message, dict):
            raise LiveError(f"{self.name}: not a message: {line[:80].decode(errors='replace')!r}")
        return message

    def call(self, command: str, **arguments: Any) -> Any:
        request: dict[str, Any] = {"execute": command}
        if arguments:
            request["arguments"] = {name.replace("_", "-"): value for name, value in arguments.items()}
        data = json.dumps(request).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self.writing, data):]
        except OSError as error:
            raise Gone(f"{self.name}: {error.strerror}") from None
        while True:
            message = self.receive()
            if "error" in message:
                raise Refused(f"{self.name}: {command}: {message['error'].get('desc', '')}")
            if "return" in message:
                return message["return"]

    def revive(self) -> bool:
        """Whether a QEMU that is gone could be started anew."""
        return False

    def ask(self, command: str, otherwise: Any = None, **arguments: Any) -> Any:
        """@otherwise where this QEMU refuses."""
        try:
            return self.call(command, **arguments)
        except Refused:
            return otherwise


class SocketMonitor(Monitor):
    """@address: the path of a socket, or HOST:PORT."""

    def __init__(self, address: str) -> None:
        host, colon, port = address.rpartition(":")
        is_port = bool(colon) and "/" not in address and port.isdigit()
        self.socket = socket.socket(socket.AF_INET if is_port else socket.AF_UNIX)
        try:
            self.socket.connect((host.strip("[]"), int(port)) if is_port else address)
        except OSError as error:
            self.socket.close()
            raise LiveError(f"{address}: {error.strerror or error}") from None
        super().__init__(address, self.socket.fileno(), self.socket.fileno())

    def __enter__(self) -> SocketMonitor:
        return self

    def __exit__(self, *_: Any) -> None:
        self.socket.close()


# A machine is made, but nothing of it runs.
STILL = ("-nodefaults", "-S", "-display", "none", "-accel", "tcg")


class StartedMonitor(Monitor):
    """The monitor of a QEMU started for the purpose."""

    def __init__(self, binary: str, machine: str, extra: Sequence[str] = ()) -> None:
        self.again = binary, machine, extra
        # Not on standard input: some objects of QEMU close descriptor 0 when they are unmade.
        self.socket, theirs = socket.socketpair()
        argv = [binary, "-machine", machine, *STILL, *extra, "-chardev", f"socket,id=monitor,fd={theirs.fileno()}",
                "-mon", "chardev=monitor,mode=control"]
        try:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                            pass_fds=[theirs.fileno()])
        except OSError as error:
            self.socket.close()
            raise LiveError(f"{binary}: {error.strerror}") from None
        finally:
            theirs.close()
        try:
            super().__init__(f"{binary} -machine {machine}", self.socket.fileno(), self.socket.fileno())
        except LiveError as error:
            said = self.end().strip()
            raise LiveError(f"{binary} -machine {machine}: {said.splitlines()[-1]}" if said else str(error)) from None

    def revive(self) -> bool:
        self.end()
        StartedMonitor.__init__(self, *self.again)
        return True

    def end(self) -> str:
        """Ends the process; what it said on standard error."""
        self.socket.close()
        self.process.terminate()
        try:
            _, errors = self.process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, errors = self.process.communicate()
        return errors.decode(errors="replace")

    def __enter__(self) -> StartedMonitor:
        return self

    def __exit__(self, *_: Any) -> None:
        self.end()
