#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A full build from nothing, and the check of the schema: what a developer waits for."""

import os
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMITS = {"full build": 60, "qapi-gen check": 3}


def seconds(*commands: list[str]) -> float:
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


with tempfile.TemporaryDirectory() as build:
    times = {"full build": seconds(["tools/configure", build], ["ninja", "-C", build]),
             "qapi-gen check": seconds(["qapi-gen/qapi-gen", "check", "schema/vintage-vm.json"])}
for name, taken in times.items():
    print(f"{name}: {taken:.1f} s on {os.cpu_count()} cores (goal {LIMITS[name]} s)")
