#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""-metrics: the text format of Prometheus over HTTP."""

import http.client
import os
import re
import socket
import stat
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, TIMEOUT, Machine, equal, main, matches, run, test  # noqa: E402

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (-?[0-9.e+-]+)')


class Daemon(Machine):
    program = os.path.join(BUILD, "vintage-backends")


def exchange(path: str, request: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(TIMEOUT)
        client.connect(path)
        client.sendall(request)
        answer = b""
        while part := client.recv(1 << 16):
            answer += part
        return answer


def scrape(path: str) -> dict[tuple[str, str], float]:
    """The samples by name and labels.  Checks the format: the samples of one metric follow each other."""
    head, body = exchange(path, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").decode().split("\r\n\r\n", 1)
    matches(head, r"\AHTTP/1\.1 200 OK\r\nContent-Type: text/plain; version=0\.0\.4")
    equal(int(re.findall(r"Content-Length: (\d+)", head)[0]), len(body.encode()))
    assert body.endswith("\n")
    samples: dict[tuple[str, str], float] = {}
    name, seen = "", set()
    for line in body.splitlines():
        if kind := re.fullmatch(r"# TYPE (\w+) (untyped|counter|gauge)", line):
            name = kind[1]
            assert name not in seen, name
            seen.add(name)
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample and sample[1] == name, line
        key = (sample[1], sample[2] or "")
        assert key not in samples, key
        samples[key] = float(sample[3])
    return samples


@test
def numbers_of_commands_are_metrics() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path, image = os.path.join(directory, "m"), os.path.join(directory, 'a"\\.img')
        with open(image, "wb") as file:
            file.truncate(1 << 20)
        with Daemon("-metrics", f"unix:{path}", "-blockdev", '{"driver": "null-co", "node-name": "disk", "size": 4096}',
                    "-object", "rng-builtin,id=r") as daemon:
            equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            samples = scrape(path)
            equal(samples[("vintage_blockstats_stats_rd_bytes", 'node_name="disk"')], 0)
            assert samples[("process_resident_memory_bytes", "")] > 1 << 20
            assert samples[("process_cpu_seconds_total", "")] > 0
            assert daemon.qmp
            daemon.qmp.negotiate().call("blockdev-add", driver="null-co", **{"node-name": "new"})
            assert ("vintage_blockstats_stats_rd_bytes", 'node_name="new"') in scrape(path)
        assert not os.path.exists(path)
        with Machine("-engine", "none", "-S", "-machine", "pc-q35-9.1", "-m", "256", "-metrics", f"unix:{path}"):
            samples = scrape(path)
            equal(samples[("vintage_memory_size_summary_base_memory", "")], 256 << 20)
            equal(samples[("vintage_status_running", 'status="prelaunch"')], 0)


@test
def it_is_http() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Daemon("-metrics", f"tcp:127.0.0.1:{port}"):
        for method, path, status in (("GET", "/metrics", 200), ("HEAD", "/metrics", 200), ("GET", "/", 404),
                                     ("POST", "/metrics", 405), ("GET", "/metricsx", 404)):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
            client.request(method, path, headers={"X-Long": "x" * 4000})
            answer = client.getresponse()
            equal((answer.status, bool(answer.read())), (status, method != "HEAD"), f"{method} {path}")
            client.close()


@test
def bad_clients_disturb_nobody() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "m")
        with Daemon("-metrics", f"unix:{path}") as daemon:
            for request, status in ((b"\n\n", b"400"), (b"GET\r\n\r\n", b"400"), (b"GET /metrics FTP/1.1\n\n", b"400"),
                                    (b"x" * 100000, b"431"), (b"GET /metrics HTTP/1.1\r\n" * 1000, b"431")):
                answer = exchange(path, request)
                assert answer.startswith(b"HTTP/1.1 " + status), (request[:30], answer[:60])
            stalled = []
            for number in range(60):
                client = socket.socket(socket.AF_UNIX)
                client.connect(path)
                client.sendall(b"GET /metrics HTTP/1.1\r\n"[:number])
                stalled.append(client)
            assert scrape(path)
            equal(daemon.process.poll(), None)
            for client in stalled:
                client.close()
            assert scrape(path)


@test
def errors_name_the_option() -> None:
    for value, pattern in (("udp:x:1", r"-metrics udp:x:1: .*expected unix:… or tcp:…"),
                           ("unix:/nonexistent/m", r"-metrics unix:/nonexistent/m: .*No such file")):
        matches(run(Daemon.program, "-metrics", value, "-platform-version", "9.0").stderr, pattern)


if __name__ == "__main__":
    main()
