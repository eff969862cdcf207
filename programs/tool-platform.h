/* SPDX-License-Identifier: MIT */
#pragma once

#include "tool.h"

/* Prints a list of objects as a table; the headers are member names. */
void tool_platform_print(json_object *list, const char *const *headers);
const char *tool_platform_version(const VtSchema *schema, size_t version);
/* Whether some default, and not only a value that a user gives, requires the feature: by feature.  The caller frees it.
 * Without a VM, only these features count: a user must ask for the others. */
bool *tool_platform_default_features(const VtSchema *schema);
/* vintage platform check.  @files: probe results of hosts; without any, probes this host. */
int tool_platform_check(const VtSchema *schema, const ToolArguments *arguments, const VtOverrides *overrides,
                        GPtrArray *files, bool json);
/* vintage platform probe.  @probe_file: replaces the probes; NULL: none.  @path: the file to write; NULL: prints. */
int tool_platform_probe(const VtSchema *schema, const char *probe_file, const char *path, bool json);
/* vintage platform intersect and plan.  @line: NULL: see tool_platform_default_features().  @places: see
 * tool_hosts_each(). */
int tool_platform_intersect(const VtSchema *schema, VtCommandLine *line, const VtOverrides *overrides,
                            const GPtrArray *places, bool json);
int tool_platform_plan(const VtSchema *schema, VtCommandLine *line, const VtOverrides *overrides,
                       const GPtrArray *places, bool json);
