/* SPDX-License-Identifier: MIT */
/*
 * What templates of late options make: objects of the board, and values of other options.
 */
#include "option-late.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/names.h"
#include "vt-runtime/output.h"

/* ---- guards -------------------------------------------------------------------------------------------- */

static bool
scope_uses(const VtTemplateScope *scope, const char *option)
{
    return vt_expansion_uses(scope->expansion, option);
}

/* Collects the classes of the objects on the command line.  Decoding reports unknown ones later. */
static GHashTable *
classes_of(const VtCommandLine *line, const VtContext *ctx)
{
    GHashTable *classes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < line->creations->len; i++) {
        const VtSource *source = g_ptr_array_index(line->creations, i);
        const VtClassInfo *root = source->root, *info;
        g_autofree char *tag =
            source->option ? NULL : vt_source_member(source, vt_str(root->layer, root->row->tag_name));

        if (tag) {
            info = vt_schema_class_by_tag(line->schema, root, tag);
            if (!info) {
                info = vt_schema_class_by_alias(line->schema, root, tag, vt_context_target(ctx));
            }
            if (info) {
                g_hash_table_add(classes, g_strdup(info->name));
            }
        }
    }
    return classes;
}

static bool
scope_creates(const VtTemplateScope *scope, const char *class)
{
    VtExpansion *expansion = scope->expansion;

    if (!expansion->classes) {
        expansion->classes = classes_of(expansion->line, expansion->ctx);
    }
    return g_hash_table_contains(expansion->classes, class);
}

static VtTemplateScope
scope_new(VtExpansion *expansion, json_object *value)
{
    return (VtTemplateScope){.schema = expansion->line->schema,
                             .value = value,
                             .machine = expansion->machine,
                             .expansion = expansion,
                             .uses = scope_uses,
                             .creates = scope_creates};
}

/* ---- objects of templates ------------------------------------------------------------------------------ */

static bool
fail_class(const VtSchema *schema, const VtSource *from, const char *name, GError **error)
{
    g_autoptr(GArray) names = vt_names_new();
    const VtClassInfo *root = vt_schema_class(schema, "device");
    const VtLayer *layer;
    const VtClass *row;
    const char *nearest;

    for (row = vt_schema_class_from(schema, 0, &layer); row; row = vt_schema_class_from(schema, row->id + 1, &layer)) {
        const VtClassInfo *info = vt_schema_class_by_id(schema, row->id);

        if (root && info->root == root && !(row->flags & VT_CLASS_ABSTRACT)) {
            vt_names_add(names, info->name);
        }
    }
    nearest = vt_nearest(name, vt_names_list(names));
    return nearest ? vt_error_set(error, "%s: unknown device '%s'; did you mean '%s'?", from->where, name, nearest)
                   : vt_error_set(error, "%s: unknown device '%s'", from->where, name);
}

/* The class to create for @name: a class, or a device by its alias. */
static const VtClassInfo *
find_class(const VtExpansion *expansion, const char *name)
{
    const VtSchema *schema = expansion->line->schema;
    uint16_t target = vt_context_target(expansion->ctx);
    const VtClassInfo *info = vt_schema_class(schema, name), *root = vt_schema_class(schema, "device");

    if (!info && root) {
        info = vt_schema_class_by_alias(schema, root, name, target);
    }
    return info && !vt_class_is_abstract(info) && (!info->row->targets || (info->row->targets & target)) ? info : NULL;
}

/* The member of @template that gets members of the user, or NULL.  Borrowed. */
static const char *
member_with_others(json_object *template)
{
    json_object_object_foreach (template, key, value) {
        if (json_object_is_type(value, json_type_object) && json_object_object_get_ex(value, VT_SPREAD, NULL)) {
            return key;
        }
    }
    return NULL;
}

/* Adds an object of the board, of any class.  @within: the member that has what the user wrote, or NULL. */
static bool
create(VtExpansion *expansion, const VtSource *from, json_object *class, json_object *value, const char *within,
       GError **error)
{
    const char *name = json_object_get_string(class);
    const VtClassInfo *info = find_class(expansion, name);
    g_autofree char *text = NULL;
    json_object *id = NULL;
    VtSource *source;

    if (!info) {
        return fail_class(expansion->line->schema, from, name, error);
    }
    json_object_object_get_ex(value, vt_str(info->root->layer, info->root->row->id_name), &id);
    id = json_object_get(id);
    json_object_object_del(value, vt_str(info->root->layer, info->root->row->id_name));
    text = vt_setting_text(value);
    source = vt_source_new_text(text, strlen(text), NULL, vt_source_place(from));
    source->root = info->root;
    source->class = info;
    source->id = g_strdup(id ? json_object_get_string(id) : NULL);
    source->within = g_strdup(within);
    source->keys = from->keys ? g_ptr_array_ref(from->keys) : NULL;
    source->by_default = from->by_default;
    source->made = true;
    source->of_board = true;
    json_object_put(id);
    g_ptr_array_add(expansion->late->board, source);
    return true;
}

/* Fails if the user gave a reference of the machine that @value sets, too. A frozen file has both. */
static bool
check_machine(const VtExpansion *expansion, const VtSource *from, json_object *value, GError **error)
{
    const VtConfig *machine = expansion->machine;

    json_object_object_foreach (value, key, member) {
        const VtProp *prop = vt_class_prop(machine->info, key, strlen(key));

        (void)member;
        if (prop && prop->cold->ref && vt_config_given(machine, prop) && !expansion->line->frozen) {
            return vt_error_set(error, "%s: cannot be used together with '-%s %s='", from->where,
                                vt_option_role_name(expansion->line, VT_ROLE_MACHINE), key);
        }
    }
    return true;
}

/* Adds a value of another option. */
static bool
add_option(VtExpansion *expansion, const VtSource *from, const char *name, json_object *value, GError **error)
{
    VtCommandLine *line = expansion->line;
    const VtOption *option = vt_program_option(line->program, name);
    g_autofree char *front = NULL;
    GPtrArray *list;
    g_autofree char *text =
        json_object_is_type(value, json_type_string) ? g_strdup(json_object_get_string(value)) : vt_setting_text(value);
    VtSource *source = vt_source_new_text(text, strlen(text), option->implied_key, vt_source_place(from));

    source->by_default = from->by_default;
    source->made = true;
    if (option->flags & VT_OPTION_LATE) {
        g_ptr_array_add(expansion->late->waiting[option - line->program->options], source);
        return true;
    }
    g_assert(option->root);
    source->root = vt_schema_class(line->schema, option->root);
    if (vt_class_is_machine(source->root)) {
        g_ptr_array_add(expansion->late->machine, source);
        return check_machine(expansion, from, value, error);
    }
    list = from->by_default ? expansion->late->board : expansion->late->added;
    g_ptr_array_add(list, source);
    if (!vt_source_write_out(line->schema, source, &front, error)) {
        return false;
    }
    if (front) {
        source = vt_source_new_text(front, strlen(front), NULL, vt_source_place(from));
        source->made = true;
        source->root = vt_schema_class(line->schema, option->root);
        g_ptr_array_add(list, source);
    }
    return true;
}

bool
vt_late_templates_apply(VtExpansion *expansion, const char *templates, const VtSource *from, json_object *value,
                        GError **error)
{
    json_object *list = vt_json_parse(templates, strlen(templates), "templates", NULL);
    VtTemplateScope scope = scope_new(expansion, value);
    bool ok = true;

    for (size_t i = 0; ok && i < json_object_array_length(list); i++) {
        json_object *template = json_object_array_get_idx(list, i), *name = NULL, *pattern = NULL, *filled;

        if (!vt_template_applies(&scope, template)) {
            continue;
        }
        json_object_object_get_ex(template, "value", &pattern);
        filled = vt_template_fill(&scope, pattern);
        if (json_object_object_get_ex(template, "option", &name)) {
            ok = !filled || add_option(expansion, from, json_object_get_string(name), filled, error);
        } else {
            json_object *class;

            json_object_object_get_ex(template, "create", &name);
            class = vt_template_fill(&scope, name);
            ok = !class || create(expansion, from, class, filled, member_with_others(pattern), error);
            json_object_put(class);
        }
        json_object_put(filled);
    }
    json_object_put(list);
    return ok;
}
