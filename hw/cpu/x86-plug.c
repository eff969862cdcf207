/* SPDX-License-Identifier: MIT */
/*
 * A processor that is plugged in as a device: it has the type of the machine's processors, and a free place in the
 * topology.
 */
#include "x86.h"

#include <string.h>

#include "vt-gen/hw.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

#define PLACES "processor"

/* Finds the number of the processor by its place. */
static bool
find_number(const VtObject *cpu, const X86Topology *topology, uint64_t *ret_number, GError **error)
{
    *ret_number = 0;
    for (size_t i = 0; i < X86_N_LEVELS; i++) {
        const X86Level *level = &x86_levels[i];
        int64_t count = topology->counts[i], id = x86_id(cpu, i);

        if (id < 0 && (level->needed || count > 1)) {
            return vt_error_set(error, "missing member '%s'", level->member);
        }
        id = MAX(id, 0);
        if (id >= count) {
            return vt_error_set(error, "%s: '%" G_GINT64_FORMAT "' is out of range; expected at most %" G_GINT64_FORMAT,
                                level->member, id, count - 1);
        }
        *ret_number = *ret_number * (uint64_t)count + (uint64_t)id;
    }
    return true;
}

static bool
check_place(VtObject *cpu, GError **error)
{
    const VtX86_64Cpu *config = vt_object_config(cpu);
    X86Topology topology;
    uint64_t number;

    /* The APIC ID alone is a place, too. */
    if (config->apic_id != X86_APIC_ID_AUTOMATIC) {
        return true;
    }
    x86_topology(cpu, &topology);
    if (!find_number(cpu, &topology, &number, error)) {
        return false;
    }
    if (number < (uint64_t)topology.cpus || vt_index_find(cpu, PLACES, number)) {
        return vt_error_set(
            error, "socket-id, core-id and thread-id: the machine has a CPU at this place, number %" G_GUINT64_FORMAT,
            number);
    }
    vt_index_enter(cpu, PLACES, number);
    return true;
}

bool
x86_check_plug(VtObject *cpu, GError **error)
{
    const VtObject *machine = vt_vm_machine(vt_object_vm(cpu));
    const VtProp *prop = machine ? vt_class_prop(vt_object_class(machine), "smp", strlen("smp")) : NULL;
    const VtObject *model = vt_vm_processor(vt_object_vm(cpu));

    if (!prop || !model || vt_object_model(cpu)) {
        return true;
    }
    if (vt_object_class(cpu) != vt_object_class(model)) {
        return vt_error_set(error, "the CPUs of the machine are of type '%s'; expected the same type",
                            vt_object_class(model)->tag);
    }
    return check_place(cpu, error);
}
