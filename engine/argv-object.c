/* SPDX-License-Identifier: MIT */
/*
 * Options that create objects.
 */
#include <string.h>

#include <json-c/json.h>

#include "argv-private.h"
#include "pin-value.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"
#include "vt-runtime/role.h"

/* ---- arguments ----------------------------------------------------------------------------------------- */

static void
clear_note(void *opaque)
{
    VtEngineNote *note = opaque;

    g_free(note->member);
    g_free(note->value);
    g_free(note->from);
}

VtEngineArgument *
engine_argv_add(EngineArgv *argv, const char *option, char *text)
{
    VtEngineArgument argument = {.option = g_strconcat("-", option, NULL), .text = text};

    argument.notes = g_array_new(FALSE, FALSE, sizeof(VtEngineNote));
    g_array_set_clear_func(argument.notes, clear_note);
    g_array_append_val(argv->arguments, argument);
    return &g_array_index(argv->arguments, VtEngineArgument, argv->arguments->len - 1);
}

/* "machine 5.2: REASON". The caller frees it. */
static char *
origin_text(const VtProvenance *provenance)
{
    bool named = provenance->axis != VT_AXIS_NONE && provenance->since;

    return g_strdup_printf(
        "%s%s%s%s%s%s%s", vt_origin_name(provenance->from), provenance->from == VT_ORIGIN_DERIVED && named ? ", " : "",
        provenance->from == VT_ORIGIN_DERIVED && named ? vt_axis_name(provenance->axis) : "", named ? " " : "",
        named ? provenance->since : "", provenance->why ? ": " : "", provenance->why ? provenance->why : "");
}

void
engine_argv_note(VtEngineArgument *argument, const VtObject *object, const GArray *values, const char *only)
{
    for (guint i = 0; values && i < values->len; i++) {
        const VtEngineValue *said = &g_array_index(values, VtEngineValue, i);
        VtProvenance provenance;
        VtEngineNote note;

        if (said->reason == VT_ENGINE_REASON_EXPLICIT || (only && strcmp(said->prop->name, only) != 0)) {
            continue;
        }
        provenance = vt_object_provenance(object, said->prop);
        note = (VtEngineNote){g_strdup(said->prop->name),
                              json_object_is_type(said->value, json_type_string)
                                  ? g_strdup(json_object_get_string(said->value))
                                  : vt_json_text(said->value),
                              said->reason, origin_text(&provenance)};
        g_array_append_val(argument->notes, note);
    }
}

/* ---- ids ----------------------------------------------------------------------------------------------- */

/* Removes the mark of @id wherever @value has it. Returns the new value, which replaces @value. */
static json_object *
without_mark(json_object *value, const char *id)
{
    if (json_object_is_type(value, json_type_string) && strcmp(json_object_get_string(value), id) == 0) {
        return json_object_new_string(engine_id(id));
    }
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach (value, name, member) {
            json_object_object_add(value, name, without_mark(member, id));
        }
    }
    return json_object_get(value);
}

/* The creation of @one, with ids that the engine accepts. */
static json_object *
creation_of(const EngineArgv *argv, const EngineObject *one)
{
    json_object *creation =
        one->creation ? json_object_get(one->creation) : vt_engine_creation(one->object, one->values);

    for (guint i = 0; i < argv->objects->len; i++) {
        const char *id = vt_object_id(g_array_index(argv->objects, EngineObject, i).object);

        if (id && engine_id(id) != id) {
            json_object *changed = without_mark(creation, id);

            json_object_put(creation);
            creation = changed;
        }
    }
    return creation;
}

/* ---- objects ------------------------------------------------------------------------------------------- */

bool
engine_argv_add_object(EngineArgv *argv, const EngineObject *one, GError **error)
{
    const VtConfig *config = vt_object_full_config(one->object);
    const VtClassInfo *info = vt_object_class(one->object);
    const VtOption *option = config->option ? config->option : vt_program_creator(argv->program, info->root->name);
    json_object *creation, *chardev;
    char *text;

    if (!option || info->root->row->flags & VT_CLASS_ENGINE_APART || vt_object_is_inline(one->object)) {
        return true;
    }
    if (strcmp(info->name, "block-backend") == 0) {
        if (one->used || vt_object_has(one->object, "root")) {
            engine_argv_add(argv, vt_program_role(argv->program, VT_ROLE_DRIVES)->name, engine_argv_drive(argv, one));
        }
        return true;
    }
    creation = creation_of(argv, one);
    if (!engine_argv_hide_in_creation(argv, info, creation, error)) {
        json_object_put(creation);
        return false;
    }
    if (option->forms && json_object_object_get_ex(creation, "chardev", &chardev)) {
        text = g_strconcat("chardev:", json_object_get_string(chardev), NULL);
    } else {
        text = option->engine == VT_ENGINE_JSON ? vt_json_text(creation)
                                                : vt_command_line_argument(argv->line, option, creation, argv->ctx);
    }
    engine_argv_note(engine_argv_add(argv, option->name, text), one->object, one->values, NULL);
    json_object_put(creation);
    return true;
}

/* ---- ports --------------------------------------------------------------------------------------------- */

typedef struct Port {
    int64_t index;
    char *chardev;
} Port;

static void
clear_port(void *port)
{
    g_free(((Port *)port)->chardev);
}

static int
compare_ports(const void *a, const void *b)
{
    const Port *x = a, *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

static void
add_ports(EngineArgv *argv, const char *root)
{
    const VtOption *option = vt_program_creator(argv->program, root);
    g_autoptr(GArray) ports = g_array_new(FALSE, FALSE, sizeof(Port));
    int64_t next = 0;

    g_array_set_clear_func(ports, clear_port);
    for (guint i = 0; i < argv->objects->len; i++) {
        const VtObject *object = g_array_index(argv->objects, EngineObject, i).object;
        json_object *index, *chardev;
        Port port;

        if (strcmp(vt_object_class(object)->root->name, root) != 0) {
            continue;
        }
        index = vt_object_member(object, "index", VT_OUTPUT_GIVEN);
        chardev = vt_object_member(object, "chardev", VT_OUTPUT_GIVEN);
        port = (Port){json_object_get_int64(index), g_strdup(json_object_get_string(chardev))};
        g_array_append_val(ports, port);
        json_object_put(index);
        json_object_put(chardev);
    }
    g_array_sort(ports, compare_ports);
    for (guint i = 0; i < ports->len; i++) {
        const Port *port = &g_array_index(ports, Port, i);

        for (; next < port->index; next++) {
            engine_argv_add(argv, option->name, g_strdup("none"));
        }
        engine_argv_add(argv, option->name, g_strconcat("chardev:", port->chardev, NULL));
        next = port->index + 1;
    }
}

void
engine_argv_add_ports(EngineArgv *argv)
{
    add_ports(argv, "board-serial");
    add_ports(argv, "board-parallel");
}
