#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Command lines that people use settle to the values that QEMU has: every property of every object that both have.

Needs $VINTAGE_QEMU, as 'make parity' sets it.  The lines are adapted to a QEMU without KVM (tests/parity/lines.py).
tests/parity/explained.txt says why a value may differ.
"""

import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from command_lines import argv_of, lines  # noqa: E402
from compare import Parity  # noqa: E402
from lines import Files, Unsuited, adapted  # noqa: E402
from objects import of_qemu, of_vintage, pairs  # noqa: E402
from sides import BINARY, Refusal  # noqa: E402
from vintage_test import Skip, main, test  # noqa: E402

LEAST = 24


@test
def settled_values_of_real_lines_are_those_of_qemu() -> None:
    if "VINTAGE_QEMU" not in os.environ:
        raise Skip("set VINTAGE_QEMU, as 'make parity' does")
    parity = Parity()
    compared, devices = 0, 0
    only = sys.argv[1:]
    for name, line in lines().items():
        if line["accepted_by_qemu"] is not True or only and name not in only:
            continue
        with tempfile.TemporaryDirectory() as directory:
            try:
                argv = adapted(line, argv_of(line), Files(directory))
                machine, theirs = of_qemu(BINARY.replace("x86_64", line["target"]), argv)
            except (Unsuited, Refusal) as reason:
                print(f"# {name}: not compared: {reason}")
                continue
            ours = of_vintage(line["target"], argv)
        before = len(parity.differences), parity.cells
        parity.device(name, "machine", machine, ours["/machine"])
        found = pairs(theirs, ours)
        for kind, values, one in found:
            parity.device(name, kind, values, one)
        compared += 1
        devices += len(found)
        fresh = parity.differences[before[0]:]
        print(f"# {name}: {len(found)} objects, {parity.cells - before[1]} values, {len(fresh)} differ, "
              f"{sum(not each.cause for each in fresh)} unexplained", flush=True)
    for each in parity.unexplained():
        print(f"#   {each}")
    print(f"# {compared} lines, {devices} objects, {parity.cells} values, {len(parity.differences)} differ")
    assert only or compared >= LEAST, f"{compared} lines"
    assert not parity.unexplained(), f"{len(parity.unexplained())} values differ for no known cause"


main()
