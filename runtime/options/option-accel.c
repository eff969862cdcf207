/* SPDX-License-Identifier: MIT */
/*
 * Accelerators.  If the user names several, the first that this program implements is used; if it implements none, the
 * first one.  The result does not depend on the host.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/output.h"

#define ACCEL "accel"

bool
vt_source_is_accel(const VtSource *source)
{
    return source->root && strcmp(source->root->kind, ACCEL) == 0;
}

/* "-machine accel=kvm:tcg".  The last -machine overrides earlier ones. */
bool
vt_option_add_machine_accel(VtCommandLine *line, const char *names, const char *where, GError **error)
{
    const VtClassInfo *root = vt_option_root(line, ACCEL);
    g_auto(GStrv) parts = g_strsplit(names, ":", -1);

    if (!root) {
        return vt_error_set(error, "%s: not supported by this program", where);
    }
    if (!*names) {
        return vt_error_set(error, "%s: accel: expected the name of an accelerator, got ''", where);
    }
    for (guint i = line->creations->len; i-- > 0;) {
        const VtSource *source = g_ptr_array_index(line->creations, i);

        if (vt_source_is_accel(source) && source->of_machine) {
            g_ptr_array_remove_index(line->creations, i);
        }
    }
    for (guint i = 0; parts[i]; i++) {
        json_object *tree = json_object_new_object();
        VtSource *source;

        json_object_object_add(tree, ACCEL, json_object_new_string(parts[i]));
        source = vt_source_new_tree(tree, g_string_chunk_insert_const(line->labels, where));
        json_object_put(tree);
        source->root = root;
        source->of_machine = true;
        g_ptr_array_add(line->creations, source);
    }
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

        if (!vt_source_is_accel(source)) {
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
    return !(of_machine && of_option) || vt_error_set(error, "-accel and '-machine accel=' are mutually exclusive");
}
