/* SPDX-License-Identifier: MIT */
/*
 * Subcommands for one VM.
 */
#pragma once

#include "tool.h"

typedef struct ToolVm {
    ToolArguments arguments;
    VtSchema *schema;
    VtCommandLine *line;
    VtVm *vm; /* planned; NULL: see @error */
    VtOverrides overrides;
    bool check_host;
    bool has_release; /* --release is given: names that it lacks are errors */
    GError *error;    /* the subcommand may use it, too */
} ToolVm;

/* As tool_vm_open(), without a plan: the overrides of @self may change before tool_vm_plan(). */
bool tool_vm_parse(ToolVm *self, const char *command, const ToolOption *own, bool words, int argc, char **argv);
void tool_vm_plan(ToolVm *self);
/* Parses --check-host, --machine, --platform-version, --target, --probe-file, --release and the subcommand's @own
 * options, which end with a NULL name.  Then plans the VM.  @words: the subcommand takes words; without a VM, they are
 * about a machine without devices. Returns false after it has reported a usage error. */
bool tool_vm_open(ToolVm *self, const char *command, const ToolOption *own, bool words, int argc, char **argv);
void tool_vm_clear(ToolVm *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToolVm, tool_vm_clear)

/* The name of the object's type, as its option takes it.  Borrowed. */
const char *tool_type_name(const VtObject *object);
/* Whether the value is another one than a VM with the newest versions has by default: the user gave it, it is derived,
 * or a newer version changes it. */
bool tool_value_matters(const VtContext *ctx, const VtProp *prop, const VtProvenance *provenance);
/* The number of defaults in force of a VM that some releases had otherwise. */
guint tool_count_errata(const VtVm *vm);
