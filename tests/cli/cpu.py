#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""-cpu: models of the target, additional members, configuration files and frozen files."""

import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import (  # noqa: E402
    VM, Machine, equal, main, matches, resolve, resolve_error, run, test, tool, write_file)


def cpu(value: str, *argv: str) -> dict:
    return next(row["properties"] for row in resolve([*argv, "-cpu", value])["objects"].values()
                if row["type"].endswith("-x86_64-cpu"))


@test
def a_model_has_its_features_and_what_is_said_beside_it() -> None:
    plain, base = cpu("qemu64"), cpu("base")
    equal((plain["sse2"], plain["avx"], plain["vendor"]), (True, False, "AuthenticAMD"))
    equal((base["sse2"], base["avx"]), (False, False))
    other = cpu("qemu64,avx=on,sse2=off,family=6")
    equal({name for name in plain if plain[name] != other[name]}, {"avx", "sse2", "family"})


@test
def signs_count_after_everything_else_and_minus_after_plus() -> None:
    for text, value in (("base,+avx", True), ("base,avx", True), ("base,+avx,avx=off", True), ("base,-avx,avx=on", False),
                        ("base,-avx,+avx", False), ("base,+avx,-avx", False), ("base,avx=on,avx=off", False)):
        equal(cpu(text)["avx"], value, text)
    equal(cpu("base,hv_time=on,+lahf_lm")["hv-time"], True)
    equal((cpu("base,sse4.1=on")["sse4.1"], cpu("base,model-id=a,,b")["model-id"]), (True, "a,b"))


@test
def each_spelling_of_a_feature_is_the_same_member() -> None:
    """every alias of the schema, set and cleared by one name and read by another"""
    path = os.path.join(os.path.dirname(__file__), "..", "..", "schema", "hw", "cpu", "x86-64.json")
    with open(path, encoding="utf-8") as file:
        rows = re.findall(r"'\*(\S+)': \{ 'type': 'bool', 'aliases': \[ (.*?) \]", file.read())
    names = [[name, *re.findall(r"'(\S+)'", others)] for name, others in rows]
    assert {("lahf-lm", "lahf_lm"), ("sse3", "pni"), ("nx", "xd"), ("lm", "i64")} <= set(map(tuple, names)), names
    for other in range(max(map(len, names))):
        chosen = {group[other % len(group)]: group for group in names}
        for model, sign, value in (("base", "+{}", True), ("Skylake-Server", "-{}", False), ("base", "{}=on", True),
                                   ("base", "{}", True)):
            got = cpu(f"{model}," + ",".join(sign.format(name) for name in chosen))
            equal({name: got[name] for group in names for name in group if got[name] is not value}, {}, sign)
    got = cpu("base", *(word for name in chosen for word in ("-global", f"x86_64-cpu.{name}=on")))
    equal({name for group in names for name in group if not got[name]}, set())
    equal([cpu(f"base,{text}")["pni"] for text in ("sse3=on,pni=off", "pni=off,sse3=on", "+pni,-sse3")], [False, True, False])


@test
def defaults_of_a_model_follow_the_machine() -> None:
    def facts(machine: str) -> tuple:
        got = cpu("qemu64", "-machine", machine)
        return got["family"], got["model"], got["stepping"], got["popcnt"], got["l3-cache"]

    equal(facts("pc-q35-2.4"), (6, 6, 3, True, False))
    equal(facts("pc-q35-6.0"), (6, 6, 3, False, True))
    equal(facts("pc-q35-6.1"), (15, 107, 1, False, True))


@test
def a_kind_of_processor_is_its_newest_model() -> None:
    pseries = ["-target", "ppc64", "-machine", "pseries", "-cpu"]
    for name, model in (("POWER9", "power9_v2.2"), ("power9", "power9_v2.2"), ("Power7", "power7_v2.3"), ("power9_v2.0",) * 2):
        found = resolve([*pseries, name])["objects"]
        assert f"{model}-powerpc64-cpu" in [row["type"] for row in found.values()], name
    equal(json.loads(tool("freeze", "--", *pseries, "power8").stdout)["cpu"]["type"], "power8_v2.0")
    matches(run(VM, "-cpu", "help", "-target", "ppc64").stdout, "power10 +the same as power10_v2.0")
    matches(resolve_error("-cpu", "POWER9"), "unknown cpu model 'POWER9' for target x86_64")


@test
def the_last_cpu_counts_and_globals_reach_it() -> None:
    objects = resolve(["-cpu", "qemu64", "-cpu", "base"])["objects"]
    equal([row["type"] for row in objects.values() if row["type"].endswith("-cpu")], ["base-x86_64-cpu"])
    equal(cpu("base", "-global", "x86_64-cpu.aes=on")["aes"], True)
    equal(cpu("base,aes=off", "-global", "x86_64-cpu.aes=on")["aes"], False)


@test
def a_wrong_value_is_one_line_that_says_what_would_be_right() -> None:
    for text, pattern in (("qemu46", r"unknown cpu model 'qemu46' for target x86_64; did you mean 'qemu64'\?"),
                          ("zzzzz", "unknown cpu model 'zzzzz' for target x86_64; -cpu help lists them"),
                          ("", "expected a model"), ("avx=on", "expected a model"),
                          ("qemu64,avxx=on", "unknown member 'avxx'; did you mean 'avx'"),
                          ("qemu64,+avxx", "unknown member 'avxx'"), ("qemu64,avx=maybe", "expected on or off"),
                          ("qemu64,model=300", "300 exceeds the maximum 255"), ("x86_64-cpu", "unknown cpu model"),
                          ('{"avx": true}', "type: expected a string"), ('{"type": "max", "avx": 1}', "avx: expected"),
                          ("host", "requires the accelerator 'kvm'")):
        matches(resolve_error("-cpu", text), r"^-cpu[: ].*" + pattern)
    matches(resolve_error("--target", "aarch64", "-machine", "none", "-cpu", "qemu64"), "for target aarch64")
    equal(cpu("host", "-accel", "kvm")["migratable"], True)


@test
def a_file_says_it_as_text_or_as_an_object() -> None:
    expected = resolve(["-machine", "q35", "-cpu", "qemu64,+avx,-sse"])
    with tempfile.TemporaryDirectory() as directory:
        for text in ('"qemu64,+avx,-sse"', '{"type": "qemu64", "avx": true, "sse": false}'):
            path = write_file(directory, "vm.json", '{"cpu": %s, "machine": {"type": "q35"}}' % text)
            equal(resolve(["--config", path]), expected)
            # The command line overrides it later.
            equal(resolve(["--config", path, "-cpu", "base"]), resolve(["-machine", "q35", "-cpu", "base"]))
        done = tool("resolve", write_file(directory, "vm.json", '{"cpu": 5}'))
        matches(done.stderr, "expected a string or an object")


@test
def a_frozen_processor_stays() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "frozen.json")
        vm = ["-machine", "pc-q35-5.1", "-cpu", "qemu64,+avx", "-device", "virtio-rng-pci"]
        equal(tool("freeze", "-o", path, "--", *vm).returncode, 0)
        with open(path, encoding="utf-8") as file:
            equal(json.load(file)["cpu"]["type"], "qemu64")
        new = next(row for row in resolve(["--config", path, "-machine", "pc-q35-11.1"])["objects"].values()
                   if row["type"] == "qemu64-x86_64-cpu")
        settled = json.loads(tool("resolve", "--json", "--settled", "--", "-machine", "pc-q35-5.1", "-cpu", "qemu64,+avx").stdout)
        old = next(row for row in settled["objects"].values() if row["type"] == "qemu64-x86_64-cpu")
        equal(new["properties"], old["properties"])


@test
def clients_see_models_and_the_processor() -> None:
    with Machine("-machine", "pc-q35-9.1", "-accel", "qtest", "-cpu", "qemu64,+avx") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        models = {row["name"]: row for row in qmp.call("query-cpu-definitions")}
        assert {"qemu64", "max", "host", "base"} <= set(models), models
        equal((models["qemu64"]["unavailable-features"], models["host"]["unavailable-features"]), ([], ["kvm"]))
        concrete = {row["name"] for row in qmp.call_with("qom-list-types", {"implements": "cpu"})}
        equal({row["typename"] for row in models.values()}, concrete)
        for row in qmp.call("query-machines"):
            assert row.get("default-cpu-type", "qemu64-x86_64-cpu") in concrete, row
        row, = qmp.call("query-cpus-fast")
        equal(qmp.call("qom-get", path=row["qom-path"], property="avx"), True)


@test
def help_lists_models_and_members() -> None:
    text = run(VM, "-cpu", "help").stdout
    matches(text, r"\AAvailable models of -cpu on target x86_64:\n")
    matches(text, r"(?m)^  qemu64 ")
    matches(run(VM, "-cpu", "qemu64,help").stdout, r"(?m)^  avx=<bool> .*\(default: off\)$")
    done = run(VM, "-cpu", "qemu46,help")
    equal(done.returncode, 1)
    matches(done.stderr, r"unknown cpu model 'qemu46' for target x86_64; did you mean 'qemu64'\?")


main()
