/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for machines and the target.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/output.h"
#include "vt-runtime/vendor-machine.h"

/* Returns the value of a machine member in @ctx, whose machine is of class @info. */
static const void *
machine_field(VtContext *ctx, const VtClassInfo *info, const char *name, const VtProp **ret_prop)
{
    const VtProp *prop = vt_class_prop(info, name, strlen(name));
    const VtImage *image = prop ? vt_context_image(ctx, info) : NULL;

    *ret_prop = prop;
    return image ? (const char *)image->data + prop->offset : NULL;
}

static uint64_t
machine_uint(VtContext *ctx, const VtClassInfo *info, const char *name, uint64_t fallback)
{
    const VtProp *prop;
    const void *field = machine_field(ctx, info, name, &prop);

    return field ? vt_field_get_uint(info->schema, prop->layer, prop->row, field) : fallback;
}

static const char *
machine_str(VtContext *ctx, const VtClassInfo *info, const char *name)
{
    const VtProp *prop;
    char *const *field = machine_field(ctx, info, name, &prop);

    return field ? *field : NULL;
}

/* Returns the default CPU class if the target supports it, or NULL. */
static const char *
default_cpu(VtContext *ctx, const VtClassInfo *info)
{
    const char *name = machine_str(ctx, info, "default-cpu-type");
    const VtClassInfo *cpu = name ? vt_schema_class(info->schema, name) : NULL;

    return cpu && (!cpu->row->targets || (cpu->row->targets & vt_context_target(ctx))) ? cpu->name : NULL;
}

/* ---- machines ------------------------------------------------------------------------------------------ */

typedef struct Listing {
    VtContext *running;
    const char *default_machine; /* a name or alias; NULL: none */
    VtContext *base;             /* whose defaults are those without compat properties */
    VtCompatProps *compat;       /* NULL: not requested */
    GString *text;               /* of the reply */
    bool added;                  /* only what was added to the program at run time */
} Listing;

/* The context of the running VM with another machine. */
static VtContext *
context_of(const Listing *listing, const VtMachineName *machine)
{
    const VtSchema *schema = vt_context_schema(listing->running);
    uint16_t version = vt_platform_version(vt_context_platform(listing->running));
    VtPlatform *platform = vt_platform_new(schema, version, NULL, NULL);
    VtContext *ctx;

    ctx = vt_context_new(schema, platform, machine, vt_context_target(listing->running), NULL);
    vt_context_add_vendor_defaults(ctx);
    return ctx;
}

/* Appends @row to the reply and frees it.  compat-props is the last member, and appended as text because it is long. */
static void
append_row(const Listing *listing, const VtContext *ctx, json_object *row)
{
    GString *text = listing->text;

    g_string_append(text, text->len > 1 ? "," : "");
    vt_json_append(text, row);
    json_object_put(row);
    if (listing->compat) {
        g_string_truncate(text, text->len - 1);
        g_string_append(text, ",\"compat-props\":");
        vt_compat_props_append(listing->compat, ctx, text);
        g_string_append_c(text, '}');
    }
}

/* @alias: may be NULL. */
static void
add_machine(const Listing *listing, const VtMachineName *machine, const char *alias)
{
    const VtClassInfo *info = machine->family;
    g_autoptr(VtContext) ctx = context_of(listing, machine);
    json_object *row = json_object_new_object();
    const char *cpu = default_cpu(ctx, info), *ram = machine_str(ctx, info, "default-ram-id"), *why;
    VtLifeStage stage;
    VtLife life;

    vt_json_add_text(row, "name", machine->name);
    if (alias) {
        vt_json_add_text(row, "alias", alias);
    }
    if (listing->default_machine &&
        (g_strcmp0(alias, listing->default_machine) == 0 || strcmp(machine->name, listing->default_machine) == 0)) {
        vt_json_add_bool(row, "is-default", true);
    }
    json_object_object_add(row, "cpu-max", json_object_new_uint64(machine_uint(ctx, info, "smp-max-cpus", 1)));
    vt_json_add_bool(row, "hotpluggable-cpus", machine_uint(ctx, info, "hotpluggable-cpus", 0));
    vt_json_add_bool(row, "numa-mem-supported", machine_uint(ctx, info, "numa-mem-supported", 0));
    vt_machine_life(info, machine->version, &life, &why);
    stage = vt_life_stage(&life, vt_context_release(listing->running));
    /* A removed machine is listed as long as it can be configured. */
    vt_json_add_bool(row, "deprecated", stage == VT_LIFE_DEPRECATED || stage == VT_LIFE_REMOVED);
    if (cpu) {
        vt_json_add_text(row, "default-cpu-type", cpu);
    }
    if (ram) {
        vt_json_add_text(row, "default-ram-id", ram);
    }
    vt_json_add_bool(row, "acpi", vt_class_prop(info, "acpi", strlen("acpi")) != NULL);
    append_row(listing, ctx, row);
}

static void
add_built_in(const Listing *listing, const VtClassInfo *info)
{
    const VtSchema *schema = info->schema;
    const VtMachine *machine = info->machine;
    const VtAlias *first = vt_alias_next(info->layer, info->row->id, 0, NULL);
    const char *alias = first ? vt_str(info->layer, first->name) : NULL;
    uint16_t version = (uint16_t)vt_schema_n_versions(schema, VT_AXIS_MACHINE);

    if (!machine->from) {
        g_autofree char *tag = g_strdup(info->tag);
        const VtMachineName name = {info, version, tag};

        add_machine(listing, &name, alias);
        return;
    }
    /* The alias names the newest version. */
    for (; version >= machine->from; version--) {
        g_autofree char *full = vt_machine_version_name(info, version);
        const VtMachineName name = {info, version, full};

        if (!vt_machine_has_version(info, version)) {
            continue;
        }
        add_machine(listing, &name, alias);
        alias = NULL;
    }
}

/* The machines of the family, and those that were added to it. */
static void
add_family(const Listing *listing, const VtClassInfo *info)
{
    if (!listing->added) {
        add_built_in(listing, info);
    }
    for (const VtVendorMachine *vendor = NULL; (vendor = vt_vendor_machine_next(info->schema, info, vendor));) {
        const VtMachineName name = {info, vendor->version, vendor->name, vendor};

        add_machine(listing, &name, vendor->alias);
    }
}

/* An engine lists its machines; it knows none of those that were added here. */
bool
vt_qmp_query_machines(VtMonitor *monitor, const VtQObjQueryMachinesArg *arg, VtMachineInfoList *ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    VtContext *ctx = vt_vm_context(service->vm);
    Listing listing = {.running = ctx,
                       .default_machine = vt_machine_default(vt_context_schema(ctx), vt_context_target(ctx)),
                       .text = g_string_new(NULL),
                       .added = service->relay};
    const VtSchema *schema = vt_context_schema(ctx);
    const VtLayer *layer;
    const VtClass *class;

    (void)ret;
    if (!vt_monitor_begin_list(monitor, listing.text, error)) {
        g_string_free(listing.text, TRUE);
        return false;
    }
    if (arg->compat_props && !(vt_service_output_flags(vt_monitor_service(monitor)) & VT_OUTPUT_NO_UNSTABLE)) {
        VtMachineName none;

        /* No default is for this machine alone. */
        if (!vt_machine_find(schema, "none", &none, NULL)) {
            g_assert_not_reached();
        }
        listing.base = context_of(&listing, &none);
        listing.compat = vt_compat_props_new(listing.base);
        vt_machine_name_clear(&none);
    }
    for (class = vt_schema_class_from(schema, 0, &layer); class;
         class = vt_schema_class_from(schema, class->id + 1, &layer)) {
        bool has_target = !class->targets || (class->targets & vt_context_target(ctx));

        if (class->layer == VT_CLASS_MACHINE && has_target && !(class->flags & VT_CLASS_ABSTRACT)) {
            const VtClassInfo *info = vt_schema_class_by_id(schema, class->id);

            if (info->machine) {
                add_family(&listing, info);
            }
        }
    }
    g_string_append_c(listing.text, ']');
    vt_compat_props_free(listing.compat);
    vt_context_free(listing.base);
    vt_monitor_answer_text(monitor, g_string_free(listing.text, FALSE));
    return true;
}

bool
vt_qmp_query_target(VtMonitor *monitor, VtQemuTargetInfo *ret, GError **error)
{
    json_object *info = json_object_new_object();

    (void)ret;
    (void)error;
    vt_json_add_text(info, "arch", vt_target_name(vt_context_target(vt_vm_context(vt_monitor_service(monitor)->vm))));
    vt_monitor_answer(monitor, info);
    return true;
}
