#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""libvirt probes vintage-vm to completion, with and without an engine, and derives the flags that it derives from QEMU.

What it does not derive without an engine stands in libvirt-flags.txt, with the reason: FLAG: why.
"""

import functools
import glob
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import libvirt  # noqa: E402
from libvirt import Libvirt  # noqa: E402
from vintage_test import VM, equal, main, test, write_file  # noqa: E402

QEMU = "/usr/bin/qemu-system-x86_64"
EXPLAINED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libvirt-flags.txt")
DOMAIN = """<domain type='qemu'><name>guest</name><memory unit='MiB'>64</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='pc-q35-6.2'>hvm</type></os><cpu mode='custom' match='exact'><model>Haswell</model></cpu>
<devices><emulator>{emulator}</emulator><memballoon model='virtio'/><rng model='virtio'><backend model='random'/></rng>
</devices></domain>"""

libvirt.enter()

# Of an emulator: its flags, what the host can run, and the command line of a domain without its first word.
Answers = tuple[frozenset[str], str, str]


def explained() -> set[str]:
    with open(EXPLAINED, encoding="utf-8") as file:
        return {line.partition(":")[0] for line in file if line.strip() and not line.startswith("#")}


def ask(host: Libvirt, emulator: str, directory: str) -> Answers:
    text = host.virsh("domcapabilities", "--emulatorbin", emulator, "--virttype", "qemu").replace(emulator, "EMULATOR")
    found = None
    for path in glob.glob("/var/cache/libvirt/qemu/capabilities/*.xml"):
        with open(path, encoding="utf-8") as file:
            cached = file.read()
        if f"<emulator>{emulator}</emulator>" in cached:
            found = frozenset(re.findall(r"<flag name='([^']+)'", cached))
    assert found, emulator
    domain = write_file(directory, "domain.xml", DOMAIN.format(emulator=emulator))
    native = host.virsh("domxml-to-native", "qemu-argv", domain).replace(emulator, "EMULATOR")
    return found, text, re.sub(r"guest-[0-9a-f]+|domain-[^/ ,]+|-uuid \S+", "", native)


@functools.cache
def answers() -> dict[str, Answers]:
    with tempfile.TemporaryDirectory() as directory:
        link = os.path.join(directory, "qemu-system-x86_64")
        os.symlink(VM, link)
        alone = write_file(directory, "alone", f'#!/bin/sh\nexec {VM} -engine none "$@"\n')
        os.chmod(alone, 0o755)
        with Libvirt() as host:
            return {name: ask(host, path, directory) for name, path in (("qemu", QEMU), ("engine", link), ("alone", alone))}


@test
def with_an_engine_every_answer_is_that_of_qemu() -> None:
    flags, text, native = answers()["engine"]
    equal((sorted(flags), text, native), (sorted(answers()["qemu"][0]), *answers()["qemu"][1:]))


@test
def each_flag_that_is_lost_without_an_engine_is_explained() -> None:
    lost = answers()["qemu"][0] - answers()["alone"][0]
    equal(sorted(lost), sorted(explained()))
    equal(answers()["alone"][0] - answers()["qemu"][0], frozenset())


main()
