// SPDX-License-Identifier: MIT
// The pages of the reference: each function returns HTML.
"use strict";

const escaped = text => String(text).replace(/[&<>"]/g, each => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[each]);
// A documentation comment: @NAME is a name.
const prose = text => escaped(text || "").replace(/@([A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]|[A-Za-z0-9])/g, "<code>$1</code>");
const link = (kind, name, text) => `<a class="name" href="#/${kind}/${encodeURIComponent(name)}">${escaped(text || name)}</a>`;
const classLink = name => CLASSES.has(name) ? link("class", name) : escaped(name);

function typeLink(text) {
  const [, before, name] = /^(list of )?(.*)$/.exec(text || "");
  const root = DATA.classes.find(each => `class<${each.n}>` === name);
  return (before || "") + (TYPES.has(name) ? link("type", name) : root ? classLink(root.n) : escaped(name));
}

const facts = rows => `<dl class="facts">${rows.filter(row => row[1]).map(row => `<dt>${row[0]}</dt><dd>${row[1]}</dd>`).join("")}</dl>`;

function lifeText(life) {
  return life ? escaped(["introduced", "deprecated", "removed"].filter(each => life[each]).map(each =>
    `${each} in release ${life[each].join(" to ")}`).join("; ") + (life.why ? `: ${life.why}` : "")) : "";
}

// A history as a timeline, oldest first; the entry of the newest version is marked.
function historyHtml(history) {
  const versions = DATA.axes[history.axis] || [];
  const plain = history.e.length === 1 && !history.e[0].needs && !history.e[0].from;
  if (plain) {
    return `<p>Default: <code class="value">${escaped(textOf(history.e[0]))}</code></p>`;
  }
  const newest = history.e.filter(each => !each.family && !each.accel && !each.on).pop();
  const items = history.e.map(entry => {
    const when = [entry.since ? `${history.axis} ${versions[entry.since]}` : "from the beginning",
                  entry.release ? `release ${DATA.axes.release[entry.release]}` : ""].filter(each => each).join(", ");
    const only = [entry.family ? classLink(entry.family) : "", entry.accel, (entry.on || []).join(", ")].filter(each => each);
    const notes = [entry.why ? prose(entry.why) : "", entry.needs ? `needs ${entry.needs.map(each => link("feature", each)).join(", ")}` : "",
                   entry.from ? `derived from <code>${escaped(entry.from.join(", "))}</code>` : "",
                   entry.erratum ? `corrected: ${escaped(entry.erratum)}` : ""].filter(each => each);
    return `<li class="${entry === newest ? "now" : ""}"><span class="when">${escaped(when)}</span>` +
      `<code class="value">${escaped(textOf(entry))}</code>${only.length ? ` <span class="soft">on ${only.join(", ")}</span>` : ""}` +
      `<br>${notes.join("; ")} <small>${escaped(entry.w || "")}</small></li>`;
  });
  return `<ol class="history">${items.join("")}</ol>`;
}

function memberHtml(member, found) {
  const history = historyOf(member);
  const traits = [member.range ? `${member.range[0]} to ${member.range[1]}` : "", member.ref ? `id of ${classLink(member.ref)}` : "",
                  ...(member.traits || []).map(escaped), (member.on || []).length ? `on ${member.on.join(", ")}` : "",
                  lifeText(member.life)].filter(each => each);
  return `<div class="member${found ? " found" : ""}" data-member="${escaped(member.n)}"><h3><span class="name">${escaped(member.n)}</span>` +
    `<span class="type">${typeLink(member.t)}${traits.length ? `; ${traits.join("; ")}` : ""}</span></h3>` +
    `<p>${prose(member.d)}</p>${history ? historyHtml(history) : ""}` +
    `${!history && member.absent ? `<p>No default. Absent: ${prose(member.absent)}</p>` : ""}` +
    `<small>${escaped(member.w)}${member.o ? ` · of ${classLink(member.o)}` : ""}</small></div>`;
}

const membersHtml = (members, found) => (members || []).map(each => memberHtml(each, each.n === found)).join("") || "<p>No members.</p>";

function classPage(name, found) {
  const one = CLASSES.get(name);
  if (!one) {
    return missing("class", name);
  }
  const children = DATA.classes.filter(each => each.p === name);
  const versions = one.versions ? versionsOf(one).map(index => DATA.axes.machine[index]) : [];
  const groups = groupsOf(one).map(([title, members]) => `<h2>${escaped(title)} <small>${members.length}</small></h2>` +
    membersHtml(members, found));
  return `<p class="kind">${escaped(one.l)} · ${link("category", `${one.l}/${one.category}`, one.category)}` +
    `${one.a ? " · abstract" : ""}${one.hidden ? " · made by others" : ""}</p><h1>${escaped(name)}</h1><p>${prose(one.d)}</p>` +
    facts([["ancestors", ancestry(one).slice(1).map(each => classLink(each.n)).join(", ")],
           ["children", children.map(each => classLink(each.n)).join(", ")], ["created as", escaped(one.tag || "")],
           ["aliases", escaped((one.aliases || []).join(", "))], ["plugs into", escaped(one.bus || "")],
           ["has", (one.embeds || []).map(classLink).join(", ")], ["targets", escaped((one.targets || []).join(", "))],
           ["versions", versions.length ? `${escaped(one.user)}-${versions[0]} to ${escaped(one.user)}-${versions[versions.length - 1]}` : ""],
           ["model", one.model === "none" ? "an engine runs it" : ""], ["life", lifeText(one.life)], ["defined in", escaped(one.w)],
           ["versions differ", one.a ? "" : `<a href="#/explore?what=${encodeURIComponent(name)}">compare two versions</a>`]]) + groups.join("");
}

function optionPage(name) {
  const one = OPTIONS.get(name);
  return !one ? missing("option", name) : `<p class="kind">option · ${escaped(one.group || "")}</p><h1>-${escaped(name)} ` +
    `<small>${escaped(one.metavar || "")}</small></h1><p>${prose(one.d)}</p>` +
    facts([["also", escaped((one.aliases || []).map(each => `-${each}`).join(", "))], ["type", one.t ? typeLink(one.t) : ""],
           ["creates", one.root ? classLink(one.root) : ""], ["targets", escaped((one.on || []).join(", "))],
           ["life", lifeText(one.life)], ["defined in", escaped(one.w)]]) +
    (TYPES.has(one.t) && TYPES.get(one.t).m ? `<h2>Members</h2>${membersHtml(TYPES.get(one.t).m)}` : "");
}

function messagePage(kind, one, name) {
  return !one ? missing(kind, name) : `<p class="kind">${kind} · served by ${escaped(one.served || "both")}</p><h1>${escaped(name)}</h1>` +
    `<p>${prose(one.d)}</p>${facts([["returns", one.ret ? typeLink(one.ret) : ""], ["creates", one.root ? classLink(one.root) : ""],
                                    ["life", lifeText(one.life)], ["defined in", escaped(one.w)]])}` +
    `${one.root ? "" : `<h2>Members</h2>${membersHtml(one.m)}`}`;
}

function typePage(name) {
  const one = TYPES.get(name);
  if (!one) {
    return missing("type", name);
  }
  const values = (one.values || []).map(each => `<div class="member"><h3 class="name">${escaped(each.n)}</h3><p>${prose(each.d)}</p></div>`);
  const branches = (one.branches || []).map(([tag, type]) => `<dt>${escaped(tag)}</dt><dd>${type ? typeLink(type) : "nothing more"}</dd>`);
  return `<p class="kind">${escaped(one.k)}</p><h1>${escaped(name)}</h1><p>${prose(one.d)}</p>` +
    facts([["kept as", escaped(one.of || "")], ["range", one.range ? `${one.range[0]} to ${one.range[1]}` : ""], ["defined in", escaped(one.w)]]) +
    `${one.m ? `<h2>Members</h2>${membersHtml(one.m)}` : ""}${values.length ? `<h2>Values</h2>${values.join("")}` : ""}` +
    `${branches.length ? `<h2>Branches</h2><dl class="facts">${branches.join("")}</dl>` : ""}`;
}

function featurePage(name) {
  const one = FEATURES.get(name);
  if (!one) {
    return missing("feature", name);
  }
  const users = DATA.classes.flatMap(each => (each.m || []).filter(member => historyOf(member) &&
    historyOf(member).e.some(entry => (entry.needs || []).includes(name))).map(member => `<li>${link("class", each.n)} ${escaped(member.n)}</li>`));
  return `<p class="kind">platform feature since ${escaped(DATA.axes.platform[one.since])}</p><h1>${escaped(name)}</h1><p>${prose(one.d)}</p>` +
    facts([["defined in", escaped(one.w)]]) + `<h2>Defaults that need it</h2><ul>${users.join("")}</ul>`;
}

const LAYERS = { machine: "Machines", device: "Devices", backend: "Backends" };

function categories(layer) {
  const found = new Map();
  for (const one of DATA.classes.filter(each => each.l === layer && !each.a)) {
    found.set(one.category, [...(found.get(one.category) || []), one]);
  }
  return [...found].sort((a, b) => b[1].length - a[1].length);
}

const tags = links => `<ul class="tags">${links.map(each => `<li>${each}</li>`).join("")}</ul>`;

function browsePage() {
  const layers = Object.entries(LAYERS).map(([layer, title]) => `<h2>${title}</h2>` + tags(categories(layer).map(([name, ones]) =>
    link("category", `${layer}/${name}`, `${name} (${ones.length})`))));
  const lists = [["Options", "option", DATA.options, "-"], ["Commands", "command", DATA.commands, ""], ["Events", "event", DATA.events, ""],
                 ["Platform features", "feature", DATA.features, ""]];
  return `<h1>Browse</h1>${layers.join("")}` + lists.map(([title, kind, list, start]) =>
    `<h2>${title}</h2>${tags(list.map(each => link(kind, each.n, start + each.n)))}`).join("");
}

function categoryPage(name) {
  const [layer, category] = name.split("/");
  const ones = DATA.classes.filter(each => each.l === layer && each.category === category);
  return `<p class="kind">${escaped(LAYERS[layer] || "")}</p><h1>${escaped(category)}</h1>` + ones.map(each =>
    `<p>${link("class", each.n)}${each.a ? ' <span class="soft">abstract</span>' : ""}<br>${prose(each.d)}</p>`).join("");
}

function startPage() {
  const count = (list, what) => `<b>${list.length}</b> ${what}`;
  return `<h1>Reference of ${escaped(DATA.program)}</h1><p>Each property has its default in every version, and the reason of each change.</p>` +
    `<p>${[count(DATA.classes, "classes"), count(DATA.options, "options"), count(DATA.commands, "commands"), count(DATA.events, "events"),
           count(DATA.types, "types")].join(", ")}.</p>` +
    tags(["virtio-blk-pci", "virtio-net-pci", "pc-q35", "nvme"].filter(each => CLASSES.has(each)).map(classLink)) +
    `<p><a href="#/explore">Compare two versions</a> of a device or of your VM, or <a href="#/browse">browse</a> by category.</p>`;
}

const missing = (kind, name) => `<h1>No ${escaped(kind)} '${escaped(name)}'</h1><p>Search for it above.</p>`;
