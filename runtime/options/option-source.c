/* SPDX-License-Identifier: MIT */
/*
 * Sources: option values as the user wrote them.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "text/keyval.h"
#include "vt-runtime/error.h"
#include "vt-runtime/wipe.h"

VtSource *
vt_source_new_text(const char *text, size_t len, const char *implied_key, const char *where)
{
    VtSource *source = g_malloc(sizeof(VtSource) + len + 1);

    *source = (VtSource){.refs = 1, .text = source->own_text, .implied_key = implied_key, .where = where};
    memcpy(source->own_text, text, len);
    source->own_text[len] = '\0';
    return source;
}

VtSource *
vt_source_new_tree(json_object *tree, const char *where)
{
    VtSource *source = g_new0(VtSource, 1);

    source->refs = 1;
    source->tree = json_object_get(tree);
    source->where = where;
    return source;
}

static void
clear_text(VtSource *source)
{
    if (source->text == source->own_text) {
        explicit_bzero(source->text, strlen(source->text));
    } else {
        vt_wipe_str(source->text);
    }
}

void
vt_source_set_text(VtSource *source, char *text)
{
    clear_text(source);
    source->text = text;
}

static bool
is_whole_key(const VtOption *option, const char *key, size_t len)
{
    for (const char *const *each = option->whole_keys; each && *each; each++) {
        if (strncmp(*each, key, len) == 0 && !(*each)[len]) {
            return true;
        }
    }
    return false;
}

void
vt_source_add_values(VtSource *source, const VtOption *option)
{
    const char *text = source->text;
    GString *full;

    if (!(option->flags & VT_OPTION_BARE_KEYS) || !vt_source_is_text(source)) {
        return;
    }
    /* Large enough for "=on" after each item: a reallocation would leave a copy in freed memory. */
    full = g_string_sized_new(strlen(text) * 4 + 1);
    for (const char *item = text; *item;) {
        size_t len = (size_t)(vt_keyval_item_end(item) - item), skip;
        bool bare, off;

        bare = len && !memchr(item, '=', len) && !(source->implied_key && item == text);
        off = bare && len > 2 && strncmp(item, "no", 2) == 0 && !is_whole_key(option, item, len);
        skip = off ? strlen("no") : 0;
        g_string_append_printf(full, "%s%.*s%s", full->len ? "," : "", (int)(len - skip), item + skip,
                               off    ? "=off"
                               : bare ? "=on"
                                      : "");
        item += len + (item[len] == ',');
    }
    vt_source_set_text(source, g_string_free(full, FALSE));
}

VtSource *
vt_source_ref(VtSource *source)
{
    source->refs++;
    return source;
}

void
vt_source_unref(VtSource *source)
{
    if (source && !--source->refs) {
        clear_text(source);
        json_object_put(source->tree);
        if (source->keys) {
            g_ptr_array_unref(source->keys);
        }
        g_free(source->within);
        g_free(source->path);
        g_free(source->id);
        g_free(source);
    }
}

VtSource *
vt_source_copy(const VtSource *source)
{
    VtSource *copy = source->text
                         ? vt_source_new_text(source->text, strlen(source->text), source->implied_key, source->where)
                         : vt_source_new_tree(source->tree, source->where);

    copy->place = source->place;
    copy->root = source->root;
    copy->path = g_strdup(source->path);
    copy->line = source->line;
    copy->column = source->column;
    copy->option = source->option;
    copy->sensitive = source->sensitive;
    copy->keys = source->keys ? g_ptr_array_ref(source->keys) : NULL;
    copy->within = g_strdup(source->within);
    return copy;
}

void
vt_source_add_key(VtSource *source, const char *member, const char *key)
{
    if (!source->keys) {
        source->keys = g_ptr_array_new_with_free_func(g_free);
    } else {
        g_ptr_array_remove_index(source->keys, source->keys->len - 1);
    }
    g_ptr_array_add(source->keys, g_strdup(member));
    g_ptr_array_add(source->keys, g_strdup(key));
    g_ptr_array_add(source->keys, NULL);
}

static VtInput *
open_as_written(const VtSource *source, GError **error)
{
    VtInput *input;

    g_assert(source->text || source->tree);
    if (source->text && !source->line) {
        return source->sensitive
                   ? vt_input_new_private_option(source->text, source->implied_key, vt_source_place(source), error)
                   : vt_input_new_option(source->text, source->implied_key, vt_source_place(source), error);
    }
    input = source->tree ? vt_input_new_object(source->tree, vt_source_place(source))
                         : vt_input_new_json_at(source->text, strlen(source->text), source->where, source->path,
                                                source->line, source->column);
    if (source->sensitive) {
        vt_input_make_private(input);
    }
    return input;
}

VtInput *
vt_source_open(const VtSource *source, GError **error)
{
    VtInput *input = open_as_written(source, error);

    if (input) {
        vt_input_set_written(input, &(VtWritten){source->keys ? (const char *const *)source->keys->pdata : NULL,
                                                 source->within, source->made});
    }
    return input;
}

json_object *
vt_source_tree(const VtSource *source, GError **error)
{
    g_autoptr(VtInput) input = NULL;
    g_autoptr(GError) failure = NULL;
    json_object *tree;

    if (source->tree) {
        return json_object_get(source->tree);
    }
    input = vt_source_open(source, error);
    if (!input) {
        return NULL;
    }
    tree = vt_input_to_object(input, &failure);
    if (!tree) {
        if (failure) {
            g_propagate_error(error, g_steal_pointer(&failure));
        } else {
            vt_error_set(error, "%s: expected a value of the option, got null", vt_source_place(source));
        }
    }
    return tree;
}

char *
vt_source_keyval(const VtSource *source, GError **error)
{
    json_object *tree;
    char *text;

    if (vt_source_is_text(source)) {
        return g_strdup(source->text);
    }
    tree = vt_source_tree(source, error);
    if (!tree) {
        return NULL;
    }
    if (json_object_is_type(tree, json_type_string)) {
        text = g_strdup(json_object_get_string(tree));
    } else if (json_object_is_type(tree, json_type_object)) {
        text = vt_setting_text(tree);
    } else {
        vt_error_set(error, "%s: expected a string or an object", vt_source_place(source));
        text = NULL;
    }
    json_object_put(tree);
    return text;
}

char *
vt_source_member(const VtSource *source, const char *key)
{
    json_object *tree = vt_source_tree(source, NULL), *value = NULL;
    char *text = NULL;

    if (json_object_is_type(tree, json_type_object) && json_object_object_get_ex(tree, key, &value) &&
        json_object_is_type(value, json_type_string)) {
        text = g_strdup(json_object_get_string(value));
    }
    json_object_put(tree);
    return text;
}

char *
vt_source_object_id(const VtSource *source)
{
    if (source->class) {
        return g_strdup(source->id);
    }
    return source->root && source->root->row->id_name && !source->option
               ? vt_source_member(source, vt_str(source->root->layer, source->root->row->id_name))
               : NULL;
}

bool
vt_source_is_object(const VtSource *source, const VtVm *vm)
{
    g_autofree char *id = vt_source_object_id(source);

    return id && vt_vm_find(vm, source->root->kind, id);
}
