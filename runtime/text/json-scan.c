/* SPDX-License-Identifier: MIT */
#include "text/json-scan.h"

#include <errno.h>
#include <math.h>

#include "vt-runtime/error.h"

#define B (VT_SCAN_BLANK | VT_SCAN_STOP)
#define X VT_SCAN_SPECIAL
#define K VT_SCAN_BRACKET

/* VT_SCAN_SPECIAL: bytes of a string that need a check: control characters, quote, backslash, and bytes above 0x7F. */
const uint8_t vt_scan_class[256] = {
    [0 ... 8] = X,
    ['\t'] = B | X,
    ['\n'] = B | X,
    [11 ... 12] = X,
    ['\r'] = B | X,
    [14 ... 31] = X,
    [' '] = B,
    ['"'] = X,
    ['\\'] = X,
    [128 ... 255] = X,
    ['{'] = K,
    ['['] = K,
    ['}'] = K | VT_SCAN_STOP,
    [']'] = K | VT_SCAN_STOP,
    [','] = VT_SCAN_STOP,
};

#undef B
#undef X
#undef K

void
vt_scan_init(VtScan *scan, const char *text, size_t len)
{
    *scan = (VtScan){.p = text, .start = text, .end = text + len, .at = text};
}

bool
vt_scan_hides(const VtScan *scan)
{
    return scan->hides && scan->hides(scan->subject);
}

/* Returns @format with "…" in place of each conversion. */
static char *
without_arguments(const char *format)
{
    GString *text = g_string_new(NULL);

    for (const char *p = format; *p; p++) {
        if (*p != '%') {
            g_string_append_c(text, *p);
        } else if (p[1] == '%') {
            g_string_append_c(text, *p++);
        } else {
            p += strcspn(p, "diouxXscfg");
            g_string_append(text, "…");
        }
    }
    if (strcmp(text->str, "…") == 0) {
        g_string_assign(text, "the value is malformed");
    }
    return g_string_free(text, FALSE);
}

static bool
fail_at(VtScan *scan, const char *at, bool syntax, bool plain, const char *format, va_list ap)
{
    if (!scan->message) {
        scan->message = plain || !vt_scan_hides(scan) ? g_strdup_vprintf(format, ap) : without_arguments(format);
        scan->syntax = syntax;
        if (at) {
            scan->at = at;
        }
    }
    return false;
}

bool(vt_scan_fail)(VtScan *scan, const char *at, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fail_at(scan, at, false, false, format, ap);
    va_end(ap);
    return false;
}

bool(vt_scan_fail_syntax)(VtScan *scan, const char *at, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fail_at(scan, at, true, false, format, ap);
    va_end(ap);
    return false;
}

bool(vt_scan_fail_plain)(VtScan *scan, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fail_at(scan, NULL, false, true, format, ap);
    va_end(ap);
    return false;
}

/* Fails with a syntax error at VtScan.p. @format must show no text of the user. */
static bool G_GNUC_PRINTF(2, 3) fail_unshown(VtScan *scan, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fail_at(scan, scan->p, true, true, format, ap);
    va_end(ap);
    return false;
}

bool(vt_scan_fail_expected)(VtScan *scan, const char *what)
{
    const char *p;
    size_t n = 0;

    vt_scan_blanks(scan);
    p = scan->p;
    if (p == scan->end) {
        return fail_unshown(scan, "expected %s, got the end of the text", what);
    }
    if (vt_scan_hides(scan)) {
        return fail_unshown(scan, "expected %s, got something else", what);
    }
    if ((uint8_t)*p >= 0x80) {
        n = vt_scan_utf8(p, scan->end);
        if (!n) {
            return vt_scan_fail_syntax(scan, p, "malformed UTF-8");
        }
    } else if ((uint8_t)*p < 0x20 || *p == 0x7f) {
        return vt_scan_fail_syntax(scan, p, "expected %s, got the control character 0x%02x", what, (uint8_t)*p);
    } else {
        while (n < 20 && p + n < scan->end && (g_ascii_isalnum(p[n]) || p[n] == '_' || p[n] == '-')) {
            n++;
        }
        n = MAX(n, 1);
    }
    return vt_scan_fail_syntax(scan, p, "expected %s, got '%.*s'", what, (int)n, p);
}

VtMore
vt_scan_more_failed(VtScan *scan, bool first, char close)
{
    const char *p = scan->p;
    bool after_comma = p > scan->start && !first && p[-1] == ',';

    /* The caller has skipped blanks, which may follow a comma. */
    for (const char *q = p;
         !first && q > scan->start && !after_comma && (vt_scan_class[(uint8_t)q[-1]] & VT_SCAN_BLANK); q--) {
        after_comma = q - 1 > scan->start && q[-2] == ',';
    }
    if (close == '}') {
        vt_scan_fail_expected(scan, first ? "a member's name or '}'" : after_comma ? "a member's name" : "',' or '}'");
    } else {
        vt_scan_fail_expected(scan, first || after_comma ? "a value" : "',' or ']'");
    }
    return VT_MORE_ERROR;
}

unsigned
vt_scan_utf8(const char *text, const char *end)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t left = (size_t)(end - text);
    unsigned n;

    if (p[0] < 0xC2 || p[0] > 0xF4) {
        return 0;
    }
    n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (left < n) {
        return 0;
    }
    for (unsigned i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    /* Reject overlong forms, surrogates, and code points above U+10FFFF. */
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF0 && p[1] < 0x90) ||
        (p[0] == 0xF4 && p[1] > 0x8F)) {
        return 0;
    }
    return n;
}

static bool
hex4(const char *p, const char *end, uint32_t *ret_value)
{
    uint32_t value = 0;

    if (end - p < 4) {
        return false;
    }
    for (unsigned i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(p[i]);

        if (digit < 0) {
            return false;
        }
        value = value << 4 | (uint32_t)digit;
    }
    *ret_value = value;
    return true;
}

/* @p is at the 'u' of an escape. Returns the position after the escape, or NULL if it is malformed. */
static const char *
unicode_escape(VtScan *scan, const char *p, GString *out)
{
    uint32_t c, low;

    if (!hex4(p + 1, scan->end, &c)) {
        vt_scan_fail_syntax(scan, p - 1, "malformed \\u escape");
        return NULL;
    }
    if (c == 0) {
        vt_scan_fail_syntax(scan, p - 1, "\\u0000 is not allowed in a string");
        return NULL;
    }
    if (c >= 0xD800 && c < 0xE000) {
        if (c >= 0xDC00 || scan->end - p < 11 || p[5] != '\\' || p[6] != 'u' || !hex4(p + 7, scan->end, &low) ||
            low < 0xDC00 || low > 0xDFFF) {
            vt_scan_fail_syntax(scan, p - 1, "unpaired surrogate '\\u%.4s'", p + 1);
            return NULL;
        }
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        p += 6;
    }
    g_string_append_unichar(out, c);
    return p + 5;
}

static const char *
escape(VtScan *scan, const char *p, GString *out)
{
    static const char plain[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    const char *found;

    if (p + 1 >= scan->end) {
        vt_scan_fail_syntax(scan, p, "unterminated string");
        return NULL;
    }
    if (p[1] == 'u') {
        return unicode_escape(scan, p + 1, out);
    }
    found = p[1] ? strchr(plain, p[1]) : NULL;
    if (!found) {
        vt_scan_fail_syntax(scan, p, "unknown escape in a string");
        return NULL;
    }
    g_string_append_c(out, meaning[found - plain]);
    return p + 2;
}

/* Returns an upper bound of the decoded length of the string at @p. Escapes only shorten a string. */
static size_t
length_bound(const char *p, const char *end)
{
    const char *start = p;

    while (p < end && *p != '"') {
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    }
    return (size_t)(p - start);
}

/* Returns the position of the closing quote, or NULL if the string is malformed. *@ret_out is the decoded string if it
 * has escapes, else NULL. */
static const char *
read_string(VtScan *scan, GString **ret_out)
{
    const char *start = scan->p, *p = start, *run = start, *end = scan->end;

    for (;;) {
        unsigned n;

        while (p < end && !(vt_scan_class[(uint8_t)*p] & VT_SCAN_SPECIAL)) {
            p++;
        }
        if (p == end) {
            vt_scan_fail_syntax(scan, start - 1, "unterminated string");
            return NULL;
        }
        if (*p == '"') {
            break;
        }
        if (*p == '\\') {
            if (!*ret_out) {
                *ret_out = g_string_sized_new(length_bound(start, end));
            }
            g_string_append_len(*ret_out, run, p - run);
            p = run = escape(scan, p, *ret_out);
            if (!p) {
                return NULL;
            }
            continue;
        }
        if ((uint8_t)*p < 0x20) {
            vt_scan_fail_syntax(scan, p, "control character 0x%02x in a string", (uint8_t)*p);
            return NULL;
        }
        n = vt_scan_utf8(p, end);
        if (!n) {
            vt_scan_fail_syntax(scan, p, "malformed UTF-8");
            return NULL;
        }
        p += n;
    }
    if (*ret_out) {
        g_string_append_len(*ret_out, run, p - run);
    }
    return p;
}

bool
vt_scan_string_rest(VtScan *scan, VtText *ret_text)
{
    const char *start = scan->p, *end;
    GString *out = NULL;

    end = read_string(scan, &out);
    if (!end) {
        vt_wipe_string(out);
        return false;
    }
    scan->p = end + 1;
    if (out) {
        *ret_text = (VtText){.len = out->len};
        ret_text->s = ret_text->owned = g_string_free(out, FALSE);
    } else {
        *ret_text = (VtText){.s = start, .len = (size_t)(end - start)};
    }
    return true;
}

static const char *
digits(const char *p, const char *end)
{
    while (p < end && g_ascii_isdigit(*p)) {
        p++;
    }
    return p;
}

bool
vt_scan_number_span(VtScan *scan, const char **ret_end, bool *ret_integer)
{
    const char *start = scan->p, *p = start, *end = scan->end, *from;

    p += *p == '-';
    from = p;
    p = digits(p, end);
    if (p == from || (*from == '0' && p - from > 1)) {
        goto malformed;
    }
    *ret_integer = true;
    if (p < end && *p == '.') {
        from = p + 1;
        p = digits(from, end);
        if (p == from) {
            goto malformed;
        }
        *ret_integer = false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        from = p;
        p = digits(p, end);
        if (p == from) {
            goto malformed;
        }
        *ret_integer = false;
    }
    if (p < end && !(vt_scan_class[(uint8_t)*p] & VT_SCAN_STOP)) {
        goto malformed;
    }
    *ret_end = p;
    return true;

malformed:
    while (p < end && p - start < 30 && (g_ascii_isalnum(*p) || strchr("+-._", *p)) && *p) {
        p++;
    }
    return vt_scan_fail_syntax(scan, start, "malformed number '%.*s'", (int)(p - start), start);
}

bool
vt_scan_double(VtScan *scan, double *ret_value)
{
    const char *start = scan->p, *end;
    g_autofree char *copy = NULL;
    bool integer;
    double value;

    if (!vt_scan_number_span(scan, &end, &integer)) {
        return false;
    }
    copy = g_strndup(start, (size_t)(end - start));
    value = g_ascii_strtod(copy, NULL);
    if (!isfinite(value)) {
        return vt_scan_fail(scan, start, "%.*s is too large for a number", (int)MIN(end - start, 40), start);
    }
    *ret_value = value;
    scan->p = end;
    return true;
}

bool
vt_scan_word(VtScan *scan, const char *word)
{
    size_t len = strlen(word);
    const char *p = scan->p;

    if ((size_t)(scan->end - p) < len || memcmp(p, word, len) != 0 ||
        (p + len < scan->end && !(vt_scan_class[(uint8_t)p[len]] & VT_SCAN_STOP))) {
        return vt_scan_fail_expected(scan, "a value");
    }
    scan->p = p + len;
    return true;
}

bool
vt_scan_end(VtScan *scan)
{
    vt_scan_blanks(scan);
    if (scan->p == scan->end) {
        return true;
    }
    return vt_scan_fail_expected(scan, "the end of the text");
}
