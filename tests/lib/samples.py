# SPDX-License-Identifier: MIT
"""How to create one backend of each class that requires members.

The key is the class, as the schema calls it; several samples stand for ways of making it that differ in what they hold
of the host.  '$DIR' in a string is a directory of the test's own, '$N' the number of the machine.
"""

import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
from dataclasses import dataclass, field
from typing import Any, Callable

from namespace import is_inside
from vintage_test import Skip, write_file

Command = tuple[str, dict[str, Any]]


@dataclass
class Sample:
    members: dict[str, Any] = field(default_factory=dict)
    before: list[Command] = field(default_factory=list)             # required objects
    # Prepares the directory or the host; may return members that are known only then.
    prepare: Callable[[str], dict[str, Any] | None] = lambda directory: None
    times: int = 10000                                              # fewer rounds for slow samples
    machines: int = 1                                               # rounds in parallel, for slow host operations
    refused: str = ""                                               # the error on a host without support


def unix(name: str) -> dict[str, Any]:
    return {"type": "unix", "path": f"$DIR/{name}"}


def a_file(name: str, data: bytes = b"1234567890") -> Callable[[str], None]:
    return lambda directory: (write_file(directory, name, data), None)[1]


def a_pipe(name: str) -> Callable[[str], None]:
    return lambda directory: os.mkfifo(os.path.join(directory, name))


def a_key(directory: str) -> dict[str, Any]:
    """A key in the keyring of this process, which its child processes inherit."""
    numbers = {"x86_64": 248, "i686": 286, "s390x": 278, "ppc64le": 269}        # of add_key(2); elsewhere 217
    libc = ctypes.CDLL(None, use_errno=True)
    session_keyring = -3
    serial = libc.syscall(numbers.get(os.uname().machine, 217), b"user", directory.encode(), b"1234567890", ctypes.c_size_t(10),
                          session_keyring)
    if serial < 0:
        raise Skip(f"add_key: {os.strerror(ctypes.get_errno())}")
    return {"serial": serial}


def an_interface(_directory: str) -> None:
    """An interface in the network namespace of the test."""
    set_interface, set_persist, tap_without_header = 0x400454ca, 0x400454cb, 0x1002
    if not is_inside():
        raise Skip("no namespace of our own")
    try:
        fd = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(fd, set_interface, struct.pack("16sH22x", b"vintage", tap_without_header))
        fcntl.ioctl(fd, set_persist, 1)
        os.close(fd)
    except OSError as error:
        raise Skip(f"no interface of our own: {error}") from None


def certificates(directory: str) -> None:
    """A certificate authority, and a server's certificate."""
    if not shutil.which("certtool"):
        raise Skip("no certtool")

    def certtool(*argv: str) -> None:
        subprocess.run(["certtool", *argv], cwd=directory, capture_output=True, check=True)

    for name, lines in {"ca": "cn = authority\nca\ncert_signing_key\n",
                        "server": "cn = localhost\ndns_name = localhost\ntls_www_server\nsigning_key\nencryption_key\n"}.items():
        write_file(directory, f"{name}.info", lines)
        certtool("--generate-privkey", "--key-type", "ecdsa", "--outfile", f"{name}-key.pem")
    certtool("--generate-self-signed", "--template", "ca.info", "--load-privkey", "ca-key.pem", "--outfile", "ca-cert.pem")
    certtool("--generate-certificate", "--template", "server.info", "--load-privkey", "server-key.pem",
             "--load-ca-certificate", "ca-cert.pem", "--load-ca-privkey", "ca-key.pem", "--outfile", "server-cert.pem")


def qcow2_image() -> bytes:
    """An empty image with clusters of 512 bytes: header, refcount table, refcount block, L1 table."""
    header = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 0, 0, 9, 32768, 0, 1, 1536, 512, 1, 0, 0, 0, 0, 0, 4, 104)
    return b"".join(part.ljust(512, b"\0") for part in (header, struct.pack(">Q", 1024), struct.pack(">4H", 1, 1, 1, 1), b""))


HUB: Command = ("netdev_add", {"type": "hubport", "id": "under", "hubid": 7})
NODE: Command = ("blockdev-add", {"driver": "null-co", "node-name": "under"})
GROUP: Command = ("object-add", {"qom-type": "throttle-group", "id": "group"})
CHARDEV: Command = ("chardev-add", {"id": "under", "backend": {"type": "null", "data": {}}})

SAMPLES: dict[str, list[Sample]] = {
    # objects
    "secret": [Sample({"data": "letmein"}), Sample({"file": "$DIR/secret"}, prepare=a_file("secret"))],
    "memory-backend-ram": [Sample({"size": 1 << 21, "prealloc": True}, times=2000)],
    "memory-backend-memfd": [Sample({"size": 1 << 16, "share": True}),
                             Sample({"size": 1 << 16, "seal": False, "share": False})],
    "memory-backend-file": [Sample({"size": 1 << 16, "mem-path": "$DIR/memory", "share": True, "discard-data": True}),
                            Sample({"size": 1 << 16, "mem-path": "$DIR"})],
    "filter-dump": [Sample({"netdev": "under", "file": "/dev/null"}, [HUB])],
    "throttle-group": [Sample({"limits": {"iops-total": 100, "bps-read": 1000}})],
    "iothread": [Sample({"poll-max-ns": 1000, "thread-pool-max": 8}, times=5000)],
    "authz-simple": [Sample({"identity": "somebody"})],
    "authz-list": [Sample({"policy": "deny", "rules": [{"match": "some*", "policy": "allow", "format": "glob"}]})],
    "authz-list-file": [Sample({"filename": "$DIR/list"}, prepare=a_file("list", b'{"policy":"deny","rules":[]}'))],
    "sev-guest": [Sample({"reduced-phys-bits": 1})],
    "secret_keyring": [Sample(prepare=a_key)],
    "iommufd": [Sample(refused="iommufd")],                               # with a descriptor: tests/cli/descriptors.py
    "qtest": [Sample({"chardev": "under", "log": "none"}, [CHARDEV])],
    "rng-egd": [Sample({"chardev": "under"}, [CHARDEV])],
    "authz-pam": [Sample({"service": "vintage"})],
    "tls-creds-anon": [Sample({"endpoint": "server"}, times=500)],
    "tls-creds-psk": [Sample({"dir": "$DIR", "endpoint": "server"}, prepare=a_file("keys.psk", b"me:0123456789abcdef\n"),
                             times=500)],
    "tls-creds-x509": [Sample({"dir": "$DIR", "endpoint": "server"}, prepare=certificates, times=300)],
    # network backends
    "netdev-hubport": [Sample({"hubid": 3}), Sample({"hubid": 3, "netdev": "under"},
                                                    [("netdev_add", {"type": "user", "id": "under"})])],
    "netdev-stream": [Sample({"addr": unix("listener"), "server": True}),
                      Sample({"addr": unix("nobody"), "reconnect-ms": 1}),
                      Sample({"addr": {"type": "inet", "host": "127.0.0.1", "port": "0"}, "server": True})],
    "netdev-dgram": [Sample({"local": unix("mine"), "remote": unix("theirs")}),
                     Sample({"local": {"type": "inet", "host": "127.0.0.1", "port": "0"},
                             "remote": {"type": "inet", "host": "127.0.0.1", "port": "9"}})],
    "netdev-user": [Sample(), Sample({"hostfwd": [{"str": "tcp:127.0.0.1:0-:22"}], "dnssearch": [{"str": "example"}],
                                      "guestfwd": [{"str": "tcp:10.0.2.100:1-cmd:cat"}]}),
                    Sample({"guestfwd": [{"str": "tcp:10.0.2.100:1-chardev:under"}]}, [CHARDEV])],
    # The kernel takes 25 ms to remove an interface, and removes several at once.
    "netdev-tap": [Sample({"script": "no", "queues": queues, "ifname": "vintage$N"}, times=50, machines=8,
                           refused="/dev/net/tun|not permitted")
                   for queues in (1, 4)] + [Sample({"script": "no", "ifname": "vintage"}, prepare=an_interface)],
    # block nodes
    "blockdev-file": [Sample({"filename": "$DIR/disk"}, prepare=a_file("disk", bytes(65536)))],
    "blockdev-host-device": [Sample({"filename": "/dev/loop0"}, refused=".")],
    "blockdev-raw": [Sample({"file": "under"}, [NODE]), Sample({"file": {"driver": "null-co"}})],
    "blockdev-qcow2": [Sample({"file": {"driver": "file", "filename": "$DIR/image", "discard": "unmap"}, "discard": "unmap",
                               "backing": {"driver": "null-co"}}, prepare=a_file("image", qcow2_image()), times=300)],
    "blockdev-throttle": [Sample({"throttle-group": "group", "file": "under"}, [GROUP, NODE])],
    # character devices
    "chardev-file": [Sample({"out": "$DIR/log"})],
    "chardev-fd": [Sample({"out": "$DIR/log"})],
    "chardev-pipe": [Sample({"device": "$DIR/pipe"}, prepare=a_pipe("pipe"))],
    "chardev-serial": [Sample({"device": "/dev/ttyS0"}, refused=".")],
    "chardev-parallel": [Sample({"device": "/dev/parport0"}, refused=".")],
    "chardev-socket": [Sample({"addr": {"type": "unix", "data": {"path": "$DIR/chardev"}}, "server": True, "wait": False})],
    "chardev-udp": [Sample({"remote": {"type": "inet", "data": {"host": "127.0.0.1", "port": "9"}}})],
    "chardev-mux": [Sample({"chardev": "under"}, [CHARDEV])],
    "chardev-hub": [Sample({"chardevs": ["under"]}, [CHARDEV])],
    "chardev-pty": [Sample(times=200)],
}
