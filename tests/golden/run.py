#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The compiler's output for the sample schema, byte for byte, as TAP.  VT_UPDATE_GOLDEN=1 rewrites it."""

import difflib
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COMPILER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "qapi-gen", "qapi-gen")
OUTPUT = os.path.join(HERE, "output")


def texts(directory: str) -> dict[str, str]:
    result = {}
    for name in sorted(os.listdir(directory)):
        if not name.endswith(".d"):
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                result[name] = file.read()
    return result


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([sys.executable, COMPILER, "compile", "-o", directory,
                        os.path.join(HERE, "schema", "sample.json")], check=True)
        got = texts(directory)
    os.makedirs(OUTPUT, exist_ok=True)
    if os.environ.get("VT_UPDATE_GOLDEN"):
        for name in texts(OUTPUT):
            os.unlink(os.path.join(OUTPUT, name))
        for name, text in got.items():
            with open(os.path.join(OUTPUT, name), "w", encoding="utf-8") as file:
                file.write(text)
    expected = texts(OUTPUT)
    names = sorted({*got, *expected})
    failed = 0
    print(f"1..{len(names)}")
    for number, name in enumerate(names, 1):
        same = got.get(name) == expected.get(name)
        failed += not same
        print(f"{'ok' if same else 'not ok'} {number} - {name}")
        if not same:
            diff = difflib.unified_diff(expected.get(name, "").splitlines(), got.get(name, "").splitlines(),
                                        f"golden/output/{name}", "now", lineterm="", n=1)
            for line in list(diff)[:40]:
                print(f"# {line}")
            print("# if that is meant: VT_UPDATE_GOLDEN=1 tests/golden/run.py, and review the difference")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
