#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Creates each backend with too few free descriptors: with none, one and so on until it succeeds. Each failure is
one error line, and the process survives."""

import json
import os
import resource
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from lifecycle import KINDS, create, classes  # noqa: E402
from namespace import enter_namespace, is_inside, raise_loopback  # noqa: E402
from samples import SAMPLES, Sample  # noqa: E402
from vintage_test import VM, Machine, Skip, equal, main, matches, run, sampled, test  # noqa: E402

ENOUGH = 24             # enough free descriptors for any backend


def try_all(one, creates, sample: Sample) -> int:
    """Returns how many attempts failed, with one more free descriptor each time."""
    refused = 0
    with tempfile.TemporaryDirectory() as directory:
        late = sample.prepare(directory) or {}
        members = {**json.loads(json.dumps(sample.members).replace("$DIR", directory).replace("$N", "1")), **late}
        with Machine("-machine", "none", qmp="unix:PATH,server=on,wait=off") as machine:
            qmp = machine.connect().negotiate()
            for command, arguments in sample.before:
                qmp.call_with(command, arguments)
            _, delete, name = KINDS[creates.kind]
            line = create(creates.kind, creates.tag, one.tag or one.name, members)
            pid = machine.process.pid
            for free in range(ENOUGH):
                taken = {int(number) for number in os.listdir(f"/proc/{pid}/fd")}
                limit = 0
                while free >= 0:
                    free -= limit not in taken
                    limit += 1
                before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit - 1, before[1]))
                answer = qmp.raw(line)
                resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
                if "error" in answer:
                    refused += 1
                    matches(answer["error"]["desc"], r"\A[^\n]+\Z")
                else:
                    qmp.call_with(delete, {name: "x"})
                equal(machine.process.poll(), None, "the process has ended")
    return refused


@test
def a_full_table_of_descriptors_ends_nothing() -> None:
    tried = refused = 0
    for one, creates in sampled(((one, creates) for one, creates in classes() if one.model != "none"), 2):
        for sample in SAMPLES.get(one.name, [Sample()]):
            try:
                refused += try_all(one, creates, sample)
            except Skip:
                continue
            except Exception as error:
                raise AssertionError(f"{one.name} with {sample.members}: {error}") from error
            tried += ENOUGH
    print(f"# {tried} creations, of which {refused} were refused")
    assert refused > 10


@test
def no_limit_makes_a_start_abort() -> None:
    # The dynamic loader needs this many.
    for limit in sampled(range(4, 24), 4, 2):
        done = run("/bin/sh", "-c", f'ulimit -n {limit}; exec "$0" "$@"', VM, "-machine", "none",
                   "--platform-version", "9.0", "-object", "iothread,id=i", "-qmp", "stdio",
                   stdin='{"execute":"qmp_capabilities"}{"execute":"quit"}\n')
        assert done.returncode in (0, 1), (limit, done.returncode, done.stderr)
        if done.returncode:
            matches(done.stderr, r"\A[^\n]+\n\Z")


if __name__ == "__main__":
    enter_namespace()
    if is_inside():
        raise_loopback()
    main()
