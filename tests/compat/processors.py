#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU models of each target: their names, and the default models of all machines."""

import functools
import json
import os
import re
import sys
import tempfile
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
sys.path.insert(0, os.path.join(ROOT, "tests", "compat"))
from observed import recorded  # noqa: E402
from vintage_test import VM, Machine, equal, main, matches, resolve, resolve_error, run, test, tool  # noqa: E402

# What QEMU has on targets without recorded answers (../shared/data).
DEFAULTS = {
    ("i386", "pc"): "qemu32-i386-cpu", ("i386", "isapc"): "486-i386-cpu", ("i386", "microvm"): "qemu32-i386-cpu",
    ("ppc", "g3beige"): "750_v3.1-powerpc-cpu", ("ppc", "mac99"): "7400_v2.9-powerpc-cpu",
    ("ppc", "ppce500"): "e500v2_v30-powerpc-cpu", ("arm", "vexpress-a15"): "cortex-a15-arm-cpu",
    ("riscv32", "virt"): "rv32-riscv-cpu", ("riscv32", "sifive_e"): "sifive-e31-riscv-cpu",
    ("riscv32", "spike"): "max-riscv-cpu", ("riscv32", "opentitan"): "lowrisc-ibex-riscv-cpu",
    **{(target, "malta"): "24Kf-mips-cpu" for target in ("mips", "mipsel")},
    **{(target, "malta"): "20Kc-mips64-cpu" for target in ("mips64", "mips64el")},
    ("mipsel", "mipssim"): "24Kf-mips-cpu", ("mips64", "mipssim"): "5Kf-mips64-cpu", ("mips64", "magnum"): "R4000-mips64-cpu",
    ("mips64el", "pica61"): "R4000-mips64-cpu", ("mips64el", "boston"): "I6400-mips64-cpu",
    ("mips64el", "fuloong2e"): "Loongson-2E-mips64-cpu", ("mips64el", "loongson3-virt"): None}
# Numbers of models; QEMU for i386 has the 64-bit models, without long mode.
MODELS = {"mips": 17, "mipsel": 17, "mips64": 33, "mips64el": 33}


def suffixes() -> dict[str, str]:
    """The end of the names of a target's models, as the schema states it for -cpu."""
    with open(os.path.join(ROOT, "schema", "hw", "cpu", "cpu.json"), encoding="utf-8") as file:
        return dict(re.findall(r"'(\w+)': '(-\w+-cpu)'", file.read()))


SUFFIXES = suffixes()


def targets() -> list[str]:
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        types = machine.qmp.negotiate().call("query-qmp-schema")
    number = next(row["ret-type"] for row in types if row["name"] == "query-target")
    members = next(row["members"] for row in types if row["name"] == number)
    return next(row["values"] for row in types if row["name"] == members[0]["type"])


@functools.cache
def answers(target: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, str]]:
    """The machines, the models, and the parents of all types of processors."""
    with Machine("-machine", "none", "--target", target) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        types = qmp.call_with("qom-list-types", {"implements": "cpu", "abstract": True})
        return qmp.call("query-machines"), qmp.call("query-cpu-definitions"), {
            row["name"]: "" if row.get("abstract") else row["parent"] for row in types}


@test
def each_target_states_the_end_of_its_models_names() -> None:
    equal(sorted(SUFFIXES), sorted(targets()))


@test
def each_model_is_a_type_whose_name_ends_in_that_of_the_target() -> None:
    for target, suffix in SUFFIXES.items():
        _, models, types = answers(target)
        assert models, target
        own = [row for row in models if row["typename"] == row["name"] + suffix]
        equal(sorted(row["typename"] for row in own), sorted(name for name, parent in types.items() if parent), target)
        equal([name for name, parent in types.items() if parent and parent not in types], [], f"{target}: parents")


@test
def aliases_are_listed_and_have_the_help_of_their_model() -> None:
    for target, suffix in SUFFIXES.items():
        models = answers(target)[1]
        aliases = [row for row in models if row["typename"] != row["name"] + suffix]
        equal(len({row["name"] for row in models}), len(models), target)
        assert aliases or target not in ("ppc", "ppc64"), target
        for row in aliases[:5]:
            for name in (row["name"], row["name"].upper()):
                done = run(VM, "-target", target, "-cpu", f"{name},help")
                equal((done.returncode, done.stderr, done.stdout.splitlines()[0]), (0, "", f"{row['typename']} options:"), name)


@test
def ppc64_has_the_models_and_aliases_of_qemu() -> None:
    """query-cpu-definitions lists what QEMU 7.2 lists on ppc64, of the same types"""
    wanted = recorded("effective-7.2-ppc64.json.xz")["queries"]["pseries"]["query-cpu-definitions"]
    models = {row["name"]: row["typename"] for row in answers("ppc64")[1]}
    # The record has no type for a name that is a model itself.
    types = {name: row["typename"]["value"] or f"{name}-powerpc64-cpu" for name, row in wanted.items()}
    differs = {name: (kind, models.get(name)) for name, kind in types.items() if models.get(name) != kind}
    # QOM accepts no name with a slash.  A later release selects another revision.
    equal(differs, {"conan/doyle": ("750p-powerpc64-cpu", None),
                    "power9": ("power9_v2.0-powerpc64-cpu", "power9_v2.2-powerpc64-cpu")})


@test
def models_promise_what_qemu_promises() -> None:
    """query-cpu-definitions says static and migration-safe as QEMU 7.2 does"""
    for target, file, family in (("x86_64", "x86", "none"), ("s390x", "s390x", "s390-ccw-virtio"),
                                 ("ppc64", "ppc64", "pseries"), ("aarch64", "aarch64", "virt")):
        wanted = recorded(f"effective-7.2-{file}.json.xz")["queries"][family]["query-cpu-definitions"]
        known = {row["name"]: row for row in answers(target)[1]}
        for key in ("static", "migration-safe"):
            equal({name: known[name].get(key) for name in wanted if name in known},
                  {name: row[key]["value"] if key in row else None for name, row in wanted.items() if name in known}, target)


def aliases_on(machine: str, target: str = "x86_64") -> dict[str, str | None]:
    """The model that each model is an alias of."""
    with Machine("-machine", machine, "--target", target, "-S", "-nodefaults") as started:
        assert started.qmp
        return {row["name"]: row.get("alias-of") for row in started.qmp.negotiate().call("query-cpu-definitions")}


@test
def x86_models_are_aliases_of_the_versions_that_the_machine_selects() -> None:
    """alias-of is that of QEMU 7.2 before and after the machine versions that select versions of models"""
    record = recorded("effective-7.2-x86.json.xz")["queries"]
    machines = {"none": "none", "pc-i440fx-4.0": "pc-i440fx", "pc-i440fx-4.1": "pc-i440fx", "pc-q35-4.0.1": "pc-q35",
                "pc-q35-4.1": "pc-q35", "pc-q35-7.2": "pc-q35"}
    for machine, family in machines.items():
        old = machine.endswith(("-4.0", "-4.0.1"))
        wanted = {name: row.get("alias-of", {}) for name, row in record[family]["query-cpu-definitions"].items()}
        known = aliases_on(machine)
        equal({name: known.get(name) for name in wanted},
              {name: None if old else alias.get("value") for name, alias in wanted.items()}, machine)
        assert not old or all(alias["absent"][0].endswith(("..4.0", "..4.0.1")) for alias in wanted.values() if alias), machine
    assert not any("alias-of" in row for row in record["isapc"]["query-cpu-definitions"].values())
    equal(resolve(["-machine", "isapc"])["objects"]["/machine"]["properties"]["default-cpu-version"], 0)


@test
def a_machine_without_versions_selects_the_newest() -> None:
    """microvm selects the newest version of a model, which later releases extend"""
    record = recorded("effective-7.2-x86.json.xz")["queries"]["microvm"]["query-cpu-definitions"]
    known = aliases_on("microvm")
    for name, row in record.items():
        if re.search(r"IBRS|noTSX|IBPB", name) or "alias-of" not in row:
            equal(known[name], row.get("alias-of", {}).get("value"), name)
            continue
        stem, _, number = str(known[name]).rpartition("-v")
        equal((stem, int(number) >= int(row["alias-of"]["value"].rpartition("-v")[2])), (name, True), name)
    equal(known["SapphireRapids"], "SapphireRapids-v8")
    equal((aliases_on("pc", "i386")["qemu32"], aliases_on("pc-i440fx-3.1", "i386")["qemu32"]), ("qemu32-v1", None))


@test
def each_machines_default_model_is_one_of_the_targets_and_resolves() -> None:
    for target, suffix in SUFFIXES.items():
        machines, models, _ = answers(target)
        names = {row["typename"]: row["name"] for row in models if row["typename"] == row["name"] + suffix}
        first = {row["default-cpu-type"]: row["name"] for row in reversed(machines) if "default-cpu-type" in row}
        equal([kind for kind in first if kind not in names], [], target)
        for kind, machine in first.items():
            objects = resolve(["--target", target, "-machine", machine, "-cpu", names[kind]])["objects"]
            equal([row["type"] for row in objects.values() if row["type"].endswith(suffix)], [kind], f"{target} {machine}")


@test
def default_models_are_those_of_qemu() -> None:
    known = {(target, name): row.get("default-cpu-type") for target in SUFFIXES for row in answers(target)[0]
             for name in (row["name"], row.get("alias"))}
    equal({key: known.get(key) for key in DEFAULTS}, DEFAULTS)


@test
def every_command_names_a_model_as_its_target_does() -> None:
    for target, kind, other in (("i386", "qemu32-i386-cpu", "qemu32-x86_64-cpu"),
                                ("ppc", "e500v2_v30-powerpc-cpu", "e500v2_v30-powerpc64-cpu")):
        base = kind.split("-", 1)[1]
        with Machine("-machine", "none", "--target", target) as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            assert qmp.call_with("qom-list-properties", {"typename": kind})
            assert qmp.call_with("qom-list-properties", {"typename": base})
            assert qmp.call_with("device-list-properties", {"typename": kind})
            qmp.fails("qom-list-properties", {"typename": other}, "DeviceNotFound")
        shown = json.loads(tool("defaults", "--json", "--target", target, "--machine", "none").stdout)
        assert kind in shown and other not in shown, target
        vm = ["-target", target, "-machine", "none", "-cpu", kind.removesuffix("-" + base)]
        for option in (f"{kind}.start-powered-off=on", f"{base}.start-powered-off=on"):
            found = resolve(["-global", option, *vm])["objects"]
            equal([row["properties"]["start-powered-off"] for row in found.values() if row["type"] == kind], [True], option)
        matches(tool("check", "--", "-global", f"{other}.start-powered-off=on", *vm).stderr,
                f"warning: -global [^ ]*: unknown class '{other}'.*'{kind}'")
        matches(tool("explain", "--", *vm).stdout, f"(?m)^.*: {kind}$")


@test
def a_model_of_64_bits_is_absent_where_processors_have_32() -> None:
    for target, model in (("ppc", "970fx"), ("ppc", "power9"), ("ppc", "e5500"), ("mips", "I6400"), ("mipsel", "R4000"),
                          ("arm", "cortex-a57"), ("riscv32", "rv64")):
        matches(resolve_error("--target", target, "-machine", "none", "-cpu", model), f"unknown cpu model '{model}' for target")
    count = {target: len({row["typename"] for row in models}) for target in SUFFIXES for models in answers(target)[1:2]}
    equal(count["i386"], count["x86_64"])
    equal({target: count[target] for target in MODELS}, MODELS)


@test
def max_of_a_32_bit_target_has_its_own_members() -> None:
    for target, has, lacks in (("arm", "reset-cbar", "sve"), ("aarch64", "sve", "sv32"), ("riscv32", "sv32", "sv39"),
                               ("riscv64", "sv39", "sv32")):
        kind = "max" + SUFFIXES[target]
        shown = json.loads(tool("defaults", "--json", "--target", target, "--machine", "none", kind).stdout)[kind]
        assert has in shown and lacks not in shown, f"{target}: {sorted(shown)}"


@test
def models_have_the_short_names_that_people_use() -> None:
    for target in ("ppc", "ppc64"):
        for short, kind in (("G4", "7400_v2.9"), ("g3", "750_v3.1"), ("7447a", "7447a_v1.2"), ("e500v2", "e500v2_v22")):
            objects = resolve(["--target", target, "-machine", "none", "-cpu", short])["objects"]
            assert kind + SUFFIXES[target] in [row["type"] for row in objects.values()], f"{target} {short}"


@test
def malta_boots_with_its_devices() -> None:
    """the devices of malta have buses, and what its firmware sees differs from a PC"""
    for target in ("mips", "mipsel", "mips64", "mips64el"):
        found = resolve(["--target", target, "-m", "256", "-kernel", "/dev/null", "-netdev", "user,id=n",
                         "-device", "pcnet,netdev=n,addr=0b.0", "-device", "isa-serial", "-device", "cirrus-vga"])["objects"]
        equal(found["/machine"]["type"], "malta", target)
        shown = json.loads(tool("defaults", "--json", "--target", target, "--machine", "malta", "PIIX4_PM").stdout)["PIIX4_PM"]
        equal((shown["acpi-root-pci-hotplug"], shown["x-not-migrate-acpi-index"]), (False, True), target)


@test
def host_and_max_are_models_of_every_target() -> None:
    for target in SUFFIXES:
        vm = ["--target", target, "-machine", "none", "-cpu"]
        objects = resolve([*vm, "max"])["objects"]
        assert any(row["type"].endswith(SUFFIXES[target]) for row in objects.values()), target
        matches(resolve_error(*vm, "host"), "model 'host' requires the accelerator 'kvm'( or 'hvf')?$")
        objects = resolve([*vm, "host", "-accel", "kvm"])["objects"]
        assert "host" + SUFFIXES[target] in [row["type"] for row in objects.values()], target


@test
def help_lists_what_the_target_has() -> None:
    """wherever -target is, and in a program that a link qemu-system-ARCH names"""
    with tempfile.TemporaryDirectory() as directory:
        for target in SUFFIXES:
            _, models, _ = answers(target)
            link = os.path.join(directory, f"qemu-system-{target}")
            os.symlink(VM, link)
            for command in ([VM, "-target", target, "-cpu", "help"], [VM, "-cpu", "help", "-target", target],
                            [link, "-cpu", "help"]):
                lines = run(*command).stdout.splitlines()
                equal(lines[0], f"Available models of -cpu on target {target}:")
                current = {row["name"] for row in models if not row["deprecated"]}    # a removed model is deprecated here
                equal(current - {line.split()[0] for line in lines[1:]}, set(), target)
            shown = run(link, "-machine", "help").stdout
            equal(shown, run(VM, "-machine", "help", "-target", target).stdout)
            equal(run(link, "-device", "help").stdout, run(VM, "-target", target, "-device", "help").stdout)
            equal(run(link, "-target", "m68k", "-cpu", "help").stdout, run(VM, "-cpu", "help", "-target", "m68k").stdout)
        other = os.path.join(directory, "qemu-system-sparc")
        os.symlink(VM, other)
        matches(run(other, "-cpu", "help").stderr,
                "^vintage-vm: qemu-system-sparc: unknown target 'sparc'; expected one of x86_64,")


@test
def default_machines_and_models_are_those_of_qemu() -> None:
    """as query-machines of the recorded releases marks them"""
    directory = os.environ.get("VINTAGE_DATA", os.path.join(ROOT, "..", "shared", "data"))
    for suffix, target in (("", "x86_64"), ("-aarch64", "aarch64"), ("-m68k", "m68k"), ("-ppc64", "ppc64"),
                           ("-riscv64", "riscv64"), ("-s390x", "s390x")):
        path = os.path.join(directory, "truth", f"machines-11.1{suffix}.json")
        if not os.path.exists(path):
            print(f"# {path} is missing")
            continue
        with open(path, encoding="utf-8") as file:
            theirs = {row["name"]: row for row in json.load(file)["machines"]}
        default = [name for name, row in theirs.items() if row.get("is-default")]
        machines, _, _ = answers(target)
        equal([row["name"] for row in machines if row.get("is-default")], default, target)
        ours = {row["name"]: row.get("default-cpu-type") for row in machines}
        wrong = {name: (ours[name], row.get("default-cpu-type")) for name, row in theirs.items()
                 if name in ours and ours[name] != row.get("default-cpu-type")}
        equal(wrong, {}, target)


if __name__ == "__main__":
    main()
