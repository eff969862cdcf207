# SPDX-License-Identifier: MIT
"""What fuzzers begin with: seeds.py OUT writes OUT/TARGET/... and OUT/words.dict.

Sessions and command lines are made from the schema and tests/lib/samples.py, the dictionary from the schema's names;
other seeds are copies of what the tests have.  Seeds that nothing else has are in tests/fuzz/seeds/TARGET/.
"""

import glob
import json
import os
import shutil
import struct
import sys
import zlib
from typing import Any, Iterable, Iterator

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
for path in ("qapi-gen", "tests/lib"):
    sys.path.insert(0, os.path.join(SOURCE, path))
sys.dont_write_bytecode = True

from qapigen.forms import PLACEHOLDER  # noqa: E402
from qapigen.model import Alternate, Enum, Member, Schema, Struct, Union  # noqa: E402
from samples import CHARDEV, GROUP, HUB, NODE, SAMPLES, Sample, qcow2_image  # noqa: E402
from schema_model import read_schema  # noqa: E402
from vms import VMS, flat, keyval, options as vm_options  # noqa: E402

# How to create and delete each class, and the name of its id member.
KINDS = {"object": ("object-add", "object-del", "id"), "netdev": ("netdev_add", "netdev_del", "id"),
         "chardev": ("chardev-add", "chardev-remove", "id"), "block-node": ("blockdev-add", "blockdev-del", "node-name")}
# Values for members with these names, where the session has created the object.
KNOWN = {"netdev": "under", "chardev": "under", "drive": "under", "node-name": "under", "id": "x", "path": "/machine",
         "filename": "disk", "qom-type": "rng-builtin"}
DEPTH = 4
GROUP_SIZE = 8
# What no definition says: changes of earlier values.
CHANGES = ["-device\ne1000,id=n\n-set\ndevice.n.addr=5", "-chardev\nfile,id=c,path=x\n-set\nchardev.c.path=y",
           "-machine\nq35\n-machine\nusb=on"]
WORD_MAX = 60
PUNCTUATION = ['{"', '"}', '":"', '":', '","', "{", "}", "[", "]", ",", ":", "=", ",,", ".0", "[0]", "null", "true",
               "\\u0041", "\\ud83d", "\u00e9", "\xff", "\xed\xa0\x80", "18446744073709551616", "-1", "1e9", "0x10", "1G", "\n",
               '{"execute":"', '","arguments":{"', '"id":"', "\x00", "-device\n", "-object\n", "-netdev\n"]


class Values:
    """A small and mostly valid value of each type."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def of(self, name: str, depth: int = 0) -> Any:
        kind = self.schema.types.get(name)
        if kind is None:
            return {"str": "x", "bool": True, "number": 1.5, "any": {}, "null": None}.get(name, 1)
        if isinstance(kind, Enum):
            return kind.names[0] if kind.names else ""
        if isinstance(kind, Struct):
            return self.struct(self.schema.members(name), depth)
        if isinstance(kind, Union):
            value = self.struct(self.schema.members(name), depth)
            branch = next((branch for branch in kind.branches if branch.name == value.get(kind.tag)), None)
            if branch and branch.type:
                value.update(self.of(branch.type, depth + 1))
            return value
        if isinstance(kind, Alternate):
            return self.of(kind.branches[0].type, depth + 1)
        return self.of(getattr(kind, "of", "int"), depth + 1)

    def struct(self, members: Iterable[Member], depth: int) -> dict[str, Any]:
        result = {}
        for member in members:
            if member.optional and depth > 1 or depth > DEPTH:
                continue
            if member.is_input:
                known = member.name in KNOWN and member.type in ("str", "bool")
                value = KNOWN[member.name] if known else self.of(member.type, depth + 1)
                result[member.name] = [value] if member.is_list else value
        return result


def call(command: str, arguments: dict[str, Any] | None = None) -> str:
    return json.dumps({"execute": command, **({"arguments": arguments} if arguments else {})}) + "\n"


def creation(kind: str, tag_member: str, tag: str, members: dict[str, Any]) -> str:
    command, _, name = KINDS[kind]
    if kind == "chardev":
        return call(command, {name: "x", "backend": {"type": tag, "data": members}})
    return call(command, {tag_member: tag, name: "x", **members})


def backends(schema: Schema) -> Iterable[str]:
    """A session for each sample of each backend: create, query, delete."""
    for one in schema.classes.values():
        root = schema.root_of(one.name)
        if not root.creates or root.creates.kind not in KINDS or one.abstract or not one.user_creatable:
            continue
        for sample in SAMPLES.get(one.name, [Sample()]):
            kind = root.creates.kind
            members = json.loads(json.dumps(sample.members).replace("$DIR/", "").replace("$DIR", ".").replace("$N", "0"))
            text = "".join(call(*before) for before in sample.before)
            text += creation(kind, root.creates.tag, one.tag or one.name, members)
            text += call("qom-list", {"path": "/objects/x"}) + call("query-effective-config")
            yield text + call(KINDS[kind][1], {KINDS[kind][2]: "x"})


def devices(schema: Schema) -> Iterable[str]:
    """All device models, a few per session."""
    under = "".join(call(*before) for before in (HUB, NODE, GROUP, CHARDEV))
    names = [one.tag or one.name for one in schema.classes.values()
             if schema.root_of(one.name).name == "device" and not one.abstract and one.user_creatable]
    for at in range(0, len(names), GROUP_SIZE):
        text = under
        for number, name in enumerate(names[at:at + GROUP_SIZE]):
            text += call("device_add", {"driver": name, "id": f"d{number}"})
        yield text + call("query-effective-config") + call("device_del", {"id": "d0"})


def commands(schema: Schema, program: str) -> Iterable[str]:
    values = Values(schema)
    for command in schema.commands.values():
        if command.name not in ("query-qmp-schema", "qmp_capabilities"):
            yield call(command.name, values.of(command.arg) if command.arg and not command.creates else None)


def options(schema: Schema) -> Iterable[str]:
    values = Values(schema)
    for option in schema.options.values():
        if option.name in ("help", "daemonize"):
            continue
        value = values.of(option.type) if option.type else None
        if option.creates:
            for one in list(schema.leaves(option.creates))[:4]:
                yield f"-{option.name}\n{one.tag or one.name},id=x"
            yield f"-{option.name}\n{one.tag or one.name},help"
        else:
            text = value if isinstance(value, str) else json.dumps(value)
            yield f"-{option.name}" + ("" if value is None else f"\n{text}")


def sections(schema: Schema) -> Iterable[str]:
    """A section of each option that has members."""
    values = Values(schema)
    for option in schema.options.values():
        tag = schema.classes[option.creates].creates.tag if option.creates else ""
        if option.creates:
            members = [{tag: one.tag or one.name} for one in list(schema.leaves(option.creates))[:2]]
        else:
            value = values.of(option.type) if option.type else None
            members = [value] if isinstance(value, dict) else []
        for one in members:
            lines = (setting.replace(",,", ",").split("=", 1) for setting in keyval(one))
            yield f'[{option.section or option.name} "x"]\n' + "".join(f'  {key} = "{text}"\n' for key, text in lines)


def form_texts(schema: Schema) -> Iterable[str]:
    """Each form of each option, with a value for each placeholder."""
    for option in schema.options.values():
        for form in schema.forms.flat(option.forms) if option.forms else ():
            text = PLACEHOLDER.sub(lambda place: ("" if place["rest"] else (place["words"] or "1").split("|")[0]), form.text)
            yield f"-{option.name}\n{text}"


def short_keys(schema: Schema) -> Iterable[str]:
    """Each class with the keys that key=value text alone has."""
    for one in schema.classes.values():
        root = schema.root_of(one.name)
        kind = root.creates.kind if root.creates else ""
        if one.short and not one.abstract and kind in KINDS:
            option = next(option.name for option in schema.options.values() if option.creates == root.name)
            keys = "".join(f",{key}=on" for key in json.loads(one.short))
            yield f"-{option}\n{one.tag or one.name},{KINDS[kind][2]}=x{keys}"


def lines(schema: Schema) -> list[str]:
    return [*options(schema), *form_texts(schema), *short_keys(schema), *corpus_lines(), *CHANGES,
            *("\n".join(flat(vm_options(vm, form))) for vm in VMS.values() for form in ("keyval", "json"))]


def corpus_lines() -> Iterable[str]:
    """Real command lines, if this machine has them."""
    for path in glob.glob(os.path.join(SOURCE, os.pardir, "shared", "data", "cmdlines", "real.json")):
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        for entry in found if isinstance(found, list) else found.values():
            argv = entry.get("argv") if isinstance(entry, dict) else entry
            if isinstance(argv, list) and all(isinstance(word, str) for word in argv):
                yield "\n".join(argv[1:])


def frames() -> list[bytes]:
    """Ethernet frames: ARP, ICMP, DHCP, DNS, the last and the first fragment of a datagram, TCP SYN, router solicitation."""
    head = bytes.fromhex("52550a00020252540012345608")
    ip = lambda protocol, data, to="0a000202", field=0: ipv4(protocol, data, bytes.fromhex(to), field)  # noqa: E731
    udp = lambda source, to, data: struct.pack(">4H", source, to, 8 + len(data), 0) + data  # noqa: E731
    return [head + bytes.fromhex("06000108000604000152540012345600000000000000000000000a000202"),
            head + b"\0" + ip(1, bytes.fromhex("0800f7ff00000000")),
            head + b"\0" + ip(17, udp(68, 67, b"\1\1\6\0" + b"abcd" + bytes(20) + b"\x52\x54\0\x12\x34\x56" + bytes(202)
                                      + bytes.fromhex("63825363350101ff")), "ffffffff"),
            head + b"\0" + ip(17, udp(1024, 53, bytes.fromhex("12340100000100000000000001610000010001")), "0a000203"),
            head + b"\0" + ip(17, udp(1024, 69, b"\0\1boot\0octet\0")),
            *(head + b"\0" + ip(17, bytes(8), field=field) for field in (1, 0x2000)),
            head + b"\0" + ip(6, struct.pack(">HHIIBBHHH", 1024, 80, 1, 0, 0x50, 2, 8192, 0, 0)),
            bytes.fromhex("3333000000025254001234 5686dd".replace(" ", "")) + struct.pack(">IHBB", 6 << 28, 8, 58, 255)
            + bytes.fromhex("fe80000000000000505400fffe123456ff0200000000000000000000000000028500000000000000")]


def nbd() -> Iterator[bytes]:
    """What a client of NBD sends: flags, options, then requests of each type."""
    def option(number: int, data: bytes = b"") -> bytes:
        return struct.pack(">8sII", b"IHAVEOPT", number, len(data)) + data

    def details(name: bytes, *wanted: int) -> bytes:
        return struct.pack(">I", len(name)) + name + struct.pack(f">H{len(wanted)}H", len(wanted), *wanted)

    def request(kind: int, offset: int, size: int, flags: int = 0, data: bytes = b"") -> bytes:
        return struct.pack(">IHHQQI", 0x25609513, flags, kind, kind, offset, size) + data

    requests = (request(0, 0, 512), request(1, 512, 8, 1, b"12345678"), request(3, 0, 0), request(4, 0, 4096, 1),
                request(6, 4096, 4096, 2), request(0, 65535, 4096), request(5, 0, 1), request(2, 0, 0))
    go = option(7, details(b"", 0, 3))
    for piece in (1, 7, 255):
        yield bytes([piece]) + struct.pack(">I", 3) + go + b"".join(requests)
    for each in (option(1), option(2), option(3), option(6, details(b"0123456789", 3)), option(8)):
        yield b"\xff" + struct.pack(">I", 1) + each + go + requests[0]


def ipv4(protocol: int, data: bytes, to: bytes, field: int = 0) -> bytes:
    """@field: flags and offset of a fragment."""
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 1, field, 64, protocol, 0, bytes((10, 0, 2, 15)), to)
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xffff) + (total >> 16)
    return head[:10] + struct.pack(">H", ~total & 0xffff) + head[12:] + data


def words(schema: Schema) -> Iterable[str]:
    names = set(PUNCTUATION)
    for kind in schema.types.values():
        names.update(kind.names if isinstance(kind, Enum) else ())
        names.update(member.name for member in getattr(kind, "own", ()))
    for one in schema.classes.values():
        names.update((one.tag or one.name, *(member.name for member in one.own)))
        names.update(json.loads(one.short or "{}"))
    for table in (schema.commands, schema.options, schema.features):
        names.update(table)
    for option in schema.options.values():
        names.add(option.section)
        for form in schema.forms.flat(option.forms) if option.forms else ():
            names.update(PLACEHOLDER.split(form.text)[::PLACEHOLDER.groups + 1])
    return sorted(names - {""})


def quoted(word: str) -> str:
    raw = word.encode("latin-1" if max(map(ord, word)) < 256 else "utf-8")[:WORD_MAX]
    return '"' + "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in raw) + '"'


class Output:
    def __init__(self, directory: str) -> None:
        self.directory = directory
        shutil.rmtree(directory, ignore_errors=True)

    def add(self, target: str, seeds: Iterable[str | bytes], prefix: bytes = b"") -> None:
        directory = os.path.join(self.directory, target)
        os.makedirs(directory, exist_ok=True)
        for number, seed in enumerate(seeds, len(os.listdir(directory))):
            with open(os.path.join(directory, f"{number:04}"), "wb") as file:
                file.write(prefix + (seed.encode() if isinstance(seed, str) else seed))


def read(pattern: str) -> list[bytes]:
    found = []
    for path in sorted(glob.glob(os.path.join(SOURCE, pattern))):
        with open(path, "rb") as file:
            found.append(file.read())
    return found


def qcow2() -> list[bytes]:
    """Images of clusters of 512 bytes: empty, and with a table that has a cluster, a compressed one and a zero one."""
    empty = qcow2_image()
    copied = 1 << 63
    table = struct.pack(">4Q", 2560 | copied, 1 << 62 | 3072, 1, 3584).ljust(512, b"\0")
    full = empty[:1024] + struct.pack(">8H", *[1] * 8).ljust(512, b"\0") + struct.pack(">Q", 2048 | copied).ljust(512, b"\0") + \
        table + b"x" * 512 + zlib.compress(b"y" * 512, 9)[2:-4].ljust(512, b"\0") + b"z" * 512
    dirty = full[:79] + b"\1" + full[80:]
    return [empty, full, dirty, full[:99] + b"\0" + full[100:], full[:7] + b"\2" + full[8:]]


def main() -> None:
    output = Output(sys.argv[1])
    for path in sorted(glob.glob(os.path.join(HERE, "seeds", "*", "*"))):
        with open(path, "rb") as file:
            output.add(os.path.basename(os.path.dirname(path)), [file.read()])
    for program in ("vintage-vm", "vintage-backends"):
        schema = read_schema(program)
        target = "session-" + program.removeprefix("vintage-")
        output.add(target, backends(schema), b"0")
        output.add(target, devices(schema), b"1")
        output.add(target, commands(schema, program), b"1")
        if program == "vintage-vm":
            for target in ("options", "complete", "convert"):
                output.add(target, lines(schema))
            output.add("sections", sections(schema))
            with open(os.path.join(output.directory, "words.dict"), "w", encoding="ascii") as file:
                file.writelines(quoted(word) + "\n" for word in words(schema))
    configs = [*read("tests/configs/*.json"), *read("tests/configs/broken/*")]
    output.add("config", configs)
    output.add("split", [*configs, *read("tests/fuzz/seeds/json/*")])
    pieces = [struct.pack(">H", len(frame)) + frame for frame in frames()]
    output.add("frames", [bytes([0]) + b"".join(struct.pack(">I", len(frame)) + frame for frame in frames()),
                          *(bytes([kind]) + piece for kind in (1, 2) for piece in pieces), b"\1" + b"".join(pieces)])
    output.add("nbd", list(nbd()))
    output.add("qcow2", qcow2())
    output.add("dump", [b"\1" + b"".join(pieces), *(b"\0" + piece for piece in pieces)])


main()
