/* SPDX-License-Identifier: MIT */
#include "vt-runtime/qapi.h"

#include <stdlib.h>
#include <string.h>

#include "vt-runtime/error.h"

struct VtVisitor {
    const VtProgram *program;
    VtInput *input; /* NULL: an output visitor */
    json_object *output;
};

const VtSchema *
vt_program_schema(const VtProgram *program)
{
    static GMutex lock;
    static struct Known {
        const VtProgram *program;
        const VtSchema *schema;
        struct Known *next;
    } * all;
    struct Known *known;

    g_mutex_lock(&lock);
    for (known = all; known && known->program != program; known = known->next) {
    }
    if (!known) {
        known = g_new(struct Known, 1);
        *known = (struct Known){program, vt_schema_new(program->layers), all};
        all = known;
    }
    g_mutex_unlock(&lock);
    return known->schema;
}

/* ---- visitors ---------------------------------------------------------------------------------------- */

VtVisitor *
vt_visitor_new_input(const VtProgram *program, VtInput *input)
{
    VtVisitor *visitor = g_new0(VtVisitor, 1);

    visitor->program = program;
    visitor->input = input;
    return visitor;
}

VtVisitor *
vt_visitor_new_output(const VtProgram *program)
{
    return vt_visitor_new_input(program, NULL);
}

json_object *
vt_visitor_output(VtVisitor *visitor)
{
    return json_object_get(visitor->output);
}

void
vt_visitor_free(VtVisitor *visitor)
{
    if (visitor) {
        vt_input_free(visitor->input);
        json_object_put(visitor->output);
        g_free(visitor);
    }
}

static bool
visited(bool ok, const char *name, GError **error)
{
    if (!ok && name) {
        g_prefix_error(error, "%s: ", name);
    }
    return ok;
}

bool
vt_qapi_visit(VtVisitor *visitor, const char *name, uint16_t type, void **obj, GError **error)
{
    const VtSchema *schema = vt_program_schema(visitor->program);
    g_autofree void *data = NULL;

    if (!visitor->input) {
        json_object_put(visitor->output);
        visitor->output = vt_output_type(schema, type, *obj, 0);
        return true;
    }
    *obj = NULL;
    data = g_malloc0(vt_schema_type(schema, type)->size);
    if (!visited(vt_input_visit_type(visitor->input, schema, NULL, type, data, error), name, error)) {
        return false;
    }
    *obj = g_steal_pointer(&data);
    return true;
}

bool
vt_qapi_visit_enum(VtVisitor *visitor, const char *name, uint16_t type, uint32_t *value, GError **error)
{
    const VtSchema *schema = vt_program_schema(visitor->program);
    const VtLayer *layer = vt_schema_type_layer(schema, type);
    VtRow row = {.kind = VT_KIND_ENUM, .type = type};

    if (!visitor->input) {
        json_object_put(visitor->output);
        visitor->output = vt_output_field(schema, layer, &row, value, 0);
        return true;
    }
    return visited(vt_input_visit_value(visitor->input, schema, NULL, layer, &row, value, error), name, error);
}

void
vt_qapi_free(const VtProgram *program, uint16_t type, void *obj)
{
    if (obj) {
        vt_struct_clear(vt_program_schema(program), type, obj);
        g_free(obj);
    }
}

/* ---- commands ---------------------------------------------------------------------------------------- */

static int
by_name(const void *name, const void *command)
{
    return strcmp(name, ((const VtCommand *)command)->name);
}

/* Sets *@ret_arg to the argument of the command's function; free it with free_arg(). */
static bool
decode_arguments(const VtSchema *schema, const VtCommand *command, json_object *args, void **ret_arg, GError **error)
{
    g_autoptr(VtInput) input = NULL;
    g_autofree void *data = NULL;

    if (command->flags & VT_COMMAND_RAW) {
        *ret_arg = args ? json_object_get(args) : json_object_new_object();
        return true;
    }
    if (!command->arg_type) {
        if (args && json_object_object_length(args)) {
            g_set_error(error, VT_ERROR, VT_ERROR_GENERIC, "%s: takes no arguments", command->name);
            return false;
        }
        return true;
    }
    input = args ? vt_input_new_object(args, command->name) : vt_input_new_json("{}", 2, command->name);
    data = g_malloc0(vt_schema_type(schema, command->arg_type)->size);
    if (!vt_input_visit_type(input, schema, NULL, command->arg_type, data, error)) {
        return false;
    }
    *ret_arg = g_steal_pointer(&data);
    return true;
}

static void
free_arg(const VtProgram *program, const VtCommand *command, void *arg)
{
    if (command->flags & VT_COMMAND_RAW) {
        json_object_put(arg);
    } else {
        vt_qapi_free(program, command->arg_type, arg);
    }
}

bool
vt_qapi_marshal(const VtProgram *program, const char *name, struct VtMonitor *monitor, json_object *args,
                json_object **ret_answer, GError **error)
{
    const VtSchema *schema = vt_program_schema(program);
    const VtCommand *command = bsearch(name, program->commands, program->n_commands, sizeof *command, by_name);
    /* Holds a built-in value, an enum or a list; a struct is in @data. */
    union {
        json_object *any;
        char *str;
        double number;
        uint64_t integer;
        VtList list;
    } plain = {NULL};
    const VtType *type;
    g_autofree void *data = NULL;
    void *arg = NULL;
    void *result;
    bool ok;

    g_assert(command);
    *ret_answer = NULL;
    if (!decode_arguments(schema, command, args, &arg, error)) {
        return false;
    }
    type = command->ret_type ? vt_schema_type(schema, command->ret_type) : NULL;
    data = type ? g_malloc0(MAX(type->size, sizeof plain)) : NULL;
    result = data ? data : &plain;
    ok = command->run(monitor, arg, result, error);
    free_arg(program, command, arg);
    if (!ok || command->ret_kind == VT_KIND_NONE) {
        return ok;
    }
    if (command->ret_kind == VT_KIND_ANY) {
        *ret_answer = plain.any;
    } else if (type && type->kind != VT_TYPE_ENUM) {
        *ret_answer = vt_output_type(schema, command->ret_type, data, 0);
        vt_struct_clear(schema, command->ret_type, data);
    } else {
        VtRow row = {.kind = command->ret_kind, .type = command->ret_type};
        const VtLayer *layer = vt_schema_lowest(schema);

        *ret_answer = vt_output_field(schema, layer, &row, result, 0);
        vt_field_clear(schema, layer, &row, result);
    }
    return true;
}
