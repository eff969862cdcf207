#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`make run`: one small VM on two machine versions and two platform versions, a running vintage-vm asked over QMP, and a Linux
guest that says what it sees of two machine versions."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

from initramfs import Missing, initramfs

HERE = os.path.dirname(os.path.abspath(__file__))
VM = os.path.join(HERE, "small-vm.json")
OLD, NEW = "pc-q35-5.1", "pc-q35-9.1"
GUEST, LOOK = os.path.join(HERE, "guest.json"), os.path.join(HERE, "look.sh")
QEMU = "qemu-system-x86_64"
BOOTED = ("pc-q35-5.1", "pc-q35-7.2")       # Debian 12's QEMU has both
PATIENCE = 300                              # seconds: without /dev/kvm a guest starts in about ten on an idle host


def heading(text: str) -> None:
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n== {text}")


def show(build: str, *args: str) -> None:
    print(f"$ {build}/vintage {' '.join(args)}", flush=True)
    subprocess.run([os.path.join(build, "vintage"), *args], check=True)


def converse(build: str, requests: list[dict]) -> None:
    """Starts vintage-vm on the example and prints what goes over its QMP socket."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "qmp")
        argv = [os.path.join(build, "vintage-vm"), "--config", VM, "--platform-version", "9.0", "-S",
                "-qmp", f"unix:{path},server=on,wait=on"]
        print(f"$ {build}/vintage-vm --config examples/small-vm.json --platform-version 9.0 -S -qmp unix:…", flush=True)
        with subprocess.Popen(argv) as process:
            with socket.socket(socket.AF_UNIX) as connection:
                while not os.path.exists(path) and process.poll() is None:
                    pass
                connection.connect(path)
                stream = connection.makefile("rw", encoding="utf-8")
                print("<-", stream.readline().strip())
                for request in requests:
                    text = json.dumps(request)
                    print("->", text)
                    stream.write(text + "\n")
                    stream.flush()
                    answer = stream.readline().strip()
                    print("<-", answer if len(answer) < 400 else answer[:400] + "…")
                stream.close()
            if process.wait(timeout=10):
                sys.exit(f"vintage-vm ended with status {process.returncode}")


def boot(build: str) -> None:
    """A guest on each machine of BOOTED prints what it sees."""
    if not shutil.which(QEMU):
        print(f"no guest is started: {QEMU} is not installed")
        return
    with tempfile.TemporaryDirectory() as directory:
        image = os.path.join(directory, "initrd")
        try:
            with open(LOOK, encoding="utf-8") as file:
                kernel = initramfs(image, file.read())
        except Missing as reason:
            print(f"no guest is started: {reason}")
            return
        for machine in BOOTED:
            argv = ["--config", os.path.relpath(GUEST), "--platform-version", "7.2", "-nodefaults", "-machine", machine,
                    "-kernel", kernel, "-initrd", image, "-append", "console=ttyS0 quiet no_timer_check panic=-1",
                    "-nographic", "-no-reboot", "-serial", "stdio"]
            print(f"$ {build}/vintage-vm {' '.join(argv).replace(image, 'INITRD')}", flush=True)
            done = subprocess.run([os.path.join(build, "vintage-vm"), *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  check=True, timeout=PATIENCE)
            # The firmware clears the screen.
            print(re.sub(r"\x1b(c|\[[0-9;?]*[A-Za-z])|\r", "", done.stdout.decode(errors="replace")).strip(), flush=True)


def main() -> None:
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    example = os.path.relpath(VM)
    heading(f"The VM of {example}: why its disk's properties are what they are on {OLD}")
    show(build, "explain", "disk.num-queues", "disk.queue-size", "disk.vectors", "--", "--config", example)
    heading(f"What the guest would see change from {OLD} to {NEW}")
    show(build, "diff", "--machine", f"{OLD}..{NEW}", "--platform-version", "9.0", "--", "--config", example)
    heading("What the host must offer beyond platform 9.0 for platform 9.1, the machine unchanged")
    show(build, "diff", "--platform-version", "9.0..9.1", "--", "--config", example)
    heading("The same VM running, asked over QMP")
    converse(build, [{"execute": "qmp_capabilities"}, {"execute": "query-status", "id": 1},
                     {"execute": "qom-get", "arguments": {"path": "disk", "property": "num-queues"}},
                     {"execute": "object-add", "arguments": {"qom-type": "throttle-group", "id": "slow",
                                                             "limits": {"iops-total": 100}}},
                     {"execute": "object-add", "arguments": {"qom-type": "throttle-group", "id": "bad",
                                                             "limits": {"iops-totel": 100}}},
                     {"execute": "quit"}])
    heading(f"What a Linux guest sees of {BOOTED[0]} and of {BOOTED[1]}")
    boot(build)


if __name__ == "__main__":
    main()
