# SPDX-License-Identifier: MIT
"""A session by the generated package: prints what it reads.  mypy checks it, too."""

import sys

from vintage_qmp import Client, QmpError


def main(path: str) -> None:
    with Client(path, timeout=20) as client:
        status = client.query_status()
        print(status["status"], status["running"])
        client.object_add("rng-random", id="r", filename="/dev/urandom")
        print(client.qom_get(path="/objects/r", property="filename"))
        with open("/dev/null", "rb") as file:
            client.attach(file.fileno())
            client.getfd(fdname="null")
            client.attach(file.fileno())
            number = client.add_fd(fdset_id=7)["fd"]
        client.closefd(fdname="null")
        assert [one["fds"] for one in client.query_fdsets()] == [[{"fd": number}]]
        client.migrate_set_parameters(downtime_limit=7)
        print(client.query_migrate_parameters()["downtime-limit"])
        client.cont()
        event = client.event()
        if event["event"] == "RESUME":
            print(event["event"], event["timestamp"]["seconds"] > 0)
        try:
            client.object_del(id="nothing")
        except QmpError as error:
            print(error.error_class, error)
        for cpu in client.query_cpus_fast():
            print(cpu["cpu-index"], cpu["qom-path"])


main(sys.argv[1])
