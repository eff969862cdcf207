#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No output shows a sensitive value, whatever error its container has.

The sensitive members are those of the schema's model.  Each gets a canary for a value, in every form that a value has,
beside every kind of mistake.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
sys.path.insert(0, os.path.join(ROOT, "qapi-gen"))
from schema_model import read_schema  # noqa: E402
from vintage_test import LONG, SANITIZED, TOOL, VM, Machine, QmpError, equal, main, run, sampled, test, write_file  # noqa: E402
from qapigen.model import Class, Member, Option, Schema  # noqa: E402
from qapigen.sensitive import Sensitive  # noqa: E402

CANARY = "".join(("Hx", "canary", "9vT"))     # split, so that a traceback does not contain it
MACHINE = ["-machine", "none"]
Members = dict[str, object]

STEP, PLAIN = 20, 3     # one of this many

tried = 0


def check_output(text: str, what: object) -> None:
    global tried
    tried += 1
    if CANARY.lower() in text.lower() or "canary" in text.lower():
        raise AssertionError(f"{what}\n  shows {text!r}")


def try_tool(command: list[str], arguments: list[str], what: str) -> int:
    done = run(TOOL, *command, "--", *arguments)
    check_output(done.stdout + done.stderr, (what, command, arguments))
    return done.returncode


# ---- sensitive members -------------------------------------------------------------------------------------


def sensitive_members(model: Schema) -> Iterator[tuple[Class, Member]]:
    for one in model.classes.values():
        if not one.abstract and one.user_creatable and model.root_of(one.name).creates:
            for each in model.ancestry(one.name):
                yield from ((one, member) for member in each.own if member.has("sensitive"))


def creating_option(model: Schema, one: Class) -> Option:
    root = model.root_of(one.name).name
    return next(option for option in model.options.values() if option.creates == root)


def creation(model: Schema, one: Class, member: Member) -> Members:
    creates = model.root_of(one.name).creates
    assert creates
    return {creates.tag: one.tag or one.name, creates.id: "s", member.name: CANARY}


# ---- mistakes ----------------------------------------------------------------------------------------------


def misspelt(name: str) -> str:
    return name[:-1] if len(name) > 2 else name + "x"


def wrong_members(tag: str, ident: str, name: str, good: Members) -> Iterator[tuple[str, Members]]:
    """Mistakes in members: name and members."""
    rest = {key: value for key, value in good.items() if key != name}
    yield "right", good
    yield "unknown member beside it", good | {"no-such-member": 1}
    yield "unknown member with it", rest | {"no-such-member": CANARY}
    yield "misspelt member", rest | {misspelt(name): CANARY}
    yield "value below it", rest | {name + ".x": CANARY}
    yield "no id", {key: value for key, value in good.items() if key != ident}
    yield "malformed id", good | {ident: "1 s"}
    yield "id of it", good | {ident: CANARY + " "}
    yield "no class", {key: value for key, value in good.items() if key != tag}
    yield "unknown class", good | {tag: str(good[tag]) + "x"}
    yield "abstract class", good | {tag: "secret_common"}
    yield "too long", good | {name: CANARY * 2000}
    yield "base64", good | {"format": "base64"}
    yield "unknown format", good | {"format": "basis"}
    yield "beside a file", good | {"file": "/nonexistent"}
    yield "unknown key", good | {"keyid": "nobody", "iv": "AAAAAAAAAAAAAAAAAAAAAA=="}


def keyval_texts(tag: str, name: str, members: Members) -> Iterator[str]:
    text = ",".join(f"{key}={value}" for key, value in members.items())
    yield text
    if tag in members:
        yield ",".join([str(members[tag]), *(f"{key}={value}" for key, value in members.items() if key != tag)])
    yield text.replace(CANARY, f"a,{CANARY}")
    yield text.replace(CANARY, f"a,{CANARY}={CANARY}")
    yield text.replace(CANARY, f"a,{CANARY}.x=1")
    yield text + f",{name}={CANARY}"
    yield text + f",len-{name}={CANARY}"
    yield text + f",{name}.0={CANARY},{name}.{CANARY}=1"


def json_texts(members: Members) -> Iterator[str]:
    text = json.dumps(members)
    yield text
    yield text.replace(f'"{CANARY}', f'{CANARY}')                  # no quote before it
    yield text.replace(f'{CANARY}"', f'a"{CANARY}"')               # a quote within it
    yield text.replace(f'"{CANARY}"', f'["{CANARY}"]')
    yield text.replace(f'"{CANARY}"', f'{{"{CANARY}": "{CANARY}"}}')
    yield text.replace(f'"{CANARY}', f'"\\q{CANARY}')
    yield text.replace(f'"{CANARY}', f'"\\ud800{CANARY}')
    yield text[:-1]
    yield text[:-1] + f", {CANARY}"
    yield text[:-1] + f', "{CANARY}": 1' + "}"
    yield text + f" {CANARY}"
    yield text[:-1] + ", " + text[1:]                              # each member twice


def mistakes(model: Schema) -> Iterator[tuple[str, Option, Members, str, str]]:
    """Name of the mistake, option and members; the tag, and the sensitive member."""
    return sampled(all_mistakes(model), STEP, PLAIN)


def all_mistakes(model: Schema) -> Iterator[tuple[str, Option, Members, str, str]]:
    for one, member in sensitive_members(model):
        creates = model.root_of(one.name).creates
        assert creates
        for what, members in wrong_members(creates.tag, creates.id, member.name, creation(model, one, member)):
            yield f"{one.name}.{member.name}: {what}", creating_option(model, one), members, creates.tag, member.name


# ---- the tests ---------------------------------------------------------------------------------------------


@test
def there_are_sensitive_members() -> None:
    """the schema has sensitive members, and the compiler knows whose options may hold them"""
    model = read_schema()
    names = {f"{one.name}.{member.name}" for one, member in sensitive_members(model)}
    if "secret.data" not in names or len(names) < 3:
        raise AssertionError(f"{names}")
    sensitive = Sensitive(model)
    options = {name for name, option in model.options.items() if sensitive.option(option)}
    equal({"object", "blockdev", "global", "spice"} - options, set())
    equal({"device", "machine", "chardev", "netdev"} & options, set())


@test
def on_command_lines() -> None:
    """on command lines: key=value text and JSON text"""
    for what, option, members, tag, name in mistakes(read_schema()):
        texts = [*keyval_texts(tag, name, members)] if what.endswith(("right", "misspelt member")) else [
            next(keyval_texts(tag, name, members))]
        texts += [*json_texts(members)] if what.endswith(("right", "unknown class")) else [json.dumps(members)]
        for text in texts:
            try_tool(["check"], [*MACHINE, f"-{option.name}", text], what)


@test
def by_every_command() -> None:
    """by check, resolve, explain, freeze and the machine itself; twice the same id, and where the text is misplaced"""
    model = read_schema()
    for one, member in sampled(sensitive_members(model), STEP, PLAIN):
        option = creating_option(model, one)
        good = creation(model, one, member)
        for text in (json.dumps(good), ",".join(f"{key}={value}" for key, value in good.items())):
            value = [f"-{option.name}", text]
            for command in (["check"], ["resolve"], ["resolve", "--settled", "--json"], ["freeze"], ["explain"],
                            ["explain", "s"], ["explain", "--json", f"s.{member.name}"], ["platform", "check"]):
                try_tool(command, [*MACHINE, *value], one.name)
            for arguments in ([*value, *value], [*value, CANARY], [*value, "-" + CANARY], [text], ["-S", text],
                              [f"-{option.name}x", text], [f"-{option.name}x={text}"], [*value, "-S=x"],
                              [f"-{option.name}", text + " \udcff"], ["-device", "pci-testdev,driver=" + text],
                              [f"-{option.name}", text.replace(CANARY, "") + CANARY]):
                if "pci-testdev" not in arguments[-1]:
                    try_tool(["check"], [*MACHINE, *arguments], one.name)
            for arguments in ([*value, "-device", "no-such-device"], [*value, *value], [*value, "-no-such-option"]):
                done = run(VM, *MACHINE, *arguments)
                check_output(done.stdout + done.stderr, arguments)


@test
def in_other_options() -> None:
    """in options whose own value is sensitive: -global, -spice"""
    for one, member in sampled(sensitive_members(read_schema()), 5, PLAIN):
        for text in (f"{one.name}.{member.name}={CANARY}", f"{one.name}.{misspelt(member.name)}={CANARY}",
                     f"{one.name}x.{member.name}={CANARY}", f"driver={one.name},property={member.name},value={CANARY}",
                     f"driver={one.name},property={member.name},valu={CANARY}",
                     f"driver={one.name},property={member.name},value=a,{CANARY}", f"{one.name}.{member.name}:{CANARY}",
                     json.dumps({"driver": one.name, "property": member.name, "value": CANARY})[:-1] + CANARY):
            for command in ("check", "freeze", "explain"):
                try_tool([command], [*MACHINE, "-global", text, "-object", "rng-builtin,id=r"], text)
    for text in (f"password={CANARY}", f"password={CANARY},no-such=1", f"pasword={CANARY}", f"password=a,{CANARY}",
                 f"x509-key-password={CANARY},port=x", json.dumps({"password": CANARY})[:-1] + CANARY):
        for command in ("check", "resolve", "freeze"):
            try_tool([command], [*MACHINE, "-spice", text], text)


IMAGES = [f"{scheme}://bob{sign}{CANARY}@{host}" for scheme, sign in (
    ("http", ":"), ("https", ":"), ("ftp", ":"), ("ssh", ":"), ("nbd", ":"), ("nfs", ":"), ("gluster", ":"), ("iscsi", "%"))
    for host in ("h/x", "h:99999/x", "", "[::1/x")] + [
    f"rbd:pool/image{settings}:key={CANARY}{more}" for settings in ("", ":id=a", ":bogus=1") for more in ("", ":conf=", ":x")]


@test
def passwords_of_images() -> None:
    """in errors about file names of images that have a password, on the command line and in QMP"""
    for image in sampled(IMAGES, STEP // 4, 1):
        for arguments in (["-drive", f"file={image},if=none,format=raw"], ["-drive", f"file={image},if=bogus"],
                          ["-drive", f"if=none,bogus=1,id={'x' * 20},file={image}"], ["-cdrom", image], ["-hda", image],
                          ["-blockdev", f"driver={image.partition(':')[0]},url={image},node-name="],
                          ["-blockdev", f"driver=file,node-name=a,filename={image},bogus=1"],
                          ["-drive", f"file={image}"] * 2, ["-kernel", image, "-bogus"]):
            try_tool(["check"], [*MACHINE, *arguments], image)
    with Machine(*MACHINE) as machine:
        qmp = machine.qmp
        assert qmp
        qmp.negotiate()
        for image in IMAGES:
            for members in ({"driver": "http", "url": image}, {"driver": "file", "filename": image}, {"driver": image}):
                check_output(json.dumps(qmp.raw(json.dumps(
                    {"execute": "blockdev-add", "arguments": {**members, "node-name": "n", "read-only": True}}))), image)


@test
def in_configuration_files() -> None:
    """in configuration files, well-formed and broken"""
    with tempfile.TemporaryDirectory() as directory:
        for what, option, members, _, _ in mistakes(read_schema()):
            texts = json_texts(members) if what.endswith(("right", "unknown class")) else iter([json.dumps(members)])
            for text in texts:
                path = write_file(directory, "vm.json", f'{{"machine": {{"type": "none"}}, "{option.name}": [ {text} ]}}')
                try_tool(["check"], [path], what)


@test
def in_requests() -> None:
    """in QMP's answers"""
    model = read_schema()
    with Machine(*MACHINE) as machine:
        qmp = machine.qmp
        assert qmp
        qmp.negotiate()
        for what, option, members, _, _ in mistakes(model):
            command = next((each.name for each in model.commands.values() if each.creates == option.creates), None)
            if not command:
                continue
            texts = json_texts(members) if what.endswith(("right", "unknown class")) else iter([json.dumps(members)])
            for text in texts:
                request = f'{{"execute": "{command}", "arguments": {text}}}'
                for whole in (request, request[:-1] + ', "id": {"a": 1}}', request[:-1] + f", {CANARY}}}"):
                    # Unbalanced text includes what follows, up to the byte 0xFF.
                    qmp.send(whole.encode() + b"\xff" + b'{"execute": "query-name", "id": "end"}\n')
                    while (answer := qmp.answer()).get("id") != "end":
                        check_output(json.dumps(answer), whole)
            try:
                qmp.call_with("object-del", {"id": "s"})
            except QmpError:
                pass
        qmp.call_with("object-add", {"qom-type": "secret", "id": "t", "data": CANARY})
        for path, name in (("/objects/t", "data"), ("/objects/t", "dat"), ("/objects/t", "format"), ("/no", "data")):
            for text in (f'"{CANARY}"', CANARY, f'["{CANARY}"]'):
                check_output(json.dumps(qmp.raw(
                    f'{{"execute": "qom-set", "arguments": {{"path": "{path}", "property": "{name}", "value": {text}}}}}')),
                    text)
            check_output(json.dumps(qmp.raw(json.dumps(
                {"execute": "qom-get", "arguments": {"path": path, "property": name}}))), name)
        check_output(json.dumps(qmp.call("qom-list", path="/objects/t")), "qom-list")
        check_output(json.dumps(qmp.events), "events")
        machine.process.terminate()
        check_output(machine.end()[1], "the machine's messages")


@test
def count() -> None:
    """hundreds of mistakes were tried"""
    print(f"# {tried} outputs")
    if tried < 1000 // (1 if LONG else STEP if SANITIZED else PLAIN):
        raise AssertionError(f"only {tried} outputs")


if __name__ == "__main__":
    main()
