#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Completion in bash, zsh and fish under a pseudo-terminal, as a person types it; shells that are not installed are skipped."""

import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
from fcntl import ioctl

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import SANITIZED, TOOL, Skip, main, test, write_file  # noqa: E402

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "programs", "completion")
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "PS1='ready> '; . {dir}/vintage.bash; bind 'set bell-style none'"),
    "zsh": (["zsh", "-f", "-i"], "PS1='ready> '; fpath=({dir} $fpath); autoload -Uz compinit; compinit -u -D; unsetopt beep"),
    "fish": (["fish", "--private", "--no-config", "-i"],
             "function fish_prompt; echo 'ready> '; end; source {dir}/vintage.fish"),
}
# Stands in for each program: it completes, and writes down with what it is started otherwise.
PROGRAM = """#!/bin/sh
[ "$1" != complete ] || exec {tool} "$@"
echo "${0##*/} $*" >{log}.new
mv {log}.new {log}
"""
# What is typed before a tab and Enter, and the command that starts.
LINES = [
    ("vintage-vm -blockd", "vintage-vm -blockdev"),
    ("vintage-vm -device virtio-rng-pci,peri", "vintage-vm -device virtio-rng-pci,period="),
    ("vintage-vm -device virtio-keyboard-p", "vintage-vm -device virtio-keyboard-pci"),
    ("vintage-vm -object memory-backend-ram,id=m,size=1M,share=of",
     "vintage-vm -object memory-backend-ram,id=m,size=1M,share=off"),
    ("vintage-vm -nodefaults -netdev user,id=network0 -device virtio-net-pci,netdev=net",
     "vintage-vm -nodefaults -netdev user,id=network0 -device virtio-net-pci,netdev=network0"),
    ("vintage-vm -target aarch64 -machine virt-11.", "vintage-vm -target aarch64 -machine virt-11."),
    ("vintage-vm -cpu Skylake-Client-noT", "vintage-vm -cpu Skylake-Client-noTSX-IBRS"),
    ("vintage-vm -blockdev qcow2,node-name=n,file.driver=file,file.filena",
     "vintage-vm -blockdev qcow2,node-name=n,file.driver=file,file.filename="),
    ("vintage-vm -serial mon:std", "vintage-vm -serial mon:stdio"),
    ("vintage-vm -kernel {dir}/some-ker", "vintage-vm -kernel {dir}/some-kernel"),
    ("vintage-vm -device virtio-net-pci,romfile={dir}/some-ker", "vintage-vm -device virtio-net-pci,romfile={dir}/some-kernel"),
    ("vintage-backends -object memory-backend-ram,id=m,sha", "vintage-backends -object memory-backend-ram,id=m,share="),
    ("vintage res", "vintage resolve"),
    ("vintage resolve --js", "vintage resolve --json"),
    ("vintage explain x -- -device virtio-rng-pci,peri", "vintage explain x -- -device virtio-rng-pci,period="),
]


class Terminal:
    def __init__(self, shell: str, directory: str) -> None:
        argv, setup = SHELLS[shell]
        self.text = ""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.chdir(directory)
            os.execvpe(argv[0], argv, {"PATH": f"{directory}:/usr/bin:/bin",
                                       "TERM": "xterm", "HOME": directory, "LC_ALL": "C.UTF-8"})
        ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 400, 0, 0))
        self.quiet(1.0 if shell == "fish" else 0.3)
        self.type(setup.format(dir=SOURCES) + "\r")
        self.wait("ready> ", 20)

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def read(self, seconds: float) -> bool:
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536).decode(errors="replace")
        except OSError:
            return False
        if "\x1b[c" in data or "\x1b[0c" in data:
            self.type("\x1b[?6c")
        self.text += re.sub(r"\x1b(\[[0-9;?>=]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\)|[=>()][0-9A-B]?)", "", data)
        return True

    def quiet(self, seconds: float) -> None:
        while self.read(seconds):
            pass

    def wait(self, wanted: str, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while wanted not in self.text and time.monotonic() < end:
            self.read(0.1)
        return wanted in self.text

    def file(self, path: str, seconds: float) -> str:
        """What the program wrote, which it takes away; '' after @seconds."""
        end = time.monotonic() + seconds
        while not os.path.exists(path) and time.monotonic() < end:
            self.read(0.05)
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        os.unlink(path)
        return text

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def completes(shell: str) -> None:
    if not shutil.which(shell):
        raise Skip(f"{shell} is not installed")
    if SANITIZED:
        raise Skip("the plain build runs it")
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        write_file(directory, "some-kernel", "")
        for name in ("vintage", "vintage-vm", "vintage-backends"):
            path = write_file(directory, name, PROGRAM.replace("{tool}", TOOL).replace("{log}", log))
            os.chmod(path, 0o755)
        terminal = Terminal(shell, directory)
        wrong = []
        try:
            for typed, wanted in LINES:
                terminal.type(typed.replace("{dir}", directory) + "\t")
                terminal.quiet(0.3)
                terminal.type("\r")
                started = terminal.file(log, 20)
                if started.rstrip() != wanted.replace("{dir}", directory):
                    wrong.append(f"{typed!r} started {started!r}; expected {wanted!r}")
                terminal.quiet(0.1)
        finally:
            terminal.close()
        assert not wrong, "\n".join([*wrong, terminal.text[-2000:]])


@test
def in_bash() -> None:
    completes("bash")


@test
def in_zsh() -> None:
    completes("zsh")


@test
def in_fish() -> None:
    completes("fish")


main()
