#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""'qapi-gen diff': the effect of each kind of change on clients and guests, and differences of ledgers. TAP."""

import io
import os
import re
import shutil
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "qapi-gen"))

sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
import part  # noqa: E402
from qapigen import cli  # noqa: E402

OLD = """{ 'program': 'sample' }
{ 'axis': 'machine', 'versions': [ '1.0', '1.1', '1.2' ], 'open': '1.2' }
{ 'axis': 'platform', 'versions': [ '1.0', '1.1' ], 'open': '1.1' }
{ 'axis': 'release', 'versions': [ '1.0', '1.1', '1.2' ], 'open': '1.2' }
{ 'enum': 'Speed', 'data': [ 'slow', 'fast' ] }
{ 'enum': 'State', 'data': [ 'on', 'off' ] }
{ 'struct': 'Info', 'data': { 'state': 'State', '*since': { 'type': 'int', 'absent-means': 'never' } } }
{ 'command': 'set', 'data': { '*speed': { 'type': 'Speed', 'absent-means': 'it stays' }, 'count': 'uint8' }, 'returns': 'Info' }
{ 'command': 'stop' }
{ 'event': 'GONE', 'data': { 'id': 'str' } }
{ 'class': 'thing', 'layer': 'device', 'abstract': true, 'model': 'none',
  'creates': { 'union': 'ThingOptions', 'tag': 'driver', 'id': '*id', 'kind': 'device' } }
{ 'bus': 'Socket', 'address': [ 'hole' ] }
{ 'class': 'lamp', 'parent': 'thing', 'model': 'none', 'targets': [ 'x86_64', 'arm' ], 'plugs-into': 'Socket', 'config': {
    '*hole': { 'type': 'uint8', 'absent-means': 'the first free one' },
    '*watts': { 'type': 'uint32', 'guest-visible': true, 'range': [ 1, 100 ], 'default': { 'machine': [ { 'value': 60 },
        { 'since': '1.1', 'value': 9, 'why': 'diodes' } ] } },
    '*colour': { 'type': 'str', 'default': 'white' } } }
{ 'machine': 'room', 'abstract': true, 'model': 'none',
  'creates': { 'union': 'RoomOptions', 'tag': 'type', 'kind': 'machine' } }
{ 'machine': 'hall', 'parent': 'room', 'model': 'none', 'versions': { 'from': '1.0' }, 'aliases': [ 'h' ],
  'provides-bus': { 'type': 'Socket', 'name': 'wall', 'slots': [ 0, 3 ], 'reserved': { '1': 'lamp' } } }
{ 'option': 'thing', 'type': 'ThingOptions', 'multiple': true }
{ 'option': 'candle', 'life': { 'deprecated': '1.0..1.1', 'removed': '1.2', 'why': '-thing lamp replaces it' } }
{ 'interface': 'shining', 'life': { 'introduced': '1.1' } }
"""
# (name, text of OLD, replacement, a row of the table, status for clients, for guests)
CASES = (
    ("a command goes", "{ 'command': 'stop' }\n", "", "command stop removed BREAKS -", 1, 0),
    ("a command ends", "{ 'command': 'stop' }", "{ 'command': 'stop', 'life': { 'removed': '1.2', 'why': 'x' } }",
     "command stop: removed none -> 1.2 compatible -", 0, 0),
    ("an event begins", "{ 'event': 'GONE', 'data'", "{ 'event': 'GONE', 'life': { 'introduced': '1.1' }, 'data'",
     "event GONE: introduced none -> 1.1 compatible -", 0, 0),
    ("a life becomes exact", "'deprecated': '1.0..1.1', 'removed'", "'deprecated': '1.1', 'removed'",
     "option candle: deprecated 1.0..1.1 -> 1.1 compatible -", 0, 0),
    ("an end is not moved", "'removed': '1.2', 'why': '-thing", "'removed': '1.1', 'why': '-thing",
     "option candle: removed 1.2 -> 1.1 BREAKS -", 1, 0),
    ("a type keeps its beginning", "'life': { 'introduced': '1.1' } }", "'life': { 'introduced': '1.0' } }",
     "qom-type shining: introduced 1.1 -> 1.0 BREAKS -", 1, 0),
    ("a class ends", "{ 'class': 'lamp', 'parent'", "{ 'class': 'lamp', 'life': { 'deprecated': '1.1', 'why': 'x' }, 'parent'",
     "class lamp: deprecated none -> 1.1 compatible -", 0, 0),
    ("a member ends", "'default': 'white' }", "'default': 'white', 'life': { 'removed': '1.1', 'why': 'x' } }",
     "lamp: colour removed none -> 1.1 compatible -", 0, 0),
    ("a command comes", "{ 'command': 'stop' }", "{ 'command': 'stop' }\n{ 'command': 'go' }",
     "command go added compatible -", 0, 0),
    ("a member that is given may come if it is optional", "'count': 'uint8' }",
     "'count': 'uint8', '*x': { 'type': 'str', 'absent-means': 'none' } }",
     "command set: x added compatible -", 0, 0),
    ("a member that is given may not be required anew", "'count': 'uint8' }", "'count': 'uint8', 'x': 'str' }",
     "command set: x added, required BREAKS -", 1, 0),
    ("a member that is given may become optional", "'count': 'uint8'",
     "'*count': { 'type': 'uint8', 'absent-means': 'all' }",
     "command set: count required -> optional compatible -", 0, 0),
    ("a member that is told may not become optional", "'state': 'State'",
     "'*state': { 'type': 'State', 'absent-means': 'off' }",
     "type Info: state required -> optional BREAKS -", 1, 0),
    ("a member that is told may become required", "'*since': { 'type': 'int', 'absent-means': 'never' }", "'since': 'int'",
     "type Info: since optional -> required compatible -", 0, 0),
    ("a wider number may be given", "'count': 'uint8'", "'count': 'uint16'",
     "command set: count uint8 -> uint16 compatible -", 0, 0),
    ("a narrower number may not", "'count': 'uint8'", "'count': 'int8'", "command set: count uint8 -> int8 BREAKS -", 1, 0),
    ("a value that is given may not go", "[ 'slow', 'fast' ]", "[ 'slow' ]", "type Speed value fast removed BREAKS -", 1, 0),
    ("a value that is told may go", "[ 'on', 'off' ]", "[ 'on' ]", "type State value off removed compatible -", 0, 0),
    ("a list is another thing", "'*speed': { 'type': 'Speed',", "'*speed': { 'type': [ 'Speed' ],",
     "command set: speed one value -> a list BREAKS -", 1, 0),
    ("events are told", "{ 'id': 'str' }", "{ 'name': 'str' }", "event GONE: id removed BREAKS -", 1, 0),
    ("deprecation is no break", "{ 'command': 'stop' }", "{ 'command': 'stop', 'life': { 'deprecated': '1.1', 'why': 'x' } }",
     "command stop: deprecated none -> 1.1 compatible -", 0, 0),
    ("an alias goes", ", 'aliases': [ 'h' ]", "", "machine hall alias h removed BREAKS -", 1, 0),
    ("an option that was a list", ", 'multiple': true", "", "option thing can no longer be given several times BREAKS -", 1, 0),
    ("a range narrows", "[ 1, 100 ]", "[ 1, 60 ]", "device lamp: watts range [1, 100] -> [1, 60] BREAKS -", 1, 0),
    ("a target goes", "[ 'x86_64', 'arm' ]", "[ 'x86_64' ]", "class lamp: targets arm -> x86_64 BREAKS -", 1, 0),
    ("a target comes", "[ 'x86_64', 'arm' ]", "[ 'x86_64', 'arm', 'aarch64' ]", None, 0, 0),
    ("a bus place moves", "'reserved': { '1'", "'reserved': { '2'",
     "class hall: provides:Socket:wall 0..3,1=lamp,count=1 -> 0..3,2=lamp,count=1 - BREAKS", 0, 1),
    ("a bus has fewer places", "'slots': [ 0, 3 ]", "'slots': [ 0, 2 ]",
     "class hall: provides:Socket:wall 0..3,1=lamp,count=1 -> 0..2,1=lamp,count=1 - BREAKS", 0, 1),
    ("a member is hidden from guests", "'guest-visible': true, ", "", "lamp: watts guest-visible true -> none - BREAKS", 1, 1),
    ("the first version moves", "'versions': { 'from': '1.0' }", "'versions': { 'from': '1.1' }",
     "class hall: versions 1.0.. -> 1.1.. - BREAKS", 0, 1),
    ("the open version's default changes", "'why': 'diodes' }",
     "'why': 'diodes' }, { 'since': '1.2', 'value': 7, 'why': 'better ones' }", "lamp: watts 1.2: 9 -> 7 - compatible", 0, 0),
    ("a released default changes", "'value': 9", "'value': 8", "lamp: watts 1.1..1.2: 9 -> 8 - BREAKS", 0, 1),
    ("a default without history changes", "'default': 'white'", "'default': 'red'",
     "lamp: colour 1.0..1.2: white -> red - BREAKS", 0, 1),
    ("a member of a class comes", "'*colour'", "'*shade': { 'type': 'bool', 'default': false }, '*colour'",
     "lamp: shade added, false - compatible", 0, 0),
    ("a class goes", re.search(r"\{ 'class': 'lamp'.*?\} \} \}\n", OLD, re.DOTALL)[0], "",  # type: ignore[index]
     "class lamp removed - BREAKS", 1, 1),
)


def qapi_gen(*arguments: str, status: int = 0) -> str:
    """Runs the compiler in this process; returns what it prints."""
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        got = cli.main(list(arguments))
    assert got == status, errors.getvalue()
    return output.getvalue() + errors.getvalue()


def written(directory: str, name: str, text: str) -> str:
    path = os.path.join(directory, name, "sample.json")
    os.makedirs(os.path.dirname(path))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def judge(case: tuple[str, str, str, str | None, int, int]) -> None:
    _, before, after, row, clients, guests = case
    with tempfile.TemporaryDirectory() as directory:
        assert OLD.count(before) == 1, f"{before} is not there once"
        text = qapi_gen("diff", written(directory, "old", OLD), written(directory, "new", OLD.replace(before, after)))
    *rows, verdict = [" ".join(line.split()) for line in text.splitlines()]
    assert row in rows or not row and not rows, text
    assert [("clients: compatible" not in verdict), ("guests: compatible" not in verdict)] == [clients, guests], text


def ledgers() -> None:
    """A ledger lists released defaults like its schema."""
    with tempfile.TemporaryDirectory() as directory:
        old = written(directory, "old", OLD)
        new = written(directory, "new", OLD.replace("'value': 9", "'value': 8"))
        for path in (old, new):
            qapi_gen("ledger", "close", "1.1", "--axis", "machine", "--schema", path)
        sides = [(path, os.path.join(os.path.dirname(path), "ledger")) for path in (old, new)]
        for before in sides[0]:
            for after in sides[1]:
                text = qapi_gen("diff", before, after)
                assert re.search(r"lamp: watts  1\.1(\.\.1\.2)?: 9 -> 8", text) and "guests: 1 incompatible" in text, text
        text = qapi_gen("diff", *sides[0])
        assert text == "guests: compatible\n", text
        assert "is no ledger" in qapi_gen("diff", old, directory, status=1)


def nothing_changed() -> None:
    """No change, no rows."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "schema", "vintage-vm.json")
        shutil.copytree(os.path.join(ROOT, "schema"), os.path.dirname(path))
        part.thin(os.path.dirname(path))
        assert qapi_gen("diff", path, path) == "clients: compatible; guests: compatible\n"


def main() -> int:
    points = [(case[0], lambda case=case: judge(case)) for case in CASES]
    points += [((function.__doc__ or "").strip(), function) for function in (ledgers, nothing_changed)]
    print(f"1..{len(points)}")
    failed = 0
    for number, (name, check) in enumerate(points, 1):
        wrong = ""
        try:
            check()
        except AssertionError as error:
            wrong = str(error) or "assertion failed"
        for line in wrong.splitlines()[:20]:
            print(f"# {line}")
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
