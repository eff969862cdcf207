#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The compiler's verdict on every schema in cases/, as TAP.

A case tells in its second line what to expect: "# expect: ok", or "# expect: LINE: message" for the first error,
"# expect: FILE:LINE: message" where that is in a file it includes.  Lines that follow with "# also: LINE: message"
are further errors, in order.
"""

import glob
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
COMPILER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "qapi-gen", "qapi-gen")


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
    """Empty, or what is not as the case expects."""
    name = os.path.basename(path)
    expected = expectations(path)
    run = subprocess.run([sys.executable, COMPILER, "check", name], cwd=os.path.dirname(path), text=True,
                         capture_output=True, check=False)
    if expected == ["ok"]:
        return "" if run.returncode == 0 and not run.stderr else f"refused: {run.stderr}"
    if run.returncode != 1:
        return f"exit status {run.returncode}: {run.stderr}"
    wanted = [text if re.match(r"\S+\.json:", text) else f"{name}:{text}" for text in expected]
    got = [line for line in run.stderr.splitlines() if not line.endswith("previous definition")]
    return "" if got == wanted else f"expected {wanted}\n     got {got}"


def main() -> int:
    paths = sorted(glob.glob(os.path.join(HERE, "cases", "*.json")))
    print(f"1..{len(paths)}")
    failed = 0
    with ThreadPoolExecutor(2) as pool:
        for number, (path, wrong) in enumerate(zip(paths, pool.map(judge, paths)), 1):
            for line in wrong.splitlines():
                print(f"# {line}")
            failed += bool(wrong)
            print(f"{'not ok' if wrong else 'ok'} {number} - {os.path.splitext(os.path.basename(path))[0]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
