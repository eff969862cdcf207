/* SPDX-License-Identifier: MIT */
/*
 * file: a regular file or block device of the host.
 */
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

static bool
validate(VtObject *object, GError **error)
{
    const VtBlockdevFile *config = vt_object_config(object);

    if (!*config->filename) {
        return vt_error_set(error, "filename: it is empty");
    }
    if (config->aio == VT_BLOCKDEV_AIO_OPTIONS_NATIVE && !config->parent.cache.direct) {
        return vt_error_set(error, "aio: 'native' needs cache.direct=on");
    }
    return true;
}

const VtOps vt_ops_blockdev_file = {.validate = validate};
