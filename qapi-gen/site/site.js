// SPDX-License-Identifier: MIT
// Search, and which page is shown.
"use strict";

const INDEX = [];

function indexed(kind, name, text, where, member) {
  INDEX.push({ kind, name, text: text || "", where, member, key: (member || name).toLowerCase() });
}

function buildIndex() {
  for (const one of DATA.classes) {
    indexed("class", one.n, one.d, one.n);
    for (const alias of [...(one.aliases || []), one.tag || ""].filter(each => each && each !== one.n)) {
      indexed("class", one.n, `${alias}: ${one.d || ""}`, one.n, alias);
    }
    for (const member of one.m || []) {
      if (!member.o || member.o === one.n) {
        indexed("class", one.n, member.d, one.n, member.n);
      }
    }
  }
  for (const [kind, list] of [["option", DATA.options], ["command", DATA.commands], ["event", DATA.events],
                              ["feature", DATA.features], ["type", DATA.types]]) {
    for (const one of list) {
      indexed(kind, one.n, one.d);
      for (const member of [...(one.m || []), ...(one.values || [])]) {
        indexed(kind, one.n, member.d, "", member.n);
      }
    }
  }
  for (const one of DATA.errors || []) {
    INDEX.push({ kind: "error", name: one.n, text: one.d, key: one.n.toLowerCase(), href: one.href });
  }
  for (const one of DATA.chapters || []) {
    INDEX.push({ kind: "chapter", name: one.n, text: one.d, key: one.n.toLowerCase(), href: one.href });
  }
}

// Names first: equal, then those that begin so, then those that contain each word; then texts.
function search(text) {
  const words = text.toLowerCase().replace(/^-+/, "").split(/\s+/).filter(each => each);
  if (!words.length) {
    return [];
  }
  const found = [];
  for (const item of INDEX) {
    const name = item.name.toLowerCase();
    const all = `${name} ${item.key} ${item.text.toLowerCase()}`;
    if (words.every(word => all.includes(word))) {
      const rank = item.key === words[0] && words.length === 1 ? 0 : words.every(word => `${name} ${item.key}`.includes(word)) ?
        (item.key.startsWith(words[words.length - 1]) ? 1 : 2) : 3;
      found.push([rank * 4 + (item.member ? 1 : 0) + (item.kind === "type" || item.kind === "chapter" ? 2 : 0), item]);
    }
  }
  return found.sort((a, b) => a[0] - b[0] || a[1].key.length - b[1].key.length).slice(0, 60).map(each => each[1]);
}

function showResults() {
  const list = document.getElementById("results");
  const found = search(document.getElementById("search").value);
  list.hidden = !found.length;
  const address = item => item.href || `#/${item.kind}/${encodeURIComponent(item.name)}` +
    (item.member && item.kind === "class" ? `/${encodeURIComponent(item.member)}` : "");
  list.innerHTML = found.map(item => `<li><a href="${address(item)}"><span class="name">` +
    `${item.kind === "option" ? "-" : ""}${escaped(item.name)}${item.member ? `.${escaped(item.member)}` : ""}</span></a> ` +
    `<span class="kind">${item.kind}</span><br><small>${prose(item.text.split("\n")[0])}</small></li>`).join("");
}

const PAGES = { class: classPage, option: optionPage, type: typePage, feature: featurePage, category: categoryPage, browse: browsePage,
                command: name => messagePage("command", COMMANDS.get(name), name),
                event: name => messagePage("event", EVENTS.get(name), name), "": startPage };

function show() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [kind, name, member] = path.split("/").map(decodeURIComponent);
  const page = document.getElementById("page");
  const explores = kind === "explore";
  const kept = window.scrollY;
  page.innerHTML = explores ? explorePage(new URLSearchParams(query || "")) :
    PAGES[kind] ? PAGES[kind](kind === "category" && member ? `${name}/${member}` : name, member) : missing("page", path);
  document.title = `${name || (explores ? "Versions" : DATA.program)} - Vintage`;
  document.getElementById("results").hidden = true;
  if (explores) {
    exploreStart();
    window.scrollTo(0, kept);
    return;
  }
  const found = page.querySelector(".member.found");
  if (found) {
    found.scrollIntoView({ block: "center" });
  } else {
    window.scrollTo(0, 0);
  }
}

function setTheme(dark) {
  document.documentElement.classList.toggle("dark", dark);
}

function start() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches);
  dark.addEventListener("change", event => setTheme(event.matches));
  document.getElementById("theme").addEventListener("click", () =>
    setTheme(!document.documentElement.classList.contains("dark")));
  buildIndex();
  const box = document.getElementById("search");
  box.addEventListener("input", showResults);
  box.addEventListener("keydown", event => {
    const first = document.querySelector("#results a");
    if (event.key === "Enter" && first) {
      first.click();
    }
  });
  window.addEventListener("hashchange", show);
  show();
}

start();
