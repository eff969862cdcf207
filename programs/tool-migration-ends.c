/* SPDX-License-Identifier: MIT */
#include "tool-migration.h"

#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/input.h"
#include "vt-runtime/open-file.h"

#define CONTRACT_MAX ((size_t)64 << 20)

void
migration_clear_end(MigrationEnd *end)
{
    g_clear_pointer(&end->vm, vt_vm_free);
    g_clear_pointer(&end->line, vt_command_line_free);
    json_object_put(end->contract);
}

/* Sets the contract of @end if @path is a file with one. */
static bool
read_contract(Migration *check, MigrationEnd *end, const char *path, GError **error)
{
    uint16_t type = vt_schema_find_type(check->schema, "MigrationContract");
    g_autofree void *data = NULL;
    g_autoptr(VtInput) input = NULL, again = NULL;
    size_t len;
    const char *why;
    g_autofree char *text = vt_file_read(path, CONTRACT_MAX, &len, &why);
    json_object *tree;

    if (!text) {
        return vt_error_set(error, "%s: cannot be read: %s", path, why);
    }
    input = vt_input_new_json_at(text, len, path, NULL, 1, 1);
    tree = vt_input_to_object(input, NULL);
    if (!json_object_is_type(tree, json_type_object) || !json_object_object_get_ex(tree, "objects", NULL)) {
        json_object_put(tree);
        return true; /* another file */
    }
    data = g_malloc0(vt_schema_type(check->schema, type)->size);
    again = vt_input_new_json_at(text, len, path, NULL, 1, 1);
    if (!vt_input_visit_type(again, check->schema, NULL, type, data, error)) {
        json_object_put(tree);
        return false;
    }
    vt_struct_clear(check->schema, type, data);
    end->contract = tree;
    return true;
}

static bool
plan_end(Migration *check, MigrationEnd *end, GError **error)
{
    VtOverrides overrides = check->overrides;

    if (!end->line) {
        return false;
    }
    overrides.no_probes = true;
    end->vm = vt_command_line_plan(end->line, &overrides, error);
    if (!end->vm) {
        return false;
    }
    end->contract = vt_vm_contract(end->vm);
    return true;
}

static bool
open_file(Migration *check, MigrationEnd *end, char *path, GError **error)
{
    end->name = path;
    if (tool_word_is_text(path) && !read_contract(check, end, path, error)) {
        return false;
    }
    if (end->contract) {
        return true;
    }
    end->line = tool_vm_new(check->schema, NULL, 1, &path, error);
    return plan_end(check, end, error);
}

bool
migration_open(Migration *check, const ToolArguments *arguments, GError **error)
{
    MigrationEnd *const ends[] = {&check->source, &check->target};
    guint n = arguments->words->len;

    for (guint i = 0; i < n; i++) {
        if (!open_file(check, ends[i], arguments->words->pdata[i], error)) {
            return false;
        }
    }
    if (!arguments->has_vm) {
        return true;
    }
    ends[n]->name = n ? "destination" : "source";
    ends[n]->line = tool_vm_new(check->schema, NULL, arguments->n_vm, arguments->vm, error);
    return plan_end(check, ends[n], error);
}
