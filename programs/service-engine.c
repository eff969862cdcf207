/* SPDX-License-Identifier: MIT */
#include "service-engine.h"

#include "vt-engine/engine.h"
#include "vt-engine/process.h"
#include "vt-runtime/error.h"

struct ServiceEngine {
    const ServiceEngineOps *ops;
    const ServiceOptions *options;
    VtEngine *engine;
    bool runs;
};

void
service_engine_free(ServiceEngine *self)
{
    if (self) {
        self->ops->free(self->engine);
        g_free(self);
    }
}

/* Collects what the host lacks for the accelerator. */
static bool
check_accel(VtObject *accel, void *opaque)
{
    vt_object_check_paths(accel, opaque);
    return false;
}

/* As QEMU, the engine starts the first accelerator that it can.  Without KVM's device, that is the next one. */
static void
skip_accel(VtCommandLine *line, const VtVm *vm)
{
    g_autoptr(GError) error = NULL;

    vt_vm_each(vm, "accel", check_accel, &error);
    if (error) {
        vt_command_line_next_accel(line, error->message);
    }
}

/* Plans the VM as the engine runs it, and makes the command line of the engine. */
static VtVm *
plan_again(ServiceEngine *self, VtCommandLine *line, const VtSchema *schema, char **notice, GError **error)
{
    const VtEngineHost host = {self->options->mon, self->options->n_mon};
    VtOverrides overrides = {NULL};
    g_autoptr(VtVm) vm = NULL;

    if (!self->ops->load(self->engine, schema, &overrides.release, error)) {
        return NULL;
    }
    vt_command_line_add_defaults(line);
    g_clear_pointer(notice, g_free);
    vm = vt_command_line_choose(line, &overrides, notice, error);
    return vm && self->ops->prepare(self->engine, line, vm, &host, error) ? g_steal_pointer(&vm) : NULL;
}

bool
service_engine_choose(const ServiceEngineOps *ops, const ServiceOptions *options, VtCommandLine *line, VtVm **vm,
                      char **notice, ServiceEngine **ret_engine, GError **error)
{
    g_autoptr(ServiceEngine) self = NULL;

    *ret_engine = NULL;
    if (!ops) {
        return true;
    }
    self = g_new0(ServiceEngine, 1);
    self->ops = ops;
    self->options = options;
    self->engine = ops->make(options->engine);
    if (!ops->choose(self->engine, *vm, &self->runs, error)) {
        return false;
    }
    if (self->runs) {
        const VtSchema *schema = vt_context_schema(vt_vm_context(*vm));

        skip_accel(line, *vm);
        g_clear_pointer(vm, vt_vm_free);
        *vm = plan_again(self, line, schema, notice, error);
    }
    *ret_engine = g_steal_pointer(&self);
    return *vm != NULL;
}

bool
service_engine_runs(const ServiceEngine *self)
{
    return self && self->runs;
}

void *
service_engine_inner(const ServiceEngine *self)
{
    return self ? self->engine : NULL;
}

static bool
is_stdio(VtObject *object, void *opaque)
{
    *(bool *)opaque = vt_object_is_a(object, "chardev-stdio");
    return !*(bool *)opaque;
}

bool
service_engine_start(ServiceEngine *self, VtService *service, const ServicePrivilege *privilege, const GArray *kept,
                     void (*line)(void *opaque, const char *line), void *opaque, GError **error)
{
    VtEngineUser user;
    VtEngineStart start = {.kept = kept, .paused = self && self->options->paused, .line = line, .opaque = opaque};

    if (!service_engine_runs(self)) {
        return true;
    }
    if (!vt_vm_check_files(service->vm, error)) {
        return false;
    }
    start.user = service_privilege_user(privilege, &user.uid, &user.gid) ? &user : NULL;
    vt_vm_each(service->vm, "chardev", is_stdio, &start.terminal);
    return self->ops->start(self->engine, service, &start, error);
}

bool
service_engine_wait(const ServiceEngine *self, const bool *stopping, GError **error)
{
    if (!service_engine_runs(self)) {
        return true;
    }
    if (!self->ops->serve(self->engine, error)) {
        return false;
    }
    while (!*stopping && !self->ops->started(self->engine)) {
        g_main_context_iteration(NULL, TRUE);
    }
    return self->ops->check(self->engine, error);
}

int
service_engine_exit_status(const ServiceEngine *self)
{
    return service_engine_runs(self) ? self->ops->exit_status(self->engine) : 0;
}
