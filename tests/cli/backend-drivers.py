#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each block driver, network backend and character device, with all members of the introspection.

Each can be said, frozen and read back; one without behaviour is refused in one line when it is to be started.
"""

import functools
import json
import os
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import (BUILD, VM, Machine, equal, main, matches, resolve, resolve_error, run, sampled, test,  # noqa: E402
                          tool, tool_json, write_file)

NO_MODEL = "has no implementation yet: it can be configured and resolved, but not started"
COMMANDS = {"blockdev": "blockdev-add", "netdev": "netdev_add", "chardev": "chardev-add"}
IDS = {"blockdev": "node-name", "netdev": "id", "chardev": "id"}
# Targets of reference members.
OTHERS = [["-object", f"secret,id=secret,file={os.path.abspath(__file__)}"], ["-object", "throttle-group,id=group"],
          ["-chardev", "null,id=line"], ["-object", "tls-creds-anon,id=creds,endpoint=client"],
          ["-blockdev", "null-co,node-name=below"], ["-object", "pr-manager-helper,id=helper,path=/x"]]
# Values that the type does not determine.
VALUES: dict[str, Any] = {
    "fat-type": 12, "l2-cache-entry-size": 512, "chardev": "line", "key-secret": "secret", "password-secret": "secret",
    "proxy-password-secret": "secret", "cookie-secret": "secret", "throttle-group": "group", "node": "below",
    "bottom": "below", "tls-creds": "creds", "pr-manager": "helper", "out": os.devnull, "type": "vdagent"}
# Never frozen.
LEFT_OUT = {"cookie"}


class Backends(Machine):
    program = os.path.join(BUILD, "vintage-backends")


@functools.cache
def schema() -> dict[str, dict[str, Any]]:
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        return {entity["name"]: entity for entity in machine.qmp.negotiate().call("query-qmp-schema")}


def value(name: str, full: bool, level: int = 0) -> Any:
    """A value of the type; with @full, it has all members."""
    entity = schema()[name]
    kind = entity["meta-type"]
    if kind == "alternate":
        members = [schema()[member["type"]] for member in entity["members"]]
        names = [member for member in members if member["meta-type"] == "builtin" and member["json-type"] == "string"]
        return "below" if names and any("tag" in member for member in members) else value(members[0]["name"], full, level)
    if kind == "array":
        return [value(entity["element-type"], full, level)]
    if kind == "enum":
        return entity["values"][0]
    if kind == "object":
        return members_of(entity, None, full, level)
    return {"string": "x", "int": 1, "boolean": True, "number": 1.0}[entity["json-type"]]


def members_of(entity: dict[str, Any], case: str | None, full: bool, level: int) -> dict[str, Any]:
    """@level limits recursion."""
    result: dict[str, Any] = {}
    listed = list(entity["members"])
    if "tag" in entity:
        case = case or entity["variants"][0]["case"]
        result[entity["tag"]] = case
        branch = next(each["type"] for each in entity["variants"] if each["case"] == case)
        listed += schema()[branch]["members"]
    for member in listed:
        name = member["name"]
        optional = "default" in member
        if name in result or (optional and (not full or name in LEFT_OUT or level > 3)):
            continue
        builtin = schema()[member["type"]]["meta-type"] == "builtin"
        result[name] = VALUES[name] if builtin and name in VALUES else value(member["type"], full, level + 1)
    return result


def creation(kind: str) -> dict[str, Any]:
    entity = schema()[schema()[COMMANDS[kind]]["arg-type"]]
    if kind == "chardev":
        entity = schema()[next(member["type"] for member in entity["members"] if member["name"] == "backend")]
    return entity


def drivers(kind: str) -> list[str]:
    return [variant["case"] for variant in creation(kind)["variants"]]


def config(kind: str, driver: str, full: bool) -> dict[str, Any]:
    """A definition with id 'x'."""
    members = members_of(creation(kind), driver, full, 0)
    if kind == "chardev":
        return {"id": "x", "backend": members}
    return members | {IDS[kind]: "x"}


def options(kind: str, driver: str, full: bool) -> list[str]:
    words = [word for other in OTHERS for word in other]
    return ["-machine", "none", *words, f"-{kind}", json.dumps(config(kind, driver, full))]


@functools.cache
def without_model(kind: str) -> list[str]:
    """Starts the program to find classes without an implementation."""
    found = []
    with Machine("-machine", "none", *[word for other in OTHERS if "pr-manager" not in other[1] for word in other]) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        for driver in drivers(kind):
            answer = qmp.raw(json.dumps({"execute": COMMANDS[kind], "arguments": config(kind, driver, False)}) + "\n")
            if NO_MODEL in answer.get("error", {}).get("desc", ""):
                found.append(driver)
            elif "return" in answer:
                delete = {"blockdev": "blockdev-del", "netdev": "netdev_del", "chardev": "chardev-remove"}[kind]
                qmp.call_with(delete, {IDS[kind]: "x"})
    return found


@test
def there_are_as_many_as_there_are() -> None:
    counts = {kind: len(without_model(kind)) for kind in COMMANDS}
    assert counts["blockdev"] >= 40 and counts["netdev"] >= 9 and counts["chardev"] >= 11, counts


@test
def each_can_be_said_with_all_its_members_and_frozen() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for kind in COMMANDS:
            for driver in sampled(without_model(kind), 9, 2):
                line = options(kind, driver, True)
                done = tool("freeze", "--", *line)
                equal((done.returncode, done.stderr), (0, ""), f"{kind} {driver}: {line[-1]}")
                again = tool("freeze", "--", write_file(directory, "frozen.json", done.stdout))
                equal((again.returncode, again.stdout), (0, done.stdout), f"{kind} {driver}: {again.stderr}")


@test
def each_can_be_said_with_what_is_mandatory_alone() -> None:
    for kind in COMMANDS:
        for driver in sampled(without_model(kind), 9, 2):
            done = tool("check", "--", *options(kind, driver, False))
            equal((done.returncode, done.stderr), (0, ""), f"{kind} {driver}")


@test
def each_is_refused_in_one_line_when_it_is_to_be_started() -> None:
    others = [word for other in OTHERS if "pr-manager" not in other[1] for word in other]
    for kind in COMMANDS:
        for driver in sampled(without_model(kind), 9, 2):
            text = json.dumps(config(kind, driver, False))
            for program, machine in ((VM, ["-machine", "none"]), (Backends.program, [])):
                done = run(program, "--platform-version", "9.0", *machine, *others, f"-{kind}", text)
                equal(done.returncode, 1, f"{kind} {driver}")
                matches(done.stderr, rf"\A{os.path.basename(program)}: -{kind} [^\n]*{NO_MODEL}\n\Z")


@test
def a_refusal_over_qmp_leaves_nothing_behind() -> None:
    for program, machine in ((Machine, ["-machine", "none"]), (Backends, [])):
        with program(*machine, "-blockdev", "null-co,node-name=below") as running:
            assert running.qmp
            qmp = running.qmp.negotiate()
            before = qmp.call("query-named-block-nodes")
            qmp.fails("blockdev-add", {"driver": "qed", "node-name": "q", "file": {"driver": "null-co", "node-name": "f"},
                                       "backing": "below"}, pattern=NO_MODEL)
            equal(qmp.call("query-named-block-nodes"), before)
            qmp.fails("netdev_add", {"type": "vde", "id": "n"}, pattern=NO_MODEL)
            qmp.fails("chardev-add", {"id": "c", "backend": {"type": "spicevmc", "data": {"type": "vdagent"}}}, pattern=NO_MODEL)
            equal([row["label"] for row in qmp.call("query-chardev") if row["label"] == "c"], [])
            qmp.call("blockdev-del", node_name="below")


@test
def a_file_that_is_wrong_is_told_where() -> None:
    below = ["-blockdev", "null-co,node-name=below"]
    for text, error in (
            ("qcow2,node-name=x,file=belaw", r"-blockdev qcow2[^:]*: file: no block-node 'belaw'; did you mean 'below'\?"),
            ("qcow2,node-name=x", "missing member 'file'"),
            ("qcow2,node-name=x,file=below,backing=gone", "backing: no block-node 'gone'"),
            ("qcow2,node-name=x,file=below,overlap-check=some", "expected one of none, constant, cached, all, got 'some'"),
            ("qcow2,node-name=x,file=below,overlap-check.main-haeder=on", "did you mean 'main-header'"),
            ("qcow2,node-name=x,file=below,encrypt.format=luks,encrypt.key-secret=s", "encrypt.key-secret: no object 's'"),
            ("quorum,node-name=x,vote-threshold=2,children.0=below,children.1=gone", r"children\[1\]: no block-node 'gone'"),
            ("nbd,node-name=x,server.type=inet,server.host=h", "missing member 'port'"),
            ("copy-before-write,node-name=x,file=below,target.driver=null-co,bitmap.node=gone,bitmap.name=b",
             "bitmap.node: no block-node 'gone'"),
            ("nvme,node-name=x,device=0000:01:00.0,namespace=0", "namespace: 0 ")):
        matches(resolve_error("-machine", "none", *below, "-blockdev", text), error)


@test
def null_is_not_nothing() -> None:
    """An explicit null for the backing node differs from an absent member."""
    for text, told in (('"backing": null,', [None]), ("", []), ('"backing": "below",', ["below"])):
        line = ["-machine", "none", "-blockdev", "null-co,node-name=below", "-blockdev",
                f'{{"driver": "qcow2", {text} "node-name": "x", "file": {{"driver": "null-co"}}}}']
        properties = resolve(line)["objects"]["x"]["properties"]
        equal([properties[key] for key in properties if key == "backing"], told)
        frozen = next(node for node in tool_json("freeze", "--", *line)["blockdev"] if node["node-name"] == "x")
        equal([frozen[key] for key in frozen if key == "backing"], told)
    plain = tool("explain", "x.backing", "--", *line[:4], "-blockdev", "qcow2,node-name=x,file=below,backing=")
    matches(plain.stdout, r"backing +null +explicit")
    matches(tool("resolve", "--", *line[:4], "-blockdev", "qcow2,node-name=x,file=below,backing=").stdout, r"backing +null\n")


@test
def nodes_below_count_their_users() -> None:
    nodes = ["-blockdev", "null-aio,node-name=below", "-blockdev", "raw,node-name=r,file=below"]
    with Machine("-machine", "none", *nodes) as machine:
        assert machine.qmp
        qmp = machine.qmp.negotiate()
        qmp.fails("blockdev-del", {"node-name": "below"}, pattern="in use by block-node 'r'")
        equal([row["drv"] for row in qmp.call("query-named-block-nodes") if row["node-name"] == "below"], ["null-aio"])
    matches(resolve_error("-machine", "none", "-chardev", "null,id=c", "-netdev", "vhost-user,id=a,chardev=c", "-netdev",
                          "vhost-user,id=b,chardev=c"), "chardev 'c' is already in use by netdev 'a'")


@test
def character_devices_are_said_as_in_qemu() -> None:
    for text, driver, members in (
            ("parallel,id=x,path=/dev/parport0", "parallel", {"device": "/dev/parport0"}),
            ("spicevmc,id=x,name=vdagent", "spicevmc", {"type": "vdagent"}),
            ("spiceport,id=x,name=org.spice-space.webdav.0", "spiceport", {"fqdn": "org.spice-space.webdav.0"}),
            ("qemu-vdagent,id=x,clipboard=on,mouse=off", "qemu-vdagent", {"clipboard": True, "mouse": False}),
            ("vc,id=x,cols=80,rows=24", "vc", {"cols": 80, "rows": 24}),
            ("dbus,id=x,name=org.qemu.console.serial.0", "dbus", {"name": "org.qemu.console.serial.0"}),
            ("msmouse,id=x,logfile=/tmp/log", "msmouse", {"logfile": "/tmp/log"}),
            ("testdev,id=x,mux=on", "mux", {"chardev": "x-base"})):
        objects = resolve(["-machine", "none", "-chardev", text])["objects"]
        equal(objects["x"]["type"], driver)
        equal(objects["x"]["properties"] | members, objects["x"]["properties"])
    wrong = resolve_error("-machine", "none", "-chardev", "spicevmc,id=x,type=vdagent,nome=x")
    matches(wrong, "unknown member 'nome'; did you mean 'name'")


main()
