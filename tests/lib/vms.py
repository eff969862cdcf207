# SPDX-License-Identifier: MIT
"""VMs for tests: their parts, in the three input forms."""

import json
from typing import Any

Vm = dict[str, Any]     # machine: name and members; lists by option name; global: (driver, property, value)


def disk(node: str, **more: Any) -> dict:
    return {"driver": "null-co", "node-name": node, **more}


def q35(version: str, **more: Any) -> dict:
    return {"type": f"pc-q35-{version}", **more}


# All devices have an explicit place, so that the order does not matter.
VMS: dict[str, Vm] = {
    "nothing": {"machine": {"type": "none"}},
    "one disk": {
        "machine": q35("5.1"), "smp": {"cpus": 4}, "blockdev": [disk("d")],
        "device": [{"driver": "virtio-blk-pci", "id": "v", "drive": "d", "addr": "3"}]},
    "one disk on a newer machine": {
        "machine": q35("9.1"), "smp": {"cpus": 4}, "blockdev": [disk("d", size=1 << 30)],
        "device": [{"driver": "virtio-blk-pci", "id": "v", "drive": "d", "addr": "3", "serial": "a,b=c"}]},
    "a chain of block nodes": {
        "machine": q35("8.0"),
        "blockdev": [{"driver": "raw", "node-name": "top", "file": "middle"},
                     {"driver": "raw", "node-name": "middle", "file": "bottom"}, disk("bottom")],
        "device": [{"driver": "virtio-blk-pci", "id": "v", "drive": "top", "addr": "5"}]},
    "network on user mode": {
        "machine": q35("11.0"), "netdev": [{"type": "user", "id": "n"}],
        "device": [{"driver": "virtio-net-pci", "id": "nic", "netdev": "n", "mac": "52:54:00:12:34:56",
                    "addr": "4"}]},
    "entropy and a balloon": {
        "machine": q35("2.4"), "object": [{"qom-type": "rng-random", "id": "r", "filename": "/dev/urandom"}],
        "device": [{"driver": "virtio-rng-pci", "id": "rng", "rng": "r", "addr": "6"},
                   {"driver": "virtio-balloon-pci", "id": "b", "addr": "7"}]},
    "behind a root port": {
        "machine": q35("6.2"), "blockdev": [disk("d")],
        "device": [{"driver": "virtio-blk-pci", "id": "v", "drive": "d", "bus": "port", "addr": "0"},
                   {"driver": "pcie-root-port", "id": "port", "chassis": 1, "bus": "pcie.0", "addr": "8"}]},
    "conventional PCI": {
        "machine": {"type": "pc-i440fx-7.2"}, "memory": {"size": 268435456},
        "device": [{"driver": "VGA", "id": "vga", "addr": "8"},
                   {"driver": "virtio-scsi-pci", "id": "scsi", "addr": "9", "num_queues": 2}]},
    "with other defaults": {
        "machine": q35("9.0"), "global": [("virtio-rng-pci", "vectors", "3"), ("virtio-device", "event_idx", "off")],
        "device": [{"driver": "virtio-rng-pci", "id": "a", "addr": "3"},
                   {"driver": "virtio-rng-pci", "id": "b", "addr": "4", "vectors": 1}]},
    "limits and secrets": {
        "machine": q35("9.2"),
        "object": [{"qom-type": "throttle-group", "id": "slow", "limits": {"iops-total": 100, "bps-read": 1 << 20}},
                   {"qom-type": "secret", "id": "key", "data": "letmein"},
                   {"qom-type": "memory-backend-ram", "id": "mem", "size": 1 << 28},
                   {"qom-type": "sev-guest", "id": "sev", "cbitpos": 51, "reduced-phys-bits": 1}]},
}

CREATIONS = {"object": "object-add", "blockdev": "blockdev-add", "netdev": "netdev_add", "device": "device_add"}
TAGS = {"object": "qom-type", "blockdev": "driver", "netdev": "type", "device": "driver"}


def keyval(value: dict, prefix: str = "") -> list[str]:
    parts = []
    for key, member in value.items():
        if isinstance(member, dict):
            parts += keyval(member, f"{prefix}{key}.")
        else:
            text = ("on" if member else "off") if isinstance(member, bool) else str(member)
            parts.append(f"{prefix}{key}=" + text.replace(",", ",,"))
    return parts


def machine_options(vm: Vm) -> list[list[str]]:
    options = [["-machine", ",".join(keyval(vm["machine"]))]]
    if "smp" in vm:
        options.append(["-smp", ",".join(keyval(vm["smp"]))])
    if "memory" in vm:
        options.append(["-m", ",".join(f"{key}={value}B" if key != "slots" else f"{key}={value}"
                                       for key, value in vm["memory"].items())])
    options += [["-global", f"{driver}.{name}={value}"] for driver, name, value in vm.get("global", [])]
    return options


def options(vm: Vm, form: str) -> list[list[str]]:
    """The VM as options; @form: "json" or "keyval"."""
    result = machine_options(vm)
    for kind in CREATIONS:
        for value in vm.get(kind, []):
            result.append([f"-{kind}", json.dumps(value) if form == "json" else ",".join(keyval(value))])
    return result


def flat(parts: list[list[str]]) -> list[str]:
    return [word for part in parts for word in part]


def document(vm: Vm) -> dict:
    result: dict[str, Any] = {"machine": dict(vm["machine"])}
    if "smp" in vm:
        result["smp"] = vm["smp"]
    if "memory" in vm:
        result["m"] = vm["memory"]
    if "global" in vm:
        result["global"] = [{"driver": driver, "property": name, "value": value}
                            for driver, name, value in vm["global"]]
    for kind in CREATIONS:
        if kind in vm:
            result[kind] = vm[kind]
    return result


def commands(vm: Vm) -> list[tuple[str, dict]]:
    """The commands that create it over QMP, referenced objects first."""
    result = []
    for kind, command in CREATIONS.items():
        values = list(vm.get(kind, []))
        if kind == "blockdev":
            values.reverse()
        if kind == "device":
            values.sort(key=lambda value: "bus" in value and value["bus"] != "pcie.0")
        result += [(command, value) for value in values]
    return result
