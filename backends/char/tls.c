/* SPDX-License-Identifier: MIT */
/*
 * TLS must repeat a write that would block with the same bytes.  So the channel keeps them: at most one record, which
 * counts as written.
 */
#include "tls.h"

#include <errno.h>
#include <string.h>

#define RECORD ((size_t)16 << 10)

struct VtTlsLine {
    VtTlsSession *session;
    size_t owed, sent; /* bytes kept, and how many of them were sent */
    uint8_t data[RECORD];
};

VtTlsLine *
vt_tls_line_new(VtObject *creds, const char *hostname, VtObject *authz, int fd)
{
    VtTlsSession *session = vt_tls_session_new(creds, hostname, authz, fd, NULL);
    VtTlsLine *line;

    if (!session) {
        return NULL;
    }
    line = g_new(VtTlsLine, 1);
    line->session = session;
    line->owed = line->sent = 0;
    return line;
}

void
vt_tls_line_free(VtTlsLine *line)
{
    vt_tls_session_free(line->session);
    g_free(line);
}

VtTlsState
vt_tls_line_handshake(VtTlsLine *line)
{
    return vt_tls_session_handshake(line->session, NULL);
}

/* Sets errno. */
static ssize_t
outcome(gssize n, GError *error)
{
    if (n < 0) {
        errno = g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN) ? EAGAIN : EIO;
        g_error_free(error);
    }
    return n;
}

static ssize_t
read_line(VtCharChannel *channel, void *data, size_t size)
{
    VtTlsLine *line = channel->io_data;
    GError *error = NULL;
    gssize n = vt_tls_session_read(line->session, data, size, &error);

    return outcome(n, error);
}

static ssize_t
send_some(VtTlsLine *line, const void *data, size_t size)
{
    GError *error = NULL;
    gssize n = vt_tls_session_write(line->session, data, size, &error);

    return outcome(n, error);
}

static bool
flush(VtCharChannel *channel)
{
    VtTlsLine *line = channel->io_data;

    while (line->sent < line->owed) {
        ssize_t n = send_some(line, line->data + line->sent, line->owed - line->sent);

        if (n < 0 && errno == EAGAIN) {
            return false;
        }
        /* The read side detects the end of the connection. */
        line->sent = n < 0 ? line->owed : line->sent + (size_t)n;
    }
    return true;
}

static ssize_t
write_line(VtCharChannel *channel, const void *data, size_t size)
{
    VtTlsLine *line = channel->io_data;
    ssize_t n;

    if (!flush(channel)) {
        errno = EAGAIN;
        return -1;
    }
    size = MIN(size, RECORD);
    n = send_some(line, data, size);
    if (n < 0 && errno == EAGAIN) {
        memcpy(line->data, data, size);
        line->owed = size;
        line->sent = 0;
        return (ssize_t)size;
    }
    return n;
}

static size_t
pending(VtCharChannel *channel)
{
    return vt_tls_session_pending(((VtTlsLine *)channel->io_data)->session);
}

const VtChannelIo vt_tls_line_io = {.read = read_line, .write = write_line, .flush = flush, .pending = pending};
