#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mistakes with versioned defaults that upstream projects made. Each is refused, with a correction in the message.

In the original projects, users found these after a release, when virtual machines did not migrate.
"""

import sys

from sample_tree import Case, run

DISK, NIC, MACHINES, AXES = "hw/disk.json", "hw/nic.json", "machine/machines.json", "axes.json"
STAYS = ": closed versions stay: let the change begin with 9.1, or name what was released in an 'erratum'"
VECTORS = "'vectors': { 'machine': ["
SERIAL = "'*serial': { 'type': 'str', 'absent-means': 'none' }"

CASES = [
    # The fix of a released mistake broke migration between the affected releases.
    Case("1: a released mistake is not mended in silence", DISK,
         "{ 'since': '9.0', 'value': true, 'why': 'that kernel is gone' }",
         "{ 'since': '9.1', 'value': true, 'why': 'that kernel is gone' }",
         f"{DISK}:20: In class 'disk-core': default of 'discard' in 9.0 was released as true and would become false: its entry "
         "since 9.0 is gone or moved: bring it back"),
    Case("1: the erratum says which releases it is about", NIC, "'8.1.0..8.1.2'", "",
         f"{NIC}:5: In timeline 'Uso': default of 'Uso': 'releases' must be an array of releases, such as '8.1.0..8.1.3'"),
    Case("1: the erratum is not about releases to come", NIC, "8.1.0..8.1.2", "8.1.0..9.1.0",
         f"{NIC}:5: In timeline 'Uso': default of 'Uso': version '9.1' is open, so '9.1.0' is not released yet"),
    # Entries were added to the list of a released version.
    Case("2: only the open version takes entries", NIC, "{ 'since': '8.1', 'value': 3, 'why': 'one for commands' }",
         "{ 'since': '8.1', 'value': 3, 'why': 'one for commands' },\n        { 'since': '9.0', 'value': 4, 'why': 'x' }",
         f"{NIC}:21: In class 'nic': default of 'vectors' in 9.0 was released as 3 and would become 4{STAYS}"),
    Case("2: a default without a history does not begin one in a closed version", DISK,
         "'*vectors': { 'type': 'uint16', 'default': 2 }", "'*vectors': { 'type': 'uint16', 'default': { 'machine': [\n"
         "        { 'value': 2 },\n        { 'since': '9.0', 'value': 4, 'why': 'x' } ] } }",
         f"{DISK}:9: In class 'pci-device': default of 'vectors' in 9.0 was released as 2 and would become 4{STAYS}"),
    # Only some variants of a device were fixed.
    Case("3: variants of a device agree", DISK, "{ 'class': 'disk-pci-old', 'parent': 'disk-pci-base', 'model': 'none' }",
         "{ 'class': 'disk-pci-old', 'parent': 'disk-pci-base', 'model': 'none' }\n"
         "{ 'class': 'disk-ccw', 'parent': 'pci-device', 'model': 'none', 'defaults': {\n    'discard': true },\n"
         "  'embed': { 'core': { 'class': 'disk-core', 'members': 'all' } } }",
         f"{DISK}:29: In class 'disk-ccw': 'discard' resolves otherwise than in 'disk-pci', which embeds 'disk-core' too: "
         "in both, or in their parent, state the same, or say why in 'differs'"),
    # Names were misspelt, and the entries were ignored at run time.
    Case("4: a member that does not exist has no default", NIC, VECTORS, "'vector': { 'machine': [",
         f"{NIC}:18: In class 'nic': 'defaults' names unknown member 'vector'; did you mean 'vectors'?"),
    Case("4: a family that does not exist has no entry", NIC, "'why': 'nobody has less', 'for': { 'machines': [ 'pc-q35' ] }",
         "'why': 'nobody has less', 'for': { 'machines': [ 'pcq35' ] }",
         f"{NIC}:15: In class 'nic': default of 'speed': unknown machine 'pcq35'; did you mean 'pc-q35'?"),
    Case("4: a reference to a class that does not exist is none", NIC, "'when-ref': { 'netdev': 'tap' }",
         "'when-ref': { 'netdev': 'tpa' }",
         f"{NIC}:6: In class 'nic': default of 'host-uso': 'when-ref' names unknown class 'tpa'; did you mean 'tap'?"),
    # A property was set on classes that do not have it.
    Case("5: a class without the member has no default of it", MACHINES, "'cpus': { 'machine': [", "'vectors': { 'machine': [",
         f"{MACHINES}:9: In machine 'pc-q35': 'defaults' names unknown member 'vectors'"),
    # A version included another version's list, or omitted one.
    Case("6: a version is not left out", AXES, "    '8.1', '8.2', '9.0', '9.1' ] }\n{", "    '8.1', '9.0', '9.1' ] }\n{",
         f"{NIC}:6: In timeline 'Uso': version '8.2' is not on the machine axis; did you mean '8.1'?"),
    Case("6: a version does not come twice", AXES, "    '8.1', '8.2', '9.0', '9.1' ] }\n{",
         "    '8.1', '8.2', '8.1', '9.0', '9.1' ] }\n{", f"{AXES}:4: In axis 'machine': version '8.1' is listed twice"),
    # One version needed a value that differs from its neighbours.
    Case("8: a value for one version alone is not lost", DISK,
         "        { 'since': '8.2', 'value': false, 'why': 'one kernel failed' },\n"
         "        { 'since': '9.0', 'value': true, 'why': 'that kernel is gone' }",
         "        { 'since': '9.1', 'value': false, 'why': 'x' }",
         f"{DISK}:19: In class 'disk-core': default of 'discard' in 8.2 was released as false and would become true: its entry "
         "since 8.2 is gone or moved: bring it back"),
    # A guest-visible value depended on the host.
    Case("9: an 'auto' that the guest can see is derived from something", DISK,
         "'why': 'one queue per processor scales better',\n"
         "          'derive': { 'from': [ '/machine/cpus' ], 'by': 'disk_queues' } }",
         "'why': 'one queue per processor scales better' }",
         f"{DISK}:14: In class 'disk-core': default of 'queues': the guest can see 'auto', so it must say 'derive' or 'needs'"),
    # It was unclear whether an entry belongs to the bugfix version or to the next one.
    Case("11: a bugfix version takes entries for its families only", NIC,
         "'why': 'nobody has less', 'for': { 'machines': [ 'pc-q35' ] } },",
         "'why': 'nobody has less', 'for': { 'machines': [ 'pc-i440fx' ] } },\n"
         "        { 'since': '8.1', 'value': 10, 'why': 'x', 'for': { 'machines': [ 'pc-i440fx' ] } },",
         f"{NIC}:15: In class 'nic': default of 'speed' since 8.0.1 changes nothing"),
    Case("11: a closed version gets no bugfix version but the newest does", AXES, "'8.1', '8.2', '9.0', '9.1' ] }\n{ 'axis'",
         "'8.1', { 'name': '8.1.1', 'bugfix-of': '8.1' },\n    '8.2', '9.0', '9.1' ] }\n{ 'axis'",
         f"{AXES}:4: In axis 'machine': version '8.1.1' is new among closed versions: a new version comes after '9.0'"),
    # A later feature was enabled for all versions.
    Case("13: a member that the guest can see leaves closed versions alone", DISK, SERIAL,
         f"{SERIAL},\n    '*label': {{ 'type': 'bool', 'guest-visible': true, 'added': '9.1', 'default': {{ 'machine': [\n"
         "        { 'value': false },\n        { 'since': '9.0', 'value': true, 'why': 'x' } ] } }",
         f"{DISK}:25: In class 'disk-core': default of 'label': the guest can see it, and it was added in 9.1, so 9.0 keeps the "
         "first value: let the entry begin with 9.1"),
]

if __name__ == "__main__":
    sys.exit(run(CASES))
