#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""'vintage check' refuses what QEMU refuses from configuration alone, and accepts what is odd but legal.

Each line was tried on QEMU 7.2, whose message is recorded.  With $VINTAGE_QEMU, or in 'make parity', it is tried again.
"""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, Skip, equal, main, run, test  # noqa: E402

DIMM = "-device pc-dimm,memdev=m -object memory-backend-ram,id=m,size=128M"

# Arguments, our message, QEMU's.
REFUSED = [
    ("-accel kvm,dirty-ring-size=100", "dirty-ring-size: '100' is not a power of two", "must be a power of two"),
    ("-device virtio-net-pci,bootindex=1 -device e1000,bootindex=1", "bootindex: '1' is in use by", "has already been used"),
    ("-boot order=z", "-boot: order: 'z': 'z' is no boot device", "Invalid boot device 'z'"),
    ("-boot cc", "'cc': the boot device 'c' is given twice", "Boot device 'c' was given twice"),
    ("-device vfio-pci,host=zz", "host: 'zz' is no PCI address of the host", "doesn't take value 'zz'"),
    ("-device vfio-pci,host=00:99.0", "host: '00:99.0' is no PCI address", "doesn't take value '00:99.0'"),
    (DIMM, "-device pc-dimm,memdev=m: memdev: the machine has 0 memory slots", "no slots where allocated"),
    ("-m 128M,slots=1,maxmem=200M " + DIMM, "memdev: the memory exceeds the maximum of the machine", "not enough space"),
    ("-m 256M -object memory-backend-ram,id=m,size=128M -numa node,memdev=m", "the nodes have 134217728 bytes",
     "should equal RAM size"),
    ("-m 256M -object memory-backend-ram,id=m,size=128M -machine memory-backend=m", "memory-backend: 'm' has 134217728",
     "does not match the size"),
    ("-device vmgenid -device vmgenid", "at most one such device is possible", "at most one vmgenid device is permitted"),
    ("-machine pc -device intel-iommu", "'intel-iommu' cannot be added to machine", "expects a dynamic sysbus device type"),
    ("-machine microvm -device intel-iommu", "'intel-iommu' cannot be added to machine", "expects a dynamic sysbus device type"),
    ("-machine q35 -device virtio-rng-pci,addr=5 -device virtio-rng-pci,addr=5", "slot 5 function 0 not available",
     "slot 5 function 0 not available"),
    ("-smp 4,sockets=2,cores=4,threads=1", "-smp: invalid CPU topology", "Invalid CPU topology"),
    ("-smp 300", "-smp: 300 CPUs exceed the maximum 255", "Invalid SMP CPUs 300"),
    ("-smp 4,maxcpus=2", "-smp: invalid CPU topology: maxcpus must be", "Invalid CPU topology: maxcpus must be"),
    ("-blockdev null-co,node-name=d -device virtio-blk-pci,drive=d -device virtio-blk-pci,drive=d", "already in use",
     "Permission conflict on node 'd'"),
    ("-netdev user,id=n -device e1000,netdev=n -device e1000,netdev=n", "netdev 'n' is already in use", "it's in use"),
    ("-device virtio-blk-pci,drive=nosuch", "drive: no block-node 'nosuch'", "can't find value 'nosuch'"),
    ("-device e1000,mac=zz", "mac: expected a MAC address", "doesn't take value 'zz'"),
    ("-m 128M,maxmem=64M", "-m: max-size: 67108864 is lower than size", "invalid value of maxmem"),
    ("-m 128M,slots=1000,maxmem=1G", "-m: slots: 1000 exceeds the maximum 256", "unsupported amount of memory slots"),
    ("-numa node,cpus=0-3 -numa node,cpus=2-5 -smp 6", "CPU 2 is already in node 0", "CPU is already assigned"),
    ("-device usb-kbd", "no 'usb-bus' bus found", "No 'usb-bus' bus found"),
    ("-m 1e3", "-m: size: expected a size", "expects a non-negative number below"),
    ("-object memory-backend-ram,id=m,size=0", "size: 0 is below the minimum", "doesn't take value '0'"),
    ("-uuid zz", "-uuid: expected a UUID", "failed to parse UUID"),
    ("-chardev null,id=c -device isa-serial,chardev=c -device isa-serial,chardev=c", "chardev 'c' is already in use by",
     "Device 'c' is in use"),
    ("-serial stdio -serial stdio", "-serial stdio: at most one such chardev", "cannot use stdio by multiple"),
    ("-chardev stdio,id=a -chardev stdio,id=b", "-chardev stdio,id=b: at most one such chardev", "cannot use stdio by multiple"),
    ("-device virtio-iommu-pci -device virtio-iommu-pci", "at most one such device is possible", "support multiple vIOMMUs"),
    ("-device virtio-serial-pci,max_ports=0", "max_ports: expected a value above 0", "number of serial ports not specified"),
    ("-device pci-bridge", "missing member 'chassis_nr'", "Bridge chassis not specified"),
    ("-device nvme", "missing member 'serial'", "serial property not set"),
    ("-device tpm-tis", "missing member 'tpmdev'", "'tpmdev' property is required"),
    ("-device ivshmem-plain", "missing member 'memdev'", "You must specify a 'memdev'"),
    ("-device isa-debugcon", "missing member 'chardev'", "empty char device"),
    ("-device acpi-erst", "missing member 'memdev'", "'memdev' property is not set"),
    ("-device pci-ipmi-kcs", "missing member 'bmc'", "requires a bmc attribute"),
    ("-machine pc -device virtio-rng-pci,addr=20", "addr: '20'", "doesn't take value"),
    ("-numa node,nodeid=0 -numa node,nodeid=0", "nodeid", "Duplicate NUMA nodeid"),
    ("-cpu qemu64,foo=on", "-cpu: qemu64: unknown member 'foo'", "Property 'qemu64-x86_64-cpu.foo' not found"),
]
LEGAL = [
    "-m 1.5G", "-m 0.5G", "-m 0x100", "-m 130k", "-boot order=dcn", "-boot once=d,menu=on", "-boot strict=on",
    "-device virtio-net-pci,bootindex=-1 -device e1000,bootindex=-1", "-m 128M,slots=1,maxmem=1G " + DIMM,
    "-machine q35 -device intel-iommu", "-device vmgenid", "-smp 4,sockets=2,cores=2,threads=1", "-smp 3,maxcpus=6",
    "-smp 1,maxcpus=255", "-machine q35 -device virtio-rng-pci,addr=5.0,multifunction=on -device virtio-rng-pci,addr=5.1",
    "-cpu qemu64,-lahf_lm,+avx", "-cpu base,sse4.2=on,sse4_2=off", "-cpu max,vmx=off",
    "-netdev user,id=n", "-machine q35 -machine smm=off", "-global e1000.bootindex=3", "-name a,,b", "-usb -device usb-kbd",
    "-accel tcg -cpu EPYC,+svm", "-device virtio-balloon",
    "-accel tcg -cpu qemu64,phys-bits=36", "-serial null -serial null -serial null -serial null",
    "-chardev null,id=c,mux=on -device isa-serial,chardev=c -device isa-serial,chardev=c", "-device nvme,serial=x",
    "-device pci-bridge,chassis_nr=1", "-device virtio-serial-pci,max_ports=1", "-m 0",
]


def refusal(argv: list[str]) -> str:
    """What QEMU says; empty: it starts."""
    binary = os.environ.get("VINTAGE_QEMU", "qemu-system-x86_64")
    if not shutil.which(binary):
        raise Skip(f"{binary} is not installed")
    done = subprocess.run([binary, "-S", "-display", "none", "-qmp", "stdio", *argv], text=True, capture_output=True, timeout=60,
                          input='{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n', check=False)
    return done.stderr if done.returncode else ""


@test
def what_qemu_refuses_is_refused_with_the_reason() -> None:
    wrong = {}
    for text, ours, _ in REFUSED:
        done = run(TOOL, "check", "--", *text.split())
        if done.returncode != 1 or ours not in done.stderr:
            wrong[text] = done.stdout + done.stderr
    equal(wrong, {})


@test
def what_is_odd_but_legal_is_valid() -> None:
    verdicts = {text: run(TOOL, "check", "--", *text.split()) for text in LEGAL}
    equal({text: done.stdout + done.stderr for text, done in verdicts.items()
           if done.returncode or not re.fullmatch(r"valid.*\n", done.stdout)}, {})


@test
def the_recorded_answers_are_those_of_qemu() -> None:
    if "VINTAGE_QEMU" not in os.environ:
        raise Skip("set VINTAGE_QEMU, as 'make parity' does")
    equal({text: said for text, _, wanted in REFUSED for said in [refusal(text.split())] if wanted not in said}, {})
    equal({text: said for text in LEGAL for said in [refusal(text.split())] if said}, {})


@test
def check_ends_with_what_it_established() -> None:
    for argv, verdict, warning in (
            (["-machine", "q35"], "valid", ""), (["-device", "virtio-rng-pci"], "valid", ""),
            (["-global", "e1000.bootindex=3"], "valid with warnings", "-global e1000.bootindex: not used"),
            (["-device", "e1000"], "valid, but needs an engine", "")):
        done = run(TOOL, "check", "--", "-nodefaults", *argv)
        equal((done.returncode, done.stdout), (0, verdict + "\n"), argv)
        assert warning in done.stderr, done.stderr


if __name__ == "__main__":
    main()
