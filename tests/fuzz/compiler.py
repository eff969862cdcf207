# SPDX-License-Identifier: MIT
"""The schema compiler on mutated schemas: each error is a SchemaError with file and line, in limited time.

compiler.py [-runs=N] [-seed=N] [-max_total_time=SECONDS] [-artifact_prefix=DIR/] [FILE...]: replays the files, else mutates
the cases of tests/schema.
"""

import glob
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(SOURCE, "qapi-gen"))
sys.dont_write_bytecode = True

from qapigen.check import errors_of  # noqa: E402

PATIENCE = 10           # seconds a schema
SIZE_MAX = 64 << 10
TOKEN = re.compile(r"'[^'\n]*'|[][{}:,]|-?[0-9.]+|[a-z]+|##|[^\s]")
PLACED = re.compile(r"[^\n:]+(:\d+)?(:\d+)?: [^\n]+")
ODD = ["", "'", "[" * 1200, "{'a':" * 1200, "1" * 5000, "1e999", "-1", "null", "true", "'x'", "[]", "{}",
       "\u00e9", "\0", "##\n", "#",
       "'*'", "'*a'", "'a-b'", "'__x'", "'../x.json'", "'include'", "99999999999999999999"]


class Slow(Exception):
    """The compiler takes too long."""


def on_alarm(_number: int, _frame: Any) -> None:
    raise Slow(f"no answer after {PATIENCE} seconds")


def mutate(random_: random.Random, text: str, tokens: list[str]) -> str:
    for _ in range(random_.randint(1, 6)):
        places = list(TOKEN.finditer(text)) or [re.match("", text)]
        one, other = random_.choice(places), random_.choice(places)
        assert one and other
        start, end = sorted((one.start(), other.end()))
        how = random_.randrange(6)
        if how == 0:
            text = text[:one.start()] + text[one.end():]
        elif how == 1:
            text = text[:one.start()] + random_.choice(tokens) + text[one.end():]
        elif how == 2:
            text = text[:one.start()] + random_.choice(ODD) + text[one.start():]
        elif how == 3:
            text = text[:one.start()] + other[0] + text[one.end():]
        elif how == 4 and end - start < 400:
            text = text[:end] + text[start:end] + text[end:]
        else:
            at = random_.randrange(len(text) + 1)
            text = text[:at] + chr(random_.randrange(1, 256)) + text[at + random_.randint(0, 1):]
    return text[:SIZE_MAX]


def judge(name: str) -> set[str]:
    """The messages without values."""
    signal.alarm(PATIENCE)
    try:
        errors = [str(error) for error in errors_of(name)]
    finally:
        signal.alarm(0)
    for error in errors:
        if not PLACED.match(error.splitlines()[0]):
            raise AssertionError(f"not FILE:LINE: message: {error!r}")
    return {re.sub(r"'[^']*'|\d+", "", error) for error in errors}


def fail(data: bytes, prefix: str) -> None:
    traceback.print_exc()
    path = f"{prefix}crash-{abs(hash(data)):x}.json"
    with open(path, "wb") as file:
        file.write(data)
    print(f"written to {path}", file=sys.stderr)
    sys.exit(1)


def seeds() -> list[str]:
    texts = []
    for path in sorted(glob.glob(os.path.join(SOURCE, "tests", "schema", "*", "*.json"))):
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            texts.append(file.read())
    return texts


def run(options: dict[str, str]) -> None:
    random_ = random.Random(int(options.get("seed", "1")))
    runs, end = int(options.get("runs", "0")), time.monotonic() + int(options.get("max_total_time", "1000000"))
    texts = seeds()
    tokens = sorted({match[0] for text in texts for match in TOKEN.finditer(text)})
    seen: set[str] = set()
    count = 0
    while (not runs or count < runs) and time.monotonic() < end:
        text = mutate(random_, random_.choice(texts), tokens)
        data = text.encode("utf-8", "surrogateescape")
        with open("fuzz.json", "wb") as file:
            file.write(data)
        try:
            new = judge("fuzz.json") - seen
        except Exception:  # any other exception is a finding
            fail(data, options.get("artifact_prefix", SOURCE + "/"))
        if new:
            seen |= new
            texts.append(text)
        count += 1
    print(f"stat::number_of_executed_units: {count}\ncov: {len(seen)} ft: {len(texts)}")


def main() -> None:
    options = dict(re.fullmatch(r"-(\w+)=(.*)", argument).groups() for argument in sys.argv[1:]  # type: ignore[union-attr]
                   if argument.startswith("-"))
    files = [os.path.abspath(argument) for argument in sys.argv[1:] if os.path.isfile(argument)]
    signal.signal(signal.SIGALRM, on_alarm)
    for file in files:
        judge(file)
    if not files:
        with tempfile.TemporaryDirectory() as directory:
            os.chdir(directory)
            run(options)


main()
