/* SPDX-License-Identifier: MIT */
/*
 * query-command-line-options, from the option table.
 */
#include <string.h>

#include <json-c/json.h>

#include "qmp-merge.h"
#include "vt-gen/runtime.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/output.h"

static const char *
type_of(const VtSchema *schema, const VtRow *row)
{
    const VtLayer *layer;

    if (row->flags & VT_ROW_LIST) {
        return "string";
    }
    switch ((VtKind)row->kind) {
    case VT_KIND_BOOL:
        return "boolean";
    case VT_KIND_SIZE:
        return "size";
    case VT_KIND_SCALAR:
        /* A scalar with a codec is text. */
        layer = vt_schema_type_layer(schema, row->type);
        return layer->scalars[vt_schema_type(schema, row->type)->first].codec ? "string" : "number";
    case VT_KIND_INT8:
    case VT_KIND_INT16:
    case VT_KIND_INT32:
    case VT_KIND_INT64:
    case VT_KIND_UINT8:
    case VT_KIND_UINT16:
    case VT_KIND_UINT32:
    case VT_KIND_UINT64:
    case VT_KIND_NUMBER:
        return "number";
    default:
        return "string";
    }
}

/* Adds the members of a struct with their defaults. */
static void
add_parameters(const VtSchema *schema, uint16_t number, json_object *list)
{
    const VtLayer *layer = vt_schema_type_layer(schema, number);
    const VtType *type = vt_schema_type(schema, number);
    g_autofree char *data = g_malloc0(type->size);

    vt_struct_init(schema, NULL, number, data);
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];
        const VtCold *cold = &layer->colds[row->cold];
        json_object *info = json_object_new_object();

        vt_json_add_text(info, "name", vt_str(layer, row->name));
        vt_json_add_text(info, "type", type_of(schema, row));
        vt_json_add_text(info, "help", vt_text(layer->texts, cold->doc));
        if (cold->timeline) {
            g_autofree char *value = vt_output_text(schema, layer, row, data + row->offset);

            vt_json_add_text(info, "default", value);
        }
        json_object_array_add(list, info);
    }
    vt_struct_clear(schema, number, data);
}

/* ---- options that create objects ------------------------------------------------------------------------ */

#define CLASSES_MAX 64 /* options that create objects of more classes have no list of members */

static bool
is_created(const VtClass *row, const VtClass *root, uint16_t target)
{
    return row->root == root->id && row->name && !(row->flags & (VT_CLASS_ABSTRACT | VT_CLASS_IF_OFF)) &&
           (!row->targets || (row->targets & target));
}

static void
add_member(json_object *list, const char *name, const char *type, const char *help)
{
    json_object *info = json_object_new_object();

    vt_json_add_text(info, "name", name);
    vt_json_add_text(info, "type", type);
    if (help) {
        vt_json_add_text(info, "help", help);
    }
    json_object_array_add(list, info);
}

/* Adds the members that a user can set and @seen lacks.  Their defaults differ between classes.  Reads the tables: the
 * index of each class would stay in memory. */
static void
add_members(const VtSchema *schema, const VtLayer *home, const VtClass *class, GHashTable *seen, json_object *list)
{
    for (unsigned i = 0; i < class->n_segments; i++) {
        const VtSegment *segment = &home->segments[class->first_segment + i];
        const VtLayer *layer = vt_schema_type_layer(schema, segment->type);
        const VtType *type = vt_schema_type(schema, segment->type);

        for (unsigned at = 0; !segment->child && at < type->count; at++) {
            const VtRow *row = &layer->rows[type->first + at];
            const VtCold *cold = &layer->colds[row->cold];
            const char *name = vt_str(layer, row->name);

            if (!(row->flags & VT_ROW_IF_OFF) && !(cold->features & VT_FEATURES_NO_INPUT) &&
                g_hash_table_add(seen, g_strdup(name))) {
                add_member(list, name, type_of(schema, row), vt_text(layer->texts, cold->doc));
            }
        }
    }
}

static unsigned
n_classes(const VtSchema *schema, const VtClass *root, uint16_t target)
{
    const VtLayer *layer;
    unsigned n = 0;

    for (const VtClass *row = vt_schema_class_from(schema, 0, &layer); row && n <= CLASSES_MAX;
         row = vt_schema_class_from(schema, row->id + 1, &layer)) {
        n += is_created(row, root, target);
    }
    return n;
}

/* Adds the members of each class at or below @root that has the target. */
static void
add_classes(const VtSchema *schema, const VtClass *root, uint16_t target, GHashTable *seen, json_object *list)
{
    const VtLayer *layer;

    for (const VtClass *row = vt_schema_class_from(schema, 0, &layer); row;
         row = vt_schema_class_from(schema, row->id + 1, &layer)) {
        if (is_created(row, root, target)) {
            add_members(schema, layer, row, seen, list);
        }
    }
}

/* The members of all classes that the option creates, if these are few; of the machine, those of the running one. */
static json_object *
creation_members(const VtVm *vm, const VtClassInfo *root)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    uint16_t target = vt_context_target(vt_vm_context(vm));
    const VtClassInfo *machine = vt_class_is_machine(root) ? vt_object_class(vt_vm_machine(vm)) : NULL;
    json_object *list = json_object_new_array();
    GHashTable *seen;

    if (!machine && n_classes(schema, root->row, target) > CLASSES_MAX) {
        return list;
    }
    seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    add_member(list, vt_str(root->layer, root->row->tag_name), "string", NULL);
    if (machine) {
        add_members(schema, machine->layer, machine->row, seen, list);
    } else {
        add_classes(schema, root->row, target, seen, list);
    }
    g_hash_table_unref(seen);
    return list;
}

static json_object *
option_info(const VtVm *vm, const VtOption *option)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    json_object *info = json_object_new_object();
    json_object *parameters =
        option->root ? creation_members(vm, vt_schema_class(schema, option->root)) : json_object_new_array();

    if (!option->root && option->type && vt_schema_type(schema, option->type)->kind == VT_TYPE_STRUCT) {
        add_parameters(schema, option->type, parameters);
    }
    vt_json_add_text(info, "option", option->name);
    json_object_object_add(info, "parameters", parameters);
    return info;
}

/* ---- the command ---------------------------------------------------------------------------------------- */

/* Adds what the engine lists, which has names of its own for groups of keys.  An option that it does not list may be
 * one of this program.  Fails if the answer of the engine is not there yet. */
static bool
add_options_of_engine(const VtService *service, json_object **list, GError **error)
{
    g_autoptr(GString) value = g_string_new(NULL);
    g_autoptr(GError) refused = NULL;
    json_object *theirs;

    if (!service->relay->run(service->engine, &service->running, value, &refused)) {
        if (service->relay->answered(service->engine)) {
            return true;
        }
        g_propagate_error(error, g_steal_pointer(&refused));
        return false;
    }
    theirs = vt_json_parse(value->str, value->len, "the engine's answer", error);
    if (theirs) {
        vt_qmp_add_missing(theirs, *list, "option");
        json_object_put(*list);
        *list = theirs;
    }
    return theirs;
}

/* As text: a tree of all options would leave much memory with the allocator.  "[]" if there is no such option. */
static GString *
list_options(const VtService *service, const char *name)
{
    const VtProgram *program = service->program;
    GString *text = g_string_new("[");

    for (uint32_t i = 0; i < program->n_options; i++) {
        if (!name || strcmp(name, program->options[i].name) == 0) {
            json_object *info = option_info(service->vm, &program->options[i]);

            g_string_append(text, text->len > 1 ? "," : "");
            vt_json_append(text, info);
            json_object_put(info);
        }
    }
    return g_string_append_c(text, ']');
}

bool
vt_qmp_query_command_line_options(VtMonitor *monitor, const VtQObjQueryCommandLineOptionsArg *arg,
                                  VtCommandLineOptionInfoList *ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    g_autoptr(GString) text = list_options(service, arg->option);
    json_object *list = NULL;

    (void)ret;
    if (service->relay) {
        list = vt_json_parse(text->str, text->len, "the options", error);
        if (!list || !add_options_of_engine(service, &list, error)) {
            json_object_put(list);
            return false;
        }
    }
    if (arg->option && (list ? !json_object_array_length(list) : text->len == strlen("[]"))) {
        json_object_put(list);
        return vt_error_set(error, "invalid option name: %s", arg->option);
    }
    if (list) {
        vt_monitor_answer(monitor, list);
    } else {
        vt_monitor_answer_text(monitor, g_string_free(g_steal_pointer(&text), FALSE));
    }
    return true;
}
