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

static json_object *
option_info(const VtSchema *schema, const VtOption *option)
{
    json_object *info = json_object_new_object(), *parameters = json_object_new_array();

    if (option->type && vt_schema_type(schema, option->type)->kind == VT_TYPE_STRUCT) {
        add_parameters(schema, option->type, parameters);
    }
    vt_json_add_text(info, "option", option->name);
    json_object_object_add(info, "parameters", parameters);
    return info;
}

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

bool
vt_qmp_query_command_line_options(VtMonitor *monitor, const VtQObjQueryCommandLineOptionsArg *arg,
                                  VtCommandLineOptionInfoList *ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    const VtProgram *program = service->program;
    json_object *list = json_object_new_array();

    (void)ret;
    for (uint32_t i = 0; i < program->n_options; i++) {
        if (!arg->option || strcmp(arg->option, program->options[i].name) == 0) {
            json_object_array_add(list,
                                  option_info(vt_context_schema(vt_vm_context(service->vm)), &program->options[i]));
        }
    }
    if (service->relay && !add_options_of_engine(service, &list, error)) {
        json_object_put(list);
        return false;
    }
    if (arg->option && !json_object_array_length(list)) {
        json_object_put(list);
        return vt_error_set(error, "invalid option name: %s", arg->option);
    }
    vt_monitor_answer(monitor, list);
    return true;
}
