/* SPDX-License-Identifier: MIT */
/*
 * Leaves out what a configuration need not state: values that the class has by default, or that other values decide.
 */
#include <string.h>

#include <json-c/json.h>

#include "import-private.h"
#include "vt-runtime/names.h"
#include "vt-runtime/output.h"

/* Whether @value is the default of @prop, in a spelling that output has. */
static bool
is_default(VtContext *ctx, const VtClassInfo *info, const VtConfig *fresh, const VtProp *prop, json_object *value)
{
    static const unsigned spellings[] = {0, VT_OUTPUT_NAMES};
    const VtImage *image = vt_context_image(ctx, info);
    bool same = false;

    for (unsigned i = 0; !same && i < G_N_ELEMENTS(spellings) && vt_config_present(fresh, prop); i++) {
        json_object *own = vt_output_field(info->schema, prop->layer, prop->row, (const char *)image->data + prop->offset,
                                           spellings[i]);

        same = json_object_equal(own, value);
        json_object_put(own);
    }
    return same;
}

static void
reduce_members(VtContext *ctx, const VtClassInfo *info, json_object *object, bool late)
{
    VtConfig *fresh = vt_config_new(ctx, info);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    json_object_object_foreach (object, name, value) {
        const VtProp *prop = vt_class_prop(info, name, strlen(name));

        if (prop && !(prop->row->flags & VT_ROW_REQUIRED) &&
            (late ? prop->late : is_default(ctx, info, fresh, prop, value))) {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
    for (guint i = 0; i < names->len; i++) {
        json_object_object_del(object, names->pdata[i]);
    }
    vt_config_free(fresh);
}

/* Reduces one creation of @option, whose members are beside its tag. */
static void
reduce_creation(VtContext *ctx, const VtOption *option, json_object *object, bool late)
{
    const VtClassInfo *root = vt_schema_class(vt_context_schema(ctx), option->root), *info = NULL;
    json_object *tag = NULL;

    if (vt_class_is_machine(root)) {
        info = vt_context_machine(ctx)->family;
    } else if (!*vt_str(root->layer, root->row->within) && !*vt_str(root->layer, root->row->wrap) &&
               json_object_object_get_ex(object, vt_str(root->layer, root->row->tag_name), &tag)) {
        info = vt_schema_class_by_tag(root->schema, root, json_object_get_string(tag));
    }
    if (info) {
        reduce_members(ctx, info, object, late);
    }
}

void
vt_engine_import_reduce(VtContext *ctx, const VtProgram *program, json_object *config, bool late)
{
    g_autoptr(GArray) removed = vt_names_new();

    json_object_object_foreach (config, name, value) {
        const VtOption *option = vt_program_option(program, name);
        bool list = option && json_object_is_type(value, json_type_array);

        if (late && option && option->role == VT_ROLE_GLOBAL) {
            vt_names_add(removed, option->name);
        }
        for (size_t i = 0; option && option->flags & VT_OPTION_CREATES && i < (list ? json_object_array_length(value) : 1);
             i++) {
            json_object *one = list ? json_object_array_get_idx(value, i) : value;

            if (json_object_is_type(one, json_type_object)) {
                reduce_creation(ctx, option, one, late);
            }
        }
    }
    for (const char *const *name = vt_names_list(removed); *name; name++) {
        json_object_object_del(config, *name);
    }
}
