/* SPDX-License-Identifier: MIT */
/*
 * Inputs, and the visits from outside: from the start of the text, to its end.
 */
#include <json-c/json_object.h>

#include "visit-private.h"

/* ---- inputs ------------------------------------------------------------------------------------------ */

static bool
always(const void *subject)
{
    (void)subject;
    return true;
}

static VtInput *
input_new(VtCursorKind kind, const char *where, const char *prefix)
{
    size_t where_len = where ? strlen(where) : 0, prefix_len = prefix ? strlen(prefix) : 0;
    VtInput *input = g_malloc(sizeof(VtInput) + where_len + prefix_len + 2);

    memset(input, 0, sizeof *input);
    input->kind = kind;
    input->where_len = (uint32_t)where_len;
    memcpy(input->where, where ? where : "", where_len + 1);
    if (prefix) {
        input->prefix = memcpy(input->where + where_len + 1, prefix, prefix_len + 1);
    }
    return input;
}

VtInput *
vt_input_new_json(const char *text, size_t len, const char *where)
{
    VtInput *input = input_new(VT_CURSOR_TEXT, where, NULL);

    vt_scan_init(&input->scan, text, len);
    return input;
}

VtInput *
vt_input_new_json_at(const char *text, size_t len, const char *where, const char *path, unsigned line, unsigned column)
{
    VtInput *input = input_new(VT_CURSOR_TEXT, where, path);

    vt_scan_init(&input->scan, text, len);
    input->first_line = line;
    input->first_column = column;
    return input;
}

static VtInput *
new_option(const char *text, const char *implied_key, const char *where, bool is_private, GError **error)
{
    g_autofree char *message = NULL;
    VtKeyval *keyval;
    VtInput *input;

    if (*text == '{') {
        size_t len = strlen(text);

        /* The caller's text need not outlive the call, as with key=value text. */
        input = vt_input_new_json("", 0, where);
        input->copy = g_memdup2(text, len + 1);
        vt_scan_init(&input->scan, input->copy, len);
        input->is_private = is_private;
        return input;
    }
    keyval = vt_keyval_new(text, implied_key, is_private, &message);
    if (!keyval) {
        vt_error_set(error, "%s%s%s", where ? where : "", where && *where ? ": " : "", message);
        return NULL;
    }
    input = input_new(VT_CURSOR_KEYVAL, where, NULL);
    input->keyval = keyval;
    input->is_private = is_private;
    return input;
}

VtInput *
vt_input_new_option(const char *text, const char *implied_key, const char *where, GError **error)
{
    return new_option(text, implied_key, where, false, error);
}

VtInput *
vt_input_new_private_option(const char *text, const char *implied_key, const char *where, GError **error)
{
    return new_option(text, implied_key, where, true, error);
}

void
vt_input_make_private(VtInput *input)
{
    input->is_private = true;
}

VtInput *
vt_input_new_value(const char *text, const char *where)
{
    VtInput *input = input_new(VT_CURSOR_KEYVAL, where, NULL);

    input->keyval = vt_keyval_new_value(text);
    return input;
}

VtInput *
vt_input_new_object(json_object *value, const char *where)
{
    VtInput *input = input_new(VT_CURSOR_TREE, where, NULL);

    input->root = json_object_get(value);
    return input;
}

void
vt_input_free(VtInput *input)
{
    if (input) {
        vt_keyval_free(input->keyval);
        json_object_put(input->root);
        vt_wipe_str(input->copy);
        g_free(input);
    }
}

/* ---- what is hidden ---------------------------------------------------------------------------------- */

/* Inside a member that is known, and that no sensitive value may stand in. */
static bool
is_plain(const VtVisit *v)
{
    if (v->row) {
        return !vt_row_is_sensitive(v->schema, v->layer, v->row);
    }
    return v->prop && !vt_row_is_sensitive(v->schema, v->prop->layer, v->prop->row);
}

bool
vt_visit_hides(const void *visit)
{
    const VtVisit *v = visit;

    if (v->root && !v->info) {
        return vt_class_root_is_sensitive(v->root);
    }
    return (v->root ? v->info->row->flags & VT_CLASS_SENSITIVE : v->sensitive) && !is_plain(v);
}

/* ---- visits ------------------------------------------------------------------------------------------ */

static bool
begin(VtInput *input, VtHides hides, const void *subject)
{
    vt_cursor_rewind(input);
    input->scan.hides = hides;
    input->scan.subject = subject;
    if (G_UNLIKELY((size_t)(input->scan.end - input->scan.start) > VT_SCAN_SIZE)) {
        return vt_cursor_fail(input, "exceeds the maximum of %u MiB", VT_SCAN_SIZE >> 20);
    }
    return true;
}

static bool
end(VtInput *input)
{
    return input->kind != VT_CURSOR_TEXT || vt_scan_end(&input->scan);
}

VtConfig *
vt_input_visit_creation(VtInput *input, VtContext *ctx, const VtClassInfo *root, GError **error)
{
    VtVisit v = {.c = input, .schema = vt_context_schema(ctx), .ctx = ctx, .root = root};
    VtConfig *config = NULL;

    if (begin(input, vt_visit_hides, &v)) {
        config = vt_visit_creation(&v, root, false);
        if (config && end(input)) {
            return config;
        }
    }
    vt_config_free(config);
    vt_cursor_report(input, error);
    return NULL;
}

bool
vt_input_visit_members(VtInput *input, VtContext *ctx, VtConfig *config, GError **error)
{
    VtVisit v = {.c = input, .schema = vt_context_schema(ctx), .ctx = ctx};

    v.info = config->info;
    v.root = config->info->root;
    return (begin(input, vt_visit_hides, &v) && vt_visit_overlay(&v, config) && end(input)) ||
           vt_cursor_report(input, error);
}

bool
vt_input_visit_type(VtInput *input, const VtSchema *schema, VtContext *ctx, uint16_t type, void *data, GError **error)
{
    VtVisit v = {.c = input, .schema = schema, .ctx = ctx};
    VtTypeKind kind = vt_schema_type(schema, type)->kind;
    bool ok = begin(input, vt_visit_hides, &v);

    v.sensitive = vt_schema_type(schema, type)->flags & VT_TYPE_SENSITIVE;
    g_assert(kind == VT_TYPE_STRUCT || kind == VT_TYPE_UNION || kind == VT_TYPE_ALTERNATE);
    ok = ok && (kind == VT_TYPE_STRUCT  ? vt_visit_struct(&v, type, data)
                : kind == VT_TYPE_UNION ? vt_visit_union(&v, type, data)
                                        : vt_visit_alternate(&v, type, data));
    if (ok && end(input)) {
        return true;
    }
    vt_struct_clear(schema, type, data);
    return vt_cursor_report(input, error);
}

bool
vt_input_visit_value(VtInput *input, const VtSchema *schema, VtContext *ctx, const VtLayer *layer, const VtRow *row,
                     void *field, GError **error)
{
    VtVisit v = {.c = input, .schema = schema, .ctx = ctx, .sensitive = vt_row_is_sensitive(schema, layer, row)};

    if (begin(input, vt_visit_hides, &v) && vt_visit_field(&v, layer, row, field) && end(input)) {
        return true;
    }
    vt_field_clear(schema, layer, row, field);
    return vt_cursor_report(input, error);
}

json_object *
vt_input_to_object(VtInput *input, GError **error)
{
    json_object *tree = NULL;

    if (begin(input, input->is_private ? always : NULL, NULL)) {
        tree = vt_cursor_tree(input);
        if (!input->scan.message && end(input)) {
            return tree;
        }
    }
    json_object_put(tree);
    vt_cursor_report(input, error);
    return NULL;
}
