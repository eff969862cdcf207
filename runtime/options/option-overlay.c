/* SPDX-License-Identifier: MIT */
/*
 * Several configuration files: an object of a later file changes the object of an earlier file that has its id.
 */
#include "options-private.h"

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/output.h"

/* The name of the member that identifies values of the option; NULL: they are not identified. */
static const char *
id_name_of(const VtCommandLine *line, const VtOption *option)
{
    if (!(option->flags & VT_OPTION_MULTIPLE)) {
        return NULL;
    }
    if (option->flags & VT_OPTION_LATE) {
        return "id";
    }
    if (option->flags & VT_OPTION_CREATES && !option->class_suffixes) {
        const VtClassInfo *root = vt_schema_class(line->schema, option->root);

        return vt_str(root->layer, root->row->id_name);
    }
    return NULL;
}

/* "device net0", which the caller frees; NULL: the value has no id. */
static char *
key_of(const VtCommandLine *line, const VtOption *option, const VtSource *source)
{
    const char *id_name = id_name_of(line, option);
    g_autofree char *id = id_name ? vt_source_member(source, id_name) : NULL;

    return id ? g_strdup_printf("%s %s", option->name, id) : NULL;
}

static const VtOption *
option_of_root(const VtProgram *program, const VtClassInfo *root)
{
    for (uint32_t i = 0; i < program->n_options; i++) {
        const VtOption *option = &program->options[i];

        if (option->flags & VT_OPTION_MULTIPLE && !option->class_suffixes && g_strcmp0(option->root, root->name) == 0) {
            return option;
        }
    }
    return NULL;
}

static void
add_old(VtCommandLine *line, const VtOption *option, VtSource *source)
{
    char *key = option ? key_of(line, option, source) : NULL;
    GPtrArray *same = key ? g_hash_table_lookup(line->overlaid, key) : NULL;

    if (!key) {
        return;
    }
    if (!same) {
        same = g_ptr_array_new();
        g_hash_table_insert(line->overlaid, key, same);
    } else {
        g_free(key);
    }
    if (!g_ptr_array_find(same, source, NULL)) {
        g_ptr_array_add(same, source);
    }
}

void
vt_overlay_begin(VtCommandLine *line)
{
    line->overlaid = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < line->creations->len; i++) {
        VtSource *source = g_ptr_array_index(line->creations, i);

        if (!source->option) {
            add_old(line, option_of_root(line->program, source->root), source);
        }
    }
    for (guint i = 0; i < line->late->len; i++) {
        VtSource *source = g_ptr_array_index(line->late, i);

        add_old(line, source->option, source);
    }
    for (guint i = 0; i < line->given->len; i++) {
        const VtGiven *given = &g_array_index(line->given, VtGiven, i);

        add_old(line, given->option, given->source);
    }
}

void
vt_overlay_end(VtCommandLine *line)
{
    g_clear_pointer(&line->overlaid, g_hash_table_unref);
}

void
vt_tree_merge(json_object *old, json_object *value)
{
    json_object_object_foreach (value, key, member) {
        json_object *present = NULL;

        if (json_object_object_get_ex(old, key, &present) && json_object_is_type(present, json_type_object) &&
            json_object_is_type(member, json_type_object)) {
            vt_tree_merge(present, member);
        } else {
            json_object_object_add(old, key, json_object_get(member));
        }
    }
}

static bool
change(VtCommandLine *line, VtSource *old, const VtSource *source, json_object *value, GError **error)
{
    json_object *tree = vt_source_tree(old, error);
    g_autofree char *where = g_strdup_printf("%s:%u:%u: %s", source->where, source->line, source->column, source->path);

    if (!tree) {
        return false;
    }
    vt_tree_merge(tree, value);
    json_object_put(old->tree);
    old->tree = tree;
    vt_source_set_text(old, NULL);
    old->line = 0;
    old->where = g_string_chunk_insert_const(line->labels, where);
    old->place = NULL;
    return true;
}

bool
vt_overlay_apply(VtCommandLine *line, const VtOption *option, const VtSource *source, bool *ret_taken, GError **error)
{
    bool has_old = line->overlaid && g_hash_table_size(line->overlaid);
    g_autofree char *key = has_old ? key_of(line, option, source) : NULL;
    const GPtrArray *same = key ? g_hash_table_lookup(line->overlaid, key) : NULL;
    json_object *value = same ? vt_source_tree(source, error) : NULL;
    bool ok = !same || value;

    *ret_taken = same != NULL;
    for (guint i = 0; ok && same && i < same->len; i++) {
        ok = change(line, g_ptr_array_index(same, i), source, value, error);
    }
    json_object_put(value);
    return ok;
}
