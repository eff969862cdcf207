/* SPDX-License-Identifier: MIT */
/* A call that runtime/options/option-table.c must not make: command-line.c is above it. */
#include "vt-runtime/options.h"

bool upward(const VtCommandLine *line);

bool
upward(const VtCommandLine *line)
{
    return vt_command_line_wants_help(line);
}
