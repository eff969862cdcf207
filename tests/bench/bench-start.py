#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Time from startup to the first QMP reply, and peak memory; compared with QEMU where it is installed."""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 15
CASES = {
    "-machine none": ["-machine", "none"],
    "q35, 128 virtio-rng-pci": ["-machine", "pc-q35-7.2", "-object", "rng-random,id=r"] + [
        word for i in range(128) for word in (
            "-device", f"virtio-rng-pci,rng=r,addr={3 + i // 8:x}.{i % 8:x}" + (",multifunction=on" if i % 8 == 0 else ""))],
}
QEMU_ONLY = ["-nodefaults", "-display", "none", "-S", "-accel", "tcg"]


def once(argv: list[str]) -> tuple[float, float]:
    """Milliseconds and MiB. The program connects to a socket of the test, so the test need not poll."""
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as listener:
        path = os.path.join(directory, "qmp")
        listener.bind(path)
        listener.listen(1)
        start = time.perf_counter()
        process = subprocess.Popen([*argv, "-qmp", f"unix:{path}"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        listener.settimeout(30)
        peer, _ = listener.accept()
        with peer:
            stream = peer.makefile("rwb", buffering=0)
            stream.write(b'{"execute": "qmp_capabilities"}{"execute": "query-status"}')
            lines = 0
            while lines < 3:
                if b'"event"' not in stream.readline():
                    lines += 1
            spent = time.perf_counter() - start
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
            stream.write(b'{"execute": "quit"}')
            process.wait(30)
        return spent * 1000, peak / 1024


def measure(argv: list[str]) -> tuple[float, float]:
    runs = [once(argv) for _ in range(ROUNDS)]
    return statistics.median(run[0] for run in runs), max(run[1] for run in runs)


def main() -> None:
    ours = os.path.join(sys.argv[1], "vintage-vm")
    qemu = shutil.which("qemu-system-x86_64")
    for name, options in CASES.items():
        spent, peak = measure([ours, "--platform-version", "7.2", "-S", *options])
        line = f"start to first answer, {name}: {spent:.1f} ms, {peak:.1f} MiB"
        if qemu:
            theirs, memory = measure([qemu, *QEMU_ONLY, *options])
            line += f"; QEMU: {theirs:.1f} ms, {memory:.1f} MiB ({theirs / spent:.0f}, {memory / peak:.1f} times as much)"
        print(line, flush=True)


main()
