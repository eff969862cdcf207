/* SPDX-License-Identifier: MIT */
#include "vt-engine/argv.h"

#include <string.h>

#include <json-c/json.h>

#include "argv-private.h"
#include "served.h"
#include "vt-runtime/error.h"
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
    EngineObject *one = opaque;

    g_clear_pointer(&one->values, g_array_unref);
    g_clear_pointer(&one->creation, json_object_put);
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

/* This process has @target, so that @user, which the engine has, cannot use it. */
static bool
refuse_target(const VtObject *user, const VtProp *prop, const VtObject *target, GError **error)
{
    g_autofree char *title = vt_object_title(user), *other = vt_object_title(target);

    return vt_error_set(error, "%s: %s: the engine cannot use %s, which this process has", title, prop->name, other);
}

static bool
keeps(const EngineArgv *argv, const VtObject *object)
{
    return argv->rules->keeps && argv->rules->keeps(object, argv->rules->opaque);
}

/* Marks the objects that @user refers to by id. */
static bool
mark_used(EngineArgv *argv, const VtObject *user, GError **error)
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
        } else if (keeps(argv, ref->target)) {
            return refuse_target(user, prop, ref->target, error);
        }
    }
    return true;
}

/* Serves the object, so that the engine gets another one in its place. */
static bool
serve_object(const EngineArgv *argv, EngineObject *one, GError **error)
{
    g_autofree char *title = vt_object_title(one->object), *socket = NULL;

    if (!argv->rules->serve) {
        return vt_error_set(error, "%s: only vintage-vm serves it to an engine", title);
    }
    if (vt_object_is_inline(one->object)) {
        return vt_error_set(error, "%s: cannot be served inside another object; define it with its own option", title);
    }
    socket = argv->rules->serve(one->object, argv->rules->opaque, error);
    one->creation = socket ? engine_stand_in(one->object, socket) : NULL;
    return socket;
}

/* Finds what is stated of each object. */
static bool
collect(EngineArgv *argv, GError **error)
{
    g_autoptr(GPtrArray) objects = vt_vm_in_order(argv->vm);

    for (guint i = 0; i < objects->len; i++) {
        EngineObject one = {.object = objects->pdata[i]};

        if (engine_is_served(one.object)) {
            if (!serve_object(argv, &one, error)) {
                return false;
            }
        } else if (keeps(argv, one.object)) {
            continue;
        } else {
            one.values = vt_engine_pin(argv->terms, one.object, error);
            if (!one.values) {
                return false;
            }
        }
        g_array_append_val(argv->objects, one);
    }
    for (guint i = 0; i < argv->objects->len; i++) {
        const EngineObject *one = &g_array_index(argv->objects, EngineObject, i);

        if (!one->creation && !mark_used(argv, one->object, error)) {
            return false;
        }
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
    bool ok;

    g_array_set_clear_func(argv.objects, clear_object);
    g_array_set_clear_func(argv.arguments, clear_argument);
    if (!collect(&argv, error)) {
        g_array_unref(argv.objects);
        g_array_unref(argv.arguments);
        return NULL;
    }
    engine_argv_add_fixed(&argv);
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
    ok = engine_argv_add_options(&argv, error);
    g_array_unref(argv.objects);
    if (!ok) {
        g_array_unref(argv.arguments);
    }
    return ok ? argv.arguments : NULL;
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
