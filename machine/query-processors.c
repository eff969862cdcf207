/* SPDX-License-Identifier: MIT */
/*
 * QMP commands about processors: those that exist, and the places for more.
 */
#include <unistd.h>

#include <json-c/json.h>

#include "numa.h"
#include "places.h"
#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"

/* Devices that a user has plugged in. */
typedef struct Plugged {
    const VtPlaces *places;
    GHashTable *paths; /* the place as text, to the path of the device */
} Plugged;

static bool
is_a(const VtObject *device, const VtClassInfo *info)
{
    return vt_object_class(device) == info && !vt_object_model(device);
}

static bool
note_plugged(VtObject *device, void *opaque)
{
    const Plugged *plugged = opaque;
    json_object *props =
        is_a(device, vt_places_class(plugged->places)) ? vt_place_of_device(plugged->places, device) : NULL;

    if (props) {
        g_hash_table_insert(plugged->paths, vt_json_text(props), vt_object_path(device));
    }
    json_object_put(props);
    return true;
}

static GHashTable *
find_plugged(const VtPlaces *places)
{
    Plugged plugged = {places, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};

    vt_vm_each(places->vm, "device", note_plugged, &plugged);
    return plugged.paths;
}

/* The path of what is in place @number; NULL: it is empty.  The caller frees it. */
static char *
path_of(const VtPlaces *places, GHashTable *plugged, unsigned number, json_object *props)
{
    g_autofree char *text = NULL;

    if (number < places->started) {
        return vt_vm_processor_path(number);
    }
    text = props ? vt_json_text(props) : NULL;
    return text ? g_strdup(g_hash_table_lookup(plugged, text)) : NULL;
}

/* Adds the NUMA node of place @number to its members, if there are nodes. */
static void
add_node_id(const VtPlaces *places, unsigned number, json_object *props)
{
    int node = vt_numa_node_of_cpu(places->vm, number * places->threads);

    if (props && node >= 0) {
        json_object_object_add(props, "node-id", json_object_new_int(node));
    }
}

/* ---- query-hotpluggable-cpus ----------------------------------------------------------------------------- */

static json_object *
describe_place(const VtPlaces *places, GHashTable *plugged, unsigned number)
{
    json_object *row = json_object_new_object(), *props = vt_place_props(places, number);
    g_autofree char *path = path_of(places, plugged, number, props);

    add_node_id(places, number, props);
    vt_json_add_text(row, "type", vt_places_class(places)->name);
    json_object_object_add(row, "vcpus-count", json_object_new_int64(places->threads));
    json_object_object_add(row, "props", props);
    if (path) {
        vt_json_add_text(row, "qom-path", path);
    }
    return row;
}

bool
vt_qmp_query_hotpluggable_cpus(VtMonitor *monitor, VtHotpluggableCPUList *ret, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    const VtMachineConfig *config = vt_object_config(vt_vm_machine(vm));
    json_object *list = NULL;
    GHashTable *plugged;
    VtPlaces places;

    (void)ret;
    if (!config->hotpluggable_cpus || !vt_places_of(vm, &places) || !places.family) {
        return vt_error_set(error, "machine '%s' does not support hot-plug of CPUs",
                            vt_context_machine(vt_vm_context(vm))->name);
    }
    list = json_object_new_array();
    plugged = find_plugged(&places);
    /* The last place is the first row, as clients know it. */
    for (unsigned number = places.n; number-- > 0;) {
        json_object_array_add(list, describe_place(&places, plugged, number));
    }
    g_hash_table_unref(plugged);
    vt_monitor_answer(monitor, list);
    return true;
}

/* ---- query-cpus-fast ------------------------------------------------------------------------------------- */

/* No thread runs a processor; it is of this process. */
static json_object *
describe_processor(const VtPlaces *places, const char *path, json_object *props, unsigned index)
{
    uint16_t target = vt_context_target(vt_vm_context(places->vm));
    json_object *row = json_object_new_object();

    json_object_object_add(row, "cpu-index", json_object_new_int64(index));
    vt_json_add_text(row, "qom-type", places->cpu->name);
    vt_json_add_text(row, "qom-path", path);
    json_object_object_add(row, "thread-id", json_object_new_int64(getpid()));
    if (props) {
        json_object_object_add(row, "props", json_object_get(props));
    }
    vt_json_add_text(row, "target", vt_target_name(target));
    if (target == VT_TARGET_S390X) {
        vt_json_add_text(row, "cpu-state",
                         vt_enum_name(vt_context_schema(vt_vm_context(places->vm)), "S390CpuState",
                                      index ? VT_S390_CPU_STATE_STOPPED : VT_S390_CPU_STATE_OPERATING));
    }
    return row;
}

static void
add_processors(const VtPlaces *places, GHashTable *plugged, unsigned number, json_object *list)
{
    json_object *props = vt_place_props(places, number);
    g_autofree char *path = path_of(places, plugged, number, props);

    add_node_id(places, number, props);
    for (unsigned thread = 0; path && thread < places->threads; thread++) {
        g_autofree char *own = places->core ? vt_vm_thread_path(path, thread) : g_strdup(path);

        json_object_array_add(list, describe_processor(places, own, props, number * places->threads + thread));
    }
    json_object_put(props);
}

bool
vt_qmp_query_cpus_fast(VtMonitor *monitor, VtCpuInfoFastList *ret, GError **error)
{
    json_object *list = json_object_new_array();
    VtPlaces places;

    (void)ret;
    (void)error;
    if (vt_places_of(vt_monitor_service(monitor)->vm, &places)) {
        GHashTable *plugged = find_plugged(&places);

        for (unsigned number = 0; number < places.n; number++) {
            add_processors(&places, plugged, number, list);
        }
        g_hash_table_unref(plugged);
    }
    vt_monitor_answer(monitor, list);
    return true;
}
