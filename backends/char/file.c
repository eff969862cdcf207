/* SPDX-License-Identifier: MIT */
/*
 * file: writes output to a file.  Input may come from another file.
 */
#include <fcntl.h>
#include <unistd.h>

#include "fd.h"
#include "vt-gen/backends.h"

#define KINDS (VT_FILE_REGULAR | VT_FILE_CHARACTER | VT_FILE_BLOCK | VT_FILE_PIPE)

static bool
realize(VtObject *object, GError **error)
{
    static const VtCharOps ops = {.write = vt_fd_write, .update = vt_fd_update};
    const VtChardevFile *config = vt_object_config(object);
    int in = -1, out;

    if (config->in) {
        in = vt_fd_open_path(config->in, O_RDONLY, KINDS, 0, "in", error);
        if (in < 0) {
            return false;
        }
    }
    out = vt_fd_open_path(config->out, O_WRONLY | O_CREAT | (config->append ? O_APPEND : O_TRUNC), KINDS,
                          vt_file_mode(config->mode, 0666), "out", error);
    if (out < 0) {
        if (in >= 0) {
            close(in);
        }
        return false;
    }
    vt_fd_channel(object)->keeps_out = true;
    vt_fd_report(object, config->out);
    vt_fd_open(object, in, out, &ops);
    return true;
}

const VtOps vt_ops_chardev_file = {.realize = realize};
