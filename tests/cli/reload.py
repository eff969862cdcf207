#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage-backends reads its configuration files again: on SIGHUP, and by config-reload."""

import copy
import json
import os
import signal
import socket
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, SANITIZED, TIMEOUT, Machine, equal, main, matches, test  # noqa: E402

GROUP = {"qom-type": "throttle-group", "id": "t", "limits": {"iops-total": 100}}
Config = dict[str, Any]


class Daemon(Machine):
    program = os.path.join(BUILD, "vintage-backends")


class Files:
    """A directory with two images and a configuration file."""

    def __init__(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        for name in ("d.img", "e.img"):
            with open(self.path(name), "wb") as file:
                file.truncate(1 << 20)
        self.config: Config = {
            "object": [copy.deepcopy(GROUP), {"qom-type": "rng-builtin", "id": "r"},
                       {"qom-type": "secret", "id": "s", "data": "Xyzzy-1"}],
            "chardev": [{"id": "c", "backend": {"type": "socket", "data": {
                "addr": {"type": "unix", "data": {"path": self.path("c")}}, "server": True, "wait": False}}}],
            "blockdev": [{"driver": "file", "node-name": "f", "filename": self.path("d.img")},
                         {"driver": "throttle", "node-name": "d", "throttle-group": "t", "file": "f"},
                         {"driver": "raw", "node-name": "g",
                          "file": {"driver": "file", "filename": self.path("e.img")}}]}

    def path(self, name: str) -> str:
        return os.path.join(self.directory.name, name)

    def write(self, text: str | None = None) -> str:
        with open(self.path("c.json"), "w", encoding="utf-8") as file:
            file.write(text if text is not None else json.dumps(self.config))
        return self.path("c.json")


def changes(answer: dict[str, list[str]]) -> tuple[list[str], ...]:
    return tuple(sorted(answer[key]) for key in ("added", "changed", "removed"))


def state(daemon: Machine) -> tuple[object, ...]:
    assert daemon.qmp
    nodes = [(row["node-name"], row["file"], row["ro"]) for row in daemon.qmp.call("query-named-block-nodes")]
    return (sorted(nodes), sorted(row["name"] for row in daemon.qmp.call("qom-list", path="/objects")),
            sorted(row["label"] for row in daemon.qmp.call("query-chardev")),
            daemon.qmp.call("qom-get", path="/objects/t", property="limits"))


@test
def what_differs_is_added_changed_and_removed() -> None:
    files = Files()
    with Daemon("-config", files.write(), "-object", "rng-builtin,id=mine") as daemon:
        assert daemon.qmp
        qmp = daemon.qmp.negotiate()
        equal(changes(qmp.call("config-reload")), ([], [], []))
        files.config["object"][0]["limits"]["iops-total"] = 7
        files.config["object"][1]["id"] = "r2"
        files.write()
        equal(changes(qmp.call("config-reload")), (["object 'r2'"], ["object 't'"], ["object 'r'"]))
        equal(qmp.call("qom-get", path="/objects/t", property="limits")["iops-total"], 7)
        # The node above the file goes and comes with it; the group is not created again.
        files.config["blockdev"][0]["read-only"] = True
        files.config["chardev"][0]["backend"]["data"]["addr"]["data"]["path"] = files.path("c2")
        files.write()
        equal(changes(qmp.call("config-reload")), ([], ["block-node 'd'", "block-node 'f'", "chardev 'c'"], []))
        assert os.path.exists(files.path("c2")) and not os.path.exists(files.path("c"))
        # What is defined inside another object belongs to it.
        files.config["blockdev"][2]["file"]["read-only"] = True
        files.config["object"][2]["data"] = "Xyzzy-2"
        files.write()
        equal(changes(qmp.call("config-reload")), ([], ["block-node 'g'", "object 's'"], []))
        files.config["blockdev"] = []
        files.config["object"] = files.config["object"][1:2]
        files.write()
        equal(changes(qmp.call("config-reload")),
              ([], [], ["block-node 'd'", "block-node 'f'", "block-node 'g'", "object 's'", "object 't'"]))
        names = [row["name"] for row in qmp.call("qom-list", path="/objects")]
        assert "mine" in names and "r2" in names and "t" not in names, names


@test
def a_failure_leaves_all_as_it_was() -> None:
    files = Files()
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    with Daemon("-config", files.write(), "-object", "rng-builtin,id=mine") as daemon:
        assert daemon.qmp
        qmp = daemon.qmp.negotiate()
        before, good = state(daemon), copy.deepcopy(files.config)

        def refused(change: str, value: object, pattern: str) -> None:
            files.config = copy.deepcopy(good)
            where: Any = files.config
            *path, last = change.split(".")
            for key in path:
                where = where[int(key) if key.isdigit() else key]
            where[int(last) if last.isdigit() else last] = value
            files.write()
            text = qmp.fails("config-reload", {}, pattern=pattern)
            assert "\n" not in text and "Xyzzy" not in text, text
            equal(state(daemon), before, change)

        refused("blockdev.0.filename", files.path("none.img"), r"c\.json:.*filename: '.*none\.img': No such file")
        refused("object.0.limits", {"iops-total": -1}, r"c\.json:.*limits.*iops-total")
        refused("object.0.limts", {}, r"c\.json:.*did you mean 'limits'")
        refused("object.1", {"qom-type": "rng-random", "id": "mine"}, "object 'mine' exists already")
        refused("sandbox", {"enable": True}, "'sandbox': the value differs, and applies only when the program starts")
        refused("object", good["object"][1:], r"c\.json:.*throttle-group: no object 't'")
        # All the others are gone before this one fails.
        refused("chardev.0.backend.data.addr", {"type": "inet", "data": {"host": "127.0.0.1",
                "port": str(taken.getsockname()[1])}}, r"c\.json:.*Address already in use")
        files.write("{")
        qmp.fails("config-reload", {}, pattern=r"c\.json:1:2: ")
        os.unlink(files.path("c.json"))
        qmp.fails("config-reload", {}, pattern=r"c\.json: cannot be opened: No such file")
        equal(state(daemon), before)
        files.config = good
        files.write()
        equal(changes(qmp.call("config-reload")), ([], [], []))


@test
def what_is_in_use_stays() -> None:
    files = Files()
    with Daemon("-config", files.write()) as daemon:
        assert daemon.qmp
        qmp = daemon.qmp.negotiate()
        before = state(daemon)
        qmp.call("blockdev-add", **{"driver": "raw", "node-name": "above", "file": "g"})
        del files.config["blockdev"][2]
        files.write()
        qmp.fails("config-reload", {}, pattern="block-node 'g' is in use by .*'above'")
        qmp.call("blockdev-del", **{"node-name": "above"})
        equal(state(daemon), before)
        equal(changes(qmp.call("config-reload")), ([], [], ["block-node 'g'"]))


@test
def sighup_reads_them_again_and_tells_the_service_manager() -> None:
    files = Files()
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(TIMEOUT)
        manager.bind(os.path.join(directory, "notify"))
        os.environ["NOTIFY_SOCKET"] = manager.getsockname()
        try:
            # A sandbox does not let LeakSanitizer look for leaks.
            daemon = Daemon("-sandbox", "off" if SANITIZED else "on", "-config", files.write())
        finally:
            del os.environ["NOTIFY_SOCKET"]
        with daemon:
            assert daemon.qmp
            qmp = daemon.qmp.negotiate()
            ready = f"READY=1\nMAINPID={daemon.process.pid}"
            equal(manager.recv(256).decode(), ready)
            files.config["object"].append({"qom-type": "rng-builtin", "id": "new"})
            files.write()
            daemon.process.send_signal(signal.SIGHUP)
            matches(manager.recv(256).decode(), r"\ARELOADING=1\nMONOTONIC_USEC=\d+\Z")
            equal(manager.recv(256).decode(), ready)
            assert "new" in [row["name"] for row in qmp.call("qom-list", path="/objects")]
            qmp.call("quit")
            equal(manager.recv(256).decode(), "STOPPING=1")
            equal(daemon.process.wait(TIMEOUT), 0)


@test
def what_cannot_be_read_again_is_named() -> None:
    files = Files()
    config = {"blockdev": [{"driver": "throttle", "node-name": "d", "throttle-group": "t", "file": {
        "driver": "file", "filename": files.path("d.img")}}]}
    path = files.write(json.dumps(config))
    with Daemon() as daemon:
        assert daemon.qmp
        equal(changes(daemon.qmp.negotiate().call("config-reload")), ([], [], []))
    with Daemon("-object", "throttle-group,id=t", "-config", path) as daemon:
        assert daemon.qmp
        # SIGHUP prints the reason, and does not end the daemon.
        daemon.process.send_signal(signal.SIGHUP)
        daemon.qmp.negotiate().fails("config-reload", {}, pattern=r"the files need what the command line adds: .*c\.json:"
                                                                  r".*no object 't'")


@test
def the_device_of_a_monitor_stays() -> None:
    files = Files()

    def write(name: str) -> str:
        files.config["qmp"] = [f"unix:{files.path(name)},server=on,wait=off,telnet=on"]
        return files.write()

    with Daemon("-config", write("q")) as daemon:
        assert daemon.qmp
        qmp = daemon.qmp.negotiate()
        equal(changes(qmp.call("config-reload")), ([], [], []))
        write("q2")
        qmp.fails("config-reload", {}, pattern="chardev 'compat_monitor0' is in use by a monitor")


@test
def the_machine_and_its_devices_do_not_change() -> None:
    files = Files()
    config = {"machine": {"type": "pc-q35-9.1"}, "object": [{"qom-type": "rng-builtin", "id": "r"}],
              "device": [{"driver": "virtio-rng-pci", "id": "v", "rng": "r"}]}

    def reload(machine: Machine, change: Config) -> str:
        files.write(json.dumps({**config, **change}))
        assert machine.qmp
        return machine.qmp.fails("config-reload", {})

    with Machine("-engine", "none", "-config", files.write(json.dumps(config))) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        equal(changes(qmp.call("config-reload")), ([], [], []))
        fixed = r"device 'v' (differs|is new), and only a start applies it"
        matches(reload(machine, {"device": []}), fixed)
        matches(reload(machine, {"device": [{"driver": "virtio-rng-pci", "id": "v", "rng": "r", "period": 7}]}), fixed)
        matches(reload(machine, {"object": [{"qom-type": "rng-random", "id": "r"}]}), "object 'r' is in use by .*'v'")
        files.write(json.dumps({**config, "object": [*config["object"], {"qom-type": "iothread", "id": "i"}]}))
        equal(changes(qmp.call("config-reload")), (["object 'i'"], [], []))


if __name__ == "__main__":
    main()
