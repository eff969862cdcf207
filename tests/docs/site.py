#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The site in a headless Chromium: search, pages, the version explorer, links, phones, light and dark.  Screenshots are in
BUILD/site-screenshots."""

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import chromium  # noqa: E402
from vintage_test import BUILD, Skip, equal, main, matches, test  # noqa: E402

ROOT = os.environ["VINTAGE_SOURCE"]
SHOTS = os.path.join(BUILD, "site-screenshots")
WIDE, PHONE = (1280, 900), (390, 844)

_place = tempfile.TemporaryDirectory()
_browser: list[chromium.Browser] = []


def site() -> str:
    if not os.listdir(_place.name):
        subprocess.run([os.path.join(ROOT, "qapi-gen", "qapi-gen"), "site", "--chapters", os.path.join(ROOT, "docs"), "-o",
                        _place.name, os.path.join(ROOT, "schema", "vintage-vm.json")], check=True)
    return f"file://{_place.name}/index.html"


def browser() -> chromium.Browser:
    if not chromium.PROGRAM:
        raise Skip("chromium is not installed")
    if not _browser:
        _browser.append(chromium.Browser())
        os.makedirs(SHOTS, exist_ok=True)
        _browser[0].size(*WIDE)
        _browser[0].open(site())
    return _browser[0]


def data() -> dict[str, Any]:
    site()
    with open(os.path.join(_place.name, "data.js"), encoding="utf-8") as file:
        return json.loads(file.read().removeprefix("const DATA = ").rstrip().removesuffix(";"))


def go(page: str) -> str:
    """The text of a page."""
    return browser().run(f"location.hash = {json.dumps('#/' + page)}; show(); document.getElementById('page').innerText")


def found(text: str) -> list[str]:
    """Links of the results of a search."""
    return browser().run(f"document.getElementById('search').value = {json.dumps(text)}; showResults(); "
                         "[...document.querySelectorAll('#results a')].map(each => "
                         "decodeURIComponent(each.getAttribute('href')))")


@test
def search_reaches_every_name() -> None:
    all_of = data()
    names = [("class", each["n"]) for each in all_of["classes"]]
    for kind in ("option", "command", "event", "feature", "type"):
        names += [(kind, each["n"]) for each in all_of[kind + "s"]]
    names += [("class", each["n"], member["n"]) for each in all_of["classes"] for member in each.get("m", ())
              if member.get("o", each["n"]) == each["n"]]
    assert len(names) > 10000, len(names)
    unreachable = browser().run(
        f"{json.dumps(names)}.filter(([kind, name, member]) => !INDEX.some(each => each.kind === kind && each.name === name && "
        "each.member === member))")
    equal(unreachable, [])
    for text, wanted in (("num-queues", "#/class/virtio-blk-device/num-queues"), ("virtio-blk-pci", "#/class/virtio-blk-pci"),
                         ("-device", "#/option/device"), ("query-machines", "#/command/query-machines"),
                         ("SHUTDOWN", "#/event/SHUTDOWN"), ("io-uring", "#/feature/io-uring"),
                         ("CommandNotFound", "../qmp.html#errors"), ("frozen files", "../qmp.html#frozen-files")):
        assert wanted in found(text)[:8], (text, found(text)[:8])


@test
def a_device_shows_each_property_with_its_history() -> None:
    text = go("class/virtio-blk-pci")
    matches(text, r"(?s)num-queues\s+QueueCount.*from the beginning\s*1\b.*machine 5\.2\s*auto\b")
    for name in ("serial", "addr", "disable-legacy", "config-wce", "multifunction"):
        assert browser().run(f"!!document.querySelector('[data-member=\"{name}\"]')"), name
    equal(browser().run("document.querySelector('#page h2').innerText.split(' ')[0]"), "Common")
    browser().run("document.querySelector('[data-member=\"num-queues\"]').scrollIntoView()")
    browser().screenshot(os.path.join(SHOTS, "virtio-blk-pci.png"))


@test
def the_explorer_compares_versions_as_the_tool_does() -> None:
    text = go("explore?family=pc-q35&from=&to=&what=virtio-blk-pci")
    matches(text, r"\d+ defaults change")
    axis = data()["axes"]["machine"]
    old, new = axis.index("5.1"), axis.index("9.2")
    go(f"explore?family=pc-q35&from={old}&to={new}&what=virtio-blk-pci")
    ours = set(browser().run("[...document.querySelectorAll('.change .name')].map(each => each.innerText)"))
    done = subprocess.run([os.path.join(BUILD, "vintage"), "diff", "--json", "--machine", "pc-q35-5.1..pc-q35-9.2",
                           "virtio-blk-pci"], capture_output=True, text=True, check=True)
    assert "num-queues" in ours and "num-queues" in done.stdout
    for name in ours:
        assert f'"{name}"' in done.stdout, name
    # A whole VM, pasted.
    vm = "-machine pc-q35-9.2 -device virtio-net-pci,id=n -device virtio-blk-pci,drive=d -object sev-guest,id=s"
    script = f"document.querySelector('textarea').value = {json.dumps(vm)}; " \
             "document.getElementById('explore').dispatchEvent(new Event('change')); location.hash"
    browser().run(script)
    browser().run("show()")
    headings = browser().run("[...document.querySelectorAll('#changes h2 a')].map(each => each.innerText)")
    equal(headings[0], "pc-q35")
    assert {"virtio-net-pci", "virtio-blk-pci"} <= set(headings), headings
    browser().screenshot(os.path.join(SHOTS, "explorer.png"))
    text = go(f"explore?family=pc-q35&from={new}&to={new}&pfrom=5&pto=8&what=sev-guest")
    assert "legacy-vm-type" in text, text


@test
def each_link_of_each_page_has_a_page() -> None:
    broken = browser().run("""(() => {
      const wrong = [];
      const links = new Set(['#/', '#/browse', '#/explore']);
      for (const link of links) {
        const [kind, name] = link.slice(2).split('?')[0].split('/').map(decodeURIComponent);
        if (kind === 'explore' || !PAGES[kind]) {
          continue;
        }
        const rest = link.slice(2).split('/').slice(1).map(decodeURIComponent).join('/');
        const html = PAGES[kind](kind === 'category' ? rest : name);
        if (/^<h1>No /.test(html)) {
          wrong.push(link);
        }
        for (const found of html.matchAll(/href="(#[^"]*)"/g)) {
          links.add(found[1]);
        }
      }
      return [links.size, wrong];
    })()""")
    equal(broken[1], [])
    assert broken[0] > 2500, broken[0]


@test
def nothing_is_cut_off_on_a_phone() -> None:
    for number, page in enumerate(("", "class/virtio-blk-pci", "explore?what=virtio-net-pci", "browse", "option/device",
                                   "command/query-machines", "type/BlockdevOptionsQcow2", "category/device/net")):
        for dark in (False, True):
            browser().size(*PHONE, dark=dark)
            go(page)
            wide = browser().run("[...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > "
                                 "innerWidth + 1).map(each => each.outerHTML.slice(0, 120))")
            equal(wide, [], page)
            equal(browser().run("document.documentElement.scrollWidth <= innerWidth"), True, page)
            if number < 3:
                browser().screenshot(os.path.join(SHOTS, f"phone-{number}-{'dark' if dark else 'light'}.png"))
    browser().size(*WIDE, dark=True)
    equal(browser().run("document.documentElement.classList.contains('dark')"), True)
    browser().size(*WIDE)


@test
def no_page_reports_an_error() -> None:
    try:
        equal(browser().errors, [])
    finally:
        _browser.pop().__exit__()


if __name__ == "__main__":
    main()
