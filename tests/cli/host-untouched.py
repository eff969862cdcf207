#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage reads only configuration files of the host, as strace shows."""

import os
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import COVERED, SANITIZED, Skip, equal, main, run, test, write_file, TOOL  # noqa: E402

VM = ["-machine", "pc-q35-9.1", "-m", "64G", "-object", "memory-backend-ram,id=m,size=64G", "-object",
      "rng-random,id=r,filename=/dev/random", "-object", "sev-guest,id=s,cbitpos=51,reduced-phys-bits=1",
      "-object", "memory-backend-file,id=mf,size=64G,mem-path=/nonexistent/ram", "-object",
      "memory-backend-memfd,id=mm,size=64G,prealloc=on", "-object", "secret,id=key,file=/nonexistent/key", "-object",
      "secret,id=hidden,data=x,keyid=key,iv=oKGio6SlpqeoqaqrrK2urw==", "-object", "iothread,id=t",
      "-blockdev", "driver=file,node-name=f,filename=/nonexistent/disk", "-netdev", "user,id=n",
      "-device", "virtio-blk-pci,drive=f", "-device", "virtio-net-pci,netdev=n", "-device", "virtio-rng-pci,rng=r"]

# Accesses of the loader before main().
LOADER = re.compile(r'"(/etc/ld\.so\.(preload|cache)|(/[^"]*)?/lib[^"]*\.so[^"]*|/usr/lib/locale/[^"]*|/etc/localtime'
                    r'|/usr/share/locale/[^"]*|/proc/self/(maps|cmdline|exe|environ)|/proc/sys/vm/overcommit_memory'
                    r'|/sys/devices/system/cpu[^"]*|/usr/lib/[^"]*gconv[^"]*)"')


def calls(*argv: str) -> list[str]:
    strace = shutil.which("strace")
    if not strace:
        raise Skip("there is no strace")
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        done = run(strace, "-f", "-o", log, "-e",
                   "trace=%file,%network,mmap,ioctl,memfd_create,io_uring_setup,clone,clone3", TOOL, *argv)
        if "ptrace" in done.stderr:
            raise Skip("strace may not trace here")
        equal(done.returncode, 0, done.stderr)
        with open(log, encoding="utf-8", errors="replace") as file:
            return [line.split(None, 1)[1] for line in file if "(" in line]


def touches(lines: list[str], allowed: str = "") -> list[str]:
    found = []
    for line in lines:
        name = line.split("(", 1)[0]
        if name in ("execve", "readlink", "getcwd", "access") or "SIG" in name:
            continue
        if name == "mmap" and ("MAP_ANONYMOUS" in line or "PROT_READ" in line and "MAP_PRIVATE" in line):
            size = int(line.split(",")[1])
            if size > 1 << 28 and "MAP_NORESERVE" not in line:
                found.append(line)
            continue
        if name == "ioctl" and "TCGETS" in line or COVERED and '.gcda"' in line:
            continue
        if name.startswith(("open", "stat", "newfstatat", "lstat", "statx")) and (
                LOADER.search(line) or '"", ' in line or allowed and f'"{allowed}"' in line):
            continue
        found.append(line)
    return found


if SANITIZED:
    # A sanitizer maps and reads files itself.
    def sanitized() -> None:
        """nothing of the host is touched"""
        raise Skip("a sanitizer maps on its own account")

    test(sanitized)
else:
    @test
    def resolve_opens_binds_and_maps_nothing() -> None:
        equal(touches(calls("resolve", "--json", "--settled", "--", *VM)), [])
        equal(touches(calls("resolve", "--", *VM)), [])

    @test
    def explain_defaults_and_diff_neither() -> None:
        equal(touches(calls("explain", "--", *VM)), [])
        equal(touches(calls("defaults", "--json")), [])
        equal(touches(calls("diff", "--machine", "pc-q35-2.4..pc-q35-11.1", "--", *VM[2:])), [])

    @test
    def a_named_file_is_the_one_that_is_read() -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = write_file(directory, "vm.json", '{"machine": {"type": "pc-q35-9.1"}, "device": [{"driver": "VGA"}]}')
            lines = calls("resolve", path)
            assert any(path in line for line in lines)
            equal(touches(lines, path), [])


main()
