/* SPDX-License-Identifier: MIT */
/*
 * Visits of booleans, numbers, strings, enums, and scalars with names or a codec.
 */
#include <math.h>

#include "visit/visit-private.h"
#include "vt-runtime/codec.h"
#include "vt-runtime/input.h"
#include "vt-runtime/error.h"
#include "vt-runtime/names.h"

/* ---- booleans, numbers and strings -------------------------------------------------------------------- */

int
vt_word_bool(const char *word)
{
    static const char *const yes[] = {"on", "yes", "true", "y", NULL}, *const no[] = {"off", "no", "false", "n", NULL};

    return g_strv_contains(yes, word) ? 1 : g_strv_contains(no, word) ? 0 : -1;
}

bool
vt_visit_bool(VtVisit *v, bool *field)
{
    VtCursor *c = v->c;
    VtToken token = vt_cursor_token(c);
    VtText text;

    if (token == VT_TOKEN_BOOL) {
        if (c->kind == VT_CURSOR_TREE) {
            *field = vt_tree_boolean(c);
            return true;
        }
        *field = *c->scan.p == 't';
        return vt_scan_word(&c->scan, *field ? "true" : "false");
    }
    if (token == VT_TOKEN_WORD && vt_cursor_string(c, &text)) {
        int value = vt_word_bool(text.s);

        if (value >= 0) {
            *field = value;
            return true;
        }
        return vt_cursor_fail_type(c, "on or off");
    }
    return vt_cursor_fail_type(c, "a boolean");
}

bool
vt_visit_number(VtVisit *v, double *field)
{
    VtCursor *c = v->c;
    VtToken token = vt_cursor_token(c);
    VtInteger integer;
    VtText text;

    if (token == VT_TOKEN_NUMBER) {
        if (c->kind == VT_CURSOR_TEXT) {
            return vt_scan_double(&c->scan, field);
        }
        if (vt_tree_number(c, &integer, field)) {
            *field = integer.negative ? -(double)integer.magnitude : (double)integer.magnitude;
        }
        return isfinite(*field) || vt_cursor_fail_type(c, "a finite number");
    }
    if (token == VT_TOKEN_WORD && vt_cursor_string(c, &text)) {
        char *end;

        *field = g_ascii_strtod(text.s, &end);
        if (text.len && end == text.s + text.len && isfinite(*field) && !g_ascii_isspace(*text.s)) {
            return true;
        }
    }
    return vt_cursor_fail_type(c, "a number");
}

bool
vt_visit_text(VtVisit *v, VtText *ret_text)
{
    VtCursor *c = v->c;
    VtToken token = vt_cursor_token(c);

    if (token != VT_TOKEN_STRING && token != VT_TOKEN_WORD) {
        return vt_cursor_fail_type(c, "a string");
    }
    return vt_cursor_string(c, ret_text);
}

bool
vt_visit_str(VtVisit *v, char **field)
{
    VtText text;

    if (!vt_visit_text(v, &text)) {
        return false;
    }
    *field = vt_text_take(&text);
    return true;
}

bool
vt_visit_null(VtVisit *v, bool *field)
{
    VtCursor *c = v->c;
    VtText text;

    switch (vt_cursor_token(c)) {
    case VT_TOKEN_NULL:
        if (c->kind == VT_CURSOR_TEXT && !vt_scan_word(&c->scan, "null")) {
            return false;
        }
        break;
    case VT_TOKEN_WORD:
        /* As in QEMU's key=value text, where null is an empty value. */
        if (!vt_cursor_string(c, &text) || text.len) {
            return vt_cursor_fail_type(c, "nothing");
        }
        break;
    default:
        return vt_cursor_fail_type(c, "null");
    }
    *field = true;
    return true;
}

/* ---- names ------------------------------------------------------------------------------------------- */

static const VtName *
find_name(const VtLayer *layer, uint32_t first, uint32_t n, const VtText *text)
{
    for (uint32_t i = 0; i < n; i++) {
        const VtName *name = &layer->names[first + i];
        const char *s = vt_str(layer, name->name);

        if (strncmp(s, text->s, text->len) == 0 && s[text->len] == '\0' && !(name->flags & VT_ROW_IF_OFF)) {
            return name;
        }
    }
    return NULL;
}

bool
vt_enum_has(const VtSchema *schema, uint16_t type_id, const VtText *word)
{
    const VtType *type = vt_schema_type(schema, type_id);

    return find_name(vt_schema_type_layer(schema, type_id), type->first, type->count, word);
}

static bool
fail_name(VtVisit *v, const VtLayer *layer, uint32_t first, uint32_t n, const VtText *text)
{
    g_autoptr(GArray) names = vt_names_new();

    for (uint32_t i = 0; i < n; i++) {
        if (!(layer->names[first + i].flags & VT_ROW_IF_OFF)) {
            vt_names_add(names, vt_str(layer, layer->names[first + i].name));
        }
    }
    if (names->len && names->len <= 5) {
        g_autoptr(GString) list = g_string_new(NULL);

        for (const char *const *name = vt_names_list(names); *name; name++) {
            g_string_append_printf(list, "%s%s", list->len ? ", " : "", *name);
        }
        return vt_scan_hides(&v->c->scan) ? vt_cursor_fail_plain(v->c, "expected one of %s", list->str)
                                          : vt_cursor_fail(v->c, "expected one of %s, got '%.*s'", list->str,
                                                           (int)MIN(text->len, 60), text->s);
    }
    return vt_visit_fail_unknown(v, "unknown value", text->s, text->len, vt_names_list(names));
}

bool
vt_visit_enum(VtVisit *v, uint16_t type_id, void *field)
{
    const VtLayer *layer = vt_schema_type_layer(v->schema, type_id);
    const VtType *type = vt_schema_type(v->schema, type_id);
    VtToken token = vt_cursor_token(v->c);
    const VtName *name;
    VtText text;

    if (token != VT_TOKEN_STRING && token != VT_TOKEN_WORD) {
        return vt_cursor_fail_type(v->c, "a string");
    }
    if (!vt_cursor_string(v->c, &text)) {
        return false;
    }
    name = find_name(layer, type->first, type->count, &text);
    if (name) {
        *(uint32_t *)field = (uint32_t)name->value;
    } else {
        fail_name(v, layer, type->first, type->count, &text);
    }
    vt_text_clear(&text);
    return name;
}

static bool
fail_range(VtVisit *v, const VtCodec *codec, const VtRange *range, const char *text)
{
    g_autofree char *min = NULL, *max = NULL;

    if (!codec->format || range->max > INT64_MAX) {
        return vt_cursor_fail(v->c, "'%s' is not between %" G_GINT64_FORMAT " and %" G_GUINT64_FORMAT, text, range->min,
                              range->max);
    }
    min = codec->format(range->min);
    max = codec->format((int64_t)range->max);
    return vt_cursor_fail(v->c, "'%s' is not between %s and %s", text, min, max);
}

static bool
decode(VtVisit *v, const VtCodec *codec, VtKind kind, const VtLayer *layer, uint16_t range, const VtText *text,
       void *field)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *copy = g_strndup(text->s, text->len);
    VtInteger integer = {0};
    int64_t value;

    if (codec->forms) {
        vt_form_free(vt_form_read(v->schema, codec, copy, &error));
        *(char **)field = error ? NULL : g_steal_pointer(&copy);
    } else if (codec->normalise) {
        *(char **)field = codec->normalise(copy, &error);
    } else if (codec->parse(copy, &value, &error)) {
        /* In an unsigned 64-bit kind, the top bit is not a sign. */
        integer.negative = value < 0 && kind != VT_KIND_UINT64 && kind != VT_KIND_SIZE;
        integer.magnitude = integer.negative ? -(uint64_t)value : (uint64_t)value;
        if (!vt_integer_in_range(&integer, &vt_kind_ranges[kind]) ||
            (range && !vt_integer_in_range(&integer, &layer->ranges[range]))) {
            return fail_range(v, codec, range ? &layer->ranges[range] : &vt_kind_ranges[kind], copy);
        }
        vt_store_integer(kind, field, (uint64_t)value);
    }
    return !error || vt_cursor_fail(v->c, "%s", error->message);
}

/* Whether the text is @name, in which '*' stands for at least one character. */
static bool
matches_name(const char *name, const char *text, const char *end)
{
    size_t len = strcspn(name, "*");

    if ((size_t)(end - text) < len || memcmp(name, text, len) != 0) {
        return false;
    }
    if (!name[len]) {
        return text + len == end;
    }
    for (const char *rest = text + len + 1; rest <= end; rest++) {
        if (matches_name(name + len + 1, rest, end)) {
            return true;
        }
    }
    return false;
}

static bool
matches(const VtLayer *layer, const VtScalar *scalar, const VtText *text)
{
    for (uint32_t i = 0; i < scalar->n_names; i++) {
        if (matches_name(vt_str(layer, layer->names[scalar->first_name + i].name), text->s, text->s + text->len)) {
            return true;
        }
    }
    return false;
}

/* A string, or a scalar whose text can be more than an integer: it has names or a codec. */
static bool
visit_scalar_text(VtVisit *v, VtToken token, const VtScalar *scalar, const VtCodec *codec, const VtLayer *layer,
                  const VtLayer *range_layer, uint16_t range, void *field)
{
    VtCursor *c = v->c;
    const VtName *name;
    VtInteger integer;
    VtText text;
    bool ok = false;

    if (!vt_cursor_string(c, &text)) {
        return false;
    }
    name = scalar->kind == VT_KIND_STR ? NULL : find_name(layer, scalar->first_name, scalar->n_names, &text);
    if (name) {
        vt_store_integer(scalar->kind, field, (uint64_t)name->value);
        ok = true;
    } else if (codec) {
        ok = decode(v, codec, scalar->kind, range_layer, range, &text, field);
    } else if (scalar->kind == VT_KIND_STR && (!scalar->n_names || matches(layer, scalar, &text))) {
        *(char **)field = vt_text_take(&text);
        ok = true;
    } else if (scalar->kind != VT_KIND_STR && token == VT_TOKEN_WORD && vt_integer_parse(text.s, &integer)) {
        ok = vt_visit_integer(v, scalar->kind, range_layer, range, layer, scalar, field);
    } else {
        fail_name(v, layer, scalar->first_name, scalar->n_names, &text);
    }
    vt_text_clear(&text);
    return ok;
}

bool
vt_visit_scalar(VtVisit *v, const VtCold *cold, const VtLayer *range_layer, uint16_t type_id, void *field)
{
    const VtLayer *layer = vt_schema_type_layer(v->schema, type_id);
    uint32_t index = vt_schema_type(v->schema, type_id)->first;
    const VtScalar *scalar = &layer->scalars[index];
    VtToken token = vt_cursor_token(v->c);
    const VtCodec *codec = layer->codecs ? layer->codecs[index] : NULL;
    bool has_text = scalar->kind == VT_KIND_STR || scalar->n_names || codec;
    uint16_t range = cold ? cold->range : 0;

    if (!range) {
        range = scalar->range;
        range_layer = layer;
    }
    if (has_text && (token == VT_TOKEN_STRING || token == VT_TOKEN_WORD)) {
        return visit_scalar_text(v, token, scalar, codec, layer, range_layer, range, field);
    }
    if (scalar->kind != VT_KIND_STR && (scalar->accepts & VT_ACCEPTS_INT || !scalar->accepts)) {
        return vt_visit_integer(v, scalar->kind, range_layer, range, layer, scalar, field);
    }
    return vt_cursor_fail_type(v->c, "a string");
}
