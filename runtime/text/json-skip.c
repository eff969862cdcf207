/* SPDX-License-Identifier: MIT */
/*
 * Skip a value that is visited later.
 *
 * The loops read byte by byte. Strings in requests are short, and reading eight bytes at a time was measured slower.
 */
#include "text/json-scan.h"

/* @p is at the opening quote. Returns the position after the closing quote, or @end. */
static inline const char *
skip_string(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        while (p < end && !(vt_scan_class[(uint8_t)*p] & VT_SCAN_SPECIAL)) {
            p++;
        }
        if (p < end && *p == '"') {
            return p + 1;
        }
        if (p < end && *p == '\\') {
            p++;
        }
    }
    return end;
}

static const char *
skip_container(const char *p, const char *end)
{
    size_t depth = 0;

    while (p < end) {
        while (p < end && !(vt_scan_class[(uint8_t)*p] & (VT_SCAN_SPECIAL | VT_SCAN_BRACKET))) {
            p++;
        }
        if (p == end) {
            break;
        }
        if (*p == '"') {
            p = skip_string(p, end);
            continue;
        }
        if (vt_scan_class[(uint8_t)*p] & VT_SCAN_BRACKET) {
            depth += *p == '{' || *p == '[' ? 1 : (size_t)-1;
        }
        p++;
        if (!depth) {
            break;
        }
    }
    return p;
}

bool
vt_scan_skip(VtScan *scan)
{
    const char *p, *end = scan->end;

    switch (vt_scan_token(scan)) {
    case VT_TOKEN_BAD:
        return vt_scan_fail_expected(scan, "a value");
    case VT_TOKEN_STRING:
        scan->p = skip_string(scan->p, end);
        break;
    case VT_TOKEN_OBJECT:
    case VT_TOKEN_LIST:
        scan->p = skip_container(scan->p, end);
        break;
    default:
        for (p = scan->p; p < end && !(vt_scan_class[(uint8_t)*p] & VT_SCAN_STOP); p++) {
        }
        scan->p = p;
        break;
    }
    return true;
}
