/* SPDX-License-Identifier: MIT */
/*
 * The initial time of the guest's real-time clock.
 */
#include <string.h>
#include <time.h>

#include "vt-gen/machine.h"
#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"

/* Accepts "2006-06-17" or "2006-06-17T16:01:21" as the whole of @text, with a valid date. */
static bool
is_date(const char *text, const char *format, size_t len)
{
    struct tm given = {0}, normal;
    const char *end = strlen(text) == len ? strptime(text, format, &given) : NULL;

    if (!end || *end) {
        return false;
    }
    normal = given;
    return timegm(&normal) != -1 && normal.tm_mday == given.tm_mday && normal.tm_sec == given.tm_sec;
}

static char *
normalise(const char *text, GError **error)
{
    if (strcmp(text, "utc") != 0 && strcmp(text, "localtime") != 0 && !is_date(text, "%Y-%m-%d", 10) &&
        !is_date(text, "%Y-%m-%dT%H:%M:%S", 19)) {
        vt_error_set(error, "expected utc, localtime or a date such as 2006-06-17T16:01:21, got '%.40s'", text);
        return NULL;
    }
    return g_strdup(text);
}

const VtCodec vt_codec_rtc_base = {.normalise = normalise};
