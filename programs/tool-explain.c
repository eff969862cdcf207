/* SPDX-License-Identifier: MIT */
/*
 * vintage explain: the origin of each value.
 */
#include <stdio.h>
#include <string.h>

#include "tool-vm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/output.h"

typedef struct Selection {
    const VtEntryKey *entry;
    const char *property; /* NULL: all */
} Selection;

static bool
select_key(GArray *objects, const char *word, GArray *selected, GError **error)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    const char *nearest;

    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);
        const VtClassInfo *info = vt_object_class(entry->object);
        size_t len = strlen(entry->key);
        Selection selection = {entry, NULL};

        if (strcmp(word, entry->key) == 0) {
            g_array_append_val(selected, selection);
            return true;
        }
        if (strncmp(word, entry->key, len) == 0 && word[len] == '.') {
            selection.property = word + len + 1;
            if (!vt_class_prop(info, selection.property, strlen(selection.property))) {
                g_autofree const char **names = g_new0(const char *, info->n_props + 1);

                for (size_t p = 0; p < info->n_props; p++) {
                    names[p] = info->props[p].name;
                }
                nearest = vt_nearest(selection.property, names);
                return vt_error_set(error, "%s: '%s' has no property '%s'%s%s%s", entry->key, info->name,
                                    selection.property, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                                    nearest ? "'?" : "");
            }
            g_array_append_val(selected, selection);
            return true;
        }
        g_ptr_array_add(keys, entry->key);
    }
    g_ptr_array_add(keys, NULL);
    nearest = vt_nearest(word, (const char *const *)keys->pdata);
    return vt_error_set(error, "the VM has no object '%s'%s%s%s", word, nearest ? "; did you mean '" : "",
                        nearest ? nearest : "", nearest ? "'?" : "");
}

static bool
select_all(GArray *objects, GPtrArray *words, GArray *selected, GError **error)
{
    for (guint i = 0; i < words->len; i++) {
        if (!select_key(objects, g_ptr_array_index(words, i), selected, error)) {
            return false;
        }
    }
    for (guint i = 0; !words->len && i < objects->len; i++) {
        Selection selection = {&g_array_index(objects, VtEntryKey, i), NULL};

        g_array_append_val(selected, selection);
    }
    return true;
}

static char *
position_text(const VtProvenance *provenance)
{
    return provenance->file && provenance->file[0] ? g_strdup_printf("%s:%u", provenance->file, provenance->line)
                                                   : NULL;
}

static void
add_row(ToolTable *table, const VtObject *object, const VtProp *prop, bool settled)
{
    VtProvenance provenance = vt_object_provenance(object, prop);
    json_object *configured = NULL, *late = NULL;
    g_autofree char *value = NULL;
    g_autofree char *from = NULL;
    g_autofree char *position = position_text(&provenance);

    vt_object_values(object, prop, VT_OUTPUT_NAMES, &configured, &late);
    value = vt_object_reports(object, prop, settled) && !(settled ? late : configured)
                ? g_strdup("null")
                : tool_value_text(settled ? late : configured);
    /* Shows the value before it was derived, instead of only "derived". */
    if (settled && provenance.from == VT_ORIGIN_DERIVED && !json_object_equal(configured, late)) {
        g_autofree char *before = tool_value_text(configured);

        from = g_strdup_printf("derived from %s", before);
    } else {
        from = g_strdup(vt_origin_name(settled ? provenance.from : vt_provenance_configured(&provenance)));
    }
    tool_table_add(table, (const char *[]){prop->name, value, from, provenance.since, position, provenance.why});
    json_object_put(configured);
    json_object_put(late);
}

static void
print_explanations(GArray *selected, uint16_t target, bool settled)
{
    static const char *const headers[] = {"property", "value", "from", "since", "schema", "why", NULL};

    for (guint i = 0; i < selected->len;) {
        const VtEntryKey *entry = g_array_index(selected, Selection, i).entry;
        const VtClassInfo *info = vt_object_class(entry->object);
        ToolTable *table = tool_table_new(headers);

        tool_print_heading("%s: %s", entry->key, info->name);
        /* Consecutive properties of one object share a table. */
        for (; i < selected->len && g_array_index(selected, Selection, i).entry == entry; i++) {
            const char *property = g_array_index(selected, Selection, i).property;

            for (size_t p = 0; p < info->n_props; p++) {
                const VtProp *prop = &info->props[p];

                bool asked = property && strcmp(property, prop->name) == 0 && !prop->hidden;

                /* A read-only property is not configuration, and is shown only on request. */
                if (property ? asked
                             : vt_prop_is_shown(prop, target) && !(prop->cold->features & VT_FEATURE_READ_ONLY)) {
                    add_row(table, entry->object, prop, settled);
                }
            }
        }
        tool_table_print(table, 2);
        putchar('\n');
    }
}

/* Adds "file" and "line" of the schema. */
static void
add_position(const VtObject *object, const char *name, json_object *row)
{
    const VtProp *prop = vt_class_prop(vt_object_class(object), name, strlen(name));
    VtProvenance provenance = vt_object_provenance(object, prop);

    if (provenance.file && provenance.file[0]) {
        json_object_object_add(row, "file", json_object_new_string(provenance.file));
        json_object_object_add(row, "line", json_object_new_int64(provenance.line));
    }
}

static void
print_explanations_json(GArray *selected, bool settled)
{
    json_object *result = json_object_new_object(), *objects = json_object_new_object();

    json_object_object_add(result, "objects", objects);
    for (guint i = 0; i < selected->len; i++) {
        const Selection *selection = &g_array_index(selected, Selection, i);
        const VtClassInfo *info = vt_object_class(selection->entry->object);
        json_object *explained = vt_object_explain(selection->entry->object, settled), *object, *properties;

        if (!json_object_object_get_ex(objects, selection->entry->key, &object)) {
            object = json_object_new_object();
            json_object_object_add(objects, selection->entry->key, object);
            json_object_object_add(object, "type", json_object_new_string(info->name));
            json_object_object_add(object, "properties", json_object_new_object());
        }
        json_object_object_get_ex(object, "properties", &properties);
        json_object_object_foreach (explained, name, value) {
            /* An absent property is shown only on request. */
            if (selection->property ? strcmp(selection->property, name) == 0
                                    : json_object_object_get_ex(value, "value", NULL)) {
                add_position(selection->entry->object, name, value);
                json_object_object_add(properties, name, json_object_get(value));
            }
        }
        json_object_put(explained);
    }
    tool_print_json(result);
}

int
tool_explain(int argc, char **argv)
{
    bool settled = false, json = false;
    const ToolOption own[] = {TOOL_SETTLED(&settled), TOOL_JSON(&json), {NULL}};
    g_auto(ToolVm) one = {{NULL}};
    g_autoptr(GArray) objects = NULL;
    g_autoptr(GArray) selected = g_array_new(FALSE, FALSE, sizeof(Selection));

    if (!tool_vm_open(&one, "explain", own, true, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!one.vm) {
        return tool_failed(one.error);
    }
    objects = vt_vm_objects(one.vm);
    if (!select_all(objects, one.arguments.words, selected, &one.error)) {
        return tool_failed(one.error);
    }
    if (json) {
        print_explanations_json(selected, settled);
    } else {
        print_explanations(selected, vt_context_target(vt_vm_context(one.vm)), settled);
    }
    return TOOL_DONE;
}
