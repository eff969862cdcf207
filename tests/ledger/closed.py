#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Closing a version: what it records, and what may change afterwards."""

import os
import sys

from sample_tree import ROOT, Tree, read

from qapigen.check import errors_of, examine
from qapigen.ledger.book import read_book, render
from qapigen.ledger.command import keep
from qapigen.ledger.record import Present, record
from qapigen.load import load
from vintage_test import equal, main, matches, test

AXES = """# SPDX-License-Identifier: MIT
# The closed versions, and what a platform version can ask of the host.  Written by 'qapi-gen ledger close'.

schema sample.json
form 2
axis machine 8.0 8.0.1(8.0:pc-q35) 8.1 8.2 9.0
axis platform 8.1 8.2 9.0
axis release 8.0 8.1 8.2 9.0
platform-feature tun-uso 8.2 tun_uso
platform-feature sev-init2 9.0 sev_init2
"""
NIC = """# SPDX-License-Identifier: MIT
# Released defaults of hw/nic.json.  Written by 'qapi-gen ledger close'.

nic : pci-device
nic vectors * ..8.0=2 8.1..=3
nic netdev * =absent
nic host-uso * ..8.0=false 8.1=false(had:true) 8.2..=true|netdev=tap:false
nic host-uso * +tun-uso ..8.0=false 8.1=false(had:true) 8.2..=true
nic guest-uso * ..8.0=false 8.1=false(had:true) 8.2..=true|netdev=tap:false
nic guest-uso * +tun-uso ..8.0=false 8.1=false(had:true) 8.2..=true
nic speed * =100
nic speed pc-q35 ..8.0=100 8.0.1..=1000
nic speed pc-q35/kvm ..8.0=100 8.0.1..8.1=1000 8.2..=10000

rom : pci-device introduced=8.0..8.2
rom bar * ..8.1=1 8.2..=2
rom bar *~9.0 ..8.1=-1 8.2..=2
rom sources * =0
rom sources *~8.2 =1
"""
PAGE = """machine versions 8.0 to 9.1 are closed
platform versions 8.1 to 9.1 are closed
release versions 8.0 to 9.1 are closed
17 classes and types, 39 members, inherited ones included
new members: 2
  disk-core.label
  disk-pci-base.label
defaults changed from 9.0 to 9.1: 2
  nic    vectors      3    4    9.1          hw/nic.json:21  one for errors
  rom    sources      1    2    release 9.1  hw/nic.json:32  one for errors
"""
SERIAL = "'*serial': { 'type': 'str', 'absent-means': 'none' }"
MENDED = """{ 'since': '8.1', 'value': 4, 'why': 'one for commands',
          'erratum': { 'releases': [ '8.1.0..9.0.1' ], 'had': 3, 'why': 'a slip' } }"""


RECORDED = MENDED.replace("'releases': [ '8.1.0..9.0.1' ], 'had'", "'recorded'")


def open_next(tree: Tree) -> None:
    for axis, end in ("machine", "] }\n{ 'axis'"), ("platform", "] }\n\n"):
        tree.edit("axes.json", f"'{axis}', 'open': '9.1'", f"'{axis}', 'open': '9.2'")
        tree.edit("axes.json", f"'9.0', '9.1' {end}", f"'9.0', '9.1', '9.2' {end}")
    tree.edit("axes.json", "'release', 'open': '9.1'", "'release', 'open': '9.2'")
    tree.edit("axes.json", "'9.1'] }", "'9.1', '9.2'] }")


def ledger_files() -> dict[str, str]:
    return {os.path.join(parent, name): read(os.path.join(parent, name))
            for parent, _, names in os.walk("ledger") for name in names}


@test
def closing_writes_every_cell() -> None:
    """closing writes every cell, a line for each member and scope"""
    with Tree() as tree:
        equal(tree.errors(), [])
        equal(read("ledger/axes.ledger"), AXES)
        equal(read("ledger/hw/nic.ledger"), NIC)
        equal(tree.ledger("check"), (0, ""))


@test
def closing_again_changes_nothing() -> None:
    """closing a closed version again changes nothing"""
    with Tree() as tree:
        before = ledger_files()
        equal(tree.ledger("close", "9.0")[0], 0)
        equal(tree.ledger("close", "8.1")[0], 0)
        equal(ledger_files(), before)


@test
def open_version_is_not_closed() -> None:
    """the open version is not closed, nor one that does not exist"""
    with Tree() as tree:
        equal(tree.ledger("close", "9.1"), (1, "axes.json:4: version '9.1' is open on the machine axis: add the next one to "
                                            "'versions' and name it in 'open', then close this one\n"))
        equal(tree.ledger("close", "9.7"), (1, "axes.json:2: version '9.7' is on no axis; did you mean '9.1'?\n"))
        equal(tree.ledger("close", "8.0", "--axis", "platform"), (1, "axes.json:5: version '8.0' is not on the platform "
                                                                  "axis; did you mean '9.0'?\n"))


@test
def next_version_touches_what_changed() -> None:
    """closing the next version touches the lines of what it changed"""
    with Tree() as tree:
        tree.edit("hw/nic.json", "'why': 'one for commands' }", "'why': 'one for commands' },\n"
                  "        { 'since': '9.1', 'value': 4, 'why': 'one for errors' }")
        tree.edit("hw/disk.json", SERIAL, f"{SERIAL},\n    '*label': {{ 'type': 'str', 'default': 'x', 'added': '9.1' }}")
        equal(tree.errors(), [])
        open_next(tree)
        before = ledger_files()
        status, page = tree.ledger("close", "9.1")
        equal((status, page), (0, PAGE))
        equal(tree.errors(), [])
        after = ledger_files()
        changed = [line for name, text in after.items() for line in text.splitlines()
                   if line not in before[name].splitlines() and not name.endswith("axes.ledger")]
        equal(sorted(changed), ["disk-core label ! added=9.1", "disk-core label * =x", "disk-pci-base label ! added=9.1",
                                "disk-pci-base label * =x", "event TAP_GONE introduced=9.1",
                                "nic vectors * ..8.0=2 8.1..9.0=3 9.1..=4", "rom sources *~9.1 =2"])


@test
def mending_writes_the_erratum() -> None:
    """closing again records an erratum, and nothing of the open version"""
    with Tree() as tree:
        tree.edit("hw/nic.json", "{ 'since': '8.1', 'value': 3, 'why': 'one for commands' }", MENDED)
        tree.edit("hw/disk.json", SERIAL, f"{SERIAL},\n    '*label': {{ 'type': 'str', 'default': 'x', 'added': '9.1' }}")
        before = ledger_files()
        equal(tree.ledger("close", "9.0")[0], 0)
        equal(tree.errors(), [])
        before["ledger/hw/nic.ledger"] = NIC.replace("8.1..=3", "8.1..=4(had:3)")
        equal(ledger_files(), before)


@test
def new_machine_has_no_closed_cells() -> None:
    """a machine of the open version has its own defaults, and the ledger none of them"""
    with Tree() as tree:
        tree.edit("machine/machines.json", "{ 'machine': 'microvm'",
                  "{ 'machine': 'slab', 'parent': 'machine', 'model': 'none' }\n{ 'machine': 'microvm'")
        tree.edit("hw/nic.json", "{ 'since': '8.1', 'value': 3, 'why': 'one for commands' }",
                  "{ 'since': '8.1', 'value': 3, 'why': 'one for commands' },\n"
                  "        { 'since': '8.0', 'value': 9, 'why': 'its bus has them', 'for': { 'machines': [ 'slab' ] } }")
        before = ledger_files()
        equal(tree.errors(), [])
        equal(tree.ledger("close", "9.0")[0], 0)
        equal(ledger_files(), before)


@test
def mending_what_was_recorded_wrongly() -> None:
    """an erratum corrects what the ledger recorded and no release had"""
    with Tree() as tree:
        tree.edit("hw/nic.json", "{ 'since': '8.1', 'value': 3, 'why': 'one for commands' }", RECORDED)
        before = ledger_files()
        matches(tree.errors()[0], "is corrected by an erratum that is not in the ledger")
        equal(tree.ledger("close", "9.0")[0], 0)
        equal(tree.errors(), [])
        before["ledger/hw/nic.ledger"] = NIC.replace("8.1..=3", "8.1..=4(had:3)")
        equal(ledger_files(), before)


@test
def mending_twice() -> None:
    """an erratum of releases may follow on one of the ledger, from a later release on"""
    with Tree() as tree:
        tree.edit("hw/nic.json", "{ 'since': '8.1', 'value': 3, 'why': 'one for commands' }", RECORDED)
        equal(tree.ledger("close", "9.0")[0], 0)
        tree.edit("hw/nic.json", RECORDED, RECORDED + """,
        { 'since': '8.1', 'release': '9.0', 'value': 4, 'why': 'one for commands',
          'erratum': { 'releases': [ '9.0.0' ], 'had': 5, 'why': 'a slip' } }""")
        matches(tree.errors()[0], "is corrected by an erratum that is not in the ledger")
        equal(tree.ledger("close", "9.0")[0], 0)
        equal(tree.errors(), [])
        equal(read("ledger/hw/nic.ledger"), NIC.replace("8.1..=3", "8.1..=4(had:3)\nnic vectors *~9.0 ..8.0=2 8.1..=4(had:5)"))


@test
def a_change_that_was_none_goes() -> None:
    """an entry with an erratum of the ledger may cover cells that the ledger had right"""
    with Tree() as tree:
        tree.edit("hw/nic.json", "{ 'inherit': true },\n        { 'since': '8.1', 'value': 3, 'why': 'one for commands' }",
                  "{ 'value': 2, 'erratum': { 'recorded': 3, 'why': 'no release had 3' } }")
        before = ledger_files()
        equal(tree.ledger("close", "9.0")[0], 0)
        equal(tree.errors(), [])
        before["ledger/hw/nic.ledger"] = NIC.replace("..8.0=2 8.1..=3", "=2(had:3)")
        equal(ledger_files(), before)


@test
def erratum_of_a_right_cell() -> None:
    """an erratum may state what releases had of a cell that the ledger has right, and closing records it"""
    with Tree() as tree:
        tree.edit("hw/nic.json", "{ 'since': '8.1', 'value': 3, 'why': 'one for commands' }",
                  "{ 'since': '8.1', 'value': 3, 'why': 'one for commands',\n"
                  "          'erratum': { 'releases': [ '8.1.0' ], 'had': 4, 'why': 'a slip' } }")
        matches(tree.errors()[0], "is corrected by an erratum that is not in the ledger")
        equal(tree.ledger("close", "9.0")[0], 0)
        equal(tree.errors(), [])
        equal(read("ledger/hw/nic.ledger"), NIC.replace("8.1..=3", "8.1..=3(had:4)"))


@test
def a_ledger_without_releases_gets_them() -> None:
    """a ledger without a release axis accepts changes by release, and closing records them"""
    with Tree() as tree:
        tree.edit("ledger/axes.ledger", "axis release 8.0 8.1 8.2 9.0\n", "")
        tree.edit("ledger/hw/nic.ledger", "rom bar *~9.0 ..8.1=-1 8.2..=2\n", "")
        tree.edit("hw/nic.json", "'release': '8.2', 'value': 1", "'release': '8.1', 'value': 1")
        tree.edit("ledger/hw/nic.ledger", "rom sources *~8.2 =1\n", "")
        equal(tree.errors(), [])
        equal(tree.ledger("close", "9.0")[0], 0)
        equal(read("ledger/axes.ledger"), AXES)
        equal(read("ledger/hw/nic.ledger"), NIC.replace("~8.2", "~8.1"))


@test
def a_release_becomes_exact() -> None:
    """a range of releases in a life may become narrower"""
    with Tree() as tree:
        tree.edit("hw/nic.json", "'introduced': '8.0..8.2'", "'introduced': '8.1'")
        equal(tree.errors(), [])


@test
def a_parent_of_the_open_version() -> None:
    """a class of the open version may come between a released class and its parent, and is not recorded"""
    with Tree() as tree:
        tree.edit("hw/nic.json", "{ 'class': 'nic', 'parent': 'pci-device',",
                  "{ 'class': 'network-device', 'parent': 'pci-device', 'abstract': true }\n"
                  "{ 'class': 'nic', 'parent': 'network-device',")
        equal(tree.errors(), [])
        equal(tree.ledger("close", "9.0")[0], 0)
        equal(read("ledger/hw/nic.ledger"), NIC)
        equal(tree.errors(), [])


@test
def closing_refuses_a_changed_cell() -> None:
    """closing fails if a closed default has changed, and writes nothing"""
    with Tree() as tree:
        tree.edit("hw/disk.json", "'default': 16", "'default': 17")
        before = ledger_files()
        status, said = tree.ledger("close", "9.0")
        equal((status, said[:len("hw/disk.json:9: In struct 'Geometry'")]), (1, "hw/disk.json:9: In struct 'Geometry'"))
        equal(ledger_files(), before)


@test
def announced_end() -> None:
    """entries that were deleted from the ledger may be removed"""
    with Tree() as tree:
        tree.edit("hw/disk.json", "{ 'class': 'disk-pci-old', 'parent': 'disk-pci-base', 'model': 'none' }\n", "")
        tree.edit("ledger/hw/disk.ledger", "disk-pci-old : disk-pci-base\n", "")
        equal(tree.errors(), [])


@test
def same_cells_said_otherwise() -> None:
    """a rewritten history that resolves to the same values is accepted"""
    with Tree() as tree:
        tree.edit("machine/machines.json", "'*cpus': { 'type': 'uint16', 'default': 1 }",
                  "'*cpus': { 'type': 'uint16', 'default': { 'machine': [\n        { 'value': 1 },\n"
                  "        { 'since': '9.1', 'value': 4, 'why': 'every guest runs four' } ] } }")
        tree.edit("hw/nic.json", "{ 'inherit': true }", "{ 'value': 2 }")
        equal(tree.errors(), [])


@test
def versions_before_the_first() -> None:
    """an axis grows backwards, and by a bugfix of its newest closed version"""
    with Tree() as tree:
        tree.edit("axes.json", "    '8.0', {", "    '7.2', '8.0', {")
        equal(tree.errors(), [])
        tree.edit("axes.json", "'8.1', '8.2', '9.0', '9.1' ] }\n{ 'axis'",
                  "'8.1', '8.2', '9.0', { 'name': '9.0.1', 'bugfix-of': '9.0', 'machines': [ 'pc-q35' ] }, '9.1' ] }\n{ 'axis'")
        equal(tree.ledger("close", "9.0.1")[0], 0)
        equal(tree.errors(), [])
        matches(read("ledger/axes.ledger"), r"axis machine 7.2 8.0 8.0.1\(8.0:pc-q35\) 8.1 8.2 9.0 9.0.1\(9.0:pc-q35\)\n")


@test
def difference() -> None:
    """a table shows what changed between two versions"""
    with Tree() as tree:
        status, said = tree.ledger("diff", "8.1", "9.0")
        equal(status, 0)
        rows = [" ".join(line.split()) for line in said.splitlines()]
        equal(rows, [
            "where member on 8.1 9.0 since schema why",
            "sev-guest legacy-vm-type platform true false+sev-init2 9.0 backends/objects.json:8 it measures more",
            "disk-core queues 1 auto:disk_queues(/machine/cpus) 8.2 hw/disk.json:14 one queue per processor scales better",
            "nic host-uso false(had:true) true, with tap: false 8.2 hw/nic.json:6 fewer datagrams",
            "nic host-uso with tun-uso false(had:true) true 8.2 hw/nic.json:6 fewer datagrams",
            "nic guest-uso false(had:true) true, with tap: false 8.2 hw/nic.json:6 fewer datagrams",
            "nic guest-uso with tun-uso false(had:true) true 8.2 hw/nic.json:6 fewer datagrams",
            "nic speed pc-q35, kvm 1000 10000 8.2 hw/nic.json:16 it lifts a limit of the driver",
            "rom bar 1 2 8.2 hw/nic.json:27 it is larger",
            "rom sources 0 1 release 8.2 hw/nic.json:30 no interrupt has no source",
            "pc-q35 cpus 1 2 9.0 machine/machines.json:11 every guest runs two"])


@test
def ledger_of_another_schema() -> None:
    """a smaller schema is not checked against the ledger of another schema"""
    with Tree():
        with open("small.json", "w", encoding="utf-8") as stream:
            stream.write("{ 'include': 'axes.json' }\n{ 'include': 'backends/*.json' }\n{ 'include': 'machine/*.json' }\n")
        equal(errors_of("small.json"), [])


@test
def ledger_of_the_real_schema() -> None:
    """the ledger of the project matches the schema"""
    root = os.path.join(ROOT, "schema", "vintage-vm.json")
    equal([str(error) for error in errors_of(root)], [])
    result = examine(lambda: load(root))
    book = read_book(root)
    assert isinstance(result, tuple) and book
    _, schema = result
    closed = {axis: [schema.version_index(axis, name) for name in book.closed_names(axis)] for axis in book.closed}
    for axis, indexes in closed.items():
        equal(len(indexes), len(schema.versions[axis]) - 2, f"closed versions of the {axis} axis")
    written = record(Present(schema), closed)
    keep(written, book)
    for name, text in render(written).items():
        equal(read(os.path.join(book.directory, name)), text, name)


if __name__ == "__main__":
    main()
