/* SPDX-License-Identifier: MIT */
/*
 * rng-random: entropy from a character device of the host.
 */
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

static bool
validate(VtObject *object, GError **error)
{
    const VtRngRandom *config = vt_object_config(object);

    if (!config->filename || !*config->filename) {
        return vt_error_set(error, "filename: it names no device");
    }
    return true;
}

const VtOps vt_ops_rng_random = {.validate = validate};
