/* SPDX-License-Identifier: MIT */
/*
 * The command line of the engine, and the objects that this program has itself.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine-private.h"
#include "served.h"
#include "vt-runtime/config.h"
#include "vt-runtime/error.h"

/* ---- objects of this program ------------------------------------------------------------------------------ */

static char *
name_of(const VtObject *object)
{
    const char *id = vt_object_id(object);

    return id ? g_strdup_printf("%s:%s", vt_object_class(object)->kind, id) : NULL;
}

bool
vt_engine_keeps(const VtEngine *engine, const VtObject *object)
{
    g_autofree char *name = g_hash_table_size(engine->own) ? name_of(vt_object_outermost(object)) : NULL;

    return name && g_hash_table_contains(engine->own, name);
}

static bool
keep_target(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref, void *opaque,
            GError **error)
{
    VtEngine *engine = opaque;

    (void)config, (void)path, (void)layer, (void)row;
    if (ref->target && (vt_object_is_inline(ref->target) || !vt_engine_keeps(engine, ref->target))) {
        if (!vt_object_is_inline(ref->target)) {
            g_hash_table_add(engine->own, name_of(ref->target));
        }
        vt_config_each_ref(vt_object_writable_full_config(ref->target), keep_target, engine, error);
    }
    return true;
}

/* The objects that @object refers to are kept, too. */
static void
keep(VtEngine *engine, VtObject *object)
{
    g_hash_table_add(engine->own, name_of(object));
    vt_config_each_ref(vt_object_writable_full_config(object), keep_target, engine, NULL);
}

/* ---- the command line ------------------------------------------------------------------------------------- */

bool
vt_engine_load(VtEngine *engine, const VtSchema *schema, const char **ret_release, GError **error)
{
    uint16_t release;

    engine->info = vt_engine_info_new(engine->binary, error);
    if (!engine->info) {
        return false;
    }
    release = vt_engine_release(schema, engine->info);
    *ret_release = release ? vt_schema_version_name(schema, VT_AXIS_RELEASE, release) : NULL;
    return true;
}

static bool
keeps(const VtObject *object, void *opaque)
{
    return vt_engine_keeps(opaque, object);
}

void
vt_engine_close_hidden(VtEngine *engine)
{
    for (guint i = 0; i < engine->hidden->len; i++) {
        close(g_array_index(engine->hidden, int, i));
    }
    g_array_set_size(engine->hidden, 0);
    for (guint i = 0; i < engine->served->len; i++) {
        EngineServed *served = &g_array_index(engine->served, EngineServed, i);

        if (served->peer >= 0) {
            close(served->peer);
            served->peer = -1;
        }
    }
}

void
vt_engine_served_clear(void *opaque)
{
    EngineServed *served = opaque;
    int fds[] = {served->own, served->peer};

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    g_free(served->name);
}

void
vt_engine_add_inherited(const VtEngine *engine, GArray *kept)
{
    g_array_append_vals(kept, engine->hidden->data, engine->hidden->len);
    for (guint i = 0; i < engine->served->len; i++) {
        g_array_append_val(kept, g_array_index(engine->served, EngineServed, i).peer);
    }
}

/* A file in memory, which the engine inherits. */
static char *
hide(const char *text, void *opaque, GError **error)
{
    VtEngine *engine = opaque;
    int fd = memfd_create("secret", MFD_CLOEXEC);
    size_t len = strlen(text);

    if (fd < 0 || write(fd, text, len) != (ssize_t)len) {
        vt_error_set(error, "a secret cannot be passed to the engine: %s", g_strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    g_array_append_val(engine->hidden, fd);
    return g_strdup_printf("/proc/self/fd/%d", fd);
}

/* The engine inherits its end of the sockets. */
static char *
serve(const VtObject *object, void *opaque, GError **error)
{
    VtEngine *engine = opaque;
    int type = vt_object_serve_type(object), pair[2];
    EngineServed served;

    g_assert(type);
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
        vt_error_set(error, "engine: no socket pair: %s", g_strerror(errno));
        return NULL;
    }
    served = (EngineServed){name_of(object), pair[0], pair[1]};
    g_array_append_val(engine->served, served);
    return g_strdup_printf("%d", served.peer);
}

/* Serves the backends, which are realized. */
bool
vt_engine_serve(VtEngine *engine, GError **error)
{
    g_autoptr(GPtrArray) objects = vt_vm_in_order(engine->service->vm);

    for (guint i = 0; i < objects->len; i++) {
        for (guint j = 0; j < engine->served->len; j++) {
            EngineServed *served = &g_array_index(engine->served, EngineServed, j);
            g_autofree char *name = name_of(objects->pdata[i]);
            int fd = served->own;

            if (fd < 0 || g_strcmp0(name, served->name) != 0) {
                continue;
            }
            served->own = -1;
            if (!vt_object_serve(objects->pdata[i], fd, error)) {
                return false;
            }
        }
    }
    return true;
}

static void
add(GPtrArray *words, const char *option, char *text)
{
    g_ptr_array_add(words, g_strdup(option));
    g_ptr_array_add(words, text);
}

/* Whether this program has the character device of a monitor.  What a mux also connects is in the engine. */
static bool
serves_monitor(const VtVm *vm, const VtMonitorOptions *monitor)
{
    const VtObject *chardev = vt_vm_find(vm, "chardev", monitor->chardev);

    return chardev && (monitor->mode == VT_MONITOR_MODE_CONTROL || !vt_object_is_a(chardev, "chardev-mux"));
}

bool
vt_engine_prepare(VtEngine *engine, VtCommandLine *line, VtVm *vm, const VtEngineHost *host, GError **error)
{
    const VtEngineArgvRules rules = {.keeps = keeps, .hide = hide, .serve = serve, .opaque = engine};
    g_autoptr(GPtrArray) objects = vt_vm_in_order(vm);
    g_autoptr(GArray) arguments = NULL;
    g_auto(GStrv) words = NULL;

    for (size_t i = 0; i < host->n_monitors; i++) {
        if (serves_monitor(vm, &host->monitors[i])) {
            keep(engine, vt_vm_find(vm, "chardev", host->monitors[i].chardev));
        }
    }
    for (guint i = 0; i < objects->len; i++) {
        if (engine_is_served(objects->pdata[i]) && !vt_object_is_inline(objects->pdata[i])) {
            keep(engine, objects->pdata[i]);
        }
    }
    if (!vt_engine_terms_init(&engine->terms, vm, engine->info, engine->options->pin, error)) {
        return false;
    }
    arguments = vt_engine_argv(line, vm, &engine->terms, &rules, error);
    if (!arguments) {
        return false;
    }
    words = vt_engine_argv_words(&engine->terms, arguments);
    engine->arguments = g_ptr_array_new_with_free_func(g_free);
    for (char **word = words + 1; *word; word++) {
        g_ptr_array_add(engine->arguments, g_strdup(*word));
    }
    g_ptr_array_add(engine->arguments, g_strdup("-S"));
    for (size_t i = 0; i < host->n_monitors; i++) {
        if (!serves_monitor(vm, &host->monitors[i])) {
            add(engine->arguments, "-mon", g_strdup_printf("chardev=%s,mode=readline", host->monitors[i].chardev));
        }
    }
    return true;
}
