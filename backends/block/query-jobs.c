/* SPDX-License-Identifier: MIT */
/*
 * Queries of background jobs.  This program runs none: each change of a block node is complete when its command
 * returns.
 */
#include "vt-gen/backends.h"
#include "vt-runtime/monitor.h"

bool
vt_qmp_query_jobs(VtMonitor *monitor, VtJobInfoList *ret, GError **error)
{
    (void)monitor;
    (void)ret;
    (void)error;
    return true;
}

bool
vt_qmp_query_block_jobs(VtMonitor *monitor, VtBlockJobInfoList *ret, GError **error)
{
    (void)monitor;
    (void)ret;
    (void)error;
    return true;
}
