/* SPDX-License-Identifier: MIT */
#include "vt-engine/argv.h"

#include <string.h>

#include <json-c/json.h>

#include "argv-private.h"
#include "vt-runtime/json.h"

static void
clear_argument(void *opaque)
{
    VtEngineArgument *argument = opaque;

    g_free(argument->option);
    g_free(argument->text);
    g_array_unref(argument->notes);
}

static void
clear_object(void *opaque)
{
    g_clear_pointer(&((EngineObject *)opaque)->values, g_array_unref);
}

static EngineObject *
find_object(EngineArgv *argv, const VtObject *object)
{
    for (guint i = 0; i < argv->objects->len; i++) {
        EngineObject *one = &g_array_index(argv->objects, EngineObject, i);

        if (one->object == object) {
            return one;
        }
    }
    return NULL;
}

/* Marks the objects that @user refers to by id. */
static void
mark_used(EngineArgv *argv, const VtObject *user)
{
    const VtClassInfo *info = vt_object_class(user);
    const VtConfig *config = vt_object_full_config(user);

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        const VtRef *ref = vt_config_field(config, prop);
        EngineObject *target;

        if (prop->row->kind != VT_KIND_REF || prop->row->flags & (VT_ROW_LIST | VT_ROW_BOXED) || !ref->target) {
            continue;
        }
        target = find_object(argv, ref->target);
        if (target) {
            target->used = true;
            if (strcmp(info->root->name, "board-drive") == 0) {
                target->slot = user;
            }
        }
    }
}

/* Finds what is stated of each object. */
static bool
collect(EngineArgv *argv, GError **error)
{
    g_autoptr(GPtrArray) objects = vt_vm_in_order(argv->vm);

    for (guint i = 0; i < objects->len; i++) {
        EngineObject one = {.object = objects->pdata[i]};

        if (argv->rules->keeps && argv->rules->keeps(one.object, argv->rules->opaque)) {
            continue;
        }
        one.values = vt_engine_pin(argv->terms, one.object, error);
        if (!one.values) {
            return false;
        }
        g_array_append_val(argv->objects, one);
    }
    for (guint i = 0; i < argv->objects->len; i++) {
        mark_used(argv, g_array_index(argv->objects, EngineObject, i).object);
    }
    return true;
}

GArray *
vt_engine_argv(VtCommandLine *line, VtVm *vm, const VtEngineTerms *terms, const VtEngineArgvRules *rules,
               GError **error)
{
    EngineArgv argv = {.line = line,
                       .program = vt_command_line_program(line),
                       .vm = vm,
                       .ctx = vt_vm_context(vm),
                       .terms = terms,
                       .rules = rules,
                       .objects = g_array_new(FALSE, FALSE, sizeof(EngineObject)),
                       .arguments = g_array_new(FALSE, FALSE, sizeof(VtEngineArgument))};

    g_array_set_clear_func(argv.objects, clear_object);
    g_array_set_clear_func(argv.arguments, clear_argument);
    if (!collect(&argv, error)) {
        g_array_unref(argv.objects);
        g_array_unref(argv.arguments);
        return NULL;
    }
    engine_argv_add(&argv, "nodefaults", NULL);
    engine_argv_add(&argv, "no-user-config", NULL);
    if (vt_vm_machine(vm)) {
        engine_argv_add_machine(&argv, find_object(&argv, vt_vm_machine(vm)));
    }
    for (guint i = 0; i < argv.objects->len; i++) {
        if (!engine_argv_add_object(&argv, &g_array_index(argv.objects, EngineObject, i), error)) {
            g_array_unref(argv.objects);
            g_array_unref(argv.arguments);
            return NULL;
        }
    }
    engine_argv_add_ports(&argv);
    engine_argv_add_options(&argv);
    g_array_unref(argv.objects);
    return argv.arguments;
}

char **
vt_engine_argv_words(const VtEngineTerms *terms, const GArray *arguments)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();

    g_strv_builder_add(words, vt_engine_info_binary(terms->info));
    for (guint i = 0; i < arguments->len; i++) {
        const VtEngineArgument *argument = &g_array_index(arguments, VtEngineArgument, i);

        g_strv_builder_add(words, argument->option);
        if (argument->text) {
            g_strv_builder_add(words, argument->text);
        }
    }
    return g_strv_builder_end(words);
}
