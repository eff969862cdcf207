# SPDX-License-Identifier: MIT
"""Which schema file a new class belongs into."""

from __future__ import annotations

import re
from collections import Counter

from qapigen.importer.likes import VERSION
from qapigen.importer.tree import Node, Tree

CATEGORIES = {"network": "net", "storage": "storage", "display": "display", "usb": "usb", "input": "input", "sound": "audio",
              "watchdog": "watchdog", "cpu": "cpu", "bridge": "bridge", "controller/bridge/hub": "bridge", "misc": "misc"}
# Of types without a category, and of those whose ancestor says more than it: the ancestor, and the subject.
ANCESTORS = {"cpu": "cpu", "virtio-device": "virtio", "virtio-pci": "virtio", "virtio-ccw-device": "virtio",
             "usb-device": "usb", "scsi-device": "scsi", "ide-device": "ide", "hda-codec": "audio", "i2c-slave": "i2c",
             "ssi-peripheral": "ssi", "isa-device": "isa", "ccw-device": "s390x", "spapr-drc": "ppc", "ics": "ppc",
             "virtio-serial-port": "virtio"}
ARCHITECTURES = {"x86_64": "i386", "aarch64": "arm", "s390x": "s390x", "ppc64": "ppc", "m68k": "m68k", "riscv64": "riscv"}
# Backends, by the head of their name or of an ancestor's.
BACKENDS = (("net", "filter-|netfilter|can-|colo-"), ("crypto", "authz|tls-|secret|cryptodev"), ("mem", "memory-backend"),
            ("rng", "rng-"), ("block", "pr-manager|throttle"), ("input", "input-"), ("conf", "sev|confidential|dbus|main-loop|"
             "thread-context|x-remote|x-vfio|qtest|iothread|event-loop"))
GENERIC = {"device", "object", "sys-bus-device", "pci-device", "virtio-device", "virtio-pci", "isa-device", "usb-device",
           "i2c-slave", "smbus-device", "ssi-peripheral", "ccw-device", "virtio-ccw-device", "cpu", "base-pci-bridge",
           "pci-host-bridge", "scsi-device", "ide-device", "virtio-gpu-base", "virtio-input-pci", "virtio-vga-base"}
VIRTIO = re.compile(r"-(pci-base-type|pci-base|base-type|base|pci|ccw|device|hid|transitional|non-transitional)$")
# As many classes of one head make a file of their own.
FAMILY = 3


class Places:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        new = [node for node in tree.nodes.values() if not node.known]
        self.heads = Counter((self.directory(node), head(node.name)) for node in new)

    def directory(self, node: Node) -> str:
        ancestors = [each.name for each in node.ancestry()]
        if "device" not in ancestors:
            for subject, heads in BACKENDS:
                if any(re.match(heads, name) for name in ancestors):
                    return "backends/" + subject
            return "backends/object"
        for name in ancestors:
            if name in ANCESTORS:
                return "hw/" + ANCESTORS[name]
        category = next((CATEGORIES[each.kind.category] for each in (node, *node.children) if each.kind
                         and each.kind.category in CATEGORIES), "")
        targets = {target for each in node.below() if each.kind and each.concrete for target in each.kind.targets}
        if "sys-bus-device" in ancestors or "pci-device" not in ancestors:
            if len(targets) == 1:
                return "hw/" + ARCHITECTURES[next(iter(targets))]
        return "hw/" + (category or ("pci" if "pci-device" in ancestors else "misc"))

    def file(self, node: Node) -> str:
        """Relative to the schema's directory."""
        base = self.base(node)
        directory = self.directory(base)
        if base.name.endswith("-cpu"):
            return f"{directory}/{self.model(base)}.json"
        if directory == "hw/virtio":
            stem = base.name
            while VIRTIO.search(stem):
                stem = VIRTIO.sub("", stem)
            return f"{directory}/{stem}.json"
        is_family = self.heads[directory, head(base.name)] >= FAMILY
        subject = head(base.name) if is_family and not base.children and base.name not in GENERIC else base.name
        return f"{directory}/{tidy(subject)}.json"

    def base(self, node: Node) -> Node:
        """The class that gives the file its name: the highest new ancestor that is not of everything."""
        best = node
        for each in node.ancestry():
            if each.known or each.name in GENERIC or (each.name.endswith("-cpu") and each is not node):
                break
            best = each
        return best

    def model(self, node: Node) -> str:
        """Bases of processors in one file for each kind of processor, models in files by what they are versions of."""
        name = node.name.removesuffix("-cpu")
        kinds = [each.name.removesuffix("-cpu") for each in node.ancestry() if each.name.endswith("-cpu")]
        if node.children or not node.concrete:
            return tidy(name)
        kind = next((each for each in kinds[1:] if each), name)
        if len(self.tree.nodes[kind + "-cpu"].children) and not self.is_large(node):
            return f"{tidy(kind)}-models"
        stem = name.removesuffix("-" + kind)
        match = VERSION.fullmatch(stem)
        stem = match[1] if match else stem
        stem = re.sub(r"-(IBRS|IBPB|noTSX|noTSX-IBRS|noTSX|base)$|\.[0-9]+(-base)?$", "", stem)
        stem = re.sub(r"-(IBRS|noTSX)$", "", stem)
        return f"{tidy(kind)}/{tidy(stem)}"

    def is_large(self, node: Node) -> bool:
        assert node.parent
        return len(node.parent.wants) > 100


def head(name: str) -> str:
    match = re.match(r"[A-Za-z]+[0-9]*[a-z]*", name)
    return match[0].lower() if match else name.lower()


def tidy(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")
