/* SPDX-License-Identifier: MIT */
/*
 * One request at a time, and requests out of band, which do not wait for it.
 *
 * A request out of band that waits for work of its own has a detached session, so that it can run again.
 */
#include "monitor-private.h"

#include "monitor-request.h"
#include "vt-runtime/wipe.h"

/* Requests that wait for another one, after which the session reads no more, as in QEMU. */
#define WAITING_MAX 8

/* ---- one request --------------------------------------------------------------------------------------- */

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

void
vt_monitor_refuse(VtMonitor *monitor, const char *problem)
{
    g_autofree char *desc = g_strdup_printf("JSON parse error, %s", problem);
    size_t start = monitor->out.text->len;

    vt_monitor_append_error(monitor->out.text, "GenericError", desc, (VtSpan){NULL, 0});
    vt_monitor_dress(monitor, start);
}

/* ---- out of band --------------------------------------------------------------------------------------- */

static VtMonitor *
session_of(VtMonitor *beside)
{
    return beside->channel;
}

/* Writes the reply of a request that is done, and forgets it. */
static void
complete(VtMonitor *beside)
{
    VtMonitor *monitor = session_of(beside);
    size_t start = monitor->out.text->len;

    if (beside->again || vt_awaits_releasing(beside->awaits)) {
        return;
    }
    vt_monitor_queue_held(beside);
    g_string_append_len(monitor->out.text, beside->out.text->str, (gssize)beside->out.text->len);
    vt_monitor_dress(monitor, start);
    g_ptr_array_remove(monitor->beside, beside);
    vt_monitor_flush(monitor);
}

static void
on_beside_done(void *opaque)
{
    VtMonitor *beside = opaque;

    if (beside->again) {
        vt_monitor_run(beside, beside->again->str, beside->again->len);
    }
    complete(beside);
}

static void
beside_free(void *opaque)
{
    vt_monitor_free(opaque);
}

static void
run_beside(VtMonitor *monitor, const char *text, size_t len)
{
    VtMonitor *beside = vt_monitor_new_detached(monitor->service);

    beside->channel = monitor;
    beside->negotiated = beside->oob = true;
    vt_awaits_pass(beside->awaits, on_beside_done, beside);
    if (!monitor->beside) {
        monitor->beside = g_ptr_array_new_with_free_func(beside_free);
    }
    g_ptr_array_add(monitor->beside, beside);
    vt_monitor_run(beside, text, len);
    complete(beside);
}

bool
vt_monitor_reads_on(const VtMonitor *monitor)
{
    return monitor->oob && monitor->state == VT_SESSION_OPEN && !monitor->blocked &&
           (vt_awaits_pending(monitor->awaits) || vt_awaits_releasing(monitor->awaits)) &&
           monitor->waiting.length < WAITING_MAX && monitor->service->state != VT_SERVICE_SHUTDOWN;
}

void
vt_monitor_read_on(VtMonitor *monitor)
{
    const char *text, *message;
    size_t len;

    while (vt_monitor_reads_on(monitor)) {
        VtSplitResult result = vt_json_split_next(&monitor->split, &text, &len, &message);

        if (result == VT_SPLIT_MORE) {
            break;
        }
        if (result == VT_SPLIT_ERROR) {
            vt_monitor_refuse(monitor, message);
        } else if (vt_request_is_oob(text, len)) {
            run_beside(monitor, text, len);
        } else {
            g_queue_push_tail(&monitor->waiting, g_string_new_len(text, (gssize)len));
        }
    }
}

void
vt_monitor_drop_waiting(VtMonitor *monitor)
{
    while (monitor->waiting.length) {
        vt_wipe_string(g_queue_pop_head(&monitor->waiting));
    }
    g_clear_pointer(&monitor->beside, g_ptr_array_unref);
}
