/* SPDX-License-Identifier: MIT */
/*
 * Dispatch: decodes the arguments of a request, calls the command's function, and encodes the reply.  All by the
 * program's table; a command has no code except its function.
 */
#include "monitor-private.h"

#include <string.h>

#include <json-c/json.h>

#include "monitor-event.h"
#include "monitor-request.h"
#include "qmp-version.h"
#include "text/room.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/named-descriptors.h"
#include "vt-runtime/output.h"
#include "vt-runtime/wipe.h"

#define NEGOTIATE   "qmp_capabilities"
#define COPIES      16     /* of a request, its error and its reply, that exist at a time */
#define END_OF_LINE "\r\n" /* line end that QMP clients expect */

/* The end of the greeting. */
#define CAPABILITIES(names) ", \"capabilities\": [" names "]}}" END_OF_LINE

static const VtSchema *
schema_of(const VtMonitor *monitor)
{
    return vt_context_schema(vt_vm_context(monitor->service->vm));
}

void
vt_monitor_append_json(GString *text, json_object *value)
{
    gsize from = text->len;

    vt_json_append(text, value);
    json_object_put(value);
    /* A path of the command line may have other bytes. */
    if (!g_utf8_validate(text->str + from, (gssize)(text->len - from), NULL)) {
        g_autofree char *valid = g_utf8_make_valid(text->str + from, (gssize)(text->len - from));

        g_string_truncate(text, from);
        g_string_append(text, valid);
    }
}

static void
append_id(GString *answer, VtSpan id)
{
    if (id.text) {
        g_string_append(answer, ", \"id\": ");
        g_string_append_len(answer, id.text, (gssize)id.len);
    }
    g_string_append(answer, "}" END_OF_LINE);
}

/* Appends ", MEMBER: VALUE" of each member. */
static void
append_members(GString *answer, json_object *members)
{
    json_object_object_foreach (members, name, value) {
        g_string_append_printf(answer, ", \"%s\": ", name);
        vt_monitor_append_json(answer, json_object_get(value));
    }
}

static void
append_failure(GString *answer, const char *class_name, const char *desc, json_object *data, VtSpan id)
{
    g_autofree char *valid = g_utf8_make_valid(desc, -1);

    g_string_append_printf(answer, "{\"error\": {\"class\": \"%s\", \"desc\": ", class_name);
    vt_monitor_append_json(answer, json_object_new_string(valid));
    if (data) {
        append_members(answer, data);
    }
    g_string_append_c(answer, '}');
    append_id(answer, id);
}

void
vt_monitor_append_error(GString *answer, const char *class_name, const char *desc, VtSpan id)
{
    append_failure(answer, class_name, desc, NULL, id);
}

void
vt_monitor_append_greeting(VtMonitor *monitor, GString *text)
{
    const VtService *service = monitor->service;
    VtQmpVersion version = vt_qmp_version(schema_of(monitor));

    /* A client uses the features of the program that runs the VM. */
    if (service->relay) {
        g_string_append(text, "{\"QMP\": {\"version\": ");
        vt_monitor_append_json(text, service->relay->version(service->engine));
        g_string_append(text, service->relay->oob(service->engine, false) ? CAPABILITIES("\"oob\"") : CAPABILITIES(""));
        return;
    }
    g_string_append_printf(text,
                           "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": %u, \"minor\": %u, \"major\": %u}, "
                           "\"package\": \"" VT_QMP_PACKAGE "\"}" CAPABILITIES("\"oob\""),
                           version.micro, version.minor, version.major);
}

void
vt_monitor_answer_text(VtMonitor *monitor, char *json)
{
    g_free(monitor->answer_text);
    monitor->answer_text = json;
}

bool
vt_monitor_begin_list(VtMonitor *monitor, GString *text, GError **error)
{
    const VtService *service = monitor->service;

    if (!service->relay) {
        g_string_assign(text, "[");
        return true;
    }
    if (!service->relay->run(service->engine, &service->running, text, error)) {
        return false;
    }
    if (!text->len || text->str[text->len - 1] != ']') {
        return vt_error_set(error, "the engine's answer is no list");
    }
    g_string_truncate(text, text->len - 1);
    return true;
}

void
vt_monitor_answer_constant(VtMonitor *monitor, const char *json, size_t len)
{
    VtSpan span = {json, len};

    if (!monitor->answer_constants) {
        monitor->answer_constants = g_array_new(FALSE, FALSE, sizeof span);
    }
    g_array_append_val(monitor->answer_constants, span);
}

void
vt_monitor_answer(VtMonitor *monitor, json_object *tree)
{
    json_object_put(monitor->answer_tree);
    monitor->answer_tree = tree;
}

const VtCommand *
vt_program_command(const VtProgram *program, const char *name)
{
    uint32_t low = 0, high = program->n_commands;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = strcmp(name, program->commands[middle].name);

        if (!order) {
            return &program->commands[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* Rejects arguments of a command without arguments. */
static bool
check_empty(const VtRequest *request, const char *name, GError **error)
{
    g_autoptr(VtInput) input = NULL;
    g_autoptr(GError) failure = NULL;
    json_object *tree;
    bool ok = true;

    if (!vt_request_has_arguments(request)) {
        return true;
    }
    input = vt_request_input(request, name);
    tree = vt_input_to_object(input, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    json_object_object_foreach (tree, key, value) {
        (void)value;
        ok = vt_error_set(error, "%s: %s: unknown member; the command takes no arguments", name, key);
        break;
    }
    json_object_put(tree);
    return ok;
}

/* Decodes the arguments into *ret_arg, the parameter of the command's function.  See clear_arg(). */
static bool
decode(VtMonitor *monitor, const VtCommand *command, const VtRequest *request, void **ret_arg, GError **error)
{
    const VtSchema *schema = schema_of(monitor);
    g_autoptr(VtInput) input = NULL;
    g_autofree void *arg = NULL;

    if (command->flags & VT_COMMAND_RAW) {
        input = vt_request_input(request, command->name);
        *ret_arg = vt_input_to_object(input, error);
        return *ret_arg != NULL;
    }
    if (!command->arg_type) {
        return check_empty(request, command->name, error);
    }
    input = vt_request_input(request, command->name);
    arg = g_malloc0(vt_schema_type(schema, command->arg_type)->size);
    if (!vt_input_visit_type(input, schema, vt_vm_context(monitor->service->vm), command->arg_type, arg, error)) {
        return false;
    }
    *ret_arg = g_steal_pointer(&arg);
    return true;
}

/* Rejects a command, or a member of its arguments, as the user set for deprecated and unstable names. */
static bool
check_life(const VtMonitor *monitor, const VtCommand *command, const void *arg, GError **error)
{
    const VtLifeCheck *life = monitor->service->life;

    if (!life) {
        return true;
    }
    if (!vt_life_check(life, &command->life, command->texts, command->name, "command", error) ||
        (command->flags & VT_COMMAND_UNSTABLE && !vt_life_check_unstable(life, command->name, "command", error))) {
        return false;
    }
    return command->flags & VT_COMMAND_RAW || !command->arg_type || !arg ||
           vt_struct_check_life(command->arg_type, arg, life, command->name, error);
}

static void
clear_arg(VtMonitor *monitor, const VtCommand *command, void *arg)
{
    if (command->flags & VT_COMMAND_RAW) {
        json_object_put(arg);
    } else if (arg) {
        vt_struct_clear(schema_of(monitor), command->arg_type, arg);
        g_free(arg);
    }
}

/* The return value of a command with a built-in return type.  Also the minimum size of other return values. */
typedef union Result {
    json_object *any;
    char *str;
    bool b;
    int64_t i;
    double d;
    VtList list;
    void *data;
} Result;

/* Encodes a return value of a built-in type as if it was a member of a struct, and clears it. */
static json_object *
output_plain(const VtSchema *schema, const VtCommand *command, Result *result, unsigned flags)
{
    VtRow row = {.kind = command->ret_kind, .type = command->ret_type};
    const VtLayer *layer = vt_schema_lowest(schema);
    json_object *value = vt_output_field(schema, layer, &row, result, flags);

    vt_field_clear(schema, layer, &row, result);
    return value;
}

static bool
run(VtMonitor *monitor, const VtCommand *command, void *arg, VtOutgoing *out, GError **error)
{
    const VtSchema *schema = schema_of(monitor);
    unsigned flags = vt_service_output_flags(monitor->service);
    GString *answer = out->text;
    Result result = {NULL};
    const VtType *type = command->ret_type ? vt_schema_type(schema, command->ret_type) : NULL;
    g_autofree void *data = type ? g_malloc0(MAX(type->size, sizeof result)) : NULL;

    if (!command->run(monitor, arg, data ? data : &result, error)) {
        json_object_put(g_steal_pointer(&monitor->answer_tree));
        return false;
    }
    if (monitor->answer_constants) {
        for (guint i = 0; i < monitor->answer_constants->len; i++) {
            vt_outgoing_add_constant(out, g_array_index(monitor->answer_constants, VtSpan, i));
        }
        g_clear_pointer(&monitor->answer_constants, g_array_unref);
    } else if (monitor->answer_text) {
        g_string_append(answer, monitor->answer_text);
        g_clear_pointer(&monitor->answer_text, g_free);
    } else if (monitor->answer_tree) {
        vt_monitor_append_json(answer, g_steal_pointer(&monitor->answer_tree));
    } else if (command->ret_kind == VT_KIND_NONE) {
        g_string_append(answer, "{}");
    } else if (command->ret_kind == VT_KIND_ANY) {
        vt_monitor_append_json(answer, *(json_object **)(data ? data : &result));
    } else if (type) {
        vt_monitor_append_json(answer, vt_output_type(schema, command->ret_type, data, flags));
        vt_struct_clear(schema, command->ret_type, data);
    } else {
        vt_monitor_append_json(answer, output_plain(schema, command, &result, flags));
    }
    return true;
}

static bool
create(VtMonitor *monitor, const VtCommand *command, VtRequest *request, VtOutgoing *answer, GError **error)
{
    VtService *service = monitor->service;
    const VtClassInfo *root = vt_schema_class(schema_of(monitor), command->root);
    GError *failure = NULL;
    VtObject *object;

    g_assert(root);
    /* Before the guest runs, added devices are not hot-plugged. */
    if (!vt_vm_create(service->vm, root, vt_request_input(request, command->name),
                      service->relay || service->state != VT_SERVICE_PRELAUNCH, &object, &failure)) {
        if (!command->run && service->preconfig &&
            service->preconfig->create(service->preconfig, root, command->name, vt_request_text(request))) {
            g_error_free(failure);
            g_string_append(answer->text, "{}");
            return true;
        }
        g_propagate_error(error, failure);
        return false;
    }
    if (service->relay && vt_object_runs_elsewhere(object)) {
        /* The answer of the engine. */
        return service->relay->run(service->engine, &service->running, answer->text, error);
    }
    if (command->run && !run(monitor, command, object, answer, error)) {
        return false;
    }
    if (service->preconfig) {
        service->preconfig->created(service->preconfig, root, command->name, vt_request_text(request));
    }
    if (!command->run) {
        g_string_append(answer->text, "{}");
    }
    return true;
}

/* Whether the engine runs the command.  @command: NULL if this program does not know it. */
static bool
is_relayed(const VtService *service, const VtCommand *command)
{
    return service->relay && !(command && command->flags & (VT_COMMAND_OWN | VT_COMMAND_CREATES));
}

static bool
call_command(VtMonitor *monitor, VtRequest *request, VtOutgoing *answer, bool *ret_silent, GError **error)
{
    VtService *service = monitor->service;
    const VtCommand *command = vt_program_command(service->program, request->name);
    void *arg = NULL;
    bool ok;

    if (service->relay) {
        service->running = (VtRelayed){request->name, vt_request_text(request), monitor->descriptors, request->oob};
        if (is_relayed(service, command)) {
            return service->relay->run(service->engine, &service->running, answer->text, error);
        }
        if (strcmp(request->name, NEGOTIATE) != 0 && !request->oob && !service->relay->turn(service->engine, error)) {
            return false;
        }
    }
    if (!command) {
        g_set_error(error, VT_ERROR, VT_ERROR_COMMAND_NOT_FOUND, "The command %s has not been found", request->name);
        return false;
    }
    if (request->oob && !(command->flags & VT_COMMAND_OOB)) {
        return vt_error_set(error, "The command %s does not support OOB", request->name);
    }
    if (service->preconfig && !(command->flags & VT_COMMAND_PRECONFIG)) {
        return vt_error_set(error, "The command %s is not permitted before the machine exists; send x-exit-preconfig",
                            request->name);
    }
    *ret_silent = command->flags & VT_COMMAND_NO_RESPONSE;
    if (command->flags & VT_COMMAND_CREATES) {
        return check_life(monitor, command, NULL, error) && create(monitor, command, request, answer, error);
    }
    if (!decode(monitor, command, request, &arg, error)) {
        return false;
    }
    ok = check_life(monitor, command, arg, error) && run(monitor, command, arg, answer, error);
    clear_arg(monitor, command, arg);
    return ok;
}

/* Runs a command of a client, or of a user. */
static bool
call(VtMonitor *monitor, VtRequest *request, VtOutgoing *answer, bool *ret_silent, GError **error)
{
    const void *former = vt_named_descriptors_enter(monitor);
    bool ok = call_command(monitor, request, answer, ret_silent, error);

    vt_named_descriptors_enter(former);
    return ok;
}

static bool
execute_request(VtMonitor *monitor, VtRequest *request, VtOutgoing *answer, bool *ret_silent, GError **error)
{
    bool negotiates = strcmp(request->name, NEGOTIATE) == 0;

    if (!monitor->negotiated && !negotiates) {
        g_set_error(error, VT_ERROR, VT_ERROR_COMMAND_NOT_FOUND,
                    "Expecting capabilities negotiation with '" NEGOTIATE "'");
        return false;
    }
    if (monitor->negotiated && negotiates) {
        g_set_error(error, VT_ERROR, VT_ERROR_COMMAND_NOT_FOUND,
                    "Capabilities negotiation is already complete, command ignored");
        return false;
    }
    if (request->oob && !monitor->oob) {
        return vt_error_set(error, "QMP input member 'exec-oob' is unexpected");
    }
    return call(monitor, request, answer, ret_silent, error);
}

/* The value that @func returns for a command; NULL on error. */
static json_object *
value_of(VtMonitor *monitor, const char *command, json_object *arguments,
         bool (*func)(VtMonitor *monitor, VtRequest *request, VtOutgoing *answer, bool *ret_silent, GError **error),
         GError **error)
{
    VtRequest request = {.arguments_tree = arguments};
    VtOutgoing answer;
    json_object *value = NULL;
    char *text;
    bool silent, ok;

    g_strlcpy(request.name, command, sizeof request.name);
    vt_outgoing_init(&answer);
    ok = func(monitor, &request, &answer, &silent, error);
    text = vt_outgoing_take(&answer, 0);
    if (ok) {
        value = vt_json_parse_private(text, strlen(text), command, error);
    }
    vt_wipe_str(text);
    vt_outgoing_clear(&answer);
    vt_wipe_str(request.arguments_text);
    return value;
}

json_object *
vt_monitor_call(VtMonitor *monitor, const char *command, json_object *arguments, GError **error)
{
    return value_of(monitor, command, arguments, call, error);
}

static bool
relay(VtMonitor *monitor, VtRequest *request, VtOutgoing *answer, bool *ret_silent, GError **error)
{
    VtService *service = monitor->service;

    (void)ret_silent;
    service->running = (VtRelayed){request->name, vt_request_text(request), monitor->descriptors, false};
    return service->relay->run(service->engine, &service->running, answer->text, error);
}

json_object *
vt_monitor_relay(VtMonitor *monitor, const char *command, json_object *arguments, GError **error)
{
    return value_of(monitor, command, arguments, relay, error);
}

static bool
check_room(size_t len, GError **error)
{
    return len <= VT_ROOM_SMALL || vt_room_has(COPIES * len) ||
           vt_error_set(error, "the host cannot allocate the memory for a request of %zu bytes", len);
}

bool
vt_monitor_execute(VtMonitor *monitor, const char *text, size_t len, VtOutgoing *answer)
{
    size_t start = answer->text->len;
    VtRequest request = {0};
    bool silent = false;
    size_t room = 2 * len + 1;
    char *plain = vt_json_double_quotes(text, len, &len);
    g_autoptr(GError) error = NULL;
    bool ok;

    if (monitor->language) {
        return monitor->language->execute(monitor, text, answer->text, NULL);
    }
    g_string_append(answer->text, "{\"return\": ");
    ok = check_room(len, &error) && vt_request_parse(&request, plain ? plain : text, len, &error) &&
         execute_request(monitor, &request, answer, &silent, &error);
    if (!ok) {
        g_string_truncate(answer->text, start);
        append_failure(answer->text, vt_error_class(error), error->message, vt_error_data(error), request.id);
    } else if (silent) {
        g_string_truncate(answer->text, start);
    } else {
        append_id(answer->text, request.id);
    }
    vt_request_clear(&request);
    vt_wipe_free(plain, room);
    return ok;
}
