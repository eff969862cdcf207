#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tests of own-vmm:  test.py PROGRAM"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop())
SINK = ["-object", "sink-file,id=s"]
SIGN = ["-device", "sign,sink=s,text=hello"]


def run(*argv: str, text: str = "") -> tuple[int, str, str]:
    done = subprocess.run([PROGRAM, *argv], input=text, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, done.stdout, done.stderr.replace("own-vmm: platform version 2\n", "")


class Test(unittest.TestCase):
    def test_command_line_and_defaults(self) -> None:
        for machine, width, strokes in (("desk-1", 16, 1), ("desk-2", 24, 1), ("desk-3", 32, 2), ("table", 32, 2)):
            shown = [" ".join(["ding"] * strokes), f"[{'hello':{width}}]", ""]
            self.assertEqual(run("-machine", machine, "-device", "bell,sink=s", *SIGN, *SINK)[:2], (0, "\n".join(shown)))

    def test_errors(self) -> None:
        self.assertEqual(run("-device", "sign,sink=s,txt=x"),
                         (1, "", "own-vmm: -device sign,sink=s,txt=x: unknown member 'txt'; did you mean 'text'?\n"))
        self.assertEqual(run("-machine", "desk-9"),
                         (1, "", "own-vmm: -machine: unknown machine 'desk-9'; did you mean 'desk-3'?\n"))

    def test_platform_feature(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write('{"shared-memory": "no"}')
            file.flush()
            status, _, error = run("-platform-version", "2", "-probe-file", file.name, *SINK)
            self.assertEqual(status, 1)
            self.assertIn("shared-memory", error)
            self.assertEqual(run("-probe-file", file.name, *SINK)[0], 0)

    def test_json_file(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"machine": {"type": "desk-1"}, "object": [{"qom-type": "sink-file", "id": "s"}],
                       "device": [{"driver": "sign", "sink": "s", "text": "from JSON", "width": 8}]}, file)
            file.flush()
            self.assertEqual(run("-config", file.name)[:2], (0, "[from JSO]\n"))

    def test_help(self) -> None:
        self.assertIn("width of the sign in characters [8..120] (default: 32, since machine 3; 24 before)",
                      run("-device", "sign,help")[1])
        self.assertIn("-qmp-server", run("-help")[1])

    def test_explain(self) -> None:
        self.assertIn("device[0].width = 24, machine since 2: a line of 16 characters cut off most texts\n",
                      run("explain", "-machine", "desk-2", *SIGN, *SINK)[1])

    def test_monitor(self) -> None:
        requests = [{"execute": "qmp_capabilities"},
                    {"execute": "device_add", "arguments": {"driver": "bell", "id": "b", "sink": "s"}},
                    {"execute": "qom-get", "arguments": {"path": "b", "property": "strokes"}},
                    *({"execute": name} for name in ("query-platform", "config-freeze", "query-qmp-schema", "quit"))]
        status, out, error = run("-qmp-server", "", *SINK, text="".join(json.dumps(each) + "\n" for each in requests))
        self.assertEqual((status, error), (0, ""))
        replies = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        values = [each["return"] for each in replies if "return" in each]
        self.assertEqual(values[:3], [{}, {}, 2])
        self.assertEqual(values[3]["features"][0]["name"], "shared-memory")
        self.assertEqual(values[4]["machine"]["type"], "desk-3")
        self.assertTrue(any(each["name"] == "device_add" for each in values[5]))


if __name__ == "__main__":
    unittest.main()
