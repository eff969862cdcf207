/* SPDX-License-Identifier: MIT */
#pragma once

#include "tool.h"

/* Prints a list of objects as a table; the headers are member names. */
void tool_platform_print(json_object *list, const char *const *headers);
/* vintage platform check.  @files: probe results of hosts; without any, probes this host. */
int tool_platform_check(const VtSchema *schema, const ToolArguments *arguments, const VtOverrides *overrides,
                        GPtrArray *files, bool json);
