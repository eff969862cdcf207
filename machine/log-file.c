/* SPDX-License-Identifier: MIT */
/*
 * The codec of the name of a log file.
 */
#include <string.h>

#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"

/* A name with at most one '%', before 'd'. */
static char *
normalise_log_file(const char *text, GError **error)
{
    const char *percent = strchr(text, '%');

    if (!*text || (percent && (percent[1] != 'd' || strchr(percent + 1, '%')))) {
        vt_error_set(error, "expected a file name, with '%%d' at most once, got '%.60s'", text);
        return NULL;
    }
    return g_strdup(text);
}

const VtCodec vt_codec_log_file = {.normalise = normalise_log_file};
