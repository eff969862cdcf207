# SPDX-License-Identifier: MIT
"""The two sides: a stopped QEMU with its devices, and `vintage resolve --settled`."""

import functools
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import time
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, VM  # noqa: E402

from devices import HOSTS, Plugged, hosts_of  # noqa: E402

BINARY = os.environ.get("VINTAGE_QEMU", "qemu-system-x86_64")
COMMON = ["-m", "256", "-smp", "4"]
# Only for QEMU: stopped.
STILL = ["-S", "-display", "none", "-accel", "tcg"]
TIMEOUT = 60.0
TARGET = "x86_64"


class Refusal(Exception):
    """One side refuses the device."""


def installed() -> bool:
    return shutil.which(BINARY) is not None


class Qemu:
    """A stopped QEMU that answers over QMP."""

    def __init__(self, machine: str, words: list[str], binary: str = BINARY, defaults: bool = False) -> None:
        """@defaults: with the default devices of the machine."""
        self.socket, theirs = socket.socketpair()
        argv = [binary, "-machine", machine, *([] if defaults else ["-nodefaults"]), *STILL, *words,
                "-chardev", f"socket,id=monitor,fd={theirs.fileno()}", "-mon", "chardev=monitor,mode=control"]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        pass_fds=[theirs.fileno()])
        theirs.close()
        self.buffer = b""
        try:
            self.receive()
            self.call("qmp_capabilities")
        except EOFError:
            raise Refusal(last_line(self.end())) from None

    def __enter__(self) -> "Qemu":
        return self

    def __exit__(self, *_: Any) -> None:
        self.end()

    def end(self) -> str:
        self.socket.close()
        self.process.kill()
        return self.process.communicate()[1].decode(errors="replace")

    def receive(self) -> dict:
        end = time.monotonic() + TIMEOUT
        while b"\n" not in self.buffer:
            if not select.select([self.socket], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError(f"{BINARY} does not answer")
            try:
                chunk = self.socket.recv(1 << 20)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                raise EOFError
            self.buffer += chunk
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def many(self, command: str, requests: list[dict]) -> list[dict]:
        """The replies to several commands that are sent at once."""
        text = "".join(json.dumps({"execute": command, "arguments": each}) + "\n" for each in requests)
        try:
            self.socket.sendall(text.encode())
        except BrokenPipeError:
            raise EOFError from None
        answers: list[dict] = []
        while len(answers) < len(requests):
            message = self.receive()
            if "event" not in message:
                answers.append(message)
        return answers

    def call(self, command: str, **arguments: Any) -> Any:
        answer = self.many(command, [{name.replace("_", "-"): value for name, value in arguments.items()}])[0]
        if "error" in answer:
            raise Refusal(answer["error"]["desc"])
        return answer["return"]

    def properties(self, path: str) -> dict[str, tuple[str, Any]]:
        """Type and value of each property that can be read; children left out."""
        shown = [each for each in self.call("qom-list", path=path) if not each["type"].startswith("child<")]
        answers = self.many("qom-get", [{"path": path, "property": each["name"]} for each in shown])
        return {each["name"]: (each["type"], answer["return"]) for each, answer in zip(shown, answers) if "return" in answer}


def version() -> tuple[str, str]:
    """Of QEMU: what it reports, and the release that it is of or becomes: 11.1 of 11.0.50."""
    with Qemu("none", []) as qemu:
        target = qemu.call("query-target")["arch"]
        found = qemu.call("query-version")["qemu"]
    if target != TARGET:
        raise Refusal(f"QEMU is of target '{target}'; expected '{TARGET}'")
    major, minor, micro = found["major"], found["minor"], found["micro"]
    if micro >= 50:
        major, minor = (major + 1, 0) if minor == 2 else (major, minor + 1)
    return f"{found['major']}.{found['minor']}.{micro}", f"{major}.{minor}"


@functools.cache
def release() -> str:
    """The release to compare QEMU with: its own, or the newest one that the schema knows if it is newer."""
    wanted = version()[1]
    argv = [TOOL, "resolve", "--release", wanted, "--", "-machine", "none"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if not done.returncode:
        return wanted
    known = re.search(r"unknown release .*; expected (\S+) to (\S+)$", done.stderr.strip())
    if not known or number(wanted) < number(known[1]):
        raise Refusal(done.stderr.strip().removeprefix("vintage: "))
    return known[2]


@functools.cache
def release_words() -> list[str]:
    """Options of `vintage`. QEMU has no platform axis: the platform version is the release, or the nearest one."""
    done = subprocess.run([TOOL, "platform", "list", "--json"], capture_output=True, text=True, timeout=TIMEOUT, check=True)
    platforms = [each["version"] for each in json.loads(done.stdout)]
    nearest = max((each for each in platforms if number(each) <= number(release())), key=number, default=platforms[0])
    return ["--release", release(), "--platform-version", nearest]


def number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line and "warning:" not in line]
    return re.sub(r"^\S*qemu-system-\S+: ", "", lines[-1]) if lines else "it ended without a word"


def of_qemu(machine: str, devices: list[Plugged]) -> dict[str, dict[str, tuple[str, Any]]]:
    words = COMMON + hosts_of(devices)
    for device in devices:
        words += [*device.before(), "-device", device.words(True)]
    with Qemu(machine, words) as qemu:
        result = {device.id: qemu.properties(f"/machine/peripheral/{device.id}") for device in devices}
        result["/machine"] = qemu.properties("/machine")
        return result


def of_vintage(machine: str, devices: list[Plugged]) -> dict[str, dict[str, Any]]:
    words = COMMON + hosts_of(devices)
    for device in devices:
        words += [*device.before(), "-device", device.words(goes_into_bus(device))]
    argv = [TOOL, "resolve", "--settled", "--json", *release_words(), "--", "-machine", machine, "-nodefaults", *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode:
        raise Refusal(done.stderr.strip().removeprefix("vintage: "))
    objects = json.loads(done.stdout)["objects"]
    return {key: one["properties"] | {"type": one["type"]} for key, one in objects.items()}


def goes_into_bus(device: Plugged) -> bool:
    """Whether the schema has the device's bus; otherwise the device is compared without one."""
    return device.bus not in HOSTS or provides(device.bus)


@functools.cache
def provides(bus: str) -> bool:
    kind, told, name = HOSTS[bus]
    argv = [TOOL, "resolve", *release_words(), "--", "-machine", "pc-q35-7.2", *hosts_of_bus("usb-bus", bus),
            "-device", f"{kind},{told}", "-device", f"{kind},id=other,bus={name}"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    return f"no bus '{name}'" not in done.stderr


def hosts_of_bus(below: str, bus: str) -> list[str]:
    """What a bus's provider needs itself."""
    return ["-device", ",".join(HOSTS[below][:2])] if bus == "ccid-bus" else []


def machines() -> list[str]:
    """Machine versions of both sides, newest first within each family."""
    done = subprocess.run([VM, "-machine", "help"], capture_output=True, text=True, timeout=TIMEOUT, check=True)
    ours = re.findall(r"^\s+(\S+)", done.stdout, re.MULTILINE)
    with Qemu("none", []) as qemu:
        theirs = {one["name"] for one in qemu.call("query-machines")}
    return [name for name in ours if name in theirs and re.search(r"-\d+\.\d+(\.\d+)?$", name)]


def candidates() -> list[tuple[str, str]]:
    """Devices that QEMU's users can add and that Vintage has too, with the kind of bus they go to."""
    with Qemu("none", []) as qemu:
        text = qemu.call("human-monitor-command", command_line="device_add help")
    done = subprocess.run([VM, "-device", "help"], capture_output=True, text=True, timeout=TIMEOUT, check=True)
    ours = set(re.findall(r'^name "([^"]+)"', done.stdout, re.MULTILINE))
    return [(kind, bus) for kind, bus in re.findall(r'^name "([^"]+)"(?:, bus ([^,\r]+))?', text, re.MULTILINE) if kind in ours]
