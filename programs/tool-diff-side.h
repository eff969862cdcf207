/* SPDX-License-Identifier: MIT */
/*
 * A side of a comparison of two VMs: a configuration file, a file with a command line of QEMU, a domain of libvirt, the
 * QMP socket of a running QEMU, or the name of a machine.
 */
#pragma once

#include "tool-running.h"

typedef struct DiffSide {
    const char *name; /* as the user gave it; borrowed */
    ToolRunning running;
    VtCommandLine *line; /* NULL: that of @running */
    VtVm *vm;            /* NULL: none was planned */
} DiffSide;

/* Whether @word is a path. */
bool diff_side_is_file(const char *word);
/* Whether @word names a side: a path, or a machine that exists. */
bool diff_side_is_one(const VtSchema *schema, const char *word);
/* Reads and plans the VM that @word names, with @schema for both sides.  @overrides are of the probes, the target and
 * the release.  What it leaves out of a command line of QEMU, it names on standard error. */
bool diff_side_open(DiffSide *side, const VtSchema *schema, const char *word, const VtOverrides *overrides,
                    GError **error);
/* What the side's VM was read from.  Borrowed. */
VtCommandLine *diff_side_line(const DiffSide *side);
void diff_side_clear(DiffSide *side);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DiffSide, diff_side_clear)
