/* SPDX-License-Identifier: MIT */
/*
 * A QEMU that another program started: its process, its program, and the VM of its command line.
 */
#pragma once

#include "tool.h"
#include "vt-engine/client.h"
#include "vt-engine/foreign.h"
#include "vt-engine/import.h"
#include "vt-engine/info.h"

#define TOOL_LIMIT_MS 5000 /* of each wait for a QEMU */

typedef struct ToolRunning {
    VtEngineForeign foreign;
    VtEngineInfo *info; /* NULL: its program is not here */
    VtEngineImport terms;
    VtEngineImported imported;
} ToolRunning;

#define TOOL_PID(variable)                                                                                             \
    {                                                                                                                  \
        .name = "--pid", .word = "PID", .doc = "reads a QEMU process", .value = (variable)                             \
    }

void tool_running_init(ToolRunning *self, const VtSchema *schema);
void tool_running_clear(ToolRunning *self);
/* Reads the process with the number @pid. */
bool tool_running_read(ToolRunning *self, const char *pid, GError **error);
/* Reads a file with a command line, or with a domain of libvirt. */
bool tool_running_read_file(ToolRunning *self, const char *path, bool is_domain, GError **error);
/* Reads the process that serves the QMP socket at @path. */
bool tool_running_read_socket(ToolRunning *self, const char *path, GError **error);
/* Reads the target and the release of the program that the words name, and then the words. @release: replaces that of
 * the program; NULL: no replacement. */
bool tool_running_import(ToolRunning *self, const char *release, GError **error);
/* Connects to the QMP socket of the words. */
VtEngineClient *tool_running_connect(const ToolRunning *self, GError **error);
/* Plans the words for the release. @lean: without values that the user set and that otherwise follow from others. */
VtVm *tool_running_plan(const ToolRunning *self, bool lean, GError **error);
