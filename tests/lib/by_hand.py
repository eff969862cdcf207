# SPDX-License-Identifier: MIT
"""QEMU processes that no program of ours started."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vintage_test import Skip

BINARY = os.environ.get("VINTAGE_QEMU", "qemu-system-x86_64")
STILL = ["-S", "-display", "none", "-accel", "tcg"]


@dataclass(frozen=True)
class ByHand:
    pid: int
    qmp: str        # path of its socket
    words: list[str]


def answers(path: str) -> bool:
    """Whether a server listens on the socket: its file exists a little earlier."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(path) == 0


@contextlib.contextmanager
def running(words: Sequence[str], files: Sequence[str] = (), qmp: bool = True) -> Iterator[ByHand]:
    """Runs a stopped QEMU in a directory that has `files`, each of 1 MiB.  Ends it, and keeps the directory until then."""
    if not shutil.which(BINARY):
        raise Skip(f"{BINARY} is not installed")
    with tempfile.TemporaryDirectory() as directory:
        for name in files:
            with open(os.path.join(directory, name), "wb") as file:
                file.truncate(1 << 20)
        path = os.path.join(directory, "qmp")
        own = [*STILL, *(["-qmp", f"unix:{path},server=on,wait=off"] if qmp else []), *words]
        with subprocess.Popen([BINARY, *own], cwd=directory, stderr=subprocess.PIPE) as qemu:
            while qmp and not answers(path) and qemu.poll() is None:
                time.sleep(0.01)
            assert qemu.poll() is None, qemu.stderr and qemu.stderr.read()
            try:
                yield ByHand(qemu.pid, path, own)
            finally:
                qemu.kill()
