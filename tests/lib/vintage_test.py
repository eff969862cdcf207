# SPDX-License-Identifier: MIT
"""Tests of the programs: TAP, running vintage and vintage-vm, a QMP client.

A test is a function marked @test; its docstring, or its name, is what it promises.  main() runs them all.
"""

import collections
import gc
import itertools
import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from typing import Any, Callable, Iterable, Iterator, Sequence, TypeVar

BUILD = os.path.abspath(os.environ.get("VINTAGE_BUILD", "build"))
TOOL = os.path.join(BUILD, "vintage")
VM = os.path.join(BUILD, "vintage-vm")
TIMEOUT = 20.0
# A sanitizer makes starts slow.
SANITIZED = "sanitized" in os.path.basename(BUILD)
# Each process of a coverage build writes files when it exits.
COVERED = "coverage" in os.path.basename(BUILD)
LONG = bool(os.environ.get("VINTAGE_LONG"))
# What a pipe holds.  A larger buffer costs page faults for each message.
CHUNK = 1 << 16
Item = TypeVar("Item")
# The programs that a test starts overwrite memory that they allocate and free.
os.environ["MALLOC_PERTURB_"] = "165"
# A test is over before there is much to collect; a collection takes a third of the time to read the schema.
gc.disable()
# A start with a sanitizer costs ten times one without.  Of programs that run to their end, the first starts of a program with
# a first argument have it, and then one of a few; the others are of the plain build.  Sessions always have it.
PLAIN = os.path.join(os.path.dirname(BUILD), "build")
FIRST_STARTS, STARTS_STEP = 2, 4

_tests: list[Callable[[], None]] = []
_starts: collections.Counter[tuple[str, ...]] = collections.Counter()


def missing_library(text: str) -> str:
    """The optional library that the error @text names as missing, if this build lacks it; otherwise ''."""
    found = re.search(r"this program was built without (?:lib)?(\w+)", text)
    if not found:
        return ""
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        commands = file.read()
    names = (found[1].upper(), f"LIB{found[1].upper()}")
    return "" if any(f"-DCONFIG_{name} " in commands for name in names) else found[1]


def sampled(items: Iterable[Item], step: int, plain: int = 1) -> Iterator[Item]:
    """Every @step-th item under a sanitizer, every @plain-th in other builds; all with VINTAGE_LONG=1 ("make nightly")."""
    return itertools.islice(items, 0, None, 1 if LONG else step if SANITIZED else plain)


class Skip(Exception):
    """The test requires something that is not available."""


def test(function: Callable[[], None]) -> Callable[[], None]:
    _tests.append(function)
    return function


def main() -> None:
    print(f"1..{len(_tests)}")
    failed = 0
    for number, function in enumerate(_tests, 1):
        name = (function.__doc__ or function.__name__.replace("_", " ")).strip().splitlines()[0]
        try:
            function()
        except Skip as reason:
            print(f"ok {number} {name} # SKIP {reason}")
        except Exception as error:  # any exception fails the test
            if missing_library(str(error)):
                print(f"ok {number} {name} # SKIP built without {missing_library(str(error))}")
                continue
            failed += 1
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {number} {name}")
        else:
            print(f"ok {number} {name}")
        sys.stdout.flush()
    sys.exit(1 if failed else 0)


def equal(got: Any, expected: Any, what: str = "") -> None:
    if got != expected:
        raise AssertionError(f"{what}\n      got: {got!r}\n expected: {expected!r}")


def matches(text: str, pattern: str) -> None:
    if not re.search(pattern, text):
        raise AssertionError(f"{text!r} does not match {pattern!r}")


# ---- programs ---------------------------------------------------------------------------------------------


def to_start(argv: Sequence[str]) -> list[str]:
    """@argv of a program that runs to its end: with a sanitizer or of the plain build."""
    number = _starts[tuple(argv[:2])]
    _starts[tuple(argv[:2])] += 1
    sanitized = not SANITIZED or LONG or number < FIRST_STARTS or number % STARTS_STEP == 0
    plain = os.path.join(PLAIN, os.path.basename(argv[0]))
    return [argv[0] if sanitized or os.path.dirname(argv[0]) != BUILD or not os.path.exists(plain) else plain, *argv[1:]]


def without_engine(argv: Sequence[str]) -> list[str]:
    """The VM of a test has no engine, unless the test names one: what this program does is under test."""
    return [*argv] if argv[0] != VM or "-engine" in argv else [VM, "-engine", "none", *argv[1:]]


def run(*argv: str, stdin: str | bytes = "") -> subprocess.CompletedProcess:
    """Runs a program to its end. A sanitizer report always fails the test."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(to_start(without_engine(argv)), input=data, capture_output=True, timeout=TIMEOUT * 6, check=False)
    done.stdout = done.stdout.decode(errors="replace")
    done.stderr = done.stderr.decode(errors="replace")
    if done.returncode < 0 or "Sanitizer" in done.stderr or "runtime error:" in done.stderr:
        raise AssertionError(f"{' '.join(argv)}: status {done.returncode}\n{done.stderr}")
    return done


def tool(*argv: str, stdin: str | bytes = "", defaults: bool = False) -> subprocess.CompletedProcess:
    """A VM of a test has no default devices, unless the test is about them."""
    after = argv.index("--") + 1 if "--" in argv else len(argv)
    if not defaults and argv[after:after + 1] and argv[after].startswith("-"):
        argv = (*argv[:after], "-nodefaults", *argv[after:])
    return run(TOOL, *argv, stdin=stdin)


def tool_json(*argv: str) -> Any:
    done = tool(*argv)
    equal(done.returncode, 0, f"vintage {' '.join(argv)}: {done.stderr}")
    return json.loads(done.stdout)


def resolve(vm: list[str], *options: str) -> dict:
    """The versions and the objects of the VM."""
    config: dict = tool_json("resolve", "--json", *options, "--", *vm)
    return {name: value for name, value in config.items() if name != "options"}


def resolve_error(*vm: str) -> str:
    """The error of an invalid VM: one line, exit status 1, no output."""
    done = tool("resolve", "--json", "--", *vm)
    equal((done.returncode, done.stdout), (1, ""), done.stderr)
    matches(done.stderr, r"\Avintage: [^\n]+\n\Z")
    return done.stderr[len("vintage: "):].rstrip("\n")


def write_file(directory: str, name: str, text: str | bytes) -> str:
    path = os.path.join(directory, name)
    with open(path, "wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)
    return path


# ---- QMP --------------------------------------------------------------------------------------------------


class QmpError(Exception):
    def __init__(self, error: dict):
        super().__init__(f"{error['class']}: {error['desc']}")
        self.class_name = error["class"]
        self.desc = error["desc"]


class Qmp:
    """A client on two file descriptors."""

    def __init__(self, fd_in: int, fd_out: int):
        self.fd_in, self.fd_out = fd_in, fd_out
        self.buffer = bytearray()
        self.events: list[dict] = []
        self.greeting = self.receive()

    def receive(self, timeout: float = TIMEOUT) -> dict:
        """The next message of the server; EOFError at the end of the connection."""
        end = time.monotonic() + timeout
        searched = 0        # a reply has up to tens of megabytes
        while (at := self.buffer.find(b"\n", searched)) < 0:
            searched = len(self.buffer)
            if not select.select([self.fd_in], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError("no answer")
            chunk = os.read(self.fd_in, CHUNK)
            if not chunk:
                raise EOFError("the server hung up")
            self.buffer += chunk
        line = bytes(self.buffer[:at])
        del self.buffer[:at + 1]
        return json.loads(line)

    def send(self, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        while data:
            data = data[os.write(self.fd_out, data):]

    def answer(self) -> dict:
        """The next reply; events are stored."""
        while True:
            message = self.receive()
            if "event" not in message:
                return message
            self.events.append(message)

    def raw(self, text: str | bytes) -> dict:
        self.send(text)
        return self.answer()

    def call(self, command: str, **arguments: Any) -> Any:
        names = {key.rstrip("_").replace("_", "-"): value for key, value in arguments.items()}
        return self.call_with(command, names)

    def call_with(self, command: str, arguments: dict) -> Any:
        request: dict = {"execute": command}
        if arguments:
            request["arguments"] = arguments
        message = self.raw(json.dumps(request) + "\n")
        if "error" in message:
            raise QmpError(message["error"])
        return message["return"]

    def fails(self, command: str, arguments: dict, class_name: str = "GenericError", pattern: str = "") -> str:
        """The command must fail with this pattern; returns the description."""
        try:
            result = self.call_with(command, arguments)
        except QmpError as error:
            equal(error.class_name, class_name, error.desc)
            matches(error.desc, pattern)
            return error.desc
        raise AssertionError(f"{command} did not fail but gave {result!r}")

    def event(self, name: str) -> dict:
        """The next event, which must have this name."""
        message = self.events.pop(0) if self.events else self.receive()
        equal(message.get("event"), name, str(message))
        return message

    def negotiate(self) -> "Qmp":
        self.call("qmp_capabilities")
        return self


class SocketQmp(Qmp):
    def __init__(self, address: str | tuple[str, int]):
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        end = time.monotonic() + TIMEOUT
        while True:
            try:
                self.socket.connect(address)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.005)
        super().__init__(self.socket.fileno(), self.socket.fileno())

    def close(self) -> None:
        self.socket.close()


class Machine:
    """A running vintage-vm with a QMP session on its standard input and output, or on sockets."""

    program = VM

    def __init__(self, *argv: str, qmp: str | None = "stdio", pin: bool = True,
                 fds: tuple[int, ...] = ()):
        self.directory = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.directory.name, "qmp")
        self.argv = [self.program, *argv]
        if pin and not any("platform-version" in arg for arg in argv):
            self.argv += ["--platform-version", "9.0"]
        if qmp:
            self.argv += ["-qmp", qmp.replace("PATH", self.path)]
        self.process = subprocess.Popen(without_engine(self.argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, pass_fds=fds)
        self.qmp: Qmp | None = None
        if qmp == "stdio":
            assert self.process.stdin and self.process.stdout
            try:
                self.qmp = Qmp(self.process.stdout.fileno(), self.process.stdin.fileno())
            except EOFError:
                raise AssertionError(f"{' '.join(self.argv)}: {self.end()[1]}") from None
            except TimeoutError:
                self.process.kill()
                raise

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        # A clean exit lets a sanitizer report leaks.
        self.process.terminate()
        try:
            _, errors = self.process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise AssertionError(f"{self.program} does not end") from None
        self.directory.cleanup()
        text = errors.decode(errors="replace")
        if "Sanitizer" in text or "runtime error:" in text:
            raise AssertionError(text)
        if kind and text:
            print("\n".join(f"# stderr: {line}" for line in text.splitlines()))

    def connect(self) -> SocketQmp:
        return SocketQmp(self.path)

    def end(self) -> tuple[int, str]:
        """Waits for the process; its exit status and standard error."""
        _, errors = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, errors.decode(errors="replace")
