/* SPDX-License-Identifier: MIT */
/*
 * Serves a block node to another process by NBD, on a connected socket.
 */
#include "serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nbd.h"
#include "node.h"
#include "vt-runtime/error.h"
#include "vt-runtime/watch.h"

#define REQUEST_SIZE  28
#define REPLY_SIZE    16
#define REQUEST_MAGIC 0x25609513u
#define REPLY_MAGIC   0x67446698u
#define BYTES_MAX     ((size_t)64 << 20) /* of requests in progress, beyond which no request is read */
#define MOST          256                /* requests in progress */

enum { READ = 0, WRITE = 1, DISCONNECT = 2, FLUSH = 3, TRIM = 4, ZERO = 6 };
enum { FLAG_FUA = 1, FLAG_NO_HOLE = 2 };

typedef enum Phase { FLAGS, OPTION, OPTION_DATA, REQUEST, REQUEST_DATA, CLOSED } Phase;

typedef struct Server {
    VtBlock *block;
    int fd;
    VtWatch *watch;
    Phase phase;
    bool plain; /* of the flags of the client */
    uint8_t head[REQUEST_SIZE];
    uint8_t *into;           /* what the phase reads: its place, ... */
    size_t wanted, got;      /* ... its size, and how much of it is there */
    GByteArray *data;        /* of an option */
    GByteArray *negotiation; /* answers to options that are not sent */
    struct Request *reading; /* the request whose data arrives */
    GQueue replies;          /* of Request, done and not sent */
    size_t sent;             /* bytes of the first of them, or of the negotiation */
    unsigned n_requests;     /* in progress */
    size_t n_bytes;          /* of their data */
} Server;

typedef struct Request {
    Server *server;
    uint16_t type, flags;
    uint64_t offset;
    size_t size;
    uint8_t *data; /* NULL: none */
    uint8_t reply[REPLY_SIZE];
    size_t n_reply; /* bytes of data that follow the reply */
} Request;

static void advance(Server *server);

/* ---- sending ------------------------------------------------------------------------------------------- */

static void
request_free(Request *request)
{
    request->server->n_requests--;
    request->server->n_bytes -= request->data ? request->size : 0;
    free(request->data);
    g_free(request);
}

static void
close_server(Server *server)
{
    server->phase = CLOSED;
    vt_watch_set(server->watch, 0);
}

/* Sends @parts from server->sent on.  Returns whether all is sent. */
static bool
send_parts(Server *server, const struct iovec *parts, size_t n)
{
    struct iovec left[2];
    size_t n_left = 0, skip = server->sent, total = 0;
    struct msghdr message = {.msg_iov = left};
    ssize_t sent;

    for (size_t i = 0; i < n; i++) {
        size_t gone = MIN(skip, parts[i].iov_len);

        skip -= gone;
        total += parts[i].iov_len;
        if (gone < parts[i].iov_len) {
            left[n_left++] = (struct iovec){(char *)parts[i].iov_base + gone, parts[i].iov_len - gone};
        }
    }
    message.msg_iovlen = n_left;
    do {
        sent = sendmsg(server->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) {
        if (errno != EAGAIN) {
            close_server(server);
        }
        return false;
    }
    server->sent += (size_t)sent;
    if (server->sent < total) {
        return false;
    }
    server->sent = 0;
    return true;
}

static void
flush(Server *server)
{
    while (server->negotiation->len && server->phase != CLOSED) {
        struct iovec part = {server->negotiation->data, server->negotiation->len};

        if (!send_parts(server, &part, 1)) {
            return;
        }
        g_byte_array_set_size(server->negotiation, 0);
    }
    while (server->replies.length && server->phase != CLOSED) {
        Request *request = server->replies.head->data;
        struct iovec parts[] = {{request->reply, REPLY_SIZE}, {request->data, request->n_reply}};

        if (!send_parts(server, parts, G_N_ELEMENTS(parts))) {
            return;
        }
        g_queue_pop_head(&server->replies);
        request_free(request);
    }
}

/* ---- requests ------------------------------------------------------------------------------------------ */

/* The numbers of errors on the wire. */
static uint32_t
error_number(int result)
{
    switch (-result) {
    case 0:
    case EPERM:
    case ENOMEM:
    case EINVAL:
    case ENOSPC:
        return (uint32_t)-result;
    default:
        return EIO;
    }
}

static void
reply(Request *request, int result)
{
    Server *server = request->server;
    uint32_t magic = GUINT32_TO_BE(REPLY_MAGIC), number = GUINT32_TO_BE(error_number(result));

    memcpy(request->reply, &magic, 4);
    memcpy(request->reply + 4, &number, 4);
    request->n_reply = result == 0 && request->type == READ ? request->size : 0;
    g_queue_push_tail(&server->replies, request);
}

static void
on_done(void *opaque, int result)
{
    Request *request = opaque;
    Server *server = request->server;

    if (result == 0 && request->flags & FLAG_FUA && (request->type == TRIM || request->type == ZERO) &&
        server->phase != CLOSED) {
        request->flags = 0;
        vt_block_flush(server->block, on_done, request);
        return;
    }
    reply(request, result);
    advance(server);
}

static void
submit(Request *request)
{
    VtBlock *block = request->server->block;
    int64_t offset = (int64_t)request->offset, size = (int64_t)request->size;

    switch (request->type) {
    case READ:
        vt_block_read(block, offset, request->data, request->size, on_done, request);
        break;
    case WRITE:
        vt_block_write(block, offset, request->data, request->size, request->flags & FLAG_FUA ? VT_BLOCK_FUA : 0,
                       on_done, request);
        break;
    case FLUSH:
        vt_block_flush(block, on_done, request);
        break;
    case TRIM:
        vt_block_discard(block, offset, size, on_done, request);
        break;
    case ZERO:
        vt_block_write_zeroes(block, offset, size, request->flags & FLAG_NO_HOLE ? 0 : VT_BLOCK_MAY_UNMAP, on_done,
                              request);
        break;
    default:
        reply(request, -EINVAL);
    }
}

static void
want(Server *server, Phase phase, void *into, size_t size)
{
    server->phase = phase;
    server->into = into;
    server->wanted = size;
    server->got = 0;
}

static bool
allocate(Request *request)
{
    size_t alignment = MAX(vt_block_alignment(request->server->block), sizeof(void *));
    void *data = NULL;

    if (request->size > VT_NBD_DATA_MAX || posix_memalign(&data, alignment, MAX(request->size, 1))) {
        return false;
    }
    request->data = data;
    request->server->n_bytes += request->size;
    return true;
}

/* A request whose header is there. */
static void
begin(Server *server)
{
    const uint8_t *head = server->head;
    Request *request;

    if (vt_nbd_get32(head) != REQUEST_MAGIC || vt_nbd_get16(head + 6) == DISCONNECT) {
        close_server(server);
        return;
    }
    request = g_new0(Request, 1);
    *request = (Request){.server = server,
                         .flags = vt_nbd_get16(head + 4),
                         .type = vt_nbd_get16(head + 6),
                         .offset = vt_nbd_get64(head + 16),
                         .size = vt_nbd_get32(head + 24)};
    memcpy(request->reply + 8, head + 8, 8);
    server->n_requests++;
    want(server, REQUEST, server->head, REQUEST_SIZE);
    if ((request->type == READ || request->type == WRITE) && !allocate(request)) {
        /* The data of a write cannot be skipped without end. */
        if (request->type == WRITE) {
            request_free(request);
            close_server(server);
        } else {
            reply(request, request->size > VT_NBD_DATA_MAX ? -EINVAL : -ENOMEM);
        }
    } else if (request->type == WRITE && request->size) {
        server->reading = request;
        want(server, REQUEST_DATA, request->data, request->size);
    } else {
        submit(request);
    }
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static void
take_option(Server *server)
{
    switch (vt_nbd_answer(server->block, server->head, server->data->data, server->data->len, server->plain,
                          server->negotiation)) {
    case VT_NBD_OPTION:
        want(server, OPTION, server->head, VT_NBD_OPTION_SIZE);
        break;
    case VT_NBD_TRANSMISSION:
        want(server, REQUEST, server->head, REQUEST_SIZE);
        break;
    case VT_NBD_END:
        flush(server);
        close_server(server);
        break;
    }
}

/* What the phase reads is there. */
static void
take(Server *server)
{
    ssize_t len;

    switch (server->phase) {
    case FLAGS:
        server->plain = vt_nbd_is_plain(server->head);
        want(server, OPTION, server->head, VT_NBD_OPTION_SIZE);
        break;
    case OPTION:
        len = vt_nbd_option_length(server->head);
        if (len < 0) {
            close_server(server);
            break;
        }
        g_byte_array_set_size(server->data, (guint)len);
        want(server, OPTION_DATA, server->data->data, (size_t)len);
        break;
    case OPTION_DATA:
        take_option(server);
        break;
    case REQUEST:
        begin(server);
        break;
    case REQUEST_DATA:
        want(server, REQUEST, server->head, REQUEST_SIZE);
        submit(g_steal_pointer(&server->reading));
        break;
    case CLOSED:
        break;
    }
}

/* Whether more requests may be in progress.  One that has begun is completed. */
static bool
has_room(const Server *server)
{
    return server->phase == REQUEST_DATA || (server->n_requests < MOST && server->n_bytes < BYTES_MAX);
}

static void
read_some(Server *server)
{
    while (server->phase != CLOSED && has_room(server)) {
        ssize_t n = 0;

        if (server->got < server->wanted) {
            n = recv(server->fd, server->into + server->got, server->wanted - server->got, MSG_DONTWAIT);
            if (n < 0 && errno == EINTR) {
                continue;
            }
            if (n < 0 && errno == EAGAIN) {
                return;
            }
            if (n <= 0) {
                close_server(server);
                return;
            }
            server->got += (size_t)n;
        }
        if (server->got == server->wanted) {
            take(server);
        }
    }
}

static void
advance(Server *server)
{
    flush(server);
    if (server->phase != CLOSED) {
        bool unsent = server->negotiation->len || server->replies.length;

        vt_watch_set(server->watch, (has_room(server) ? G_IO_IN : 0) | (unsent ? G_IO_OUT : 0));
    }
}

static void
on_ready(void *opaque)
{
    Server *server = opaque;

    read_some(server);
    advance(server);
}

/* ---- start and stop ------------------------------------------------------------------------------------ */

static void *
start(VtObject *node, int fd, GError **error)
{
    const VtBlockUser user = {.title = "the engine", .read_only = vt_block_node(node)->read_only, .serves = true};
    VtBlock *block = vt_block_open(node, &user, error);
    Server *server;

    if (!block) {
        close(fd);
        return NULL;
    }
    server = g_new0(Server, 1);
    server->block = block;
    server->fd = fd;
    server->data = g_byte_array_new();
    server->negotiation = g_byte_array_new();
    server->watch = vt_watch_new(fd, on_ready, server);
    vt_nbd_greet(server->negotiation);
    want(server, FLAGS, server->head, VT_NBD_FLAGS_SIZE);
    advance(server);
    return server;
}

static void
stop(void *opaque)
{
    Server *server = opaque;

    close_server(server);
    vt_block_close(server->block);
    if (server->reading) {
        request_free(server->reading);
    }
    while (server->replies.length) {
        request_free(g_queue_pop_head(&server->replies));
    }
    vt_watch_free(server->watch);
    close(server->fd);
    g_byte_array_unref(server->data);
    g_byte_array_unref(server->negotiation);
    g_free(server);
}

const VtServeOps vt_block_serve = {.type = SOCK_STREAM, .start = start, .stop = stop};
