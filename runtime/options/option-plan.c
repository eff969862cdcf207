/* SPDX-License-Identifier: MIT */
/*
 * Plans a command line: in its own context, in another context, or with the platform version that this host supports.
 */
#include "frozen-file.h"
#include "option-late.h"

#include <string.h>

#include "object/frozen-private.h"
#include "vt-runtime/error.h"

static const char *
pick(const char *override, const VtCommandLine *line, VtRole role)
{
    return override ? override : vt_command_line_str(line, role);
}

/* The version that the user pins, or NULL. */
static const char *
pin_of(const VtCommandLine *line, const VtOverrides *overrides)
{
    const char *name = pick(overrides ? overrides->platform_version : NULL, line, VT_ROLE_PLATFORM_VERSION);

    return vt_platform_is_chosen(name) ? NULL : name;
}

/* Finds the release in force; 0: none is given. */
static bool
find_release(const VtCommandLine *line, const VtOverrides *overrides, uint16_t *ret_release, GError **error)
{
    const VtSchema *schema = line->schema;
    const char *name = overrides && overrides->release ? overrides->release : line->default_release;
    size_t n = vt_schema_n_versions(schema, VT_AXIS_RELEASE);

    *ret_release = name ? vt_schema_version(schema, VT_AXIS_RELEASE, name) : 0;
    if (name && !*ret_release) {
        return vt_error_set(error, "--release: unknown release '%s'; expected %s to %s", name,
                            n ? vt_schema_version_name(schema, VT_AXIS_RELEASE, 1) : "none",
                            n ? vt_schema_version_name(schema, VT_AXIS_RELEASE, n) : "none");
    }
    return true;
}

/* The newest platform version of the release in force. */
static bool
newest_platform(const VtCommandLine *line, const VtOverrides *overrides, uint16_t *ret_version, GError **error)
{
    const VtSchema *schema = line->schema;
    uint16_t release;

    if (!find_release(line, overrides, &release, error)) {
        return false;
    }
    *ret_version = release ? vt_schema_version_in_release(schema, VT_AXIS_PLATFORM, release)
                           : vt_schema_open_version(schema, VT_AXIS_PLATFORM);
    /* The axis begins after some releases. */
    *ret_version = MAX(*ret_version, 1);
    return true;
}

/* The first target of a machine that is not on all. */
static uint16_t
target_of(const VtClassInfo *family)
{
    return (uint16_t)(family->row->targets & -(unsigned)family->row->targets);
}

/* Finds the machine: of the overrides, the command line, or the default one. */
static bool
find_machine(const VtCommandLine *line, const VtOverrides *overrides, uint16_t target, uint16_t release,
             VtMachineName *ret_machine, GError **error)
{
    VtMachineName elsewhere = {NULL, 0, NULL};
    bool known;

    g_autofree char *by_override = g_strdup_printf("--%s", vt_option_role_name(line, VT_ROLE_MACHINE));
    const char *name = line->machine_name, *where = line->machine_where;

    if (overrides && overrides->machine) {
        name = overrides->machine;
        where = by_override;
    } else if (!name) {
        name = line->default_machine ? line->default_machine : vt_machine_default(line->schema, target);
        where = "default machine";
    }
    if (!name) {
        return vt_error_set(error, "target '%s' has no default machine; '-%s help' lists its machines",
                            vt_target_name(target), vt_option_role_name(line, VT_ROLE_MACHINE));
    }
    if (vt_machine_find_for(line->schema, name, target, ret_machine, error)) {
        if (!release || vt_machine_set_release(ret_machine, name, release, error)) {
            return true;
        }
        vt_machine_name_clear(ret_machine);
        g_prefix_error(error, "%s: ", where);
        return false;
    }
    known = vt_machine_find(line->schema, name, &elsewhere, NULL);
    if (known && error) {
        g_clear_error(error);
        vt_error_set(error, "machine '%s' does not exist on target '%s'; did you mean '-%s %s'?", name,
                     vt_target_name(target), vt_option_role_name(line, VT_ROLE_TARGET),
                     vt_target_name(target_of(elsewhere.family)));
    }
    vt_machine_name_clear(&elsewhere);
    g_prefix_error(error, "%s: ", where);
    return false;
}

/* As in QEMU, a default of an unknown class is no error: no object has it. */
static bool
apply_globals(const VtCommandLine *line, VtContext *ctx, GError **error)
{
    for (guint i = 0; i < line->globals->len; i++) {
        const VtGlobalSource *global = g_ptr_array_index(line->globals, i);
        g_autoptr(GError) failure = NULL;

        if (vt_context_add_global(ctx, global->driver, global->property, global->value, global->where, global->implied,
                                  &failure)) {
            continue;
        }
        if (!g_error_matches(failure, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        g_ptr_array_add(line->notes, g_strdup(failure->message));
    }
    return true;
}

static VtContext *
context_new(VtCommandLine *line, const VtOverrides *overrides, uint16_t version, GError **error)
{
    const VtSchema *schema = line->schema;
    uint16_t release;
    const VtClassInfo *root = vt_schema_class(schema, "machine");
    const char *target_name = overrides ? overrides->target : NULL;
    bool no_probes = overrides && overrides->no_probes;
    const char *probe_file =
        no_probes ? NULL : pick(overrides ? overrides->probe_file : NULL, line, VT_ROLE_PROBE_FILE);
    uint16_t target = target_name ? vt_target_from_name(target_name) : vt_command_line_target(line);
    g_autoptr(VtPlatform) platform = NULL;
    g_autoptr(VtContext) ctx = NULL;
    VtMachineName machine = {NULL, 0, NULL};
    const VtSource *accel_source;
    const VtClassInfo *accel;

    vt_option_omit_unknown_accels(line);
    if (!vt_command_line_accel(line, &accel_source, &accel, error)) {
        return NULL;
    }
    if (!target) {
        vt_target_fail_unknown(target_name, error);
        g_prefix_error(error, "--%s: ", vt_option_role_name(line, VT_ROLE_TARGET));
        return NULL;
    }
    if (!vt_command_line_check_uses(line, target, error) || !find_release(line, overrides, &release, error) ||
        (root && !find_machine(line, overrides, target, release, &machine, error))) {
        return NULL;
    }
    platform = vt_platform_new(schema, version, probe_file, error);
    if (platform && no_probes) {
        vt_platform_forget_host(platform);
    }
    if (platform) {
        /* Without machines there is no guest, so no target. */
        ctx = vt_context_new(schema, g_steal_pointer(&platform), machine.family ? &machine : NULL, root ? target : 0,
                             accel ? accel->tag : line->default_accel);
    }
    vt_machine_name_clear(&machine);
    if (!ctx) {
        return NULL;
    }
    vt_context_set_program(ctx, line->program);
    if ((overrides && overrides->migratable) || vt_option_is_on(line, VT_ROLE_MIGRATABLE)) {
        vt_context_set_migratable(ctx);
    }
    if (release) {
        vt_context_set_release(ctx, release);
    }
    vt_context_add_vendor_defaults(ctx);
    if (!vt_option_add_frozen(line, ctx, error) ||
        !vt_option_apply_overlay(line, ctx, pin_of(line, overrides), version, error)) {
        return NULL;
    }
    return apply_globals(line, ctx, error) ? g_steal_pointer(&ctx) : NULL;
}

VtContext *
vt_command_line_context(VtCommandLine *line, const VtOverrides *overrides, GError **error)
{
    uint16_t version;

    if (!vt_option_find_platform(line->program, line->schema, pin_of(line, overrides), &version, error) ||
        (!version && !newest_platform(line, overrides, &version, error))) {
        return NULL;
    }
    return context_new(line, overrides, version, error);
}

/* Checks the members of an accelerator that is not used, so that errors in them are reported. */
static bool
check_source(const VtSource *source, VtContext *ctx, GError **error)
{
    g_autoptr(VtInput) input = vt_source_open(source, error);
    g_autoptr(VtConfig) config = input ? vt_input_visit_creation(input, ctx, source->root, error) : NULL;

    return config != NULL;
}

GPtrArray *
vt_option_check_creations(VtCommandLine *line)
{
    GPtrArray *errors = g_ptr_array_new();
    g_autoptr(VtContext) ctx = vt_command_line_context(line, NULL, NULL);

    for (guint i = 0; ctx && i < line->creations->len; i++) {
        const VtSource *source = line->creations->pdata[i];
        GError *failure = NULL;

        if (source->root && !source->option && !source->class && !check_source(source, ctx, &failure)) {
            g_ptr_array_add(errors, failure);
        }
    }
    return errors;
}

typedef struct Planned {
    VtCommandLine *line;
    VtContext *ctx;
    const VtSource *accel; /* the accelerator that is used, or NULL */
    const VtLate *late;
    const VtVm *again; /* the VM that is planned again; NULL: a new one */
} Planned;

/* Source @i: those of the board, then those of the user, then those that late options add. */
static const VtSource *
source_at(const Planned *planned, size_t i)
{
    const GPtrArray *const lists[] = {planned->late->board, planned->line->creations, planned->late->added};
    unsigned list = 0;

    while (i >= lists[list]->len) {
        g_assert(list + 1 < G_N_ELEMENTS(lists));
        i -= lists[list++]->len;
    }
    return lists[list]->pdata[i];
}

/* Opens creation @i of the command line. */
static bool
open_creation(size_t i, VtCreation *ret_creation, void *opaque, GError **error)
{
    const Planned *planned = opaque;
    const VtSource *source = source_at(planned, i);

    if (vt_source_is_accel(planned->line, source) && source != planned->accel) {
        return check_source(source, planned->ctx, error);
    }
    if (planned->again && vt_source_is_object(source, planned->again)) {
        return true;
    }
    if (source->option) {
        return vt_option_open_model(source, planned->ctx, ret_creation, error);
    }
    *ret_creation = (VtCreation){.root = source->root,
                                 .input = vt_source_open(source, error),
                                 .class = source->class,
                                 .id = source->id,
                                 .where = source->where,
                                 .made = source->made,
                                 .of_board = source->of_board};
    return ret_creation->input != NULL;
}

static bool
open_machine(GPtrArray *sources, GPtrArray *inputs, GError **error)
{
    for (guint i = 0; i < sources->len; i++) {
        VtInput *input = vt_source_open(g_ptr_array_index(sources, i), error);

        if (!input) {
            return false;
        }
        g_ptr_array_add(inputs, input);
    }
    return true;
}

/* Fails before values that create objects were read: reports errors in them, too.  Takes @failure.  Returns NULL. */
static VtVm *
fail_early(VtCommandLine *line, const char *machine, GError *failure, GError **error)
{
    g_autoptr(GPtrArray) errors = vt_option_check_creations(line);

    for (guint i = 0; i < errors->len; i++) {
        vt_error_add(&failure, errors->pdata[i]);
    }
    vt_option_blame(line, machine, failure);
    g_propagate_error(error, failure);
    return NULL;
}

/* Makes the VM, or plans @again.  Takes ownership of @ctx. */
static VtVm *
plan_in(VtCommandLine *line, VtContext *ctx, VtVm *again, GError **error)
{
    g_autoptr(GPtrArray) inputs = g_ptr_array_new_with_free_func((GDestroyNotify)vt_input_free);
    g_auto(VtLate) late = {0};
    g_autoptr(VtVm) vm = NULL;
    Planned planned = {line, ctx, NULL, &late, again};
    bool incomplete = vt_option_is_on(line, VT_ROLE_PRECONFIG) && !line->complete;
    const VtClassInfo *accel_class;
    size_t n;
    g_autofree char *machine = NULL;
    GError *failure = NULL;

    machine = vt_context_machine(ctx) ? g_strdup(vt_context_machine(ctx)->name) : NULL;
    if (!vt_option_expand_late(line, ctx, &late, &failure) || !open_machine(line->machine, inputs, &failure) ||
        !open_machine(late.machine, inputs, &failure)) {
        vt_context_free(ctx);
        return fail_early(line, machine, failure, error);
    }
    if (!vt_command_line_accel(line, &planned.accel, &accel_class, error)) {
        vt_context_free(ctx);
        return NULL;
    }
    n = late.board->len + line->creations->len + late.added->len;
    if (again) {
        vt_vm_set_incomplete(again, incomplete);
        vt_vm_plan_again(again, ctx, (VtInput *const *)inputs->pdata, inputs->len, open_creation, &planned, n,
                         &failure);
    } else {
        vm = vt_vm_new(ctx, (VtInput *const *)inputs->pdata, inputs->len, &failure);
        if (!vm) {
            return fail_early(line, machine, failure, error);
        }
        vt_vm_set_incomplete(vm, incomplete);
        vt_vm_plan_each(vm, open_creation, &planned, n, &failure);
    }
    if (failure) {
        vt_option_blame(line, machine, failure);
        g_propagate_error(error, failure);
        return NULL;
    }
    if (!vt_context_check_frozen(ctx, error)) {
        return NULL;
    }
    return again ? again : g_steal_pointer(&vm);
}

bool
vt_option_plan_again(VtCommandLine *line, VtVm *vm, uint16_t version, GError **error)
{
    VtContext *ctx = context_new(line, NULL, version, error);

    return ctx && plan_in(line, ctx, vm, error);
}

static VtVm *
plan_at(VtCommandLine *line, const VtOverrides *overrides, uint16_t version, GError **error)
{
    VtContext *ctx = context_new(line, overrides, version, error);

    return ctx ? plan_in(line, ctx, NULL, error) : NULL;
}

VtVm *
vt_command_line_plan(VtCommandLine *line, const VtOverrides *overrides, GError **error)
{
    VtContext *ctx = vt_command_line_context(line, overrides, error);

    return ctx ? plan_in(line, ctx, NULL, error) : NULL;
}

/* ---- choice of the platform version ------------------------------------------------------------------ */

/* A description of the first demand that this host does not meet, or NULL.  @unknown_is_unmet: unknown answers count as
 * unmet. */
static char *
unmet(const VtVm *vm, bool unknown_is_unmet)
{
    g_autoptr(GArray) demands = vt_vm_demands(vm);
    const VtLayer *lowest = vt_schema_lowest(vt_context_schema(vt_vm_context(vm)));

    for (guint i = 0; i < demands->len; i++) {
        const VtDemand *demand = &g_array_index(demands, VtDemand, i);

        if (demand->answer == VT_ANSWER_NO || (unknown_is_unmet && demand->answer == VT_ANSWER_UNKNOWN)) {
            g_autofree char *place = vt_demand_place(demand);

            return g_strdup_printf("%s requires '%s', and this host reports %s", place,
                                   vt_str(lowest, lowest->features[demand->feature].name),
                                   vt_answer_name(demand->answer));
        }
    }
    return NULL;
}

/* The VM planned with the newest version older than @version whose demands the host meets, or NULL. */
static VtVm *
walk_down(VtCommandLine *line, const VtOverrides *overrides, uint16_t version)
{
    while (--version) {
        g_autoptr(VtVm) vm = plan_at(line, overrides, version, NULL);
        g_autofree char *reason = vm ? unmet(vm, true) : NULL;

        if (vm && !reason) {
            return g_steal_pointer(&vm);
        }
    }
    return NULL;
}

static uint16_t
version_of(const VtVm *vm)
{
    return vm ? vt_platform_version(vt_context_platform(vt_vm_context(vm))) : 0;
}

VtVm *
vt_command_line_choose(VtCommandLine *line, const VtOverrides *overrides, char **ret_notice, GError **error)
{
    const char *pinned = pin_of(line, overrides);
    g_autoptr(VtVm) vm = NULL;
    g_autoptr(VtVm) older = NULL;
    g_autofree char *reason = NULL;
    uint16_t version;

    *ret_notice = NULL;
    if (!vt_option_find_platform(line->program, line->schema, pinned, &version, error)) {
        return NULL;
    }
    if (!version && !newest_platform(line, overrides, &version, error)) {
        return NULL;
    }
    vm = plan_at(line, overrides, version, error);
    if (!vm) {
        return NULL;
    }
    /* For a pinned version, an unknown answer is a warning only.  Otherwise, it counts as unmet. */
    reason = unmet(vm, !pinned);
    if (!reason) {
        if (!vt_vm_check_demands(vm, 0, ret_notice, error)) {
            return NULL;
        }
        if (!pinned) {
            *ret_notice =
                g_strdup_printf("platform version %s", vt_schema_version_name(line->schema, VT_AXIS_PLATFORM, version));
        }
        return g_steal_pointer(&vm);
    }
    older = walk_down(line, overrides, version);
    if (!pinned && older) {
        *ret_notice = g_strdup_printf("platform version %s (%s: %s)",
                                      vt_schema_version_name(line->schema, VT_AXIS_PLATFORM, version_of(older)),
                                      vt_schema_version_name(line->schema, VT_AXIS_PLATFORM, version), reason);
        return g_steal_pointer(&older);
    }
    if (vt_vm_check_demands(vm, version_of(older), ret_notice, error)) {
        /* An answer is unknown, and no older version works: use this version, with the warning. */
        return g_steal_pointer(&vm);
    }
    return NULL;
}
