#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""'qapi-gen import': the proposals for given facts, and that a second run proposes nothing.

The facts in facts/ and the schema in schema/ are small and made up; expected/ holds the files that come of them.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from vintage_test import equal, main, matches, test  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
COMPILER = os.path.join(ROOT, "qapi-gen", "qapi-gen")
FACTS = os.path.join(HERE, "facts")
EXPECTED = os.path.join(HERE, "expected")
NOTHING = "the schema lacks nothing\n"
ROWS = [("all", "1.1", "nic-base", "mtu", "576"), ("all", "1.1", "nic-base", "speed", "10"), ("all", "1.1", "horse", "x", "1"),
        ("all", "1.1", "lamp", "watts", "61"), ("attic", "1.1", "lamp", "watts", "60")]
# A hand-written base class.
THING = """##
# @thing:
#
# What has a cable.
#
# @netdev: the host's end of it
##
{ 'class': 'thing', 'parent': 'device', 'abstract': true, 'config': {
    '*netdev': { 'type': 'str', 'absent-means': 'none' } } }

"""
# A QEMU with one device, which exits on a query of another one.
QEMU = '''#!/usr/bin/env python3
import json, re, socket, sys
monitor = re.search(r"fd=([0-9]+)", " ".join(sys.argv))
if not monitor:
    sys.exit(3)
stream = socket.socket(fileno=int(monitor[1])).makefile("rw")
def say(answer):
    stream.write(json.dumps(answer) + "\\n")
    stream.flush()
TYPES = [("object", "", True), ("device", "object", True), ("lamp", "device", False), ("trap", "device", False)]
say({"QMP": {}})
for line in stream:
    asked = json.loads(line)
    name, given = asked["execute"], asked.get("arguments", {})
    if name == "query-target":
        say({"return": {"arch": "x86_64"}})
    elif name == "query-machines" and TELLS:
        rows = [{"qom-type": "lamp", "property": "watts", "value": "40"}]
        say({"return": [{"name": "desk-2.0", "compat-props": []}, {"name": "desk-1.2", "compat-props": rows}]})
    elif name == "query-machines" and "compat-props" in given:
        say({"error": {"class": "GenericError", "desc": "Parameter 'compat-props' is unexpected"}})
    elif name == "query-machines":
        say({"return": [{"name": "desk-2.0"}]})
    elif name == "qom-list-types":
        known = [] if "implements" in given else TYPES
        say({"return": [{"name": n, "parent": p, "abstract": a} for n, p, a in known if given.get("abstract") or not a]})
    elif name == "device-list-properties" and given["typename"] == "trap":
        sys.exit(1)
    elif name == "device-list-properties":
        say({"return": [{"name": "watts", "type": "uint32", "default-value": 60},
                        {"name": "dimmer", "type": "bool", "default-value": False}, {"name": "shade", "type": "str"}]})
    else:
        say({"return": {}})
'''


def fits(pattern: str, text: str) -> None:
    matches(text, pattern)


@contextmanager
def tree() -> Iterator[str]:
    """A copy of the schema; returns its root file."""
    with tempfile.TemporaryDirectory() as directory:
        shutil.copytree(os.path.join(HERE, "schema"), directory, dirs_exist_ok=True)
        yield os.path.join(directory, "vintage-vm.json")


def run(command: str, root: str, *args: str, status: int = 0, talks: bool = False) -> str:
    where = ["--schema", root] if command == "import" else [root]
    done = subprocess.run([sys.executable, COMPILER, command, *args, *where], capture_output=True, text=True, check=False)
    equal((done.returncode, done.stderr if not status and not talks else ""), (status, ""))
    return done.stdout if talks else done.stdout + done.stderr


def files(root: str) -> dict[str, str]:
    base = os.path.dirname(root)
    result = {}
    for parent, _, names in os.walk(base):
        for name in names:
            with open(os.path.join(parent, name), encoding="utf-8") as stream:
                result[os.path.relpath(os.path.join(parent, name), base)] = stream.read()
    return result


def edit(root: str, name: str, old: str, new: str) -> None:
    path = os.path.join(os.path.dirname(root), name)
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    if old not in text:
        raise AssertionError(f"{name} has no {old!r}")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text.replace(old, new))


@test
def writes_what_is_expected() -> None:
    """the output equals expected/"""
    with tree() as root:
        run("import", root, "--facts", FACTS, "--write")
        found = files(root)
        if os.environ.get("VT_UPDATE_GOLDEN"):
            shutil.rmtree(EXPECTED, ignore_errors=True)
            shutil.copytree(os.path.dirname(root), EXPECTED)
        equal(found, files(os.path.join(EXPECTED, "vintage-vm.json")))
        equal(run("check", root), "")


@test
def proposes_nothing_twice() -> None:
    """a second run proposes nothing, and a proposal alone changes nothing"""
    with tree() as root:
        before = files(root)
        fits(r"(?s)# ---- hw/net/nic-base.json.*'class': 'fast-nic'", run("import", root, "--facts", FACTS))
        equal(files(root), before)
        run("import", root, "--facts", FACTS, "--write")
        equal(run("import", root, "--facts", FACTS), NOTHING)
        fits(r"(?s)^0 new classes.*\n0 timelines that are said more than once\n.*bell\.loud",
                run("import", root, "--facts", FACTS, "--report"))


@test
def respects_a_hand() -> None:
    """edited texts, merged files and moved members stay unchanged"""
    with tree() as root:
        run("import", root, "--facts", FACTS, "--write")
        edit(root, "hw/net/nic-base.json", "@tso: @undocumented", "@tso: split large packets of the guest")
        edit(root, "hw/net/nic-base.json", "'why': '@undocumented'", "'why': 'frames are as long as everywhere'")
        edit(root, "hw/net/nic-base.json", "'nic-base', 'parent': 'device'", "'nic-base', 'parent': 'thing'")
        edit(root, "hw/net/nic-base.json", "# @netdev: the host's end of its cable\n#\n", "")
        edit(root, "hw/net/nic-base.json", "    '*netdev': { 'type': 'str', 'absent-means': 'the link is down' },\n", "")
        edit(root, "hw/core/device.json", "##\n# @lamp:", THING + "##\n# @lamp:")
        equal(run("check", root), "")
        equal(run("import", root, "--facts", FACTS), NOTHING)


@test
def mends_what_is_wrong() -> None:
    """a default that was changed to a wrong value is proposed again in its place, and nothing else"""
    with tree() as root:
        run("import", root, "--facts", FACTS, "--write")
        good = files(root)
        edit(root, "hw/net/nic-base.json", "'*queues': { 'type': 'uint32', 'default': 4 }",
             "'*queues': { 'type': 'uint32', 'default': 5 }")
        equal(run("import", root, "--facts", FACTS),
              "# ---- hw/net/nic-base.json: class 'fast-nic' lacks in 'queues'\n\n4\n")
        run("import", root, "--facts", FACTS, "--write")
        equal(files(root), good)


@test
def tells_where_rows_are() -> None:
    """rows of a table of compat properties: the line of each one, or why it has none"""
    with tree() as root, tempfile.NamedTemporaryFile("w", suffix=".json") as table:
        keys = ("scope", "until_version", "driver", "property", "value")
        json.dump({"rows": [dict(zip(keys, row)) for row in ROWS]}, table)
        table.flush()
        run("import", root, "--facts", FACTS, "--write")
        told = run("import", root, "--rows", table.name, status=1).splitlines()
        fits(r'.*nic-base.mtu="576": .*nic-base.json:\d+$', told[0])
        fits(r".*nic-base.speed.*: class 'nic-base' has no member 'speed'$", told[1])
        fits(r".*: unknown class 'horse'$", told[2])
        fits(r".*lamp.watts.*: not carried: lamp on desk: 60 at .*device.json:\d+$", told[3])
        fits(r".*'attic' is no machine of the schema$", told[4])
        equal(told[5], "5 rows: 1 carried, 0 decided, 3 nothing, 1 differs")


def qemu(directory: str, tells: bool) -> str:
    path = os.path.join(directory, "qemu")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(QEMU.replace("TELLS", str(tells)))
    os.chmod(path, 0o755)
    return path


@test
def asks_a_running_qemu() -> None:
    """queries a QEMU over QMP, restarts it after a crash, and turns its rows into a history"""
    with tree() as root, tempfile.TemporaryDirectory() as directory:
        told = run("import", root, "--binary", qemu(directory, tells=False), talks=True)
        equal(told, "# ---- hw/core/device.json: class 'lamp' lacks in 'config'\n\n"
              "    '*dimmer': { 'type': 'bool', 'default': false },\n"
              "    '*shade': { 'type': 'str', 'absent-means': '@undocumented' }\n")
        told = run("import", root, "--binary", qemu(directory, False), "--report", talks=True)
        fits(r"(?s).*1 types that can't be asked\n  trap\n", told)
        told = run("import", root, "--binary", qemu(directory, tells=True), talks=True)
        fits(r"(?s).*class 'lamp' lacks in 'watts'.*", told)


@test
def refuses_what_is_no_source() -> None:
    """a missing source (facts, QEMU, socket) is one error line"""
    with tree() as root, tempfile.TemporaryDirectory() as empty:
        fits(r"[^\n]*: there are no facts here[^\n]*\n$", run("import", root, "--facts", empty, status=1))
        fits(r"[^\n]*: No such file[^\n]*\n$", run("import", root, "--binary", empty + "/qemu", status=1))
        fits(r"[^\n]*: No such file[^\n]*\n$", run("import", root, "--qmp", empty + "/socket", status=1))
        fits(r"[^\n]*: say where the facts are[^\n]*\n$", run("import", root, status=1))


@test
def judges_words() -> None:
    """check --docs refuses descriptions that repeat the name, and counts missing ones"""
    with tree() as root:
        run("import", root, "--facts", FACTS, "--write")
        fits(r"undocumented: \d+ of \d+ classes, \d+ of \d+ members, \d+ of \d+ reasons, \d+ of \d+ absences\n$",
             run("check", root, "--docs"))
        edit(root, "hw/core/device.json", "@watts: how much it takes", "@watts: the watts")
        fits(r"undocumented: .*\n.*device.json:\d+: 'the watts' only says the name 'watts' again: say what it is for, or "
             "@undocumented\n$", run("check", root, "--docs", status=1))
        edit(root, "hw/core/device.json", "@watts: the watts", "@watts: how much it takes")
        edit(root, "hw/core/device.json", "##\n# @Cable:",
             "##\n# @dim:\n#\n# Dim all lamps.\n##\n{ 'command': 'dim' }\n\n##\n# @Cable:")
        fits(r"undocumented: .*\n.*device.json:\d+: command 'dim': its text starts with 'Dim'; expected a verb in the third "
             "person, as 'Sets'\n$", run("check", root, "--docs", status=1))


if __name__ == "__main__":
    main()
