/* SPDX-License-Identifier: MIT */
/*
 * raw: a node that shows another one, or a window of it.
 */
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#define SECTOR 512

static bool
validate(VtObject *object, GError **error)
{
    const VtBlockdevRaw *config = vt_object_config(object);

    if (config->size % SECTOR) {
        return vt_error_set(error, "size: %" G_GINT64_FORMAT " is not a multiple of %d", config->size, SECTOR);
    }
    if (config->size > G_MAXINT64 - config->offset) {
        return vt_error_set(error, "offset %" G_GINT64_FORMAT " and size %" G_GINT64_FORMAT " end beyond any file",
                            config->offset, config->size);
    }
    return true;
}

/* Who uses the window uses what is behind it. */
static bool
claim(VtObject *object, const VtClaim *claim, GError **error)
{
    const VtBlockdevRaw *config = vt_object_config(object);

    return vt_backend_claim(object, &config->file, claim, error);
}

const VtOps vt_ops_blockdev_raw = {.validate = validate, .claim = claim};
