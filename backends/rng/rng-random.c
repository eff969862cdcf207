/* SPDX-License-Identifier: MIT */
/*
 * rng-random: random bytes from a file without an end, such as a character device.
 */
#include <fcntl.h>
#include <unistd.h>

#include "rng.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

static bool
validate(VtObject *object, GError **error)
{
    const VtRngRandom *config = vt_object_config(object);

    if (!config->filename || !*config->filename) {
        return vt_error_set(error, "filename: expected a path, got ''");
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtRngRandom *config = vt_object_config(object);
    const char *why;
    int fd = vt_file_open(config->filename, O_RDONLY | O_NONBLOCK, VT_FILE_CHARACTER | VT_FILE_PIPE | VT_FILE_REGULAR,
                          0, &why);

    if (fd < 0) {
        return vt_error_set(error, "filename: '%s': %s", config->filename, why);
    }
    vt_rng_open(object, fd, read);
    return true;
}

const VtOps vt_ops_rng_random = {.validate = validate, .realize = realize};
