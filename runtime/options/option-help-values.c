/* SPDX-License-Identifier: MIT */
/*
 * Help for the values of a key: those of an enumeration, classes that a template creates by the value, or those of the
 * members that the option does not have itself.
 */
#include <string.h>

#include <json-c/json.h>

#include "option-help.h"
#include "options-private.h"
#include "vt-runtime/json.h"

/* The name of the member that @key stands for. */
static const char *
member_of_key(const VtOption *option, const char *key)
{
    for (const char *const *each = option->renames; each && each[0]; each += 2) {
        if (strcmp(each[0], key) == 0) {
            return each[1];
        }
    }
    return key;
}

static const VtRow *
row_of_member(const VtSchema *schema, const VtOption *option, const char *member)
{
    const VtLayer *layer = vt_schema_type_layer(schema, option->type);
    const VtType *type = vt_schema_type(schema, option->type);

    for (unsigned i = 0; (type->kind == VT_TYPE_STRUCT || type->kind == VT_TYPE_UNION) && i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (strcmp(vt_str(layer, row->name), member) == 0) {
            return row;
        }
    }
    return NULL;
}

/* The member that a template sets first, if it creates an object of the class that @member names.  The caller frees it.
 */
static char *
created_with(const VtOption *option, const char *member)
{
    json_object *templates =
        option->expands_to ? vt_json_parse(option->expands_to, strlen(option->expands_to), option->name, NULL) : NULL;
    g_autofree char *wanted = g_strconcat("$value.", member, NULL);
    char *found = NULL;

    for (size_t i = 0; templates && !found && i < json_object_array_length(templates); i++) {
        json_object *template = json_object_array_get_idx(templates, i);
        const char *class = json_object_get_string(json_object_object_get(template, "create"));

        if (class && strcmp(class, wanted) == 0) {
            json_object_object_foreach (json_object_object_get(template, "value"), name, value) {
                (void)value;
                found = found ? found : g_strdup(name);
            }
        }
    }
    json_object_put(templates);
    return found;
}

bool
vt_help_is_listed(const VtClassInfo *info, const VtClassInfo *root, uint16_t target)
{
    return info->root == root && (!info->row->targets || !target || (info->row->targets & target)) &&
           !vt_class_is_abstract(info) && (info->row->flags & VT_CLASS_USER_CREATABLE) &&
           !(info->row->flags & VT_CLASS_IF_OFF);
}

/* Appends the classes of the target below @root that have the member @with; NULL: all of them. */
static void
append_class_values(GString *text, const VtSchema *schema, const VtClassInfo *root, const char *with, uint16_t target)
{
    for (const VtClassInfo *const *info = vt_schema_classes(schema); *info; info++) {
        VtLifeStage stage = vt_help_stage(schema, vt_class_life(*info));

        if (vt_help_is_listed(*info, root, target) && (!with || vt_class_prop(*info, with, strlen(with)))) {
            g_autofree char *doc = vt_help_marked(vt_text((*info)->layer->texts, (*info)->row->doc), stage);

            vt_help_append_line(text, (*info)->tag, doc);
        }
    }
}

char *
vt_help_values(const VtSchema *schema, const VtOption *option, const char *key, uint16_t target)
{
    const char *member = member_of_key(option, key);
    const VtRow *row = row_of_member(schema, option, member);
    g_autofree char *with = created_with(option, member);
    g_autoptr(GString) values = g_string_new(NULL);

    if (with) {
        append_class_values(values, schema, vt_schema_class(schema, "device"), with, target);
    } else if (option->rest_tag && strcmp(option->rest_tag, member) == 0) {
        append_class_values(values, schema, vt_schema_class(schema, option->rest_root), NULL, target);
    } else if (row && (row->kind == VT_KIND_ENUM || row->kind == VT_KIND_SCALAR)) {
        vt_help_append_names(values, schema, row->type);
    }
    return values->len ? g_strdup_printf("Available values of '%s':\n%s", key, values->str) : NULL;
}
