#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hotplug of each network backend while frames pass between others."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from frames import Cable  # noqa: E402
from hubs import hub, make_frames, pass_frames, unix, wait_event  # noqa: E402
from namespace import Aside, enter_namespace, is_inside, raise_loopback  # noqa: E402
from vintage_test import QmpError, main, missing_library, test  # noqa: E402


def kinds(directory: str) -> dict[str, dict]:
    """One of each kind; none has a peer."""
    return {"user": {}, "hubport": {"hubid": 1}, "tap": {"ifname": "vintage1", "script": "no"},
            "stream": {"addr": unix(f"{directory}/server"), "server": True},
            "dgram": {"local": unix(f"{directory}/mine"), "remote": unix(f"{directory}/theirs")}}


@test
def backends_come_and_go_while_frames_pass() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "between")
        with hub(directory, "a", {"type": "stream", "server": True, "addr": unix(path)}) as (machine, a):
            assert machine.qmp
            qmp, b = machine.qmp, Cable(path)
            wait_event(machine, "NETDEV_STREAM_CONNECTED", "n1")
            qmp.fails("netdev_del", {"id": "n1"}, pattern="in use by .*p1")
            for kind, members in kinds(directory).items():
                frames = make_frames(2000, 1500)
                aside = Aside(lambda frames=frames: pass_frames(a, b, frames))
                for _ in range(30):
                    try:
                        qmp.call_with("netdev_add", {"type": kind, "id": "x", **members})
                    except QmpError as error:
                        if kind != "tap" and not missing_library(error.desc):
                            raise
                        break
                    if kind != "hubport":
                        # Frames are sent there, too.
                        qmp.call_with("netdev_add", {"type": "hubport", "id": "px", "hubid": 1, "netdev": "x"})
                        qmp.fails("netdev_del", {"id": "x"}, pattern="in use by .*px")
                    qmp.call_with("object-add", {"qom-type": "filter-dump", "id": "f", "netdev": "x",
                                                 "file": os.path.join(directory, "pcap")})
                    qmp.fails("netdev_del", {"id": "x"}, pattern="in use by .*(px|f)")
                    qmp.call_with("object-del", {"id": "f"})
                    if kind != "hubport":
                        qmp.call_with("netdev_del", {"id": "px"})
                    qmp.call_with("netdev_del", {"id": "x"})
                aside.done(60)
            b.close()


if __name__ == "__main__":
    enter_namespace()
    if is_inside():
        raise_loopback()
    main()
