#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""-sandbox: denied system calls fail or kill the process, and all features of the programs still work."""

import os
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, VM, Machine, Skip, SocketQmp, equal, main, matches, run, test, write_file  # noqa: E402

FORBIDDEN = os.path.join(BUILD, "tests", "sandbox", "sandbox-call")
BACKENDS = os.path.join(BUILD, "vintage-backends")
STRICT = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"


class SandboxedProgram(Machine):
    def __init__(self, program: str, policy: str):
        self.program = program
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        super().__init__(*(["-machine", "none"] if program == VM else []), "-sandbox", policy)


def call(policy: str, name: str) -> int:
    """The status of a process that makes the system call in a sandbox with that policy: 0, errno, or minus the
    signal."""
    # LeakSanitizer needs a process, which the sandbox denies.
    done = subprocess.run([FORBIDDEN, policy, name], capture_output=True, check=False, timeout=60,
                          env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    if done.returncode == 77:
        raise Skip(done.stderr.decode().strip())
    return done.returncode


def skip_without() -> None:
    done = run(VM, "-machine", "none", "-sandbox", "on", "-version")
    equal(done.returncode, 0)
    call("on", "none")


@test
def what_is_denied_ends_the_process_or_fails() -> None:
    killed, denied, missing = -signal.SIGSYS, 1, 38
    deny = {"obsolete": "ustat", "spawn": "fork", "elevateprivileges": "setsid"}
    for name in ("swapon", "kexec_load"):
        equal(call("on", name), killed, name)
    for option, name in deny.items():
        equal(call(f"on,{option}=deny", name), killed, name)
        equal(call(f"on,{option}=allow", name), 0, name)
    equal(call("on,elevateprivileges=children", "setuid"), killed)
    for name in ("execve", "vfork", "unshare"):
        equal(call("on,spawn=deny", name), killed, name)
    # The C library falls back to clone().
    equal(call("on,spawn=deny", "clone3"), missing)
    equal(call("on,spawn=deny", "thread"), 0)
    for name in ("setpriority", "sched_setaffinity"):
        equal(call("on,resourcecontrol=deny", name), denied, name)
        equal(call("on", name), 0, name)
    equal(call("off,spawn=deny", "fork"), 0)


@test
def what_a_profile_leaves_out_fails() -> None:
    missing, profile = 38, "on,profile"
    equal(call(profile, "none"), 0)
    equal(call(profile, "thread"), 0)
    for name, group in (("fork", "spawn"), ("vfork", "spawn"), ("setuid", "privileges"), ("setpriority", "resource-control")):
        equal(call(profile, name), missing, name)
        equal(call(f"{profile},grant={group}", name), 0, name)
    for name in ("unshare", "clone3"):
        equal(call(profile, name), missing, name)
    # By number: calls that exploits use, and one that does not exist.
    for number in (101, 321, 9999) if os.uname().machine == "x86_64" else ():       # ptrace, bpf
        equal(call(profile, str(number)), missing, str(number))
    # Calls that are denied by name kill the process, too.
    equal(call(profile, "swapon"), -signal.SIGSYS)
    equal(call(f"{profile},spawn=deny,grant=spawn", "fork"), -signal.SIGSYS)


@test
def what_starts_programs_is_refused_and_not_killed() -> None:
    skip_without()
    for program, policy in ((VM, "on,spawn=deny"), (BACKENDS, "on,spawn=deny"), (BACKENDS, "on,profile=configured")):
        with SandboxedProgram(program, policy) as machine:
            qmp = machine.qmp.negotiate()
            error = qmp.fails("netdev_add", {"type": "tap", "id": "t", "script": "/bin/true"})
            matches(error, "script requires the system calls 'spawn', which the sandbox denies$")
            if "configured" not in policy:
                error = qmp.fails("netdev_add", {"type": "user", "id": "u", "guestfwd": [{"str": "tcp:10.0.2.9:1-cmd:cat"}]})
                matches(error, "guestfwd requires the system calls 'spawn', which the sandbox denies$")
                qmp.call_with("netdev_add", {"type": "user", "id": "u"})


@test
def all_threads_are_in_it_and_all_goes_on() -> None:
    skip_without()
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    with tempfile.TemporaryDirectory() as directory:
        disk = write_file(directory, "disk", b"\0" * (1 << 20))
        argv = ["-machine", "pc-q35-9.1", "-sandbox", STRICT, "-netdev", "user,id=n", "-netdev", "hubport,id=h,hubid=0",
                "-netdev", f"stream,id=s,addr.type=unix,addr.path={directory}/s,server=on",
                "-blockdev", f"file,node-name=f,filename={disk},aio=io_uring", "-blockdev", "raw,node-name=r,file=f",
                "-blockdev", f"file,node-name=g,filename={disk},aio=threads,read-only=on",
                "-object", "iothread,id=t", "-object", "memory-backend-memfd,id=m,size=8M,prealloc=on",
                "-object", "rng-random,id=e", "-object", "secret,id=k,data=x", "-audiodev", "none,id=a",
                "-device", "virtio-blk-pci,drive=r", "-device", "virtio-net-pci,netdev=n",
                "-chardev", f"socket,id=c,path={directory}/c,server=on,wait=off", "-mon", "c,mode=control",
                "-chardev", "pty,id=p", "-chardev", f"file,id=l,path={directory}/l"]
        with Machine(*argv) as machine:
            qmp = machine.qmp.negotiate()
            for thread in os.listdir(f"/proc/{machine.process.pid}/task"):
                with open(f"/proc/{machine.process.pid}/task/{thread}/status", encoding="ascii") as status:
                    matches(status.read(), r"\nSeccomp:\t2\n")
            equal(SocketQmp(f"{directory}/c").negotiate().call("query-status")["status"], "prelaunch")
            # Hotplug loads libraries, creates threads and opens files.
            qmp.call_with("object-add", {"qom-type": "iothread", "id": "later"})
            qmp.call_with("netdev_add", {"type": "user", "id": "later"})
            qmp.call_with("blockdev-add", {"driver": "file", "node-name": "later", "filename": disk, "read-only": True})
            qmp.call_with("chardev-add", {"id": "later", "backend": {"type": "pty", "data": {}}})
            client = socket.socket(socket.AF_UNIX)
            client.connect(f"{directory}/s")
            qmp.event("NETDEV_STREAM_CONNECTED")
            client.close()
            equal(len(qmp.call("query-iothreads")), 2)
            qmp.call("quit")
            equal(machine.process.wait(20), 0)


@test
def what_is_wrong_is_told() -> None:
    for value, message in (("onn", "-sandbox: enable: expected on or off, got 'onn'"),
                           ("on,spawn=no", "-sandbox: spawn: expected one of allow, deny, got 'no'"),
                           ("on,spwan=deny", "-sandbox: unknown member 'spwan'; did you mean 'spawn'")):
        done = run(VM, "-machine", "none", "-sandbox", value)
        equal(done.returncode, 1)
        matches(done.stderr, f"^vintage-vm: {message}")


@test
def nobody_else_loads_the_library() -> None:
    skip_without()
    for argv, expected in (([], False), (["-sandbox", "off"], False), (["-sandbox", "on"], True)):
        with Machine("-machine", "none", *argv) as machine:
            machine.qmp.negotiate()
            with open(f"/proc/{machine.process.pid}/maps", encoding="ascii") as maps:
                equal("libseccomp" in maps.read(), expected, str(argv))


if __name__ == "__main__":
    main()
