/* SPDX-License-Identifier: MIT */
/*
 * Keys of key=value text: other names of members, and keys that one member holds as a list.
 */
#include "options-private.h"

#include <string.h>

#include "text/keyval.h"
#include "visit/visit-private.h"
#include "vt-runtime/error.h"
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

/* Reports a key that neither the option nor @class has. */
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
    for (size_t i = 0; i < class->n_props; i++) {
        vt_names_add(names, class->props[i].name);
    }
    nearest = vt_nearest(key, vt_names_list(names));
    return nearest ? vt_error_set(error, "%s: unknown member '%s'; did you mean '%s'?", source->where, key, nearest)
                   : vt_error_set(error, "%s: unknown member '%s'", source->where, key);
}

static bool
check_key(const VtSchema *schema, const VtOption *option, const VtSource *source, const VtKeyval *keyval,
          const char *key, GError **error)
{
    const VtClassInfo *class = rest_class(schema, option, keyval);
    size_t len = strcspn(key, ".");

    /* Without a class, any key is allowed, or decoding reports the error.  A block node without a format may have
     * members of its file. */
    if (!class || vt_class_prop(class, key, strlen(key)) || vt_class_prop(class, key, len)) {
        return true;
    }
    return fail_key(schema, option, source, class, key, error);
}

char *
vt_option_members_text(const VtSchema *schema, const VtOption *option, const VtSource *source, GError **error)
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
        vt_error_set(error, "%s: %s", source->where, message);
        return NULL;
    }
    text = g_string_new(NULL);
    for (size_t i = 0; i < keyval->n; i++) {
        const char *key = renamed(option, keyval->settings[i].key);

        if (strcmp(key, "id") == 0 && !vt_id_is_well_formed(keyval->settings[i].value)) {
            vt_error_set(error,
                         "%s: id: '%.60s' is malformed; expected a letter, then letters, digits, '-', '.' and '_'",
                         source->where, keyval->settings[i].value);
            return NULL;
        }
        if (!option->rest || is_member(schema, option, key)) {
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
