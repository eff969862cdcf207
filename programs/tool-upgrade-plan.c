/* SPDX-License-Identifier: MIT */
#include "tool-upgrade-plan.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"
#include "vt-runtime/pin.h"

#define ROUNDS 3 /* a pinned value may change others, which are pinned in the next round */

/* ---- changes and their fates --------------------------------------------------------------------------- */

UpgradeFate
upgrade_fate(const Upgrade *self, guint index)
{
    return g_array_index(self->fates, UpgradeFate, index);
}

static void
set_fate(Upgrade *self, guint index, UpgradeFate fate)
{
    g_array_index(self->fates, UpgradeFate, index) = fate;
}

static const VtDiff *
change_at(const Upgrade *self, guint index)
{
    return &g_array_index(self->changes, VtDiff, index);
}

void
upgrade_accept(Upgrade *self, guint index)
{
    if (upgrade_fate(self, index) != UPGRADE_HOST) {
        set_fate(self, index, UPGRADE_ACCEPTED);
    }
}

GArray *
upgrade_changes_new(const Upgrade *self, UpgradeFate fate)
{
    GArray *result = g_array_new(FALSE, FALSE, sizeof(VtDiff));

    for (guint i = 0; i < self->changes->len; i++) {
        if (upgrade_fate(self, i) == fate) {
            g_array_append_vals(result, change_at(self, i), 1);
        }
    }
    return result;
}

guint
upgrade_count(const Upgrade *self, UpgradeFate fate)
{
    g_autoptr(GArray) changes = upgrade_changes_new(self, fate);

    return changes->len;
}

/* The change of the property that @other is about; the number of changes: there is none. */
static guint
index_of(const Upgrade *self, const VtDiff *other)
{
    guint i = 0;

    while (i < self->changes->len && (strcmp(change_at(self, i)->key, other->key) != 0 ||
                                      g_strcmp0(change_at(self, i)->property, other->property) != 0)) {
        i++;
    }
    return i;
}

/* Moves the change at @index of @from to the changes. */
static void
take_change(Upgrade *self, GArray *from, guint index)
{
    VtDiff *change = &g_array_index(from, VtDiff, index);
    UpgradeFate fate = !change->guest ? UPGRADE_HOST : change->property ? UPGRADE_KEPT : UPGRADE_FIXED;

    g_array_append_vals(self->changes, change, 1);
    g_array_append_val(self->fates, fate);
    *change = (VtDiff){NULL};
}

/* ---- the new file -------------------------------------------------------------------------------------- */

/* The object of the VM before the upgrade; NULL: the change is that it exists. */
static const VtObject *
object_of(const Upgrade *self, const VtDiff *change)
{
    g_autoptr(GArray) objects = vt_vm_objects(self->before);

    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);

        if (strcmp(entry->key, change->key) == 0) {
            return entry->object;
        }
    }
    return NULL;
}

/* Pins the old value of the change in @config, if an option can set it. */
static bool
pin_change(const Upgrade *self, json_object *config, guint index)
{
    const VtDiff *change = change_at(self, index);
    const VtProp *prop = vt_class_prop(change->class, change->property, strlen(change->property));
    const VtObject *object = object_of(self, change);

    return prop && object && vt_config_pin(self->placed, config, object, prop, change->from);
}

/* A copy of the new file without pins. */
static json_object *
unpinned_file(const Upgrade *self)
{
    g_autofree char *text = vt_json_text(self->config);
    json_object *copy = vt_json_parse_private(text, strlen(text), "configuration", NULL);

    /* The user may have given sensitive values. */
    explicit_bzero(text, strlen(text));
    return copy;
}

/* The new file with the pins of the changes before @end. */
static json_object *
pinned_file(const Upgrade *self, guint end)
{
    json_object *config = unpinned_file(self);

    for (guint i = 0; i < end; i++) {
        if (upgrade_fate(self, i) == UPGRADE_KEPT) {
            pin_change(self, config, i);
        }
    }
    return config;
}

static VtVm *
plan_file(const Upgrade *self, json_object *file, GError **error)
{
    g_autoptr(VtCommandLine) line = vt_command_line_placed(self->placed, file, error);

    return line ? vt_command_line_plan(line, &self->rest, error) : NULL;
}

static VtVm *
plan_pinned(const Upgrade *self, guint end, GError **error)
{
    json_object *file = pinned_file(self, end);
    VtVm *vm = plan_file(self, file, error);

    json_object_put(file);
    return vm;
}

/* ---- what keeps the changes ---------------------------------------------------------------------------- */

/* Gives up pins that no option has a place for. */
static void
drop_impossible(Upgrade *self)
{
    json_object *config = unpinned_file(self);

    for (guint i = 0; i < self->changes->len; i++) {
        if (upgrade_fate(self, i) == UPGRADE_KEPT && !pin_change(self, config, i)) {
            set_fate(self, i, UPGRADE_FIXED);
        }
    }
    json_object_put(config);
}

/* Gives up pins that the machine refuses: each is tried on top of those before it. */
static void
drop_refused(Upgrade *self)
{
    for (guint i = 0; i < self->changes->len; i++) {
        g_autoptr(VtVm) vm = upgrade_fate(self, i) == UPGRADE_KEPT ? plan_pinned(self, i + 1, NULL) : NULL;

        if (!vm && upgrade_fate(self, i) == UPGRADE_KEPT) {
            set_fate(self, i, UPGRADE_FIXED);
        }
    }
}

/* Gives up pins without effect, and takes changes that the pins did not have: values that follow from others.  Returns
 * whether there are such changes. */
static bool
take_rest(Upgrade *self, const VtVm *vm, bool settled)
{
    g_autoptr(GArray) rest = vt_diffs_new();
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    bool found = false;

    vt_diff_vms(rest, self->before, vm, all, settled, VT_OUTPUT_NAMES);
    for (guint i = 0; i < rest->len; i++) {
        const VtDiff *change = &g_array_index(rest, VtDiff, i);
        guint index = index_of(self, change);

        if (index < self->changes->len && upgrade_fate(self, index) == UPGRADE_KEPT) {
            set_fate(self, index, UPGRADE_FIXED);
        } else if (index == self->changes->len && change->guest) {
            take_change(self, rest, i);
            found = true;
        }
    }
    return found;
}

static bool
find_pins(Upgrade *self, GError **error)
{
    bool found = true;

    for (int round = 0; round < ROUNDS && found; round++) {
        g_autoptr(VtVm) vm = NULL;

        drop_impossible(self);
        vm = plan_pinned(self, self->changes->len, NULL);
        if (!vm) {
            drop_refused(self);
            vm = plan_pinned(self, self->changes->len, error);
        }
        if (!vm) {
            return false;
        }
        found = take_rest(self, vm, false);
        found |= take_rest(self, vm, true);
    }
    return true;
}

/* ---- versions ------------------------------------------------------------------------------------------ */

/* The name of the machine after the upgrade, which the caller frees: @asked, or the newest version. */
static char *
machine_after(const VtVm *before, const char *asked, GError **error)
{
    VtContext *ctx = vt_vm_context(before);
    const VtSchema *schema = vt_context_schema(ctx);
    const VtMachineName *old = vt_context_machine(ctx);
    VtMachineName new = {NULL, 0, NULL};
    char *name = NULL;

    if (!asked) {
        uint16_t newest = vt_machine_newest(old->family, vt_schema_open_version(schema, VT_AXIS_MACHINE));

        return newest ? vt_machine_version_name(old->family, newest) : g_strdup(old->name);
    }
    if (!vt_machine_find_for(schema, asked, vt_context_target(ctx), &new, error)) {
        g_prefix_error(error, "--machine: ");
        return NULL;
    }
    if (new.family == old->family) {
        name = g_strdup(new.name);
    } else {
        vt_error_set(error, "--machine: '%s' is no version of the machine '%s'; a guest sees another computer", asked,
                     old->family->name);
    }
    vt_machine_name_clear(&new);
    return name;
}

/* The values of the user, with the target of @from; a frozen file again, if it is one. */
static json_object *
convert_old(VtCommandLine *line, const VtOverrides *from, GError **error)
{
    g_autoptr(VtContext) ctx = NULL;
    g_autoptr(VtVm) vm = NULL;
    json_object *config;

    if (vt_command_line_is_frozen(line)) {
        vm = vt_command_line_plan(line, from, error);
        return vm ? vt_command_line_freeze(line, vm, error) : NULL;
    }
    ctx = vt_command_line_context(line, from, error);
    config = ctx ? vt_command_line_convert_in(line, ctx, error) : NULL;

    if (config) {
        vt_config_override(line, config, &(VtOverrides){.target = from->target});
    }
    return config;
}

static bool
plan_both(Upgrade *self, VtCommandLine *line, const VtOverrides *from, const char *asked, const char *platform,
          GError **error)
{
    g_autofree char *machine = NULL;
    VtOverrides to = {.probe_file = from->probe_file, .no_probes = from->no_probes};

    self->rest = to;
    self->config = convert_old(line, from, error);
    self->placed = self->config ? vt_command_line_placed(line, self->config, error) : NULL;
    self->before = self->placed ? vt_command_line_plan(self->placed, from, error) : NULL;
    machine = self->before ? machine_after(self->before, asked, error) : NULL;
    if (!machine) {
        return false;
    }
    to.machine = machine;
    to.platform_version = platform;
    vt_config_override(self->placed, self->config, &to);
    /* Errors have the positions of the user. */
    to.target = from->target;
    self->after = vt_command_line_plan(line, &to, error);
    return self->after;
}

bool
upgrade_plan(Upgrade *self, VtCommandLine *line, const VtOverrides *from, const char *machine, const char *platform,
             GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    g_autoptr(GArray) changes = vt_diffs_new();

    *self = (Upgrade){.changes = vt_diffs_new(), .fates = g_array_new(FALSE, FALSE, sizeof(UpgradeFate))};
    if (!plan_both(self, line, from, machine, platform, error)) {
        return false;
    }
    vt_diff_vms(changes, self->before, self->after, all, false, VT_OUTPUT_NAMES);
    for (guint i = 0; i < changes->len; i++) {
        take_change(self, changes, i);
    }
    return find_pins(self, error);
}

void
upgrade_clear(Upgrade *self)
{
    g_clear_pointer(&self->changes, g_array_unref);
    g_clear_pointer(&self->fates, g_array_unref);
    g_clear_pointer(&self->after, vt_vm_free);
    g_clear_pointer(&self->before, vt_vm_free);
    g_clear_pointer(&self->placed, vt_command_line_free);
    g_clear_pointer(&self->config, json_object_put);
}

/* Fails if a value that is kept would change, because of an accepted one. */
static bool
check_kept(const Upgrade *self, const VtVm *vm, GError **error)
{
    g_autoptr(GArray) rest = vt_diffs_new();
    g_autoptr(GPtrArray) all = g_ptr_array_new();

    vt_diff_vms(rest, self->before, vm, all, false, VT_OUTPUT_NAMES);
    for (guint i = 0; i < rest->len; i++) {
        const VtDiff *change = &g_array_index(rest, VtDiff, i);
        guint index = index_of(self, change);

        if (change->guest && (index == self->changes->len || upgrade_fate(self, index) == UPGRADE_KEPT)) {
            return vt_error_set(error, "%s%s%s: would change although it is not accepted", change->key,
                                change->property ? "." : "", change->property ? change->property : "");
        }
    }
    return true;
}

json_object *
upgrade_file(const Upgrade *self, VtVm **ret_vm, GError **error)
{
    json_object *file;
    VtVm *vm;

    *ret_vm = NULL;
    file = pinned_file(self, self->changes->len);
    vm = plan_file(self, file, error);
    if (!vm || !check_kept(self, vm, error)) {
        g_prefix_error(error, "the values that are kept do not work with those that are accepted: ");
        json_object_put(file);
        vt_vm_free(vm);
        return NULL;
    }
    *ret_vm = vm;
    return file;
}
