/* SPDX-License-Identifier: MIT */
/*
 * What belongs to a process: relative paths, and descriptors.
 *
 * The tree has the texts that are paths or descriptors by their features. The configuration has them where the user
 * wrote them, which may be an option that expands to others.
 */
#include <string.h>

#include <json-c/json.h>

#include "import-private.h"
#include "vt-runtime/config.h"

#define PATHS (VT_FEATURE_HOST_PATH | VT_FEATURE_READS_FILE)

typedef struct Texts {
    const VtEngineImport *import;
    GHashTable *paths; /* relative path to absolute path */
    GHashTable *names; /* of members that are paths */
} Texts;

/* ---- the tree ------------------------------------------------------------------------------------------ */

static void
take_text(const VtLayer *layer, const VtRow *row, const char *text, void *opaque)
{
    const Texts *texts = opaque;
    g_autofree char *path = NULL;

    if (!(vt_row_features(layer, row) & PATHS) || g_path_is_absolute(text)) {
        return;
    }
    g_hash_table_add(texts->names, g_strdup(vt_str(layer, row->name)));
    path = g_build_filename(texts->import->directory, text, NULL);
    if (*text && g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_hash_table_insert(texts->paths, g_strdup(text), g_steal_pointer(&path));
    }
}

static void
take_descriptor(const VtLayer *layer, const VtRow *row, const char *text, void *opaque)
{
    GString *found = opaque;

    if (vt_row_features(layer, row) & VT_FEATURE_DESCRIPTOR) {
        g_string_append_printf(found, "%s'%s'", found->len ? ", " : "", text);
    }
}

static void
name_descriptors(const VtEngineImport *import, const VtObject *object)
{
    g_autoptr(GString) found = g_string_new(NULL);

    vt_config_each_text(vt_object_full_config(object), take_descriptor, found);
    if (found->len) {
        g_autofree char *title = vt_object_title(object);

        g_ptr_array_add(import->left, g_strdup_printf("%s: only the running process has the open descriptor %s", title,
                                                      found->str));
    }
}

/* ---- the configuration --------------------------------------------------------------------------------- */

/* The names of members of the option's type that are paths: an option that expands to others is not in the tree. */
static void
take_names(const Texts *texts, const VtOption *option)
{
    const VtSchema *schema = texts->import->schema;
    const VtType *type = option->type ? vt_schema_type(schema, option->type) : NULL;
    const VtLayer *layer = type ? vt_schema_type_layer(schema, option->type) : NULL;

    for (unsigned i = 0; type && i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (vt_row_features(layer, row) & PATHS) {
            g_hash_table_add(texts->names, g_strdup(vt_str(layer, row->name)));
        }
    }
}

/* The short form "KIND:PATH" or "KIND:PATH,KEY=VALUE" of @text with an absolute path. The caller frees it. NULL: it has no
 * path that is relative. */
static char *
form_with_path(const Texts *texts, const char *text)
{
    const char *colon = strchr(text, ':');
    g_autofree char *own = colon ? g_strndup(colon + 1, strcspn(colon + 1, ",")) : NULL;
    const char *path = own ? g_hash_table_lookup(texts->paths, own) : NULL;

    return path ? g_strdup_printf("%.*s%s%s", (int)(colon + 1 - text), text, path, colon + 1 + strlen(own)) : NULL;
}

/* @value of the member @name, with absolute paths. A new reference. */
static json_object *
with_paths(const Texts *texts, const char *name, json_object *value)
{
    g_autofree char *form = NULL;
    const char *path;

    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach (value, key, member) {
            const char *dot = strrchr(key, '.');

            json_object_object_add(value, key, with_paths(texts, dot ? dot + 1 : key, member));
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            json_object_array_put_idx(value, i, with_paths(texts, name, json_object_array_get_idx(value, i)));
        }
    } else if (json_object_is_type(value, json_type_string) && g_hash_table_contains(texts->names, name)) {
        path = g_hash_table_lookup(texts->paths, json_object_get_string(value));
        form = path ? NULL : form_with_path(texts, json_object_get_string(value));
        if (path || form) {
            return json_object_new_string(path ? path : form);
        }
    }
    return json_object_get(value);
}

void
engine_import_paths(const VtEngineImport *import, const VtVm *vm, json_object *config)
{
    Texts texts = {import, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                   g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    g_autoptr(GPtrArray) objects = vt_vm_in_order(vm);

    for (guint i = 0; i < objects->len; i++) {
        name_descriptors(import, objects->pdata[i]);
        if (import->directory) {
            vt_config_each_text(vt_object_full_config(objects->pdata[i]), take_text, &texts);
        }
    }
    json_object_object_foreach (config, name, value) {
        const VtOption *option = vt_program_option(import->program, name);

        take_names(&texts, option);
        /* The text of an option that expands to others, such as -serial, is a path if it is one there. */
        if (option->forms || (!option->type && !option->root)) {
            g_hash_table_add(texts.names, g_strdup(name));
        }
        json_object_object_add(config, name, with_paths(&texts, name, value));
    }
    g_hash_table_unref(texts.paths);
    g_hash_table_unref(texts.names);
}
