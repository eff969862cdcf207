/* SPDX-License-Identifier: MIT */
/*
 * Keys of key=value text: other names of members, and keys that one member holds as a list.
 */
#include "options-private.h"

#include <string.h>

#include "text/keyval.h"
#include "visit/visit-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/expansion.h"
#include "vt-runtime/names.h"

static bool
has_members(const VtRow *row)
{
    return row->flags & VT_ROW_LIST || row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION;
}

static bool
is_member(const VtSchema *schema, const VtOption *option, const char *key)
{
    const VtType *type = vt_schema_type(schema, option->type);
    const VtLayer *layer = vt_schema_type_layer(schema, option->type);

    for (uint32_t i = 0; i < type->count; i++) {
        const char *name = vt_str(layer, layer->rows[type->first + i].name);
        size_t len = strlen(name);

        /* Members after the one for unknown keys are results of the function. */
        if (option->rest && strcmp(name, option->rest) == 0) {
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
renamed(const VtOption *option, const char *key)
{
    for (const char *const *each = option->renames; each && *each; each += 2) {
        if (strcmp(each[0], key) == 0) {
            return each[1];
        }
    }
    return key;
}

static const char *
value_of(const VtKeyval *keyval, const VtOption *option, const char *member)
{
    for (size_t i = 0; i < keyval->n; i++) {
        if (strcmp(renamed(option, keyval->settings[i].key), member) == 0) {
            return keyval->settings[i].value;
        }
    }
    return NULL;
}

/* The class of which other keys are members; without a tag, or with an unknown one: NULL. */
static const VtClassInfo *
rest_class(const VtSchema *schema, const VtOption *option, const VtKeyval *keyval)
{
    const char *tag = option->rest_tag ? value_of(keyval, option, option->rest_tag) : NULL;

    return tag ? vt_schema_class_by_tag(schema, vt_schema_class(schema, option->rest_root), tag) : NULL;
}

static void
add_members(GArray *names, const VtClassInfo *class)
{
    for (size_t i = 0; i < class->n_props; i++) {
        vt_names_add(names, class->props[i].name);
    }
}

/* Reports a key that neither the option nor @class has; NULL: nor any class of other keys. */
static bool
fail_key(const VtSchema *schema, const VtOption *option, const VtSource *source, const VtClassInfo *class,
         const char *key, GError **error)
{
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
    if (class) {
        add_members(names, class);
    }
    nearest = vt_nearest(key, vt_names_list(names));
    return nearest ? vt_error_set(error, "%s: unknown member '%s'; did you mean '%s'?", vt_source_place(source), key,
                                  nearest)
                   : vt_error_set(error, "%s: unknown member '%s'; in a value ',,' means a comma",
                                  vt_source_place(source), key);
}

/* The next class of which other keys may be members. */
static const VtClassInfo *
next_rest_class(const VtSchema *schema, const VtOption *option, uint16_t *id)
{
    const VtClassInfo *root = vt_schema_class(schema, option->rest_root);
    const VtLayer *layer;
    const VtClass *row;

    while ((row = vt_schema_class_from(schema, *id, &layer))) {
        *id = row->id + 1;
        if (root && row->root == root->row->id && !(row->flags & VT_CLASS_ABSTRACT)) {
            return vt_schema_class_by_id(schema, row->id);
        }
    }
    return NULL;
}

static void
ignore(const char *member, const char *value, void *opaque)
{
    (void)member, (void)value, (void)opaque;
}

static bool
has_key(const VtClassInfo *class, const char *key)
{
    return vt_class_prop(class, key, strlen(key)) || vt_class_prop(class, key, strcspn(key, ".")) ||
           vt_class_expand_short(class, key, "", ignore, NULL);
}

/* Fails if @tag, the value of the key @key, names no class. */
static bool
check_tag(const VtSchema *schema, const VtOption *option, const VtSource *source, const char *key, const char *tag,
          GError **error)
{
    const VtClassInfo *root = vt_schema_class(schema, option->rest_root), *class;
    g_autoptr(GArray) names = vt_names_new();
    const char *nearest;
    uint16_t id = 0;

    if (vt_schema_class_by_tag(schema, root, tag) || vt_schema_class_by_alias(schema, root, tag, 0)) {
        return true;
    }
    while ((class = next_rest_class(schema, option, &id))) {
        vt_names_add(names, class->tag);
    }
    nearest = vt_nearest(tag, vt_names_list(names));
    return nearest ? vt_error_set(error, "%s: %s: unknown %s '%s'; did you mean '%s'?", vt_source_place(source), key,
                                  root->kind, tag, nearest)
                   : vt_error_set(error, "%s: %s: unknown %s '%s'", vt_source_place(source), key, root->kind, tag);
}

static bool
check_key(const VtSchema *schema, const VtOption *option, const VtSource *source, const VtKeyval *keyval,
          const char *key, GError **error)
{
    const VtClassInfo *class = rest_class(schema, option, keyval);
    uint16_t id = 0;

    /* A plugin may have any argument. */
    if (!option->rest_tag) {
        return true;
    }
    /* A block node without a format may have members of its file. */
    if (class) {
        return has_key(class, key) || fail_key(schema, option, source, class, key, error);
    }
    while ((class = next_rest_class(schema, option, &id))) {
        if (has_key(class, key)) {
            return true;
        }
    }
    return fail_key(schema, option, source, NULL, key, error);
}

/* Whether the key may be given several times. */
static bool
is_list(const VtClassInfo *class, const char *key)
{
    const VtProp *prop = class ? vt_class_prop(class, key, strlen(key)) : NULL;

    return prop && prop->row->flags & VT_ROW_LIST;
}

static char *
members_text(const VtSchema *schema, const VtOption *option, VtSource *source, GError **error)
{
    g_autofree char *written = vt_source_keyval(source, error), *message = NULL;
    g_autoptr(VtKeyval) keyval = NULL;
    g_autoptr(GString) text = NULL;
    unsigned rest = 0;

    if (!written) {
        return NULL;
    }
    keyval = vt_keyval_new(written, source->implied_key, source->sensitive, &message);
    if (!keyval) {
        vt_error_set(error, "%s: %s", vt_source_place(source), message);
        return NULL;
    }
    text = g_string_new(NULL);
    for (size_t i = 0; i < keyval->n; i++) {
        const char *key = renamed(option, keyval->settings[i].key);

        if (i && strcmp(keyval->settings[i].key, keyval->settings[i - 1].key) == 0 && option->rest &&
            !is_member(schema, option, key) && !is_list(rest_class(schema, option, keyval), key)) {
            vt_error_set(error, "%s: %s: given 2 times; expected one value", vt_source_place(source),
                         keyval->settings[i].key);
            return NULL;
        }
        if (key != keyval->settings[i].key) {
            vt_source_add_key(source, key, keyval->settings[i].key);
        }
        if (strcmp(key, "id") == 0 && !vt_id_is_well_formed(keyval->settings[i].value, keyval->settings[i].value_len)) {
            vt_error_set(error,
                         "%s: id: '%.60s' is malformed; expected a letter, then letters, digits, '-', '.' and '_'",
                         vt_source_place(source), keyval->settings[i].value);
            return NULL;
        }
        if (!option->rest || is_member(schema, option, key)) {
            /* A first value without a key may be another word than a class: "nic", "none". */
            if (g_strcmp0(key, option->rest_tag) == 0 &&
                strcmp(key, option->implied_key ? option->implied_key : "") != 0 &&
                !check_tag(schema, option, source, keyval->settings[i].key, keyval->settings[i].value, error)) {
                return NULL;
            }
            vt_setting_append(text, key, keyval->settings[i].value);
        } else if (!check_key(schema, option, source, keyval, key, error)) {
            return NULL;
        } else {
            g_autofree char *name = g_strdup_printf("%s.%u.key", option->rest, rest);
            g_autofree char *place = g_strdup_printf("%s.%u.value", option->rest, rest++);

            vt_setting_append(text, name, key);
            vt_setting_append(text, place, keyval->settings[i].value);
        }
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

VtInput *
vt_option_open_members(const VtSchema *schema, const VtOption *option, VtSource *source, GError **error)
{
    g_autofree char *text = members_text(schema, option, source, error);
    VtInput *input = text ? vt_input_new_option(text, NULL, vt_source_place(source), error) : NULL;

    if (input && source->keys) {
        vt_input_set_written(input, &(VtWritten){.keys = (const char *const *)source->keys->pdata});
    }
    return input;
}
