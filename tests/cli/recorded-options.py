#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Options whose effect needs an engine: their values are checked and recorded, and a start refuses them."""

import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from schema_model import read_schema  # noqa: E402
from vintage_test import TOOL, VM, equal, main, matches, run, sampled, test, tool, tool_json, write_file  # noqa: E402

ENGINE = "valid, but needs an engine\n"
# A value of each option, and the target where it exists.
ACCEPTED: list[list[str]] = [
    ["-d", "in_asm,int,trace:virtio_*"], ["-D", "log-%d"], ["-dfilter", "0x1000..0x1fff,0x8000+0x100,9-2,0xfff-0x1000"],
    ["-trace", "virtio_*"], ["-trace", "enable=a,events=b,file=c"], ["-plugin", "libp.so,inline,size=3,arg=a"],
    ["-seed", "0x10"], ["-echr", "0x14"], ["-L", "a", "-L", "b"],
    ["-incoming", "defer"], ["-incoming", "tcp:[::]:4444"], ["-incoming", "tcp::4444"], ["-incoming", "exec:cat /state"],
    ["-incoming", '{"channel-type":"main","addr":{"transport":"socket","type":"inet","host":"h","port":"1"}}'],
    ["-incoming", "tcp:h:1", "-incoming", "{'channel-type':'cpr','addr':{'transport':'socket','type':'unix','path':'p'}}"],
    ["-loadvm", "monday"],
    ["-only-migratable"], ["-enable-sync-profile"], ["-dump-vmstate", "f"],
    ["-iscsi", "initiator-name=iqn.2001-04.org.a:b"],
    ["-iscsi", "id=iqn.a,user=u,password-secret=s,header-digest=CRC32C-NONE,timeout=5"], ["-xen-domid", "7", "-xen-attach"],
    ["-xen-domid-restrict"], ["-enable-kvm"],
    ["-target", "aarch64", "-M", "virt", "-semihosting"], ["-target", "m68k", "-semihosting-config", "target=gdb,arg=a,arg=b"],
    ["-target", "arm", "-M", "virt", "-semihosting-config", "enable,target=native,userspace=on,chardev=c"],
    ["-target", "ppc", "-prom-env", "boot-device=hd:,,", "-g", "1024x768x16"]]
# Of which the newest release has no more.
REMOVED = [["-singlestep"], ["-rotate", "270"], ["-portrait"], ["-no-kvm"], ["-target", "arm", "-M", "virt", "-old-param"]]
REFUSED = {
    ("-d", "gest_errors"): "-d gest_errors: unknown value 'gest_errors'; did you mean 'guest_errors'?",
    ("-d", "int,,exec"): "-d int,,exec: unknown value ''", ("-d", "trace:"): "-d trace:: unknown value 'trace:'*",
    ("-dfilter", "0x10"): "-dfilter 0x10: expected FIRST..LAST, FIRST+SIZE or LAST-SIZE, got '0x10'",
    ("-dfilter", "2..1"): "-dfilter 2..1: expected*", ("-dfilter", "1+0"): "-dfilter 1+0: '1+0': size: 0 is below*",
    ("-seed", "-1"): "-seed: -1 *", ("-echr", "256"): "-echr: 256 exceeds the maximum 255",
    ("-rotate", "45"): "-rotate: expected one of 0, 90, 180, 270, got '45'",
    ("-incoming", "tcp"): "-incoming tcp: expected defer, tcp:…, *got 'tcp'",
    ("-incoming", "tcp:host"): "-incoming tcp:host: expected tcp:[HOST]:PORT, got 'tcp:host'",
    ("-incoming", '{"channel-type":"main"}'): '-incoming {"channel-type":"main"}: missing member \'addr\'',
    ("-soundhw", "hda"): "-soundhw: the option was removed in release 7.1: -audio DRIVER,model=CARD replaces it*",
    ("-tdf",): "-tdf: the option was removed in release 2.12: it had no effect",
    ("-smp", "0"): "-smp: cpus: 0 is below the minimum 1", ("-smp", "2,sockets=0"): "-smp: sockets: 0 is below the minimum 1",
    ("-machine", "foo=on"): "-machine: unknown member 'foo'",
    ("-D", "log-%s"): "-D: expected a file name, with '%d' at most once, got 'log-%s'", ("-dfilter", "5-10"): "-dfilter 5-10: *",
    ("-loadvm", ""): "-loadvm: expected a non-empty string, got ''",
    ("-loadvm", "a", "-incoming", "defer"): "-incoming and -loadvm are mutually exclusive",
    ("-plugin", "size=3"): "-plugin size=3: missing member 'file'",
    ("-trace", "pattern=a"): "-trace pattern=a: unknown member 'pattern'*",
    ("-add-fd", "fd=2,set=1"): "-add-fd fd=2,set=1: fd: 2 is below the minimum 3",
    ("-add-fd", "fd=9"): "-add-fd fd=9: missing member 'set'",
    ("-add-fd", "fd=9,set=-1"): "-add-fd fd=9,set=-1: set: -1 is below the minimum 0",
    ("-compat", "deprecated-output=reject"): "-compat: deprecated-output: expected one of accept, hide, got 'reject'",
    ("-iscsi", "header-digest=md5"): "-iscsi*: header-digest: unknown value 'md5'*",
    ("-semihosting",): "-semihosting: the option does not exist on target 'x86_64'; did you mean '-target aarch64'?",
    ("-prom-env", "a=b"): "-prom-env: the option does not exist on target 'x86_64'; did you mean '-target ppc64'?",
    ("-target", "ppc", "-g", "800x600x7"): "-g: depth: unknown value '7'*",
    ("-target", "ppc", "-g", "800x0"): "-g: height: 0 is below the minimum 1",
    ("-target", "ppc", "-g", "800"): "-g: expected WIDTHxHEIGHTxDEPTH or WIDTHxHEIGHT, got '800'",
    ("-target", "aarch64", "-M", "virt", "-no-fd-bootchk"): "-no-fd-bootchk: the option does not exist on target 'aarch64'*",
    ("-enable-kvm", "-accel", "tcg"): "*mutually exclusive"}


def glob(pattern: str) -> str:
    """A regular expression for a text in which '*' stands for any text."""
    return ".*".join(re.escape(part) for part in pattern.split("*"))


@test
def values_of_recorded_options_are_accepted_and_need_an_engine() -> None:
    for argv in ACCEPTED:
        done = tool("check", "--", *argv)
        equal((done.returncode, done.stdout, done.stderr), (0, ENGINE, ""), str(argv))


@test
def options_that_the_newest_release_lacks_are_accepted_with_a_warning() -> None:
    for argv in REMOVED:
        done = tool("check", "--", *argv)
        equal(done.returncode, 0, str(argv))
        matches(done.stderr, r"\Avintage: warning: -[a-z-]+: the option was removed in release [0-9.]+: [^\n]+\n\Z")
        option = next(one for one in argv if one.startswith("-") and one not in ("-target", "-M"))
        if option != "-no-kvm":
            equal(tool("check", "--release", "7.2", "--", *argv).returncode, 0, str(argv))


@test
def wrong_values_of_recorded_options_are_refused() -> None:
    for argv, expected in REFUSED.items():
        done = tool("check", "--", *argv)
        equal((done.returncode, done.stdout), (1, ""), str(argv))
        matches(done.stderr, rf"\Avintage: {glob(expected)}\n\Z")


@test
def recorded_values_are_frozen_and_read_back() -> None:
    for argv in sampled(ACCEPTED, 4):
        file = tool_json("freeze", "--", *argv)
        with tempfile.TemporaryDirectory() as directory:
            path = write_file(directory, "vm.json", json.dumps(file))
            equal(tool_json("freeze", path), file, str(argv))
            equal(tool("check", path).stdout, ENGINE, str(argv))
    file = tool_json("freeze", "--", "-d", "exec", "-d", "int,trace:a", "-plugin", "p.so,a=1,b", "-echr", "2")
    equal([file[name] for name in ("d", "plugin", "echr")],
          [["int", "trace:a"], [{"file": "p.so", "arguments": [{"key": "a", "value": "1"}, {"key": "b", "value": "on"}]}], 2])


@test
def a_password_on_the_command_line_is_not_shown_and_not_frozen() -> None:
    argv = ["-iscsi", "user=u,password=hush"]
    done = tool("check", "--", *argv)
    equal((done.returncode, "hush" in done.stdout + done.stderr), (0, False))
    done = tool("freeze", "--", *argv)
    equal((done.returncode, done.stderr), (1, "vintage: -iscsi: 'password' is sensitive and cannot be frozen\n"))
    done = tool("check", "--", "-iscsi", "pasword=hush")
    equal((done.returncode, "hush" in done.stderr), (1, False))


@test
def a_program_that_starts_refuses_a_recorded_option() -> None:
    done = run(VM, "-nodefaults", "-platform-version", "9.0", "-seed", "3")
    equal((done.returncode, done.stderr),
          (1, "vintage-vm: -seed: the option has no implementation yet: it can be configured and resolved, but not started\n"))


@test
def shorthands_of_accelerators_and_properties_set_them() -> None:
    kvm = tool_json("resolve", "--json", "--", "-enable-kvm")["objects"]
    equal(kvm["accel[0]"]["type"], "kvm")
    for option in ("-singlestep", "-one-insn-per-tb"):
        found = tool_json("resolve", "--json", "--", "-accel", "tcg", option)["objects"].values()
        equal([one["properties"]["one-insn-per-tb"] for one in found if one["type"] == "tcg"], [True])
        # Without TCG, the option has no effect, and the tool does not warn of a global that the user did not write.
        assert "global" not in tool("check", "--", option).stderr
    disk = tool_json("resolve", "--json", "--", "-win2k-hack", "-M", "pc", "-blockdev", "null-co,node-name=n", "-device",
                     "ide-hd,drive=n")["objects"].values()
    equal([one["properties"]["win2k-install-hack"] for one in disk if one["type"] == "ide-hd"], [True])
    machine = tool_json("resolve", "--json", "--", "-no-fd-bootchk", "-M", "pc")["objects"]["/machine"]
    equal(machine["properties"]["fd-bootchk"], False)


@test
def every_recorded_option_has_an_example_here() -> None:
    tried = {one.lstrip("-") for argv in [*ACCEPTED, *REMOVED] for one in argv if one.startswith("-")}
    equal([one.name for one in read_schema().options.values() if one.recorded and one.name not in tried], [])


main()
