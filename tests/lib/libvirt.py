# SPDX-License-Identifier: MIT
"""libvirt in namespaces of its own: the daemon, and virsh.

Debian's packages libvirt-daemon-system, libvirt-clients and libvirt-daemon-driver-qemu provide them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

from vintage_test import TIMEOUT, Skip

INSIDE = "VINTAGE_LIBVIRT"
PROGRAMS = ("libvirtd", "virsh", "qemu-system-x86_64")
DIRECTORIES = ("/etc/libvirt", "/run/libvirt", "/run/lock", "/var/lib/libvirt", "/var/cache/libvirt", "/var/log/libvirt")
QEMU_CONF = """user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
remember_owner = 0
"""
DAEMON_CONF = """auth_unix_rw = "none"
unix_sock_group = "root"
log_filters = "1:qemu.qemu_monitor 3:*"
log_outputs = "1:file:{log}"
"""
NAMESPACES = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
# The first process of the namespace takes the end of daemons, which libvirt waits for.
FIRST = ["sh", "-c", '"$@"; exit $?', "sh"]
PATIENCE = 120.0        # seconds for one command of virsh


def enter() -> None:
    """Runs this test again in new namespaces, if the host permits it."""
    if INSIDE in os.environ or not all(map(shutil.which, PROGRAMS)) or subprocess.run(
            [*NAMESPACES, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode:
        return
    os.environ[INSIDE] = "1"
    os.execvp(NAMESPACES[0], [*NAMESPACES, *FIRST, sys.executable, *sys.argv])


class Libvirt:
    """A daemon that ends with the test. The paths of its configuration and state are empty directories."""

    def __init__(self) -> None:
        if INSIDE not in os.environ:
            raise Skip(f"{', '.join(PROGRAMS)}, root and namespaces are required")
        self.directory = tempfile.TemporaryDirectory()
        self.log = os.path.join(self.directory.name, "log")
        for directory in DIRECTORIES:
            os.makedirs(directory, exist_ok=True)
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", directory], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
        for name, text in (("qemu.conf", QEMU_CONF), ("libvirtd.conf", DAEMON_CONF.format(log=self.log))):
            with open(f"/etc/libvirt/{name}", "w", encoding="utf-8") as file:
                file.write(text)
        self.daemon = subprocess.Popen(["libvirtd", "--pid-file", "/run/libvirt/pid", "--config", "/etc/libvirt/libvirtd.conf"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + TIMEOUT
        while subprocess.run(["virsh", "uri"], capture_output=True, check=False).returncode:
            assert time.monotonic() < end and self.daemon.poll() is None, "libvirtd does not start"
            time.sleep(0.05)

    def __enter__(self) -> "Libvirt":
        return self

    def __exit__(self, *_: object) -> None:
        self.daemon.terminate()
        self.daemon.wait()
        for directory in DIRECTORIES:
            subprocess.run(["umount", directory], check=False)
        self.directory.cleanup()

    def virsh(self, *words: str, ok: bool | None = True) -> str:
        """The output of a command, which succeeds if @ok, fails if not; None: either."""
        done = subprocess.run(["virsh", "--quiet", *words], capture_output=True, text=True, check=False, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL)
        text = (done.stdout + done.stderr).strip()
        assert ok in (None, done.returncode == 0), f"virsh {' '.join(words)}: {text}"
        return text

    def sent(self) -> set[str]:
        """The QMP commands that the daemon has sent so far."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return {line.split('"execute":"', 1)[1].split('"', 1)[0] for line in file if 'msg={"execute":"' in line}


# Another host: libvirt does not migrate a domain to the host that it is on.
OTHER_CONF = DAEMON_CONF + 'host_uuid = "7f3f9a52-0e1b-4c67-9f0d-4b6a2f1c8d90"\n'
OTHER = """set -e
for each in {directories}; do mount -t tmpfs tmpfs $each; done
cp {directory}/*.conf /etc/libvirt/
exec libvirtd --pid-file /run/libvirt/pid --config /etc/libvirt/libvirtd.conf
"""


class OtherHost:
    """A second daemon, with directories of its own, and with another identity."""

    def __init__(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        log = os.path.join(self.directory.name, "log")
        for name, text in (("qemu.conf", QEMU_CONF), ("libvirtd.conf", OTHER_CONF.format(log=log))):
            with open(os.path.join(self.directory.name, name), "w", encoding="utf-8") as file:
                file.write(text)
        script = OTHER.format(directories=" ".join(DIRECTORIES), directory=self.directory.name)
        self.daemon = subprocess.Popen(["unshare", "--mount", "--", "sh", "-c", script], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        path = os.path.join("/proc", str(self.daemon.pid), "root", "run", "libvirt", "libvirt-sock")
        self.uri = f"qemu+unix:///system?socket={path}"
        end = time.monotonic() + TIMEOUT
        while subprocess.run(["virsh", "-c", self.uri, "uri"], capture_output=True, check=False).returncode:
            assert time.monotonic() < end and self.daemon.poll() is None, "the second libvirtd does not start"
            time.sleep(0.05)

    def __enter__(self) -> "OtherHost":
        return self

    def __exit__(self, *_: object) -> None:
        self.daemon.terminate()
        self.daemon.wait()
        self.directory.cleanup()
