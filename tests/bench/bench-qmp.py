#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""QMP: single commands, pipelined commands, large requests and replies; compared with QEMU where it is installed."""

import json
import os
import shutil
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
os.environ["VINTAGE_BUILD"] = sys.argv[1]
import vintage_test  # noqa: E402

QEMU = shutil.which("qemu-system-x86_64")
BUFFER = bytearray(2 << 20)
STATUS = b'{"execute": "query-status"}'


def messages(qmp: vintage_test.Qmp, request: bytes, n: int) -> float:
    """Seconds until @n pipelined requests are answered."""
    done = 0
    start = time.perf_counter()
    left = memoryview(request * n)
    os.set_blocking(qmp.fd_out, False)
    while done < n:
        try:
            if left:
                left = left[os.write(qmp.fd_out, left):]
        except BlockingIOError:
            pass
        if vintage_test.select.select([qmp.fd_in], [], [], 0 if left else 30)[0]:
            done += os.read(qmp.fd_in, 1 << 20).count(b"\n")
    os.set_blocking(qmp.fd_out, True)
    return time.perf_counter() - start


def each(qmp: vintage_test.Qmp, requests: list[bytes], n: int) -> float:
    """Median microseconds of the sequence @requests, one at a time."""
    times = []
    for _ in range(n):
        start = time.perf_counter()
        for request in requests:
            qmp.send(request)
            while True:
                n = os.readv(qmp.fd_in, [BUFFER])
                assert n
                if BUFFER[n - 1] == 10:
                    break
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def measure(program: str) -> dict[str, float]:
    extra = ["-nodefaults", "-display", "none", "-accel", "tcg"] if program == QEMU else ["--platform-version", "7.2"]
    vintage_test.Machine.program = program
    with vintage_test.Machine("-machine", "none", "-S", *extra, pin=False, qmp="unix:PATH,server=on,wait=off") as machine:
        qmp = machine.connect().negotiate()
        kilo = json.dumps({"execute": "query-status", "id": "x" * 1000}).encode()
        large = json.dumps({"execute": "query-status", "id": "x" * 100000}).encode()
        group = {"qom-type": "throttle-group", "id": "t", "limits": {"iops-total": 9}}
        create = [json.dumps({"execute": "object-add", "arguments": group}).encode(),
                  b'{"execute": "object-del", "arguments": {"id": "t"}}']
        return {
            "query-status, median us": each(qmp, [STATUS], 2000),
            "1 kB request, median us": each(qmp, [kilo], 500),
            "100 kB request, median us": each(qmp, [large], 20),
            "query-qmp-schema, median us": each(qmp, [b'{"execute": "query-qmp-schema"}'], 50),
            "object-add and object-del, pairs a second": 1e6 / each(qmp, create, 1000),
            "heaped query-status, a second": 20000 / messages(qmp, STATUS, 20000) if program != QEMU
            else 2000 / messages(qmp, STATUS, 2000),
        }


def main() -> None:
    ours = measure(os.path.join(sys.argv[1], "vintage-vm"))
    theirs = measure(QEMU) if QEMU else {}
    for name, value in ours.items():
        print(f"{name}: {value:.0f}" + (f"; QEMU: {theirs[name]:.0f}" if name in theirs else ""))


main()
