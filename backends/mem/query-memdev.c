/* SPDX-License-Identifier: MIT */
/*
 * query-memdev: the memory backends in use, and the memory of a machine that has no backend, as if it had one.
 */
#include <json-c/json.h>

#include "vt-backends/memory.h"
#include "vt-gen/backends.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/output.h"

static json_object *
describe(const VtSchema *schema, const char *id, const VtMemory *memory, const VtMemoryBackend *config)
{
    json_object *row = json_object_new_object(), *nodes = json_object_new_array();

    for (size_t i = 0; i < config->host_nodes.n; i++) {
        json_object_array_add(nodes, json_object_new_int(config->host_nodes.v[i]));
    }
    vt_json_add_text(row, "id", id);
    json_object_object_add(row, "size", json_object_new_uint64(memory->size));
    vt_json_add_bool(row, "merge", memory->merge);
    vt_json_add_bool(row, "dump", memory->dump);
    vt_json_add_bool(row, "prealloc", config->prealloc);
    vt_json_add_bool(row, "share", memory->shared);
    vt_json_add_bool(row, "reserve", config->reserve);
    json_object_object_add(row, "host-nodes", nodes);
    vt_json_add_text(row, "policy", vt_enum_name(schema, "HostMemPolicy", config->policy));
    return row;
}

static bool
has(const VtObject *object, const char *name)
{
    json_object *value = vt_object_member(object, name, 0);

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

static bool
is_on(const VtObject *object, const char *name)
{
    json_object *value = vt_object_member(object, name, 0);
    bool on = json_object_get_boolean(value);

    json_object_put(value);
    return on;
}

/* With the defaults of a backend. */
static void
add_machine_memory(const VtVm *vm, json_object *list)
{
    const VtObject *machine = vt_vm_machine(vm);
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    g_autoptr(VtConfig) config = vt_config_new(vt_vm_context(vm), vt_schema_class(schema, "memory-backend-ram"));
    const VtMemoryBackend *defaults = config->data;
    json_object *id = vt_object_member(machine, "default-ram-id", 0), *sizes = vt_object_member(machine, "memory", 0);
    const VtMemory memory = {.size = json_object_get_uint64(json_object_object_get(sizes, "size")),
                             .merge = is_on(machine, "mem-merge"),
                             .dump = is_on(machine, "dump-guest-core"),
                             .shared = defaults->share};

    if (id && memory.size) {
        json_object_array_add(list, describe(schema, json_object_get_string(id), &memory, defaults));
    }
    json_object_put(id);
    json_object_put(sizes);
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
            json_object_array_add(list, describe(vt_object_class(object)->schema, vt_object_id(object), memory,
                                                 vt_object_config(object)));
        }
    }
    if (vt_vm_machine(vm) && !has(vt_vm_machine(vm), "memory-backend") && !nodes_have_memory(entries)) {
        add_machine_memory(vm, list);
    }
    vt_monitor_answer(monitor, list);
    return true;
}
