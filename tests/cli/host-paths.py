#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""'vintage check --check-host' tries each path of the host that a value has, by the 'host-path' of its member.

Each such member of the schema has a line here, with a path that is missing.
"""

import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, equal, main, matches, run, test  # noqa: E402

SOURCE = os.environ.get("VINTAGE_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
GONE = "/nonexistent/x"
# Schema file and member, and arguments with the missing path.  What is named twice in a file has the number.
LINES: dict[tuple[str, str], list[str]] = {
    ("machine/icount.json", "rrfile"): ["-icount", f"shift=5,rr=record,rrfile={GONE}"],
    ("machine/accel.json", "device"): ["-accel", f"kvm,device={GONE}"],
    ("machine/debug.json", "file"): ["-trace", f"file={GONE}"],
    ("machine/debug.json", "file 2"): ["-plugin", f"file={GONE}"],
    ("machine/firmware.json", "L"): ["-L", GONE],
    ("machine/firmware.json", "path"): ["-acpitable", f"data=/dev/null:{GONE}"],
    ("machine/firmware.json", "romfile"): ["-option-rom", GONE],
    ("machine/remote-display.json", "path"): ["-vnc", f"unix:{GONE}"],
    ("engine/qmp/migration.json", "path"): ["-incoming", f"unix:{GONE}"],
    ("engine/qmp/migration.json", "file"): ["-incoming", f"file:{GONE},offset=1M"],
    ("hw/pci/pci-device.json", "romfile"): ["-device", f"e1000,romfile={GONE}"],
    ("common/sockets.json", "path"): ["-chardev", f"socket,id=c,path={GONE}"],
    ("cli/process.json", "pidfile"): ["-pidfile", GONE],
    ("hw/misc/vfio-pci.json", "sysfsdev"): ["-device", f"vfio-pci,sysfsdev={GONE}"],
    ("hw/misc/vfio-platform.json", "sysfsdev"): [],
    ("hw/s390x/ap.json", "sysfsdev"): ["-target", "s390x", "-device", f"vfio-ap,sysfsdev={GONE}"],
    ("hw/s390x/ccw.json", "sysfsdev"): ["-target", "s390x", "-device", f"vfio-ccw,sysfsdev={GONE}"],
    ("hw/virtio/vhost-vdpa.json", "vhostdev"): ["-device", f"vhost-vdpa-device-pci,vhostdev={GONE}"],
    ("hw/virtio/virtio-input.json", "evdev"): ["-device", f"virtio-input-host-pci,evdev={GONE}"],
    ("hw/usb/usb-emulated.json", "rootdir"): ["-usb", "-device", f"usb-mtp,rootdir={GONE}"],
    ("hw/usb/usb-passthrough.json", "hostdevice"): ["-usb", "-device", f"usb-host,hostdevice={GONE}"],
    ("backends/net/filter.json", "file"): ["-netdev", "user,id=n", "-object", f"filter-dump,id=f,netdev=n,file={GONE}"],
    ("backends/net/tap.json", "script"): ["-netdev", f"tap,id=n,script={GONE}"],
    ("backends/net/tap.json", "downscript"): ["-netdev", f"tap,id=n,downscript={GONE}"],
    ("backends/net/tap.json", "helper"): ["-netdev", f"tap,id=n,helper={GONE}"],
    ("backends/net/switches.json", "helper"): ["-netdev", f"bridge,id=n,helper={GONE}"],
    ("backends/net/vhost.json", "vhostdev"): ["-netdev", f"vhost-vdpa,id=n,vhostdev={GONE}"],
    ("backends/authz/authz.json", "filename"): ["-object", f"authz-list-file,id=a,filename={GONE}"],
    ("backends/tpm/tpm.json", "path"): ["-tpmdev", f"passthrough,id=t,path={GONE}"],
    ("backends/tpm/tpm.json", "cancel-path"): ["-tpmdev", f"passthrough,id=t,path=/dev/null,cancel-path={GONE}"],
    ("backends/audio/audiodev.json", "path"): ["-audiodev", f"wav,id=a,path={GONE}"],
    ("backends/crypto/secret.json", "file"): ["-object", f"secret,id=s,file={GONE}"],
    ("backends/crypto/tls-creds.json", "dir"): ["-object", f"tls-creds-x509,id=t,endpoint=client,dir={GONE}"],
    ("backends/input/host-input.json", "evdev"): ["-object", f"input-linux,id=i,evdev={GONE}"],
    ("backends/block/nvme.json", "filename"): ["-blockdev", f"io_uring,node-name=b,filename={GONE}"],
    ("backends/block/nvme.json", "path"): ["-blockdev", f"virtio-blk-vfio-pci,node-name=b,path={GONE}"],
    ("backends/block/file.json", "filename"): ["-drive", f"if=none,format=raw,file={GONE}"],
    ("backends/block/file.json", "path"): ["-object", f"pr-manager-helper,id=p,path={GONE}"],
    ("backends/block/vvfat.json", "dir"): ["-drive", f"if=none,format=raw,file=fat:{GONE}"],
    ("backends/mem/memory-backend-file.json", "mem-path"): ["-object", f"memory-backend-file,id=f,size=1M,mem-path={GONE}"],
    ("backends/conf/confidential-guest.json", "file"): ["-object", f"igvm-cfg,id=i,file={GONE}"],
    ("backends/conf/sev.json", "sev-device"): ["-object", f"sev-guest,id=s,cbitpos=47,reduced-phys-bits=1,sev-device={GONE}"],
    ("backends/fsdev/fsdev.json", "path"): ["-fsdev", f"local,id=f,security_model=none,path={GONE}"],
    ("backends/char/parallel.json", "device"): ["-chardev", f"parallel,id=c,path={GONE}"],
    ("backends/char/chardev.json", "logfile"): ["-chardev", f"null,id=c,logfile={GONE}"],
    ("backends/char/fd.json", "in"): ["-chardev", f"file,id=c,path=/dev/null,input-path={GONE}"],
    ("backends/char/fd.json", "out"): ["-chardev", f"file,id=c,path={GONE}"],
    ("backends/char/fd.json", "device"): ["-chardev", f"serial,id=c,path={GONE}"],
    ("backends/char/fd.json", "path"): ["-chardev", f"pty,id=c,path={GONE}"],
    ("backends/char/fd.json", "device 2"): ["-chardev", f"pipe,id=c,path={GONE}"],
    ("backends/rng/rng.json", "filename"): ["-object", f"rng-random,id=r,filename={GONE}"],
}
MEMBER = re.compile(r"'\*?([\w.-]+)': \{ [^{}]*?'host-path': '(\w+)'|"
                    r"\{ 'option': '([\w-]+)'[^{}]*?'host-path': '(\w+)'", re.DOTALL)


def members() -> set[tuple[str, str]]:
    """The members that are tried."""
    found: set[tuple[str, str]] = set()
    schema = os.path.join(SOURCE, "schema")
    for directory, _, names in os.walk(schema):
        for name in names if "ledger" not in directory else []:
            path = os.path.join(directory, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for match in MEMBER.finditer(text):
                member, use = match[1] or match[3], match[2] or match[4]
                key = (os.path.relpath(path, schema), member)
                if use != "any":
                    found.add((key[0], f"{member} 2") if key in found else key)
    return found


def check(*argv: str) -> tuple[int, str]:
    done = run(TOOL, "check", "--check-host", "--", "-nodefaults", *argv)
    return done.returncode, done.stderr


def lacks_feature(said: str) -> bool:
    """Whether this host lacks the kernel driver of the path, which is said first."""
    return re.search(r"requires platform feature '(vfio|vhost-vdpa)'", said) is not None


@test
def each_member_that_is_a_path_has_a_line() -> None:
    equal(members(), set(LINES))


@test
def a_path_that_is_missing_is_refused() -> None:
    wrong = {}
    for key, argv in LINES.items():
        if argv:
            done = run(TOOL, "check", "--", "-nodefaults", *argv)
            status, said = check(*argv)
            if done.returncode or status != 1 or not (GONE in said or lacks_feature(said)):
                wrong[key] = done.stderr + said
    equal(wrong, {})


@test
def what_exists_is_accepted() -> None:
    with tempfile.TemporaryDirectory() as directory:
        image = os.path.join(directory, "image")
        with open(image, "wb") as file:
            file.truncate(1 << 20)
        for argv in (["-drive", f"if=none,format=raw,file={image}"], ["-chardev", f"file,id=c,path={directory}/new"],
                     ["-chardev", f"socket,id=c,server=on,wait=off,path={directory}/s"], ["-pidfile", f"{directory}/pid"],
                     ["-fsdev", f"local,id=f,security_model=none,path={directory}"], ["-object", "rng-random,id=r"],
                     ["-object", f"memory-backend-file,id=f,size=1M,mem-path={directory}"], ["-L", directory]):
            equal(check(*argv)[0], 0, argv)
        equal(check("-fsdev", f"local,id=f,security_model=none,path={image}")[0], 1)


@test
def an_error_names_what_the_user_wrote() -> None:
    for argv, start in ((["-drive", f"file={GONE},if=virtio,format=raw"], f"-drive file={GONE},if=virtio,format=raw: file: "),
                        (["-drive", f"if=none,file.filename={GONE},format=raw"], "-drive *: file.filename: "),
                        (["-hda", GONE], "-hda: "), (["-serial", f"file:{GONE}"], f"-serial file:{GONE}: "),
                        (["-chardev", f"file,id=c,path={GONE}"], f"-chardev file,id=c,path={GONE}: path: "),
                        (["-qmp", f"unix:{GONE},server=on,wait=off"], f"-qmp unix:{GONE},server=on,wait=off: "),
                        (["-trace", f"file={GONE}"], f"-trace file={GONE}: file: "), (["-L", GONE], "-L*: "),
                        (["-pidfile", GONE], "-pidfile: ")):
        said = check(*argv)[1]
        matches(said, "(?m)^vintage: " + ".*".join(map(re.escape, start.split("*"))) + f"'{GONE}'")
    matches(check("-kernel", GONE)[1], f"(?m)^vintage: -kernel: could not load '{GONE}'")
    with tempfile.TemporaryDirectory() as directory:
        for name in ("p.in", "p.out"):
            os.mkfifo(os.path.join(directory, name))
        script = os.path.join(directory, "ifup")
        with open(script, "wb") as file:
            os.fchmod(file.fileno(), 0o755)
        equal(check("-chardev", f"pipe,id=c,path={directory}/p")[0], 0)
        said = check("-netdev", f"tap,id=n,script={script},downscript=no")[1]
        assert script not in said, said


@test
def all_missing_paths_are_reported() -> None:
    status, said = check("-chardev", f"file,id=c,path={GONE}", "-object", "rng-random,id=r,filename=/nonexistent/r",
                         "-pidfile", "/nonexistent/p")
    equal(status, 1)
    equal([path for path in (GONE, "/nonexistent/r", "/nonexistent/p") if path not in said], [], said)
    equal(len([line for line in said.splitlines() if "/nonexistent/" in line]), 3, said)


@test
def a_device_that_the_host_lacks_is_refused() -> None:
    for argv, path in ((["-netdev", "tap,id=n"], "/dev/net/tun"),
                       (["-device", "vfio-pci,host=0000:ff:1f.7"], "/sys/bus/pci/devices/0000:ff:1f.7"),
                       (["-usb", "-device", "usb-host,hostbus=1,hostaddr=2"], "/dev/bus/usb"),
                       (["-device", "vhost-vsock-pci,guest-cid=3"], "/dev/vhost-vsock")):
        status, said = check(*argv)
        equal((status, path in said or lacks_feature(said)) if not os.path.exists(path) else (1, True), (1, True), said)


if __name__ == "__main__":
    main()
