/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_SLIRP

#include "user-line.h"

#include <arpa/inet.h>
#include <errno.h>

#include "slirp-library.h"

#include "vt-backends/char.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

/* Limit of buffered bytes from the guest. */
#define WAITING_MAX (4 << 20)

struct VtUserLine {
    Slirp *slirp;
    struct in_addr server;
    uint16_t port;
    VtCharFront *front;
    bool held; /* the guest accepts no more data, or has not connected */
    GByteArray *waiting;
};

/* ---- from the guest ------------------------------------------------------------------------------------ */

static void
flush(VtUserLine *line)
{
    size_t n = line->waiting->len ? vt_char_write(line->front, line->waiting->data, line->waiting->len) : 0;

    if (n) {
        g_byte_array_remove_range(line->waiting, 0, (guint)n);
    }
}

static ssize_t
on_guest(const void *data, size_t size, void *opaque)
{
    VtUserLine *line = opaque;

    if (line->waiting->len + size > WAITING_MAX) {
        errno = EPIPE;
        return -1;
    }
    g_byte_array_append(line->waiting, data, (guint)size);
    /* If bytes were waiting already, on_writable() writes them. */
    if (line->waiting->len == size) {
        flush(line);
    }
    return (ssize_t)size;
}

static void
on_writable(void *opaque)
{
    flush(opaque);
}

/* ---- to the guest -------------------------------------------------------------------------------------- */

static size_t
room(const VtUserLine *line)
{
    return vt_slirp.socket_can_recv(line->slirp, line->server, line->port);
}

static size_t
can_read(void *opaque)
{
    VtUserLine *line = opaque;
    size_t n = room(line);

    line->held = !n;
    return n;
}

static void
read_bytes(void *opaque, const uint8_t *data, size_t size)
{
    VtUserLine *line = opaque;

    vt_slirp.socket_recv(line->slirp, line->server, line->port, data, (int)size);
}

void
vt_user_line_before(VtUserLine *line)
{
    if (line->held && room(line)) {
        vt_char_accept_input(line->front);
    }
}

/* ---- creation ------------------------------------------------------------------------------------------ */

VtUserLine *
vt_user_line_new(VtObject *netdev, Slirp *slirp, const VtGuestForward *rule, GError **error)
{
    static const VtCharFrontOps ops = {.can_read = can_read, .read = read_bytes, .writable = on_writable};
    VtObject *chardev = vt_vm_find(vt_object_vm(netdev), "chardev", rule->chardev);
    g_autofree char *user = g_strdup_printf("netdev '%s'", vt_object_id(netdev));
    VtUserLine *line = g_new(VtUserLine, 1);

    *line = (VtUserLine){slirp, {htonl(rule->server)}, rule->port, NULL, true, g_byte_array_new()};
    line->front = vt_char_attach(chardev, user, &ops, line, error);
    if (line->front && vt_slirp.add_guestfwd(slirp, on_guest, line, &line->server, rule->port) < 0) {
        vt_error_set(error, "guestfwd: the address and port are in use");
        g_clear_pointer(&line->front, vt_char_detach);
    }
    if (!line->front) {
        vt_user_line_free(line);
        return NULL;
    }
    return line;
}

void
vt_user_line_free(VtUserLine *line)
{
    vt_char_detach(line->front);
    g_byte_array_unref(line->waiting);
    g_free(line);
}

#endif
