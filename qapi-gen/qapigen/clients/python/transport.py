# SPDX-License-Identifier: MIT
"""The connection to a QMP server: requests, answers, events."""

from __future__ import annotations

import collections
import itertools
import json
import socket
from typing import Any, Final, Self


class Absent:
    """The type of ABSENT."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()    # the value of an argument that is left out; None is JSON null


class QmpError(Exception):
    """A command failed.  @error_class is that of the server; @data has further members of the error object."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["desc"])
        self.error_class: str = error["class"]
        self.data: dict[str, Any] = {name: value for name, value in error.items() if name not in ("class", "desc")}


class Connection:
    """A session that has negotiated.  @address: the path of a Unix socket, or (host, port)."""

    def __init__(self, address: str | tuple[str, int], timeout: float | None = None) -> None:
        if isinstance(address, str):
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(timeout)
            self._socket.connect(address)
        else:
            self._socket = socket.create_connection(address, timeout)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._events: collections.deque[dict[str, Any]] = collections.deque()
        self._ids = itertools.count(1)
        self._files: list[int] = []
        self.greeting: dict[str, Any] = self._read()["QMP"]
        self.execute("qmp_capabilities")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def attach(self, *files: int) -> None:
        """Descriptors that the next command sends to the server, over a Unix socket: add_fd(), getfd()."""
        self._files += files

    def execute(self, command: str, arguments: dict[str, Any] | None = None) -> Any:
        """Returns the value that the command returns; raises QmpError if it fails.  ABSENT arguments are left out."""
        given = {name: value for name, value in (arguments or {}).items() if value is not ABSENT}
        ident = next(self._ids)
        request = {"execute": command, "id": ident, **({"arguments": given} if given else {})}
        self._send(json.dumps(request).encode() + b"\n")
        while True:
            message = self._read()
            if message.get("id") == ident:
                break
            if "event" in message:
                self._events.append(message)
        if "error" in message:
            raise QmpError(message["error"])
        return message["return"]

    def next_event(self) -> dict[str, Any]:
        """The oldest event that was not returned; waits for one."""
        while not self._events:
            message = self._read()
            if "event" in message:
                self._events.append(message)
        return self._events.popleft()

    def _send(self, text: bytes) -> None:
        files, self._files = self._files, []
        sent = socket.send_fds(self._socket, [text], files) if files else 0
        self._socket.sendall(text[sent:])

    def _read(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise EOFError("the server has closed the connection")
        message: dict[str, Any] = json.loads(line)
        return message
