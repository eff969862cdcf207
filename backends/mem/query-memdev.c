/* SPDX-License-Identifier: MIT */
/*
 * query-memdev: the memory backends in use, and the memory of a machine that has no backend, as if it had one.
 */
#include <string.h>

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

/* The settled member of @object; NULL: it has no value.  A new reference. */
static json_object *
member_of(const VtObject *object, const char *name)
{
    const VtProp *prop = vt_class_prop(vt_object_class(object), name, strlen(name));
    json_object *value = NULL;

    if (prop) {
        vt_object_values(object, prop, 0, NULL, &value);
    }
    return value;
}

static bool
has(const VtObject *object, const char *name)
{
    json_object *value = member_of(object, name);

    json_object_put(value);
    return value;
}

/* Whether a NUMA node has the memory of the machine. */
static bool
nodes_have_memory(const GArray *entries)
{
    bool found = false;

    for (guint i = 0; i < entries->len && !found; i++) {
        found = has(g_array_index(entries, VtEntryKey, i).object, "memdev") &&
                vt_object_is_a(g_array_index(entries, VtEntryKey, i).object, "numa-node");
    }
    return found;
}

static void
add_machine_memory(const VtObject *machine, json_object *list)
{
    json_object *row = json_object_new_object(), *memory = member_of(machine, "memory"), *id;
    json_object *size = json_object_object_get(memory, "size");

    id = member_of(machine, "default-ram-id");
    if (!id || !size || !json_object_get_uint64(size)) {
        json_object_put(id);
        json_object_put(row);
    } else {
        json_object_object_add(row, "id", id);
        json_object_object_add(row, "size", json_object_get(size));
        json_object_object_add(row, "merge", member_of(machine, "mem-merge"));
        json_object_object_add(row, "dump", member_of(machine, "dump-guest-core"));
        vt_json_add_bool(row, "prealloc", false);
        vt_json_add_bool(row, "share", false);
        vt_json_add_bool(row, "reserve", true);
        json_object_object_add(row, "host-nodes", json_object_new_array());
        vt_json_add_text(row, "policy",
                         vt_enum_name(vt_object_class(machine)->schema, "HostMemPolicy", VT_HOST_MEM_POLICY_DEFAULT));
        json_object_array_add(list, row);
    }
    json_object_put(memory);
}

bool
vt_qmp_query_memdev(VtMonitor *monitor, VtMemdevList *ret, GError **error)
{
    const VtVm *vm = vt_monitor_service(monitor)->vm;
    g_autoptr(GArray) entries = vt_vm_objects(vm);
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
    if (vt_vm_machine(vm) && !has(vt_vm_machine(vm), "memory-backend") && !nodes_have_memory(entries)) {
        add_machine_memory(vt_vm_machine(vm), list);
    }
    vt_monitor_answer(monitor, list);
    return true;
}
