#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""virsh runs a domain whose emulator is vintage-vm, and each step gives what it gives with QEMU.

The short form has no guest. With VINTAGE_LONG=1 a Linux guest boots, and its console answers.
"""

import os
import pty
import re
import subprocess
import sys
import tempfile
import termios
import time
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import libvirt  # noqa: E402
from libvirt import Libvirt, OtherHost  # noqa: E402
from linux_guest import Console, initramfs  # noqa: E402
from vintage_test import LONG, SANITIZED, VM, Skip, equal, main, test, write_file  # noqa: E402

QEMU = "/usr/bin/qemu-system-x86_64"
DOMAIN = """<domain type='qemu'><name>guest</name><uuid>8d9f2c1e-6a54-4c8e-9b54-1f0e4d1c2b3a</uuid>
<memory unit='MiB'>{memory}</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='pc-q35-6.2'>hvm</type>{kernel}</os><features><acpi/></features>
<devices><emulator>{emulator}</emulator>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{directory}/disk'/>
<target dev='vda' bus='virtio'/></disk>
<interface type='user'><mac address='52:54:00:12:34:56'/><model type='virtio'/></interface>
<serial type='pty'><target port='0'/></serial><console type='pty'><target type='serial' port='0'/></console>
<controller type='pci' index='7' model='pcie-root-port'/>
<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng><video><model type='none'/></video>
</devices></domain>"""
INPUT = "<input type='mouse' bus='usb'/>"
DISK = """<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{directory}/disk2'/>
<target dev='vdb' bus='virtio'/></disk>"""
VARYING = re.compile(r"(_times|\.times=|physical|Allocation|Physical).*$", re.MULTILINE)

libvirt.enter()


class Domain:
    """A domain with one disk, one card and a serial console."""

    def __init__(self, host: Libvirt, directory: str, emulator: str):
        self.host, self.directory = host, directory
        for name in ("disk", "disk2"):
            with open(os.path.join(directory, name), "wb") as file:
                file.truncate(8 << 20)
        boot = ""
        if LONG:
            kernel = initramfs(f"{directory}/initrd")
            boot = f"<kernel>{kernel}</kernel><initrd>{directory}/initrd</initrd><cmdline>console=ttyS0 quiet</cmdline>"
        self.define(DOMAIN.format(emulator=emulator, kernel=boot, directory=directory, memory=256 if LONG else 64))

    def define(self, text: str) -> None:
        self.host.virsh("define", self.file("domain.xml", text))

    def file(self, name: str, text: str) -> str:
        return write_file(self.directory, name, text)

    def do(self, *words: str) -> str:
        """The output of a command for this domain, without what varies."""
        return VARYING.sub("", self.host.virsh(words[0], "guest", *words[1:]))

    def type_at_console(self, command: str) -> str:
        """What the guest's shell prints."""
        leader, follower = pty.openpty()
        with subprocess.Popen(["virsh", "console", "guest", "--force"], stdin=follower, stdout=follower,
                              stderr=follower) as process:
            os.close(follower)
            console = Console(leader, leader)
            try:
                console.wait(b"Escape character is")
                # virsh drops what is typed before it has changed the terminal.
                while termios.tcgetattr(leader)[3] & termios.ICANON:
                    time.sleep(0.01)
                os.write(leader, b"\n")
                console.wait()
                return console.run(command)
            finally:
                process.terminate()
                os.close(leader)


def steps(host: Libvirt, emulator: str) -> list[str]:
    """Runs a domain through its life; the results of all steps."""
    with tempfile.TemporaryDirectory() as directory:
        domain = Domain(host, directory, emulator)
        mouse, disk = domain.file("mouse.xml", INPUT), domain.file("disk.xml", DISK.format(directory=directory))
        said = [domain.do("start"), domain.do("domstate", "--reason")]
        if LONG:
            equal(domain.type_at_console("uname").split()[-1], "Linux")
            said += [domain.do("attach-device", disk), domain.type_at_console("sleep 2; cat /sys/block/vdb/size"),
                     domain.do("domblklist").replace(directory, "")]
            said += [domain.do("detach-device", disk), domain.type_at_console("sleep 2; ls /sys/block")]
        said += [domain.do("attach-device", mouse), domain.do("detach-device", mouse)]
        for step in (["suspend"], ["domstate", "--reason"], ["resume"], ["domstate", "--reason"], ["domblkstat", "vda"],
                     ["blkdeviotune", "vda", "--total-iops-sec", "100"], ["blockresize", "vda", "16M"],
                     ["domblkinfo", "vda"], ["vcpucount"], ["qemu-monitor-command", "--hmp", "info status"],
                     ["managedsave"], ["domstate"], ["start"], ["domstate", "--reason"]):
            said.append(f"{step}: {domain.do(*step)}")
        if LONG:
            equal(domain.type_at_console("uname").split()[-1], "Linux")
        running = ET.fromstring(host.virsh("dumpxml", "guest"))
        said += [f"{device.tag} {device.find('alias').get('name')}" for device in running.iterfind("devices/*[alias]")]
        said += [domain.do("destroy"), domain.do("domstate"), domain.do("undefine")]
        return said


@test
def a_domain_lives() -> None:
    if SANITIZED:
        raise Skip("the plain build tries it")
    with Libvirt() as host:
        ours = steps(host, VM)
        for command in ("getfd", "migrate", "migrate-incoming", "device_add", "device_del"):
            assert command in host.sent(), command
        if LONG:
            equal(ours, steps(host, QEMU))
        else:
            equal(ours[1], "running (booted)")
            equal(ours[-2], "shut off")


def migrated(host: Libvirt, other: OtherHost, emulator: str) -> list[str]:
    """A running domain that moves to the other host; the results of all steps there."""
    with tempfile.TemporaryDirectory() as directory:
        domain = Domain(host, directory, emulator)
        there = ["-c", other.uri]
        domain.do("start")
        said = [host.virsh("migrate", "--live", "--unsafe", "--persistent", "--undefinesource", "guest", other.uri,
                           "--migrateuri", "tcp://127.0.0.1")]
        said += [host.virsh("list", "--all", "--name"), host.virsh(*there, "domstate", "guest", "--reason")]
        mouse = domain.file("mouse.xml", INPUT)
        said += [host.virsh(*there, each, "guest", mouse) for each in ("attach-device", "detach-device")]
        said += [host.virsh(*there, each, "guest") for each in ("suspend", "resume", "destroy", "undefine")]
        return said


@test
def a_domain_moves_to_another_host() -> None:
    """between two daemons, as with QEMU"""
    if not LONG or SANITIZED:
        raise Skip("'make nightly' tries it")
    with Libvirt() as host, OtherHost() as other:
        ours = migrated(host, other, VM)
        equal(ours[1:3], ["", "running (migrated)"])
        equal(ours, migrated(host, other, QEMU))


@test
def libvirt_learns_what_it_learns_from_qemu() -> None:
    """domcapabilities, with TCG and with KVM"""
    if not LONG or SANITIZED:
        raise Skip("'make nightly' tries it")
    with Libvirt() as host:
        for kind in ("qemu", "kvm") if os.path.exists("/dev/kvm") else ("qemu",):
            ours, theirs = (host.virsh("domcapabilities", "--virttype", kind, "--emulatorbin", path).replace(path, "")
                            for path in (VM, QEMU))
            equal(ours, theirs, kind)


main()
