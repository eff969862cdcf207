/* SPDX-License-Identifier: MIT */
/*
 * vintage schema: the commands and events of a release, of this program and of an engine, as query-qmp-schema returns
 * them.
 */
#include <string.h>

#include "tool-classes.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

/* The catalogue of a target and a release. */
static json_object *
catalogue(uint16_t target, uint16_t release)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *next = vt_catalogue_vintage_vm.text;
    json_object *list;

    for (uint32_t i = 0; i < vt_catalogue_vintage_vm.n_parts; i++) {
        const VtCataloguePart *part = &vt_catalogue_vintage_vm.parts[i];

        if (part->targets & target && part->since <= release && (!part->until || release < part->until)) {
            /* A list that lost its last items. */
            if (next[0] == ']' && text->str[text->len - 1] == ',') {
                g_string_truncate(text, text->len - 1);
            }
            g_string_append_len(text, next, part->len);
        }
        next += part->len;
    }
    list = vt_json_parse(text->str, text->len, NULL, NULL);
    g_assert(list);
    return list;
}

/* ---- the entities that are printed ------------------------------------------------------------------------ */

typedef struct Entities {
    GHashTable *all; /* by name */
    GHashTable *chosen;
} Entities;

static void choose(const Entities *entities, const char *name);

static void
choose_types(const Entities *entities, json_object *entity, const char *list)
{
    json_object *members = NULL;

    json_object_object_get_ex(entity, list, &members);
    for (size_t i = 0; members && i < json_object_array_length(members); i++) {
        choose(entities, vt_json_member_text(json_object_array_get_idx(members, i), "type"));
    }
}

/* Chooses an entity and those that it refers to. */
static void
choose(const Entities *entities, const char *name)
{
    static const char *const references[] = {"arg-type", "ret-type", "element-type"};
    json_object *entity = name ? g_hash_table_lookup(entities->all, name) : NULL;

    if (!entity || !g_hash_table_add(entities->chosen, entity)) {
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(references); i++) {
        choose(entities, vt_json_member_text(entity, references[i]));
    }
    choose_types(entities, entity, "members");
    choose_types(entities, entity, "variants");
}

static bool
is_message(json_object *entity)
{
    const char *meta = vt_json_member_text(entity, "meta-type");

    return strcmp(meta, "command") == 0 || strcmp(meta, "event") == 0;
}

/* Chooses what @names and their types are, or every command and event without names. */
static bool
select_named(const Entities *entities, json_object *all, const GPtrArray *names, GError **error)
{
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        json_object *entity = g_hash_table_lookup(entities->all, name);

        if (!entity || !is_message(entity)) {
            return vt_error_set(error, "the release has no command or event '%s'", name);
        }
        choose(entities, name);
    }
    for (size_t i = 0; !names->len && i < json_object_array_length(all); i++) {
        json_object *entity = json_object_array_get_idx(all, i);

        if (is_message(entity)) {
            choose(entities, vt_json_member_text(entity, "name"));
        }
    }
    return true;
}

/* A list of features that lost all its items. */
static void
drop_empty(json_object *value)
{
    static const char *const lists[] = {"members", "variants"};
    json_object *inner = NULL;

    if (!json_object_is_type(value, json_type_object)) {
        return;
    }
    if (json_object_object_get_ex(value, "features", &inner) && !json_object_array_length(inner)) {
        json_object_object_del(value, "features");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        json_object_object_get_ex(value, lists[i], &inner);
        for (size_t k = 0; inner && k < json_object_array_length(inner); k++) {
            drop_empty(json_object_array_get_idx(inner, k));
        }
    }
}

static json_object *
selected(json_object *all, const GPtrArray *names, GError **error)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) chosen = g_hash_table_new(NULL, NULL);
    const Entities entities = {by_name, chosen};
    json_object *result;

    for (size_t i = 0; i < json_object_array_length(all); i++) {
        json_object *entity = json_object_array_get_idx(all, i);

        g_hash_table_insert(by_name, g_strdup(vt_json_member_text(entity, "name")), entity);
    }
    if (!select_named(&entities, all, names, error)) {
        return NULL;
    }
    result = json_object_new_array();
    for (size_t i = 0; i < json_object_array_length(all); i++) {
        json_object *entity = json_object_array_get_idx(all, i);

        if (g_hash_table_contains(chosen, entity)) {
            drop_empty(entity);
            json_object_array_add(result, json_object_get(entity));
        }
    }
    return result;
}

int
tool_schema(int argc, char **argv)
{
    VtOverrides overrides = {NULL};
    const ToolOption options[] = {TOOL_TARGET(&overrides.target), TOOL_RELEASE(&overrides.release), {NULL}};
    g_auto(ToolArguments) arguments = {NULL};
    g_autoptr(VtSchema) schema = NULL;
    g_autoptr(VtContext) ctx = NULL;
    g_autoptr(GError) error = NULL;
    json_object *all, *result;

    if (!tool_arguments_parse(&arguments, "schema", options, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (arguments.has_vm) {
        return tool_misused("schema", "expected names of commands and events, got a VM");
    }
    schema = tool_schema_new();
    ctx = tool_context_new(schema, &overrides, &error);
    if (!ctx) {
        return tool_failed(error);
    }
    all = catalogue(vt_context_target(ctx), vt_context_release(ctx));
    result = selected(all, arguments.words, &error);
    json_object_put(all);
    if (!result) {
        return tool_failed(error);
    }
    tool_print_json(result);
    return TOOL_DONE;
}
