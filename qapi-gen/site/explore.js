// SPDX-License-Identifier: MIT
// The version explorer: what changes for a device or a pasted VM between two machine and two platform versions.
"use strict";

// The classes that a command line, a JSON file or the XML of libvirt names.
function classesOfText(text) {
  const names = new Set();
  const patterns = [/(?:^|\s)-{1,2}(?:device|object|netdev|blockdev|chardev|machine|M)[ =]+'?"?(?:[a-z-]+=)?([\w.+-]+)/g,
                    /"(?:driver|qom-type|type|backend)"\s*:\s*"([\w.+-]+)"/g, /<model type='([\w.+-]+)'/g];
  for (const pattern of patterns) {
    for (const found of text.matchAll(pattern)) {
      names.add(found[1]);
    }
  }
  if (/^[\w.+-]+$/.test(text.trim())) {
    names.add(text.trim());
  }
  const classes = new Set();
  const unknown = [];
  for (const name of names) {
    const one = classOfTag(name) || familyOf(name);
    if (one) {
      classes.add(one);
    } else {
      unknown.push(name);
    }
  }
  return [[...classes], unknown];
}

function familyOf(name) {
  return FAMILIES.find(each => name === each.user || (name.startsWith(`${each.user}-`) &&
    DATA.axes.machine.includes(name.slice(each.user.length + 1))));
}

const choices = (names, chosen) => names.map(([value, text]) =>
  `<option value="${escaped(value)}"${String(value) === String(chosen) ? " selected" : ""}>${escaped(text)}</option>`).join("");

function explorePage(query) {
  const family = CLASSES.get(query.get("family")) || CLASSES.get("pc-q35") || FAMILIES[0];
  const versions = versionsOf(family).map(index => [index, `${family.user}-${DATA.axes.machine[index]}`]);
  const platforms = DATA.axes.platform.map((name, index) => [index, name]).slice(1);
  const pick = (name, list, otherwise) => list.some(each => String(each[0]) === query.get(name)) ? query.get(name) : otherwise;
  const last = list => list.length ? list[list.length - 1][0] : 0;
  const from = pick("from", versions, versions.length ? versions[Math.max(0, versions.length - 12)][0] : 0);
  const field = (label, name, options) => `<label>${label}<select name="${name}">${options}</select></label>`;
  return `<h1>What changes between two versions</h1><form id="explore"><div class="form">` +
    field("Machine", "family", choices(FAMILIES.map(each => [each.n, each.user]).sort((a, b) => a[1] < b[1] ? -1 : 1), family.n)) +
    field("from", "from", choices(versions, from)) + field("to", "to", choices(versions, pick("to", versions, last(versions)))) +
    field("Platform from", "pfrom", choices(platforms, pick("pfrom", platforms, last(platforms)))) +
    field("to", "pto", choices(platforms, pick("pto", platforms, last(platforms)))) + `</div>` +
    `<label>A device, or the command line, configuration or XML of a VM; empty: every class` +
    `<textarea name="what" spellcheck="false">${escaped(query.get("what") || "")}</textarea></label></form>` +
    `<div id="changes">${exploreResult(family, query, { from, to: pick("to", versions, last(versions)),
      pfrom: pick("pfrom", platforms, last(platforms)), pto: pick("pto", platforms, last(platforms)) })}</div>`;
}

function exploreResult(family, query, chosen) {
  const text = (query.get("what") || "").trim();
  const [named, unknown] = text ? classesOfText(text) : [DATA.classes.filter(each => !each.a && !each.versions), []];
  const classes = named.filter(each => !each.versions);
  const before = { machine: Number(chosen.from), platform: Number(chosen.pfrom), family: family.n, target: (family.targets || [])[0] };
  const after = { ...before, machine: Number(chosen.to), platform: Number(chosen.pto) };
  let count = 0;
  const parts = (text && !named.some(each => each.versions) && classes.length ? classes : [family, ...classes]).map(one => {
    const changes = changesOf(one, before, after);
    count += changes.length;
    return changes.length ? `<h2>${classLink(one.n)} <small>${changes.length}</small></h2>` + changes.map(([member, old, now, history]) =>
      `<div class="change"><div><span class="name">${escaped(member.n)}</span><br><code class="value">${escaped(textOf(old))}</code> → ` +
      `<code class="value">${escaped(textOf(now))}</code></div><div>${prose((now && now.why) || (old && old.why) || "")} <small>` +
      `${now && now.since ? `${history.axis} ${DATA.axes[history.axis][now.since]} · ` : ""}${escaped((now && now.w) || history.w)}` +
      `</small></div></div>`).join("") : "";
  });
  const notes = unknown.length ? `<p class="soft">Not known: ${escaped(unknown.join(", "))}</p>` : "";
  return `<p id="count"><b>${count}</b> defaults change</p>${notes}${parts.join("")}`;
}

function exploreStart() {
  const form = document.getElementById("explore");
  form.addEventListener("change", () => {
    location.hash = `#/explore?${new URLSearchParams(new FormData(form))}`;
  });
  form.addEventListener("submit", event => event.preventDefault());
}
