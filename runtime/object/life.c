/* SPDX-License-Identifier: MIT */
/*
 * Names of a VM that a release of QEMU does not have, or has deprecated.
 */
#include "object/object-private.h"
#include "vt-runtime/error.h"

typedef struct Check {
    const VtSchema *schema;
    uint16_t release;
    bool strict; /* a removed name is an error */
    GPtrArray *warnings;
    GError **error;
} Check;

/* Returns false if the release in force lacks the name. @what: "type 'e1000'". */
static bool
check_life(const Check *check, const VtLife *life, const char *why, const char *where, const char *what)
{
    const char *release = vt_schema_version_name(check->schema, VT_AXIS_RELEASE, check->release);
    VtLifeStage stage = vt_life_stage(life, check->release);
    bool removed = stage == VT_LIFE_REMOVED || (life && life->removed[0] && check->release >= life->removed[0]);
    g_autofree char *when = NULL;
    g_autofree char *text = NULL;

    if (stage == VT_LIFE_IN_USE || (stage == VT_LIFE_FUTURE && !check->strict)) {
        return true;
    }
    if (stage == VT_LIFE_FUTURE) {
        when = vt_life_span_text(check->schema, life->introduced);
        text = g_strdup_printf("%s: %s does not exist in release %s; expected %s or newer", where, what, release, when);
    } else {
        when = vt_life_span_text(check->schema, removed ? life->removed : life->deprecated);
        text = g_strdup_printf("%s: %s %s %s%s%s", where, what, removed ? "was removed in" : "is deprecated since",
                               when, why && why[0] ? ": " : "", why ? why : "");
    }
    if (check->strict && (stage == VT_LIFE_REMOVED || stage == VT_LIFE_FUTURE)) {
        return vt_error_set(check->error, "%s", text);
    }
    g_ptr_array_add(check->warnings, g_steal_pointer(&text));
    return true;
}

static const char *
why_of(const VtLayer *layer, const VtLife *life)
{
    return life ? vt_text(layer->texts, life->why) : NULL;
}

static bool
check_object(const Check *check, const VtObject *object, const char *key)
{
    const VtClassInfo *info = vt_object_class(object);
    g_autofree char *type = g_strdup_printf("type '%s'", info->tag);

    for (const VtClassInfo *class = info; class && !info->machine; class = class->parent) {
        const VtLife *life = vt_class_life(class);

        if (life) {
            if (!check_life(check, life, why_of(class->layer, life), key, type)) {
                return false;
            }
            break;
        }
    }
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        const VtLife *life = vt_prop_life(prop);
        g_autofree char *member = NULL;

        if (!life || prop->alias_of || !vt_config_given(object->config, prop)) {
            continue;
        }
        member = g_strdup_printf("member '%s'", prop->name);
        if (!check_life(check, life, why_of(prop->layer, life), key, member)) {
            return false;
        }
    }
    return true;
}

static bool
check_machine(const Check *check, const VtMachineName *machine)
{
    g_autofree char *what = g_strdup_printf("machine '%s'", machine->name);
    const char *why;
    VtLife life;

    vt_machine_life(machine->family, machine->version, &life, &why);
    return check_life(check, &life, why, "-machine", what);
}

/* Warns of each -global without an object that has its value. */
static void
check_globals(const VtVm *vm, GPtrArray *warnings)
{
    for (guint i = 0; i < vm->ctx->globals->len; i++) {
        const VtGlobal *global = vm->ctx->globals->pdata[i];

        if (!global->used) {
            g_ptr_array_add(warnings, g_strdup_printf("-global %s.%s: not used: the VM has no such object",
                                                      global->driver->name, global->prop->name));
        }
    }
}

bool
vt_vm_check_life(const VtVm *vm, bool strict, GPtrArray *warnings, GError **error)
{
    const VtMachineName *machine = vt_context_machine(vm->ctx);
    const Check check = {vm->schema, vt_context_release(vm->ctx), strict, warnings, error};
    g_autoptr(GArray) objects = vt_vm_objects(vm);

    check_globals(vm, warnings);
    if (!check.release) {
        return true; /* a schema without releases */
    }
    if (machine && !check_machine(&check, machine)) {
        return false;
    }
    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);

        if (!check_object(&check, entry->object, entry->key)) {
            return false;
        }
    }
    return true;
}
