#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An image has one writer, among processes of vintage and QEMU's tools."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, Machine, Skip, equal, main, matches, run, test, write_file  # noqa: E402

BACKENDS = os.path.join(BUILD, "vintage-backends")


class Backends(Machine):
    program = BACKENDS

    def __enter__(self) -> "Backends":
        # The greeting is sent before any image is opened, replies after that.
        assert self.qmp
        self.qmp.negotiate()
        return self


class Vm(Backends):
    program = Machine.program


@contextmanager
def image() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "disk", b"")
        os.truncate(path, 1 << 20)
        yield path


def argv(path: str, **options: object) -> list[str]:
    return ["-blockdev", json.dumps({"driver": "file", "node-name": "d", "filename": path, **options})]


def refused(path: str, **options: object) -> str:
    done = run(BACKENDS, "--platform-version", "9.0", *argv(path, **options), "-qmp", "stdio")
    equal(done.returncode, 1, done.stderr)
    matches(done.stderr, r"\Avintage-backends: -blockdev [^\n]*\n\Z")
    matches(done.stderr, rf'filename: \'{path}\': failed to get (shared )?"write" lock: another process uses the image')
    return done.stderr


@test
def a_second_writer_is_refused_in_one_line() -> None:
    with image() as path:
        with Backends(*argv(path)) as first:
            refused(path)
            assert first.qmp
            desc = first.qmp.fails("blockdev-add", {"driver": "file", "node-name": "e", "filename": path})
            matches(desc, f"filename: '{path}': failed to get \"write\" lock: block-node 'd' of this process uses the image")
            first.qmp.call("blockdev-del", node_name="d")
            with Backends(*argv(path)):
                first.qmp.fails("blockdev-add", {"driver": "file", "node-name": "d", "filename": path})


@test
def readers_and_those_who_do_without_locks_are_not() -> None:
    with image() as path, Backends(*argv(path)):
        with Backends(*argv(path, **{"read-only": True})):
            pass
        with Backends(*argv(path, locking="off")):
            pass


@test
def two_nodes_of_one_vm_share_a_disk_if_both_say_so() -> None:
    def disk(node: str, **options: object) -> list[str]:
        device = {"driver": "virtio-blk-pci", "id": f"v{node}", "drive": node, **options}
        return [*argv(path, **{"node-name": node}), "-device", json.dumps(device)]

    with image() as path:
        with Vm("-machine", "pc-q35-9.1", *disk("d", **{"share-rw": True}), *disk("e", **{"share-rw": True})) as vm:
            assert vm.qmp
            desc = vm.qmp.fails("blockdev-add", {"driver": "file", "node-name": "f", "filename": path})
            matches(desc, 'failed to get shared "write" lock: block-node \'[de]\' of this process uses the image')
            refused(path)
        done = run(Vm.program, "-machine", "pc-q35-9.1", *disk("d"), *disk("e", **{"share-rw": True}), "-qmp", "stdio")
        equal(done.returncode, 1, done.stderr)
        matches(done.stderr, 'failed to get "write" lock: block-node \'d\' of this process uses the image')


@test
def two_vms_share_a_disk_if_both_say_so() -> None:
    disk = ["-device", "virtio-blk-pci,drive=d,share-rw=on"]
    with image() as path, Vm("-machine", "pc-q35-9.1", *argv(path), *disk):
        with Vm("-machine", "pc-q35-9.1", *argv(path), *disk):
            refused(path)


def tool(name: str) -> str:
    program = shutil.which(name)
    if not program:
        raise Skip(f"there is no {name}")
    return program


@test
def tools_of_qemu_see_our_writer() -> None:
    program, images = tool("qemu-io"), tool("qemu-img")
    with image() as path, Backends(*argv(path)):
        for command in ([program, "-f", "raw", "-c", "write 0 4k", path], [images, "resize", "-f", "raw", path, "2M"]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            equal(done.returncode != 0, True, done.stdout)
            matches(done.stderr, 'Failed to get "write" lock')
        done = subprocess.run([program, "-r", "-f", "raw", "-c", "read 0 4k", path], capture_output=True, text=True,
                              check=False)
        equal(done.returncode, 0, done.stderr)


@test
def our_writer_sees_those_of_qemu() -> None:
    program = tool("qemu-io")
    with image() as path:
        with subprocess.Popen([program, "-f", "raw", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as other:
            assert other.stdin and other.stdout
            other.stdin.write("write 0 4k\n")
            other.stdin.flush()
            while "wrote" not in other.stdout.readline():
                pass
            refused(path)
            other.communicate("quit\n")
        with Backends(*argv(path)):
            pass


@test
def a_disk_of_a_running_qemu_is_refused() -> None:
    program = tool("qemu-system-x86_64")
    with image() as path:
        with subprocess.Popen([program, "-machine", "q35", "-accel", "tcg", "-nodefaults", "-display", "none", "-S",
                               "-blockdev", f"file,node-name=d,filename={path}", "-device", "virtio-blk-pci,drive=d",
                               "-qmp", "stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as qemu:
            assert qemu.stdin and qemu.stdout
            qemu.stdin.write(b'{"execute": "qmp_capabilities"}')
            qemu.stdin.flush()
            for _ in ("greeting", "answer"):
                qemu.stdout.readline()
            try:
                refused(path)
            finally:
                qemu.terminate()


if __name__ == "__main__":
    main()
