# SPDX-License-Identifier: MIT
"""A QEMU asked from within: what a fresh object says on a machine, before it is realized."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from qapigen.importer.fold import Cell
from qapigen.importer.monitor import STILL, TIMEOUT, LiveError

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "observe.c")


class Unobservable(LiveError):
    """Nothing to ask from within with: no C compiler, or a QEMU that exports no functions to modules."""


def build(directory: str) -> str:
    """Compiles the observer; its path."""
    compiler, pkg_config = os.environ.get("CC", "cc"), shutil.which("pkg-config")
    if not shutil.which(shlex.split(compiler)[0]) or not pkg_config:
        raise Unobservable("there is no C compiler or no pkg-config here")
    flags = subprocess.run([pkg_config, "--cflags", "--libs", "glib-2.0"], capture_output=True, text=True, check=False)
    if flags.returncode:
        raise Unobservable("glib-2.0 can't be compiled against here")
    path = os.path.join(directory, "observe.so")
    done = subprocess.run([*shlex.split(compiler), "-std=gnu11", "-O1", "-shared", "-fPIC", "-o", path, SOURCE,
                           *shlex.split(flags.stdout), "-ldl"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unobservable(f"{SOURCE}: {(done.stderr.strip().splitlines() or ['does not compile'])[-1]}")
    return path


class Observation:
    """The rows of one machine."""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, Cell]] = {}
        self.failed: list[str] = []
        self.machine: dict[str, Cell] = {}


def observe(library: str, binary: str, machine: str, scratch: str, extra: Sequence[str] = ()) -> Observation:
    path = os.path.join(scratch, "rows")
    if os.path.exists(path):
        os.unlink(path)
    # What makes our own programs stop at a warning, or shows their reads of stale memory, is not meant for another.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("G_DEBUG", "MALLOC_"))}
    environment |= {"LD_PRELOAD": library, "VINTAGE_OBSERVE": path}
    argv = [binary, "-machine", machine, *STILL, *extra, "-monitor", "none", "-serial", "none"]
    try:
        done = subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=TIMEOUT * 2, check=False)
    except OSError as error:
        raise LiveError(f"{binary}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise LiveError(f"{binary} -machine {machine}: does not come to an end") from None
    if done.returncode == 3:
        raise Unobservable(f"{binary} exports no functions to modules")
    said = done.stderr.strip().splitlines()
    if done.returncode or not os.path.exists(path):
        raise LiveError(f"{binary} -machine {machine}: {said[-1] if said else f'ended with status {done.returncode}'}")
    return read(path)


def read(path: str) -> Observation:
    result = Observation()
    ended = False
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            if "failed" in row:
                result.failed.append(row["failed"])
            elif "name" in row:
                result.types[row["name"]] = {name: cell_of(cell) for name, cell in row["properties"].items()}
            elif "machine" in row:
                result.machine = {name: cell_of(cell) for name, cell in row["properties"].items()}
            ended = "end" in row
    if not ended:
        raise LiveError(f"{path}: the observation was cut short")
    return result


def cell_of(cell: dict[str, Any]) -> Cell:
    if cell.get("note", "").endswith(("is not readable", "Insufficient permission to perform this operation")):
        cell["note"] = "noget"
    return cell
