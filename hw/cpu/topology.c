/* SPDX-License-Identifier: MIT */
#include "topology.h"

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

#define PLACES "core"
#define MEMBER "core-id"

json_object *
vt_cpu_topology(const VtObject *cpu)
{
    const VtObject *machine = vt_vm_machine(vt_object_vm(cpu));

    return machine ? vt_object_member(machine, "smp", 0) : NULL;
}

int64_t
vt_cpu_count(json_object *topology, const char *name)
{
    json_object *value;

    return json_object_object_get_ex(topology, name, &value) ? MAX(json_object_get_int64(value), 1) : 1;
}

static int64_t
core_of(const VtObject *device)
{
    json_object *value = vt_object_member(device, MEMBER, 0);
    int64_t core = value ? json_object_get_int64(value) : -1;

    json_object_put(value);
    return core;
}

static bool
take(VtObject *device, int64_t unit, int64_t started, int64_t all, GError **error)
{
    int64_t core = core_of(device);

    if (core < 0 || core >= all || core % unit) {
        return vt_error_set(error,
                            MEMBER ": '%" G_GINT64_FORMAT
                                   "' is no place of the machine; expected a multiple of %" G_GINT64_FORMAT
                                   " up to %" G_GINT64_FORMAT,
                            core, unit, all - unit);
    }
    if (core < started || vt_index_find(device, PLACES, (uint64_t)core)) {
        return vt_error_set(error, MEMBER ": the machine has a CPU at place '%" G_GINT64_FORMAT "'", core);
    }
    vt_index_enter(device, PLACES, (uint64_t)core);
    return true;
}

bool
vt_cpu_take_core(VtObject *device, bool cores, GError **error)
{
    json_object *topology =
        vt_object_model(device) || vt_object_full_config(device)->made ? NULL : vt_cpu_topology(device);
    bool ok = !topology || take(device, cores ? vt_cpu_count(topology, "threads") : 1, vt_cpu_count(topology, "cpus"),
                                vt_cpu_count(topology, "maxcpus"), error);

    json_object_put(topology);
    return ok;
}
