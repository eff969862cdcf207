# SPDX-License-Identifier: MIT
"""Defaults compared with those of a running QEMU: each type, property and machine of each target.

The recorded answers are data outside this repository (../shared/data beside it, or $VINTAGE_DATA; $VINTAGE_FACTS names a
directory with more of them); without them the tests are skipped.  A missing type or property counts as a difference.
VINTAGE_LONG=1 compares all machines.
"""

import functools
import json
import lzma
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import vintage_test  # noqa: E402
from vintage_test import Skip, sampled, test  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.environ.get("VINTAGE_DATA", os.path.join(HERE, "..", "..", "..", "shared", "data"))
FACTS = os.environ.get("VINTAGE_FACTS", "")
TOOL = os.environ.get("VINTAGE", vintage_test.TOOL)
TARGETS = {"x86_64": "x86", "aarch64": "aarch64", "s390x": "s390x", "ppc64": "ppc64", "m68k": "m68k", "riscv64": "riscv64"}
EXPLAINED_AT_MOST = 0.001   # of all targets' cells
CAUSES = ("host", "volatile", "runtime", "stable-branch", "placement", "mapped by point 3")
# Values of the CPU model that depend on the host.
EXCEPTED = ("host-", "max-", "base-")
STEP = 4        # of a target's machines, except in the long form

Cells = dict[str, dict[str, Any]]


def recorded(name: str) -> Any:
    path = os.path.join(DATA, "truth", name)
    if not os.path.exists(path):
        raise Skip(f"{name} is not here (set VINTAGE_DATA)")
    with lzma.open(path, "rt", encoding="utf-8") if name.endswith(".xz") else open(path, encoding="utf-8") as stream:
        return json.load(stream)


def explanations(name: str) -> Iterator[str]:
    """What each line 'PLACE: why' of a file beside this one explains."""
    with open(os.path.join(HERE, name), encoding="utf-8") as stream:
        for line in stream:
            if line.strip() and not line.startswith("#"):
                place, _, why = line.strip().partition(": ")
                assert why, f"{name}: expected 'PLACE: why': {line}"
                yield place


class Release:
    """What a release must agree in: shares of the cells of devices and of processor models."""

    def __init__(self, name: str, devices: float, processors: float, strict: bool) -> None:
        self.name = name
        self.shares = (devices, processors)
        self.strict = strict            # each difference has an explanation


OF: Release                             # set by add_all()


# ---- recorded defaults ----------------------------------------------------------------------------------------


class Truth:
    """The recorded defaults of one target, expanded for each machine."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.machines: list[str] = list(told["machines"])
        self.types: dict[str, Any] = told["init"]
        self.kept: dict[str, frozenset[str]] = {}
        # Values that are equal on all machines, and those that differ.
        self.constant: Cells = {}
        self.moving: dict[str, dict[str, Any]] = {}
        for kind, record in self.types.items():
            if kind.endswith("-cpu") and kind.startswith(EXCEPTED):
                continue
            for name, answer in record["properties"].items():
                if "note" not in answer:
                    moves = "differs" in answer or "absent" in answer
                    (self.moving if moves else self.constant).setdefault(kind, {})[name] = answer if moves else answer["value"]

    def covered(self, text: str) -> frozenset[str]:
        """The machines of a pattern: 'pc-q35-2.4..5.1', 'pc-q35-*', or a name."""
        if text not in self.kept:
            family, _, versions = text.rpartition("-")
            ours = [name for name in self.machines if name.rpartition("-")[0] == family]
            first, _, last = versions.partition("..")
            if text in self.machines:
                ours = [text]
            elif versions != "*":
                ends = sorted(ours.index(f"{family}-{version}") for version in (first, last or first))
                ours = ours[ends[0]:ends[1] + 1]
            self.kept[text] = frozenset(ours)
        return self.kept[text]

    def shows(self, kind: str, name: str, machine: str) -> bool:
        """Whether a property of a type is visible, and recorded, on a machine."""
        answer = self.types.get(kind, {}).get("properties", {}).get(name)
        return answer is not None and "note" not in answer and not any(
            machine in self.covered(text) for text in answer.get("absent", ()))

    def value(self, kind: str, name: str, machine: str) -> Any:
        """The value of a property that it shows."""
        return self.value_of(self.types[kind]["properties"][name], machine)

    def value_of(self, answer: dict[str, Any], machine: str) -> Any:
        return next((value for value, texts in answer.get("differs", ())
                     if any(machine in self.covered(text) for text in texts)), answer.get("value"))

    def on(self, machine: str) -> Cells:
        """{type: {property: value}} of visible properties."""
        cells = {kind: dict(values) for kind, values in self.constant.items()}
        for kind, answers in self.moving.items():
            for name, answer in answers.items():
                if not any(machine in self.covered(text) for text in answer.get("absent", ())):
                    cells.setdefault(kind, {})[name] = self.value_of(answer, machine)
        failed = [kind for kind in cells if any(machine in self.covered(text) for text in self.types[kind].get("failed_on", ()))]
        for kind in failed:
            del cells[kind]
        return cells


@functools.cache
def truth(target: str) -> Truth:
    if FACTS and OF.name == "7.2":
        path = os.path.join(FACTS, f"effective-{target}.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as stream:
                return Truth(json.load(stream))
    return Truth(recorded(f"effective-{OF.name}-{TARGETS[target]}.json.xz"))


# ---- explanations -----------------------------------------------------------------------------------------------


@functools.cache
def explained() -> dict[tuple[str, str, str], str]:
    """{(target or *, type, property): cause} of lines 'TARGET TYPE PROPERTY CAUSE: why'."""
    result = {}
    with open(os.path.join(HERE, "explained.txt"), encoding="utf-8") as stream:
        for line in stream:
            if line.strip() and not line.startswith("#"):
                place, _, why = line.strip().partition(": ")
                target, kind, name, cause = place.split(" ", 3)
                assert cause in CAUSES and why, f"explained.txt: no cause or no words: {line}"
                result[target, kind, name] = cause
    return result


# ---- comparison -------------------------------------------------------------------------------------------------


def defaults(target: str, machine: str) -> Cells:
    done = subprocess.run([TOOL, "defaults", "--json", "--target", target, "--machine", machine, "--newest", OF.name],
                          capture_output=True, check=False)
    if done.returncode or done.stderr:
        raise AssertionError(f"vintage defaults --target {target} --machine {machine}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def same(ours: Any, theirs: Any) -> bool:
    """An absent string or list equals an empty one; a struct may have additional members."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return all(same(ours.get(key), value) for key, value in theirs.items())
    if isinstance(theirs, list) and isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if ours is None:
        return theirs in ("", [])
    return type(ours) is type(theirs) and ours == theirs


def meaning(value: str) -> str:
    """The same text for each spelling of a value."""
    lower = value.lower()
    if lower in ("on", "true", "yes"):
        return "on"
    if lower in ("off", "false", "no"):
        return "off"
    try:
        return str(int(lower, 0))
    except ValueError:
        return value.strip() and value


class Result:
    def __init__(self) -> None:
        # Of devices and of processor models.
        self.cells, self.agree = [0, 0], [0, 0]
        self.explained = 0
        self.wrong: dict[tuple[str, str, str], list[str]] = {}

    def compare(self, target: str, machine: str, ours: Cells, theirs: Cells) -> None:
        for kind, properties in theirs.items():
            mine = ours.get(kind, {})
            sort = int(kind.endswith("-cpu"))
            self.cells[sort] += len(properties)
            for name, value in properties.items():
                got = mine.get(name)
                if (got == value and type(got) is type(value)) or (name in mine and same(got, value)):
                    self.agree[sort] += 1
                elif (target, kind, name) in explained() or ("*", kind, name) in explained():
                    self.explained += 1
                else:
                    text = f"{'missing' if name not in mine else repr(got)}, QEMU has {value!r}"
                    self.wrong.setdefault((kind, name, text[:160]), []).append(machine)


@functools.cache
def result_of(target: str) -> Result:
    result = Result()
    known = truth(target)
    machines = list(sampled(known.machines, STEP, STEP))
    # The tool runs in parallel to the comparison.
    with ThreadPoolExecutor(2) as pool:
        for machine, ours in zip(machines, pool.map(functools.partial(defaults, target), machines)):
            result.compare(target, machine, ours, known.on(machine))
    return result


def share(agree: int, cells: int) -> str:
    return f"{agree} of {cells} ({100 * agree / cells:.2f} %)" if cells else "none"


def add(target: str) -> None:
    def agrees() -> None:
        result = result_of(target)
        print(f"# {target}: device cells that agree: {share(result.agree[0], result.cells[0])}; processor models: "
              f"{share(result.agree[1], result.cells[1])}; explained: {result.explained}")
        lines = [f"{kind}.{name}: {text} on {len(machines)} machines, {machines[0]} first"
                 for (kind, name, text), machines in sorted(result.wrong.items(), key=lambda item: -len(item[1]))]
        if os.environ.get("VINTAGE_DIFFERENCES"):
            print("\n".join(f"# {line}" for line in lines))
        few = any(agree < share * cells for agree, share, cells in zip(result.agree, OF.shares, result.cells))
        if few or (lines and OF.strict):
            raise AssertionError("\n".join([f"{target}: {len(lines)} differences without explanation", *lines[:60]]))

    agrees.__doc__ = f"the defaults of {target} are those that QEMU {OF.name} has on every machine"
    test(agrees)


def add_all(release: Release) -> None:
    """The tests of one release."""
    global OF
    OF = release
    for target in TARGETS:
        add(target)
    if release.strict:
        test(little_is_explained)


def little_is_explained() -> None:
    """few values need an explanation, and each explanation is in use"""
    results = {}
    for target in TARGETS:
        try:
            results[target] = result_of(target)
        except Skip:
            pass
    if not results:
        raise Skip(f"the answers of QEMU {OF.name} are not here (set VINTAGE_DATA)")
    cells = sum(sum(result.cells) for result in results.values())
    told = sum(result.explained for result in results.values())
    print(f"# {told} of {cells} cells are explained ({100 * told / cells:.3f} %)")
    assert told <= EXPLAINED_AT_MOST * cells, f"{told} of {cells} cells are explained"
    for target, kind, name in explained():
        of = [truth(each) for each in results if target in ("*", each)]
        assert not of or FACTS == "" or any(name in one.types.get(kind, {}).get("properties", {}) for one in of), \
            f"explained.txt: no target has {kind}.{name}"
