/* SPDX-License-Identifier: MIT */
/*
 * Where sensitive values are possible, by flags from qapi-gen.
 */
#include <string.h>

#include "schema/schema-private.h"

bool
vt_class_root_is_sensitive(const VtClassInfo *root)
{
    const VtSchema *schema = root->schema;

    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t i = 0; i < layer->n_classes; i++) {
            if (layer->classes[i].root == root->row->id && layer->classes[i].flags & VT_CLASS_SENSITIVE) {
                return true;
            }
        }
    }
    return false;
}

/* A value of kind 'any', or an inline definition, may contain a sensitive value. */
bool
vt_row_is_sensitive(const VtSchema *schema, const VtLayer *layer, const VtRow *row)
{
    const VtCold *cold = &layer->colds[row->cold];
    const VtClassInfo *target = NULL;

    if (cold->features & VT_FEATURE_SENSITIVE || row->kind == VT_KIND_ANY) {
        return true;
    }
    if (cold->ref && layer->refs[cold->ref].flags & VT_REF_INLINE) {
        target = vt_schema_class(schema, vt_str(layer, layer->refs[cold->ref].target));
        return target && vt_class_root_is_sensitive(target->root);
    }
    return row->type && row->kind != VT_KIND_REF && vt_schema_type(schema, row->type)->flags & VT_TYPE_SENSITIVE;
}

/* ---- keys in text --------------------------------------------------------------------------------------- */

static void
add_name(GHashTable *names, const char *name, bool sensitive)
{
    if (*name && (sensitive || !g_hash_table_contains(names, name))) {
        g_hash_table_insert(names, g_strdup(name), GINT_TO_POINTER(sensitive));
    }
}

/* Names of members, each with whether a member of that name is sensitive. */
static GHashTable *
member_names(const VtSchema *schema)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t t = 0; t < layer->n_types; t++) {
            const VtType *type = &layer->types[t];
            bool has_rows = type->kind == VT_TYPE_STRUCT || type->kind == VT_TYPE_UNION;

            for (uint32_t i = 0; has_rows && i < type->count; i++) {
                const VtRow *row = &layer->rows[type->first + i];
                add_name(names, vt_str(layer, row->name), layer->colds[row->cold].features & VT_FEATURE_SENSITIVE);
            }
        }
        for (uint32_t i = 0; i < layer->n_classes; i++) {
            const uint32_t own[] = {layer->classes[i].tag_name, layer->classes[i].id_name, layer->classes[i].wrap,
                                    layer->classes[i].within};

            for (size_t k = 0; k < G_N_ELEMENTS(own); k++) {
                add_name(names, vt_str(layer, own[k]), false);
            }
        }
    }
    return names;
}

static bool
is_key_char(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '[' || c == ']';
}

/* Whether each part of the key, except indexes, is the name of a member that is not sensitive. */
static bool
is_plain_key(GHashTable *names, const char *key, size_t len)
{
    g_autofree char *copy = g_strdelimit(g_strndup(key, len), "[", '.');
    g_auto(GStrv) parts = g_strsplit(copy, ".", -1);

    for (char **part = parts; *part; part++) {
        void *sensitive = NULL;
        size_t digits = strspn(*part, "0123456789]");

        if (!(digits && !(*part)[digits]) &&
            (!g_hash_table_lookup_extended(names, *part, NULL, &sensitive) || sensitive)) {
            return false;
        }
    }
    return true;
}

bool
vt_schema_keys_are_plain(const VtSchema *schema, const char *text, size_t len)
{
    g_autoptr(GHashTable) names = member_names(schema);

    /* A URL may have a password. */
    if (g_strstr_len(text, (gssize)len, "://")) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        size_t end = i, start;

        if (text[i] == ':' && i && text[i - 1] == '"') {
            end = i - 1;
        } else if (text[i] != '=') {
            continue;
        }
        for (start = end; start && is_key_char(text[start - 1]); start--) {
        }
        if (!is_plain_key(names, text + start, end - start)) {
            return false;
        }
    }
    return true;
}
