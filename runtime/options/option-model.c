/* SPDX-License-Identifier: MIT */
/*
 * Options whose value starts with a model.  The target determines the class of the model ("-cpu max").
 *
 * "MODEL[,MEMBER=VALUE][,+MEMBER][,-MEMBER]", or an object with the option's implied key for the model.  '+' overrides
 * '=', and '-' overrides '+'.  A member may have '_' instead of '-'.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "text/keyval.h"
#include "vt-runtime/error.h"
#include "vt-runtime/output.h"

/* ---- models -------------------------------------------------------------------------------------------- */

static const char *
suffix_of(const VtOption *option, uint16_t target)
{
    return option->class_suffixes[__builtin_ctz(target)];
}

char *
vt_option_model_name(const VtOption *option, const VtLayer *layer, const VtClass *row, uint16_t target)
{
    const char *suffix = suffix_of(option, target), *name = vt_str(layer, row->name);
    bool exists = !row->targets || (row->targets & target);

    if (!suffix || !exists || (row->flags & (VT_CLASS_ABSTRACT | VT_CLASS_IF_OFF))) {
        return NULL;
    }
    if (row->flags & VT_CLASS_SUFFIXED) {
        return g_strndup(name, vt_class_stem_len(layer, row));
    }
    return g_str_has_suffix(name, suffix) ? g_strndup(name, strlen(name) - strlen(suffix)) : NULL;
}

char *
vt_option_model_alias(const VtOption *option, const VtLayer *layer, const VtClass *row, uint16_t target,
                      const VtAlias *alias)
{
    g_autofree char *model = vt_option_model_name(option, layer, row, target);
    const char *name = vt_str(layer, alias->name);

    return g_strndup(name, strlen(name) - (strlen(vt_str(layer, row->name)) - strlen(model)));
}

/* The option whose values are models, or NULL. */
static const VtOption *
option_of_models(const VtProgram *program)
{
    for (uint32_t i = 0; i < program->n_options; i++) {
        if (program->options[i].class_suffixes) {
            return &program->options[i];
        }
    }
    return NULL;
}

char *
vt_program_model_alias(const VtProgram *program, const VtLayer *layer, const VtClass *row, uint16_t target,
                       const VtAlias *alias)
{
    return vt_option_model_alias(option_of_models(program), layer, row, target, alias);
}

char *
vt_program_model_name(const VtProgram *program, const VtLayer *layer, const VtClass *row, uint16_t target)
{
    const VtOption *option = option_of_models(program);

    return option ? vt_option_model_name(option, layer, row, target) : NULL;
}

bool
vt_option_fail_model(const VtOption *option, const char *where, const VtSchema *schema, uint16_t target,
                     const char *model, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const VtLayer *layer;
    const VtClass *row;
    const char *nearest;

    for (row = vt_schema_class_from(schema, 0, &layer); row; row = vt_schema_class_from(schema, row->id + 1, &layer)) {
        char *name = vt_option_model_name(option, layer, row, target);

        if (name) {
            g_ptr_array_add(names, name);
        }
    }
    g_ptr_array_add(names, NULL);
    nearest = vt_nearest(model, (const char *const *)names->pdata);
    if (nearest) {
        return vt_error_set(error, "%s: unknown %s model '%.100s' for target %s; did you mean '%s'?", where,
                            option->name, model, vt_target_name(target), nearest);
    }
    return vt_error_set(error, "%s: unknown %s model '%.100s' for target %s; -%s help lists them", where, option->name,
                        model, vt_target_name(target), option->name);
}

/* Finds a class by its name, or by an alias in upper or lower case. */
const VtClassInfo *
vt_option_find_model(const VtOption *option, const VtSchema *schema, uint16_t target, const char *model)
{
    const char *suffix = suffix_of(option, target);
    g_autofree char *name = g_strconcat(model, suffix, NULL), *lower = g_ascii_strdown(name, -1);
    const VtClassInfo *info = suffix ? vt_schema_class(schema, name) : NULL;

    if (!info && suffix) {
        info = vt_schema_class_by_alias(schema, vt_schema_class(schema, option->root), lower, target);
    }
    return info && (!info->row->targets || (info->row->targets & target)) && !vt_class_is_abstract(info) ? info : NULL;
}

const VtClassInfo *
vt_program_find_model(const VtProgram *program, const VtContext *ctx, const char *where, const char *name,
                      GError **error)
{
    const VtOption *option = option_of_models(program);
    const VtSchema *schema = vt_context_schema(ctx);
    uint16_t target = vt_context_target(ctx);
    const VtClassInfo *info = vt_option_find_model(option, schema, target, name);

    if (!info) {
        vt_option_fail_model(option, where, schema, target, name, error);
    }
    return info;
}

/* Stores the class and its own model name in @ret_creation. */
static bool
find_model(const VtSource *source, const VtContext *ctx, const char *model, VtCreation *ret_creation, GError **error)
{
    const VtSchema *schema = vt_context_schema(ctx);
    uint16_t target = vt_context_target(ctx);
    const VtClassInfo *info = vt_option_find_model(source->option, schema, target, model);
    g_autofree char *name = info ? vt_option_model_name(source->option, info->layer, info->row, target) : NULL;

    if (!name) {
        return vt_option_fail_model(source->option, source->where, schema, target, model, error);
    }
    ret_creation->class = info;
    ret_creation->model = g_steal_pointer(&name);
    return true;
}

/* ---- text ---------------------------------------------------------------------------------------------- */

/* Splits "a,,b,c" into the items "a,,b" and "c". */
static GStrv
split_items(const char *text)
{
    GPtrArray *items = g_ptr_array_new();

    while (*text) {
        size_t len = (size_t)(vt_keyval_item_end(text) - text);

        g_ptr_array_add(items, g_strndup(text, len));
        text += len + (text[len] == ',');
    }
    g_ptr_array_add(items, NULL);
    return (GStrv)g_ptr_array_free(items, FALSE);
}

/* The name of the member as the class spells it. */
static char *
spelled(const VtClassInfo *info, const char *name, size_t len)
{
    g_autofree char *dashed = g_strdelimit(g_strndup(name, len), "_", '-');
    const VtProp *prop = vt_class_prop(info, name, len);

    if (!prop) {
        prop = vt_class_prop(info, dashed, len);
    }
    return prop ? g_strdup(prop->name) : g_strndup(name, len);
}

typedef struct Setting {
    char *name, *value;
} Setting;

static void
setting_clear(void *setting)
{
    g_free(((Setting *)setting)->name);
    g_free(((Setting *)setting)->value);
}

/* Sets a member, and removes an earlier setting. */
static void
set(GArray *settings, char *name, const char *value)
{
    Setting setting = {name, g_strdup(value)};

    for (guint i = 0; i < settings->len; i++) {
        if (strcmp(g_array_index(settings, Setting, i).name, name) == 0) {
            g_array_remove_index(settings, i);
            break;
        }
    }
    g_array_append_val(settings, setting);
}

static void
set_signed(GArray *settings, const VtClassInfo *info, char *const *items, char sign)
{
    for (unsigned i = 0; items[i]; i++) {
        if (items[i][0] == sign) {
            set(settings, spelled(info, items[i] + 1, strlen(items[i] + 1)), sign == '+' ? "on" : "off");
        }
    }
}

/* Key=value text of the items, without signs and repeated members. */
static char *
plain_text(const VtClassInfo *info, char *const *items)
{
    g_autoptr(GArray) settings = g_array_new(FALSE, FALSE, sizeof(Setting));
    GString *text = g_string_new(NULL);

    g_array_set_clear_func(settings, setting_clear);
    for (unsigned i = 0; items[i]; i++) {
        const char *equals = strchr(items[i], '=');

        if (items[i][0] != '+' && items[i][0] != '-') {
            size_t len = equals ? (size_t)(equals - items[i]) : strlen(items[i]);

            set(settings, spelled(info, items[i], len), equals ? equals + 1 : "on");
        }
    }
    set_signed(settings, info, items, '+');
    set_signed(settings, info, items, '-');
    for (guint i = 0; i < settings->len; i++) {
        const Setting *setting = &g_array_index(settings, Setting, i);

        g_string_append_printf(text, "%s%s=%s", text->len ? "," : "", setting->name, setting->value);
    }
    return g_string_free(text, FALSE);
}

/* The model of "MODEL,…" or "type=MODEL,…"; NULL: none. */
static char *
take_model(const char *item, const char *key)
{
    size_t len = strlen(key);

    if (!item || !*item) {
        return NULL;
    }
    if (strncmp(item, key, len) == 0 && item[len] == '=') {
        return g_strdup(item + len + 1);
    }
    return strchr(item, '=') ? NULL : g_strdup(item);
}

static bool
open_text(const VtSource *source, const VtContext *ctx, const char *text, VtCreation *ret, GError **error)
{
    g_auto(GStrv) items = split_items(text);
    g_autofree char *model = take_model(items[0], source->option->implied_key);
    g_autofree char *rest = NULL;

    if (!model) {
        return vt_error_set(error, "%s: expected a model; -%s help lists them", source->where, source->option->name);
    }
    if (!find_model(source, ctx, model, ret, error)) {
        return false;
    }
    rest = plain_text(ret->class, items + 1);
    ret->input = vt_input_new_option(rest, NULL, source->where, error);
    return ret->input != NULL;
}

/* ---- objects ------------------------------------------------------------------------------------------- */

static bool
open_object(const VtSource *source, const VtContext *ctx, json_object *tree, VtCreation *ret, GError **error)
{
    const char *key = source->option->implied_key;
    json_object *model = NULL, *members;

    if (!json_object_is_type(tree, json_type_object)) {
        return vt_error_set(error, "%s: expected a string or an object", vt_source_place(source));
    }
    json_object_object_get_ex(tree, key, &model);
    if (!json_object_is_type(model, json_type_string)) {
        return vt_error_set(error, "%s: %s: expected a string", vt_source_place(source), key);
    }
    if (!find_model(source, ctx, json_object_get_string(model), ret, error)) {
        return false;
    }
    members = json_object_new_object();
    json_object_object_foreach (tree, member, value) {
        if (strcmp(member, key) != 0) {
            json_object_object_add(members, member, json_object_get(value));
        }
    }
    ret->input = vt_input_new_object(members, source->where);
    json_object_put(members);
    return true;
}

bool
vt_option_open_model(const VtSource *source, const VtContext *ctx, VtCreation *ret_creation, GError **error)
{
    VtCreation creation = {.root = source->root, .option = source->option};
    json_object *tree;
    bool ok;

    if (vt_source_is_text(source)) {
        ok = open_text(source, ctx, source->text, &creation, error);
    } else {
        tree = vt_source_tree(source, error);
        if (!tree) {
            return false;
        }
        ok = json_object_is_type(tree, json_type_string)
                 ? open_text(source, ctx, json_object_get_string(tree), &creation, error)
                 : open_object(source, ctx, tree, &creation, error);
        json_object_put(tree);
    }
    if (!ok) {
        g_free(creation.model);
        return false;
    }
    creation.root = creation.class->root;
    *ret_creation = creation;
    return true;
}

/* ---- of the command line ---------------------------------------------------------------------------------- */

/* Whether both items name one member. */
static bool
is_same_member(const char *sign, const char *set)
{
    const char *equals = strchr(set, '=');
    size_t len = equals ? (size_t)(equals - set) : 0;
    g_autofree char *a = g_strdelimit(g_strdup(sign + 1), "_", '-');
    g_autofree char *b = g_strdelimit(g_strndup(set, len), "_", '-');

    return len && strcmp(a, b) == 0;
}

/* Warns about a member with a sign and a value: the sign decides. */
static void
note_mixed(VtCommandLine *line, const VtSource *source)
{
    g_auto(GStrv) items = split_items(source->text);

    for (char **sign = items; *sign; sign++) {
        for (char **set = items; (**sign == '+' || **sign == '-') && *set; set++) {
            if (is_same_member(*sign, *set)) {
                g_ptr_array_add(line->notes, g_strdup_printf("%s: '%s' and '%s' set one member: the sign decides",
                                                             source->where, *sign, *set));
            }
        }
    }
}

void
vt_option_add_model(VtCommandLine *line, const VtOption *option, VtSource *source)
{
    for (guint i = line->creations->len; i-- > 0;) {
        const VtSource *known = g_ptr_array_index(line->creations, i);

        if (known->option && strcmp(known->option->name, option->name) == 0) {
            g_ptr_array_remove_index(line->creations, i);
        }
    }
    source->option = option;
    if (vt_source_is_text(source)) {
        note_mixed(line, source);
    }
    g_ptr_array_add(line->creations, source);
}
