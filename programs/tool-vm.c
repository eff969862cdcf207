/* SPDX-License-Identifier: MIT */
/*
 * Shared by the subcommands for one VM: options that select it and its versions.
 */
#include "tool-vm.h"

#include <string.h>

#include "service-check.h"
#include "vintage-vm-options.h"
#include "vt-runtime/error.h"

#define OPTIONS_MAX 16

/* Checks the files of the host that options and objects name.  @other_host: those that no start reads are of another
 * host, whose probes are in a file. */
static bool
check_files(const VtCommandLine *line, const VtVm *vm, bool other_host, GError **error)
{
    GError *errors = NULL, *failure = NULL;

    if (!vt_vm_check_files(vm, &failure)) {
        vt_error_add(&errors, g_steal_pointer(&failure));
    }
    if (!other_host && !vt_vm_check_paths(vm, &failure)) {
        vt_error_add(&errors, g_steal_pointer(&failure));
    }
    if (!other_host && !vt_command_line_check_paths(line, &failure)) {
        vt_error_add(&errors, failure);
    }
    if (errors) {
        vt_command_line_blame(line, vt_vm_context(vm), errors);
        g_propagate_error(error, errors);
        return false;
    }
    return true;
}

/* Plans the VM like vintage-vm.  @check_host: also checks the files that vintage-vm reads at startup. */
static VtVm *
plan(VtCommandLine *line, const VtOverrides *overrides, bool check_host, GError **error)
{
    g_autoptr(VtVm) vm = NULL;
    bool other_host = overrides->probe_file != NULL;
    ServiceOptions options;

    vintage_vm_read_options(vt_command_line_options(line), &options);
    if (!service_check_options(&options, line, error)) {
        return NULL;
    }
    vm = tool_plan(line, overrides, check_host, error);
    if (!vm || !service_check_vm(&options, line, vm, error) ||
        (check_host && !check_files(line, vm, other_host, error))) {
        return NULL;
    }
    return g_steal_pointer(&vm);
}

bool
tool_vm_parse(ToolVm *self, const char *command, const ToolOption *own, bool words, int argc, char **argv)
{
    static char nodefaults[] = "-nodefaults";
    static char *no_devices[] = {nodefaults};
    VtOverrides *overrides = &self->overrides;
    const ToolOption shared[] = {
        TOOL_CHECK_HOST(&self->check_host),          TOOL_MACHINE(&overrides->machine),
        TOOL_PLATFORM(&overrides->platform_version), TOOL_TARGET(&overrides->target),
        TOOL_PROBE_FILE(&overrides->probe_file),     TOOL_RELEASE(&overrides->release),
    };
    ToolOption options[OPTIONS_MAX] = {{NULL}};
    size_t n = G_N_ELEMENTS(shared);

    memcpy(options, shared, sizeof shared);
    for (; own->name; own++) {
        g_assert(n < OPTIONS_MAX - 1);
        options[n++] = *own;
    }
    if (!tool_arguments_parse(&self->arguments, command, options, argc, argv)) {
        return false;
    }
    if (words) {
        tool_arguments_take_vm(&self->arguments);
    }
    if (words ? !self->arguments.has_vm && !self->arguments.words->len : !tool_arguments_are_one_vm(&self->arguments)) {
        tool_misused(command, TOOL_ONE_VM);
        return false;
    }
    self->has_release = overrides->release != NULL;
    self->schema = tool_schema_new();
    self->line = words && !self->arguments.has_vm
                     ? tool_vm_new(self->schema, NULL, G_N_ELEMENTS(no_devices), no_devices, &self->error)
                     : tool_vm_of(self->schema, overrides->release, &self->arguments, &self->error);
    return true;
}

void
tool_vm_plan(ToolVm *self)
{
    self->vm = self->line ? plan(self->line, &self->overrides, self->check_host, &self->error) : NULL;
}

bool
tool_vm_open(ToolVm *self, const char *command, const ToolOption *own, bool words, int argc, char **argv)
{
    if (!tool_vm_parse(self, command, own, words, argc, argv)) {
        return false;
    }
    tool_vm_plan(self);
    return true;
}

void
tool_vm_clear(ToolVm *self)
{
    g_clear_error(&self->error);
    g_clear_pointer(&self->vm, vt_vm_free);
    g_clear_pointer(&self->line, vt_command_line_free);
    g_clear_pointer(&self->schema, vt_schema_free);
    tool_arguments_clear(&self->arguments);
}

const char *
tool_type_name(const VtObject *object)
{
    const VtClassInfo *info = vt_object_class(object);

    return vt_class_is_machine(info) ? vt_context_machine(vt_vm_context(vt_object_vm(object)))->name
           : info->tag               ? info->tag
                                     : info->name;
}

bool
tool_value_matters(const VtContext *ctx, const VtProp *prop, const VtProvenance *provenance)
{
    VtAxis axis = prop->timeline ? prop->timeline->axis : VT_AXIS_NONE;
    const VtEntry *newest;

    if (provenance->was || provenance->from == VT_ORIGIN_EXPLICIT || provenance->from == VT_ORIGIN_GLOBAL ||
        provenance->from == VT_ORIGIN_DERIVED) {
        return true;
    }
    /* An overlay set the default. */
    if (!provenance->entry || axis == VT_AXIS_NONE) {
        return provenance->since;
    }
    newest = vt_timeline_at(ctx, prop->default_layer, prop->timeline,
                            (uint16_t)vt_schema_n_versions(vt_context_schema(ctx), axis));
    return newest != provenance->entry;
}
