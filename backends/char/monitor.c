/* SPDX-License-Identifier: MIT */
#include "vt-backends/monitor.h"

#include "chardev.h"
#include "vt-runtime/error.h"
#include "vt-runtime/human.h"

#define READ_SIZE ((size_t)64 << 10)

#define TITLE "a monitor"

struct VtCharMonitor {
    VtCharFront *front;
    VtHolder *holder; /* keeps the device from being deleted */
    VtMonitor *session;
};

/* ---- callbacks of the session ---------------------------------------------------------------------------- */

static size_t
write_parts(void *channel, struct iovec *parts, int n_parts)
{
    size_t done = 0, n = parts[0].iov_len;

    for (int i = 0; i < n_parts && n == parts[i].iov_len; i++) {
        n = vt_char_write(((VtCharMonitor *)channel)->front, parts[i].iov_base, parts[i].iov_len);
        done += n;
    }
    return done;
}

static void
resume(void *channel)
{
    vt_char_accept_input(((VtCharMonitor *)channel)->front);
}

static size_t
queued(void *channel)
{
    (void)channel;
    return 0;
}

static bool
may_end(void *channel)
{
    return vt_char_may_disconnect(((VtCharMonitor *)channel)->front);
}

/* The next client opens a new session. */
static void
end(void *channel)
{
    VtCharMonitor *monitor = channel;

    vt_monitor_close(monitor->session);
    vt_char_disconnect(monitor->front);
}

/* ---- callbacks of the character device ------------------------------------------------------------------- */

static size_t
can_read(void *opaque)
{
    return vt_monitor_takes_input(((VtCharMonitor *)opaque)->session) ? READ_SIZE : 0;
}

static void
read_bytes(void *opaque, const uint8_t *data, size_t size)
{
    vt_monitor_feed(((VtCharMonitor *)opaque)->session, data, size);
}

static GArray *
descriptors(void *opaque)
{
    return vt_monitor_descriptors(((VtCharMonitor *)opaque)->session);
}

static void
on_event(void *opaque, VtCharEvent event)
{
    VtCharMonitor *monitor = opaque;

    if (event == VT_CHAR_OPENED) {
        vt_monitor_open(monitor->session);
    } else if (event == VT_CHAR_CLOSED) {
        vt_monitor_close(monitor->session);
    }
}

static void
on_writable(void *opaque)
{
    vt_monitor_writable(((VtCharMonitor *)opaque)->session);
}

VtCharMonitor *
vt_char_monitor_new(VtService *service, const VtMonitorOptions *options, GError **error)
{
    static const VtCharFrontOps front_ops = {.can_read = can_read,
                                             .read = read_bytes,
                                             .event = on_event,
                                             .descriptors = descriptors,
                                             .writable = on_writable};
    static const VtMonitorIo io = {
        .write = write_parts, .resume = resume, .queued = queued, .may_end = may_end, .end = end};
    VtObject *chardev = vt_vm_find(service->vm, "chardev", options->chardev);
    g_autoptr(VtCharMonitor) monitor = NULL;

    if (!chardev) {
        vt_error_set(error, "no chardev '%s'", options->chardev);
        return NULL;
    }
    monitor = g_new0(VtCharMonitor, 1);
    monitor->session = vt_monitor_new(service, &io, monitor, options->pretty);
    if (options->mode == VT_MONITOR_MODE_READLINE) {
        vt_human_attach(monitor->session);
    }
    monitor->front = vt_char_attach(chardev, TITLE, &front_ops, monitor, error);
    monitor->holder = monitor->front ? vt_backend_hold(chardev, TITLE, &(VtClaim){.share = true}, error) : NULL;
    if (!monitor->holder) {
        return NULL;
    }
    if (vt_char_is_open(monitor->front)) {
        vt_monitor_open(monitor->session);
        vt_char_accept_input(monitor->front);
    }
    return g_steal_pointer(&monitor);
}

void
vt_char_monitor_free(VtCharMonitor *monitor)
{
    if (!monitor) {
        return;
    }
    vt_char_detach(monitor->front);
    if (monitor->holder) {
        vt_backend_let_go(monitor->holder);
    }
    vt_monitor_free(monitor->session);
    g_free(monitor);
}
