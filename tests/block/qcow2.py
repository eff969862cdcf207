#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""qcow2 images: those of qemu-img read as they should, and ours are clean for qemu-img."""

import filecmp
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import Iterator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, LONG, SANITIZED, Machine, Skip, equal, main, matches, run, sampled, test, write_file  # noqa: E402

DRIVE = os.path.join(BUILD, "tests", "block", "drive-node")
STAMP = os.path.join(BUILD, "tests", "bench", "bench-block")
REQUESTS = 300 if SANITIZED else 600
KILLS = 500 if LONG else 5 if SANITIZED else 24
DEADLINE = 120.0
# Images as qemu-img creates them.
LAYOUTS = [f"cluster_size={512 << i}" for i in range(13)] + [
    *(f"refcount_bits={1 << i},cluster_size={4096 if i % 2 else 512}" for i in range(7)),
    "compat=0.10", "compat=0.10,cluster_size=512", "lazy_refcounts=on", "lazy_refcounts=on,cluster_size=4096",
    "extended_l2=on,cluster_size=16384", "extended_l2=on", "extended_l2=on,cluster_size=2M",
    "data_file=data", "data_file=data,data_file_raw=on", "data_file=data,extended_l2=on", "preallocation=metadata",
    "compression_type=zstd"]
# Members of our node: small caches, and the ways to discard.
MEMBERS: list[dict[str, object]] = [
    {}, {"l2-cache-size": 1024, "l2-cache-entry-size": 512, "refcount-cache-size": 0},
    {"discard-no-unref": True, "detect-zeroes": "unmap"}, {"pass-discard-request": False}]


def images(*argv: str, status: int = 0) -> str:
    if not shutil.which("qemu-img"):
        raise Skip("there is no qemu-img")
    done = subprocess.run(["qemu-img", *argv], capture_output=True, text=True, check=False)
    equal(done.returncode, status, f"{argv}: {done.stdout}{done.stderr}")
    return done.stdout


def qemu_io(path: str, *commands: str) -> None:
    if not shutil.which("qemu-io"):
        raise Skip("there is no qemu-io")
    options = [word for command in commands for word in ("-c", command)]
    done = subprocess.run(["qemu-io", "-f", "qcow2", *options, path], capture_output=True, text=True, check=False)
    equal((done.returncode, done.stderr), (0, ""), done.stdout)


@contextmanager
def directory() -> Iterator[str]:
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as path:
        os.chdir(path)
        try:
            yield path
        finally:
            os.chdir(before)


def node(path: str, **members: object) -> str:
    return json.dumps({"driver": "qcow2", "node-name": "node", "discard": "unmap", **members,
                       "file": {"driver": "file", "filename": path, "discard": "unmap"}})


def drive(text: str, *mode: str) -> str:
    done = subprocess.run([DRIVE, text, *mode], capture_output=True, text=True, check=False, timeout=DEADLINE)
    equal((done.returncode, done.stderr), (0, ""), f"{mode}: {done.stdout}")
    return done.stdout


def clean(path: str) -> None:
    """There is neither an error nor a leak."""
    images("check", "-q", "-f", "qcow2", path)


def same(path: str, **members: object) -> None:
    """We read what qemu-img reads."""
    images("convert", "-O", "raw", path, "expected")
    drive(node(path, **{"read-only": True, **members}), "dump", "got")
    equal(filecmp.cmp("expected", "got", shallow=False), True, path)


def fill(path: str, chance: random.Random, size: int) -> None:
    commands = []
    for _ in range(12):
        at = chance.randrange(size // 512) * 512
        length = min(chance.choice([512, 4096, 65536, 300 << 10]), size - at)
        kind = chance.choice(["write -P 165", "write -P 90", "write -z", "write -z -u", "discard"])
        commands.append(f"{kind} {at} {length}")
    qemu_io(path, *commands)


# ---- reading -----------------------------------------------------------------------------------------------


@test
def images_of_qemu_are_read() -> None:
    chance = random.Random(1)
    with directory():
        for layout in sampled(LAYOUTS, 5):
            images("create", "-q", "-f", "qcow2", "-o", layout, "a.qcow2", "9M")
            fill("a.qcow2", chance, 9 << 20)
            for members in MEMBERS[:2]:
                same("a.qcow2", **members)


Runs = list[tuple[int, int, str, int]]


def add_run(runs: Runs, start: int, size: int, kind: str, depth: int) -> None:
    """Joins a run with the one before, if they are alike."""
    if runs and runs[-1][2:] == (kind, depth):
        start, size = runs[-1][0], runs.pop()[1] + size
    runs.append((start, size, kind, depth))


def same_map(path: str, size: int, **members: object) -> None:
    """We find the runs that qemu-img finds."""
    got: Runs = []
    expected: Runs = []
    for line in drive(node(path, **{"read-only": True, **members}), "map", "0", str(size)).splitlines():
        start, length, kind, depth = line.split()
        add_run(got, int(start), int(length), kind, int(depth))
    for run_ in json.loads(images("map", "-f", "qcow2", "--output=json", path)):
        depth = run_["depth"] + 1 if run_["present"] else 0
        add_run(expected, run_["start"], run_["length"], "data" if run_["data"] else "zero", depth)
    equal(got, expected, path)


@test
def runs_are_those_of_qemu() -> None:
    chance = random.Random(5)
    with directory():
        for layout in sampled(LAYOUTS, 5):
            images("create", "-q", "-f", "qcow2", "-o", layout, "a.qcow2", "9M")
            fill("a.qcow2", chance, 9 << 20)
            for members in MEMBERS[:2]:
                same_map("a.qcow2", 9 << 20, **members)
        images("create", "-q", "-f", "qcow2", "base.qcow2", "9M")
        fill("base.qcow2", chance, 9 << 20)
        images("create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", "top.qcow2", "9M")
        qemu_io("top.qcow2", "write -P 2 1088k 64k", "write -z 3M 64k")
        for members in MEMBERS[:2]:
            same_map("top.qcow2", 9 << 20, **members)


@test
def compressed_clusters_are_read() -> None:
    chance = random.Random(2)
    with directory():
        with open("text", "wb") as file:
            for _ in range(3000):
                file.write(chance.choice([b"a" * 1000, bytes(700), chance.randbytes(900)]))
        os.truncate("text", 3 << 20)
        for layout in sampled(["cluster_size=512", "cluster_size=65536", "cluster_size=2M", "compression_type=zstd",
                               "extended_l2=on,cluster_size=32k"], 2):
            images("convert", "-c", "-O", "qcow2", "-o", layout, "text", "a.qcow2")
            same("a.qcow2")
            matches(drive(node("a.qcow2"), "model", "3", str(REQUESTS)), "equal")
            clean("a.qcow2")
            same("a.qcow2")


@test
def a_chain_is_opened_by_the_header() -> None:
    with directory() as path:
        os.mkdir("below")
        with open("below/base.raw", "wb") as file:
            file.write(b"base" * (1 << 20))
        images("create", "-q", "-f", "qcow2", "-b", "base.raw", "-F", "raw", "below/middle.qcow2", "6M")
        qemu_io("below/middle.qcow2", "write -P 1 1M 64k")
        images("create", "-q", "-f", "qcow2", "-b", "below/middle.qcow2", "-F", "qcow2", "top.qcow2", "8M")
        qemu_io("top.qcow2", "write -P 2 1088k 64k", "write -z 3M 64k")
        same("top.qcow2")
        # Without the backing node, the rest is zeroes.
        drive(node("top.qcow2", backing=None, **{"read-only": True}), "dump", "alone")
        with open("alone", "rb") as file:
            data = file.read()
        equal((len(data), data.count(2), data.count(0)), (8 << 20, 64 << 10, (8 << 20) - (64 << 10)))
        # A backing node of the user takes its place.
        other = {"driver": "null-co", "size": 8 << 20, "read-zeroes": True, "read-only": True}
        drive(node("top.qcow2", backing=other, **{"read-only": True}), "dump", "got")
        equal(filecmp.cmp("alone", "got", shallow=False), True)
        matches(drive(node("top.qcow2"), "model", "5", str(REQUESTS)), "equal")
        clean("top.qcow2")
        same("top.qcow2")
        with Machine("-blockdev", node(os.path.join(path, "top.qcow2"))) as machine:
            assert machine.qmp
            rows = {row["node-name"]: row for row in machine.qmp.negotiate().call("query-named-block-nodes")}
            equal([rows["node"][key] for key in ("backing_file_depth", "backing_file")],
                  [2, os.path.join(path, "below/middle.qcow2")])
            image = rows["node"]["image"]
            equal([image[key] for key in ("format", "virtual-size", "cluster-size", "backing-filename",
                                          "backing-filename-format", "full-backing-filename")],
                  ["qcow2", 8 << 20, 65536, "below/middle.qcow2", "qcow2", os.path.join(path, "below/middle.qcow2")])
            equal(image["format-specific"],
                  {"type": "qcow2", "data": {"compat": "1.1", "compression-type": "zlib", "lazy-refcounts": False,
                                             "refcount-bits": 16, "corrupt": False, "extended-l2": False}})
            equal(image["backing-image"]["backing-image"]["format"], "raw")
            equal([child["child"] for child in rows["node"]["children"]], ["file", "backing"])


# ---- writing -----------------------------------------------------------------------------------------------


@test
def requests_that_meet_leave_what_a_model_has() -> None:
    with directory():
        for number, layout in enumerate(sampled(LAYOUTS, 4)):
            images("create", "-q", "-f", "qcow2", "-o", layout, "a.qcow2", "9M")
            for seed, members in enumerate(MEMBERS):
                if SANITIZED and (seed + number) % 2:
                    continue
                matches(drive(node("a.qcow2", **members), "model", str(seed), str(REQUESTS)), "equal")
                clean("a.qcow2")
            same("a.qcow2")


@test
def snapshots_stay_as_they_were() -> None:
    with directory():
        for layout in sampled(["cluster_size=512", "cluster_size=65536", "extended_l2=on", "compat=0.10",
                               "refcount_bits=4"], 2):
            images("create", "-q", "-f", "qcow2", "-o", layout, "a.qcow2", "9M")
            drive(node("a.qcow2"), "model", "1", str(REQUESTS))
            images("convert", "-O", "raw", "a.qcow2", "first")
            images("snapshot", "-c", "first", "a.qcow2")
            drive(node("a.qcow2"), "model", "2", str(REQUESTS))
            clean("a.qcow2")
            images("snapshot", "-c", "second", "a.qcow2")
            images("convert", "-O", "raw", "a.qcow2", "second")
            matches(drive(node("a.qcow2", **MEMBERS[1]), "model", "3", str(REQUESTS)), "equal")
            clean("a.qcow2")
            same("a.qcow2")
            for name in ("first", "second"):
                images("convert", "-l", name, "-O", "raw", "a.qcow2", "got")
                equal(filecmp.cmp(name, "got", shallow=False), True, name)
            images("snapshot", "-a", "first", "a.qcow2")
            same("a.qcow2")


@test
def an_image_grows() -> None:
    with directory():
        for layout in ("cluster_size=512,refcount_bits=64", "cluster_size=65536", "compat=0.10"):
            images("create", "-q", "-f", "qcow2", "-o", layout, "a.qcow2", "1M")
            drive(node("a.qcow2"), "model", "1", str(REQUESTS))
            drive(node("a.qcow2"), "resize", str(40 << 20))
            clean("a.qcow2")
            equal(json.loads(images("info", "--output=json", "a.qcow2"))["virtual-size"], 40 << 20)
            matches(drive(node("a.qcow2"), "model", "2", str(REQUESTS)), "equal")
            clean("a.qcow2")
            same("a.qcow2")
        # The data of a longer backing file does not appear.
        with open("base", "wb") as file:
            file.write(b"x" * (4 << 20))
        images("create", "-q", "-f", "qcow2", "-b", "base", "-F", "raw", "b.qcow2", "1M")
        drive(node("b.qcow2"), "resize", str(3 << 20))
        drive(node("b.qcow2"), "dump", "got")
        with open("got", "rb") as file:
            data = file.read()
        equal((len(data), data.count(b"x")), (3 << 20, 1 << 20))
        clean("b.qcow2")


@test
def what_others_store_in_an_image_is_given_up_when_it_is_written() -> None:
    """Dirty bitmaps become inconsistent; the image stays clean."""
    with directory():
        images("create", "-q", "-f", "qcow2", "a.qcow2", "4M")
        images("bitmap", "--add", "a.qcow2", "b")
        drive(node("a.qcow2", **{"read-only": True}), "dump", "got")
        with open("a.qcow2", "rb") as file:
            equal(file.read()[88:96], struct.pack(">Q", 1))
        drive(node("a.qcow2"), "fill", "0", "65536")
        with open("a.qcow2", "rb") as file:
            equal(file.read()[88:96], struct.pack(">Q", 0))
        images("check", "-q", "a.qcow2", status=3)


# ---- crashes -----------------------------------------------------------------------------------------------


def kill(text: str, seed: int, moment: float) -> int:
    """Kills a process that stamps blocks. Returns the last stamp that it reported as flushed."""
    with subprocess.Popen([STAMP, text, "stamp", str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        first = process.stdout.readline()
        time.sleep(moment)
        process.kill()
        rest, errors = process.communicate()
        equal((process.returncode, errors), (-9, b""))
    return int((first + rest).split(b"\n")[:-1][-1])


@test
def a_crash_leaves_no_more_than_leaks() -> None:
    chance = random.Random(4)
    layouts = ["cluster_size=65536", "cluster_size=512", "cluster_size=4096,refcount_bits=64",
               "lazy_refcounts=on,cluster_size=4096", "extended_l2=on,cluster_size=16k", "data_file=data", "snapshot"]
    leaks = stamps = 0
    with directory():
        for number in range(KILLS):
            layout = layouts[number % len(layouts)]
            options = "cluster_size=8192" if layout == "snapshot" else layout
            images("create", "-q", "-f", "qcow2", "-o", options, "a.qcow2", "8M")
            text = node("a.qcow2", **(MEMBERS[1] if number % 2 and "512" not in layout else {}))
            if layout == "snapshot":
                qemu_io("a.qcow2", "write -P 0 0 8M")
                images("snapshot", "-c", "s", "a.qcow2")
            stamp = kill(text, number, chance.random() * 0.2)
            stamps += stamp
            found = subprocess.run(["qemu-img", "check", "--output=json", "a.qcow2"], capture_output=True, text=True,
                                   check=False)
            row = json.loads(found.stdout)
            if not layout.startswith("lazy"):
                equal((found.returncode in (0, 3), row.get("corruptions", 0), row["check-errors"]), (True, 0, 0),
                      f"{layout}: {found.stdout}{found.stderr}")
                leaks += row.get("leaks", 0)
            done = run(STAMP, text, "check", str(number), str(stamp))
            equal((done.returncode, done.stderr), (0, ""), f"{layout}: {done.stdout}")
            if layout.startswith("lazy"):
                # The first write repairs the image.
                drive(text, "fill", "0", "512")
                clean("a.qcow2")
    print(f"# {KILLS} kills, {stamps} stamps flushed, {leaks} clusters leaked")


@test
def a_dirty_image_is_repaired_before_it_is_written() -> None:
    with directory():
        for seed in range(2 if SANITIZED else 4):
            images("create", "-q", "-f", "qcow2", "-o", "lazy_refcounts=on,cluster_size=4096", "a.qcow2", "8M")
            drive(node("a.qcow2"), "model", "1", str(REQUESTS))
            images("snapshot", "-c", "s", "a.qcow2")
            kill(node("a.qcow2"), seed, 0.05 * seed)
            drive(node("a.qcow2"), "fill", "4096", "512", "3")
            clean("a.qcow2")


# ---- errors ------------------------------------------------------------------------------------------------


@test
def what_is_wrong_is_said_in_one_line() -> None:
    patches: list[tuple[int, bytes, str]] = [
        (0, b"VMDK", "is no qcow2 image: it begins with '0x564d444b'"),
        (4, struct.pack(">I", 4), "version '4' of qcow2; expected 2 or 3"),
        (20, struct.pack(">I", 22), "clusters of 2\\^'22' bytes; expected 2\\^9 to 2\\^21"),
        (32, struct.pack(">I", 2), "is encrypted with 'luks'"),
        (36, struct.pack(">I", 0), "L1 table of the image has '0' entries"),
        (40, struct.pack(">Q", 1 << 40), "L1 table of the image is at '1099511627776'.* after the end"),
        (40, struct.pack(">Q", 513), "L1 table of the image is at '513'; expected a multiple"),
        (48, struct.pack(">Q", 1 << 50), "refcount table of the image is at"),
        (60, struct.pack(">I", 1 << 20), "'1048576' snapshots"),
        (72, struct.pack(">Q", 1 << 40), r"incompatible feature 'unknown' \(bit 40\)"),
        (72, struct.pack(">Q", 2), "is marked as corrupt"),
        (96, struct.pack(">I", 7), "refcount order of '7'"),
    ]
    with directory() as path:
        images("create", "-q", "-f", "qcow2", "good.qcow2", "4M")
        with open("good.qcow2", "rb") as file:
            good = file.read()
        bad = os.path.join(path, "bad.qcow2")
        for at, data, pattern in patches:
            write_file(path, "bad.qcow2", good[:at] + data + good[at + len(data):])
            done = run(os.path.join(BUILD, "vintage-backends"), "--platform-version", "9.0", "-blockdev", node(bad), "-qmp",
                       "stdio")
            equal(done.returncode, 1, pattern)
            matches(done.stderr, rf"\Avintage-backends: -blockdev [^\n]*file: the [^\n]*{pattern}[^\n]*\n\Z")
        images("create", "-q", "-f", "qcow2", "-u", "-b", "base", "-F", "raw", "named.qcow2", "4M")
        with open("named.qcow2", "rb") as file:
            write_file(path, "nameless.qcow2", file.read().replace(struct.pack(">I", 0xe2792aca), b"none"))
        done = run(DRIVE, node("nameless.qcow2"), "dump", "got")
        matches(done.stderr, "names the backing file 'base' without its format")


if __name__ == "__main__":
    main()
