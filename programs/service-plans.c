/* SPDX-License-Identifier: MIT */
#include "service-plans.h"

#include "vt-runtime/options.h"

static VtContext *
context_of(const VtService *service, const VtOverrides *overrides, GError **error)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(service->vm));
    g_autoptr(VtCommandLine) line = vt_command_line_new(service->program, schema, 0, NULL, error);

    return line ? vt_command_line_context(line, overrides, error) : NULL;
}

static VtVm *
plan_text(const VtService *service, const char *where, const char *text, const VtOverrides *overrides, GError **error)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(service->vm));
    g_autoptr(VtCommandLine) line = vt_command_line_new_text(service->program, schema, where, text, error);

    if (!line) {
        return NULL;
    }
    /* As this process: without an engine, it has none. */
    if (!service->relay) {
        vt_command_line_omit_defaults(line);
    }
    return vt_command_line_plan(line, overrides, error);
}

void
service_plans_set(VtService *service)
{
    service->freeze = vt_command_line_freeze;
    service->effective = vt_command_line_effective;
    service->context = context_of;
    service->plan = plan_text;
}
