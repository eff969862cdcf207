/* SPDX-License-Identifier: MIT */
/*
 * Places of x86 CPUs: the APIC ID has a field for each level of the topology, which is as wide as the level needs.
 */
#include "x86.h"

#include <string.h>

#include <json-c/json.h>

#include "topology.h"

const X86Level x86_levels[X86_N_LEVELS] = {
    {"socket-id", "sockets", true}, {"die-id", "dies", false},      {"module-id", "modules", false},
    {"core-id", "cores", true},     {"thread-id", "threads", true},
};

void
x86_topology(const VtObject *cpu, X86Topology *ret)
{
    json_object *topology = vt_cpu_topology(cpu);

    ret->cpus = vt_cpu_count(topology, "cpus");
    for (size_t i = 0; i < X86_N_LEVELS; i++) {
        ret->counts[i] = vt_cpu_count(topology, x86_levels[i].count);
    }
    json_object_put(topology);
}

int32_t
x86_id(const VtObject *cpu, size_t level)
{
    const char *member = x86_levels[level].member;
    const VtProp *prop = vt_class_prop(vt_object_class(cpu), member, strlen(member));

    return *(const int32_t *)vt_config_field(vt_object_full_config(cpu), prop);
}

/* The number of bits for @count values. */
static unsigned
width(int64_t count)
{
    return count > 1 ? g_bit_storage((gulong)count - 1) : 0;
}

void
x86_settle_topology(VtObject *cpu, uint32_t apic_id)
{
    X86Topology topology;
    unsigned shift = 0;
    uint64_t whole = 0;

    x86_topology(cpu, &topology);
    for (size_t level = X86_N_LEVELS; level-- > 0;) {
        /* The outermost level has all other bits. */
        unsigned bits = level ? width(topology.counts[level]) : 32 - MIN(shift, 31);
        uint64_t mask = (UINT64_C(1) << bits) - 1;
        uint64_t id = apic_id == X86_APIC_ID_AUTOMATIC ? 0 : (uint64_t)apic_id >> shift & mask;

        if (x86_id(cpu, level) < 0) {
            vt_object_settle_uint(cpu, x86_levels[level].member, id);
        }
        whole |= ((uint64_t)(uint32_t)x86_id(cpu, level) & mask) << shift;
        shift += bits;
    }
    if (apic_id == X86_APIC_ID_AUTOMATIC) {
        vt_object_settle_uint(cpu, "apic-id", whole);
    }
}
