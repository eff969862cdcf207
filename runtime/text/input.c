/* SPDX-License-Identifier: MIT */
/*
 * Inputs: constructors, and conversion to json-c trees without a type.
 */
#include "vt-runtime/text-input.h"

#include <json-c/json_object.h>

#include "text/cursor-read.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

#define ALIGNED _Alignof(VtKeyval)

/* @keyval_size: of VtInput.keyval, which is in the same block; 0: none. */
static VtInput *
input_new(VtCursorKind kind, const char *where, const char *prefix, size_t keyval_size)
{
    size_t where_len = where ? strlen(where) : 0, prefix_len = prefix ? strlen(prefix) : 0;
    size_t texts_size = (where_len + prefix_len + 2 + ALIGNED - 1) / ALIGNED * ALIGNED;
    VtInput *input = g_malloc(sizeof(VtInput) + texts_size + keyval_size);
    char *texts = (char *)(input + 1);

    G_STATIC_ASSERT(sizeof(VtInput) % ALIGNED == 0);
    memset(input, 0, sizeof *input);
    input->kind = kind;
    input->where_len = (uint32_t)where_len;
    input->where = memcpy(texts, where ? where : "", where_len + 1);
    if (prefix) {
        input->prefix = memcpy(texts + where_len + 1, prefix, prefix_len + 1);
    }
    if (keyval_size) {
        input->keyval = (VtKeyval *)(texts + texts_size);
    }
    return input;
}

VtInput *
vt_input_new_json(const char *text, size_t len, const char *where)
{
    VtInput *input = input_new(VT_CURSOR_TEXT, where, NULL, 0);

    vt_scan_init(&input->scan, text, len);
    return input;
}

VtInput *
vt_input_new_json_at(const char *text, size_t len, const char *where, const char *path, unsigned line, unsigned column)
{
    VtInput *input = input_new(VT_CURSOR_TEXT, where, path, 0);

    vt_scan_init(&input->scan, text, len);
    input->first_line = line;
    input->first_column = column;
    return input;
}

static VtInput *
new_option(const char *text, const char *implied_key, const char *where, bool is_private, GError **error)
{
    g_autofree char *message = NULL;
    size_t len = strlen(text);
    VtInput *input;

    if (*text == '{') {
        /* Copy: the caller may free the text after the call. */
        input = vt_input_new_json("", 0, where);
        input->copy = vt_json_double_quotes(text, len, &len);
        input->copy = input->copy ? input->copy : g_memdup2(text, len + 1);
        vt_scan_init(&input->scan, input->copy, len);
        input->is_private = is_private;
        return input;
    }
    input = input_new(VT_CURSOR_KEYVAL, where, NULL, vt_keyval_size(len, implied_key));
    input->is_private = is_private;
    if (!vt_keyval_init(input->keyval, text, len, implied_key, is_private, &message)) {
        vt_error_set(error, "%s%s%s", input->where, input->where_len ? ": " : "", message);
        vt_input_free(input);
        return NULL;
    }
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

void
vt_input_set_written(VtInput *input, const VtWritten *written)
{
    input->written = *written;
}

VtInput *
vt_input_new_value(const char *text, const char *where)
{
    size_t len = strlen(text);
    VtInput *input = input_new(VT_CURSOR_KEYVAL, where, NULL, vt_keyval_size(len, NULL));

    vt_keyval_init_value(input->keyval, text, len);
    return input;
}

VtInput *
vt_input_new_object(json_object *value, const char *where)
{
    VtInput *input = input_new(VT_CURSOR_TREE, where, NULL, 0);

    input->root = json_object_get(value);
    return input;
}

void
vt_input_free(VtInput *input)
{
    if (input) {
        if (input->keyval) {
            vt_keyval_clear(input->keyval);
        }
        json_object_put(input->root);
        vt_wipe_str(input->copy);
        g_free(input);
    }
}

/* ---- conversion to trees -------------------------------------------------------------------------- */

static bool
always(const void *subject)
{
    (void)subject;
    return true;
}

json_object *
vt_input_to_object(VtInput *input, GError **error)
{
    json_object *tree = NULL;

    if (vt_cursor_begin(input, input->is_private ? always : NULL, NULL)) {
        tree = vt_cursor_tree(input);
        if (!input->scan.message && vt_cursor_end(input)) {
            return tree;
        }
    }
    json_object_put(tree);
    vt_cursor_report(input, error);
    return NULL;
}

json_object *
vt_json_parse(const char *text, size_t len, const char *where, GError **error)
{
    g_autoptr(VtInput) input = vt_input_new_json(text, len, where);

    return vt_input_to_object(input, error);
}

json_object *
vt_json_parse_private(const char *text, size_t len, const char *where, GError **error)
{
    g_autoptr(VtInput) input = vt_input_new_json(text, len, where);

    vt_input_make_private(input);
    return vt_input_to_object(input, error);
}
