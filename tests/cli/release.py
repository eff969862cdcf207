#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--release N: machines, versions and defaults of a release of QEMU."""

import json
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path[:0] = [os.path.join(ROOT, "tests", "lib"), os.path.join(ROOT, "qapi-gen")]
from qapigen.life import STAGES  # noqa: E402
from qapigen.model import TARGETS  # noqa: E402
from schema_model import read_schema  # noqa: E402
from vintage_test import TOOL, VM, equal, main, run, test  # noqa: E402


def refused(*argv: str) -> str:
    done = run(TOOL, *argv)
    equal(done.returncode, 1)
    return done.stderr.strip()


@test
def a_newer_machine_does_not_exist() -> None:
    """a release has no machine version newer than itself"""
    equal(refused("check", "--release", "7.2", "--", "-machine", "pc-q35-9.0"),
          "vintage: -machine: machine 'pc-q35-9.0' does not exist in release 7.2; expected 'pc-q35-7.2' or older")
    equal(run(TOOL, "check", "--release", "9.0", "--", "-nodefaults", "-machine", "pc-q35-9.0").stdout, "valid\n")


@test
def an_alias_is_the_newest_of_the_release() -> None:
    """an alias names the newest version that the release has"""
    for release, version in (("7.2", "7.2"), ("4.0", "4.0"), ("11.1", "11.1")):
        done = run(TOOL, "diff", "--json", "--release", release, "--machine", f"q35..pc-q35-{version}")
        equal((done.returncode, json.loads(done.stdout)["changes"]), (0, {}))


@test
def an_old_machine_ends() -> None:
    """without a release, an old machine warns; the release that removed it refuses it and names the oldest that is left"""
    done = run(TOOL, "check", "--", "-machine", "pc-i440fx-1.5")
    equal((done.returncode, done.stdout), (0, "valid, but needs an engine\n"))
    equal(done.stderr.startswith("vintage: warning: -machine: machine 'pc-i440fx-1.5' was removed in release 8.2: "), True)
    equal(refused("check", "--release", "11.1", "--", "-machine", "pc-i440fx-1.5"),
          "vintage: -machine: machine 'pc-i440fx-1.5' was removed in release 8.2; the oldest that is left is "
          "'pc-i440fx-5.2'")
    for release, machine, left in (("10.1", "pc-q35-4.1", "pc-q35-4.2"), ("11.1", "pc-q35-5.1", "pc-q35-5.2")):
        equal(refused("check", "--release", release, "--", "-machine", machine),
              f"vintage: -machine: machine '{machine}' was removed in release {release}; the oldest that is left is '{left}'")
        equal(run(TOOL, "check", "--release", release, "--", "-machine", left).returncode, 0)
    equal(run(TOOL, "check", "--", "-machine", "pc-q35-9.1").stderr, "")


@test
def the_history_of_a_name() -> None:
    """vintage history prints the life of a machine, and the defaults of a member"""
    done = run(TOOL, "history", "pc-i440fx-1.5", "virtio-net-device.guest_uso6", "device_add", "device")
    words = [line.split()[:3] for line in done.stdout.splitlines()]
    for row in (["release", "1.5", "introduced"], ["release", "7.0", "deprecated"], ["release", "8.2", "removed"],
                ["first", "default", "off"], ["machine", "8.2", "default"]):
        equal(row in words, True, f"{row} in {words}")
    done = run(TOOL, "history", "virtio-sound-pci", "e1000.autonegotiation", "pvrdma")
    words = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for row in ("release 8.2 introduced", "before the record introduced", "release 9.1 removed",
                "one of the releases 8.0 to 11.1 removed the machine versions that set it are gone"):
        equal(row in words, True, f"{row} in {words}")
    equal(refused("history", "no-such-name"), "vintage: unknown name 'no-such-name'; expected a machine, TYPE, TYPE.MEMBER, "
          "a CPU model, an option, a command or an event")


DEPRECATED = {
    "-machine q35 -device nvme,serial=x,use-intel-id=on": "member 'use-intel-id' is deprecated since release 7.1",
    "-machine q35 -device nvme,id=n,serial=x -blockdev null-co,node-name=d -device nvme-ns,bus=n,drive=d,eui64-default=off":
    "member 'eui64-default' is deprecated since release 7.1",
    "-machine q35,cxl=on -object memory-backend-ram,id=m,size=256M -device pxb-cxl,bus_nr=12,id=c "
    "-device cxl-rp,port=0,bus=c,id=rp,slot=2 -device cxl-type3,bus=rp,memdev=m":
    "member 'memdev' is deprecated since release 8.0",
    "-machine q35 -cpu Skylake-Server,pcommit=on": "member 'pcommit' is deprecated since release 9.1",
    "-target riscv64 -machine virt -cpu rv64,pmu-num=8": "member 'pmu-num' is deprecated since release 8.2",
    "-target ppc -machine none -cpu 405ep": "type '405ep-powerpc-cpu' is deprecated since release 10.0",
    "-target ppc64 -machine pseries -cpu POWER8E": "type 'power8e_v2.1-powerpc64-cpu' is deprecated since release 10.1",
    "-machine pc -device sga": "type 'sga' was removed in release 8.0",
    "-machine none -fsdev proxy,id=p,sock_fd=3": "type 'proxy' was removed in release 9.2",
    "-target ppc64 -machine pseries -cpu power7+": "type 'power7+_v2.1-powerpc64-cpu' was removed in release 9.0"}


@test
def deprecated_members_and_models_warn() -> None:
    """check warns of members and CPU models that QEMU's list of deprecated features has"""
    for words, wanted in DEPRECATED.items():
        done = run(TOOL, "check", "--", *words.split())
        equal((done.returncode, wanted in done.stderr), (0, True), f"{words}: {done.stderr}")


@test
def the_history_of_other_names() -> None:
    """vintage history finds tags, aliases, models, the names of a type on another target, and the members of these"""
    headings = {"virtio-scsi": [f"alias of type virtio-scsi-{bus}" for bus in ("device", "pci", "ccw")],
                "virt": ["machine virt-11.1, family arm-virt", "machine virt-11.1, family m68k-virt",
                         "machine, family riscv-virt"],
                "user": ["type netdev-user"], "file": ["type blockdev-file", "type chardev-file", "type smbios-file"],
                "SapphireRapids": ["CPU model, type SapphireRapids-x86_64-cpu"], "qemu64-i386-cpu": ["type qemu64-x86_64-cpu"],
                "POWER9": ["alias of CPU model, type power9_v2.2-powerpc64-cpu"], "q35": ["machine pc-q35-11.1"],
                "lsi.addr": ["member of lsi53c895a"], "Skylake-Server.pcommit": ["member of Skylake-Server-x86_64-cpu"],
                "pc-q35-7.2.smm": ["member of pc-q35"], "run-with.exit-with-parent": ["member"], "drive_mirror.x": []}
    for name, wanted in headings.items():
        done = run(TOOL, "history", name)
        equal([line.removeprefix(f"{name}: ") for line in done.stdout.splitlines()
               if not line.startswith((" ", "each release gives"))], wanted)
        equal(done.returncode, not wanted)
    words = [" ".join(line.split()) for line in run(TOOL, "history", "SapphireRapids").stdout.splitlines()]
    equal("release 8.0 introduced" in words, True, words)


def releases(span: tuple[int, int]) -> str:
    """As vintage prints them; empty: none."""
    first, last = (read_schema().versions["release"][each].name for each in span)
    return "" if not first else f"release {first}" if first == last else f"one of the releases {first} to {last}"


@test
def the_history_of_each_name_of_the_program() -> None:
    """vintage history prints the lives of all options, commands, events, interfaces and internal types"""
    schema = read_schema()
    names = [(kind, one) for kind, known in (("option", schema.options), ("command", schema.commands), ("event", schema.events),
                                             ("type", schema.qom_types)) for one in known.values()]
    done = run(TOOL, "history", *(f"-{one.name}" if kind == "option" else one.name for kind, one in names))
    printed = done.stdout + done.stderr
    for kind, one in names:
        rows = re.search(rf"^-?{re.escape(one.name)}: {kind}\n((?:  .*\n)+)", printed, re.M)
        assert rows, f"{kind} {one.name}"
        lines = [re.split(r"  +", line.strip()) for line in rows[1].splitlines()[1:]]
        wanted = [[releases(getattr(one.life, stage)), stage] for stage in STAGES if one.life and any(getattr(one.life, stage))]
        if not wanted or wanted[0][1] != "introduced":
            wanted.insert(0, ["before the record", "introduced"])
        equal([line[:2] for line in lines], wanted, one.name)
        equal([line[2] for line in lines if len(line) > 2], [one.life.why] if one.life and one.life.why else [], one.name)


SAMPLES = {"run-with": "async-teardown=on", "runas": "nobody", "chroot": "/", "accel": "tcg", "shim": "/dev/null",
           "blockdev": "null-co,node-name=n", "audiodev": "none,id=a", "action": "panic=pause", "msg": "timestamp=on",
           "overcommit": "mem-lock=off", "plugin": "p.so", "audio": "none", "fw_cfg": "opt/a,string=b",
           "seed": "1", "dump-vmstate": "f", "rotate": "90",
           "compat": "deprecated-input=accept"}


@test
def each_option_has_its_releases() -> None:
    """check refuses an option in a release before it and in one that removed it, and warns where it is deprecated"""
    for option in read_schema().options.values():
        if not option.life or option.help_of:
            continue
        target = next(name for bit, name in enumerate(TARGETS) if not option.targets or option.targets >> bit & 1)
        words = ["-target", target, "-machine", "none"] if option.targets else []
        words += [f"-{option.name}", *([SAMPLES[option.name]] if option.type or option.creates else [])]
        for stage, span in ((stage, getattr(option.life, stage)) for stage in STAGES):
            if not any(span):
                continue
            names = [version.name for version in read_schema().versions["release"]]
            release = names[span[1] - (stage == "introduced")]
            if not release:     # the oldest release of the axis has it
                continue
            done = run(TOOL, "check", "--release", release, "--", *words)
            text = {"introduced": f"the option does not exist in release {release}; expected {releases(span)} or newer",
                    "deprecated": f"warning: -{option.name}: the option is deprecated since {releases(span)}: {option.life.why}",
                    "removed": f"the option was removed in {releases(span)}: {option.life.why}"}[stage]
            equal(done.stderr, f"vintage: {'' if stage == 'deprecated' else f'-{option.name}: '}{text}\n")
            equal(done.returncode, stage != "deprecated")


def stages() -> dict[str, set[str]]:
    """Names of options, of what options create, and of machines, that the newest release has deprecated or removed."""
    found: dict[str, set[str]] = {"deprecated": set(), "removed": set()}
    schema = read_schema()
    newest = len(schema.versions["release"]) - 1
    named = [(f"-{option.name}", option.life) for option in schema.options.values()]
    named += [(one.tag or one.name, one.life) for one in schema.classes.values() if one.user_creatable and not one.abstract]
    for name, life in named:
        if life and any(life.removed) and life.removed[1] <= newest:
            found["removed"].add(name)
        elif life and (any(life.deprecated) or any(life.removed)):
            found["deprecated"].add(name)
    return found


@test
def lists_of_help_follow_the_release() -> None:
    """lists of help mark what the newest release has removed or deprecated"""
    lists = [[], *([f"-{option.name}", "help"] for option in read_schema().options.values() if option.creates)]
    listed: dict[str, str] = {}
    for words in lists:
        for line in run(VM, *(words or ["-help"])).stdout.splitlines():
            name = re.match(r'(?:  |name ")([^\s",]+)', line)
            if name:
                listed.setdefault(name[1], line)
    found = stages()
    for stage in ("removed", "deprecated"):
        for name in found[stage] & set(listed):
            assert f"({stage})" in listed[name], listed[name]
    assert {"pvrdma", "-no-acpi"} <= found["removed"] & set(listed) and "(removed)" in listed["pc-i440fx-5.1"], listed.keys()
    assert "memory" in found["deprecated"] & set(listed)
    assert "(deprecated)" in listed["pc-q35-5.2"] and "(deprecated)" not in listed["pc-q35-11.1"]


@test
def members_of_options_have_their_releases() -> None:
    """check refuses a member of an option's value, at any depth, that the release lacks, and not that of an expansion"""
    equal(refused("check", "--release", "9.2", "--", "-machine", "none", "-run-with", "exit-with-parent=on"),
          "vintage: -run-with: member 'exit-with-parent' does not exist in release 9.2; expected release 10.2 or newer")
    equal(refused("check", "--release", "8.1", "--", "-machine", "s390-ccw-virtio", "-target", "s390x", "-smp",
                  "4,books=1"),
          "vintage: /machine: member 'smp.books' does not exist in release 8.1; expected release 8.2 or newer")
    done = run(TOOL, "check", "--release", "8.0", "--", "-machine", "none", "-chroot", "/")
    equal((done.returncode, done.stderr), (0, ""))


@test
def the_release_is_known() -> None:
    """an unknown release is refused with the known range"""
    equal(refused("defaults", "--release", "7.9"), "vintage: --release: unknown release '7.9'; expected 1.4 to 11.1")


@test
def the_platform_is_not_newer_than_the_release() -> None:
    """a release has the platform versions up to its own"""
    for release in ("7.2", "9.1"):
        done = run(TOOL, "diff", "--json", "--release", f"{release}..11.1")
        equal("sev-guest" in json.loads(done.stdout)["changes"], release == "7.2")


if __name__ == "__main__":
    sys.exit(main())
