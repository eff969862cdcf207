/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "vt-runtime/json.h"
#include "vt-runtime/wipe.h"

/* Copies the string that begins with the quote at @p, with double quotes.  Returns the position after it. */
static const char *
requote(const char *p, const char *end, char **to)
{
    char quote = *p++;

    *(*to)++ = '"';
    while (p < end && *p != quote) {
        bool escaped = *p == '\\' && p + 1 < end;

        if ((escaped && p[1] != '\'') || (quote == '\'' && *p == '"')) {
            *(*to)++ = '\\';
        }
        p += escaped;
        *(*to)++ = *p++;
    }
    if (p < end) {
        *(*to)++ = '"';
        p++;
    }
    return p;
}

char *
vt_json_double_quotes(const char *text, size_t len, size_t *ret_len)
{
    const char *end = text + len;
    bool found = false;
    char *copy, *to;

    if (!memchr(text, '\'', len)) {
        return NULL;
    }
    /* A quote may become two bytes. */
    copy = to = g_try_malloc(2 * len + 1);
    for (const char *p = text; copy && p < end;) {
        found = found || *p == '\'';
        if (*p == '"' || *p == '\'') {
            p = requote(p, end, &to);
        } else {
            *to++ = *p++;
        }
    }
    if (!found) {
        vt_wipe_free(copy, 2 * len + 1);
        return NULL;
    }
    *to = '\0';
    *ret_len = (size_t)(to - copy);
    return copy;
}
