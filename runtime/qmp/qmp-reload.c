/* SPDX-License-Identifier: MIT */
/*
 * config-reload: the request waits until the objects are those of the configuration files.
 */
#include "vt-gen/runtime.h"
#include "vt-runtime/await.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/reload.h"

#define KEY "config-reload"

/* The client and the reload have one each. */
typedef struct Work {
    VtService *service;
    VtAwaited *answer; /* NULL: the client is gone */
    unsigned refs;
    json_object *result; /* NULL: see @error */
    GError *error;
} Work;

static void
work_unref(void *opaque)
{
    Work *work = opaque;

    if (--work->refs == 0) {
        json_object_put(work->result);
        g_clear_error(&work->error);
        g_free(work);
    }
}

static void
client_gone(void *opaque)
{
    ((Work *)opaque)->answer = NULL;
}

static void
add_names(json_object *result, const char *key, const GPtrArray *names)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < names->len; i++) {
        json_object_array_add(list, json_object_new_string(names->pdata[i]));
    }
    json_object_object_add(result, key, list);
}

static void
on_reloaded(const VtReloaded *reloaded, const GError *error, void *opaque)
{
    Work *work = opaque;

    if (error) {
        work->error = g_error_copy(error);
    } else {
        work->result = json_object_new_object();
        add_names(work->result, "added", reloaded->added);
        add_names(work->result, "changed", reloaded->changed);
        add_names(work->result, "removed", reloaded->removed);
    }
    if (work->answer) {
        vt_await_answered(work->answer);
    }
    work_unref(work);
}

/* Outside of the request, which could not change objects while it waits. */
static gboolean
start_reload(gpointer opaque)
{
    Work *work = opaque;
    g_autoptr(GError) error = NULL;

    if (!work->service->reload(work->service, on_reloaded, work, &error)) {
        on_reloaded(NULL, error, work);
    }
    return G_SOURCE_REMOVE;
}

bool
vt_qmp_config_reload(VtMonitor *monitor, VtConfigReloaded *ret, GError **error)
{
    static const VtWorkOps ops = {.cancel = client_gone, .free = work_unref};
    VtService *service = vt_monitor_service(monitor);
    Work *work = vt_await_done(KEY);

    (void)ret;
    if (work) {
        if (work->error) {
            g_propagate_error(error, g_error_copy(work->error));
            return false;
        }
        vt_monitor_answer(monitor, json_object_get(work->result));
        return true;
    }
    if (!service->reload) {
        return vt_error_set(error, "with an engine, objects change only by commands such as object-add and object-del");
    }
    g_assert(vt_await_is_possible());
    work = g_new0(Work, 1);
    work->service = service;
    work->refs = 2;
    vt_await_answer(KEY, &ops, work, &work->answer, error);
    g_idle_add(start_reload, work);
    return false;
}
