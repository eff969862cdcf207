#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proofs of the layer rules, as TAP.

A static library is never linked by itself, so the linker does not see a forbidden call.  Here the whole archive of
each layer is linked into a temporary shared module, with only the layers below.  The test also adds forbidden calls
and includes, which must fail.

usage: layers.py [BUILD]   a plain build tree; default $VINTAGE_BUILD, else build.  CC: the compiler.

  calls/LAYER.c        calls a function of the layer above: compiles, links with that layer, and not without it
  includes/LAYER-*.c   includes a header of a layer above: must not compile with the layer's own flags
  schema/*.json        a schema that the compiler must refuse; its second line "# expect: TEXT" has the message
"""

import functools
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LAYERS = ["runtime", "backends", "hw", "machine", "engine"]


class Result:
    """Of one command: success, and its output."""

    def __init__(self, command: list[str], cwd: str | None = None) -> None:
        run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
        self.good = run.returncode == 0
        self.text = run.stdout + run.stderr
        self.command = shlex.join(command)


class Proofs:
    def __init__(self, build: str, scratch: str) -> None:
        self.build = build
        self.scratch = scratch
        self.cc = shlex.split(os.environ.get("CC", "cc"))
        self.count = self.failed = 0
        with open(os.path.join(build, "meson-info", "intro-dependencies.json"), encoding="utf-8") as file:
            self.libraries = [argument for library in json.load(file) for argument in library["link_args"]]

    def point(self, name: str, good: bool, detail: str = "") -> None:
        self.count += 1
        if not good:
            self.failed += 1
            for line in detail.splitlines()[:20]:
                print(f"# {line}")
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")

    def archive(self, layer: str) -> str:
        return os.path.join(self.build, f"libvintage-{layer}.a")

    def link(self, layer: str, extra: list[str], above: int = 0) -> Result:
        """Links the layer's whole archive as a shared module, with the layers below (and @above)."""
        own = LAYERS.index(layer)
        below = [self.archive(other) for other in LAYERS[:own]]
        upper = [self.archive(other) for other in LAYERS[own + 1:own + 1 + above]]
        return Result([*self.cc, "-shared", "-o", os.path.join(self.scratch, f"{layer}.so"), *extra,
                       "-Wl,--no-undefined,--strip-debug", "-Wl,--whole-archive", self.archive(layer), "-Wl,--no-whole-archive",
                       "-Wl,--start-group", *upper, *below, "-Wl,--end-group", *self.libraries])

    @functools.cache
    def flags(self, layer: str) -> tuple[list[str], str]:
        """The compiler flags of @layer without file names, and the working directory."""
        objects = os.path.basename(self.archive(layer.replace("runtime/", "runtime-"))) + ".p" + os.sep
        with open(os.path.join(self.build, "compile_commands.json"), encoding="utf-8") as file:
            for entry in json.load(file):
                if not entry["output"].startswith(objects):
                    continue
                words = shlex.split(entry["command"])
                taking = {"-o", "-c", "-MF", "-MQ"}
                flags = [word for number, word in enumerate(words) if number > 0 and word not in {"-MD", *taking}
                         and words[number - 1] not in taking]
                return [*words[:1], *flags], entry["directory"]
        raise SystemExit(f"layers.py: no source of {layer} in compile_commands.json")

    def compile(self, layer: str, source: str, *options: str) -> Result:
        command, directory = self.flags(layer)
        return Result([*command, "-fPIC", *options, source], directory)

    def links(self) -> None:
        for layer in LAYERS:
            result = self.link(layer, [])
            self.point(f"{layer}-links-with-the-layers-below-only", result.good, result.text)

    def symbols(self, layer: str, option: str) -> set[str]:
        """Symbols of behaviour (vt_ops_X, ...) that the layer's archive defines or references."""
        text = subprocess.run(["nm", "-g", option, self.archive(layer)], check=True, capture_output=True, text=True).stdout
        return set(re.findall(r" (vt_(?:ops|bus_ops|derive|probe)_\w+)$", text, re.MULTILINE))

    def behaviour(self) -> None:
        """Behaviour that no table references is dead code."""
        asked = set().union(*(self.symbols(layer, "--undefined-only") for layer in LAYERS))
        for layer in LAYERS:
            unused = self.symbols(layer, "--defined-only") - asked
            self.point(f"{layer}-has-no-behaviour-that-nobody-asks-for", not unused, "\n".join(sorted(unused)))

    def calls(self) -> None:
        for layer in LAYERS[:-1]:
            compiled = os.path.join(self.scratch, f"{layer}-upward.o")
            result = self.compile(layer, os.path.join(HERE, "calls", f"{layer}.c"), "-c", "-o", compiled)
            self.point(f"{layer}-upward-call-compiles", result.good, result.text)
            missing = f"vt_layer_{LAYERS[LAYERS.index(layer) + 1]}"
            result = self.link(layer, [compiled])
            self.point(f"{layer}-upward-call-does-not-link",
                       not result.good and "undefined reference" in result.text and missing in result.text,
                       result.text or "it linked")
            result = self.link(layer, [compiled], above=1)
            self.point(f"{layer}-upward-call-would-link-with-the-layer-above", result.good, result.text)

    def includes(self) -> None:
        for source in sorted(glob.glob(os.path.join(HERE, "includes", "*.c"))):
            name = os.path.splitext(os.path.basename(source))[0]
            layer = name.split("-")[0]
            result = self.compile(layer, source, "-fsyntax-only")
            refused = re.search(r"No such file or directory|belongs to a layer above", result.text)
            self.point(f"{name}-does-not-compile", not result.good and bool(refused), result.text or "it compiled")
            # The same include is valid one layer higher: the direction is refused, not the header.
            with open(source, encoding="utf-8") as file:
                owner = re.search(r'#include "vt-(?:gen/)?([a-z]+)', file.read())
            if owner:
                result = self.compile(owner[1], source, "-fsyntax-only")
                self.point(f"{name}-would-compile-in-{owner[1]}", result.good, result.text)

    def schemas(self) -> None:
        compiler = [sys.executable, os.path.join(ROOT, "qapi-gen", "qapi-gen"), "check"]
        for path in sorted(glob.glob(os.path.join(HERE, "schema", "*.json"))):
            name = os.path.splitext(os.path.basename(path))[0]
            with open(path, encoding="utf-8") as file:
                expectation = file.read().splitlines()[1].removeprefix("# expect: ")
            result = Result([*compiler, path])
            if expectation == "accepted":
                self.point(f"{name}-is-accepted", result.good, result.text)
            else:
                self.point(f"{name}-is-refused", not result.good and expectation in result.text,
                           f"expected: {expectation}\n{result.text or 'accepted'}")


def main() -> int:
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1
                            else os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")))
    with tempfile.TemporaryDirectory() as scratch:
        proofs = Proofs(build, scratch)
        proofs.links()
        proofs.behaviour()
        proofs.calls()
        proofs.includes()
        proofs.schemas()
    print(f"1..{proofs.count}")
    return 1 if proofs.failed else 0


if __name__ == "__main__":
    sys.exit(main())
