/* SPDX-License-Identifier: MIT */
/*
 * Sends replies and events, and ends sessions.
 */
#include "monitor-private.h"

#include "text/json-indent.h"

#define EVENTS_LIMIT ((size_t)8 << 20) /* limit of unread bytes of events */
#define MAX_PARTS    64                /* more than the schema has */

static gboolean
on_ending(gpointer opaque)
{
    VtMonitor *monitor = opaque;

    monitor->ending = 0;
    monitor->io->end(monitor->channel);
    return G_SOURCE_REMOVE;
}

void
vt_monitor_break(VtMonitor *monitor)
{
    if (monitor->state == VT_SESSION_ENDING) {
        return;
    }
    monitor->state = VT_SESSION_ENDING;
    monitor->ending = g_idle_add_full(G_PRIORITY_DEFAULT, on_ending, monitor, NULL);
}

void
vt_monitor_end_if_done(VtMonitor *monitor)
{
    if (monitor->state == VT_SESSION_OPEN && monitor->eof && !monitor->unread && !vt_outgoing_size(&monitor->out)) {
        vt_monitor_break(monitor);
    }
}

void
vt_monitor_flush(VtMonitor *monitor)
{
    while (monitor->state == VT_SESSION_OPEN && !monitor->blocked && vt_outgoing_size(&monitor->out)) {
        struct iovec parts[MAX_PARTS];
        size_t n = monitor->io->write(monitor->channel, parts, vt_outgoing_parts(&monitor->out, parts, MAX_PARTS));

        if (n == VT_MONITOR_BROKEN) {
            vt_monitor_break(monitor);
            break;
        }
        monitor->service->written += n;
        monitor->blocked = n == 0;
        vt_outgoing_advance(&monitor->out, n);
        if (!vt_outgoing_size(&monitor->out)) {
            monitor->event_bytes = 0;
        }
    }
}

void
vt_monitor_dress(VtMonitor *monitor, size_t start)
{
    if (monitor->pretty && start < monitor->out.text->len) {
        g_autofree char *plain = vt_outgoing_take(&monitor->out, start);

        vt_json_indent(monitor->out.text, plain);
    }
}

void
vt_monitor_send(VtMonitor *monitor, const char *text, size_t len)
{
    size_t start = monitor->out.text->len;

    if (monitor->state != VT_SESSION_OPEN) {
        return;
    }
    if (monitor->event_bytes > EVENTS_LIMIT) {
        if (monitor->io->may_end(monitor->channel)) {
            vt_monitor_break(monitor);
        } else if (!monitor->loses) {
            monitor->loses = true;
            g_printerr("%s: a QMP client does not read its events; events are dropped until it does\n",
                       monitor->service->program->name);
        }
        return;
    }
    monitor->loses = false;
    monitor->event_bytes += len;
    if (monitor->executing) {
        /* The event must not be inside the reply. */
        g_string_append_len(monitor->events, text, (gssize)len);
        return;
    }
    g_string_append_len(monitor->out.text, text, (gssize)len);
    vt_monitor_dress(monitor, start);
    if (!monitor->in_batch) {
        vt_monitor_flush(monitor);
    }
}
