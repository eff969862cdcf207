/* SPDX-License-Identifier: MIT */
/*
 * Runs a line: finds the command, reads its arguments, runs it, and shows the answer.
 */
#include "human-private.h"

#include <string.h>

#include <json-c/json.h>

#include "options/template.h"
#include "vt-runtime/error.h"
#include "vt-runtime/input.h"
#include "vt-runtime/json.h"
#include "vt-runtime/names.h"
#include "vt-runtime/options.h"

#define RELAYED "human-monitor-command" /* the command of the engine that runs a line */

/* A command in hand. */
typedef struct Run {
    VtMonitor *monitor;
    const VtHmp *command;
    json_object *arguments; /* as the user gave them */
    void *data;             /* the same, in the command's struct; NULL: it has none */
    GString *text;          /* what the user sees */
} Run;

/* Whether this program runs the command, also if an engine runs the VM. */
static bool
is_own(const VtProgram *program, const VtHmp *command)
{
    const VtCommand *runs = command->runs ? vt_program_command(program, command->runs) : NULL;

    return command->flags & VT_HMP_OWN || (!(command->flags & (VT_HMP_ENGINE | VT_HMP_RELAYED)) && runs &&
                                           runs->flags & (VT_COMMAND_OWN | VT_COMMAND_CREATES));
}

static void
append_unknown(GString *text, const VtProgram *program, uint16_t target, const char *name)
{
    g_autoptr(GArray) names = vt_names_new();
    const char *nearest;

    for (const VtHmp *command = NULL; (command = vt_human_next(program, target, command));) {
        vt_names_add(names, command->name);
    }
    nearest = vt_nearest(name, vt_names_list(names));
    g_string_append_printf(text, "unknown command: '%s'", name);
    g_string_append_printf(text, nearest ? "; did you mean '%s'?\n" : "\n", nearest);
}

/* The engine runs the line, and shows the answer. */
static bool
relay(VtMonitor *monitor, const VtRelayed *request, const char *line, GString *text, GError **error)
{
    json_object *arguments = request ? vt_json_parse(request->arguments.text, request->arguments.len, RELAYED, NULL)
                                     : json_object_new_object();
    json_object *answer;

    if (!request) {
        vt_json_add_text(arguments, "command-line", line);
    }
    answer = vt_monitor_relay(monitor, RELAYED, arguments, error);
    json_object_put(arguments);
    if (answer) {
        g_string_append(text, json_object_get_string(answer));
    }
    json_object_put(answer);
    return answer;
}

/* Decodes the arguments into the command's struct, which checks them. */
static bool
decode(Run *run, GError **error)
{
    const VtSchema *schema = vt_human_schema(run->monitor);
    g_autoptr(VtInput) input = NULL;

    if (!run->command->arg_type) {
        return true;
    }
    run->data = g_malloc0(vt_schema_type(schema, run->command->arg_type)->size);
    input = vt_input_new_object(run->arguments, run->command->name);
    if (!vt_input_visit_type(input, schema, NULL, run->command->arg_type, run->data, error)) {
        g_clear_pointer(&run->data, g_free);
        return false;
    }
    return true;
}

static void
clear(Run *run)
{
    if (run->data) {
        vt_struct_clear(vt_human_schema(run->monitor), run->command->arg_type, run->data);
        g_free(run->data);
    }
    json_object_put(run->arguments);
}

/* Runs a QMP command and shows the answer. */
static bool
call(Run *run, const char *name, json_object *arguments, GError **error)
{
    json_object *answer = vt_monitor_call(run->monitor, name, arguments, error);

    if (!answer) {
        return false;
    }
    vt_human_show(run->text, run->command->shows, answer);
    json_object_put(answer);
    return true;
}

/* The text of the argument that is a value of an option, and the option; NULL: the command has none. */
static const char *
option_text(const Run *run, const char **ret_option)
{
    for (unsigned i = 0; i < run->command->n_args; i++) {
        if (run->command->args[i].option) {
            *ret_option = run->command->args[i].option;
            return vt_json_member_text(run->arguments,
                                       vt_human_argument_name(vt_human_schema(run->monitor), run->command, i));
        }
    }
    return NULL;
}

/* Creates what the value of an option stands for. */
static bool
create(Run *run, const char *option, const char *text, GError **error)
{
    json_object *commands = vt_human_option(run->monitor, option, text, run->text, error);
    bool ok = commands;

    for (size_t i = 0; ok && i < json_object_array_length(commands); i++) {
        json_object *one = json_object_array_get_idx(commands, i);

        ok = call(run, vt_json_member_text(one, "execute"), json_object_object_get(one, "arguments"), error);
    }
    json_object_put(commands);
    return ok;
}

/* Adds what the value of an option stands for: objects of one kind alone. */
static bool
add_objects(const Run *run, const char *option, const char *text, GError **error)
{
    const VtService *service = vt_monitor_service(run->monitor);
    const VtClassInfo *root = vt_schema_class(vt_human_schema(run->monitor), run->command->adds);

    if (service->preconfig) {
        return vt_error_set(error, "%s: the machine does not exist yet", run->command->name);
    }
    if (!vt_option_add_objects(service->program, service->vm, option, text, root->kind, error)) {
        return false;
    }
    g_string_append(run->text, "OK\n");
    return true;
}

/* The arguments of the QMP command: those of the same names, or those that the template makes. */
static json_object *
arguments_of(const Run *run)
{
    VtTemplateScope scope = {.schema = vt_human_schema(run->monitor), .value = run->arguments};
    json_object *template, *filled;

    if (!run->command->arguments) {
        return json_object_get(run->arguments);
    }
    template = vt_json_parse(run->command->arguments, strlen(run->command->arguments), run->command->name, NULL);
    filled = vt_template_fill(&scope, template);
    json_object_put(template);
    return filled;
}

static bool
run_command(Run *run, GError **error)
{
    const VtHmp *command = run->command;
    const char *option = NULL, *text = option_text(run, &option);
    json_object *arguments;
    bool ok;

    if (command->run) {
        return command->run(run->monitor, run->data, run->text, error);
    }
    if (command->help_of) {
        return vt_human_option_help(run->monitor, command->help_of, run->text, error);
    }
    if (command->adds) {
        return add_objects(run, option, text, error);
    }
    if (command->flags & VT_HMP_ENGINE || !vt_program_command(vt_human_program(run->monitor), command->runs)) {
        return vt_error_set(error, "'%s' needs an engine, which runs the guest", command->name);
    }
    if (text) {
        return create(run, option, text, error);
    }
    arguments = arguments_of(run);
    ok = call(run, command->runs, arguments, error);
    json_object_put(arguments);
    return ok;
}

static bool
read_and_run(Run *run, const char *rest, GError **error)
{
    run->arguments = vt_human_arguments(vt_human_schema(run->monitor), run->command, rest, error);
    return run->arguments && decode(run, error) && run_command(run, error);
}

bool
vt_human_run(VtMonitor *monitor, const VtRelayed *request, const char *line, GString *text, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    uint16_t target = vt_context_target(vt_vm_context(service->vm));
    Run run = {.monitor = monitor, .text = text};
    g_autofree char *name = NULL;
    g_autoptr(GError) failure = NULL;
    gsize before = text->len;
    const char *rest;
    bool ok;

    run.command = vt_human_find(service->program, target, line, &rest, &name);
    if (!*name) {
        return true;
    }
    if (strcmp(name, VT_HUMAN_INFO) == 0) {
        return vt_human_help(monitor, VT_HUMAN_INFO, text);
    }
    if (service->relay && !(run.command && is_own(service->program, run.command))) {
        ok = relay(monitor, request, line, text, &failure);
    } else if (run.command) {
        ok = read_and_run(&run, rest, &failure);
        clear(&run);
    } else {
        append_unknown(text, service->program, target, name);
        return true;
    }
    if (!ok && vt_monitor_waits(monitor)) {
        g_string_truncate(text, before);
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (!ok) {
        g_string_append_printf(text, "Error: %s\n", failure->message);
    }
    return true;
}
