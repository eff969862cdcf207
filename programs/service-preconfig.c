/* SPDX-License-Identifier: MIT */
#include "service-preconfig.h"

#include <json-c/json.h>

#include "vt-runtime/await.h"
#include "vt-runtime/error.h"

struct ServicePreconfig {
    VtPreconfig base; /* must be first: casts rely on it */
    VtService *service;
    VtCommandLine *line;
    const VtLifeCheck *life;
    void (*planned)(VtVm *vm); /* NULL: nothing to do */
    const char *notice;        /* about the first plan, which the user knows; NULL: none */
    GPtrArray *changes;        /* of Change */
};

/* A property that a client set. */
typedef struct Change {
    char *path, *property;
    json_object *value;
} Change;

static void
change_free(void *opaque)
{
    Change *change = opaque;

    g_free(change->path);
    g_free(change->property);
    json_object_put(change->value);
    g_free(change);
}

/* After a new plan: sets the properties again, where the objects still have them. */
static void
finish_plan(const ServicePreconfig *self)
{
    VtVm *vm = self->service->vm;

    if (self->planned) {
        self->planned(vm);
    }
    for (guint i = 0; i < self->changes->len; i++) {
        const Change *change = self->changes->pdata[i];
        VtObject *object = vt_vm_resolve_path(vm, change->path);
        g_autofree char *where = g_strdup_printf("qom-set: %s", change->property);
        g_autoptr(VtInput) input = vt_input_new_object(change->value, where);
        g_autoptr(GError) error = NULL;

        if (object && !vt_object_realized(object) && !vt_object_set(object, change->property, input, &error)) {
            vt_vm_notice(vm, error->message);
            g_ptr_array_remove_index(self->changes, i--);
        }
    }
}

/* Prints what the user needs to know of a new plan.  Takes ownership of @notice. */
static void
report(const ServicePreconfig *self, GPtrArray *warnings, char *notice)
{
    VtVm *vm = self->service->vm;

    vt_life_unique(warnings);
    for (guint i = 0; i < warnings->len; i++) {
        g_autofree char *text = g_strdup_printf("warning: %s", (char *)warnings->pdata[i]);

        vt_vm_notice(vm, text);
    }
    if (notice && g_strcmp0(notice, self->notice) != 0) {
        vt_vm_notice(vm, notice);
    }
    g_free(notice);
}

static bool
set(VtPreconfig *base, const char *command, json_object *options, GError **error)
{
    const ServicePreconfig *self = (ServicePreconfig *)base;
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    VtLifeCheck life = *self->life;
    char *notice;

    life.warnings = warnings;
    if (!vt_command_line_set(self->line, self->service->vm, command, options, &life, &notice, error)) {
        return false;
    }
    report(self, warnings, notice);
    finish_plan(self);
    return true;
}

static void
created(VtPreconfig *base, const VtClassInfo *root, const char *command, VtSpan text)
{
    vt_command_line_created(((const ServicePreconfig *)base)->line, root, command, text);
}

static bool
create(VtPreconfig *base, const VtClassInfo *root, const char *command, VtSpan text)
{
    const ServicePreconfig *self = (ServicePreconfig *)base;
    g_autofree char *notice = NULL;
    bool ok = vt_command_line_create(self->line, self->service->vm, root, command, text, self->life, &notice, NULL);

    if (ok) {
        finish_plan(self);
    }
    return ok;
}

static void
changed(VtPreconfig *base, const char *path, const char *property, json_object *value)
{
    const ServicePreconfig *self = (ServicePreconfig *)base;
    Change *change = g_new(Change, 1);

    *change = (Change){g_strdup(path), g_strdup(property), json_object_get(value)};
    g_ptr_array_add(self->changes, change);
}

ServicePreconfig *
service_preconfig_new(VtService *service, VtCommandLine *line, const VtLifeCheck *life, const char *notice,
                      void (*planned)(VtVm *vm))
{
    ServicePreconfig *self = g_new(ServicePreconfig, 1);

    *self = (ServicePreconfig){{set, created, create, changed},
                               service,
                               line,
                               life,
                               planned,
                               notice,
                               g_ptr_array_new_with_free_func(change_free)};
    return self;
}

void
service_preconfig_free(ServicePreconfig *self)
{
    if (self) {
        g_ptr_array_unref(self->changes);
        g_free(self);
    }
}

bool
service_preconfig_serve(ServicePreconfig *self, const bool *stopping, GError **error)
{
    VtService *service = self->service;
    g_autofree char *notice = NULL;
    bool ok = true;

    service->preconfig = &self->base;
    vt_service_release(service);
    while (!*stopping && !service->leaving) {
        g_main_context_iteration(NULL, TRUE);
    }
    if (!*stopping) {
        ok = vt_command_line_complete_vm(self->line, service->vm, &notice, error);
        if (ok) {
            finish_plan(self);
        }
    }
    vt_command_line_forget(self->line);
    return ok;
}

void
service_preconfig_end(VtService *service)
{
    service->preconfig = NULL;
    if (service->state == VT_SERVICE_RUNNING) {
        vt_service_event(service, "RESUME", 0, NULL);
    }
    service_preconfig_abandon(service);
}

void
service_preconfig_abandon(VtService *service)
{
    if (service->leaving) {
        vt_await_answered(service->leaving);
        service->leaving = NULL;
    }
}
