/* SPDX-License-Identifier: MIT */
/*
 * query-iothreads: the running I/O threads.
 */
#include <json-c/json.h>

#include "vt-backends/iothread.h"
#include "vt-gen/backends.h"
#include "vt-runtime/monitor.h"

static void
add_int(json_object *row, const char *key, int64_t value)
{
    json_object_object_add(row, key, json_object_new_int64(value));
}

static json_object *
describe(VtObject *object)
{
    const VtIothread *config = vt_object_config(object);
    json_object *row = json_object_new_object();

    json_object_object_add(row, "id", json_object_new_string(vt_object_id(object)));
    add_int(row, "thread-id", vt_iothread_id(object));
    add_int(row, "poll-max-ns", config->poll_max_ns);
    add_int(row, "poll-grow", config->poll_grow);
    add_int(row, "poll-shrink", config->poll_shrink);
    add_int(row, "aio-max-batch", config->parent.aio_max_batch);
    return row;
}

bool
vt_qmp_query_iothreads(VtMonitor *monitor, VtIOThreadInfoList *ret, GError **error)
{
    g_autoptr(GArray) entries = vt_vm_objects(vt_monitor_service(monitor)->vm);
    json_object *list = json_object_new_array();

    (void)ret;
    (void)error;
    for (guint i = 0; i < entries->len; i++) {
        VtObject *object = g_array_index(entries, VtEntryKey, i).object;

        if (vt_object_is_a(object, "iothread") && vt_object_realized(object)) {
            json_object_array_add(list, describe(object));
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}
