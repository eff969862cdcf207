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
    /* EAGAIN until the kernel has initialized its entropy pool, early in the boot of the host. */
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
