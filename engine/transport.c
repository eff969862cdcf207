/* SPDX-License-Identifier: MIT */
#include "vt-engine/transport.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "vt-runtime/descriptors.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json-split.h"

#define VALUE_LIMIT ((size_t)64 << 20) /* of one JSON value, in bytes */
#define PART_SIZE   65536

/* Descriptors, and the byte of the output with which they are sent. */
typedef struct Passed {
    size_t at;
    GArray *descriptors;
} Passed;

struct VtEngineTransport {
    int fd;
    GByteArray *out;
    size_t sent;    /* bytes of @out that are sent */
    GArray *passed; /* of Passed, in the order of the bytes */
    VtJsonSplit in;
};

static void
clear_passed(void *passed)
{
    g_array_unref(((Passed *)passed)->descriptors);
}

VtEngineTransport *
vt_engine_transport_new(int fd)
{
    VtEngineTransport *transport = g_new0(VtEngineTransport, 1);

    transport->fd = fd;
    transport->out = g_byte_array_new();
    transport->passed = g_array_new(FALSE, FALSE, sizeof(Passed));
    g_array_set_clear_func(transport->passed, clear_passed);
    vt_json_split_init(&transport->in, VALUE_LIMIT);
    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    return transport;
}

void
vt_engine_transport_free(VtEngineTransport *transport)
{
    if (transport) {
        close(transport->fd);
        g_byte_array_unref(transport->out);
        g_array_unref(transport->passed);
        vt_json_split_clear(&transport->in);
        g_free(transport);
    }
}

int
vt_engine_transport_fd(const VtEngineTransport *transport)
{
    return transport->fd;
}

void
vt_engine_transport_queue(VtEngineTransport *transport, const char *text, size_t len)
{
    g_byte_array_append(transport->out, (const guint8 *)text, len);
}

void
vt_engine_transport_queue_descriptors(VtEngineTransport *transport, GArray *descriptors)
{
    Passed passed = {transport->out->len, descriptors};

    g_array_append_val(transport->passed, passed);
}

size_t
vt_engine_transport_unsent(const VtEngineTransport *transport)
{
    return transport->out->len - transport->sent;
}

static bool
lost(GError **error)
{
    return vt_error_set(error, "the engine's monitor: %s", g_strerror(errno));
}

/* Sends bytes up to the next ones that descriptors come with. */
static ssize_t
send_some(VtEngineTransport *transport)
{
    const Passed *next = transport->passed->len ? &g_array_index(transport->passed, Passed, 0) : NULL;
    const void *data = transport->out->data + transport->sent;
    size_t size = vt_engine_transport_unsent(transport);
    ssize_t n;

    if (!next) {
        return send(transport->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    if (next->at > transport->sent) {
        return send(transport->fd, data, next->at - transport->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    n = vt_descriptors_send(transport->fd, data, 1, MSG_NOSIGNAL | MSG_DONTWAIT, next->descriptors);
    if (n > 0) {
        g_array_remove_index(transport->passed, 0);
    }
    return n;
}

bool
vt_engine_transport_send(VtEngineTransport *transport, GError **error)
{
    while (vt_engine_transport_unsent(transport)) {
        ssize_t n = send_some(transport);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return errno == EAGAIN || lost(error);
        }
        transport->sent += n;
    }
    g_byte_array_set_size(transport->out, 0);
    transport->sent = 0;
    return true;
}

bool
vt_engine_transport_receive(VtEngineTransport *transport, GError **error)
{
    char part[PART_SIZE];
    ssize_t n;

    do {
        n = recv(transport->fd, part, sizeof(part), MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return errno == EAGAIN || lost(error);
    }
    if (n == 0) {
        return vt_error_set(error, "the engine closed its monitor");
    }
    vt_json_split_add(&transport->in, part, n);
    return true;
}

bool
vt_engine_transport_next(VtEngineTransport *transport, const char **ret_text, size_t *ret_len, GError **error)
{
    const char *text = NULL, *problem = NULL;
    size_t len = 0;

    switch (vt_json_split_next(&transport->in, &text, &len, &problem)) {
    case VT_SPLIT_ERROR:
        return vt_error_set(error, "the engine's monitor sent no JSON: %s", problem);
    case VT_SPLIT_VALUE:
        *ret_text = text;
        *ret_len = len;
        return true;
    case VT_SPLIT_MORE:
        break;
    }
    *ret_text = NULL;
    *ret_len = 0;
    return true;
}
