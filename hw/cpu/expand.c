/* SPDX-License-Identifier: MIT */
/*
 * query-cpu-model-expansion: the properties of a CPU model, as the accelerator and the machine settle them.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/hw.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/options.h"
#include "x86.h"

#define WHERE "query-cpu-model-expansion: model"

typedef struct Expansion {
    VtMonitor *monitor;
    VtCpuModelExpansionType type;
    const VtCpuModelInfo *model;
    uint16_t target;
} Expansion;

/* Plans a CPU of the model in @aside. */
static VtObject *
plan(const Expansion *expansion, VtVm *aside, GError **error)
{
    const VtService *service = vt_monitor_service(expansion->monitor);
    const VtClassInfo *info = vt_program_find_model(service->program, vt_vm_context(service->vm), WHERE ".name",
                                                    expansion->model->name, error);
    VtCreation creation = {.root = info ? info->root : NULL, .class = info, .made = true, .where = WHERE ".props"};
    g_autoptr(GPtrArray) planned = NULL;
    json_object *props = expansion->model->props ? json_object_get(expansion->model->props) : json_object_new_object();

    if (info && !json_object_is_type(props, json_type_object)) {
        info = NULL;
        vt_error_set(error, WHERE ".props: expected an object");
    }
    creation.input = info ? vt_input_new_object(props, creation.where) : NULL;
    json_object_put(props);
    return info && vt_vm_plan(aside, &creation, 1, &planned, error) ? g_ptr_array_index(planned, planned->len - 1)
                                                                    : NULL;
}

/* Whether the settled value counts: what one feature needs of another, and the levels that features raise. */
static bool
is_settled(const VtObject *cpu, const VtProp *prop)
{
    return g_str_has_prefix(prop->name, "vmx-") || strstr(prop->name, "level") ||
           (prop->row->kind == VT_KIND_BOOL && vt_object_is_a(cpu, "max-x86_64-cpu"));
}

/* A model is described as it is configured: what the accelerator lacks is not cleared. */
static void
add_value(const VtObject *cpu, const VtProp *prop, const char *name, json_object *props)
{
    json_object *configured = NULL, *settled = NULL, *value;

    vt_object_values(cpu, prop, 0, &configured, &settled);
    value = is_settled(cpu, prop) ? settled : configured;
    if (value) {
        json_object_object_add(props, name, json_object_get(value));
    } else if (prop->row->kind == VT_KIND_STR) {
        vt_json_add_text(props, name, "");
    }
    json_object_put(configured);
    json_object_put(settled);
}

static void
add_named(const VtObject *cpu, const char *name, json_object *props)
{
    const VtProp *prop = vt_class_prop(vt_object_class(cpu), name, strlen(name));

    if (prop) {
        add_value(cpu, prop, name, props);
    }
}

/* What the model 'base' lacks: its identity, and each feature of CPUID. */
static void
add_static(const VtObject *cpu, json_object *props)
{
    static const char *const identity[] = {"min-level", "min-xlevel", "family", "model",
                                           "stepping",  "model-id",   "vendor", "lmce"};
    const VtClassInfo *info = vt_object_class(cpu);

    for (size_t i = 0; i < G_N_ELEMENTS(identity); i++) {
        add_named(cpu, identity[i], props);
    }
    for (const char *const *name = x86_msr_features; *name; name++) {
        add_named(cpu, *name, props);
    }
    for (size_t i = 0; i < x86_n_words; i++) {
        for (unsigned bit = 0; bit < G_N_ELEMENTS(x86_words[i].bits); bit++) {
            if (x86_words[i].bits[bit]) {
                add_named(cpu, x86_words[i].bits[bit], props);
            }
        }
    }
    for (size_t i = 0; i < info->n_props; i++) {
        if (info->props[i].row->kind == VT_KIND_BOOL && g_str_has_prefix(info->props[i].name, "vmx-")) {
            add_value(cpu, &info->props[i], info->props[i].name, props);
        }
    }
}

/* All that a user can set of a CPU. */
static void
add_all(const VtObject *cpu, json_object *props)
{
    const VtClassInfo *info = vt_object_class(cpu);

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];

        if (!prop->hidden && !(prop->row->flags & VT_ROW_IF_OFF) && prop->owner->parent &&
            !(prop->cold->features & VT_FEATURE_READ_ONLY)) {
            add_value(cpu, prop, prop->name, props);
        }
    }
}

/* Features of Arm CPUs whose support differs between hosts. */
static void
add_arm(const VtObject *cpu, json_object *props)
{
    static const char *const names[] = {"aarch64",        "pmu",   "sve",         "kvm-no-adjvtime",
                                        "kvm-steal-time", "pauth", "pauth-impdef"};
    const VtClassInfo *info = vt_object_class(cpu);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        add_named(cpu, names[i], props);
    }
    for (size_t i = 0; i < info->n_props; i++) {
        const char *name = info->props[i].name;

        if (g_str_has_prefix(name, "sve") && g_ascii_isdigit(name[strlen("sve")])) {
            add_value(cpu, &info->props[i], info->props[i].name, props);
        }
    }
}

/* Adds the properties; returns the name of the model that they complete. */
static const char *
expand(const Expansion *expansion, const VtObject *cpu, json_object *props)
{
    bool x86 = expansion->target & (VT_TARGET_X86_64 | VT_TARGET_I386);

    if (expansion->target & (VT_TARGET_AARCH64 | VT_TARGET_ARM)) {
        add_arm(cpu, props);
    } else if (x86 && expansion->type == VT_CPU_MODEL_EXPANSION_TYPE_STATIC) {
        add_static(cpu, props);
        return "base";
    } else {
        add_all(cpu, props);
    }
    return expansion->model->name;
}

static bool
check_type(const Expansion *expansion, GError **error)
{
    bool x86 = expansion->target & (VT_TARGET_X86_64 | VT_TARGET_I386);

    return x86 || expansion->type == VT_CPU_MODEL_EXPANSION_TYPE_FULL ||
           vt_error_set(error, "type: 'static' is not supported on target %s; expected full",
                        vt_target_name(expansion->target));
}

bool
vt_qmp_query_cpu_model_expansion(VtMonitor *monitor, const VtQObjQueryCpuModelExpansionArg *arg,
                                 VtCpuModelExpansionInfo *ret, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    const Expansion expansion = {monitor, arg->type, &arg->model, vt_context_target(vt_vm_context(vm))};
    g_autoptr(VtVm) aside = vt_vm_new_aside(vm);
    json_object *answer, *model, *props;
    VtObject *cpu;

    (void)ret;
    if (!check_type(&expansion, error)) {
        return false;
    }
    cpu = plan(&expansion, aside, error);
    if (!cpu) {
        return false;
    }
    if (vt_object_is_a(cpu, "max-x86_64-cpu")) {
        /* No host is asked what KVM offers.  As QEMU without KVM, this is what TCG emulates. */
        x86_settle_emulated(cpu);
    }
    answer = json_object_new_object();
    model = json_object_new_object();
    props = json_object_new_object();
    vt_json_add_text(model, "name", expand(&expansion, cpu, props));
    json_object_object_add(model, "props", props);
    json_object_object_add(answer, "model", model);
    vt_monitor_answer(monitor, answer);
    return true;
}
