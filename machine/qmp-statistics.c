/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for statistics.  Their providers are those of a guest that runs: without an engine, there is none.
 */
#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/monitor.h"

static bool
answer_none(VtMonitor *monitor)
{
    vt_monitor_answer(monitor, json_object_new_array());
    return true;
}

bool
vt_qmp_query_stats(VtMonitor *monitor, const VtStatsFilter *arg, VtStatsResultList *ret, GError **error)
{
    (void)arg, (void)ret, (void)error;
    return answer_none(monitor);
}

bool
vt_qmp_query_stats_schemas(VtMonitor *monitor, const VtQObjQueryStatsSchemasArg *arg, VtStatsSchemaList *ret,
                           GError **error)
{
    (void)arg, (void)ret, (void)error;
    return answer_none(monitor);
}
