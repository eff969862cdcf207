/* SPDX-License-Identifier: MIT */
/*
 * Late options: those whose templates or function need the machine, and the default devices of the machine.
 */
#include "option-late.h"

#include <string.h>

#include <json-c/json.h>

#include "text/keyval.h"
#include "visit/visit-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/names.h"
#include "vt-runtime/output.h"

/* ---- values of an option ------------------------------------------------------------------------------- */

static bool
has_members(const VtRow *row)
{
    return row->flags & VT_ROW_LIST || row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION;
}

static bool
is_member(const VtExpansion *expansion, const char *key)
{
    const VtSchema *schema = expansion->line->schema;
    const VtType *type = vt_schema_type(schema, expansion->option->type);
    const VtLayer *layer = vt_schema_type_layer(schema, expansion->option->type);

    for (uint32_t i = 0; i < type->count; i++) {
        const char *name = vt_str(layer, layer->rows[type->first + i].name);
        size_t len = strlen(name);

        /* Members after the one for unknown keys are results of the function. */
        if (expansion->option->rest && strcmp(name, expansion->option->rest) == 0) {
            return false;
        }
        /* A plain member has no members: "file.locking" is a member of another object. */
        if (strncmp(key, name, len) == 0 &&
            (!key[len] || (key[len] == '.' && has_members(&layer->rows[type->first + i])))) {
            return true;
        }
    }
    return false;
}

static const char *
value_of(const VtKeyval *keyval, const VtOption *option, const char *member)
{
    for (size_t i = 0; i < keyval->n; i++) {
        if (strcmp(vt_option_member(option, keyval->settings[i].key), member) == 0) {
            return keyval->settings[i].value;
        }
    }
    return NULL;
}

/* The class of which other keys are members; without a tag, or with an unknown one: NULL. */
static const VtClassInfo *
rest_class(const VtExpansion *expansion, const VtKeyval *keyval)
{
    const VtSchema *schema = expansion->line->schema;
    const char *tag = value_of(keyval, expansion->option, expansion->option->rest_tag);

    return tag ? vt_schema_class_by_tag(schema, vt_schema_class(schema, expansion->option->rest_root), tag) : NULL;
}

/* Reports a key that neither the option nor @class has. */
static bool
fail_key(const VtExpansion *expansion, const VtSource *source, const VtClassInfo *class, const char *key,
         GError **error)
{
    const VtSchema *schema = expansion->line->schema;
    const VtOption *option = expansion->option;
    const VtType *type = vt_schema_type(schema, option->type);
    const VtLayer *layer = vt_schema_type_layer(schema, option->type);
    g_autoptr(GArray) names = vt_names_new();
    const char *nearest;

    for (uint32_t i = 0; i < type->count && strcmp(vt_str(layer, layer->rows[type->first + i].name), option->rest) != 0;
         i++) {
        vt_names_add(names, vt_str(layer, layer->rows[type->first + i].name));
    }
    for (const char *const *each = option->renames; each && *each; each += 2) {
        vt_names_add(names, each[0]);
    }
    for (size_t i = 0; i < class->n_props; i++) {
        vt_names_add(names, class->props[i].name);
    }
    nearest = vt_nearest(key, vt_names_list(names));
    return nearest ? vt_error_set(error, "%s: unknown member '%s'; did you mean '%s'?", source->where, key, nearest)
                   : vt_error_set(error, "%s: unknown member '%s'", source->where, key);
}

static bool
check_key(const VtExpansion *expansion, const VtSource *source, const VtKeyval *keyval, const char *key, GError **error)
{
    const VtClassInfo *class = rest_class(expansion, keyval);
    size_t len = strcspn(key, ".");

    /* Without a class, decoding reports the error.  A block node without a format may have members of its file. */
    if (!class || vt_class_prop(class, key, strlen(key)) || vt_class_prop(class, key, len)) {
        return true;
    }
    return fail_key(expansion, source, class, key, error);
}

/* Text of @source with the members' own names for keys.  Other keys are in the member that the schema names for them.
 */
static char *
members_text(const VtExpansion *expansion, const VtSource *source, GError **error)
{
    const VtOption *option = expansion->option;
    g_autofree char *written = vt_source_keyval(source, error), *message = NULL;
    GString *text;
    VtKeyval *keyval;
    unsigned rest = 0;

    if (!written) {
        return NULL;
    }
    keyval = vt_keyval_new(written, source->implied_key, source->sensitive, &message);
    if (!keyval) {
        vt_error_set(error, "%s: %s", source->where, message);
        return NULL;
    }
    text = g_string_new(NULL);
    for (size_t i = 0; i < keyval->n; i++) {
        const char *key = vt_option_member(option, keyval->settings[i].key);

        if (strcmp(key, "id") == 0 && !vt_id_is_well_formed(keyval->settings[i].value)) {
            vt_error_set(error,
                         "%s: id: '%.60s' is malformed; expected a letter, then letters, digits, '-', '.' and '_'",
                         source->where, keyval->settings[i].value);
            vt_keyval_free(keyval);
            g_string_free(text, TRUE);
            return NULL;
        }
        if (!option->rest || is_member(expansion, key)) {
            vt_setting_append(text, key, keyval->settings[i].value);
        } else if (!check_key(expansion, source, keyval, key, error)) {
            vt_keyval_free(keyval);
            g_string_free(text, TRUE);
            return NULL;
        } else {
            g_autofree char *name = g_strdup_printf("%s.%u.key", option->rest, rest);
            g_autofree char *place = g_strdup_printf("%s.%u.value", option->rest, rest++);

            vt_setting_append(text, name, key);
            vt_setting_append(text, place, keyval->settings[i].value);
        }
    }
    vt_keyval_free(keyval);
    return g_string_free(text, FALSE);
}

static bool
decode(VtExpansion *expansion, GError **error)
{
    const VtSchema *schema = expansion->line->schema;
    bool ok = true;

    for (guint i = 0; ok && i < expansion->sources->len; i++) {
        const VtSource *source = g_ptr_array_index(expansion->sources, i);
        g_autofree char *text = members_text(expansion, source, error);
        g_autoptr(VtInput) input = text ? vt_input_new_option(text, NULL, source->where, error) : NULL;

        ok = input && vt_input_visit_type(input, schema, NULL, expansion->option->type,
                                          expansion->values + i * expansion->size, error);
    }
    return ok;
}

static bool
settle(VtExpansion *expansion, GError **error)
{
    const VtOption *option = expansion->option;
    guint n = expansion->sources->len;
    bool ok =
        decode(expansion, error) && (!option->expand_all || option->expand_all(expansion, expansion->values, n, error));

    for (guint i = 0; ok && i < n; i++) {
        json_object *value;

        if (!expansion->dropped[i]) {
            value = vt_output_type(expansion->line->schema, option->type, expansion->values + i * expansion->size, 0);
            ok = vt_late_templates_apply(expansion, option->expands_to, g_ptr_array_index(expansion->sources, i), value,
                                         error);
            json_object_put(value);
        }
    }
    return ok;
}

/* Checks a value of an option that takes a name of an enumeration. */
static bool
check_name(const VtExpansion *expansion, const VtOption *option, const VtSource *source, json_object *value,
           GError **error)
{
    const VtSchema *schema = expansion->line->schema;
    const VtRow row = {.kind = VT_KIND_ENUM, .type = option->type};
    g_autoptr(VtInput) input = NULL;
    uint32_t name = 0;

    if (!option->type || vt_schema_type(schema, option->type)->kind != VT_TYPE_ENUM) {
        return true;
    }
    input = vt_input_new_object(value, source->where);
    return vt_input_visit_value(input, schema, NULL, vt_schema_type_layer(schema, option->type), &row, &name, error);
}

/* Expands all uses of the option. */
static bool
expand_option(VtExpansion *expansion, const VtOption *option, GPtrArray *sources, GError **error)
{
    const VtSchema *schema = expansion->line->schema;
    const VtType *type = option->type ? vt_schema_type(schema, option->type) : NULL;
    bool ok = true;

    if (!type || type->kind != VT_TYPE_STRUCT) {
        for (guint i = 0; ok && i < sources->len; i++) {
            const VtSource *source = g_ptr_array_index(sources, i);
            json_object *value = vt_option_decode(expansion->line, option, source, error);

            ok = value && check_name(expansion, option, source, value, error) &&
                 vt_late_templates_apply(expansion, option->expands_to, source, value, error);
            json_object_put(value);
        }
        return ok;
    }
    expansion->option = option;
    expansion->sources = sources;
    expansion->size = type->size;
    expansion->values = g_malloc0_n(MAX(sources->len, 1), type->size);
    expansion->dropped = g_new0(bool, MAX(sources->len, 1));
    ok = settle(expansion, error);
    for (guint i = 0; i < sources->len; i++) {
        vt_struct_clear(schema, option->type, expansion->values + i * expansion->size);
    }
    g_clear_pointer(&expansion->values, g_free);
    g_clear_pointer(&expansion->dropped, g_free);
    return ok;
}

/* ---- the whole command line ---------------------------------------------------------------------------- */

static bool
expand_all(VtExpansion *expansion, GError **error)
{
    VtCommandLine *line = expansion->line;
    const VtProgram *program = line->program;
    VtSource defaults = {.where = "default device", .by_default = true};
    bool ok = true;

    for (guint i = 0; i < line->late->len; i++) {
        const VtSource *source = g_ptr_array_index(line->late, i);

        g_ptr_array_add(expansion->late->waiting[source->option - program->options], vt_source_copy(source));
    }
    for (uint32_t i = 0; ok && i < program->n_options; i++) {
        const VtOption *option = &program->options[i];

        if (option->otherwise && !vt_expansion_uses(expansion, option->name) && vt_command_line_has_defaults(line)) {
            ok = vt_late_templates_apply(expansion, option->otherwise, &defaults, NULL, error);
        }
    }
    for (uint32_t i = 0; ok && i < program->n_options; i++) {
        if (expansion->late->waiting[i]->len) {
            ok = expand_option(expansion, &program->options[i], expansion->late->waiting[i], error);
        }
    }
    return ok;
}

/* The machine's config with the values of the user. */
static VtConfig *
machine_config(const VtCommandLine *line, VtContext *ctx, GError **error)
{
    g_autoptr(VtConfig) config = vt_config_new(ctx, vt_context_machine(ctx)->family);

    for (guint i = 0; i < line->machine->len; i++) {
        g_autoptr(VtInput) input = vt_source_open(g_ptr_array_index(line->machine, i), error);

        if (!input || !vt_input_visit_members(input, ctx, config, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&config);
}

bool
vt_option_expand_late(VtCommandLine *line, VtContext *ctx, VtLate *ret, GError **error)
{
    VtExpansion expansion = {.line = line, .ctx = ctx, .late = ret};
    g_autoptr(VtConfig) machine = NULL;
    bool ok;

    ret->n_waiting = line->program->n_options;
    ret->waiting = g_new0(GPtrArray *, ret->n_waiting);
    for (uint32_t i = 0; i < ret->n_waiting; i++) {
        ret->waiting[i] = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_free);
    }
    ret->machine = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_free);
    ret->board = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_free);
    ret->added = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_free);
    if (vt_context_machine(ctx)) {
        machine = machine_config(line, ctx, error);
        if (!machine) {
            return false;
        }
    }
    expansion.machine = machine;
    ok = expand_all(&expansion, error);
    g_clear_pointer(&expansion.classes, g_hash_table_unref);
    return ok;
}

void
vt_late_sources_clear(VtLate *late)
{
    for (uint32_t i = 0; i < late->n_waiting; i++) {
        g_ptr_array_unref(late->waiting[i]);
    }
    g_clear_pointer(&late->waiting, g_free);
    late->n_waiting = 0;
    g_clear_pointer(&late->machine, g_ptr_array_unref);
    g_clear_pointer(&late->board, g_ptr_array_unref);
    g_clear_pointer(&late->added, g_ptr_array_unref);
}
