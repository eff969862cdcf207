# SPDX-License-Identifier: MIT
"""Instructions per object, for growing numbers of objects of every kind, on the command line and over QMP.

Valgrind counts them, so a loaded machine does not change the result.  The start with no such object is subtracted.
"""

import functools
import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Any, Callable

# exp-bbv only counts, which takes a third of the time of callgrind.
COUNTER = ["valgrind", "--tool=exp-bbv", "--instr-count-only=yes", "--bb-out-file=/dev/null", "--pc-out-file=/dev/null"]
LEAVES = 30         # devices on one bridge
TIMEOUT = 900


@dataclass(frozen=True)
class Kind:
    """@words: the options of object @i. @base: the options of the places for @n objects."""

    name: str
    words: Callable[[int], list[str]]
    base: Callable[[int], list[str]] = lambda n: []
    machine: str = "none"
    most: int = 10000
    target: str = "x86_64"


@dataclass(frozen=True)
class Commands:
    """Over QMP: commands for object @i: @add, @ask (optional), @remove."""

    name: str
    add: Callable[[int], dict]
    remove: Callable[[int], dict] | None
    ask: Callable[[int], dict] | None = None
    base: Callable[[int], list[str]] = lambda n: []
    machine: str = "none"
    most: int = 10000


def each(count: int, *words: str) -> list[str]:
    """@words for each number below @count; {i} is the number."""
    return [word.replace("{i}", str(i)) for i in range(count) for word in words]


def options(*words: str) -> Callable[[int], list[str]]:
    return lambda i: [word.replace("{i}", str(i)) for word in words]


def bridges(count: int) -> list[str]:
    """PCI bridges for @count devices: some on pci.0, the others on those."""
    n = -(-count // LEAVES)
    outer = -(-n // LEAVES)
    return (each(outer, "-device", "pci-bridge,id=outer{i},bus=pci.0,chassis_nr=1")
            + [word for i in range(n) for word in ("-device", f"pci-bridge,id=b{i},bus=outer{i // LEAVES},chassis_nr=2")])


def on_bridge(driver: str) -> Callable[[int], list[str]]:
    return lambda i: ["-device", f"{driver.replace('{i}', str(i))},bus=b{i // LEAVES}"]


def controllers(driver: str, per: int) -> Callable[[int], list[str]]:
    """As many controllers @driver as needed for @per devices each, on bridges."""
    def base(count: int) -> list[str]:
        n = -(-count // per)
        return bridges(n) + [word for i in range(n) for word in ("-device", f"{driver},id=c{i},bus=b{i // LEAVES}")]
    return base


def root_ports(count: int) -> list[str]:
    """@count root ports as places for devices, each a function of a multifunction slot."""
    return each(-(-count // 240), "-device", "pxb-pcie,id=x{i},bus=pcie.0,bus_nr=8")


def root_port(i: int) -> list[str]:
    slot, function = divmod(i % 240, 8)
    return ["-device", f"pcie-root-port,id=p{i},bus=x{i // 240},chassis={1 + i // 240},slot={i % 240},"
                       f"addr={slot + 1:x}.{function}" + (",multifunction=on" if not function else "")]


PORTS = 232         # root ports on pcie.0: 8 functions of slots 2 to 30
FUNCTIONS = 8       # devices with a root port each


def ports(count: int) -> list[str]:
    """Root ports with device models, for @count devices."""
    return [word for i in range(-(-count // FUNCTIONS)) for word in (
        "-device", f"pcie-root-port,id=p{i},chassis=1,slot={i},addr={2 + i // 8:x}.{i % 8},multifunction=on")]


def on_port(driver: str) -> Callable[[int], list[str]]:
    return lambda i: ["-device", f"{driver.replace('{i}', str(i))},bus=p{i // FUNCTIONS},addr=0.{i % FUNCTIONS},multifunction=on"]


def behind_port(driver: str) -> tuple[Callable[[int], list[str]], Callable[[int], list[str]]]:
    def base(count: int) -> list[str]:
        return root_ports(count) + [word for i in range(count) for word in root_port(i)]
    return base, options("-device", driver + ",bus=p{i}")


RNG = ["-object", "rng-builtin,id=r"]

# `vintage check` plans, settles, places, checks and removes objects, also those without a device model.
PLANNED = (
    Kind("rng-builtin", options("-object", "rng-builtin,id=o{i}")),
    Kind("memory-backend-ram", options("-object", "memory-backend-ram,id=o{i},size=4096")),
    Kind("iothread", options("-object", "iothread,id=o{i}")),
    Kind("secret", options("-object", "secret,id=o{i},data=x")),
    Kind("throttle-group", options("-object", "throttle-group,id=o{i}")),
    Kind("authz-list", options("-object", "authz-list,id=o{i}")),
    Kind("objects as JSON", options("-object", '{"qom-type":"rng-builtin","id":"o{i}"}')),
    Kind("netdev user", options("-netdev", "user,id=o{i}")),
    Kind("ports of a hub", options("-netdev", "hubport,id=o{i},hubid=0")),
    Kind("hubs", options("-netdev", "hubport,id=o{i},hubid={i}")),
    Kind("filter-dump", options("-object", "filter-dump,id=o{i},netdev=n,file=/dev/null"),
         lambda n: ["-netdev", "hubport,id=n,hubid=0"]),
    Kind("chardev null", options("-chardev", "null,id=o{i}")),
    Kind("chardev ringbuf", options("-chardev", "ringbuf,id=o{i}")),
    Kind("block null-co", options("-blockdev", "null-co,node-name=o{i}")),
    Kind("block chain", lambda i: ["-blockdev", f"raw,node-name=o{i},file=o{i - 1}" if i % 8 else f"null-co,node-name=o{i}"]),
    Kind("block in block", options("-blockdev", '{"driver":"raw","node-name":"o{i}","file":{"driver":"null-co"}}')),
    Kind("block throttle", options("-blockdev", "throttle,node-name=o{i},throttle-group=g,file=f{i}"),
         lambda n: ["-object", "throttle-group,id=g"] + each(n, "-blockdev", "null-co,node-name=f{i}")),
    Kind("audiodev none", options("-audiodev", "none,id=o{i}")),
    Kind("fsdev local", options("-fsdev", "local,id=o{i},path=/,security_model=none")),
    Kind("global", options("-global", "virtio-net-pci.tx_queue_size=256")),
    Kind("user of one object", on_bridge("virtio-rng-pci,rng=r,id=o{i}"), lambda n: RNG + bridges(n), "pc-i440fx-9.1"),
    Kind("anonymous user", on_bridge("virtio-rng-pci,rng=r"), lambda n: RNG + bridges(n), "pc-i440fx-9.1"),
    Kind("device without a bus", options("-device", "virtio-rng-pci,rng=r"), lambda n: RNG, "pc-i440fx-9.1", 28),
    Kind("disk", on_bridge("virtio-blk-pci,drive=d{i},bootindex={i}"),
         lambda n: each(n, "-blockdev", "null-co,node-name=d{i}") + bridges(n), "pc-i440fx-9.1"),
    Kind("NIC with mac", lambda i: on_bridge(f"virtio-net-pci,mac=52:54:00:12:{i >> 8:02x}:{i & 255:02x}")(i), bridges,
         "pc-i440fx-9.1"),
    Kind("NIC without mac", on_bridge("virtio-net-pci"), bridges, "pc-i440fx-9.1"),
    Kind("root port", root_port, root_ports, "pc-q35-9.1", 5000),
    Kind("behind root ports", behind_port("virtio-rng-pci,rng=r")[1], lambda n: RNG + behind_port("")[0](n),
         "pc-q35-9.1", 5000),
    Kind("SCSI disk, place left open", options("-device", "scsi-hd,drive=d{i}"),
         lambda n: each(n, "-blockdev", "null-co,node-name=d{i}") + controllers("virtio-scsi-pci", 200)(n), "pc-i440fx-9.1"),
    Kind("SCSI disk, lun given", options("-device", "scsi-hd,drive=d{i},bus=c0.0,channel=0,scsi-id=0,lun={i}"),
         lambda n: each(n, "-blockdev", "null-co,node-name=d{i}") + controllers("virtio-scsi-pci", 20000)(n), "pc-i440fx-9.1"),
    Kind("USB", lambda i: ["-device", f"usb-kbd,bus=c{i // 15}.0"], controllers("qemu-xhci,p2=15,p3=15", 15), "pc-i440fx-9.1"),
    Kind("USB without a bus", options("-device", "usb-kbd"), controllers("qemu-xhci,p2=15,p3=15", 15), "pc-i440fx-9.1"),
    Kind("virtio-serial port", lambda i: ["-device", f"virtserialport,bus=c{i // 30}.0,name=p{i}"],
         controllers("virtio-serial-pci", 30), "pc-i440fx-9.1"),
    Kind("ISA", options("-device", "isa-serial,iobase={i},chardev=h{i}"), lambda n: each(n, "-chardev", "null,id=h{i}"),
         "pc-i440fx-9.1"),
    Kind("CCW", options("-device", "virtio-rng-ccw,rng=r"), lambda n: RNG, "s390-ccw-virtio-9.1", target="s390x"),
    Kind("NUMA node", lambda i: ["-numa", f"node,nodeid={i + 1}"],
         lambda n: ["-m", "128M", "-object", "memory-backend-ram,id=m,size=128M", "-numa", "node,nodeid=0,memdev=m"],
         "pc-q35-9.1", 127),
)
MODELLED = (
    "rng-builtin", "memory-backend-ram", "secret", "throttle-group", "authz-list", "ports of a hub", "hubs", "chardev null",
    "chardev ringbuf", "block null-co", "block chain", "block in block", "block throttle")

# vintage-vm: classes with a device model, as many as a q35 has places for.
STARTED = tuple(kind for kind in PLANNED if kind.name in MODELLED) + (
    Kind("root port", lambda i: ports(FUNCTIONS * (i + 1))[-2:], machine="q35", most=PORTS),
    Kind("user of one object", on_port("virtio-rng-pci,rng=r,id=o{i}"), lambda n: RNG + ports(n), "q35", PORTS * FUNCTIONS),
    Kind("anonymous user", on_port("virtio-rng-pci,rng=r"), lambda n: RNG + ports(n), "q35", PORTS * FUNCTIONS),
    Kind("device without a bus", options("-device", "virtio-rng-pci,rng=r"), lambda n: RNG, "q35", 28),
    Kind("disk", on_port("virtio-blk-pci,drive=d{i},bootindex={i}"),
         lambda n: each(n, "-blockdev", "null-co,node-name=d{i}") + ports(n), "q35", PORTS * FUNCTIONS),
    Kind("NIC without mac", on_port("virtio-net-pci"), ports, "q35", PORTS * FUNCTIONS),
)


def add_object(i: int) -> dict:
    return {"execute": "object-add", "arguments": {"qom-type": "rng-builtin", "id": f"o{i}"}}


def remove(command: str, name: str = "id") -> Callable[[int], dict]:
    return lambda i: {"execute": command, "arguments": {name: f"o{i}"}}


def once(command: str, **arguments: Any) -> Callable[[int], dict | None]:
    return lambda i: {"execute": command, "arguments": arguments} if not i else None


def device(driver: str, **members: Any) -> Callable[[int], dict]:
    return lambda i: {"execute": "device_add", "arguments": {
        "driver": driver, "id": f"o{i}", "bus": f"p{i // FUNCTIONS}", "addr": f"0.{i % FUNCTIONS}", "multifunction": True,
        **members}}


def add_memory(i: int) -> dict:
    return {"execute": "object-add", "arguments": {"qom-type": "memory-backend-ram", "id": f"o{i}", "size": 4096}}


def add_chardev(i: int) -> dict:
    return {"execute": "chardev-add", "arguments": {"id": f"o{i}", "backend": {"type": "null", "data": {}}}}


def add_block(i: int) -> dict:
    return {"execute": "blockdev-add", "arguments": {"driver": "null-co", "node-name": f"o{i}"}}


def add_port(i: int) -> dict:
    return {"execute": "netdev_add", "arguments": {"type": "hubport", "id": f"o{i}", "hubid": 0}}


COMMANDS = (
    Commands("object-add, object-del", add_object, remove("object-del")),
    Commands("memory, query-memdev", add_memory, remove("object-del"), once("query-memdev")),
    Commands("objects, qom-list", add_object, None, once("qom-list", path="/objects")),
    Commands("objects, qom-get by path", add_object, None, lambda i: {
        "execute": "qom-get", "arguments": {"path": f"/objects/o{i}", "property": "type"}}),
    Commands("objects, qom-get by name", add_object, None, lambda i: {
        "execute": "qom-get", "arguments": {"path": f"o{i}", "property": "type"}}),
    Commands("chardev-add, query-chardev, chardev-remove", add_chardev, remove("chardev-remove"), once("query-chardev")),
    Commands("blockdev-add, query-named-block-nodes, blockdev-del", add_block, remove("blockdev-del", "node-name"),
             once("query-named-block-nodes")),
    Commands("netdev_add, netdev_del", add_port, remove("netdev_del")),
    Commands("device_add, device_del", device("virtio-rng-pci", rng="r"), remove("device_del"), None,
             lambda n: RNG + ports(n), "q35", PORTS * FUNCTIONS),
    Commands("NIC without mac: device_add, device_del", device("virtio-net-pci"), remove("device_del"), None, ports,
             "q35", PORTS * FUNCTIONS),
    Commands("qom-list of devices", device("virtio-net-pci"), None, once("qom-list", path="/machine/peripheral"), ports,
             "q35", PORTS * FUNCTIONS),
)


def count(argv: list[str], text: str = "") -> int:
    return counted(tuple(argv), text)


@functools.lru_cache
def counted(argv: tuple[str, ...], text: str) -> int:
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout:
        stdin.write(text.encode())
        stdin.seek(0)
        done = subprocess.run([*COUNTER, *argv], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False,
                              timeout=TIMEOUT)
        found = re.findall(r"Total instructions: (\d+)", done.stderr)      # of each thread
        stdout.seek(0)
        answers = stdout.read().decode()
        if done.returncode or not found or '"error"' in answers:
            refusal = re.search(r'.*"error".*', answers)
            raise RuntimeError(f"{' '.join(argv)[:300]}: {done.returncode}\n{done.stderr[-800:]}{refusal[0] if refusal else ''}")
        return sum(map(int, found))


def command_line(program: str, kind: Kind, n: int, given: int) -> list[str]:
    rest = kind.base(n) + [word for i in range(given) for word in kind.words(i)]
    return [program, "--platform-version", "9.1", "-target", kind.target, "-machine", kind.machine, *rest]


def planned(build: str, kind: Kind, n: int) -> float:
    def run(given: int) -> int:
        argv = command_line("", kind, n, given)[1:]
        return count([os.path.join(build, "vintage"), "check", "--", *argv])
    return (run(n) - run(0)) / n


def session(commands: list[dict]) -> str:
    return "".join(json.dumps(command) + "\n" for command in
                   [{"execute": "qmp_capabilities"}, *commands, {"execute": "quit"}])


def started(build: str, kind: Kind, n: int) -> float:
    def run(given: int) -> int:
        argv = command_line(os.path.join(build, "vintage-vm"), kind, n, given)
        return count([*argv, "-S", "-qmp", "stdio"], session([]))
    return (run(n) - run(0)) / n


def over_qmp(build: str, kind: Commands, n: int) -> float:
    def run(given: int) -> int:
        steps = [make for make in (kind.add, kind.ask, kind.remove) if make]
        commands = [command for make in steps for command in (make(i) for i in range(given)) if command]
        argv = [os.path.join(build, "vintage-vm"), "--platform-version", "9.1", "-machine", kind.machine, *kind.base(n)]
        return count([*argv, "-S", "-qmp", "stdio"], session(commands))
    return (run(n) - run(0)) / n
