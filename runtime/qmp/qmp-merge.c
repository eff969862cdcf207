/* SPDX-License-Identifier: MIT */
#include "qmp-merge.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

#define PREFIX "vintage-" /* of the names of types that this program adds */

/* The entries of @list that have the value @value of @member, by name; @member NULL: all. */
static GHashTable *
names_of(json_object *list, const char *member, const char *value)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *entry = json_object_array_get_idx(list, i);

        if (!member || g_strcmp0(vt_json_member_text(entry, member), value) == 0) {
            g_hash_table_insert(names, g_strdup(vt_json_member_text(entry, "name")), entry);
        }
    }
    return names;
}

void
vt_qmp_add_missing(json_object *list, json_object *from, const char *key)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        g_hash_table_add(names, g_strdup(vt_json_member_text(json_object_array_get_idx(list, i), key)));
    }
    for (size_t i = 0; i < json_object_array_length(from); i++) {
        json_object *entry = json_object_array_get_idx(from, i);

        if (!g_hash_table_contains(names, vt_json_member_text(entry, key))) {
            json_object_array_add(list, json_object_get(entry));
        }
    }
}

/* Whether @command is of this program, and the engine has none of this name. */
static bool
is_own(const VtCommand *command, GHashTable *engine)
{
    return command->flags & VT_COMMAND_OWN && !g_hash_table_contains(engine, command->name);
}

void
vt_qmp_merge_commands(const VtService *service, json_object *engine)
{
    const VtProgram *program = service->program;
    g_autoptr(GHashTable) has = names_of(engine, NULL, NULL);

    for (uint32_t i = 0; i < program->n_commands; i++) {
        if (is_own(&program->commands[i], has)) {
            json_object *row = json_object_new_object();

            vt_json_add_text(row, "name", program->commands[i].name);
            json_object_array_add(engine, row);
        }
    }
}

/* ---- the schema ------------------------------------------------------------------------------------------ */

typedef struct Merge {
    GHashTable *own;      /* entries of this program, by name */
    GHashTable *builtins; /* of the engine, by name */
    GHashTable *added;    /* names of entries that were added */
    json_object *engine;
} Merge;

static void add_entry(Merge *merge, const char *name, bool renamed);

/* Adds the type that the member @member of @object names, and gives it its new name. */
static void
take_type(Merge *merge, json_object *object, const char *member)
{
    const char *name = vt_json_member_text(object, member);
    g_autofree char *renamed = NULL;

    if (name && !g_hash_table_contains(merge->builtins, name)) {
        renamed = g_strconcat(PREFIX, name, NULL);
        add_entry(merge, name, true);
        vt_json_add_text(object, member, renamed);
    }
}

static void
take_types(Merge *merge, json_object *entry, const char *list)
{
    json_object *members = NULL;

    json_object_object_get_ex(entry, list, &members);
    for (size_t i = 0; members && i < json_object_array_length(members); i++) {
        if (json_object_is_type(json_object_array_get_idx(members, i), json_type_object)) {
            take_type(merge, json_object_array_get_idx(members, i), "type");
        }
    }
}

/* Adds an entry, and those that it refers to.  @renamed: it gets the prefix. */
static void
add_entry(Merge *merge, const char *name, bool renamed)
{
    static const char *const references[] = {"arg-type", "ret-type", "element-type"};
    json_object *entry = g_hash_table_lookup(merge->own, name);

    if (!entry || !g_hash_table_add(merge->added, g_strdup(name))) {
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(references); i++) {
        take_type(merge, entry, references[i]);
    }
    take_types(merge, entry, "members");
    take_types(merge, entry, "variants");
    if (renamed) {
        g_autofree char *prefixed = g_strconcat(PREFIX, name, NULL);

        vt_json_add_text(entry, "name", prefixed);
    }
    json_object_array_add(merge->engine, json_object_get(entry));
}

json_object *
vt_qmp_own_schema(const VtProgram *program, uint16_t target)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (uint32_t i = 0; i < program->n_introspection; i++) {
        const VtIntrospection *part = &program->introspection[i];

        if (!target || part->targets & target) {
            g_string_append_len(text, part->json, (gssize)part->len);
        }
    }
    return vt_json_parse(text->str, text->len, NULL, NULL);
}

void
vt_qmp_merge_schema(const VtService *service, json_object *engine)
{
    const VtProgram *program = service->program;
    json_object *own = vt_qmp_own_schema(program, vt_context_target(vt_vm_context(service->vm)));
    g_autoptr(GHashTable) commands = names_of(engine, "meta-type", "command");
    g_autoptr(GHashTable) builtins = names_of(engine, "meta-type", "builtin");
    g_autoptr(GHashTable) entries = names_of(own, NULL, NULL);
    g_autoptr(GHashTable) added = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Merge merge = {.own = entries, .builtins = builtins, .added = added, .engine = engine};

    for (uint32_t i = 0; i < program->n_commands; i++) {
        if (is_own(&program->commands[i], commands)) {
            add_entry(&merge, program->commands[i].name, false);
        }
    }
    json_object_put(own);
    if (vt_qmp_hides_schema(service)) {
        vt_qmp_hide_in_schema(engine);
    }
}

/* ---- answers -------------------------------------------------------------------------------------------- */

bool
vt_qmp_answer_merged(VtMonitor *monitor, void (*merge)(const VtService *service, json_object *engine), GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    g_autoptr(GString) value = g_string_new(NULL);
    json_object *list;

    if (!service->relay->run(service->engine, &service->running, value, error)) {
        return false;
    }
    list = vt_json_parse(value->str, value->len, "the engine's answer", error);
    if (!list) {
        return false;
    }
    merge(service, list);
    vt_monitor_answer(monitor, list);
    return true;
}
