# SPDX-License-Identifier: MIT
"""A computation in a child process, while this one goes on."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Aside(Generic[T]):
    """@work sees the memory of now.  Its result can be pickled."""

    def __init__(self, work: Callable[[], T]) -> None:
        self.work = work
        self.source, target = os.pipe()
        self.child = os.fork()
        if not self.child:
            self.compute(target)
        os.close(target)

    def compute(self, target: int) -> None:
        """Runs in the child, and ends it."""
        status = 1
        try:
            with open(target, "wb") as stream:
                pickle.dump(self.work(), stream)
            status = 0
        finally:
            os._exit(status)

    def result(self) -> T:
        """If the child failed, it is computed here: so the caller gets the exception."""
        with open(self.source, "rb") as stream:
            data = stream.read()
        _, status = os.waitpid(self.child, 0)
        if status:
            return self.work()
        value: T = pickle.loads(data)
        return value

    def drop(self) -> None:
        os.close(self.source)
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
