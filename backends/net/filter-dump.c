/* SPDX-License-Identifier: MIT */
/*
 * filter-dump: frames into a file, in the format of libpcap with microseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "netfilter.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

#define MAGIC         0xa1b2c3d4u
#define MAJOR         2
#define MINOR         4
#define LINK_ETHERNET 1

typedef struct FileHeader {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t zone, accuracy;
    uint32_t max_length, link;
} FileHeader;

typedef struct FrameHeader {
    uint32_t seconds, microseconds;
    uint32_t kept, length;
} FrameHeader;

typedef struct State {
    int fd; /* -1: it can't take more */
    uint32_t max_length;
} State;

const VtOps vt_ops_filter_dump;

static bool
write_all(int fd, const void *data, size_t size)
{
    ssize_t put = write(fd, data, size);

    return put >= 0 && (size_t)put == size;
}

static void
stop(State *state)
{
    if (state->fd >= 0) {
        close(state->fd);
        state->fd = -1;
    }
}

static void
see(void *opaque, const struct iovec *iov, size_t n)
{
    State *state = opaque;
    gint64 now = g_get_real_time();
    size_t length = vt_iov_size(iov, n), kept = MIN(length, state->max_length);
    FrameHeader head = {(uint32_t)(now / G_USEC_PER_SEC), (uint32_t)(now % G_USEC_PER_SEC), (uint32_t)kept,
                        (uint32_t)length};
    char data[sizeof head + VT_NET_FRAME_MAX];

    if (state->fd < 0) {
        return;
    }
    /* In one piece, so that a reader that follows never sees half a frame. */
    vt_iov_copy((struct iovec[]){{&head, sizeof head}}, 1, 0, data, sizeof head);
    vt_iov_copy(iov, n, 0, data + sizeof head, kept);
    if (!write_all(state->fd, data, sizeof head + kept)) {
        stop(state);
    }
}

static bool
realize(VtObject *object, GError **error)
{
    const VtFilterDump *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_filter_dump);
    FileHeader head = {
        .magic = MAGIC, .major = MAJOR, .minor = MINOR, .max_length = config->maxlen, .link = LINK_ETHERNET};

    state->max_length = config->maxlen;
    state->fd = open(config->file, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    if (state->fd < 0 || !write_all(state->fd, &head, sizeof head)) {
        vt_error_set(error, "file: '%s': %s", config->file, g_strerror(errno));
        stop(state);
        return false;
    }
    vt_netfilter_open(object, see, state);
    return true;
}

static void
unrealize(VtObject *object)
{
    vt_netfilter_get(object)->enabled = false;
    stop(vt_object_state(object, &vt_ops_filter_dump));
}

const VtOps vt_ops_filter_dump = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
