/* SPDX-License-Identifier: MIT */
#pragma once

#include "tool.h"

/* A list of objects as a table whose headers are the members' names. */
void tool_platform_print(json_object *list, const char *const *headers);
/* vintage platform check: @files are hosts' answers; without any, this host is asked. */
int tool_platform_check(const VtSchema *schema, const ToolArguments *arguments, const VtOverrides *overrides,
                        GPtrArray *files, bool json);
