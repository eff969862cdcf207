#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/run counts what TAP says, prints why a test fails, and runs failed programs again, alone."""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
from vintage_test import equal, main, test  # noqa: E402

# Stands in for Meson: writes a log of what each program printed in its first run, or in the second one if that is asked for.
MESON = r'''#!/usr/bin/env python3
import json, os, sys
runs = {"good": ("ok 1 fine\nok 2 left # SKIP no library", "OK", "", ""),
        "busy": ("ok 1 fine\n# waited too long\nnot ok 2 slow", "FAIL", "ok 1 fine\nok 2 slow", "OK"),
        "bad": ("# got 3\nnot ok 1 sum\nnot ok 2 later # Todo", "FAIL", "# got 4\nnot ok 1 sum", "FAIL"),
        "dies": ("ok 1 fine", "ERROR", "ok 1 fine", "ERROR")}
log = sys.argv[sys.argv.index("--logbase") + 1]
again = log != "testlog"
build = sys.argv[sys.argv.index("-C") + 1]
os.makedirs(f"{build}/meson-logs", exist_ok=True)
with open(f"{build}/meson-logs/{log}.json", "w") as file:
    for name, run in runs.items():
        if not again or name == sys.argv[-1]:
            file.write(json.dumps({"name": f"vintage:suite / {name}", "duration": 1.5, "stdout": run[2 * again],
                                   "stderr": "signal 11", "result": run[2 * again + 1]}) + "\n")
'''


@test
def failures_come_last_and_only_lasting_ones_count() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "meson")
        with open(path, "w", encoding="utf-8") as file:
            file.write(MESON)
        os.chmod(path, 0o755)
        with open(os.path.join(ROOT, "tests", "run"), encoding="utf-8") as file:
            runner = file.read().replace('"meson"', repr(path))
        done = subprocess.run([sys.executable, "-c", runner, "b"], cwd=folder, capture_output=True, text=True, check=False)
    equal(done.stderr, "")
    equal(done.returncode, 1)
    equal(done.stdout.splitlines(), [
        "skipped: b: good: 2 left # SKIP no library",
        "slowest of 4 programs in b: good 2 s, busy 2 s, bad 2 s, dies 2 s",
        "unstable: b: busy: 2 slow", "    # waited too long",
        "failed: b: bad: 1 sum", "    # got 3",
        "failed: b: dies: ERROR", "    signal 11",
        "5 passed, 2 failed, 1 skipped"])


main()
