/* SPDX-License-Identifier: MIT */
/*
 * The hot path: a struct in JSON text.  Members mostly come in the order of their rows, some left out, and most values are
 * small integers; whatever is not so takes the common way.
 */
#include "visit-private.h"

#define ROWS_AHEAD 8    /* how many rows are tried before a name is looked up */

/* Whole words, the last of them overlapping. */
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

/* The row from @next on whose name stands quoted at @p; names need no escapes, so a quote behind one ends the key. */
static inline const VtRow *
predict(const VtScan *scan, const char *strings, const VtRow *next, const VtRow *last)
{
    const char *key = scan->p + 1;
    size_t left = (size_t)(scan->end - key);

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

/* A plain integer of few digits, in range.  False: nothing is consumed, and the common way says what it is. */
static inline bool
small_integer(VtScan *scan, const VtLayer *layer, const VtRow *row, const VtCold *cold, void *field)
{
    const VtRange *range = cold->range ? &layer->ranges[cold->range] : NULL, *own = &vt_kind_ranges[row->kind];
    const char *p, *digits, *end = scan->end;
    uint64_t value = 0;

    vt_scan_blanks(scan);
    for (p = digits = scan->p; p < end && (uint8_t)(*p - '0') < 10; p++) {
        value = value * 10 + (uint8_t)(*p - '0');
    }
    if (p == digits || p - digits > 18 || (*digits == '0' && p - digits > 1) || p == end ||
        !(vt_scan_class[(uint8_t)*p] & VT_SCAN_STOP) || value > own->max) {
        return false;
    }
    if (range && ((int64_t)value < range->min || value > range->max || range->max > INT64_MAX)) {
        return false;
    }
    vt_store_integer(row->kind, field, value);
    scan->p = p;
    return true;
}

static bool
member(VtVisit *v, const VtLayer *layer, const VtType *type, const VtRow *row, char *data)
{
    const VtCold *cold = &layer->colds[row->cold];
    uint64_t *given = vt_given_word(data, type->words_offset, row->bit), mask = UINT64_C(1) << (row->bit % 64);
    VtScan *scan = &v->c->scan;

    if (G_LIKELY(row->kind >= VT_KIND_INT8 && row->kind <= VT_KIND_SIZE &&
                 !(row->flags & (VT_ROW_LIST | VT_ROW_TARGETED)) && !(cold->features & VT_FEATURE_INTERNAL) &&
                 !(*given & mask) && scan->p < scan->end && *scan->p == ':')) {
        const char *colon = scan->p++;

        if (G_LIKELY(small_integer(scan, layer, row, cold, data + row->offset))) {
            *given |= mask;
            given[type->words] |= mask;
            return true;
        }
        scan->p = colon;
    }
    return vt_visit_row(v, layer, type, row, data);
}

bool
vt_visit_struct_text(VtVisit *v, const VtLayer *layer, const VtType *type, char *data)
{
    VtScan *scan = &v->c->scan;
    const VtRow *next = &layer->rows[type->first], *last = next + type->count;
    VtText key = { 0 };
    bool first = true;
    VtMore more;

    if (G_UNLIKELY(!vt_scan_open(scan))) {
        return false;
    }
    while ((more = vt_scan_more(scan, first, '}')) == VT_MORE_YES) {
        const VtRow *row = predict(scan, layer->strings, next, last);

        first = false;
        scan->at = scan->p;
        if (G_LIKELY(row)) {
            scan->p += row->len + 2;
        } else {
            if (!vt_scan_string(scan, &key)) {
                return false;
            }
            row = vt_type_find(layer, type, key.s, key.len);
            if (G_UNLIKELY(!row)) {
                vt_visit_fail_member(v, layer, type, &key);
            }
            vt_text_clear(&key);
            if (G_UNLIKELY(!row)) {
                return false;
            }
        }
        if (G_UNLIKELY(!member(v, layer, type, row, data))) {
            return false;
        }
        next = row + 1;
    }
    return more == VT_MORE_END;
}
