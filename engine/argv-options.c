/* SPDX-License-Identifier: MIT */
/*
 * The machine, and options that create no object.
 */
#include <string.h>

#include <json-c/json.h>

#include "argv-private.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"
#include "vt-runtime/role.h"
#include "vt-runtime/setting.h"
#include "vt-runtime/vendor-machine.h"

/* ---- machine ------------------------------------------------------------------------------------------- */

/* The option of the program that stands for the member @name of the machine with @value. *@ret_value: its value, owned
 * by the caller. NULL: there is none. */
static const VtOption *
option_of_member(const EngineArgv *argv, const char *name, json_object *value, json_object **ret_value)
{
    const VtOption *found = NULL, *machine = vt_program_role(argv->program, VT_ROLE_MACHINE);
    json_object *members = json_object_new_object();

    json_object_object_add(members, name, json_object_get(value));
    for (uint32_t i = 0; !found && i < argv->program->n_options; i++) {
        const VtOption *option = &argv->program->options[i];

        *ret_value = option->type ? vt_option_before(option, machine->name, members) : NULL;
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
    const VtOption *option = vt_program_role(argv->program, VT_ROLE_MACHINE);
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
    text = g_strconcat(vt_machine_builtin_name(vt_context_machine(argv->ctx)), *rest ? "," : "", rest, NULL);
    argument = engine_argv_add(argv, option->name, g_steal_pointer(&text));
    for (guint i = 0; i < machine->values->len; i++) {
        const char *member = g_array_index(machine->values, VtEngineValue, i).prop->name;

        if (json_object_object_get_ex(settings, member, NULL)) {
            engine_argv_note(argument, machine->object, machine->values, member);
        }
    }
    for (guint i = 0; i < apart->len; i++) {
        const VtEngineValue *said = apart->pdata[i];
        json_object *value = NULL;
        const VtOption *own_option = option_of_member(argv, said->prop->name, said->value, &value);

        if (own_option) {
            char *own = json_object_is_type(value, json_type_object) ? vt_setting_text(value)
                                                                     : g_strdup(json_object_get_string(value));

            engine_argv_note(engine_argv_add(argv, own_option->name, own), machine->object, machine->values,
                             said->prop->name);
        }
        json_object_put(value);
    }
    json_object_put(settings);
}

void
engine_argv_add_fixed(EngineArgv *argv)
{
    for (uint32_t i = 0; i < argv->program->n_options; i++) {
        const VtOption *option = &argv->program->options[i];

        if (option->engine == VT_ENGINE_FIXED) {
            engine_argv_add(argv, option->name, NULL);
        }
    }
}

/* ---- options of the program ---------------------------------------------------------------------------- */

/* Takes ownership of @value. */
static void
add_words(EngineArgv *argv, const VtOption *option, json_object *value)
{
    json_object *config = json_object_new_object();
    g_autoptr(GPtrArray) words = NULL;

    json_object_object_add(config, option->name, value);
    words = vt_command_line_arguments(argv->line, config, option->engine == VT_ENGINE_JSON, NULL);
    json_object_put(config);
    for (guint i = 0; words && i < words->len; i++) {
        const char *name = (const char *)words->pdata[i] + 1;
        bool flag = option->flags & VT_OPTION_FLAG;

        engine_argv_add(argv, name, flag ? NULL : g_strdup(words->pdata[++i]));
    }
}

/* An option that the engine's release has and that another one replaces: it has the member @name of @newer with
 * @value.  *@ret_value: its own value, a new reference.  NULL: none. */
static const VtOption *
older_option(const EngineArgv *argv, const VtOption *newer, const char *name, json_object *value,
             json_object **ret_value)
{
    json_object *members = json_object_new_object();
    const VtOption *found = NULL;

    json_object_object_add(members, name, json_object_get(value));
    for (uint32_t i = 0; !found && i < argv->program->n_options; i++) {
        const VtOption *option = &argv->program->options[i];
        VtLifeStage stage = vt_life_stage(&option->life, argv->terms->release);

        if (!(option->flags & VT_OPTION_FLAG) && option->life.deprecated[0] && stage != VT_LIFE_FUTURE &&
            stage != VT_LIFE_REMOVED) {
            *ret_value = vt_option_before(option, newer->name, members);
            found = *ret_value ? option : NULL;
        }
    }
    json_object_put(members);
    return found;
}

/* The members of @value that the engine has under the same option.  Others have an older option, or none. */
static json_object *
without_others(EngineArgv *argv, const VtOption *option, json_object *value)
{
    json_object *rest = json_object_new_object();

    json_object_object_foreach (value, name, member) {
        json_object *own = NULL;
        const VtOption *older;

        if (g_strv_contains(option->engine_lacks, name)) {
            continue;
        }
        older = older_option(argv, option, name, member, &own);
        if (older) {
            add_words(argv, older, own);
        } else {
            json_object_object_add(rest, name, json_object_get(member));
        }
    }
    return rest;
}

static void
add_option(const VtOption *option, json_object *value, void *opaque)
{
    EngineArgv *argv = opaque;

    if (option->engine == VT_ENGINE_NEVER || option->engine == VT_ENGINE_FIXED ||
        (option->engine == VT_ENGINE_ALONE && !argv->rules->alone) || option->role == VT_ROLE_GLOBAL) {
        return;
    }
    if (argv->failed || !engine_argv_hide_in_option(argv, option, value, &argv->failed)) {
        return;
    }
    if (!option->engine_lacks) {
        add_words(argv, option, json_object_get(value));
        return;
    }
    value = without_others(argv, option, value);
    if (json_object_object_length(value)) {
        add_words(argv, option, value);
    } else {
        json_object_put(value);
    }
}

/* Objects have the values of -global already. Devices that are plugged later, and those of the board, do not. */
static void
add_globals(EngineArgv *argv)
{
    const VtOption *option = vt_program_role(argv->program, VT_ROLE_GLOBAL);
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
            engine_argv_add(argv, option->name,
                            g_strdup_printf("driver=%s,property=%s,value=%s", json_object_get_string(driver),
                                            json_object_get_string(property), json_object_get_string(value)));
        }
    }
    json_object_put(globals);
}

/* ---- the default monitor --------------------------------------------------------------------------------- */

static void
count_user(const VtOption *option, json_object *value, void *opaque)
{
    GHashTable *chardevs = opaque;

    if (option->default_chardevs) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            g_hash_table_add(chardevs, g_strdup(vt_json_member_text(json_object_array_get_idx(value, i), "chardev")));
        }
    }
}

/* The object of the engine with this id, if a monitor can use it. */
static bool
can_have_monitor(const EngineArgv *argv, const char *id)
{
    for (guint i = 0; i < argv->objects->len; i++) {
        const EngineObject *one = &g_array_index(argv->objects, EngineObject, i);

        if (strcmp(vt_object_class(one->object)->kind, "chardev") == 0 &&
            g_strcmp0(vt_object_id(one->object), id) == 0) {
            return !one->used || vt_object_is_a(one->object, "chardev-mux");
        }
    }
    return false;
}

/* The planner has made the default character devices of a VM without monitors. */
static void
add_default_monitor(EngineArgv *argv)
{
    g_autoptr(GHashTable) used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    vt_command_line_each_option(argv->line, VT_OUTPUT_GIVEN | VT_OUTPUT_NAMES, count_user, used);
    for (uint32_t i = 0; i < argv->program->n_options; i++) {
        const VtOption *option = &argv->program->options[i];

        for (const char *const *id = option->default_chardevs; id && *id; id++) {
            if (!g_hash_table_contains(used, *id) && can_have_monitor(argv, *id)) {
                engine_argv_add(argv, option->name, g_strdup_printf("%s,mode=readline", *id));
                return;
            }
        }
    }
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
    add_default_monitor(argv);
    return true;
}
