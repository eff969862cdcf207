/* SPDX-License-Identifier: MIT */
/*
 * A session: bytes in, requests out of them, answers gathered and written.  A client that does not read its answers is
 * not read from either.
 */
#include "monitor-private.h"

#include <string.h>

#include "text/json-indent.h"
#include "monitor-event.h"

#define PENDING_HIGH  (256 << 10) /* answers held back before they are written within a batch */
#define PENDING_LIMIT (64 << 20)  /* events that a client does not read: then it is cut off */

VtMonitor *
vt_monitor_new(VtService *service, const VtMonitorIo *io, void *channel, bool pretty)
{
    VtMonitor *monitor = vt_monitor_new_detached(service);

    monitor->io = io;
    monitor->channel = channel;
    monitor->pretty = pretty;
    g_ptr_array_add(service->monitors, monitor);
    return monitor;
}

VtMonitor *
vt_monitor_new_detached(VtService *service)
{
    VtMonitor *monitor = g_new0(VtMonitor, 1);

    monitor->service = service;
    monitor->pending = g_string_new(NULL);
    monitor->told = g_string_new(NULL);
    vt_json_split_init(&monitor->split);
    return monitor;
}

void
vt_monitor_free(VtMonitor *monitor)
{
    if (!monitor) {
        return;
    }
    if (monitor->io) {
        g_ptr_array_remove(monitor->service->monitors, monitor);
    }
    vt_json_split_clear(&monitor->split);
    g_string_free(monitor->pending, TRUE);
    g_string_free(monitor->told, TRUE);
    g_free(monitor);
}

VtService *
vt_monitor_service(VtMonitor *monitor)
{
    return monitor->service;
}

/* ---- writing ------------------------------------------------------------------------------------------- */

void
vt_monitor_flush(VtMonitor *monitor)
{
    monitor->blocked = false;
    while (monitor->pending_done < monitor->pending->len && !monitor->broken && !monitor->blocked) {
        size_t len = monitor->pending->len - monitor->pending_done;
        size_t n = monitor->io->write(monitor->channel, monitor->pending->str + monitor->pending_done, len);

        if (n == VT_MONITOR_BROKEN) {
            monitor->broken = true;
        } else {
            monitor->pending_done += n;
            monitor->blocked = n < len;
        }
    }
    if (monitor->pending_done == monitor->pending->len || monitor->broken) {
        g_string_truncate(monitor->pending, 0);
        monitor->pending_done = 0;
    } else if (monitor->pending_done > PENDING_HIGH) {
        g_string_erase(monitor->pending, 0, (gssize)monitor->pending_done);
        monitor->pending_done = 0;
    }
}

/* What was appended behind @start, as this client likes to read it. */
static void
dress(const VtMonitor *monitor, size_t start)
{
    if (monitor->pretty && start < monitor->pending->len) {
        g_autofree char *plain = g_strndup(monitor->pending->str + start, monitor->pending->len - start);

        g_string_truncate(monitor->pending, start);
        vt_json_indent(monitor->pending, plain);
    }
}

/* Ends the session if there is nothing left to do in it. */
static bool
end_if_done(VtMonitor *monitor)
{
    if (!monitor->broken && (!monitor->eof || monitor->blocked)) {
        return false;
    }
    monitor->io->close(monitor->channel);
    return true;
}

void
vt_monitor_send(VtMonitor *monitor, const char *text, size_t len)
{
    size_t start = monitor->pending->len;

    if (monitor->broken || !monitor->io || !monitor->open) {
        return;
    }
    if (monitor->pending->len - monitor->pending_done > PENDING_LIMIT) {
        /* It may be in the middle of something: it ends with its next input, or with the news that it can write. */
        monitor->broken = true;
        monitor->io->cut(monitor->channel);
        return;
    }
    if (monitor->executing) {
        /* It is not to stand in the middle of the answer. */
        g_string_append_len(monitor->told, text, (gssize)len);
        return;
    }
    g_string_append_len(monitor->pending, text, (gssize)len);
    dress(monitor, start);
    if (!monitor->in_batch) {
        vt_monitor_flush(monitor);
    }
}

void
vt_monitor_open(VtMonitor *monitor)
{
    size_t start = monitor->pending->len;

    monitor->open = true;
    monitor->negotiated = monitor->eof = monitor->broken = false;
    vt_monitor_append_greeting(monitor, monitor->pending);
    dress(monitor, start);
    vt_monitor_flush(monitor);
}

void
vt_monitor_close(VtMonitor *monitor)
{
    monitor->open = monitor->negotiated = monitor->blocked = false;
    vt_json_split_clear(&monitor->split);
    vt_json_split_init(&monitor->split);
    g_string_truncate(monitor->pending, 0);
    monitor->pending_done = 0;
}

bool
vt_monitor_owes(const VtMonitor *monitor)
{
    return monitor->pending->len > 0 && !monitor->broken;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

bool
vt_monitor_takes_input(const VtMonitor *monitor)
{
    return monitor->open && !monitor->eof && !monitor->broken && !monitor->blocked && !monitor->service->held &&
           monitor->service->state != VT_SERVICE_SHUTDOWN;
}

/* Executes what is in the buffer, as far as the client takes the answers. */
static void
process(VtMonitor *monitor)
{
    const char *text, *message;
    size_t len;
    VtSplitResult result = VT_SPLIT_VALUE;

    monitor->in_batch = true;
    while (!monitor->broken && monitor->open && monitor->service->state != VT_SERVICE_SHUTDOWN) {
        size_t start;

        if (monitor->pending->len - monitor->pending_done > PENDING_HIGH) {
            vt_monitor_flush(monitor);
        }
        if (monitor->blocked) {
            break;
        }
        start = monitor->pending->len;
        result = vt_json_split_next(&monitor->split, &text, &len, &message);
        if (result == VT_SPLIT_VALUE) {
            monitor->executing = true;
            vt_monitor_execute(monitor, text, len, monitor->pending);
            monitor->executing = false;
            g_string_insert_len(monitor->pending, (gssize)start, monitor->told->str, (gssize)monitor->told->len);
            g_string_truncate(monitor->told, 0);
        } else if (result == VT_SPLIT_ERROR) {
            g_autofree char *desc = g_strdup_printf("JSON parse error, %s", message);

            vt_monitor_append_error(monitor->pending, "GenericError", desc, NULL);
        } else {
            break;
        }
        dress(monitor, start);
    }
    monitor->in_batch = false;
    vt_monitor_flush(monitor);
}

char *
vt_monitor_reserve(VtMonitor *monitor, size_t size)
{
    return vt_json_split_reserve(&monitor->split, size);
}

bool
vt_monitor_commit(VtMonitor *monitor, size_t reserved, size_t len)
{
    vt_json_split_commit(&monitor->split, reserved, len);
    if (len) {
        process(monitor);
    }
    return !end_if_done(monitor);
}

bool
vt_monitor_feed(VtMonitor *monitor, const void *bytes, size_t len)
{
    vt_json_split_add(&monitor->split, bytes, len);
    process(monitor);
    return !end_if_done(monitor);
}

bool
vt_monitor_end_input(VtMonitor *monitor)
{
    monitor->eof = true;
    return !end_if_done(monitor);
}

bool
vt_monitor_writable(VtMonitor *monitor)
{
    vt_monitor_flush(monitor);
    if (monitor->blocked) {
        return true;
    }
    process(monitor);
    if (end_if_done(monitor)) {
        return false;
    }
    if (vt_monitor_takes_input(monitor)) {
        monitor->io->resume(monitor->channel);
    }
    return true;
}

void
vt_service_release(VtService *service)
{
    service->held = false;
    vt_service_listen(service);
    for (guint i = 0; i < service->monitors->len; i++) {
        VtMonitor *monitor = g_ptr_array_index(service->monitors, i);

        if (vt_monitor_takes_input(monitor)) {
            monitor->io->resume(monitor->channel);
        }
    }
}
