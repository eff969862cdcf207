/* SPDX-License-Identifier: MIT */
/*
 * A session: receives bytes, executes requests, and queues replies (monitor-output.c writes them).
 *
 * Its behaviour depends on @state, on whether its input has ended (@eof), and on whether its output is blocked
 * (@blocked).  It executes received requests (@unread) when the output is not blocked, also after the end of the input.
 * A session ends when its input has ended and no request or reply is pending, or when its output fails.
 * VtMonitorIo.end() is then called once from the main loop, when no code uses the session.
 */
#include "monitor-private.h"

#include <string.h>

#include "monitor-event.h"
#include "vt-runtime/descriptors.h"
#include "vt-runtime/named-descriptors.h"
#include "vt-runtime/wipe.h"

#define PENDING_HIGH   ((size_t)256 << 10) /* queued replies before a batch is written */
#define LIMIT_BEFORE   ((size_t)64 << 10)  /* size limit of a request before negotiation */
#define LIMIT_AFTER    ((size_t)64 << 20)
#define DRAIN_TURN_MS  20
#define DRAIN_LIMIT_MS 5000 /* time limit without progress */

static void advance(VtMonitor *monitor);
static void leave_request(VtMonitor *monitor);

/* Executes the waiting request again, or writes the reply that waited. */
static void
on_work_done(void *opaque)
{
    VtMonitor *monitor = opaque;

    if (!monitor->again) {
        vt_awaits_clear(monitor->awaits);
        vt_monitor_queue_held(monitor);
    }
    advance(monitor);
}

VtMonitor *
vt_monitor_new(VtService *service, const VtMonitorIo *io, void *channel, bool pretty)
{
    VtMonitor *monitor = vt_monitor_new_detached(service, on_work_done);

    vt_json_split_init(&monitor->split, LIMIT_BEFORE);
    monitor->io = io;
    monitor->channel = channel;
    monitor->pretty = pretty;
    g_ptr_array_add(service->monitors, monitor);
    return monitor;
}

void
vt_monitor_free(VtMonitor *monitor)
{
    if (!monitor) {
        return;
    }
    g_ptr_array_remove(monitor->service->monitors, monitor);
    leave_request(monitor);
    g_clear_handle_id(&monitor->ending, g_source_remove);
    vt_monitor_drop_waiting(monitor);
    vt_json_split_clear(&monitor->split);
    if (monitor->language) {
        monitor->language->free(monitor->speaker);
    }
    vt_monitor_free_detached(monitor);
}

void
vt_monitor_set_language(VtMonitor *monitor, const VtMonitorLanguage *language, void *speaker)
{
    monitor->language = language;
    monitor->speaker = speaker;
}

void *
vt_monitor_speaker(const VtMonitor *monitor, const VtMonitorLanguage *language)
{
    return monitor->language == language ? monitor->speaker : NULL;
}

VtService *
vt_monitor_service(VtMonitor *monitor)
{
    return monitor->service;
}

void
vt_monitor_set_negotiated(VtMonitor *monitor)
{
    monitor->negotiated = true;
    monitor->split.limit = LIMIT_AFTER;
}

void
vt_monitor_set_oob(VtMonitor *monitor)
{
    monitor->oob = true;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

/* Whether the last request, or its reply, waits for work in progress. */
static bool
waits(const VtMonitor *monitor)
{
    return vt_awaits_pending(monitor->awaits) || vt_awaits_releasing(monitor->awaits);
}

static bool
executes(const VtMonitor *monitor)
{
    return monitor->state == VT_SESSION_OPEN && !monitor->blocked && !waits(monitor) &&
           monitor->service->state != VT_SERVICE_SHUTDOWN;
}

bool
vt_monitor_takes_input(const VtMonitor *monitor)
{
    return (executes(monitor) || vt_monitor_reads_on(monitor)) && !monitor->eof;
}

/* Runs the next request of a language other than QMP.  Returns false if there is none. */
static bool
run_next(VtMonitor *monitor)
{
    g_autofree char *request = monitor->language->next(monitor->speaker, monitor->out.text);

    if (request) {
        vt_monitor_run(monitor, request, strlen(request));
    }
    return request;
}

/* Executes received requests until none is left or enough replies are queued. */
static void
gather(VtMonitor *monitor)
{
    monitor->in_batch = true;
    while (executes(monitor) && vt_outgoing_size(&monitor->out) < PENDING_HIGH) {
        size_t start = monitor->out.text->len, len;
        const char *text, *message;
        VtSplitResult result;

        if (monitor->again) {
            vt_monitor_run(monitor, monitor->again->str, monitor->again->len);
            vt_monitor_dress(monitor, start);
            continue;
        }
        if (monitor->waiting.length) {
            GString *first = g_queue_pop_head(&monitor->waiting);

            vt_monitor_run(monitor, first->str, first->len);
            vt_wipe_string(first);
            vt_monitor_dress(monitor, start);
            continue;
        }
        if (monitor->language) {
            if (!run_next(monitor)) {
                monitor->unread = false;
                break;
            }
            continue;
        }
        result = vt_json_split_next(&monitor->split, &text, &len, &message);
        if (result == VT_SPLIT_MORE) {
            monitor->unread = false;
            break;
        }
        if (result == VT_SPLIT_VALUE) {
            vt_monitor_run(monitor, text, len);
            vt_monitor_dress(monitor, start);
        } else {
            vt_monitor_refuse(monitor, message);
        }
    }
    monitor->in_batch = false;
}

/* Executes requests and writes replies as far as possible.  Every entry point of the session calls this last. */
static void
advance(VtMonitor *monitor)
{
    do {
        gather(monitor);
        vt_monitor_flush(monitor);
    } while (monitor->unread && executes(monitor));
    vt_monitor_read_on(monitor);
    vt_monitor_end_if_done(monitor);
    if (vt_monitor_takes_input(monitor)) {
        monitor->io->resume(monitor->channel);
    }
}

void
vt_monitor_feed(VtMonitor *monitor, const void *bytes, size_t len)
{
    if (monitor->language) {
        monitor->language->feed(monitor->speaker, bytes, len);
    } else {
        vt_json_split_add(&monitor->split, bytes, len);
    }
    monitor->unread = true;
    advance(monitor);
}

GArray *
vt_monitor_descriptors(VtMonitor *monitor)
{
    return monitor->descriptors;
}

void
vt_monitor_end_input(VtMonitor *monitor)
{
    monitor->eof = true;
    advance(monitor);
}

void
vt_monitor_writable(VtMonitor *monitor)
{
    monitor->blocked = false;
    advance(monitor);
}

/* ---- requests of clients that are gone ------------------------------------------------------------------ */

static void
on_left_work_done(void *opaque)
{
    VtMonitor *left = opaque;

    if (left->again) {
        vt_monitor_run(left, left->again->str, left->again->len);
    }
    if (!left->again && !vt_awaits_releasing(left->awaits)) {
        g_ptr_array_remove(left->service->left, left);
    }
}

/* Another process carries out the request, so that it must be completed here, too. */
static void
leave_request(VtMonitor *monitor)
{
    VtService *service = monitor->service;
    VtMonitor *left;

    if (!monitor->again || !vt_awaits_binds(monitor->awaits)) {
        return;
    }
    left = vt_monitor_new_detached(service, NULL);
    vt_awaits_free(left->awaits);
    left->awaits = monitor->awaits;
    vt_awaits_pass(left->awaits, on_left_work_done, left);
    left->again = g_steal_pointer(&monitor->again);
    left->negotiated = true;
    left->language = monitor->language;
    monitor->awaits = vt_awaits_new(on_work_done, monitor);
    if (!service->left) {
        service->left = g_ptr_array_new_with_free_func(vt_monitor_free_detached);
    }
    g_ptr_array_add(service->left, left);
}

/* ---- connecting and disconnecting ---------------------------------------------------------------------- */

static void
greet(VtMonitor *monitor)
{
    size_t start = monitor->out.text->len;

    monitor->state = VT_SESSION_OPEN;
    if (monitor->language) {
        monitor->language->greet(monitor->speaker, monitor->out.text);
    } else {
        vt_monitor_append_greeting(monitor, monitor->out.text);
        vt_monitor_dress(monitor, start);
    }
    advance(monitor);
}

void
vt_monitor_open(VtMonitor *monitor)
{
    vt_monitor_close(monitor);
    monitor->state = VT_SESSION_HELD;
    if (!monitor->service->held) {
        greet(monitor);
    }
}

void
vt_monitor_close(VtMonitor *monitor)
{
    g_clear_handle_id(&monitor->ending, g_source_remove);
    monitor->state = VT_SESSION_CLOSED;
    leave_request(monitor);
    vt_awaits_clear(monitor->awaits);
    g_clear_pointer(&monitor->again, vt_wipe_string);
    g_clear_pointer(&monitor->held, g_free);
    vt_monitor_drop_waiting(monitor);
    monitor->oob = monitor->negotiated = monitor->blocked = monitor->eof = monitor->unread = monitor->loses = false;
    vt_json_split_clear(&monitor->split);
    vt_json_split_init(&monitor->split, LIMIT_BEFORE);
    if (monitor->language) {
        monitor->language->reset(monitor->speaker);
    }
    monitor->event_bytes = 0;
    vt_descriptors_clear(monitor->descriptors);
    vt_named_descriptors_clear(monitor);
    vt_outgoing_drop(&monitor->out);
}

void
vt_service_release(VtService *service)
{
    service->held = false;
    vt_service_forward_events(service);
    for (guint i = 0; i < service->monitors->len; i++) {
        VtMonitor *monitor = g_ptr_array_index(service->monitors, i);

        if (monitor->state == VT_SESSION_HELD) {
            greet(monitor);
        }
    }
}

/* ---- draining ------------------------------------------------------------------------------------------ */

/* A number that changes when a client reads.  *ret_owed: whether any client has unwritten replies. */
static uint64_t
progress(const VtService *service, bool *ret_owed)
{
    uint64_t sum = service->written;

    *ret_owed = false;
    for (guint i = 0; i < service->monitors->len; i++) {
        const VtMonitor *monitor = g_ptr_array_index(service->monitors, i);

        if (monitor->state == VT_SESSION_OPEN && vt_outgoing_size(&monitor->out)) {
            *ret_owed = true;
            sum -= monitor->io->queued(monitor->channel);
        }
    }
    return sum;
}

static gboolean
on_turn(gpointer opaque)
{
    (void)opaque;
    return G_SOURCE_CONTINUE;
}

void
vt_service_drain(VtService *service)
{
    bool owed;
    uint64_t now, before;
    gint64 since = g_get_monotonic_time();
    guint turn = g_timeout_add(DRAIN_TURN_MS, on_turn, NULL);

    g_clear_pointer(&service->left, g_ptr_array_unref);
    for (guint i = 0; i < service->monitors->len; i++) {
        VtMonitor *monitor = g_ptr_array_index(service->monitors, i);

        vt_monitor_queue_held(monitor);
        vt_monitor_flush(monitor);
    }
    before = progress(service, &owed);
    while (owed && g_get_monotonic_time() - since < DRAIN_LIMIT_MS * G_TIME_SPAN_MILLISECOND) {
        g_main_context_iteration(NULL, TRUE);
        now = progress(service, &owed);
        if (now != before) {
            since = g_get_monotonic_time();
        }
        before = now;
    }
    g_source_remove(turn);
}
