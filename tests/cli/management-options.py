#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Options that management layers write besides devices and backends: clock, NUMA, SMBIOS, displays, sound, ports."""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import (  # noqa: E402
    VM, Machine, equal, main, matches, resolve, resolve_error, run, test, tool, tool_json, write_file)

PC = ["-machine", "pc-i440fx-9.1"]
OLD = ["-machine", "pc-i440fx-4.0", "-smp", "4", "-m", "256"]
NODES = ["-numa", "node,cpus=0-1,mem=128", "-numa", "node,cpus=2,cpus=3,mem=128M"]
NEW = [*PC, "-smp", "4", "-m", "16"]


def objects(*argv: str) -> dict:
    return resolve([*argv])["objects"]


def properties(key: str, *argv: str) -> dict:
    return objects(*argv)[key]["properties"]


def of_type(found: dict, kind: str) -> list[dict]:
    return [one["properties"] for one in found.values() if one["type"] == kind]


def error_at_start(*argv: str) -> str:
    done = run(VM, *argv, "--platform-version", "9.0")
    equal(done.returncode, 1, done.stderr)
    matches(done.stderr, r"\Avintage-vm: [^\n]+\n\Z")
    return done.stderr[len("vintage-vm: "):].rstrip("\n")


def frozen(*argv: str) -> dict:
    """The frozen configuration; freezing it again does not change it."""
    file = tool_json("freeze", "--", *argv)
    with tempfile.TemporaryDirectory() as directory:
        path = write_file(directory, "vm.json", json.dumps(file))
        equal(tool_json("freeze", path), file)
        equal(sorted(one["type"] for one in objects("-config", path).values()),
              sorted(one["type"] for one in objects(*argv).values()))
    return file


# ---- the clock --------------------------------------------------------------------------------------------


@test
def the_clock_is_a_property_of_the_machine_that_is_said_in_pieces() -> None:
    for argv, expected in (
            ([], ("utc", "host", "none")),
            (["-rtc", "base=utc"], ("utc", "host", "none")),
            (["-rtc", "base=localtime,driftfix=slew"], ("localtime", "host", "slew")),
            (["-rtc", "base=2020-02-29T23:59:59", "-rtc", "clock=vm", "-rtc", "base=2020-02-29"], ("2020-02-29", "vm", "none")),
            (["-machine", "real-time-clock.clock=rt"], ("utc", "rt", "none"))):
        clock = properties("/machine", *PC, *argv)["real-time-clock"]
        equal(clock, dict(zip(("base", "clock", "driftfix"), expected)), str(argv))
    for base in ("utcx", "2021-02-", "2020-1-1x", "2020-01-01T24:00:00:00", "2020-01-01T10:00", "now", ""):
        matches(resolve_error(*PC, "-rtc", f"base={base}"), "-rtc: base: expected utc, localtime or a date such as")
    matches(resolve_error(*PC, "-rtc", "clok=vm"), "-rtc: unknown member 'clok'; did you mean 'clock'")
    equal(frozen(*PC, "-rtc", "clock=rt")["machine"]["real-time-clock"]["clock"], "rt")


# ---- NUMA -------------------------------------------------------------------------------------------------


@test
def nodes_have_processors_and_memory() -> None:
    found = objects(*OLD, *NODES, "-numa", "dist,src=0,dst=1,val=20")
    equal(of_type(found, "node"), [{"cpus": [0, 1], "mem": 134217728}, {"cpus": [2, 3], "mem": 134217728}])
    equal(of_type(found, "dist"), [{"src": 0, "dst": 1, "val": 20}])
    equal([one["type"] for one in frozen(*OLD, *NODES)["numa"]], ["node", "node"])


@test
def what_is_said_of_nodes_fits_together_and_fits_the_machine() -> None:
    nodes = ["-numa", "node", "-numa", "node"]
    for argv, message in (
            (["-numa", "node,cpus=4"], "cpus: CPU 4 does not exist: the machine has 4"),
            (["-numa", "node,cpus=0-3", "-numa", "node,cpus=3"], "cpus: CPU 3 is already in node 0"),
            (["-numa", "node,cpus=3-1"], "'3-1' is not a range"),
            (["-numa", "node,cpus=0-70000"], "'0-70000' goes beyond 65535"),
            (["-numa", "node,nodeid=1", "-numa", "node,nodeid=1"], "nodeid: node 1 already exists"),
            (["-numa", "node,nodeid=1"], "nodeid: expected numbers without gaps, but there are 1 nodes and none is 0"),
            (["-numa", "node,nodeid=128"], "nodeid: 128 exceeds the maximum 127"),
            (["-numa", "node,mem=64", "-numa", "node,mem=64"],
             "the nodes have 134217728 bytes of memory; expected the memory size of the machine, 268435456"),
            (["-numa", "node,mem=64,memdev=m"], "memdev: no object 'm'"),
            (["-numa", "dist,src=0,dst=1,val=20"], "no NUMA node; expected one with type=node"),
            ([*nodes, "-numa", "dist,src=0,dst=2,val=20"], "dst: node 2 does not exist"),
            ([*nodes, "-numa", "dist,src=0,dst=0,val=20"], "val: expected 10 for the same node and more for other nodes, got 20"),
            ([*nodes, "-numa", "dist,src=0,dst=1,val=9"], "val: 9 is below the minimum 10"),
            ([*nodes, "-numa", "node", "-numa", "dist,src=0,dst=1,val=20"], "the distance of nodes 0 and 2 is not set"),
            ([*nodes, "-numa", "node", *[word for a, b, v in ((0, 1, 20), (1, 0, 30), (0, 2, 20), (1, 2, 20))
                                         for word in ("-numa", f"dist,src={a},dst={b},val={v}")]],
             "the distance from node 2 to 0 is not set, and distances differ by direction"),
            ([*nodes, "-numa", "cpu,node-id=0,socket-id=4"], "socket-id: 4 exceeds the topology, which has 4"),
            ([*nodes, "-numa", "cpu,node-id=3,socket-id=0"], "node-id: node 3 does not exist"),
            ([*nodes, "-numa", "hmat-cache,node-id=0,size=10K,level=1,associativity=direct,policy=write-back,line=8"],
             "the machine has no HMAT; it requires hmat=on of the machine"),
            (["-numa", "nod,cpus=0"], "type: unknown numa 'nod'; did you mean 'node'")):
        matches(resolve_error(*OLD, *argv), message)
    matches(resolve_error(*NEW, "-numa", "node,mem=16"),
            "mem: not supported by machine 'pc-i440fx-9.1'; use memdev")


@test
def latencies_and_bandwidths_need_a_table_and_the_right_figure() -> None:
    memory = ["-object", "memory-backend-ram,id=m,size=16M"]
    argv = [*NEW, *memory, "-machine", "hmat=on", "-numa", "node,initiator=0,memdev=m,cpus=0-3"]
    figure = "hmat-lb,initiator=0,target=0,hierarchy=memory,data-type="
    found = objects(*argv, "-numa", figure + "read-latency,latency=5", "-numa", figure + "access-bandwidth,bandwidth=200M")
    equal([one.get("bandwidth") for one in of_type(found, "hmat-lb")], [None, 200 << 20])
    matches(resolve_error(*argv, "-numa", figure + "read-latency,bandwidth=5"), "data-type: requires latency")
    matches(resolve_error(*argv, "-numa", figure + "write-bandwidth"), "data-type: requires bandwidth")
    matches(resolve_error(*NEW, "-numa", "node,initiator=0"), "initiator: requires hmat=on of the machine")


@test
def a_node_claims_the_backend_that_is_its_memory() -> None:
    backends = ["-object", "memory-backend-ram,id=a,size=8M", "-object", "memory-backend-ram,id=b,size=8M"]
    argv = [*NEW, *backends, "-numa", "node,memdev=a,cpus=0-1", "-numa", "node,memdev=b,cpus=2-3"]
    with Machine(*argv, "-machine", "mem-merge=off,dump-guest-core=off") as machine:
        qmp = machine.qmp.negotiate()
        equal({row["id"]: (row["merge"], row["dump"]) for row in qmp.call("query-memdev")},
              {"a": (False, False), "b": (False, False)})
        qmp.fails("object-del", {"id": "a"}, "GenericError", "in use|used by")
    for more, message in (
            (["-numa", "node,memdev=a", "-numa", "node,memdev=a"], "'a'.* (in use|used) "),
            (["-numa", "node,memdev=a", "-numa", "node"], "the nodes have 8388608 bytes of memory"),
            (["-numa", "node,memdev=a"],
             "the nodes have 8388608 bytes of memory; expected the memory size of the machine, 16777216"),
            (["-object", "memory-backend-ram,id=c,size=16M", "-machine", "memory-backend=c", "-numa", "node,memdev=a",
              "-numa", "node,memdev=b"], "memdev and the machine's memory-backend 'c' are mutually exclusive")):
        matches(resolve_error(*NEW, *backends, *more), message)


# ---- SMBIOS -----------------------------------------------------------------------------------------------


@test
def smbios_structures_have_the_fields_of_their_type() -> None:
    argv = [*PC, "-smbios", "type=0,vendor=L,version=6F (3.12 ),release=1.2", "-smbios", "type=11,value=a,value=b",
            "-smbios", "type=1,uuid=C7A5FDBD-edaf-9455-926a-d65c16db1809", "-smbios", "file=/no/such"]
    found = objects(*argv)
    equal(of_type(found, "0"), [{"vendor": "L", "version": "6F (3.12 )", "release": "1.2", "uefi": False}])
    equal(of_type(found, "11"), [{"value": ["a", "b"]}])
    equal(of_type(found, "1"), [{"uuid": "c7a5fdbd-edaf-9455-926a-d65c16db1809"}])
    equal(of_type(found, "file"), [{"file": "/no/such"}])
    equal(len(frozen(*argv)["smbios"]), 4)
    for value, message in (("type=0,release=1", "release: expected MAJOR.MINOR, got '1'"),
                           ("type=0,release=1.256", "release: '1.256': minor: 256 exceeds the maximum 255"),
                           ("type=0,release=+1. 2", r"got '\+1\. 2'"), ("type=5", "type: unknown smbios '5'"),
                           ("type=2,sku=x", "unknown member 'sku'"), ("", "missing member 'file'"),
                           ("type=1,uuid=x", "uuid: expected a UUID")):
        matches(resolve_error(*PC, "-smbios", value), message)
    matches(error_at_start(*PC, "-smbios", "file=/no/such"),
            "-smbios file=/no/such: file: could not load '/no/such': No such file or directory")


# ---- displays and sound -----------------------------------------------------------------------------------


@test
def displays_can_be_configured_and_only_none_is_started() -> None:
    with Machine(*PC, "-display", "none", "-vnc", "none", "-k", "de") as machine:
        equal(machine.qmp.negotiate().call("query-status")["status"], "prelaunch")
    equal(properties("display[0]", *PC, "-display", "none", "-display", "sdl,gl=es,grab-mod=rctrl"),
          {"full-screen": False, "window-close": True, "show-cursor": False, "gl": "es", "grab-mod": "rctrl"})
    equal(frozen(*PC, "-display", "gtk", "-k", "de", "-spice", "unix,addr=/s")["display"]["type"], "gtk")
    for argv, message in (
            (["-display", "gtk"], "-display: class 'display-gtk' .* can be configured and resolved, but not started"),
            (["-vnc", "127.0.0.1:0"], "-vnc 127.0.0.1:0: vnc: '127.0.0.1:0' is not supported at startup"),
            (["-spice", "port=5900"], "-spice: not supported at startup: this program has no SPICE server"),
            (["-audiodev", "pa,id=a"], "-audiodev pa,id=a: class 'audiodev-pa' .* not started")):
        matches(error_at_start(*PC, *argv), message)


@test
def where_a_server_listens_is_checked() -> None:
    for address in ("none", "127.0.0.1:0", ":1", "host:59635", "[::]:59630", "vnc=unix:/tmp/a=b.sock", "[::1]:2,websocket=5700"):
        objects(*PC, "-vnc", address)
    for address, message in (
            ("127.0.0.1", r"vnc: expected none, unix:PATH or \[HOST\]:DISPLAY, got '127.0.0.1'"),
            ("a:b:1", "vnc: 'a:b:1': display: expected an integer, got 'b:1'"),
            (":59636", "display: 59636 exceeds the maximum 59635"), ("unix:", "vnc: expected unix:PATH, got 'unix:'"),
            ("x:", r"vnc: expected none, unix:PATH or \[HOST\]:DISPLAY"), (":-1", "display: -1 is below the minimum 0")):
        matches(resolve_error(*PC, "-vnc", address), message)
    equal(properties("vnc[0]", *PC, "-vnc", ":1,lossy,share=ignore,to=9")["lossy"], True)
    found = properties("spice[0]", *PC, "-spice", "unix,addr=/s,disable-ticketing=on,tls-channel=main,tls-channel=inputs")
    equal((found["unix"], found["disable-ticketing"], found["tls-channel"]), (True, True, ["main", "inputs"]))
    matches(resolve_error(*PC, "-spice", "unix"), "unix: 'on' requires the path of the socket in 'addr'")
    matches(resolve_error(*PC, "-spice", "addr=127.0.0.1"), "expected a port")
    matches(resolve_error(*PC, "-spice", "port=1,password=x,password-secret=s"), "no object 's'")
    matches(tool("freeze", "--", *PC, "-spice", "port=1,password=x").stderr, "'password' is sensitive")


@test
def sound_goes_by_a_reference() -> None:
    card = ["-device", "intel-hda", "-device", "hda-duplex,audiodev=a"]
    audio = '{"id": "a", "driver": "none", "out": {"frequency": 48000}}'
    argv = [*PC, *card, "-audiodev", audio, "-vnc", "none,audiodev=a"]
    equal(properties("a", *argv)["out"], {"mixing-engine": True, "frequency": 48000})
    equal(frozen(*argv)["audiodev"][0]["driver"], "none")
    matches(resolve_error(*PC, *card), "audiodev: no audiodev 'a'")
    matches(resolve_error(*PC, "-audiodev", "none,id=a", "-audiodev", "none,id=a"), "audiodev 'a' already exists")
    matches(resolve_error(*PC, "-audiodev", "noen,id=a"), "driver: unknown audiodev 'noen'; did you mean 'none'")
    with Machine(*PC, "-audiodev", "none,id=a") as machine:
        assert {"name": "a", "type": "child<audiodev-none>"} in machine.qmp.negotiate().call("qom-list", path="/backend/audiodev")


@test
def shared_directories_are_referred_to() -> None:
    share = "local,id=f,path=/srv,security_model=mapped-xattr,throttling.bps-total=100"
    device = ["-device", "virtio-9p-pci,fsdev=f,mount_tag=t"]
    equal(properties("f", *PC, "-fsdev", share, *device)["throttling"]["bps-total"], 100)
    matches(resolve_error(*PC, *device), "fsdev: no fsdev 'f'")
    matches(resolve_error(*PC, "-fsdev", "local,id=f,path=/srv"), "missing member 'security_model'")
    matches(error_at_start(*PC, "-fsdev", share), "class 'fsdev-local' .* not started")


# ---- ports ------------------------------------------------------------------------------------------------


@test
def a_port_is_connected_by_one_text() -> None:
    for text, backend, members in (
            ("null", "null", {}), ("pty", "pty", {}), ("stdio", "stdio", {}),
            ("file:/tmp/a,b", "file", {"out": "/tmp/a,b"}), ("pipe:/tmp/p", "pipe", {"device": "/tmp/p"}),
            ("/dev/ttyS0", "serial", {"device": "/dev/ttyS0"}),
            ("unix:/s,server=on,wait=off", "socket", {"addr": {"type": "unix", "data": {"path": "/s"}}, "server": True}),
            ("tcp:127.0.0.1:99,server=on", "socket",
             {"addr": {"type": "inet", "data": {"host": "127.0.0.1", "port": "99"}}, "server": True}),
            ("telnet:[::1]:99,server=on", "socket", {"telnet": True})):
        found = objects(*PC, "-serial", text)
        equal(found["serial0"]["type"], backend, text)
        for name, value in members.items():
            got = found["serial0"]["properties"][name]
            if isinstance(value, dict):
                assert got["type"] == value["type"] and value["data"].items() <= got["data"].items(), (text, got)
            else:
                equal(got, value, text)
        equal(found["serial[0]"], {"type": "port", "kind": "serial", "properties": {"index": 0, "chardev": "serial0"}})
    found = objects(*PC, "-chardev", "null,id=c", "-serial", "none", "-serial", "chardev:c", "-parallel", "null",
                    "-monitor", "none")
    equal(found["serial[0]"]["properties"], {"index": 1, "chardev": "c"})
    equal(found["parallel[0]"]["properties"], {"index": 0, "chardev": "parallel0"})
    file = frozen(*PC, "-serial", "none", "-serial", "null")
    equal((file["serial"][0]["index"], file["serial"][0]["chardev"]), (1, "serial1"))


@test
def a_port_that_cannot_be_is_refused() -> None:
    for text, expected in (
            ("foo", "none, chardev:…, mon:…, null, .* or /dev/…"), ("file:", "file:PATH"), ("chardev:", "chardev:CHARDEV"),
            ("tcp:1", r"tcp:\[HOST\]:PORT\[,KEY=VALUE…\]"), ("vc:80", "vc:COLSCxROWSC or vc:WIDTHxHEIGHT"),
            ("unix:", r"unix:KEY=VALUE\[,…\] or unix:PATH\[,KEY=VALUE…\]"), ("null,foo", "none, .*"),
            ("udp:x", r"udp:\[HOST\]:PORT@\[LOCALADDR\]:LOCALPORT or udp:\[HOST\]:PORT")):
        matches(resolve_error(*PC, "-serial", text), f"^-serial {text}: expected {expected}, got '{text}'$")
    matches(resolve_error(*PC, "-serial", "stdoi"), "got 'stdoi'; did you mean 'stdio'")
    matches(resolve_error(*PC, "-serial", "fiel:/x"), "got 'fiel:/x'; did you mean 'file'")
    matches(resolve_error(*PC, "-serial", "chardev:c"), "chardev: no chardev 'c'")
    matches(resolve_error(*PC, "-chardev", "null,id=c", "-serial", "chardev:c", "-serial", "chardev:c"), "'c'.* (in use|used) ")
    matches(error_at_start(*PC, "-serial", "null"), "class 'serial-port' .* can be configured and resolved, but not started")
    objects(*PC, "-serial", "mon:null")
    matches(error_at_start(*PC, "-serial", "mon:null"), "class 'serial-port' .* can be configured and resolved, but not started")


# ---- options of other parts -------------------------------------------------------------------------------


@test
def kvm_properties_of_the_machine_are_those_of_the_accelerator() -> None:
    for name in ("kernel_irqchip", "kernel-irqchip"):
        found = objects("-machine", f"q35,{name}=split", "-accel", "kvm")
        equal(next(one for one in found.values() if one["type"] == "kvm")["properties"]["kernel-irqchip"], "split")
    found = objects("-machine", '{"type": "q35", "kernel-irqchip": "off", "kvm-shadow-mem": 4096}',
                    "-accel", "kvm,kernel-irqchip=on")
    kvm = next(one for one in found.values() if one["type"] == "kvm")["properties"]
    equal((kvm["kernel-irqchip"], kvm["kvm-shadow-mem"]), ("on", 4096))
    matches(resolve_error("-machine", "q35,kernel-irqchip=foo", "-accel", "kvm"),
            "^-machine: kernel-irqchip: expected one of on, off, split, got 'foo'")


@test
def the_action_of_a_watchdog_can_be_chosen_and_changed() -> None:
    equal(frozen(*PC, "-watchdog-action", "pause")["action"]["watchdog"], "pause")
    matches(resolve_error(*PC, "-watchdog-action", "paus"), "-watchdog-action: watchdog: unknown value 'paus'; did you mean")
    with Machine(*PC, "-watchdog-action", "none") as machine:
        qmp = machine.qmp.negotiate()
        equal(qmp.call("watchdog-set-action", action="inject-nmi"), {})
        equal(qmp.call("set-action", watchdog="pause", panic="none"), {})
        qmp.fails("watchdog-set-action", {"action": "bark"}, "GenericError", "bark")
        options = {row["option"]: [one["name"] for one in row["parameters"]] for row in qmp.call("query-command-line-options")}
        equal(options["rtc"], ["base", "clock", "driftfix"])
        assert {"numa", "smbios", "vnc", "spice", "audiodev", "fsdev", "k", "serial", "watchdog-action"} <= options.keys()
        assert "enable" in options["sandbox"]


if __name__ == "__main__":
    main()
