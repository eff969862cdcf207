#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""query-cpu-model-expansion gives what QEMU 7.2 with TCG gives, for models of x86; and what Arm CPUs offer.

Without qemu-system-x86_64, the comparison is skipped.
"""

import json
import os
import shutil
import subprocess
import sys
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import Machine, Skip, equal, main, sampled, test  # noqa: E402

QEMU = "qemu-system-x86_64"
MODELS = ("qemu64", "Haswell", "EPYC", "486", "max", "base", "Skylake-Server")
# QEMU's links and objects, and what it sets only when it creates the machine.
OTHER = {"memory", "realized", "legacy-cache"}


def requests(models: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"type": kind, "model": {"name": name}} for kind in ("static", "full") for name in models]


def of_qemu(commands: list[dict[str, Any]]) -> list[Any]:
    """What QEMU returns."""
    if not shutil.which(QEMU):
        raise Skip(f"{QEMU} is not installed")
    lines = [{"execute": "qmp_capabilities"}, *commands, {"execute": "quit"}]
    done = subprocess.run([QEMU, "-machine", "none", "-accel", "tcg", "-display", "none", "-qmp", "stdio"], check=True,
                          input="".join(json.dumps(line) + "\n" for line in lines), capture_output=True, text=True, timeout=60)
    return [answer["return"] for answer in map(json.loads, done.stdout.splitlines()) if answer.get("return")]


@test
def a_model_has_the_values_that_qemu_gives() -> None:
    models = tuple(sampled(MODELS, 3))
    theirs = [answer["model"] for answer in of_qemu([{"execute": "query-cpu-model-expansion", "arguments": each}
                                                     for each in requests(models)])]
    with Machine("-machine", "none", "-accel", "tcg") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        for request, wanted in zip(requests(models), theirs, strict=True):
            model = qmp.call("query-cpu-model-expansion", **request)["model"]
            equal(model["name"], wanted["name"])
            # Releases after 7.2 have more.
            differ = {name: (model["props"].get(name), value) for name, value in wanted["props"].items()
                      if name not in OTHER and model["props"].get(name) != value}
            equal(differ, {}, str(request))


@test
def a_model_lacks_what_tcg_does_not_emulate() -> None:
    theirs, = of_qemu([{"execute": "query-cpu-definitions"}])
    for accel in ("kvm:tcg", "tcg"):
        with Machine("-machine", f"none,accel={accel}") as machine:
            assert machine.qmp
            ours = {row["name"]: row["unavailable-features"] for row in machine.qmp.negotiate().call("query-cpu-definitions")}
            for row in theirs:
                equal(ours[row["name"]], row["unavailable-features"], f"{accel}: {row['name']}")


@test
def without_kvm_max_is_what_tcg_emulates() -> None:
    """libvirt probes with both accelerators"""
    models = []
    for accel in ("kvm:tcg", "tcg", "qtest"):
        with Machine("-machine", f"none,accel={accel}") as machine:
            assert machine.qmp
            qmp = machine.qmp.negotiate()
            equal(qmp.call("query-kvm")["enabled"], False)
            models.append(qmp.call("query-cpu-model-expansion", type="static", model={"name": "max"})["model"])
    equal(models, models[1:2] * 3)
    assert models[0]["props"]["sse2"], models[0]


@test
def properties_of_the_request_count() -> None:
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        request = {"type": "full", "model": {"name": "Haswell", "props": {"avx": False}}}
        props = qmp.call_with("query-cpu-model-expansion", request)["model"]["props"]
        equal((props["avx"], props["avx2"]), (False, True))
        for model, pattern in (({"name": "Haswel"}, "unknown cpu model 'Haswel' .* did you mean 'Haswell'"),
                               ({"name": "Haswell", "props": {"avxx": True}}, "unknown member 'avxx'; did you mean 'avx'"),
                               ({"name": "Haswell", "props": [1]}, "props: expected an object")):
            qmp.fails("query-cpu-model-expansion", {"type": "full", "model": model}, pattern=pattern)


@test
def arm_cpus_are_expanded_in_full_only() -> None:
    with Machine("-target", "aarch64", "-machine", "none") as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        props = qmp.call("query-cpu-model-expansion", type="full", model={"name": "max"})["model"]["props"]
        assert {"aarch64", "pmu", "sve", "sve128", "pauth"} <= set(props), props
        qmp.fails("query-cpu-model-expansion", {"type": "static", "model": {"name": "max"}}, pattern="expected full")
        equal(qmp.call("query-gic-capabilities"), [{"version": n, "emulated": True, "kernel": False} for n in (3, 2)])


main()
