#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Cryptography backends over QMP."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Qmp, equal, main, test  # noqa: E402

KIND = "cryptodev-backend-builtin"


def session(machine: Machine) -> Qmp:
    assert machine.qmp
    return machine.qmp.negotiate()


@test
def query_cryptodev_tells_what_there_is() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        equal(qmp.call("query-cryptodev"), [])
        qmp.call_with("object-add", {"qom-type": "rng-builtin", "id": "r"})
        qmp.call_with("object-add", {"qom-type": KIND, "id": "c", "throttle-bps": 1 << 40})
        rows = qmp.call("query-cryptodev")
        equal([{**row, "service": row["service"][:1]} for row in rows],
              [{"id": "c", "service": ["cipher"], "client": [{"queue": 0, "type": "builtin"}]}])
        qmp.call("object-del", id="c")
        equal(qmp.call("query-cryptodev"), [])
        # The base class is creatable too, and has no service.
        qmp.call_with("object-add", {"qom-type": "cryptodev-backend", "id": "c"})
        equal(qmp.call("query-cryptodev"), [])
        qmp.call_with("qom-set", {"path": "/objects/c", "property": "throttle-ops", "value": 1})
        qmp.call("object-del", id="c")


@test
def what_is_said_wrong_makes_nothing() -> None:
    with Machine("-machine", "none") as machine:
        qmp = session(machine)
        for members, text in (
                ({"queues": 2}, "queues: 2 exceeds the maximum 1"),
                ({"queues": 0}, f"{KIND}: queues: 0 is below the minimum 1"),
                ({"throttle-bsp": 1}, f"{KIND}: unknown member 'throttle-bsp'; did you mean 'throttle-bps'?")):
            equal(qmp.fails("object-add", {"qom-type": KIND, "id": "c", **members}), f"object-add: {text}")
        equal(qmp.call("query-cryptodev"), [])


main()
