#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Memory is freed while other clients are served; the reply comes when it is free."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from obstacles import Watch  # noqa: E402
from vintage_test import LONG, SANITIZED, Machine, equal, main, test  # noqa: E402

SIZE = 3 << 30 if LONG else 64 << 20 if SANITIZED else 256 << 20
ROUNDS = 3


def resident(machine: Machine) -> int:
    with open(f"/proc/{machine.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def threads(machine: Machine) -> int:
    return len(os.listdir(f"/proc/{machine.process.pid}/task"))


@test
def memory_is_free_when_the_reply_comes() -> None:
    with tempfile.TemporaryDirectory() as directory, Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
        watch = Watch(machine)
        before = resident(machine)
        for kind, more in (("ram", {}), ("memfd", {}), ("file", {"mem-path": directory}),
                           ("file", {"mem-path": f"{directory}/file", "discard-data": True})):
            for _ in range(ROUNDS):
                watch.first.call_with("object-add", {"qom-type": f"memory-backend-{kind}", "id": "m", "size": SIZE,
                                                     "prealloc": True, "share": True, **more})
                equal(watch.call_with("object-del", {"id": "m"}), {"return": {}})
                assert SANITIZED or resident(machine) < before + SIZE // 2, resident(machine)
                watch.first.fails("object-del", {"id": "m"}, "GenericError", "'m' not found")
        # discard-data frees the blocks of the file.
        assert os.stat(f"{directory}/file").st_blocks * 512 < SIZE // 2
    print(f"# {watch.report()}")


@test
def what_follows_in_the_session_waits() -> None:
    """the replies of a session stay in order, and a client that disconnects or quits loses nothing but its reply"""
    with Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
        add = ('{"execute": "object-add", "arguments": {"qom-type": "memory-backend-memfd", "id": "m", "size": %d, '
               '"prealloc": true}}')
        delete = '{"execute": "object-del", "arguments": {"id": "m"}, "id": %d}'
        for number in range(ROUNDS):
            first = machine.connect().negotiate()
            first.send(add % SIZE + delete % number + '{"execute": "query-memdev", "id": "after"}')
            equal([first.answer() for _ in range(3)],
                  [{"return": {}}, {"return": {}, "id": number}, {"return": [], "id": "after"}])
            first.send(add % SIZE)
            first.answer()
            first.send(delete % number)
            if number == ROUNDS - 1:
                second = machine.connect().negotiate()
                second.call("quit")
                equal(first.answer(), {"return": {}, "id": number})
                machine.process.wait(20)
            first.close()


main()
