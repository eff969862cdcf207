#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`qapi-gen clients`: the Python package installs and is typed, the stubs of C compile, and both talk to vintage-vm."""

import atexit
import functools
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Skip, equal, main, test  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("VINTAGE_SOURCE", os.path.join(HERE, "..", ".."))
MACHINE = ("-machine", "q35", "-accel", "qtest", "-smp", "2", "-S")
REFUSED = "GenericError"


@functools.cache
def generated() -> str:
    directory = tempfile.TemporaryDirectory()
    atexit.register(directory.cleanup)
    subprocess.run([os.path.join(SOURCE, "qapi-gen", "qapi-gen"), "clients", "-o", directory.name, "--package-version", "0.1.0",
                    os.path.join(SOURCE, "schema", "vintage-vm.json")], check=True)
    return directory.name


def output(argv: list[str], **environment: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, **environment})
    assert done.returncode == 0, f"{shlex.join(argv)}: {done.stdout}{done.stderr}"
    return done.stdout


def session(argv: list[str], **environment: str) -> list[str]:
    """What a program prints that talks to a new vintage-vm, whose socket is its last argument."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "qmp")
        with Machine(*MACHINE, "-qmp", f"unix:{path},server=on,wait=off"):
            return output([*argv, path], **environment).splitlines()


@test
def the_python_package_installs_and_talks() -> None:
    with tempfile.TemporaryDirectory() as directory:
        package = os.path.join(generated(), "python")
        place = os.path.join(directory, "installed")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
               "--disable-pip-version-check", "--root-user-action=ignore", "--target", place, package]
        probe = subprocess.run([sys.executable, "-c", "import pip, setuptools, wheel"], capture_output=True, check=False)
        if probe.returncode:
            place = package
        else:
            output(pip)
        assert os.path.exists(os.path.join(place, "vintage_qmp", "py.typed"))
        lines = session([sys.executable, os.path.join(HERE, "sample.py")], PYTHONPATH=place)
        equal(lines[:4], ["prelaunch False", "/dev/urandom", "7", "RESUME True"])
        assert lines[4].startswith(REFUSED), lines
        equal(lines[5:], [f"{n} /machine/unattached/device[{n}]" for n in range(2)])


@test
def mypy_finds_no_error_in_the_package_and_the_wrong_type_in_a_program() -> None:
    mypy = shutil.which("mypy", path="/usr/bin:" + os.environ.get("PATH", ""))
    if not mypy:
        raise Skip("mypy is not installed")
    package = os.path.join(generated(), "python")
    with tempfile.TemporaryDirectory() as directory:
        wrong = os.path.join(directory, "wrong.py")
        with open(wrong, "w", encoding="utf-8") as file:
            file.write("from vintage_qmp import Client\n\n\ndef fail(client: Client) -> None:\n    client.balloon(value='1')\n"
                       "    client.object_add('rng-randon', id='r')\n")
        done = subprocess.run([mypy, "--strict", "--cache-dir", os.path.join(directory, "cache"),
                               os.path.join(package, "vintage_qmp"), os.path.join(HERE, "sample.py"), wrong],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "MYPYPATH": package})
        errors = [line for line in done.stdout.splitlines() if ": error:" in line]
        equal([line.rsplit("[", 1)[1] for line in errors], ["arg-type]"] * 2, done.stdout)
        assert all("wrong.py" in line for line in errors), errors


@test
def the_stubs_of_c_compile_and_talk() -> None:
    with tempfile.TemporaryDirectory() as directory:
        stubs = os.path.join(generated(), "c")
        flags = output(["pkg-config", "--cflags", "--libs", "glib-2.0", "json-c"]).split()
        program = os.path.join(directory, "sample")
        output(["cc", "-std=gnu11", "-O0", "-Wall", "-Wextra", "-Werror", "-I", stubs, os.path.join(HERE, "sample.c"),
                os.path.join(stubs, "client.c"), os.path.join(stubs, "client-commands.c"), *flags, "-o", program])
        lines = session([program])
        equal((lines[0].startswith("pc-q35-"), lines[1:3]), (True, ["7", "7"]))
        equal(lines[3], "RESUME")
        assert lines[4].startswith(REFUSED), lines


main()
