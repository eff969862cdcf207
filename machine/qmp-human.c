/* SPDX-License-Identifier: MIT */
/*
 * The human monitor within QMP.
 */
#include "vt-gen/machine.h"
#include "vt-runtime/human.h"

/* Lines end as on a terminal, and as QEMU ends them. */
static char *
with_returns(const char *text)
{
    GString *lines = g_string_new(NULL);

    for (const char *p = text; *p; p++) {
        if (*p == '\n' && (p == text || p[-1] != '\r')) {
            g_string_append_c(lines, '\r');
        }
        g_string_append_c(lines, *p);
    }
    return g_string_free(lines, FALSE);
}

/* No command of this program uses the current processor.  The engine has one for each client. */
bool
vt_qmp_human_monitor_command(VtMonitor *monitor, const VtQObjHumanMonitorCommandArg *arg, char **ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    g_autoptr(GString) text = g_string_new(NULL);

    if (!vt_human_run(monitor, service->relay ? &service->running : NULL, arg->command_line, text, error)) {
        return false;
    }
    *ret = with_returns(text->str);
    return true;
}
