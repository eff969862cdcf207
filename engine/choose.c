/* SPDX-License-Identifier: MIT */
/*
 * The choice of the engine.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "engine-private.h"
#include "vt-runtime/config.h"
#include "vt-runtime/error.h"
#include "vt-runtime/role.h"

static bool
is_given(const VtObject *machine, const char *member)
{
    const VtProp *prop = vt_class_prop(vt_object_class(machine), member, strlen(member));

    return prop && vt_config_given(vt_object_full_config(machine), prop);
}

/* Whether a guest can run, or an object is of no use without one. */
static bool
wants_engine(const VtVm *vm)
{
    const VtObject *machine = vt_vm_machine(vm);
    const char *accel = vt_context_accel(vt_vm_context(vm));

    if (g_strcmp0(accel, "qtest") == 0 || !machine) {
        return false;
    }
    return is_given(machine, "kernel") || is_given(machine, "firmware") || vt_vm_without_full_model(vm);
}

/* The path of the binary, or NULL with @error. */
static char *
find_binary(const VtEngine *engine, const VtVm *vm, GError **error)
{
    const VtEngineOptions *options = engine->options;
    const VtOption *option = vt_program_role(engine->program, VT_ROLE_ENGINE);
    const char *target = vt_target_name(vt_context_target(vt_vm_context(vm)));
    g_autofree char *name = options->binary ? g_strdup(options->binary) : g_strconcat(VT_ENGINE_PREFIX, target, NULL);
    g_autofree char *path = strchr(name, '/') ? g_strdup(name) : g_find_program_in_path(name);

    if (!path) {
        vt_error_set(
            error, "-%s %s: '%s' is not in PATH; install QEMU for the target %s, or name it: -%s qemu,binary=PATH",
            option->name, options->engine == VT_ENGINE_CHOICE_QEMU ? "qemu" : "auto", name, target, option->name);
        return NULL;
    }
    if (access(path, X_OK) < 0) {
        vt_error_set(error, "-%s binary=%s: %s", option->name, path, g_strerror(errno));
        return NULL;
    }
    return g_steal_pointer(&path);
}

bool
vt_engine_choose(VtEngine *engine, const VtVm *vm, bool *ret_chosen, GError **error)
{
    bool must = engine->options->engine == VT_ENGINE_CHOICE_QEMU;

    *ret_chosen = false;
    if (engine->options->engine == VT_ENGINE_CHOICE_NONE || !(must || wants_engine(vm))) {
        return true;
    }
    engine->binary = find_binary(engine, vm, must || engine->options->binary ? error : NULL);
    *ret_chosen = engine->binary != NULL;
    return *ret_chosen || !(must || engine->options->binary);
}
