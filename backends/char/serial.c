/* SPDX-License-Identifier: MIT */
/*
 * serial: a serial port of the host, or another terminal device.
 */
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "fd.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

static char *
filename(VtObject *chardev)
{
    const VtChardevSerial *config = vt_object_config(chardev);

    return g_strdup_printf("serial:%s", config->device);
}

static void
send_break(VtObject *chardev)
{
    tcsendbreak(vt_fd_channel(chardev)->out, 0);
}

static bool
realize(VtObject *object, GError **error)
{
    static const VtCharOps ops = {
        .write = vt_fd_write, .update = vt_fd_update, .send_break = send_break, .filename = filename};
    const VtChardevSerial *config = vt_object_config(object);
    struct termios mode;
    int fd = vt_fd_open_path(config->device, O_RDWR, VT_FILE_CHARACTER, 0, "device", error);

    if (fd < 0) {
        return false;
    }
    if (tcgetattr(fd, &mode) < 0) {
        close(fd);
        return vt_error_set(error, "device: '%s' is not a terminal", config->device);
    }
    cfmakeraw(&mode);
    tcsetattr(fd, TCSANOW, &mode);
    vt_fd_report(object, config->device);
    vt_fd_open(object, fd, fd, &ops);
    return true;
}

const VtOps vt_ops_chardev_serial = {.realize = realize};
