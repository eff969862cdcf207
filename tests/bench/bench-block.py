#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Throughput of a file: vintage, fio and qemu-io on the same file in turn, for several rounds."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = sys.argv[1]
OURS = os.path.join(BUILD, "tests", "bench", "bench-block")
ROUNDS = 5
MS = 1000
SIZE = 256 << 20
LIMIT = 0.8     # percent of fio's throughput, the median over all loads

# Operation, order, request size, queue depth, aio, direct.
LOADS = (
    ("read", "random", 4096, 16, "io_uring", True),
    ("write", "random", 4096, 16, "io_uring", True),
    ("read", "random", 4096, 16, "native", True),
    ("read", "random", 4096, 16, "io_uring", False),
    ("read", "random", 4096, 16, "threads", True),
    ("read", "sequential", 1 << 20, 4, "io_uring", True),
    ("write", "sequential", 1 << 20, 4, "threads", True),
)
ENGINES = {"io_uring": "io_uring", "native": "libaio", "threads": "psync"}


def ours(path: str, kind: str, order: str, size: int, depth: int, aio: str, direct: bool) -> float:
    node = {"driver": "file", "node-name": "node", "filename": path, "aio": aio, "cache": {"direct": direct}}
    done = subprocess.run([OURS, json.dumps(node), "load", kind, order, str(size), str(depth), str(MS)],
                          capture_output=True, text=True, check=True)
    return float(done.stdout)


def fio(path: str, kind: str, order: str, size: int, depth: int, aio: str, direct: bool) -> float:
    engine = ENGINES[aio]
    jobs = [f"--numjobs={depth}", "--group_reporting"] if engine == "psync" else [f"--iodepth={depth}"]
    done = subprocess.run(["fio", "--name=load", f"--filename={path}", f"--size={SIZE}", f"--bs={size}",
                           f"--rw={'rand' if order == 'random' else ''}{kind}", f"--ioengine={engine}", *jobs,
                           f"--direct={int(direct)}", "--time_based", f"--runtime={MS // 1000}", "--randrepeat=1",
                           "--thread", "--invalidate=0", "--output-format=json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout[done.stdout.index("{"):])["jobs"][0][kind]["iops"]


def qemu_io(path: str, kind: str, order: str, size: int, depth: int, aio: str, direct: bool) -> float:
    """aio_read and aio_write: as many at once as there are; the commands of a round are prepared beforehand."""
    count = 4000 if size <= 4096 else 200
    places = SIZE // size
    commands = []
    for number in range(count):
        at = (number * 7919 if order == "random" else number) % places * size
        commands.append(f"aio_{kind} -q {at} {size}\n")
        if number % depth == depth - 1:
            commands.append("aio_flush\n")
    start = time.perf_counter()
    subprocess.run(["qemu-io", "-i", aio, "-t", "none" if direct else "writeback", "-f", "raw", path],
                   input="".join(commands) + "quit\n", capture_output=True, text=True, check=True)
    return count / (time.perf_counter() - start)


def main() -> int:
    have_fio, have_qemu = shutil.which("fio"), shutil.which("qemu-io")
    ratios = []
    with tempfile.TemporaryDirectory(dir=".") as directory:
        path = os.path.join(directory, "disk")
        with open(path, "wb") as file:
            for _ in range(SIZE >> 20):
                file.write(os.urandom(1 << 20))
            file.flush()
            os.fsync(file.fileno())
        for load in LOADS:
            got: dict[str, list[float]] = {"ours": [], "fio": [], "qemu-io": []}
            for _ in range(ROUNDS):
                got["ours"].append(ours(path, *load))
                if have_fio:
                    got["fio"].append(fio(path, *load))
            if have_qemu:
                got["qemu-io"].append(qemu_io(path, *load))
            best = {name: statistics.median(values) for name, values in got.items() if values}
            kind, order, size, depth, aio, direct = load
            text = f"{order} {kind} of {size} bytes, {depth} at once, {aio}, {'direct' if direct else 'cached'}: " \
                   f"ours {best['ours']:.0f} /s"
            for other in ("fio", "qemu-io"):
                if other in best:
                    text += f", {other} {best[other]:.0f} /s (ratio {best['ours'] / best[other]:.2f})"
            print(text, flush=True)
            if have_fio:
                ratios.append(best["ours"] / best["fio"])
    if not ratios:
        print("there is no fio to compare with")
        return 0
    print(f"median ratio to fio: {statistics.median(ratios):.2f} (limit {LIMIT})")
    return 0 if statistics.median(ratios) >= LIMIT else 1


sys.exit(main())
