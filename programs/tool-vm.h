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
 * options, which end with a NULL name.  Then plans the VM.  @words: the subcommand takes words, so the VM follows '--'.
 * Returns false after it has reported a usage error. */
bool tool_vm_open(ToolVm *self, const char *command, const ToolOption *own, bool words, int argc, char **argv);
void tool_vm_clear(ToolVm *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToolVm, tool_vm_clear)

/* The number of defaults in force of a VM that some releases had otherwise. */
guint tool_count_errata(const VtVm *vm);
