/* SPDX-License-Identifier: MIT */
/*
 * The initial time of the guest's real-time clock.
 */
#include <string.h>

#include "vt-gen/machine.h"
#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"

#define DATE "^[0-9]{1,9}-[0-9]{1,9}-[0-9]{1,9}(T[0-9]{1,9}:[0-9]{1,9}:[0-9]{1,9})?$"

/* Whether @text is "2006-06-17" or "2006-06-17T16:01:21".  As in QEMU, numbers that are too large for their place count
 * on: 2024-02-30 is 2024-03-01. */
static bool
is_date(const char *text)
{
    return g_regex_match_simple(DATE, text, G_REGEX_DOLLAR_ENDONLY, 0);
}

static char *
normalise(const char *text, GError **error)
{
    if (strcmp(text, "utc") != 0 && strcmp(text, "localtime") != 0 && !is_date(text)) {
        vt_error_set(error, "expected utc, localtime or a date such as 2006-06-17T16:01:21, got '%.40s'", text);
        return NULL;
    }
    return g_strdup(text);
}

const VtCodec vt_codec_rtc_base = {.normalise = normalise};
