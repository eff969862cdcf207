/* SPDX-License-Identifier: MIT */
#include "service-reload.h"

#include <string.h>

#include "service-notify.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/reload.h"

struct VtServiceReload {
    VtService *service;
    GPtrArray *files;     /* absolute paths, owned */
    char *unreadable;     /* why the files are no configuration of their own; NULL: they are */
    GHashTable *owned;    /* vt_reload_names() of the last plan */
    json_object *options; /* {NAME: [VALUE, …]} of the last plan: what only a start applies */
    VtReload *running;    /* NULL: none */
    GHashTable *next_owned;
    VtReloadedFunc func;
    void *opaque;
    bool again; /* a signal arrived meanwhile */
    VtNoticeFunc print;
    void *printer;
};

/* ---- plans --------------------------------------------------------------------------------------------- */

static void
add_value(const VtOption *option, json_object *value, void *opaque)
{
    json_object *options = opaque, *list;

    if (!json_object_object_get_ex(options, option->name, &list)) {
        list = json_object_new_array();
        json_object_object_add(options, option->name, list);
    }
    json_object_array_add(list, json_object_get(value));
}

static json_object *
options_of(const VtCommandLine *line)
{
    json_object *options = json_object_new_object();

    vt_command_line_each_option(line, 0, add_value, options);
    json_object_object_add(options, vt_program_role(vt_command_line_program(line), VT_ROLE_GLOBAL)->name,
                           vt_command_line_globals(line));
    return options;
}

static const VtOption *
files_option(const VtService *service)
{
    return vt_program_role(service->program, VT_ROLE_CONFIGURATION);
}

static VtCommandLine *
read_files(const VtServiceReload *self, const VtSchema *schema, GError **error)
{
    g_autofree char *option = g_strdup_printf("-%s", files_option(self->service)->name);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    VtCommandLine *line;

    for (guint i = 0; i < self->files->len; i++) {
        g_ptr_array_add(argv, option);
        g_ptr_array_add(argv, self->files->pdata[i]);
    }
    line = vt_command_line_new(self->service->program, schema, (int)argv->len, (char *const *)argv->pdata, error);
    /* As this process: without an engine, it has none. */
    if (line && !self->service->relay) {
        vt_command_line_omit_defaults(line);
    }
    return line;
}

static VtVm *
plan_files(const VtServiceReload *self, json_object **ret_options, GError **error)
{
    const VtContext *ctx = vt_vm_context(self->service->vm);
    VtOverrides same = {.platform_version = vt_platform_name(vt_context_platform(ctx))};
    g_autoptr(VtCommandLine) line = read_files(self, vt_context_schema(ctx), error);
    VtVm *vm = line ? vt_command_line_plan(line, &same, error) : NULL;

    *ret_options = vm ? options_of(line) : NULL;
    return vm;
}

/* The names of the options with different values, or NULL. */
static char *
different_options(json_object *before, json_object *after)
{
    g_autoptr(GString) names = g_string_new(NULL);
    json_object *const sides[] = {before, after};

    for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
        json_object_object_foreach (sides[i], name, value) {
            json_object *other = NULL;

            json_object_object_get_ex(sides[1 - i], name, &other);
            if (!json_object_equal(value, other) && (i == 0 || !other)) {
                g_string_append_printf(names, "%s'%s'", names->len ? ", " : "", name);
            }
        }
    }
    return names->len ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}

/* ---- runs ---------------------------------------------------------------------------------------------- */

static void
on_end(const GError *error, void *opaque)
{
    VtServiceReload *self = opaque;
    VtReload *reload = g_steal_pointer(&self->running);
    GHashTable *owned = g_steal_pointer(&self->next_owned);

    if (!error) {
        GHashTable *before = self->owned;

        self->owned = g_steal_pointer(&owned);
        owned = before;
    }
    g_hash_table_unref(owned);
    service_notify_ready();
    self->func(vt_reload_result(reload), error, self->opaque);
    vt_reload_free(reload);
    if (self->again) {
        self->again = false;
        service_reload_signal(self->service);
    }
}

static bool
start_reload(VtService *service, VtReloadedFunc func, void *opaque, GError **error)
{
    VtServiceReload *self = service->reloader;
    json_object *options = NULL;
    g_autoptr(VtVm) next = NULL;
    g_autofree char *names = NULL;

    if (self->running) {
        return vt_error_set(error, "the configuration is being read already");
    }
    if (self->unreadable) {
        return vt_error_set(error, "%s", self->unreadable);
    }
    if (!self->files->len) {
        g_autoptr(GPtrArray) none = g_ptr_array_new();
        VtReloaded nothing = {none, none, none};

        func(&nothing, NULL, opaque);
        return true;
    }
    next = plan_files(self, &options, error);
    names = next ? different_options(self->options, options) : NULL;
    json_object_put(options);
    if (!next) {
        return false;
    }
    if (names) {
        return vt_error_set(error, "%s: the value differs, and applies only when the program starts", names);
    }
    self->running = vt_reload_new(service->vm, next, self->owned, error);
    if (!self->running) {
        return false;
    }
    self->next_owned = vt_reload_names(next);
    self->func = func;
    self->opaque = opaque;
    service_notify_reloading();
    vt_reload_start(self->running, on_end, self);
    return true;
}

/* ---- the signal ---------------------------------------------------------------------------------------- */

static void
on_signalled(const VtReloaded *result, const GError *error, void *opaque)
{
    VtServiceReload *self = opaque;
    g_autofree char *line = error
                                ? g_strdup_printf("the configuration was not read again: %s", error->message)
                                : g_strdup_printf("the configuration was read again: %u added, %u changed, %u removed",
                                                  result->added->len, result->changed->len, result->removed->len);

    self->print(line, self->printer);
}

void
service_reload_signal(VtService *service)
{
    VtServiceReload *self = service->reloader;
    g_autoptr(GError) error = NULL;

    if (self->running) {
        self->again = true;
    } else if (!start_reload(service, on_signalled, self, &error)) {
        on_signalled(NULL, error, self);
    }
}

/* ---- life ---------------------------------------------------------------------------------------------- */

void
service_reload_set(VtService *service, const VtCommandLine *line, VtNoticeFunc print, void *opaque)
{
    g_autoptr(GPtrArray) files = vt_command_line_files(line);
    VtServiceReload *self = g_new0(VtServiceReload, 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtVm) vm = NULL;

    self->service = service;
    self->print = print;
    self->printer = opaque;
    self->files = g_ptr_array_new_with_free_func(g_free);
    service->reloader = self;
    service->reload = start_reload;
    for (guint i = 0; i < files->len; i++) {
        const char *path = files->pdata[i];

        if (strcmp(path, "-") == 0) {
            self->unreadable =
                g_strdup_printf("-%s -: standard input cannot be read again", files_option(service)->name);
            return;
        }
        g_ptr_array_add(self->files, g_canonicalize_filename(path, NULL));
    }
    if (!files->len) {
        return;
    }
    vm = plan_files(self, &self->options, &error);
    if (vm) {
        self->owned = vt_reload_names(vm);
    } else {
        self->unreadable = g_strdup_printf("the files need what the command line adds: %s", error->message);
    }
}

bool
service_reload_has_files(const VtService *service)
{
    const VtServiceReload *self = service->reloader;

    return self && (self->files->len || self->unreadable);
}

void
service_reload_free(VtService *service)
{
    VtServiceReload *self = g_steal_pointer(&service->reloader);

    service->reload = NULL;
    if (!self) {
        return;
    }
    vt_reload_free(self->running);
    g_clear_pointer(&self->next_owned, g_hash_table_unref);
    g_clear_pointer(&self->owned, g_hash_table_unref);
    g_free(self->unreadable);
    g_ptr_array_unref(self->files);
    json_object_put(self->options);
    g_free(self);
}
