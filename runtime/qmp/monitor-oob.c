/* SPDX-License-Identifier: MIT */
/*
 * Requests out of band, which do not wait for the one that runs.
 *
 * Each has a detached session, so that it can run again if it waits for work of its own.
 */
#include "monitor-private.h"

#include "monitor-request.h"
#include "vt-runtime/wipe.h"

/* Requests that wait for another one, after which the session reads no more, as in QEMU. */
#define WAITING_MAX 8

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
run_beside(VtMonitor *monitor, const char *text, size_t len)
{
    VtMonitor *beside = vt_monitor_new_detached(monitor->service, on_beside_done);

    beside->channel = monitor;
    beside->negotiated = beside->oob = true;
    if (!monitor->beside) {
        monitor->beside = g_ptr_array_new_with_free_func(vt_monitor_free_detached);
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
