/* SPDX-License-Identifier: MIT */
/*
 * rng-builtin: random bytes from the host's kernel.
 */
#include <sys/random.h>

#include "rng.h"
#include "vt-gen/backends.h"

static ssize_t
read_kernel(int fd, void *data, size_t size)
{
    (void)fd;
    /* Until the host has gathered enough to begin with, which is early in its boot, this is EAGAIN. */
    return getrandom(data, size, GRND_NONBLOCK);
}

static bool
realize(VtObject *object, GError **error)
{
    (void)error;
    vt_rng_open(object, -1, read_kernel);
    return true;
}

const VtOps vt_ops_rng_builtin = {.realize = realize};
