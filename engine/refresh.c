/* SPDX-License-Identifier: MIT */
#include "refresh.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/config.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

#define NODE "block-node" /* kind of the ids of block nodes */

/* What the engine was asked, and has answered. */
typedef struct Question {
    VtEngine *engine;
    void (*apply)(VtEngine *engine, json_object *asked, json_object *answer);
    json_object *asked, *answer;
    bool lists; /* the answer lists what there is, so that it is wrong after a change */
} Question;

static void
question_free(Question *question)
{
    json_object_put(question->asked);
    json_object_put(question->answer);
    g_free(question);
}

void
engine_refresh_apply(VtEngine *engine)
{
    while (engine->answers.length && !engine->changing) {
        Question *question = g_queue_pop_head(&engine->answers);

        engine->following = true;
        question->apply(engine, question->asked, question->answer);
        engine->following = false;
        question_free(question);
    }
}

void
engine_refresh_clear(VtEngine *engine)
{
    while (engine->answers.length) {
        question_free(g_queue_pop_head(&engine->answers));
    }
}

static void
on_answer(void *opaque, VtSpan value, const GError *error)
{
    Question *question = opaque;
    VtEngine *engine = question->engine;

    engine->n_questions--;
    if (error) {
        question_free(question);
    } else {
        question->answer = vt_json_parse(value.text, value.len, NULL, NULL);
        g_queue_push_tail(&engine->answers, question);
    }
    engine_refresh_apply(engine);
    vt_engine_relay_next(engine);
}

/* Takes ownership of @arguments and @asked, which may be NULL. */
static void
ask(VtEngine *engine, const char *command, json_object *arguments, json_object *asked, bool lists,
    void (*apply)(VtEngine *engine, json_object *asked, json_object *answer))
{
    Question *question = g_new(Question, 1);
    g_autofree char *text = arguments ? vt_json_text(arguments) : NULL;

    *question = (Question){engine, apply, asked, NULL, lists};
    json_object_put(arguments);
    engine->n_questions++;
    vt_engine_link_send(engine->link, command, (VtSpan){text, text ? strlen(text) : 0}, on_answer, question);
}

static void
follow(VtObject *object, const char *member, json_object *value)
{
    g_autoptr(VtInput) input = vt_input_new_object(value, member);

    /* A value in a form that only the engine has stays as it was. */
    vt_object_follow(object, member, input, NULL);
}

/* ---- block nodes --------------------------------------------------------------------------------------- */

static bool
has_member(const VtSchema *schema, const char *driver, const char *member)
{
    g_autofree char *name = g_strconcat("blockdev-", driver, NULL);
    const VtClassInfo *class = vt_schema_class(schema, name);

    return class && vt_class_prop(class, member, strlen(member));
}

/* A node that the engine has created by itself, as far as the engine describes it. */
static json_object *
creation_of(const VtSchema *schema, json_object *node)
{
    const char *driver = vt_json_member_text(node, "drv"), *path = vt_json_member_text(node, "file");
    json_object *creation = json_object_new_object(), *below, *read_only = NULL;

    vt_json_add_text(creation, "driver", driver);
    vt_json_add_text(creation, "node-name", vt_json_member_text(node, "node-name"));
    if (json_object_object_get_ex(node, "ro", &read_only) && json_object_get_boolean(read_only)) {
        vt_json_add_bool(creation, "read-only", true);
    }
    if (has_member(schema, driver, "filename")) {
        vt_json_add_text(creation, "filename", path);
    } else if (has_member(schema, driver, "file") && path) {
        below = json_object_new_object();
        vt_json_add_text(below, "driver", "file");
        vt_json_add_text(below, "filename", path);
        json_object_object_add(creation, "file", below);
    }
    return creation;
}

/* The names of nodes that users gave; others begin with '#'. */
static GHashTable *
names_of(json_object *nodes)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < json_object_array_length(nodes); i++) {
        const char *name = vt_json_member_text(json_object_array_get_idx(nodes, i), "node-name");

        if (name && *name != '#') {
            g_hash_table_add(names, g_strdup(name));
        }
    }
    return names;
}

static void
adopt(VtEngine *engine, json_object *node)
{
    VtVm *vm = engine->service->vm;
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    const char *name = vt_json_member_text(node, "node-name");
    json_object *creation;
    g_autoptr(GError) error = NULL;

    if (!name || *name == '#' || vt_vm_find(vm, NODE, name)) {
        return;
    }
    creation = creation_of(schema, node);
    if (!vt_vm_create(vm, vt_schema_class(schema, "blockdev"),
                      vt_input_new_object(creation, "block node of the engine"), true, NULL, &error)) {
        g_autofree char *line =
            g_strdup_printf("block node '%s' is known to the engine only: %s", name, error->message);

        vt_vm_notice(vm, line);
    }
    json_object_put(creation);
}

static void
forget_gone(VtEngine *engine, json_object *nodes)
{
    VtVm *vm = engine->service->vm;
    g_autoptr(GHashTable) names = names_of(nodes);
    g_autoptr(GPtrArray) objects = vt_vm_in_order(vm);

    /* A node goes before the node below it. */
    for (guint i = objects->len; i-- > 0;) {
        VtObject *object = objects->pdata[i];
        const char *id = vt_object_id(object);

        if (id && *id != '#' && vt_object_runs_elsewhere(object) && !vt_object_is_inline(object) &&
            strcmp(vt_object_class(object)->kind, NODE) == 0 && !vt_object_is_a(object, "block-backend") &&
            !g_hash_table_contains(names, id)) {
            vt_vm_delete(vm, NODE, id, NULL);
        }
    }
}

static void
apply_nodes(VtEngine *engine, json_object *asked, json_object *nodes)
{
    (void)asked;
    for (size_t i = 0; i < json_object_array_length(nodes); i++) {
        adopt(engine, json_object_array_get_idx(nodes, i));
    }
}

static void
apply_gone(VtEngine *engine, json_object *asked, json_object *nodes)
{
    (void)asked;
    forget_gone(engine, nodes);
}

/* ---- devices of block nodes ---------------------------------------------------------------------------- */

/* The member of a device that refers to a block node; NULL: none. */
static const VtProp *
node_member(const VtObject *device)
{
    const VtClassInfo *info = vt_object_class(device);

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];

        if (prop->row->kind == VT_KIND_REF && !prop->hidden && !(prop->row->flags & (VT_ROW_LIST | VT_ROW_BOXED)) &&
            strcmp(vt_str(prop->layer, prop->layer->refs[prop->cold->ref].target), "blockdev") == 0) {
            return prop;
        }
    }
    return NULL;
}

/* Whether @place, an id or the path of a part of a device, is of @device. */
static bool
is_of(const VtObject *device, const char *place)
{
    g_autofree char *path = vt_object_path(device);
    size_t len = strlen(path);

    return g_strcmp0(vt_object_id(device), place) == 0 ||
           (strncmp(path, place, len) == 0 && (place[len] == '\0' || place[len] == '/'));
}

/* @drive: of query-block. */
static void
follow_drive(VtEngine *engine, json_object *drive, const GPtrArray *objects)
{
    const char *place = vt_json_member_text(drive, "qdev");
    json_object *inserted = NULL;
    const char *node;

    json_object_object_get_ex(drive, "inserted", &inserted);
    node = inserted ? vt_json_member_text(inserted, "node-name") : NULL;
    if (node && !vt_vm_find(engine->service->vm, NODE, node)) {
        /* A node that the engine has created without a name: nothing here can name it. */
        node = NULL;
    }
    for (guint i = 0; place && i < objects->len; i++) {
        VtObject *device = objects->pdata[i];
        const VtProp *prop = strcmp(vt_object_class(device)->kind, "device") == 0 ? node_member(device) : NULL;
        const VtRef *ref = prop ? vt_config_field(vt_object_full_config(device), prop) : NULL;

        if (prop && vt_object_runs_elsewhere(device) && is_of(device, place) &&
            !(ref->target && vt_object_is_a(ref->target, "block-backend"))) {
            vt_object_follow_ref(device, prop, node, NULL);
            return;
        }
    }
}

static void
apply_drives(VtEngine *engine, json_object *asked, json_object *drives)
{
    g_autoptr(GPtrArray) objects = vt_vm_in_order(engine->service->vm);

    (void)asked;
    for (size_t i = 0; i < json_object_array_length(drives); i++) {
        follow_drive(engine, json_object_array_get_idx(drives, i), objects);
    }
}

static json_object *
flat(void)
{
    json_object *arguments = json_object_new_object();

    vt_json_add_bool(arguments, "flat", true);
    return arguments;
}

/* Nodes that devices now use are there first, and those that no device uses go last. */
static void
refresh_graph(VtEngine *engine)
{
    ask(engine, "query-named-block-nodes", flat(), NULL, true, apply_nodes);
    ask(engine, "query-block", NULL, NULL, true, apply_drives);
    ask(engine, "query-named-block-nodes", flat(), NULL, true, apply_gone);
}

void
engine_refresh_after_change(VtEngine *engine)
{
    bool again = false;

    for (guint n = engine->answers.length; n; n--) {
        Question *question = g_queue_pop_head(&engine->answers);

        again |= question->lists;
        if (question->lists) {
            question_free(question);
        } else {
            g_queue_push_tail(&engine->answers, question);
        }
    }
    engine_refresh_apply(engine);
    if (again && engine->state == VT_ENGINE_STATE_RUNNING && !vt_engine_link_has_ended(engine->link)) {
        refresh_graph(engine);
    }
}

/* ---- values -------------------------------------------------------------------------------------------- */

/* @asked: the arguments of the command. */
static void
apply_value(VtEngine *engine, json_object *asked, json_object *value)
{
    VtObject *object = vt_vm_resolve_path(engine->service->vm, vt_json_member_text(asked, "path"));

    if (object && vt_object_runs_elsewhere(object) && value) {
        follow(object, vt_json_member_text(asked, "property"), value);
    }
}

static void
refresh_value(VtEngine *engine, json_object *arguments)
{
    json_object *question = json_object_new_object();

    vt_json_add_text(question, "path", vt_json_member_text(arguments, "path"));
    vt_json_add_text(question, "property", vt_json_member_text(arguments, "property"));
    ask(engine, "qom-get", json_object_get(question), question, false, apply_value);
}

/* The members of one node in the arguments of the command.  Those that are left out take their defaults, except the
 * nodes below, which stay. */
static void
follow_node(VtEngine *engine, json_object *options)
{
    const char *name = vt_json_member_text(options, "node-name");
    VtObject *node = name ? vt_vm_find(engine->service->vm, NODE, name) : NULL;
    const VtClassInfo *info = node ? vt_object_class(node) : NULL;

    if (!node || !vt_object_runs_elsewhere(node)) {
        return;
    }
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        json_object *value;

        if (prop->hidden || prop->cold->features & VT_FEATURES_NO_INPUT) {
            continue;
        }
        if (!json_object_object_get_ex(options, prop->name, &value)) {
            vt_object_follow_default(node, prop);
        } else if (prop->row->kind == VT_KIND_REF && json_object_is_type(value, json_type_string)) {
            vt_object_follow_ref(node, prop, json_object_get_string(value), NULL);
        } else {
            follow(node, prop->name, value);
        }
    }
}

static void
apply_options(VtEngine *engine, json_object *asked, json_object *nodes)
{
    json_object *list = NULL;

    (void)nodes;
    json_object_object_get_ex(asked, "options", &list);
    for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++) {
        follow_node(engine, json_object_array_get_idx(list, i));
    }
}

/* ---- what was changed ---------------------------------------------------------------------------------- */

static const VtSchema *
schema_of(const VtEngine *engine)
{
    return vt_context_schema(vt_vm_context(engine->service->vm));
}

bool
engine_refresh_is_after(const VtEngine *engine, const char *command)
{
    const VtSchema *schema = schema_of(engine);

    return vt_enum_has_name(schema, "GraphCommand", command) || vt_enum_has_name(schema, "ValueCommand", command) ||
           vt_enum_has_name(schema, "NodeCommand", command);
}

void
engine_refresh_after(VtEngine *engine, const char *command, const char *text)
{
    const VtSchema *schema = schema_of(engine);
    json_object *arguments = text ? vt_json_parse_private(text, strlen(text), NULL, NULL) : NULL;

    if (vt_enum_has_name(schema, "GraphCommand", command)) {
        refresh_graph(engine);
    } else if (vt_enum_has_name(schema, "ValueCommand", command)) {
        refresh_value(engine, arguments);
    } else {
        ask(engine, "query-named-block-nodes", flat(), json_object_get(arguments), false, apply_options);
    }
    json_object_put(arguments);
}

void
engine_refresh_on(VtEngine *engine, VtSpan event)
{
    g_autofree char *name = g_strndup(event.text, event.len);

    if (engine->state == VT_ENGINE_STATE_RUNNING && vt_enum_has_name(schema_of(engine), "GraphEvent", name)) {
        refresh_graph(engine);
    }
}
