/* SPDX-License-Identifier: MIT */
/*
 * secret_keyring: a key from the kernel's keyring.
 */
#include "secret.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/keyctl.h>

#include "vt-runtime/error.h"

/* Returns the size of the key, and reads at most @room bytes. */
static long
read_key(int32_t serial, char *data, size_t room)
{
    return syscall(SYS_keyctl, KEYCTL_READ, serial, data, room, 0);
}

static bool
realize(VtObject *object, GError **error)
{
    int32_t serial = ((const VtSecretKeyring *)vt_object_config(object))->serial;
    long size = read_key(serial, NULL, 0), room;
    char *data;

    if (size >= 0) {
        room = size + 1;
        data = g_try_malloc0((size_t)room);
        if (!data) {
            return vt_error_set(error, "serial: key %d: %s", serial, g_strerror(ENOMEM));
        }
        size = read_key(serial, data, (size_t)room - 1);
        if (size >= 0 && size < room) {
            return vt_secret_put(object, data, (size_t)size, (size_t)room, "serial", error);
        }
        explicit_bzero(data, (size_t)room);
        g_free(data);
    }
    return vt_error_set(error, "serial: key %d: %s", serial,
                        size < 0 ? g_strerror(errno) : "the key changed while it was read");
}

const VtOps vt_ops_secret_keyring = {.realize = realize};
