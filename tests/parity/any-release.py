#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`make parity` compares with a QEMU of any release: a QEMU that only answers over QMP, of several versions."""

import os
import stat
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
from vintage_test import BUILD, equal, main, matches, test  # noqa: E402

QEMU = """#!/usr/bin/env python3
import json, os, re, socket, sys
major, minor, micro = (int(part) for part in os.environ["QEMU_VERSION"].split("."))
words = " ".join(sys.argv)
monitor = socket.socket(fileno=int(re.search(r"fd=(\\d+)", words)[1]))
ids = re.findall(r"-device \\S*id=(dev\\d+)", words)
answers = {
    "query-target": {"arch": os.environ.get("QEMU_TARGET", "x86_64")},
    "query-version": {"qemu": {"major": major, "minor": minor, "micro": micro}, "package": ""},
    "query-machines": [{"name": "pc-q35-7.2"}],
    "human-monitor-command": 'name "pvpanic-pci", bus PCI, desc ""\\n',
    "qom-list": [{"name": "rombar", "type": "int32"}, {"name": "multifunction", "type": "bool"}],
    "qmp_capabilities": {},
}
values = {"rombar": 1, "multifunction": False}
monitor.sendall(b'{"QMP": {}}\\n')
for line in monitor.makefile():
    request = json.loads(line)
    arguments = request.get("arguments", {})
    answer = answers.get(request["execute"])
    if arguments.get("path") == "/machine":
        answer = [] if request["execute"] == "qom-list" else answer
    elif request["execute"] == "qom-get":
        answer = values[arguments["property"]]
    monitor.sendall(json.dumps({"return": answer}).encode() + b"\\n")
"""


def parity(version: str, *machines: str, **settings: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as directory:
        qemu = os.path.join(directory, "qemu-system-x86_64")
        with open(qemu, "w", encoding="utf-8") as stream:
            stream.write(QEMU)
        os.chmod(qemu, stat.S_IRWXU)
        environment = os.environ | {"VINTAGE_QEMU": qemu, "QEMU_VERSION": version} | settings
        return subprocess.run([os.path.join(ROOT, "tests", "parity", "run"), BUILD, *machines], env=environment, timeout=120,
                              capture_output=True, text=True, check=False)


@test
def the_release_is_that_of_qemu() -> None:
    """a property whose default depends on the release agrees with a QEMU of 9.2, and differs from one of 10.0"""
    done = parity("9.2.3", "pc-q35-7.2")
    equal((done.returncode, done.stderr), (0, ""))
    matches(done.stdout, r"QEMU 9\.2\.3, compared with release 9\.2 of the schema\n")
    matches(done.stdout, r"\n  pvpanic-pci: 2 values, 0 differ\n")
    done = parity("10.0.0", "pc-q35-7.2")
    equal((done.returncode, done.stderr), (1, ""))
    matches(done.stdout, r"\n  pvpanic-pci: 2 values, 1 differ: rombar!\n")
    matches(done.stdout, r"\n  pc-q35-7\.2: pvpanic-pci\.rombar: -1, QEMU has 1 \(UNEXPLAINED\)\n")


@test
def a_development_version_is_of_the_next_release() -> None:
    """11.0.50 counts as 11.1, and 9.2.50 as 10.0"""
    matches(parity("11.0.50", "pc-q35-7.2").stdout, r"QEMU 11\.0\.50, compared with release 11\.1 of the schema\n")
    matches(parity("9.2.50", "pc-q35-7.2").stdout, r"QEMU 9\.2\.50, compared with release 10\.0 of the schema\n")


@test
def a_newer_release_is_compared_with_the_newest() -> None:
    """a release that the schema does not know is compared with its newest one"""
    matches(parity("99.1.0", "pc-q35-7.2").stdout, r"QEMU 99\.1\.0, compared with release 11\.1 of the schema\n")


@test
def another_qemu_is_refused() -> None:
    """a release older than all known ones, and another target, are refused"""
    done = parity("1.2.0", "pc-q35-7.2")
    equal(done.returncode, 2)
    matches(done.stderr, r"^parity: \S+/qemu-system-x86_64: --release: unknown release '1\.2'; expected 1\.4 to 11\.1$")
    done = parity("9.2.0", QEMU_TARGET="m68k")
    equal(done.returncode, 2)
    matches(done.stderr, r"^parity: \S+/qemu-system-x86_64: QEMU is of target 'm68k'; expected 'x86_64'$")


if __name__ == "__main__":
    main()
