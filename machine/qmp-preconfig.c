/* SPDX-License-Identifier: MIT */
/*
 * QMP command that ends '-preconfig'.
 */
#include "vt-gen/machine.h"
#include "vt-runtime/await.h"
#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"

#define KEY "start of the machine"

/* The request is complete when the machine exists, so that the next request finds it. */
bool
vt_qmp_x_exit_preconfig(VtMonitor *monitor, GError **error)
{
    static const VtWorkOps ops = {.free = g_free};
    VtService *service = vt_monitor_service(monitor);

    if (vt_await_done(KEY)) {
        return true;
    }
    if (!service->preconfig || service->leaving) {
        return vt_error_set(error, "The command is permitted only before the machine exists");
    }
    return vt_await_answer(KEY, &ops, g_malloc(1), &service->leaving, error);
}
