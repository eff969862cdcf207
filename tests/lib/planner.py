# SPDX-License-Identifier: MIT
"""Instructions of many command lines, counted in one run of Valgrind: see tests/bench/bench-scaling.c."""

import json
import os
import re
import subprocess
import tempfile

from scaling import COUNTER, Kind, command_line


class Planner:
    """One process; command lines one after the other."""

    def __init__(self, build: str) -> None:
        self.log = tempfile.TemporaryFile("w+")     # pylint: disable=consider-using-with
        program = os.path.join(build, "tests", "bench", "bench-scaling")
        self.process = subprocess.Popen([*COUNTER, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)
        self.place = 0

    def end(self) -> None:
        self.process.communicate()
        self.log.close()

    def count(self, words: list[str]) -> int:
        """The instructions of the plan.  Raises RuntimeError if the command line is refused."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        idle, busy, error = self.process.stdout.readline().rstrip("\n").split(" ", 2)
        self.log.seek(self.place)
        text = self.log.read()
        self.place = self.log.tell()
        found = dict(re.findall(r"^==(\d+)== .*Total instructions: (\d+)", text, re.M))
        if error or busy not in found:
            raise RuntimeError(error or text[-800:])
        return int(found[busy]) - int(found[idle])

    def planned(self, kind: Kind, n: int) -> float:
        """Per object after the first, which may take the place of a default device."""
        many, one = (self.count(command_line("", kind, n, given)[1:]) for given in (n, 1))
        return (many - one) / (n - 1)
