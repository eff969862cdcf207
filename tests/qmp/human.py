#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The human monitor: on a character device, and by 'human-monitor-command' of QMP."""

import os
import socket
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TIMEOUT, Machine, Qmp, equal, main, matches, test  # noqa: E402

PROMPT = "(qemu) "


def ask(qmp: Qmp | None, line: str) -> str:
    assert qmp
    answer = qmp.call("human-monitor-command", **{"command-line": line})
    assert isinstance(answer, str)
    assert answer.count("\n") == answer.count("\r\n"), answer
    return answer.replace("\r\n", "\n")


class Terminal:
    """A user at a monitor on a socket."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(path)

    def until(self, end: str) -> str:
        text = b""
        while not text.endswith(end.encode()):
            part = self.socket.recv(4096)
            assert part, text
            text += part
        return text.decode()

    def type(self, keys: str, end: str = "\r\n" + PROMPT) -> str:
        """What appears after the keys, without the echo of the line before its end."""
        self.socket.sendall(keys.encode())
        return self.until(end)


@test
def commands_run_qmp_commands_and_show_their_answers() -> None:
    with Machine("-machine", "q35", "-smp", "2", "-name", "guest", "-S", "-device", "pcie-root-port,id=p,chassis=1",
                 "-blockdev", "driver=null-co,node-name=b") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        for line, answer in {
                "info status": "VM status: paused (prelaunch)\n", "info name": "guest\n", "": "",
                "print -6 / 4 + -6 % 4": "-3\n", "drive_del b": "", "info block -n": "", "p /x 0x10": "0x10\n",
                "print/c 65": "'A'\n",
                "print -6 / (0 - 1) + -6 % -1": "6\n", "  stop  ": "", "s": "",
                "object_add memory-backend-ram,id=m,size=16M": "", "qom-get /objects/m size": "16777216\n",
                "object_del m": "", "netdev_add hubport,id=n,hubid=0": "", "info network": "n: type=hubport\n",
                "netdev_del n": "", "chardev-add ringbuf,id=r": "", "ringbuf_write r \"a b\\\"c\"": "",
                "ringbuf_read r 100": "a b\"c\n", "device_add virtio-rng-pci,id=d,bus=p": "",
                "qom-get /machine/peripheral/d type": "virtio-rng-pci\n"}.items():
            equal(ask(qmp, line), answer, line)
        for line, pattern in {
                "help": r"(?s)quit\|q -- .*info SUBJECT -- ", "?": "quit", "help quit": r"^quit\|q -- [^\n]*\n$",
                "help info": r"(?m)^info status -- ", "info": r"(?m)^info status -- ",
                "info version": r"^\d+\.\d+\.\d+ \(",
                "info qtree": r'(?s)bus: pcie\.0\n  type PCIE\n.*dev: virtio-rng-pci, id "d"\n',
                "info pci": r'(?s)PCI bridge: PCI device 1b36:000c\n      IRQ 0, pin 1\n      BUS 0\.\n.* to 0x0fff.* id "p"\n',
                "info qom-tree": r"(?s)^/machine \(pc-q35-.*\n  /peripheral \(container\)\n    /d \(virtio-rng-pci\)\n",
                "device_add virtio-rng-pci,help": "(?m)^  period=", "device_add help": '(?m)^name "virtio-rng-pci", bus PCI',
                "info qdm": '(?m)^name "virtio-rng-pci"'}.items():
            matches(ask(qmp, line), pattern)


@test
def an_error_is_one_line() -> None:
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        for line, answer in {
                "statsu": "unknown command: 'statsu'", "info satus": "unknown command: 'info satus'; did you mean 'info status'?",
                "quit now": "Error: quit: 'now' is one argument too many; usage: quit",
                "device_del": "Error: device_del: id: a value is missing; usage: device_del ID",
                "ringbuf_read r x":
                "Error: ringbuf_read: size: expected a size (such as 4096, 64K, 1G), got 'x'; usage: ringbuf_read DEVICE SIZE",
                "qom-get \"/a b": "Error: qom-get: path: the quote before '/a b' has no end; usage: qom-get PATH PROPERTY",
                "info qtree -x": "Error: info qtree: unknown flag '-x'; usage: info qtree [-b]",
                "print /z 1": "Error: print: format: expected one of x, o, d, u, c, got 'z'",
                "info lapic": "Error: 'info lapic' needs an engine, which runs the guest",
                "info skeys 0": "unknown command: 'info skeys'; did you mean 'info sev'?",
                "help statsu": "Error: help: unknown command 'statsu'",
                "object_add rng-builtin": "Error: -object rng-builtin: missing member 'id'",
                "device_del x": "Error: Device 'x' not found",
                "netdev_add user,id=n,nett=1": "Error: -netdev user,id=n,nett=1: unknown member 'nett'; did you mean 'net'?",
        }.items():
            equal(ask(qmp, line), answer + "\n", line)
        qmp.fails("human-monitor-command", {}, pattern="command-line")


@test
def a_terminal_edits_lines() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "m")
        with Machine("-machine", "none", "-object", "rng-builtin,id=first",
                     "-monitor", f"unix:{path},server=on,wait=off") as machine:
            assert machine.qmp
            machine.qmp.negotiate()
            terminal = Terminal(path)
            matches(terminal.until(PROMPT), "^Vintage [^\r\n]* monitor - type 'help'[^\r\n]*\r\n")
            matches(terminal.type("info status\r"), r"info status\r\nVM status: [a-z ()]+\r\n")
            # Erases, moves and completes: "info st", left, and two words with one candidate each.
            matches(terminal.type("infx\b\bfo statu\t\n"), r"info status *\r\nVM status")
            matches(terminal.type("\033[A\033[A\033[H\033[3~\033[3~in\r"), r"info status\r\nVM status")
            matches(terminal.type("object_del \t\r"), "object_del first *\r\n\r?")
            matches(terminal.type("x\x15info history\r"),
                    r"0: 'info status'\r\n1: 'info status '\r\n2: 'info status'\r\n3: 'object_del")
            terminal.type("info \t", "\r\n\r\033[K(qemu) info ")
            terminal.socket.close()
            # The next user has an empty line, and the history of the monitor.
            terminal = Terminal(path)
            terminal.until(PROMPT)
            matches(terminal.type("info history\r"), "'info status'")
            terminal.socket.sendall(b"q\r\n")
            equal(machine.process.wait(TIMEOUT), 0)


if __name__ == "__main__":
    main()
