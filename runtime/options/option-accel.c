/* SPDX-License-Identifier: MIT */
/*
 * Accelerators.  If the user names several, the first that this program implements is used; if it implements none, the
 * first one.  As in QEMU, unknown ones are left out of a list.  The result does not depend on the host, until an engine
 * has to start one: vt_command_line_next_accel().
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/output.h"

bool
vt_source_is_accel(const VtCommandLine *line, const VtSource *source)
{
    return source->root && line->accel_root && strcmp(source->root->name, line->accel_root) == 0;
}

static const VtClassInfo *
known(const VtCommandLine *line, const VtClassInfo *root, json_object *name)
{
    return vt_schema_class_by_tag(line->schema, root, json_object_get_string(name));
}

/* Adds the accelerators @names, values of the member @key. */
static void
add_names(VtCommandLine *line, const VtClassInfo *root, const char *key, json_object *names, const char *where)
{
    bool some = false;

    for (size_t i = 0; i < json_object_array_length(names); i++) {
        some |= known(line, root, json_object_array_get_idx(names, i)) != NULL;
    }
    for (size_t i = 0; i < json_object_array_length(names); i++) {
        json_object *name = json_object_array_get_idx(names, i), *tree;
        VtSource *source;

        if (some && !known(line, root, name)) {
            g_ptr_array_add(line->notes, g_strdup_printf("%s: %s: unknown %s '%s', which is left out", where, key,
                                                         root->kind, json_object_get_string(name)));
            continue;
        }
        tree = json_object_new_object();
        json_object_object_add(tree, key, json_object_get(name));
        source = vt_source_new_tree(tree, g_string_chunk_insert_const(line->labels, where));
        json_object_put(tree);
        source->root = root;
        source->of_machine = true;
        g_ptr_array_add(line->creations, source);
    }
}

bool
vt_option_add_machine_accel(VtCommandLine *line, const VtOption *accel, const char *text, const char *where,
                            GError **error)
{
    const VtClassInfo *root = vt_schema_class(line->schema, accel->root);
    json_object *settings = vt_form_match(accel->key_forms, text, error);

    if (!settings) {
        g_prefix_error(error, "%s: %s: ", where, accel->key);
        return false;
    }
    for (guint i = line->creations->len; i-- > 0;) {
        const VtSource *source = g_ptr_array_index(line->creations, i);

        if (vt_source_is_accel(line, source) && source->of_machine) {
            g_ptr_array_remove_index(line->creations, i);
        }
    }
    json_object_object_foreach (settings, key, names) {
        add_names(line, root, key, names, where);
    }
    json_object_put(settings);
    return true;
}

/* The class of the accelerator, or NULL.  Decoding reports the error later. */
static const VtClassInfo *
class_of(const VtCommandLine *line, const VtSource *source)
{
    json_object *tree = vt_source_tree(source, NULL), *name = NULL;
    const VtClassInfo *info = NULL;

    if (json_object_is_type(tree, json_type_object)) {
        json_object_object_get_ex(tree, vt_str(source->root->layer, source->root->row->tag_name), &name);
    }
    if (json_object_is_type(name, json_type_string)) {
        info = vt_schema_class_by_tag(line->schema, source->root, json_object_get_string(name));
    }
    json_object_put(tree);
    return info;
}

bool
vt_command_line_accel(const VtCommandLine *line, const VtSource **ret_source, const VtClassInfo **ret_class,
                      GError **error)
{
    bool of_machine = false, of_option = false, starts = false;

    *ret_source = NULL;
    *ret_class = NULL;
    for (guint i = 0; i < line->creations->len; i++) {
        const VtSource *source = g_ptr_array_index(line->creations, i);
        const VtClassInfo *info;

        if (!vt_source_is_accel(line, source)) {
            continue;
        }
        of_machine |= source->of_machine;
        of_option |= !source->of_machine;
        info = class_of(line, source);
        if (!*ret_source || (!starts && info && info->row->model != VT_MODEL_NONE)) {
            *ret_source = source;
            *ret_class = info;
            starts = info && info->row->model != VT_MODEL_NONE;
        }
    }
    if (of_machine && of_option) {
        const VtOption *accel = vt_program_role(line->program, VT_ROLE_ACCELERATOR);

        return vt_error_set(error, "-%s and '-%s %s=' are mutually exclusive", accel->name, accel->key_of, accel->key);
    }
    return true;
}

bool
vt_command_line_next_accel(VtCommandLine *line, const char *why)
{
    const VtSource *used;
    const VtClassInfo *class;
    unsigned n = 0;

    if (!vt_command_line_accel(line, &used, &class, NULL)) {
        return false;
    }
    for (guint i = 0; i < line->creations->len; i++) {
        n += vt_source_is_accel(line, g_ptr_array_index(line->creations, i));
    }
    if (n < 2) {
        return false;
    }
    g_ptr_array_add(line->notes, g_strdup_printf("%s; another accelerator is used", why));
    for (guint i = line->creations->len; i-- > 0;) {
        if (g_ptr_array_index(line->creations, i) == used) {
            g_ptr_array_remove_index(line->creations, i);
        }
    }
    return true;
}
