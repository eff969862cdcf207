// SPDX-License-Identifier: MIT
// Questions about the data: members of classes, and values in versions.
"use strict";

const byName = list => new Map(list.map(each => [each.n, each]));
const CLASSES = byName(DATA.classes);
const TYPES = byName(DATA.types);
const OPTIONS = byName(DATA.options);
const COMMANDS = byName(DATA.commands);
const EVENTS = byName(DATA.events);
const FEATURES = byName(DATA.features);

function ancestry(one) {
  const chain = [];
  for (let each = one; each; each = CLASSES.get(each.p)) {
    chain.push(each);
  }
  return chain;
}

const isA = (name, ancestor) => ancestry(CLASSES.get(name)).some(each => each.n === ancestor);

// All members of a class, own and inherited: a nearer definition, or default, replaces one from further up.
function membersOf(one) {
  const members = new Map();
  for (const each of ancestry(one).reverse()) {
    for (const member of each.m || []) {
      members.set(member.n, member);
    }
  }
  return [...members.values()];
}

const isRare = member => member.n.startsWith("x-") || (member.traits || []).some(each =>
  each === "internal" || each === "unstable" || each === "read-only" || each.startsWith("alias of"));

// Members in groups, those that users set most often first.
function groupsOf(one) {
  const near = new Set([one.n, ...(one.embeds || [])]);
  const groups = new Map();
  for (const member of membersOf(one)) {
    const owner = member.o || one.n;
    const of = CLASSES.get(owner);
    const leaf = near.has(owner) || (of && !of.a);
    const title = isRare(member) ? "Internal, experimental and alias names" : leaf ? "Common" : `From ${owner}`;
    groups.set(title, [...(groups.get(title) || []), member]);
  }
  const rank = title => title === "Common" ? 0 : title.startsWith("From") ? 1 : 2;
  return [...groups].sort((a, b) => rank(a[0]) - rank(b[0]));
}

const historyOf = member => member.h ? DATA.histories[member.h - 1] : null;

// The entry in force: the narrowest scope that has one, and in it the newest.  'at': machine, platform (indexes), family.
function entryAt(history, at) {
  const version = at[history.axis] || Infinity;
  let found = null;
  const scope = each => [each.family, each.accel, ...(each.on || [])].join();
  for (const entry of history.e) {
    if (found && scope(entry) !== scope(found)) {
      break;
    }
    const missing = history.axis === "machine" && (entry.needs || []).some(need =>
      (FEATURES.get(need) || {}).since > at.platform);
    const inScope = (!entry.family || (at.family && isA(at.family, entry.family))) && (!entry.accel || entry.accel === at.accel) &&
      (!entry.on || !at.target || entry.on.includes(at.target));
    if ((entry.since || 0) <= version && inScope && !missing) {
      found = entry;
    }
  }
  return found;
}

const textOf = entry => !entry || entry.absent ? "absent" :
  typeof entry.v === "string" ? entry.v : JSON.stringify(entry.v);

// What changes for a class between two places: [member, old entry, new entry].
function changesOf(one, before, after) {
  const changes = [];
  for (const member of membersOf(one)) {
    const history = historyOf(member);
    if (history && history.axis) {
      const [old, now] = [entryAt(history, before), entryAt(history, after)];
      if (textOf(old) !== textOf(now)) {
        changes.push([member, old, now, history]);
      }
    }
  }
  return changes;
}

const FAMILIES = DATA.classes.filter(each => each.versions && !each.a && versionsOf(each).length);

function versionsOf(family) {
  const chain = ancestry(family);
  const from = Math.max(0, ...chain.map(each => (each.versions || [])[0] || 0));
  const to = (family.versions || [])[1] || DATA.axes.machine.length - 1;
  return from ? DATA.axes.machine.map((name, index) => index).filter(index => index >= from && index <= to) : [];
}

// The class that a tag of a command line or a file creates.
function classOfTag(tag) {
  return DATA.classes.find(each => !each.a && (each.n === tag || each.tag === tag || (each.aliases || []).includes(tag)));
}
