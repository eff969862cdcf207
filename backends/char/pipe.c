/* SPDX-License-Identifier: MIT */
/*
 * pipe: the named pipes NAME.in and NAME.out, or NAME alone for both directions.
 */
#include <fcntl.h>
#include <unistd.h>

#include "fd.h"
#include "vt-gen/backends.h"

/* A character device, such as a terminal, works as well. */
#define KINDS (VT_FILE_PIPE | VT_FILE_CHARACTER)

static char *
filename(VtObject *chardev)
{
    const VtChardevPipe *config = vt_object_config(chardev);

    return g_strdup_printf("pipe:%s", config->device);
}

/* Opens the pipe for reading and writing, so that the peer may close it and open it again. */
static bool
realize(VtObject *object, GError **error)
{
    static const VtCharOps ops = {.write = vt_fd_write, .update = vt_fd_update, .filename = filename};
    const VtChardevPipe *config = vt_object_config(object);
    g_autofree char *in_path = g_strconcat(config->device, ".in", NULL);
    g_autofree char *out_path = g_strconcat(config->device, ".out", NULL);
    int in = vt_fd_open_path(in_path, O_RDWR, KINDS, 0, "device", NULL);
    int out = vt_fd_open_path(out_path, O_RDWR, KINDS, 0, "device", NULL);

    if (in < 0 || out < 0) {
        if (in >= 0) {
            close(in);
        }
        if (out >= 0) {
            close(out);
        }
        in = out = vt_fd_open_path(config->device, O_RDWR, KINDS, 0, "device", error);
        if (in < 0) {
            return false;
        }
    }
    vt_fd_report(object, config->device);
    vt_fd_open(object, in, out, &ops);
    return true;
}

const VtOps vt_ops_chardev_pipe = {.realize = realize};
