/* SPDX-License-Identifier: MIT */
/*
 * filter-dump: writes frames to a file in the pcap format, with microseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netfilter.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/write-report.h"

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
    int fd; /* -1: none */
    uint32_t max_length;
    bool regular;     /* a partial frame can be truncated */
    GByteArray *rest; /* of a pipe: the end of a frame that is partly written */
    VtWriteReport report;
} State;

const VtOps vt_ops_filter_dump;

/* A partial frame is invalid: it is truncated from a file, and completed in a pipe before any other frame. */
static void
give_back(State *state, const uint8_t *data, size_t size, size_t put)
{
    if (!put) {
        return;
    }
    if (!state->regular) {
        g_byte_array_append(state->rest, data + put, (guint)(size - put));
    } else if (!vt_file_cut(state->fd, lseek(state->fd, 0, SEEK_CUR) - (off_t)put)) {
        vt_write_report(&state->report, errno, 0);
    }
}

static bool
put_rest(State *state)
{
    while (state->rest->len) {
        ssize_t put = write(state->fd, state->rest->data, state->rest->len);

        if (put <= 0) {
            return false;
        }
        g_byte_array_remove_range(state->rest, 0, (guint)put);
    }
    return true;
}

/* Writes the whole frame or nothing.  False: errno has the reason. */
static bool
put_frame(State *state, const uint8_t *data, size_t size)
{
    size_t done = 0;
    ssize_t put;
    int number;

    if (!put_rest(state)) {
        return false;
    }
    while (done < size && (put = write(state->fd, data + done, size - done)) > 0) {
        done += (size_t)put;
    }
    number = errno;
    if (done < size) {
        give_back(state, data, size, done);
    }
    errno = number;
    return done == size || (done && !state->regular);
}

static void
see(void *opaque, const struct iovec *iov, size_t n)
{
    State *state = opaque;
    gint64 now = g_get_real_time();
    size_t length = vt_iov_size(iov, n), kept = MIN(length, state->max_length);
    FrameHeader head = {(uint32_t)(now / G_USEC_PER_SEC), (uint32_t)(now % G_USEC_PER_SEC), (uint32_t)kept,
                        (uint32_t)length};
    uint8_t data[sizeof head + VT_NET_FRAME_MAX];
    bool done;

    /* Writes the frame in one call, so that a reader never sees a partial frame. */
    vt_iov_copy((struct iovec[]){{&head, sizeof head}}, 1, 0, data, sizeof head);
    vt_iov_copy(iov, n, 0, data + sizeof head, kept);
    done = put_frame(state, data, sizeof head + kept);
    vt_write_report(&state->report, done ? 0 : errno, done ? 0 : sizeof head + kept);
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_filter_dump);

    vt_netfilter_get(object)->enabled = false;
    vt_write_report_clear(&state->report);
    g_clear_pointer(&state->rest, g_byte_array_unref);
    if (state->fd >= 0) {
        close(state->fd);
    }
    *state = (State){.fd = -1};
}

static bool
open_file(VtObject *object, State *state, GError **error)
{
    const VtFilterDump *config = vt_object_config(object);
    FileHeader head = {
        .magic = MAGIC, .major = MAJOR, .minor = MINOR, .max_length = config->maxlen, .link = LINK_ETHERNET};
    struct stat about;
    const char *why;

    state->fd =
        vt_file_open(config->file, O_CREAT | O_TRUNC | O_WRONLY | O_NONBLOCK,
                     VT_FILE_REGULAR | VT_FILE_CHARACTER | VT_FILE_PIPE, vt_file_mode(config->mode, 0644), &why);
    if (state->fd < 0) {
        return vt_error_set(error, "file: '%s': %s", config->file, why);
    }
    state->regular = fstat(state->fd, &about) == 0 && S_ISREG(about.st_mode);
    if (!put_frame(state, (const uint8_t *)&head, sizeof head)) {
        return vt_error_set(error, "file: '%s': %s", config->file, g_strerror(errno));
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtFilterDump *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_filter_dump);

    *state = (State){.fd = -1,
                     .max_length = config->maxlen,
                     .rest = g_byte_array_new(),
                     .report = {.object = object, .filename = config->file}};
    if (!open_file(object, state, error)) {
        unrealize(object);
        return false;
    }
    vt_netfilter_open(object, see, state);
    return true;
}

const VtOps vt_ops_filter_dump = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
