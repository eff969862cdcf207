#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Forbidden changes of a closed version, and their messages."""

import sys

from sample_tree import Case, run

DISK, NIC, MACHINES, OBJECTS, AXES = ("hw/disk.json", "hw/nic.json", "machine/machines.json", "backends/objects.json",
                                      "axes.json")
STAYS = ": closed versions stay: let the change begin with 9.1, or name what was released in an 'erratum'"
AUTO = "auto:disk_queues(/machine/cpus)"
QUEUES = "'since': '8.2', 'value': 'auto'"
SERIAL = "'*serial': { 'type': 'str', 'absent-means': 'none' }"
VECTORS = "{ 'since': '8.1', 'value': 3, 'why': 'one for commands' }"
THIN = ("        { 'since': '8.2', 'value': false, 'why': 'one kernel failed' },\n"
        "        { 'since': '9.0', 'value': true, 'why': 'that kernel is gone' }")


def mended(value: int, had: str) -> str:
    return (f"{{ 'since': '8.1', 'value': {value}, 'why': 'one for commands',\n"
            f"          'erratum': {{ 'releases': [ '8.1.0..9.0.1' ], 'had': {had}, 'why': 'a slip' }} }}")


END = "bring it back; where its end was announced, delete what the ledger has of it, from "
CASES = [
    # ---- cells
    Case("an entry is not moved to an earlier version", DISK, QUEUES, "'since': '8.1', 'value': 'auto'",
         f"{DISK}:14: In class 'disk-core': default of 'queues' in 8.1 was released as 1 and would become {AUTO}{STAYS}"),
    Case("an entry is not moved to a later version", DISK, QUEUES, "'since': '9.0', 'value': 'auto'",
         f"{DISK}:14: In class 'disk-core': default of 'queues' in 8.2 was released as {AUTO} and would become 1: its entry "
         "since 8.2 is gone or moved: bring it back"),
    Case("an entry is not moved to the open version", DISK, QUEUES, "'since': '9.1', 'value': 'auto'",
         f"{DISK}:14: In class 'disk-core': default of 'queues' in 8.2..9.0 was released as {AUTO} and would become 1: its "
         "entry since 8.2 is gone or moved: bring it back"),
    Case("an entry is not removed", DISK, THIN, "        { 'since': '9.1', 'value': false, 'why': 'x' }",
         f"{DISK}:19: In class 'disk-core': default of 'discard' in 8.2 was released as false and would become true: its "
         "entry since 8.2 is gone or moved: bring it back"),
    Case("a first value stays", DISK, "{ 'value': 1 }", "{ 'value': 2 }",
         f"{DISK}:13: In class 'disk-core': default of 'queues' in 8.0..8.1 was released as 1 and would become 2{STAYS}"),
    Case("a default without a history stays", DISK, "'default': 2", "'default': 4",
         f"{DISK}:7: In class 'pci-device': default of 'vectors' in 8.0..9.0 was released as 2 and would become 4{STAYS}"),
    Case("a default inside of a struct stays", DISK, "'default': 16", "'default': 17",
         f"{DISK}:9: In struct 'Geometry': default of 'heads' in 8.0..9.0 was released as 16 and would become 17{STAYS}"),
    Case("what was absent stays absent", DISK, SERIAL, "'*serial': { 'type': 'str', 'default': 'none' }",
         f"{DISK}:22: In class 'disk-core': default of 'serial' in 8.0..9.0 was released as absent and would become none{STAYS}"),
    Case("what was optional stays optional", DISK, SERIAL, "'serial': 'str'",
         f"{DISK}:22: In class 'disk-core': default of 'serial' in 8.0..9.0 was released as absent and would become "
         f"required{STAYS}"),
    Case("what a value is derived from stays", DISK, "'from': [ '/machine/cpus' ]", "'from': []",
         f"{DISK}:14: In class 'disk-core': default of 'queues' in 8.2..9.0 was released as {AUTO} and would become "
         f"auto:disk_queues(){STAYS}"),
    # ---- defaults by release
    Case("an entry of a closed release stays", NIC, "'release': '9.0', 'value': -1", "'release': '9.0', 'value': -2",
         f"{NIC}:26: In class 'rom': default of 'bar' in 8.0..8.1 from release 9.0 on was released as -1 and would become "
         f"-2{STAYS}"),
    Case("an entry is not moved to an earlier release", NIC, "'release': '8.2', 'value': 1", "'release': '8.1', 'value': 1",
         f"{NIC}:30: In class 'rom': default of 'sources' in 8.0..9.0 from release 8.1 on was released as 0 and would become "
         f"1{STAYS}"),
    Case("an entry is not moved to a later release", NIC, "'release': '9.0', 'value': -1", "'release': '9.1', 'value': -1",
         f"{NIC}:25: In class 'rom': default of 'bar' in 8.0..8.1 from release 9.0 on was released as -1 and would become "
         f"1{STAYS}"),
    Case("no default changes with a closed release", DISK, "'default': 2",
         "'default': { 'release': [ { 'value': 2 }, { 'release': '8.1', 'value': 3, 'why': 'x' } ] }",
         f"{DISK}:7: In class 'pci-device': default of 'vectors' in 8.0..9.0 from release 8.1 on was released as 2 and would "
         f"become 3{STAYS}"),
    Case("a name keeps the release that introduced it", NIC, "'introduced': '8.0..8.2'", "'introduced': '9.0'",
         f"{NIC}:22: In class 'rom': it was recorded as introduced in release 8.0..8.2, and that is another release: "
         f"{END}ledger/hw/nic.ledger:15 on"),
    Case("an option keeps the release that removed it", OBJECTS, "'removed': '8.2'", "'removed': '9.0'",
         f"{OBJECTS}:9: In option 'old-tap': it was recorded as removed in release 8.2, and that is another release: "
         f"{END}ledger/names.ledger:4 on"),
    Case("a command keeps its life", OBJECTS, ", 'life': { 'introduced': '8.0..8.2' }", "",
         f"{OBJECTS}:10: In command 'query-taps': it was recorded as introduced in release 8.0..8.2, and that is another "
         f"release: {END}ledger/names.ledger:5 on"),
    Case("an interface with a life stays", OBJECTS, "{ 'interface': 'creatable', 'life': { 'introduced': '8.1' } }\n", "",
         f"ledger/names.ledger:6: In qom-type 'creatable': it was released and is gone: {END}ledger/names.ledger:6 on"),
    Case("a class does not begin to restate", DISK, "{ 'class': 'disk-pci', 'parent': 'disk-pci-base', 'model': 'none' }",
         "{ 'class': 'disk-pci', 'parent': 'disk-pci-base', 'model': 'none',\n  'differs': { 'discard': 'x' }, 'defaults': {\n"
         "    'discard': true } }",
         f"{DISK}:28: In class 'disk-pci': default of 'discard' in 8.0, 8.2 was released as false and would become true{STAYS}"),
    Case("a family's own entry stays with the family", NIC, "'why': 'nobody has less', 'for': { 'machines': [ 'pc-q35' ] }",
         "'why': 'nobody has less', 'for': { 'machines': [ 'pc-i440fx' ] }",
         f"{NIC}:15: In class 'nic': default of 'speed' in 8.1..9.0 of pc-i440fx was released as 100 and would become "
         f"1000{STAYS}"),
    Case("an accelerator's own entry stays with it", NIC, "'accels': [ 'kvm' ]", "'accels': [ 'hvf' ]",
         f"{NIC}:16: In class 'nic': default of 'speed' in 8.2..9.0 of pc-q35, hvf was released as 1000 and would become "
         f"10000{STAYS}"),
    Case("an entry of a bugfix version stays there", NIC, "{ 'since': '8.0.1'", "{ 'since': '8.1'",
         f"{NIC}:15: In class 'nic': default of 'speed' in 8.0.1 of pc-q35 was released as 1000 and would become 100: its "
         "entry since 8.0.1 is gone or moved: bring it back"),
    Case("what an entry needs of the platform stays", NIC, "'needs': [ 'tun-uso' ]", "'needs': [ 'sev-init2' ]",
         f"{NIC}:6: In timeline 'Uso': default of 'host-uso' of 'nic' in 8.2..9.0 with sev-init2 was released as "
         f"true|netdev=tap:false and would become true{STAYS}"),
    Case("when an entry needs it stays", NIC, ", 'when-ref': { 'netdev': 'tap' }", "",
         f"{NIC}:6: In timeline 'Uso': default of 'host-uso' of 'nic' in 8.2..9.0 was released as true|netdev=tap:false and "
         f"would become false{STAYS}"),
    Case("what a platform version demands stays", OBJECTS, "'needs': [ 'sev-init2' ], ", "",
         f"{OBJECTS}:8: In class 'sev-guest': default of 'legacy-vm-type' in platform version 9.0 was released as "
         f"false+sev-init2 and would become false{STAYS}"),
    Case("a machine's own default stays", MACHINES, "'since': '9.0', 'value': 2", "'since': '8.2', 'value': 2",
         f"{MACHINES}:11: In machine 'pc-q35': default of 'cpus' in 8.2 was released as 1 and would become 2{STAYS}"),
    # ---- facts
    Case("a target stays", MACHINES, "'pc-q35', 'parent': 'pc',", "'pc-q35', 'parent': 'pc', 'targets': [ 'i386' ],",
         f"{MACHINES}:8: In machine 'pc-q35': it was released for x86_64, and is gone there: "
         f"{END}ledger/machine/machines.ledger:11 on"),
    Case("an alias stays", MACHINES, ", 'aliases': [ 'q35' ]", "",
         f"{MACHINES}:8: In machine 'pc-q35': its alias 'q35' was released and is gone: "
         f"{END}ledger/machine/machines.ledger:11 on"),
    Case("a class that can be created stays so", NIC, "'model': 'none', 'config'",
         "'model': 'none', 'user-creatable': false, 'config'",
         f"{NIC}:9: In class 'nic': it was released for users, and is internal: {END}ledger/hw/nic.ledger:4 on"),
    Case("a range does not narrow", DISK, "'*vectors': { 'type': 'uint16', ",
         "'*vectors': { 'type': 'uint16', 'range': [ 0, 8 ], ",
         f"{DISK}:7: In class 'pci-device': member 'vectors': range of every value was released, and is narrower: "
         f"{END}ledger/hw/disk.ledger:7 on"),
    Case("what guests see stays visible", DISK, "'guest-visible': true, ", "",
         f"{DISK}:12: In class 'disk-core': member 'queues': it was released as visible to guests, and is not: "
         f"{END}ledger/hw/disk.ledger:10 on"),
    # ---- what is gone, what is new
    Case("a class stays", DISK, "{ 'class': 'disk-pci-old', 'parent': 'disk-pci-base', 'model': 'none' }\n", "",
         "ledger/hw/disk.ledger:25: In class 'disk-pci-old': it was released and is gone: bring it back; where its end was "
         "announced, delete what the ledger has of it, from ledger/hw/disk.ledger:25 on"),
    Case("a member stays", DISK, f",\n    {SERIAL}", "",
         f"{DISK}:11: In class 'disk-core': member 'serial' was released and is gone: bring it back; where its end was "
         "announced, delete what the ledger has of it, from ledger/hw/disk.ledger:14 on"),
    Case("a member keeps its name", DISK, "'*serial'", "'*serail'",
         f"{DISK}:22: In class 'disk-core': member 'serial' was released and is gone, and 'serail' is new: bring it back; "
         "where its end was announced, delete what the ledger has of it, from ledger/hw/disk.ledger:14 on"),
    Case("a class keeps what it inherits", DISK, "'disk-pci-old', 'parent': 'disk-pci-base'",
         "'disk-pci-old', 'parent': 'pci-device'",
         f"{DISK}:27: In class 'disk-pci-old': member 'queues' was released and is gone: bring it back; where its end was "
         "announced, delete what the ledger has of it, from ledger/hw/disk.ledger:17 on"),
    Case("a new member says when it was added", DISK, SERIAL, f"{SERIAL},\n    '*label': {{ 'type': 'str', 'default': 'x' }}",
         f"{DISK}:23: In class 'disk-core': member 'label' is new in what was released: say 'added': '9.1'"),
    Case("a new member is not added to a closed version", DISK, SERIAL,
         f"{SERIAL},\n    '*label': {{ 'type': 'str', 'default': 'x', 'added': '9.0' }}",
         f"{DISK}:23: In class 'disk-core': member 'label' is new in what was released: say 'added': '9.1'"),
    # ---- versions and features
    Case("a closed version is not opened again", AXES, "'open': '9.1', 'versions': [\n    '8.1', '8.2', '9.0', '9.1' ]",
         "'open': '9.0', 'versions': [\n    '8.1', '8.2', '9.0' ]",
         f"{AXES}:6: In axis 'platform': version '9.0' was released and is open again: what is closed stays closed; the "
         "ledger has it in ledger/axes.ledger:7"),
    Case("no version comes between closed ones", AXES, "    '8.1', '8.2', '9.0', '9.1' ] }\n{",
         "    '8.1', '8.2', '8.3', '9.0', '9.1' ] }\n{",
         f"{AXES}:4: In axis 'machine': version '8.3' is new among closed versions: a new version comes after '9.0'"),
    Case("a bugfix version stays one", AXES, "{ 'name': '8.0.1', 'bugfix-of': '8.0', 'machines': [ 'pc-q35' ] }", "'8.0.1'",
         f"{AXES}:3: In axis 'machine': version '8.0.1' was released as '8.0.1(8.0:pc-q35)' and is gone or another: bring it "
         "back; the ledger has it in ledger/axes.ledger:6"),
    Case("a version that is no longer open is written down", AXES,
         "'open': '9.1', 'versions': [\n    '8.1', '8.2', '9.0', '9.1' ]",
         "'open': '9.2', 'versions': [\n    '8.1', '8.2', '9.0', '9.1', '9.2' ]",
         f"{AXES}:6: In axis 'platform': version '9.1' is closed and not in the ledger: run 'qapi-gen ledger close 9.1'"),
    Case("a platform feature stays with its version", AXES, "'since': '8.2', 'probe': 'tun_uso'",
         "'since': '9.0', 'probe': 'tun_uso'",
         f"{AXES}:8: In platform-feature 'tun-uso': it was released as one of version 8.2 and would become one of 9.0: a "
         "closed version asks of the host what it always asked"),
    Case("a family keeps its closed versions", MACHINES, "'from': '8.0'", "'from': '8.1'",
         f"{MACHINES}:6: In machine 'pc': it was released from version 8.0 on and now begins with 8.1: its closed versions "
         "stay; where their end was announced, change 'versions=' in ledger/machine/machines.ledger:7"),
    # ---- errata
    Case("an erratum is written down", NIC, VECTORS, mended(4, "3"),
         f"{NIC}:20: In class 'nic': default of 'vectors' in 8.1 is corrected by an erratum that is not in the ledger: run "
         "'qapi-gen ledger close 9.0'"),
    Case("an erratum tells what was released", NIC, VECTORS, mended(4, "5"),
         f"{NIC}:20: In class 'nic': default of 'vectors' in 8.1..9.0 was released as 3, not as 5, which 'had' says: an entry "
         "with an erratum covers the cells that were wrong, and no others"),
    Case("an erratum is not removed", NIC, "    { 'since': '8.1', 'value': false, 'why': 'as before',\n"
         "      'erratum': { 'releases': [ '8.1.0..8.1.2' ], 'had': true, 'why': 'filed under the wrong version' } },\n", "",
         f"{NIC}:3: In timeline 'Uso': default of 'host-uso' of 'nic' in 8.1 was released as true and corrected to false, and "
         "the erratum that says so is gone: bring it back"),
]

if __name__ == "__main__":
    sys.exit(run(CASES))
