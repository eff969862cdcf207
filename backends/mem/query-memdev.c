/* SPDX-License-Identifier: MIT */
/*
 * query-memdev: the memory backends in use.
 */
#include <json-c/json.h>

#include "vt-backends/memory.h"
#include "vt-gen/backends.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/output.h"

static json_object *
describe(VtObject *object, const VtMemory *memory)
{
    const VtMemoryBackend *config = vt_object_config(object);
    json_object *row = json_object_new_object(), *nodes = json_object_new_array();

    for (size_t i = 0; i < config->host_nodes.n; i++) {
        json_object_array_add(nodes, json_object_new_int(config->host_nodes.v[i]));
    }
    json_object_object_add(row, "id", json_object_new_string(vt_object_id(object)));
    json_object_object_add(row, "size", json_object_new_uint64(memory->size));
    vt_json_add_bool(row, "merge", memory->merge);
    vt_json_add_bool(row, "dump", memory->dump);
    vt_json_add_bool(row, "prealloc", config->prealloc);
    vt_json_add_bool(row, "share", memory->shared);
    vt_json_add_bool(row, "reserve", config->reserve);
    json_object_object_add(row, "host-nodes", nodes);
    vt_json_add_text(row, "policy", vt_enum_name(vt_object_class(object)->schema, "HostMemPolicy", config->policy));
    return row;
}

bool
vt_qmp_query_memdev(VtMonitor *monitor, VtMemdevList *ret, GError **error)
{
    g_autoptr(GArray) entries = vt_vm_objects(vt_monitor_service(monitor)->vm);
    json_object *list = json_object_new_array();

    (void)ret;
    (void)error;
    for (guint i = 0; i < entries->len; i++) {
        VtObject *object = g_array_index(entries, VtEntryKey, i).object;
        const VtMemory *memory = vt_memory_get(object);

        if (memory) {
            json_object_array_add(list, describe(object, memory));
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}
