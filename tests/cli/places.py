#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Placement on all types of buses: default places, checks of explicit places, and frozen VMs."""

import itertools
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scaling import root_port, root_ports  # noqa: E402
from vintage_test import equal, main, matches, resolve, resolve_error, test, tool, tool_json, write_file  # noqa: E402

PC, Q35 = ["-machine", "pc-i440fx-7.2"], ["-machine", "pc-q35-7.2"]
PIN = ["--platform-version", "7.2"]
DISK = ["-blockdev", "driver=null-co,node-name=n"]


def devices(*words: str) -> list[str]:
    return [each for one in words for each in ("-device", one)]


def places(vm: list[str], *members: str) -> dict[str, tuple]:
    """The bus and the placement members of each device."""
    found = resolve([*PIN, *vm], "--settled")["objects"]
    return {key: tuple(one["properties"].get(name) for name in ("bus", *members)) for key, one in found.items()
            if "bus" in one["properties"]}


@test
def disks_without_a_place_get_units_targets_and_ports() -> None:
    vm = PC + DISK + devices("ide-hd,id=a,drive=n", "ide-cd,id=b", "ide-cd,id=c", "ide-cd,id=d")
    equal(places(vm, "unit"), {"a": ("ide.1", 0), "b": ("ide.1", 1), "c": ("ide.0", 0), "d": ("ide.0", 1)})
    matches(resolve_error(*vm, "-device", "ide-cd"), r"no 'IDE' bus with room found for device 'ide-cd'$")
    vm = PC + devices("virtio-scsi-pci,id=s", "scsi-cd,id=a", "scsi-cd,id=b,scsi-id=0", "scsi-cd,id=c,lun=0",
                      "scsi-cd,id=d,lun=9")
    equal({key: value for key, value in places(vm, "channel", "scsi-id", "lun").items() if key != "s"},
          {"a": ("s.0", 0, 0, 0), "b": ("s.0", 0, 0, 1), "c": ("s.0", 0, 1, 0), "d": ("s.0", 0, 0, 9)})


@test
def what_is_given_is_taken_first_in_whatever_order_it_stands() -> None:
    words = ["virtio-serial-pci,id=s", "virtserialport,id=a", "virtserialport,id=b,nr=1", "virtserialport,id=c"]
    for order in itertools.permutations(words):
        found = places(PC + devices(*order), "nr")
        equal(found["b"], ("s.0", 1))
        equal(sorted([found["a"], found["c"]]), [("s.0", 2), ("s.0", 3)])


@test
def a_device_goes_to_the_newest_bus_of_those_before_it() -> None:
    words = ["virtio-scsi-pci,id=s", "scsi-cd,id=a", "virtio-scsi-pci,id=t", "scsi-cd,id=b", "scsi-cd,id=c,scsi-id=3"]
    found = places(PC + devices(*words), "scsi-id")
    equal([found[name] for name in "abc"], [("s.0", 0), ("t.0", 0), ("t.0", 3)])
    found = places(PC + devices("ide-cd,id=a", "ich9-ahci,id=h", "ide-cd,id=b"), "unit")
    equal([found[name] for name in "ab"], [("ide.1", 0), ("h.5", 0)])


@test
def who_brings_the_only_bus_is_made_first() -> None:
    equal(places(Q35 + devices("floppy,id=f", "isa-fdc,id=c"), "unit")["f"], ("c.0", 0))
    equal(places(PC + devices("usb-kbd,id=k,port=2", "qemu-xhci,id=x"), "port")["k"], ("x.0", "2"))


@test
def buses_without_an_id_are_numbered_as_they_come() -> None:
    vm = PC + devices("ich9-ahci", "ide-cd,id=a,bus=ide.7", "intel-hda", "hda-micro,id=b,bus=hda.0", "pci-bridge,chassis_nr=1",
                      "virtio-rng-pci,id=c,bus=pci.1", "virtio-scsi-pci", "scsi-cd,id=d,bus=scsi.0", "sdhci-pci")
    equal({key: value[0] for key, value in places(vm).items() if len(key) == 1},
          {"a": "ide.7", "b": "hda.0", "c": "pci.1", "d": "scsi.0"})


@test
def hubs_that_a_full_usb_bus_gets_nest_no_deeper_than_usb_allows() -> None:
    # 3 ports: 2 devices and a hub; 4 hubs with 7 devices and a hub each; and a hub with 8 devices.
    most = 2 + 4 * 7 + 8
    vm = PC + devices("qemu-xhci,id=x,p2=3,p3=3", *(f"usb-kbd,id=k{i}" for i in range(most)))
    ports = [place[1] for place in places(vm, "port").values() if place[0] == "x.0"]
    equal((len(set(ports)), max(port.count(".") for port in ports)), (most + 5, 5))
    matches(resolve_error(*vm, "-device", "usb-kbd"), "no 'usb-bus' bus with room found for device 'usb-kbd'$")
    found = places(vm + devices("qemu-xhci,id=y", "usb-kbd,id=more"), "port")
    equal((found["more"], found["k37"][0]), (("y.0", "1"), "x.0"))
    chain = [f"usb-hub,bus=x.0,port={'.'.join('1' * depth)}" for depth in range(1, 7)]
    vm = PC + devices("qemu-xhci,id=x", *chain[:5])
    equal(places(vm + devices("usb-kbd,id=k,port=1.1.1.1.1.8"), "port")["k"], ("x.0", "1.1.1.1.1.8"))
    matches(resolve_error(*vm, "-device", chain[5]), r"port 1\.1\.1\.1\.1\.1 is below 5 hubs; a hub can be below 4 at most$")


@test
def a_member_of_the_machine_brings_buses_and_takes_slots() -> None:
    matches(resolve_error(*PC, "-device", "usb-kbd"), "no 'usb-bus' bus found")
    equal(places(PC + ["-usb"] + devices("usb-kbd,id=k"), "port")["k"], ("usb-bus.0", "1"))
    taken = devices("piix3-usb-uhci,addr=1.2")
    equal(places(PC + taken)["device[0]"], ("pci.0",))
    matches(resolve_error(*PC, "-usb", *taken), "slot 1 function 2 not available for piix3-usb-uhci, in use by piix3-usb-uhci$")
    equal(places(["-machine", "pc-q35-7.2,sata=off"] + devices("virtio-rng-pci,addr=1f.2,id=r"))["r"], ("pcie.0",))
    matches(resolve_error("-machine", "pc-q35-7.2,sata=off", "-device", "ide-cd"), "no 'IDE' bus found")


@test
def a_member_of_the_controller_says_how_many_ports_there_are() -> None:
    for p2, p3, ports in ((2, 3, 3), (15, 15, 15), (4, 1, 4)):
        vm = PC + devices(f"qemu-xhci,id=x,p2={p2},p3={p3}", f"usb-kbd,id=k,port={ports}")
        equal(places(vm, "port")["k"], ("x.0", str(ports)))
        matches(resolve_error(*vm, "-device", f"usb-kbd,port={ports + 1}"),
                f"port {ports + 1} does not exist; expected 1 to {ports}$")
    vm = PC + devices("ich9-usb-ehci1,id=e", "ich9-usb-uhci1,id=u,masterbus=e.0")
    matches(resolve_error(*vm, "-device", "usb-kbd,bus=u.0"), r"no bus 'u\.0'")
    matches(resolve_error(*PC, "-device", "ich9-usb-uhci1,masterbus=pci.0"),
            r"masterbus: expected an? usb-bus bus, got PCI bus 'pci\.0'$")


@test
def usb_ports_form_a_tree() -> None:
    words = ["qemu-xhci,id=x,p2=1,p3=1", "usb-hub,id=h,port=1", "usb-hub,id=i,port=1.3", "usb-kbd,id=k,port=1.3.8",
             "usb-mouse,id=m"]
    found = places(PC + devices(*words), "port")
    equal([found[name][1] for name in "hikm"], ["1", "1.3", "1.3.8", "1.1"])
    matches(resolve_error(*PC, *devices(words[0], "usb-kbd,port=01")), "port 01 does not exist; expected 1 to 1$")
    found = places(PC + devices(words[0], "usb-kbd,id=k", "usb-mouse,id=m"), "port")
    equal((found["k"], found["m"], found["device[0]"]), (("x.0", "1.1"), ("x.0", "1.2"), ("x.0", "1")))


@test
def hubs_come_for_the_last_free_port_of_usb() -> None:
    found = places(PC + devices("qemu-xhci,id=x,p2=2,p3=2", *(f"usb-kbd,id=k{i}" for i in range(36)), "usb-mouse,id=m,port=1"),
                   "port")
    equal(found["m"], ("x.0", "1"))
    ports = [found[f"k{i}"][1] for i in range(36)]
    equal(len({*ports, *(place[1] for key, place in found.items() if key.startswith("device["))}), len(found) - 2)
    # The last free port gets the next hub.
    equal(ports[:10], [f"2.{i}" for i in range(1, 8)] + [f"2.8.{i}" for i in range(1, 4)])


@test
def a_hub_has_devices_before_it_on_the_command_line() -> None:
    words = ["qemu-xhci,id=x,p2=4,p3=4", "usb-kbd,id=a,port=2.1", "usb-kbd,id=b", "usb-hub,id=h,port=2,ports=2", "usb-kbd,id=c"]
    found = places(PC + devices(*words), "port")
    equal([found[name][1] for name in "abhc"], ["2.1", "1", "2", "3"])
    matches(resolve_error(*PC, *devices(*words, "usb-mouse,port=2.1")), "port 2.1 is in use by")
    matches(resolve_error(*PC, *devices(*words, "usb-mouse,port=2.3")), "port 2.3 does not exist; expected 2.1 to 2.2$")
    matches(resolve_error(*PC, *devices(*words, "usb-mouse,port=1.1")), "port 1.1 does not exist, because no usb-hub is at 1$")


@test
def hundreds_of_root_ports_and_nics_have_places_and_addresses() -> None:
    count = 400     # QEMU refuses the 170th device
    vm = Q35 + root_ports(count)
    for i in range(count):
        vm += [*root_port(i), "-device", f"virtio-net-pci,id=n{i},bus=p{i}"]
    found = resolve([*PIN, *vm], "--settled")["objects"]
    macs = {found[f"n{i}"]["properties"]["mac"] for i in range(count)}
    equal(len(macs), count)
    equal(len({(found[f"p{i}"]["properties"]["bus"], found[f"p{i}"]["properties"]["addr"]) for i in range(count)}), count)


@test
def what_a_slot_was_kept_for_is_told() -> None:
    matches(resolve_error("--target", "ppc64", "-machine", "pseries-7.2", "-device", "spapr-vscsi,reg=0x71000000"),
            "bus 'spapr-vio': reg 1895825408 is in use by spapr-nvram$")


@test
def a_frozen_vm_has_the_same_places_under_names_of_their_own() -> None:
    vm = [*PIN, *PC, "-usb", *DISK, *devices("ide-hd,drive=n", "virtio-scsi-pci", "scsi-cd", "scsi-cd,lun=1", "virtio-serial-pci",
                                              "virtserialport", "virtconsole", "usb-tablet", "intel-hda", "hda-duplex", "floppy",
                                              "ich9-usb-ehci1", "ich9-usb-uhci1,masterbus=usb-bus.1", "usb-mouse,bus=usb-bus.1")]
    members = ("unit", "scsi-id", "lun", "nr", "port", "cad", "addr")

    def seen(objects: dict) -> list:
        return sorted((one["type"], [(name, one["properties"][name]) for name in members if name in one["properties"]])
                      for one in objects.values() if one["type"] != "pc-i440fx-7.2")

    with tempfile.TemporaryDirectory() as directory:
        done = tool("freeze", "--json", "--", *vm)
        equal(done.returncode, 0, done.stderr)
        frozen = json.loads(done.stdout)
        path = write_file(directory, "vm.json", done.stdout)
        again = tool_json("resolve", "--settled", "--json", path)
    given = [one for one in frozen["device"] if one["driver"] == "scsi-cd"]
    equal([(one["scsi-id"], one["lun"]) for one in given], [(0, 0), (0, 1)])
    assert all(one["bus"].startswith("device-") for one in given), given
    master = next(one["masterbus"] for one in frozen["device"] if "masterbus" in one)
    assert master.startswith("device-") and master in [one.get("bus") for one in frozen["device"]], frozen["device"]
    equal(seen(again["objects"]), seen(resolve(vm, "--settled")["objects"]))


if __name__ == "__main__":
    main()
