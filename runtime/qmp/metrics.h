/* SPDX-License-Identifier: MIT */
/*
 * Metrics in the text format of Prometheus: each number of the results of commands that have metrics by the schema.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* Appends the metrics of all commands, and of the process.  Returns false with @error if a command waits for work: call
 * it again for the same request then.  A command that fails has no metrics. */
bool vt_metrics_append(VtMonitor *monitor, GString *out, GError **error);

/* Makes a new session one of HTTP, which answers one request. */
void vt_metrics_attach(VtMonitor *monitor);
