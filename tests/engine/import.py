#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`vintage import`: a QEMU that another program started, as a configuration that gives the same VM again."""

import contextlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from by_hand import ByHand, running  # noqa: E402
from vintage_test import TOOL, Machine, SocketQmp, equal, main, matches, run, sampled, test, write_file  # noqa: E402

# Ten command lines as people write them: aliases, short forms, drives, default devices, relative paths.
LINES: dict[str, tuple[str, ...]] = {
    "defaults": (),
    "alias": ("-machine", "q35", "-m", "256", "-smp", "2", "-device", "virtio-rng-pci"),
    "old machine": ("-machine", "pc-q35-5.1", "-smp", "4", "-nodefaults", "-drive", "file=a.img,if=virtio,format=raw"),
    "block nodes": (
        "-M", "q35", "-nodefaults", "-blockdev", "driver=file,node-name=f,filename=a.img",
        "-blockdev", '{"driver":"raw","node-name":"d","file":"f"}', "-device", "virtio-blk-pci,drive=d,id=disk,num-queues=2"),
    "network": (
        "-machine", "pc-i440fx-6.2", "-netdev", "user,id=n,net=10.5.0.0/16,restrict=on",
        "-device", "virtio-net-pci,netdev=n,mac=52:54:00:12:34:77,mq=on,vectors=6"),
    "consoles": (
        "-machine", "q35,hpet=off,smm=off", "-nodefaults", "-chardev", "socket,id=c,path=con,server=on,wait=off",
        "-device", "virtio-serial-pci,id=s,max_ports=5", "-device", "virtconsole,chardev=c,name=a.img",
        "-serial", "file:serial.log"),
    "SCSI and USB": (
        "-machine", "q35", "-device", "virtio-scsi-pci,id=scsi", "-drive", "id=x,if=none,file=b.img,format=raw,cache=none",
        "-device", "scsi-hd,drive=x,bus=scsi.0,serial=abc", "-device", "qemu-xhci", "-device", "usb-tablet"),
    "ports": (
        "-machine", "pc-q35-7.1", "-nodefaults", "-device", "pcie-root-port,id=p1,chassis=1,hotplug=off",
        "-device", "pcie-root-port,id=p2,chassis=2", "-device", "e1000e,bus=p2,addr=0", "-vga", "std"),
    "memory and processors": (
        "-machine", "pc-q35-7.0,memory-backend=ram", "-object", "memory-backend-memfd,id=ram,size=256M",
        "-m", "256M,slots=4,maxmem=1G", "-smp", "4,sockets=2,cores=2,threads=1", "-cpu", "qemu64,+aes,-vmx", "-nodefaults"),
    "identity": (
        "-name", "guest=web,debug-threads=on", "-uuid", "7c5d7a2e-97b5-4a5f-8f6c-4b4d5a3a1c11", "-machine", "q35", "-nodefaults",
        "-smbios", "type=1,manufacturer=Someone,serial=7", "-rtc", "base=localtime", "-boot", "menu=on", "-global",
        "virtio-rng-pci.vectors=3", "-device", "virtio-rng-pci,id=r", "-hda", "a.img", "-snapshot"),
}
FILES = ("a.img", "b.img")


def effective(*argv: str) -> Any:
    """The effective configuration of a VM that an engine runs."""
    with Machine("-engine", "qemu", *argv, pin=False) as machine:
        assert machine.qmp
        return machine.qmp.negotiate().call("query-effective-config")


@contextlib.contextmanager
def imported(*source: str, left: str = "", status: int = 0) -> Iterator[str]:
    """The path of the configuration that the import writes."""
    done = run(TOOL, "import", *source)
    equal((done.returncode, done.stderr), (status, left))
    with tempfile.TemporaryDirectory() as scratch:
        yield write_file(scratch, "vm.json", done.stdout)


def absolute(tree: Any, directory: str) -> Any:
    text = json.dumps(tree)
    for name in (*FILES, "con", "serial.log"):
        text = re.sub(rf'("[a-z-]*(?:filename|path|out|file)": )"{re.escape(name)}"', rf'\1"{directory}/{name}"', text)
    return json.loads(text)


def differences(got: Any, wanted: Any, path: str = "") -> list[str]:
    if isinstance(got, dict) and isinstance(wanted, dict):
        return [line for key in sorted({*got, *wanted}) for line in differences(got.get(key), wanted.get(key), f"{path}/{key}")]
    return [] if got == wanted else [f"{path}: {got!r}, expected {wanted!r}"]


@test
def what_runs_by_hand_gives_the_same_vm_again() -> None:
    """the configuration of a process has the values of its command line, on the machine and platform version of its release"""
    for name, words in sampled(LINES.items(), 5):
        with running(words, FILES) as qemu:
            with imported("--pid", str(qemu.pid)) as path:
                directory = os.path.dirname(qemu.qmp)
                end(qemu)
                os.chdir(directory)
                try:
                    wanted = absolute(effective("--platform-version", "7.2", *qemu.words), directory)
                    equal(differences(effective("--config", path), wanted), [], name)
                finally:
                    os.chdir("/")


def config(*source: str, left: str = "", status: int = 0) -> Any:
    with imported(*source, left=left, status=status) as path:
        with open(path, encoding="utf-8") as file:
            return json.load(file)


@test
def a_command_line_is_imported() -> None:
    """values that are the defaults are left out; the machine is the one that the binary has under this name"""
    words = ["--release", "7.2", "--", "qemu-system-x86_64", "-M", "q35", "-device",
             "virtio-rng-pci,id=r,period=65536,max-bytes=7", "-device", "virtio-blk-pci,num-queues=1,drive=d",
             "-blockdev", "null-co,node-name=d"]
    equal(config(*words), {
        "target": "x86_64", "machine": {"type": "pc-q35-7.2"}, "platform-version": "7.2",
        "device": [{"driver": "virtio-rng-pci", "id": "r", "max-bytes": 7},
                   {"driver": "virtio-blk-pci", "num-queues": 1, "drive": "d"}],
        "blockdev": [{"driver": "null-co", "node-name": "d"}]})
    # On an old machine, the same value is the default.
    words[words.index("q35")] = "pc-q35-5.1"
    equal(config(*words)["device"][1], {"driver": "virtio-blk-pci", "drive": "d"})
    done = run(TOOL, "import", "--to", "argv", *words)
    matches(done.stdout, r"(?m)^-machine pc-q35-5\.1 \\$")
    matches(done.stdout, r"(?m)^-platform-version 7\.2$")
    words[words.index("qemu-system-x86_64")] = "/nowhere/qemu-system-aarch64"
    words[words.index("pc-q35-5.1")] = "virt-7.0"
    equal(config(*words)["target"], "aarch64")


@test
def a_file_has_a_command_line() -> None:
    """as a shell has it, with variables before it as in the log of libvirt; or as /proc/PID/cmdline"""
    wanted = config("--release", "7.2", "--", "qemu-system-x86_64", "-name", "guest=a b", "-m", "64")
    with tempfile.TemporaryDirectory() as scratch:
        for text in ("LC_ALL=C HOME='/x y' \\\n/usr/bin/qemu-system-x86_64 \\\n-name 'guest=a b' \\\n-m 64\n",
                     "# comment\nqemu-system-x86_64 -name 'guest=a b' -m 64",
                     "qemu-system-x86_64\0-name\0guest=a b\0-m\00064\0"):
            equal(config("--release", "7.2", "--argv", write_file(scratch, "argv", text)), wanted, text)
        path = write_file(scratch, "argv", "A=b")
        done = run(TOOL, "import", "--argv", path)
        equal((done.returncode, done.stderr), (1, f"vintage: {path}: expected the name of a QEMU program and its options\n"))


@test
def what_has_no_place_is_named() -> None:
    """one line for each part that is left out, and a status of its own"""
    lines = ["-nonsense: unknown option", "'disk.img': expected an option", "-device nosuch: driver: unknown device 'nosuch'",
             "-device virtio-rng-pci,id=r,perod=1: unknown member 'perod'; did you mean 'period'?"]
    done = run(TOOL, "import", "--release", "7.2", "--", "qemu-system-x86_64", "-M", "q35", "-nonsense", "1", "disk.img",
               "-device", "nosuch", "-device", "virtio-rng-pci,id=r,perod=1", "-device", "virtio-balloon-pci")
    equal(done.returncode, 3)
    equal(sorted(done.stderr.splitlines()), sorted(f"vintage: left out: {line}" for line in lines))
    equal(json.loads(done.stdout)["device"], [{"driver": "virtio-balloon-pci"}])
    equal(config("--release", "7.2", "--", "qemu-system-x86_64", "-nodefaults", "-netdev", "tap,id=t,fd=3", status=3,
                 left="vintage: left out: tap 't': only the running process has the open descriptor '3'\n")["netdev"],
          [{"type": "tap", "id": "t", "fd": "3"}])


@test
def a_wrong_source_is_one_line() -> None:
    for words, status, text in (
            (["--pid", "x"], 1, "vintage: --pid: expected the number of a process, got 'x'"),
            (["--pid", str(2**22 + 1)], 1, f"vintage: process {2**22 + 1}: there is no such process"),
            (["--argv", "/nowhere"], 1, "vintage: /nowhere: cannot be read: No such file or directory"),
            ([], 2, "vintage import: expected one of --qmp, --pid, --argv, --libvirt, or '--' and the command line of QEMU"),
            (["--pid", "1", "--argv", "x"], 2,
             "vintage import: expected one of --qmp, --pid, --argv, --libvirt, or '--' and the command line of QEMU"),
            (["--to", "yaml", "--pid", "1"], 2, "vintage import: --to: expected argv, json, config or qmp, got yaml")):
        done = run(TOOL, "import", *words)
        equal((done.returncode, done.stdout, done.stderr), (status, "", text + "\n"))


@test
def a_monitor_names_what_has_changed() -> None:
    """hot-plugged devices are not in the command line: one line each"""
    words = ["-machine", "q35", "-nodefaults", "-device", "qemu-xhci,id=x", "-device", "virtio-rng-pci,id=r,max-bytes=5"]
    with running(words) as qemu:
        wanted = config("--pid", str(qemu.pid))
        equal(config("--qmp", qemu.qmp), wanted)
        monitor = SocketQmp(qemu.qmp)
        monitor.negotiate().call("device_add", driver="usb-tablet", id="t", bus="x.0")
        monitor.close()
        left = "vintage: left out: /machine/peripheral/t: type: 'usb-tablet' runs, and the command line has '-'\n"
        equal(config("--qmp", qemu.qmp, status=3, left=left), wanted)
    done = run(TOOL, "import", "--qmp", "/nowhere/qmp")
    equal((done.returncode, done.stderr), (1, "vintage: cannot connect to '/nowhere/qmp': No such file or directory\n"))


def end(qemu: ByHand) -> None:
    """Ends the process, so that its files and sockets are free."""
    os.kill(qemu.pid, 9)
    os.waitid(os.P_PID, qemu.pid, os.WEXITED | os.WNOWAIT)


if __name__ == "__main__":
    main()
