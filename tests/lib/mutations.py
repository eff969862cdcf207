# SPDX-License-Identifier: MIT
"""Mutations of a valid command line, each of which makes it invalid at a known argument and key.

What is invalid is known from QEMU's documentation, by the lists below, and not from the schema: a letter that is doubled or
swapped in a name, a word where a number or on/off belongs, a number of 24 digits, a second object of an id, a reference to an id
that nothing has, and a required key that is dropped.
"""

import dataclasses
import json
import random
import re
from typing import Any, Callable, Iterator

# Options whose values are KEY=VALUE,... after an optional first value without a key.
KEYED = set("""
    device netdev object chardev drive machine M smp m mon blockdev nic net numa rtc accel smbios virtfs fsdev fw_cfg
    audiodev boot tpmdev semihosting-config overcommit sandbox spice iscsi name msg global icount add-fd
    """.split())
# Options whose first value is the name of a class or a backend.
NAMED = set("""
    device netdev chardev machine M cpu accel vga object audiodev nic net tpmdev fsdev virtfs
    """.split())
# Keys whose values are ids of other objects.
REFERENCES = {"netdev": "device object nic", "drive": "device", "chardev": "device mon", "memdev": "device numa", "bus": "device",
              "iothread": "device object", "rng": "device", "tpmdev": "device", "fsdev": "device", "audiodev": "device",
              "memory-backend": "machine M"}
NUMBERS = set("""
    bootindex vectors size slots maxmem max-bytes period cores threads sockets cpus maxcpus unit index num-queues queues
    rx_queue_size tx_queue_size tb-size reboot-timeout splash-time reconnect-ms vgamem chassis_nr chassis xres yres ram_size
    vram_size scsi-id lun channel rotation_rate physical_block_size logical_block_size host-nodes iothread-poll-ms fd msel
    max_outputs
    """.split())
WORDS = set("""
    if media format cache aio discard detect-zeroes werror rerror base clock driftfix mode thread driver security_model
    fsdriver qom-type gic-version type
    """.split())
# Keys that an object of the named class, or of any class of the option (""), requires.
REQUIRED = {
    "netdev": {"": ("id",)}, "chardev": {"": ("id",), "spiceport": ("name",)}, "mon": {"": ("chardev",)},
    "object": {"": ("id",), "memory-backend-file": ("mem-path", "size"), "memory-backend-ram": ("size",),
               "filter-dump": ("netdev",)},
    "device": {"virtio-blk-pci": ("drive",), "virtio-blk-device": ("drive",), "scsi-hd": ("drive",), "ide-hd": ("drive",),
               "nvme": ("serial",), "usb-storage": ("drive",), "virtio-9p-pci": ("fsdev",), "tpm-tis": ("tpmdev",),
               "tpm-crb": ("tpmdev",), "pc-dimm": ("memdev",), "vhost-user-fs-pci": ("chardev",), "usb-redir": ("chardev",),
               "usb-audio": (), "pci-bridge": ("chassis_nr",), "ccid-card-passthru": ("chardev",)},
    "blockdev": {"": ("driver", "node-name"), "file": ("filename",)}, "fw_cfg": {"": ("name",)},
    "virtfs": {"local": ("mount_tag", "path")}, "audiodev": {"": ("id",)}, "tpmdev": {"": ("id",)},
}
# Names that an option's value may have without a key and a '=', although they are keys.
FLAGS = {"server", "wait", "nowait", "readonly", "enable", "check", "enforce", "order"}
SEVERAL = set("""
    device netdev object chardev drive mon blockdev nic net numa smbios virtfs fsdev fw_cfg audiodev global serial parallel
    """.split())

WITH_ID = {"device", "netdev", "object", "chardev", "drive", "blockdev", "audiodev"}


@dataclasses.dataclass
class Mutation:
    kind: str
    argv: list[str]
    place: int          # of the mutated argument in argv
    option: str         # as it was typed
    value: str | None   # after the mutation
    names: tuple[str, ...]      # one of these must be in the message

    def __str__(self) -> str:
        return f"{self.kind}: -{self.option} {self.value}"


Pairs = list[tuple[str, str | None]]


def pairs_of(argv: list[str]) -> Pairs:
    """Options with their values.  No value of the lines starts with '-'."""
    result: Pairs = []
    for word in argv:
        if word.startswith("-") and len(word) > 1:
            result.append((word.removeprefix("-").removeprefix("-"), None))
        elif result:
            result[-1] = (result[-1][0], word)
    return result


def items_of(value: str) -> list[str]:
    return [item.replace("\0", ",,") for item in value.replace(",,", "\0").split(",")]


def misspelt(word: str, rng: random.Random) -> str:
    """@word with two letters swapped or one doubled."""
    places = [i for i in range(len(word)) if word[i].isalnum()]
    swaps = [i for i in range(len(word) - 1)
             if word[i].isalpha() and word[i + 1].isalpha() and word[i].lower() != word[i + 1].lower()]
    if swaps and len(word) > 3 and rng.random() < 0.5:
        i = rng.choice(swaps)
        return word[:i] + word[i + 1] + word[i] + word[i + 2:]
    i = rng.choice(places)
    return word[:i] + word[i] + word[i:]


class Line:
    def __init__(self, argv: list[str], seed: str) -> None:
        self.pairs = pairs_of(argv)
        self.rng = random.Random(seed)

    def made(self, kind: str, place: int, option: str, value: str | None, *names: str, also: Pairs = []) -> Mutation:
        pairs = [*self.pairs[:place], (option, value), *self.pairs[place + 1:], *also]
        if also:
            place, (option, value) = len(pairs) - 1, also[0]
        words = [word for name, text in pairs for word in ([f"-{name}"] if text is None else [f"-{name}", text])]
        return Mutation(kind, words, place, option, value, names)

    def all(self) -> Iterator[Mutation]:
        for place, (option, value) in enumerate(self.pairs):
            yield self.made("misspelt option", place, misspelt(option, self.rng), value, "unknown option")
            if value is None:
                continue
            if value.startswith("{"):
                yield from self.of_json(place, option, json.loads(value))
                continue
            items = items_of(value)
            if option == "cpu":
                yield from self.of_cpu(place, option, items)
            if option in NAMED and "=" not in items[0]:
                name = misspelt(items[0], self.rng)
                yield self.made("misspelt class", place, option, ",".join([name, *items[1:]]), name)
            if option in KEYED:
                yield from self.of_items(place, option, items)
            if option in ("serial", "parallel", "qmp", "monitor") and value.startswith("chardev:"):
                yield self.made("dangling reference", place, option, "chardev:nobody13", "nobody13")
            if option == "m" and items[0].isdigit():
                yield self.made("wrong type", place, option, ",".join([items[0] + "Q", *items[1:]]), items[0] + "Q")
            if option == "smp" and items[0].isdigit():
                yield self.made("wrong type", place, option, ",".join(["many", *items[1:]]), "many")
                yield self.made("out of range", place, option, ",".join(["100000000", *items[1:]]), "100000000")
            if option == "uuid":
                yield self.made("wrong type", place, option, value[:-1] + "g", "UUID")
            if option == "boot" and re.fullmatch("[a-d]+", value):
                yield self.made("misspelt value", place, option, value + "z", "'z'")

    def of_cpu(self, place: int, option: str, items: list[str]) -> Iterator[Mutation]:
        for i, item in enumerate(items[1:], 1):
            name = re.match(r"([-+]?)([^=]+)(.*)", item, re.DOTALL)
            assert name
            wrong = misspelt(name[2], self.rng)
            new = name[1] + wrong + name[3]
            yield self.made("misspelt feature", place, option, ",".join([*items[:i], new, *items[i + 1:]]), wrong)
            if name[3] in ("=on", "=off"):
                changed = f"{name[2]}=perhaps"
                yield self.made("wrong type", place, option, ",".join([*items[:i], changed, *items[i + 1:]]), name[2])

    def of_items(self, place: int, option: str, items: list[str]) -> Iterator[Mutation]:
        cls = items[0] if "=" not in items[0] else dict(item.partition("=")[::2] for item in items).get("driver", "")
        for i, item in enumerate(items):
            key, equals, value = item.partition("=")
            if not equals:
                continue

            def changed(new: str, i: int = i) -> str:
                return ",".join([*items[:i], new, *items[i + 1:]])

            if option != "global":
                wrong = misspelt(key, self.rng)
                yield self.made("misspelt key", place, option, changed(f"{wrong}={value}"), wrong)
                if key not in ("hostfwd", "guestfwd", "path", "value", "file") and option not in ("smbios",):
                    yield self.made("repeated key", place, option, changed(f"{item},{key}={value}x"), key)
            else:
                wrong = misspelt(key.partition(".")[2], self.rng)
                yield self.made("misspelt key", place, option, f"{key.partition('.')[0]}.{wrong}={value}", wrong)
            for kind, new in self.values(option, key, value):
                yield self.made(kind, place, option, changed(f"{key}={new}"), key, *([new] if kind == "misspelt value" else []))
            if key in (*REQUIRED.get(option, {}).get("", ()), *REQUIRED.get(option, {}).get(cls, ())):
                yield self.made("dropped key", place, option, ",".join([*items[:i], *items[i + 1:]]), key)
            if key in ("id", "node-name") and option in WITH_ID:
                yield self.made("duplicate id", place, option, ",".join(items), value, also=[(option, ",".join(items))])

    def values(self, option: str, key: str, value: str) -> Iterator[tuple[str, str]]:
        if value in ("on", "off") or key in ("server", "wait"):
            yield "wrong type", "perhaps"
        if key in NUMBERS:
            yield "wrong type", "many"
            yield "out of range", "9" * 24
        if key in WORDS and value not in ("on", "off") and not value.isdigit():
            yield "misspelt value", misspelt(value, self.rng)
        if option in REFERENCES.get(key, "").split():
            yield "dangling reference", "nobody13"
        if key == "mac":
            yield "wrong type", value + ":99"

    def of_json(self, place: int, option: str, value: dict[str, Any]) -> Iterator[Mutation]:
        def made(kind: str, new: dict[str, Any], name: str) -> Mutation:
            return self.made(kind, place, option, json.dumps(new, separators=(",", ":")), name)

        def replaced(root: dict[str, Any], path: list[str], change: Callable[[dict[str, Any], str], Any]) -> dict[str, Any]:
            copy = json.loads(json.dumps(root))
            at = copy
            for step in path[:-1]:
                at = at[step]
            change(at, path[-1])
            return copy

        def rename(wrong: str) -> Callable[[dict[str, Any], str], Any]:
            return lambda at, key: at.update({wrong: at.pop(key)})

        def put(new: Any) -> Callable[[dict[str, Any], str], Any]:
            return lambda at, key: at.update({key: new})

        def walk(at: dict[str, Any], path: list[str]) -> Iterator[Mutation]:
            for key, inner in at.items():
                here = [*path, key]
                wrong = misspelt(key, self.rng)
                yield made("misspelt key", replaced(value, here, rename(wrong)), wrong)
                if isinstance(inner, dict):
                    yield from walk(inner, here)
                elif isinstance(inner, bool):
                    yield made("wrong type", replaced(value, here, put("perhaps")), key)
                elif isinstance(inner, int):
                    yield made("wrong type", replaced(value, here, put("many")), key)
                    yield made("out of range", replaced(value, here, put(10 ** 24)), key)
                elif isinstance(inner, str):
                    yield made("wrong type", replaced(value, here, put(["a"])), key)
                    if key in WORDS:
                        wrong = misspelt(inner, self.rng)
                        yield made("misspelt value", replaced(value, here, put(wrong)), wrong)
                    if option in REFERENCES.get(key, "").split():
                        yield made("dangling reference", replaced(value, here, put("nobody13")), key)

        yield from walk(value, [])
        cls = value.get("driver") or value.get("qom-type") or ""
        for key in (*REQUIRED.get(option, {}).get("", ()), *REQUIRED.get(option, {}).get(str(cls), ())):
            if key in value:
                yield made("dropped key", {name: inner for name, inner in value.items() if name != key}, key)
        if "id" in value or "node-name" in value:
            text = json.dumps(value, separators=(",", ":"))
            name = str(value.get("id") or value.get("node-name"))
            yield self.made("duplicate id", place, option, text, name, also=[(option, text)])


def mutations(argv: list[str], seed: str, count: int) -> list[Mutation]:
    """@count of the mutations of a line, of as many kinds as it has."""
    kinds: dict[str, list[Mutation]] = {}
    for each in Line(argv, seed).all():
        kinds.setdefault(each.kind, []).append(each)
    rng = random.Random(seed)
    for found in kinds.values():
        rng.shuffle(found)
    chosen: list[Mutation] = []
    while len(chosen) < count and any(kinds.values()):
        chosen += [found.pop() for found in kinds.values() if found]
    return chosen[:count]


def complaint(mutation: Mutation, aliases: dict[str, str], error: str) -> str:
    """What is wrong with the error that was reported; "": it is at the right argument and key."""
    if not error:
        return "accepted"
    first = error.splitlines()[0]
    if mutation.kind == "misspelt option":
        return "" if re.match(rf"vintage: --?{re.escape(mutation.option)}: unknown option", first) else "elsewhere"
    name = aliases.get(mutation.option, mutation.option)
    found = re.match(rf"vintage: -(?:{re.escape(mutation.option)}|{re.escape(name)})\b(?: (.*))?", first, re.DOTALL)
    if not found:
        return "elsewhere"
    # The label of a member of a class is its name.
    if mutation.option == "global" and mutation.kind in ("wrong type", "out of range"):
        return "" if any(key in first for key in mutation.names) else "key not named"
    if mutation.option in SEVERAL and not labelled(mutation.value or "", first) and not only_there(mutation, first):
        return "no such label"
    return "" if named(mutation, without_label(mutation.value or "", found[1] or "", first)) else "key not named"


def without_label(value: str, rest: str, message: str) -> str:
    """The message without the start of the argument, which quotes its keys."""
    for label in (value, value[:48] + "…"):
        if value and rest.startswith(label):
            return rest[len(label):]
    return (rest or message.removeprefix("vintage: ")).partition(": ")[2]


def named(mutation: Mutation, message: str) -> bool:
    """Whether the message names the key; one within another may follow the path of that."""
    return any(key in message or f"{key.rpartition('.')[0]}: unknown member '{key.rpartition('.')[2]}'" in message
               for key in mutation.names)


def only_there(mutation: Mutation, message: str) -> bool:
    """Whether the message quotes a word that no other argument has."""
    words = [name for name in mutation.names if name in message]
    return bool(words) and all(words[0] not in word for i, word in enumerate(mutation.argv) if word != mutation.value)


def labelled(value: str, message: str) -> bool:
    """Whether the message says which of several arguments of the option it is about."""
    if value.startswith("{"):
        tree = json.loads(value)
        known = [str(tree[key]) for key in ("id", "node-name", "driver", "qom-type") if isinstance(tree.get(key), str)]
        return not known or any(one in message for one in known)
    return value[:24] in message or all(part.split("=")[-1] in message for part in items_of(value)[:1])
