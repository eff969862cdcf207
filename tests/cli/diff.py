#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vintage diff: changes by cause, for two versions and for two VMs of any form, as text, JSON and HTML."""

import fcntl
import html.parser
import os
import pty
import re
import struct
import sys
import tempfile
import termios

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, equal, main, matches, run, test, to_start, tool, tool_json, write_file  # noqa: E402

ROWS, COLUMNS = 50, 80
PORTS = [word for i in range(6) for word in ("-device", f"pcie-root-port,id=rp{i},chassis={i},slot={i}")]
DISKS = [word for i in range(4) for word in (
    "-blockdev", f"null-co,node-name=d{i}", "-device", f"virtio-blk-pci,id=disk{i},drive=d{i},bus=rp{i}")]
CARDS = [word for i in range(3) for word in ("-netdev", f"user,id=n{i}", "-device", f"virtio-net-pci,id=net{i},netdev=n{i}")]
OTHERS = ["-device", "virtio-scsi-pci,id=scsi0", "-blockdev", "null-co,node-name=s0", "-device", "scsi-hd,id=hd0,drive=s0",
          "-device", "qemu-xhci,id=usb", "-device", "usb-tablet,id=tablet", "-device", "virtio-balloon-pci,id=balloon",
          "-device", "VGA,id=vga", "-device", "intel-hda,id=hda"]
VM20 = ["-machine", "pc-q35-8.2", "-nodefaults", "-m", "8G", "-smp", "4", *PORTS, *DISKS, *CARDS, *OTHERS]
LIBVIRT = """<domain type='qemu'><name>v</name><memory unit='MiB'>{memory}</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='{machine}'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices></domain>
"""


def on_terminal(*argv: str, **environment: str) -> str:
    """What the tool prints on a terminal of ROWS x COLUMNS."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        command = to_start([TOOL, *argv])
        os.execvpe(command[0], command, {**os.environ, "PAGER": "cat", "NO_COLOR": "1", **environment})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    text = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:     # the other side is closed
            break
        if not part:
            break
        text += part
    os.close(terminal)
    equal(os.waitpid(pid, 0)[1], 0, text.decode())
    return text.decode().replace("\r\n", "\n")


@test
def a_vm_of_20_devices_fits_a_screen() -> None:
    text = on_terminal("diff", "8.2..9.2", "--", *VM20)
    lines = text.splitlines()
    print(f"# {len(lines)} lines, the longest has {max(map(len, lines))} columns")
    assert len(lines) <= ROWS, text
    assert max(map(len, lines)) <= COLUMNS, text
    equal([line for line in lines if line != line.rstrip()], [])
    matches(text, r"(?m)^  x-pcie-ext-tag +off +on +9\.2$")
    matches(text, r"(?m)^    22 objects: balloon, disk0, .*, \+\d+$")
    matches(text, r"(?m)^  smbios-memory-device-size +16 GiB +2047 TiB ")
    # Elsewhere lines have no limit, and each object is named.
    matches(tool("diff", "8.2..9.2", "--", *VM20).stdout, r"(?m)^  x-pcie-ext-tag .* 22 objects: .*\bscsi0, usb, vga, mch, .*")


@test
def each_change_is_in_one_group() -> None:
    for words in (["8.2..9.2", "--", *VM20], ["pc-q35-2.4..11.0"], ["--platform-version", "9.0..9.1"]):
        changes = tool_json("diff", "--json", *words)["changes"]
        text = tool("diff", *words).stdout
        count = sum(len(properties) for properties in changes.values())
        seen = sum(row["guest"] for properties in changes.values() for row in properties.values())
        matches(text.splitlines()[0], rf": {count} changes?, {seen} visible to the guest; \d+ causes?$")
        grouped = sum(int(re.search(r" (\d+) (?:types|objects): ", line)[1]) if re.search(r" \d+ (types|objects): ", line)
                      else 1 for line in text.splitlines() if re.match(r"  \S", line))
        equal(grouped, count, str(words))
        causes = {(name, str(row["from"]), str(row["to"]), row.get("file"), row.get("line"), row["guest"])
                  for properties in changes.values() for name, row in properties.items()}
        assert len(causes) <= int(re.search(r"(\d+) causes?$", text.splitlines()[0])[1]) <= len(causes) + 9


@test
def ranges_have_short_forms() -> None:
    long = tool_json("diff", "--json", "--machine", "pc-q35-8.2..pc-q35-9.2", "--", *VM20)
    equal(tool_json("diff", "--json", "8.2..9.2", "--", *VM20), long)
    equal(tool_json("diff", "--json", "pc-q35-8.2..9.2", "--", *VM20), long)
    equal(tool_json("diff", "--json", "pc-q35-8.2..pc-q35-9.2", "--", *VM20), long)
    equal(tool_json("diff", "--json", "8.2..9.2"), tool_json("diff", "--json", "--machine", "pc-i440fx-8.2..9.2"))
    equal(tool_json("diff", "--json", "--target", "s390x", "8.2..9.2"),
          tool_json("diff", "--json", "--target", "s390x", "--machine", "s390-ccw-virtio-8.2..9.2"))


@test
def patterns_select_changes() -> None:
    every = tool_json("diff", "--json", "pc-q35-5.1..9.1")["changes"]
    queues = tool_json("diff", "--json", "pc-q35-5.1..9.1", "*.num-queues")["changes"]
    equal(queues, {key: {"num-queues": row["num-queues"]} for key, row in every.items() if "num-queues" in row})
    assert len(queues) > 3
    net = tool_json("diff", "--json", "pc-q35-5.1..9.1", "virtio-net*")["changes"]
    equal(net, {key: row for key, row in every.items() if key.startswith("virtio-net")})
    of_vm = tool_json("diff", "--json", "8.2..9.2", "disk?.x-*", "hd0", "--", *VM20)["changes"]
    equal(sorted(of_vm), ["disk0", "disk1", "disk2", "disk3", "hd0"])
    equal(tool("diff", "8.2..9.2", "zz*", "--", *VM20).stdout, "nothing changes from pc-q35-8.2 to pc-q35-9.2\n")
    matches(tool("diff", "8.2..9.2", "virtio-blk-pcj").stderr, "unknown type 'virtio-blk-pcj'; did you mean 'virtio-blk-pci'")


@test
def filters_leave_out_what_they_say() -> None:
    host = tool_json("diff", "--json", "--platform-version", "9.0..9.1")["changes"]
    assert not any(row["guest"] for properties in host.values() for row in properties.values())
    equal(tool_json("diff", "--json", "--guest-visible", "--platform-version", "9.0..9.1")["changes"], {})
    with tempfile.TemporaryDirectory() as directory:
        a = write_file(directory, "a.json", '{"machine": {"type": "pc-q35-8.2", "memory": {"size": 1073741824}}}')
        b = write_file(directory, "b.json", '{"machine": {"type": "pc-q35-9.2", "memory": {"size": 2147483648}}}')
        every = tool_json("diff", "--json", a, b)["changes"]["/machine"]
        given = tool_json("diff", "--json", "--explicit", a, b)["changes"]["/machine"]
        changed = tool_json("diff", "--json", "--changed", a, b)["changes"]["/machine"]
    equal(list(given), ["memory"])
    equal({**given, **changed}, every)
    assert len(changed) > 2 and not set(given) & set(changed)


@test
def a_side_has_any_form() -> None:
    with tempfile.TemporaryDirectory() as directory:
        config = write_file(directory, "vm.json", """{"machine": {"type": "pc-q35-7.2", "memory": {"size": 1073741824},
            "smp": {"cpus": 2}}}""")
        words = write_file(directory, "vm.argv", "/usr/bin/qemu-system-x86_64 -machine pc-q35-7.2 -m 1G -smp 2\n")
        domain = write_file(directory, "vm.xml", LIBVIRT.format(memory=1024, machine="pc-q35-7.2"))
        for other in (config, words):
            # QEMU 7.2 is installed, or not.
            equal(tool_json("diff", "--json", "--release", "7.2", config, other), {"changes": {}, "objects": {}}, other)
        for other in (config, words):
            got = tool_json("diff", "--json", "--release", "7.2", other, "--", "-machine", "pc-q35-7.2", "-m", "2G", "-smp", "2")
            equal(list(got["changes"]), ["/machine"], other)
            equal(list(got["changes"]["/machine"]), ["memory"], other)
        smaller = write_file(directory, "smaller.xml", LIBVIRT.format(memory=512, machine="pc-q35-7.2"))
        got = tool_json("diff", "--json", domain, smaller)
        equal(list(got["changes"]), ["/machine"])
        equal((list(got["changes"]["/machine"]), got["objects"]), (["memory"], {}))
        assert tool_json("diff", "--json", "pc-q35-7.2", "pc-q35-9.2")["changes"]
        matches(tool("diff", config, os.path.join(directory, "none.json")).stderr, "none.json")


class Page(html.parser.HTMLParser):
    """The elements that are open, all that occurred, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.all: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.all.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        equal(self.open.pop(), tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@test
def html_is_one_page() -> None:
    done = run(TOOL, "diff", "--html", "8.2..9.2", "--", *VM20)
    page = Page(done.stdout)
    equal(page.open, [])
    equal([one for one in page.all if {"src", "href"} & set(one[1])], [], "references to other files")
    assert ("meta", {"name": "viewport", "content": "width=device-width,initial-scale=1"}) in page.all
    for text in ("x-pcie-ext-tag", "22 objects", "disk3", "2047 TiB", "hw/pci/pci-device.json"):
        assert text in page.text, text
    assert "color-scheme:light dark" in done.stdout


@test
def colours_and_the_pager_are_for_terminals() -> None:
    words = ["diff", "8.2..9.2", "--", *VM20]
    assert "\033" not in tool(*words).stdout
    assert "\033[1m" in tool("diff", "--color=always", *words[1:]).stdout
    assert "\033[1m" in on_terminal(*words, NO_COLOR="")
    assert "\033" not in on_terminal("diff", "--color", "never", *words[1:], NO_COLOR="")
    equal(on_terminal(*words, PAGER="sed -n 1p").count("\n"), 1)
    assert on_terminal(*words, PAGER="").count("\n") > 5


@test
def wrong_uses_get_one_line() -> None:
    for words, text in ((["8.2"], "expected two versions, as 8.2..9.2, or two VMs"), ([], "expected two versions"),
                        (["8.2..8.2"], "8.2..8.2: expected two versions that differ"),
                        (["8.2..9.9"], "unknown machine 'pc-i440fx-9.9'"),
                        (["8.2..9.2", "--machine", "q35..pc"], "expected one range of machines"),
                        (["8.2..9.2", "a.json", "b.json"], "expected one VM with two versions, or two VMs"),
                        (["--json", "--html", "8.2..9.2"], "expected --json or --html"),
                        (["--color", "blue", "8.2..9.2"], "--color: expected auto, always or never")):
        done = tool("diff", *words)
        assert done.returncode and not done.stdout, (words, done)
        matches(done.stderr, re.escape(text))
        equal(done.stderr.count("\n"), 1, done.stderr)


main()
