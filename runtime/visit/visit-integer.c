/* SPDX-License-Identifier: MIT */
/*
 * Visits of integers and sizes, and their ranges.
 */
#include "visit/visit-private.h"

const VtRange vt_kind_ranges[] = {
    [VT_KIND_INT8] = {INT8_MIN, INT8_MAX},    [VT_KIND_UINT8] = {0, UINT8_MAX},
    [VT_KIND_INT16] = {INT16_MIN, INT16_MAX}, [VT_KIND_UINT16] = {0, UINT16_MAX},
    [VT_KIND_INT32] = {INT32_MIN, INT32_MAX}, [VT_KIND_UINT32] = {0, UINT32_MAX},
    [VT_KIND_INT64] = {INT64_MIN, INT64_MAX}, [VT_KIND_UINT64] = {0, UINT64_MAX},
    [VT_KIND_SIZE] = {0, UINT64_MAX},
};

bool
vt_integer_parse(const char *text, VtInteger *ret_integer)
{
    unsigned base = 10;
    uint64_t value = 0;

    *ret_integer = (VtInteger){.negative = *text == '-'};
    text += *text == '-' || *text == '+';
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    } else if (text[0] == '0' && g_ascii_isdigit(text[1])) {
        /* Reject a leading zero, which could mean octal. */
        return false;
    }
    if (!*text) {
        return false;
    }
    for (; *text; text++) {
        int digit = g_ascii_xdigit_value(*text);

        if (digit < 0 || (unsigned)digit >= base) {
            return false;
        }
        if (value > (UINT64_MAX - (unsigned)digit) / base) {
            ret_integer->overflow = true;
        }
        value = value * base + (unsigned)digit;
    }
    ret_integer->magnitude = value;
    return true;
}

/* Parses a size as QEMU does: '4096', '0x1000', '4k', '1.5G', '512B'. */
static bool
parse_size(const char *text, VtInteger *ret_integer)
{
    static const char suffixes[] = "bkmgtpe";
    const char *p = text + strspn(text, "0123456789"), *suffix;
    g_autofree char *digits = g_strndup(text, (size_t)(p - text));
    uint64_t unit;
    double fraction = 0;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        return vt_integer_parse(text, ret_integer);
    }
    if (p == text || !vt_integer_parse(digits, ret_integer)) {
        return false;
    }
    if (*p == '.') {
        const char *from = ++p;

        for (double scale = 0.1; g_ascii_isdigit(*p); p++, scale /= 10) {
            fraction += (*p - '0') * scale;
        }
        if (p == from) {
            return false;
        }
    }
    if (!*p) {
        return fraction == 0;
    }
    suffix = strchr(suffixes, g_ascii_tolower(*p));
    if (!suffix || p[1]) {
        return false;
    }
    unit = UINT64_C(1) << (suffix - suffixes) * 10;
    if (unit == 1 && fraction != 0) {
        return false;
    }
    if (ret_integer->magnitude > (UINT64_MAX - unit + 1) / unit) {
        ret_integer->overflow = true;
        return true;
    }
    /* Round to the nearest byte, with the precision of a double. */
    ret_integer->magnitude = ret_integer->magnitude * unit + (uint64_t)((double)unit * fraction + 0.5);
    return true;
}

static bool
take_integer(VtVisit *v, VtKind kind, VtInteger *ret_integer)
{
    VtCursor *c = v->c;
    VtToken token = vt_cursor_token(c);
    VtText text;
    double number;

    if (G_LIKELY(token == VT_TOKEN_NUMBER)) {
        if (c->kind == VT_CURSOR_TEXT ? vt_scan_integer(&c->scan, ret_integer)
                                      : vt_tree_number(c, ret_integer, &number)) {
            return true;
        }
    } else if (token == VT_TOKEN_WORD) {
        if (!vt_cursor_string(c, &text)) {
            return false;
        }
        if (strlen(text.s) == text.len &&
            (kind == VT_KIND_SIZE ? parse_size(text.s, ret_integer) : vt_integer_parse(text.s, ret_integer))) {
            return true;
        }
        return vt_cursor_fail_type(c, kind == VT_KIND_SIZE ? "a size (such as 4096, 64k, 1.5G)" : "an integer");
    }
    return vt_cursor_fail_type(c, "an integer");
}

static bool
fail_integer(VtVisit *v, const char *start, const VtInteger *integer, const VtRange *range)
{
    VtCursor *c = v->c;
    g_autofree char *value = NULL;
    VtText text;

    if (c->kind == VT_CURSOR_TEXT) {
        value = g_strndup(start, (size_t)MIN(c->scan.p - start, 40));
    } else if (c->kind == VT_CURSOR_KEYVAL && vt_cursor_string(c, &text)) {
        value = g_strndup(text.s, MIN(text.len, 40));
    } else {
        value = g_strdup_printf("%s%" G_GUINT64_FORMAT, integer->negative ? "-" : "", integer->magnitude);
    }
    if (integer->negative ? integer->overflow || range->min >= 0 || integer->magnitude > -(uint64_t)range->min
                          : !integer->overflow && range->min > 0 && integer->magnitude < (uint64_t)range->min) {
        return vt_cursor_fail(c, "%s is below the minimum %" G_GINT64_FORMAT, value, range->min);
    }
    if (range->min < 0 && range->max > INT64_MAX) {
        return vt_cursor_fail(c, "%s exceeds the maximum %" G_GINT64_FORMAT, value, (int64_t)range->max);
    }
    return vt_cursor_fail(c, "%s exceeds the maximum %" G_GUINT64_FORMAT, value, range->max);
}

bool
vt_integer_in_range(const VtInteger *integer, const VtRange *range)
{
    if (G_UNLIKELY(integer->overflow)) {
        return false;
    }
    if (G_UNLIKELY(integer->negative && integer->magnitude)) {
        return range->min < 0 && integer->magnitude <= -(uint64_t)range->min &&
               (range->max <= INT64_MAX || (uint64_t)-integer->magnitude <= range->max);
    }
    if (range->min < 0) {
        return integer->magnitude <= range->max && range->max <= INT64_MAX;
    }
    return integer->magnitude >= (uint64_t)range->min && integer->magnitude <= range->max;
}

static bool
is_named(const VtLayer *layer, const VtScalar *scalar, uint64_t value)
{
    for (uint32_t i = 0; i < scalar->n_names; i++) {
        if ((uint64_t)layer->names[scalar->first_name + i].value == value) {
            return true;
        }
    }
    return false;
}

bool
vt_visit_integer(VtVisit *v, VtKind kind, const VtLayer *layer, uint16_t range, const VtLayer *names,
                 const VtScalar *scalar, void *field)
{
    VtInteger integer;
    uint64_t value;
    const VtRange *failed;

    if (!take_integer(v, kind, &integer)) {
        return false;
    }
    value = integer.negative ? -integer.magnitude : integer.magnitude;
    failed = &vt_kind_ranges[kind];
    /* A named value may be out of range: 'auto' is 65535. */
    if (range && (!scalar || !is_named(names, scalar, value)) && G_LIKELY(vt_integer_in_range(&integer, failed))) {
        failed = &layer->ranges[range];
    }
    if (G_UNLIKELY(!vt_integer_in_range(&integer, failed))) {
        if (range) {
            failed = &layer->ranges[range];
        }
        return fail_integer(v, v->c->scan.at, &integer, failed);
    }
    vt_store_integer(kind, field, value);
    return true;
}
