#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The compiler's result for each schema in cases/ (ours) and qapi/ (QAPI's), as TAP.

The second line of a case is the expectation: "# expect: ok", or "# expect: LINE: message" for the first error, or
"# expect: FILE:LINE: message" for an error in an included file.  Following lines "# also: LINE: message" are further
errors, in order.
"""

import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
COMPILER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "qapi-gen", "qapi-gen")
sys.path.insert(0, os.path.dirname(COMPILER))
sys.dont_write_bytecode = True

from qapigen.check import errors_of  # noqa: E402

# Exit status and output of a command with errors are tested on these; all others run in this process.
SPOKEN = ("errors-are-reported-together", "history-is-accepted", "type-is-defined-twice")


def expectations(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    match = re.match(r"# expect: (.+)$", lines[1])
    if not match:
        raise SystemExit(f"{path}:2: no '# expect: …' in the second line")
    expected = [match[1]]
    for line in lines[2:]:
        also = re.match(r"# also: (.+)$", line)
        if not also:
            break
        expected.append(also[1])
    return expected


def judge(path: str) -> str:
    """Empty, or the difference from the expectation."""
    name = os.path.basename(path)
    expected = expectations(path)
    os.chdir(os.path.dirname(path))
    wanted = [] if expected == ["ok"] else [
        text if re.match(r"\S+\.(json|facts):", text) else f"{name}:{text}" for text in expected]
    errors = [str(error) for error in errors_of(name)]
    got = [error.splitlines()[0] for error in errors]
    if got != wanted:
        return f"expected {wanted}\n     got {got}"
    return spoken(name, errors) if os.path.splitext(name)[0] in SPOKEN else ""


def spoken(name: str, errors: list[str]) -> str:
    run = subprocess.run([sys.executable, COMPILER, "check", name], text=True, capture_output=True, check=False)
    wanted = (1 if errors else 0, "".join(error + "\n" for error in errors))
    return "" if (run.returncode, run.stderr) == wanted else f"exit status {run.returncode}: {run.stderr}"


def main() -> int:
    paths = sorted(glob.glob(os.path.join(HERE, "cases", "*.json")) + glob.glob(os.path.join(HERE, "qapi", "*.json")))
    print(f"1..{len(paths)}")
    failed = 0
    for number, path in enumerate(paths, 1):
        wrong = judge(path)
        for line in wrong.splitlines():
            print(f"# {line}")
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {os.path.splitext(os.path.relpath(path, HERE))[0]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
