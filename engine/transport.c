/* SPDX-License-Identifier: MIT */
#include "vt-engine/transport.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json-split.h"

#define VALUE_LIMIT ((size_t)64 << 20) /* of one JSON value, in bytes */
#define PART_SIZE   65536

struct VtEngineTransport {
    int fd;
    GByteArray *out;
    size_t sent; /* bytes of @out that are sent */
    VtJsonSplit in;
};

VtEngineTransport *
vt_engine_transport_new(int fd)
{
    VtEngineTransport *transport = g_new0(VtEngineTransport, 1);

    transport->fd = fd;
    transport->out = g_byte_array_new();
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

bool
vt_engine_transport_send(VtEngineTransport *transport, GError **error)
{
    while (vt_engine_transport_unsent(transport)) {
        ssize_t n = send(transport->fd, transport->out->data + transport->sent, vt_engine_transport_unsent(transport),
                         MSG_NOSIGNAL | MSG_DONTWAIT);

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
