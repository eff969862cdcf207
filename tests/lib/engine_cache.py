# SPDX-License-Identifier: MIT
"""The cache of what QEMUs can do, and of the values that they had."""

import glob
import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import Iterator


@contextmanager
def without_proofs() -> Iterator[str]:
    """A cache that has the probes of the real one, but no values that earlier starts have read.  Returns its directory."""
    variable = "XDG_CACHE_HOME"
    path = os.environ.get(variable)
    probes = os.path.join(path or os.path.join(os.path.expanduser("~"), ".cache"), "vintage", "qemu-system-*.engine")
    with tempfile.TemporaryDirectory() as cache:
        directory = os.path.join(cache, "vintage")
        os.mkdir(directory)
        for name in glob.glob(probes):
            shutil.copy(name, directory)
        os.environ[variable] = cache
        try:
            yield directory
        finally:
            if path is None:
                del os.environ[variable]
            else:
                os.environ[variable] = path
