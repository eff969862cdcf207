/* SPDX-License-Identifier: MIT */
/*
 * The defaults of machine overlays: applies them to a context, and checks them when their file is read.
 */
#include "visit/vendor-private.h"

#include <string.h>

#include <json-c/json.h>

#include "resolve/context-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/input.h"
#include "vt-runtime/output.h"
#include "vt-runtime/vendor-machine.h"

static bool
add_default(VtContext *ctx, const VtVendorMachine *machine, size_t i, GError **error)
{
    const VtVendorDefault *one = &machine->defaults[i];
    const VtOverlaid overlaid = {VT_AXIS_MACHINE, machine->name, one->why};
    g_autofree char *where = g_strdup_printf("%s: defaults[%zu]", machine->where, i);

    return vt_context_add_global(ctx, one->driver, one->property, one->value, where, true, error) &&
           vt_context_set_overlaid(ctx, where, &overlaid, error);
}

/* Adds those of the base first: the later value counts. */
static void
add_defaults(VtContext *ctx, const VtVendorMachine *machine)
{
    if (machine->base) {
        add_defaults(ctx, machine->base);
    }
    for (size_t i = 0; i < machine->n_defaults; i++) {
        g_autoptr(GError) absent = NULL;

        /* Another target of the machine may lack the class. */
        if (!add_default(ctx, machine, i, &absent)) {
            g_assert(g_error_matches(absent, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND));
        }
    }
}

void
vt_context_add_vendor_defaults(VtContext *ctx)
{
    if (ctx->machine.vendor) {
        add_defaults(ctx, ctx->machine.vendor);
    }
}

/* ---- check ----------------------------------------------------------------------------------------------- */

static uint16_t
first_target(const VtClassInfo *family)
{
    unsigned targets = family->row->targets;

    return (uint16_t)(targets & -targets);
}

static VtContext *
context_new(const VtSchema *schema, const VtVendorMachine *machine, const VtVendorMachine *overlay)
{
    const VtMachineName name = {machine->family, machine->version, machine->name, overlay};
    VtPlatform *platform = vt_platform_new(schema, 0, NULL, NULL);

    vt_platform_forget_host(platform);
    return vt_context_new(schema, platform, &name, first_target(machine->family), NULL);
}

/* The default of @prop of @info in @ctx, a new reference; NULL: it is absent. */
static json_object *
default_value(VtContext *ctx, const VtClassInfo *info, const VtProp *prop)
{
    const char *data = vt_context_image(ctx, info)->data;

    return vt_is_present(data, prop->words, prop->n_words, prop->row->bit)
               ? vt_output_field(ctx->schema, prop->layer, prop->row, data + prop->offset, 0)
               : NULL;
}

static bool
check_differs(VtContext *before, VtContext *after, const VtVendorMachine *machine, size_t i, GError **error)
{
    const VtVendorDefault *one = &machine->defaults[i];
    const VtClassInfo *info = vt_schema_class(after->schema, one->driver);
    const VtProp *prop = vt_class_prop(info, one->property, strlen(one->property));
    json_object *old = default_value(before, info, prop), *new = default_value(after, info, prop);
    bool same = json_object_equal(old, new);

    json_object_put(old);
    json_object_put(new);
    return !same ||
           vt_error_set(error, "%s: defaults[%zu]: '%s' of %s.%s changes nothing: '%s' has it", machine->where, i,
                        one->value, one->driver, one->property, machine->base ? machine->base->name : machine->builtin);
}

static bool
check_once(const VtVendorMachine *machine, size_t i, GError **error)
{
    const VtVendorDefault *one = &machine->defaults[i];

    if (!one->why[0]) {
        return vt_error_set(error, "%s: defaults[%zu]: why: expected the reason, got an empty text", machine->where, i);
    }
    for (size_t k = 0; k < i; k++) {
        if (strcmp(machine->defaults[k].driver, one->driver) == 0 &&
            strcmp(machine->defaults[k].property, one->property) == 0) {
            return vt_error_set(error, "%s: defaults[%zu]: %s.%s is in defaults[%zu], too", machine->where, i,
                                one->driver, one->property, k);
        }
    }
    return true;
}

bool
vt_vendor_machine_check(const VtSchema *schema, const VtVendorMachine *machine, GError **error)
{
    g_autoptr(VtContext) before = context_new(schema, machine, machine->base);
    g_autoptr(VtContext) after = context_new(schema, machine, machine->base);

    vt_context_add_vendor_defaults(before);
    vt_context_add_vendor_defaults(after);
    for (size_t i = 0; i < machine->n_defaults; i++) {
        if (!check_once(machine, i, error) || !add_default(after, machine, i, error)) {
            return false;
        }
    }
    for (size_t i = 0; i < machine->n_defaults; i++) {
        if (!check_differs(before, after, machine, i, error)) {
            return false;
        }
    }
    return true;
}
