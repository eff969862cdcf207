#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A large request does not end the process: if the host has no memory, the reply is an error."""

import json
import os
import resource
import sys
from collections.abc import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import LONG, SANITIZED, Machine, Qmp, Skip, equal, main, test, tool  # noqa: E402

MIB = 1 << 20
ROOM = 40 * MIB
KEPT = MIB // 2         # pages that the allocator keeps


def limited(machine: Machine) -> Qmp:
    """The process gets no more memory than ROOM from here on."""
    assert machine.qmp
    qmp = machine.qmp.negotiate()
    with open(f"/proc/{machine.process.pid}/statm", encoding="ascii") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    if not SANITIZED:  # its shadow memory exceeds any limit
        resource.prlimit(machine.process.pid, resource.RLIMIT_AS, (size + ROOM, size + ROOM))
    return qmp


@test
def a_ring_buffer_larger_than_the_memory_is_refused() -> None:
    with Machine("-machine", "none") as machine:
        qmp = limited(machine)
        backend = {"type": "ringbuf", "data": {"size": 1 << 30}}
        if not SANITIZED:
            qmp.fails("chardev-add", {"id": "r", "backend": backend}, "GenericError", "the host cannot allocate the memory")
        backend["data"] = {"size": 4 * MIB}
        qmp.call_with("chardev-add", {"id": "r", "backend": backend})
        qmp.call_with("ringbuf-write", {"device": "r", "data": "x" * 1000})
        # A reply is no larger than the available data, whatever the client requests.
        equal(qmp.call("ringbuf-read", device="r", size=(1 << 63) - 1), "x" * 1000)


@test
def a_range_and_an_index_of_billions_are_refused() -> None:
    with Machine("-machine", "none") as machine:
        qmp = limited(machine)
        for nodes in ([4000000000], [-1], ["0-4000000000"]):
            qmp.fails("object-add", {"qom-type": "memory-backend-ram", "id": "m", "size": MIB, "host-nodes": nodes},
                      "GenericError", "")
        qmp.call("query-status")
    for text in ("host-nodes=0-4000000000", "host-nodes.4000000000=1", "host-nodes[4000000000]=1",
                 "host-nodes.99999999999999999999=1",
                 "len-host-nodes=4000000000,host-nodes[0]=1"):
        done = tool("check", "--", "-machine", "none", "-object", f"memory-backend-ram,id=m,size=1M,{text}")
        equal((done.returncode, len(done.stderr.splitlines())), (1, 1), f"{text}: {done.stderr}")


def large_requests(size: int) -> Iterator[tuple[str, str]]:
    """Valid and invalid requests of @size bytes that grow in memory in different ways."""
    def call(command: str, **arguments: str) -> str:
        members = ", ".join(f'"{name.replace("_", "-")}": {value}' for name, value in arguments.items())
        return f'{{"execute": "{command}", "arguments": {{{members}}}}}'

    def repeated(item: str) -> str:
        return "[" + ",".join([item] * (size // (len(item) + 1))) + "]"

    text, escaped = f'"{"x" * size}"', f'"\\n{"x" * size}"'
    yield "id", call("object-del", id=text)
    yield "escaped id", call("object-del", id=escaped)
    yield "command", f'{{"execute": {text}}}'
    yield "request id", f'{{"execute": "query-status", "id": {text}}}'
    yield "escaped request id", f'{{"execute": "query-status", "id": {escaped}}}'
    yield "key", f'{{"execute": "query-status", {text}: 1}}'
    yield "member", call("object-del", **{"x" * size: "1"})
    yield "blanks", f'{{"execute": "query-status"{" " * size}}}'
    yield "number", call("block_resize", node_name='"n"', size="1" * size)
    for name, item in (("numbers", "1"), ("objects", "{}"), ("lists", "[]"), ("texts", '"a"'), ("members", '{"a":{"b":[1]}}')):
        yield f"any, {name}", call("qom-set", path='"/machine"', property='"x"', value=repeated(item))
        yield f"without arguments, {name}", call("query-status", x=repeated(item))
    keys = ",".join(f'"{number:x}":1' for number in range(size // 9))
    yield "any, keys", call("qom-set", path='"/machine"', property='"x"', value=f"{{{keys}}}")
    yield "keys", f'{{"execute": "query-status", "arguments": {{{keys}}}}}'
    yield "path", call("qom-list", path=f'"{"/x" * (size // 2)}"')
    yield "integers", call("object-add", qom_type='"memory-backend-ram"', id='"m"', size="4096", host_nodes=repeated("1"))
    hub = '{"type": "hub", "data": {"chardevs": %s}}' % repeated('"r"')
    yield "references", call("chardev-add", id='"m"', backend=hub)
    yield "structs", call("object-add", qom_type='"authz-list"', id='"m"', rules=repeated('{"match":"a","policy":"deny"}'))
    yield "strings", call("netdev_add", type='"user"', id='"m"', dnssearch=repeated('{"str":"a"}'))
    yield "secret", call("object-add", qom_type='"secret"', id='"m"', data=text)
    yield "base64", call("object-add", qom_type='"secret"', id='"m"', format='"base64"', data=f'"{"x" * (size // 4 * 4)}"')
    yield "class", call("device_add", driver=text)
    yield "file", call("blockdev-add", driver='"file"', node_name='"m"', filename=text)
    yield "ring", call("ringbuf-write", device='"r"', data=text)


@test
def a_large_request_is_answered_whatever_it_has() -> None:
    """each kind of large request gets a reply, or an error, in a process with little memory"""
    if SANITIZED:
        raise Skip("a sanitizer needs more address space")
    refused = tried = 0
    with Machine("-machine", "none") as machine:
        qmp = limited(machine)
        qmp.call_with("chardev-add", {"id": "r", "backend": {"type": "ringbuf", "data": {"size": 4096}}})
        for size in (MIB // 4, MIB, 4 * MIB, *((MIB // 2, 2 * MIB, 12 * MIB) if LONG else ())):
            for name, request in large_requests(size):
                try:
                    answer = qmp.raw(request + "\n")
                    qmp.call("query-version")
                except EOFError:
                    raise AssertionError(f"{name}, {size} bytes: the process ended: {machine.end()[1]}") from None
                tried += 1
                refused += "cannot allocate" in answer.get("error", {}).get("desc", "")
                # Only small things were created.
                for command in ("object-del", "netdev_del", "chardev-remove"):
                    qmp.raw(f'{{"execute": "{command}", "arguments": {{"id": "m"}}}}\n')
    print(f"# {tried} requests, {refused} of which the host has no memory for")
    assert 0 < refused < tried


def resident(machine: Machine) -> int:
    with open(f"/proc/{machine.process.pid}/statm", encoding="ascii") as file:
        pages, shared = (int(word) for word in file.read().split()[1:3])
    return (pages - shared) * resource.getpagesize()


@test
def queries_and_errors_keep_no_memory() -> None:
    """the first call of each query, and the first unknown name of each kind, keep no memory"""
    if SANITIZED:
        raise Skip("a sanitizer keeps freed memory")
    grown = {}
    with Machine("-machine", "pc-q35-9.1") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        names = [row["name"] for row in qmp.call("query-commands")]
        calls: list[tuple[str, dict]] = [(name, {}) for name in names if name.startswith("query-") or name == "qom-list-types"]
        calls += [("object-add", {"qom-type": "rng-bultin", "id": "x"}), ("netdev_add", {"type": "usre", "id": "x"}),
                  ("blockdev-add", {"driver": "flie", "node-name": "x"}), ("device_add", {"driver": "virtio-rng-pic"}),
                  ("chardev-add", {"id": "x", "backend": {"type": "scoket", "data": {}}}),
                  ("qom-list-properties", {"typename": "VAG"}), ("device-list-properties", {"typename": "VAG"})]
        for name, arguments in calls:
            before = resident(machine)
            qmp.raw(json.dumps({"execute": name, "arguments": arguments}) + "\n")
            grown[name] = max(0, resident(machine) - before)
    print(f"# {len(calls)} commands; the most is {max(grown.values()) >> 10} KiB by {max(grown, key=lambda name: grown[name])}")
    equal({name: size for name, size in grown.items() if size > KEPT}, {})


main()
