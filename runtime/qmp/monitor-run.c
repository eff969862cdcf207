/* SPDX-License-Identifier: MIT */
/*
 * One request, and sessions without a connection, which carry out a request beside others.
 */
#include "monitor-private.h"

#include "vt-runtime/descriptors.h"
#include "vt-runtime/named-descriptors.h"
#include "vt-runtime/wipe.h"

void
vt_monitor_queue_held(VtMonitor *monitor)
{
    size_t start = monitor->out.text->len;

    if (monitor->held) {
        g_string_append(monitor->out.text, monitor->held);
        g_clear_pointer(&monitor->held, g_free);
        vt_monitor_dress(monitor, start);
    }
}

void
vt_monitor_run(VtMonitor *monitor, const char *text, size_t len)
{
    size_t start = monitor->out.text->len;
    bool ok;

    monitor->executing = true;
    vt_awaits_enter(monitor->awaits);
    ok = vt_monitor_execute(monitor, text, len, &monitor->out);
    vt_awaits_enter(NULL);
    monitor->executing = false;
    if (!ok && vt_awaits_pending(monitor->awaits)) {
        g_string_truncate(monitor->out.text, start);
        monitor->again = monitor->again ? monitor->again : g_string_new_len(text, (gssize)len);
    } else {
        g_clear_pointer(&monitor->again, vt_wipe_string);
        if (vt_awaits_releasing(monitor->awaits)) {
            monitor->held = vt_outgoing_take(&monitor->out, start);
        } else {
            vt_awaits_clear(monitor->awaits);
        }
    }
    vt_outgoing_insert(&monitor->out, start, monitor->events);
    g_string_truncate(monitor->events, 0);
}

bool
vt_monitor_waits(const VtMonitor *monitor)
{
    return vt_awaits_pending(monitor->awaits);
}

void
vt_monitor_refuse(VtMonitor *monitor, const char *problem)
{
    g_autofree char *desc = g_strdup_printf("JSON parse error, %s", problem);
    size_t start = monitor->out.text->len;

    vt_monitor_append_error(monitor->out.text, "GenericError", desc, (VtSpan){NULL, 0});
    vt_monitor_dress(monitor, start);
}

VtMonitor *
vt_monitor_new_detached(VtService *service, void (*done)(void *opaque))
{
    VtMonitor *monitor = g_new0(VtMonitor, 1);

    monitor->service = service;
    vt_outgoing_init(&monitor->out);
    monitor->events = g_string_new(NULL);
    monitor->awaits = vt_awaits_new(done, monitor);
    monitor->descriptors = vt_descriptors_new();
    return monitor;
}

void
vt_monitor_free_detached(void *opaque)
{
    VtMonitor *monitor = opaque;

    vt_awaits_free(monitor->awaits);
    vt_outgoing_clear(&monitor->out);
    g_array_unref(monitor->descriptors);
    vt_named_descriptors_clear(monitor);
    g_string_free(monitor->events, TRUE);
    vt_wipe_string(monitor->again);
    g_free(monitor->held);
    g_free(monitor);
}
