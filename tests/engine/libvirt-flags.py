#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""libvirt probes vintage-vm to completion, with and without an engine, and learns what it learns from QEMU.

What it does not learn without an engine stands in libvirt-flags.txt (FLAG: why) and libvirt-answers.txt (LINE: why).
With and without /dev/kvm, which is hidden where the host has it.
"""

import contextlib
import functools
import glob
import os
import re
import subprocess
import sys
import tempfile
from typing import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import libvirt  # noqa: E402
from libvirt import Libvirt  # noqa: E402
from vintage_test import LONG, VM, Skip, equal, main, matches, test, write_file  # noqa: E402

QEMU = "/usr/bin/qemu-system-x86_64"
DIRECTORY = os.path.dirname(os.path.abspath(__file__))
KVM = "/dev/kvm"
DOMAIN = """<domain type='qemu'><name>guest</name><memory unit='MiB'>64</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='pc-q35-6.2'>hvm</type></os><cpu mode='custom' match='exact'><model>Haswell</model></cpu>
<devices><emulator>{emulator}</emulator><memballoon model='virtio'/><rng model='virtio'><backend model='random'/></rng>
</devices></domain>"""

libvirt.enter()

CPUS = ("<cpu mode='custom' match='exact'><model>Haswell</model><feature name='avx2' policy='require'/></cpu>",
        "<cpu mode='custom' match='exact'><model>SandyBridge</model><vendor>Intel</vendor></cpu>",
        "<cpu mode='custom' match='exact'><model>qemu64</model></cpu>")
MACHINES = ("pc-q35-7.2", "pc-i440fx-6.2", "microvm", "none")

# Of an emulator: its flags, the answers of commands of virsh, and the command line of a domain without its first word.
Answers = tuple[frozenset[str], dict[str, str], str]


def explained(name: str) -> set[str]:
    with open(os.path.join(DIRECTORY, name), encoding="utf-8") as file:
        return {line.rpartition(": ")[0] for line in file if line.strip() and not line.startswith("#")}


def commands(host: Libvirt, emulator: str, directory: str, kind: str) -> dict[str, str]:
    """What commands of virsh answer about an emulator."""
    chosen = ["--virttype", kind, "--arch", "x86_64"]
    files = [write_file(directory, f"cpu{i}.xml", text) for i, text in enumerate([*CPUS, CPUS[0] + CPUS[1]])]
    asked = [["domcapabilities", "--emulatorbin", emulator, *chosen, "--machine", machine] for machine in MACHINES]
    asked += [["hypervisor-cpu-compare", file, "--emulator", emulator, *chosen, "--error"] for file in files[:-1]]
    asked += [["hypervisor-cpu-baseline", file, "--emulator", emulator, *chosen, *more]
              for file in files for more in ([], ["--features", "--migratable"])]
    asked.append(["cpu-models", "x86_64"])
    return {" ".join(words).replace(emulator, "EMULATOR").replace(directory, ""):
            host.virsh(*words, ok=None).replace(emulator, "EMULATOR").replace(directory, "") for words in asked}


def ask(host: Libvirt, emulator: str, directory: str) -> Answers:
    answers_of_commands = commands(host, emulator, directory, "qemu")
    found = None
    for path in glob.glob("/var/cache/libvirt/qemu/capabilities/*.xml"):
        with open(path, encoding="utf-8") as file:
            cached = file.read()
        if f"<emulator>{emulator}</emulator>" in cached:
            found = frozenset(re.findall(r"<flag name='([^']+)'", cached))
    assert found, f"{emulator}: {answers_of_commands}"
    domain = write_file(directory, "domain.xml", DOMAIN.format(emulator=emulator))
    native = host.virsh("domxml-to-native", "qemu-argv", domain).replace(emulator, "EMULATOR")
    return found, answers_of_commands, re.sub(r"guest-[0-9a-f]+|domain-[^/ ,]+|-uuid \S+", "", native)


def emulators(directory: str) -> dict[str, str]:
    link, alone = os.path.join(directory, "qemu-system-x86_64"), os.path.join(directory, "alone")
    if not os.path.exists(link):
        os.symlink(VM, link)
        write_file(directory, "alone", f'#!/bin/sh\nexec {VM} -engine none "$@"\n')
        os.chmod(alone, 0o755)
    return {"qemu": QEMU, "engine": link, "alone": alone}


@functools.cache
def answers() -> dict[str, Answers]:
    """Where KVM cannot be used."""
    with tempfile.TemporaryDirectory() as directory, no_kvm(), Libvirt() as host:
        return {name: ask(host, path, directory) for name, path in emulators(directory).items()}


@contextlib.contextmanager
def no_kvm() -> Iterator[None]:
    """Covers /dev, in this namespace, with a directory that has all but KVM's device."""
    if not os.path.exists(KVM):
        yield
        return
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", directory], check=True)
        for entry in os.scandir("/dev"):
            path = os.path.join(directory, entry.name)
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), path)
            elif entry.path != KVM:
                os.mkdir(path) if entry.is_dir() else write_file(directory, entry.name, "")
                subprocess.run(["mount", "--bind", entry.path, path], check=True)
        subprocess.run(["mount", "--rbind", directory, "/dev"], check=True)
        try:
            yield
        finally:
            for path in ("/dev", directory):
                subprocess.run(["umount", "--lazy", path], check=True)


@test
def with_an_engine_every_answer_is_that_of_qemu() -> None:
    theirs, ours = answers()["qemu"], answers()["engine"]
    equal((sorted(ours[0]), ours[2]), (sorted(theirs[0]), theirs[2]))
    for command, answer in theirs[1].items():
        equal(ours[1][command], answer, command)


@test
def each_flag_that_is_lost_without_an_engine_is_explained() -> None:
    lost = answers()["qemu"][0] - answers()["alone"][0]
    equal(sorted(lost), sorted(explained("libvirt-flags.txt")))
    equal(answers()["alone"][0] - answers()["qemu"][0], frozenset())


@test
def each_answer_that_differs_without_an_engine_is_explained() -> None:
    differ: set[str] = set()
    for command, answer in answers()["qemu"][1].items():
        # libvirt lists models in the order of the program.
        theirs, ours = (sorted(line.strip() for line in each.splitlines()) for each in (answer, answers()["alone"][1][command]))
        differ |= {f"- {line}" for line in theirs if line not in ours} | {f"+ {line}" for line in ours if line not in theirs}
    equal(sorted(differ), sorted(explained("libvirt-answers.txt")))
    equal(answers()["alone"][2], answers()["qemu"][2])


@test
def with_kvm_the_engine_has_the_answers_of_qemu() -> None:
    if not LONG:
        raise Skip("'make nightly' tries it")
    if not os.access(KVM, os.R_OK | os.W_OK):
        raise Skip("the host has no KVM")
    with tempfile.TemporaryDirectory() as directory, Libvirt() as host:
        paths = emulators(directory)
        theirs, ours = (commands(host, paths[name], directory, "kvm") for name in ("qemu", "engine"))
        for command, answer in theirs.items():
            equal(ours[command], answer, command)
        # A program without an engine runs no guest.
        said = host.virsh("domcapabilities", "--emulatorbin", paths["alone"], "--virttype", "kvm", ok=False)
        matches(said, "KVM is not supported by|virttype|accel")


main()
