/* SPDX-License-Identifier: MIT */
/*
 * Forms of text of options for logs and screens.
 */
#include <string.h>

#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"

/* Reads a number, decimal or with 0x, and moves *@text to the character after it. */
static bool
read_number(const char **text, guint64 *ret_value)
{
    char *end = NULL;

    if (!g_ascii_isdigit(**text)) {
        return false;
    }
    *ret_value = g_ascii_strtoull(*text, &end, 0);
    *text = end;
    return true;
}

/* FIRST..LAST, FIRST+SIZE or LAST-SIZE. */
static char *
normalise_range(const char *text, GError **error)
{
    const char *p = text;
    guint64 first, second;
    bool dots = false, sign, ok = read_number(&p, &first);

    if (ok) {
        dots = g_str_has_prefix(p, "..");
        ok = dots || *p == '+' || *p == '-';
    }
    sign = *p == '-' && !dots;
    p += dots ? 2 : ok;
    ok = ok && read_number(&p, &second) && !*p && (dots ? first <= second : second > 0) &&
         (!sign || second - 1 <= first);
    if (!ok) {
        vt_error_set(error, "expected FIRST..LAST, FIRST+SIZE or LAST-SIZE, got '%.60s'", text);
        return NULL;
    }
    return g_strdup(text);
}

const VtCodec vt_codec_address_range = {.normalise = normalise_range};

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

static bool
is_depth(guint64 depth)
{
    return depth == 8 || depth == 15 || depth == 16 || depth == 24 || depth == 32;
}

/* WIDTHxHEIGHT or WIDTHxHEIGHTxDEPTH. */
static char *
normalise_mode(const char *text, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "x", -1);
    guint n = g_strv_length(parts);
    guint64 values[3] = {0, 0, 32};
    bool ok = n == 2 || n == 3;

    for (guint i = 0; ok && i < n; i++) {
        ok = g_ascii_string_to_unsigned(parts[i], 10, 1, G_MAXINT32, &values[i], NULL);
    }
    if (!ok || !is_depth(values[2])) {
        vt_error_set(error,
                     "expected WIDTHxHEIGHT or WIDTHxHEIGHTxDEPTH with a depth of 8, 15, 16, 24 or 32, got '%.60s'",
                     text);
        return NULL;
    }
    return g_strdup(text);
}

const VtCodec vt_codec_screen_mode = {.normalise = normalise_mode};
