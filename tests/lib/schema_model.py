# SPDX-License-Identifier: MIT
"""The checked model of a schema of this repository.

About thirty tests read it, and the compiler takes seconds.  The first one leaves the model in the build directory.
"""

import contextlib
import functools
import gc
import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Iterator

SOURCE = os.path.abspath(os.environ.get("VINTAGE_SOURCE", os.path.join(os.path.dirname(__file__), "..", "..")))
BUILD = os.environ.get("VINTAGE_BUILD", os.path.join(SOURCE, "build"))
sys.path.insert(0, os.path.join(SOURCE, "qapi-gen"))

from qapigen.check import examine  # noqa: E402
from qapigen.load import Source, load  # noqa: E402
from qapigen.model import Schema  # noqa: E402


def read_schema(name: str = "vintage-vm") -> Schema:
    return read_checked(name)[1]


@functools.cache
def read_checked(name: str = "vintage-vm") -> tuple[Source, Schema]:
    """Of the root file schema/@name.json.  All callers of a process share it."""
    path = os.path.join(BUILD, "test-models", f"{name}.pickle")
    state = state_of_sources()
    with without_collection():
        # Absent, of other sources, or cut off.
        with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError), open(path, "rb") as file:
            if file.read(len(state)) == state:
                model: tuple[Source, Schema] = pickle.load(file)
                return model
        checked = examine(lambda: load(os.path.join(SOURCE, "schema", f"{name}.json")))
        assert isinstance(checked, tuple), checked
        with contextlib.suppress(OSError):      # it is read anew in each test
            save(path, state + pickle.dumps(checked, pickle.HIGHEST_PROTOCOL))
        return checked


@contextlib.contextmanager
def without_collection() -> Iterator[None]:
    """A collection finds nothing in the model, and takes ten times as long as to read it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def state_of_sources() -> bytes:
    """Another one after any file of the schema or of the compiler was changed."""
    digest = hashlib.sha256(f"{sys.version} {SOURCE}".encode())
    for top in ("schema", "qapi-gen"):
        for directory, subdirectories, names in os.walk(os.path.join(SOURCE, top)):
            subdirectories.sort()
            for name in sorted(names):
                if name.endswith((".json", ".py")):
                    file = os.path.join(directory, name)
                    status = os.stat(file)
                    digest.update(f"{file} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.digest()


def save(path: str, content: bytes) -> None:
    """Readers see the old file or the whole new one."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(path), delete=False) as file:
        file.write(content)
    os.replace(file.name, path)
