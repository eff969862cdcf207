/* SPDX-License-Identifier: MIT */
/*
 * Values of the user, before expansion, in the types of the schema.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "schema/schema-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/output.h"
#include "vt-runtime/wipe.h"

#define GIVEN (VT_OUTPUT_GIVEN | VT_OUTPUT_NAMES)

typedef struct Decode {
    VtCommandLine *line;
    const VtOption *option;
    VtSource *source; /* a copy: cut into parts */
    VtContext *ctx;
} Decode;

/* ---- structs ------------------------------------------------------------------------------------------- */

void
vt_option_unfold_rest(const VtOption *option, json_object *value)
{
    json_object *rest;

    if (!option->rest || !json_object_object_get_ex(value, option->rest, &rest)) {
        return;
    }
    json_object_get(rest);
    json_object_object_del(value, option->rest);
    for (size_t i = 0; i < json_object_array_length(rest); i++) {
        json_object *key, *text;

        json_object_object_get_ex(json_object_array_get_idx(rest, i), "key", &key);
        json_object_object_get_ex(json_object_array_get_idx(rest, i), "value", &text);
        json_object_object_add(value, json_object_get_string(key), json_object_get(text));
    }
    json_object_put(rest);
}

static json_object *
decode_type(const Decode *d, GError **error)
{
    const VtSchema *schema = d->line->schema;
    const VtOption *option = d->option;
    bool own_keys =
        option->flags & VT_OPTION_LATE || ((option->rest || option->renames) && vt_source_is_text(d->source));
    g_autoptr(VtInput) input = NULL;
    g_autofree void *data = NULL;
    json_object *value;

    input = own_keys ? vt_option_open_members(schema, option, d->source, error) : vt_source_open(d->source, error);
    data = g_malloc0(vt_schema_type(schema, option->type)->size);
    if (!input || !vt_input_visit_type(input, schema, NULL, option->type, data, error)) {
        return NULL;
    }
    value = vt_output_type(schema, option->type, data, GIVEN);
    vt_struct_clear(schema, option->type, data);
    if (option->flags & VT_OPTION_LATE) {
        vt_option_unfold_rest(option, value);
    }
    return value;
}

/* A value of the program's options struct. */
static json_object *
decode_row(const Decode *d, GError **error)
{
    const VtSchema *schema = d->line->schema;
    const VtLayer *layer = vt_schema_type_layer(schema, d->line->program->options_type);
    VtRow row = *d->option->row;
    g_autoptr(VtInput) input = NULL;
    g_autofree void *field = NULL;
    json_object *value;

    row.flags &= ~(VT_ROW_LIST | VT_ROW_BOXED);
    input = vt_source_is_text(d->source) ? vt_input_new_value(d->source->text, vt_source_place(d->source))
                                         : vt_source_open(d->source, error);
    field = g_malloc0(vt_field_size(schema, layer, &row));
    if (!input || !vt_input_visit_value(input, schema, NULL, layer, &row, field, error)) {
        return NULL;
    }
    value = vt_output_field(schema, layer, &row, field, GIVEN);
    vt_field_clear(schema, layer, &row, field);
    return value;
}

/* ---- objects ------------------------------------------------------------------------------------------- */

static void
add_all(json_object *to, json_object *from)
{
    json_object_object_foreach (from, key, value) {
        json_object_object_add(to, key, json_object_get(value));
    }
}

/* The object of @config: {TAG: …, ID: …, MEMBER: …}. */
static json_object *
object_of(const VtConfig *config)
{
    const VtClassInfo *root = config->info->root;
    const char *within = vt_str(root->layer, root->row->within), *wrap = vt_str(root->layer, root->row->wrap);
    json_object *object = json_object_new_object(), *tagged = object, *members;

    if (*within) {
        tagged = json_object_new_object();
        json_object_object_add(object, within, tagged);
    }
    json_object_object_add(tagged, vt_str(root->layer, root->row->tag_name), json_object_new_string(config->info->tag));
    if (config->id) {
        json_object_object_add(object, vt_str(root->layer, root->row->id_name), json_object_new_string(config->id));
    }
    members = vt_output_config(config, 0, GIVEN);
    if (*wrap) {
        json_object_object_add(tagged, wrap, members);
    } else {
        add_all(tagged, members);
        json_object_put(members);
    }
    return object;
}

static json_object *
decode_object(const Decode *d, const VtSource *source, GError **error)
{
    g_autoptr(VtInput) input = vt_source_open(source, error);
    g_autoptr(VtConfig) config = input ? vt_input_visit_creation(input, d->ctx, source->root, error) : NULL;

    return config ? object_of(config) : NULL;
}

/* Moves the text member @key of the source to @object. */
static void
move_text(const Decode *d, const char *key, json_object *object, json_object *tree)
{
    g_autofree char *text = NULL;
    json_object *value;

    if (!tree) {
        text = vt_source_cut(d->source, key);
        vt_json_add_text(object, key, text);
    } else if (json_object_object_get_ex(tree, key, &value)) {
        json_object_object_add(object, key, json_object_get(value));
        json_object_object_del(tree, key);
    }
}

/* Moves what the option keeps elsewhere than in its object to @object. */
static void
move_others(const Decode *d, bool is_machine, json_object *object, json_object *tree)
{
    const VtClassInfo *root = d->source->root;
    const VtOption *accel = vt_program_role(d->line->program, VT_ROLE_ACCELERATOR);

    if (is_machine) {
        move_text(d, vt_str(root->layer, root->row->tag_name), object, tree);
        if (accel) {
            move_text(d, accel->key, object, tree);
        }
    }
    for (const char *const *each = d->option->globals; each && *each; each += 3) {
        g_autofree char *older = g_strdelimit(g_strdup(each[0]), "-", '_');

        move_text(d, each[0], object, tree);
        if (strcmp(older, each[0]) != 0) {
            move_text(d, older, object, tree);
        }
    }
}

static json_object *
decode_machine(const Decode *d, const VtSource *source, GError **error)
{
    const VtMachineName *machine = vt_context_machine(d->ctx);
    g_autoptr(VtConfig) config = vt_config_new(d->ctx, machine->family);
    g_autoptr(VtInput) input = vt_source_open(source, error);

    return input && vt_input_visit_members(input, d->ctx, config, error) ? vt_output_config(config, 0, GIVEN) : NULL;
}

/* An object with members that are not of its class: those are first in the result. */
static json_object *
decode_mixed(const Decode *d, GError **error)
{
    bool is_machine = vt_class_is_machine(d->source->root);
    json_object *tree = vt_source_is_text(d->source) ? NULL : vt_source_tree(d->source, error), *object, *rest;
    g_autoptr(VtSource) left = NULL;

    if (!vt_source_is_text(d->source) && !tree) {
        return NULL;
    }
    object = json_object_new_object();
    move_others(d, is_machine, object, tree);
    if (tree) {
        left = vt_source_new_tree(tree, vt_source_place(d->source));
        left->root = d->source->root;
        json_object_put(tree);
    }
    rest = is_machine ? decode_machine(d, left ? left : d->source, error)
                      : decode_object(d, left ? left : d->source, error);
    if (!rest) {
        json_object_put(object);
        return NULL;
    }
    if (is_machine) {
        add_all(object, rest);
        json_object_put(rest);
        return object;
    }
    add_all(rest, object);
    json_object_put(object);
    return rest;
}

static json_object *
decode_model(const Decode *d, GError **error)
{
    VtCreation creation;
    g_autoptr(VtConfig) config = NULL;
    json_object *object;

    d->source->option = d->option;
    if (!vt_option_open_model(d->source, d->ctx, &creation, error)) {
        return NULL;
    }
    config = vt_config_new(d->ctx, creation.class);
    object = vt_input_visit_members(creation.input, d->ctx, config, error) ? json_object_new_object() : NULL;
    if (object) {
        json_object *members = vt_output_config(config, 0, GIVEN);

        json_object_object_add(object, d->option->implied_key, json_object_new_string(creation.model));
        add_all(object, members);
        json_object_put(members);
    }
    vt_input_free(creation.input);
    g_free(creation.model);
    return object;
}

/* ---- globals ------------------------------------------------------------------------------------------- */

static json_object *
decode_global(const Decode *d, GError **error)
{
    guint n = d->line->globals->len;
    const VtGlobalSource *global;
    json_object *object;

    if (!vt_option_add_global(d->line, d->source, false, error)) {
        return NULL;
    }
    global = g_ptr_array_index(d->line->globals, n);
    object = vt_option_global(global->driver, global->property, global->value);
    g_ptr_array_set_size(d->line->globals, (gint)n);
    return object;
}

/* ---- all ----------------------------------------------------------------------------------------------- */

static json_object *
plain(const Decode *d, GError **error)
{
    return d->source->text && !d->source->line ? vt_wipe_json_string(d->source->text, strlen(d->source->text))
                                               : vt_source_tree(d->source, error);
}

/* An object, and the second one on top of it, if the short form requests one. */
static bool
add_objects(const Decode *d, json_object *list, GError **error)
{
    g_autofree char *front = NULL;
    json_object *value;

    if (!vt_source_write_out(d->line->schema, d->source, &front, error)) {
        return false;
    }
    value = d->option->globals || vt_class_is_machine(d->source->root) ? decode_mixed(d, error)
                                                                       : decode_object(d, d->source, error);
    if (!value) {
        return false;
    }
    json_object_array_add(list, value);
    if (front) {
        g_autoptr(VtSource) other = vt_source_new_text(front, strlen(front), NULL, vt_source_place(d->source));

        other->root = d->source->root;
        value = decode_object(d, other, error);
        json_object_array_add(list, value);
    }
    return value;
}

/* A text of an alternate is a struct only if it is JSON. */
static bool
is_struct(const VtSchema *schema, const VtOption *option, const VtSource *source)
{
    VtTypeKind kind = option->type ? (VtTypeKind)vt_schema_type(schema, option->type)->kind : VT_TYPE_NONE;

    return kind == VT_TYPE_STRUCT || kind == VT_TYPE_UNION ||
           (kind == VT_TYPE_ALTERNATE && !(vt_source_is_text(source) && source->text[0] != '{'));
}

/* The value of an option that creates no object. */
static json_object *
decode_value(const Decode *d, GError **error)
{
    const VtOption *option = d->option;
    bool expands = option->flags & VT_OPTION_LATE || vt_option_expands(option, d->source);

    if (option->flags & VT_OPTION_FLAG) {
        return json_object_new_boolean(true);
    }
    if (option->role == VT_ROLE_GLOBAL) {
        return decode_global(d, error);
    }
    if (expands ? option->expand || option->forms || !is_struct(d->line->schema, option, d->source)
                : option->forms && vt_source_is_text(d->source)) {
        return plain(d, error);
    }
    if (expands || (option->row && is_struct(d->line->schema, option, d->source))) {
        return decode_type(d, error);
    }
    return option->row ? decode_row(d, error) : plain(d, error);
}

json_object *
vt_given_values(VtCommandLine *line, const VtGiven *given, VtContext *ctx, GError **error)
{
    const VtOption *option = given->option;
    g_autoptr(VtSource) source = vt_source_copy(given->source);
    Decode d = {line, option, source, ctx};
    json_object *list = json_object_new_array(), *value;
    bool expands = option->flags & VT_OPTION_LATE || vt_option_expands(option, source), ok;

    if (!source->implied_key) {
        source->implied_key = option->implied_key;
    }
    if (option->separator && vt_source_is_text(source) && source->text[0] != '[') {
        const char separator[] = {option->separator, '\0'};
        g_auto(GStrv) words = g_strsplit(source->text, separator, -1);

        for (char **word = words; *word; word++) {
            json_object_array_add(list, json_object_new_string(*word));
        }
        return list;
    }
    if (option->flags & VT_OPTION_CREATES && !expands && !option->class_suffixes) {
        source->root = vt_schema_class(line->schema, option->root);
        ok = add_objects(&d, list, error);
    } else {
        value = option->class_suffixes ? decode_model(&d, error) : decode_value(&d, error);
        ok = value;
        json_object_array_add(list, value);
    }
    if (!ok) {
        json_object_put(list);
        return NULL;
    }
    return list;
}
