#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The JSON Schema of configuration files: it accepts and refuses the same as the program. TAP."""

import contextlib
import glob
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP python3-jsonschema is absent")
    sys.exit(0)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
sys.path.insert(0, os.path.join(ROOT, "qapi-gen"))
sys.dont_write_bytecode = True
import part  # noqa: E402
from qapigen import cli  # noqa: E402

# The validator is slow, so it gets a part of the schema that covers the configurations.
PART = tempfile.TemporaryDirectory()
SCHEMA = os.path.join(PART.name, "schema", "vintage-vm.json")
TOOL = os.path.join(os.environ.get("VINTAGE_BUILD", os.path.join(ROOT, "build")), "vintage")
GOOD = sorted(glob.glob(os.path.join(ROOT, "examples", "*.json")) + glob.glob(os.path.join(ROOT, "tests", "configs", "*.json")))
BROKEN = sorted(glob.glob(os.path.join(ROOT, "tests", "configs", "broken", "*.json")))


def texts(path: str) -> set[str]:
    with open(path, encoding="utf-8") as file:
        return set(re.findall(r'"([^"]+)"', file.read()))


shutil.copytree(os.path.join(ROOT, "schema"), os.path.dirname(SCHEMA))
part.thin(os.path.dirname(SCHEMA), set().union(*map(texts, GOOD + BROKEN)))
READ = cli.read(SCHEMA)
assert READ, "the part has errors"
MODEL = READ[1]


def printed(of: str = "") -> dict[str, Any]:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = cli.json_schema(MODEL, of)
    assert status == 0, output.getvalue()
    schema: dict[str, Any] = json.loads(output.getvalue())
    return schema


def problems(validator: Any, value: Any) -> str:
    return "\n".join(f"{error.json_path}: {error.message}"[:300] for error in validator.iter_errors(value))


def contents(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def resolved(path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOL, "resolve", path], text=True, capture_output=True, check=False)


def accepts(validator: Any, path: str) -> None:
    wrong = problems(validator, contents(path))
    assert not wrong, wrong


def refuses(validator: Any, path: str) -> None:
    assert not validator.is_valid(contents(path)), "accepted"


def program_accepts(path: str) -> None:
    done = resolved(path)
    assert done.returncode == 0, done.stderr


def program_refuses(path: str) -> None:
    assert resolved(path).returncode == 1, "accepted"


def creation_unions() -> None:
    for union, good, bad in (
            ("DeviceOptions", {"driver": "virtio-rng-pci"}, {"driver": "virtio-rng-pci", "size": 1}),
            ("NetdevOptions", {"type": "user", "id": "n"}, {"type": "user"}),
            ("BlockdevOptions", {"driver": "null-co", "node-name": "n"}, {"driver": "null-co", "node-name": ""})):
        validator = jsonschema.Draft202012Validator(printed(union))
        assert not problems(validator, good), problems(validator, good)
        assert problems(validator, bad), f"{union} accepts {bad}"


def an_editor_completes(schema: dict[str, Any]) -> None:
    """Device names and machine versions are enumerated, and members have descriptions."""
    definitions = schema["$defs"]
    assert "virtio-blk-pci" in definitions["DeviceOptions"]["properties"]["driver"]["enum"]
    machines = definitions["MachineOptions"]["properties"]["type"]["enum"]
    assert {"q35", "pc-q35-2.4", "pc-q35-4.0.1", "microvm"} <= set(machines) and "pc-q35" not in machines, machines
    members = definitions["class:virtio-blk-pci"]["properties"]
    assert all(member.get("description") for member in members.values()), members


def main() -> int:
    schema = printed()
    validator = jsonschema.Draft202012Validator(schema)
    points: list[tuple[str, Callable[[], None]]] = [("it is a JSON Schema", lambda: validator.check_schema(schema)),
                                                    ("creation unions have schemas of their own", creation_unions),
                                                    ("an editor completes names", lambda: an_editor_completes(schema))]
    built = os.path.exists(TOOL)
    for path in GOOD:
        name = os.path.relpath(path, ROOT)
        points.append((f"{name} is valid", lambda path=path: accepts(validator, path)))
        if built:
            points.append((f"{name} resolves", lambda path=path: program_accepts(path)))
    for path in BROKEN:
        name = os.path.relpath(path, ROOT)
        points.append((f"{name} is not valid", lambda path=path: refuses(validator, path)))
        if built:
            points.append((f"{name} does not resolve", lambda path=path: program_refuses(path)))
    print(f"1..{len(points)}")
    failed = 0
    for number, (name, check) in enumerate(points, 1):
        wrong = ""
        try:
            check()
        except (AssertionError, jsonschema.SchemaError) as error:
            wrong = str(error) or "assertion failed"
        for line in wrong.splitlines()[:10]:
            print(f"# {line}")
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
