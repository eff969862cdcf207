/* SPDX-License-Identifier: MIT */
/*
 * The codec of a boot order: letters of drives.
 */
#include <string.h>

#include "vt-gen/machine.h"
#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"

static char *
normalise_boot_order(const char *text, GError **error)
{
    for (const char *p = text; *p; p++) {
        if (*p < 'a' || *p > 'p') {
            vt_error_set(error, "'%.40s': '%c' is no boot device; expected letters from a to p", text, *p);
            return NULL;
        }
        if (strchr(p + 1, *p)) {
            vt_error_set(error, "'%.40s': the boot device '%c' is given twice", text, *p);
            return NULL;
        }
    }
    return g_strdup(text);
}

const VtCodec vt_codec_boot_order = {.normalise = normalise_boot_order};
