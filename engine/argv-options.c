/* SPDX-License-Identifier: MIT */
/*
 * The machine, and options that create no object.
 */
#include <string.h>

#include <json-c/json.h>

#include "argv-private.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"
#include "vt-runtime/setting.h"

/* ---- machine ------------------------------------------------------------------------------------------- */

/* The option of the program that stands for the member @name of the machine with @value. *@ret_value: its value, owned
 * by the caller. NULL: there is none. */
static const VtOption *
option_of_member(const EngineArgv *argv, const char *name, json_object *value, json_object **ret_value)
{
    json_object *members = json_object_new_object();
    const VtOption *found = NULL;

    json_object_object_add(members, name, json_object_get(value));
    for (uint32_t i = 0; !found && i < argv->program->n_options; i++) {
        const VtOption *option = &argv->program->options[i];

        *ret_value = option->type ? vt_option_before(option, "machine", members) : NULL;
        found = *ret_value ? option : NULL;
    }
    json_object_put(members);
    return found;
}

static bool
is_empty(json_object *value)
{
    return json_object_is_type(value, json_type_object) && !json_object_object_length(value);
}

void
engine_argv_add_machine(EngineArgv *argv, const EngineObject *machine)
{
    g_autofree char *name = vt_object_qom_type(machine->object), *text = NULL, *rest = NULL;
    const VtEngineType *type = vt_engine_info_type(argv->terms->info, name);
    json_object *settings = json_object_new_object();
    g_autoptr(GPtrArray) apart = g_ptr_array_new();
    VtEngineArgument *argument;

    for (guint i = 0; i < machine->values->len; i++) {
        const VtEngineValue *said = &g_array_index(machine->values, VtEngineValue, i);
        VtEngineProp prop;

        if (is_empty(said->value)) {
            continue;
        }
        if (type && vt_engine_type_prop(argv->terms->info, type, said->prop->name, &prop)) {
            json_object_object_add(settings, said->prop->name, json_object_get(said->value));
        } else {
            g_ptr_array_add(apart, &g_array_index(machine->values, VtEngineValue, i));
        }
    }
    rest = vt_setting_text(settings);
    text = g_strconcat(vt_context_machine(argv->ctx)->name, *rest ? "," : "", rest, NULL);
    argument = engine_argv_add(argv, "machine", g_steal_pointer(&text));
    for (guint i = 0; i < machine->values->len; i++) {
        const char *member = g_array_index(machine->values, VtEngineValue, i).prop->name;

        if (json_object_object_get_ex(settings, member, NULL)) {
            engine_argv_note(argument, machine->object, machine->values, member);
        }
    }
    for (guint i = 0; i < apart->len; i++) {
        const VtEngineValue *said = apart->pdata[i];
        json_object *value = NULL;
        const VtOption *option = option_of_member(argv, said->prop->name, said->value, &value);

        if (option) {
            char *own = json_object_is_type(value, json_type_object) ? vt_setting_text(value)
                                                                     : g_strdup(json_object_get_string(value));

            engine_argv_note(engine_argv_add(argv, option->name, own), machine->object, machine->values,
                             said->prop->name);
        }
        json_object_put(value);
    }
    json_object_put(settings);
}

/* ---- options of the program ---------------------------------------------------------------------------- */

static void
add_option(const VtOption *option, json_object *value, void *opaque)
{
    EngineArgv *argv = opaque;
    g_autoptr(GPtrArray) words = NULL;
    json_object *config;

    if (option->engine == VT_ENGINE_NEVER || (option->engine == VT_ENGINE_ALONE && !argv->rules->alone) ||
        option->role == VT_ROLE_GLOBAL) {
        return;
    }
    if (argv->failed || !engine_argv_hide_in_option(argv, option, value, &argv->failed)) {
        return;
    }
    config = json_object_new_object();
    json_object_object_add(config, option->name, json_object_get(value));
    words = vt_command_line_arguments(argv->line, config, option->engine == VT_ENGINE_JSON, NULL);
    json_object_put(config);
    for (guint i = 0; words && i < words->len; i++) {
        const char *name = (const char *)words->pdata[i] + 1;
        bool flag = option->flags & VT_OPTION_FLAG;

        engine_argv_add(argv, name, flag ? NULL : g_strdup(words->pdata[++i]));
    }
}

/* Objects have the values of -global already. Devices that are plugged later, and those of the board, do not. */
static void
add_globals(EngineArgv *argv)
{
    json_object *globals = vt_command_line_globals(argv->line);

    for (size_t i = 0; i < json_object_array_length(globals); i++) {
        json_object *one = json_object_array_get_idx(globals, i), *driver, *property, *value;
        const VtEngineType *type;
        VtEngineProp prop;

        json_object_object_get_ex(one, "driver", &driver);
        json_object_object_get_ex(one, "property", &property);
        json_object_object_get_ex(one, "value", &value);
        type = vt_engine_info_type(argv->terms->info, json_object_get_string(driver));
        if (type && (!vt_engine_type_is_known(type) ||
                     vt_engine_type_prop(argv->terms->info, type, json_object_get_string(property), &prop))) {
            engine_argv_add(argv, "global",
                            g_strdup_printf("driver=%s,property=%s,value=%s", json_object_get_string(driver),
                                            json_object_get_string(property), json_object_get_string(value)));
        }
    }
    json_object_put(globals);
}

bool
engine_argv_add_options(EngineArgv *argv, GError **error)
{
    vt_command_line_each_option(argv->line, VT_OUTPUT_GIVEN | VT_OUTPUT_NAMES, add_option, argv);
    if (argv->failed) {
        g_propagate_error(error, g_steal_pointer(&argv->failed));
        return false;
    }
    add_globals(argv);
    return true;
}
