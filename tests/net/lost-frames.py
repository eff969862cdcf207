#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lost frames are reported, and no frame circulates for ever: full files, and frames that cause replies."""

import os
import resource
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from hubs import MAC, hub, make_frames  # noqa: E402
from vintage_test import Machine, equal, main, matches, test  # noqa: E402

SIDEBAND = b"\xff" * 6 + bytes.fromhex("525400000001") + b"\x88\xf8"


def sideband(kind: int) -> bytes:
    """An NC-SI command or reply of 82 bytes."""
    head = bytes([0, 1, 0, 7, kind, 0, 0, 0]) + bytes(8)
    return (SIDEBAND + head).ljust(82, b"\0")


@test
def two_user_networks_do_not_answer_each_other_for_ever() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for kind in (0x15, 0x00, 0x50, 0x95, 0x80, 0xff):
            with hub(directory, f"a{kind}", {"type": "user"}, {"type": "user"}, {"type": "user"}) as (machine, cable):
                cable.send(sideband(kind))
                end = time.monotonic() + 0.5
                count = 0
                while time.monotonic() < end:
                    count += cable.next(0.1) is not None
                assert count <= 3, f"{count} answers to one frame of kind {kind:#x}"
                equal(machine.qmp.call("query-status")["status"], "prelaunch")


def records(path: str) -> int:
    """The number of complete frames in a recording."""
    with open(path, "rb") as file:
        data = file.read()
    at, count = 24, 0
    while at < len(data):
        assert at + 16 <= len(data), f"half a head at {at} of {len(data)}"
        kept = struct.unpack_from("<I", data, at + 8)[0]
        at += 16 + kept
        count += 1
    equal(at, len(data), "half a frame")
    return count


def limit(machine: Machine, size: int) -> None:
    resource.prlimit(machine.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def wait_for(machine: Machine, name: str) -> dict:
    qmp = machine.qmp
    assert qmp
    while True:
        message = qmp.events.pop(0) if qmp.events else qmp.receive()
        if message.get("event") == name:
            return message["data"]


@test
def a_recording_without_room_says_so_keeps_no_half_frame_and_goes_on() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "dump")
        more = ("-object", f"filter-dump,id=f,netdev=n0,file={path}")
        with hub(directory, "a", {"type": "user"}, more=more) as (machine, cable):
            def send(count: int) -> None:
                for frame in make_frames(count, 900):
                    cable.send(frame)

            send(10)
            while os.path.getsize(path) < 24 + 10 * 30 or records(path) < 10:
                time.sleep(0.01)
            room = os.path.getsize(path) + 100      # in the middle of a frame
            limit(machine, room)
            for _ in range(3):
                cable.send((MAC + b"x" * 500))
            failed = wait_for(machine, "FILE_WRITE_ERROR")
            equal((failed["qom-path"], failed["filename"]), ("/objects/f", path))
            matches(failed["reason"], "File too large")
            equal(records(path), 10)
            machine.qmp.call("query-status")
            equal([event for event in machine.qmp.events if event["event"] == "FILE_WRITE_ERROR"], [], "it is said once")
            limit(machine, resource.RLIM_INFINITY)
            cable.send(MAC + b"y" * 500)
            resumed = wait_for(machine, "FILE_WRITE_RESUMED")
            equal((resumed["qom-path"], resumed["filename"]), ("/objects/f", path))
            assert resumed["lost-bytes"] >= 500
            # The frames after the limit was lifted are recorded.
            assert records(path) == 14 - resumed["lost-bytes"] // 530, (records(path), resumed)
            machine.process.terminate()
            _, errors = machine.end()
            equal(errors.count("cannot be written"), 1, errors)
            equal(errors.count("can be written again"), 1, errors)


@test
def a_log_and_a_file_without_room_say_so_once() -> None:
    for argv in (["-chardev", "file,id=c,path=/dev/full", "-mon", "chardev=c,mode=control"],
                 ["-chardev", "null,id=c,logfile=/dev/full", "-mon", "chardev=c,mode=control"]):
        with Machine("-machine", "none", *argv) as machine:
            assert machine.qmp
            machine.qmp.negotiate().call("query-status")
            machine.process.terminate()
            _, errors = machine.end()
            matches(errors, r"\A[^\n]*'c'[^\n]*: '/dev/full': cannot be written: No space left on device\n\Z")


main()
