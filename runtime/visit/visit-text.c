/* SPDX-License-Identifier: MIT */
/*
 * Fast path: a struct in JSON text.
 *
 * Members mostly come in the order of their rows, and most values are small integers. Other members and values take the
 * general path.
 */
#include "visit/visit-private.h"

#define ROWS_AHEAD 8 /* rows to compare before a lookup by name */

/* Compares words of 8 bytes; the last word overlaps the one before. */
static inline bool
same_bytes(const char *a, const char *b, size_t len)
{
    uint64_t x, y;

    if (len < 8) {
        for (size_t i = 0; i < len; i++) {
            if (a[i] != b[i]) {
                return false;
            }
        }
        return true;
    }
    for (size_t i = 0; i < len - 8; i += 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y) {
            return false;
        }
    }
    memcpy(&x, a + len - 8, 8);
    memcpy(&y, b + len - 8, 8);
    return x == y;
}

/* Returns the first of the next rows whose name, followed by a quote, is at @key; NULL: none. Names contain no escapes,
 * so the quote ends the key. */
static inline const VtRow *
predict(const char *key, const char *end, const char *strings, const VtRow *next, const VtRow *last)
{
    size_t left = (size_t)(end - key);

    if (last - next > ROWS_AHEAD) {
        last = next + ROWS_AHEAD;
    }
    for (; next < last; next++) {
        size_t len = next->len;

        if (len < left && key[len] == '"' && same_bytes(key, strings + next->name, len)) {
            return next->flags & VT_ROW_IF_OFF ? NULL : next;
        }
    }
    return NULL;
}

static inline const char *
skip_blanks(const char *p, const char *end)
{
    if (G_LIKELY(p < end && (uint8_t)*p > ' ')) {
        return p;
    }
    while (p < end && (vt_scan_class[(uint8_t)*p] & VT_SCAN_BLANK)) {
        p++;
    }
    return p;
}

/*
 * Stores an integer of at most 18 digits that is in the range of an integer row. Returns the position after it. NULL:
 * the general path must visit the value.
 */
static inline const char *
small_integer(const char *p, const char *end, const VtLayer *layer, const VtRow *row, char *data)
{
    const VtCold *cold = &layer->colds[row->cold];
    const char *digits = p;
    uint64_t value = 0;

    if (row->kind < VT_KIND_INT8 || row->kind > VT_KIND_SIZE || row->flags & (VT_ROW_LIST | VT_ROW_TARGETED) ||
        cold->features & VT_FEATURES_NO_INPUT) {
        return NULL;
    }
    while (p < end && (uint8_t)(*p - '0') < 10) {
        value = value * 10 + (uint8_t)(*p++ - '0');
    }
    if (p == digits || p - digits > 18 || (*digits == '0' && p - digits > 1) || p == end ||
        !(vt_scan_class[(uint8_t)*p] & VT_SCAN_STOP)) {
        return NULL;
    }
    if (cold->range) {
        const VtRange *range = &layer->ranges[cold->range];

        if ((int64_t)value < range->min || value > range->max || range->max > INT64_MAX) {
            return NULL;
        }
    }
    if (value > vt_kind_ranges[row->kind].max) {
        return NULL;
    }
    vt_store_integer(row->kind, data + row->offset, value);
    return p;
}

/* General path: visits any member. VtScan.p is at the quote of the key. */
static const VtRow *
common_member(VtVisit *v, const VtLayer *layer, const VtType *type, char *data)
{
    VtScan *scan = &v->c->scan;
    VtText key = {0};
    const VtRow *row;

    scan->at = scan->p;
    if (!vt_scan_string(scan, &key)) {
        return NULL;
    }
    row = vt_type_find(layer, type, key.s, key.len);
    if (!row) {
        vt_visit_fail_member(v, layer, type, &key);
    }
    vt_text_clear(&key);
    return row && vt_visit_row(v, layer, type, row, data) ? row : NULL;
}

bool
vt_visit_struct_text(VtVisit *v, const VtLayer *layer, const VtType *type, char *data)
{
    VtScan *scan = &v->c->scan;
    const VtRow *next = &layer->rows[type->first], *last = next + type->count;
    const char *end = scan->end;
    bool first = true;
    VtMore more;

    if (G_UNLIKELY(!vt_scan_open(scan))) {
        return false;
    }
    while ((more = vt_scan_more(scan, first, '}')) == VT_MORE_YES) {
        const char *p = scan->p + 1;
        const VtRow *row = predict(p, end, layer->strings, next, last);

        first = false;
        if (G_LIKELY(row)) {
            uint64_t *given = vt_given_word(data, type->words_offset, row->bit), mask = UINT64_C(1) << (row->bit % 64);

            p = skip_blanks(p + row->len + 1, end);
            if (G_LIKELY(p < end && *p == ':' && !(*given & mask))) {
                p = small_integer(skip_blanks(p + 1, end), end, layer, row, data);
                if (G_LIKELY(p)) {
                    *given |= mask;
                    given[type->words] |= mask;
                    scan->p = p;
                    next = row + 1;
                    continue;
                }
            }
        }
        row = common_member(v, layer, type, data);
        if (G_UNLIKELY(!row)) {
            return false;
        }
        next = row + 1;
    }
    return more == VT_MORE_END;
}
