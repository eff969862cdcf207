/* SPDX-License-Identifier: MIT */
/*
 * Subcommands that look at one VM.
 */
#pragma once

#include "tool.h"

typedef struct ToolVm {
    ToolArguments arguments;
    VtSchema *schema;
    VtCommandLine *line;
    VtVm *vm;      /* planned; NULL: @error says why not */
    GError *error; /* also for what the subcommand does afterwards */
} ToolVm;

/* Takes --check-host, --machine, --platform-version, --target, --probe-file and the subcommand's @own options, which
 * end with a NULL name; plans the VM.  @words: of the subcommand's own, so that the VM stands behind '--'.  false: the
 * wrong use has been told. */
bool tool_vm_open(ToolVm *self, const char *command, const ToolOption *own, bool words, int argc, char **argv);
void tool_vm_clear(ToolVm *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToolVm, tool_vm_clear)
