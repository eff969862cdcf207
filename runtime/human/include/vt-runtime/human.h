/* SPDX-License-Identifier: MIT */
/*
 * The human monitor (HMP): lines that a user types, read by the program's table.
 *
 * A line names a command of the table.  Its arguments are read by their types, and the command runs a QMP command or a
 * function.  The answer is shown as the table states.  Main thread only.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* Makes a new session of vt_monitor_new() a human monitor: it prompts, echoes and edits lines, and has a history. */
void vt_human_attach(VtMonitor *monitor);
/* Runs @line in @monitor and appends what it prints to @text, also errors.  @request: the request of QMP that has the
 * line, as an engine gets it; NULL: a user typed it.  Returns false with @error if it waits for work: the request of
 * @monitor then runs again. */
bool vt_human_run(VtMonitor *monitor, const VtRelayed *request, const char *line, GString *text, GError **error);
/* Appends the answer @value of a QMP command by the lines @shows, JSON text as the schema has them; NULL: each member
 * is on a line. */
void vt_human_show(GString *out, const char *shows, struct json_object *value);
/* The words that may stand in place of the last word of @line: an array of texts, which the caller frees. */
GPtrArray *vt_human_complete(const VtService *service, const char *line);
