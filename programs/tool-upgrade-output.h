/* SPDX-License-Identifier: MIT */
/*
 * What an upgrade changes, for people and for programs.
 */
#pragma once

#include "tool-upgrade-plan.h"

/* Prints the changes by what becomes of them, and what the host must have for @vm, the VM of the new file. */
void upgrade_print_text(const Upgrade *self, const VtVm *vm);
/* {"from", "to": {"machine", "platform-version"}, "changes", "objects": as vintage diff, each change with its "fate",
 * "host": [{"feature", "needed-by"}], "file": @file, "path": @path}.  NULL: leaves a member out.  A new reference. */
struct json_object *upgrade_json(const Upgrade *self, const VtVm *vm, struct json_object *file, const char *path);
/* Asks on standard error, for each cause, whether the guest may see it; reads answers from standard input.  Returns
 * false if the user ends it. */
bool upgrade_ask(Upgrade *self);
