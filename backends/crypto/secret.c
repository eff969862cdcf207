/* SPDX-License-Identifier: MIT */
/*
 * secret: a value in the configuration, or in a file.
 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/patience.h"
#include "vt-runtime/wipe.h"

#define FILE_SIZE ((size_t)1 << 20)

/* No message contains the value. */
static bool
validate(VtObject *object, GError **error)
{
    const VtSecret *config = vt_object_config(object);
    bool base64 = config->parent.format == VT_Q_CRYPTO_SECRET_FORMAT_BASE64;

    if (!config->data == !config->file) {
        return vt_error_set(error,
                            config->data ? "data and file are mutually exclusive" : "one of data and file is required");
    }
    if (config->data && base64 && vt_base64_size(config->data) < 0) {
        return vt_error_set(error, "data: expected base64");
    }
    if (config->data && !base64 && !config->parent.keyid.id && !g_utf8_validate(config->data, -1, NULL)) {
        return vt_error_set(error, "data: expected UTF-8; use base64 for other bytes");
    }
    return true;
}

/* Returns whether a failed read may be repeated. */
static bool
may_follow(int fd, gint64 deadline)
{
    return errno == EINTR || (errno == EAGAIN && vt_patience_poll(fd, POLLIN, deadline));
}

static bool
is_pipe(int fd)
{
    struct stat about;

    return fstat(fd, &about) == 0 && S_ISFIFO(about.st_mode);
}

/* Room for the largest permitted file, and one more byte that shows a larger one. */
static size_t
room_for(int fd)
{
    struct stat about;
    bool is_known =
        fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 && (size_t)about.st_size < FILE_SIZE;

    return (is_known ? (size_t)about.st_size : FILE_SIZE) + 1;
}

/*
 * Reads a file, without a library that buffers a copy.  A pipe is read to its end; patience.h sets how long its writer
 * may take.  *ret_data has *ret_room bytes, zero-terminated, for the caller to wipe.  On failure it is NULL.
 */
static bool
read_file(const char *path, char **ret_data, size_t *ret_size, size_t *ret_room, GError **error)
{
    const char *why;
    int fd = vt_file_open(path, O_RDONLY | O_NONBLOCK, VT_FILE_REGULAR | VT_FILE_PIPE | VT_FILE_CHARACTER, 0, &why);
    gint64 deadline = vt_patience_deadline();
    ssize_t size = 0;
    size_t room;
    char *data;

    *ret_size = 0;
    if (fd < 0) {
        return vt_error_set(error, "file: '%s': %s", path, why);
    }
    room = room_for(fd);
    data = g_try_malloc0(room + 1);
    if (!data) {
        close(fd);
        return vt_error_set(error, "file: '%s': %s", path, g_strerror(ENOMEM));
    }
    do {
        *ret_size += (size_t)size;
        size = read(fd, data + *ret_size, room - *ret_size);
    } while (size > 0 || (size < 0 && may_follow(fd, deadline) && (size = 0) == 0));
    if (size < 0) {
        vt_error_set(error, "file: '%s': %s", path, g_strerror(errno));
    } else if (!*ret_size && is_pipe(fd)) {
        size = -1;
        vt_error_set(error, "file: '%s': the pipe is empty, and no process writes to it", path);
    } else if (*ret_size > FILE_SIZE) {
        size = -1;
        vt_error_set(error, "file: '%s' exceeds the maximum of %zu bytes", path, FILE_SIZE);
    } else if (*ret_size == room) {
        size = -1;
        vt_error_set(error, "file: '%s' grows while it is read", path);
    }
    close(fd);
    if (size != 0) {
        vt_wipe_free(data, room + 1);
        return false;
    }
    *ret_data = data;
    *ret_room = room + 1;
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtSecret *config = vt_object_config(object);
    size_t size = 0, room = 0;
    char *data = NULL;

    if (config->data) {
        size = strlen(config->data);
        room = size + 1;
        data = g_malloc0(room);
        memcpy(data, config->data, size);
    } else if (!read_file(config->file, &data, &size, &room, error)) {
        return false;
    }
    return vt_secret_put(object, data, size, room, "file", error);
}

const VtOps vt_ops_secret = {.validate = validate, .realize = realize};
